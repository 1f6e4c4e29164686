"""The conformance report of a dossier: of the ordered establishments alone, and without a key of anybody.

``esms check`` names each record for the vendor who must mend it; a payer reads how many there are, and of what kind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from esms_sdk.conformance import Asked, Conformity, run
from esms_sdk.conformance.result import Finding, Group, Outcome
from esms_sdk.conformance.waivers import Waiver
from esms_sdk.decision import Facts
from esms_sdk.va.request import Request

_ORDER = "commande"


def judge(request: Request, facts: Facts, finess: Collection[str]) -> Conformity:
    """Run conformance over the lot narrowed to ``finess``, by the figures of the dossier.

    The targets decide a dossier of usages, not what the VA asks of an order.  The result is closed: its findings, which
    name records, are gone with their memory, and the counts by kind stay.
    """
    found = run(
        Asked(
            [request.lot], profile=request.profile, mode=request.mode,
            order=request.order if request.genre == "va" else None, waivers=request.waivers,
            declarations=request.declarations, command_line=request.command_line, finess=frozenset(finess),
            faits=facts,
        )
    )  # fmt: skip
    with found:
        return _without_keys(found, finess)


def _without_keys(found: Conformity, finess: Collection[str]) -> Conformity:
    told = {id(one): _of(one, finess) for one in found.ecarts}
    return replace(
        found,
        identite=_identity(found.identite),
        outcomes=[_outcome(one, told) for one in found.outcomes],
        ecarts=[one for one in told.values() if one is not None],
        fichiers=(),
    )


def _of(waiver: Waiver, finess: Collection[str]) -> Waiver | None:
    """Return an accepted difference as it is here; None where it is about other establishments."""
    if not waiver.finess:
        return waiver
    kept = tuple(one for one in waiver.finess if one in finess)
    return replace(waiver, finess=kept) if kept else None


def _identity(identite: Mapping[str, object]) -> dict[str, object]:
    # The name of an input is that of a file or folder of the machine.
    entries = identite["entrees"]
    assert isinstance(entries, list)
    return {**identite, "entrees": [{**one, "nom": one["type"]} for one in entries]}


def _outcome(one: Outcome, waivers: Mapping[int, Waiver | None]) -> Outcome:
    return replace(one, groupes=_merged(one, waivers))


def _merged(one: Outcome, waivers: Mapping[int, Waiver | None]) -> Sequence[Group]:
    """Bring the findings of a kind in one establishment together, whatever their file, and take their keys away."""
    groups: dict[tuple[str, str | None, int], Group] = {}
    for group in one.groupes:
        if one.requirement.objet == _ORDER:
            # What is at fault there is a line of the order itself.
            groups[group.code, group.finess_et, len(groups)] = group
            continue
        place = (group.code, group.finess_et, id(group.ecart))
        known = groups.get(place)
        count, new = (known.nombre, known.nouveaux) if known else (0, 0)
        bare = Finding(one.requirement.id, group.code, finess_et=group.finess_et)
        ecart = waivers[id(group.ecart)] if group.ecart else None
        groups[place] = Group(
            group.code, group.finess_et, None, count + group.nombre, new + group.nouveaux, (bare,), ecart
        )
    return list(groups.values())
