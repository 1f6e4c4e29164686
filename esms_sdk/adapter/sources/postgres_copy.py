"""PostgreSQL's own way to give many rows, ``COPY … TO STDOUT``: text made by the server, no Python object a value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter.sources import refusals, texts
from esms_sdk.errors import EsmsError

if TYPE_CHECKING:
    import duckdb

DRIVER = "psycopg"
_BYTEA = 17
# What COPY writes otherwise than :mod:`texts` tells it, by the number of the type: boolean, real and double precision,
# timestamp, timestamp with time zone, bytea.
_TOLD = {
    16: "{0}::text",
    700: "case when {0}::text ~ '^-?[0-9]+$' then {0}::text || '.0' else {0}::text end",
    701: "case when {0}::text ~ '^-?[0-9]+$' then {0}::text || '.0' else {0}::text end",
    1114: "replace({0}::text, ' ', 'T')",
    1184: (
        "case when isfinite({0}) then replace(({0} at time zone 'UTC')::text, ' ', 'T') || '+00:00' else {0}::text end"
    ),
    _BYTEA: "encode({0}, 'hex')",
}
# How much of the copy the engine reads and writes at once, in bytes (unless a row is longer) and in rows: its own
# measures take ten times the memory.
_BUFFER = 4 << 20
_GROUP = 40_960


def describe(session: Any, query: str) -> list[tuple[str, int]]:
    """Return the name and the type of each column of a query; raises :class:`AdapterError` where it is refused."""
    failure = None
    try:
        with session.connection.cursor() as cursor:
            # Values must come in the encoding and the dates in the style that are read below.
            cursor.execute("set local client_encoding to 'UTF8'")
            cursor.execute("set local datestyle to 'ISO'")
            cursor.execute(f"select * from (\n{query}\n) as esms limit 0")
            return [(one.name, one.type_code) for one in cursor.description]
    except Exception as error:  # psycopg has many
        failure = refusals.statement(error, session.place, query, session.secrets)
    raise failure


def copy(
    con: duckdb.DuckDBPyConnection,
    session: Any,
    query: str,
    described: Sequence[tuple[str, int]],
    names: Sequence[str],
    rank: str,
    folder: Path,
) -> None:
    """Write every row of a query as texts to a Parquet file in ``folder``; the column ``rank`` counts them from 1."""
    folder.mkdir()
    given = [f"c{number}" for number in range(len(described))]
    cells = ", ".join(_told(session, kind).format(column) for (_, kind), column in zip(described, given, strict=True))
    # The first cell keeps a row of one empty value from being an empty line, which the engine would pass over.
    statement = f"copy (select 1, {cells} from (\n{query}\n) as esms ({', '.join(given)})) to stdout"
    raw = folder / "copie.txt"
    failure: EsmsError | None = None
    longest = 0
    try:
        with raw.open("wb") as target, session.connection.cursor() as cursor, cursor.copy(statement) as rows:
            for row in rows:
                target.write(row)
                longest = max(longest, len(row))
    except OSError:
        raise
    except Exception as error:  # psycopg has many
        failure = refusals.reading(error, session.place, query, session.secrets)
    if failure:
        raise failure
    columns = [(name, kind) for name, (_, kind) in zip(names, described, strict=True)]
    _rewrite(con, raw, max(_BUFFER, 2 * longest), columns, rank, session.place)
    raw.unlink()


def _told(session: Any, kind: int) -> str:
    if kind in _TOLD:
        return _TOLD[kind]
    info = session.connection.adapters.types.get(kind)
    return "to_json({0})::text" if info and info.array_oid == kind else "{0}"


def _rewrite(
    con: duckdb.DuckDBPyConnection, raw: Path, buffer: int, columns: Sequence[tuple[str, int]], rank: str, place: str
) -> None:
    """Undo the escapes of COPY's text format, in which a row is one line whatever its values hold."""
    import duckdb

    kinds = ", ".join(["'_un': 'VARCHAR'", *(f"'c{number}': 'VARCHAR'" for number in range(len(columns)))])
    scan = (
        f"read_csv({database.file(raw)}, delim = '\t', quote = '', escape = '', header = false, auto_detect = false, "
        f"nullstr = '\\N', columns = {{{kinds}}}, new_line = '\\n', buffer_size = {buffer}, "
        f"max_line_size = {buffer // 2})"
    )
    cells = [f"{_plain(f'c{n}', kind)} as {database.name(name)}" for n, (name, kind) in enumerate(columns)]
    target = database.text(database.path_text(raw.with_suffix(".parquet")))
    broken = False
    try:
        con.execute(
            f"copy (select row_number() over () as {rank}, {', '.join(cells)} from {scan}) "
            f"to {target} (format parquet, row_group_size {_GROUP})"
        )
    except duckdb.InvalidInputException:
        broken = True
    if broken:
        raise refusals.unreadable(place, "texte qui n'est pas en UTF-8")


def _plain(cell: str, kind: int) -> str:
    if kind == _BYTEA:
        return texts.as_text(f"unhex({cell})", "BLOB")
    # A null character cannot stand in PostgreSQL's text: it keeps the place of a backslash.
    plain = f"replace({cell}, '\\\\', chr(0))"
    for letter, code in (("n", 10), ("r", 13), ("t", 9), ("b", 8), ("f", 12), ("v", 11)):
        plain = f"replace({plain}, '\\{letter}', chr({code}))"
    return f"case when contains({cell}, '\\') then replace({plain}, chr(0), '\\') else {cell} end"
