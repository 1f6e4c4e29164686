"""RPPS: the number of a health professional, ten digits and a Luhn key.

The ANS test sets hold numbers with a wrong key: in test mode a check may warn rather than fail.
"""

from __future__ import annotations

import re

from esms_sdk.identifiers import luhn
from esms_sdk.identifiers.written import InvalidIdentifier, compact, sized, sql_compact

__all__ = ["compact", "is_valid", "key", "sql_compact", "sql_is_valid", "validate"]

_FORM = re.compile("(?!0{11})[0-9]{11}")


def key(first: str) -> str:
    """Return the eleventh digit of the number whose first ten are ``first``.

    >>> key("1000000001")
    '7'
    """
    return luhn.key(first)


def validate(text: str) -> str:
    """Return the compact form of what a person wrote, or raise :class:`InvalidIdentifier`.

    >>> validate("10 000 000 017")
    '10000000017'
    >>> validate("1000000001")
    Traceback (most recent call last):
        ...
    esms_sdk.identifiers.written.InvalidIdentifier: numéro RPPS : 11 caractères attendus, 10 vus
    """
    number = sized(text, 11, "numéro RPPS")
    if not _FORM.fullmatch(number):
        raise InvalidIdentifier("numéro RPPS : chiffres attendus")
    if number[10] != key(number[:10]):
        raise InvalidIdentifier("numéro RPPS : clé de contrôle fausse")
    return number


def is_valid(text: str) -> bool:
    """Tell whether ``text``, as stored, is an RPPS number with the right key.

    >>> is_valid("10000000017"), is_valid("10000000018"), is_valid("10 000 000 017")
    (True, False, False)
    """
    return bool(_FORM.fullmatch(text)) and text[10] == key(text[:10])


def sql_is_valid(column: str) -> str:
    """Return the DuckDB twin of :func:`is_valid` over the text expression ``column``, null where it is null."""
    return luhn.sql_holds(column, column, 11)
