"""A source of delimited text files: one relation over all of them, whatever the dialect of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.errors import AdapterError
from esms_sdk.lot import delimited

if TYPE_CHECKING:
    import duckdb


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
    read = [
        (number, file, delimited.read(
            con, file.path, f"_f{number}", work=work, member=file.member, encoding=source.option("encodage"),
            separator=source.option("separateur"), skip=source.option("lignes_avant_entete") or 0,
        ))
        for number, file in files
    ]  # fmt: skip
    columns = list(dict.fromkeys(c for _, _, one in read for c in one.columns if c))
    for _, file, one in read:
        for column in needed:
            if column not in one.columns and column not in source.colonnes_facultatives:
                seen = ", ".join(c for c in one.columns if c) or "aucune"
                raise AdapterError("ESMS-E201", f"colonne «{column}» absente de {file.name} (colonnes vues : {seen})",
                                   hint="Corriger adapter.toml, ou déclarer la colonne dans colonnes_facultatives.")  # fmt: skip
        doubled = sorted({c for c in one.columns if c and one.columns.count(c) > 1} & set(needed))
        if doubled:
            raise AdapterError("ESMS-E206", f"{file.name} : la colonne «{doubled[0]}» figure deux fois dans l'en-tête")
    return Relation(
        tuple(columns), " union all ".join(_one(source, number, file, one, columns) for number, file, one in read)
    )


def _one(source: Source, number: int, file: SourceFile, read: delimited.Delimited, columns: Sequence[str]) -> str:
    width = len(read.columns)
    irregular = f"_cellules <> {width}"
    if source.option("lignes_courtes"):
        irregular = f"(_cellules > {width} or _cellules < 0)"
    cells = "".join(
        f", {database.name(c) if c in read.columns else 'cast(null as varchar)'} as {database.name(c)}" for c in columns
    )
    return (
        f"select {number << LINE_BITS} + _ligne as _r, {database.text(file.name)} as _fichier, _ligne, "
        f"{irregular} as _irreguliere, _surplus{cells} from ({read.relation})"
    )
