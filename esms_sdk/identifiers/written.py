"""How people write numbers: with spaces, dots and dashes that do not count, and small letters."""

from __future__ import annotations

# Space, tab, line ends; no-break, figure, thin, narrow no-break and zero-width spaces, byte order mark.
_SPACES = " \t\r\n\u00a0\u2007\u2009\u202f\u200b\ufeff"
# Full stop, hyphen-minus, hyphen, no-break hyphen, figure dash, en dash, em dash, minus sign.
_MARKS = ".-\u2010\u2011\u2012\u2013\u2014\u2212"
# A and B are the only letters of these numbers (Corsica).
_COMPACT = str.maketrans("ab", "AB", _SPACES + _MARKS)


class InvalidIdentifier(ValueError):
    """A number that cannot be one of its kind; the reason is in French and never shows the value."""


def compact(text: str) -> str:
    """Return ``text`` without spaces, dots and dashes, its letters A and B in upper case.

    >>> compact(" 2 53 07 2b 073 004 70"), compact("75.071-218\u202f4")
    ('253072B07300470', '750712184')
    """
    return text.translate(_COMPACT)


def sql_compact(column: str) -> str:
    """Return the DuckDB twin of :func:`compact` over the text expression ``column``."""
    # translate() removes the characters for which the third argument has no counterpart.
    return f"translate({column}, 'ab{_SPACES}{_MARKS}', 'AB')"


def sized(text: str, length: int, kind: str) -> str:
    """Return the compact form of ``text`` if it has ``length`` characters, else raise with what was seen."""
    number = compact(text)
    if not number:
        raise InvalidIdentifier(f"{kind} vide")
    if len(number) != length:
        raise InvalidIdentifier(f"{kind} : {length} caractères attendus, {len(number)} vus")
    return number
