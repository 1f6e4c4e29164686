"""The moment of a signature: told by who signs, or read from the clock, here and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime

from esms_sdk.errors import DossierError
from esms_sdk.export.french import jour


def now() -> datetime:
    """Return the moment at which a person signs, to the second: the one thing that a dossier takes from the clock.

    Everything before the signature is the same bytes for the same input (contract); a signature says when it was made.
    """
    return datetime.now(UTC).replace(microsecond=0)


def read(word: str) -> datetime:
    """Return an ISO date and time, with its offset or ``Z``, in UTC and to the second.

    >>> read("2025-10-02T09:30:00+02:00")
    datetime.datetime(2025, 10, 2, 7, 30, tzinfo=datetime.timezone.utc)
    """
    try:
        found = datetime.fromisoformat(word)
        if found.tzinfo is None:
            raise ValueError("no offset")
        return in_utc(found)
    except (ValueError, OverflowError):
        hint = "Écrire par exemple 2025-10-02T09:30:00+02:00, ou 2025-10-02T07:30:00Z."
        raise DossierError("ESMS-E616", f"moment de signature illisible : {word!r}", hint=hint) from None


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, to the second; one without offset is none."""
    if moment.tzinfo is None:
        raise ValueError("a moment has an offset")
    return moment.astimezone(UTC).replace(microsecond=0)


def shown(moment: datetime) -> str:
    """Return a moment as people read it, with its seconds where there are some.

    >>> shown(datetime(2025, 10, 2, 7, 30, tzinfo=UTC)), shown(datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC))
    ('02/10/2025 à 07:30 UTC', '01/01/2026 à 23:59:59 UTC')
    """
    found = in_utc(moment)
    return f"{jour(found)} à {found:%H:%M:%S}".removesuffix(":00") + " UTC"


def told(moment: datetime) -> str:
    """Return a moment as JSON has it.

    >>> told(datetime(2025, 10, 2, 7, 30, tzinfo=UTC))
    '2025-10-02T07:30:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
