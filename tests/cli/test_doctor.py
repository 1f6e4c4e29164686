"""``esms doctor``: what there is, what is missing and how to get it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from esms_sdk.cli import examination, main

ROOT = Path(__file__).resolve().parent.parent.parent


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


def test_every_package_of_the_project_is_looked_for_and_an_extra_says_what_it_is_for(installed, monkeypatch, capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: listed for name, listed in project["optional-dependencies"].items() if name not in ("dev", "test")}
    asked = [*project["dependencies"], *(f"{one}; extra == '{name}'" for name, of in extras.items() for one in of)]
    monkeypatch.setattr(examination.metadata, "requires", lambda name: asked)
    main(["doctor", "--format", "json"])
    found = {one["sujet"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(examination.USES) == set(extras)
    for name, extra in (("saxonche", "schematron"), ("ppf-datamatrix", "datamatrix"), ("typst", "pdf")):
        assert found[name]["etat"] == "absent" and examination.USES[extra] in found[name]["constat"]
        assert found[name]["remede"] == f'python -m pip install "esms-sdk[{extra}]"'
    for name in ("asn1crypto", "cryptography", "lxml"):
        assert found[name]["etat"] == "faute" and "pip install" in found[name]["remede"]


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
