"""The indicators of a lot: ask, count, judge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from esms_sdk import period as periods
from esms_sdk.errors import UsageError
from esms_sdk.indicators import engine, judgement
from esms_sdk.indicators.bench import Bench
from esms_sdk.indicators.definition import DUI, rules
from esms_sdk.indicators.engine import Question
from esms_sdk.indicators.result import LECTURES, Amenagement, Etablissement, Indicateurs, Options, Rate
from esms_sdk.lot.asked import establishments, identity
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
    asked = establishments(lot, finess)
    return Question(collection_period(measured_on, options), options, asked)


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
    counted = list(engine.count(lot.con, question))
    return judged(bench, counted, measured_on, amenagements, by_ej=by_ej)


def judged(
    bench: Bench,
    counted: Sequence[tuple[engine.Place, tuple[int, ...]]],
    measured_on: date,
    amenagements: Sequence[Amenagement],
    *,
    by_ej: bool,
) -> Indicateurs:
    """Judge what :func:`engine.count` gave for the question of ``bench``; ``by_ej`` asks for its tables too."""
    lot, question = bench.lot, bench.question
    etablissements = tuple(bench.etablissement(place, values) for place, values in counted)
    organismes: tuple[Etablissement, ...] = ()
    if by_ej:
        from esms_sdk.indicators.organisme import organismes_of

        outside = frozenset(place.finess_et for place, _ in counted if bench.outside(place))
        organismes = organismes_of(lot, question, bench, etablissements, outside)
    return Indicateurs(
        dict(rules()),
        question.options,
        question.period,
        measured_on,
        identity(lot),
        etablissements,
        organismes,
        tuple(amenagements),
    )


def exit_code(result: Indicateurs) -> int:
    """Return the exit code of ``esms indicators`` (contract §1): 0, or 3 where something could not be established.

    A target that is not reached is no failure; an establishment without anybody or closed is none either, unless no
    establishment has a denominator.
    """
    rates = [i for e in result for i in e.indicateurs if isinstance(i, Rate) and i.id in DUI]
    if any(r.etat == judgement.INDETERMINEE and r.motif not in _NO_LACK for r in rates):
        return 3
    return 0 if any(r.fraction.denominateur for r in rates if r.id == DUI[0]) else 3
