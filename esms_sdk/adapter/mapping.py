"""What an ``adapter.toml`` says, as values: sources, and the blocks that make each canonical table of them.

:mod:`esms_sdk.adapter.parsing` reads and checks the file; ``docs/reference/adapter.md`` describes the language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from esms_sdk.lot.schema import Column, Table

FILE = "adapter.toml"

COLUMN_KEYS = (
    "colonne", "sql", "valeur", "codes", "formats", "fuseau", "fuseau_source", "defaut", "casse", "espaces", "nuls",
    "python", "par",
)  # fmt: skip
BLOCK_KEYS = ("source", "colonnes", "ecarter", "jointure", "derniere_version", "repli", "depivot", "eclater")
SOURCE_KEYS = ("format", "fichiers", "facultatif", "colonnes_facultatives", "nuls", "prefixe", "ecarter")

# Why a row is ignored, beside the names that the mapping gives its filters.
REPEATED = "repetition"
SUPERSEDED = "version_remplacee"
OF_AN_IGNORED_ROW = "reference_ignoree"
NO_GROUP = "groupes_vides"
KEPT_MONTH = "mois_conserve"
REASONS = (REPEATED, SUPERSEDED, OF_AN_IGNORED_ROW, NO_GROUP, KEPT_MONTH)


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one canonical column is filled: exactly one of ``colonne``, ``sql``, ``valeur`` says from what.

    ``valeur`` and ``defaut`` are canonical texts (``true``, ``2025-01-31``, a code); ``fuseau`` is the name of a time
    zone, ``fuseau_sql`` an expression that gives one.
    """

    column: Column
    colonne: str | None = None
    sql: str | None = None
    valeur: str | None = None
    codes: Mapping[str, str] | None = None
    formats: tuple[str, ...] = ()
    fuseau: str | None = None
    fuseau_sql: str | None = None
    fuseau_source: str | None = None
    defaut: str | None = None
    casse: str | None = None
    espaces: bool = False
    nuls: tuple[str, ...] = ()
    python: str | None = None
    par: str = "valeur"

    @property
    def listed(self) -> bool:
        """Whether its texts are labels of a list, so that one may be unknown."""
        closed = self.codes is not None or bool(self.column.values)
        return self.valeur is None and (closed or self.column.name == "date_naissance_estimee")

    @property
    def lenient(self) -> bool:
        """Whether an unknown label gives null: in a nullable column that a list fills (contract §2)."""
        return self.listed and self.column.null


@dataclass(frozen=True, slots=True)
class Join:
    """An N:1 look-up in another source: ``sur`` gives column here → column there."""

    source: str
    sur: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fold:
    """Consecutive rows that are one: what they share, SQL that says the row goes on in the next, and days between."""

    par: tuple[str, ...]
    suite_si: str
    ecart_max: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """One source that feeds one canonical table."""

    table: Table
    source: str
    columns: Mapping[str, ColumnRule]
    place: str
    ecarter: Mapping[str, str] = field(default_factory=dict)
    jointures: tuple[Join, ...] = ()
    derniere_version: tuple[str, ...] = ()
    repli: Fold | None = None
    depivot: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | None = None
    eclater: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: patterns of file names and how the files are written."""

    name: str
    format: str
    fichiers: tuple[str, ...]
    facultatif: bool = False
    colonnes_facultatives: tuple[str, ...] = ()
    nuls: tuple[str, ...] = ()
    prefixe: str | None = None
    ecarter: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()

    def option(self, key: str) -> Any:
        """Return a key of the source's format, None where it is not given."""
        return self.options.get(key)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A whole adapter: its name, its sources, the blocks of each canonical table, the manifest's keys.

    A value of ``lot`` is what the manifest holds, or ``{"sql": …, "formats": […]}``.  An adapter written in Python has
    a ``reader`` (:class:`esms_sdk.adapter.python_adapter.Reader`); its sources and tables are those that it yields.
    """

    folder: Path
    nom: str
    titre: str
    version: str
    fuseau: str
    lot: Mapping[str, Any]
    sources: Mapping[str, Source]
    tables: Mapping[str, tuple[Block, ...]]
    reader: Any = None

    @property
    def file(self) -> Path:
        """The file that says what the adapter does."""
        return self.reader.file if self.reader else self.folder / FILE

    def blocks_of(self, source: str) -> list[Block]:
        """Return the blocks that a source feeds."""
        return [block for blocks in self.tables.values() for block in blocks if block.source == source]

    def looked_up(self, source: str) -> bool:
        """Say whether another source joins this one."""
        return any(j.source == source for blocks in self.tables.values() for b in blocks for j in b.jointures)
