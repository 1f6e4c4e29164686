"""The runs that the reports are shown on, made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from esms_sdk.conformance import Conformity
from esms_sdk.report import write_reports
from esms_sdk.report.junit import write_junit
from tests.lots import SSIAD
from tests.report import world

KINDS = ("ecarts", "connus", "illisible", "vide", "declare", "plusieurs", "echec")


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Conformity]]:
    """One run of each kind: failing, with a waiver, a baseline, declarations, an unreadable and an empty lot, two lots."""
    folder = tmp_path_factory.mktemp("runs")
    persons = [{"nom_utilise": "ROUGE"}, {"nom_utilise": "ROUGE", "finess_et": SSIAD}, {"prenom_utilise": "JAUNE"}, {}]
    lot = world.lot(folder / "lot", persons)
    empty = world.lot(folder / "vide", [])
    unreadable = world.lot(folder / "illisible", [{}])
    (unreadable / "dossier.csv").unlink()
    proof = world.write(folder / "preuve.txt", "capture")
    with ExitStack() as opened:

        def run(*paths: Path, **keys: Path) -> Conformity:
            return opened.enter_context(world.judged(*paths, command_line="esms check lot", **keys))

        found = {"echec": run(lot), "vide": run(empty), "illisible": run(unreadable), "plusieurs": run(lot, unreadable)}
        waivers = world.write(folder / "ecarts.toml", world.waiver())
        found["ecarts"] = run(lot, waivers=waivers)
        write_reports(found["echec"], folder, ["csv"])
        found["connus"] = run(lot, baseline=folder / "conformite.csv")
        found["declare"] = run(lot, declarations=world.write(folder / "d.toml", world.declaration(proof)))
        yield found


@pytest.fixture(params=KINDS)
def result(request: pytest.FixtureRequest, runs: dict[str, Conformity]) -> Conformity:
    """Each of the runs."""
    return runs[request.param]


@pytest.fixture
def junit(tmp_path: Path):
    """Write the JUnit file of a run and return its path."""
    return lambda result: write_junit(tmp_path / "junit.xml", result)
