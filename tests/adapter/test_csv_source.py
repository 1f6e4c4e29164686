"""The files of a source: found, read together whatever the dialect of each, or refused with their name and line."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from esms_sdk.adapter import import_lot
from esms_sdk.errors import SourceError


@pytest.fixture
def named(export):
    """The export with a name beside each number."""
    export.column("usager", "nom_naissance", '"NOM"')
    export.files["res.csv"] = "ID;NOM\nU1;Zoé\nU2;Noël\n"
    return export


def persons(export) -> list[tuple[str, str]]:
    return export.rows("usager", "usager_id, nom_naissance")


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_several_files_make_one_source_whatever_their_columns_and_dialects(named):
    del named.files["res.csv"]
    named.sources["res"] = 'fichiers = ["res_*.csv", "archive*.txt"]'
    named.files |= {
        "res_1.csv": "ID;NOM\nU1;Zoé\n",
        "sous dossier/RES_2.CSV": "NOM,AUTRE,ID\nNoël,x,U2\n".encode("utf-8-sig"),
        "res_3.csv": '"nom"\t"Id"\r\n"a\nb"\t"U3"\r\n"c"\t"U4"\r\n'.encode("utf-16"),
        "res_4.csv.gz": gzip.compress("ID|NOM\nU5|Chloé\n".encode("cp1252")),
        "archives.zip": zipped(
            {"a/res_5.csv": "NOM;;ID;\nÈve;;U6;\n".encode(), "__MACOSX/a/res_5.csv": b"\0\1", "autre.csv": b"x"}
        ),
        "archive.TXT": "ID;NOM\nU7;Léa\n",
        ".res_6.csv": "ID;NOM\nU8;caché\n",
    }
    named.run()
    assert persons(named) == [
        ("U1", "Zoé"),
        ("U2", "Noël"),
        ("U3", "a\nb"),
        ("U4", "c"),
        ("U5", "Chloé"),
        ("U6", "Ève"),
        ("U7", "Léa"),
    ]
    assert sorted(named.manifest["import"]["sources"])[:3] == ["archive.TXT", "archives.zip/a/res_5.csv", "dos.csv"]


def test_the_line_of_a_reject_is_the_first_physical_line_of_its_row(named):
    named.files["res.csv"] = 'Liste des personnes\nID;"NOM"\n\nU1;"a\nb"\n;"c\nd"\n\n;e\n;f;g\n'
    named.sources["res"] += "\nlignes_avant_entete = 1"
    named.run()
    assert [line[:4] for line in named.rejects() if line[2] == "usager"] == [
        ("res.csv", "6", "usager", "CLE_MANQUANTE"), ("res.csv", "9", "usager", "CLE_MANQUANTE"),
        ("res.csv", "10", "usager", "LIGNE_IRREGULIERE"),
    ]  # fmt: skip


def test_a_ragged_row_is_rejected_and_the_others_pass(named):
    named.files["res.csv"] = 'ID;NOM\nU1;Zoé;reste\nU2;Noël\nU3\nU4;"Ève\nU5;Léa;\n'
    named.run()
    assert persons(named) == [("U2", "Noël"), ("U5", "Léa")]
    assert [line for line in named.rejects("ligne", "code") if line[1] == "LIGNE_IRREGULIERE"] == [
        ("2", "LIGNE_IRREGULIERE"), ("4", "LIGNE_IRREGULIERE"), ("5", "LIGNE_IRREGULIERE"),
    ]  # fmt: skip
    assert named.written("res.csv", named.lot / "rejets" / "lignes") == [
        {"ligne": "2", "ID": "U1", "NOM": "Zoé", "cellules_en_trop": "reste"},
        {"ligne": "4", "ID": "U3", "NOM": "", "cellules_en_trop": ""},
        {"ligne": "5", "ID": "U4", "NOM": '"Ève', "cellules_en_trop": ""},
    ]


def test_cells_missing_at_the_end_may_be_declared_empty(named):
    named.files["res.csv"] = 'ID;NOM\nU1;Zoé;reste\nU3\nU4;"Ève\n'
    named.sources["res"] += "\nlignes_courtes = true"
    named.run()
    assert persons(named) == [("U3", None)]
    assert named.counts("res.csv") == (1, 2, 0, {})


def test_a_column_is_found_whatever_its_case_its_place_and_its_blanks(named):
    named.files["res.csv"] = "nom ;\u00a0 iD\nZoé;U1\n".encode("utf-8-sig")
    named.run()
    assert persons(named) == [("U1", "Zoé")]


def test_a_missing_column_is_told_with_those_that_are_seen(named):
    named.files["res.csv"] = "ID;NOMS\nU1;Zoé\n"
    error = named.refusal()
    assert error.code == "ESMS-E201" and "colonne «NOM» absente de res.csv (colonnes vues : ID, NOMS)" in str(error)


def test_a_file_without_header_tells_nobody_s_name(named):
    named.files["res.csv"] = "U1;DURAND\nU2;MARTIN\n"
    error = named.refusal()
    assert error.code == "ESMS-E201" and "X9, XXXXXX" in str(error) and "DURAND" not in str(error)


@pytest.mark.parametrize("content", ["", "\n", "\ufeff"])
def test_an_empty_file_is_told(named, content):
    named.files["res.csv"] = content
    assert "colonne «ID» absente de res.csv (colonnes vues : aucune, le fichier est vide)" in str(named.refusal())


def test_a_header_alone_gives_no_row(named):
    named.files |= {"res.csv": "ID;NOM\n", "sej.csv": "NUM;RES;ET;ENTREE;SORTIE\n", "dos.csv": "NUM;RES;ET;CREE\n",
                    "log.csv": "DOS;JOUR;QUI"}  # fmt: skip
    report = named.run()
    assert report.exit_code == 0 and report.lues == 3
    assert named.rows("sejour") == [] and named.counts("sej.csv") == (0, 0, 0, {})
    named.open().close()


def test_an_optional_column_may_be_absent_from_all_files_or_from_some(named):
    named.sources["res"] = 'fichiers = ["res*.csv"]\ncolonnes_facultatives = ["NOM", "SEXE"]'
    named.column("usager", "sexe", '"SEXE"')
    named.column("usager", "prenoms_naissance", "{ sql = 'upper(\"SEXE\")' }")
    named.files |= {"res.csv": "ID\nU1\n", "res_2.csv": "ID;nom\nU2;Noël\n"}
    named.run()
    assert persons(named) == [("U1", None), ("U2", "Noël")]
    assert "usager.sexe" in named.manifest["non_fourni"] and "usager.nom_naissance" not in named.manifest["non_fourni"]
    named.open().close()


def test_a_doubled_column_is_told_where_the_mapping_names_it(named):
    named.files["res.csv"] = "ID;Nom;NOM\nU1;a;b\n"
    assert named.refusal().code == "ESMS-E206"
    named.tables["usager"] = named.tables["usager"].replace(
        'nom_naissance = "NOM"', "nom_naissance = { sql = 'lower(NOM)' }"
    )
    assert "la colonne «nom» figure deux fois" in str(named.refusal())
    named.tables["usager"] = named.tables["usager"].replace("lower(NOM)", "ID")
    named.run()
    assert persons(named) == [("U1", "U1")]


def test_a_name_of_the_engine_is_refused(named):
    named.files["res.csv"] = "ID;NOM;_ligne\nU1;a;b\n"
    assert "«_ligne» est un nom réservé" in str(named.refusal())


def test_a_declared_dialect_is_followed(named):
    named.sources["res"] += '\nseparateur = "^"\nencodage = "cp850"\nlignes_avant_entete = 2'
    named.files["res.csv"] = "Export\n\nID^NOM\nU1^Zoé;x\n".encode("cp850")
    named.run()
    assert persons(named) == [("U1", "Zoé;x")]


def test_two_encodings_in_one_file_are_told_with_the_line(named):
    named.files["res.csv"] = "ID;NOM\nU1;Zoé\nU2;Ève\n".encode() + "U3;Léa\n".encode("cp1252")
    error = named.refusal()
    assert error.code == "ESMS-E302" and "res.csv, ligne 4" in str(error)


# -- which files -------------------------------------------------------------------------------------------------


def test_a_source_without_file_is_told_unless_it_is_optional(export):
    del export.files["log.csv"]
    error = export.refusal()
    assert error.code == "ESMS-E305" and "source «log» : aucun fichier ne répond à log.csv" in str(error)
    export.sources["log"] += "\nfacultatif = true"
    export.run()
    assert "mise_a_jour" in export.manifest["non_fourni"] and export.rows("mise_a_jour") == []
    export.open().close()


def test_an_optional_table_without_file_is_absent(export):
    export.feed(
        "appel_insi", rows="", appel_id='"N"', finess_et='"ET"', horodatage='"H"', operation='"O"', resultat='"R"'
    )
    export.sources["appel_insi"] += "\nfacultatif = true"
    del export.files["appel_insi.csv"]
    export.run()
    assert not (export.lot / "appel_insi.parquet").exists()
    assert [entry for entry in export.manifest["non_fourni"] if entry.startswith("appel_insi")] == []


def test_a_file_that_answers_to_two_sources_is_told(export):
    export.sources["etab"] = 'fichiers = ["e*.csv"]'
    export.files["ej.csv"] = export.files.pop("og.csv")
    export.sources["og"] = 'fichiers = ["ej.csv"]'
    error = export.refusal()
    assert error.code == "ESMS-E213" and "ej.csv" in str(error)


def test_a_file_given_twice_is_read_once(export):
    export.write()
    report = import_lot([export.folder, export.folder / "res.csv", export.folder], export.adapter, export.lot)
    assert report.sources["res.csv"].lues == 2


def test_two_files_of_one_name_are_told_apart(export, tmp_path):
    export.write()
    other = tmp_path / "autre"
    other.mkdir()
    (other / "res.csv").write_text("ID\nU3\n", encoding="utf-8")
    report = import_lot([export.folder, other], export.adapter, export.lot)
    assert {name: c.lues for name, c in report.sources.items() if name.startswith("res")} == {
        "res.csv": 2,
        "res.csv~2": 1,
    }


def test_what_the_sdk_wrote_is_no_source(export):
    export.lot = export.folder / "lot"
    export.files["res.csv"] = "ID\nU1\nU2\n;\nU3;x\n"
    first = export.run()
    assert (export.lot / "rejets" / "lignes" / "res.csv").is_file()
    again = export.run()
    export.lot = export.folder / "lot2"
    other = export.run()
    assert first.sources == again.sources == other.sources
    export.run(max_rejets="0")
    assert export.run().sources == first.sources


def test_a_path_that_is_not_there_and_an_archive_that_is_none_are_told(export, tmp_path):
    export.write()
    with pytest.raises(SourceError) as refused:
        import_lot([tmp_path / "absent"], export.adapter, export.lot)
    assert refused.value.code == "ESMS-E304"
    (export.folder / "x.zip").write_bytes(b"no archive")
    with pytest.raises(SourceError) as refused:
        import_lot([export.folder], export.adapter, export.lot)
    assert refused.value.code == "ESMS-E343" and "x.zip" in str(refused.value)


def test_a_member_of_an_archive_cannot_lead_out_of_the_lot(export):
    del export.files["res.csv"]
    export.files["e.zip"] = zipped({"../../res.csv": b"ID\nU1\nU2;x\n"})
    with pytest.raises(SourceError, match=r"ESMS-E344.*e\.zip \(un nom de fichier sort de l'archive\)"):
        export.run()
    assert not export.lot.exists()


@pytest.mark.parametrize("name", ["l'été [1] (a) {b}.csv", "a;b #1.csv", "x%y+z.csv"])
def test_a_file_may_bear_any_name(export, tmp_path, name):
    try:
        (tmp_path / name).touch()
    except (OSError, UnicodeEncodeError):
        pytest.skip("the system cannot write this name")
    export.sources["res"] = 'fichiers = ["*1*.csv", "x*.csv"]'
    export.files[name] = export.files.pop("res.csv") + "U3;x\n"
    export.lot = tmp_path / f"lot {Path(name).stem}"
    export.run()
    assert (name, "4", "usager", "LIGNE_IRREGULIERE", "") in export.rejects()
    assert export.values("usager", "usager_id") == ["U1", "U2"]
    assert export.written(name, export.lot / "rejets" / "lignes")[0]["ID"] == "U3"
    export.open().close()
