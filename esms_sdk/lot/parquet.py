"""The Parquet tables of a lot: one file or a folder of files, read where they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.errors import Fault
from esms_sdk.lot import columns, tables
from esms_sdk.lot.files import TableFiles
from esms_sdk.lot.schema import Table, load
from esms_sdk.lot.tables import Judged

if TYPE_CHECKING:
    import duckdb

_TYPES: dict[str, tuple[str, ...]] = {
    "text": ("VARCHAR",),
    "code": ("VARCHAR",),
    "date": ("DATE",),
    "timestamp": ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
    "boolean": ("BOOLEAN",),
    "integer": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"),
}
# Names that the engine gives to the place of a row; a file that has them is not read at all.
_PLACE = {"filename", "file_row_number"}

# Column name and type in the engine, in the file's order; a name may come twice.
Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """The files of one table that have the same columns; ``readable`` are those of the right type."""

    paths: tuple[Path, ...]
    readable: frozenset[str]


def _listed(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(database.file(path) for path in paths) + "]"


def schemas(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[Path, Columns | Fault]:
    """Return the columns of each file, read from its footer in one query for all; a fault where there is none."""
    import duckdb

    asked = "select file_name, name, duckdb_type, num_children"
    try:
        found = con.execute(f"{asked} from parquet_schema({_listed(paths)}) order by file_name, column_id").fetchall()
    except duckdb.Error as error:
        if len(paths) == 1:
            return {paths[0]: Fault("FICHIER", f"ce fichier n'est pas un Parquet lisible ({type(error).__name__})")}
        return {path: one for path in paths for one in schemas(con, [path]).values()}
    nodes: dict[Path, list[tuple[str, str, int]]] = {Path(database.path_text(path)): [] for path in paths}
    for file, name, kind, children in found:
        nodes[Path(file)].append((name, kind, children or 0))
    return {path: tuple(_top(iter(several))) for path, several in zip(paths, nodes.values(), strict=True)}


def _top(nodes: Iterator[tuple[str, str, int]]) -> Iterator[tuple[str, str]]:
    """Yield the columns among the nodes of a Parquet schema, which lists what is inside each right after it."""

    def inside(children: int) -> None:
        for _ in range(children):
            inside(next(nodes)[2])

    _, _, count = next(nodes)
    for _ in range(count):
        name, kind, children = next(nodes)
        inside(children)
        yield name, kind


def sealed(con: duckdb.DuckDBPyConnection, found: Mapping[str, TableFiles]) -> list[str]:
    """Return the statements of the views of tables that ``esms import`` wrote: all files of a table are alike."""
    first = {name: files.paths[0] for name, files in found.items()}
    seen = schemas(con, list(first.values())) if first else {}
    statements = []
    for name, path in first.items():
        columns_ = seen[path]
        assert not isinstance(columns_, Fault)
        group = _Group(found[name].paths, frozenset(column for column, _ in columns_))
        statements.append(_view(load().tables[name], [group], ()))
    return statements


def rows(con: duckdb.DuckDBPyConnection, table: Table, files: TableFiles) -> str:
    """Return the query of the rows of a table that ``esms import`` wrote."""
    found = schemas(con, files.paths[:1])[files.paths[0]]
    assert not isinstance(found, Fault)
    group = _Group(files.paths, frozenset(column for column, _ in found))
    return f"select {tables.names(table, default=True)} from ({_union(table, [group], (), place=False)})"


def from_parquet(
    con: duckdb.DuckDBPyConnection, table: Table, files: TableFiles, lot: Path
) -> tuple[Judged | None, list[Fault]]:
    """Give the Parquet files of a table, whatever optional columns each has, one view of the table's name."""
    import duckdb

    faults: list[Fault] = []
    groups: dict[tuple[Columns, frozenset[str]], list[Path]] = {}
    unread, wrong = False, set[str]()
    for path, found in schemas(con, files.paths).items():
        name = path.relative_to(lot).as_posix()
        if isinstance(found, Fault):
            faults.append(Fault(found.code, found.message, name))
            unread = True
            continue
        seen = [column for column, _ in found]
        readable, more = _readable(con, table, path, name, found)
        faults += columns.faults(table, seen, name, None) + more
        unread = unread or columns.ambiguous([*seen, *_PLACE])
        wrong |= {fault.colonne or "" for fault in more}
        wrong |= {c.name for c in table.columns.values() if c.required and c.name not in seen}
        groups.setdefault((found, readable), []).append(path)
    if unread:
        return None, faults
    several = [_Group(tuple(paths), readable) for (_, readable), paths in groups.items()]
    try:
        blank = _blank_texts(con, table, several)
        con.execute(_view(table, several, blank))
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
        return None, [*faults, tables.unreadable_file(error, files.paths[0].relative_to(lot).parts[0])]
    return _judged(table, files, lot, _union(table, several, blank, place=True), wrong), faults


def _judged(table: Table, files: TableFiles, lot: Path, union: str, wrong: Collection[str]) -> Judged:
    alone = files.paths[0].parent == lot
    file = files.paths[0].name if alone else f"{table.name}/"
    named = database.text(file) if alone else f"{database.text(file)} || parse_filename(filename)"
    place = f"{named} as _fichier, file_row_number + 1 as _ligne"
    beyond = "({0} < date '0001-01-01' or {0} > timestamp '9999-12-31 23:59:59.999999')"
    dated = [c.name for c in table.columns.values() if c.kind in ("date", "timestamp")]
    return Judged(
        table=table,
        file=file,
        rows=f"(select {tables.names(table, default=True)}, {place} from ({union}))",
        source=f"(select {tables.names(table, default=False)}, {place} from ({union}))",
        columns=table.columns.keys() - set(wrong),
        unreadable={name: beyond.format(database.name(name)) for name in dated},
    )


def _readable(
    con: duckdb.DuckDBPyConnection, table: Table, path: Path, file: str, found: Columns
) -> tuple[frozenset[str], list[Fault]]:
    """Return the columns of a file that are of the schema's type; others may be there as long as they hold nothing."""
    readable, faults = set(), []
    for name, kind in found:
        column = table.columns.get(name)
        if column is None:
            continue
        if kind in _TYPES[column.kind]:
            readable.add(name)
            continue
        rows = f"read_parquet({database.file(path)}, hive_partitioning = false)"
        filled = f"select exists (select 1 from {rows} where {database.name(name)} is not null)"
        if con.execute(filled).fetchall()[0][0]:
            message = f"type {kind.partition('(')[0]} lu, {column.sql_type} attendu"
            if kind == "TIMESTAMP WITH TIME ZONE":
                message += " : l'heure civile de l'établissement, sans fuseau"
            faults.append(Fault("TYPE_INVALIDE", message, file, None, name))
    return frozenset(readable), faults


def _union(table: Table, groups: Sequence[_Group], blank: Collection[str], *, place: bool) -> str:
    """Return the query of a table's typed columns over all its files; where ``place``, also of each row's place."""
    parts = []
    for group in groups:
        typed = []
        for column in table.columns.values():
            name = database.name(column.name)
            value = f"nullif({name}, '')" if column.name in blank else name
            value = value if column.name in group.readable else "null"
            typed.append(f"cast({value} as {column.sql_type}) as {name}")
        options = "hive_partitioning = false" + (", filename = true, file_row_number = true" if place else "")
        typed += sorted(_PLACE) if place else []
        parts.append(f"select {', '.join(typed)} from read_parquet({_listed(group.paths)}, {options})")
    return " union all ".join(parts)


def _view(table: Table, groups: Sequence[_Group], blank: Collection[str]) -> str:
    union = _union(table, groups, blank, place=False)
    return f"create view {table.name} as select {tables.names(table, default=True)} from ({union})"


def _blank_texts(con: duckdb.DuckDBPyConnection, table: Table, groups: Sequence[_Group]) -> set[str]:
    """Return the text columns that hold an empty text somewhere: it is null there as it is in a delimited file."""
    texts = [c.name for c in table.columns.values() if c.sql_type == "VARCHAR"]
    asked = ", ".join(f"bool_or({database.name(name)} = '')" for name in texts)
    found = con.execute(f"select {asked} from ({_union(table, groups, (), place=False)})").fetchall()[0]
    return {name for name, blank in zip(texts, found, strict=True) if blank}
