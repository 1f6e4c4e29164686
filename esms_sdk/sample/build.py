"""The whole world from one seed."""

from __future__ import annotations

from collections.abc import Sequence

from esms_sdk.errors import UsageError
from esms_sdk.sample import tbb
from esms_sdk.sample.accompagnement import plan
from esms_sdk.sample.activity import log_access
from esms_sdk.sample.echanges import exchange
from esms_sdk.sample.etablissements import ETABLISSEMENTS, FINESS_EJ, RAISON_SOCIALE, SIREN
from esms_sdk.sample.identities import spoil
from esms_sdk.sample.sejours import merge_duplicates, populate
from esms_sdk.sample.world import World

FEWEST, PERSONNES = 300, 600
SCENARIOS = ("usage", "tbb")
"""Two years of a usage that grows, or the sends of the TBB scenario (see :mod:`esms_sdk.sample.tbb`)."""


def build(seed: int = 1, personnes: int = PERSONNES, *, scenario: str = "usage", finess: Sequence[str] = ()) -> World:
    """Return the invented world of that seed, with about ``personnes`` persons (300 at least, so that all happens).

    ``finess`` are the establishments of the scenario ``tbb``; more than seven of them make as many more persons.
    """
    if scenario not in SCENARIOS or (finess and scenario != "tbb"):
        reason = "des numéros FINESS ne se choisissent que pour tbb" if finess else f"scénario inconnu : {scenario}"
        raise UsageError("ESMS-E193", reason, hint=f"Scénarios : {', '.join(SCENARIOS)}.")
    sending = scenario == "tbb"
    fewest = tbb.FEWEST if sending else FEWEST
    if personnes < fewest:
        raise UsageError(
            "ESMS-E190",
            f"un monde de {personnes} personnes est trop petit",
            hint=f"Demander au moins {fewest} personnes.",
        )
    chosen = tbb.establishments(finess) if sending else list(ETABLISSEMENTS)
    world = World(FINESS_EJ, RAISON_SOCIALE, SIREN, chosen, defauts=not sending)
    for etablissement in chosen:
        populate(world, etablissement, max(1, etablissement.personnes * personnes // PERSONNES), seed)
    merge_duplicates(world, seed)
    if world.defauts:
        world.fautes = spoil(world.usagers)
    log_access(world, seed)
    plan(world, seed)
    exchange(world, seed)
    if sending:
        tbb.send(world, seed)
    return world
