"""The message to a professional, built around an IHE_XDM; the same inputs give the same bytes."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from esms_sdk.documents import pdf
from esms_sdk.documents.courriel import wording
from esms_sdk.documents.courriel.carried import ARCHIVE, Carried, open_archive
from esms_sdk.documents.courriel.reading import Mailbox
from esms_sdk.errors import UsageError

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
# Ours: the Message-ID of the same message is the same everywhere.
_SPACE = uuid.UUID("a2f5b0f1-3f0c-5d43-8a55-0b6c1c5d9a11")
AUTOMATIC = "Ce message a été généré automatiquement. Ne pas y répondre ; écrire à {reply_to}."
_TEXT = "Bonjour,\n\nVeuillez trouver ci-joint {what}.\n"


@dataclass(frozen=True, slots=True)
class Sending:
    """What no document tells: who writes to whom, when, with which software.

    ``date`` has its zone.  ``product`` is the product reference of Convergence (X-MSS-NIL).  ``reply_to`` is given for
    a BAL applicative: the text then says that it was generated.  ``in_reply_to`` and ``references`` are Message-IDs,
    for a reply.  ``record`` is the number of the person's record, for the names of the PDF.
    """

    sender: Mailbox
    recipients: tuple[Mailbox, ...]
    date: datetime
    product: str
    reply_to: Mailbox | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    record: str = ""


def build_message(archive: bytes, sending: Sending, pdfs: Sequence[bytes] = ()) -> bytes:
    """Return the message as it is sent (CRLF).

    ``pdfs`` are the same documents in PDF/A-1, in the order of the archive's; by default those that stand in it.
    Raises :class:`UsageError` for what is no message to a professional, or lacks something, and the archive's own
    :class:`SourceError`.
    """
    carried = open_archive(archive)
    shown = tuple(pdfs) or carried.pdfs
    _refuse(sending)
    _refuse_documents(carried, shown)
    patient = carried.cdas[0].patient
    assert patient is not None, "refused above"
    message = EmailMessage(policy=SMTP)
    _write_headers(message, sending, wording.subject(carried.cdas, patient, replaces=carried.replaces))
    message.set_content(_body(sending, carried), cte="base64")
    message.add_attachment(archive, maintype="application", subtype="zip", filename=ARCHIVE)
    for name, data in zip(_pdf_names(carried, sending), shown, strict=True):
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    digest = _digest(archive, shown, sending)
    message.set_boundary(f"=_esms_{digest[:32]}")
    told = {
        "Message-ID": [f"<{uuid.uuid5(_SPACE, digest)}@{sending.sender.domain}>"],
        **_replied(sending),
        "Return-Receipt-To": [sending.sender.address],
        "Disposition-Notification-To": [sending.sender.address],
        "X-MSS-INS": ["O" if carried.ins else "N"],
        "X-MSS-CODECDA": [",".join(carried.codes)],
        "X-MSS-NIL": [sending.product],
    }
    return _written(told) + message.as_bytes()


def _write_headers(message: EmailMessage, sending: Sending, subject: str) -> None:
    sender = _address(sending.sender)
    message["Date"] = format_datetime(sending.date)
    message["From"] = sender
    message["To"] = [_address(one) for one in sending.recipients]
    if sending.reply_to:
        message["Reply-To"] = _address(sending.reply_to)
    message["Subject"] = subject


def _replied(sending: Sending) -> dict[str, list[str]]:
    if not sending.in_reply_to:
        return {}
    thread = list(dict.fromkeys([*sending.references, sending.in_reply_to]))
    return {"In-Reply-To": [sending.in_reply_to], "References": thread}


def _written(headers: dict[str, list[str]]) -> bytes:
    """Return headers that are ASCII, a value a line: the package would encode a word longer than a line."""
    return "".join(f"{name}: " + "\r\n ".join(ids) + "\r\n" for name, ids in headers.items()).encode("ascii")


def _address(one: Mailbox) -> Address:
    return Address(one.label, addr_spec=one.address)


def _body(sending: Sending, carried: Carried) -> str:
    count = len(carried.cdas)
    text = sending.text or _TEXT.format(what="un document" if count == 1 else f"{count} documents")
    ending = f"\n{AUTOMATIC.format(reply_to=sending.reply_to.address)}\n" if sending.reply_to else ""
    return text.rstrip("\n") + "\n" + ending


def _pdf_names(carried: Carried, sending: Sending) -> list[str]:
    """Return a name for each document, numbered where two would have the same."""
    found: list[str] = []
    for cda in carried.cdas:
        assert cda.patient is not None, "refused before"
        name = wording.pdf_name(cda, cda.patient, sending.record)
        same = sum(one == name for one in found)
        found.append(name if not same else name.replace(".pdf", f"_{same + 1}.pdf"))
    return found


def _digest(archive: bytes, pdfs: Sequence[bytes], sending: Sending) -> str:
    digest = hashlib.sha256()
    for part in (archive, *pdfs, repr(sending).encode("utf-8")):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _refuse(sending: Sending) -> None:
    written = (sending.sender, *sending.recipients, *([sending.reply_to] if sending.reply_to else []))
    if not sending.recipients:
        raise UsageError("ESMS-E124", "aucun destinataire", hint="Donner au moins une adresse MSSanté.")
    for one in written:
        if not _ADDRESS.fullmatch(one.address) or not one.label.isprintable():
            raise UsageError("ESMS-E124", "une adresse ou son libellé est mal formé", hint="L'écrire nom@domaine.")
    if any(one.citizen for one in sending.recipients):
        raise UsageError("ESMS-E125", "ce message est à un professionnel, un destinataire est un usager",
                         hint="Retirer l'adresse patient.mssante.fr.")  # fmt: skip
    if not sending.sender.label:
        raise UsageError("ESMS-E124", "l'expéditeur n'a pas de libellé",
                         hint="L'écrire Titre_Prénom_NOM_Entité, ou le nom de l'entité.")  # fmt: skip
    if not sending.product or not sending.product.isprintable() or not sending.product.isascii():
        raise UsageError("ESMS-E124", "référence produit (X-MSS-NIL) absente ou mal formée",
                         hint="Donner celle de la plateforme Convergence.")  # fmt: skip
    if sending.date.tzinfo is None:
        raise UsageError("ESMS-E124", "la date du message est sans fuseau", hint="Donner une date avec son fuseau.")
    ids = [*([sending.in_reply_to] if sending.in_reply_to else []), *sending.references]
    if not all(_ID.fullmatch(one) for one in ids):
        raise UsageError("ESMS-E124", "In-Reply-To ou References n'est pas un Message-ID",
                         hint="Écrire <id@domaine>.")  # fmt: skip


def _refuse_documents(carried: Carried, pdfs: Sequence[bytes]) -> None:
    if not carried.cdas or any(cda.patient is None for cda in carried.cdas):
        raise UsageError("ESMS-E126", "l'archive n'a pas de document CDA d'un patient", hint="Voir esms document xdm.")
    if carried.persons > 1:
        raise UsageError("ESMS-E126", "les documents de l'archive sont de plusieurs personnes",
                         hint="Faire un message par usager.")  # fmt: skip
    if len(pdfs) != len(carried.cdas):
        raise UsageError("ESMS-E126", f"{len(carried.cdas)} CDA et {len(pdfs)} PDF",
                         hint="Donner de chaque document le PDF/A-1, dans l'ordre de l'archive.")  # fmt: skip
    if not all((pdf.level(one) or "").startswith("1") for one in pdfs):
        raise UsageError("ESMS-E126", "un PDF n'est pas du PDF/A-1", hint="Produire les PDF en PDF/A-1.")
