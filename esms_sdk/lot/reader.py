"""Opens a lot: finds its files, types its tables, says every fault at once."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.errors import Fault, LotInvalid, SourceError
from esms_sdk.lot import delimited, files, manifest, parquet, tables, validation
from esms_sdk.lot.files import TableFiles
from esms_sdk.lot.manifest import Manifest
from esms_sdk.lot.schema import Schema, load
from esms_sdk.lot.tables import Judged
from esms_sdk.period import Period

if TYPE_CHECKING:
    import duckdb

SEAL = "empreinte_sha256"
REJECTED_SEJOURS = "rejets/sejours.csv"
_REJECTED_COLUMNS = ("finess_et", "date_entree", "date_sortie")


class Lot:
    """An open lot: its manifest, and a connection where every table of the schema stands under its own name.

    Every column is there and typed, defaults applied; a table that the lot does not have is empty.  Beside them
    ``rejets_sejours`` (``finess_et``, ``date_entree``, ``date_sortie``) has the séjours that the import rejected, null
    where nothing could be read.  Usable as a context manager; :meth:`close` frees the engine and the temporary files.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._work = tempfile.TemporaryDirectory(prefix="esms-")
        self.con: duckdb.DuckDBPyConnection = database.connect(Path(self._work.name))
        self.raw_manifest: dict[str, Any] = {}
        self.manifest: Manifest
        self.files: dict[str, TableFiles] = {}

    @property
    def schema(self) -> Schema:
        """The schema that the lot holds."""
        return load()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the lot (contract §2), in hexadecimal."""
        return files.digest(self.path, self.files, self.raw_manifest)

    def given(self, table: str, *columns: str) -> bool:
        """Say whether the table is there and neither it nor one of ``columns`` is declared ``non_fourni``."""
        missing = self.manifest.non_fourni
        return table in self.files and table not in missing and not any(f"{table}.{c}" in missing for c in columns)

    def coverage(self, table: str) -> Period:
        """Return the days that a dated log covers, both included: its own ``couverture``, else the lot's period."""
        return self.manifest.couverture.get(table, self.manifest.periode_couverte)

    def narrow(self, finess: Collection[str]) -> None:
        """Keep these establishments of the perimeter alone; the tables and the digest stay those of the whole lot."""
        kept = tuple(one for one in self.manifest.perimetre if one in finess)
        self.manifest = replace(self.manifest, perimetre=kept)

    def close(self) -> None:
        """Free the engine and the temporary files."""
        self.con.close()
        self._work.cleanup()

    def __enter__(self) -> Lot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_lot(path: Path | str) -> Lot:
    """Open the lot in the folder ``path`` and hold it to the contract (§2, §7).

    Raises :class:`LotInvalid` with every fault found: unknown or missing table or column, type, code, key, reference,
    fusion cycle, order of dates, manifest.  A lot that ``esms import`` wrote and nobody changed since (its digest is
    the one in its manifest) was checked row by row then, and is not again.
    """
    folder = Path(path).absolute()
    if not folder.is_dir():
        hint = "Donner le dossier qui contient manifeste.json."
        raise LotInvalid("ESMS-E401", f"lot introuvable : {path} n'est pas un dossier", hint=hint)
    try:
        database.path_text(folder)
    except UnicodeDecodeError:
        raise LotInvalid("ESMS-E401", "le nom du dossier n'est pas en UTF-8", hint="Le renommer.") from None
    lot = Lot(folder)
    try:
        faults = _load(lot)
    except OSError as error:
        lot.close()
        hint = "Vérifier les droits de lecture."
        raise LotInvalid("ESMS-E403", f"lot illisible : {path} ({type(error).__name__})", hint=hint) from error
    except BaseException:
        lot.close()
        raise
    if faults:
        lot.close()
        count = sum(fault.nombre for fault in faults)
        hint = "Corriger à la source, puis refaire le lot ; le schéma est dans la documentation."
        raise LotInvalid("ESMS-E402", f"lot invalide : {count} défaut{'s' * (count > 1)}", faults=faults, hint=hint)
    return lot


def _load(lot: Lot) -> list[Fault]:
    lot.raw_manifest, of_manifest = manifest.read(lot.path)
    lot.files, faults = files.find(lot.path)
    if not of_manifest:
        lot.manifest = manifest.build(lot.raw_manifest)
        if not faults and lot.manifest.imported.get(SEAL) == lot.digest:
            return _load_sealed(lot)
    absent = frozenset() if of_manifest else lot.manifest.non_fourni
    of_rows, judged = _load_judged(lot, absent)
    if not of_manifest:
        if "etablissement" in judged and "finess_et" in judged["etablissement"].columns:
            of_manifest += validation.perimeter_faults(lot.con, lot.manifest.perimetre)
        of_manifest += validation.supplied_faults(lot.con, lot.manifest, judged.values())
    faults = validation.bounded([*of_manifest, *faults]) + of_rows
    if not faults:
        for one in judged.values():
            tables.release(lot.con, one)
    return faults + _load_rejected_sejours(lot)


def _load_sealed(lot: Lot) -> list[Fault]:
    """Make the tables of a lot that was checked when it was written, with as few statements as can be."""
    parts = [tables.empty(table) for table in lot.schema.tables.values() if table.name not in lot.files]
    parts += parquet.sealed(lot.con, {name: found for name, found in lot.files.items() if found.form == "parquet"})
    if parts:
        lot.con.execute("; ".join(parts))
    faults: list[Fault] = []
    for name, found in lot.files.items():
        if found.form == "csv":
            faults += tables.from_csv(lot.con, lot.schema.tables[name], found.paths[0], Path(lot._work.name))[1]
    return faults + _load_rejected_sejours(lot)


def _load_judged(lot: Lot, absent: Collection[str]) -> tuple[list[Fault], dict[str, Judged]]:
    """Make the tables and hold their columns and rows to the schema; nothing is sought in those of ``absent``."""
    import duckdb

    faults: dict[str, list[Fault]] = {}
    judged: dict[str, Judged] = {}
    for name, table in lot.schema.tables.items():
        if name not in lot.files:
            lot.con.execute(tables.empty(table))
            continue
        found = lot.files[name]
        if found.form == "csv":
            one, of_columns = tables.from_csv(lot.con, table, found.paths[0], Path(lot._work.name))
        else:
            one, of_columns = parquet.from_parquet(lot.con, table, found, lot.path)
        faults[name] = validation.bounded(of_columns)
        if one:
            judged[name] = one
    targets = {name: one for name, one in judged.items() if name not in absent}
    for name, one in list(judged.items()):
        try:
            faults[name] += validation.table_faults(lot.con, one, targets)
            if name == "usager":
                faults[name] += validation.fusion_faults(lot.con, one)
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
            faults[name].append(tables.unreadable_file(error, one.file))
            del judged[name]
    return [fault for several in faults.values() for fault in several], judged


def _load_rejected_sejours(lot: Lot) -> list[Fault]:
    path = lot.path / REJECTED_SEJOURS
    relation = "select '' as finess_et, '' as date_entree, '' as date_sortie where false"
    faults: list[Fault] = []
    if path.is_file():
        try:
            work = Path(lot._work.name)
            read = delimited.read(lot.con, path, "_rejets_sejours", work=work, separator=";", strict_utf8=True)
        except SourceError:
            read = None
        if read and set(_REJECTED_COLUMNS) <= set(read.columns):
            relation = read.relation
        else:
            message = f"fichier de l'import illisible (colonnes attendues : {', '.join(_REJECTED_COLUMNS)}, en UTF-8)"
            faults.append(Fault("REJETS", message, REJECTED_SEJOURS))
    lot.con.execute(
        "create table rejets_sejours as select finess_et, try_cast(date_entree as date) as date_entree, "
        f"try_cast(date_sortie as date) as date_sortie from ({relation})"
    )
    return faults
