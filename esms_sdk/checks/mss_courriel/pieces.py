"""The rules of a message's body and attachments, and of what its headers say of the documents."""

from __future__ import annotations

import re
from html import unescape

from esms_sdk import masking
from esms_sdk.checks.documents import Setting
from esms_sdk.checks.mss_courriel.letter import Fault, Letter, rule
from esms_sdk.documents import pdf
from esms_sdk.documents.courriel import wording
from esms_sdk.documents.courriel.carried import ARCHIVE, may_hold_documents
from esms_sdk.documents.courriel.reading import Attachment, TextPart

_ALTERNATIVE, _PLAIN, _HTML = "multipart/alternative", "text/plain", "text/html"
_UTF8 = ("utf-8", "utf8", "us-ascii", "")
_HIDDEN = ("head", "style", "script")
_LONGEST = 256 << 10
_DOCUMENT = ("application/pdf", "application/xml", "text/xml", "application/zip", "application/x-zip-compressed")
_SIZE = 25_000_000


@rule("ESMS-MSS-02", "message", "ko")
def body(letter: Letter, setting: Setting) -> list[Fault]:
    """The text is text/plain, or an alternative of the same words as text/plain then text/html."""
    message = letter.message
    kinds = [part.media_type for part in message.body]
    found: list[Fault] = []
    if message.body_type == "multipart/related":
        found.append(("IMAGE_LIEE", "corps", None))
    elif message.body_type not in (_PLAIN, _ALTERNATIVE):
        found.append(("TYPE", "corps", message.body_type or "aucun corps"))
    elif message.body_type == _ALTERNATIVE and kinds != [_PLAIN, _HTML]:
        found.append(("PARTIES", "corps", ", ".join(kinds) or None))
    elif message.body_type == _ALTERNATIVE and not _same_words(*message.body):
        found.append(("TEXTES", "corps", None))
    for part in message.body:
        if part.charset not in _UTF8:
            found.append(("JEU", "corps", masking.label(part.charset)))
    return found


def _same_words(plain: TextPart, html: TextPart) -> bool:
    if len(html.text) > _LONGEST or len(plain.text) > _LONGEST:
        return True  # too long to be compared: let through
    return _words(plain.text) == _words(_shown(html.text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", wording.folded(text))


def _shown(html: str) -> str:
    """Return the text of an HTML page, what is not shown left out."""
    for tag in _HIDDEN:
        html = _without(html, tag)
    return unescape(re.sub(r"<[^<>]*>", " ", html))


def _without(html: str, tag: str) -> str:
    """Return a page without the elements of a tag, in time that grows with its length."""
    lower, kept, end = html.lower(), [], 0
    while (start := lower.find(f"<{tag}", end)) >= 0:
        kept.append(html[end:start])
        close = lower.find(f"</{tag}", start)
        end = len(html) if close < 0 else close
    return " ".join([*kept, html[end:]])


@rule("ESMS-MSS-04")
def documents(letter: Letter, setting: Setting) -> list[Fault] | None:
    """A message that carries documents has IHE_XDM.zip, and the same documents in PDF/A-1."""
    message, archives = letter.message, letter.archives
    found: list[Fault] = [
        ("PIECE_NON_JUGEE", f"piece[{i}]", None)
        for i, one in enumerate(message.attachments, 1)
        if may_hold_documents(one)
    ]
    if not _sends_documents(letter):
        return found or None
    if not archives:
        found.append(("SANS_XDM", "pieces", None))
    found += [("NOM_XDM", f"piece[{i}]", None) for i, one in archives if one.name != ARCHIVE]
    found += [("PLUSIEURS_XDM", f"piece[{i}]", None) for i, _ in archives[1:]]
    if letter.damage:
        found.append(("XDM_ILLISIBLE", f"piece[{archives[0][0]}]", letter.damage))
    shown = [(i, one) for i, one in enumerate(message.attachments, 1) if _is_pdf(one)]
    if not shown:
        found.append(("SANS_PDF", "pieces", None))
    for i, one in shown:
        level = pdf.level(one.data) if pdf.is_pdf(one.data) else None
        if level is None or not level.startswith("1"):
            found.append(("PDF_A_1", f"piece[{i}]", f"PDF/A-{level}" if level else None))
    count = len(letter.archived.cdas) if letter.archived else 0
    if shown and len(shown) < count:
        found.append(("MOINS_DE_PDF", "pieces", f"{count} CDA, {len(shown)} PDF"))
    return found


def _sends_documents(letter: Letter) -> bool:
    message = letter.message
    told = message.raw("X-MSS-CODECDA") or wording.parse_subject(message.subject)
    return bool(told) or any(one.media_type in _DOCUMENT or _is_pdf(one) for one in message.attachments)


def _is_pdf(one: Attachment) -> bool:
    return one.media_type == "application/pdf" or one.name.lower().endswith(".pdf") or one.data.startswith(b"%PDF-")


@rule("ESMS-MSS-06")
def announced(letter: Letter, setting: Setting) -> list[Fault]:
    """Vague 2: X-MSS-NIL on all messages, X-MSS-CODECDA and X-MSS-INS where there is a CDA, and only there."""
    letter.decided()
    message, carried = letter.message, letter.carried
    cdas = carried.cdas if carried else ()
    names = ("X-MSS-NIL", "X-MSS-CODECDA", "X-MSS-INS")
    found: list[Fault] = [("REPETE", name, None) for name in names if len(message.headers.get(name.lower(), ())) > 1]
    nil, codes, qualified = (message.raw(name) for name in names)
    if not nil:
        found.append(("NIL_ABSENT", "X-MSS-NIL", None))
    if not cdas or carried is None:
        found += [("SANS_CDA", name, None) for name, value in zip(names[1:], (codes, qualified), strict=True) if value]
        return found
    if not codes:
        found.append(("CODECDA_ABSENT", "X-MSS-CODECDA", None))
    elif {one.strip() for one in codes.split(",")} != set(carried.codes):
        told = f"en-tête {masking.shape(codes)}, documents {masking.label(','.join(carried.codes))}"
        found.append(("CODECDA_DIFFERENT", "X-MSS-CODECDA", told))
    if not qualified:
        found.append(("INS_ABSENT", "X-MSS-INS", None))
    elif qualified not in ("O", "N"):
        found.append(("INS_VALEUR", "X-MSS-INS", None))
    elif (qualified == "O") != (carried.ins is not None):
        found.append(("INS_CONTREDIT", "X-MSS-INS", f"en-tête {qualified}"))
    return found


@rule("ESMS-MSS-09")
def replacement(letter: Letter, setting: Setting) -> list[Fault] | None:
    """A message whose document replaces another says that it annuls and replaces."""
    letter.decided()
    message, carried = letter.message, letter.carried
    said = wording.mentions_replacement(message.subject)
    said_within = any(wording.mentions_replacement(part.text) for part in message.body)
    if carried is None or not (carried.replaces or said):
        return None
    if carried.replaces and not said:
        return [("SEULEMENT_CORPS" if said_within else "SANS_MENTION", "Subject", None)]
    return [] if carried.replaces else [("SANS_REMPLACEMENT", "Subject", None)]


@rule("ESMS-MSS-26")
def size(letter: Letter, setting: Setting) -> list[Fault]:
    """A message is of 25 Mo at the most, which is what Mon espace santé takes."""
    if letter.message.size <= _SIZE:
        return []
    told = f"{letter.message.size / 1_000_000:.1f} Mo".replace(".", ",")
    return [("TAILLE" if letter.to_citizen else "TAILLE_PRO", "message", told)]
