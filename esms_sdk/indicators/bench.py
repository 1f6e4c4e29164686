"""Judges one establishment after the other, with what holds for the whole lot at hand.

A country has tens of thousands of establishments, and their figures are small integers that come back often: a rate is
immutable, and made once for the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from esms_sdk.indicators import engine, judgement
from esms_sdk.indicators.amenagement import Targets
from esms_sdk.indicators.definition import DUI, definitions
from esms_sdk.indicators.engine import Place, Question
from esms_sdk.indicators.judgement import Evidence
from esms_sdk.indicators.result import LECTURES, Amenagement, Count, Etablissement, Fraction, Rate
from esms_sdk.period import annual_window

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

Values = tuple[int, ...]


class Bench:
    """What is known before the first figure: evidence, targets, rejects, coverage."""

    def __init__(self, lot: Lot, question: Question, amenagements: Sequence[Amenagement]) -> None:
        self.lot = lot
        self.question = question
        self.lecture = question.options.denominateur
        self.targets = Targets(amenagements, lot.manifest.perimetre)
        self.evidence = {
            name: judgement.evidence(lot, definition, question.period, question.options.evenements)
            for name, definition in definitions().items()
        }
        self.rejects = judgement.rejects(lot, engine.harmless_rejects(lot.con, question))
        self.sejours = lot.given("sejour", *definitions()[DUI[0]].lit["sejour"])
        self._partial = not lot.coverage("sejour").contains(annual_window(question.period))
        _, self._at = engine.layout(self.lecture)
        self._accompanied = itemgetter(*(self._at[f"{DUI[0]}/d/{lecture}"] for lecture in LECTURES))
        self._lines: dict[tuple[str, str | None], tuple[Line, ...]] = {}

    def etablissement(self, place: Place, values: Values) -> Etablissement:
        """Return one establishment, each of its indicators judged."""
        hors = self.outside(place)
        rejets = self.rejects.of(place.finess_et)
        return Etablissement(
            place.finess_et,
            place.finess_ej,
            place.denomination,
            place.profil_cibles,
            rejets,
            judgement.reserves(
                deployed_late=place.date_deploiement is not None
                and place.date_deploiement > self.question.period.debut,
                partial=self._partial,
                unknown_exit=place.sortie_inconnue,
            ),
            self.accompanied(self._accompanied(values)),
            tuple([line.judged(values, hors, rejets) for line in self._lines_of(place)]),
        )

    def outside(self, place: Place) -> bool:
        """Say whether an establishment was closed over the whole period."""
        return judgement.outside(self.question.period, place.date_ouverture, place.date_fermeture)

    def accompanied(self, numbers: Sequence[int]) -> dict[str, int | None]:
        """Return the accompanied persons in both readings; null without séjours."""
        return dict(zip(LECTURES, numbers if self.sejours else (None, None), strict=True))

    def line(self, name: str, cible: int | None, at: Mapping[str, int]) -> Line:
        """Return what judges one indicator against one target; ``at`` says where its figures stand among values."""
        return Line(self.evidence[name], self.lecture, cible, at, self.rejects.illisibles)

    def _lines_of(self, place: Place) -> tuple[Line, ...]:
        profil = place.profil_cibles
        key = (profil, place.finess_et if place.finess_et in self.targets.singular else None)
        if key not in self._lines:
            rates = [name for name, found in self.evidence.items() if found.definition.genre == "taux"]
            cibles = {name: self.targets.target(name, place.finess_et, profil) for name in rates}
            self._lines[key] = tuple(self.line(name, cibles.get(name), self._at) for name in self.evidence)
        return self._lines[key]


class Line:
    """One indicator against one target."""

    def __init__(
        self, found: Evidence, lecture: str, cible: int | None, at: Mapping[str, int], illisibles: bool
    ) -> None:
        self.found = found
        self.lecture = lecture
        self.cible = cible
        self.illisibles = illisibles
        name = found.definition.id
        if found.definition.genre == "nombre":
            names = [f"{name}/n"]
        elif found.definition.deux_lectures:
            names = [f"{name}/{part}/{one}" for one in LECTURES for part in "nd"]
        else:
            names = [f"{name}/n", f"{name}/d"]
        self._figures = itemgetter(*(at[one] for one in names))
        self._made: dict[tuple[Any, bool, int], Rate | Count] = {}
        self._rates: dict[tuple[Any, ...], Rate] = {}

    def judged(self, values: Values, hors: bool, rejets: int) -> Rate | Count:
        """Return the indicator of one establishment, closed over the period or not, with its r(f)."""
        key = (self._figures(values), hors, rejets)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(*key)
        return made

    def _make(self, figures: Any, hors: bool, rejets: int) -> Rate | Count:
        definition = self.found.definition
        if definition.genre == "nombre":
            motif = judgement.motif_of_number(self.found, hors_periode=hors)
            return Count(definition.id, definition.libelle, figures if self.found.fourni else None, motif)
        if not definition.deux_lectures:
            return self._rate(self.lecture, figures, hors, rejets)
        both = (self._rate("periode", figures[:2], hors, rejets), self._rate("annuelle", figures[2:], hors, rejets))
        main = both[LECTURES.index(self.lecture)]
        return Rate(main.id, main.libelle, main.lecture, main.fraction, main.cible, main.etat, main.motif, both)

    def _rate(self, lecture: str, figures: tuple[int, int], hors: bool, rejets: int) -> Rate:
        key = (lecture, figures, hors, rejets)
        if key not in self._rates:
            fraction = Fraction(*figures) if self.found.fourni else Fraction(None, None)
            etat, motif = judgement.judge(
                self.found, fraction, self.cible, hors_periode=hors, rejets=rejets, illisibles=self.illisibles
            )
            definition = self.found.definition
            self._rates[key] = Rate(definition.id, definition.libelle, lecture, fraction, self.cible, etat, motif)
        return self._rates[key]
