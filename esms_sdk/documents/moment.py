"""Points in time as HL7 writes them (TS): ``YYYY[MM[DD[hh[mm[ss[.f]]]]]][±zzzz]``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_FORM = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,6})?)?)?)?)?)?([+-](?:0\d|1[0-4])[0-5]\d)?",
    re.ASCII,
)
_UNITS = 6
_LONGEST = 26


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: ``units`` are year, month, day, hour, minute and second as far as they are given.

    ``offset`` is the distance to UTC, None where no zone is told.
    """

    units: tuple[int, ...]
    offset: timedelta | None = None

    @property
    def day(self) -> date:
        """The local day; a missing month or day counts as the first."""
        year, month, day = (*self.units, 1, 1)[:3]
        return date(year, month, day)

    @property
    def timed(self) -> bool:
        """Whether the hour is given."""
        return len(self.units) > 3

    @property
    def instant(self) -> datetime | None:
        """The instant in UTC, None where hour or zone is not given: then it is none."""
        if not self.timed or self.offset is None:
            return None
        year, month, day, hour, minute, second = (*self.units, 0, 0)[:_UNITS]
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(self.offset)).astimezone(UTC)

    @property
    def earliest(self) -> tuple[int, ...]:
        """What orders moments of unlike precision: the earliest instant they may be, in UTC where the zone is told."""
        instant = self.instant
        if instant is not None:
            return instant.timetuple()[:_UNITS]
        return (*self.units, *(1, 1, 0, 0, 0)[len(self.units) - 1 :])


def parse_moment(text: str) -> Moment | None:
    """Return the moment that a TS states, None where it is none: an ISO date, a day that no calendar has.

    >>> parse_moment("20250102030405+0100").instant.isoformat()
    '2025-01-02T02:04:05+00:00'
    >>> parse_moment("202501020304").offset is None, parse_moment("19750230"), parse_moment("2023-01-15")
    (True, None, None)
    """
    return _parsed(text) if len(text) <= _LONGEST else None


# Dates repeat themselves in a document.
@lru_cache(maxsize=4096)
def _parsed(text: str) -> Moment | None:
    found = _FORM.fullmatch(text)
    if not found:
        return None
    *units, zone = found.groups()
    numbers = tuple(int(unit) for unit in units if unit)
    year, month, day, *clock = (*numbers, 1, 1) if len(numbers) < 3 else numbers
    try:
        datetime(year, month, day, *clock[: _UNITS - 3] if len(numbers) > 3 else ())
    except ValueError:
        return None
    moment = Moment(numbers, _offset(zone) if zone else None)
    try:
        moment.instant  # noqa: B018 (a zone may carry the first or the last year out of the calendar)
    except OverflowError:
        return None
    return moment


def _offset(zone: str) -> timedelta:
    distance = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return -distance if zone[0] == "-" else distance


def dtm_utc(text: str) -> str | None:
    """Return a TS as the DTM of XDS metadata: in UTC, without zone; a day stays a day.  None where it is no TS.

    >>> dtm_utc("20250101003000+0100"), dtm_utc("20250101"), dtm_utc("202501010030+0100")
    ('20241231233000', '20250101', '202412312330')
    """
    moment = parse_moment(text)
    if moment is None:
        return None
    instant = moment.instant
    units = instant.timetuple()[: len(moment.units)] if instant is not None else moment.units
    return "".join(f"{unit:0{4 if place == 0 else 2}}" for place, unit in enumerate(units))
