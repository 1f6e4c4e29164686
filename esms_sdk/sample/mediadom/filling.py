"""One world being written into the database: what every part of it needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from esms_sdk.sample.canonical import Row, tables
from esms_sdk.sample.dice import Dice
from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.losses import Losses
from esms_sdk.sample.mediadom.database import Cells, Database
from esms_sdk.sample.soleo.dialects import paris_offset
from esms_sdk.sample.soleo.outcome import KEYS
from esms_sdk.sample.world import Dossier, World

FILE = "mediadom.sqlite"
NOWHERE = 99_999
"""An id that no establishment, attachment or kind bears."""


@dataclass(slots=True)
class Filling:
    """A world, what is to be lost of it, the database, and every row that the adapter's queries will give."""

    world: World
    lost: Losses
    db: Database
    lines: list[Line] = field(default_factory=list)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    made: dict[tuple[str, str], list[tuple[Line, Made]]] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    of_record: dict[str, list[Dossier]] = field(default_factory=dict)
    dice: Dice = field(default_factory=lambda: Dice("mediadom"))

    def __post_init__(self) -> None:
        self.dossiers = {d.dossier_id: d for d in self.world.dossiers}
        for d in self.world.dossiers:
            self.of_record.setdefault(d.usager_id, []).append(d)
        self.rows = {
            name: {" ".join(row[c] for c in KEYS[name]): row for row in rows}
            for name, rows in tables(self.world).items()
            if name != "mise_a_jour"
        }

    def id(self, table: str, key: str) -> int:
        """Return the id of a thing of the world in a table of the database, given at its first mention."""
        if (table, key) not in self.ids:
            self.ids[table, key] = self.db.number(table)
        return self.ids[table, key]

    def known(self, table: str, key: str) -> int | None:
        """Return the id of what may be nothing."""
        return self.id(table, key) if key else None

    def record(self, dossier_id: str) -> int:
        """Return the one record that holds a dossier: a person has one, whatever the number of establishments."""
        return self.id("record", self.dossiers[dossier_id].usager_id)

    def dossier_name(self, dossier_id: str) -> str:
        """Return the canonical id of a dossier: the record and the establishment.

        It cannot be the record alone, which is that of every establishment that knows the person.
        """
        return f"{self.record(dossier_id)}@{self.dossiers[dossier_id].finess_et}"

    def dossiers_beside(self, dossier_id: str) -> list[Dossier]:
        """Return every dossier of the same record, in the order of the world."""
        return self.of_record[self.dossiers[dossier_id].usager_id]

    def line(self, query: str, cells: Cells, *makes: Made, key: tuple[str, str] | None = None) -> Line:
        """Note a row that a query gives; ``key`` (table, key in the world) is what it stands for."""
        line = Line(f"{FILE}#{query}", cells, list(makes))
        self.lines.append(line)
        if key:
            self.made.setdefault(key, []).append((line, makes[0]))
        return line

    def utc(self, local: datetime | None, finess_et: str) -> str:
        """Return a civil time of an establishment as the database holds it."""
        if local is None:
            return ""
        zone = next(e.fuseau for e in self.world.etablissements if e.finess_et == finess_et)
        hours = paris_offset(local) if zone == "Europe/Paris" else -4
        return (local - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")


def iso(value: date | None) -> str:
    """Return a date as the database holds it, empty for none."""
    return value.isoformat() if value else ""


def without(row: Row, columns: Iterable[str]) -> Row:
    """Return a canonical row less the columns that Mediadom cannot fill."""
    left_out = set(columns)
    return {name: value for name, value in row.items() if name not in left_out}
