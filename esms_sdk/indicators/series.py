"""The indicators month by month (``--series``): each month is what one measure gives, each log is read once.

A month of a series is measured on a day that its output names: with ``mois_ecoule`` the last day of the month, with
``trois_mois`` the day after it.  Either way the period ends on the last day of the month, and every figure is that of
``esms indicators --measured-on`` that day: the same counting and the same judgement run for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from esms_sdk.errors import UsageError
from esms_sdk.indicators import engine, judgement, series_words
from esms_sdk.indicators.bench import Bench
from esms_sdk.indicators.compute import collection_period, exit_code, judged
from esms_sdk.indicators.engine import Question
from esms_sdk.indicators.result import Amenagement, Etablissement, Indicateurs, Options, Rate
from esms_sdk.lot.asked import establishments

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

MAX_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Serie:
    """The indicators of consecutive months, oldest first: one :class:`Indicateurs` a month, at least one."""

    mois: tuple[Indicateurs, ...]

    def __iter__(self) -> Iterator[Indicateurs]:
        return iter(self.mois)

    def __len__(self) -> int:
        return len(self.mois)

    @property
    def exit_code(self) -> int:
        """0 if each month is complete, else 3, as the measure of that month alone would say (contract §1)."""
        return 3 if self.incomplets() else 0

    def incomplets(self) -> list[date]:
        """Return the last days of the months of which something could not be established."""
        return [one.periode.fin for one in self.mois if exit_code(one)]

    def premieres_atteintes(self) -> dict[tuple[str, str, str], date | None]:
        """Return, by (``finess_ej``, ``finess_et``, indicator), the last day of the first month that met its target.

        Null where none did: a month that could not be judged is none, whatever its numbers.  What has no target is
        not there.
        """
        found: dict[tuple[str, str, str], date | None] = {}
        for one in self.mois:
            for place in (*one.organismes, *one.etablissements):
                for rate in _rates(place):
                    key = (place.finess_ej, place.finess_et, rate.id)
                    if rate.cible is not None and found.get(key) is None:
                        found[key] = one.periode.fin if rate.etat == judgement.ATTEINTE else None
        return found


def months(debut: date, fin: date) -> list[date]:
    """Return the first days of the months from that of ``debut`` to that of ``fin``, both included.

    >>> [f"{month:%Y-%m}" for month in months(date(2024, 12, 31), date(2025, 2, 1))]
    ['2024-12', '2025-01', '2025-02']
    """
    first, last = (day.year * 12 + day.month - 1 for day in (debut, fin))
    if first > last:
        raise UsageError("ESMS-E136", f"série inversée : {debut:%Y-%m} est après {fin:%Y-%m}",
                         hint="Donner le premier mois, puis le dernier.")  # fmt: skip
    if last - first >= MAX_MONTHS:
        raise UsageError("ESMS-E137", f"série de {last - first + 1} mois", hint=f"Au plus {MAX_MONTHS} mois à la fois.")
    return [date(number // 12, number % 12 + 1, 1) for number in range(first, last + 1)]


def day_of_measure(month: date, definition: str) -> date:
    """Return the day on which the month that begins on ``month`` is measured.

    >>> day_of_measure(date(2025, 2, 1), "mois_ecoule"), day_of_measure(date(2025, 2, 1), "trois_mois")
    (datetime.date(2025, 2, 28), datetime.date(2025, 3, 1))
    """
    following = (month + timedelta(days=31)).replace(day=1)
    return following if definition == "trois_mois" else following - timedelta(days=1)


def compute_series(
    lot: Lot,
    debut: date,
    fin: date,
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    finess: Sequence[str] = (),
    by_ej: bool = False,
    amenagements: Sequence[Amenagement] = (),
) -> Serie:
    """Compute the indicators of each month from that of ``debut`` to that of ``fin``, both included."""
    if options.premiere_mesure:
        raise UsageError("ESMS-E138", "une série n'a pas de première mesure", hint="Ôter --first-measure.")
    asked = establishments(lot, finess)
    days = [day_of_measure(month, options.definition) for month in months(debut, fin)]
    questions = [Question(collection_period(day, options), options, asked) for day in days]
    calendar = series_words.Calendar(questions)
    benches = [Bench(lot, question, amenagements) for question in questions]
    engine.prepare_places(lot.con, questions[0])
    try:
        series_words.gather(lot.con, calendar)
        return Serie(tuple(_months(benches, days, calendar, amenagements, by_ej=by_ej)))
    finally:
        series_words.forget(lot.con)


def _months(
    benches: Sequence[Bench],
    days: Sequence[date],
    calendar: series_words.Calendar,
    amenagements: Sequence[Amenagement],
    *,
    by_ej: bool,
) -> Iterator[Indicateurs]:
    con = benches[0].lot.con
    counted = series_words.count(con, calendar)
    for rank, (bench, day) in enumerate(zip(benches, days, strict=True)):
        found = next(counted)
        if by_ej:
            series_words.show(con, calendar, [rank])
        yield judged(bench, found, day, amenagements, by_ej=by_ej)


def _rates(place: Etablissement) -> list[Rate]:
    return [one for one in place.indicateurs if isinstance(one, Rate)]
