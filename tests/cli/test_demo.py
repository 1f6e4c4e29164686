"""``esms demo``: the whole chain, in any encoding."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from esms_sdk import content
from esms_sdk.va.verification import verify
from tests.cli.environment import poor_environment

SAID = {
    "lot", "rejets.csv", "libelles_inconnus.csv", "a_completer.csv", "measurereport.json",
    "conformite.html", "conformite.json", "conformite.csv", "matrice.xlsx", "junit.xml",
    "attestation.html", "va.zip", "autorite.pem", "va_altere.zip", "usages.zip",
}  # fmt: skip
FORMATS = {
    f"{stem}.{suffix}" for stem in ("indicateurs", "tableau_de_bord") for suffix in ("json", "csv", "xlsx", "html")
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One run in the poorest environment, as its folder and its completed process."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "esms_sdk", "demo"], cwd=folder, capture_output=True, env=poor_environment()
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return folder, done.stdout.decode("ascii")


def test_the_last_lines_name_each_result_with_one_phrase(demo):
    folder, shown = demo
    named = [line.split()[0] for line in shown.rsplit("\n\n", 1)[1].splitlines()]
    assert all((folder / place).exists() for place in named)
    assert {Path(p).name for p in named} == SAID | FORMATS


def test_the_signed_dossier_is_verified_and_its_altered_copy_is_refused_by_the_name_of_the_file(demo):
    folder, shown = demo
    place = folder / "esms-demo" / "dossiers"
    good, altered = (verify(place / name, place / "autorite.pem") for name in ("va.zip", "va_altere.zip"))
    assert (good.exit_code, altered.exit_code) == (0, 1)
    assert [fault.fichier for fault in altered.differences] == ["indicateurs.csv"]
    assert shown.index("VERIFIE") < shown.index("NON VERIFIE") < shown.index("indicateurs.csv : le fichier a")


def test_the_order_may_be_signed_and_the_usages_say_who_is_not_there_yet(demo):
    folder, _ = demo
    va, usages = (
        json.loads(zipfile.ZipFile(folder / "esms-demo" / "dossiers" / f"{name}.zip").read("manifeste.json"))
        for name in ("va", "usages")
    )
    assert va["signable"] and not usages["signable"]
    assert [one["finess_et"] for one in usages["decisions"] if one["remplie"]] == ["000012013"]


def test_its_indicators_are_those_that_were_worked_out_without_the_engine(demo):
    folder, _ = demo
    found = json.loads((folder / "esms-demo/indicateurs/indicateurs.json").read_text(encoding="utf-8"))
    measure = f"indicateurs_{found['periode']['mesure_le']}_{found['definition']}.json"
    wanted = json.loads((content.folder("samples") / "attendu" / measure).read_text(encoding="utf-8"))
    figures = ("numerateur", "denominateur", "taux", "cible", "etat", "motif", "valeur")
    for one, expected in zip(found["etablissements"], wanted["etablissements"], strict=True):
        assert one["finess_et"] == expected["finess_et"]
        for name, indicator in expected["indicateurs"].items():
            for key in set(figures) & set(indicator):
                assert one["indicateurs"][name][key] == indicator[key], (one["finess_et"], name, key)


def test_its_rejects_are_those_that_were_planted(demo):
    folder, _ = demo
    planted = (content.folder("adapters") / "soleo" / "expected" / "rejets.csv").read_text(encoding="utf-8-sig")
    found = (folder / "esms-demo/lot/rejets/rejets.csv").read_text(encoding="utf-8-sig")
    assert _places(found) == _places(planted)


def _places(rejects: str) -> list[tuple[str, ...]]:
    """Source, line, table, column and code; the keys may be masked."""
    rows = [line.split(";") for line in rejects.splitlines()]
    return sorted((*row[:3], *row[4:6]) for row in rows)


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_run_that_is_asked_to_end_leaves_nothing_behind(tmp_path):
    command = [sys.executable, "-m", "esms_sdk", "demo"]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, env=poor_environment())
    while running.poll() is None and not list(tmp_path.glob(".esms-demo.esms-tmp/*")):
        time.sleep(0.01)
    running.terminate()
    assert running.wait() == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
