"""``esms document``: portraits, metadata and archives from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esms_sdk.cli import document_metadata, main
from esms_sdk.documents import xds
from esms_sdk.documents.xdm import read_xdm
from tests.documents.cda_cases import PDF, case_bytes

SECRETS = ("238027500100188", "DESSAI", "19380214", "EXEMPLE")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A CDA, its PDF, and another CDA of the same person, where the command runs."""
    monkeypatch.chdir(tmp_path)
    Path("dlu.xml").write_bytes(case_bytes({"document": "dlu"}))
    Path("dlu.pdf").write_bytes(PDF)
    Path("autre.xml").write_bytes(case_bytes({"pose": {"id/@root": "1.2.250.1.999.1.2"}}))


def printed(capsys, *words: str, code: int = 0) -> str:
    assert main(["document", *words]) == code
    shown = capsys.readouterr()
    text = shown.err if code else shown.out
    assert not any(secret in shown.out + shown.err for secret in SECRETS)
    return text


def test_inspect_tells_what_a_cda_is(capsys):
    (told,) = json.loads(printed(capsys, "inspect", "dlu.xml", "--format", "json"))
    assert (told["nature"], told["format"].split()[0], told["auteurs"]) == ("CDA", "urn:asip:ci-sis:dlu:2015", 2)
    assert told["ins"] == "NIR de test, …0188"


def test_metadata_are_masked_on_the_screen_and_whole_in_the_file(capsys):
    text = printed(capsys, "metadata", "dlu.xml", "--out", "METADATA.XML")
    assert "urn:asip:ci-sis:dlu:2015" in text and "…0188^^^&1.2.250.1.213.1.4.10&ISO^NH" in text
    assert all(secret in Path("METADATA.XML").read_text(encoding="utf-8") for secret in SECRETS)


def test_xdm_builds_an_archive_that_check_accepts(capsys):
    printed(capsys, "xdm", "dlu.xml", "dlu.pdf", "autre.xml", "--visibility", "MASQUE_PS", "--out", "IHE_XDM.ZIP")
    assert len(read_xdm(Path("IHE_XDM.ZIP")).subsets[0].files) == 3
    assert main(["check", "IHE_XDM.ZIP", "--mode", "test", "--quiet"]) == 0
    capsys.readouterr()
    (told,) = json.loads(printed(capsys, "inspect", "IHE_XDM.ZIP", "--format", "json"))
    assert [one["confidentialityCode"] for one in told["lots"][0]["documents"]] == ["N, MASQUE_PS"] * 3


def test_an_archive_is_replaced_only_when_asked(capsys):
    asked = ("xdm", "dlu.xml", "--out", "a.zip")
    printed(capsys, *asked)
    assert "[ESMS-E501]" in printed(capsys, *asked, code=2)
    printed(capsys, *asked, "--force")


def test_the_readme_names_the_sender(capsys):
    printed(capsys, "xdm", "dlu.xml", "--sender-organization", "SAAD du Lac", "--out", "a.zip")
    assert b"Organisme : SAAD du Lac\r\n" in read_xdm(Path("a.zip")).files["README.TXT"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("inspect", "absent.xml"), "ESMS-E347"),
        (("inspect", "dlu.pdf"), "ESMS-E183"),
        (("metadata", "dlu.pdf"), "ESMS-E183"),
        (("metadata", "dlu.xml", "autre.xml", "--replaces", "urn:uuid:1"), "ESMS-E183"),
        (("xdm", "dlu.xml", "dlu.xml", "--out", "a.zip"), "ESMS-E182"),
        (("xdm", "dlu.xml", "--class", "77", "--out", "a.zip"), "ESMS-E180"),
        (("xdm", "dlu.xml"), "--out"),
        ((), "ACTION"),
    ],
)
def test_what_is_wrong_is_said_with_code_2(capsys, words, code):
    assert code in printed(capsys, *words, code=2)
    assert not Path("a.zip").exists()


def test_a_pdf_of_no_cda_is_not_guessed(capsys):
    Path("rapport.pdf").write_bytes(PDF)
    assert "de quel CDA" in printed(capsys, "xdm", "dlu.xml", "autre.xml", "rapport.pdf", "--out", "a.zip", code=2)


def test_the_visibilities_of_the_help_are_those_of_the_metadata():
    assert document_metadata.VISIBILITY == xds.VISIBILITY
