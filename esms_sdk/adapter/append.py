"""``--append``: a later extraction taken into a lot.

It is the ordinary import of the new extraction.  Of each log the months that it covers are replaced, those before stay
as they are (their files too, where there is one a month); every other table is replaced whole.  A row that stays must
still refer to something, and its key must not come again in the new months: what does not hold is set aside and told,
as the rows of one more source, ``lot précédent``.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter import append_plan, lot_diff, manifest_keys
from esms_sdk.adapter.append_plan import Plan
from esms_sdk.adapter.lot_diff import TIMES, Movement
from esms_sdk.adapter.mapping import KEPT_MONTH, SUPERSEDED
from esms_sdk.adapter.rejects import Counts
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS
from esms_sdk.adapter.steps import Step
from esms_sdk.csv_file import write_csv
from esms_sdk.errors import Fault, UsageError
from esms_sdk.lot import Lot, manifest, open_lot, parquet, writer
from esms_sdk.lot.reader import SEAL
from esms_sdk.lot.schema import Table, load

if TYPE_CHECKING:
    from esms_sdk.adapter.run import Run

SOURCE = "lot précédent"
MOVEMENTS = "mouvements.csv"
HEADER = ("table", "mois", "ajoutees", "retirees", "modifiees")
EARLIER = "precedents"
REJECTS_FOLDER = "rejets"
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


class Append(Step):
    """Completes the lot in the folder ``out``; a context manager that holds it open.

    ``movements`` says what moved in the months that the lot already had, ``replaced`` from which month on each log was
    replaced.
    """

    def __init__(self, out: Path, keys: Mapping[str, Any]) -> None:
        if not (out / manifest.FILE).is_file():
            hint = "Retirer --append au premier import."
            raise UsageError("ESMS-E117", f"--append : il n'y a pas de lot à compléter dans {out}", hint=hint)
        self.keys = keys
        self.lot: Lot = open_lot(out)
        self.plan: Plan
        self.movements: tuple[Movement, ...] = ()
        self._aside: dict[str, str] = {}
        self._kept: dict[str, int] = {}
        self._missing: set[str] = set()

    def __enter__(self) -> Append:
        return self

    def __exit__(self, *_: object) -> None:
        self.lot.close()

    @property
    def replaced(self) -> dict[str, str]:
        """Per log with months that stay, the first month that was replaced."""
        return {name: start.strftime("%Y-%m") for name, start in self.plan.starts.items()}

    # -- what is replaced ----------------------------------------------------------------------------------------

    def settled(self, run: Run) -> None:
        raw = {"non_fourni": [], **manifest_keys.assembled(run.con, run.adapter, self.keys)}
        manifest_keys.check(run.con, raw, run.adapter)
        self._missing = set(raw["non_fourni"]) | run.not_supplied()
        given = {table.name for table in run.tables} - self._missing
        self.plan = append_plan.plan(self.lot, manifest.build(raw), given)
        self._view_tables(run)
        for name, start in self.plan.starts.items():
            unsettled = f"(select * from etape_{name} anti join ecart_{name} using (_r, _s))"
            run.con.execute(
                f"insert into ecart_{name} select _r, _s, 'ignoree', '{KEPT_MONTH}', null, null from {unsettled} "
                f"where {TIMES[name]} < date '{start}'"
            )
            self._find_what_cannot_stay(run, load().tables[name], given)

    def _view_tables(self, run: Run) -> None:
        """Give the tables of the lot their names in the import's engine: ``ancien.<table>``."""
        run.con.execute("create schema ancien")
        sealed = self._sealed
        for name, files in self.lot.files.items():
            if sealed and files.form == "parquet":
                rows = parquet.rows(run.con, load().tables[name], files)
            else:
                copy = run.work / f"ancien_{name}.parquet"
                self.lot.con.execute(f"copy {name} to {database.text(database.path_text(copy))} (format parquet)")
                rows = f"select * from read_parquet({database.file(copy)})"
            run.con.execute(f"create view ancien.{name} as {rows}")

    @property
    def _sealed(self) -> bool:
        return self.lot.manifest.imported.get(SEAL) == self.lot.digest

    def _stays(self, name: str) -> str:
        """Return the query of a log's rows of the months that stay."""
        return f"select * from ancien.{name} where {TIMES[name]} < date '{self.plan.starts[name]}'"

    def _find_what_cannot_stay(self, run: Run, table: Table, given: set[str]) -> None:
        """Make ``reste_<table>``: the rows of the months that stay which cannot; their conditions go to ``_aside``."""
        name, con = table.name, run.con
        key = ", ".join(table.key)
        tests = [("", f"({key}) in (select ({key}) from {name})")] if key else []
        tests += [
            (column, condition)
            for column, target in table.references.items()
            if target in given and (condition := self._lost(run, column, target))
        ]
        whens = " ".join(f"when {test} then {database.text(column)}" for column, test in tests)
        why = f"case {whens} end" if whens else "cast(null as varchar)"
        con.execute(
            f"create table reste_{name} as select * from (select *, {why} as _pourquoi from ({self._stays(name)})) "
            "where _pourquoi is not null"
        )
        self._kept[name] = con.execute(f"select count(*) from ({self._stays(name)})").fetchall()[0][0]
        if con.execute(f"select count(*) from reste_{name}").fetchall() != [(0,)]:
            self._aside[name] = " or ".join(f"coalesce({test}, false)" for _, test in tests)

    def _lost(self, run: Run, column: str, target: str) -> str | None:
        """Return the condition that ``column`` refers to a lost row of ``target``; None where none is lost."""
        key = load().tables[target].key[0]
        if not self.lot.given(target):
            return f"{column} not in (select {key} from {target})"
        run.con.execute(
            f"create table if not exists perdues_{target} as select {key} as k from ancien.{target} "
            f"except select {key} from {target}"
        )
        if run.con.execute(f"select count(*) from perdues_{target}").fetchall() == [(0,)]:
            return None
        return f"{column} in (select k from perdues_{target})"

    # -- what is told --------------------------------------------------------------------------------------------

    def counted(self, run: Run, counts: Mapping[str, Counts]) -> Mapping[str, Counts]:
        self.movements = tuple(self._movements(run))
        if not self.plan.starts:
            return counts
        number, rejected, superseded = max(run.files, default=-1) + 1, 0, 0
        run.files[number] = SourceFile(SOURCE, Path(), lines=False)
        for rank, table in enumerate(run.tables):
            if table.name in self.plan.starts:
                rejected += self._reject(run, table, rank, (number << LINE_BITS) + rejected)
                moved = run.con.execute(f"select count(*) from reste_{table.name} where _pourquoi = ''")
                superseded += moved.fetchall()[0][0]
        ignored = {SUPERSEDED: superseded} if superseded else {}
        return {**counts, SOURCE: Counts(sum(self._kept.values()), rejected, ignored)}

    def _reject(self, run: Run, table: Table, rank: int, before: int) -> int:
        """Add to the rejects the rows that stay and refer to nothing, numbered after ``before``; return how many."""
        lost = f"from reste_{table.name} where _pourquoi <> ''"
        targets = " ".join(f"when '{column}' then '{target}'" for column, target in table.references.items())
        message = f"'ne désigne plus aucune ligne de «' || case _pourquoi {targets} end || '»'"
        run.con.execute(
            f"insert into rejets select {before} + row_number() over (order by cle, _pourquoi), "
            f"'{table.name}', {rank}, "
            f"cle, _pourquoi, 'REFERENCE_INCONNUE', {message}, null, true "
            f"from (select {lot_diff.shown_key(table)} as cle, _pourquoi {lost})"
        )
        count: int = run.con.execute(f"select count(*) {lost}").fetchall()[0][0]
        return count

    def _movements(self, run: Run) -> list[Movement]:
        """Say what moved in the months that the lot had, table by table."""
        last = self.lot.manifest.periode_couverte.fin
        end = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
        found: list[Movement] = []
        for table in run.tables:
            name, time = table.name, TIMES.get(table.name)
            if not self.lot.given(name):
                continue
            before, after = f"(select * from ancien.{name})", f"(select * from {name})"
            if time and name in self.plan.starts:
                own = f"{time} >= date '{self.plan.starts[name]}'"
                gone = f"union all select * exclude (_pourquoi) from reste_{name}"
                before = f"(select * from ancien.{name} where {own} {gone})"
            columns = [c for c in table.columns if self.lot.given(name, c) and f"{name}.{c}" not in self._missing]
            if time and time in columns:
                known = f"where {time} is null or {time} < date '{end}'"
                before, after = (f"(select * from {rows} {known})" for rows in (before, after))
            found += lot_diff.movements(run.con, table, before, after, columns)
        for name in sorted(self.lot.files.keys() - {table.name for table in run.tables}):
            gone = run.con.execute(f"select count(*) from ancien.{name}").fetchall()[0][0]
            found += [Movement(name, 0, gone, 0)] if gone else []
        return found

    def kept(self, run: Run, folder: Path, *, rows: bool) -> None:
        told = ((m.table, m.mois, m.ajoutees, m.retirees, m.modifiees) for m in self.movements)
        write_csv(folder / MOVEMENTS, HEADER, told)

    # -- what is written -----------------------------------------------------------------------------------------

    def described(self, run: Run, raw: dict[str, Any]) -> dict[str, Any]:
        return append_plan.merged(self.lot, raw, self.plan)

    def earlier_imports(self, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what the manifest keeps of the imports before this one, oldest first; one made again counts once."""
        old, imported = self.lot.manifest, self.lot.manifest.imported
        earlier: list[dict[str, Any]] = imported.get(EARLIER, [])
        if raw["date_extraction"] == old.date_extraction.isoformat():
            return earlier
        told = {
            "date_extraction": old.date_extraction.isoformat(),
            "periode_couverte_fin": old.periode_couverte.fin.isoformat(),
            **{key: imported[key] for key in ("adaptateur", "sources") if key in imported},
        }
        return [*earlier, told]

    def carry_over(self, folder: Path) -> None:
        """Take what is no table, manifest nor reject of the lot (its documents, a note) into the completed one."""
        tables = {self.lot.path / name for name in (manifest.FILE, REJECTS_FOLDER)}
        tables |= {one for files in self.lot.files.values() for path in files.paths for one in (path, path.parent)}
        for path in sorted(set(self.lot.path.iterdir()) - tables):
            target = folder / path.name
            if path.is_dir():
                shutil.copytree(path, target, copy_function=_link)
            else:
                _link(path, target)

    def written(self, run: Run, table: Table, columns: list[str]) -> int | None:
        name = table.name
        if name not in self.plan.starts:
            return None
        stays = self._stays(name) + (f" and not ({self._aside[name]})" if name in self._aside else "")
        ((new, gone),) = run.con.execute(
            f"select (select count(*) from {name}), (select count(*) from reste_{name})"
        ).fetchall()
        total: int = self._kept[name] - gone + new
        months = self._months(run, table, columns)
        if months is not None and total > writer.LARGE:
            self._write_months(run, table, columns, months, stays)
            return total
        listed = ", ".join(map(database.name, columns))
        both = f"select {listed} from ({stays}) union all select {listed} from {name}"
        run.con.execute(f"create view complet_{name} as {both}")
        return writer.write_table(run.con, table, columns, f"complet_{name}", run.folder)

    def _write_months(self, run: Run, table: Table, columns: list[str], months: Mapping[str, Path], stays: str) -> None:
        """Take over the files of the months that stay, write those again that a row leaves, and the new ones."""
        target = run.folder / table.name
        target.mkdir()
        month = f"strftime({TIMES[table.name]}, '%Y-%m')"
        left = {one for (one,) in run.con.execute(f"select distinct {month} from reste_{table.name}").fetchall()}
        for name, path in months.items():
            if name not in left:
                _link(path, target / path.name)
        if left:
            listed = ", ".join(map(database.text, sorted(left)))
            writer.write_months(run.con, table, columns, f"({stays} and {month} in ({listed}))", target)
        writer.write_months(run.con, table, columns, table.name, target)

    def _months(self, run: Run, table: Table, columns: list[str]) -> dict[str, Path] | None:
        """Return the files of the months that stay, where the lot has one a month with the columns to be written."""
        files = self.lot.files[table.name]
        named = {path.stem: path for path in files.paths if _MONTH.fullmatch(path.stem)}
        if not self._sealed or files.form != "parquet" or len(named) < len(files.paths):
            return None
        first = next(iter(named.values()))
        seen = parquet.schemas(run.con, [first])[first]
        if isinstance(seen, Fault) or [name for name, _ in seen] != columns:
            return None
        last = f"{self.plan.starts[table.name]:%Y-%m}"
        return {month: path for month, path in sorted(named.items()) if month < last}


def _link(source: Path | str, target: Path | str) -> None:
    """Give a file that nobody writes again a second name; copy it where the system has no such names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
