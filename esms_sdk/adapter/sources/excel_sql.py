"""From the batches of a sheet to its rows: what a spreadsheet leaves to the eye is written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.sources.excel_errors import ERROR

if TYPE_CHECKING:
    import duckdb

_SERIAL = r"\d{1,7}(\.\d+)?"
_LAST_DAY = 2_958_465  # 31 December 9999, in the calendar of 1900
_BETWEEN = 1462  # days from the start of one calendar to that of the other


@dataclass(frozen=True, slots=True)
class Rules:
    """What a source asks of its sheets, and what its workbook says: see the keys of the same name."""

    reporter: tuple[str, ...] = ()
    dates_serie: tuple[str, ...] = ()
    from_1904: bool = False
    blank_errors: bool = False


def finish(
    con: duckdb.DuckDBPyConnection,
    table: str,
    names: Sequence[str],
    merged: Sequence[tuple[int, int, int]],
    rules: Rules,
) -> None:
    """Make ``table`` (``_ligne`` and the columns ``names``) of ``<table>_lots``, which is dropped.

    ``merged`` are the merged cells: rank of the column, first and last row.
    """
    separator = "chr(31)"
    split = ", ".join(f"unnest(string_split(c{i}, {separator})) as c{i}" for i in range(len(names)))
    empty = " and ".join(f"trim(c{i}) = ''" for i in range(len(names)))
    con.execute(
        f"create table {table}_cellules as select * from (select unnest(range(debut, debut + nombre)) as _ligne, "
        f"{split} from {table}_lots) where not ({empty})"
    )
    rows = _filled(con, table, merged) if merged else f"{table}_cellules"
    cells = [_cell(f"c{i}", name, rules) for i, name in enumerate(names)]
    rows = f"(select _ligne, {', '.join(f'{cell} as c{i}' for i, cell in enumerate(cells))} from {rows})"
    told = ", ".join(f"{_told(f'c{i}', name, rules)} as {database.name(name)}" for i, name in enumerate(names))
    con.execute(f"create table {table} as select _ligne, {told} from {rows}")
    for part in ("lots", "cellules", "fusions"):
        con.execute(f"drop table if exists {table}_{part}")


def _filled(con: duckdb.DuckDBPyConnection, table: str, merged: Sequence[tuple[int, int, int]]) -> str:
    """Return the rows with what a merged cell holds in each of the rows that it covers."""
    con.execute(
        f"create table {table}_fusions as select unnest($1) as rang, unnest($2) as debut, unnest($3) as fin",
        [list(part) for part in zip(*merged, strict=True)],
    )
    joins, replaced = "", []
    for rank in sorted({rank for rank, _, _ in merged}):
        spans = (
            f"select f.debut, f.fin, v.c{rank} as valeur from {table}_fusions f "
            f"join {table}_cellules v on v._ligne = f.debut where rang = {rank}"
        )
        joins += f" asof left join ({spans}) f{rank} on r._ligne >= f{rank}.debut"
        replaced.append(f"case when r._ligne <= f{rank}.fin then f{rank}.valeur else r.c{rank} end as c{rank}")
    return f"(select r.* replace ({', '.join(replaced)}) from {table}_cellules r{joins})"


def _cell(cell: str, name: str, rules: Rules) -> str:
    text = f"nullif({cell}, '')"
    if rules.blank_errors:
        text = f"case when not regexp_full_match({cell}, {database.text(ERROR)}) then {text} end"
    if name in rules.reporter:
        text = f"last_value(nullif(trim({text}), '') ignore nulls) over (order by _ligne rows unbounded preceding)"
    return text


def _told(cell: str, name: str, rules: Rules) -> str:
    if name in rules.dates_serie:
        return f"coalesce({serial_date(cell, from_1904=rules.from_1904)}, {cell})"
    return cell


def serial_date(cell: str, *, from_1904: bool) -> str:
    """Return the SQL of the date (and time, where there is one) that a serial number of days stands for, else null.

    In the calendar of 1900 day 60 is 29 February 1900, which never was: it is no date, nor is 0, nor a fraction alone
    (a time of day).
    """
    days = f"try_cast({cell} as double)"
    if from_1904:
        origin = "timestamp '1904-01-01'"
        known = f"{days} >= 0 and {days} < {_LAST_DAY - _BETWEEN + 1}"
    else:
        origin = f"case when {days} < 60 then timestamp '1899-12-31' else timestamp '1899-12-30' end"
        known = f"{days} >= 1 and {days} < {_LAST_DAY + 1} and floor({days}) <> 60"
    moment = f"{origin} + to_milliseconds(cast(round({days} * 86400000) as bigint))"
    date, time = (f"strftime({moment}, '{shape}')" for shape in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"))
    told = f"case when {days} = floor({days}) then {date} else {time} end"
    return f"case when regexp_full_match({cell}, '{_SERIAL}') and {known} then {told} end"
