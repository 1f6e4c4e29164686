"""What every kind of source gives: rows of texts that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass

# A row is known by the number of its file (or query) and its first line (or rank), in one integer.
LINE_BITS = 36


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows ready for the mapping.

    ``query`` is SQL that gives ``_r`` (``number << LINE_BITS`` plus the line), ``_fichier`` (the source's name as the
    rejects give it), ``_ligne`` (first physical line, or null where there is none), ``_irreguliere`` (the row has not the
    header's cells), ``_surplus`` (what stands beyond the header) and one text column for each of ``columns``.
    """

    columns: tuple[str, ...]
    query: str
