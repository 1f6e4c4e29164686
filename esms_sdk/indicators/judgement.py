"""From two integers to an état and its motif: contract §3, «etat», point by point and in this order.

Everything here is integers and flags; nothing looks at the data again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import TYPE_CHECKING

from esms_sdk.indicators.definition import Definition
from esms_sdk.indicators.result import Fraction
from esms_sdk.period import Period

if TYPE_CHECKING:
    from datetime import date

    from esms_sdk.lot import Lot

ATTEINTE = "ATTEINTE"
NON_ATTEINTE = "NON_ATTEINTE"
INDETERMINEE = "INDETERMINEE"
SANS_OBJET = "SANS_OBJET"

# In the order in which they are looked for (contract §3).
MOTIFS = (
    "DONNEE_NON_FOURNIE",
    "ETABLISSEMENT_HORS_PERIODE",
    "PERIODE_NON_COUVERTE",
    "JOURNAL_INCOMPLET",
    "HISTORIQUE_INCOMPLET",
    "DENOMINATEUR_NUL",
    "REJETS_PRESENTS",
)
# A flag of the manifest that is false makes this motif, once the extraction comes too late.
_MOTIF_OF_FLAG = {"journal_maj_complet": "JOURNAL_INCOMPLET", "historique_statuts_complet": "HISTORIQUE_INCOMPLET"}
# Until this hour of the day after the period, a «last update» still is that of the period.
_LATEST = time(6, 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the lot gives for one indicator, the same for each establishment.

    ``fourni``: every table and column that it reads is there; else it has no number at all.  ``motif`` is what the
    coverage and the completeness of the logs have against it (points 3), if anything.
    """

    definition: Definition
    fourni: bool
    motif: str | None


@dataclass(frozen=True, slots=True)
class Rejects:
    """The rejected séjours: r(f) by FINESS, and whether those without readable FINESS spoil every rate of the lot."""

    by_finess: Mapping[str, int]
    illisibles: bool

    def of(self, finess_et: str) -> int:
        """Return r(f)."""
        return self.by_finess.get(finess_et, 0)


def evidence(lot: Lot, definition: Definition, period: Period, evenements: str) -> Evidence:
    """Look at what ``lot`` gives for one indicator over ``period``."""
    fourni = all(lot.given(table, *columns) for table, columns in definition.lit.items())
    motif = None
    if not all(lot.coverage(log).contains(period) for log in definition.logs(evenements)):
        motif = "PERIODE_NON_COUVERTE"
    elif extracted_too_late(lot, period):
        lacking = [flag for flag in definition.completude if not getattr(lot.manifest, flag)]
        motif = _MOTIF_OF_FLAG[lacking[0]] if lacking else None
    return Evidence(definition, fourni, motif)


def extracted_too_late(lot: Lot, period: Period) -> bool:
    """Say whether the lot was extracted after 06:00 of the day after the period (at 06:00 sharp it was not)."""
    extraction = lot.manifest.date_extraction
    days = (extraction.date() - period.fin).days
    return days > 1 or (days == 1 and extraction.time() > _LATEST)


def judge(
    evidence: Evidence, fraction: Fraction, cible: int | None, *, hors_periode: bool, rejets: int, illisibles: bool
) -> tuple[str, str | None]:
    """Return the état of a rate and its motif.  ``cible`` null is SANS_OBJET; ``rejets`` is r(f)."""
    if cible is None:
        return SANS_OBJET, None
    motif = motif_of_number(evidence, hors_periode=hors_periode)
    if motif is None and not fraction.denominateur:
        motif = "DENOMINATEUR_NUL"
    if motif:
        return INDETERMINEE, motif
    met = fraction.reaches(cible)
    if illisibles or (met and not fraction.reaches(cible, rejets)):
        return INDETERMINEE, "REJETS_PRESENTS"
    return (ATTEINTE if met else NON_ATTEINTE), None


def motif_of_number(evidence: Evidence, *, hors_periode: bool) -> str | None:
    """Return the first of the motifs 1 to 3, the only ones that a plain number has."""
    if not evidence.fourni:
        return "DONNEE_NON_FOURNIE"
    return "ETABLISSEMENT_HORS_PERIODE" if hors_periode else evidence.motif


def outside(period: Period, ouverture: date | None, fermeture: date | None) -> bool:
    """Say whether an establishment had not opened by the end of ``period``, or had closed before it."""
    return (ouverture is not None and period.fin < ouverture) or (fermeture is not None and period.debut > fermeture)


@cache
def reserves(*, deployed_late: bool, partial: bool, unknown_exit: bool) -> tuple[str, ...]:
    """Return the reserves of an establishment, by code point: they stand beside an état and never change it.

    ``deployed_late``: the DUI came into use after the first day of the period; ``partial``: the séjours do not cover
    the annual window; ``unknown_exit``: one of the exits of the year may or may not be definitive.
    """
    found = {
        "DEPLOIEMENT_EN_COURS": deployed_late,
        "FILE_ACTIVE_PARTIELLE": partial,
        "SORTIE_NON_QUALIFIEE": unknown_exit,
    }
    return tuple([reserve for reserve, holds in found.items() if holds])


def rejects(lot: Lot, harmless: Mapping[str, int]) -> Rejects:
    """Return the rejected séjours of a lot, less by FINESS the ``harmless`` ones, which would not have counted.

    Those whose FINESS cannot be read matter above one row and above 1 % of all séjours, accepted and rejected.
    """
    tables = lot.manifest.imported.get("rejets_par_finess") or {}
    counts: Mapping[str, int] = tables.get("sejour") or {}
    by_finess = {finess: max(n - harmless.get(finess, 0), 0) for finess, n in counts.items() if finess != "?"}
    unreadable = counts.get("?", 0)
    if unreadable <= 1:
        return Rejects(by_finess, False)
    accepted = lot.con.execute("SELECT count(*) FROM sejour").fetchall()[0][0]
    return Rejects(by_finess, 100 * unreadable > accepted + sum(counts.values()))
