"""The one way the project writes CSV: UTF-8 with BOM, ``;``, CRLF, decimal point, ISO dates, null empty."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

Cell = str | int | float | date | None

# A spreadsheet runs a text that begins so as a formula.
_FORMULA = frozenset("=+-@")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Path:
    """Write ``rows`` under ``header`` into ``path`` and return it; the order of the rows is the caller's."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(header)
        # The writer tells a whole number and a null as `as_text` does: most cells are one or the other.
        writer.writerows([cell if cell is None or type(cell) is int else as_text(cell) for cell in row] for row in rows)
    return path


def as_text(cell: Cell) -> str:
    """Return one cell as the file holds it.

    >>> as_text(100.0), as_text(-3), as_text("-3"), as_text(None), as_text(True), as_text(date(2025, 9, 30))
    ('100.0', '-3', "'-3", '', 'true', '2025-09-30')
    """
    if isinstance(cell, str):
        return "'" + cell if cell[:1] in _FORMULA else cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
