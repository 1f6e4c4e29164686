"""The report on a terminal: the numbers, the accepted differences, then what asks for attention; bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from esms_sdk.conformance.result import Conformity, Group, Outcome
from esms_sdk.conformance.verdict import Verdict
from esms_sdk.report import wording

_REQUIREMENTS = 25
_KINDS = 4
_FAULTS = 10
_ECARTS = 20


def as_text(result: Conformity) -> str:
    """Return what a person reads; its first line is the number of requirements by verdict."""
    lines = [", ".join(f"{verdict} {count}" for verdict, count in result.resume.items())]
    lines += _ecarts(result)
    lines += _context(result)
    lines += _chapter(result, Verdict.NON_CONFORME, "Non conforme")
    lines += _chapter(result, Verdict.INDETERMINE, "Indéterminé")
    lines += _remarks(result)
    return "\n".join(lines)


def _ecarts(result: Conformity) -> Iterator[str]:
    if result.ecarts:
        yield "Écarts acceptés par l'éditeur :"
    for rank, waiver in enumerate(result.ecarts[:_ECARTS]):
        where = ", ".join([*waiver.constats, *(f"FINESS {finess}" for finess in waiver.finess)])
        count = wording.covered(result, rank)
        told = f"{count} constat{'s' * (count > 1)}" if count else "sans effet ici"
        yield f"  {waiver.exigence}{f' ({where})' if where else ''} : {waiver.motif}"
        yield f"    {waiver.responsable}, jusqu'au {waiver.expire_le:%d/%m/%Y} ; {told}"
    yield from _more(len(result.ecarts) - _ECARTS, "écarts")


def _context(result: Conformity) -> Iterator[str]:
    numbers = wording.counts(result)
    told = [f"constats : {numbers['constats']}"]
    told += [f"{gravite}s : {numbers[f'{gravite}s']}" for gravite in wording.GRAVITES]
    if result.baseline:
        told.append(f"déjà connus : {numbers['deja_connus']}")
    yield f"Profil {result.profil}, mode {result.mode} ; {', '.join(told)}"
    inputs = result.identite["entrees"]
    for one in inputs if isinstance(inputs, list) else ():
        if "illisible" in one:
            yield f"{one['nom']} : {one['illisible']}"
            yield from (f"  {fault}" for fault in one["defauts"][:_FAULTS])
            yield from _more(len(one["defauts"]) - _FAULTS, "défauts")
        if one["type"] == "non_reconnus":
            yield f"{one['nom']}, non jugé{'s' * (one['nombre'] > 1)} :"
            yield from (f"  {file['fichier']} : {file['motif']}" for file in one["fichiers"][:_FAULTS])
            yield from _more(one["nombre"] - _FAULTS, "fichiers")


def _chapter(result: Conformity, verdict: Verdict, title: str) -> Iterator[str]:
    # What is owed first, then what is only advised.
    found = sorted((o for o in result.outcomes if o.verdict is verdict), key=lambda o: not o.requirement.mandatory)
    if found:
        yield ""
        yield f"{title} ({len(found)}) :"
    last = ""
    for outcome in found[:_REQUIREMENTS]:
        # An unreadable lot says the same of every requirement: once is enough.
        yield from _requirement(outcome, repeated=bool(outcome.motif) and outcome.motif == last)
        last = outcome.motif
    yield from _more(len(found) - _REQUIREMENTS, "exigences")


def _requirement(outcome: Outcome, *, repeated: bool) -> Iterator[str]:
    one = outcome.requirement
    advised = "" if one.mandatory else ", recommandé"
    if repeated:
        yield f"  {one.id}{advised} : {one.titre} (même motif)"
        return
    yield f"  {one.id}{advised} : {one.titre}"
    if outcome.motif:
        yield f"    {outcome.motif}"
    kinds = by_kind(outcome)
    for code, groups in list(kinds.items())[:_KINDS]:
        yield f"    {_kind(outcome, code, groups)}"
        first = groups[0].exemples[0]
        told = f" ({first.precision})" if first.precision and not _alike(groups) else ""
        yield f"      {wording.place(one.constats[code], first)}{told}"
    yield from _more(len(kinds) - _KINDS, "sortes de constats", "    ")
    if kinds:
        yield f"    Texte : {wording.cited(one.sources[0])}"
        yield f"    Remède : {one.remede}"


def by_kind(outcome: Outcome) -> dict[str, list[Group]]:
    """Return the groups of a requirement by code, the gravest and most numerous first."""
    kinds: dict[str, list[Group]] = {}
    for group in outcome.groupes:
        kinds.setdefault(group.code, []).append(group)
    order = list(wording.GRAVITES)

    def rank(code: str) -> tuple[int, int]:
        return order.index(outcome.requirement.constats[code].gravite), -sum(g.nombre for g in kinds[code])

    return {code: kinds[code] for code in sorted(kinds, key=rank)}


def _kind(outcome: Outcome, code: str, groups: Sequence[Group]) -> str:
    constat = outcome.requirement.constats[code]
    count = sum(group.nombre for group in groups)
    kept: list[str] = [constat.gravite] if constat.gravite != "erreur" else []
    if all(group.ecart for group in groups):
        kept.append("écart accepté")
    note = f" ({', '.join(kept)})" if kept else ""
    message = wording.message(constat, groups[0].exemples[0]) if _alike(groups) else constat.message
    return f"{code} × {count}{note} : {message}"


def _alike(groups: Sequence[Group]) -> bool:
    return wording.same_precision(finding for group in groups for finding in group.exemples)


def _remarks(result: Conformity) -> Iterator[str]:
    """The warnings of requirements that are met all the same, a line each."""
    shown = {Verdict.NON_CONFORME, Verdict.INDETERMINE}
    found = [o for o in result.outcomes if o.verdict not in shown and any(not g.ecart for g in o.groupes)]
    if found:
        yield ""
        yield f"À regarder, sans échec ({len(found)}) :"
    for outcome in found[:_REQUIREMENTS]:
        for code, groups in list(by_kind(outcome).items())[:_KINDS]:
            yield f"  {outcome.requirement.id} {_kind(outcome, code, groups)}"
    yield from _more(len(found) - _REQUIREMENTS, "exigences")


def _more(count: int, what: str, indent: str = "  ") -> Iterator[str]:
    if count > 0:
        yield f"{indent}… et {count} autres {what} (--report html,csv --out DIR)"
