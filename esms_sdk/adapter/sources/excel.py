"""A source of workbooks (xlsx, xlsb, xls, ods): one relation over the sheets that it names.

The engine gives Python values; whole columns of them become texts and travel in batches to DuckDB, where the rest is
done: empty rows left out, merged cells filled, serial numbers turned into dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import columns, excel_cells, excel_sql, excel_workbook
from esms_sdk.adapter.sources.excel_errors import NO_KEY
from esms_sdk.adapter.sources.excel_workbook import Workbook
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.local import local_copy
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.errors import AdapterError, SourceError
from esms_sdk.lot.delimited import column_name

if TYPE_CHECKING:
    import duckdb
    from python_calamine import CalamineSheet

_BATCH = 8192
# How far down the sheet the header is looked for by its names.
_HEADER_WITHIN = 200


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet in the engine: ``table`` has ``_ligne`` and the ``names`` as columns; ``doubled``: titles met twice."""

    number: int
    file: SourceFile
    table: str
    names: tuple[str, ...] = ()
    doubled: frozenset[str] = frozenset()


def faults(options: Mapping[str, Any], fichiers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in how a source is declared: the key at fault and a French sentence."""
    sheet = options.get("feuille")
    if sheet is not None:
        number = isinstance(sheet, int) and not isinstance(sheet, bool)
        if not (number and sheet > 0) and not (isinstance(sheet, str) and sheet.strip()):
            yield "feuille", "un nom, un motif, ou un rang à partir de 1 attendu"
    if options.get("entete") and options.get("lignes_avant_entete"):
        yield "entete", "ne vaut pas avec «lignes_avant_entete» : l'en-tête est trouvé à ses noms, ou à son rang"


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    work: Path,
) -> Relation:
    """Return the rows of the sheets of a source's workbooks, each sheet a place of its own (``file#sheet``).

    ``_ligne`` is the row of the sheet.  Raises :class:`AdapterError` where a sheet, its header or a needed column is
    missing, :class:`SourceError` where a workbook cannot be read.
    """
    read: list[_Sheet] = []
    first = files[0][0]
    for _, file in files:
        # The mark that an office program leaves beside a workbook while it is open.
        if not PurePosixPath(file.name).name.startswith("~$"):
            read += _workbook(con, source, file, first + len(read), needed, work)
    names, absent = columns.united((sheet.names for sheet in read), needed, source.colonnes_facultatives)
    rows = read or [_Sheet(first, files[0][1], _none(con))]
    return Relation(
        names,
        " union all ".join(_rows(sheet, names) for sheet in rows),
        absent,
        doubled=frozenset().union(*(sheet.doubled for sheet in read)),
        places=tuple((sheet.number, sheet.file) for sheet in read),
        no_key=NO_KEY,
    )


def _rows(sheet: _Sheet, names: Sequence[str]) -> str:
    cells = columns.cells(names, sheet.names)
    return (
        f"select {sheet.number << LINE_BITS} + _ligne as _r, {database.text(sheet.file.name)} as _fichier, _ligne, "
        f"false as _irreguliere, '' as _surplus{cells and ', ' + cells} from {sheet.table}"
    )


def _none(con: duckdb.DuckDBPyConnection) -> str:
    con.execute("create table if not exists _x (_ligne bigint)")
    return "_x"


def _workbook(
    con: duckdb.DuckDBPyConnection, source: Source, file: SourceFile, first: int, needed: Sequence[str], work: Path
) -> Iterator[_Sheet]:
    """Read the sheets of one workbook into the engine; their numbers start at ``first``."""
    keep_errors = not source.option("erreurs_vides")
    workbook = excel_workbook.judge(local_copy(file, work), file.name, work, keep_errors=keep_errors)
    if source.option("fusions") and not workbook.merges:
        message = f"{file.name} : les cellules fusionnées d'un .{workbook.kind} ne peuvent être connues"
        hint = "L'enregistrer en .xlsx, ou nommer les colonnes dans «reporter» au lieu de «fusions»."
        raise SourceError("ESMS-E356", message, hint=hint)
    with workbook.open() as opened:
        names = excel_workbook.chosen(file.name, opened, source.option("feuille"))
        if not names and not source.facultatif:
            wanted, listed = source.option("feuille"), ", ".join(opened.sheet_names) or "aucune"
            message = f"{file.name} : aucune feuille ne répond à «{wanted}» (feuilles : {listed})"
            hint = "Corriger «feuille», ou déclarer la source facultatif = true."
            raise SourceError("ESMS-E354", message, hint=hint)
        for number, name in enumerate(names, first):
            table = f"_x{number}"
            own, doubled = _sheet(con, source, workbook, workbook.sheet(opened, name), table, needed)
            place = SourceFile(f"{file.name}#{name}", file.path, file.member)
            yield _Sheet(number, place, table, tuple(own), doubled)


def _sheet(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    workbook: Workbook,
    sheet: CalamineSheet,
    table: str,
    needed: Sequence[str],
) -> tuple[list[str], frozenset[str]]:
    """Make the table of one sheet; return the names of its columns (none where it is empty) and the doubled titles."""
    place = f"{workbook.name}#{sheet.name}"
    rows = iter(sheet.iter_rows()) if sheet.start else iter(())
    top, header = _header(rows, source, place) if sheet.start else (0, [])
    kept = [i for i, title in enumerate(header) if title]
    if not kept:
        con.execute(f"create table {table} (_ligne bigint)")
        return [], frozenset()
    optional = source.colonnes_facultatives
    names = columns.named([header[i] for i in kept], needed, optional, place, may_be_data=True)
    named: dict[str, tuple[str, ...]] = {}
    for key in ("reporter", "dates_serie"):
        wanted = source.option(key) or ()
        columns.named(names, wanted, optional, f"{place} («{key}»)", may_be_data=True)
        named[key] = tuple(name for name in names if _folded(name) in map(_folded, wanted))
    _load(con, rows, table, top, kept)
    rules = excel_sql.Rules(
        **named, from_1904=workbook.from_1904, blank_errors=bool(source.option("erreurs_vides")) and workbook.faulty
    )
    excel_sql.finish(con, table, names, _merged(sheet, top, kept) if source.option("fusions") else [], rules)
    return names, columns.doubled(header)


def _merged(sheet: CalamineSheet, top: int, kept: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return the merged cells below the header that cover several rows: rank of the column, first and last row."""
    left = sheet.start[1] if sheet.start else 0
    ranks = {left + i: rank for rank, i in enumerate(kept)}
    return [
        (ranks[column], first + 1, last + 1)
        for (first, column), (last, _) in sheet.merged_cell_ranges or ()
        if first >= top and last > first and column in ranks
    ]


def _header(rows: Iterator[list[Any]], source: Source, place: str) -> tuple[int, list[str]]:
    """Take the header from the rows; return its row in the sheet, from 1, and its titles, blank ones too."""
    names = {_folded(one) for one in source.option("entete") or ()}
    above = source.option("lignes_avant_entete") or 0
    for rank, row in enumerate(rows, 1):
        if rank <= above:
            continue
        titles = [column_name(excel_cells.text(value)) for value in row]
        if names <= {_folded(title) for title in titles} if names else any(titles):
            return rank, titles
        if names and rank >= _HEADER_WITHIN:
            break
    if names:
        listed = "», «".join(source.option("entete"))
        raise AdapterError(
            "ESMS-E201",
            f"{place} : aucune ligne d'en-tête n'y porte «{listed}»",
            hint=f"Elle est cherchée dans les {_HEADER_WITHIN} premières lignes ; corriger «entete».",
        )
    return 0, []


def _folded(title: str) -> str:
    return column_name(title).casefold()


def _load(con: duckdb.DuckDBPyConnection, rows: Iterator[list[Any]], table: str, top: int, kept: Sequence[int]) -> None:
    """Write the rows below the header to ``<table>_lots``: each of its rows is a batch, its columns joined texts."""
    cells = ", ".join(f"c{rank} varchar" for rank in range(len(kept)))
    con.execute(f"create table {table}_lots (debut bigint, nombre bigint, {cells})")
    insert = f"insert into {table}_lots values ({', '.join('?' * (len(kept) + 2))})"
    start = top + 1
    while batch := list(islice(rows, _BATCH)):
        given = list(zip(*batch, strict=True))
        con.execute(insert, [start, len(batch), *(excel_cells.column(given[i]) for i in kept)])
        start += len(batch)
