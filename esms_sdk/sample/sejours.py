"""Who is accompanied, where and when: persons, their séjours and their dossiers, one establishment at a time."""

from __future__ import annotations

from datetime import date, timedelta

from esms_sdk.sample.dice import Dice
from esms_sdk.sample.identities import invent
from esms_sdk.sample.world import DEBUT, FIN, Dossier, Etablissement, Sejour, Usager, World

_DAY = timedelta(days=1)
_PREVIOUS = {"accueil_jour": "ehpad", "sessad": "ime"}
"""An establishment that takes over some persons of another one of the same agency: they are in two ESSMS."""


def populate(world: World, etablissement: Etablissement, count: int, seed: int) -> None:
    """Add ``count`` persons of an establishment with their séjours and dossiers."""
    for rank in range(count):
        name = f"{etablissement.nom} {etablissement.serie}" if etablissement.serie else etablissement.nom
        dice = Dice(seed, "personne", name, rank)
        usager = _shared_person(world, etablissement, rank) or _new_person(world, etablissement, dice)
        present = rank * etablissement.personnes < etablissement.presents * count
        stays = _stays(etablissement, usager, present, dice)
        for sejour in stays:
            sejour.sejour_id = world.number(etablissement.agence, "S")
            world.sejours.append(sejour)
        _open_dossier(world, etablissement, usager, stays, dice)


def _new_person(world: World, etablissement: Etablissement, dice: Dice) -> Usager:
    usager = invent(world.number(etablissement.agence, "1", 3), etablissement, len(world.usagers), dice)
    world.usagers.append(usager)
    return usager


def _shared_person(world: World, etablissement: Etablissement, rank: int) -> Usager | None:
    """Every fourth person of the smaller service is one, still alive, whom the bigger house of the agency knows."""
    source = _PREVIOUS.get(etablissement.nom)
    if source is None or rank % 4:
        return None
    numbers = {e.nom: e.finess_et for e in world.etablissements}
    there = {s.usager_id for s in world.sejours if s.finess_et == numbers[source]}
    known = [usager for usager in world.usagers if usager.usager_id in there and not usager.deces]
    return known[rank] if rank < len(known) else None


def _stays(etablissement: Etablissement, usager: Usager, present: bool, dice: Dice) -> list[Sejour]:
    rythme = etablissement.rythme
    last = min(FIN, etablissement.date_fermeture or FIN)
    entree = _entry(etablissement, present, last, dice)
    sejour = Sejour("", usager.usager_id, etablissement.finess_et, entree)
    sejour.projet_applicable = not dice.chance(6 if etablissement.nom in ("ssiad", "ehpad") else 1)
    earliest = max(entree, DEBUT)
    if present and dice.chance(3):
        sejour.sortie, sejour.definitive, sejour.motif = dice.day(date(2023, 10, 1), date(2023, 12, 31)), True, "Fin"
        sejour.entree = min(sejour.entree, date(2023, 9, 1))
        return [sejour]
    if dice.chance(rythme.temporaires):
        return _temporary(sejour, last, dice)
    if dice.chance(rythme.sorties):
        sejour.sortie = dice.day(earliest, last)
        _qualify(etablissement, usager, sejour, dice)
    elif etablissement.date_fermeture:
        sejour.sortie, sejour.definitive, sejour.motif = etablissement.date_fermeture, True, "Orientation"
    if dice.chance(rythme.hospitalisations):
        sejour.interruptions = _hospitalisations(sejour, last, dice)
    return [sejour]


def _entry(etablissement: Etablissement, present: bool, last: date, dice: Dice) -> date:
    if present:
        years = 7 if etablissement.naissances[0] > 1990 or etablissement.nom in ("pjm", "foyer") else 4
        return dice.day(date(2023 - years, 1, 1), date(2023, 11, 30))
    return dice.day(max(DEBUT, etablissement.date_ouverture), last - 12 * _DAY)


def _temporary(first: Sejour, last: date, dice: Dice) -> list[Sejour]:
    """A stay of two to nine weeks, not definitive when the person comes back, which two in three do."""
    if first.entree < DEBUT:
        first.entree = dice.day(DEBUT, DEBUT + 500 * _DAY)
    first.sortie, first.motif = first.entree + dice.between(14, 60) * _DAY, "Fin de séjour temporaire"
    if first.sortie >= last:
        first.sortie = None
        first.motif = ""
        return [first]
    back = first.sortie + dice.between(1, 120) * _DAY
    first.definitive = back > last or dice.chance(34)
    if first.definitive:
        return [first]
    second = Sejour("", first.usager_id, first.finess_et, back, projet_applicable=first.projet_applicable)
    end = back + dice.between(10, 200) * _DAY
    if end < last:
        second.sortie, second.definitive, second.motif = end, True, "Fin de séjour temporaire"
    return [first, second]


def _qualify(etablissement: Etablissement, usager: Usager, sejour: Sejour, dice: Dice) -> None:
    sejour.definitive, sejour.motif = True, dice.pick(("Retour à domicile", "Orientation", "Changement de structure"))
    if dice.chance(etablissement.rythme.deces):
        sejour.motif, usager.deces = "Décès", sejour.sortie
    elif etablissement.nom == "ssiad" and dice.chance(9):
        sejour.definitive, sejour.motif = None, "Autre"
    elif dice.chance(5):
        sejour.definitive, sejour.motif = False, "Suspension de l'accompagnement"


def _hospitalisations(sejour: Sejour, last: date, dice: Dice) -> list[tuple[date, date | None]]:
    """One or two hospitalisations inside the séjour; the last may be running at the extraction."""
    found: list[tuple[date, date | None]] = []
    start = max(sejour.entree, DEBUT) + 5 * _DAY
    end = (sejour.sortie or last) - 5 * _DAY
    for _ in range(dice.between(1, 2)):
        if (end - start).days < 40:
            break
        leaves = dice.day(start, end - 30 * _DAY)
        back = leaves + dice.between(3, 25) * _DAY
        found.append((leaves, back))
        start = back + 5 * _DAY
    if found and sejour.sortie is None and dice.chance(20):
        found[-1] = (max(found[-1][0], last - dice.between(2, 20) * _DAY), None)
    return found


def _open_dossier(world: World, etab: Etablissement, usager: Usager, stays: list[Sejour], dice: Dice) -> None:
    """Open the dossier some days around the entry; a few persons never have one."""
    if dice.chance(1.2):
        return
    opened = stays[0].entree + dice.between(-6, 4) * _DAY
    if opened > FIN:
        opened = FIN
    archived = None
    ended = stays[-1].sortie
    if ended and not dice.chance(25):
        closing = ended + dice.between(20, 160) * _DAY
        archived = closing if closing <= FIN and closing >= opened else None
    number = world.number(etab.agence, "D")
    world.dossiers.append(Dossier(number, usager.usager_id, etab.finess_et, opened, archived))


def merge_duplicates(world: World, seed: int) -> None:
    """Split some persons over two or three merged records, as a software does that found a double entry.

    The root keeps the séjour; the merged record has the dossier in use, or the other way round, and one chain of
    three ends in the root.
    """
    dice = Dice(seed, "doublons")
    rooted = {dossier.usager_id: dossier for dossier in world.dossiers}
    candidates = [u for u in world.usagers if u.usager_id in rooted and not u.fusion and not u.deces]
    step = max(1, len(candidates) // 7)
    for rank, root in enumerate(candidates[step // 2 :: step]):
        agence = root.usager_id[:4]
        first = _copy(world, root, agence)
        rooted[root.usager_id].usager_id = first.usager_id
        if rank % 3 == 1:
            for sejour in world.sejours:
                if sejour.usager_id == root.usager_id:
                    sejour.usager_id = first.usager_id
        if rank % 3 == 2:
            second = _copy(world, first, agence)
            rooted[root.usager_id].usager_id = second.usager_id if dice.chance(60) else first.usager_id


def _copy(world: World, into: Usager, agence: str) -> Usager:
    double = Usager(
        usager_id=world.number(agence, "1", 3),
        nom=into.nom,
        prenoms=into.prenoms.split(" ")[0],
        nom_utilise=into.nom,
        sexe=into.sexe,
        naissance=into.naissance,
        estimee=into.estimee,
        cog=into.cog,
        matricule="",
        statut="PROV",
        statut_depuis=into.statut_depuis,
        insi_le=None,
        obtention="",
        validation="",
        fusion=into.usager_id,
    )
    world.usagers.append(double)
    return double
