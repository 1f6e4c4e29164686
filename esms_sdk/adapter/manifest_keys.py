"""The manifest of an imported lot: ``[lot]`` of the adapter, overridden by ``--lot-set``."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter.expressions import run
from esms_sdk.adapter.mapping import Adapter
from esms_sdk.errors import AdapterError, Fault, UsageError
from esms_sdk.lot import manifest, validation
from esms_sdk.lot.schema import Column, load

if TYPE_CHECKING:
    import duckdb

_SHAPES = {"timestamp": "%Y-%m-%dT%H:%M:%S", "date": "%Y-%m-%d"}


def of_command_line(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of ``--lot-set``: a list is separated by commas or JSON, an object is JSON."""
    schema = load()
    keys: dict[str, Any] = {}
    for name, text in given.items():
        if name not in schema.manifest or name == "version_schema":
            known = ", ".join(key for key in schema.manifest if key != "version_schema")
            raise UsageError("ESMS-E111", f"--lot-set {name} : clé inconnue (clés : {known})")
        keys[name] = _value(schema.manifest[name], text)
    return keys


def _value(column: Column, text: str) -> Any:
    if column.is_list and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if column.is_list or column.kind == "object":
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            shape = "une liste" if column.is_list else "un objet"
            raise UsageError("ESMS-E112", f"--lot-set {column.name} : {shape} JSON attendu") from None
    if column.kind == "boolean":
        return {"true": True, "false": False, "oui": True, "non": False}.get(text.strip().lower(), text)
    return text


def check_complete(adapter: Adapter, keys: Collection[str]) -> None:
    """Raise :class:`AdapterError` naming each key that neither the adapter nor the command line gives."""
    missing = [
        name
        for name, column in load().manifest.items()
        if not column.null and column.default is None and name not in (*adapter.lot, *keys, "version_schema")
    ]
    if missing:
        faults = [Fault("MANIFESTE", f"clé «{name}» manquante", manifest.FILE) for name in missing]
        raise _refused(adapter, faults)


def _refused(adapter: Adapter, faults: list[Fault]) -> AdapterError:
    return AdapterError(
        "ESMS-E212",
        f"manifeste du lot : {len(faults)} défaut{'s' * (len(faults) > 1)}",
        faults=faults,
        hint=f"Compléter [lot] de l'adaptateur «{adapter.nom}», ou ajouter --lot-set CLÉ=VALEUR.",
    )


def assembled(con: duckdb.DuckDBPyConnection, adapter: Adapter, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest's keys, those of the command line in place of the adapter's."""
    schema = load()
    raw: dict[str, Any] = {"version_schema": schema.version}
    for name, column in schema.manifest.items():
        if name in keys:
            raw[name] = keys[name]
        elif name in adapter.lot:
            raw[name] = _from_adapter(con, column, adapter.lot[name])
    return {name: value for name, value in raw.items() if value is not None}


def _from_adapter(con: duckdb.DuckDBPyConnection, column: Column, value: Any) -> Any:
    if not isinstance(value, dict) or "sql" not in value:
        return value
    query, shape = value["sql"], _SHAPES.get(column.kind)
    if shape and value["formats"]:
        listed = ", ".join(map(database.text, value["formats"]))
        query = f"select strftime(try_strptime(trim(cast(v as varchar)), [{listed}]), '{shape}') from ({query}) t(v)"
    rows = run(con, query, f"lot.{column.name}")
    if column.is_list:
        return sorted({str(row[0]).strip() for row in rows if row[0] is not None and str(row[0]).strip()})
    found = rows[0][0] if rows else None
    if isinstance(found, date) and column.kind in _SHAPES:
        text = found.isoformat(timespec="seconds") if isinstance(found, datetime) else f"{found.isoformat()}T00:00:00"
        return text if column.kind == "timestamp" else text[:10]
    if column.kind == "object" and isinstance(found, str):
        return _value(column, found)
    return found if isinstance(found, bool) or found is None else str(found).strip()


def check_supplied(
    con: duckdb.DuckDBPyConnection, raw: Mapping[str, Any], filled: Mapping[str, Collection[str]]
) -> None:
    """Raise :class:`AdapterError` where the manifest declares as not supplied what the import fills."""
    faults = []
    for entry in raw.get("non_fourni") or []:
        table, _, column = str(entry).partition(".")
        if table not in filled or (column and column not in filled[table]):
            continue
        held = f"where {database.name(column)} is not null" if column else ""
        if con.execute(f"select exists (select 1 from {table} {held})").fetchall()[0][0]:
            faults.append(
                Fault("NON_FOURNI", f"«{entry}» est déclaré non_fourni, mais l'import le remplit", manifest.FILE)
            )
    if faults:
        hint = "L'ôter de non_fourni, ou de la description de la table."
        raise AdapterError("ESMS-E212", "manifeste du lot en désaccord avec l'import", faults=faults, hint=hint)


def check(con: duckdb.DuckDBPyConnection, raw: Mapping[str, Any], adapter: Adapter) -> None:
    """Hold the assembled manifest to the contract; raises :class:`AdapterError` with every fault."""
    faults = manifest.check(dict(raw)) or validation.perimeter_faults(con, raw["perimetre"])
    if faults:
        raise _refused(adapter, faults)
