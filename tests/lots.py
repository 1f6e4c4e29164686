"""Small lots for tests, written as the CSV folder that a vendor would write by hand, read by the real reader."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from esms_sdk.lot import load

EJ = "000000018"
EHPAD = "000000117"
SSIAD = "000000125"
IME = "000000133"

Row = Mapping[str, Any]

MANIFEST: dict[str, Any] = {
    "version_schema": "1",
    "editeur": "Éditeur inventé",
    "logiciel": "DUI inventé",
    "version_logiciel": "1.0",
    "reference_segur": None,
    "date_extraction": "2025-10-02T03:00:00",
    "non_fourni": [],
    "periode_couverte_debut": "2023-01-01",
    "periode_couverte_fin": "2025-10-01",
    "journal_maj_complet": True,
    "historique_statuts_complet": True,
    "mode": "test",
}


def write_lot(
    path: Path,
    manifest: Mapping[str, Any] | None = None,
    *,
    rejected_sejours: Sequence[Row] | None = None,
    **tables: Iterable[Row],
) -> Path:
    """Write a lot into the folder ``path`` (made if absent) and return it.

    ``manifest`` overrides ``MANIFEST``; without ``perimetre`` it is every establishment.  A table of the schema is
    given by name as rows; one that is required and not given is there without a row, another not given is absent.
    ``rejected_sejours`` are the rows of ``rejets/sejours.csv``, its cells as they are.
    """
    path.mkdir(parents=True, exist_ok=True)
    for table in load().tables.values():
        if table.name in tables or table.required:
            rows = list(tables.pop(table.name, ()))
            asked = {name for row in rows for name in row}
            columns = [c.name for c in table.columns.values() if c.required or c.name in asked]
            assert asked <= set(columns), f"{table.name}: {asked - set(columns)}"
            _write(path / f"{table.name}.csv", columns, rows)
            if table.name == "etablissement":
                perimetre = [row["finess_et"] for row in rows]
    assert not tables, f"no such table: {', '.join(tables)}"
    content = {**MANIFEST, "perimetre": perimetre, **(manifest or {})}
    text = json.dumps(content, ensure_ascii=False, indent=1, default=date.isoformat)
    (path / "manifeste.json").write_text(text, encoding="utf-8", newline="\n")
    if rejected_sejours is not None:
        (path / "rejets").mkdir(exist_ok=True)
        _write(path / "rejets" / "sejours.csv", ["finess_et", "date_entree", "date_sortie"], rejected_sejours)
    return path


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
