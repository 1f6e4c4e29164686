"""What a run found: the one stream that every report reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from esms_sdk.conformance.catalogue import Requirement
from esms_sdk.conformance.verdict import Verdict

if TYPE_CHECKING:
    from esms_sdk.conformance.findings import Findings
    from esms_sdk.conformance.waivers import Waiver


class Finding(NamedTuple):
    """One record at fault, at one place.  ``cle`` is the record's own key: masked before anybody sees it."""

    exigence: str
    code: str
    cle: str | None = None
    finess_et: str | None = None
    precision: str | None = None
    fichier: str | None = None
    ligne: int | None = None
    xpath: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one kind in one FINESS (or file): how many, how many of them new, and the first ones."""

    code: str
    finess_et: str | None
    fichier: str | None
    nombre: int
    nouveaux: int
    exemples: tuple[Finding, ...]
    ecart: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one requirement; ``motif`` is a French sentence where the verdict is not that of the findings."""

    requirement: Requirement
    verdict: Verdict
    motif: str = ""
    par_finess: Mapping[str, Verdict] = field(default_factory=dict)
    groupes: Sequence[Group] = ()
    preuves: Sequence[Mapping[str, str]] = ()
    juges: int = 0

    @property
    def new_failure(self) -> bool:
        """Whether it is not met for a reason that the baseline does not know."""
        failing = [g for g in self.groupes if self.requirement.constats[g.code].gravite == "erreur" and not g.ecart]
        return self.verdict is Verdict.NON_CONFORME and any(g.nouveaux for g in failing)


@dataclass(frozen=True)
class Conformity:
    """The result of a run.

    ``identite`` is the identity block that each report carries: SDK, rule set and digest, adapter, product, profile,
    period, digests of the inputs, counts, command line.  ``fichiers`` sums up the documents.
    """

    profil: str
    mode: str
    identite: Mapping[str, object]
    outcomes: Sequence[Outcome]
    findings: Findings
    ecarts: Sequence[Waiver] = ()
    fichiers: Sequence[Mapping[str, str]] = ()
    require_declarations: bool = False
    baseline: bool = False

    @property
    def resume(self) -> dict[str, int]:
        """The number of requirements by verdict, every verdict named."""
        return {verdict.value: sum(o.verdict is verdict for o in self.outcomes) for verdict in Verdict}

    @property
    def exit_code(self) -> int:
        """The exit code of ``esms check`` (contract §1)."""
        mandatory = [o for o in self.outcomes if o.requirement.mandatory]
        if any(o.new_failure if self.baseline else o.verdict is Verdict.NON_CONFORME for o in mandatory):
            return 1
        # A declaration settles what no file can show; that no document was given settles nothing either way.
        declarable = [o for o in mandatory if o.requirement.methode != "auto" and o.verdict is Verdict.NON_VERIFIE]
        if self.require_declarations and declarable:
            return 3
        judged = {Verdict.CONFORME, Verdict.NON_CONFORME, Verdict.DEROGE}
        unknown = any(o.verdict is Verdict.INDETERMINE for o in mandatory)
        return 3 if unknown or not any(o.verdict in judged for o in self.outcomes) else 0

    def close(self) -> None:
        """Free what holds the findings."""
        self.findings.close()

    def __enter__(self) -> Conformity:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def of(self, id: str) -> Outcome:
        """Return what became of one requirement."""
        return next(outcome for outcome in self.outcomes if outcome.requirement.id == id)

    def lines(self) -> Iterator[Finding]:
        """Yield every finding, sorted, without holding them in memory."""
        return self.findings.lines()
