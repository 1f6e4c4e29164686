"""The establishments that an order may not hold, each refused by its name before anything of it is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from esms_sdk.decision.facts import Facts, Lieu
from esms_sdk.decision.result import Condition
from esms_sdk.decision.wording import jour

ABSENT, AUTRE_EJ, HORS_CHAMP = "ABSENT_DU_LOT", "AUTRE_EJ", "HORS_CHAMP_SONS"
FERME, PAS_OUVERT = "FERME", "PAS_OUVERT"
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "va": (ABSENT, AUTRE_EJ, HORS_CHAMP, FERME, PAS_OUVERT),
    # The targets of PJM and AHI hors SONS are theirs: they are no reason to leave them out of an ARS's dossier.
    "usages": (ABSENT, AUTRE_EJ, FERME),
}
_LIBELLE = "Admission de l'établissement dans le dossier"
_SECTEURS = {"pjm": "protection juridique des majeurs", "ahi_hors_sons": "accueil, hébergement, insertion, hors SONS"}


def refusal(facts: Facts, finess_et: str, genre: str) -> Condition | None:
    """Return why an ordered establishment is refused, the first reason in the order of the kind; None if it is not."""
    lieu = facts.lieux.get(finess_et)
    if lieu is None:
        return _condition(
            ABSENT,
            "hors du périmètre du lot",
            "L'établissement commandé n'est pas du périmètre du lot : rien n'en est connu.",
            "Ajouter l'établissement au périmètre de l'export, ou le retirer de la commande.",
        )
    found = _found(facts, lieu)
    for code in OF_KIND[genre]:
        if code in found:
            return _condition(code, *found[code])
    return None


def _found(facts: Facts, lieu: Lieu) -> dict[str, tuple[str, str, str]]:
    """Return what is against an establishment of the lot: evidence, explanation, remedy."""
    found: dict[str, tuple[str, str, str]] = {}
    fin = facts.periode.fin
    if lieu.finess_ej != facts.commande.finess_ej:
        found[AUTRE_EJ] = (
            # Whose it is, is not for the readers of this order.
            "d'un autre organisme dans le lot",
            f"Dans le lot, l'établissement n'est pas de l'organisme de la commande ({facts.commande.finess_ej}).",
            "Corriger finess_ej de la commande, ou retirer l'établissement.",
        )
    if lieu.profil != "standard":
        secteur = _SECTEURS[lieu.profil]
        found[HORS_CHAMP] = (
            f"profil {lieu.profil}",
            f"L'établissement est du secteur «{secteur}», qui n'entre pas dans le SONS.",
            "Le retirer de la commande ; si le profil est faux, corriger profil_cibles dans l'export.",
        )
    if lieu.fermeture is not None and lieu.fermeture < fin:
        found[FERME] = (
            f"fermé depuis le {jour(lieu.fermeture)}",
            f"L'établissement a fermé le {jour(lieu.fermeture)}, avant la fin de la période ({jour(fin)}).",
            "Le retirer de la commande, ou mesurer une période où il était ouvert.",
        )
    if lieu.ouverture is not None and lieu.ouverture > fin:
        found[PAS_OUVERT] = (
            f"ouverture le {jour(lieu.ouverture)}",
            f"L'établissement n'ouvre que le {jour(lieu.ouverture)}, après la fin de la période ({jour(fin)}).",
            "Attendre son ouverture, ou corriger date_ouverture dans l'export.",
        )
    return found


def _condition(code: str, preuve: str, explication: str, remede: str) -> Condition:
    return Condition("admis", _LIBELLE, preuve, code, explication, remede)
