"""Hestia, a fictional vendor: the world in the Excel workbooks that each agency sends."""

from __future__ import annotations

from dataclasses import dataclass

from esms_sdk.sample.fates import Line, Outcome, settle
from esms_sdk.sample.hestia import activity, defects, defects_activity, exchanges, persons
from esms_sdk.sample.hestia.filling import Filling
from esms_sdk.sample.hestia.sheets import Feuille
from esms_sdk.sample.losses import Losses
from esms_sdk.sample.world import World


@dataclass(frozen=True, slots=True)
class Export:
    """The sheets, every row of them, and what becomes of it."""

    world: World
    feuilles: tuple[Feuille, ...]
    lines: tuple[Line, ...]
    outcome: Outcome


def export(world: World, lost: Losses) -> Export:
    """Return the world as Hestia's agencies send it, losing what it is to lose."""
    f = Filling(world, lost)
    for part in (
        persons.head_office, persons.people, persons.admissions, activity.grids, activity.projets, activity.agenda,
        exchanges.documents, exchanges.messages, exchanges.dmp, exchanges.exchanged,
        *((defects.plant, defects_activity.plant) if world.defauts else ()),
    ):  # fmt: skip
        part(f)
    feuilles = tuple(sheet for _, sheet in sorted(f.feuilles.items()))
    for sheet in feuilles:
        sheet.number_lines()
    lines = tuple(line for sheet in feuilles if sheet.lue for line in sheet.lignes)
    return Export(world, feuilles, lines, settle(lines, [sheet.source for sheet in feuilles if sheet.lue]))
