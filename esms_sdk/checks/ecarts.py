"""A published figure held against the recomputed one: its difference, what may make it, and the rows to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    compared = [one for one in chiffres if held.holds(one) and _says(one, regle) is not None]
    other: tuple[str, str] | None = None
    asked = False
    for one in compared:
        real = held.fraction(one)
        assert real is not None
        if _agrees(one, real, regle):
            yield Juge(one.cle, one.finess_et, ligne=one.ligne)
            continue
        if not asked:
            other, asked = _other_option(held, compared), True
        if other and one.lecture is None:
            yield Juge(one.cle, one.finess_et, other[0], f"{_numbers(one, real, regle)} ; {other[1]}", one.ligne)
        else:
            yield Juge(one.cle, one.finess_et, regle.code, _difference(held, one, real, regle), one.ligne)


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


def _difference(held: Recalcul, one: Chiffre, real: Fraction, regle: Regle) -> str:
    told = _numbers(one, real, regle)
    ecart = _size(one, real, regle)
    rejets = held.places[one.finess_et].rejets_sejours
    if rejets:
        told += f" ; {rejets} séjour(s) de cet établissement ont été rejetés à l'import"
    if one.indicateur == "taux_mssante" and not _alone(one) and (hint := _persons(held, one)):
        told += f" ; {hint}"
    if rows := held.reasons(one, regle.champ, ecart):
        told += f" ; à regarder : {rows}"
    return told


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


def _other_option(held: Recalcul, compared: Sequence[Chiffre]) -> tuple[str, str] | None:
    """Return the finding where the whole file agrees with another option than the one it states.

    One establishment alone may agree by chance: that would hide a real difference.
    """
    options = held.question.options
    own = [one for one in compared if one.lecture is None]
    if own and own[0].indicateur == DUI[0]:
        lecture = next(name for name in LECTURES if name != options.denominateur)
        if all(_whole(one, fraction(held.places[one.finess_et], DUI[0], lecture)) for one in own):
            return "AUTRE_LECTURE", f"c'est la lecture «{lecture}» (option denominateur)"
    if own and own[0].indicateur == DUI[2] and options.evenements == "dans_la_periode":
        places = held.under(replace(options, evenements="sans_borne"))
        if all(_whole(one, fraction(places[one.finess_et], DUI[2], options.denominateur)) for one in own):
            return "SANS_BORNE", "c'est le nombre avec les événements de toute date (option evenements)"
    return None


def _whole(one: Chiffre, other: Fraction | None) -> bool:
    """Say whether all that is published of a figure is what another option gives."""
    if other is None:
        return False
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
