"""Imports invented TDDUI files and lets a test look at what came out."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from esms_sdk import database
from esms_sdk.adapter import ImportReport, import_lot
from esms_sdk.indicators import compute_indicators
from esms_sdk.lot import open_lot

KEYS = {
    "editeur": "Éditeur inventé", "logiciel": "DUI inventé", "version_logiciel": "1.0",
    "periode_couverte_debut": "2024-01-01",
}  # fmt: skip


class Tddui:
    """One import of the files ``given`` (names and bytes), whatever the number of its rejects."""

    def __init__(self, folder: Path, adapter: str | Path, given: dict[str, bytes], **options: Any) -> None:
        source = folder / "export"
        source.mkdir(exist_ok=True)
        for name, content in given.items():
            (source / name).write_bytes(content)
        self.lot = folder / "lot"
        keys = {**KEYS, **options.pop("lot_set", {})}
        options = {"max_rejets": "100%", "force": True, **options}
        self.report: ImportReport = import_lot([source], adapter, self.lot, lot_set=keys, **options)

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        path = self.lot / f"{table}.parquet"
        with duckdb.connect() as con:
            return con.execute(f"select {columns} from read_parquet({database.file(path)}) order by all").fetchall()

    def lines(self, name: str, *columns: str) -> list[tuple[str, ...]]:
        """Return columns of one of the files of ``rejets/``."""
        with (self.lot / "rejets" / name).open(encoding="utf-8-sig", newline="") as stream:
            return [tuple(row[c] for c in columns) for row in csv.DictReader(stream, delimiter=";")]

    def rejects(self) -> list[tuple[str, ...]]:
        """Return the line, the table, the column and the code of each reject."""
        return self.lines("rejets.csv", "ligne", "table", "colonne", "code")

    def observations(self) -> list[str]:
        return sorted(code for (code,) in self.lines("observations.csv", "code"))

    def indicators(self) -> dict[str, Any]:
        """Return the indicators of September 2025 of the only establishment, by their id."""
        with open_lot(self.lot) as lot:
            (one,) = compute_indicators(lot, date(2025, 9, 30)).etablissements
        return {indicator.id: indicator for indicator in one.indicateurs}

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.lot / "manifeste.json").read_text(encoding="utf-8"))
        return found

    def ignored(self) -> dict[str, int]:
        """Return the reasons of what was set aside, all sources together."""
        found: dict[str, int] = {}
        for one in self.manifest["import"]["sources"].values():
            for reason, count in one["motifs_ignorees"].items():
                found[reason] = found.get(reason, 0) + count
        return found
