"""A source of CDA documents EXPORT_DUI: one a person, with a row for the person and one for each entry of its sections.

``_ligne`` is a rank in the document: 1 is ``recordTarget``, then come the entries of the sections, in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import xml
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import tddui_relation
from esms_sdk.adapter.sources.cda_export import Export
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.opened import Opener
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.sources.tddui_staging import Staging
from esms_sdk.errors import SourceError

if TYPE_CHECKING:
    import duckdb


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    work: Path,
) -> Relation:
    """Return the entries of a source's documents.

    Raises :class:`SourceError` where a file is no XML, or one that could do harm, and where none is an EXPORT_DUI;
    another document among them is set aside.
    """
    salt = tddui_relation.salt(source)
    staging, taken = Staging(con, f"tddui_{files[0][0]}", work), 0
    with Opener() as opener:
        for number, file in files:
            with opener.open(file) as stream:
                root = xml.parse(stream.read(xml.LIMITS.size + 1), file.name)
            taken += Export(staging, number << LINE_BITS).take(root)
    if not taken:
        others = f" et {len(files) - 1} autres" if len(files) > 1 else ""
        raise SourceError("ESMS-E334", f"aucun document EXPORT_DUI : {files[0][1].name}{others} en sont d'autres",
                          hint="Donner les CDA du transfert de données DUI (code EXPORT_DUI).")  # fmt: skip
    return tddui_relation.of(staging, source, files, needed, salt, stamped=False)
