"""Invented MSSanté messages, and the small edits by which a case of a requirement makes a defect in one of them.

A message is put together as text, without the email package: it shares nothing with what reads or builds messages.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from json import dumps, loads
from typing import Any

from tests.documents.cda_cases import PDF
from tests.documents.xdm_cases import case_archive

NAME = "20250114_Document du secteur social_DESSAI_JEANNE.pdf"
SUBJECT = "XDM/1.0/DDM+Document du secteur social / médico-soci DESSAI JEANNE 14/02/1938"
TEXT = "Bonjour,\r\n\r\nVeuillez trouver un document inventé.\r\n"
HEADERS = {
    "Message-ID": "<essai-1@ehpad.mssante.fr>",
    "Date": "Wed, 15 Jan 2025 10:05:00 +0100",
    "From": "Dr_Ada_EXEMPLE_EHPAD <ada.exemple@ehpad.mssante.fr>",
    "To": "Maison <contact@maison.mssante.fr>",
    "Return-Receipt-To": "<ada.exemple@ehpad.mssante.fr>",
    "Disposition-Notification-To": "ada.exemple@ehpad.mssante.fr",
    "Subject": SUBJECT,
    "X-MSS-INS": "O",
    "X-MSS-CODECDA": "28653-4",
    "X-MSS-NIL": "ESSAI-0001",
    "MIME-Version": "1.0",
}
CONTENTS = {"PDF": PDF, "PDF_A_2": PDF.replace(b'part="1"', b'part="2"'), "PDF_SANS_A": b"%PDF-1.4\n%%EOF\n"}
FIRST = {"retire": "relatedDocument", "pose": {"versionNumber/@value": "1"}}


@cache
def _archive(case: str) -> bytes:
    return case_archive(loads(case))


def archive(case: Mapping[str, Any]) -> bytes:
    """Return the archive of a case: ``xdm`` as the cases of the XDM requirements write it; it replaces nothing."""
    given = case.get("xdm", {})
    return _archive(dumps({**given, "cda": {**FIRST, **given.get("cda", {})}}, sort_keys=True))


def case_message(case: Mapping[str, Any]) -> bytes:
    """Return the message of a case.

    ``entete`` changes headers (an empty text takes one away, a list repeats it), ``brut`` writes one with its bytes of
    UTF-8; ``corps`` is the text, ``type_corps`` its type, ``alternatives`` pairs of a type and a text in its place;
    ``xdm`` is the archive, ``sans_xdm`` leaves it out, ``nom_xdm`` names it, ``deux_xdm`` attaches it twice;
    ``pdf`` are pairs of a name and a content; ``pieces`` triples of a name, a type and a text; ``enfle`` adds so many
    megabytes; ``report`` makes a notification of its parts, ``message`` is the whole text.
    """
    if "message" in case:
        return str(case["message"]).replace("\n", "\r\n").encode("utf-8")
    head = b"".join(_headers(case))
    if "report" in case:
        kind = case.get("nature", "disposition-notification")
        parts = [_part(type, text) for type, text in case["report"]]
        return head + _several(f'multipart/report; report-type={kind}; boundary="=_r"', "=_r", parts)
    parts = [_body(case), *_attachments(case)]
    return head + _several('multipart/mixed; boundary="=_m"', "=_m", parts)


def _headers(case: Mapping[str, Any]) -> Sequence[bytes]:
    changed = {**HEADERS, **case.get("entete", {})}
    lines = []
    for name, value in changed.items():
        for one in [value] if isinstance(value, str) else value:
            if one:
                lines.append(f"{name}: {_encoded(one)}\r\n".encode("ascii"))
    return [*lines, *(f"{name}: {value}\r\n".encode() for name, value in case.get("brut", {}).items())]


def _encoded(text: str) -> str:
    if text.isascii():
        return text
    return "=?utf-8?B?" + base64.b64encode(text.encode("utf-8")).decode("ascii") + "?="


def _body(case: Mapping[str, Any]) -> bytes:
    if "alternatives" in case:
        parts = [_part(type, text) for type, text in case["alternatives"]]
        kind = case.get("type_corps", "multipart/alternative")
        return _several(f'{kind}; boundary="=_a"', "=_a", parts)
    return _part(case.get("type_corps", "text/plain; charset=utf-8"), case.get("corps", TEXT))


def _attachments(case: Mapping[str, Any]) -> Sequence[bytes]:
    parts = []
    if not case.get("sans_xdm"):
        name = case.get("nom_xdm", "IHE_XDM.zip")
        parts += [_file(name, "application/zip", archive(case))] * (2 if case.get("deux_xdm") else 1)
    parts += [_file(name, "application/pdf", CONTENTS[content]) for name, content in case.get("pdf", [[NAME, "PDF"]])]
    parts += [_file(name, type, text.encode("utf-8")) for name, type, text in case.get("pieces", [])]
    if "enfle" in case:
        parts.append(_file("annexe.bin", "application/octet-stream", bytes(case["enfle"] * 1_000_000 * 3 // 4)))
    return parts


def _part(type: str, text: str) -> bytes:
    return f"Content-Type: {type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n".encode()


def _file(name: str, type: str, data: bytes) -> bytes:
    # Long lines, which a message of 26 Mo is sooner read with.
    encoded = base64.b64encode(data)
    written = b"".join(encoded[i : i + 960] + b"\r\n" for i in range(0, len(encoded), 960))
    head = f'Content-Type: {type}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    return head.encode("utf-8") + b"\r\n" + written


def _several(type: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    inner = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return f"Content-Type: {type}\r\n\r\n".encode() + inner + f"--{boundary}--\r\n".encode()
