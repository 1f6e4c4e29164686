"""The date formats of a mapping: which ones are sound, and the SQL that reads a text with them."""

from __future__ import annotations

import re

from esms_sdk import database

ISO = {"date": ("%Y-%m-%d",), "timestamp": ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")}
# What a SQL expression that gives a date or a time prints as.
PRINTED = (*ISO["timestamp"], "%Y-%m-%d %H:%M:%S.%f")
_FIELD = re.compile(r"%-?.|.", re.S)
_KNOWN = frozenset("YymdHIpMSfzbBjaA%")
_OF_BIRTH = frozenset("YmdHMS%")
# The shortest and longest text of each field that has not one or two characters.
_WIDTHS = {
    "%Y": (4, 4), "%y": (2, 2), "%b": (3, 3), "%B": (3, 9), "%f": (1, 9), "%z": (3, 6), "%j": (1, 3), "%p": (2, 2),
    "%a": (3, 3), "%A": (6, 9), "%%": (1, 1),
}  # fmt: skip
# A year before this one is a slip of the pen (25 for 2025), never a date of the field.
_FIRST_YEAR = 1000


def _letters(pattern: str) -> list[str]:
    return [field[-1] for field in _FIELD.findall(pattern) if field.startswith("%")]


def fault(pattern: str, *, of_birth: bool = False) -> str | None:
    """Return what is wrong with a format, None where nothing is.

    >>> fault("%d/%m/%Y %H:%M"), fault("%d/%m"), fault("%Y-%m-%d %Q")
    (None, "le jour, le mois et l'année y sont attendus", '«%Q» est inconnu')
    """
    letters = _letters(pattern)
    known = _OF_BIRTH if of_birth else _KNOWN
    unknown = [letter for letter in letters if letter not in known]
    if unknown or (pattern.endswith("%") and (len(pattern) - len(pattern.rstrip("%"))) % 2):
        return f"«%{unknown[0]}» est inconnu" + (" ici" if of_birth else "") if unknown else "«%» sans lettre"
    year = letters.count("Y") + letters.count("y")
    month, day, rank = sum(map(letters.count, "mbB")), letters.count("d"), letters.count("j")
    if year != 1 or (month, day, rank) not in ((1, 1, 0), (0, 0, 1)):
        return "le jour, le mois et l'année y sont attendus"
    return None


def civil(text: str, patterns: tuple[str, ...], zone: str, source_zone: str | None) -> str:
    """Return the SQL of the civil timestamp that a text is in one of the formats, null where it is in none.

    ``zone`` is SQL that names the time zone of the result: a time with an offset (``%z``), or of ``source_zone``, is
    converted to it.
    """
    tries = [f"case when {_fits(one, text)} then {_parsed(one, text, zone, source_zone)} end" for one in patterns]
    return tries[0] if len(tries) == 1 else f"coalesce({', '.join(tries)})"


def _parsed(pattern: str, text: str, zone: str, source_zone: str | None) -> str:
    if "z" in _letters(pattern):
        offset = f"case when ends_with({text}, 'Z') then {text}[:-2] || '+00:00' else {text} end"
        value = f"try_strptime({offset}, {database.text(pattern)}) at time zone {zone}"
    else:
        value = f"try_strptime({text}, {database.text(pattern)})"
        if source_zone:
            value = f"{value} at time zone {database.text(source_zone)} at time zone {zone}"
    if "f" in _letters(pattern):
        value = f"date_trunc('second', {value})"
    if "Y" not in _letters(pattern):
        return value
    return f"case when year({value}) >= {_FIRST_YEAR} then {value} end"


def _fits(pattern: str, text: str) -> str:
    """Return the SQL that says whether ``text`` has a length that the format can have (a failed try is dear)."""
    shortest = longest = 0
    for field in _FIELD.findall(pattern):
        low, high = _WIDTHS.get(field.replace("-", ""), (1, 2)) if field.startswith("%") else (1, 1)
        shortest, longest = shortest + low, longest + high
    if "z" in _letters(pattern):
        shortest -= 2
    fits = f"length({text}) between {shortest} and {longest}"
    # The engine reads «infinity» and «epoch» in any format, as 1900-01-01.
    first = _FIELD.findall(pattern)[0]
    return f"{fits} and ascii({text}) between 48 and 57" if first[0] == "%" and first[-1] in "YymdHIMSjf" else fits


def of_birth(text: str, patterns: tuple[str, ...]) -> str:
    """Return the SQL that writes a date of birth AAAA-MM-JJ by moving its parts, so that a 00 can still be seen."""
    whens = []
    for pattern in patterns:
        regex = _birth_regex(pattern)
        order = [letter for letter in _letters(pattern) if letter in "dmY"]
        matched = database.text(f"^{regex}$")
        part = {letter: f"regexp_extract({text}, {matched}, {i})" for i, letter in enumerate(order, 1)}
        whens.append(
            f"when regexp_full_match({text}, {database.text(regex)}) "
            f"then {part['Y']} || '-' || lpad({part['m']}, 2, '0') || '-' || lpad({part['d']}, 2, '0')"
        )
    return f"case {' '.join(whens)} else {text} end" if whens else text


def _birth_regex(pattern: str) -> str:
    r"""Return the regular expression of a format, a group for each part of the date.

    >>> print(_birth_regex("%d/%m/%Y"), _birth_regex("%d%m%Y"))
    (\d{1,2})/(\d{1,2})/(\d{4}) (\d{2})(\d{2})(\d{4})
    """
    fields = _FIELD.findall(pattern)
    found = ""
    for place, field in enumerate(fields):
        beside = (*fields[max(place - 1, 0) : place], *fields[place + 1 : place + 2])
        touching = any(one.startswith("%") and one != "%%" for one in beside)
        if not field.startswith("%"):
            found += field if field == " " else re.escape(field)
        elif field == "%%":
            found += "%"
        elif field == "%Y":
            found += r"(\d{4})"
        else:
            digits = r"\d{2}" if touching else r"\d{1,2}"
            found += f"({digits})" if field[-1] in "dm" else digits
    return found
