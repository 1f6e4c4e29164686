"""The whole world from one seed."""

from __future__ import annotations

from esms_sdk.errors import UsageError
from esms_sdk.sample.accompagnement import plan
from esms_sdk.sample.activity import log_access
from esms_sdk.sample.echanges import exchange
from esms_sdk.sample.etablissements import ETABLISSEMENTS, FINESS_EJ, RAISON_SOCIALE, SIREN
from esms_sdk.sample.identities import spoil
from esms_sdk.sample.sejours import merge_duplicates, populate
from esms_sdk.sample.world import World

FEWEST, PERSONNES = 300, 600


def build(seed: int = 1, personnes: int = PERSONNES) -> World:
    """Return the invented world of that seed, with about ``personnes`` persons (300 at least, so that all happens)."""
    if personnes < FEWEST:
        raise UsageError(
            "ESMS-E190",
            f"un monde de {personnes} personnes est trop petit",
            hint=f"Demander au moins {FEWEST} personnes.",
        )
    world = World(FINESS_EJ, RAISON_SOCIALE, SIREN, list(ETABLISSEMENTS))
    for etablissement in ETABLISSEMENTS:
        populate(world, etablissement, max(1, etablissement.personnes * personnes // PERSONNES), seed)
    merge_duplicates(world, seed)
    world.fautes = spoil(world.usagers)
    log_access(world, seed)
    plan(world, seed)
    exchange(world, seed)
    return world
