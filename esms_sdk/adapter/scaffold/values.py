"""What a column's own texts tell: in which formats its dates are, which labels its codes have, if it holds FINESS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from esms_sdk import masking
from esms_sdk.adapter import dates
from esms_sdk.adapter.scaffold import names
from esms_sdk.adapter.scaffold.survey import Seen
from esms_sdk.lot.schema import Column

# In the order in which they are preferred: where two read the same texts, the French one is proposed.
_DAYS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y", "%d/%m/%y",
    "%m/%d/%y", "%d-%m-%y", "%d.%m.%y",
)  # fmt: skip
_HOURS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M", " %Hh%M", " %H:%M:%S.%f", "T%H:%M:%S.%f", "T%H:%M:%S%z",
          "T%H:%M:%S.%f%z", " %H:%M:%S%z")  # fmt: skip
_CANDIDATES = (*(day + hour for hour in _HOURS for day in _DAYS), "%Y%m%d%H%M%S", "%Y%m%d%H%M")
_FIELDS = {"%Y": r"\d{4}", "%y": r"\d{2}", "%f": r"\d{1,9}", "%z": r"(?:Z|[+-]\d\d:?\d\d)"}
# A column of as many forms as this is no column of dates.
_MOST_FORMS = 20
_NONE = re.compile(r"[0\W_]+|null|nul|none|n/?a|n[ée]ant|inconnue?|aucune?|vide|nc|non renseign[ée]e?", re.I)
_MOST_LABELS, _FEW_LABELS, _LONGEST_LABEL = 40, 8, 50
_BOOLEANS = {"o", "n", "oui", "non", "vrai", "faux", "1", "0", "true", "false"}
_FINESS = re.compile(r"(?:[0-9]{2}|2[ABab])[0-9]{7}|[0-9]{8}")
# As a number has it: without the zeros in front, perhaps as a float.  So few digits tell nothing without the name.
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.0)?")
_FINESS_LENGTH = 9
_ENOUGH = 0.8
# Of a column whose name already tells of a date: an export has impossible dates, and a small one has few others.
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Dates:
    """The formats of a column's dates, and what is not sure of them.

    ``doubts`` are other formats that read the same texts as well (03/04/2025); ``nuls`` texts that mean «none»;
    ``unread`` the shapes of texts that no format reads, with how many rows have one.
    """

    formats: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    nuls: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@cache
def recognised(seen: Seen) -> Dates:
    """Return in which formats the texts of a column are dates.

    >>> recognised(Seen("x", 3, (("25/12/2025", 2), ("03/04/2025", 1)))).formats
    ('%d/%m/%Y',)
    >>> recognised(Seen("x", 1, (("03/04/2025", 1),))).doubts
    ('%m/%d/%Y',)
    """
    groups: dict[str, list[str]] = {}
    nuls = []
    for text in seen.texts:
        if _NONE.fullmatch(text):
            nuls.append(text)
        else:
            groups.setdefault(_form(text), []).append(text)
    if len(groups) > _MOST_FORMS:
        return Dates()
    counts = dict(seen.values)
    formats: dict[str, None] = {}
    doubts: dict[str, None] = {}
    unread: dict[str, int] = {}
    for texts in groups.values():
        fits = _fitting(texts)
        formats |= dict.fromkeys(fits[:1])
        doubts |= dict.fromkeys(fits[1:])
        for text in texts:
            if not fits or not _reads(fits[0], text):
                shape = masking.shape(text)
                unread[shape] = unread.get(shape, 0) + counts[text]
    if sum(unread.values()) > (1 - _HALF) * seen.filled:
        return Dates()
    told = tuple(f"{count} × {shape}" for shape, count in sorted(unread.items()))
    return Dates(tuple(formats), tuple(one for one in doubts if one not in formats), tuple(nuls[:5]), told)


def _form(text: str) -> str:
    """Return what texts of one format share: 3/4/2025 and 13/04/2025 do."""
    return re.sub(r"\d+", lambda found: {4: "Y"}.get(len(found[0]), "9" if len(found[0]) < 4 else "L"), text)


def _fitting(texts: Sequence[str]) -> list[str]:
    """Return the formats that read the texts, the best first; those that read as many are doubts."""
    tried = [(sum(_reads(one, text) for text in texts), one) for one in _CANDIDATES if _reads_one(one, texts[:20])]
    most = max((count for count, _ in tried), default=0)
    return [one for count, one in tried if count == most] if most >= _HALF * len(texts) else []


def _reads_one(pattern: str, texts: Iterable[str]) -> bool:
    return any(_reads(pattern, text) for text in texts)


@cache
def _shape(pattern: str) -> re.Pattern[str]:
    """Return what a text in a format looks like: a failed reading is dear."""
    compact = "/" not in pattern and "-" not in pattern and "." not in pattern
    digits = r"\d{2}" if compact else r"\d{1,2}"
    fields = re.split("(%.)", pattern)
    return re.compile("".join(_FIELDS.get(one, digits) if one.startswith("%") else re.escape(one) for one in fields))


def _reads(pattern: str, text: str) -> bool:
    if not _shape(pattern).fullmatch(text):
        return False
    try:
        return datetime.strptime(text, pattern).year > 1800
    except ValueError:
        return False


def needed(column: Column, formats: Sequence[str]) -> tuple[str, ...]:
    """Return the formats that must be written: none where the column reads them anyhow."""
    default = dates.ISO["timestamp"] if column.kind == "timestamp" else dates.ISO["date"]
    return () if set(formats) <= set(default) else tuple(formats)


def labels(seen: Seen) -> tuple[str, ...] | None:
    """Return the labels of a column of codes, None where it holds something else: labels are short, and come again.

    >>> labels(Seen("x", 3, (("Fin", 2), ("Autre", 1)))), labels(Seen("x", 9, tuple((f"dit {i}", 1) for i in range(9))))
    (('Autre', 'Fin'), None)
    """
    several = len(seen.values)
    if not seen.filled or several > _MOST_LABELS or (several >= _FEW_LABELS and several * 2 > seen.filled):
        return None
    if any(len(text) > _LONGEST_LABEL for text in seen.texts):
        return None
    shown = tuple(sorted(text for text in seen.texts if masking.label(text) == text))
    return shown if len(shown) == len(seen.values) else None


def are_codes(column: Column, found: Sequence[str]) -> bool:
    """Say whether labels are already what the lot wants."""
    if column.kind == "boolean":
        return all(text.lower() in _BOOLEANS for text in found)
    return all(text in column.values for text in found)


def are_finess(seen: Seen) -> bool:
    """Say whether a column holds FINESS numbers, also without the zero in front."""
    named = "finess" in names.words(seen.name)
    matching = sum(
        count
        for text, count in seen.values
        if _FINESS.fullmatch(text) or (named and _NUMBER.fullmatch(text) and text.strip("0."))
    )
    return bool(seen.filled) and matching >= _ENOUGH * sum(count for _, count in seen.values)


def finess_sql(seen: Seen, cell: str) -> str | None:
    """Return the expression that makes FINESS of a column stored as a number, None where its texts are as they should.

    >>> finess_sql(Seen("Finess", 1, (("117", 1),)), "f"), finess_sql(Seen("Finess", 1, (("000000117", 1),)), "f")
    ("lpad(f, 9, '0')", None)
    """
    floats = any(text.endswith(".0") for text in seen.texts)
    if not floats and all(len(text) >= _FINESS_LENGTH for text in seen.texts):
        return None
    whole = f"regexp_replace({cell}, '[.]0$', '')" if floats else cell
    return f"lpad({whole}, {_FINESS_LENGTH}, '0')"


def fit(column: Column, seen: Seen) -> bool:
    """Say whether the texts of a column may be what a column of the lot holds."""
    if not seen.filled:
        return False
    if column.name.startswith("finess"):
        return are_finess(seen)
    if column.kind in ("date", "timestamp") or column.name == "date_naissance":
        return bool(recognised(seen).formats)
    if column.kind == "integer":
        return all(text.isdigit() for text in seen.texts)
    if column.kind == "boolean" or column.values:
        return labels(seen) is not None
    return True
