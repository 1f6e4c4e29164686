"""Targets: those of the definitions, the sectors that have none, and the *aménagements* that were granted.

The programme lets an ARS ask for an adaptation, decided by DNS and CNSA: it may change a target or take it away.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from esms_sdk.errors import UsageError
from esms_sdk.indicators.definition import definitions
from esms_sdk.indicators.result import Amenagement


class Targets:
    """The target of each rate in each establishment, null where it is SANS_OBJET.

    An exempt sector stays exempt; an aménagement for one establishment (they are in ``singular``) passes before one
    for all, and of two alike the last one holds.
    """

    def __init__(self, amenagements: Sequence[Amenagement], perimetre: Collection[str]) -> None:
        self._given: dict[tuple[str, str | None], Amenagement] = {}
        for one in amenagements:
            _check(one, perimetre)
            self._given[one.indicateur, one.finess_et] = one
        self.singular = frozenset(one.finess_et for one in amenagements if one.finess_et is not None)

    def target(self, indicateur: str, finess_et: str, profil: str) -> int | None:
        """Return the target in %, or None."""
        definition = definitions()[indicateur]
        if profil in definition.sans_objet:
            return None
        given = self.granted(indicateur, finess_et)
        if given is None:
            return definition.cible
        return None if given.sans_objet else given.cible

    def granted(self, indicateur: str, finess_et: str) -> Amenagement | None:
        """Return the aménagement that holds for an indicator of an establishment, if there is one."""
        if not self._given:
            return None
        return self._given.get((indicateur, finess_et)) or self._given.get((indicateur, None))


def _check(one: Amenagement, perimetre: Collection[str]) -> None:
    rates = [d.id for d in definitions().values() if d.genre == "taux"]
    if one.indicateur not in rates:
        raise _wrong(one, "cet indicateur n'a pas de cible", f"Au choix : {', '.join(rates)}.")
    if (one.cible is None) != one.sans_objet:
        raise _wrong(one, "il faut soit une cible, soit sans objet", "Ne garder que l'un des deux.")
    if not one.reference.strip():
        raise _wrong(one, "la référence de la décision manque", "Donner celle de l'accord de la DNS et de la CNSA.")
    if one.finess_et is not None and one.finess_et not in perimetre:
        raise _wrong(one, f"{one.finess_et} n'est pas dans le périmètre du lot", "Corriger le FINESS géographique.")


def _wrong(one: Amenagement, what: str, hint: str) -> UsageError:
    return UsageError("ESMS-E133", f"aménagement de «{one.indicateur}» : {what}", hint=hint)
