"""The TBB scenario: what the dashboard says of its sends is what the scenario promised, in every form it is written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.adapter import import_lot
from esms_sdk.cli import main
from esms_sdk.dashboard import compute_dashboard
from esms_sdk.errors import UsageError
from esms_sdk.export import dashboard_document
from esms_sdk.identifiers import finess
from esms_sdk.lot import open_lot
from esms_sdk.sample import generate, mediadom, tbb
from esms_sdk.sample.build import build

NUMBERS = ("750712184", "2A0000014", "000012039")


@pytest.fixture(scope="module")
def lot(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("tbb")
    generate("lot", out, 3, personnes=140, scenario="tbb", finess=NUMBERS)
    return out


def _expected(folder: Path) -> dict[str, list[dict[str, Any]]]:
    document = json.loads((folder / tbb.EXPECTED).read_text(encoding="utf-8"))
    return {one["arrete_au"]: one["etablissements"] for one in document["tableaux"]}


def _differences(wanted: Any, found: Any, place: str = "") -> list[str]:
    """Where ``found`` does not say what ``wanted`` says; it may say more."""
    if isinstance(wanted, dict):
        return [text for key in wanted for text in _differences(wanted[key], found.get(key), f"{place}/{key}")]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [
            text
            for n, pair in enumerate(zip(wanted, found, strict=True))
            for text in _differences(*pair, f"{place}/{n}")
        ]
    return [] if wanted == found else [f"{place}: {found}, {wanted} expected"]


def _said(lot: Path, *days: str) -> dict[str, list[dict[str, Any]]]:
    with open_lot(lot) as opened:
        return {
            one: dashboard_document(compute_dashboard(opened, date.fromisoformat(one)))["etablissements"]
            for one in days
        }


def test_ten_a_month_ten_times_m_a_year_and_120_the_year_before(lot):
    (one, *_) = _expected(lot)["2025-05-31"]
    for canal in ("dmp", "mss_pro", "mss_citoyenne"):
        totals = [one["periodes"][p][canal]["total"] for p in ("mois_courant", "annee_courante", "annee_precedente")]
        assert totals == [10, 50, 120]
    assert one["periodes"]["annee_courante"]["mss_pro"] == {"total": 50, "ins_qualifiee": 40, "ins_non_qualifiee": 10}
    assert one["periodes"]["annee_courante"]["echecs"] == {"dmp": 0, "mss": 0}
    last = _expected(lot)["2025-12-31"][0]["periodes"]
    assert (last["mois_courant"]["echecs"], last["annee_precedente"]["echecs"]) == (
        {"dmp": 1, "mss": 2},
        {"dmp": 0, "mss": 0},
    )
    assert not _expected(lot)["2024-12-31"][0]["periodes"]["annee_precedente"]["couverte"]


def test_the_dashboard_of_the_lot_says_what_the_scenario_promised(lot):
    wanted = _expected(lot)
    assert len(wanted) == 24 and [one["finess_et"] for one in wanted["2024-01-31"]] == sorted(NUMBERS)
    for as_of, found in _said(lot, "2024-01-31", "2024-12-31", "2025-05-31", "2025-12-31").items():
        assert _differences(wanted[as_of], found) == [], as_of


@pytest.mark.parametrize("vendor", ["soleo", "hestia", "mediadom"])
def test_a_vendors_export_of_the_scenario_gives_the_same_dashboard(vendor, tmp_path):
    generate(vendor, tmp_path, 3, personnes=140, scenario="tbb", finess=NUMBERS[:1])
    source = tmp_path / "export"
    if vendor == "mediadom":
        source = mediadom.load((source / mediadom.SCRIPT).read_bytes(), tmp_path / "mediadom.sqlite")
    report = import_lot([source], vendor, tmp_path / "lot")
    assert (report.exit_code, report.rejets, report.libelles_inconnus) == (0, 0, 0)
    wanted = _expected(tmp_path)
    for as_of, found in _said(tmp_path / "lot", "2024-06-30", "2025-12-31").items():
        assert _differences(wanted[as_of], found) == [], as_of


def test_without_numbers_the_seven_establishments_of_the_world_send():
    inside = [one.finess_et for one in tbb.establishments(()) if one.dans_perimetre]
    assert len(inside) == 7 and "000012013" in inside


def test_more_numbers_than_establishments_make_more_of_them():
    numbers = [f"7500000{order}" + finess.key(f"7500000{order}") for order in range(1, 10)]
    made = tbb.establishments([*numbers, numbers[0]])
    assert [one.finess_et for one in made] == numbers and len({(one.nom, one.serie) for one in made}) == 9
    world = build(1, 140, scenario="tbb", finess=numbers)
    assert len([one for one in world.flux if one.finess_et == numbers[8]]) == 241


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"scenario": "tbb", "finess": ["000000118"]}, "ESMS-E140"),
        ({"finess": ["000012013"]}, "ESMS-E193"),
        ({"scenario": "autre"}, "ESMS-E193"),
    ],
)
def test_a_number_without_its_scenario_or_its_key_is_refused(options, code):
    with pytest.raises(UsageError, match=code):
        build(1, 300, **options)


def test_the_command_writes_the_lot_and_what_the_dashboard_must_say(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert (
        main(["sample", "generate", "--scenario", "tbb", "--persons", "140", "--finess", "750712184", "--out", "tbb"])
        == 0
    )
    assert "attendu_tbb.json" in capsys.readouterr().out
    with open_lot(Path("tbb")) as opened:
        assert opened.manifest.perimetre == ("750712184",)
    assert main(["sample", "generate", "--finess", "750712184", "--out", "other"]) == 2
