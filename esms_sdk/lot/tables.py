"""One table of a lot in the engine, typed, as the rules and the indicators look at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.errors import Fault, SourceError
from esms_sdk.lot import columns, delimited, rows
from esms_sdk.lot.schema import Table

if TYPE_CHECKING:
    import duckdb

_IRREGULAR = 1 << 60
_BROKEN = 1 << 61


@dataclass(frozen=True, slots=True)
class Judged:
    """What one table gives to the rules.

    ``rows`` and ``source`` are relations with the typed columns, ``_fichier`` and ``_ligne``; ``rows`` has the
    defaults, in ``source`` null means that the file holds nothing.  ``columns`` are those whose values can be judged:
    a column that is missing, or of a wrong type as a whole, is one fault, not one a row.  The conditions, on a row:
    ``unreadable``, the text of a column cannot be read; ``irregular``, it has other cells than the header; ``broken``,
    a quote is not closed.
    """

    table: Table
    file: str
    rows: str
    source: str
    columns: Collection[str]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    width: int = 0
    irregular: str = "false"
    broken: str = "false"


def names(table: Table, *, default: bool) -> str:
    """Return the select list of a table's columns from typed ones, with or without the defaults."""
    listed = []
    for column in table.columns.values():
        name = database.name(column.name)
        value = rows.with_default(column, name) if default else name
        listed.append(name if value == name else f"{value} as {name}")
    return ", ".join(listed)


def empty(table: Table) -> str:
    """Return the statement that makes a table of the schema without any row."""
    columns_ = ", ".join(f"{database.name(c.name)} {c.sql_type}" for c in table.columns.values())
    return f"create table {table.name} ({columns_})"


def unreadable_file(error: Exception, file: str) -> Fault:
    """Return the fault of a file that the engine gave up on; its own words may hold values."""
    return Fault("FICHIER", f"lecture impossible, fichier abîmé ou incomplet ({type(error).__name__})", file)


def from_csv(con: duckdb.DuckDBPyConnection, table: Table, path: Path, work: Path) -> tuple[Judged | None, list[Fault]]:
    """Read a delimited table into the engine, typed once, and give its view the table's name."""
    import duckdb

    text, stored = f"_texte_{table.name}", f"_lu_{table.name}"
    try:
        read = delimited.read(con, path, text, work=work, allowed=";,", strict_utf8=True)
        if faults := columns.header_faults(table, read.columns, path.name, read.ligne):
            return None, faults
        of_columns = columns.faults(table, read.columns, path.name, read.ligne)
        if columns.ambiguous(read.columns):
            return None, of_columns
        given = [c for c in table.columns.values() if c.name in read.columns]
        bits = {c.name: 1 << i for i, c in enumerate(given) if c.kind in rows.EXPECTED}
        con.execute(f"create table {stored} as {_typed(table, read, bits)}")
        if f"{text}_" in read.relation:
            delimited.discard(con, text)
        (work / f"{text}.txt").unlink(missing_ok=True)
    except SourceError as error:
        return None, list(error.faults) or [Fault("FICHIER", error.message, path.name)]
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        return None, [unreadable_file(error, path.name)]
    con.execute(f"create view {table.name} as select {names(table, default=True)} from {stored}")
    return _judged(table, path.name, stored, read.columns, bits), of_columns


def _judged(table: Table, file: str, stored: str, given: Sequence[str], bits: Mapping[str, int]) -> Judged:
    place = f"{database.text(file)} as _fichier, _ligne, _fautes"
    return Judged(
        table=table,
        file=file,
        rows=f"(select {names(table, default=True)}, {place} from {stored})",
        source=f"(select {names(table, default=False)}, {place} from {stored})",
        columns=[c.name for c in table.columns.values() if c.name in given or not c.required],
        unreadable={name: f"_fautes & {bit} <> 0" for name, bit in bits.items()},
        width=len(given),
        irregular=f"_fautes >= {_IRREGULAR}",
        broken=f"_fautes >= {_BROKEN}",
    )


def _typed(table: Table, read: delimited.Delimited, bits: Mapping[str, int]) -> str:
    """Return the query of a delimited table's typed columns, with ``_fautes``: a bit for each text not readable."""
    width = len(read.columns)
    flags = [f"case when _cellules = {width} then 0 when _cellules < 0 then {_BROKEN} else {_IRREGULAR} end"]
    typed = []
    for column in table.columns.values():
        name, raw = database.name(column.name), database.name(f"#{column.name}")
        if column.name not in read.columns:
            typed.append(f"cast(null as {column.sql_type}) as {name}")
            continue
        typed.append(f"{name} as {raw}, {rows.typed_text(column, name)} as {name}")
        if column.name in bits:
            flags.append(f"case when {raw} is not null and {name} is null then {bits[column.name]} else 0 end")
    values = f"select _ligne, _cellules, {', '.join(typed)} from ({read.relation})"
    return f"select _ligne, {names(table, default=False)}, {' + '.join(flags)} as _fautes from ({values})"


def release(con: duckdb.DuckDBPyConnection, judged: Judged) -> None:
    """Free what only the rules needed of a delimited table."""
    if judged.width:
        con.execute("; ".join(f"alter table _lu_{judged.table.name} drop column {c}" for c in ("_fautes", "_ligne")))
