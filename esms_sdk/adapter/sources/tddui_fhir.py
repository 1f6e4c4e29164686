"""A source of FHIR files as the TDDUI guide writes them: Bundles, lone resources and NDJSON, one row an entry.

Each resource is read by itself, with the standard library; references, keys and what is derived are SQL.  ``_ligne`` is
the rank of the entry in its Bundle, or its line of NDJSON, from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import tddui_relation
from esms_sdk.adapter.sources.fhir_entries import Document
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.opened import Opener
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.sources.tddui_resources import Resources
from esms_sdk.adapter.sources.tddui_staging import Staging

if TYPE_CHECKING:
    import duckdb


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    work: Path,
) -> Relation:
    """Return the entries of a source's files.

    Raises :class:`SourceError` where a file as a whole is no FHIR JSON; an entry that cannot be read is a remark.
    """
    salt = tddui_relation.salt(source)
    staging = Staging(con, f"tddui_{files[0][0]}", work)
    resources = Resources(staging)
    with Opener() as opener:
        for number, file in files:
            begin, document = number << LINE_BITS, Document()
            with opener.open(file) as stream:
                for entry in document.entries(stream, file.name):
                    resources.take(begin + entry.place, entry)
            for instant in document.dates:
                staging.add("document", (begin, instant))
    return tddui_relation.of(staging, source, files, needed, salt, stamped=True)
