"""What an import gave, in the form in which the generators say what it must give."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.conformance.runner import Asked, run
from esms_sdk.conformance.verdict import Verdict
from esms_sdk.export import as_contract
from esms_sdk.indicators import compute_indicators
from esms_sdk.indicators.result import Options
from esms_sdk.lot import open_lot
from esms_sdk.sample.truth import Mesure

LISTS = {
    "rejets.csv": ("source", "ligne", "table", "cle", "colonne", "code"),
    "libelles_inconnus.csv": ("source", "colonne", "libelle", "nombre"),
    "sejours.csv": ("finess_et", "date_entree", "date_sortie"),
}
"""The files of rejects that are compared, and the columns of each."""
CONFORMITE = ("exigence", "verdict", "code", "finess_et", "nombre")
"""The columns of ``expected/conformite.csv``."""


def listed(path: Path, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return some columns of a CSV file, sorted."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return sorted(tuple(row[column] for column in columns) for row in csv.DictReader(stream, delimiter=";"))


def counted(lot: Path) -> dict[str, Any]:
    """Return what the manifest says of the import."""
    found = json.loads((lot / "manifeste.json").read_text(encoding="utf-8"))["import"]
    return {part: found[part] for part in ("sources", "rejets_par_finess")}


def digested(lot: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return, for each table of ``wanted``, its rows and their SHA-256 as ``expected/tables.json`` defines them."""
    with open_lot(lot) as opened:
        found = {}
        for name, one in wanted.items():
            kinds = dict(opened.con.execute(f"select column_name, column_type from (describe {name})").fetchall())
            cells = ", ".join(
                f"coalesce(strftime({column}, '%Y-%m-%dT%H:%M:%S'), '')"
                if kinds[column].startswith("TIMESTAMP")
                else f"coalesce(cast({column} as varchar), '')"
                for column in one["colonnes"]
            )
            rows = opened.con.execute(f"select concat_ws(';', {cells}) from {name}").fetchall()
            content = "".join(line + "\n" for line in sorted(row[0] for row in rows)).encode("utf-8")
            sha = hashlib.sha256(content).hexdigest()
            found[name] = {"colonnes": one["colonnes"], "lignes": len(rows), "sha256": sha}
        return found


def measured(lot: Path, mesure: Mesure) -> dict[str, Any]:
    """Return the document of indicators of a measure, without what names the software and the lot."""
    options = Options(mesure.definition, mesure.denominateur, mesure.evenements, mesure.premiere_mesure)
    with open_lot(lot) as opened:
        document = as_contract(compute_indicators(opened, date.fromisoformat(mesure.mesure_le), options))
    return {key: document[key] for key in ("definition", "options", "periode", "etablissements", "totaux")}


def judged(lot: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return what ``esms check`` finds, in the form of ``expected/conformite.csv``, on a machine without reference."""
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(lot))
    result = run(Asked([lot], mode="test"))
    result.findings.close()
    found = []
    for one in result.outcomes:
        rows = [(group.code, group.finess_et or "", str(group.nombre)) for group in one.groupes]
        if not rows and one.verdict in (Verdict.INDETERMINE, Verdict.NON_CONFORME):
            rows = [("", "", "")]
        found += [(one.requirement.id, str(one.verdict), *row) for row in rows]
    return sorted(found)
