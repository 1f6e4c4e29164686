"""The scenario of the dashboard TBB.1: ten documents a month on each channel, over two years, and one failure on each.

It is the one by which the dashboard is tried for référencement (requirement TBB of the other couloirs of vague 1): at
the end of the m-th month of the second year, 10 for the month, 10·m for the year, 120 for the year before.  Here each
document is sent once, on one channel; two of the ten MSS_PRO go out for an identity that was not qualified yet, so that
this column is not zero.  The failures, in the last month, are documents of their own that are never sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from esms_sdk.errors import UsageError
from esms_sdk.identifiers import InvalidIdentifier, finess
from esms_sdk.sample.activity import months, stays_by_dossier
from esms_sdk.sample.dice import Dice
from esms_sdk.sample.echanges import attach
from esms_sdk.sample.etablissements import ETABLISSEMENTS
from esms_sdk.sample.identities import luhn_rpps
from esms_sdk.sample.world import DEBUT, FIN, Dossier, Etablissement, Flux, Message, Usager, World

EXPECTED = "attendu_tbb.json"
CANAUX = ("DMP", "MSS_PRO", "MSS_CITOYENNE")
PAR_MOIS, NON_QUALIFIEES = 10, 2
FEWEST = 140
"""Persons of the smallest world: some twenty an establishment."""
_SINCE = date(2023, 6, 1)
_PERSONNES = 86  # of 600, alike for all
_MONTHS = tuple(months(DEBUT, FIN))


def _quiet(one: Etablissement) -> Etablissement:
    """The same establishment, open and equipped before the two years, that sends nothing by itself."""
    rythme = replace(one.rythme, mss=(0, 0), dmp=(0, 0), sorties=20)
    return replace(
        one, rythme=rythme, personnes=_PERSONNES, presents=_PERSONNES, profil_cibles="standard",
        date_ouverture=date(1998, 9, 1),
        date_fermeture=None, date_deploiement=_SINCE,
    )  # fmt: skip


_BASES = tuple(_quiet(one) for one in ETABLISSEMENTS if one.dans_perimetre)


def establishments(numbers: Sequence[str]) -> list[Etablissement]:
    """Return the establishments of the scenario, under the numbers asked for (all the world's own if there is none).

    The world's other establishments stay in it, outside of the perimeter.
    """
    if not numbers:
        return list(_BASES)
    asked = list(dict.fromkeys(map(_valid, numbers)))
    own = {one.finess_et: one for one in _BASES}
    free = [one for one in _BASES if one.finess_et not in asked]
    chosen = []
    for rank, number in enumerate(asked):
        base = own.get(number) or (free.pop(0) if free else _copy(rank))
        chosen.append(replace(base, finess_et=number))
    return [*chosen, *(replace(one, dans_perimetre=False) for one in free)]


def _copy(rank: int) -> Etablissement:
    turn, place = divmod(rank, len(_BASES))
    return replace(_BASES[place], serie=turn, denomination=f"{_BASES[place].denomination} {turn + 1}")


def _valid(number: str) -> str:
    try:
        return finess.validate(number)
    except InvalidIdentifier as fault:
        raise UsageError("ESMS-E140", f"«{number[:20]}» : {fault}") from None


# -- the sends ---------------------------------------------------------------------------------------------------


def send(world: World, seed: int) -> None:
    """Add the documents and their sends, establishment after establishment and month by month."""
    there = _Accompanied(world)
    for rank, etab in enumerate(one for one in world.etablissements if one.dans_perimetre):
        rpps, dice = luhn_rpps(rank + 1), Dice(seed, "tbb", etab.finess_et)
        for first, last in _MONTHS:
            for canal in CANAUX:
                persons = there.persons(etab, canal, first, last)
                count = PAR_MOIS + (last == FIN)
                for number in range(count):
                    day = dice.day(first, last)
                    when = datetime.combine(day, time(dice.between(8, 18), dice.below(60), dice.below(60)))
                    result = "SUCCES" if number < PAR_MOIS else "ECHEC"
                    qualified = canal != "MSS_PRO" or number >= NON_QUALIFIEES
                    _send(world, etab, canal, dice.pick(persons), when, result, qualified, rpps, dice)


def _send(
    world: World,
    etab: Etablissement,
    canal: str,
    usager: Usager,
    when: datetime,
    result: str,
    qualified: bool,
    rpps: str,
    dice: Dice,
) -> None:
    document, agence, person = attach(world, etab, usager, when, dice), etab.agence, usager.usager_id
    if canal == "DMP":
        number, code = world.number(agence, "F", 5), "" if result == "SUCCES" else "XDSRepositoryError"
        world.flux.append(Flux(number, etab.finess_et, person, document, when, "AJOUT", result, code, qualified, rpps))
    else:
        number = world.number(agence, "M", 5)
        world.messages.append(
            Message(number, canal, etab.finess_et, person, when, result, qualified, rpps, (document,))
        )


class _Accompanied:
    """Who is there all through a month with a qualified identity, and opposes no channel."""

    def __init__(self, world: World) -> None:
        self._stays = stays_by_dossier(world)
        self._usagers = {usager.usager_id: usager for usager in world.usagers}
        roots = world.roots()
        opposed = {(one.usager_id, one.canal) for one in world.oppositions}
        self._dossiers: dict[tuple[str, str], list[Dossier]] = {}
        for dossier in world.dossiers:
            root = roots[dossier.usager_id]
            if self._usagers[root].statut != "QUAL":
                continue
            for canal in CANAUX:
                if (root, canal) not in opposed:
                    self._dossiers.setdefault((dossier.finess_et, canal), []).append(dossier)

    def persons(self, etab: Etablissement, canal: str, first: date, last: date) -> list[Usager]:
        found = [
            self._usagers[dossier.usager_id]
            for dossier in self._dossiers.get((etab.finess_et, canal), ())
            if dossier.creation <= first and (dossier.archivage is None or dossier.archivage > last)
            and any(
                stay.entree <= first and (stay.sortie is None or stay.sortie >= last)
                for stay in self._stays[dossier.dossier_id]
            )
        ]  # fmt: skip
        if not found:
            reason = f"ce monde est trop petit : personne à {etab.finess_et} en {first:%m/%Y} pour {canal}"
            raise UsageError("ESMS-E194", reason, hint="Demander plus de personnes, ou une autre graine.")
        return found


# -- what the dashboard must say ---------------------------------------------------------------------------------


def expected(world: World) -> bytes:
    """Return what the dashboard must say at the end of each month, in the shape of ``tableau_de_bord.json``.

    It is worked out from the scenario alone.  INSi calls are not part of it.
    """
    document = {
        "scenario": {"documents_par_mois_et_canal": PAR_MOIS, "debut": str(DEBUT), "fin": str(FIN)},
        "tableaux": [{"arrete_au": str(as_of), "etablissements": list(_rows(world, as_of))} for _, as_of in _MONTHS],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _rows(world: World, as_of: date) -> Iterator[dict[str, Any]]:
    periods = {
        "mois_courant": (as_of.replace(day=1), as_of),
        "annee_courante": (date(as_of.year, 1, 1), as_of),
        "annee_precedente": (date(as_of.year - 1, 1, 1), date(as_of.year - 1, 12, 31)),
    }
    inside = [one.finess_et for one in world.etablissements if one.dans_perimetre]
    rpps = {number: luhn_rpps(rank) for rank, number in enumerate(inside, 1)}
    for number in sorted(inside):
        yield {
            "finess_et": number,
            "periodes": {name: _counts(debut, fin) for name, (debut, fin) in periods.items()},
            "par_rpps": [
                {"rpps": rpps[number], "periodes": {name: _channels(*bounds) for name, bounds in periods.items()}}
            ],
        }


def _counts(debut: date, fin: date) -> dict[str, Any]:
    failed = debut <= FIN <= fin
    return {
        "debut": str(debut), "fin": str(fin), "couverte": debut >= DEBUT, **_channels(debut, fin),
        "echecs": {"dmp": int(failed), "mss": 2 * failed},
    }  # fmt: skip


def _channels(debut: date, fin: date) -> dict[str, Any]:
    count = sum(debut <= first and last <= fin for first, last in _MONTHS)
    others = {"dmp": 0, "mss_pro": NON_QUALIFIEES * count, "mss_citoyenne": 0}
    total = PAR_MOIS * count
    return {
        name: {"total": total, "ins_qualifiee": total - other, "ins_non_qualifiee": other}
        for name, other in others.items()
    }
