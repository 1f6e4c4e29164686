"""What a message is, in a few lines that hold nothing of the person, nor of who writes and reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from esms_sdk import masking
from esms_sdk.documents import hl7v2, pdf
from esms_sdk.documents.courriel import wording
from esms_sdk.documents.courriel.carried import ARCHIVE
from esms_sdk.documents.courriel.reading import KO, Attachment, Kind, Mailbox, Message

NATURES: Mapping[Kind, str] = {
    "message": "message MSSanté", "mdn": "notification de disposition (MDN)", "dsn": "notification de remise (DSN)",
    "ko": "échec d'intégration dit par un message",
}  # fmt: skip
_LISTED = 100
_DOMAIN = ".mssante.fr"
_ALONE = "[FIN]"
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}")
_DISPOSITION = re.compile(
    r"(?:automatic|manual)-action/mdn-sent-(?:automatically|manually); ?[a-z/]{1,40}", re.IGNORECASE
)
_ERROR = re.compile(r"9\d\d(?!\d)", re.ASCII)


def of_message(message: Message, name: str) -> dict[str, Any]:
    """Return what a message is, its attachments aside."""
    senders = message.mailboxes("From")
    return {
        "fichier": masking.key(name),
        "nature": NATURES[message.kind],
        "taille": message.size,
        "envoye_le": _day(message),
        "objet": _subject(message.subject),
        "expediteur": [_mailbox(one) for one in senders[:_LISTED]],
        "libelle_expediteur": [masking.shape(one.label) for one in senders[:_LISTED]],
        "destinataires": [_mailbox(one) for one in message.recipients[:_LISTED]],
        "repond_a_un_message": "oui" if message.raw("In-Reply-To") else "",
        "accuse_demande": [
            name for name in ("Disposition-Notification-To", "Return-Receipt-To") if message.raw(name)
        ],
        **_announced(message),
        "corps": _type(message.body_type) if message.body_type else "absent",
        **_reported(message),
    }  # fmt: skip


def of_attachment(one: Attachment) -> dict[str, Any]:
    """Return what an attachment is: of its name, which bears the person's, the shape."""
    archive = one.name if one.name.upper() == ARCHIVE.upper() else ""
    level = pdf.level(one.data) if pdf.is_pdf(one.data) else None
    return {
        "nom": archive or masking.shape(one.name), "type": _type(one.media_type), "taille": len(one.data),
        "pdf_a": f"PDF/A-{masking.label(level)}" if level else "",
    }  # fmt: skip


def _subject(subject: str) -> str:
    """Return a subject as a screen may show it: what the texts write in it whole, the rest as its shape."""
    if subject == _ALONE:
        return subject
    mention = f"{wording.REPLACEMENT} " if wording.mentions_replacement(subject) else ""
    told = wording.parse_subject(subject)
    if subject.startswith(KO):
        return KO
    return f"{mention}{wording.PREFIX}{masking.shape(told.named)}" if told else masking.shape(subject)


def _mailbox(one: Mailbox) -> str:
    if one.citizen:
        return "usager (Mon espace santé)"
    local = one.address.rpartition("@")[0]
    kept = _DOMAIN if one.domain.endswith(_DOMAIN) else ""
    return f"{masking.shape(local)}@{masking.shape(one.domain.removesuffix(kept))}{kept}"


def _announced(message: Message) -> dict[str, Any]:
    """What the X-MSS headers say: codes of documents and of a product, never a person."""
    codes = message.raw("X-MSS-CODECDA").split(",")[:_LISTED]
    told = {
        "X-MSS-NIL": hl7v2.plain(message.raw("X-MSS-NIL")),
        "X-MSS-CODECDA": ", ".join(hl7v2.plain(code.strip()) for code in codes),
        **{name: _short(message.raw(name)) for name in ("X-MSS-INS", "X-MSS-MES")},
    }
    return {name: value for name, value in told.items() if value}


def _short(value: str) -> str:
    return value if value in ("O", "N", "FIN") else masking.shape(value)


def _reported(message: Message) -> dict[str, Any]:
    report = message.report
    if report is None:
        return {}
    disposition = _DISPOSITION.match(" ".join(report.fields.get("disposition", "").split()))
    error = _ERROR.match(report.error)
    return {
        "disposition": disposition[0] if disposition else masking.shape(report.fields.get("disposition", "")),
        "erreur": error[0] if error else masking.shape(report.error),
        "parties": [_type(one) for one in report.parts[:_LISTED]],
    }


def _type(media_type: str) -> str:
    return media_type if _TYPE.fullmatch(media_type) else masking.shape(media_type)


def _day(message: Message) -> str:
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(message.raw("Date")).date().isoformat()
    return ""
