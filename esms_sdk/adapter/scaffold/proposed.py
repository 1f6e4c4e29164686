"""What a mapping that is proposed is made of: rules, the blocks of them that would feed a table, and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from esms_sdk.adapter.scaffold.survey import Place
from esms_sdk.lot.schema import Column, Table

# Of an establishment and an organisme that nobody has (département 00).
INVENTED_ET, INVENTED_EJ = "000000117", "000000109"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one column of the lot would be filled; ``labels`` are a vendor's codes that nobody has translated yet."""

    column: Column
    colonne: str | None = None
    valeur: str | None = None
    sql: str | None = None
    formats: tuple[str, ...] = ()
    nuls: tuple[str, ...] = ()
    codes: Mapping[str, str] | None = None
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Join:
    """The place where a value here leads to the FINESS there: its column, the one that it is found in, and the
    expression that gives the FINESS."""

    place: str
    here: str
    there: str
    finess: str


@dataclass(frozen=True, slots=True)
class Block:
    """One table of the lot and what would feed it; ``lacking`` says why it is left out, nothing where it is not."""

    table: Table
    place: Place
    rules: tuple[Rule, ...]
    join: Join | None = None
    lacking: tuple[str, ...] = ()

    @property
    def active(self) -> bool:
        return not self.lacking

    def rule(self, column: str) -> Rule | None:
        return next((one for one in self.rules if one.column.name == column), None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a whole sample, block by block, in the schema's order; ``absent`` tables have none."""

    places: tuple[Place, ...]
    blocks: tuple[Block, ...]
    absent: Mapping[str, str]

    @property
    def active(self) -> list[Block]:
        """The blocks that work as they stand."""
        return [block for block in self.blocks if block.active]

    @property
    def open_rules(self) -> list[tuple[Block, Rule]]:
        """The columns whose codes are to be filled."""
        return [(block, rule) for block in self.blocks for rule in block.rules if rule.labels]

    def unused(self, place: Place) -> list[str]:
        """Return the columns of a place that nothing reads."""
        used = {rule.colonne for block in self.blocks if block.place is place for rule in block.rules}
        used |= {block.join.here for block in self.blocks if block.join and block.place is place}
        used |= {block.join.there for block in self.blocks if block.join and block.join.place == place.name}
        return [one.name for one in place.columns if one.name not in used and one.filled]
