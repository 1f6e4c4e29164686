"""Soléo, a fictional vendor: the world as its export would be, with every trap of the field and planted defects."""

from __future__ import annotations

from dataclasses import dataclass

from esms_sdk.sample.soleo import defects_activity, defects_persons
from esms_sdk.sample.soleo.activity import activity_sources
from esms_sdk.sample.soleo.exchanges import exchange_sources
from esms_sdk.sample.soleo.outcome import Outcome, settle
from esms_sdk.sample.soleo.persons import person_sources
from esms_sdk.sample.soleo.planter import Planter
from esms_sdk.sample.soleo.rows import Key, Source
from esms_sdk.sample.soleo.structure import structure_sources
from esms_sdk.sample.world import World


@dataclass(frozen=True, slots=True)
class Export:
    """An export with the fate of each of its rows; ``nulled`` are the columns that an unknown label empties."""

    world: World
    sources: list[Source]
    outcome: Outcome
    nulled: dict[Key, str]


def export(world: World) -> Export:
    """Return the world as Soléo exports it, its defects planted and every row settled."""
    sources = [
        *structure_sources(world),
        *person_sources(world),
        *activity_sources(world),
        *exchange_sources(world),
    ]
    planter = Planter(world, sources)
    if world.defauts:
        defects_persons.plant(planter)
        defects_activity.plant(planter)
    return Export(world, sources, settle(sources), planter.nulled)
