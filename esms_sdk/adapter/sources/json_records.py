"""A source of JSON: a list of records, a document that holds one, or a record a line (``ndjson``).

Nested values are columns named by their path (``identite.nom``).  With ``liste`` each element of a nested list is a
row, which has the columns of its record as ``parent.<column>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import columns, json_scan, json_shape
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.json_scan import ROOT, Scan, pointer
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation

if TYPE_CHECKING:
    import duckdb

_IRREGULAR = "ce n'est pas un objet JSON bien formé, ou une clé y figure deux fois"
# The column of an element that is no object.
_VALUE = "valeur"
_PARENT = "parent."
_PATH = re.compile(r"\$|[^.\[\]\"\\]+(\.[^.\[\]\"\\]+)*")


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: ``level`` 0 is the record, 1 the elements of its list, and so on."""

    level: int
    path: tuple[str, ...]

    def name(self, deepest: int) -> str:
        return _PARENT * (deepest - self.level) + (".".join(self.path) or _VALUE)


def faults(options: Mapping[str, Any], fichiers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in how a source is declared: the key at fault and a French sentence."""
    path, nested = options.get("enregistrements"), options.get("liste")
    if path is not None and not _PATH.fullmatch(_bare(path)):
        yield (
            "enregistrements",
            "des clés séparées par des points attendues (donnees.residents), ou $ pour le document entier",
        )
    if nested is not None and not all(_PATH.fullmatch(part) and part != ROOT for part in _steps(nested)):
        yield "liste", "des clés séparées par des points attendues ; [*] après une liste qui en contient une autre"


def _bare(path: str) -> str:
    """Return a path as we write it: ``$.a.b[*]`` is ``a.b``."""
    return path.removeprefix("$.").removesuffix("[*]")


def _steps(nested: str | None) -> list[str]:
    """Return the path of each list, from the one before it.

    >>> _steps("dossiers[*].mises_a_jour"), _steps("suivi.sejours[*]")
    (['dossiers', 'mises_a_jour'], ['suivi.sejours'])
    """
    return _bare(nested).split("[*].") if nested else []


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    work: Path,
) -> Relation:
    """Return the records of a source's files, or the elements of a list in them; a key that is missing is null.

    ``_ligne`` is the physical line of a record of ``ndjson``, else its rank in the list, from 1.  Raises
    :class:`AdapterError` where no record of any file has a needed column, :class:`SourceError` where a file is not
    JSON; a line of ``ndjson`` that is not is one irregular row.
    """
    path, steps = source.option("enregistrements"), _steps(source.option("liste"))
    scans = [
        json_scan.scan(
            con, number, file, _place(file, source), path and _bare(path), lines=source.format == "ndjson", work=work
        )
        for number, file in files
    ]
    found: dict[_Column, None] = {}
    doubled: set[_Column] = set()
    for scan in scans:
        for level in range(len(steps) + 1):
            elements = _levels(f"select n, l as l0 from ({scan.query})", steps[:level])
            with json_scan.refusing(scan):
                shape = json_shape.shape(con, f"select l{level} as l from ({elements})")
            found |= dict.fromkeys(_columns(shape, level, steps, needed))
            doubled |= {_Column(level, one) for one in shape.doubled}
    return _relation(con, source, scans, steps, list(found), doubled, needed)


def _columns(shape: json_shape.Shape, level: int, steps: Sequence[str], needed: Sequence[str]) -> Iterator[_Column]:
    """Yield the columns of one level: an object is one where the mapping names it, and so is a list made rows."""
    deepest = len(steps)
    rows = tuple(steps[level].split(".")) if level < deepest else None
    for path in shape.leaves:
        column = _Column(level, path)
        if rows is None or path[: len(rows)] != rows or column.name(deepest) in needed:
            yield column
    yield from (one for path in shape.objects if (one := _Column(level, path)).name(deepest) in needed)
    if shape.plain and 0 < level == deepest:
        yield _Column(level, ())


def _place(file: SourceFile, source: Source) -> SourceFile:
    """Return what is read of a file, as reports name it: several lists of one document are several places."""
    parts = [_bare(part) for key in ("enregistrements", "liste") if (part := source.option(key)) and part != ROOT]
    return SourceFile("#".join([file.name, *([".".join(parts)] if parts else [])]), file.path, file.member)


def _relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    scans: Sequence[Scan],
    steps: Sequence[str],
    found: list[_Column],
    doubled: set[_Column],
    needed: Sequence[str],
) -> Relation:
    deepest = len(steps)
    found.sort(key=lambda column: -column.level)
    own = [column.name(deepest) for column in found]
    names: Sequence[str] = ()
    if found:
        place = scans[0].place.name if len(scans) == 1 else f"la source «{source.name}»"
        names = columns.named(own, needed, source.colonnes_facultatives, place)
    everything, absent = columns.united([names], needed, source.colonnes_facultatives)
    for scan in scans:
        _load(con, scan, steps, found, names, doubled)
    cells = columns.cells(everything, names)
    rows = " union all ".join(
        f"select {scan.number << LINE_BITS} + _rang as _r, {database.text(scan.place.name)} as _fichier, _ligne, "
        f"_irreguliere, _surplus{cells and ', ' + cells} from _j{scan.number}"
        for scan in scans
    )
    return Relation(
        everything,
        rows,
        absent,
        doubled=columns.doubled(own),
        places=tuple((scan.number, scan.place) for scan in scans),
        irregular=_IRREGULAR,
        ranked=bool(steps),
    )


def _levels(rows: str, steps: Sequence[str]) -> str:
    """Return the query of the elements under the records ``l0`` of ``rows``: ``l1`` (one of its list), ``l2``…

    What is no object has no elements: it stands for itself, with null beside it.
    """
    for level, step in enumerate(steps):
        path = tuple(step.split("."))
        at = database.text(pointer(path))
        inside = database.text("$." + ".".join(f'"{key}"' for key in path) + "[*]")
        elements = (
            f"case try(json_type(l{level}, {at})) when 'ARRAY' then json_extract(l{level}, {inside}) "
            f"when 'NULL' then [] else case when try(json_type(l{level})) is distinct from 'OBJECT' then [null] "
            f"when try(json_type(l{level}, {at})) is null then [] else [json_extract(l{level}, {at})] end end"
        )
        rows = f"select *, cast(unnest({elements}) as varchar) as l{level + 1} from ({rows})"
    return rows


def _load(
    con: duckdb.DuckDBPyConnection,
    scan: Scan,
    steps: Sequence[str],
    found: Sequence[_Column],
    names: Sequence[str],
    doubled: set[_Column],
) -> None:
    """Make the table of a file's rows: the text of each level is parsed once, whatever the number of columns."""
    deepest = len(steps)
    texts, cells = [], []
    for level in range(deepest + 1):
        own = [(column, name) for column, name in zip(found, names, strict=True) if column.level == level]
        pointers = ", ".join(database.text(pointer(column.path)) for column, _ in own)
        texts.append(f"try(json_type(l{level})) as k{level}")
        if own:
            texts.append(f"try(json_extract_string(l{level}, [{pointers}])) as v{level}")
        cells += [f"v{level}[{rank}] as {database.name(name)}" for rank, (_, name) in enumerate(own, 1)]
    plain = _Column(deepest, ()) in found
    broken = [f"k{level} is distinct from 'OBJECT'" for level in range(deepest + 1)]
    if plain:
        broken[-1] = f"k{deepest} is null"
    for column in sorted(doubled, key=lambda column: (column.level, column.path)):
        keys = f"try(json_keys(l{column.level}, {database.text(pointer(column.path))}))"
        broken.append(f"coalesce(len({keys}) > len(list_distinct({keys})), false)")
    rows = _levels(f"select n, l as brut, {json_scan.faithful('l')} as l0 from ({scan.query})", steps)
    rows = f"select *, {' or '.join(broken)} as _irreguliere from (select *, {', '.join(texts)} from ({rows}))"
    rank = "row_number() over ()" if steps else "n"
    cells = ["case when _irreguliere then brut else '' end as _surplus", *cells]
    con.execute(
        f"create table _j{scan.number} as select n as _ligne, {rank} as _rang, _irreguliere, {', '.join(cells)} "
        f"from ({rows})"
    )
