"""A published figure held against the recomputed one: its difference, what may make it, and the rows to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from esms_sdk.checks.published import Juge
from esms_sdk.checks.recalcul import Recalcul, fraction
from esms_sdk.indicators import DUI, Fraction
from esms_sdk.indicators.result import LECTURES
from esms_sdk.publication import Chiffre


class Regle(NamedTuple):
    """Which number is compared, and the finding where it differs.

    A rate that stands without numbers is judged with the numerator.
    """

    champ: str
    code: str


def differences(held: Recalcul, chiffres: Iterable[Chiffre], regle: Regle) -> Iterator[Juge]:
    """Judge the published figures that can be compared."""
    for one in chiffres:
        if not held.holds(one):
            continue
        real = held.fraction(one)
        assert real is not None
        if _says(one, regle) is None:
            continue
        if _agrees(one, real, regle):
            yield Juge(one.cle, one.finess_et, ligne=one.ligne)
        else:
            code, told = _difference(held, one, real, regle)
            yield Juge(one.cle, one.finess_et, code, told, one.ligne)


def _says(one: Chiffre, regle: Regle) -> float | None:
    own = one.numerateur if regle.champ == "numerateur" else one.denominateur
    if own is None and regle.champ == "numerateur" and one.taux is not None:
        return one.taux
    return own


def _alone(one: Chiffre) -> bool:
    return one.numerateur is None


def _agrees(one: Chiffre, real: Fraction, regle: Regle) -> bool:
    if regle.champ == "denominateur":
        return one.denominateur == real.denominateur
    if not _alone(one):
        return one.numerateur == real.numerateur
    if real.numerateur is None or not real.denominateur or one.taux is None:
        return one.taux is None
    return abs(one.taux - 100 * real.numerateur / real.denominateur) <= (one.pas or 0) / 2 + 1e-9


def _difference(held: Recalcul, one: Chiffre, real: Fraction, regle: Regle) -> tuple[str, str]:
    """Return the code and the words: another option that gives the same numbers is no error but is named."""
    told = _numbers(one, real, regle)
    if other := _other_option(held, one, regle):
        return other[0], f"{told} ; {other[1]}"
    ecart = _size(one, real, regle)
    rejets = held.places[one.finess_et].rejets_sejours
    if rejets:
        told += f" ; {rejets} séjour(s) de cet établissement ont été rejetés à l'import"
    if one.indicateur == "taux_mssante" and not _alone(one) and (hint := _persons(held, one)):
        told += f" ; {hint}"
    if rows := held.reasons(one, regle.champ, ecart):
        told += f" ; à regarder : {rows}"
    return regle.code, told


def _numbers(one: Chiffre, real: Fraction, regle: Regle) -> str:
    if regle.champ == "numerateur" and _alone(one):
        rate = "aucun" if real.taux is None else f"{real.taux:g} %"
        return f"publié {one.taux:g} %, recalculé {rate} ({real.numerateur} sur {real.denominateur})"
    ours = real.numerateur if regle.champ == "numerateur" else real.denominateur
    theirs = one.numerateur if regle.champ == "numerateur" else one.denominateur
    return f"{regle.champ} publié {theirs}, recalculé {ours}"


def _size(one: Chiffre, real: Fraction, regle: Regle) -> int:
    """Return by how many the published number is above the recomputed one; of a rate alone, about how many."""
    if regle.champ == "denominateur":
        return (one.denominateur or 0) - (real.denominateur or 0)
    if not _alone(one):
        return (one.numerateur or 0) - (real.numerateur or 0)
    about = (one.taux or 0) * (real.denominateur or 0) / 100 - (real.numerateur or 0)
    return round(about) or (1 if about > 0 else -1)


def _other_option(held: Recalcul, one: Chiffre, regle: Regle) -> tuple[str, str] | None:
    options = held.question.options
    if one.indicateur == DUI[0] and one.lecture is None:
        lecture = next(name for name in LECTURES if name != options.denominateur)
        other = fraction(held.places[one.finess_et], one.indicateur, lecture)
        if other and _whole(one, other):
            return "AUTRE_LECTURE", f"c'est la lecture «{lecture}» (option denominateur)"
    if one.indicateur == DUI[2] and options.evenements == "dans_la_periode":
        place = held.under(replace(options, evenements="sans_borne"))[one.finess_et]
        other = fraction(place, one.indicateur, options.denominateur)
        if other and _agrees(one, other, regle):
            return "SANS_BORNE", "c'est le nombre avec les événements de toute date (option evenements)"
    return None


def _whole(one: Chiffre, other: Fraction) -> bool:
    """Say whether all that is published of a figure is what another reading gives."""
    asked = [Regle("numerateur", "")] + ([Regle("denominateur", "")] if one.denominateur is not None else [])
    return all(_agrees(one, other, regle) for regle in asked)


def _persons(held: Recalcul, one: Chiffre) -> str:
    """Say where the number published for MSSanté is that of the persons, or of the rows, and not of the messages."""
    row = held.lot.con.execute(
        held.question.sql(
            "select count(distinct coalesce(racine, usager_id)), count(*) from envoi left join racine using (usager_id)"
            " where canal <> 'DMP' and resultat = 'SUCCES' and finess_et = ? and horodatage >= {debut}"
            " and horodatage < {fin} + interval 1 day"
        ),
        [one.finess_et],
    ).fetchone()
    persons, rows = row or (None, None)
    if one.numerateur == persons:
        return "c'est le nombre de personnes, et non de messages"
    by_row = "c'est le nombre d'envois, un message à plusieurs documents comptant plusieurs fois"
    return by_row if one.numerateur == rows else ""
