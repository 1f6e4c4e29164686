"""Writes the tables of a lot: Parquet (zstd), large logs a file a month, sorted by time; same rows, same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.lot.schema import DATED_LOGS, Table

if TYPE_CHECKING:
    import duckdb

# Above this number of rows a dated log is written a file a month, so that a month is read alone.
LARGE = 200_000
_OPTIONS = "format parquet, compression zstd, row_group_size 122880"


def write_table(con: duckdb.DuckDBPyConnection, table: Table, columns: list[str], rows: str, folder: Path) -> int:
    """Write the relation ``rows`` as ``table`` into the lot ``folder`` and return the number of rows.

    ``columns`` are those to write, in the schema's order.  The order of the rows is total: time first for a log, then
    the key, or every column where there is none.
    """
    count: int = con.execute(f"select count(*) from {rows}").fetchall()[0][0]
    names = ", ".join(database.name(c) for c in columns)
    time = DATED_LOGS.get(table.name)
    rest = [c for c in (table.key or columns) if c != time]
    order = ", ".join(database.name(c) for c in ([time] if time else []) + rest)
    if time is None or count <= LARGE:
        _copy(con, f"select {names} from {rows} order by {order}", folder / f"{table.name}.parquet")
        return count
    target = folder / table.name
    target.mkdir()
    write_months(con, table, columns, rows, target)
    return count


def write_months(con: duckdb.DuckDBPyConnection, table: Table, columns: list[str], rows: str, target: Path) -> None:
    """Write the relation ``rows`` of a dated log into the folder ``target``, a file for each month that it has."""
    names, time = ", ".join(database.name(c) for c in columns), DATED_LOGS[table.name]
    order = ", ".join(database.name(c) for c in (time, *(c for c in (table.key or columns) if c != time)))
    con.execute(f"create or replace temp table _ecrit as select {names} from {rows} order by {order}")
    months = con.execute(f"select distinct strftime({time}, '%Y-%m') as mois from _ecrit order by mois").fetchall()
    for (month,) in months:
        bounds = f"{time} >= date '{month}-01' and {time} < date '{month}-01' + interval 1 month"
        _copy(con, f"select * from _ecrit where {bounds} order by {order}", target / f"{month}.parquet")
    con.execute("drop table _ecrit")


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"copy ({query}) to {database.text(database.path_text(path))} ({_OPTIONS})")
