"""Messages: read whatever they hold, built around an archive, judged in a run of ``esms check``."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.checks.documents import Setting, Unreadable, recognised
from esms_sdk.checks.mss_courriel.letter import RULES, Letter
from esms_sdk.conformance import Asked, Conformity, Verdict, run
from esms_sdk.conformance.catalogue import catalogue
from esms_sdk.documents.courriel import Mailbox, Sending, build_message, read_message
from esms_sdk.documents.courriel.carried import open_archive, together
from esms_sdk.documents.courriel.reading import UnreadableMessage
from esms_sdk.errors import UsageError
from tests.documents.cda_cases import PDF
from tests.documents.courriel_cases import TEXT, archive, case_message
from tests.documents.test_courriel_cases import judged

OF_MESSAGES = {id: one for id, one in catalogue().items() if one.objet == "courriel"}
NOON = datetime(2025, 1, 15, 12, 0, tzinfo=timezone(timedelta(hours=1)))
FROM = Mailbox("ada.exemple@ehpad.mssante.fr", "Dr_Ada_EXEMPLE_EHPAD")
TO = Mailbox("contact@maison.mssante.fr", "Maison médicale")
SENDING = Sending(FROM, (TO,), NOON, "ESSAI-0001")
TWO = {"deux": True}
REPLACING = {"cda": {"retire": "authorization"}}


def check(*paths: Path, profile: str = "pa-ph-dom-vague2") -> Conformity:
    return run(Asked(paths, profile=profile, mode="test", requirements=OF_MESSAGES, checks={}))


def sending(**changes: Any) -> Sending:
    return Sending(**{**{name: getattr(SENDING, name) for name in SENDING.__slots__}, **changes})


def built(xdm: Any = None, pdfs: int = 1, **changes: Any) -> bytes:
    return build_message(archive({"xdm": xdm or {}}), sending(**changes), [PDF] * pdfs)


# -- reading -----------------------------------------------------------------------------------------------------------


def test_a_message_is_read_with_its_body_its_attachments_and_its_mailboxes():
    message = read_message(case_message({}), "a.eml")
    assert message.kind == "message"
    assert message.subject.startswith("XDM/1.0/DDM+Document du secteur social / médico-soci")
    assert message.mailboxes("From") == (FROM,)
    assert (message.body_type, [part.text for part in message.body]) == ("text/plain", [TEXT + "\r\n"])
    assert [(one.name, one.media_type) for one in message.attachments] == [
        ("IHE_XDM.zip", "application/zip"), ("20250114_Document du secteur social_DESSAI_JEANNE.pdf", "application/pdf"),
    ]  # fmt: skip
    assert message.attachments[1].data == PDF


def test_the_name_of_an_attachment_is_decoded_and_loses_its_folders():
    for written in (r"..\\..\\dossier\\a.pdf", "../../dossier/a.pdf", "=?utf-8?Q?a=2Epdf?="):
        message = read_message(case_message({"pieces": [[written, "application/pdf", "x"]]}), "a.eml")
        assert message.attachments[-1].name == "a.pdf"


def test_the_error_of_a_notification_is_read_at_either_place():
    for disposition, more in (("processed/error: 901^x", ""), ("processed/error", "Error: 901^x\r\n")):
        fields = f"Disposition: automatic-action/MDN-sent-automatically; {disposition}\r\n{more}"
        report = [["text/plain", "x"], ["message/disposition-notification", fields]]
        message = read_message(case_message({"report": report}), "a.eml")
        assert message.kind == "mdn"
        assert message.report is not None
        assert message.report.error == "901^x"


def test_a_failed_integration_told_by_an_ordinary_message_is_recognised():
    told = {"Subject": "[KO Intégration système !][901] XDM/1.0/DDM+Document DESSAI JEANNE 14/02/1938"}
    assert read_message(case_message({"entete": told, "sans_xdm": True}), "a.eml").kind == "ko"


DEEP = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(2_000))
NESTED = "Content-Type: message/rfc822\r\n\r\n" * 2_000
HOSTILE = {
    "vide": b"",
    "binaire": bytes(range(256)) * 40,
    "sans en-tête": b"\r\n\r\ntexte",
    "imbriqué": b"From: a\r\nTo: b\r\n" + DEEP.encode(),
    "messages dans des messages": b"From: a\r\nTo: b\r\n" + NESTED.encode(),
    "un en-tête sans fin": b"From: a\r\nTo: " + b"a@b.fr, " * 50_000 + b"\r\n\r\nx",
    "dix mille en-têtes": b"From: a\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\nx",
    "dix mille parties": b'From: a\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    + b"--b\r\n\r\nx\r\n" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_refused_soon_and_clearly(name: str):
    started = time.perf_counter()
    with pytest.raises(UnreadableMessage, match=r"ESMS-E39[12]"):
        read_message(HOSTILE[name], "a.eml")
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "value", ["(" * 15_000, '"' * 15_000, "=?utf-8?q?" * 1_500, "a:" * 7_500, "<" * 15_000, "[" * 15_000]
)
def test_a_hostile_header_costs_little_and_never_fails(tmp_path: Path, value: str):
    started = time.perf_counter()
    for name in ("From", "To", "Subject", "Content-Type", "Message-ID", "Date", "References"):
        text = f"From: A <a@b.mssante.fr>\r\nTo: a@b.fr\r\n{name}: {value}\r\n\r\nx"
        seen = judged(tmp_path, text.encode("ascii"))
        assert not any("interne" in why for why in seen.undecided.values()), name
    assert time.perf_counter() - started < 5


def test_a_mutated_message_ends_in_a_verdict_or_a_clear_error(tmp_path: Path):
    source = random.Random(5)
    good = case_message({"alternatives": [["text/plain", "Un"], ["text/html", "<p>Un</p>"]]})
    for _ in range(150):
        data = bytearray(good)
        for _ in range(source.randint(1, 20)):
            place = source.randrange(min(len(data), 1_500))
            data[place : place + source.randint(0, 4)] = source.randbytes(source.randint(0, 4))
        try:
            seen = judged(tmp_path, bytes(data))
        except Unreadable:
            continue
        assert not any("interne" in why for why in seen.undecided.values())


@pytest.mark.parametrize(("size", "faults"), [(25_000_000, 0), (25_000_001, 1)])
def test_a_message_of_just_25_mo_is_let_through(size: int, faults: int):
    letter = Letter(replace(read_message(case_message({}), "a.eml"), size=size))
    assert len(RULES["ESMS-MSS-26"][1](letter, Setting("test")) or ()) == faults


def test_the_persons_of_several_archives_are_counted_together_and_a_document_once():
    other = {"document": [["238027500100188", "253072B07300470"], ["IPP-1", "IPP-2"], ["DESSAI", "AUTRE"]]}
    first, second = open_archive(archive({})), open_archive(archive({"xdm": other}))
    assert (together([first, first]).persons, len(together([first, first]).cdas)) == (1, 1)
    assert (together([first, second]).persons, len(together([first, second]).cdas)) == (2, 2)


def test_ids_without_a_number_make_no_two_documents_of_one_person():
    bare = [['extension="238027500100188"', ""], ['extension="IPP-1"', ""]]
    parts = [open_archive(archive({"xdm": {"document": [*bare, *more]}})) for more in ([], [["DESSAI", "AUTRE"]])]
    both = replace(together(parts), patient_ids=frozenset())
    assert both.persons == 2


# -- building ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("xdm", "pdfs", "changes"),
    [
        ({}, 1, {}),
        (TWO, 2, {}),
        (REPLACING, 1, {}),
        ({}, 1, {"reply_to": Mailbox("accueil@ehpad.mssante.fr", "Accueil")}),
        ({}, 1, {"in_reply_to": f"<{'a' * 100}@ville.mssante.fr>", "references": ("<z@ville.mssante.fr>",)}),
        ({}, 1, {"record": "D12", "text": "Éléments utiles.\n", "recipients": (TO, Mailbox("b@maison.mssante.fr"))}),
        ({"document": [["1.2.250.1.213.1.4.10", "1.2.250.1.999.3"]]}, 1, {}),
    ],
    ids=["un document", "deux", "un remplacement", "boîte applicative", "une réponse", "un texte", "sans INS"],
)
@pytest.mark.parametrize("profile", ["pa-ph-dom-vague1", "pa-ph-dom-vague2"])
def test_what_is_built_meets_every_requirement(
    tmp_path: Path, xdm: Any, pdfs: int, changes: dict[str, Any], profile: str
):
    path = tmp_path / "a.eml"
    path.write_bytes(built(xdm, pdfs, **changes))
    result = check(path, profile=profile)
    assert list(result.lines()) == []
    result.findings.close()
    assert {outcome.verdict for outcome in result.outcomes} <= {Verdict.CONFORME, Verdict.NON_APPLICABLE}


def test_the_same_inputs_give_the_same_bytes_and_another_date_another_message_id():
    assert built() == built()
    ids = {message_from_bytes(built(date=NOON + timedelta(days=days)))["Message-ID"] for days in (0, 0, 1)}
    assert len(ids) == 2


def test_the_new_parser_of_the_standard_library_reads_what_is_built():
    message = message_from_bytes(built(in_reply_to="<a@ville.mssante.fr>"), policy=policy.default)
    assert str(message["From"].addresses[0]) == "Dr_Ada_EXEMPLE_EHPAD <ada.exemple@ehpad.mssante.fr>"
    assert message["Subject"] == "XDM/1.0/DDM+Document du secteur social / médico-soci DESSAI JEANNE 14/02/1938"
    assert (message["X-MSS-INS"], message["X-MSS-CODECDA"], message["X-MSS-NIL"]) == ("O", "28653-4", "ESSAI-0001")
    assert message["References"] == "<a@ville.mssante.fr>"
    assert next(part.get_filename() for part in message.iter_attachments()) == "IHE_XDM.zip"
    assert not message.defects
    assert all(len(line) <= 998 for line in built().split(b"\r\n"))
    assert b"\n" not in built().replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipients": (Mailbox("238027500100188@patient.mssante.fr"),)}, "E125"),
        ({"recipients": ()}, "E124"),
        ({"sender": Mailbox("ada@ehpad.mssante.fr")}, "E124"),
        ({"sender": Mailbox("ada@ehpad.mssante.fr\r\nBcc: x@y.fr", "A")}, "E124"),
        ({"sender": Mailbox("ada@ehpad.mssante.fr", "A\r\nBcc: x@y.fr")}, "E124"),
        ({"product": "X\r\nBcc: x@y.fr"}, "E124"),
        ({"product": ""}, "E124"),
        ({"in_reply_to": "<a@b>\r\nBcc: x@y.fr"}, "E124"),
        ({"date": datetime(2025, 1, 15)}, "E124"),
    ],
)
def test_what_is_no_message_to_a_professional_is_not_built(changes: dict[str, Any], code: str):
    with pytest.raises(UsageError, match=code):
        built(**changes)


def test_the_documents_come_with_their_pdf_a_1_or_are_not_sent():
    for pdfs in ([], [PDF, PDF], [b"%PDF-1.4\n%%EOF\n"]):
        with pytest.raises(UsageError, match="E126"):
            build_message(archive({}), SENDING, pdfs)


def test_by_default_the_pdf_of_the_archive_are_attached():
    message = read_message(build_message(archive({"xdm": {"pdf": True}}), SENDING), "a.eml")
    assert [one.data for one in message.attachments[1:]] == [PDF]


# -- a run -------------------------------------------------------------------------------------------------------------


def test_a_message_is_recognised_by_its_content_whatever_its_name(tmp_path: Path):
    for name, content in (("a.txt", case_message({})), ("b.eml", b"\x00"), ("c.txt", b"Objet : x\n\nBonjour")):
        (tmp_path / name).write_bytes(content)
    kinds = [recognised(tmp_path / name) for name in ("a.txt", "b.eml", "c.txt")]
    assert [one and one.objet for one in kinds] == ["courriel", "courriel", None]


def test_a_damaged_message_is_undecided_never_conforming(tmp_path: Path):
    (tmp_path / "a.eml").write_bytes(b"\x00\x01")
    result = check(tmp_path / "a.eml")
    result.findings.close()
    assert result.fichiers == [{"fichier": "a.eml", "type": "courriel", "verdict": "indetermine"}]


def test_the_vagues_ask_for_their_own_headers(tmp_path: Path):
    bare = {"Return-Receipt-To": "", "Disposition-Notification-To": "", "X-MSS-NIL": "", "Subject": "Document"}
    (tmp_path / "a.eml").write_bytes(case_message({"entete": bare}))
    found = {}
    for vague in ("vague1", "vague2"):
        result = check(tmp_path / "a.eml", profile=f"pa-ph-dom-{vague}")
        found[vague] = sorted({line.exigence for line in result.lines()})
        result.findings.close()
    assert found == {"vague1": ["ESMS-MSS-20"], "vague2": ["ESMS-MSS-06", "ESMS-MSS-21", "ESMS-MSS-22"]}


def test_nothing_of_the_person_stands_in_what_is_said(tmp_path: Path):
    wrong = {
        "Subject": "XDM/1.0/DDM+Ordonnance CANARI Zoe 01/02/1933", "X-MSS-CODECDA": "238027500100189",
        "To": "238027500100189@patient.mssante.fr", "From": "Canari <canari@example.fr>", "X-MSS-INS": "canari",
    }  # fmt: skip
    path = tmp_path / "238027500100189.eml"
    path.write_bytes(case_message({"entete": wrong, "pdf": [["canari.pdf", "PDF_A_2"]]}))
    result = check(path)
    said = json.dumps([list(result.lines()), result.fichiers, result.identite, [o.motif for o in result.outcomes]])
    result.findings.close()
    assert "MSS-24" in said
    for secret in ("CANARI", "canari", "Canari", "238027500100", "1933", "DESSAI", "JEANNE"):
        assert secret not in said, secret
