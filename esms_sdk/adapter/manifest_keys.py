"""The manifest of an imported lot: ``[lot]`` of the adapter, overridden by ``--lot-set``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter.mapping import Adapter
from esms_sdk.adapter.staging import run
from esms_sdk.errors import AdapterError, Fault, UsageError
from esms_sdk.lot import manifest
from esms_sdk.lot.schema import Column, load

if TYPE_CHECKING:
    import duckdb


def assembled(con: duckdb.DuckDBPyConnection, adapter: Adapter, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest's keys, those of ``given`` (texts of the command line) in place of the adapter's."""
    schema = load()
    raw: dict[str, Any] = {"version_schema": schema.version}
    for key in given:
        if key not in schema.manifest or key == "version_schema":
            raise UsageError("ESMS-E111", f"--lot-set {key} : clé inconnue (clés : {', '.join(schema.manifest)})")
    for name, column in schema.manifest.items():
        if name in given:
            raw[name] = _from_command_line(column, given[name])
        elif name in adapter.lot:
            raw[name] = _from_adapter(con, column, adapter.lot[name])
    return raw


def _from_command_line(column: Column, text: str) -> object:
    if column.is_list:
        return [part.strip() for part in text.split(",") if part.strip()]
    if column.kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if column.kind == "object":
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise UsageError("ESMS-E112", f"--lot-set {column.name} : un objet JSON attendu") from error
    return text


def _from_adapter(con: duckdb.DuckDBPyConnection, column: Column, value: Any) -> object:
    if not isinstance(value, dict) or "sql" not in value:
        return value
    place = f"lot.{column.name}"
    query = value["sql"]
    if formats := value.get("formats"):
        shape = "%Y-%m-%dT%H:%M:%S" if column.kind == "timestamp" else "%Y-%m-%d"
        listed = ", ".join(map(database.text, formats))
        query = f"select strftime(try_strptime(cast(v as varchar), [{listed}]), '{shape}') from ({query}) t(v)"
    rows = run(con, query, place)
    if column.is_list:
        return sorted({str(row[0]) for row in rows if row[0] is not None})
    found = rows[0][0] if rows else None
    if column.kind == "timestamp" and hasattr(found, "isoformat"):
        return found.isoformat(timespec="seconds")
    if column.kind == "date" and hasattr(found, "isoformat"):
        return found.isoformat()[:10]
    return found if isinstance(found, bool) or found is None else str(found)


def check_manifest(con: duckdb.DuckDBPyConnection, raw: dict[str, Any], adapter: Adapter) -> None:
    """Hold the assembled manifest to the contract; raises :class:`AdapterError` with every fault."""
    faults = manifest.check(raw)
    if not faults:
        known = (
            {row[0] for row in con.execute("select finess_et from etablissement").fetchall()} if _has(con) else set()
        )
        faults = [
            Fault("PERIMETRE", f"le FINESS {finess} du perimetre n'est pas dans la table etablissement", manifest.FILE)
            for finess in raw["perimetre"]
            if finess not in known
        ]
    if faults:
        raise AdapterError("ESMS-E212", f"manifeste du lot : {len(faults)} défaut(s)", faults=faults,
                           hint=f"Compléter [lot] de l'adaptateur «{adapter.nom}», ou ajouter --lot-set CLÉ=VALEUR.")  # fmt: skip


def _has(con: duckdb.DuckDBPyConnection) -> bool:
    return con.execute("select count(*) from duckdb_views() where view_name = 'etablissement'").fetchall() != [(0,)]
