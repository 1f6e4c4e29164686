"""What every kind of source gives: rows of texts that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from esms_sdk.adapter.sources.files import SourceFile

# A row is known by the number of its file (or query) and its first line (or rank), in one integer.
LINE_BITS = 36


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows ready for the mapping.

    ``query`` is SQL that gives ``_r`` (``number << LINE_BITS`` plus the line), ``_fichier`` (the source's name as the
    rejects give it), ``_ligne`` (first physical line, or null where there is none), ``_irreguliere`` (the row has not
    the header's cells), ``_surplus`` (what stands beyond the header) and one text column for each of ``columns``.  Of
    these, ``absent`` are the optional ones that no file has; ``doubled`` are names that a file has several times, and
    the first column bears.

    ``remarques`` is SQL that gives what the reader itself says of its rows: ``_r``, ``nature`` (``rejet`` or
    ``ignoree`` for a row that ``query`` leaves out, ``observation`` for one that it keeps), ``cle``, ``code``,
    ``message``.  The code of an ignored row is its reason.

    ``places`` are what was read, by number, where one file holds several (its sheets).  ``irregular`` is what is said
    of an irregular row where it is not its number of cells.  ``no_key`` is a regular expression of the texts that are
    no key: what a spreadsheet shows of a value that it does not hold.  Where ``ranked``, ``_r`` counts rows instead of
    lines: several stand on one.
    """

    columns: tuple[str, ...]
    query: str
    absent: frozenset[str] = frozenset()
    doubled: frozenset[str] = frozenset()
    remarques: str | None = None
    places: tuple[tuple[int, SourceFile], ...] = ()
    irregular: str | None = None
    no_key: str | None = None
    ranked: bool = False
