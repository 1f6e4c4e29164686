"""The official scenario, played with the commands: a list of FINESS, 24 months, ten documents a month and channel.

Ségur requirement TBB of the other couloirs of vague 1 (proofs TBB/va1.05.01): dashboard and extraction must show 10 for
the month, 10·m for the year in its m-th month, 120 for the year before, and one failure a channel.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.cli import main
from esms_sdk.conformance import Asked, Verdict, catalogue, run

NUMBERS = ("750712184", "2A0000014", "000012039")
CHANNELS = ("dmp", "mss_pro", "mss_citoyenne")
PERIODS = ("mois_courant", "annee_courante", "annee_precedente")
DAYS = {"2025-05-31": 5, "2025-12-31": 12}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "tableau_de_bord.md"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenario")
    finess = [word for number in NUMBERS for word in ("--finess", number)]
    lot = str(folder / "lot")
    assert main(["sample", "generate", "--scenario", "tbb", "--persons", "140", *finess, "--out", lot, "--quiet"]) == 0
    for day in DAYS:
        assert main(["dashboard", lot, "--as-of", day, "--out", str(folder / day), "--quiet"]) == 0
    return folder


def _document(played: Path, day: str) -> dict[str, Any]:
    return json.loads((played / day / "tableau_de_bord.json").read_text(encoding="utf-8"))


def _lines(played: Path, day: str) -> list[dict[str, str]]:
    text = (played / day / "tableau_de_bord.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


@pytest.mark.parametrize(("day", "month"), DAYS.items())
def test_the_dashboard_shows_10_and_10_m_and_120_a_channel_for_each_finess(played, day, month):
    places = _document(played, day)["etablissements"]
    assert [one["finess_et"] for one in places] == sorted(NUMBERS)
    for one in places:
        for canal in CHANNELS:
            assert [one["periodes"][name][canal]["total"] for name in PERIODS] == [10, 10 * month, 120]
        assert all(one["periodes"][name]["couverte"] for name in PERIODS)
        assert len(one["par_rpps"]) == 1


@pytest.mark.parametrize(("day", "month"), DAYS.items())
def test_the_extraction_shows_the_same(played, day, month):
    lines = _lines(played, day)
    for rpps in (True, False):
        found = {
            (line["finess_et"], line["periode"], line["mesure"]): int(line["valeur"])
            for line in lines
            if line["mesure"].endswith(".total") and bool(line["rpps"]) == rpps and line["periode"] in PERIODS
        }
        wanted = dict(zip(PERIODS, (10, 10 * month, 120), strict=True))
        assert found == {
            (number, name, f"{canal}.total"): wanted[name]
            for number in NUMBERS
            for name in PERIODS
            for canal in CHANNELS
        }


def test_the_course_has_ten_documents_a_month_and_channel_over_the_24_months(played):
    for one in _document(played, "2025-12-31")["cours_mensuel"]:
        assert [month["debut"][:7] for month in one["mois"]] == [
            f"{y}-{m:02}" for y in (2024, 2025) for m in range(1, 13)
        ]
        assert {month[canal] for month in one["mois"] for canal in CHANNELS} == {10}
        assert all(month["couverte"] for month in one["mois"])
    early = _document(played, "2025-05-31")["cours_mensuel"][0]["mois"]
    assert Counter((month["couverte"], month["dmp"]) for month in early) == {(False, 0): 7, (True, 10): 17}


def test_there_is_one_failure_a_channel(played):
    last = _document(played, "2025-12-31")
    for one, course in zip(last["etablissements"], last["cours_mensuel"], strict=True):
        for name, wanted in zip(PERIODS, ((1, 2), (1, 2), (0, 0)), strict=True):
            failed = one["periodes"][name]["echecs"]
            assert (failed["dmp"], failed["mss"]) == wanted
        assert [(m["echecs"]["dmp"], m["echecs"]["mss"]) for m in course["mois"]] == [(0, 0)] * 23 + [(1, 2)]


def test_the_drawings_and_the_table_of_the_page_show_them(played):
    page = (played / "2025-12-31" / "tableau_de_bord.html").read_text(encoding="utf-8")
    told = "De janvier 2024 à décembre 2025\xa0: toujours 10 par mois, le dernier mois 10."
    assert page.count(told) == len(NUMBERS) * len(CHANNELS)
    assert page.count('<th scope="row">décembre 2025</th><td class="n">10</td>') == len(NUMBERS)


def test_the_extraction_that_the_command_wrote_is_conforme_to_the_requirements_of_tbb(played):
    kept = {id: one for id, one in catalogue().items() if id.startswith("ESMS-TBB-")}
    result = run(Asked([played / "lot", played / "2025-12-31" / "tableau_de_bord.csv"], requirements=kept, mode="test"))
    try:
        verdicts = {one.requirement.id: one.verdict for one in result.outcomes}
        judged = {id for id, verdict in verdicts.items() if verdict is Verdict.CONFORME}
        assert {f"ESMS-TBB-{n:02}" for n in range(1, 10)} <= judged
        assert set(verdicts.values()) <= {Verdict.CONFORME, Verdict.NON_VERIFIE, Verdict.NON_APPLICABLE}
    finally:
        result.findings.close()


def test_the_page_of_the_format_shows_lines_of_this_extraction_and_names_every_code(played):
    page = PAGE.read_text(encoding="utf-8")
    text = (played / "2025-12-31" / "tableau_de_bord.csv").read_bytes().decode("utf-8-sig")
    shown = [line for line in page.splitlines() if line.count(";") == 10]
    assert len(shown) == 6
    assert [line for line in shown if line not in text.splitlines()] == []
    for column in ("periode", "mesure"):
        assert {
            code for code in {line[column] for line in _lines(played, "2025-12-31")} if f"`{code}`" not in page
        } == set()
    assert [name for name in text.splitlines()[0].split(";") if f"`{name}`" not in page] == []
