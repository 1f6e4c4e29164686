"""``esms document datamatrix``: the payload of a CDA, its drawing, and a payload read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from esms_sdk.cli import main
from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.datamatrix import QUALIFIED, encode, identity_of
from tests.documents.cda_cases import case_bytes

SECRETS = ("238027500100188", "DESSAI", "JEANNE", "14-02-1938", "75101")
PAYLOAD = encode(identity_of(read_cda(case_bytes({}), "a.xml")), statut=QUALIFIED)


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dlu.xml").write_bytes(case_bytes({}))
    Path("lu.txt").write_bytes(PAYLOAD.encode("ascii") + b"\n")


def printed(capsys, *words: str, code: int = 0) -> str:
    assert main(["document", "datamatrix", *words]) == code
    shown = capsys.readouterr()
    assert not any(secret in shown.out + shown.err for secret in SECRETS)
    return shown.err if code else shown.out


def test_a_cda_and_its_payload_tell_the_same_masked(capsys):
    of_cda, of_payload = json.loads(printed(capsys, "dlu.xml", "lu.txt", "--format", "json"))
    assert {**of_cda, "fichier": ""} == {**of_payload, "fichier": ""}
    assert of_cda["longueur"] == len(PAYLOAD)
    assert [one["champ"] for one in of_cda["champs"]] == ["S1", "S2", "S3", "S4", "S5", "S6", "S7"]
    assert of_cda["ecarts"] == []


def test_what_departs_from_the_format_is_told(capsys):
    Path("lu.txt").write_bytes(PAYLOAD.replace("S5F", "").encode("ascii"))
    assert "écart : CHAMP_MANQUANT S5 (sexe)" in printed(capsys, "lu.txt")


def test_out_writes_the_drawing_or_the_payload_and_replaces_only_with_force(capsys):
    printed(capsys, "dlu.xml", "--out", "ins.svg")
    assert Path("ins.svg").read_text(encoding="utf-8").startswith("<?xml")
    printed(capsys, "dlu.xml", "--out", "ins.txt")
    assert Path("ins.txt").read_bytes() == PAYLOAD.encode("ascii")
    printed(capsys, "dlu.xml", "--out", "ins.txt", code=2)
    printed(capsys, "dlu.xml", "--out", "ins.txt", "--force")


def test_two_files_have_no_single_output(capsys):
    assert "E129" in printed(capsys, "dlu.xml", "lu.txt", "--out", "ins.svg", code=2)


def test_a_cda_without_a_qualified_identity_is_refused(capsys):
    Path("dlu.xml").write_bytes(case_bytes({"pose": {"recordTarget/patientRole/id/@root": "1.2.250.1.999.3"}}))
    assert "E127" in printed(capsys, "dlu.xml", code=2)


def test_without_the_engine_nothing_is_written(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ppf.datamatrix", None)
    assert "esms-sdk[datamatrix]" in printed(capsys, "dlu.xml", "--out", "ins.svg", code=2)
    assert not Path("ins.svg").exists()
