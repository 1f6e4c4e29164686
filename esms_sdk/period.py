"""The *période de recueil* of an indicator, and how a date of measure gives it.

The calls for projects differ, so a period has a named definition:

- ``mois_ecoule``: programme ESMS numérique, ARS Occitanie 2022 and AAP Bourgogne-Franche-Comté 2025, «sur le mois
  écoulé mesuré à chaque fin de mois (3 mois pour la première mesure)»;
- ``trois_mois``: AAP Martinique 2025, «une mesure sur les 3 mois écoulés avant la date de mesure».

No text says whether the months are calendar ones, nor whether the last day counts: the bounds chosen here are our
reading, and every output prints them.  All dates are civil dates of the establishment, both bounds included.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True, slots=True, repr=False)
class Period:
    """The days from ``debut`` to ``fin``, both included, at least one.

    >>> Period(date(2025, 9, 1), date(2025, 9, 30))
    Period(2025-09-01, 2025-09-30)
    >>> Period(date(2025, 9, 2), date(2025, 9, 1))
    Traceback (most recent call last):
        ...
    ValueError: période inversée : 2025-09-02 est après 2025-09-01
    """

    debut: date
    fin: date

    def __post_init__(self) -> None:
        if self.debut > self.fin:
            raise ValueError(f"période inversée : {self.debut} est après {self.fin}")

    def __repr__(self) -> str:
        return f"Period({self.debut}, {self.fin})"

    def contains(self, other: Period) -> bool:
        """Tell whether every day of ``other`` is in this period.

        >>> annee = Period(date(2025, 1, 1), date(2025, 12, 31))
        >>> annee.contains(annee), annee.contains(Period(date(2024, 12, 31), date(2025, 1, 1)))
        (True, False)
        """
        return self.debut <= other.debut and other.fin <= self.fin


def mois_ecoule(measured_on: date, *, first_measure: bool = False) -> Period:
    """Return the last calendar month that is over at the end of ``measured_on``, three months at the first measure.

    AAP Bourgogne-Franche-Comté 2025: «sur le mois écoulé mesuré à chaque fin de mois (3 mois pour la première mesure)».
    Our reading: calendar months, and a month measured on its last day is over.

    >>> mois_ecoule(date(2025, 9, 30)), mois_ecoule(date(2025, 10, 1))
    (Period(2025-09-01, 2025-09-30), Period(2025-09-01, 2025-09-30))
    >>> mois_ecoule(date(2024, 2, 29)), mois_ecoule(date(2024, 2, 28))
    (Period(2024-02-01, 2024-02-29), Period(2024-01-01, 2024-01-31))
    >>> mois_ecoule(date(2026, 1, 31), first_measure=True)
    Period(2025-11-01, 2026-01-31)
    """
    last_day = monthrange(measured_on.year, measured_on.month)[1]
    first = measured_on.replace(day=1)
    if measured_on.day < last_day:
        first = _months_before(first, 1)
    fin = first.replace(day=monthrange(first.year, first.month)[1])
    return Period(_months_before(first, 2) if first_measure else first, fin)


def trois_mois(measured_on: date) -> Period:
    """Return the three months that end the day before ``measured_on``.

    AAP Martinique 2025: «une mesure sur les 3 mois écoulés avant la date de mesure».  Our reading: the day of
    measure is left out, and a day that the third month before does not have is that month's last day.

    >>> trois_mois(date(2025, 9, 30)), trois_mois(date(2025, 10, 1))
    (Period(2025-06-30, 2025-09-29), Period(2025-07-01, 2025-09-30))
    >>> trois_mois(date(2024, 2, 29)), trois_mois(date(2025, 5, 31))
    (Period(2023-11-29, 2024-02-28), Period(2025-02-28, 2025-05-30))
    """
    return Period(_months_before(measured_on, 3), measured_on - timedelta(days=1))


def annual_window(period: Period) -> Period:
    """Return the days whose exits belong to the annual *file active* read at the end of ``period``.

    CNSA, as the calls for projects quote it: the effectif at the end and the *sorties définitives* of the year.
    Our reading: the year goes from 1 January to ``period.fin``; a period that begins the year before widens it.

    >>> annual_window(Period(date(2025, 9, 1), date(2025, 9, 30)))
    Period(2025-01-01, 2025-09-30)
    >>> annual_window(Period(date(2024, 11, 29), date(2025, 2, 27)))
    Period(2024-11-29, 2025-02-27)
    """
    return Period(min(period.debut, date(period.fin.year, 1, 1)), period.fin)


def _months_before(day: date, months: int) -> date:
    """Return the same day number ``months`` months before, or that month's last day where there is none."""
    year, month0 = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))
