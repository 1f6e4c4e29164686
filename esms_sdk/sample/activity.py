"""The access log: writes by professionals, nightly batches, the migration, and what is no write at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from esms_sdk.sample.dice import Dice
from esms_sdk.sample.world import DEBUT, FIN, Dossier, Ecriture, Etablissement, Sejour, World

BATCH, MIGRATION = "BATCH_NUIT", "MIGRATION"
_RUBRIQUES = ("Soins", "Transmissions", "Administratif", "Projet", "Social", "Repas")
_METIERS = ("as", "ide", "edu", "sec", "cds", "med")
_DAY = timedelta(days=1)
_LEFT_TO_WRITE = 120 * _DAY
"""How long after the last day somebody may still write to the dossier."""


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each calendar month from ``first`` to ``last``, cut to these bounds.

    >>> list(months(date(2024, 1, 20), date(2024, 2, 29)))[0]
    (datetime.date(2024, 1, 20), datetime.date(2024, 1, 31))
    """
    start = first
    while start <= last:
        following = (start.replace(day=1) + 32 * _DAY).replace(day=1)
        yield start, min(last, following - _DAY)
        start = following


def course(bounds: tuple[int, int], month: date) -> float:
    """Return the chance in % of ``month`` on the straight course from January 2024 to December 2025.

    >>> course((10, 56), date(2024, 1, 31)), course((10, 56), date(2025, 12, 1))
    (10.0, 56.0)
    """
    step = (month.year - 2024) * 12 + month.month - 1
    return bounds[0] + (bounds[1] - bounds[0]) * step / 23


def accompanied(sejours: list[Sejour], first: date, last: date) -> bool:
    """Say whether one of ``sejours`` has a day from ``first`` to ``last``."""
    return any(s.entree <= last and (s.sortie is None or s.sortie >= first) for s in sejours)


def log_access(world: World, seed: int) -> None:
    """Fill the log, every line with its second, in the order of time by agency."""
    stays = stays_by_dossier(world)
    by_finess = {etab.finess_et: etab for etab in world.etablissements}
    for dossier in world.dossiers:
        etab = by_finess[dossier.finess_et]
        dice = Dice(seed, "journal", dossier.dossier_id)
        world.journal.extend(_writes(etab, dossier, stays[dossier.dossier_id], dice))
        world.journal.extend(_machine_writes(etab, dossier, dice))
    world.journal.sort(key=lambda line: (line.dossier_id[:4], line.quand, line.dossier_id))


def stays_by_dossier(world: World) -> dict[str, list[Sejour]]:
    """Return, for each dossier, the séjours of its person in its establishment, merged records followed."""
    roots = world.roots()
    found: dict[tuple[str, str], list[Sejour]] = {}
    for sejour in world.sejours:
        found.setdefault((roots[sejour.usager_id], sejour.finess_et), []).append(sejour)
    return {d.dossier_id: found.get((roots[d.usager_id], d.finess_et), []) for d in world.dossiers}


def in_use(etab: Etablissement, dossier: Dossier) -> tuple[date, date]:
    """Return the days on which a dossier can be written: software there, dossier open, log running."""
    first = max(DEBUT, etab.date_deploiement, dossier.creation)
    return first, min(FIN, dossier.archivage or FIN, etab.date_fermeture or FIN)


def _writes(etab: Etablissement, dossier: Dossier, stays: list[Sejour], dice: Dice) -> Iterator[Ecriture]:
    neglected = dice.chance(2.5)
    left = max(s.sortie or FIN for s in stays) if stays else FIN
    for first, last in months(*in_use(etab, dossier)):
        if not accompanied(stays, first, last):
            if dice.chance(6) and first <= left + _LEFT_TO_WRITE:
                yield _line(etab, dossier, _moment(first, last, dice), dice, "Administratif")
            continue
        if dice.chance(30):
            yield _reading(etab, dossier, _moment(first, last, dice), dice)
        holiday = 12 if first.month == 8 and etab.nom in ("ime", "sessad") else 0
        if neglected or not dice.chance(course(etab.rythme.maj, first) - holiday):
            continue
        if dice.chance(30 if etab.fuseau != "Europe/Paris" else 7):
            yield _line(etab, dossier, _edge(first, last, dice), dice, "Transmissions")
            continue
        for _ in range(dice.between(1, 6)):
            yield _line(etab, dossier, _moment(first, last, dice), dice, dice.pick(_RUBRIQUES))


def _machine_writes(etab: Etablissement, dossier: Dossier, dice: Dice) -> Iterator[Ecriture]:
    first, last = in_use(etab, dossier)
    if etab.reprise and dossier.creation < etab.date_deploiement == first <= last:
        night = datetime.combine(first, time(21, dice.below(60), dice.below(60)))
        yield Ecriture(dossier.dossier_id, night, MIGRATION, "REPRISE", "Administratif", "Création")
    for start, end in months(first, last):
        for day in (start.replace(day=number) for number in (1, 8, 15, 22)):
            if start <= day <= end:
                second = dice.below(3000)
                when = datetime.combine(day, time(0, 5 + second // 60, second % 60))
                yield Ecriture(dossier.dossier_id, when, BATCH, "AUTOMATE", "Technique", "Recalcul")


def _moment(first: date, last: date, dice: Dice) -> datetime:
    day = dice.day(first, last)
    return datetime.combine(day, time(dice.between(7, 20), dice.below(60), dice.below(60)))


def _edge(first: date, last: date, dice: Dice) -> datetime:
    """The last minutes of the last day or the first ones of the first: another month in another time zone."""
    if dice.chance(80):
        return datetime.combine(last, time(dice.between(20, 23), dice.between(30, 59), dice.below(60)))
    return datetime.combine(first, time(0, dice.between(1, 45), dice.below(60)))


def _line(etab: Etablissement, dossier: Dossier, when: datetime, dice: Dice, rubrique: str) -> Ecriture:
    user = f"{dice.pick(_METIERS)}{dice.between(1, 9)}.{etab.agence.lower()}"
    action = dice.pick(("Modification", "Modification", "Saisie", "Validation"))
    return Ecriture(dossier.dossier_id, when, user, "UTILISATEUR", rubrique, action)


def _reading(etab: Etablissement, dossier: Dossier, when: datetime, dice: Dice) -> Ecriture:
    user = f"{dice.pick(_METIERS)}{dice.between(1, 9)}.{etab.agence.lower()}"
    return Ecriture(
        dossier.dossier_id, when, user, "", dice.pick(_RUBRIQUES), dice.pick(("Consultation", "Impression"))
    )
