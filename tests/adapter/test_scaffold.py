"""``esms adapter new``: what is proposed of a sample, what is left to a person, and a folder of which the kit holds."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from pathlib import Path

import openpyxl
import pytest

from esms_sdk.adapter import kit as kits
from esms_sdk.adapter.kit import Kit
from esms_sdk.adapter.scaffold import KINDS, Scaffold, scaffold
from esms_sdk.adapter.scaffold.names import likeness
from esms_sdk.adapter.scaffold.survey import Seen
from esms_sdk.adapter.scaffold.values import are_finess, finess_sql, labels, recognised
from esms_sdk.errors import AdapterError, EsmsError, OutputError, SourceError, UsageError
from esms_sdk.lot.schema import load

# An export that was not made to please: Windows-1252, a title, codes of sites, three forms of dates, a test record.
SITES = "Liste des unités\n;;;\nCD_UNIT;LIB_UNIT;FINESS_GEO;FINESS_JUR\nU01;EHPAD des Ormes;000000117;000000109\nU02;SESSAD du Lac;000000125;000000109\n"
PERSONS = "ID_BENEF;NOM_NAIS;SX;DT_NAIS;NOTE\n000123;LEFÈVRE-INVENTÉ;2;12/04/1938;souvent\n000124;ZÉNON;1;1951-11-30;\n000125;ÇELIK;1;07.01.1946;\n"
STAYS = "NUM_PEC;ID_BENEF;CD_UNIT;DT_DEB;DT_FIN\nP1;000123;U01;13/01/2024;\nP2;000124;U02;2024-02-15;03/04/2025\nP3;000125;U01;31/02/2025;0000-00-00\n"
FILES = "NO_DOSS;ID_BENEF;CD_UNIT;DT_CREA\n1;000123;U01;13/01/2024\n2;000124;U02;15/02/2024\n"
LOG = "HORODATE;NO_DOSS;TYP_USER\n28/08/2025 10:12;1;IDE\n28/08/2025 23:55;2;BATCH\n"
REAL = ("LEFÈVRE", "ZÉNON", "ÇELIK", "000123", "1938", "souvent", "Ormes", "28/08/2025")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[Path, Scaffold]:
    export = tmp_path_factory.mktemp("hostile") / "export"
    export.mkdir()
    texts = {
        "T_UNITES": SITES,
        "T_BENEF": PERSONS,
        "T_PEC": STAYS,
        "T_DOSS": FILES,
        "LOG_2025_08": LOG,
        "LOG_2025_09": LOG,
    }
    for name, text in texts.items():
        (export / f"{name}.CSV").write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    made = scaffold(export.parent / "mon_dui", "csv", sample=export)
    return made.folder, made


def _lines(folder: Path, *starts: str) -> list[str]:
    """Return the lines of the adapter that start so, without what is said of them."""
    text = (folder / "adapter.toml").read_text(encoding="utf-8")
    return [line.partition("  # ")[0].rstrip() for line in text.splitlines() if line.startswith(starts)]


def test_columns_are_matched_by_name_and_dates_by_value(hostile):
    folder, made = hostile
    raw = tomllib.loads((folder / "adapter.toml").read_text(encoding="utf-8"))
    assert made.tables == ("organisme", "etablissement", "usager", "sejour", "dossier")
    assert raw["table"]["usager"]["colonnes"]["usager_id"] == "ID_BENEF"
    born = raw["table"]["usager"]["colonnes"]["date_naissance"]
    assert set(born["formats"]) == {"%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"}
    stay = raw["table"]["sejour"]["colonnes"]
    assert (stay["sejour_id"], stay["date_sortie"]["nuls"]) == ("NUM_PEC", ["0000-00-00"])
    assert raw["source"]["t_unites"]["lignes_avant_entete"] == 2
    assert "log" not in raw["source"] and '# fichiers = ["LOG_*_*.CSV"]' in "\n".join(_lines(folder, "# fichiers"))


def test_a_code_of_site_leads_to_the_finess_by_a_join(hostile):
    folder, _ = hostile
    raw = tomllib.loads((folder / "adapter.toml").read_text(encoding="utf-8"))
    assert raw["table"]["sejour"]["jointure"] == {"source": "t_unites", "sur": {"CD_UNIT": "CD_UNIT"}}
    with Kit(folder) as kit:
        seen = kit.lot.con.execute("select distinct finess_et from sejour order by 1").fetchall()
    assert seen == [("000000117",), ("000000125",)]


def test_codes_are_listed_to_fill_and_never_guessed(hostile):
    folder, made = hostile
    assert _lines(folder, "# sexe") == ['# sexe = { colonne = "SX", codes = { "1" = "", "2" = "" } }']
    assert _lines(folder, "# origine") == ['# origine = { colonne = "TYP_USER", codes = { "BATCH" = "", "IDE" = "" } }']
    assert "mise_a_jour" in _lines(folder, "non_fourni")[0]
    assert any("`mise_a_jour` : les codes de origine («TYP_USER»)" in one for one in made.todo)


def test_what_is_not_sure_is_said(hostile):
    folder, made = hostile
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "`sejour.date_sortie` («DT_FIN») : «%m/%d/%Y» lit aussi ces valeurs" in page
    assert "`sejour.date_entree` («DT_DEB») : non lu : 1 × 99/99/9999" in page
    assert "T_BENEF.CSV : NOTE" in page
    proposed = [
        line for line in (folder / "adapter.toml").read_text(encoding="utf-8").splitlines() if 'usager_id = "' in line
    ]
    assert proposed and all("à confirmer" in line for line in proposed)
    assert all(one in page for one in made.todo)


def test_the_kit_holds_of_it_at_once_and_says_what_is_lacking(hostile):
    folder, _ = hostile
    with Kit(folder) as kit:
        outcomes = list(kit.outcomes())
        assert not kit.lot.given("mise_a_jour")
    assert [one.id for one in outcomes if one.etat != kits.HELD] == []
    rejects = (folder / "expected" / "rejets.csv").read_text(encoding="utf-8").splitlines()
    assert len(rejects) == 1


def test_no_value_of_the_sample_is_written(hostile):
    folder, _ = hostile
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8")
            assert [place for place, one in enumerate(REAL) if one in text] == [], path.name


def test_it_comes_with_its_tests_and_what_runs_them(hostile):
    _, made = hostile
    assert {".github/workflows/adaptateur.yml", ".gitlab-ci.yml", "test_mon_dui.py", "README.md"} <= set(made.files)


# -- other kinds -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_the_built_in_model_passes(kind, tmp_path):
    made = scaffold(tmp_path / "essai", kind)
    with Kit(made.folder) as kit:
        outcomes = [
            kit.outcome(name) for name in ("tables_chargees", "rejets_expliques", "codes_connus", "tables_attendues")
        ]
        stays, unknown = kit.report.sources, kit.report.libelles_inconnus
    assert [one.details for one in outcomes if one.failed] == []
    assert stays and unknown == 0 and kit.report.rejets == 0
    assert {"sejour", "mise_a_jour", "statut_projet", "evenement"} <= set(made.tables)


def _workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    for number, (name, text) in enumerate((("Résidents", PERSONS), ("Unités", SITES), ("Dossiers", FILES))):
        sheet = book.active if not number else book.create_sheet()
        sheet.title = name
        for line in text.splitlines():
            sheet.append(line.split(";"))
    book.save(path)


def _document(path: Path) -> None:
    people = [
        {
            "id": f"P{i}",
            "naissance": {"date": "1938-04-12"},
            "dossiers": [{"numero": f"D{i}", "finess": "000000117", "cree": "2024-01-13"}],
        }
        for i in range(3)
    ]
    path.write_text(json.dumps({"export": {"usagers": people}}), encoding="utf-8")


def _base(path: Path) -> None:
    connection = sqlite3.connect(path)
    for name, text in (("BENEF", PERSONS), ("DOSSIER", FILES), ("UNITE", SITES.partition(";;;\n")[2])):
        header, *rows = [line.split(";") for line in text.splitlines()]
        connection.execute(f"create table {name} ({', '.join(header)})")
        connection.executemany(f"insert into {name} values ({', '.join('?' * len(header))})", rows)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("kind", "name", "write"),
    [("excel", "export.xlsx", _workbook), ("json", "export.json", _document), ("sql", "export.db", _base)],
    ids=["excel", "json", "sql"],
)
def test_sheets_records_and_tables_of_a_sample_are_sources(kind, name, write, tmp_path):
    write(tmp_path / name)
    made = scaffold(tmp_path / "essai", kind, sample=tmp_path / name)
    assert {"etablissement", "usager", "dossier"} <= set(made.tables)
    with Kit(made.folder) as kit:
        outcomes = [kit.outcome(one) for one in ("tables_chargees", "rejets_expliques", "tables_attendues")]
        assert kit.lot.con.execute("select count(distinct usager_id) from dossier").fetchall() == [(6,)]
        assert kit.report.rejets == 0
    assert [one.details for one in outcomes if one.failed] == []
    texts = [path.read_text(encoding="utf-8") for path in made.folder.glob("*.*") if path.is_file()]
    assert not any(one in text for text in texts for one in REAL)


# -- refusals --------------------------------------------------------------------------------------------------------


def _refused(kind: str, folder: Path, sample: Path | None) -> EsmsError:
    with pytest.raises(EsmsError) as refused:
        scaffold(folder, kind, sample=sample)
    assert not folder.exists() or any(folder.iterdir())
    return refused.value


def test_what_cannot_be_read_ends_with_a_code_and_leaves_nothing(tmp_path):
    (tmp_path / "a.csv").write_text("", encoding="utf-8")
    (tmp_path / "b.csv").write_text("LEFEBVRE;12/04/1938;000000117\nDURAND;13/04/1938;000000117\n", encoding="utf-8")
    (tmp_path / "c.json").write_text("{", encoding="utf-8")
    assert _refused("csv", tmp_path / "x", tmp_path / "a.csv").code == "ESMS-E244"
    headless = _refused("csv", tmp_path / "x", tmp_path / "b.csv")
    assert headless.code == "ESMS-E244" and "LEFEBVRE" not in str(headless)
    (tmp_path / "b.csv").write_text("LEFEBVRE;Marie;F\nDURAND;Jeanne;F\n", encoding="utf-8")
    nameless = _refused("csv", tmp_path / "x", tmp_path / "b.csv")
    assert nameless.code == "ESMS-E244" and "LEFEBVRE" not in str(nameless)
    assert isinstance(_refused("json", tmp_path / "x", tmp_path / "c.json"), SourceError)
    assert _refused("excel", tmp_path / "x", tmp_path / "a.csv").code == "ESMS-E305"
    assert isinstance(_refused("python", tmp_path / "x", tmp_path / "b.csv"), UsageError)
    assert isinstance(_refused("xml", tmp_path / "x", None), UsageError)


def test_a_folder_that_is_somebodys_is_left(tmp_path):
    (tmp_path / "essai").mkdir()
    (tmp_path / "essai" / "notes.txt").write_text("à moi", encoding="utf-8")
    assert isinstance(_refused("csv", tmp_path / "essai", None), (OutputError, AdapterError))


# -- names and values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "name", "sure"),
    [
        ("usager.usager_id", "Matricule résident", 1.0),
        ("usager.date_naissance", "Né(e) le", 1.0),
        ("sejour.date_entree", "DT_ENT", 1.0),
        ("sejour.date_sortie", "Date de sortie du résident", 0.9),
        ("etablissement.finess_ej", "FINESS EJ", 1.0),
        ("dossier.usager_id", "N° dossier", 0.0),
        ("sejour.date_entree", "Tarif journalier", 0.0),
    ],
)  # fmt: skip
def test_a_name_is_compared_by_its_words(place, name, sure):
    table, _, column = place.partition(".")
    found = load().tables[table]
    assert likeness(found, found.columns[column], name, own_file=False) == sure


def test_a_name_that_says_nothing_counts_in_a_file_of_that_name_alone():
    table = load().tables["mise_a_jour"]
    judged = [likeness(table, table.columns["date_maj"], "Quand", own_file=own) for own in (False, True)]
    assert judged == [0.0, 0.8]


def _dates(*texts: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    found = recognised(Seen("x", len(texts), tuple((text, 1) for text in texts)))
    return found.formats, found.doubts, found.nuls


def test_free_words_are_no_codes():
    told = tuple((f"repartie avec sa soeur {i}", 1) for i in range(9))
    assert labels(Seen("Motif de sortie", 9, told)) is None
    assert labels(Seen("Motif de sortie", 9, (("Fin", 8), ("Autre", 1)))) == ("Autre", "Fin")


def test_formats_of_dates_are_recognised_and_doubts_told():
    assert _dates("25/12/2025", "03/04/2025") == (("%d/%m/%Y",), (), ())
    assert _dates("03/04/2025") == (("%d/%m/%Y",), ("%m/%d/%Y",), ())
    assert _dates("12/25/2025", "NULL") == (("%m/%d/%Y",), (), ("NULL",))
    assert _dates("2025-09-04T08:12:00Z") == (("%Y-%m-%dT%H:%M:%S%z",), (), ())
    assert _dates("20250904081200") == (("%Y%m%d%H%M%S",), (), ())
    assert _dates("Durand", "Lefebvre") == ((), (), ())


@pytest.mark.parametrize(
    ("name", "texts", "held", "sql"),
    [
        ("N° FINESS", ("000000117", "000000125"), True, None),
        ("N° FINESS", ("10000117", "010000125"), True, "lpad(f, 9, '0')"),
        ("Finess ET", ("117", "125"), True, "lpad(f, 9, '0')"),
        ("Finess ET", ("10000117.0", "750000125.0"), True, "lpad(regexp_replace(f, '[.]0$', ''), 9, '0')"),
        ("Numéro", ("117", "125"), False, None),
        ("FINESS fourni", ("1", "0", "0"), False, None),
    ],
)
def test_a_finess_that_became_a_number_is_known_by_its_name_and_made_whole(name, texts, held, sql):
    seen = Seen(name, len(texts), tuple((text, 1) for text in texts))
    assert are_finess(seen) is held
    assert not held or finess_sql(seen, "f") == sql


def test_words_that_come_again_are_no_key(tmp_path):
    export = tmp_path / "export"
    export.mkdir()
    rows = "".join(f"{i:04};{'ESSAI' if i == 3 else 'RÉEL'}\n" for i in range(1, 9))
    (export / "Personnes.csv").write_text("Matricule;Fiche\n" + rows, encoding="utf-8")
    made = scaffold(tmp_path / "mon_dui", "csv", sample=export)
    raw = tomllib.loads((made.folder / "adapter.toml").read_text(encoding="utf-8"))
    assert raw["table"]["usager"]["colonnes"]["usager_id"] == "Matricule"


def test_the_number_of_the_record_that_holds_a_list_is_no_key_of_what_is_listed(tmp_path):
    records = [{"uid": f"U{i}", "episodes": [{"eid": f"{i}-1"}, {"eid": f"{i}-2"}]} for i in range(3)]
    path = tmp_path / "patients.json"
    path.write_text(json.dumps({"patients": records}), encoding="utf-8")
    made = scaffold(tmp_path / "mon_dui", "json", sample=path)
    assert not any("sejour_id" in line and "parent.uid" in line for line in _lines(made.folder, "#", "sejour_id"))
