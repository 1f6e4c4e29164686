"""A second organisme: another seed, its own FINESS numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from esms_sdk.sample.build import build
from esms_sdk.sample.etablissements import finess
from esms_sdk.sample.losses import Losses
from esms_sdk.sample.world import World

NOTHING = Losses({}, {}, ())
FINESS_EJ = finess(1300)


def small_world() -> World:
    return build(1, 300)


def elsewhere() -> World:
    """Return a small world of another organisme: nothing of it has a number of the first."""
    world = build(2, 300)
    numbers = {e.finess_et: finess(1301 + rank) for rank, e in enumerate(world.etablissements)}

    def moved(thing: Any) -> Any:
        return replace(thing, finess_et=numbers[thing.finess_et]) if hasattr(thing, "finess_et") else thing

    parts = {name: getattr(world, name) for name in World.__slots__}
    lists = {name: [moved(thing) for thing in part] for name, part in parts.items() if isinstance(part, list)}
    return replace(world, finess_ej=FINESS_EJ, raison_sociale="Fondation du Reflet (inventée)", **lists)
