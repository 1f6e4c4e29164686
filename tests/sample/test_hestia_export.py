"""Hestia's workbooks really have the traps they are said to have, and lose what Soléo's export loses."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from datetime import date, datetime, time

import pytest
from python_calamine import CalamineWorkbook

from esms_sdk import content
from esms_sdk.sample.conformite import conformity_file
from esms_sdk.sample.expected import MESURES
from esms_sdk.sample.hestia.sheets import AGENCES, files
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.outcome_files import import_files
from esms_sdk.sample.outcome_files import truth as imported

FOLDER = content.folder("adapters") / "hestia"


@pytest.fixture(scope="module")
def made(hestia):
    """The workbooks, by path."""
    return files(hestia.feuilles)


@pytest.fixture(scope="module")
def own(hestia):
    """What the import of the workbooks must keep, ready to be counted."""
    return imported(hestia.outcome, [hestia.world])


def _sheet(agence, book, name):
    path = FOLDER / "sample" / agence / book
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name)
    return sheet, sheet.to_python(skip_empty_area=False)


def _column(agence, book, name, title):
    """The cells of a column, below its header."""
    _, rows = _sheet(agence, book, name)
    top = next(i for i, row in enumerate(rows) if title in row)
    place = rows[top].index(title)
    return [row[place] for row in rows[top + 1 :] if row[place] != ""]


def _cells(content):
    """What a workbook says, apart from how it was packed and by which version of the writer."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = {"xl/sharedStrings.xml", "xl/workbook.xml"}
        return {name: archive.read(name) for name in archive.namelist() if name in told or "worksheets/" in name}


def test_the_committed_workbooks_are_the_generators(made):
    sample = FOLDER / "sample"
    committed = {path.relative_to(sample).as_posix(): path for path in sample.rglob("*.xlsx")}
    assert sorted(committed) == sorted(made)
    assert [name for name, path in committed.items() if _cells(path.read_bytes()) != _cells(made[name])] == []


def test_writing_twice_gives_the_same_bytes(hestia, made):
    again = files(sheet for sheet in hestia.feuilles if sheet.agence is AGENCES["AG04"])
    assert len(again) == 6
    assert again.items() <= made.items()


def test_what_the_import_must_give_is_the_generators(hestia, own):
    wanted = import_files(hestia.outcome, hestia.lines)
    wanted["conformite.csv"] = conformity_file(hestia.outcome.kept, own)
    assert {path.name: path.read_bytes() for path in (FOLDER / "expected").iterdir()} == wanted


@pytest.mark.parametrize("mesure", MESURES, ids=lambda mesure: mesure.nom)
def test_person_by_person_the_indicators_are_those_of_soleo(known, own, mesure):
    assert indicators(own, mesure) == indicators(known, mesure)


def test_the_lost_sejours_are_those_of_soleo(soleo, hestia):
    assert Counter(hestia.outcome.sejours) == Counter(soleo.outcome.rejets_sejours)


def test_the_workbooks_are_small_enough_to_be_carried(made):
    assert max(map(len, made.values())) < 1_400_000
    assert sum(map(len, made.values())) < 2_000_000


@pytest.mark.parametrize(
    ("agence", "kinds"),
    [
        ("montbrume", {date}),
        ("valsonge", {str}),
        ("pontclair", {float}),
        ("rochegrise", {date}),
        ("anse-perle", {str}),
    ],
)
def test_each_agency_writes_its_days_in_its_own_way(agence, kinds):
    days = _column(agence, "projets.xlsx", "Projets", "Début")
    assert {type(day) for day in days} == kinds


def test_one_agency_counts_its_days_from_1904(made):
    started = {name for name, content in made.items() if b"date1904" in _cells(content)["xl/workbook.xml"]}
    assert {name.partition("/")[0] for name in started} == {"rochegrise"}


def test_times_of_day_and_moments_are_cells_of_their_own():
    assert {type(cell) for cell in _column("montbrume", "agenda.xlsx", "Agenda 2025", "Heure")} == {time}
    assert datetime in {type(cell) for cell in _column("montbrume", "agenda.xlsx", "Agenda 2025", "Fin")}


def test_a_finess_is_a_number_that_has_lost_its_zeros():
    assert set(_column("montbrume", "usagers.xlsx", "Admissions", "FINESS")) >= {12013.0, 12021.0}


def test_the_establishment_is_merged_over_its_block_and_totals_stand_below():
    sheet, rows = _sheet("montbrume", "usagers.xlsx", "Admissions")
    tall = [(start, end) for start, end in sheet.merged_cell_ranges if end[0] - start[0] > 20]
    assert len(tall) >= 4
    assert sum(str(row[0]).startswith("Total ") for row in rows) == 3


def test_titles_stand_above_the_header_in_varying_numbers():
    tops = set()
    for agence in AGENCES.values():
        _, rows = _sheet(agence.dossier, "projets.xlsx", "Projets")
        tops.add(next(i for i, row in enumerate(rows) if "N° projet" in row))
    assert tops == {1, 2, 3, 4, 5}


def test_one_agency_has_two_sheets_for_the_admissions():
    book = CalamineWorkbook.from_path(str(FOLDER / "sample" / "valsonge" / "usagers.xlsx"))
    assert sum(name.startswith("Admissions") for name in book.sheet_names) == 2


def test_a_grid_has_a_sheet_a_month_a_column_a_day_and_a_legend():
    book = CalamineWorkbook.from_path(str(FOLDER / "sample" / "montbrume" / "suivi_2025.xlsx"))
    assert [name for name in book.sheet_names if name.startswith("2025-")] == [f"2025-{m:02d}" for m in range(1, 13)]
    assert "Légende" in book.sheet_names
    assert {"S", "A"} <= set(_column("montbrume", "suivi_2025.xlsx", "2025-02", 8.0))


def test_sejours_stand_in_columns_and_some_fill_all_three():
    assert len(_column("pontclair", "usagers.xlsx", "Admissions", "Entrée 3")) > 0
    assert "Hospitalisation" in _column("pontclair", "usagers.xlsx", "Admissions", "Motif 1")


def test_formulas_in_error_are_among_the_cells(made):
    assert any(b't="e"' in sheet for content in made.values() for sheet in _cells(content).values())


def test_every_reject_is_planted_or_hangs_on_one(hestia):
    for line in hestia.lines:
        if not line.defaut:
            assert {made.refus[1] for made in line.makes if made.refus} <= {"REFERENCE_REJETEE"}
