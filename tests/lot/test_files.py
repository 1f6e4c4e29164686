"""Which files make a lot, and which columns a table."""

from __future__ import annotations

import os
import shutil

import pytest

from esms_sdk.errors import LotInvalid
from esms_sdk.lot import load, open_lot
from esms_sdk.lot.validation import NAMED

REQUIRED = [table.name for table in load().tables.values() if table.required]


def test_a_folder_that_is_not_there_is_no_lot(tmp_path):
    with pytest.raises(LotInvalid, match="introuvable"):
        open_lot(tmp_path / "rien")


def test_a_file_is_no_lot(tmp_path):
    (tmp_path / "lot.zip").write_bytes(b"")
    with pytest.raises(LotInvalid, match="n'est pas un dossier"):
        open_lot(tmp_path / "lot.zip")


def test_an_empty_folder_lacks_everything_that_is_required(tmp_path):
    with pytest.raises(LotInvalid) as refused:
        open_lot(tmp_path)
    assert [f.fichier for f in refused.value.faults] == ["manifeste.json", *(f"{name}.csv" for name in REQUIRED)]


def test_nine_tables_are_required():
    assert REQUIRED == [
        "organisme",
        "etablissement",
        "usager",
        "sejour",
        "dossier",
        "mise_a_jour",
        "projet_personnalise",
        "statut_projet",
        "evenement",
    ]


def test_optional_tables_may_be_absent_and_are_then_empty(small):
    lot = small.open()
    for table in load().tables.values():
        found = lot.con.execute(f"describe {table.name}").fetchall()
        assert [(name, kind) for name, kind, *_ in found] == [(c.name, c.sql_type) for c in table.columns.values()]
        if not table.required:
            assert lot.con.execute(f"select count(*) from {table.name}").fetchall() == [(0,)]


def test_an_unknown_table_is_a_fault_whatever_its_form(small):
    small.csv["usagers"] = "usager_id\n"
    small.csv["Sejour"] = "sejour_id\n"
    small.parquet("notes.parquet", "select 1 as a")
    assert small.places() == [
        ("TABLE_INCONNUE", name, None, None) for name in ("Sejour.csv", "notes.parquet", "usagers.csv")
    ]
    assert "«usager»" in str(small.refusal())


def test_an_unknown_folder_is_a_fault_and_three_are_known(small):
    for name in ("rejets", "documents", "interne", "archives"):
        (small.folder / name).mkdir(parents=True)
        (small.folder / name / "usager.csv").write_bytes(b"x")
    assert small.places() == [("TABLE_INCONNUE", "archives/", None, None)]


def test_other_files_are_ignored(small):
    small.folder.mkdir()
    for name in (
        "LISEZMOI.txt",
        "Thumbs.db",
        ".DS_Store",
        "usager.csv.bak",
        "schema.toml",
        "envoi.xlsx",
        "desktop.ini",
    ):
        (small.folder / name).write_bytes(b"\xff\x00 anything")
    assert not small.open().given("envoi")


def test_an_extension_may_be_in_capitals(small):
    small.write()
    (small.folder / "usager.csv").rename(small.folder / "usager.CSV")
    assert small.reopen().con.execute("select count(*) from usager").fetchall() == [(3,)]


def test_a_table_in_two_forms_is_a_fault(small):
    text = small.csv["usager"]
    small.as_parquet("usager.parquet")
    small.csv["usager"] = text
    small.as_parquet("evenement/2025.parquet")
    small.csv["evenement"] = "evenement_id;dossier_id;date_debut;statut\n"
    faults = small.faults()
    assert [(f.code, f.fichier) for f in faults if f.code == "TABLE_EN_DOUBLE"] == [
        ("TABLE_EN_DOUBLE", "evenement"),
        ("TABLE_EN_DOUBLE", "usager"),
    ]
    assert "usager.csv, usager.parquet" in str(faults[1])


def test_a_folder_of_a_table_holds_parquet_alone(small):
    small.as_parquet("evenement/2025.parquet", "date_debut::date as date_debut, date_fin::date as date_fin")
    (small.folder / "evenement" / "mois=2025-10").mkdir()
    (small.folder / "evenement" / "2024.csv").write_bytes(b"")
    (small.folder / "evenement" / "Thumbs.db").write_bytes(b"")
    assert small.places() == [
        ("TABLE_INCONNUE", "evenement/2024.csv", None, None),
        ("TABLE_INCONNUE", "evenement/mois=2025-10/", None, None),
    ]


def test_a_folder_of_a_table_without_files_is_a_fault(small):
    del small.csv["evenement"]
    (small.folder / "evenement").mkdir(parents=True)
    assert small.places() == [("TABLE_VIDE", "evenement/", None, None)]


def test_many_files_that_have_no_place_are_counted(small):
    small.folder.mkdir()
    for i in range(50):
        (small.folder / f"export_{i:02}.csv").write_bytes(b"")
    faults = small.faults()
    assert len(faults) == NAMED + 1
    assert "30 autres" in faults[-1].message


def test_an_unknown_column_a_repeated_one_and_a_missing_one_are_faults(small):
    small.csv["organisme"] = "finess_ej;raison_sociale;siret;raison_sociale;\n000000109;A;;B;\n"
    small.csv["evenement"] = "evenement_id;dossier_id;Date_Debut;date_debut\nE1;D1;;2025-09-12\n"
    faults = small.faults()
    assert [(f.code, f.fichier, f.ligne, f.colonne) for f in faults] == [
        ("COLONNE_INCONNUE", "organisme.csv", 1, "siret"),
        ("COLONNE_EN_DOUBLE", "organisme.csv", 1, "raison_sociale"),
        ("COLONNE_INCONNUE", "evenement.csv", 1, "Date_Debut"),
        ("COLONNE_ABSENTE", "evenement.csv", 1, "statut"),
    ]
    assert "s'agit-il de «siren»" in faults[0].message
    assert "colonnes vues : evenement_id, dossier_id, Date_Debut, date_debut" in faults[-1].message


def test_an_unknown_column_of_any_name_is_only_a_fault(small):
    names = [
        "n",
        "l",
        "p",
        "x",
        "texte",
        "_ligne",
        "_cellules",
        "_fautes",
        "_fichier",
        "_surplus",
        "#date_maj",
        'a"b',
        "a'b",
        "c1",
    ]
    quoted = ";".join('"' + name.replace('"', '""') + '"' for name in names)
    small.csv["mise_a_jour"] = f"dossier_id;{quoted};date_maj;origine\nD1{';1' * len(names)};2025-09-10;UTILISATEUR\n"
    faults = [(code, file, line) for code, file, line, _ in small.places()]
    assert faults == [("COLONNE_INCONNUE", "mise_a_jour.csv", 1)] * len(names)


def test_a_nullable_column_and_one_with_a_default_may_be_absent(small):
    for table in load().tables.values():
        small.csv[table.name] = ";".join(c.name for c in table.columns.values() if c.required) + "\n"
    small.manifest["perimetre"] = []
    assert small.rows("select count(*) from usager") == [(0,)]


def test_every_other_column_is_required(small):
    expected = []
    for table in load().tables.values():
        columns = [c.name for c in table.columns.values() if not c.required] or ["inconnue"]
        small.csv[table.name] = ";".join(columns) + "\n"
        expected += [(table.name, c.name) for c in table.columns.values() if c.required and columns != ["inconnue"]]
    small.manifest["perimetre"] = []
    faults = small.faults()
    assert [(f.fichier.removesuffix(".csv"), f.colonne) for f in faults if f.code == "COLONNE_ABSENTE"] == expected


NAMES = ["l'été", "lot {a,b}", "région=976", "finess_et=999999999", "a;b %20 #", "lot [1] é"]
if os.name != "nt":
    NAMES += ["lot [1] é*", 'lot ? "2025"']


def _encoded(name: str) -> str:
    """The name as Python has it, also where the locale knows no accent."""
    return os.fsdecode(name.encode("utf-8"))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_lot_is_one_in_any_folder_name(small, tmp_path, form):
    if form == "parquet":
        small.as_parquet("usager.parquet")
        small.as_parquet("organisme/[1].parquet")
    source = small.write()
    for name in NAMES:
        with open_lot(shutil.copytree(source, tmp_path / _encoded(name))) as lot:
            assert lot.con.execute("select count(*) from usager join sejour using (usager_id)").fetchall() == [(2,)]


def test_a_lot_may_be_named_from_the_current_folder(small, tmp_path, monkeypatch):
    small.as_parquet("usager.parquet")
    small.write()
    monkeypatch.chdir(tmp_path)
    with open_lot("lot/") as lot, open_lot(".//lot/../lot") as same:
        monkeypatch.chdir(tmp_path.parent)
        assert lot.digest == same.digest
        assert lot.con.execute("select count(*) from usager").fetchall() == [(3,)]
