"""The workbook: typed cells, frozen heads, filters, colours that follow the état, and no formula from a text."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from esms_sdk.export import write_indicators
from esms_sdk.export.xlsx import Column, Sheet, workbook, write_sheet
from esms_sdk.indicators.result import Etablissement, Indicateurs


def load(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


@pytest.fixture
def book(result: Indicateurs, tmp_path: Path) -> Any:
    write_indicators(result, tmp_path)
    return load(tmp_path / "indicateurs.xlsx")


def test_the_sheets_are_in_french_and_in_order(book: Any) -> None:
    assert book.sheetnames == ["Indicateurs", "Synthèse", "Lisez-moi"]


def test_cells_have_their_types_and_formats(book: Any) -> None:
    head, first = list(book["Indicateurs"].iter_rows(min_row=1, max_row=2))
    cell = {title.value: one for title, one in zip(head, first, strict=True)}
    assert cell["FINESS géographique"].value == "000000117" and cell["FINESS géographique"].data_type == "s"
    assert cell["Début"].value == datetime(2025, 9, 1) and cell["Début"].number_format == "dd/mm/yyyy"
    assert (cell["Numérateur"].value, cell["Dénominateur"].value, cell["Cible (%)"].value) == (60, 64, 90)
    assert cell["Taux (%)"].value == 93.8 and cell["Taux (%)"].number_format == "0.0"
    assert cell["État"].value == "Cible atteinte"


def test_heads_are_frozen_and_filtered(book: Any) -> None:
    for name in ("Indicateurs", "Synthèse"):
        assert book[name].freeze_panes == "D2"
        assert book[name].auto_filter.ref.startswith("A1:")


def test_a_text_that_looks_like_a_formula_stays_a_text(book: Any) -> None:
    cells = [cell for name in book.sheetnames for row in book[name].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert "=Établissement aux séjours rejetés" in {cell.value for cell in cells}


def test_the_chosen_reading_bears_its_note_and_each_motif_its_explanation(book: Any) -> None:
    rows = list(book["Indicateurs"].iter_rows(min_row=2, values_only=True))
    noted = [row for row in rows if row[-1]]
    assert {(row[3], row[6]) for row in noted} == {("taux_dossiers_actifs", "periode")}
    assert noted[0][-1].startswith("lecture retenue par le SDK")
    assert all(bool(row[14]) == bool(row[15]) for row in rows)


def test_a_rate_is_coloured_by_its_etat_and_not_by_its_rounded_value(book: Any) -> None:
    formulas = {rule.formula[0] for found in book["Synthèse"].conditional_formatting for rule in found.rules}
    assert '$G2="Cible atteinte"' in formulas and '$G2="Cible non atteinte"' in formulas
    assert all("2=" in formula for formula in formulas)


def test_the_readme_sheet_says_the_definition_the_period_the_lot_and_every_code(book: Any) -> None:
    text = "\n".join(str(cell) for row in book["Lisez-moi"].iter_rows(values_only=True) for cell in row)
    for expected in (
        "du 1er au 30 septembre 2025", "mois_ecoule", "0123456789abcdef", "n'est pas officiel", "JOURNAL_INCOMPLET",
        "FILE_ACTIVE_PARTIELLE", "à faire confirmer par l'ARS", "Martinique",
    ):  # fmt: skip
        assert expected in text


def test_a_result_by_organisme_has_a_sheet_more(
    result: Indicateurs, make_etablissement: Callable[..., Etablissement], tmp_path: Path
) -> None:
    whole = make_etablissement("", "OG inventé", ((1, 2), (1, 2)), (1, 1), (1, 1), (1, 2), (1, 2))
    write_indicators(replace(result, organismes=(whole,)), tmp_path)
    book = load(tmp_path / "indicateurs.xlsx")
    assert book.sheetnames == ["Indicateurs", "Synthèse", "Par organisme", "Lisez-moi"]
    assert book["Par organisme"]["C2"].value == "OG inventé"


def test_the_only_date_inside_is_that_of_the_measure(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    with zipfile.ZipFile(tmp_path / "indicateurs.xlsx") as archive:
        assert b"2025-09-30T00:00:00Z" in archive.read("docProps/core.xml")


@pytest.mark.parametrize("cells", [10, 10_000_000])
def test_a_large_workbook_is_the_same_as_a_small_one(cells: int, tmp_path: Path) -> None:
    columns = (Column("Texte"), Column("Jour", "date"), Column("Taux", "taux"))
    path = tmp_path / "x.xlsx"
    with workbook(path, date(2025, 9, 30), cells) as book:
        write_sheet(book, Sheet("Une", columns, [("=1+1", date(2025, 1, 2), 12.5), ("@x", None, None)]))
    rows = list(load(path)["Une"].iter_rows(values_only=True))
    assert rows == [("Texte", "Jour", "Taux"), ("=1+1", datetime(2025, 1, 2), 12.5), ("@x", None, None)]
