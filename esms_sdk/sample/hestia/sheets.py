"""Workbooks: sheets of rows that know what they make, and the bytes of each file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.world import EXTRACTION

Value = str | int | float | date | datetime | time | None
_FORMATS = {datetime: "dd/mm/yyyy hh:mm:ss", date: "dd/mm/yyyy", time: "hh:mm:ss"}
ERRORS = ("#N/A", "#REF!", "#VALUE!")
_FIRST_SERIAL = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Agence:
    """How an agency fills its workbooks.

    ``dates`` is ``vraies`` (dates of the spreadsheet), ``serie`` (the number of the day, without format) or the pattern
    of a text; ``nombres`` says that numbers typed by hand are stored as numbers, zeros in front lost; ``titres`` is the
    number of lines above the header.
    """

    dossier: str
    ville: str
    dates: str
    nombres: bool = False
    titres: int = 3
    depuis_1904: bool = False
    deux_feuilles: bool = False

    def day(self, value: date | None) -> Value:
        """Write a day."""
        if value is None or self.dates == "vraies":
            return value
        if self.dates == "serie":
            return (value - _FIRST_SERIAL).days
        return value.strftime(self.dates)

    def hour(self, value: time) -> Value:
        """Write a time of day: a time of the spreadsheet, or a text."""
        return value if self.dates == "vraies" else value.strftime("%H:%M:%S")

    def moment(self, value: datetime | None) -> Value:
        """Write a day and a time in one cell."""
        if value is None or self.dates == "vraies":
            return value
        if self.dates == "serie":
            return round((value - datetime.combine(_FIRST_SERIAL, time())) / timedelta(days=1), 9)
        return value.strftime(f"{self.dates} %H:%M")

    def number(self, text: str) -> Value:
        """Write a number as it comes out of a cell where it was typed: a number, or the text as it is."""
        return int(text) if self.nombres and text.isdigit() else text or None


AGENCES = {
    "AG01": Agence("montbrume", "Montbrume", "vraies", nombres=True),
    "AG02": Agence("valsonge", "Valsonge", "%d/%m/%Y", titres=5, deux_feuilles=True),
    "AG03": Agence("pontclair", "Pontclair", "serie", nombres=True, titres=1),
    "AG04": Agence("rochegrise", "Rochegrise", "vraies", titres=2, depuis_1904=True),
    "AG05": Agence("anse-perle", "Anse-Perle", "%d.%m.%Y", titres=4),
}
SIEGE = Agence("", "le siège", "vraies", nombres=True, titres=2)


@dataclass(slots=True)
class Feuille:
    """One sheet: where it stands, its header, its rows in order, the cells merged over rows (column, first, last row).

    Rows of merged cells are given by their place among ``lignes``, from 0, both included.  ``lue`` is false for a sheet
    that no adapter reads.
    """

    classeur: str
    nom: str
    agence: Agence
    colonnes: Sequence[str]
    lignes: list[Line] = field(default_factory=list)
    fusions: list[tuple[str, int, int]] = field(default_factory=list)
    lue: bool = True

    @property
    def source(self) -> str:
        """The sheet's name as reports give it."""
        return f"{self.classeur}#{self.nom}"

    def add(self, cells: dict[str, Any], *makes: Made) -> Line:
        """Add a row at the end."""
        assert cells.keys() <= set(self.colonnes), cells.keys() - set(self.colonnes)
        line = Line(self.source, cells, list(makes))
        self.lignes.append(line)
        return line

    def number_lines(self) -> None:
        """Tell each row where it stands: below the titles and the header, from 1."""
        for place, line in enumerate(self.lignes):
            line.ligne = self.agence.titres + 2 + place


def files(feuilles: Iterable[Feuille]) -> dict[str, bytes]:
    """Return the bytes of each workbook, its sheets in their order; the same for one version of zlib."""
    grouped: dict[str, list[Feuille]] = {}
    for feuille in feuilles:
        grouped.setdefault(feuille.classeur, []).append(feuille)
    return {path: _workbook(sheets) for path, sheets in grouped.items()}


def _workbook(sheets: Sequence[Feuille]) -> bytes:
    import xlsxwriter

    raw = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "date_1904": sheets[0].agence.depuis_1904,
    }  # fmt: skip
    with xlsxwriter.Workbook(raw, options) as book:
        book.set_properties({"created": EXTRACTION, "author": "Hestia", "company": ""})
        formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
        for sheet in sheets:
            _sheet(book.add_worksheet(sheet.nom), sheet, formats)
    return raw.getvalue()


def _sheet(worksheet: Any, sheet: Feuille, formats: dict[type, Any]) -> None:
    for row, title in enumerate(_titles(sheet)):
        worksheet.write_string(row, 0, title)
    top = sheet.agence.titres
    for column, name in enumerate(sheet.colonnes):
        _write(worksheet, top, column, int(name) if name.isdigit() else name, formats)
    merged = {
        (sheet.colonnes.index(name), place) for name, first, last in sheet.fusions for place in range(first, last + 1)
    }
    for place, line in enumerate(sheet.lignes):
        for column, name in enumerate(sheet.colonnes):
            if (column, place) not in merged:
                _write(worksheet, top + 1 + place, column, line.cells.get(name), formats)
    for name, first, last in sheet.fusions:
        column = sheet.colonnes.index(name)
        if first < last:
            worksheet.merge_range(top + 1 + first, column, top + 1 + last, column, "")
        _write(worksheet, top + 1 + first, column, sheet.lignes[first].cells[name], formats)


def _titles(sheet: Feuille) -> list[str]:
    lines = (f"Hestia 12 – {sheet.agence.ville}", sheet.nom, "Document interne", "Ne pas diffuser", "Janvier 2026")
    return list(lines[: sheet.agence.titres])


def _write(worksheet: Any, row: int, column: int, value: Value, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        if value in ERRORS:
            worksheet.write_formula(row, column, "=NA()", None, value)
        else:
            worksheet.write_string(row, column, value)
    elif isinstance(value, int | float):
        worksheet.write_number(row, column, value)
    else:
        worksheet.write_datetime(row, column, value, formats[type(value)])
