"""What can be read of one file of a sample: its table, its sheets, its lists of records, its tables."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from esms_sdk import database
from esms_sdk.adapter.sources import excel_cells, excel_workbook
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.local import local_copy
from esms_sdk.errors import SourceError
from esms_sdk.lot import plain_text
from esms_sdk.lot.delimited import SEPARATORS

SUFFIXES = {
    "csv": (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz"),
    "excel": (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    "json": (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz"),
    "sql": (".sqlite", ".sqlite3", ".db", ".sql", ".sql.gz"),
}
SCRIPTS = (".sql", ".sql.gz")
_LINES = (".ndjson", ".jsonl", ".ndjson.gz")
# How far down a header is looked for.
_HEADER_WITHIN = 40
# What no column is called: a number, a date, an address.
VALUE = re.compile(r"\d{6,}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|.*@.*\..*")

# The format, what a person calls it, the keys of [source], and how many rows stand above the header.
Found = Iterator[tuple[str, str, dict[str, Any], int]]


def own_name(file: SourceFile) -> str:
    """Return the name of a file without what holds it."""
    return PurePosixPath(file.member or file.path.name).name


def parts(kind: str, file: SourceFile, work: Path) -> Found:
    """Yield what can be read of a file; ``work`` is for what must be unpacked."""
    return {"csv": _delimited, "excel": _sheets, "json": _lists, "sql": _tables}[kind](file, work)


def readable(file: SourceFile, work: Path) -> SourceFile:
    """Return the file that the engine reads: a SQLite base in the place of the script that makes it."""
    if not own_name(file).lower().endswith(SCRIPTS):
        return file
    base = work / f"{own_name(file).lower().partition('.sql')[0]}.sqlite"
    return SourceFile(base.name, base if base.is_file() else _built(file, base))


def _delimited(file: SourceFile, work: Path) -> Found:
    """Give the one table of a text file, with how many lines stand above its header."""
    survey = plain_text.survey(file.path, file.member)
    encoding = plain_text.encoding(survey, None, file.name)
    copy, _ = plain_text.plain(file.path, file.member, survey, encoding, work / "texte")
    with copy.open("rb") as stream:
        text = stream.read(1 << 16).decode("utf-8", "replace")
    head = text.lstrip("\ufeff").splitlines()[:_HEADER_WITHIN]
    mark = max(SEPARATORS, key=lambda one: sum(line.count(one) for line in head))
    rows = [next(csv.reader(io.StringIO(line), delimiter=mark), []) for line in head]
    above = _header_row(rows)
    yield "csv", file.name, {"lignes_avant_entete": above} if above else {}, above


def _header_row(rows: Sequence[Sequence[Any]]) -> int:
    """Return the rank, from 0, of the row that has the names of the columns: the first as wide as most of them."""
    widths = Counter(len([cell for cell in row if str(cell).strip()]) for row in rows)
    widths = Counter({width: count for width, count in widths.items() if width > 1})
    if not widths:
        return 0
    usual = max(len(row) for row in rows) if len(widths) > len(rows) // 2 else max(widths, key=lambda w: (widths[w], w))
    for rank, row in enumerate(rows):
        cells = [str(cell).strip() for cell in row if str(cell).strip()]
        if len(cells) >= max(2, usual * 0.7) and not any(VALUE.fullmatch(cell) for cell in cells):
            return rank
    return 0


def _sheets(file: SourceFile, work: Path) -> Found:
    workbook = excel_workbook.judge(local_copy(file, work), file.name, work, keep_errors=False)
    with workbook.open() as opened:
        for name in opened.sheet_names:
            sheet = workbook.sheet(opened, name)
            if not sheet.start:
                continue
            rows = [
                [excel_cells.text(cell) for cell in row]
                for row, _ in zip(sheet.iter_rows(), range(_HEADER_WITHIN), strict=False)
            ]
            above = _header_row(rows)
            options: dict[str, Any] = {"feuille": name}
            if above:
                options["lignes_avant_entete"] = above
            yield "excel", f"{file.name}#{name}", options, above


def _lists(file: SourceFile, work: Path) -> Found:
    """Give each list of objects of a document, and each one inside their elements."""
    lines = own_name(file).lower().endswith(_LINES)
    path = local_copy(file, work)
    survey = plain_text.survey(path, None)
    text = path.read_bytes().decode(plain_text.encoding(survey, None, file.name), "replace").lstrip("\ufeff")
    try:
        documents = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    except ValueError:
        raise SourceError(
            "ESMS-E301", f"{file.name} : JSON mal formé", hint="Vérifier que le fichier est entier."
        ) from None
    for path_to, elements in _records(documents, ()):
        options: dict[str, Any] = {} if lines or not path_to else {"enregistrements": ".".join(path_to)}
        kind = "ndjson" if lines else "json"
        yield kind, "#".join([file.name, *([".".join(path_to)] if path_to else [])]), options, 0
        for nested in _nested(elements):
            yield kind, f"{file.name}#{'.'.join((*path_to, nested))}", {**options, "liste": nested}, 0


def _records(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if isinstance(value, list):
        if any(isinstance(one, dict) for one in value):
            yield path, [one for one in value if isinstance(one, dict)]
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _records(inner, (*path, key))


def _nested(elements: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the paths, in elements of a list, of lists of objects."""
    found: dict[str, None] = {}
    for element in elements:
        for path, _ in _records(element, ()):
            found[".".join(path)] = None
    return list(found)


def _tables(file: SourceFile, work: Path) -> Found:
    path = local_copy(readable(file, work), work)
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        query = (
            "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
        )
        names = [name for (name,) in connection.execute(query)]
    except sqlite3.Error as error:
        raise SourceError("ESMS-E322", f"{file.name} : base SQLite illisible ({type(error).__name__})") from None
    finally:
        connection.close()
    for name in names:
        yield "sql", f"{file.name}#{name}", {"table": name if name.isidentifier() else database.name(name)}, 0


def _built(file: SourceFile, base: Path) -> Path:
    """Return the SQLite base that a script makes."""
    raw = file.path.read_bytes()
    connection = sqlite3.connect(base)
    try:
        connection.executescript((gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig"))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        hint = "Un script pour SQLite, en UTF-8 ; ou donner la base elle-même."
        raise SourceError(
            "ESMS-E323", f"{file.name} : script refusé par SQLite ({type(error).__name__})", hint=hint
        ) from None
    finally:
        connection.close()
    return base
