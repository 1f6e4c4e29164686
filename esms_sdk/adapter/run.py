"""One import: its engine, the adapter, and the folder of the lot to be."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter import (
    expressions,
    manifest_keys,
    python_adapter,
    reject_files,
    rejects,
    replay,
    resolution,
    staging,
)
from esms_sdk.adapter.mapping import Adapter, Block, Source
from esms_sdk.adapter.needs import named_in_sql, needed_columns
from esms_sdk.adapter.sources import files
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.formats import FORMATS
from esms_sdk.adapter.sources.relation import Relation
from esms_sdk.adapter.steps import Step
from esms_sdk.errors import AdapterError, SourceError
from esms_sdk.lot import files as lot_files
from esms_sdk.lot import tables as lot_tables
from esms_sdk.lot import writer
from esms_sdk.lot.schema import IDENTITY_COLUMNS, Table, load

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[str, int], None]
# What the engine holds before it goes on in the import's own folder: a larger source takes more disk, not more memory.
_MEMORY, _MEMORY_OF_A_THREAD = 64, 16


class Run:
    """Reads the sources, settles every table, writes what came out; a context manager that leaves nothing behind."""

    def __init__(
        self,
        adapter: Adapter,
        folder: Path,
        tell: Progress,
        *,
        without_identity: bool = False,
        steps: Sequence[Step] = (),
        bounded: bool = True,
    ) -> None:
        self.whole, self.folder, self.tell, self.steps = adapter, folder, tell, steps
        self.without_identity, self.bounded = without_identity, bounded
        self.work = folder / ".travail"
        self.feeding: set[str] = set()
        self.files: dict[int, SourceFile] = {}
        self.relations: dict[str, Relation] = {}
        self.labels: list[tuple[str, str, str, int]] = []
        self.con: duckdb.DuckDBPyConnection

    def __enter__(self) -> Run:
        self.work.mkdir()
        self.con = database.connect(self.work)
        if self.bounded:
            ((threads,),) = self.con.execute("select current_setting('threads')").fetchall()
            self.con.execute(f"set memory_limit = '{_MEMORY + _MEMORY_OF_A_THREAD * int(threads)}MB'")
        self.con.execute("create schema source")
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()
        shutil.rmtree(self.work, ignore_errors=True)

    @property
    def adapter(self) -> Adapter:
        """The adapter, less the tables and blocks of an optional source that has no file here."""
        present = {
            name: tuple(block for block in blocks if block.source in self.relations)
            for name, blocks in self.whole.tables.items()
        }
        return replace(self.whole, tables={name: blocks for name, blocks in present.items() if blocks})

    @property
    def tables(self) -> list[Table]:
        """The canonical tables that have a source, in the schema's order."""
        return [load().tables[name] for name in self.adapter.tables]

    # -- reading -------------------------------------------------------------------------------------------------

    def read(self, given: Sequence[Path], output: Collection[Path]) -> None:
        """Stage and settle every table; what is under ``output`` is no source."""
        available = files.find(given, output)
        if self.whole.reader:
            self.whole, available = python_adapter.staged(self.con, self.whole, available, self.work)
        found = self._matched(available)
        try:
            for name, places in found.items():
                self._open(self.whole.sources[name], places)
        finally:
            for kind in {source.format for source in self.whole.sources.values()}:
                FORMATS[kind].finish(self.work)
        for name, source in self.whole.sources.items():
            if name not in found:
                self._make_empty(source)
        staging.check_zones(self.con, self.whole)
        adapter, names = self.adapter, [table.name for table in self.tables]
        for name, table in load().tables.items():
            if name not in names:
                self.con.execute(lot_tables.empty(table))
                continue
            self._check_joined(adapter.tables[name])
            staging.stage(self.con, adapter, table, adapter.tables[name], self.relations)
            resolution.resolve(self.con, table, adapter.tables[name], names)
            staged: int = self.con.execute(f"select count(*) from etape_{name}").fetchall()[0][0]
            self.tell(name, staged)
        for step in self.steps:
            step.settled(self)
        rejects.gather(self.con, adapter, self.tables, self.relations)

    def _matched(self, available: Sequence[SourceFile]) -> dict[str, Sequence[SourceFile]]:
        """Return what each source reads, less the optional ones that have nothing here."""
        found: dict[str, Sequence[SourceFile]] = {}
        owner: dict[str, str] = {}
        for name, source in self.whole.sources.items():
            matching = [file for file in available if file.matches(source.fichiers)]
            places = FORMATS[source.format].places(source, matching)
            for place in places:
                if not FORMATS[source.format].parted and owner.setdefault(place.name, name) != name:
                    raise AdapterError(
                        "ESMS-E213",
                        f"{place.name} répond à deux sources, «{owner[place.name]}» et «{name}» : "
                        "ses lignes compteraient deux fois",
                        hint="Préciser «fichiers» ; une seule source peut alimenter plusieurs tables.",
                    )
            if not places and not source.facultatif:
                raise SourceError(
                    "ESMS-E305",
                    f"source «{name}» : aucun fichier ne répond à {', '.join(source.fichiers)}",
                    hint="Donner le dossier de l'export, ou déclarer la source facultatif = true.",
                )
            if places:
                found[name] = places
        return found

    def _open(self, source: Source, found: Sequence[SourceFile]) -> None:
        numbered = [(len(self.files) + i, file) for i, file in enumerate(found)]
        relation: Relation = importlib.import_module(FORMATS[source.format].module).relation(
            self.con, source, numbered, needed_columns(self.whole, source.name), self.work
        )
        self._keep(source, dict(relation.places or numbered))
        if doubled := named_in_sql(self.whole, source.name, sorted(relation.doubled)):
            raise AdapterError(
                "ESMS-E206",
                f"source.{source.name} : la colonne «{doubled}» figure deux fois dans l'en-tête, "
                "et une expression la nomme",
                hint="Donner un autre nom à l'une d'elles.",
            )
        for step in self.steps:
            relation = step.opened(self, source, relation)
        self._make(source, relation)

    def _keep(self, source: Source, places: Mapping[int, SourceFile]) -> None:
        """Note the files, sheets or queries that a source reads; one is read by one source."""
        taken = {file.name for file in self.files.values()}
        for place in places.values():
            if place.name in taken:
                raise AdapterError(
                    "ESMS-E213",
                    f"{place.name} répond à deux sources, dont «{source.name}» : ses lignes compteraient deux fois",
                    hint="Préciser «fichiers» ; une seule source peut alimenter plusieurs tables.",
                )
        self.files |= places
        if self.whole.blocks_of(source.name):
            self.feeding |= {place.name for place in places.values()}

    def _make(self, source: Source, relation: Relation) -> None:
        """Give a source's rows their name, ``source.<name>``, with what a filter says of each and the keys' prefix."""
        name = database.name(source.name)
        whens = " ".join(f"when ({sql}) then {database.text(reason)}" for reason, sql in source.ecarter.items())
        aside = f"case {whens} end" if whens else "cast(null as varchar)"
        prefix = f"cast(({source.prefixe}) as varchar)" if source.prefixe else "cast(null as varchar)"
        often = len(self.whole.blocks_of(source.name)) > 1 or self.whole.looked_up(source.name)
        rows = f"({relation.query}) {name}"
        place = f"source.{source.name}"
        parts = [
            (f"{place}.ecarter.{reason}", f"select count(*) filter ({sql}) from {rows}")
            for reason, sql in source.ecarter.items()
        ]
        if source.prefixe:
            parts.append((f"{place}.prefixe", f"select max({prefix}) from {rows}"))
        expressions.run(
            self.con,
            f"create {'table' if often else 'view'} source.{name} as "
            f"select *, {aside} as _ecarte, {prefix} as _prefixe from {rows}",
            place,
            parts,
        )
        self.relations[source.name] = replace(relation, query=f"select * from source.{name}")

    def _make_empty(self, source: Source) -> None:
        """Give an optional source that has nothing here its name all the same, for the queries of ``[lot]``."""
        named = (*needed_columns(self.whole, source.name), *source.colonnes_facultatives)
        columns = {name.lower(): f", {database.name(name)} varchar" for name in named}
        own = "_r bigint, _fichier varchar, _ligne bigint"
        self.con.execute(f"create table source.{database.name(source.name)} ({own}{''.join(columns.values())})")

    def _check_joined(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            for join in block.jointures:
                if join.source not in self.relations:
                    patterns = ", ".join(self.whole.sources[join.source].fichiers)
                    raise SourceError(
                        "ESMS-E307",
                        f"{block.place} : la source facultative «{join.source}» manque, et une jointure en a besoin",
                        hint=f"Donner le fichier ({patterns}).",
                    )

    # -- what came out -------------------------------------------------------------------------------------------

    def counts(self) -> Mapping[str, rejects.Counts]:
        """Return what became of the rows of each source, and note the unknown labels."""
        self.labels = rejects.unknown_labels(self.con, self.adapter, self.files, without_identity=self.without_identity)
        counts: Mapping[str, rejects.Counts] = rejects.counts(self.con, self.relations, self.files)
        for step in self.steps:
            counts = step.counted(self, counts)
        return counts

    def write_rejects(self, folder: Path, *, rows: bool) -> None:
        """Write what was set aside and why; the rows themselves only with ``rows``, and never without identity."""
        rows = rows and not self.without_identity
        reject_files.write(self.con, folder, self.tables, self.labels, self.relations, self.files, rows=rows)
        if rows:
            replaying = any(isinstance(step, replay.Replay) for step in self.steps)
            replay.write_prints(self.con, folder, self.relations, self.files, replaying=replaying)
        for step in self.steps:
            step.kept(self, folder, rows=rows)

    def write_lot(
        self, counts: Mapping[str, rejects.Counts], keys: Mapping[str, Any], *, reject_rows: bool
    ) -> dict[str, Any]:
        """Write tables and rejects; return the manifest's content (``keys`` are those of the command line)."""
        raw = manifest_keys.assembled(self.con, self.adapter, keys)
        manifest_keys.check_supplied(self.con, raw, self._filled())
        missing = {*(raw.get("non_fourni") or []), *self.not_supplied()}
        raw["non_fourni"] = sorted(missing, key=str)
        manifest_keys.check(self.con, raw, self.adapter)
        for step in self.steps:
            raw = step.described(self, raw)
        missing, given = set(raw["non_fourni"]), self.tables
        for table in load().tables.values():
            if not table.required and (table not in given or table.name in missing):
                continue
            columns = [c for c in table.columns if table not in given or f"{table.name}.{c}" not in missing]
            written = next((n for step in self.steps if (n := step.written(self, table, columns)) is not None), None)
            if written is None:
                written = writer.write_table(self.con, table, columns, table.name, self.folder)
            self.tell(f"{table.name}.parquet", written)
        self.write_rejects(self.folder / "rejets", rows=reject_rows)
        raw["import"] = {
            "adaptateur": {
                "nom": self.whole.nom,
                "version": self.whole.version,
                "sha256": lot_files.sha256(self.whole.file),
            },
            "sources": {name: c.as_manifest() for name, c in counts.items()},
            "rejets_par_finess": rejects.by_finess(self.con, given),
        }
        return raw

    def _filled(self) -> dict[str, set[str]]:
        """Return the columns of each table that something fills; an optional column that no file has fills none."""
        filled: dict[str, set[str]] = {}
        for name, blocks in self.adapter.tables.items():
            filled[name] = set()
            for block in blocks:
                absent = self.relations[block.source].absent
                filled[name] |= {c for c, rule in block.columns.items() if rule.colonne not in absent}
        return filled

    def not_supplied(self) -> set[str]:
        """Return what the source cannot give: required tables without source, nullable columns that nothing fills."""
        filled, found = self._filled(), set()
        for table in load().tables.values():
            if table.name not in filled:
                found |= {table.name} if table.required else set()
                continue
            for column in table.columns.values():
                dropped = self.without_identity and table.name == "usager" and column.name in IDENTITY_COLUMNS
                if dropped or (column.name not in filled[table.name] and column.null):
                    found.add(f"{table.name}.{column.name}")
        return found
