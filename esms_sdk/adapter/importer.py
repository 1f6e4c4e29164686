"""``esms import``: a vendor's records to a lot canonique, complete or not at all."""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter import discovery, rejects, resolution, staging
from esms_sdk.adapter.manifest_keys import assembled, check_manifest
from esms_sdk.adapter.mapping import FILE, Adapter, Block, Source
from esms_sdk.adapter.needs import needed_columns
from esms_sdk.adapter.sources import files
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.formats import FORMATS
from esms_sdk.adapter.sources.relation import Relation
from esms_sdk.errors import SourceError, UsageError
from esms_sdk.lot import files as lot_files
from esms_sdk.lot import manifest, writer
from esms_sdk.lot.reader import SEAL
from esms_sdk.lot.schema import IDENTITY_COLUMNS, Table, load
from esms_sdk.output import whole_folder

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[str, int], None]
_LIMIT = re.compile(r"(\d+(?:[.,]\d+)?) ?(%?)")
WARN_ABOVE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; ``exit_code`` is the contract's: 0 done, 1 too many rejects and no lot, 3 no row read."""

    exit_code: int
    sources: Mapping[str, rejects.Counts]
    rejets: int
    libelles_inconnus: int
    lot: Path | None
    rejets_path: Path | None

    @property
    def lues(self) -> int:
        return sum(c.lues for c in self.sources.values())

    @property
    def sources_above(self) -> list[str]:
        """The sources of which more than 1 % of the rows were rejected."""
        return [name for name, c in self.sources.items() if c.rejetees > WARN_ABOVE * c.lues]


def _limit(text: str) -> tuple[Decimal, bool]:
    """Return the limit of ``--max-rejets`` and whether it is a percentage."""
    found = _LIMIT.fullmatch(text.strip())
    if not found:
        raise UsageError("ESMS-E110", f"--max-rejets {text} : un nombre ou un pourcentage attendu (100, 0.5%)")
    return Decimal(found[1].replace(",", ".")), found[2] == "%"


def import_lot(
    sources: Sequence[Path],
    adapter: str | Path,
    out: Path,
    *,
    max_rejets: str = "1%",
    strict: bool = False,
    lot_set: Mapping[str, str] | None = None,
    without_identity: bool = False,
    reject_rows: bool = True,
    force: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import ``sources`` (files, folders, zip archives) with an adapter (name or folder) into the lot folder ``out``.

    ``max_rejets`` is a number of rows or a share of all rows read (inclusive); above it, or with ``strict`` at the first
    reject or unknown label, no lot is written and the rejects stand at ``<out>.rejets``.  ``lot_set`` overrides keys of
    the manifest.  ``without_identity`` leaves out the identity traits (and the rejected rows).  Raises
    :class:`AdapterError`, :class:`SourceError`, :class:`OutputError`.
    """
    limit = _limit(max_rejets)
    mapped = discovery.load(adapter)
    beside = out.with_name(f"{out.name}.rejets")
    try:
        with whole_folder(out, force=force, ours=(manifest.FILE,)) as folder:
            with _Run(mapped, folder, progress or (lambda step, rows: None)) as run:
                run.read(sources)
                report = run.report(limit, strict=strict)
                if report.exit_code == 1:
                    with whole_folder(beside, force=True, ours=("rejets.csv",)) as target:
                        run.write_rejects(target, rows=reject_rows and not without_identity)
                    raise _NoLot(replace(report, rejets_path=beside))
                if report.exit_code:
                    raise _NoLot(report)
                raw = run.write_lot(report, lot_set or {}, without_identity=without_identity, reject_rows=reject_rows)
            _write_manifest(folder, raw)
    except _NoLot as stopped:
        return stopped.report
    if (beside / "rejets.csv").is_file():
        shutil.rmtree(beside)
    return replace(report, lot=out, rejets_path=out / "rejets")


def _write_manifest(folder: Path, raw: dict[str, Any]) -> None:
    """Seal the lot with its digest and write its manifest."""
    tables, faults = lot_files.find(folder)
    assert not faults, faults
    path = folder / manifest.FILE
    path.write_bytes(manifest.dump(raw))
    raw["import"][SEAL] = lot_files.digest(folder, tables, raw)
    path.write_bytes(manifest.dump(raw))


class _NoLot(Exception):
    """Leaves the output as it was: there is a report, and no lot."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report


class _Run:
    """One import: an engine, the adapter, and the folder of the lot to be."""

    def __init__(self, adapter: Adapter, folder: Path, tell: Progress) -> None:
        self.adapter, self.folder, self.tell = adapter, folder, tell
        self.work = folder / ".travail"
        self.files: dict[int, SourceFile] = {}
        self.relations: dict[str, Relation] = {}
        self.labels: list[tuple[str, str, str, int]] = []
        self.con: duckdb.DuckDBPyConnection

    def __enter__(self) -> _Run:
        self.work.mkdir()
        self.con = database.connect(self.work)
        self.con.execute("create schema source")
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()
        shutil.rmtree(self.work, ignore_errors=True)

    @property
    def tables(self) -> list[Table]:
        """The canonical tables that have a source, in the schema's order."""
        return [load().tables[name] for name in self.adapter.tables if self._blocks(name)]

    def _blocks(self, table: str) -> list[Block]:
        return [block for block in self.adapter.tables[table] if block.source in self.relations]

    def read(self, given: Sequence[Path]) -> None:
        """Stage and settle every table."""
        available = files.find(given)
        try:
            for source in self.adapter.sources.values():
                self._open(source, [file for file in available if file.matches(source.fichiers)])
        finally:
            for kind in {source.format for source in self.adapter.sources.values()}:
                FORMATS[kind].finish(self.work)
        for table in self.tables:
            blocks = self._blocks(table.name)
            staging.stage(self.con, self.adapter, table, blocks, self.relations)
            resolution.resolve(self.con, table, blocks)
            staged: int = self.con.execute(f"select count(*) from etape_{table.name}").fetchall()[0][0]
            self.tell(table.name, staged)
        rejects.gather(self.con, self._present(), self.tables, self.relations)

    def _present(self) -> Adapter:
        """The adapter, less what has no source here (an optional one without file)."""
        return replace(self.adapter, tables={table.name: tuple(self._blocks(table.name)) for table in self.tables})

    def _open(self, source: Source, available: Sequence[SourceFile]) -> None:
        found = FORMATS[source.format].places(source, available)
        if not found:
            if source.facultatif:
                return
            raise SourceError("ESMS-E305", f"source «{source.name}» : aucun fichier ne répond à {', '.join(source.fichiers)}",
                              hint="Donner le dossier de l'export, ou déclarer la source facultatif = true.")  # fmt: skip
        numbered = [(len(self.files) + i, file) for i, file in enumerate(found)]
        self.files |= dict(numbered)
        relation = importlib.import_module(FORMATS[source.format].module).relation(
            self.con, source, numbered, needed_columns(self.adapter, source.name), self.work
        )
        name = f"source.{database.name(source.name)}"
        shared = sum(1 for blocks in self.adapter.tables.values() for b in blocks if b.source == source.name) > 1
        looked_up = any(
            j.source == source.name for blocks in self.adapter.tables.values() for b in blocks for j in b.jointures
        )
        kind = "table" if shared or looked_up else "view"
        self.con.execute(f"create {kind} {name} as {relation.query}")
        self.relations[source.name] = Relation(relation.columns, f"select * from {name}")

    def report(self, limit: tuple[Decimal, bool], *, strict: bool) -> ImportReport:
        """Count, and say whether there is a lot."""
        counts = rejects.counts(self.con, self.relations, self.files)
        self.labels = rejects.unknown_labels(self.con, self._present(), self.files)
        read = sum(c.lues for c in counts.values())
        rejected = sum(c.rejetees for c in counts.values())
        bound, percent = limit
        above = rejected * 100 > bound * read if percent else rejected > bound
        code = 3 if read == 0 else 1 if above or (strict and (rejected or self.labels)) else 0
        return ImportReport(code, counts, rejected, sum(count for *_, count in self.labels), None, None)

    def write_rejects(self, folder: Path, *, rows: bool) -> None:
        """Write what was set aside and why."""
        rejects.write(self.con, folder, self.labels, self.relations, self.files, rows=rows)

    def write_lot(
        self, report: ImportReport, given: Mapping[str, str], *, without_identity: bool, reject_rows: bool
    ) -> dict[str, Any]:
        """Write tables and rejects; return the manifest's content."""
        raw = assembled(self.con, self.adapter, given)
        raw["non_fourni"] = sorted({*raw.get("non_fourni", []), *self._not_supplied(without_identity)})
        check_manifest(self.con, raw, self.adapter)
        for table in load().tables.values():
            if table in self.tables:
                left_out = IDENTITY_COLUMNS if without_identity and table.name == "usager" else ()
                columns = [c for c in table.columns if c not in left_out]
                written = writer.write_table(self.con, table, columns, table.name, self.folder)
                self.tell(f"{table.name}.parquet", written)
            elif table.required:
                empty = ", ".join(f"cast(null as {c.sql_type}) as {c.name}" for c in table.columns.values())
                writer.write_table(self.con, table, list(table.columns), f"(select {empty} where false)", self.folder)
        self.write_rejects(self.folder / "rejets", rows=reject_rows and not without_identity)
        raw["import"] = {
            "adaptateur": {"nom": self.adapter.nom, "version": self.adapter.version, "sha256": lot_files.sha256(self.adapter.folder / FILE)},
            "sources": {name: c.as_manifest() for name, c in report.sources.items()},
            "rejets_par_finess": rejects.by_finess(self.con, self.tables),
        }  # fmt: skip
        return raw

    def _not_supplied(self, without_identity: bool) -> Iterator[str]:
        """Yield what the adapter cannot give: nullable columns that it does not fill, required tables without source."""
        for table in load().tables.values():
            if table not in self.tables:
                if table.required:
                    yield table.name
                continue
            filled = {c for block in self._blocks(table.name) for c in block.columns}
            for column in table.columns.values():
                dropped = without_identity and table.name == "usager" and column.name in IDENTITY_COLUMNS
                if dropped or (column.name not in filled and column.default is None):
                    yield f"{table.name}.{column.name}"
