"""A source of delimited text files: one relation over all of them, whatever the dialect of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import columns
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.lot import delimited

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class _Read:
    """One file: its number, and the mapping's name of each of its columns → the name in its own relation."""

    number: int
    file: SourceFile
    text: delimited.Delimited
    names: dict[str, str]


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    work: Path,
) -> Relation:
    """Return the rows of a source's files; ``needed`` are the columns that the mapping names.

    Raises :class:`AdapterError` naming the file and the columns seen where a needed column is missing.
    """
    read = [_read(con, source, number, file, needed, work) for number, file in files]
    # Names that differ by the case of letters alone are one column to the engine.
    seen: dict[str, str] = {}
    for one in read:
        for name in one.names:
            seen.setdefault(name.lower(), name)
    optional = {name.lower(): name for name in source.colonnes_facultatives}
    absent = frozenset(name for low, name in optional.items() if low not in seen)
    names = tuple((seen | {name.lower(): name for name in absent}).values())
    lowered = [[column.lower() for column in one.text.columns if column] for one in read]
    doubled = frozenset(column for one in lowered for column in one if one.count(column) > 1)
    return Relation(names, " union all ".join(_one(source, one, names) for one in read), absent, doubled)


def _read(
    con: duckdb.DuckDBPyConnection, source: Source, number: int, file: SourceFile, needed: Sequence[str], work: Path
) -> _Read:
    text = delimited.read(
        con,
        file.path,
        f"_f{number}",
        work=work,
        member=file.member,
        name=file.name,
        encoding=source.option("encodage"),
        separator=source.option("separateur"),
        skip=source.option("lignes_avant_entete") or 0,
    )
    names = columns.named(text.columns, needed, source.colonnes_facultatives, file.name, may_be_data=True)
    return _Read(number, file, text, dict(zip(names, text.names, strict=True)))


def _one(source: Source, read: _Read, names: Sequence[str]) -> str:
    width = len(read.names)
    irregular = f"_cellules <> {width}"
    if source.option("lignes_courtes"):
        irregular = f"(_cellules > {width} or _cellules < 0)"
    own = {name.lower(): text for name, text in read.names.items()}
    cells = "".join(
        f", {database.name(own[c.lower()]) if c.lower() in own else 'cast(null as varchar)'} as {database.name(c)}"
        for c in names
    )
    return (
        f"select {read.number << LINE_BITS} + _ligne as _r, {database.text(read.file.name)} as _fichier, _ligne, "
        f"{irregular} as _irreguliere, _surplus{cells} from ({read.text.relation})"
    )
