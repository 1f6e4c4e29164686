"""The samples of both TDDUI adapters give what their folders say, the same bytes each time."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from esms_sdk import content
from esms_sdk.cli import main
from esms_sdk.identifiers import finess, ins
from esms_sdk.lot.schema import load
from tests.adapter.sources.tddui_import import KEYS, Tddui

ADAPTERS = ("tddui_fhir", "tddui_cda")


def _sample(adapter):
    folder = content.folder("adapters") / adapter / "sample"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _expected(adapter, name):
    with (content.folder("adapters") / adapter / "expected" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter=";"))


@pytest.fixture(scope="module", params=ADAPTERS)
def imported(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, Tddui(folder, request.param, _sample(request.param), max_rejets="0")


def test_every_table_of_the_sample_is_the_expected_one(imported):
    adapter, found = imported
    filled = [name for name in load().tables if (found.lot / f"{name}.parquet").is_file()]
    kept = {path.stem for path in (content.folder("adapters") / adapter / "expected").glob("*.csv")}
    assert set(filled) == kept - {"observations"}
    for table in filled:
        header, *rows = _expected(adapter, f"{table}.csv")
        cells = ", ".join(f"coalesce(cast({column} as varchar), '')" for column in header)
        assert [list(row) for row in found.rows(table, cells)] == rows, table


def test_the_observations_and_the_counts_of_the_sample_are_the_expected_ones(imported):
    adapter, found = imported
    header, *rows = _expected(adapter, "observations.csv")
    assert [list(row) for row in found.lines("observations.csv", *header)] == rows
    expected = json.loads(
        (content.folder("adapters") / adapter / "expected" / "import.json").read_text(encoding="utf-8")
    )
    assert found.manifest["import"]["sources"] == expected
    assert found.rejects() == []


def test_importing_twice_gives_the_same_bytes(imported, tmp_path):
    adapter, found = imported
    again = Tddui(tmp_path, adapter, _sample(adapter))
    files = sorted(path.relative_to(found.lot) for path in found.lot.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again.lot) for path in again.lot.rglob("*") if path.is_file())
    assert all((found.lot / one).read_bytes() == (again.lot / one).read_bytes() for one in files)


def test_the_persons_and_establishments_of_the_sample_are_invented(imported):
    _, found = imported
    numbers = [number for row in found.rows("etablissement", "finess_et, finess_ej") for number in row]
    assert all(finess.is_valid(number) and number.startswith("00") for number in numbers)
    identities = found.rows("usager", "matricule_ins, oid_ins")
    assert all(ins.is_valid(number) and ins.is_test_oid(oid) for number, oid in identities if number)
    assert found.manifest["mode"] == "test"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_the_command_of_the_guide_imports_the_sample_and_tells_what_it_observed(adapter, tmp_path, capsys):
    sample = content.folder("adapters") / adapter / "sample"
    keys = [word for key, value in KEYS.items() for word in ("--lot-set", f"{key}={value}")]
    assert main(["import", str(sample), "--adapter", adapter, "--out", str(tmp_path / "lot"), *keys]) == 0
    assert "sans rejet (EJ_ABSENT 1, " in capsys.readouterr().out


def test_without_the_keys_that_tddui_does_not_carry_the_import_says_which(tmp_path, capsys):
    sample = content.folder("adapters") / "tddui_fhir" / "sample"
    assert main(["import", str(sample), "--adapter", "tddui_fhir", "--out", str(tmp_path / "lot")]) == 2
    told = capsys.readouterr().err
    assert all(key in told for key in KEYS) and "--lot-set" in told
    assert not Path(tmp_path / "lot").exists()
