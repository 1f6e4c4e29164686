"""The indicators of a lot: ask, count, judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from esms_sdk import period as periods
from esms_sdk.errors import UsageError
from esms_sdk.indicators import engine, judgement
from esms_sdk.indicators.amenagement import Amenagement, Targets
from esms_sdk.indicators.definition import DUI, Definition, definitions, rules
from esms_sdk.indicators.engine import Numbers, Question
from esms_sdk.indicators.judgement import Evidence, Rejects
from esms_sdk.indicators.result import LECTURES, Count, Etablissement, Fraction, Indicateurs, Options, Rate
from esms_sdk.period import Period

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

_CHOICES = {
    "definition": ("mois_ecoule", "trois_mois"),
    "denominateur": LECTURES,
    "evenements": ("dans_la_periode", "sans_borne"),
}
# Motifs that are no lack of the lot: the exit code of ``esms indicators`` stays 0 (contract §1).
_NO_LACK = ("DENOMINATEUR_NUL", "ETABLISSEMENT_HORS_PERIODE")


def collection_period(measured_on: date, options: Options) -> Period:
    """Return the *période de recueil* that ``options`` define for a day of measure; a wrong option is refused."""
    for name, choices in _CHOICES.items():
        if getattr(options, name) not in choices:
            raise UsageError("ESMS-E132", f"option {name} : «{getattr(options, name)}»",
                             hint=f"Au choix : {', '.join(choices)}.")  # fmt: skip
    if options.definition == "mois_ecoule":
        return periods.mois_ecoule(measured_on, first_measure=options.premiere_mesure)
    if options.premiere_mesure:
        raise UsageError("ESMS-E131", "la première mesure n'existe pas dans la définition «trois_mois»",
                         hint="Trois mois y sont toujours mesurés : ôter --first-measure.")  # fmt: skip
    return periods.trois_mois(measured_on)


def ask(lot: Lot, measured_on: date, options: Options, finess: Sequence[str] = ()) -> Question:
    """Return what is asked of a lot: the establishments of its perimeter, or those of ``finess``."""
    asked = sorted(set(finess) or lot.manifest.perimetre)
    if unknown := sorted(set(asked) - set(lot.manifest.perimetre)):
        raise UsageError("ESMS-E130", f"FINESS hors du périmètre du lot : {', '.join(unknown)}",
                         hint="Le périmètre est la clé «perimetre» de manifeste.json.")  # fmt: skip
    return Question(collection_period(measured_on, options), options, tuple(asked))


def compute_indicators(
    lot: Lot,
    measured_on: date,
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    finess: Sequence[str] = (),
    by_ej: bool = False,
    amenagements: Sequence[Amenagement] = (),
) -> Indicateurs:
    """Compute the indicators of each establishment of the perimeter (or of ``finess`` alone), sorted by FINESS.

    ``by_ej`` adds ``organismes``: each person once an organisme, which the texts do not ask for.  No clock: the period
    follows from ``measured_on`` and ``options``.
    """
    question = ask(lot, measured_on, options, finess)
    bench = Bench(lot, question, amenagements)
    engine.prepare(lot.con, question)
    numbers = list(engine.count(lot.con, question))
    etablissements = tuple(bench.etablissement(one) for one in numbers)
    organismes: tuple[Etablissement, ...] = ()
    if by_ej:
        from esms_sdk.indicators.organisme import organismes_of

        outside = frozenset(n.finess_et for n in numbers if bench.outside(n))
        organismes = organismes_of(lot, question, bench, etablissements, outside)
    manifest = lot.manifest
    identity = {
        "editeur": manifest.editeur,
        "logiciel": manifest.logiciel,
        "version_logiciel": manifest.version_logiciel,
        "date_extraction": manifest.date_extraction.isoformat(timespec="seconds"),
        "empreinte_sha256": lot.digest,
    }
    return Indicateurs(dict(rules()), options, question.period, measured_on, identity, etablissements, organismes)


def exit_code(result: Indicateurs) -> int:
    """Return the exit code of ``esms indicators`` (contract §1): 0, or 3 where something could not be established.

    A target that is not reached is no failure; an establishment without anybody or closed is none either, unless no
    establishment has a denominator.
    """
    rates = [i for e in result for i in e.indicateurs if isinstance(i, Rate) and i.id in DUI]
    if any(r.etat == judgement.INDETERMINEE and r.motif not in _NO_LACK for r in rates):
        return 3
    return 0 if any(r.fraction.denominateur for r in rates if r.id == DUI[0]) else 3


class Bench:
    """Judges the figures of one establishment after the other, with what holds for the whole lot at hand.

    Rates are immutable and small integers come back often: one is made once for the same figures.
    """

    def __init__(self, lot: Lot, question: Question, amenagements: Sequence[Amenagement]) -> None:
        self.lot = lot
        self.question = question
        self.targets = Targets(amenagements, lot.manifest.perimetre)
        self.evidence = {
            name: judgement.evidence(lot, definition, question.period, question.options.evenements)
            for name, definition in definitions().items()
        }
        self.rejects: Rejects = judgement.rejects(lot, engine.harmless_rejects(lot.con, question))
        self.sejours = lot.given("sejour", *definitions()[DUI[0]].lit["sejour"])
        self._rates: dict[tuple[object, ...], Rate] = {}

    def outside(self, numbers: Numbers) -> bool:
        """Say whether an establishment was closed over the whole period."""
        return judgement.outside(self.question.period, numbers.date_ouverture, numbers.date_fermeture)

    def etablissement(self, numbers: Numbers) -> Etablissement:
        """Return one establishment, each of its indicators judged."""
        hors = self.outside(numbers)
        rejets = self.rejects.of(numbers.finess_et)
        indicateurs: list[Rate | Count] = []
        for name, found in self.evidence.items():
            if found.definition.genre == "taux":
                cible = self.targets.target(name, numbers.finess_et, numbers.profil_cibles)
                indicateurs.append(self.rate(found, numbers.values, cible, hors, rejets))
            else:
                indicateurs.append(self.count(found, numbers.values[f"{name}/n"], hors))
        return Etablissement(
            finess_et=numbers.finess_et,
            finess_ej=numbers.finess_ej,
            denomination=numbers.denomination,
            profil_cibles=numbers.profil_cibles,
            rejets_sejours=rejets,
            reserves=judgement.reserves(
                self.lot,
                self.question.period,
                sortie_inconnue=numbers.sortie_inconnue,
                deploiement=numbers.date_deploiement,
            ),
            personnes_accompagnees=self.accompanied(numbers.values),
            indicateurs=tuple(indicateurs),
        )

    def rate(self, found: Evidence, values: dict[str, int], cible: int | None, hors: bool, rejets: int) -> Rate:
        """Return one rate, in the chosen reading; where it has two, both are in it, each judged by its own numbers."""
        chosen = self.question.options.denominateur
        if not found.definition.deux_lectures:
            return self._one(found, chosen, self._fraction(found, values, ""), cible, hors, rejets)
        fractions = {one: self._fraction(found, values, f"/{one}") for one in LECTURES}
        key = (found.definition.id, *fractions.values(), cible, hors, rejets)
        if key not in self._rates:
            both = tuple(self._one(found, one, fractions[one], cible, hors, rejets) for one in LECTURES)
            self._rates[key] = replace(both[LECTURES.index(chosen)], lectures=both)
        return self._rates[key]

    def count(self, found: Evidence, value: int | None, hors: bool) -> Count:
        """Return one plain number."""
        definition: Definition = found.definition
        motif = judgement.motif_of_number(found, hors_periode=hors)
        return Count(definition.id, definition.libelle, value if found.fourni else None, motif)

    def accompanied(self, values: dict[str, int]) -> dict[str, int | None]:
        """Return the accompanied persons in both readings; null without séjours."""
        return {one: values[f"{DUI[0]}/d/{one}"] if self.sejours else None for one in LECTURES}

    def _fraction(self, found: Evidence, values: dict[str, int], suffix: str) -> tuple[int, int] | None:
        name = found.definition.id
        return (values[f"{name}/n{suffix}"], values[f"{name}/d{suffix}"]) if found.fourni else None

    def _one(
        self, found: Evidence, lecture: str, numbers: tuple[int, int] | None, cible: int | None, hors: bool, rejets: int
    ) -> Rate:
        key = (found.definition.id, lecture, numbers, cible, hors, rejets)
        if key not in self._rates:
            fraction = Fraction(*(numbers or (None, None)))
            etat, motif = judgement.judge(
                found, fraction, cible, hors_periode=hors, rejets=rejets, illisibles=self.rejects.illisibles
            )
            definition = found.definition
            self._rates[key] = Rate(definition.id, definition.libelle, lecture, fraction, cible, etat, motif)
        return self._rates[key]
