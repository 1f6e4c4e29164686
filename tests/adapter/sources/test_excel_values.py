"""What the cells of a workbook are told as: numbers, serial dates, errors – and what a spreadsheet has lost."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esms_sdk.adapter.sources import excel_cells
from esms_sdk.adapter.sources.excel_sql import serial_date
from esms_sdk.errors import SourceError
from tests.adapter.sources import reading
from tests.adapter.sources.small_import import SEJOUR, USAGER, Imported, run
from tests.adapter.sources.workbooks import Error, ods, xlsb, xlsx

EXCEL = 'format = "excel"\nfichiers = ["*.xlsx", "*.xls", "*.xlsb", "*.ods"]\n'
HEAD = ["N", "Usager", "Entrée", "Sortie"]
FIXTURES = Path(__file__).resolve().parents[2] / "data" / "classeurs"
NA = Error("#N/A")


def column(
    folder: Path, values: list[object], keys: dict[str, object] | None = None, **more: object
) -> list[str | None]:
    """Return how the cells of one column are told."""
    path = xlsx(folder / "c.xlsx", {"C": [["rang", "v"], *([i, v] for i, v in enumerate(values))]}, **more)  # type: ignore[arg-type]
    found = reading.rows("excel", keys or {}, given=[path], fichiers=("*.xlsx",))
    return [row["v"] for row in found]


def read(folder: Path, *rows: list[object], keys: str = "", **more: str) -> Imported:
    xlsx(folder / "export" / "a.xlsx", {"Suivis": [HEAD, *rows]})
    return run(folder, EXCEL + keys, **more)


def test_a_whole_number_has_no_decimals_and_another_keeps_its_own(tmp_path):
    numbers = [12.0, 12, 0, -3.0, 12.5, 0.1 + 0.2, 1 / 3, 999_999_999_999_999]
    assert column(tmp_path, numbers) == ["12", "12", "0", "-3", "12.5", "0.3", "0.333333333333333", "999999999999999"]


def test_a_number_stored_as_text_stays_the_text_that_it_is(tmp_path):
    assert column(tmp_path, ["12.0", " 007 ", "1E5", 7, True, False, "été\nautomne"]) == [
        "12.0", " 007 ", "1E5", "7", "true", "false", "été\nautomne",
    ]  # fmt: skip


def test_a_finess_stored_as_a_number_has_lost_its_zeros_and_the_mapping_gives_them_back(tmp_path):
    padded = SEJOUR.replace('{ valeur = "000000117" }', '{ sql = "lpad(\\"FINESS\\", 9, \'0\')" }')
    xlsx(tmp_path / "export" / "a.xlsx", {"S": [[*HEAD, "FINESS"], ["S1", "U1", date(2025, 1, 1), None, 117.0]]})
    found = run(tmp_path, EXCEL, tables=USAGER + padded)
    assert found.rows("select finess_et from sejour") == [("000000117",)]


def test_a_number_of_more_than_15_digits_is_no_key_since_its_end_is_lost(tmp_path):
    found = read(tmp_path, ["S1", 253072107300470.0, date(2025, 1, 1)], ["S2", 1234567890123456789, date(2025, 1, 2)])
    assert found.rows("select usager_id from sejour") == [("253072107300470",)]
    assert found.rejected() == [
        ("a.xlsx#Suivis", "3", "usager", "usager_id", "CLE_MANQUANTE"),
        ("a.xlsx#Suivis", "3", "sejour", "usager_id", "REFERENCE_INCONNUE"),
    ]
    assert found.rejets[1]["valeur_masquee"] == "9.99999999999999x+99"


# -- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [xlsx, ods, xlsb])
def test_an_error_is_never_read_as_an_empty_cell(tmp_path, write):
    """An end of séjour in error that passed for empty would keep the séjour open."""
    rows = [
        HEAD,
        ["S1", "U1", "2025-02-01", Error("#DIV/0!")],
        ["S2", "U2", "2025-02-01", None],
        ["S3", NA, "2025-02-01"],
    ]
    write(tmp_path / "export" / f"a.{write.__name__}", {"Suivis": rows})
    found = run(tmp_path, EXCEL)
    assert found.sejours() == [("S2", "2025-02-01", None)]
    place = f"a.{write.__name__}#Suivis"
    assert found.rejected() == [
        (place, "2", "sejour", "date_sortie", "TYPE_INVALIDE"),
        (place, "4", "usager", "usager_id", "CLE_MANQUANTE"),
        (place, "4", "sejour", "usager_id", "REFERENCE_INCONNUE"),
    ]
    assert [row["valeur_masquee"] for row in found.rejets] == ["#XXX/9!", "", "#X/X"]


def test_an_error_is_empty_where_the_mapping_says_so(tmp_path):
    row = ["S1", "U1", date(2025, 2, 1), NA]
    assert read(tmp_path, row, keys='nuls = ["#N/A"]').sejours() == [("S1", "2025-02-01", None)]
    assert read(tmp_path, row, keys="erreurs_vides = true").sejours() == [("S1", "2025-02-01", None)]


def test_an_error_in_an_xls_is_told_before_anything_is_written_since_it_would_read_as_empty(tmp_path):
    with pytest.raises(SourceError, match=r"E355.*erreur\.xls contient des cellules en erreur(?s:.*)erreurs_vides"):
        run(tmp_path, EXCEL, given=FIXTURES / "erreur.xls")
    assert not (tmp_path / "lot").exists()
    found = run(tmp_path, EXCEL + "erreurs_vides = true", given=FIXTURES / "erreur.xls")
    assert found.sejours()[0] == ("S1", "2025-09-04", None)


def test_a_text_that_quotes_the_mark_of_an_error_is_left_alone(tmp_path):
    texts = ['il a écrit t="e"', "<c t='e'>", "#1", NA]
    assert column(tmp_path, texts) == [*texts[:3], "#N/A"]


def test_an_error_that_the_engine_does_not_know_is_told_too(tmp_path):
    assert column(tmp_path, [Error("#SPILL!"), "x"]) == ["#SPILL!", "x"]


# -- dates and times ---------------------------------------------------------------------------------------------


def test_a_date_or_a_time_is_told_in_iso_to_the_second(tmp_path):
    given = [date(2025, 9, 4), datetime(2025, 9, 4, 10, 12, 30, 400_000), time(7, 5), timedelta(hours=30)]
    assert column(tmp_path, given) == ["2025-09-04", "2025-09-04T10:12:30", "07:05:00", "30:00:00"]


def test_a_computed_time_that_falls_short_of_its_second_is_that_second():
    near = [datetime(2025, 9, 4, 10, 11, 59, 999_990), time(10, 11, 59, 999_999), ""]
    assert excel_cells.column(near).split(excel_cells.SEPARATOR) == ["2025-09-04T10:12:00", "10:12:00", ""]


def test_kinds_of_cells_may_be_mixed_in_a_column(tmp_path):
    mixed = [1, True, "1", date(2025, 1, 1), None, 1.5, *[date(2025, 1, 2)] * 600, 0, False]
    assert column(tmp_path, mixed) == ["1", "true", "1", "2025-01-01", None, "1.5", *["2025-01-02"] * 600, "0", "false"]


def test_a_character_that_the_reader_uses_itself_costs_no_cell():
    assert excel_cells.column(["a\x1fb", "c"]).split(excel_cells.SEPARATOR) == ["a b", "c"]


@pytest.mark.parametrize(("from_1904", "first"), [(False, "2025-09-04"), (True, "2029-09-05")])
@pytest.mark.parametrize("write", [xlsx, xlsb])
def test_a_serial_number_is_a_date_in_the_calendar_of_its_workbook(tmp_path, write, from_1904, first):
    rows = [HEAD, ["S1", "U1", 45904, "05/10/2029"], ["S2", "U2", "45904", None], ["S3", "U3", "2025-01-01", 47000.75]]
    write(tmp_path / "export" / f"a.{write.__name__}", {"Suivis": rows}, from_1904=from_1904)
    found = run(tmp_path, EXCEL + 'dates_serie = ["ENTRÉE", "Sortie "]')
    assert [row[1] for row in found.sejours()] == [first, first, "2025-01-01"]
    assert found.sejours()[0][2] == "2029-10-05"


def test_a_serial_number_that_is_not_declared_is_no_date(tmp_path):
    found = read(tmp_path, ["S1", "U1", 45904])
    assert found.rejected() == [("a.xlsx#Suivis", "2", "sejour", "date_entree", "TYPE_INVALIDE")]


def test_the_29th_of_february_1900_never_was(tmp_path):
    days = [0, 0.5, 1, 59, 60, 60.5, 61, 2_958_465, 2_958_466, -1, "60"]
    assert column(tmp_path, days, {"dates_serie": ("v",)}) == [
        "0", "0.5", "1900-01-01", "1900-02-28", "60", "60.5", "1900-03-01", "9999-12-31", "2958466", "-1", "60",
    ]  # fmt: skip


@given(st.dates(date(1900, 3, 1)), st.integers(0, 86_399))
def test_a_serial_number_counts_days_as_python_does(day, second):
    serial = "%.15g" % ((day - date(1899, 12, 30)).days + second / 86_400)
    told = duckdb.execute(f"select {serial_date('v', from_1904=False)} from (select $1 as v)", [serial]).fetchall()
    moment = datetime.combine(day, time()) + timedelta(seconds=second)
    assert abs(datetime.fromisoformat(told[0][0]) - moment) <= timedelta(seconds=second > 0)
    assert len(told[0][0]) == (19 if second else 10)


def test_a_column_that_is_declared_and_not_there_is_said(tmp_path):
    with pytest.raises(Exception, match=r"E201.*«Début» absente de a\.xlsx#Suivis \(«dates_serie»\)"):
        read(tmp_path, ["S1", "U1", 45904], keys='dates_serie = ["Début"]')


# -- what may be seen --------------------------------------------------------------------------------------------


def test_rejects_show_no_value_and_the_rejected_rows_are_kept_as_they_were(tmp_path):
    found = read(tmp_path, ["S1", "U1", "bientôt (Mme Durand)", NA])
    assert [row["valeur_masquee"] for row in found.rejets] == ["xxxxxxx (Xxx Xxxxxx)"]
    assert found.rejected_rows() == {
        "a.xlsx#Suivis.csv": 'ligne;N;Usager;Entrée;Sortie\n2;S1;U1;bientôt (Mme Durand);"#N/A"\n'
    }
