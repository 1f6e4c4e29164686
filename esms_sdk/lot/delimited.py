"""Delimited text as it really comes, as a DuckDB relation of texts with physical line numbers.

The file is read as physical lines; a quoted field that holds line ends joins its lines again, so that a row knows
the first physical line it stands on.  Nothing is inferred: every cell is a text.
"""

from __future__ import annotations

import csv
import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.errors import Fault, SourceError
from esms_sdk.lot import plain_text
from esms_sdk.lot.plain_text import SENTINEL

if TYPE_CHECKING:
    import duckdb

SEPARATORS = (";", ",", "\t", "|")
_LONGEST_LINE = 1 << 26
# A quote that is not closed within this many lines is a stray character, not the start of a long cell.
_LONGEST_CELL = 200
_LONGEST_HEADER = 50
# The line by which Excel is told the separator.
_SEP = re.compile(r'"?sep=(.)"?\s*', re.I)


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file ready to be queried.

    ``relation`` is a SQL query that gives ``_ligne`` (first physical line, from 1), ``_cellules`` (how many cells the
    row has, blank ones beyond the header left out; -1 where a quote is not closed), ``_surplus`` (the cells beyond the
    header, joined again) and one text column for each of ``names``.  ``columns`` are the header's cells as they stand;
    ``names`` are theirs, made unique whatever the case of letters.  ``ligne`` is the first physical line of the header.
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    relation: str
    encodage: str
    separateur: str
    ligne: int


@dataclass(frozen=True, slots=True)
class _Header:
    """The header's cells, its first and last physical line, and the separator."""

    cells: list[str]
    first: int
    last: int
    mark: str


def column_name(text: str) -> str:
    r"""Return a column's name as it is compared: composed accents, single plain spaces, no invisible character.

    >>> column_name("\ufeffN°\u00a0 re\u0301sident ")
    'N° résident'
    """
    visible = text.replace("\ufeff", "").replace("\u200b", "")
    return " ".join(unicodedata.normalize("NFC", visible).split())


def unique(names: Iterable[str]) -> list[str]:
    """Return names that differ whatever the case of letters, as the engine compares them.

    >>> unique(["Nom", "NOM", "", "Nom (2)"])
    ['Nom', 'NOM (2)', '(colonne 3)', 'Nom (2) (2)']
    """
    taken: set[str] = set()
    found = []
    for place, name in enumerate(names, 1):
        base = own = name or f"(colonne {place})"
        number = 2
        while own.lower() in taken:
            own, number = f"{base} ({number})", number + 1
        taken.add(own.lower())
        found.append(own)
    return found


def _separator(line: str, allowed: Sequence[str]) -> str:
    """Return the separator that a line has most of outside its quotes; the first one allowed where there is none."""
    outside = re.sub(r'"[^"]*"', "", line)
    return max(allowed, key=outside.count)


def _header(path: Path, separator: str | None, allowed: Sequence[str], skip: int, *, strict: bool) -> _Header:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        line = sum(1 for _ in range(skip) if stream.readline())
        start = ""
        while not start.strip():
            start = stream.readline()
            line += 1
            if not start:
                return _Header([], line - 1, line - 1, separator or allowed[0])
            if not strict and (told := _SEP.fullmatch(start.lstrip("\ufeff"))):
                start, separator = "", separator or told[1]
        mark = separator or _separator(start, allowed)
        several = [start, *itertools.islice(stream, _LONGEST_HEADER)]
    reader = csv.reader(several, delimiter=mark)
    try:
        cells = [column_name(cell) for cell in next(reader)]
        closed = reader.line_num == 1 or "".join(several[: reader.line_num]).count('"') % 2 == 0
    except csv.Error:
        closed = False
    if not closed:
        fault = Fault("EN_TETE", "ligne d'en-tête illisible : un guillemet n'y est pas fermé", path.name, line)
        hint = "Vérifier que le fichier est entier, et que c'est bien du texte à colonnes."
        raise SourceError("ESMS-E306", "en-tête illisible", faults=[fault], hint=hint)
    while cells and not cells[-1]:
        cells.pop()
    return _Header(cells, line, line + reader.line_num - 1, mark)


def read(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    *,
    work: Path,
    member: str | None = None,
    name: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    allowed: Sequence[str] = SEPARATORS,
    skip: int = 0,
    strict_utf8: bool = False,
) -> Delimited:
    """Prepare one delimited file (``.gz``, or one ``member`` of a zip, included) to be queried.

    ``table`` prefixes what is created in ``con``; ``work`` is where a clean copy may be written; ``name`` is how errors
    name the file.  Without ``encoding`` the text is UTF-8 (with or without BOM), UTF-16, else Windows-1252.  ``skip``
    physical lines stand above the header.  Raises :class:`SourceError` where the file cannot be read, or is not UTF-8
    and ``strict_utf8``.
    """
    named = name or path.name
    survey = plain_text.survey(path, member)
    utf16 = survey.mark is not None and survey.mark.startswith("utf-16")
    if strict_utf8 and (survey.not_utf8_at is not None or utf16):
        message = "le texte n'est pas en UTF-8 : enregistrer le fichier en UTF-8"
        raise SourceError(
            "ESMS-E302", "texte illisible", faults=[Fault("ENCODAGE", message, named, survey.not_utf8_at)]
        )
    found = "utf-8" if strict_utf8 else plain_text.encoding(survey, encoding, named)
    clean, line_end = plain_text.plain(path, member, survey, found, work / f"{table}.txt")
    try:
        header = _header(clean, separator, allowed, skip, strict=strict_utf8)
    except SourceError as error:
        faults = [Fault(f.code, f.message, named, f.ligne) for f in error.faults]
        raise SourceError(error.code, error.message, faults=faults, hint=error.hint) from None
    scan = (
        f"read_csv({database.file(clean)}, delim = '{SENTINEL}', quote = '', escape = '', header = false, "
        f"auto_detect = false, columns = {{'l': 'VARCHAR'}}, strict_mode = false, new_line = '{line_end}', "
        f"max_line_size = {plain_text.line_bound(clean, _LONGEST_LINE)})"
    )
    lines = f"select * from (select row_number() over () as n, l from {scan}) where n > {header.last}"
    names = unique(header.cells)
    relation = _relation(con, lines, table, names, header.mark, survey.quotes)
    return Delimited(tuple(header.cells), tuple(names), relation, found, header.mark, header.first)


def _relation(
    con: duckdb.DuckDBPyConnection, lines: str, table: str, names: Sequence[str], mark: str, quotes: bool
) -> str:
    """Return the query that gives the rows of ``lines`` (``n``, ``l``) cell by cell."""
    if not names:
        return "select null::bigint as _ligne, 0 as _cellules, '' as _surplus where false"
    width = len(names)
    if quotes and con.execute(f"select count(*) from ({lines}) where {_ODD}").fetchall() != [(0,)]:
        con.execute(f"create or replace table {table}_enregistrement as {_records(con, lines, mark, table, width)}")
        lines = f"select n, l from {table}_enregistrement"
    blank = database.text(" \t" + mark + '"' * quotes)
    cells = "".join(f", nullif(p[{i}], '') as {database.name(c)}" for i, c in enumerate(names, 1))
    broken = f"len(list_filter(p, lambda x: starts_with(x, '{SENTINEL}'))) > 0"
    beyond = f"p[{width + 1}:]"
    found = f"case when len(p) > {width} and trim(array_to_string({beyond}, '')) = '' then {width} else len(p) end"
    filled = f"not contains({blank}, l[1]) or ltrim(l, {blank}) <> ''"
    if quotes:
        found = f"case when {broken} then -1 else {found} end"
        filled += " or ltrim(array_to_string(p, ''), ' \t') <> ''"
    return (
        f"select n as _ligne, {found} as _cellules, "
        f"array_to_string({beyond}, {database.text(mark)}) as _surplus{cells} "
        f"from (select n, l, {_cells('l', mark, quotes)} as p from ({lines}) where l <> '') where {filled}"
    )


# -- quotes ------------------------------------------------------------------------------------------------------

_ODD = "(length(l) - length(replace(l, '\"', ''))) % 2 = 1"


def _set(mark: str) -> str:
    """Return the separator as it stands in a set of a regular expression."""
    return mark if mark == "\t" or mark.isalnum() else "\\" + mark


def _pieces(line: str, mark: str) -> str:
    """Return the SQL list of a record's cells, quotes and all."""
    cls = _set(mark)
    cell = database.text(f'{cls}("(?:[^"]|"")*"[^{cls}]*|[^{cls}]*)')
    return f"regexp_extract_all({database.text(mark)} || {line}, {cell}, 1)"


def _cells(line: str, mark: str, quotes: bool) -> str:
    """Return the SQL list of the cells of one record."""
    plain = f"string_split({line}, {database.text(mark)})"
    if not quotes:
        return plain
    inner = f"string_split({line}[2:-2], {database.text(chr(34) + mark + chr(34))})"
    count = f"(length({line}) - length(replace({line}, '\"', '')))"
    unquoted = 'replace(regexp_extract(x, \'^"((?:[^"]|"")*)"\\s*$\', 1), \'""\', \'"\')'
    return (
        f"case when not contains({line}, '\"') then {plain} "
        f"when starts_with({line}, '\"') and ends_with({line}, '\"') and {count} = 2 * len({inner}) then {inner} "
        f"else list_transform({_pieces(line, mark)}, "
        f'lambda x: case when regexp_matches(x, \'^"(?:[^"]|"")*"\\s*$\') then {unquoted} '
        f"when starts_with(x, '\"') then '{SENTINEL}' || x else x end) end"
    )


def _records(con: duckdb.DuckDBPyConnection, lines: str, mark: str, table: str, width: int) -> str:
    """Join the lines of quoted cells that hold line ends; return the query of whole records (``n``, ``l``).

    Only a line with an odd number of quotes can open or close such a cell.  One that is whole by itself opens none.
    One that is not opens one, if up to the next odd line it makes a whole record; else its quote is a stray character.
    What closes a record opens none: of odd lines in a row that all could open, every other one does.
    """
    _try_records(con, lines, mark, table, width)
    reset = "sum((not ouvre)::int) over (order by debut rows between unbounded preceding and 1 preceding)"
    con.execute(
        f"create or replace table {table}_cellule as select debut, fin from (select *, "
        "row_number() over (partition by remise order by debut) as place "
        f"from (select *, coalesce({reset}, 0) as remise "
        f"from (select i.debut, i.fin, e.debut is not null as ouvre from {table}_impair i "
        f"left join {table}_essai e using (debut)))) where ouvre and place % 2 = 1"
    )
    return (
        f"select n, l from ({lines}) asof left join {table}_cellule on n >= debut where n > fin or fin is null "
        f"union all select any_value(debut) as n, string_agg(coalesce(l, ''), chr(10) order by n) as l "
        f"from ({lines}) asof join {table}_cellule on n >= debut where n <= fin group by debut"
    )


def _try_records(con: duckdb.DuckDBPyConnection, lines: str, mark: str, table: str, width: int) -> None:
    """Make ``<table>_impair``, the odd lines, and ``<table>_essai``, those that open a whole record up to the next one.

    A record that has not the cells of the header must not swallow a line that has them.
    """
    d, cls = database.text(mark), _set(mark)
    alone = database.text(f'(?:{cls}(?:"(?:[^"]|"")*"(?:[^{cls}"][^{cls}]*)?|[^{cls}"][^{cls}]*|))*')
    whole = database.text(f'(?:{cls}(?:"(?:[^"]|"")*"[ \\t]*|[^{cls}"\\n][^{cls}\\n]*|))*')
    con.execute(
        f"create or replace table {table}_impair as select n as debut, l, lead(n) over (order by n) as fin, "
        f"lead(l) over (order by n) as derniere from (select n, l from ({lines}) where {_ODD})"
    )
    opens = f"not regexp_full_match({d} || l, {alone}, 's') and fin - debut <= {_LONGEST_CELL}"
    con.execute(
        f"create or replace table {table}_essai as select debut from (select debut, "
        "string_agg(coalesce(l, ''), chr(10) order by n) || chr(10) || any_value(derniere) as texte, "
        f"bool_or(n > debut and len(string_split(l, {d})) = {width}) "
        f"or len(string_split(any_value(derniere), {d})) = {width} as avale "
        f"from (select c.debut, c.fin, c.derniere, s.n, s.l from ({lines}) s asof join "
        f"(select * from {table}_impair where {opens}) c on s.n >= c.debut where s.n < c.fin) group by debut) "
        f"where regexp_full_match({d} || texte, {whole}, 's') "
        f"and (len({_pieces('texte', mark)}) = {width} or avale is not true)"
    )


def discard(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Free what :func:`read` made in the engine under the prefix ``table``, once its relation was used."""
    parts = ("enregistrement", "impair", "essai", "cellule")
    con.execute("; ".join(f"drop table if exists {table}_{part}" for part in parts))
