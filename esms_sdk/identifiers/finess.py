"""FINESS: the number of an establishment (géographique) or of the body that runs it (juridique).

Nine characters: département (2A, 2B in Corsica), seven digits, of which the last is a Luhn key where the letters count
A as 1 and B as 2 (seen on every number of an extract of the ANS open data, 2026).  The number alone does not tell the
géographique from the juridique.  The third digit is usually 0; that is not asked.  Département 00 stands for invented
establishments; nine zeros are no number.
"""

from __future__ import annotations

import re

from esms_sdk.identifiers import luhn
from esms_sdk.identifiers.written import InvalidIdentifier, compact, sized, sql_compact

__all__ = ["compact", "is_valid", "key", "sql_compact", "sql_is_valid", "validate"]

_FORM = re.compile("(?!0{9})(?:[0-9]{2}|2[AB])[0-9]{7}")
_LETTERS = str.maketrans("AB", "12")


def key(first: str) -> str:
    """Return the ninth character of the number whose first eight are ``first``.

    >>> key("75071218"), key("2A000001")
    ('4', '4')
    """
    return luhn.key(first.translate(_LETTERS))


def validate(text: str) -> str:
    """Return the compact form of what a person wrote, or raise :class:`InvalidIdentifier`.

    >>> validate("75 071 218 4"), validate("2a 000 001 4")
    ('750712184', '2A0000014')
    >>> validate("75 071 218 5")
    Traceback (most recent call last):
        ...
    esms_sdk.identifiers.written.InvalidIdentifier: numéro FINESS : clé de contrôle fausse
    """
    number = sized(text, 9, "numéro FINESS")
    if not _FORM.fullmatch(number):
        raise InvalidIdentifier("numéro FINESS : chiffres attendus (2A ou 2B en tête pour la Corse)")
    if number[8] != key(number[:8]):
        raise InvalidIdentifier("numéro FINESS : clé de contrôle fausse")
    return number


def is_valid(text: str) -> bool:
    """Tell whether ``text``, as stored, is a FINESS number with the right key.

    >>> is_valid("750712184"), is_valid("75 071 218 4"), is_valid("480787529"), is_valid("000000000")
    (True, False, False, False)
    """
    return bool(_FORM.fullmatch(text)) and text[8] == key(text[:8])


def sql_is_valid(column: str) -> str:
    """Return the DuckDB twin of :func:`is_valid` over the text expression ``column``, null where it is null.

    A lot has few distinct numbers: over a long column it pays to judge those and join.
    """
    letter = f"translate(substr({column}, 2, 1), 'AB', '12')"
    corsican = f"{column} >= '2A' AND {column} < '2C'"
    digits = f"CASE WHEN {corsican} THEN '2' || {letter} || substr({column}, 3) ELSE {column} END"
    return luhn.sql_holds(column, digits, 9)
