"""What every page says of itself: that it is not official, where its definitions come from, what surprises a reader.

Plain text with ordinary spaces, as in :mod:`esms_sdk.export.wording`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where one part of the definitions comes from, and how far it can be trusted."""

    objet: str
    source: str
    confiance: str


SOURCES = (
    Source(
        "Les cinq taux et leurs cibles (90 % et 70 %)",
        "Appels à projets ESMS numérique 2025 de Bourgogne-Franche-Comté et de Martinique, présentation 2022 de l'ARS "
        "Occitanie.",
        "Haute : les textes concordent.",
    ),
    Source(
        "La période de recueil",
        "Deux formulations se contredisent : « le mois écoulé […] (3 mois pour la première mesure) » en Occitanie "
        "(2022) et en Bourgogne-Franche-Comté (2025) ; « les 3 mois écoulés avant la date de mesure » en Martinique "
        "(2025).",
        "Moyenne : suivre l'appel à projets de sa région. Les bornes exactes sont notre lecture.",
    ),
    Source(
        "Les personnes accompagnées",
        "File active de l'année selon la CNSA, telle que la citent les appels à projets de 2025 ; le guide de la CNSA "
        "n'a pas été lu.",
        "Moyenne : le taux est donné dans les deux lectures.",
    ),
    Source(
        "Ce qui met un dossier à jour, la date des événements d'agenda, les messages comptés",
        "Aucun texte public ne le précise : choix du SDK, écrits ci-dessus.",
        "Faible : à faire confirmer par l'ARS.",
    ),
    Source(
        "Les guides d'indicateurs de la CNSA et de l'ANAP",
        "Cités par les appels à projets, introuvables en accès public.",
        "Non lus.",
    ),
)

NON_OFFICIEL = (
    "Ce document n'est pas officiel. Ce n'est ni un fichier attendu par un téléservice, ni une attestation, ni la "
    "preuve d'un référencement Ségur. Ses chiffres sont des indicateurs « de type Ségur », calculés à partir de "
    "l'export du logiciel selon les textes publics du programme ESMS numérique."
)
PAR_ORGANISME = (
    "Chaque personne compte une fois, même si plusieurs établissements de l'organisme l'accompagnent ; le nombre de "
    "DUI actifs, lui, reste la somme des établissements. Ce regroupement va au-delà des textes, qui ne connaissent que "
    "l'établissement."
)
A_SAVOIR = (
    (
        "Pourquoi deux lectures du taux de dossiers actifs",
        "Les textes comptent les mises à jour sur la période, mais les personnes accompagnées sur l'année. La lecture "
        "« sur la période » compte les personnes accompagnées au moins un jour de la période. La lecture « sur "
        "l'année » compte l'effectif au dernier jour et les sorties définitives depuis le 1er janvier (ou depuis le "
        "début de la période, s'il est plus ancien).",
    ),
    (
        "La lecture sur l'année peut être la plus petite",
        "Une personne sortie pendant la période sans que sa sortie soit définitive, et qui n'est pas revenue au "
        "dernier jour, est comptée sur la période et pas sur l'année.",
    ),
    (
        "Un message MSSanté compte même sans personne",
        "Le texte compte des messages et non des personnes : un message qui ne se rapporte à aucune personne "
        "accompagnée compte aussi, et le rapport peut dépasser 100 %. Un message porteur de plusieurs documents "
        "compte une fois.",
    ),
    (
        "Un échec réparé après la période reste un échec",
        "Un envoi qui a échoué pendant la période et n'a réussi qu'après elle n'est pas compté pour cette période ; "
        "il l'est dans celle où il a réussi.",
    ),
    (
        "La cible est comparée aux nombres entiers",
        "Le taux est affiché avec une décimale, arrondi au plus proche. La cible, elle, est comparée au rapport "
        "exact : 89,96 % s'affiche 90,0 % et n'atteint pas 90 %.",
    ),
)
