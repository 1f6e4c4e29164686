"""Importing Hestia's workbooks gives what the generator knows, to the letter, and the indicators of Soléo."""

from __future__ import annotations

import json

import pytest

from esms_sdk import content
from esms_sdk.adapter.importer import import_lot
from esms_sdk.lot import open_lot
from esms_sdk.sample.expected import MESURES
from tests.sample.imported import CONFORMITE, LISTS, counted, digested, judged, listed, measured

HESTIA = content.folder("adapters") / "hestia"
ATTENDU = content.folder("samples") / "attendu"


@pytest.fixture(scope="module")
def lot(tmp_path_factory):
    """The folder of the lot that the import of the committed workbooks gives."""
    out = tmp_path_factory.mktemp("hestia") / "lot"
    assert import_lot([HESTIA / "sample"], "hestia", out).exit_code == 0
    return out


@pytest.mark.parametrize("name", LISTS)
def test_what_is_set_aside_is_what_was_planted(lot, name):
    assert listed(lot / "rejets" / name, LISTS[name]) == listed(HESTIA / "expected" / name, LISTS[name])


def test_the_counts_are_those_that_were_worked_out(lot):
    assert counted(lot) == json.loads((HESTIA / "expected" / "import.json").read_text(encoding="utf-8"))


def test_every_table_holds_the_rows_that_were_worked_out(lot):
    wanted = json.loads((HESTIA / "expected" / "tables.json").read_text(encoding="utf-8"))
    assert digested(lot, wanted) == wanted


@pytest.mark.parametrize("mesure", MESURES, ids=lambda mesure: mesure.nom)
def test_the_indicators_are_those_of_soleo(lot, mesure):
    wanted = json.loads((ATTENDU / f"indicateurs_{mesure.nom}.json").read_text(encoding="utf-8"))
    assert measured(lot, mesure) == wanted


def test_the_check_finds_what_was_planted_and_nothing_else(lot, monkeypatch):
    assert judged(lot, monkeypatch) == listed(HESTIA / "expected" / "conformite.csv", CONFORMITE)


def test_what_hestia_lacks_is_declared(lot):
    head = json.loads((lot / "manifeste.json").read_text(encoding="utf-8"))
    lacking = {"appel_insi", "reception", "opposition", "historique_identite"}
    assert {name for name in head["non_fourni"] if "." not in name} == lacking


def test_zeros_in_front_are_back(lot):
    with open_lot(lot) as opened:
        for table, column, length in (
            ("etablissement", "finess_et", 9), ("organisme", "siren", 9), ("sejour", "finess_et", 9),
            ("usager", "lieu_naissance_cog", 5), ("envoi", "rpps", 11),
        ):  # fmt: skip
            rows = opened.con.execute(f"select distinct length({column}) from {table} where {column} is not null")
            assert rows.fetchall() == [(length,)], (table, column)
