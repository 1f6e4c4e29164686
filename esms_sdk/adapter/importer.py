"""``esms import``: a vendor's records to a lot canonique, complete or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from esms_sdk import filesystem
from esms_sdk.adapter import discovery, manifest_keys, rejects, remarks
from esms_sdk.adapter.append import EARLIER, SOURCE, Append
from esms_sdk.adapter.lot_diff import Movement
from esms_sdk.adapter.mapping import Adapter
from esms_sdk.adapter.reject_files import REJECTS
from esms_sdk.adapter.replay import Replay
from esms_sdk.adapter.run import Progress, Run
from esms_sdk.adapter.steps import Step
from esms_sdk.errors import UsageError
from esms_sdk.lot import files as lot_files
from esms_sdk.lot import manifest
from esms_sdk.lot.reader import SEAL
from esms_sdk.output import whole_folder

_LIMIT = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?(%?)")
WARN_ABOVE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; ``exit_code`` is the contract's: 0 done, 1 too many rejects and no lot, 3 no row read.

    ``reprises`` has the corrected rows that took the place of those of each source, ``sans_ligne`` those that stand on
    no line and were left; ``mouvements`` what moved in the months that the lot already had, ``mois_remplaces`` from
    which month on each log was replaced.
    """

    exit_code: int
    sources: Mapping[str, rejects.Counts]
    rejets: int
    libelles_inconnus: int
    lot: Path | None
    rejets_path: Path | None
    observations: Mapping[str, int] = field(default_factory=dict)
    reprises: Mapping[str, int] = field(default_factory=dict)
    sans_ligne: Mapping[str, int] = field(default_factory=dict)
    mouvements: Sequence[Movement] = ()
    mois_remplaces: Mapping[str, str] = field(default_factory=dict)

    @property
    def lues(self) -> int:
        return sum(c.lues for c in self.sources.values())

    @property
    def sources_above(self) -> list[str]:
        """The sources of which more than 1 % of the rows were rejected."""
        return [name for name, c in self.sources.items() if c.rejetees > WARN_ABOVE * c.lues]


@dataclass(frozen=True, slots=True)
class _Limit:
    """How many rows may be rejected: a number, or a share of all rows read in per cent."""

    bound: Decimal
    percent: bool

    @classmethod
    def of(cls, text: str) -> _Limit:
        found = _LIMIT.fullmatch(text.strip())
        if not found:
            hint = "Écrire un nombre de lignes (--max-rejets 100) ou une part des lignes lues (--max-rejets 0.5%)."
            raise UsageError("ESMS-E110", f"--max-rejets {text} : ni un nombre, ni un pourcentage", hint=hint)
        return cls(Decimal(found[1].replace(",", ".")), found[2] == "%")

    def passed(self, rejected: int, read: int) -> bool:
        return rejected * 100 > self.bound * read if self.percent else rejected > self.bound


class _NoLot(Exception):
    """Leaves the output as it was: there is a report, and no lot."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report


def import_lot(
    sources: Sequence[Path],
    adapter: str | Path | Adapter,
    out: Path,
    *,
    max_rejets: str = "1%",
    strict: bool = False,
    lot_set: Mapping[str, str] | None = None,
    append: bool = False,
    replay: Path | None = None,
    without_identity: bool = False,
    reject_rows: bool = True,
    force: bool = False,
    steps: Sequence[Step] = (),
    progress: Progress | None = None,
) -> ImportReport:
    """Import ``sources`` (files, folders, zip archives) with an adapter (name or folder) into the lot folder ``out``.

    ``max_rejets`` is a number of rows or a share of all rows read (inclusive); above it, or with ``strict`` at the
    first reject or unknown label, no lot is written and the rejects stand at ``<out>.rejets``. ``lot_set`` overrides
    keys of the manifest. ``append`` takes a later extraction into the lot that stands there; ``replay`` is a folder
    of rejects whose corrected rows take the place of those of the sources. ``without_identity`` leaves out the
    identity traits (and the rejected rows). ``steps`` are what the kit does besides. Raises
    :class:`AdapterError`, :class:`SourceError`,
    :class:`OutputError`.
    """
    import duckdb

    asked = _Asked(
        sources,
        adapter if isinstance(adapter, Adapter) else discovery.load(adapter),
        out,
        _Limit.of(max_rejets),
        strict,
        manifest_keys.of_command_line(lot_set or {}),
        append,
        replay,
        without_identity,
        reject_rows,
        force,
        steps,
        progress or (lambda step, rows: None),
    )
    if not asked.adapter.reader:
        manifest_keys.check_complete(asked.adapter, asked.keys)
    try:
        return _import(asked, bounded=True)
    except duckdb.OutOfMemoryException:
        # A mapping that the bound is too tight for: once more with all the memory that there is.
        return _import(asked, bounded=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What :func:`import_lot` was asked, read."""

    sources: Sequence[Path]
    adapter: Adapter
    out: Path
    limit: _Limit
    strict: bool
    keys: Mapping[str, Any]
    append: bool
    replay: Path | None
    without_identity: bool
    reject_rows: bool
    force: bool
    steps: Sequence[Step]
    progress: Progress


def _import(asked: _Asked, *, bounded: bool) -> ImportReport:
    """Import once; ``bounded`` keeps the engine to its share of memory."""
    out, rows = asked.out, asked.reject_rows
    place = out.resolve()
    beside = place.with_name(f"{place.name}.rejets")
    replaying = _replay(asked.replay, rows=rows and not asked.without_identity)
    try:
        with whole_folder(out, force=asked.force or asked.append, ours=(manifest.FILE,)) as folder:
            with ExitStack() as held:
                appending = held.enter_context(Append(out, asked.keys)) if asked.append else None
                also = [*(step for step in (replaying, appending) if step), *asked.steps]
                run = held.enter_context(
                    Run(
                        asked.adapter,
                        folder,
                        asked.progress,
                        without_identity=asked.without_identity,
                        steps=also,
                        bounded=bounded,
                    )
                )
                run.read(asked.sources, (place, beside, folder))
                counts = run.counts()
                report = _report(counts, run.feeding, run.labels, asked.limit, strict=asked.strict)
                report = _with_steps(replace(report, observations=remarks.by_code(run.con)), replaying, appending)
                if report.exit_code == 1:
                    with whole_folder(beside, force=True, ours=(REJECTS,)) as target:
                        run.write_rejects(target, rows=rows)
                    raise _NoLot(replace(report, rejets_path=out.with_name(beside.name) if out.name else beside))
                if report.exit_code:
                    raise _NoLot(report)
                raw = run.write_lot(counts, asked.keys, reject_rows=rows)
                if appending:
                    raw["import"][EARLIER] = appending.earlier_imports(raw)
                    appending.carry_over(folder)
            _write_manifest(folder, raw)
    except _NoLot as stopped:
        return stopped.report
    if (beside / REJECTS).is_file():
        filesystem.remove(beside)
    return replace(report, lot=out, rejets_path=out / "rejets")


def _replay(folder: Path | None, *, rows: bool) -> Replay | None:
    if folder is None:
        return None
    if not rows:
        raise UsageError(
            "ESMS-E119",
            "--replay ne va pas avec --no-reject-rows ni --without-identity : les lignes corrigées seraient perdues",
        )
    return Replay(folder)


def _with_steps(report: ImportReport, replaying: Replay | None, appending: Append | None) -> ImportReport:
    """Add what the corrected rows and the months of the earlier lot have to tell."""
    if replaying:
        report = replace(report, reprises=replaying.counts, sans_ligne=replaying.left)
    if appending:
        report = replace(report, mouvements=appending.movements, mois_remplaces=appending.replaced)
    return report


def _report(
    counts: Mapping[str, rejects.Counts],
    feeding: Collection[str],
    labels: Sequence[tuple[str, str, str, int]],
    limit: _Limit,
    *,
    strict: bool,
) -> ImportReport:
    """Say what was read, and whether there is a lot.

    Only the sources that feed a table (``feeding``) make an export that is not empty: a look-up or the manifest's file
    alone is no record.
    The rows that stay of an earlier lot are judged apart, so that a long history hides no bad extraction.
    """
    of_sources = [c for name, c in counts.items() if name != SOURCE]
    rejected = sum(c.rejetees for c in counts.values())
    apart = (of_sources, [c for name, c in counts.items() if name == SOURCE])
    passed = any(limit.passed(sum(c.rejetees for c in part), sum(c.lues for c in part)) for part in apart)
    refused = passed or (strict and (rejected > 0 or bool(labels)))
    code = 3 if not sum(c.lues for name, c in counts.items() if name in feeding) else 1 if refused else 0
    return ImportReport(code, counts, rejected, sum(count for *_, count in labels), None, None)


def _write_manifest(folder: Path, raw: dict[str, Any]) -> None:
    """Seal the lot with its digest and write its manifest."""
    tables, faults = lot_files.find(folder)
    assert not faults, faults
    path = folder / manifest.FILE
    path.write_bytes(manifest.dump(raw))
    raw["import"][SEAL] = lot_files.digest(folder, tables, raw)
    path.write_bytes(manifest.dump(raw))
