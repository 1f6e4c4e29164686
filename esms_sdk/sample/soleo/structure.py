"""The head office's files: its agencies, and the establishments with the organisme repeated on each row."""

from __future__ import annotations

from esms_sdk.sample.soleo.dialects import AGENCES, SIEGE, day
from esms_sdk.sample.soleo.labels import PROFILS
from esms_sdk.sample.soleo.rows import Ligne, Made, Source
from esms_sdk.sample.world import EXTRACTION, World


def structure_sources(world: World) -> list[Source]:
    """Return the files on agencies and establishments, sound as yet."""
    return [_agences(), _etablissements(world)]


def _agences() -> Source:
    """A title stands above the header of this file."""
    zones = {"AG05": "America/Martinique"}
    lignes = [
        Ligne(
            {
                "Code": code,
                "Agence": f"Agence {code[2:]}",
                "Fuseau": zones.get(code, "Europe/Paris"),
                "Version": "7.2",
                "Extrait le": EXTRACTION.strftime("%d/%m/%Y %H:%M"),
            }
        )
        for code in AGENCES
    ]
    return Source("agences.csv", lignes, SIEGE, titre="Soléo 7.2 - export réglementaire")


def _etablissements(world: World) -> Source:
    lignes = [
        Ligne(
            {
                "Agence": e.agence,
                "Code FINESS": e.finess_et,
                "Établissement": e.denomination,
                "Catégorie": e.categorie,
                "FINESS juridique": world.finess_ej,
                "Raison sociale": world.raison_sociale,
                "SIREN": world.siren,
                "Ouvert le": day(e.date_ouverture, SIEGE),
                "Fermé le": day(e.date_fermeture, SIEGE),
                "Soléo depuis": day(e.date_deploiement, SIEGE),
                "Fuseau": e.fuseau,
                "Régime": PROFILS[e.profil_cibles],
                "Dans l'export": "O" if e.dans_perimetre else "N",
            },
            [
                Made("organisme", world.finess_ej),
                Made("etablissement", e.finess_et, {"finess_ej": ("organisme", world.finess_ej)}),
            ],
            defaut="" if e.dans_perimetre else "clé du FINESS fausse, hors du périmètre",
        )
        for e in world.etablissements
    ]
    return Source("etablissements.csv", lignes, SIEGE)
