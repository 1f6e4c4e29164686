"""The same result gives the same bytes, whatever the folder, the time zone, the locale and the hash seed."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import esms_sdk
from esms_sdk.export import write_indicators
from esms_sdk.indicators.result import Indicateurs

NAMES = ["indicateurs.csv", "indicateurs.html", "indicateurs.json", "indicateurs.xlsx", "measurereport.json"]
WRITE = """
import pickle, sys
from pathlib import Path
from esms_sdk.export import write_indicators
write_indicators(pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]))
"""


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def written(result: Indicateurs, folder: Path) -> dict[str, str]:
    folder.mkdir()
    assert sorted(path.name for path in write_indicators(result, folder)) == NAMES
    return digests(folder)


def test_writing_twice_gives_the_same_bytes(result: Indicateurs, tmp_path: Path) -> None:
    assert written(result, tmp_path / "one") == written(result, tmp_path / "two")


def test_lines_end_the_same_way_on_every_system(result: Indicateurs, tmp_path: Path) -> None:
    written(result, tmp_path / "one")
    for name in ("indicateurs.html", "indicateurs.json", "measurereport.json"):
        assert b"\r" not in (tmp_path / "one" / name).read_bytes()


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["east", "west", "plain locale"],
)
def test_another_machine_gives_the_same_bytes(environment: dict[str, str], result: Indicateurs, tmp_path: Path) -> None:
    (tmp_path / "result.pickle").write_bytes(pickle.dumps(result))
    there = tmp_path / "elsewhere"
    there.mkdir()
    root = str(Path(esms_sdk.__file__).parent.parent)
    subprocess.run(
        [sys.executable, "-c", WRITE, str(tmp_path / "result.pickle"), str(there)],
        check=True,
        cwd=there,
        env={**os.environ, "PYTHONPATH": root, **environment},
    )
    assert digests(there) == written(result, tmp_path / "here")


def test_the_heavy_libraries_are_imported_by_their_writer_only() -> None:
    code = "import esms_sdk.export, sys; sys.exit(bool({'jinja2', 'xlsxwriter', 'duckdb', 'rich'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
