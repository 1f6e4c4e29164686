"""Rows straight into the engine: what ``open_lot`` gives for the same rows, without the files.

Writing a lot and holding it to the schema costs ten times the indicators, and random worlds are many.  That both ways
give the same is itself tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from esms_sdk import database
from esms_sdk.lot import load, manifest
from esms_sdk.period import Period
from tests.indicators.reference import Lot, readable


class LoadedLot:
    """The part of an open lot that the indicators ask."""

    digest = "0" * 64

    def __init__(self, lot: Lot) -> None:
        self.path = Path("nulle part")
        self.manifest = manifest.build(lot.manifest)
        self.con = database.connect()
        self._tables = frozenset(lot.tables)
        for table in load().tables.values():
            columns = {c.name: c for c in table.columns.values()}
            self._create(table.name, {name: c.sql_type for name, c in columns.items()})
            defaults = {name: c.default for name, c in columns.items() if c.default is not None}
            rows = [{**dict.fromkeys(columns), **defaults, **_given(row)} for row in lot.rows(table.name)]
            self._fill(table.name, rows)
        self._create("rejets_sejours", {"finess_et": "VARCHAR", "date_entree": "DATE", "date_sortie": "DATE"})
        dates = ("date_entree", "date_sortie")
        self._fill("rejets_sejours", [{**row, **{d: readable(row[d]) for d in dates}} for row in lot.rejected])

    def _create(self, table: str, columns: dict[str, str]) -> None:
        self.con.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")

    def _fill(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            values = ", ".join("(" + ", ".join(_literal(value) for value in row.values()) + ")" for row in rows)
            self.con.execute(f"INSERT INTO {table} VALUES {values}")

    def given(self, table: str, *columns: str) -> bool:
        missing = self.manifest.non_fourni
        there = table in self._tables and table not in missing
        return there and not any(f"{table}.{column}" in missing for column in columns)

    def coverage(self, table: str) -> Period:
        return self.manifest.couverture.get(table, self.manifest.periode_couverte)


@contextmanager
def loaded(lot: Lot) -> Iterator[Any]:
    found = LoadedLot(lot)
    try:
        yield found
    finally:
        found.con.close()


def _given(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (bool, int)):
        return str(value)
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    return f"DATE '{value}'" if isinstance(value, date) else database.text(value)
