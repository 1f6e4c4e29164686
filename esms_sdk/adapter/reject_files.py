"""The files that explain what an import set aside: ``rejets.csv``, ``libelles_inconnus.csv``, the rows themselves."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database, masking
from esms_sdk.adapter import remarks
from esms_sdk.adapter.rejects import known_finess
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.staging import IRREGULAR
from esms_sdk.csv_file import write_csv
from esms_sdk.lot.plain_text import SENTINEL
from esms_sdk.lot.schema import Table

if TYPE_CHECKING:
    import duckdb

REJECTS, LABELS, ROWS = "rejets.csv", "libelles_inconnus.csv", "lignes"
LINE, BEYOND = "ligne", "cellules_en_trop"
HEADER = ("source", "ligne", "table", "cle", "colonne", "code", "message", "valeur_masquee")
LABELS_HEADER = ("source", "colonne", "libelle", "nombre")
SEJOURS_HEADER = ("finess_et", "date_entree", "date_sortie")
_BATCH = 10_000
_LINE = (1 << LINE_BITS) - 1
_NOT_IN_NAMES = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')


def write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Sequence[Table],
    labels: Sequence[tuple[str, str, str, int]],
    relations: Mapping[str, Relation],
    files: Mapping[int, SourceFile],
    *,
    rows: bool,
) -> None:
    """Write the four files of rejects and, with ``rows``, the rejected rows as they were."""
    folder.mkdir(exist_ok=True)
    write_csv(folder / REJECTS, HEADER, _listed(con, relations, files))
    write_csv(folder / LABELS, LABELS_HEADER, labels)
    remarks.write(con, folder, files)
    write_csv(folder / "sejours.csv", SEJOURS_HEADER, _sejours(con, {table.name for table in tables}))
    if rows:
        _write_rows(con, folder / ROWS, relations, files)


def _listed(
    con: duckdb.DuckDBPyConnection, relations: Mapping[str, Relation], files: Mapping[int, SourceFile]
) -> Iterator[Sequence[Any]]:
    ranked = [f"select _r, _ligne from ({relation.query})" for relation in relations.values() if relation.ranked]
    lines = (
        " union all ".join(ranked) or "select cast(null as bigint) as _r, cast(null as bigint) as _ligne where false"
    )
    found = con.execute(
        f"select _r >> {LINE_BITS}, coalesce(_ligne, _r & {_LINE}), tableau, cle, confiance, colonne, code, message, "
        f"brut from rejets left join ({lines}) using (_r) order by _r, rang"
    )
    while batch := found.fetchmany(_BATCH):
        for number, line, table, key, trusted, column, code, message, text in batch:
            file = files[number]
            shown = masking.key(key) if trusted else masking.shape(key)
            place = (file.name, line if file.lines else None)
            yield (*place, table, shown, column, code, message, masking.shape(text))


def _sejours(con: duckdb.DuckDBPyConnection, staged: set[str]) -> list[tuple[Any, ...]]:
    """Return what can be read of the rejected séjours; the dates of an irregular row cannot."""
    if "sejour" not in staged:
        return []
    dates = ", ".join(f"case when _faute & {IRREGULAR} = 0 then e.{c} end" for c in SEJOURS_HEADER[1:])
    return con.execute(
        f"select k.f, {dates} from etape_sejour e "
        "semi join (select * from ecart_sejour where etat = 'rejetee') using (_r, _s) "
        f"left join (select distinct f from ({known_finess(staged)})) k on k.f = e.finess_et order by all"
    ).fetchall()


def _write_rows(
    con: duckdb.DuckDBPyConnection, folder: Path, relations: Mapping[str, Relation], files: Mapping[int, SourceFile]
) -> None:
    """Write the rejected source rows as they were, for their owner alone."""
    taken: set[str] = set()
    if con.execute("select count(*) from rejets").fetchall() == [(0,)]:
        return
    for relation in relations.values():
        con.execute(
            f"create or replace temp table _rejetees as select *, _r >> {LINE_BITS} as _numero "
            f"from ({relation.query}) where _r in (select _r from rejets)"
        )
        for (number,) in con.execute("select distinct _numero from _rejetees order by all").fetchall():
            path = private(folder, place(files[number].name, taken))
            write_rows(con, f"select * from _rejetees where _numero = {number}", relation.columns, path)


def write_rows(con: duckdb.DuckDBPyConnection, rows: str, columns: Sequence[str], path: Path) -> None:
    """Write source rows (``_r``, ``_ligne``, ``_surplus``, ``columns``) with their line, for their owner alone."""
    cells = [f"_ligne as {LINE}", *(f"replace({c}, '{SENTINEL}', '') as {c}" for c in map(database.name, columns))]
    if con.execute(f"select count(*) from ({rows}) where _surplus <> ''").fetchall() != [(0,)]:
        cells.append(f"_surplus as {BEYOND}")
    con.execute(
        f"copy (select {', '.join(cells)} from ({rows}) order by _r) to {database.text(database.path_text(path))} "
        "(format csv, header, delimiter ';')"
    )
    path.chmod(0o600)


def place(name: str, taken: set[str]) -> str:
    """Return where the rows of a source stand: its name, less what could lead out of the folder or be no name.

    >>> place("export.zip/../sejours.csv", set()), place("agence 1#lits", set())
    ('export.zip/_/sejours.csv', 'agence 1#lits.csv')
    """
    parts = [_NOT_IN_NAMES.sub("_", part) for part in name.split("/")]
    safe = "/".join("_" if not part.strip(". ") else part for part in parts)
    stem = safe[:-4] if safe.lower().endswith(".csv") else safe
    own, number = f"{stem}.csv", 2
    while own.lower() in taken:
        own, number = f"{stem}~{number}.csv", number + 1
    taken.add(own.lower())
    return own


def private(folder: Path, name: str) -> Path:
    """Return a new empty file that its owner alone can read, in folders that its owner alone can open."""
    place = folder
    folder.mkdir(mode=0o700, exist_ok=True)
    # The name of a sheet may hold letters that a system without UTF-8 (LC_ALL=C) cannot name a file with.
    parts = os.fsdecode(name.encode("utf-8")).split("/")
    for part in parts[:-1]:
        place = place / part
        place.mkdir(mode=0o700, exist_ok=True)
    path = place / parts[-1]
    path.touch(mode=0o600, exist_ok=False)
    return path
