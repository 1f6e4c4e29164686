"""One cell of a published file: a whole number, a rate, a date, a FINESS, as people and office programs write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

Raw = str | int | float | bool | date | None

# What people put where there is no value.
_NONE = frozenset({"", "-", "–", "—", "nc", "nd", "n.c.", "n.d.", "n/a", "na", "null", "none", "sans objet", "so"})
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")
_WHOLE = re.compile(r"[+-]?\d+([.,]0+)?")
_DECIMAL = re.compile(r"[+-]?\d+(?:[.,](\d+))?")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?")
_FRENCH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?")
_NO_COUNT = 10**9
_FINESS = re.compile(r"(\d{2}|2[AB])\d{7}")


class Unreadable(ValueError):
    """The cell is not what was expected; the message says what that is."""


class Taux(NamedTuple):
    """A rate as printed: ``valeur`` of its unit, ``pas`` the unit of its last digit; ``pourcent`` null: not said."""

    valeur: float
    pas: float
    pourcent: bool | None


def is_none(raw: Raw) -> bool:
    """Tell whether a cell says nothing."""
    return raw is None or (isinstance(raw, str) and raw.strip().casefold() in _NONE)


def entier(raw: Raw) -> int | None:
    """Return a whole number; dots, commas and spaces between groups of three digits part thousands.

    What is longer than any count is none: a person's number in the wrong column is never told as one.

    >>> entier("1 234"), entier("1.234"), entier("12,0"), entier(12.0), entier("-3"), entier("NC")
    (1234, 1234, 12, 12, -3, None)
    >>> entier("12,5")
    Traceback (most recent call last):
        ...
    esms_sdk.publication.cells.Unreadable: nombre entier attendu
    """
    if is_none(raw):
        return None
    number = _entier(raw)
    if number is None or abs(number) >= _NO_COUNT:
        raise Unreadable("nombre entier attendu")
    return number


def _entier(raw: Raw) -> int | None:
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        text = _SPACES.sub("", raw)
        if _GROUPED.fullmatch(text):
            return int(re.sub(r"[.,]", "", text))
        if _WHOLE.fullmatch(text):
            return int(re.split(r"[.,]", text)[0])
    return None


def is_number(raw: Raw) -> bool:
    """Tell whether a cell holds a number, whole or not."""
    if isinstance(raw, str):
        return bool(_DECIMAL.fullmatch(_SPACES.sub("", raw)))
    return isinstance(raw, (int, float)) and not isinstance(raw, bool)


def taux(raw: Raw) -> Taux | None:
    """Return a rate as it was printed.

    >>> taux("93,8 %"), taux("93.75"), taux(0.938), taux("")
    (Taux(valeur=93.8, pas=0.1, pourcent=True), Taux(valeur=93.75, pas=0.01, pourcent=None), \
Taux(valeur=0.938, pas=0.001, pourcent=None), None)
    """
    if is_none(raw):
        return None
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        # A workbook or JSON does not tell 94 from 94.0: the coarser is taken.
        raw = str(int(raw)) if float(raw).is_integer() else format(float(raw), ".12f").rstrip("0")
    if isinstance(raw, str):
        text = _SPACES.sub("", raw)
        percent = text.endswith("%")
        if found := _DECIMAL.fullmatch(text.removesuffix("%")):
            value = float(found[0].replace(",", "."))
            if abs(value) >= _NO_COUNT:
                raise Unreadable("taux attendu (93,8 %, 93.8 ou 0.938)")
            return Taux(value, 10.0 ** -len(found[1] or ""), True if percent else None)
    raise Unreadable("taux attendu (93,8 %, 93.8 ou 0.938)")


def jour(raw: Raw) -> date | None:
    """Return a day, ISO or French.

    >>> jour("2025-09-30"), jour("30/09/2025"), jour("30-9-2025")
    (datetime.date(2025, 9, 30), datetime.date(2025, 9, 30), datetime.date(2025, 9, 30))
    """
    if is_none(raw):
        return None
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, str):
        text = raw.strip()
        try:
            if found := _ISO.fullmatch(text):
                return date(int(found[1]), int(found[2]), int(found[3]))
            if found := _FRENCH.fullmatch(text):
                return date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            pass
    raise Unreadable("date attendue, AAAA-MM-JJ ou JJ/MM/AAAA")


def finess(raw: Raw) -> tuple[str, bool]:
    """Return a FINESS, and whether a spreadsheet had taken its leading zeros away.

    >>> finess("75 071 218 4"), finess(10007987), finess("2a0000014")
    (('750712184', False), ('010007987', True), ('2A0000014', False))
    """
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = _SPACES.sub("", str(raw)).upper() if raw is not None and not isinstance(raw, bool) else ""
    text = text.removeprefix("'")
    if _FINESS.fullmatch(text):
        return text, False
    if text.isdigit() and 0 < len(text) < 9 and int(text):
        return text.zfill(9), True
    raise Unreadable("numéro FINESS attendu : neuf caractères")
