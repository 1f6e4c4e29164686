"""The judge of MSSanté messages (.eml): what the message itself is, by the texts of both vagues.

Its archive and documents are handed to their own judges (:mod:`.passed_on`).  Rules of the référentiel socle MSSanté #2
are known at second hand: they warn, «à confirmer».
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path

from esms_sdk.checks.documents import Examination, Piece, Setting, Unreadable, apply, judge
from esms_sdk.checks.mss_courriel import headers, notifications, person, pieces  # noqa: F401 (they register rules)
from esms_sdk.checks.mss_courriel.letter import RULES, Letter
from esms_sdk.checks.mss_courriel.passed_on import examine_parts
from esms_sdk.documents.courriel.reading import Message, looks_like_message, read_message
from esms_sdk.errors import SourceError


def is_message(path: Path, head: bytes) -> bool:
    """Tell whether a file is a message, by its beginning; a file named .eml is one, even damaged."""
    return path.suffix.lower() == ".eml" or looks_like_message(head)


@judge("courriel", recognises=is_message)
def judge_message(piece: Piece, setting: Setting) -> Examination:
    """Judge one message and what it carries; a notification of delivery is recognised, there is nothing to judge in it.

    A failed integration that an ordinary message tells of carries documents judged before: they are not judged again.
    """
    try:
        message = read_message(piece.chemin.read_bytes(), "message")
    except SourceError as error:
        raise Unreadable(error.message) from None
    seen = Examination(day=_day(message))
    rules = {id: function for id, (kinds, function) in RULES.items() if message.kind in kinds}
    letter = Letter(message)
    apply(rules, letter, setting, seen)
    if message.kind == "message":
        examine_parts(letter, setting, seen)
    return seen


def _day(message: Message) -> date | None:
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(message.raw("Date")).date()
    return None
