"""The kinds of source that an adapter may declare: their keys in ``[source.<name>]``, and the module that reads them.

A module gives ``relation(con, source, files, needed, work) -> Relation``.  It is imported only when an import needs it,
so that an optional engine is asked for only by those who use it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esms_sdk.adapter.sources.files import SourceFile


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of source: ``keys`` are its own keys and their kinds, ``module`` reads it, ``files`` says from files.

    A module that reads not only files also gives ``faults`` (of the declaration), ``places`` (what is read, as reports
    name it) and ``finish`` (what to close once every source is read); one that is ``checked`` gives ``faults`` alone.
    Where ``dated``, dates come as dates and are read in ISO 8601, whatever the formats of the mapping.  Where
    ``parted``, one file may hold what several sources read (sheets, lists), and the relation names its places.
    """

    keys: Mapping[str, type]
    module: str
    files: bool = True
    checked: bool = False
    dated: bool = False
    parted: bool = False

    def faults(self, options: Mapping[str, Any], fichiers: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the faults of a declaration: the key and a French sentence."""
        if self.files and not fichiers:
            yield "fichiers", "au moins un motif de nom de fichier attendu"
        if self.checked or not self.files:
            yield from importlib.import_module(self.module).faults(options, fichiers)

    def places(self, source: Any, found: Sequence[SourceFile]) -> Sequence[SourceFile]:
        """Return what to read for a source whose patterns ``found`` files."""
        if self.files:
            return found
        places: Sequence[SourceFile] = importlib.import_module(self.module).places(source, found)
        return places

    def finish(self, work: Path) -> None:
        """Close what the kind keeps open for the import that works in ``work``."""
        if not self.files:
            importlib.import_module(self.module).finish(work)


FORMATS: Mapping[str, Format] = {
    "csv": Format(
        {"separateur": str, "encodage": str, "lignes_avant_entete": int, "lignes_courtes": bool},
        "esms_sdk.adapter.sources.csv",
    ),
    "excel": Format(
        {
            "feuille": object,
            "lignes_avant_entete": int,
            "entete": list,
            "fusions": bool,
            "reporter": list,
            "dates_serie": list,
            "erreurs_vides": bool,
        },
        "esms_sdk.adapter.sources.excel",
        checked=True,
        dated=True,
        parted=True,
    ),
    "tddui_fhir": Format({"sel": str}, "esms_sdk.adapter.sources.tddui_fhir"),
    "tddui_cda": Format({"sel": str}, "esms_sdk.adapter.sources.tddui_cda"),
    "json": Format(
        {"enregistrements": str, "liste": str}, "esms_sdk.adapter.sources.json_records", checked=True, parted=True
    ),
    "ndjson": Format({"liste": str}, "esms_sdk.adapter.sources.json_records", checked=True, parted=True),
    "parquet": Format({}, "esms_sdk.adapter.sources.parquet"),
    "sql": Format(
        {"url": str, "fabrique": str, "bases": list, "requete": str, "requete_fichier": str, "table": str},
        "esms_sdk.adapter.sources.sql",
        files=False,
    ),
}
