"""What is wrong with a FINESS number, by itself and against the reference: findings F1 to F8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from esms_sdk.finess import categories
from esms_sdk.finess.reference import Etablissement, Reference
from esms_sdk.identifiers import finess
from esms_sdk.period import Period

Gravite = Literal["erreur", "avertissement", "information"]
TOO_OLD = timedelta(days=90)
"""A reference made this long before the end of the period is too old to speak of it."""


@dataclass(frozen=True, slots=True)
class Constat:
    """One finding: a stable code (F1 to F8), how grave it is, a French sentence."""

    code: str
    gravite: Gravite
    message: str


def check_finess(
    finess_et: str, reference: Reference, *, finess_ej: str | None = None, period: Period | None = None
) -> list[Constat]:
    """Return what is wrong with the number of an establishment, nothing if all is well, in the order of the codes.

    F1 its form, F2 its key; F3 it is the number of a body, F4 nobody knows it; F5 it was closed before the period, or
    opened after it (errors), or closed within (information); F6 its category is in no list of ESSMS; F7 it belongs to
    another body than ``finess_ej``; F8 the reference is too old.  F5 and F8 need the period.
    """
    found = list(_written(finess_et))
    if not found:
        etablissement = reference.etablissement(finess_et)
        if etablissement is None:
            found += _unknown(finess_et, reference, period)
        else:
            found += [*_open(etablissement, period), *_category(etablissement)]
            found += _belongs(etablissement, finess_ej, reference)
    return [*found, *check_age(reference, period)]


def check_age(reference: Reference, period: Period | None) -> list[Constat]:
    """Return F8 where the reference is too old for the period; the invented extract has no age."""
    if period is None or reference.invente or period.fin - reference.genere_le <= TOO_OLD:
        return []
    days = (period.fin - reference.genere_le).days
    said = f"le référentiel est du {reference.genere_le}, {days} jours avant la fin de la période ({period.fin})"
    return [Constat("F8", "avertissement", f"{said} : le mettre à jour")]


def _written(number: str) -> Iterator[Constat]:
    if finess.is_valid(number):
        return
    if _has_the_form(number):
        wanted = finess.key(number[:8])
        yield Constat("F2", "erreur", f"{number} : clé de contrôle fausse (dernier chiffre : {wanted} attendu)")
    else:
        form = "neuf caractères, des chiffres (2A ou 2B en tête pour la Corse)"
        yield Constat("F1", "erreur", f"«{number[:20]}» n'a pas la forme d'un numéro FINESS : {form}")


def _has_the_form(number: str) -> bool:
    """Tell whether the right key would make the number valid."""
    try:
        return len(number) == 9 and number[8] in "0123456789" and finess.is_valid(number[:8] + finess.key(number[:8]))
    except ValueError:
        return False


def _unknown(number: str, reference: Reference, period: Period | None) -> Iterator[Constat]:
    organisme = reference.organisme(number)
    if organisme:
        said = f"{number} est le numéro d'un organisme (EJ, {organisme.nom}), pas d'un établissement (ET)"
        yield Constat("F3", "erreur", said)
    elif reference.invente:
        said = f"{number} est absent de l'extrait inventé, qui n'est pas le référentiel : rien n'en est dit"
        yield Constat("F4", "avertissement", said)
    else:
        # An establishment may have opened since the reference was made.
        younger = period is not None and reference.genere_le < period.fin
        said = f"{number} est inconnu du référentiel du {reference.genere_le}"
        yield Constat("F4", "avertissement" if younger else "erreur", said + (" (antérieur à la période)" * younger))


def _open(one: Etablissement, period: Period | None) -> Iterator[Constat]:
    if period is None:
        return
    if one.fermeture and one.fermeture < period.debut:
        said = f"{one.finess_et} est fermé depuis le {one.fermeture}, avant la période ({period.debut})"
        yield Constat("F5", "erreur", said)
    elif one.fermeture and one.fermeture <= period.fin:
        yield Constat("F5", "information", f"{one.finess_et} a fermé pendant la période, le {one.fermeture}")
    if one.ouverture and one.ouverture > period.fin:
        said = f"{one.finess_et} n'a ouvert que le {one.ouverture}, après la période ({period.fin})"
        yield Constat("F5", "erreur", said)


def _category(one: Etablissement) -> Iterator[Constat]:
    if categories.categorie(one.categorie) is None:
        said = f"la catégorie {one.categorie or 'absente'} de {one.finess_et} n'est pas dans notre liste des ESSMS"
        yield Constat("F6", "avertissement", f"{said} (version {categories.version()})")


def _belongs(one: Etablissement, finess_ej: str | None, reference: Reference) -> Iterator[Constat]:
    if finess_ej is None or finess_ej == one.finess_ej:
        return
    said = f"{one.finess_et} dépend de l'organisme {one.finess_ej} dans le référentiel, pas de {finess_ej[:20]}"
    if reference.etablissement(finess_ej):
        said += " (qui est un établissement)"
    yield Constat("F7", "erreur", said)
