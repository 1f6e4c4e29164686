"""What a message carries is judged by the rules of archives, metadata and documents, and said to be in the message."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.checks.documents import Examination
from esms_sdk.checks.mss_courriel import letter, passed_on
from esms_sdk.conformance import Asked, run
from tests.documents.cda_cases import case_bytes
from tests.documents.courriel_cases import case_message
from tests.documents.test_courriel_cases import judged

DOC, METADATA = "IHE_XDM/SUBSET01/DOC0001.XML", "IHE_XDM/SUBSET01/METADATA.XML"
WRONG_LANGUAGE = ['code="fr-FR"', 'code="FRA00"']


def found(seen: Examination) -> list[tuple[str, str | None]]:
    return [(f"{one.exigence}.{one.code}", one.xpath) for one in seen.found]


def domains(seen: Examination) -> set[str]:
    return {id.split("-")[1] for id in seen.judged}


def test_a_sound_message_has_its_archive_metadata_and_documents_judged(tmp_path: Path):
    seen = judged(tmp_path, case_message({}))
    assert found(seen) == []
    assert seen.undecided == {}
    assert domains(seen) == {"MSS", "XDM", "XDS", "CDA", "DMP"}


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        ({"xdm": {"document": [WRONG_LANGUAGE]}}, [
            ("ESMS-XDS-01.EMPREINTE", f"IHE_XDM.zip > {METADATA}#ExtrinsicObject[1]/hash"),
            ("ESMS-XDS-06.LANGUE", f"IHE_XDM.zip > {METADATA}#ExtrinsicObject[1]/languageCode"),
            ("ESMS-CDA-04.LANGUE", f"IHE_XDM.zip > {DOC}#ClinicalDocument/languageCode"),
        ]),
        ({"xdm": {"retire": ["INDEX.HTM"]}}, [("ESMS-XDM-02.INDEX_ABSENT", "IHE_XDM.zip > INDEX.HTM")]),
        ({"xdm": {"metadonnees": [['nodeRepresentation="28653-4"', 'nodeRepresentation="18761-7"']]}}, [
            ("ESMS-XDS-03.TYPE", f"IHE_XDM.zip > {METADATA}#ExtrinsicObject[1]/typeCode"),
        ]),
        ({"xdm": {"coupe": 0.5}}, [("ESMS-MSS-04.XDM_ILLISIBLE", "piece[1]"), ("ESMS-XDM-01.ILLISIBLE", "IHE_XDM.zip")]),
    ],
    ids=["un document", "l'archive", "les métadonnées", "une archive coupée"],
)  # fmt: skip
def test_a_defect_of_what_is_carried_is_told_with_its_place(tmp_path: Path, case: Any, wanted: Any):
    assert found(judged(tmp_path, case_message(case))) == wanted


def test_a_document_attached_outside_of_an_archive_is_judged_too(tmp_path: Path):
    text = case_bytes({"retire": "title"}).decode("utf-8")
    case = {"sans_xdm": True, "pieces": [["a.xml", "text/xml", text]], "entete": {"X-MSS-CODECDA": "", "X-MSS-INS": ""}}
    assert ("ESMS-CDA-04.TITRE", "piece[2] > ClinicalDocument") in found(judged(tmp_path, case_message(case)))


def attached(name: str, data: bytes, type: str = "application/octet-stream") -> bytes:
    """A sound message with one more piece, the third."""
    message = case_message({})
    end = message.rindex(b"--=_m--")
    piece = (f'--=_m\r\nContent-Type: {type}\r\nContent-Transfer-Encoding: base64\r\n'
             f'Content-Disposition: attachment; filename="{name}"\r\n\r\n').encode()  # fmt: skip
    return message[:end] + piece + base64.encodebytes(data) + b"\r\n" + message[end:]


def zipped(files: Any) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, data in files:
            made.writestr(name, data)
    return held.getvalue()


SOUND = case_bytes({"retire": "relatedDocument", "pose": {"versionNumber/@value": "1"}})
OF_ANOTHER = (
    SOUND.replace(b"238027500100188", b"253072B07300470").replace(b"IPP-1", b"IPP-2").replace(b"DESSAI", b"AUTRE")
)


def test_a_loose_document_of_another_person_makes_the_message_one_of_two_persons(tmp_path: Path):
    told = found(judged(tmp_path, attached("autre.xml", OF_ANOTHER, "text/xml")))
    assert ("ESMS-MSS-05.PLUSIEURS_PERSONNES", "pieces") in told
    same = found(judged(tmp_path, attached("meme.xml", SOUND, "text/xml")))
    assert not any(id.startswith("ESMS-MSS-05") for id, _ in same)


def test_two_loose_documents_of_two_persons_are_seen_without_an_archive(tmp_path: Path):
    pieces = [["a.xml", "text/xml", SOUND.decode()], ["b.xml", "text/xml", OF_ANOTHER.decode()]]
    told = found(judged(tmp_path, case_message({"sans_xdm": True, "pieces": pieces})))
    assert ("ESMS-MSS-05.PLUSIEURS_PERSONNES", "pieces") in told
    assert not any(id.endswith("SANS_PATIENT_ID") for id, _ in told)


def test_who_a_loose_document_that_cannot_be_read_is_of_is_undecided(tmp_path: Path):
    seen = judged(tmp_path, attached("casse.xml", SOUND[: len(SOUND) // 2], "text/xml"))
    assert "hors de l'archive" in seen.undecided["ESMS-MSS-05"]


@pytest.mark.parametrize(
    "data",
    [zipped([("a.xml", SOUND)]), gzip.compress(SOUND), b"Rar!\x1a\x07\x00"],
    ids=["un zip ordinaire", "un gz", "un rar"],
)
def test_a_piece_that_may_hold_a_document_and_has_no_judge_is_told(tmp_path: Path, data: bytes):
    seen = judged(tmp_path, attached("piece.bin", data))
    assert found(seen) == [("ESMS-MSS-04.PIECE_NON_JUGEE", "piece[3]")]


def test_an_office_document_is_a_zip_that_holds_none(tmp_path: Path):
    assert found(judged(tmp_path, attached("a.docx", zipped([("[Content_Types].xml", b"<a/>")])))) == []


@pytest.mark.parametrize("before", [b"MZ" + bytes(100), b""], ids=["précédée d'autre chose", "nommée tard"])
def test_an_archive_is_known_by_its_list_of_names(tmp_path: Path, before: bytes):
    data = before + zipped([("README.TXT", bytes(70_000)), ("IHE_XDM/SUBSET01/METADATA.XML", b"<x/>")])
    told = found(judged(tmp_path, attached("documents.bin", data)))
    assert ("ESMS-XDM-02.INDEX_ABSENT", "piece[3] > INDEX.HTM") in told
    assert ("ESMS-MSS-04.PLUSIEURS_XDM", "piece[3]") in told


def test_a_loose_document_is_known_after_a_long_comment(tmp_path: Path):
    text = case_bytes({"retire": "title"}).replace(b"?>", b"?><!--" + b"x" * 70_000 + b"-->", 1)
    told = found(judged(tmp_path, attached("a.xml", text, "text/xml")))
    assert ("ESMS-CDA-04.TITRE", "piece[3] > ClinicalDocument") in told


def test_archives_beyond_the_bound_are_undecided_and_never_passed_over(tmp_path: Path, monkeypatch: Any):
    two = case_message({"deux_xdm": True, "xdm": {"retire": ["INDEX.HTM"]}})
    both = [place for id, place in found(judged(tmp_path, two)) if id == "ESMS-XDM-02.INDEX_ABSENT"]
    assert both == ["IHE_XDM.zip > INDEX.HTM", "piece[2] > INDEX.HTM"]
    for module in (letter, passed_on):
        monkeypatch.setattr(module, "OPENED", 1)
    seen = judged(tmp_path, two)
    assert Counter(id for id, _ in found(seen))["ESMS-XDM-02.INDEX_ABSENT"] == 1
    assert "ne sont pas jugées" in seen.undecided["ESMS-XDM-01"]
    assert "ESMS-MSS-05" in seen.undecided


@pytest.mark.parametrize(
    "case",
    [
        {
            "entete": {"Subject": "[KO Intégration système !][901] XDM/1.0/DDM+Document"},
            "xdm": {"retire": ["INDEX.HTM"]},
        },
        {"report": [["text/plain", "x"], ["message/disposition-notification", "Disposition: x"]]},
    ],
)
def test_what_a_notification_returns_is_not_judged_again(tmp_path: Path, case: Any):
    assert domains(judged(tmp_path, case_message(case))) <= {"MSS"}


def test_a_run_says_the_defect_in_the_file_of_the_message_and_nothing_of_the_person(tmp_path: Path):
    path = tmp_path / "a.eml"
    path.write_bytes(case_message({"xdm": {"document": [WRONG_LANGUAGE]}}))
    with run(Asked([path], profile="pa-ph-dom-vague2", mode="test")) as result:
        lines = list(result.lines())
        assert [tuple(one.values()) for one in result.fichiers] == [
            ("a.eml", "courriel", "non_conforme"),
            ("a.eml > IHE_XDM.zip", "xdm", "non_conforme"),
            (f"a.eml > IHE_XDM.zip > {DOC}", "cda", "non_conforme"),
        ]
        verdicts = {one.requirement.id: one.verdict.value for one in result.outcomes}
    assert [(one.exigence, one.fichier) for one in lines] == [
        ("ESMS-CDA-04", "a.eml"), ("ESMS-XDS-01", "a.eml"), ("ESMS-XDS-06", "a.eml"),
    ]  # fmt: skip
    assert all(one.xpath.startswith("IHE_XDM.zip > IHE_XDM/SUBSET01/") for one in lines)
    assert (verdicts["ESMS-CDA-04"], verdicts["ESMS-CDA-03"], verdicts["ESMS-XDM-02"]) == (
        "non_conforme", "conforme", "conforme",
    )  # fmt: skip
    assert not any(secret in str(lines) for secret in ("DESSAI", "JEANNE", "238027500100"))
