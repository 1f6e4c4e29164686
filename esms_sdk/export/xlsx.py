"""Workbooks: typed cells, frozen heads, filters, French heads; a text can never run as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from textwrap import wrap
from typing import Any

import xlsxwriter

Cell = str | int | float | date | None

_NUMBER_FORMATS = {"texte": "@", "nombre": "#,##0", "taux": "0.0", "date": "dd/mm/yyyy", "long": "@"}
# Above this many cells the rows go to disk as they come: the workbook of a region must not need its own size in memory.
_IN_MEMORY = 200_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its head, its kind (``texte``, ``long`` for a text on several lines, ``nombre``, ``taux``
    or ``date``), its width in characters."""

    titre: str
    kind: str = "texte"
    width: int = 14


@dataclass(frozen=True, slots=True)
class Colour:
    """A conditional format: the cells of ``columns`` whose formula, written for the first row, is true."""

    columns: tuple[int, int]
    formula: str
    font: str
    background: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; ``frozen`` columns stay in sight."""

    nom: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    colours: Sequence[Colour] = field(default=())
    frozen: int = 0
    filtered: bool = True


@contextmanager
def workbook(path: Path, created: date, cells: int) -> Iterator[xlsxwriter.Workbook]:
    """Give a workbook dated ``created``, so that the same content gives the same bytes; it is written at the end."""
    large = cells > _IN_MEMORY
    options = {"constant_memory": large, "in_memory": not large, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime.combine(created, time()), "author": "esms-sdk", "company": ""})
        yield book


def write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    """Write one sheet: the head, the rows with their types, the filter, the colours, the print setting."""
    page = book.add_worksheet(sheet.nom)
    formats = [_format(book, column.kind) for column in sheet.columns]
    head = book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": "#123B4A", "text_wrap": True, "valign": "top"}
    )
    page.set_row(0, _height(sheet.columns, [column.titre for column in sheet.columns]))
    for rank, column in enumerate(sheet.columns):
        page.set_column(rank, rank, column.width)
        page.write_string(0, rank, column.titre, head)
    long = [rank for rank, column in enumerate(sheet.columns) if column.kind == "long"]
    count = 0
    for count, row in enumerate(sheet.rows, 1):
        if long:
            page.set_row(count, _height([sheet.columns[rank] for rank in long], [row[rank] for rank in long]))
        for rank, cell in enumerate(row):
            if cell is not None:
                _write_cell(page, count, rank, cell, formats[rank])
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{count + 1}"})
    page.freeze_panes(1, sheet.frozen)
    if sheet.filtered and count:
        page.autofilter(0, 0, count, len(sheet.columns) - 1)
    for colour in sheet.colours if count else ():
        shade = book.add_format({"font_color": colour.font, "bg_color": colour.background})
        rule = {"type": "formula", "criteria": colour.formula, "format": shade}
        page.conditional_format(1, colour.columns[0], count, colour.columns[1], rule)
    _print_setting(page)


def _write_cell(page: Any, row: int, column: int, cell: str | int | float | date, style: Any) -> None:
    if isinstance(cell, str):
        page.write_string(row, column, cell, style)
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, style)
    else:
        page.write_number(row, column, cell, style)


def _height(columns: Sequence[Column], cells: Sequence[Cell]) -> int:
    """Return the height in points that the longest text needs: not every program grows a row by itself."""
    lines = 1
    for column, cell in zip(columns, cells, strict=True):
        if isinstance(cell, str):
            lines = max(lines, len(wrap(cell, column.width)))
    return 15 * lines


def _format(book: xlsxwriter.Workbook, kind: str) -> Any:
    of_text = {"align": "left", "indent": 1, "text_wrap": kind == "long"} if kind in ("texte", "long") else {}
    return book.add_format({"num_format": _NUMBER_FORMATS[kind], "valign": "top", **of_text})


def _print_setting(page: Any) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&L&F – &A&RPage &P sur &N")
