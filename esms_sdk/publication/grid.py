"""The rows of a published file as they stand: CSV, workbook or JSON, each with its line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from esms_sdk import database
from esms_sdk.adapter.sources import excel_workbook
from esms_sdk.errors import SourceError, UsageError
from esms_sdk.lot import delimited
from esms_sdk.lot.delimited import column_name
from esms_sdk.publication.cells import Raw

FORMATS = {".csv": "csv", ".txt": "csv", ".json": "json", ".xlsx": "classeur", ".ods": "classeur", ".xls": "classeur"}
# A published file has a row an establishment and figure; more than that many is another kind of file.
MOST_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Hints:
    """How a file is to be read, where its name and content do not tell."""

    format: str | None = None
    separateur: str | None = None
    encodage: str | None = None
    feuille: str | int | None = None
    ligne_entete: int = 1
    racine: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Titles, and the rows under them with their line (from 1; in JSON the rank of the object)."""

    nom: str
    colonnes: tuple[str, ...]
    lignes: tuple[tuple[int, tuple[Raw, ...]], ...]


def read(path: Path, hints: Hints) -> Grid:
    """Read a file whole.  Raises :class:`UsageError` where it cannot be."""
    kind = hints.format or FORMATS.get(path.suffix.lower())
    if not path.is_file():
        raise UsageError("ESMS-E181", f"fichier publié introuvable : {path}", hint="Corriger «fichier».")
    if kind is None:
        hint = f"Donner «format», ou un nom en {', '.join(FORMATS)}."
        raise UsageError("ESMS-E182", f"{path.name} : format inconnu", hint=hint)
    try:
        with tempfile.TemporaryDirectory(prefix="esms-") as work:
            grid = {"csv": _csv, "json": _json, "classeur": _workbook}[kind](path, hints, Path(work))
    except SourceError as error:
        raise UsageError(error.code, error.message, hint=error.hint, faults=error.faults) from None
    if not grid.colonnes:
        raise UsageError("ESMS-E183", f"{path.name} : aucune ligne d'en-tête", hint="Corriger «ligne_entete».")
    return grid


def _csv(path: Path, hints: Hints, work: Path) -> Grid:
    with database.connect(work) as con:
        found = delimited.read(
            con, path, "publie", work=work, encoding=hints.encodage, separator=hints.separateur,
            skip=hints.ligne_entete - 1,
        )  # fmt: skip
        if not found.names:
            return Grid(path.name, (), ())
        cells = ", ".join(database.name(name) for name in found.names)
        rows = con.execute(f"select _ligne, {cells} from ({found.relation}) order by _ligne limit {MOST_ROWS}")
        return Grid(path.name, found.names, tuple((row[0], row[1:]) for row in rows.fetchall()))


def _workbook(path: Path, hints: Hints, work: Path) -> Grid:
    workbook = excel_workbook.judge(path, path.name, work, keep_errors=False)
    with workbook.open() as opened:
        names = excel_workbook.chosen(path.name, opened, hints.feuille)
        if not names:
            listed = ", ".join(opened.sheet_names)
            message = f"{path.name} : aucune feuille ne répond à «{hints.feuille}» (feuilles : {listed})"
            raise UsageError("ESMS-E354", message, hint="Corriger «feuille».")
        sheet = workbook.sheet(opened, names[0])
        if not sheet.start:
            return Grid(path.name, (), ())
        rows = list(enumerate(sheet.iter_rows(), 1))
    place = f"{path.name}#{names[0]}"
    below = [(line, row) for line, row in rows if line >= hints.ligne_entete]
    if not below:
        return Grid(place, (), ())
    titles = delimited.unique(column_name(str(cell)) for cell in below[0][1])
    kept = [(line, tuple(map(_cell, row))) for line, row in below[1:] if any(cell not in ("", None) for cell in row)]
    return Grid(place, tuple(titles), tuple(kept[:MOST_ROWS]))


def _cell(value: Any) -> Raw:
    return value if isinstance(value, (str, int, float, date)) else str(value)


def _json(path: Path, hints: Hints, work: Path) -> Grid:
    document: Any = load_json(path)
    for step in (hints.racine or "").split(".") if hints.racine else ():
        document = document.get(step) if isinstance(document, dict) else None
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        message = f"{path.name} : une liste d'objets est attendue{f' sous «{hints.racine}»' if hints.racine else ''}"
        raise UsageError(
            "ESMS-E184", message, hint="Dire dans «racine» où elle est, par des points : resultats.lignes."
        )
    flat = [dict(_flat(one)) for one in document[:MOST_ROWS]]
    names = tuple(dict.fromkeys(name for one in flat for name in one))
    return Grid(path.name, names, tuple((rank, tuple(one.get(n) for n in names)) for rank, one in enumerate(flat, 1)))


def _flat(one: dict[str, Any], before: str = "") -> Iterator[tuple[str, Raw]]:
    """Give the scalars of nested objects under dotted names; lists are left out."""
    for key, value in one.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif not isinstance(value, list):
            yield f"{before}{key}", value


def load_json(path: Path) -> Any:
    """Return a JSON document.  Raises :class:`UsageError` with its line."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        message = f"{path.name}, ligne {error.lineno} : JSON illisible ({error.msg})"
    except (OSError, ValueError) as error:
        message = f"{path.name} : fichier illisible ({type(error).__name__})"
    raise UsageError("ESMS-E185", message, hint="Donner le fichier tel que le logiciel l'écrit, en UTF-8.")


def titles(grid: Grid, wanted: Sequence[str]) -> dict[str, int]:
    """Return where the titles of ``wanted`` stand, compared without case; those that are absent are left out."""
    at = {column_name(title).casefold(): rank for rank, title in enumerate(grid.colonnes)}
    found = {title: at.get(column_name(title).casefold()) for title in wanted}
    return {title: rank for title, rank in found.items() if rank is not None}
