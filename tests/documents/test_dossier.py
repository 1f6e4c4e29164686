"""A run over a folder of documents: what it could not judge, and why, is said; never passed over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.cli import main
from esms_sdk.conformance import Asked, Verdict, run
from esms_sdk.content import folder
from esms_sdk.documents import schematron
from tests.documents.tiny_pack import document, write_pack

SAMPLE = (folder("samples") / "documents" / "dlu.xml").read_bytes()


def test_the_files_of_a_folder_that_are_not_recognised_are_named_with_their_reason(tmp_path: Path, capsys: Any):
    for name, data in {
        "dlu.xml": SAMPLE, "vide.xml": b"", "sans.xml": SAMPLE.replace(b'xmlns="urn:hl7-org:v3"', b""),
        "a.ZIP": b"x", "notes.txt": b"x", "238020010100084.xml": b"<a/>",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
    assert main(["check", "--mode", "test", "--format", "json", str(tmp_path)]) == 0
    (entry,) = [one for one in json.loads(capsys.readouterr().out)["entrees"] if one["type"] == "non_reconnus"]
    assert {one["fichier"]: one["motif"] for one in entry["fichiers"]} == {
        "999999999999999.xxx": "contenu non reconnu", "a.ZIP": "contenu non reconnu", "vide.xml": "fichier vide",
        "sans.xml": "ClinicalDocument hors de l'espace de noms urn:hl7-org:v3",
    }  # fmt: skip
    assert main(["check", "--mode", "test", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "4 fichiers non reconnus, non jugés :" in told and "  vide.xml : fichier vide" in told


def test_a_folder_where_nothing_is_recognised_has_nothing_judged(tmp_path: Path, capsys: Any):
    (tmp_path / "vide.xml").write_bytes(b"")
    assert main(["check", "--mode", "test", str(tmp_path)]) == 3
    assert "vide.xml : fichier vide" in capsys.readouterr().out


def test_without_its_engine_the_pack_leaves_its_requirements_undecided_and_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "saxonche", None)
    schematron._saxon.cache_clear()
    (tmp_path / "a.xml").write_bytes(document(""))
    pack = write_pack(tmp_path / "pack")
    try:
        with run(Asked([tmp_path / "a.xml"], mode="test", pack=pack)) as result:
            told = {one.requirement.id: one for one in result.outcomes}
            assert told["ESMS-CDA-91"].verdict is told["ESMS-CDA-92"].verdict is Verdict.INDETERMINE
            assert 'pip install "esms-sdk[schematron]"' in told["ESMS-CDA-91"].motif
            assert told["ESMS-CDA-90"].verdict is Verdict.CONFORME, "the XSD needs no engine"
    finally:
        schematron._saxon.cache_clear()
