"""The five targets of the programme, which decide in the dossier owed to the ARS (contract §5).

An aménagement is already in the indicators: a target that it changed is judged as changed.
"""

from __future__ import annotations

from esms_sdk.decision.facts import Facts
from esms_sdk.decision.result import Condition
from esms_sdk.decision.wording import compte, fraction, remede, sentence
from esms_sdk.indicators import judgement
from esms_sdk.indicators.result import Etablissement, Fraction, Rate

CIBLE = "CIBLE_NON_ATTEINTE"
# What has to be added for a numerator to grow by one.
_MISSING = {
    "taux_dossiers_actifs": ("dossier à mettre à jour", "dossiers à mettre à jour"),
    "taux_projet_personnalise": ("projet personnalisé à ouvrir", "projets personnalisés à ouvrir"),
    "taux_evenement_agenda": ("dossier à pourvoir d'un événement", "dossiers à pourvoir d'un événement"),
    "taux_mssante": ("message à envoyer par MSSanté", "messages à envoyer par MSSanté"),
    "taux_dmp": ("personne dont alimenter le DMP", "personnes dont alimenter le DMP"),
}


def conditions(facts: Facts, finess_et: str) -> tuple[Condition, ...]:
    """Return one condition a rate, in the order of the contract's table."""
    place = facts.indicateurs[finess_et]
    return tuple(_condition(one, place) for one in place.indicateurs if isinstance(one, Rate))


def missing(fraction: Fraction, cible: int) -> int:
    """Return how many more the numerator needs: the smallest k with 100·(num+k) >= cible·den.

    >>> missing(Fraction(17, 20), 90), missing(Fraction(18, 20), 90), missing(Fraction(8, 9), 90)
    (1, 0, 1)
    """
    assert fraction.numerateur is not None and fraction.denominateur is not None
    return max(0, -(-cible * fraction.denominateur // 100) - fraction.numerateur)


def _condition(one: Rate, place: Etablissement) -> Condition:
    if one.etat == judgement.SANS_OBJET or one.cible is None:
        return Condition(one.id, one.libelle, f"{fraction(one.fraction)} ; sans objet pour cet établissement")
    libelle = f"{one.libelle} : {one.cible} % au moins"
    preuve = f"{fraction(one.fraction)}, cible {one.cible} %"
    if one.etat == judgement.ATTEINTE:
        return Condition(one.id, libelle, preuve)
    if one.etat == judgement.INDETERMINEE:
        motif = one.motif or ""
        told = f"{one.libelle} : le taux n'est pas établi ({motif})."
        return Condition(one.id, libelle, preuve, motif, told, sentence(remede(one, motif, place)))
    told = compte(missing(one.fraction, one.cible), *_MISSING[one.id])
    return Condition(
        one.id, libelle, preuve, CIBLE,
        f"{one.libelle} : la cible de {one.cible} % n'est pas atteinte, il manque {told}.",
        "La liste de travail dit lesquels : esms indicators … --worklist.",
    )  # fmt: skip
