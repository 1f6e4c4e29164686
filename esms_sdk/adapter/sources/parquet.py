"""A source of Parquet files: each column, whatever its type, as the text that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import columns, texts
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.local import local_copy
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.errors import SourceError

if TYPE_CHECKING:
    import duckdb


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    work: Path,
) -> Relation:
    """Return the rows of a source's files; ``_ligne`` is the rank of the row in its file, from 1.

    Raises :class:`AdapterError` naming the file where a needed column is missing, :class:`SourceError` where the
    file is no whole Parquet file.
    """
    seen: dict[str, None] = {}
    read: list[tuple[int, SourceFile, str, dict[str, str]]] = []
    for number, file in files:
        path = database.file(local_copy(file, work))
        scan = f"read_parquet({path}, file_row_number = true, hive_partitioning = false)"
        types = _types(con, scan, file)
        names = columns.named(list(types), needed, source.colonnes_facultatives, file.name)
        cells = {name: texts.as_text(database.name(c), types[c]) for name, c in zip(names, types, strict=True)}
        read.append((number, file, scan, cells))
        seen |= dict.fromkeys(names)
    absent = frozenset(source.colonnes_facultatives).difference(seen)
    seen |= dict.fromkeys(source.colonnes_facultatives)
    return Relation(tuple(seen), " union all ".join(_one(*one, tuple(seen)) for one in read), absent)


def _types(con: duckdb.DuckDBPyConnection, scan: str, file: SourceFile) -> dict[str, str]:
    """Return the type of each column; the whole file is read once, so that a truncated one is said by name."""
    import duckdb

    try:
        described = con.execute(f"describe select * exclude (file_row_number) from {scan}").fetchall()
        con.execute(f"select max(hash(columns(*))) from {scan}").fetchall()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise SourceError(
            "ESMS-E301",
            f"fichier Parquet illisible : {file.name} ({type(error).__name__})",
            hint="Vérifier que le fichier est entier : un transfert interrompu le laisse sans sa fin.",
        ) from None
    return {row[0]: row[1] for row in described}


def _one(number: int, file: SourceFile, scan: str, cells: dict[str, str], seen: Sequence[str]) -> str:
    listed = "".join(f", {cells.get(c, 'cast(null as varchar)')} as {database.name(c)}" for c in seen)
    return (
        f"select {number << LINE_BITS} + file_row_number + 1 as _r, {database.text(file.name)} as _fichier, "
        f"file_row_number + 1 as _ligne, false as _irreguliere, '' as _surplus{listed} from {scan}"
    )
