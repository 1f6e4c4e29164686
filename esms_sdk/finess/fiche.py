"""All that the reference says of one number, with its findings."""

from __future__ import annotations

from dataclasses import dataclass

from esms_sdk.errors import UsageError
from esms_sdk.finess import categories
from esms_sdk.finess.build import Origin
from esms_sdk.finess.categories import Categorie
from esms_sdk.finess.checks import Constat, check_age, check_finess
from esms_sdk.finess.reference import Etablissement, Organisme, Reference
from esms_sdk.identifiers import InvalidIdentifier, finess
from esms_sdk.period import Period


@dataclass(frozen=True, slots=True)
class Fiche:
    """One number.  ``etablissement`` is None for a body (EJ), both are None where the reference does not know it.

    ``rattaches`` counts the establishments of a body: all, and those that are open.  ``referentiel`` is where all this
    was read; ``invente`` there marks the embedded extract.
    """

    finess: str
    etablissement: Etablissement | None
    organisme: Organisme | None
    categorie: Categorie | None
    rattaches: tuple[int, int] | None
    constats: tuple[Constat, ...]
    referentiel: Origin

    @property
    def known(self) -> bool:
        return self.etablissement is not None or self.organisme is not None


def fiche(number: str, reference: Reference, *, finess_ej: str | None = None, period: Period | None = None) -> Fiche:
    """Return what the reference says of ``number``, géographique or juridique, written as people write it.

    An ill-formed number, or a wrong key, raises :class:`UsageError`.
    """
    asked, expected = _valid(number), _valid(finess_ej) if finess_ej else None
    etablissement, origin = reference.etablissement(asked), reference.origin
    if etablissement is None and (body := reference.organisme(asked)):
        old = tuple(check_age(reference, period))
        return Fiche(asked, None, body, None, reference.counted(asked), old, origin)
    constats = tuple(check_finess(asked, reference, finess_ej=expected, period=period))
    if etablissement is None:
        return Fiche(asked, None, None, None, None, constats, origin)
    body = reference.organisme(etablissement.finess_ej)
    kind = categories.categorie(etablissement.categorie)
    return Fiche(asked, etablissement, body, kind, None, constats, origin)


def _valid(number: str) -> str:
    try:
        return finess.validate(number)
    except InvalidIdentifier as fault:
        hint = "Neuf caractères, le dernier est une clé : le recopier depuis un document officiel."
        raise UsageError("ESMS-E140", f"«{number[:20]}» : {fault}", hint=hint) from None
