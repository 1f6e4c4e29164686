"""A series of 36 months against the 36 measures that it stands for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from esms_sdk import compute_indicators, open_lot
from esms_sdk.api import compute_series
from tests.bench import lots
from tests.bench.measure import Ratio, compare

MONTHS = 36
DEBUT, FIN = date(lots.YEAR - 2, 1, 1), date(lots.YEAR, 12, 31)


def of_three_years(size: lots.Size) -> lots.Size:
    """The same size a month, over three years."""
    logs = ("mises_a_jour", "evenements", "messages", "dmp", "mois")
    return replace(size, nom=f"{size.nom}-{MONTHS}", **{name: 3 * getattr(size, name) for name in logs})


def warm(size: lots.Size, folder: Path, goal: float) -> Ratio:
    """Compare, in one process with an open lot, the series with the sum of the measures of its months."""
    with open_lot(lots.make(of_three_years(size), folder)) as lot:
        days = [month.mesure_le for month in compute_series(lot, DEBUT, FIN)]

        def measures() -> None:
            for day in days:
                compute_indicators(lot, day)

        return compare(
            f"{MONTHS} mois en série / {MONTHS} mesures, lot ouvert : {size.nom}",
            goal,
            measures,
            lambda: compute_series(lot, DEBUT, FIN),
            rounds=3,
            note=f"{size.etablissements} ESSMS",
        )
