"""``esms doctor``: what there is, what is missing and how to get it."""

from __future__ import annotations

import json

import pytest

from esms_sdk.cli import examination, main


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Pretend these versions are installed, and nothing else."""
    monkeypatch.chdir(tmp_path)
    versions = {"duckdb": "2.0.0"}
    required = [
        "duckdb<3,>=2.0",
        "openpyxl>=3; extra == 'excel'",
        "pytest; extra == 'test'",
        "esms-sdk[test]; extra == 'dev'",
    ]

    def version(name):
        if name not in versions:
            raise examination.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(examination.metadata, "requires", lambda name: required)
    monkeypatch.setattr(examination.metadata, "version", version)
    return versions


def test_versions_and_what_is_optional_are_told_with_the_way_to_get_them(installed, capsys):
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "ok      duckdb" in shown and "2.0.0" in shown
    assert "absent  openpyxl" in shown and 'python -m pip install "esms-sdk[excel]"' in shown
    assert "pytest" not in shown


def test_a_missing_engine_is_a_fault_with_its_remedy(installed, capsys):
    installed.clear()
    assert main(["doctor", "--format", "json"]) == 2
    found = {one["sujet"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["duckdb"]["etat"] == "faute"
    assert "pip install" in found["duckdb"]["remede"]
    assert found["contenu conformance/"]["etat"] == "ok"


def test_a_folder_that_cannot_be_written_is_told(installed, capsys, monkeypatch):
    def refuse(**settings):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(examination.tempfile, "TemporaryFile", refuse)
    assert main(["doctor"]) == 0
    assert "écriture impossible" in capsys.readouterr().out
