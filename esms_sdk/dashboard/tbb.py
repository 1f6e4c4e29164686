"""TBB.1, the dashboard of the sends of a lot, per FINESS géographique and period (contract §4).

The médico-social text of TBB.1 is not public in full: the definition is that of the same requirement in the other
couloirs of vague 1 (LGC.TBB.01 and .03, RI.TBB.01 and .03).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from esms_sdk.dashboard import queries
from esms_sdk.dashboard.periods import mois_du_cours, periods
from esms_sdk.dashboard.queries import CANAUX, Place
from esms_sdk.dashboard.result import (
    Canal,
    Canaux,
    Echecs,
    Etablissement,
    Insi,
    Mesure,
    Mois,
    Professionnel,
    TableauDeBord,
)
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
    periods(as_of)  # a date without a year before is said before anything is read
    places = queries.keep(lot.con, establishments(lot, finess))
    of_places = _Counts(lot, as_of, "finess_et")
    organismes: tuple[Etablissement, ...] = ()
    if by_ej:
        of_organismes = _Counts(lot, as_of, "finess_ej")
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

    def __init__(self, lot: Lot, as_of: date, groupe: str) -> None:
        self.lot = lot
        self.asked = periods(as_of)
        self.months = mois_du_cours(as_of)
        self.groupe = groupe
        self.fourni = {
            name: all(lot.given(table, *columns) for table, columns in reads.items()) for name, reads in LIT.items()
        }
        three = tuple(self.asked.values())
        covered = lot.coverage("envoi")
        self.inside = {period: covered.contains(period) for period in (*three, *self.months)}
        query = queries.documents(self.months, three, groupe)
        self.documents = self._sent(query, f"{groupe} AS groupe", self.months, 2)
        self.professionnels: dict[str, dict[str, dict[str, Numbers]]] = {}
        if lot.given("envoi", "rpps"):
            query = queries.documents_by_rpps(self.months, three, groupe)
            for (key, rpps, canal), numbers in self._sent(query, f"{groupe} AS groupe, rpps", three, 3).items():
                self.professionnels.setdefault(key, {}).setdefault(rpps, {})[canal] = numbers
        self.echecs: dict[str, list[int]] = {}
        for key, rank, *numbers in lot.con.execute(queries.failures(self.months, three, groupe)).fetchall():
            self.echecs.setdefault(key, self._zeros())[2 * rank : 2 * rank + 2] = numbers
        self.appels = self._by_group(queries.calls(three, groupe))
        self.admissions = self._by_group(queries.admissions(three, groupe))

    def _zeros(self) -> list[int]:
        """Two numbers for each period, then for each month."""
        return [0] * (2 * (len(self.asked) + len(self.months)))

    def _sent(self, query: str, keys: str, read: Sequence[Period], width: int) -> dict[tuple[str, ...], Numbers]:
        """Return the numbers of documents by group and channel, with the few that the query leaves open."""
        found: dict[tuple[str, ...], list[int]] = {}
        opened: set[str] = set()
        for row in self.lot.con.execute(query).fetchall():
            rank, total, qualified, left_open = row[width:]
            numbers = found.setdefault(row[:width], self._zeros())
            if rank is not None:
                numbers[2 * rank : 2 * rank + 2] = (total, qualified)
                opened.update(left_open or ())
        if opened:
            exact = queries.first_states(self.months, tuple(self.asked.values()), keys, read)
            for row in self.lot.con.execute(exact, [sorted(opened)]).fetchall():
                for rank, qualified in enumerate(row[width:] if row[:width] in found else ()):
                    found[row[:width]][2 * rank + 1] += qualified
        return dict(found)

    def _by_group(self, query: str) -> dict[str, Numbers]:
        return {row[0]: row[1:] for row in self.lot.con.execute(query).fetchall()}

    def etablissement(self, key: str, place: Place, members: Sequence[Place]) -> Etablissement:
        """Return one group: a period is covered where it is for each of its ``members``."""
        since = max((m.date_deploiement for m in members if m.date_deploiement), default=date.min)
        documents = {canal: self.documents.get((key, canal), ()) for canal in CANAUX}
        echecs = self.echecs.get(key, ())
        mesures = {
            name: Mesure(
                period,
                self._covered(period, since),
                self._canaux(documents, rank),
                self._echecs(echecs, rank),
                self._insi(self.appels.get(key, ()), self.admissions.get(key, ()), rank),
            )
            for rank, (name, period) in enumerate(self.asked.items())
        }
        own = self.professionnels.get(key, {})
        par_rpps = tuple(
            Professionnel(rpps, {name: self._canaux(own[rpps], rank) for rank, name in enumerate(self.asked)})
            for rpps in sorted(own)
        )
        cours = tuple(self._course(documents, echecs, since))
        return Etablissement(place.finess_et, place.finess_ej, place.denomination, mesures, par_rpps, cours)

    def _covered(self, period: Period, since: date) -> bool:
        return self.fourni["couverte"] and since <= period.debut and self.inside[period]

    def _canaux(self, documents: Mapping[str, Numbers], rank: int) -> Canaux:
        dmp, pro, citoyenne = (self._canal(canal, documents.get(canal, ()), rank) for canal in CANAUX)
        return Canaux(dmp, pro, citoyenne)

    def _canal(self, canal: str, numbers: Numbers, rank: int) -> Canal:
        if not self.fourni[canal]:
            return Canal(None, None, None)
        total, qualified = _pair(numbers, rank)
        return Canal(total, qualified, total - qualified) if self.fourni["ins_qualifiee"] else Canal(total, None, None)

    def _course(self, documents: Mapping[str, Numbers], echecs: Numbers, since: date) -> Iterator[Mois]:
        """Give the months, whose numbers stand after those of the periods."""
        first, nothing = 2 * len(self.asked), (None,) * len(self.months)
        zeros = (0,) * len(self.months)

        def column(name: str, numbers: Numbers, at: int) -> Sequence[int | None]:
            return nothing if not self.fourni[name] else numbers[at::2] if numbers else zeros

        channels = [column(canal, documents[canal], first) for canal in CANAUX]
        failed = column("echecs.dmp", echecs, first), column("echecs.mss", echecs, first + 1)
        for month, dmp, pro, citoyenne, *both in zip(self.months, *channels, *failed, strict=True):
            yield Mois(month, self._covered(month, since), dmp, pro, citoyenne, Echecs(*both))

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
    """Return the two numbers of the period at ``rank``, then of the month; without a row they are 0."""
    return (numbers[2 * rank], numbers[2 * rank + 1]) if numbers else (0, 0)
