"""Typed values as the texts that a mapping reads: a value never changes its meaning on the way.

What a database driver gives becomes an Arrow column (:func:`column`), and what an Arrow or Parquet column holds
becomes text in the engine (:func:`as_text`), so that a query and a Parquet file of the same rows say the same.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

_CONTROL = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]"


def as_text(cell: str, kind: str) -> str:
    """Return the SQL text of a cell of a DuckDB type: ISO 8601 times, no exponent, UTF-8 or hexadecimal bytes, JSON.

    An instant (a time with an offset) is told in UTC.

    >>> as_text("c", "DATE"), as_text("c", "TIMESTAMP")
    ('cast(c as varchar)', "replace(cast(c as varchar), ' ', 'T')")
    """
    text = f"cast({cell} as varchar)"
    if kind == "VARCHAR":
        return cell
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({cell}) as varchar)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        # Without its zone the value is the UTC time, and needs no calendar.
        return f"replace(cast(cast({cell} as timestamp) as varchar), ' ', 'T') || '+00:00'"
    if kind.startswith("TIMESTAMP"):
        return f"replace({text}, ' ', 'T')"
    if kind == "BLOB":
        # A RAW key or a row version is no text; hexadecimal keeps its order.
        decoded = f"try(decode({cell}))"
        binary = f"regexp_matches(coalesce({decoded}, chr(0)), '{_CONTROL}')"
        return f"case when {binary} then lower(hex({cell})) else {decoded} end"
    return text


def column(values: Sequence[Any]) -> pyarrow.Array:
    """Return the values of one column as an Arrow array that the engine can tell as text, None as null."""
    import pyarrow

    kinds = set(map(type, values)) - {type(None)}
    if not kinds or kinds == {str}:
        return _strings(values)
    if len(kinds) == 1 and (native := _native(kinds.pop(), values)):
        # A number beyond 64 bits is told one by one, below.
        with contextlib.suppress(OverflowError, pyarrow.ArrowInvalid):
            return pyarrow.array(values, native)
    return _strings([value if value is None else _text(value) for value in values])


def _native(kind: type, values: Sequence[Any]) -> pyarrow.DataType | None:
    """Return the Arrow type that holds every value of a Python type as it is, None where there is none."""
    import pyarrow

    if kind is datetime:
        naive = {value.tzinfo is None for value in values if value is not None}
        return pyarrow.timestamp("us", tz=None if naive == {True} else "UTC") if len(naive) == 1 else None
    names = {bool: "bool", int: "int64", float: "float64", bytes: "binary", date: "date32", time: "time64[us]"}
    return pyarrow.type_for_alias(names[kind]) if kind in names else None


def _strings(values: Sequence[str | None]) -> pyarrow.Array:
    import pyarrow

    try:
        return pyarrow.array(values, pyarrow.string())
    except UnicodeEncodeError:
        # Half a character pair, that some drivers let through, has no UTF-8.
        return pyarrow.array([v and v.encode("utf-8", "replace").decode("utf-8") for v in values], pyarrow.string())


def _text(value: Any) -> str | None:
    """Return the text of one value, the same as its column has in the engine.

    >>> [_text(v) for v in (Decimal("1E+3"), Decimal("12.00"), True, b"\\x00\\xff", [1, None], timedelta(hours=26))]
    ['1000', '12.00', 'true', '00ff', '[1, null]', '26:00:00']
    """
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, time):
        return value.isoformat().rstrip("0") if value.microsecond and not value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes(bytes(value))
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=_text)
    if hasattr(value, "read"):
        # A large object (LOB), which gives text, bytes or null.
        inner = value.read()
        return None if inner is None else _text(inner)
    return str(value)


def _moment(value: datetime) -> str:
    """Write an instant in UTC, a naive time as it is; the fraction of a second without the zeros that end it."""
    if value.tzinfo is not None:
        # A null date of the year 1 may have no UTC.
        with contextlib.suppress(OverflowError):
            value = value.astimezone(UTC)
    text = value.replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if value.microsecond else text) + ("+00:00" if value.tzinfo else "")


def _duration(value: timedelta) -> str:
    """Write a time of day that a driver gives as a duration (MySQL's TIME), hours beyond 24 too."""
    sign = "-" if value < timedelta() else ""
    seconds, micro = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    fraction = f".{micro:06}" if micro else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _bytes(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.hex()
    return raw.hex() if re.search(_CONTROL, text) else text
