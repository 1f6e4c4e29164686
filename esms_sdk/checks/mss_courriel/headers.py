"""The rules of a message's headers: its identity, its sender, the receipts that it asks for, how it is written."""

from __future__ import annotations

import re

from esms_sdk.checks.documents import Setting
from esms_sdk.checks.mss_courriel.letter import Fault, Letter, rule
from esms_sdk.documents.courriel.reading import Message

_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_REPLY = re.compile(r"(?:re|rép|rep|r)\s*:", re.IGNORECASE)
_GENERATED = re.compile(r"g[ée]n[ée]r[ée]\w*\s+automatiquement|automatically\s+generated", re.IGNORECASE)
_MSSANTE = re.compile(r"(?:[a-z0-9-]+\.)+mssante\.fr")


@rule("ESMS-MSS-01", "message", "ko")
def identified(letter: Letter, setting: Setting) -> list[Fault]:
    """RFC 5322: one Message-ID; a reply names what it replies to."""
    message = letter.message
    ids = message.headers.get("message-id", ())
    found: list[Fault] = []
    if not ids:
        found.append(("ABSENT", "Message-ID", None))
    elif len(ids) > 1:
        found.append(("REPETE", "Message-ID", f"{len(ids)} fois"))
    elif not _ID.fullmatch(ids[0]):
        found.append(("FORME", "Message-ID", None))
    answered, thread = message.raw("In-Reply-To"), message.raw("References")
    if answered and not thread:
        found.append(("INCOMPLET", "References", None))
    elif not answered and _REPLY.match(message.subject):
        found.append(("SANS_LIEN", "In-Reply-To", None))
    for name, value in (("In-Reply-To", answered), ("References", thread)):
        if value and not all(_ID.fullmatch(one) for one in value.split()):
            found.append(("LIEN_MAL_FORME", name, None))
    return found


@rule("ESMS-MSS-03", "message", "ko")
def sender(letter: Letter, setting: Setting) -> list[Fault]:
    """The label before the address, and where to answer a mailbox that no one reads."""
    message = letter.message
    senders = message.mailboxes("From")
    if len(senders) != 1 or "@" not in senders[0].address:
        return [("EXPEDITEUR", "From", f"{len(senders)} adresse(s)")]
    one = senders[0]
    found: list[Fault] = []
    if not one.label:
        found.append(("LIBELLE", "From", None))
    elif not _is_label(one.label):
        found.append(("LIBELLE_FORME", "From", None))
    if not _MSSANTE.fullmatch(one.domain):
        found.append(("DOMAINE", "From", None))
    automatic = message.raw("Auto-Submitted").lower().startswith("auto-generated")
    told = any(_GENERATED.search(part.text) for part in message.body)
    if automatic and not told:
        found.append(("MENTION", "corps", None))
    if (automatic or told) and not message.mailboxes("Reply-To"):
        found.append(("REPONDRE_A", "Reply-To", None))
    return found


def _is_label(label: str) -> bool:
    """An entity, or a person's: title, given name, NAME in capitals and entity, parted by underscores."""
    if "@" in label:
        return False
    parts = label.split("_")
    return len(parts) == 1 or (2 <= len(parts) <= 4 and all(parts) and any(part.isupper() for part in parts))


@rule("ESMS-MSS-20")
def receipt_asked(letter: Letter, setting: Setting) -> list[Fault]:
    """Vague 1: Return-Receipt-To names the mailbox that sends."""
    return _asked(letter.message, "Return-Receipt-To")


@rule("ESMS-MSS-21")
def disposition_asked(letter: Letter, setting: Setting) -> list[Fault]:
    """Vague 2: Disposition-Notification-To does."""
    return _asked(letter.message, "Disposition-Notification-To")


def _asked(message: Message, header: str) -> list[Fault]:
    told = {one.address.lower() for one in message.mailboxes(header)}
    if not told:
        return [("ABSENT", header, None)]
    senders = {one.address.lower() for one in message.mailboxes("From")}
    return [] if told == senders else [("AUTRE_ADRESSE", header, None)]


@rule("ESMS-MSS-29", "message", "ko")
def encoded(letter: Letter, setting: Setting) -> list[Fault]:
    """Headers and names of files are ASCII, or encoded as RFC 2047 and 2231 say."""
    message = letter.message
    found: list[Fault] = [("EN_TETE", _title(name), None) for name in sorted(message.eight_bit)]
    return found + [("NOM_DE_FICHIER", f"piece[{i}]", None) for i in message.raw_names]


def _title(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-"))


@rule("ESMS-MSS-27")
def ending(letter: Letter, setting: Setting) -> list[Fault] | None:
    """X-MSS-MES closes the exchange with a person; its one value is FIN."""
    message = letter.message
    values = message.headers.get("x-mss-mes", ())
    alone = message.subject.strip()
    if not values and "[FIN]" not in alone.upper():
        return None
    found: list[Fault] = []
    if values and values != ("FIN",):
        found.append(("VALEUR", "X-MSS-MES", None))
    if not values and alone != "[FIN]":
        found.append(("OBJET", "Subject", None))
    if not letter.to_citizen:
        found.append(("SANS_USAGER", "To", None))
    return found
