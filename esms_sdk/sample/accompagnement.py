"""Projets personnalisés with their dated statuses, and the agenda."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from esms_sdk.sample.activity import accompanied, course, in_use, months, stays_by_dossier
from esms_sdk.sample.dice import Dice
from esms_sdk.sample.world import FIN, Dossier, Etablissement, Evenement, Projet, Sejour, World

_DAY = timedelta(days=1)
_TYPES = {
    "ehpad": "PPA",
    "ime": "PPA",
    "sessad": "PPI",
    "ssiad": "PI",
    "pjm": "PP",
    "foyer": "PP",
    "accueil_jour": "PA",
}
_NATURES = {
    "ehpad": ("SOIN", "ANIMATION", "KINE", "VISITE"),
    "accueil_jour": ("ATELIER", "TRANSPORT"),
    "ime": ("ATELIER", "ORTHOPHONIE", "SORTIE"),
    "sessad": ("SEANCE", "ORTHOPHONIE"),
    "ssiad": ("SOIN", "TOILETTE"),
    "pjm": ("VISITE", "AUDIENCE"),
    "foyer": ("ANIMATION", "SORTIE", "SOIN"),
}


def plan(world: World, seed: int) -> None:
    """Give projets and events to the dossiers of the perimeter."""
    stays = stays_by_dossier(world)
    by_finess = {etab.finess_et: etab for etab in world.etablissements}
    for dossier in world.dossiers:
        etab = by_finess[dossier.finess_et]
        if not etab.dans_perimetre:
            continue
        _add_projets(world, etab, dossier, Dice(seed, "projet", dossier.dossier_id))
        _add_events(world, etab, dossier, stays[dossier.dossier_id], Dice(seed, "agenda", dossier.dossier_id))


def _add_projets(world: World, etab: Etablissement, dossier: Dossier, dice: Dice) -> None:
    """A first projet some weeks after the opening, a second one for some; each ends by an event of its own."""
    last = min(FIN, dossier.archivage or FIN)
    start = max(dossier.creation, etab.date_deploiement - 200 * _DAY) + dice.between(5, 60) * _DAY
    for _ in range(2):
        if start > last or not dice.chance(course(etab.rythme.projet, max(start, date(2024, 1, 1)))):
            start = max(start, date(2024, 10, 1)) + dice.between(100, 260) * _DAY
            continue
        statuts, over = _course_of_projet(start, last, dice)
        number = world.number(etab.agence, "P")
        world.projets.append(Projet(number, dossier.dossier_id, _TYPES[etab.nom], start, over, tuple(statuts)))
        if over is None:
            return
        start = over + dice.between(0, 60) * _DAY


def _course_of_projet(start: date, last: date, dice: Dice) -> tuple[list[tuple[date, int, str]], date | None]:
    statuts = [(start, 0, "ENPREPARATION")]
    if dice.chance(7):
        return statuts, None
    agreed = start + (0 if dice.chance(8) else dice.between(10, 80)) * _DAY
    if agreed > last:
        return statuts, None
    statuts.append((agreed, 1, "ENCOURS"))
    draw = dice.below(100)
    later = agreed + dice.between(90, 500) * _DAY
    if later > last or draw < 70:
        return statuts, None
    if draw < 78:
        statuts.append((later, 2, "ENPAUSE"))
        back = later + dice.between(0, 90) * _DAY
        if back <= last:
            statuts.append((back, 3, "ENCOURS"))
        return statuts, None
    statuts.append((later, 2, "ANNULE" if draw < 81 else "TERMINE"))
    return statuts, later


def _add_events(world: World, etab: Etablissement, dossier: Dossier, stays: list[Sejour], dice: Dice) -> None:
    first, last = in_use(etab, dossier)
    for start, end in months(first, last):
        if accompanied(stays, start, end) and dice.chance(course(etab.rythme.agenda, start)):
            for _ in range(2 if dice.chance(15) else 1):
                world.evenements.append(_event(world, etab, dossier, start, end, dice))
    running = accompanied(stays, FIN, FIN) and last == FIN and first <= FIN
    if running and dice.chance(35):
        world.evenements.append(_event(world, etab, dossier, FIN + _DAY, FIN + 90 * _DAY, dice))


def _event(world: World, etab: Etablissement, dossier: Dossier, start: date, end: date, dice: Dice) -> Evenement:
    begins = datetime.combine(dice.day(start, end), time(dice.between(8, 18), dice.pick((0, 15, 30, 45))))
    if dice.chance(4):
        begins = datetime.combine(end, time(23, 30))
    ends: datetime | None = begins + timedelta(minutes=dice.pick((30, 45, 60, 90)))
    if dice.chance(5):
        ends = begins + dice.between(6, 45) * _DAY
    elif dice.chance(6):
        ends = None
    future = begins.date() > FIN
    draw = dice.below(100)
    statut = "ANNULE" if draw < 8 else "PLANIFIE" if future or draw < 20 else "VALIDE" if draw < 40 else "TERMINE"
    earlier: tuple[tuple[datetime, datetime | None, str], ...] = ()
    if dice.chance(6):
        moved = begins - dice.between(3, 40) * _DAY
        earlier = ((moved, moved + timedelta(minutes=60), "PLANIFIE"),)
        if dice.chance(20):
            earlier += ((begins, ends, "PLANIFIE"),)
    number = world.number(etab.agence, "E", 5)
    return Evenement(number, dossier.dossier_id, begins, ends, statut, dice.pick(_NATURES[etab.nom]), earlier)
