"""TBB.1, the dashboard of the sends of a lot, per FINESS géographique and period (contract §4).

The médico-social text of TBB.1 is not public in full: the definition is that of the same requirement in the other
couloirs of vague 1 (LGC.TBB.01 and .03, RI.TBB.01 and .03).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from esms_sdk.dashboard import queries
from esms_sdk.dashboard.periods import periods
from esms_sdk.dashboard.queries import CANAUX, Place
from esms_sdk.dashboard.result import Canal, Canaux, Echecs, Etablissement, Insi, Mesure, Professionnel, TableauDeBord
from esms_sdk.lot.asked import establishments, identity
from esms_sdk.period import Period

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

# What each count reads.  Where one of it is not supplied the count is null: nothing was counted, and nothing is 0.
_DATED = ("finess_et", "horodatage")
_MSS = {"envoi": ("envoi_id", "canal", *_DATED, "document_id", "resultat"), "document": ("document_id",)}
LIT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "couverte": {"envoi": _DATED},
    "DMP": {**_MSS, "envoi": (*_MSS["envoi"], "operation")},
    "MSS_PRO": _MSS,
    "MSS_CITOYENNE": _MSS,
    "ins_qualifiee": {"envoi": ("ins_qualifiee",)},
    "echecs.dmp": {"envoi": ("canal", *_DATED, "resultat")},
    "echecs.mss": {"envoi": ("canal", *_DATED, "message_id", "resultat")},
    "insi": {"appel_insi": (*_DATED, "resultat")},
    "admissions": {"sejour": ("usager_id", "finess_et", "date_entree")},
    "admissions_qualifiees": {
        "sejour": ("usager_id", "finess_et", "date_entree"),
        "usager": ("usager_id", "statut_identite"),
    },
}
Numbers = Sequence[int]


def compute_dashboard(lot: Lot, as_of: date, *, finess: Sequence[str] = (), by_ej: bool = False) -> TableauDeBord:
    """Compute the dashboard of each establishment of the perimeter (or of ``finess`` alone), sorted by FINESS.

    ``by_ej`` adds ``organismes``, their establishments taken as one: each document, message and person once.
    """
    asked = periods(as_of)
    places = queries.keep(lot.con, establishments(lot, finess))
    of_places = _Counts(lot, asked, "finess_et")
    organismes: tuple[Etablissement, ...] = ()
    if by_ej:
        of_organismes = _Counts(lot, asked, "finess_ej")
        names = dict(lot.con.execute("SELECT finess_ej, raison_sociale FROM organisme").fetchall())
        organismes = tuple(
            of_organismes.etablissement(
                ej, Place("", ej, names[ej], None), [one for one in places if one.finess_ej == ej]
            )
            for ej in sorted({one.finess_ej for one in places})
        )
    etablissements = tuple(of_places.etablissement(place.finess_et, place, [place]) for place in places)
    return TableauDeBord(as_of, identity(lot), etablissements, organismes)


class _Counts:
    """Everything that was counted, by group of establishments (see :mod:`esms_sdk.dashboard.queries`)."""

    def __init__(self, lot: Lot, asked: Mapping[str, Period], groupe: str) -> None:
        self.lot = lot
        self.asked = asked
        self.fourni = {
            name: all(lot.given(table, *columns) for table, columns in reads.items()) for name, reads in LIT.items()
        }

        def counted(query: Callable[[Sequence[Period], str], str]) -> list[tuple[Any, ...]]:
            return lot.con.execute(query(tuple(asked.values()), groupe)).fetchall()

        self.documents: dict[tuple[str, str], Numbers] = {row[:2]: row[2:] for row in counted(queries.documents)}
        self.professionnels: dict[str, dict[str, dict[str, Numbers]]] = {}
        for key, rpps, canal, *numbers in counted(queries.documents_by_rpps):
            self.professionnels.setdefault(key, {}).setdefault(rpps, {})[canal] = numbers
        self.echecs: dict[str, Numbers] = {row[0]: row[1:] for row in counted(queries.failures)}
        self.appels: dict[str, Numbers] = {row[0]: row[1:] for row in counted(queries.calls)}
        self.admissions: dict[str, Numbers] = {row[0]: row[1:] for row in counted(queries.admissions)}

    def etablissement(self, key: str, place: Place, members: Sequence[Place]) -> Etablissement:
        """Return one group: a period is covered where it is for each of its ``members``."""
        documents = {canal: self.documents.get((key, canal), ()) for canal in CANAUX}
        mesures = {
            name: Mesure(
                period,
                self._covered(period, members),
                self._canaux(documents, rank),
                self._echecs(self.echecs.get(key, ()), rank),
                self._insi(self.appels.get(key, ()), self.admissions.get(key, ()), rank),
            )
            for rank, (name, period) in enumerate(self.asked.items())
        }
        own = self.professionnels.get(key, {})
        par_rpps = tuple(
            Professionnel(rpps, {name: self._canaux(own[rpps], rank) for rank, name in enumerate(self.asked)})
            for rpps in sorted(own)
        )
        return Etablissement(place.finess_et, place.finess_ej, place.denomination, mesures, par_rpps)

    def _covered(self, period: Period, members: Sequence[Place]) -> bool:
        deployed = all(m.date_deploiement is None or m.date_deploiement <= period.debut for m in members)
        return self.fourni["couverte"] and deployed and self.lot.coverage("envoi").contains(period)

    def _canaux(self, documents: Mapping[str, Numbers], rank: int) -> Canaux:
        dmp, pro, citoyenne = (self._canal(canal, documents.get(canal, ()), rank) for canal in CANAUX)
        return Canaux(dmp, pro, citoyenne)

    def _canal(self, canal: str, numbers: Numbers, rank: int) -> Canal:
        if not self.fourni[canal]:
            return Canal(None, None, None)
        total, qualified = _pair(numbers, rank)
        return Canal(total, qualified, total - qualified) if self.fourni["ins_qualifiee"] else Canal(total, None, None)

    def _echecs(self, numbers: Numbers, rank: int) -> Echecs:
        dmp, mss = _pair(numbers, rank)
        return Echecs(self._told("echecs.dmp", dmp), self._told("echecs.mss", mss))

    def _insi(self, appels: Numbers, admissions: Numbers, rank: int) -> Insi:
        succes, echec = _pair(appels, rank)
        persons, qualified = _pair(admissions, rank)
        return Insi(
            self._told("insi", succes),
            self._told("insi", echec),
            self._told("admissions", persons),
            self._told("admissions_qualifiees", qualified),
        )

    def _told(self, name: str, number: int) -> int | None:
        return number if self.fourni[name] else None


def _pair(numbers: Numbers, rank: int) -> tuple[int, int]:
    """Return the two numbers of the period at ``rank``; a group without a row has none of anything."""
    return (numbers[2 * rank], numbers[2 * rank + 1]) if numbers else (0, 0)
