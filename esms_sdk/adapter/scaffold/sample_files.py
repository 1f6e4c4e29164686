"""An invented export as files of the kinds that the engine reads: delimited text, workbook, JSON, SQL script."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from esms_sdk import database
from esms_sdk.adapter.scaffold.survey import Place

Rows = Sequence[Mapping[str, str]]
Given = Sequence[tuple[Place, Rows]]
TITLE = "Export inventé"
# The date that a workbook bears: no clock is read.
_CREATED = datetime(2025, 1, 1)


def write(given: Given, folder: Path) -> None:
    """Write the files of the places into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    by_file: dict[tuple[str, str], list[tuple[Place, Rows]]] = {}
    for place, rows in given:
        by_file.setdefault((place.format, place.file), []).append((place, rows))
    writers = {"csv": _delimited, "excel": _workbook, "json": _json, "ndjson": _json, "sql": _script}
    for (kind, name), places in by_file.items():
        writers[kind](places, folder / plain_name(kind, name))


def plain_name(kind: str, name: str) -> str:
    """Return the name of the file that stands for one of the sample: unpacked, a workbook as xlsx, a base as a script.

    >>> plain_name("csv", "a.csv.gz"), plain_name("excel", "b.XLS"), plain_name("sql", "c.db")
    ('a.csv', 'b.xlsx', 'c.sql')
    """
    base = name[:-3] if name.lower().endswith(".gz") else name
    if kind == "excel":
        return f"{base.rpartition('.')[0]}.xlsx"
    return f"{base.rpartition('.')[0]}.sql" if kind == "sql" else base


def _names(place: Place) -> list[str]:
    return [seen.name for seen in place.columns]


def _delimited(places: Given, path: Path) -> None:
    place, rows = places[0]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    for _ in range(place.above):
        text.write(f"{TITLE}\n")
    writer.writerow(_names(place))
    writer.writerows([row[name] for name in _names(place)] for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def _workbook(places: Given, path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": _CREATED})
        for place, rows in places:
            sheet = book.add_worksheet(place.part)
            for rank in range(place.above):
                sheet.write_string(rank, 0, TITLE)
            table = [_names(place), *([row[name] for name in _names(place)] for row in rows)]
            for number, cells in enumerate(table, place.above):
                for column, cell in enumerate(cells):
                    sheet.write_string(number, column, cell)


def _json(places: Given, path: Path) -> None:
    """Write the lists of a document, each nested one inside the records of its own."""
    document: dict[str, Any] = {}
    tops = {
        str(place.options.get("enregistrements", "")): (place, rows) for place, rows in places if not _nested(place)
    }
    whole: list[dict[str, Any]] = []
    for where, (_, rows) in tops.items():
        records = [_record(row) for row in rows]
        for place, inner in places:
            if _nested(place) and str(place.options.get("enregistrements", "")) == where:
                for record, row in zip(records, inner, strict=False):
                    own = {name: cell for name, cell in row.items() if not name.startswith("parent.")}
                    _put(record, _nested(place).split("."), [_record(own)])
        if where:
            _put(document, where.split("."), records)
        else:
            whole = records
    if places[0][0].format == "ndjson":
        lines = [json.dumps(record, ensure_ascii=False) for record in whole]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return
    path.write_text(json.dumps(whole or document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _nested(place: Place) -> str:
    return str(place.options.get("liste", ""))


def _record(row: Mapping[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, cell in row.items():
        _put(record, name.split("."), cell or None)
    return record


def _put(record: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        record = record.setdefault(key, {})
    record[path[-1]] = value


def _script(places: Given, path: Path) -> None:
    lines = []
    for place, rows in places:
        table = place.options["table"]
        columns = ", ".join(f"{database.name(name)} text" for name in _names(place))
        lines.append(f"create table {table} ({columns});")
        for row in rows:
            cells = ", ".join(database.text(row[name]) if row[name] else "null" for name in _names(place))
            lines.append(f"insert into {table} values ({cells});")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
