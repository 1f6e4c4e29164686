"""What goes out and comes in: documents, DMP, MSSanté, INSi calls, receptions, oppositions, optional exchanges."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from esms_sdk.sample.activity import accompanied, course, in_use, months, stays_by_dossier
from esms_sdk.sample.dice import Dice
from esms_sdk.sample.identities import luhn_rpps
from esms_sdk.sample.world import (
    FIN,
    AppelInsi,
    Document,
    Dossier,
    Echange,
    Etablissement,
    Flux,
    Message,
    Opposition,
    Reception,
    Usager,
    World,
)

_TYPES = ("34133-9", "11488-4", "18776-5", "57133-1", "28651-8")
_FACULTATIFS = {"ehpad": "EPRESCRIPTION", "ssiad": "EPRESCRIPTION", "foyer": "EPARCOURS", "sessad": "EPARCOURS"}
_DAY = timedelta(days=1)


def exchange(world: World, seed: int) -> None:
    """Add every exchange, dossier by dossier and month by month."""
    stays = stays_by_dossier(world)
    by_finess = {etab.finess_et: etab for etab in world.etablissements}
    roots = world.roots()
    usagers = {usager.usager_id: usager for usager in world.usagers}
    opposed = _oppositions(world, seed)
    for dossier in world.dossiers:
        etab = by_finess[dossier.finess_et]
        if not etab.dans_perimetre:
            continue
        person = usagers[dossier.usager_id]
        root = usagers[roots[person.usager_id]]
        dice = Dice(seed, "echanges", dossier.dossier_id)
        _admission_call(world, etab, dossier, dice)
        for first, last in months(*in_use(etab, dossier)):
            if not accompanied(stays[dossier.dossier_id], first, last):
                continue
            qualified = root.statut == "QUAL"
            if qualified and root.usager_id not in opposed and dice.chance(course(etab.rythme.dmp, first)):
                _feed_dmp(world, etab, person, first, last, dice)
            if dice.chance(course(etab.rythme.mss, first)):
                _send_message(world, etab, person, qualified, first, last, dice)
            _incoming(world, etab, person, first, last, dice)
    _general_messages(world, seed)
    _keep_inside(world)


def _when(first: date, last: date, dice: Dice) -> datetime:
    day = dice.day(first, last)
    if dice.chance(3):
        return datetime.combine(last, time(23, dice.between(30, 59), 59))
    return datetime.combine(day, time(dice.between(7, 19), dice.below(60), dice.below(60)))


def attach(world: World, etab: Etablissement, usager: Usager, when: datetime, dice: Dice) -> str:
    number = world.number(etab.agence, "X", 5)
    created = when.date() - dice.below(4) * _DAY
    hidden = "N MASQUE_PS" if dice.chance(2) else "N"
    world.documents.append(
        Document(number, usager.usager_id, etab.finess_et, dice.pick(_TYPES), created, when.date(), hidden)
    )
    return number


def _rpps(etab: Etablissement, dice: Dice) -> str:
    agency = int(etab.agence[2:])
    return luhn_rpps(agency * 100 + dice.below(4)) if dice.chance(85) else ""


def _feed_dmp(world: World, etab: Etablissement, usager: Usager, first: date, last: date, dice: Dice) -> None:
    when = _when(first, last, dice)
    document, rpps = attach(world, etab, usager, when, dice), _rpps(etab, dice)

    def add(moment: datetime, operation: str, resultat: str, code: str) -> None:
        number = world.number(etab.agence, "F", 5)
        world.flux.append(
            Flux(
                number,
                etab.finess_et,
                usager.usager_id,
                document,
                moment,
                operation,
                resultat,
                code,
                True,
                rpps,
            )
        )

    if dice.chance(9):
        add(when, "AJOUT", "ECHEC", dice.pick(("DMPAccessDenied", "XDSRepositoryError")))
        if dice.chance(30):
            return
        when += dice.between(0, 3) * _DAY + timedelta(minutes=7)
    add(when, "AJOUT", "SUCCES", "")
    if dice.chance(5):
        add(when + dice.between(1, 25) * _DAY, "REMPLACEMENT", "SUCCES", "")
    elif dice.chance(2):
        add(when + dice.between(1, 25) * _DAY, "SUPPRESSION", "SUCCES", "")


def _send_message(
    world: World, etab: Etablissement, usager: Usager, qualified: bool, first: date, last: date, dice: Dice
) -> None:
    canal = "MSS_CITOYENNE" if qualified and dice.chance(30) else "MSS_PRO"
    for _ in range(2 if dice.chance(10) else 1):
        when = _when(first, last, dice)
        draw = dice.below(100)
        attached = 0 if draw < 12 else 2 if draw < 22 else 1
        documents = tuple(attach(world, etab, usager, when, dice) for _ in range(attached))
        resultat = "ECHEC" if dice.chance(6) else "SUCCES"
        number = world.number(etab.agence, "M", 5)
        world.messages.append(
            Message(
                number,
                canal,
                etab.finess_et,
                usager.usager_id,
                when,
                resultat,
                qualified,
                _rpps(etab, dice),
                documents,
            )
        )


def _general_messages(world: World, seed: int) -> None:
    """A few messages that concern nobody in particular: they count all the same."""
    dice = Dice(seed, "messages sans personne")
    for etab in world.etablissements:
        if etab.rythme.mss[1] < 50:
            continue
        for first, last in months(date(2025, 1, 1), FIN):
            when = _when(first, last, dice)
            number = world.number(etab.agence, "M", 5)
            world.messages.append(Message(number, "MSS_PRO", etab.finess_et, "", when, "SUCCES", False, "", ()))


def _admission_call(world: World, etab: Etablissement, dossier: Dossier, dice: Dice) -> None:
    if dossier.creation < etab.date_deploiement or dossier.creation.year < 2024:
        return
    when = datetime.combine(dossier.creation, time(dice.between(9, 17), dice.below(60), dice.below(60)))
    failed = dice.chance(20)
    for attempt in range(2 if failed else 1):
        resultat = "ECHEC" if failed and attempt == 0 else "SUCCES"
        number = world.number(etab.agence, "I")
        moment = when + attempt * timedelta(minutes=12)
        usager_id = "" if dice.chance(4) else dossier.usager_id
        world.appels.append(AppelInsi(number, etab.finess_et, usager_id, moment, "RECHERCHE", resultat))


def _incoming(world: World, etab: Etablissement, usager: Usager, first: date, last: date, dice: Dice) -> None:
    finess = etab.finess_et
    if dice.chance(5):
        number, canal = world.number(etab.agence, "R"), dice.pick(("MSS_PRO", "MSS_PRO", "DMP", "MSS_CITOYENNE"))
        known = "" if dice.chance(10) else usager.usager_id
        when, kind, integre = _when(first, last, dice), dice.pick(_TYPES), bool(known) and dice.chance(80)
        world.receptions.append(Reception(number, finess, canal, when, kind, known, integre))
    if dice.chance(2):
        number, when = world.number(etab.agence, "I"), _when(first, last, dice)
        resultat = "ECHEC" if dice.chance(10) else "SUCCES"
        world.appels.append(AppelInsi(number, finess, usager.usager_id, when, "VERIFICATION", resultat))
    exchanged = _FACULTATIFS.get(etab.nom)
    if exchanged and dice.chance(12):
        number = world.number(etab.agence, "O")
        sens = "RECU" if exchanged == "EPRESCRIPTION" and not dice.chance(10) else dice.pick(("EMIS", "RECU"))
        when, statut = _when(first, last, dice), "ECHEC" if dice.chance(5) else "SUCCES"
        world.echanges.append(Echange(number, finess, usager.usager_id, when, exchanged, sens, statut))


def _oppositions(world: World, seed: int) -> set[str]:
    """Some persons refuse a channel; return those who refuse the DMP."""
    dice = Dice(seed, "oppositions")
    opposed = set()
    for rank, usager in enumerate(world.usagers):
        if not usager.fusion and (rank == 0 or dice.chance(2.5)):
            canal = dice.pick(("DMP", "DMP", "MSS_CITOYENNE"))
            start = dice.day(date(2023, 6, 1), date(2025, 6, 30))
            end = start + dice.between(60, 200) * _DAY if dice.chance(20) else None
            world.oppositions.append(Opposition(usager.usager_id, canal, start, end))
            if canal == "DMP":
                opposed.add(usager.usager_id)
    return opposed


def _keep_inside(world: World) -> None:
    """Drop what a delay has put behind the end of the log: the extraction could not have seen it."""
    world.flux = [flux for flux in world.flux if flux.quand.date() <= FIN]
