"""Importing the export gives what the generator knows, to the letter: rejects, counts, tables, indicators."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date

import pytest

from esms_sdk import content
from esms_sdk.adapter.importer import import_lot
from esms_sdk.export import as_contract
from esms_sdk.indicators import compute_indicators
from esms_sdk.indicators.result import Options
from esms_sdk.lot import open_lot
from esms_sdk.sample.canonical import write
from esms_sdk.sample.conformite import conformity_file
from esms_sdk.sample.expected import MESURES, digests
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.truth import Truth
from tests.sample.imported import CONFORMITE, judged, listed

SOLEO = content.folder("adapters") / "soleo"


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """The folder of the lot that the import of the committed sample gives."""
    out = tmp_path_factory.mktemp("soleo") / "lot"
    assert import_lot([SOLEO / "sample"], "soleo", out).exit_code == 0
    return out


@pytest.fixture(scope="module")
def direct(tmp_path_factory, world):
    """The folder of the same world written as a lot, nothing lost."""
    out = tmp_path_factory.mktemp("lot")
    write(world, out)
    return out


def _lines(path, columns):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return sorted(tuple(row[column] for column in columns) for row in csv.DictReader(stream, delimiter=";"))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("rejets.csv", ("source", "ligne", "table", "cle", "colonne", "code")),
        ("libelles_inconnus.csv", ("source", "colonne", "libelle", "nombre")),
        ("sejours.csv", ("finess_et", "date_entree", "date_sortie")),
    ],
)
def test_what_is_set_aside_is_what_was_planted(imported, name, columns):
    assert _lines(imported / "rejets" / name, columns) == _lines(SOLEO / "expected" / name, columns)


@pytest.mark.parametrize("part", ["sources", "rejets_par_finess"])
def test_the_counts_are_those_that_were_worked_out(imported, part):
    found = json.loads((imported / "manifeste.json").read_text(encoding="utf-8"))["import"][part]
    assert found == json.loads((SOLEO / "expected" / "import.json").read_text(encoding="utf-8"))[part]


def _digest(lot, name, columns):
    """The digest of a table as ``expected/tables.json`` defines it, from the lot as it was read."""
    kinds = dict(lot.con.execute(f"select column_name, column_type from (describe {name})").fetchall())
    cells = ", ".join(
        f"coalesce(strftime({column}, '%Y-%m-%dT%H:%M:%S'), '')"
        if kinds[column].startswith("TIMESTAMP")
        else f"coalesce(cast({column} as varchar), '')"
        for column in columns
    )
    rows = lot.con.execute(f"select concat_ws(';', {cells}) from {name}").fetchall()
    lines = sorted(row[0] for row in rows)
    return len(lines), hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def test_every_table_holds_the_rows_of_the_world_less_those_lost(imported):
    wanted = json.loads((SOLEO / "expected" / "tables.json").read_text(encoding="utf-8"))
    with open_lot(imported) as lot:
        found = {name: _digest(lot, name, one["colonnes"]) for name, one in wanted.items()}
    assert found == {name: (one["lignes"], one["sha256"]) for name, one in wanted.items()}


def _options(mesure):
    return Options(mesure.definition, mesure.denominateur, mesure.evenements, mesure.premiere_mesure)


@pytest.mark.parametrize("mesure", MESURES, ids=lambda mesure: mesure.nom)
def test_the_indicators_are_those_counted_person_by_person(imported, mesure):
    wanted = json.loads(
        (content.folder("samples") / "attendu" / f"indicateurs_{mesure.nom}.json").read_text(encoding="utf-8")
    )
    with open_lot(imported) as lot:
        found = as_contract(compute_indicators(lot, date.fromisoformat(mesure.mesure_le), _options(mesure)))
    assert {key: found[key] for key in wanted} == wanted


def test_the_check_finds_what_was_planted_and_nothing_else(imported, monkeypatch):
    assert judged(imported, monkeypatch) == listed(SOLEO / "expected" / "conformite.csv", CONFORMITE)


def test_the_world_written_as_a_lot_opens_without_fault_and_holds_the_world(direct, tables):
    with open_lot(direct) as lot:
        wanted = digests(tables)
        found = {name: _digest(lot, name, one["colonnes"]) for name, one in wanted.items()}
    assert found == {name: (one["lignes"], one["sha256"]) for name, one in wanted.items()}


def test_the_check_finds_in_the_whole_world_its_own_faults_and_no_other(direct, tables, monkeypatch, tmp_path):
    with open_lot(direct) as lot:
        known = Truth(tables, list(lot.manifest.perimetre), ("2024-01-01", "2025-12-31"), [])
    (tmp_path / "conformite.csv").write_bytes(conformity_file(tables, known))
    assert judged(direct, monkeypatch) == listed(tmp_path / "conformite.csv", CONFORMITE)


def test_the_indicators_of_the_whole_world_are_those_counted_person_by_person(direct, tables):
    with open_lot(direct) as lot:
        known = Truth(tables, list(lot.manifest.perimetre), ("2024-01-01", "2025-12-31"), [])
        for mesure in MESURES[:3]:
            found = as_contract(compute_indicators(lot, date.fromisoformat(mesure.mesure_le), _options(mesure)))
            wanted = indicators(known, mesure)
            assert {key: found[key] for key in wanted} == wanted, mesure.nom
