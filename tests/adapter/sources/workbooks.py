"""Workbooks for tests, each cell written as its format writes it: xlsx, ods and xlsb, of the same Python values."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

Rows = Sequence[Sequence[Any]]
DAY = "dd/mm/yyyy"


class Error(str):
    """An error cell: the cached value of a formula."""


def xlsx(
    path: Path,
    sheets: Mapping[str, Rows],
    *,
    hidden: Sequence[str] = (),
    from_1904: bool = False,
    merged: Mapping[str, Any] | None = None,
) -> Path:
    """Write a workbook; ``merged`` gives ranges of the first sheet and what they hold."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"date_1904": from_1904, "strings_to_numbers": False})
    shapes = {datetime: f"{DAY} hh:mm:ss", date: DAY, time: "hh:mm", timedelta: "[h]:mm"}
    formats = {kind: book.add_format({"num_format": shape}) for kind, shape in shapes.items()}
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for range_, value in (merged or {}).items():
            sheet.merge_range(range_, value)
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                _write(sheet, place, column, value, formats)
        if name in hidden:
            sheet.hide()
    book.close()
    return path


def _write(sheet: Any, row: int, column: int, value: Any, formats: Mapping[type, Any]) -> None:
    if isinstance(value, Error):
        sheet.write_formula(row, column, "=NA()", None, str(value))
    elif type(value) in formats:
        sheet.write_datetime(row, column, value, formats[type(value)])
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)


_ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>
{}</office:spreadsheet></office:body></office:document-content>"""


def ods(path: Path, sheets: Mapping[str, Rows]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = ""
    for name, rows in sheets.items():
        lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        tables += f"<table:table table:name={quoteattr(name)}>{lines}</table:table>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", _ODS.format(tables))
    return path


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    shown = escape(str(value))
    if isinstance(value, Error):
        kind = 'table:formula="of:=NA()" office:value-type="string" office:string-value="" calcext:value-type="error"'
    elif isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, (date, datetime)):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, time):
        kind = f'office:value-type="time" office:time-value="PT{value:%HH%MM%SS}"'
    elif isinstance(value, (int, float)):
        kind = f'office:value-type="float" office:value="{value!r}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{shown}</text:p></table:table-cell>"


_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CODES = {"#N/A": 0x2A, "#DIV/0!": 0x07}


def xlsb(path: Path, sheets: Mapping[str, Rows], *, from_1904: bool = False) -> Path:
    """Write the records that a reader needs; a date is a number there, since the workbook has no styles."""
    path.parent.mkdir(parents=True, exist_ok=True)
    links = "".join(
        f'<Relationship Id="r{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.bin"/>'
        for i in range(1, len(sheets) + 1)
    )
    listed = b"".join(
        _record(156, struct.pack("<II", 0, i) + _wide(f"r{i}") + _wide(name)) for i, name in enumerate(sheets, 1)
    )
    book = _record(131) + _record(153, struct.pack("<II", int(from_1904), 0) + _wide(""))
    book += _record(143) + listed + _record(144) + _record(132)
    root = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.bin"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _relations(root))
        archive.writestr("xl/_rels/workbook.bin.rels", _relations(links))
        archive.writestr("xl/workbook.bin", book)
        for i, rows in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{i}.bin", _xlsb_sheet(rows))
    return path


def _relations(links: str) -> str:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )


def _xlsb_sheet(rows: Rows) -> bytes:
    width = max(map(len, rows))
    cells = b""
    for place, row in enumerate(rows):
        cells += _record(0, struct.pack("<IIHHB", place, 0, 300, 0, 0) + struct.pack("<I", 0))
        cells += b"".join(_xlsb_cell(column, value) for column, value in enumerate(row) if value is not None)
    area = _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    return _record(129) + area + _record(145) + cells + _record(146) + _record(130)


def _xlsb_cell(column: int, value: Any) -> bytes:
    head = struct.pack("<II", column, 0)
    if isinstance(value, Error):
        return _record(3, head + bytes((_CODES[value],)))
    if isinstance(value, bool):
        return _record(4, head + bytes((value,)))
    if isinstance(value, str):
        return _record(6, head + _wide(value))
    if isinstance(value, date):
        value = (value - date(1899, 12, 30)).days
    return _record(5, head + struct.pack("<d", value))


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes((kind,)) if kind < 128 else bytes((kind & 0x7F | 0x80, kind >> 7))
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes((size & 0x7F | 0x80,)), size >> 7
    return head + length + bytes((size,)) + content
