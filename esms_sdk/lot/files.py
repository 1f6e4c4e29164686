"""Which files make a lot, and its digest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from esms_sdk import masking
from esms_sdk.errors import Fault
from esms_sdk.lot import manifest, naming
from esms_sdk.lot.schema import Schema, load

NOT_TABLES = ("rejets", "documents", "interne")
# Below this many bytes in all, starting threads costs more than hashing alone.
_WORTH_THREADS = 1 << 24


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of one table, all of one form."""

    form: Literal["csv", "parquet"]
    paths: tuple[Path, ...]


def find(folder: Path) -> tuple[dict[str, TableFiles], list[Fault]]:
    """Return the files of each table of the lot in ``folder``, and what has no place there."""
    schema, faults = load(), []
    forms: dict[str, list[TableFiles]] = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.is_dir():
            if path.name in NOT_TABLES:
                continue
            name = path.name
            files, more = _partitions(path) if name in schema.tables else (TableFiles("parquet", ()), [])
            faults += more
        elif path.suffix.lower() in (".csv", ".parquet"):
            name, files = path.stem, TableFiles("csv" if path.suffix.lower() == ".csv" else "parquet", (path,))
        else:
            continue
        if name not in schema.tables:
            faults.append(_unknown(path, schema))
        elif path.is_dir() and not files.paths:
            faults.append(Fault("TABLE_VIDE", "ce dossier de table ne contient aucun fichier .parquet", f"{name}/"))
        else:
            forms.setdefault(name, []).append(files)
    for name, several in forms.items():
        if len(several) > 1:
            seen = ", ".join(_seen(files, folder) for files in several)
            message = f"table donnée sous {len(several)} formes ({seen}) : n'en garder qu'une"
            faults.append(Fault("TABLE_EN_DOUBLE", message, name))
    for table in schema.tables.values():
        if table.required and table.name not in forms and not (folder / table.name).is_dir():
            message = "table obligatoire absente (elle peut n'avoir que sa ligne d'en-tête)"
            faults.append(Fault("TABLE_ABSENTE", message, f"{table.name}.csv"))
    return {name: forms[name][0] for name in schema.tables if name in forms}, faults


def _partitions(folder: Path) -> tuple[TableFiles, list[Fault]]:
    """Return the Parquet files of a table's folder; data in another form there is a fault, other files are nothing."""
    paths, faults = [], []
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        named = f"{folder.name}/{_named(path)}"
        if path.is_dir():
            faults.append(Fault("TABLE_INCONNUE", "un dossier de table ne contient pas de dossiers", f"{named}/"))
        elif path.suffix.lower() == ".parquet":
            paths.append(path)
        elif path.suffix.lower() == ".csv":
            message = f"un dossier de table ne contient que du Parquet ; un CSV se place à côté : {folder.name}.csv"
            faults.append(Fault("TABLE_INCONNUE", message, named))
    return TableFiles("parquet", tuple(paths)), faults


def _named(path: Path) -> str:
    """Return a file's name as it may stand in a message."""
    return masking.key(os.fsencode(path.name).decode("utf-8", "replace"))


def _unknown(path: Path, schema: Schema) -> Fault:
    near = naming.nearest(path.stem, schema.tables)
    hint = f" ; s'agit-il de «{near}» ?" if near else ""
    named = _named(path)
    if path.is_dir():
        admitted = ", ".join(f"{name}/" for name in NOT_TABLES)
        message = f"dossier inconnu : ni une table du schéma, ni {admitted}{hint}"
        return Fault("TABLE_INCONNUE", message, f"{named}/")
    return Fault("TABLE_INCONNUE", f"table inconnue du schéma{hint} (tables : {', '.join(schema.tables)})", named)


def _seen(files: TableFiles, folder: Path) -> str:
    path = files.paths[0]
    return path.name if path.parent == folder else f"{path.parent.name}/"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sums(paths: Sequence[Path]) -> list[str]:
    if sum(path.stat().st_size for path in paths) < _WORTH_THREADS:
        return [sha256(path) for path in paths]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(sha256, paths))


def digest(folder: Path, tables: dict[str, TableFiles], raw_manifest: dict[str, Any]) -> str:
    """Return the digest of a lot (contract §2): its manifest without ``import`` and every table file."""
    paths = [path for files in tables.values() for path in files.paths]
    sums = dict(zip((p.relative_to(folder).as_posix() for p in paths), _sums(paths), strict=True))
    content = (folder / manifest.FILE).read_bytes()
    if manifest.IMPORT in raw_manifest:
        content = manifest.without_import(content)
    sums[manifest.FILE] = hashlib.sha256(content).hexdigest()
    lines = "".join(f"{value}  {name}\n" for name, value in sorted(sums.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()
