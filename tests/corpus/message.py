"""An invented MSSanté message around the invented archive, put together as text: nothing of what reads or builds messages.

``documents.md`` §3.2 of the project's reference says what stands in it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from tests.corpus.archive import archive, zipped

FROM = "ada.fictive@esms-invente.mssante.fr"
USAGER = "238020010100084@patient.mssante.fr"
SUBJECT = "XDM/1.0/DDM+2 documents CHIMERE AGATHE 14/02/1938"
PDF = b'%PDF-1.4\n<x pdfaid:part="1" pdfaid:conformance="B"/>\n%%EOF\n'
MDN = (
    "Original-Message-ID: <autre@cabinet-invente.mssante.fr>\r\nOriginal-Recipient: rfc822;a@esms-invente.mssante.fr\r\n"
    "Final-Recipient: rfc822;a@esms-invente.mssante.fr\r\n"
    "Disposition: automatic-action/MDN-sent-automatically; processed\r\n"
)


@dataclass
class Courriel:
    """A message to be edited: ``parts`` are (type, text), ``files`` (name, type, bytes); ``kind`` is its whole type."""

    headers: dict[str, list[str]]
    parts: list[tuple[str, str]]
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    body: str = "text/plain; charset=utf-8"
    kind: str = "multipart/mixed"
    raw: bytes = b""


def courriel() -> Courriel:
    """Return the sound message, to a professional."""
    told = {
        "Message-ID": "<corpus-1@esms-invente.mssante.fr>", "Date": "Mon, 05 Jan 2026 10:20:00 +0100",
        "From": f"Mme_Ada_FICTIVE_EHPAD <{FROM}>", "To": "Cabinet <medecin.invente@cabinet-invente.mssante.fr>",
        "Subject": SUBJECT, "Return-Receipt-To": FROM, "Disposition-Notification-To": FROM,
        "X-MSS-INS": "O", "X-MSS-CODECDA": "74207-2,80788-3", "X-MSS-NIL": "CORPUS-1", "MIME-Version": "1.0",
    }  # fmt: skip
    files = [
        ("IHE_XDM.zip", "application/zip", zipped(archive())),
        ("20260105_Document de liaison d urgence_CHIMERE_AGATHE.pdf", "application/pdf", PDF),
        ("20260105_Projet personnalise d accompagnement_CHIMERE_AGATHE.pdf", "application/pdf", PDF),
    ]
    return Courriel(
        {name: [value] for name, value in told.items()}, [("", "Bonjour,\r\n\r\nDeux documents.\r\n")], files
    )


def notification() -> Courriel:
    """Return the sound notification of a message that was integrated."""
    told = {name: courriel().headers[name] for name in ("Message-ID", "Date", "From", "To", "MIME-Version")}
    parts = [
        ("text/plain", "Intégré."),
        ("message/disposition-notification", MDN),
        ("message/rfc822", "Subject: x\r\n\r\nx"),
    ]
    return Courriel(told, parts, kind="multipart/report; report-type=disposition-notification")


def written(one: Courriel) -> bytes:
    """Return the bytes of a message."""
    lines = [f"{name}: {_ascii(value)}\r\n" for name, values in one.headers.items() for value in values]
    head = "".join(lines).encode("ascii") + one.raw
    if one.kind.startswith("multipart/report"):
        return head + _several(one.kind, "=_r", [_text(*part) for part in one.parts])
    body = _text(one.body, one.parts[0][1]) if len(one.parts) == 1 and not one.parts[0][0] else None
    body = body or _several(one.body, "=_a", [_text(*part) for part in one.parts])
    return head + _several(one.kind, "=_m", [body, *(_file(*part) for part in one.files)])


def _ascii(value: str) -> str:
    return value if value.isascii() else f"=?utf-8?B?{base64.b64encode(value.encode('utf-8')).decode('ascii')}?="


def _text(kind: str, text: str) -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n".encode()


def _file(name: str, kind: str, data: bytes) -> bytes:
    encoded = base64.b64encode(data)
    # Long lines, which a message of 26 Mo is sooner read with.
    lines = b"".join(encoded[i : i + 960] + b"\r\n" for i in range(0, len(encoded), 960))
    head = f'Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="{name}"'
    return head.encode("utf-8") + b"\r\n\r\n" + lines


def _several(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    inner = b"".join(f"--{boundary}\r\n".encode("ascii") + part + b"\r\n" for part in parts)
    return (
        f'Content-Type: {kind}; boundary="{boundary}"\r\n\r\n'.encode("ascii")
        + inner
        + f"--{boundary}--\r\n".encode("ascii")
    )
