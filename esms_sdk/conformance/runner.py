"""The run: inputs in, one verdict a requirement out.

Lots and documents are each judged by the requirements whose ``objet`` they are; what no input can show is
*non verifie*, never *conforme*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from esms_sdk import __version__
from esms_sdk.checks.documents import Piece, Setting
from esms_sdk.checks.registry import Check, Examined, load_all
from esms_sdk.conformance import document_run, inputs, lot_documents, lot_run, waivers
from esms_sdk.conformance.catalogue import Requirement, catalogue, rules
from esms_sdk.conformance.declarations import read_declarations
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import Judged
from esms_sdk.conformance.profile import DEFAULT, Profile, profile
from esms_sdk.conformance.result import Conformity, Group, Outcome
from esms_sdk.conformance.verdict import Verdict, together
from esms_sdk.conformance.waivers import Waiver, read_waivers
from esms_sdk.decision import Facts
from esms_sdk.documents.pack import Pack
from esms_sdk.documents.terminology import Terminology, tables
from esms_sdk.errors import LotInvalid


class Settled(Protocol):
    """What settles a requirement that no file can show: a declaration, or the vendor's own tests."""

    @property
    def conforme(self) -> bool: ...
    @property
    def evidence(self) -> Sequence[Mapping[str, str]]: ...


@dataclass(frozen=True)
class Asked:
    """What a run is asked to do: the options of ``esms check``; ``evidence`` comes from tests (the pytest plugin).

    A dossier gives ``finess``, the establishments that the run is about, and ``faits``, what it is decided upon.
    """

    paths: Sequence[Path]
    profile: str = DEFAULT
    mode: str = "production"
    order: Path | None = None
    waivers: Path | None = None
    declarations: Path | None = None
    require_declarations: bool = False
    baseline: Path | None = None
    terminology: Path | None = None
    pack: Path | None = None
    command_line: str = ""
    finess: Collection[str] | None = None
    faits: Facts | None = None
    evidence: Mapping[str, Settled] = field(default_factory=dict)
    requirements: Mapping[str, Requirement] = field(default_factory=catalogue)
    checks: Mapping[str, Check] = field(default_factory=load_all)


@dataclass
class _Run:
    """A run under way: what was judged so far."""

    asked: Asked
    profil: Profile
    given: inputs.Inputs
    findings: Findings
    terminology: Terminology | None = None
    pack: Pack | None = None
    judged: dict[str, list[Judged]] = field(default_factory=dict)
    fichiers: list[Mapping[str, str]] = field(default_factory=list)

    def add(self, found: Mapping[str, Judged]) -> None:
        for id, one in found.items():
            self.judged.setdefault(id, []).append(one)


def run(asked: Asked) -> Conformity:
    """Judge the inputs.  The caller closes ``findings`` of the result.

    Raises :class:`UsageError` for what the command line has wrong (a profile, a path, a waiver); a lot that cannot be
    read raises nothing: its requirements are *indetermine*.
    """
    profil = profile(asked.profile)
    given = inputs.recognise(asked.paths, asked.order)
    accepted = read_waivers(asked.waivers, asked.requirements) if asked.waivers else ()
    declared = read_declarations(asked.declarations, asked.requirements) if asked.declarations else {}
    with ExitStack() as stack:
        findings = Findings()
        stack.callback(findings.close)
        state = _Run(asked, profil, given, findings, *_references(asked))
        for path in given.lots:
            _judge_lot(state, path)
        for piece in given.pieces:
            _judge_document(state, piece)
        if asked.baseline:
            findings.know(asked.baseline)
        if given.day is None and given.described and all("illisible" in one for one in given.described):
            declared = {}  # nothing was judged, and no day says whether they still hold
        else:
            waivers.hold_expiry(accepted, declared.values(), given.day)
        settled = {**asked.evidence, **declared}
        outcomes = [_outcome(state, one, accepted, settled) for one in asked.requirements.values()]
        result = Conformity(
            profil.nom, asked.mode, _identity(state), outcomes, findings, accepted, state.fichiers,
            require_declarations=asked.require_declarations, baseline=asked.baseline is not None,
        )  # fmt: skip
        stack.pop_all()
    return result


def _references(asked: Asked) -> tuple[Terminology | None, Pack | None]:
    """Open the official tables and the official pack that were asked for."""
    return tables(asked.terminology) if asked.terminology else None, Pack(asked.pack) if asked.pack else None


def _described_references(state: _Run) -> Iterator[Mapping[str, object]]:
    """The official tables and pack, for the identity block: a verdict names what it was reached with."""
    if state.terminology and state.asked.terminology:
        versions = {name: one.version for name, one in sorted(state.terminology.sets.items()) if one.version}
        yield {"type": "terminologie", "nom": state.asked.terminology.name, "versions": versions}
    if state.pack:
        yield {"type": "paquet", "nom": state.pack.name, "version": state.pack.version or None}


def _identity(state: _Run) -> dict[str, object]:
    return {
        "sdk": __version__,
        "regles": dict(rules()),
        "profil": state.profil.nom,
        "mode": state.asked.mode,
        "arrete_au": state.given.day.isoformat() if state.given.day else None,
        "entrees": [*state.given.described, *state.given.passed_over(), *_described_references(state)],
        "ligne_de_commande": state.asked.command_line,
    }


def _judge_lot(state: _Run, path: Path) -> None:
    owed = [one for one in state.asked.requirements.values() if _judged_on_lot(state, one)]
    pieces: list[Piece] = []
    try:
        with inputs.opened(state.given, path, state.asked.finess) as lot:
            day = lot.manifest.date_extraction.date()
            given = state.given
            parametres = state.profil.parameters(day)
            asked = state.asked
            examined = Examined(lot, asked.mode, parametres, given.commande, given.publications, asked.faits)
            state.add(lot_run.judge(owed, state.asked.checks, examined, state.findings))
            given.described += examined.partage.get("entrees", [])
            of_documents = lot_documents.judge(
                lot, _owed_of_documents(state), state.terminology or tables(), state.findings
            )
            state.add(of_documents.judged)
            pieces = of_documents.pieces
    except LotInvalid as invalid:
        state.given.describe_invalid(path, invalid)
        motif = f"lot illisible ou invalide : {inputs.without_folders(invalid.message, path)}"
        state.add({one.id: Judged(Verdict.INDETERMINE, motif) for one in owed})
    parts: dict[str, list[Judged]] = {}
    for piece in pieces:
        for id, judged in _seen(state, piece).judged.items():
            parts.setdefault(id, []).append(judged)
    for id, several in parts.items():
        state.judged.setdefault(id, []).extend(document_run.merged(several))


def _judge_document(state: _Run, piece: Piece) -> None:
    seen = _seen(state, piece)
    state.given.describe_document(seen.fichier, piece, seen.jour)
    state.add(seen.judged)


def _seen(state: _Run, piece: Piece) -> document_run.Seen:
    parametres = state.profil.parameters(state.given.day)
    setting = Setting(state.asked.mode, parametres, state.terminology, state.pack)
    seen = document_run.judge(piece, _owed_of_documents(state), setting, state.findings)
    state.fichiers += [seen.fichier, *seen.dedans]
    return seen


def _owed_of_documents(state: _Run) -> dict[str, Requirement]:
    asked = state.asked.requirements.values()
    return {one.id: one for one in asked if one.methode == "auto" and one.objet != "lot" and state.profil.owes(one)}


def _judged_on_lot(state: _Run, one: Requirement) -> bool:
    return one.methode == "auto" and one.objet in state.given.objects_with_lot and state.profil.owes(one)


def _outcome(state: _Run, one: Requirement, accepted: Sequence[Waiver], settled: Mapping[str, Settled]) -> Outcome:
    if not state.profil.owes(one):
        return Outcome(one, Verdict.NON_APPLICABLE, f"le profil {state.profil.nom} ne le doit pas")
    if one.methode != "auto":
        return _settled(one, settled.get(one.id))
    parts = state.judged.get(one.id)
    if parts is None:
        return Outcome(one, Verdict.NON_VERIFIE, f"rien de tel n'est donné ({inputs.NAMES[one.objet]})")
    groups = [waivers.applied(accepted, one, group) for group in state.findings.groups(one.id)]
    return verdict_of(one, parts, groups)


def _settled(one: Requirement, by: Settled | None) -> Outcome:
    if by is None:
        return Outcome(one, Verdict.NON_VERIFIE, one.non_verifie_parce_que)
    verdict = Verdict.CONFORME if by.conforme else Verdict.NON_CONFORME
    return Outcome(one, verdict, str(by), preuves=by.evidence)


def verdict_of(one: Requirement, parts: Sequence[Judged], groups: Sequence[Group]) -> Outcome:
    """Bring the lots and the findings of one requirement together."""
    failing = [group for group in groups if one.constats[group.code].gravite == "erreur"]
    per_finess: dict[str, Verdict] = {}
    for part in parts:
        for finess in part.perimetre:
            here = Verdict.CONFORME if finess in part.par_finess else part.verdict or Verdict.NON_APPLICABLE
            judged = _of([g for g in failing if g.finess_et == finess], here)
            per_finess[finess] = together([judged, *([per_finess[finess]] if finess in per_finess else [])])
    elsewhere = [g for g in failing if g.finess_et is None]
    found = list(per_finess.values())
    if elsewhere or any(part.sans_finess for part in parts):
        found.append(_of(elsewhere, Verdict.CONFORME))
    found += [part.verdict for part in parts if part.verdict]
    motif = next((part.motif for part in parts if part.motif), "")
    verdict = together(found)
    return Outcome(
        one, verdict, motif if verdict in {part.verdict for part in parts} else "", dict(sorted(per_finess.items())),
        groups,
        juges=sum(part.total for part in parts),
    )  # fmt: skip


def _of(failing: Sequence[Group], otherwise: Verdict) -> Verdict:
    if not failing:
        return otherwise
    return Verdict.DEROGE if all(group.ecart for group in failing) else Verdict.NON_CONFORME
