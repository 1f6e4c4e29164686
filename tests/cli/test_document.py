"""``esms document``: portraits, metadata and archives from the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from esms_sdk.cli import document_metadata, main
from esms_sdk.documents import xds
from esms_sdk.documents.xdm import read_xdm
from tests.documents.cda_cases import PDF, case_bytes
from tests.documents.courriel_cases import case_message
from tests.documents.xdm_cases import case_archive, unzipped, zipped

WRITTEN = ("238027500100188", "DESSAI", "19380214", "EXEMPLE")
SECRETS = (*WRITTEN, "Dessai", "JEANNE", "14/02/1938", "14-02-1938", "exemple")
PAYLOAD = "IS01" + "0" * 22 + (
    "S1238027500100188S21.2.250.1.213.1.4.10S3JEANNE\x1dS4DESSAI\x1dS5FS614-02-1938S727501"
)  # fmt: skip


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A CDA, its PDF, and another CDA of the same person, where the command runs."""
    monkeypatch.chdir(tmp_path)
    Path("dlu.xml").write_bytes(case_bytes({"document": "dlu"}))
    Path("dlu.pdf").write_bytes(PDF)
    Path("vide.eml").write_bytes(b"")
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


def test_a_message_is_told_with_who_writes_and_what_it_carries_all_of_it_masked(capsys):
    told = {"To": "238027500100188@patient.mssante.fr", "Cc": "Jeanne Dessai <jeanne.dessai@ville.mssante.fr>"}
    Path("recu.bin").write_bytes(case_message({"entete": told}))
    (message,) = json.loads(printed(capsys, "inspect", "recu.bin", "--format", "json"))
    assert (message["nature"], message["objet"][:12]) == ("message MSSanté", "XDM/1.0/DDM+")
    assert message["destinataires"] == ["usager (Mon espace santé)", "xxxxxx.xxxxxx@xxxxx.mssante.fr"]
    assert message["libelle_expediteur"] == ["Xx_Xxx_XXXXXXX_XXXXX"]
    assert [message[f"X-MSS-{name}"] for name in ("NIL", "CODECDA", "INS")] == ["ESSAI-0001", "28653-4", "O"]
    archive, pdf = message["pieces"]
    assert [one["typeCode"] for one in archive["lots"][0]["documents"]] == ["28653-4"]
    assert (archive["nom"], pdf["pdf_a"]) == ("IHE_XDM.zip", "PDF/A-1B")
    assert "libelle_expediteur" in printed(capsys, "inspect", "recu.bin")


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({"report": [["text/plain", "x"], ["message/disposition-notification",
                     "Disposition: automatic-action/MDN-sent-automatically; processed/error\r\nError: 901^DESSAI\r\n"]]},
         ("notification de disposition (MDN)", "901")),
        ({"entete": {"Subject": "[KO Intégration système !][901] XDM/1.0/DDM+Document DESSAI JEANNE 14/02/1938"}},
         ("échec d'intégration dit par un message", None)),
        ({"xdm": {"coupe": 0.5}}, ("message MSSanté", None)),
        ({"entete": {"Subject": "DESSAI JEANNE", "From": "DESSAI", "X-MSS-INS": "DESSAI", "X-MSS-CODECDA": "Jeanne Dessai"}},
         ("message MSSanté", None)),
    ],
)  # fmt: skip
def test_a_notification_and_a_damaged_message_are_told_too(capsys, case, told):
    Path("a.eml").write_bytes(case_message(case))
    (message,) = json.loads(printed(capsys, "inspect", "a.eml", "--format", "json"))
    assert (message["nature"], message.get("erreur")) == told


def test_metadata_and_a_datamatrix_are_told_by_their_content(capsys):
    printed(capsys, "metadata", "dlu.xml", "--out", "m.bin")
    Path("lu.bin").write_bytes(PAYLOAD.encode("ascii"))
    metadata, payload = json.loads(printed(capsys, "inspect", "m.bin", "lu.bin", "--format", "json"))
    assert (metadata["nature"], [one["typeCode"] for one in metadata["documents"]]) == ("métadonnées XDS", ["28653-4"])
    assert (payload["longueur"], payload["ecarts"]) == (len(PAYLOAD), [])
    assert {one["champ"]: one["valeur"] for one in payload["champs"]}["S2"] == "1.2.250.1.213.1.4.10"


def test_metadata_are_masked_on_the_screen_and_whole_in_the_file(capsys):
    text = printed(capsys, "metadata", "dlu.xml", "--out", "METADATA.XML")
    assert "urn:asip:ci-sis:dlu:2015" in text and "…0188^^^&1.2.250.1.213.1.4.10&ISO^NH" in text
    assert all(secret in Path("METADATA.XML").read_text(encoding="utf-8") for secret in WRITTEN)


def test_xdm_builds_an_archive_that_check_accepts(capsys):
    printed(capsys, "xdm", "dlu.xml", "dlu.pdf", "autre.xml", "--visibility", "MASQUE_PS", "--out", "IHE_XDM.ZIP")
    assert len(read_xdm(Path("IHE_XDM.ZIP")).subsets[0].files) == 3
    assert main(["check", "IHE_XDM.ZIP", "--mode", "test", "--quiet"]) == 0
    capsys.readouterr()
    (told,) = json.loads(printed(capsys, "inspect", "IHE_XDM.ZIP", "--format", "json"))
    assert [one["confidentialityCode"] for one in told["lots"][0]["documents"]] == ["N, MASQUE_PS"] * 3


def test_inspect_shows_no_word_of_an_archive_that_is_not_of_the_profile(capsys):
    files = unzipped(case_archive({}))
    metadata = files["IHE_XDM/SUBSET01/METADATA.XML"]
    sized = re.sub(rb'(name="size">.*?<rim:Value>)[^<]*', rb"\1Dessai", metadata, flags=re.DOTALL)
    for folder in ("IHE_XDM/DESSAI_JEANNE", "IHE_XDM/238027500100188"):
        moved = {name.replace("IHE_XDM/SUBSET01", folder): data for name, data in files.items()}
        moved[f"{folder}/METADATA.XML"] = sized
        Path("a.ZIP").write_bytes(zipped(moved))
        (told,) = json.loads(printed(capsys, "inspect", "a.ZIP", "--format", "json"))
        assert told["lots"][0]["dossier"].startswith("IHE_XDM/")
        assert told["lots"][0]["documents"][0]["size"] == "Xxxxxx"


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
        (("inspect", "vide.eml"), "ESMS-E392"),
        (("metadata", "dlu.pdf"), "ESMS-E183"),
        (("metadata", "dlu.xml", "autre.xml", "--replaces", "urn:uuid:1"), "ESMS-E183"),
        (("xdm", "dlu.xml", "dlu.xml", "--out", "a.zip"), "ESMS-E182"),
        (("xdm", "dlu.xml", "--class", "77", "--out", "a.zip"), "ESMS-E180"),
        (("xdm", "dlu.xml", "--recipient", "x^y", "--out", "a.zip"), "ESMS-E180"),
        (("xdm", "dlu.xml", "--submission-time", "2026", "--out", "a.zip"), "ESMS-E180"),
        (("xdm", "dlu.xml"), "--out"),
        (("datamatrix", "dlu.pdf"), "ni un document CDA, ni le contenu d'un datamatrix"),
        (("datamatrix", "vide.eml"), "ESMS-E183"),
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
