"""The three periods of the dashboard and the months of its course, as of a date.

TBB.1 in the other couloirs of vague 1 (LGC.TBB.01): «plusieurs périodes (a minima mois courant, année courante, année
précédente)».  All dates are civil dates of the establishment, both bounds included.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from esms_sdk.errors import UsageError
from esms_sdk.period import Period

MOIS_DU_COURS = 24
"""Months of the course, that of the date included: they hold the three periods, whatever the date."""


def mois_courant(as_of: date) -> Period:
    """Return the days from the first of the month to ``as_of``.

    >>> mois_courant(date(2025, 9, 30)), mois_courant(date(2025, 10, 1))
    (Period(2025-09-01, 2025-09-30), Period(2025-10-01, 2025-10-01))
    """
    return Period(as_of.replace(day=1), as_of)


def annee_courante(as_of: date) -> Period:
    """Return the days from 1 January to ``as_of``.

    >>> annee_courante(date(2025, 9, 30)), annee_courante(date(2026, 1, 1))
    (Period(2025-01-01, 2025-09-30), Period(2026-01-01, 2026-01-01))
    """
    return Period(date(as_of.year, 1, 1), as_of)


def annee_precedente(as_of: date) -> Period:
    """Return the whole year before that of ``as_of``.

    >>> annee_precedente(date(2025, 1, 1)), annee_precedente(date(2024, 12, 31))
    (Period(2024-01-01, 2024-12-31), Period(2023-01-01, 2023-12-31))
    """
    return Period(date(as_of.year - 1, 1, 1), date(as_of.year - 1, 12, 31))


def periods(as_of: date) -> dict[str, Period]:
    """Return the three periods by name, in the order of the contract (§4).

    >>> list(periods(date(2025, 9, 30)))
    ['mois_courant', 'annee_courante', 'annee_precedente']
    """
    if as_of.year <= date.min.year + 1:
        raise UsageError("ESMS-E135", f"date d'arrêté sans année précédente : {as_of}", hint="Vérifier --as-of.")
    return {
        "mois_courant": mois_courant(as_of),
        "annee_courante": annee_courante(as_of),
        "annee_precedente": annee_precedente(as_of),
    }


def mois_du_cours(as_of: date) -> tuple[Period, ...]:
    """Return the 24 months that end with that of ``as_of``, oldest first; the last one ends with ``as_of``.

    >>> months = mois_du_cours(date(2025, 9, 12))
    >>> len(months), months[0], months[-1]
    (24, Period(2023-10-01, 2023-10-31), Period(2025-09-01, 2025-09-12))
    """
    last = as_of.year * 12 + as_of.month - 1
    firsts = [date(n // 12, n % 12 + 1, 1) for n in range(last - MOIS_DU_COURS + 1, last)]
    whole = [Period(first, first.replace(day=monthrange(first.year, first.month)[1])) for first in firsts]
    return (*whole, mois_courant(as_of))
