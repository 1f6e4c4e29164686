"""NIR and NIA: the number of a person in the national register, and its form before the civil status is certified.

Fifteen characters: sex, year (2), month (2), département (2, Corsica 2A and 2B), commune or country (3), order (3) and
key (2) = 97 - (the first thirteen modulo 97), 2A counted as 19 and 2B as 18.  Sex is 1 or 2; 3 and 4 (foreigners being
registered), 7 and 8 (provisional numbers) are let through, because the field holds some.  Month is 01 to 12, or 20 to
99 where it is unknown or the series is full.  Département, commune and order are not judged.
"""

from __future__ import annotations

import re

from esms_sdk.identifiers.written import InvalidIdentifier, compact, sized, sql_compact

__all__ = ["compact", "is_valid", "key", "sql_compact", "sql_is_valid", "validate"]

_FORM = re.compile("[123478][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])(?:[0-9]{2}|2[AB])[0-9]{8}")


def key(first: str) -> str:
    """Return the two digits of the key of the number whose first thirteen characters are ``first``.

    >>> key("2770101154003"), key("253072B073004")
    ('29', '70')
    """
    digits = first.replace("2A", "19").replace("2B", "18") if first[6] in "AB" else first
    return f"{97 - int(digits) % 97:02}"


def validate(text: str) -> str:
    """Return the compact form of what a person wrote, or raise :class:`InvalidIdentifier`.

    >>> validate("2 77 01 01 154 003 29"), validate("2 53 07 2b 073 004 70")
    ('277010115400329', '253072B07300470')
    >>> validate("2 77 01 01 154 003 30")
    Traceback (most recent call last):
        ...
    esms_sdk.identifiers.written.InvalidIdentifier: NIR : clé de contrôle fausse
    """
    number = sized(text, 15, "NIR")
    if not _FORM.fullmatch(number):
        raise InvalidIdentifier("NIR : sexe, mois de naissance ou caractère inattendu")
    if number[13:] != key(number[:13]):
        raise InvalidIdentifier("NIR : clé de contrôle fausse")
    return number


def is_valid(text: str) -> bool:
    """Tell whether ``text``, as stored, is a NIR or NIA with the right key.

    >>> is_valid("277010115400329"), is_valid("253072A07300443"), is_valid("253072a07300443")
    (True, True, False)
    >>> is_valid("118058599124123"), is_valid("000000000000097")
    (False, False)
    """
    return bool(_FORM.fullmatch(text)) and text[13:] == key(text[:13])


def sql_is_valid(column: str) -> str:
    """Return the DuckDB twin of :func:`is_valid` over the text expression ``column``, null where it is null.

    Fifteen bytes that give an integer of fifteen digits are fifteen digits, or an exponent such as ``1.5e14``: then the
    integer ends in 00, which is no key.  Without the leading 1 to 9, ``0x`` and spaces would pass for digits too.
    Only what is no integer is tried again as Corsican.
    """
    head, tail = f"substr({column}, 1, 5)", f"substr({column}, 8)"
    corsican = f"CASE substr({column}, 6, 2) WHEN '2A' THEN {head} || '19' || {tail}"
    corsican += f" WHEN '2B' THEN {head} || '18' || {tail} END"
    number = f"coalesce(try_cast({column} AS BIGINT), try_cast({corsican} AS BIGINT))"
    sex = "(n BETWEEN 100000000000000 AND 499999999999999 OR n BETWEEN 700000000000000 AND 899999999999999)"
    month = "n // 10000000000 % 100 NOT IN (0, 13, 14, 15, 16, 17, 18, 19)"
    # A lambda, because DuckDB would cast once for each mention of the number.
    holds = f"{sex} AND {month} AND 97 - n // 100 % 97 = n % 100"
    judged = f"strlen({column}) = 15 AND {column} >= '1' AND list_transform([{number}], lambda n: {holds})[1]"
    return f"coalesce({judged}, CASE WHEN {column} IS NOT NULL THEN false END)"
