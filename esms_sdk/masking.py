"""Masks: no value of a record is printed as it is."""

from __future__ import annotations

import re

_LONGEST = 40
# A person's number, however it is set out.
_PERSONAL = re.compile(r"\d(?:[\s./_-]*[0-9ABab]){11,}")
# A UUID and a date (of a key such as projet|2025-09-11|0) are none: left out before the digits are looked at.
_UUID = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0\d|1[0-2])-[0-3]\d(?!\d)")


def shape(value: str | None) -> str:
    """Return the shape of a value: ``9`` for a digit, ``x`` or ``X`` for a letter, the rest as it is.

    >>> shape("31/02/1938 Éva")
    '99/99/9999 Xxx'
    >>> shape(None)
    ''
    """
    if value is None:
        return ""
    masked = "".join(
        "9" if c.isdigit() else ("X" if c.isupper() else "x") if c.isalpha() else c if c.isprintable() else "?"
        for c in value[:_LONGEST]
    )
    return masked + "…" if len(value) > _LONGEST else masked


def key(value: str | None) -> str:
    """Return a record's opaque key, masked where it holds what looks like a person's number.

    >>> key("R-000123"), key("2 53  07 2A/073 004 70"), key("PP-12|2025-09-11|0")
    ('R-000123', '9 99  99 9X/999 999 99', 'PP-12|2025-09-11|0')
    >>> key("6f9619ff-8b86-4011-9442-001250170001")
    '6f9619ff-8b86-4011-9442-001250170001'
    """
    if value is None:
        return ""
    return shape(value) if _PERSONAL.search(_DATE.sub("|", _UUID.sub("|", value))) else value


def label(value: str) -> str:
    """Return a code label as it is, unless it looks like a person's number or a date of birth.

    >>> label("Chambre double"), label("12/04/1938")
    ('Chambre double', '99/99/9999')
    """
    return shape(value) if sum(c.isdigit() for c in value) >= 6 or "@" in value else value
