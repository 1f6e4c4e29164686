"""The sentences of a decision: what a code means, and what to do.  Plain text, with ordinary spaces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from esms_sdk.indicators.result import Etablissement, Fraction, Rate

# What can be done about the motif of an indicator (contract §3, «motif»).
REMEDES: Mapping[str, str] = {
    "DONNEE_NON_FOURNIE": "demander à l'éditeur d'ajouter à l'export les données que l'indicateur lit",
    "ETABLISSEMENT_HORS_PERIODE": "vérifier les dates d'ouverture et de fermeture dans l'export",
    "PERIODE_NON_COUVERTE": "refaire l'export pour qu'il couvre toute la période",
    "JOURNAL_INCOMPLET": "exporter avant 6 h le lendemain de la période, ou fournir le journal complet",
    "HISTORIQUE_INCOMPLET": "exporter avant 6 h le lendemain de la période, ou fournir l'historique des statuts",
    "DENOMINATEUR_NUL": "vérifier que les séjours de l'établissement sont saisis et exportés",
    "REJETS_PRESENTS": "corriger les séjours rejetés à l'import, puis recommencer",
}
_WITHOUT_ACTIVES = (
    "mettre à jour dans le DUI les dossiers des personnes accompagnées, ou faire figurer les mises à jour de la période"
    " (mise_a_jour) dans l'export"
)
_OF_ACTIVES = ("taux_projet_personnalise", "taux_evenement_agenda")


def remede(one: Rate, motif: str, place: Etablissement) -> str:
    """Return what can be done about the motif of a rate, as a phrase; empty where nothing is known.

    Where there are persons, what has no denominator for want of active dossiers does not lack séjours.
    """
    if motif == "DENOMINATEUR_NUL" and one.id in _OF_ACTIVES and place.personnes_accompagnees.get(one.lecture):
        return _WITHOUT_ACTIVES
    return REMEDES.get(motif, "")


def jour(day: date) -> str:
    """Return a day in figures.

    >>> jour(date(2025, 9, 3))
    '03/09/2025'
    """
    return f"{day:%d/%m}/{day.year:04}"


def compte(number: int, one: str, several: str) -> str:
    """Return a count with its noun.

    >>> compte(1, "dossier", "dossiers"), compte(0, "dossier", "dossiers"), compte(2, "dossier", "dossiers")
    ('1 dossier', '0 dossier', '2 dossiers')
    """
    return f"{number} {several if number > 1 else one}"


def fraction(one: Fraction) -> str:
    """Return the figures of a rate.

    >>> fraction(Fraction(17, 20)), fraction(Fraction(0, 0)), fraction(Fraction(None, None))
    ('17/20 (85,0 %)', '0/0', 'aucun nombre')
    """
    if one.numerateur is None:
        return "aucun nombre"
    told = f"{one.numerateur}/{one.denominateur}"
    return told if one.taux is None else f"{told} ({one.taux:.1f} %)".replace(".", ",")


def sentence(text: str) -> str:
    """Return a text as a sentence.

    >>> sentence("vérifier")
    'Vérifier.'
    """
    return f"{text[:1].upper()}{text[1:]}." if text else ""
