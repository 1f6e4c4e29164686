"""Lots of a few rows in memory, for the cases that stand beside each requirement (``conformance/cas.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from esms_sdk import content
from esms_sdk.lot import Lot, load
from esms_sdk.lot import manifest as manifests
from esms_sdk.lot import tables as lot_tables
from esms_sdk.lot.files import TableFiles

Row = Mapping[str, Any]
_NOT_TABLES = (
    "nom",
    "constats",
    "verdict",
    "absentes",
    "manifeste",
    "mode",
    "parametres",
    "commande",
    "publication",
    "referentiel",
)


@cache
def base() -> Mapping[str, Row]:
    """Return the conforming rows, a table each, and ``manifeste``."""
    return tomllib.loads((content.folder("conformance") / "cas.toml").read_text(encoding="utf-8"))


@contextmanager
def memory_lot() -> Iterator[Lot]:
    """Give one lot whose tables :func:`fill` fills again and again."""
    lot = Lot(Path("cas"))
    # There is no file to take it of.
    lot.__dict__["digest"] = "cas"
    # A few rows: handing them to several threads takes longer than reading them.
    lot.con.execute("set threads = 1")
    for table in load().tables.values():
        lot.con.execute(lot_tables.empty(table))
    lot.con.execute("create table rejets_sejours (finess_et varchar, date_entree date, date_sortie date)")
    try:
        yield lot
    finally:
        lot.close()


def fill(lot: Lot, case: Mapping[str, Any]) -> None:
    """Make the lot that a case describes."""
    schema = load()
    raw = {**base()["manifeste"], **case.get("manifeste", {})}
    lot.manifest = manifests.build(raw)
    lot.raw_manifest = dict(raw)
    absent = case.get("absentes", ())
    asked = set(case) - set(_NOT_TABLES)
    assert asked <= set(schema.tables), f"no such table: {sorted(asked - set(schema.tables))}"
    lot.files = {name: TableFiles("csv", ()) for name in schema.tables if name not in absent}
    # Most cases change one table of twenty: the others stay as the case before left them.
    held: dict[str, list[Row]] = lot.__dict__.setdefault("_held", {})
    for name, table in schema.tables.items():
        wanted = [] if name in absent else rows(name, case)
        if held.get(name) == wanted:
            continue
        held[name] = wanted
        lot.con.execute(f"delete from {name}")
        for row in wanted:
            assert set(row) <= set(table.columns), f"{name}: {sorted(set(row) - set(table.columns))}"
            cells = [_cell(row.get(column.name), column.default) for column in table.columns.values()]
            lot.con.execute(f"insert into {name} values ({', '.join('?' * len(cells))})", cells)


def rows(table: str, case: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a table in a case, each completed by that of the conforming lot."""
    told = case.get(table, {})
    return [{**base()[table], **row} for row in (told if isinstance(told, list) else [told])]


def _cell(value: Any, default: Any) -> Any:
    return default if value in (None, "") else value
