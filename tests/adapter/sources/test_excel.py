"""Workbooks, each through the real import: which sheets and rows are read, and the same in every format."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from esms_sdk.errors import AdapterError
from tests.adapter.sources.small_import import SEJOUR, USAGER, Imported, run
from tests.adapter.sources.workbooks import Error, ods, xlsb, xlsx

EXCEL = 'format = "excel"\nfichiers = ["*.xlsx", "*.xls", "*.xlsb", "*.ods"]\n'
HEAD = ["N", "Usager", "Entrée", "Sortie"]
ONE = ["S1", "U1", date(2025, 2, 1), None]
TWO = ["S2", "U2", date(2025, 3, 1), date(2025, 4, 30)]
ONE_READ, TWO_READ = ("S1", "2025-02-01", None), ("S2", "2025-03-01", "2025-04-30")
FIXTURES = Path(__file__).resolve().parents[2] / "data" / "classeurs"


def book(folder: Path, rows: list[list[object]], name: str = "a.xlsx", **more: object) -> None:
    xlsx(folder / "export" / name, {"Suivis": rows}, **more)  # type: ignore[arg-type]


def read(folder: Path, keys: str = "", **more: str) -> Imported:
    return run(folder, EXCEL + keys, **more)


# -- which rows --------------------------------------------------------------------------------------------------


def test_a_sheet_gives_its_rows_and_bears_its_name(tmp_path):
    book(tmp_path, [HEAD, ONE, TWO])
    found = read(tmp_path)
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert {name: counts["lues"] for name, counts in found.sources.items()} == {"a.xlsx#Suivis": 2}


def test_title_rows_above_the_header_are_passed_over(tmp_path):
    book(tmp_path, [["Résidence des Tilleuls"], [None, "Édité le", date(2025, 10, 1)], [], HEAD, ONE])
    assert read(tmp_path, "lignes_avant_entete = 2").sejours() == [ONE_READ]


def test_the_header_is_found_by_its_names(tmp_path):
    book(tmp_path, [["Suivi des séjours", "N"], ["Usager"], [], [], HEAD, ONE])
    assert read(tmp_path, 'entete = ["n", "Entrée"]').sejours() == [ONE_READ]


def test_a_header_that_is_nowhere_is_said(tmp_path):
    book(tmp_path, [HEAD, ONE])
    with pytest.raises(AdapterError, match=r"E201.*a\.xlsx#Suivis : aucune ligne d'en-tête n'y porte «N», «Date»"):
        read(tmp_path, 'entete = ["N", "Date"]')


def test_a_title_written_on_two_lines_is_one_name(tmp_path):
    book(tmp_path, [["N ", "Usager", "Entre\u0301e", "Sortie\n"], TWO])
    assert read(tmp_path).sejours() == [TWO_READ]


def test_empty_rows_and_columns_are_none_and_a_reject_names_the_row_of_the_sheet(tmp_path):
    gap = [None, *HEAD[:2], None, *HEAD[2:]]
    bad = [None, "S9", "U9", None, "bientôt", None]
    book(tmp_path, [[], gap, [], [None, *ONE[:2], None, *ONE[2:]], [" "], [], bad])
    found = read(tmp_path)
    assert found.sejours() == [ONE_READ]
    assert found.rejected() == [("a.xlsx#Suivis", "7", "sejour", "date_entree", "TYPE_INVALIDE")]
    assert found.sources["a.xlsx#Suivis"]["lues"] == 2


def test_notes_beside_the_table_are_not_read(tmp_path):
    book(tmp_path, [HEAD, [*ONE, None, "à revoir"], [None, None, None, None, None, "seul"]])
    assert read(tmp_path).sources["a.xlsx#Suivis"]["lues"] == 1


def test_totals_rows_are_set_aside_and_counted(tmp_path):
    book(tmp_path, [HEAD, ONE, ["Total", 1], TWO, ["Total général", 2]])
    found = read(tmp_path, more='[source.suivis.ecarter]\ntotal = "starts_with(\\"N\\", \'Total\')"')
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert found.sources["a.xlsx#Suivis"]["motifs_ignorees"] == {"total": 2}


def test_merged_cells_are_filled_down(tmp_path):
    rows = [["Usager", *HEAD[:1], *HEAD[2:]], [None, "S1", date(2025, 2, 1)], [None, "S2", date(2025, 3, 1)],
            ["U9", "S3", date(2025, 4, 1)], [None, "S4", date(2025, 5, 1)]]  # fmt: skip
    book(tmp_path, rows, merged={"A2:A3": "U1"})
    found = read(tmp_path, "fusions = true")
    assert found.rows("select sejour_id, usager_id from sejour order by all") == [
        ("S1", "U1"),
        ("S2", "U1"),
        ("S3", "U9"),
    ]
    assert found.rejected() == [
        ("a.xlsx#Suivis", "5", "usager", "usager_id", "CLE_MANQUANTE"),
        ("a.xlsx#Suivis", "5", "sejour", "usager_id", "COLONNE_REQUISE"),
    ]


def test_a_column_is_carried_down_where_it_is_said_once_a_group(tmp_path):
    rows = [HEAD, ["S1", "U1", date(2025, 2, 1)], ["S2", None, date(2025, 3, 1)], [], ["S3", "U2", date(2025, 4, 1)]]
    ods(tmp_path / "export" / "a.ods", {"Suivis": rows})
    found = read(tmp_path, 'reporter = ["Usager"]')
    assert found.rows("select sejour_id, usager_id from sejour order by all") == [
        ("S1", "U1"),
        ("S2", "U1"),
        ("S3", "U2"),
    ]


def test_sejours_in_columns_become_rows(tmp_path):
    head = ["Usager", "Entrée 1", "Sortie 1", "Entrée 2", "Sortie 2", "Entrée 3", "Sortie 3"]
    book(tmp_path, [head, ["U1", date(2025, 1, 2), date(2025, 1, 31), date(2025, 3, 1)], ["U2", date(2025, 2, 1)]])
    depivot = """
[table.sejour]
source = "suivis"
[table.sejour.depivot]
colonnes = ["entree", "sortie"]
groupes = [["Entrée 1", "Sortie 1"], ["Entrée 2", "Sortie 2"], ["Entrée 3", "Sortie 3"]]
[table.sejour.colonnes]
sejour_id = { sql = "\\"Usager\\" || '-' || rang" }
usager_id = "Usager"
finess_et = { valeur = "000000117" }
date_entree = "entree"
date_sortie = "sortie"
"""
    found = read(tmp_path, tables=USAGER + depivot)
    assert found.sejours() == [
        ("U1-1", "2025-01-02", "2025-01-31"), ("U1-2", "2025-03-01", None), ("U2-1", "2025-02-01", None),
    ]  # fmt: skip


# -- which sheets ------------------------------------------------------------------------------------------------


def test_the_sheets_that_answer_to_a_pattern_are_one_source(tmp_path):
    months = {"2025-01": [HEAD, ONE], "Notice": [["Lire d'abord"]], "2025-02": [HEAD, TWO], "2025-03": []}
    xlsx(tmp_path / "export" / "a.xlsx", months)
    found = read(tmp_path, 'feuille = "2025-*"')
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert {name: counts["lues"] for name, counts in found.sources.items()} == {
        "a.xlsx#2025-01": 1, "a.xlsx#2025-02": 1, "a.xlsx#2025-03": 0,
    }  # fmt: skip


def test_a_hidden_sheet_is_read_by_its_name_alone(tmp_path):
    xlsx(
        tmp_path / "export" / "a.xlsx",
        {"Suivis": [HEAD, ONE], "Suivis anciens": [HEAD, TWO]},
        hidden=["Suivis anciens"],
    )
    assert read(tmp_path).sejours() == [ONE_READ]
    assert read(tmp_path, 'feuille = "suivis*"').sejours() == [ONE_READ]
    assert read(tmp_path, 'feuille = "suivis ANCIENS "').sejours() == [TWO_READ]


def test_a_sheet_is_named_by_its_rank_among_those_that_are_seen(tmp_path):
    sheets = {"Listes": [["x"]], "Notice": [["y"]], "Suivis": [HEAD, ONE]}
    xlsx(tmp_path / "export" / "a.xlsx", sheets, hidden=["Notice"])
    assert read(tmp_path, "feuille = 2").sejours() == [ONE_READ]


def test_several_sheets_and_none_named_is_an_error_that_lists_them(tmp_path):
    xlsx(tmp_path / "export" / "a.xlsx", {"Suivis": [HEAD, ONE], "Feuil2": []})
    with pytest.raises(Exception, match=r"E353.*a\.xlsx a 2 feuilles \(Suivis, Feuil2\)(?s:.*)feuille = "):
        read(tmp_path)


@pytest.mark.parametrize("wanted", ['"Séjours"', "4", '"2024-*"'])
def test_a_sheet_that_is_not_there_is_an_error_that_lists_the_sheets(tmp_path, wanted):
    book(tmp_path, [HEAD, ONE])
    with pytest.raises(Exception, match=r"E354.*a\.xlsx : aucune feuille ne répond.*\(feuilles : Suivis\)"):
        read(tmp_path, f"feuille = {wanted}")
    assert not (tmp_path / "lot").exists()


@pytest.mark.parametrize("wanted", ["0", "true", '""', "[1]"])
def test_a_sheet_is_a_name_or_a_rank(tmp_path, wanted):
    book(tmp_path, [HEAD, ONE])
    with pytest.raises(AdapterError, match=r"source\.suivis\.feuille : un nom, un motif, ou un rang"):
        read(tmp_path, f"feuille = {wanted}")


def test_two_sheets_of_a_workbook_are_two_sources(tmp_path):
    xlsx(tmp_path / "export" / "a.xlsx", {"Personnes": [["Usager"], ["U1"]], "Suivis": [HEAD, ONE]})
    personnes = f'[source.personnes]\n{EXCEL}feuille = "Personnes"\n'
    found = read(tmp_path, 'feuille = "Suivis"', more=personnes, tables=USAGER.replace("suivis", "personnes") + SEJOUR)
    assert found.sejours() == [ONE_READ]
    assert list(found.sources) == ["a.xlsx#Personnes", "a.xlsx#Suivis"]


def test_one_sheet_answers_to_one_source(tmp_path):
    book(tmp_path, [HEAD, ONE])
    with pytest.raises(AdapterError, match=r"E213.*a\.xlsx#Suivis répond à deux sources"):
        read(tmp_path, more=f"[source.personnes]\n{EXCEL}", tables=USAGER.replace("suivis", "personnes") + SEJOUR)


def test_each_agency_sends_its_workbook(tmp_path):
    book(tmp_path, [HEAD, ONE], "suivi_AG01.xlsx")
    book(tmp_path, [["Commentaire", *HEAD], [None, *ONE]], "suivi_AG02.xlsx")
    (tmp_path / "export" / "~$suivi_AG02.xlsx").write_bytes(b"\x05agent")
    found = read(tmp_path, "prefixe = \"regexp_extract(_fichier, 'AG[0-9]+') || '-'\"")
    assert [key for key, *_ in found.sejours()] == ["AG01-S1", "AG02-S1"]


def test_a_missing_column_is_said_with_the_sheet_and_its_columns(tmp_path):
    book(tmp_path, [["N", "Usager", "Entrée"], ONE[:3]])
    with pytest.raises(
        AdapterError, match=r"E201.*«Sortie» absente de a\.xlsx#Suivis \(colonnes vues : N, Usager, Entrée\)"
    ):
        read(tmp_path)
    assert read(tmp_path, 'colonnes_facultatives = ["Sortie"]').sejours() == [ONE_READ]


def test_a_workbook_in_an_archive_is_read(tmp_path):
    book(tmp_path, [HEAD, [Error("#N/A"), "U0", date(2025, 1, 1)], ONE])
    with zipfile.ZipFile(tmp_path / "export" / "agences.zip", "w") as archive:
        archive.write(tmp_path / "export" / "a.xlsx", "nord/a.xlsx")
    (tmp_path / "export" / "a.xlsx").unlink()
    found = read(tmp_path)
    assert found.sejours() == [ONE_READ]
    assert found.rejected() == [("agences.zip/nord/a.xlsx#Suivis", "2", "sejour", "sejour_id", "CLE_MANQUANTE")]


# -- the four formats --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [xlsx, ods, xlsb])
def test_the_same_cells_are_the_same_rows_in_every_format(tmp_path, write):
    rows = [
        HEAD,
        ["S1", "U1", "2025-02-01", None],
        [],
        ["S2", 12.0, "2025-03-01", "30/04/2025"],
        [True, 0.5, "x", "é\nè"],
    ]
    write(tmp_path / "export" / f"a.{write.__name__}", {"Suivis": rows})
    found = read(tmp_path, tables=USAGER + SEJOUR.replace('"N"', '{ sql = "concat(\\"N\\", \'/\', \\"Usager\\")" }'))
    assert found.sejours() == [("S1/U1", "2025-02-01", None), ("S2/12", "2025-03-01", "2025-04-30")]
    assert [row["cle"] for row in found.rejets] == ["true/0.5"]


@pytest.mark.parametrize(("name", "first"), [("suivis", "2025-09-04"), ("de1904", "2029-09-05")])
def test_an_old_xls_is_read(tmp_path, name, first):
    """Fixtures written by LibreOffice from invented rows; the second counts its days from 1904."""
    found = run(tmp_path, EXCEL, given=FIXTURES / f"{name}.xls")
    assert found.sejours()[0][1] == first


def test_real_dates_are_read_whatever_the_formats_of_the_mapping(tmp_path):
    rows = [
        ["S1", "U1", datetime(2025, 2, 1, 10, 12), date(2025, 3, 1)],
        ["S2", "U2", "2025-02-02", datetime(2025, 3, 2, 23, 59, 59)],
        ["S3", "U3", date(2025, 2, 3), "03/03/2025"],
    ]
    book(tmp_path, [HEAD, *rows])
    days = [("S1", "2025-02-01", "2025-03-01"), ("S2", "2025-02-02", "2025-03-02"), ("S3", "2025-02-03", "2025-03-03")]
    assert read(tmp_path).sejours() == days


def test_a_day_and_a_time_in_two_cells_are_a_moment(tmp_path):
    book(tmp_path, [[*HEAD, "Jour", "Heure", "Durée"],
                    [*ONE, date(2025, 9, 4), time(10, 12), timedelta(hours=34, minutes=5)]])  # fmt: skip
    history = """
[table.historique_identite]
source = "suivis"
[table.historique_identite.colonnes]
usager_id = "Usager"
horodatage = { sql = "\\"Jour\\" || ' ' || \\"Heure\\"" }
statut_identite = { valeur = "VALI" }
matricule_present = { valeur = true }
empreinte_traits = "Durée"
"""
    found = read(tmp_path, tables=USAGER + SEJOUR + history)
    moments = found.rows("select horodatage, empreinte_traits from historique_identite")
    assert moments == [(datetime(2025, 9, 4, 10, 12), "34:05:00")]


def test_a_cached_value_of_a_formula_is_read(tmp_path):
    book(tmp_path, [HEAD, ONE])
    path = tmp_path / "export" / "a.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert sheet.count("<v>45689</v>") == 1
    sheet = sheet.replace("<v>45689</v>", "<f>TODAY()</f><v>45689</v>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**parts, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, content)
    assert read(tmp_path).sejours() == [ONE_READ]


def test_an_empty_sheet_is_no_row_even_where_a_header_is_looked_for(tmp_path):
    xlsx(tmp_path / "export" / "a.xlsx", {"janvier": [HEAD, ONE], "février": []})
    found = read(tmp_path, 'feuille = "*"\nentete = ["Usager"]')
    assert {name: counts["lues"] for name, counts in found.sources.items()} == {
        "a.xlsx#janvier": 1,
        "a.xlsx#février": 0,
    }


def test_a_title_that_stands_twice_is_refused_where_the_mapping_needs_it(tmp_path):
    book(tmp_path, [[*HEAD, "Sortie", "Note", "Note"], ONE])
    with pytest.raises(AdapterError, match=r"E206.*a\.xlsx#Suivis : la colonne «Sortie» figure deux fois"):
        read(tmp_path)
    book(tmp_path, [[*HEAD, "Note", "note"], ONE])
    assert read(tmp_path).sejours() == [ONE_READ]
    with pytest.raises(AdapterError, match=r"E206.*«note» figure deux fois"):
        read(tmp_path, more='ecarter = { note = "\\"Note\\" is not null" }')
