"""The mutants: what each changes, and which requirement must say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

from esms_sdk.conformance import catalogue
from tests.mutants.world import World

Change = Callable[[World], None]


@dataclass(frozen=True)
class Mutant:
    """One defect.  ``related`` are the requirements that may rightly speak too, each with the reason."""

    requirement: str
    nom: str
    change: Change
    related: Mapping[str, str] = field(default_factory=dict)

    def world(self, conforming: World) -> World:
        """Return the world with the defect, and beside the lot only what the requirement is about."""
        made = conforming.copy()
        made.pieces = {kind: piece for kind, piece in made.pieces.items() if kind == self.objet}
        self.change(made)
        assert made != conforming, f"{self}: nothing changed"
        return made

    @property
    def objet(self) -> str:
        """What its requirement is judged on."""
        return catalogue()[self.requirement].objet

    def __str__(self) -> str:
        return f"{self.requirement} : {self.nom}"


MUTANTS: list[Mutant] = []


def mutant(requirement: str, nom: str, **related: str) -> Callable[[Change], Change]:
    """Register a defect; ``INS_01="why"`` names ESMS-INS-01 as related."""

    def register(change: Change) -> Change:
        others = {f"ESMS-{name.replace('_', '-')}": why for name, why in related.items()}
        MUTANTS.append(Mutant(f"ESMS-{requirement}", nom, change, others))
        return change

    return register


@cache
def mutants() -> tuple[Mutant, ...]:
    """Return every mutant, in the order of the requirements."""
    for path in sorted(Path(__file__).parent.glob("of_*.py")):
        import_module(f"tests.mutants.{path.stem}")
    # pytest imports these modules once more under another name, looking for doctests.
    once = {(one.change.__code__.co_firstlineno, one.change.__code__.co_filename, str(one)): one for one in MUTANTS}
    return tuple(sorted(once.values(), key=lambda one: one.requirement))
