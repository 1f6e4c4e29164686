"""A message read: its headers as written and decoded, its body, its attachments; nothing is judged here.

The structure is read with the ``email`` package under its old policy: the header parser of the new one takes time that
grows with the square of a header, and a message has many.  What is read costs a bounded time: bytes, headers, parts
and nesting have limits, and a message beyond them is not read at all.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Parsed
from email.utils import collapse_rfc2231_value, getaddresses
from typing import Any, Literal, NamedTuple, TypeAlias

from esms_sdk.errors import SourceError

LIMIT = 64 << 20
"""Bytes of a message: the field's own limit is below (25 Mo for Mon espace santé)."""
_HEADER = 16 << 10
_HEADERS = 2_000
_PARTS = 200
_NESTED = 60
KO = "[KO Intégration système !]"
"""How the subject begins of a message that says that an integration failed."""

Part: TypeAlias = "Parsed[Any, Any]"
Kind = Literal["message", "mdn", "dsn", "ko"]

_FIELD = re.compile(rb"^([!-9;-~]{1,76}):", re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
# Each level of nesting needs a boundary, or a type that holds a message.
_LEVELS = (b"boundary", b"message/")
_CITIZEN = re.compile(r"patient\.(?:[a-z0-9-]+\.)*mssante\.fr", re.IGNORECASE)
_REPORTS: Mapping[str, Kind] = {"disposition-notification": "mdn", "delivery-status": "dsn"}


class UnreadableMessage(SourceError):
    """A message that cannot be read, or that is not read because it could do harm."""


class Mailbox(NamedTuple):
    """An address with the label before it."""

    address: str
    label: str = ""

    @property
    def domain(self) -> str:
        """What follows the @, in lower case."""
        return self.address.rpartition("@")[2].lower()

    @property
    def citizen(self) -> bool:
        """Whether it is an address of Mon espace santé."""
        return bool(_CITIZEN.fullmatch(self.domain))


class Attachment(NamedTuple):
    """A file of the message, decoded."""

    name: str
    media_type: str
    data: bytes


class TextPart(NamedTuple):
    """A part of the body; ``charset`` is empty where none is told."""

    media_type: str
    charset: str
    text: str


class Report(NamedTuple):
    """A notification: the types of its parts, and the fields of the second, their names in lower case."""

    parts: tuple[str, ...]
    fields: Mapping[str, str]

    @property
    def error(self) -> str:
        """The error that an integration ended in, wherever the version of the volet puts it; empty without one.

        Now in a field ``Error``; before, at the end of ``Disposition``.
        """
        told = self.fields.get("error", "")
        return told or self.fields.get("disposition", "").partition("processed/error")[2].strip(" :;,")


@dataclass(frozen=True)
class Message:
    """A message.

    ``headers`` are the values as written, unfolded, by name in lower case, and ``eight_bit`` the names of those with
    bytes that are no ASCII; ``raw_names`` the numbers of the attachments whose name is written so.  ``body_type`` is
    the type of the part that holds the text (empty without one), ``body`` its parts.  ``kind``: a message, a
    notification of disposition (mdn) or of delivery (dsn), a failed integration told by an ordinary message (ko).
    """

    name: str
    size: int
    kind: Kind
    headers: Mapping[str, tuple[str, ...]]
    eight_bit: frozenset[str]
    body_type: str
    body: tuple[TextPart, ...]
    attachments: tuple[Attachment, ...]
    raw_names: tuple[int, ...] = ()
    report: Report | None = None

    def raw(self, name: str) -> str:
        """Return the first value of a header as written, trimmed; empty where there is none."""
        return self.headers.get(name.lower(), ("",))[0]

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return decoded(self.raw("Subject"))

    def mailboxes(self, *names: str) -> tuple[Mailbox, ...]:
        """Return the mailboxes of some headers."""
        return mailboxes([value for name in names for value in self.headers.get(name.lower(), ())])

    @property
    def recipients(self) -> tuple[Mailbox, ...]:
        """Who it is for."""
        return self.mailboxes("To", "Cc", "Bcc")


def decoded(value: str) -> str:
    """Return a header decoded from RFC 2047; what cannot be stays as written.

    >>> decoded("=?utf-8?Q?R=C3=A9sum=C3=A9?="), decoded("=?nowhere?B?w6k=?=")
    ('Résumé', '=?nowhere?B?w6k=?=')
    """
    try:
        parts = decode_header(value)
        return "".join(of if isinstance(of, str) else of.decode(charset or "ascii") for of, charset in parts).strip()
    except (LookupError, ValueError, MessageError):
        return value


def mailboxes(values: Sequence[str]) -> tuple[Mailbox, ...]:
    """Return the mailboxes of headers; none where they cannot be read.

    >>> mailboxes(["=?utf-8?Q?Mme_=C3=88ve?= <eve@chu.mssante.fr>, b@chu.mssante.fr"])
    (Mailbox(address='eve@chu.mssante.fr', label='Mme Ève'), Mailbox(address='b@chu.mssante.fr', label=''))
    """
    try:
        found = getaddresses(list(values))
    except (RecursionError, ValueError, IndexError, MessageError):
        return ()
    return tuple(Mailbox(address.strip(), decoded(label)) for label, address in found if address)


def read_message(data: bytes, name: str) -> Message:
    """Read a message; ``name`` is how errors name it.  Raises :class:`UnreadableMessage`."""
    _refuse(data, name)
    try:
        parsed = email.message_from_bytes(data, policy=email.policy.compat32)
        return _message(parsed, data, name)
    except _TooMany:
        raise _harmful(name, f"plus de {_PARTS} parties ou de {_HEADERS} en-têtes, ou un en-tête trop long") from None
    except (RecursionError, LookupError, ValueError, AttributeError, TypeError, MessageError) as error:
        raise _unreadable(name, type(error).__name__) from None


def looks_like_message(head: bytes) -> bool:
    """Tell from its beginning whether a file is a message: header fields, two at least that mail has.

    >>> looks_like_message(b"From: a@b.fr\\r\\nTo: c@d.fr\\r\\n\\r\\nx"), looks_like_message(b"titre : x\\nFrom: y")
    (True, False)
    """
    if not _FIELD.match(head):
        return False
    known = {b"from", b"to", b"subject", b"message-id", b"mime-version", b"received", b"date", b"return-path"}
    block = _BLANK.split(head, 1)[0]
    return len({found.lower() for found in _FIELD.findall(block)} & known) > 1


class _TooMany(Exception):
    """More than is read."""


def _refuse(data: bytes, name: str) -> None:
    if len(data) > LIMIT:
        raise _harmful(name, f"plus de {LIMIT >> 20} Mio")
    if not _FIELD.match(data):
        raise _unreadable(name, "aucun en-tête")
    lower = data.lower()
    if sum(lower.count(level) for level in _LEVELS) > _NESTED:
        raise _harmful(name, f"plus de {_NESTED} parties imbriquées")


def _message(parsed: Part, data: bytes, name: str) -> Message:
    for number, part in enumerate(parsed.walk()):
        if number >= _PARTS or len(part) > _HEADERS:
            raise _TooMany
        if any(len(str(value)) > _HEADER for _, value in part.raw_items()):
            raise _TooMany
    headers: dict[str, list[str]] = {}
    eight_bit = set()
    for key, value in parsed.raw_items():
        told = str(value)
        if not told.isascii():
            eight_bit.add(key.lower())
        headers.setdefault(key.lower(), []).append(_unfolded(told))
    kept = {key: tuple(values) for key, values in headers.items()}
    kind = _kind(parsed, kept)
    report = _report(parsed) if kind in ("mdn", "dsn") else None
    body = None if report else _body(parsed)
    leaves = [] if report else [one for one in _leaves(parsed) if not _within(one, body)]
    texts = () if body is None else tuple(_text(one) for one in _leaves(body) if one.get_content_maintype() == "text")
    return Message(
        name, len(data), kind, kept, frozenset(eight_bit), "" if body is None else body.get_content_type(), texts,
        tuple(_attachment(one) for one in leaves),
        tuple(i for i, one in enumerate(leaves, 1) if not _written_in_ascii(one)), report,
    )  # fmt: skip


def _unfolded(value: str) -> str:
    one_line = re.sub(r"[ \t]*\r?\n[ \t]+", " ", value).strip()
    return one_line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _kind(parsed: Part, headers: Mapping[str, Sequence[str]]) -> Kind:
    if parsed.get_content_type() == "multipart/report":
        told = str(parsed.get_param("report-type", "")).lower()
        for nature, kind in _REPORTS.items():
            if told == nature or any(one.get_content_subtype() == nature for one in _children(parsed)):
                return kind
    return "ko" if decoded(headers.get("subject", ("",))[0]).startswith(KO) else "message"


def _children(part: Part) -> list[Part]:
    payload: Any = part.get_payload()
    return payload if isinstance(payload, list) else []


def _report(parsed: Part) -> Report:
    parts = _children(parsed)
    fields: dict[str, str] = {}
    for part in parts:
        if part.get_content_subtype() in _REPORTS:
            blocks = _children(part) or [email.message_from_bytes(_bytes(part), policy=email.policy.compat32)]
            for block in blocks:
                fields |= {key.lower(): _unfolded(str(value)) for key, value in block.raw_items()}
    return Report(tuple(one.get_content_type() for one in parts), fields)


def _leaves(part: Part) -> Iterator[Part]:
    """Give the parts that hold something; a message within is one of them."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for one in _children(part):
            yield from _leaves(one)
    else:
        yield part


def _within(one: Part, body: Part | None) -> bool:
    return body is not None and any(one is leaf for leaf in _leaves(body))


def _body(part: Part) -> Part | None:
    """Return the part that holds the text: the first, where the message is of several."""
    if part.get_content_type() in ("multipart/mixed", "multipart/signed"):
        children = _children(part)
        return _body(children[0]) if children else None
    named = part.get_content_disposition() == "attachment" or part.get_filename()
    return None if named or part.get_content_maintype() not in ("text", "multipart") else part


def _bytes(part: Part) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Part) -> TextPart:
    charset = str(part.get_content_charset() or "")
    try:
        text = _bytes(part).decode(charset or "utf-8", "replace")
    except LookupError:
        text = _bytes(part).decode("utf-8", "replace")
    return TextPart(part.get_content_type(), charset, text)


def _attachment(part: Part) -> Attachment:
    told = part.get_filename()
    name = decoded(collapse_rfc2231_value(told)) if told else ""
    # A name may come with folders: only its last part names a file.
    return Attachment(re.split(r"[\\/]", name)[-1], part.get_content_type(), _bytes(part))


def _written_in_ascii(part: Part) -> bool:
    told = (str(value) for key, value in part.raw_items() if key.lower() in ("content-type", "content-disposition"))
    return all(value.isascii() for value in told)


def _harmful(name: str, why: str) -> UnreadableMessage:
    return UnreadableMessage("ESMS-E391", f"message refusé : {name} ({why})",
                             hint="Donner le message tel qu'il a été envoyé, au format .eml.")  # fmt: skip


def _unreadable(name: str, why: str) -> UnreadableMessage:
    return UnreadableMessage("ESMS-E392", f"message illisible : {name} ({why})",
                             hint="Donner le message tel qu'il a été envoyé, au format .eml.")  # fmt: skip
