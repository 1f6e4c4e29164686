"""The indicators of a lot recomputed as a published file says it made them, and who explains a difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from esms_sdk import masking
from esms_sdk.checks.registry import Examined, Indetermine
from esms_sdk.indicators import (
    Count,
    Etablissement,
    Fraction,
    Indicateurs,
    Options,
    Rate,
    compute_indicators,
    definitions,
    engine,
    judgement,
    membership,
    situation,
)
from esms_sdk.indicators.compute import ask
from esms_sdk.indicators.engine import Question
from esms_sdk.indicators.membership import RAISONS
from esms_sdk.publication import INDICATEURS, Chiffre

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

# Differences that are followed to the rows, for each indicator; the others are named with their numbers.
EXPLAINED = 20
_KEYS = 5
_GROUPS = 3
_MOTIFS = {
    "DONNEE_NON_FOURNIE": "une table ou une colonne qu'il lit n'est pas fournie",
    "PERIODE_NON_COUVERTE": "le lot ne couvre pas toute la période",
    "JOURNAL_INCOMPLET": "le journal des mises à jour n'a que les dernières, et l'extraction vient trop tard",
    "HISTORIQUE_INCOMPLET": "les statuts des projets n'ont que le dernier, et l'extraction vient trop tard",
}


@dataclass
class Recalcul:
    """The recomputation over one lot: ``places`` by FINESS; ``explained`` counts what was followed to the rows."""

    lot: Lot
    question: Question
    result: Indicateurs
    places: Mapping[str, Etablissement]
    explained: dict[str, int] = field(default_factory=dict)
    ready: bool = False
    others: dict[Options, Mapping[str, Etablissement]] = field(default_factory=dict)

    def holds(self, one: Chiffre) -> bool:
        """Say whether a published figure is of an establishment and of the days that were recomputed."""
        period = self.question.period
        return (
            one.finess_et in self.places
            and one.debut in (None, period.debut)
            and one.fin in (None, period.fin)
            and self.fraction(one) is not None
        )

    def fraction(self, one: Chiffre) -> Fraction | None:
        """Return the two numbers of the same figure, recomputed; null where there is none in that reading."""
        lecture = one.lecture or self.question.options.denominateur
        return fraction(self.places[one.finess_et], one.indicateur, lecture)

    def under(self, options: Options) -> Mapping[str, Etablissement]:
        """Return the establishments computed under other options."""
        if options not in self.others:
            self.others[options] = by_finess(compute_indicators(self.lot, self.result.mesure_le, options))
            # The tables of the engine are those of the last question.
            self.ready = False
        return self.others[options]

    def reasons(self, one: Chiffre, champ: str, ecart: int) -> str:
        """Return the rows that most likely make a difference, opaque keys only, as French text."""
        seen = self.explained.get(one.indicateur, 0)
        if seen >= EXPLAINED or not ecart:
            return ""
        self.explained[one.indicateur] = seen + 1
        self._prepare()
        con = self.lot.con
        con.execute("create or replace temp table retenu as select * from _retenu where finess_et = ?", [one.finess_et])
        con.execute("create or replace temp table situation as select * from _situation semi join retenu using (n)")
        lecture = one.lecture or self.question.options.denominateur
        question = replace(self.question, options=replace(self.question.options, denominateur=lecture))
        return _told(engine.fetch(con, question, membership.query(one.indicateur)), champ, ecart)

    def _prepare(self) -> None:
        if not self.ready:
            engine.prepare(self.lot.con, self.question)
            situation.add(self.lot.con, self.question)
            for name in ("retenu", "situation"):
                self.lot.con.execute(f"create or replace temp table _{name} as select * from {name}")
            self.ready = True


def fraction(place: Etablissement, indicateur: str, lecture: str) -> Fraction | None:
    """Return the two numbers of an indicator in a reading; a plain number has no denominator."""
    found = next((one for one in place.indicateurs if one.id == indicateur), None)
    if isinstance(found, Count):
        return Fraction(found.valeur, None)
    if isinstance(found, Rate):
        read = [one for one in (*found.lectures, found) if one.lecture == lecture]
        return read[0].fraction if read else None
    return None


def by_finess(result: Indicateurs) -> dict[str, Etablissement]:
    return {one.finess_et: one for one in result}


def day_of(examined: Examined) -> date:
    """Return the day that the lot is judged as of: that of a dossier, else the last one that it covers."""
    return examined.faits.mesure_le if examined.faits else last_day(examined.lot)


def last_day(lot: Lot) -> date:
    """Return the last day that a lot can be measured on: a nightly extraction covers the day before."""
    return min(lot.manifest.date_extraction.date(), lot.manifest.periode_couverte.fin)


def measured(examined: Examined) -> Indicateurs:
    """Return the indicators of the lot itself: those of a dossier, else on its last day with the default options."""
    if examined.faits:
        return examined.faits.mesures
    held = examined.partage
    if "indicateurs" not in held:
        held["indicateurs"] = compute_indicators(examined.lot, last_day(examined.lot))
        # The tables of the engine have changed hands.
        if "recalcul" in held:
            held["recalcul"].ready = False
    found: Indicateurs = held["indicateurs"]
    return found


def indicators_of_lot(examined: Examined) -> dict[str, Etablissement]:
    """Return the establishments of the lot by FINESS, as :func:`measured` has them."""
    return by_finess(measured(examined))


def recalcul(examined: Examined, *indicateurs: str) -> Recalcul:
    """Return the recomputation that the published file asks for.

    Raises :class:`Indetermine` where the lot does not allow it for ``indicateurs``.
    """
    published = examined.publications[INDICATEURS]
    lot, held = examined.lot, examined.partage
    if "recalcul" not in held:
        question = ask(lot, published.jour, published.options)
        result = compute_indicators(lot, published.jour, published.options)
        held["recalcul"] = Recalcul(lot, question, result, by_finess(result))
    found: Recalcul = held["recalcul"]
    for name in indicateurs:
        seen = judgement.evidence(lot, definitions()[name], found.question.period, found.question.options.evenements)
        if motif := judgement.motif_of_number(seen, hors_periode=False):
            raise Indetermine(f"{definitions()[name].libelle} : {_MOTIFS[motif]} ({motif})")
    return found


def _told(rows: Sequence[tuple[str, str, str, str]], champ: str, ecart: int) -> str:
    """Name the groups whose size is the difference first, then the smallest that could hold it."""
    groups: dict[tuple[str, str], list[str]] = {}
    for objet, etat, motif, key in rows:
        if _may_explain(objet, etat, champ, ecart):
            groups.setdefault((objet, motif), []).append(masking.key(key))
    size = abs(ecart)
    ordered = sorted(groups.items(), key=lambda g: (len(g[1]) != size, len(g[1]) < size, len(g[1]), g[0]))
    told = []
    for (objet, motif), keys in ordered[:_GROUPS]:
        same = ", leur nombre est l'écart" if len(keys) == size else ""
        more = " …" if len(keys) > _KEYS else ""
        objets = objet + "s" * (len(keys) > 1)
        told.append(f"{len(keys)} {objets} [{motif}{same}] {RAISONS[motif]} : {', '.join(keys[:_KEYS])}{more}")
    return " ; ".join(told)


def _may_explain(objet: str, etat: str, champ: str, ecart: int) -> bool:
    if champ == "denominateur":
        return objet == "personne" and (etat in ("exclu", "hors_perimetre")) == (ecart > 0)
    return (etat != "numerateur") == (ecart > 0)
