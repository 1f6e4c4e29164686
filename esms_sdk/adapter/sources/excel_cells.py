"""The cells of a workbook as texts: what is told of a number, a date or a time does not depend on how it is displayed.

Whole columns are converted at once and travel as one text, which the engine splits: a cell costs no call of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

SEPARATOR = "\x1f"
# A spreadsheet keeps 15 significant digits.  Of a longer number, such as an identifier of 18 digits, it has lost the
# end: it is told as the spreadsheet shows it, with an exponent (1.23456789012346e+17), so that it is no identifier.
_number = "%.15g".__mod__
# A time that was computed may fall short of its second by the error of the arithmetic.
_JUST_BEFORE = 999_500


def column(values: Sequence[Any]) -> str:
    """Return the texts of the values of one column, joined by ``SEPARATOR``; an empty cell is an empty text.

    >>> column([10000117.0, 12.5, 1234567890123456789.0]).split(SEPARATOR)
    ['10000117', '12.5', '1.23456789012346e+18']
    >>> column(["12.0", "", date(2025, 9, 4), datetime(2025, 9, 4, 10, 12), time(10, 12), True]).split(SEPARATOR)
    ['12.0', '', '2025-09-04', '2025-09-04T10:12:00', '10:12:00', 'true']
    """
    kinds = set(map(type, values))
    texts: Sequence[str]
    if kinds == {str}:
        texts = values
    elif len(kinds - {str}) == 1 and _repeats(values):
        # Not over several kinds: 1, 1.0 and True are equal keys.
        known = {value: _CONVERTERS[type(value)](value) for value in set(values)}
        texts = list(map(known.__getitem__, values))
    elif len(kinds) == 1:
        texts = list(map(_CONVERTERS[kinds.pop()], values))
    else:
        texts = [_CONVERTERS[type(value)](value) for value in values]
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) != len(texts) - 1:
        joined = SEPARATOR.join(text.replace(SEPARATOR, " ") for text in texts)
    return joined


def text(value: Any) -> str:
    """Return the text of one cell."""
    return _CONVERTERS[type(value)](value)


def _repeats(values: Sequence[Any]) -> bool:
    first = values[:500]
    return len(set(first)) * 2 < len(first)


def _own(value: str) -> str:
    return value


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _instant(value: datetime) -> str:
    if not value.microsecond:
        return value.isoformat()
    if value.microsecond >= _JUST_BEFORE:
        value += timedelta(milliseconds=1)
    return value.isoformat(timespec="seconds")


def _time(value: time) -> str:
    return _instant(datetime.combine(date(2000, 1, 1), value))[11:]


def _duration(value: timedelta) -> str:
    """Write hours beyond 24 too: a time of day in a cell of format ``[h]:mm`` is a duration.

    >>> _duration(timedelta(hours=34, minutes=5))
    '34:05:00'
    """
    sign = "-" if value < timedelta() else ""
    seconds = round(abs(value).total_seconds(), 3) // 1
    return f"{sign}{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}:{int(seconds % 60):02}"


_CONVERTERS: dict[type, Callable[[Any], str]] = {
    str: _own,
    float: _number,
    int: int.__repr__,
    bool: _boolean,
    datetime: _instant,
    date: date.isoformat,
    time: _time,
    timedelta: _duration,
}
