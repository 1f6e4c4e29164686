"""«TBB.1 different from zero», establishment by establishment: which period shows it, or what is missing.

The programme wants values that are not zero; two cells of the dashboard are zero by construction (a document without a
qualified identity goes neither to the DMP nor to the person), and a failure is nobody's aim: the totals are meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from esms_sdk.dashboard.result import Mesure

ZERO, NON_COUVERT, NON_FOURNI = "TBB_ZERO", "TBB_NON_COUVERT", "TBB_NON_FOURNI"
LIBELLES = {
    "mois_courant": "mois courant",
    "annee_courante": "année courante",
    "annee_precedente": "année précédente",
    "dmp": "DMP",
    "mss": "MSSanté",
    "mss_pro": "MSSanté professionnelle",
    "mss_citoyenne": "MSSanté citoyenne",
}
_CANAUX = ("dmp", "mss_pro", "mss_citoyenne")
# The year before serves as long as the year under way is this young (contract §5).
_MONTHS_OF_GRACE = 3


class Service(NamedTuple):
    """One service in one period: the documents fed or sent, null where no period shows any; ``motif`` null is met."""

    nom: str
    periode: str | None
    valeur: int | None
    motif: str | None

    @property
    def nomme(self) -> str:
        """The service, with its period where there is one."""
        return LIBELLES[self.nom] + (f" ({LIBELLES[self.periode]})" if self.periode else "")


def services(periodes: Mapping[str, Mesure], as_of: date, *, strict: bool = False) -> tuple[Service, ...]:
    """Return what each service shows as of a day, in the one period that serves best.

    ``strict``: each channel in each of the three periods, so a line for each of them.
    """
    if strict:
        return tuple(_of(canal, name, one) for name, one in periodes.items() for canal in _CANAUX)
    names = ["annee_courante"] + (["annee_precedente"] if as_of.month <= _MONTHS_OF_GRACE else [])
    covered = [name for name in names if periodes[name].couverte]
    if not covered:
        motifs = {nom: _of(nom, None, periodes[names[0]]).motif for nom in ("dmp", "mss")}
        return tuple(Service(nom, None, None, motif) for nom, motif in motifs.items())
    best = max(covered, key=lambda name: _both(periodes[name]))
    return tuple(_of(nom, best, periodes[best]) for nom in ("dmp", "mss"))


def _of(nom: str, periode: str | None, one: Mesure) -> Service:
    valeur = _value(nom, one)
    if valeur is None:
        # First: what is not in the export covers no period either.
        return Service(nom, periode, None, NON_FOURNI)
    return Service(nom, periode, valeur, NON_COUVERT if not one.couverte else None if valeur else ZERO)


def _value(nom: str, one: Mesure) -> int | None:
    if nom != "mss":
        total: int | None = getattr(one.canaux, nom).total
        return total
    pro, citoyenne = one.canaux.mss_pro.total, one.canaux.mss_citoyenne.total
    return None if pro is None or citoyenne is None else pro + citoyenne


def _both(one: Mesure) -> tuple[bool, int]:
    dmp, mss = _value("dmp", one) or 0, _value("mss", one) or 0
    return dmp > 0 and mss > 0, dmp + mss
