"""What goes out and comes in: documents, DMP, MSSanté, INSi calls, receptions, oppositions, optional exchanges."""

from __future__ import annotations

from dataclasses import dataclass, field
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

_PLAN_DE_SOINS = "18776-5"
_TYPES = ("34842-5", "80788-3", _PLAN_DE_SOINS, "83981-1", "78341-5")
"""Of those that the médico-social couloir names, with a code of JDV_J07."""
_FACULTATIFS = {"ehpad": "EPRESCRIPTION", "ssiad": "EPRESCRIPTION", "foyer": "EPARCOURS", "sessad": "EPARCOURS"}
_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Sender:
    """What a dossier's sends go by: the record that it hangs on, the person's root, the refusals, what was fed."""

    etab: Etablissement
    usager: Usager
    root: Usager
    oppositions: list[Opposition]
    deposes: list[tuple[datetime, str]] = field(default_factory=list)

    def qualified(self, day: date) -> bool:
        return self.root.statut == "QUAL" and self.root.statut_depuis < day

    def refuses(self, canal: str, day: date) -> bool:
        return any(o.canal == canal and o.debut <= day <= (o.fin or FIN) for o in self.oppositions)

    @property
    def feeds(self) -> bool:
        """Say whether the DMP is fed at all: who refuses it once is left alone before and after."""
        return all(o.canal != "DMP" for o in self.oppositions)

    def window(self, first: date, last: date) -> tuple[date, date]:
        """Return the days of a month on which something goes out: in one state of the identity, and in life."""
        if self.root.statut == "QUAL" and first <= self.root.statut_depuis <= last:
            first = self.root.statut_depuis + _DAY
        return first, min(last, self.root.deces or last)


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
        sender = _Sender(etab, person, root, opposed.get(root.usager_id, []))
        dice = Dice(seed, "echanges", dossier.dossier_id)
        _admission_call(world, etab, dossier, dice)
        for first, last in months(*in_use(etab, dossier)):
            if not accompanied(stays[dossier.dossier_id], first, last):
                continue
            start, end = sender.window(first, last)
            if (
                start <= end
                and sender.qualified(start)
                and sender.feeds
                and dice.chance(course(etab.rythme.dmp, first))
            ):
                _feed_dmp(world, sender, start, end, dice)
            if start <= end and dice.chance(course(etab.rythme.mss, first)):
                _send_message(world, sender, start, end, dice)
            _incoming(world, etab, person, first, last, dice)
    _general_messages(world, seed)
    _keep_inside(world)


def _when(first: date, last: date, dice: Dice) -> datetime:
    day = dice.day(first, last)
    if dice.chance(3):
        return datetime.combine(last, time(23, dice.between(30, 59), 59))
    return datetime.combine(day, time(dice.between(7, 19), dice.below(60), dice.below(60)))


def attach(world: World, etab: Etablissement, usager: Usager, when: datetime, dice: Dice) -> str:
    """Add a document validated on the day of its send; return its id."""
    return _written(world, etab, usager, when, *_drafted(dice))


def _drafted(dice: Dice) -> tuple[int, str, str]:
    """Return how many days ago a document was begun, its confidentiality and its type."""
    return dice.below(4), "N MASQUE_PS" if dice.chance(2) else "N", dice.pick(_TYPES)


def _written(
    world: World, etab: Etablissement, usager: Usager, when: datetime, begun: int, hidden: str, kind: str
) -> str:
    number = world.number(etab.agence, "X", 5)
    day = when.date()
    document = Document(number, usager.usager_id, etab.finess_et, kind, day - begun * _DAY, day, hidden)
    world.documents.append(document)
    return number


def _rpps(etab: Etablissement, dice: Dice) -> str:
    agency = int(etab.agence[2:])
    return luhn_rpps(agency * 100 + dice.below(4)) if dice.chance(85) else ""


def _feed_dmp(world: World, sender: _Sender, first: date, last: date, dice: Dice) -> None:
    when, etab, usager = _when(first, last, dice), sender.etab, sender.usager
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
    sender.deposes.append((when, document))
    if dice.chance(5):
        add(when + dice.between(1, 25) * _DAY, "REMPLACEMENT", "SUCCES", "")
    elif dice.chance(2):
        add(when + dice.between(1, 25) * _DAY, "SUPPRESSION", "SUCCES", "")


def _send_message(world: World, sender: _Sender, first: date, last: date, dice: Dice) -> None:
    etab, qualified = sender.etab, sender.qualified(first)
    citizen = qualified and dice.chance(30)
    for _ in range(2 if dice.chance(10) else 1):
        when = _when(first, last, dice)
        canal = "MSS_CITOYENNE" if citizen and not sender.refuses("MSS_CITOYENNE", when.date()) else "MSS_PRO"
        draw = dice.below(100)
        attached = 0 if draw < 12 else 2 if draw < 22 else 1
        documents = _attached(world, sender, when, [_drafted(dice) for _ in range(attached)])
        resultat = "ECHEC" if dice.chance(6) else "SUCCES"
        number = world.number(etab.agence, "M", 5)
        world.messages.append(
            Message(
                number,
                canal,
                etab.finess_et,
                sender.usager.usager_id,
                when,
                resultat,
                qualified,
                _rpps(etab, dice),
                documents,
            )
        )


def _attached(world: World, sender: _Sender, when: datetime, drafts: list[tuple[int, str, str]]) -> tuple[str, ...]:
    """Return what a message carries: the documents that the DMP got last, else new ones where none is owed to it.

    The SSIAD sends its plans de soins by message alone: a fault, on purpose.
    """
    fed = [document for moment, document in sorted(sender.deposes) if moment <= when]
    if fed:
        return tuple(fed[-len(drafts) :]) if drafts else ()
    owed = sender.qualified(when.date()) and not sender.refuses("DMP", when.date())
    faulty = sender.etab.nom == "ssiad" and sender.feeds
    new = [one for one in drafts if not owed or (faulty and one[2] == _PLAN_DE_SOINS)]
    return tuple(_written(world, sender.etab, sender.usager, when, *one) for one in new)


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


def _oppositions(world: World, seed: int) -> dict[str, list[Opposition]]:
    """Some persons refuse a channel; return what they refuse."""
    dice = Dice(seed, "oppositions")
    opposed: dict[str, list[Opposition]] = {}
    for rank, usager in enumerate(world.usagers):
        if not usager.fusion and (rank == 0 or dice.chance(2.5)):
            canal = dice.pick(("DMP", "DMP", "MSS_CITOYENNE"))
            start = dice.day(date(2023, 6, 1), date(2025, 6, 30))
            end = start + dice.between(60, 200) * _DAY if dice.chance(20) else None
            opposition = Opposition(usager.usager_id, canal, start, end)
            world.oppositions.append(opposition)
            opposed[usager.usager_id] = [opposition]
    return opposed


def _keep_inside(world: World) -> None:
    """Drop what a delay has put behind the end of the log, which the extraction could not have seen, or of a life."""
    ends = {usager.usager_id: min(FIN, usager.deces or FIN) for usager in world.usagers}
    world.flux = [flux for flux in world.flux if flux.quand.date() <= ends[flux.usager_id]]
