"""The findings of a run, in a database of their own: a million of them take no memory to speak of."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.conformance.result import Finding, Group
from esms_sdk.errors import UsageError

if TYPE_CHECKING:
    import duckdb

SHOWN = 10
_TOGETHER = 10_000
# What does not fit goes to the temporary folder.
_MEMORY = "256MB"
_COLUMNS = ", ".join(Finding._fields)
_GIVEN = ", ".join(f"unnest(?::{'bigint' if name == 'ligne' else 'varchar'}[])" for name in Finding._fields)
# What makes a finding the one of an earlier run: the line of a file moves, and a precision may tell a count.
_SAME = ("exigence", "code", "cle", "finess_et", "fichier", "xpath")


class Findings:
    """What was found, in the order of requirement, code and key; :meth:`close` removes it."""

    def __init__(self) -> None:
        self._work = tempfile.TemporaryDirectory(prefix="esms-")
        self.folder = Path(self._work.name)
        self._waiting: list[Finding] = []
        self._con = database.connect(self.folder)
        self._con.execute(f"set memory_limit = '{_MEMORY}'")
        self._con.execute(
            "create table constat (exigence varchar, code varchar, cle varchar, finess_et varchar, precision varchar,"
            " fichier varchar, ligne bigint, xpath varchar, connu boolean default false)"
        )

    def add(self, found: Iterable[Finding]) -> None:
        """Add the findings of documents: few, and a great many where a document is hostile."""
        for one in found:
            self._waiting.append(one)
            if len(self._waiting) >= _TOGETHER:
                self._write()

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The database, with all that was added."""
        self._write()
        return self._con

    def _write(self) -> None:
        # One statement for all: a statement a document takes as long as its check.
        if self._waiting:
            columns = [list(column) for column in zip(*self._waiting, strict=True)]
            self._waiting = []
            self._con.execute(f"insert into constat ({_COLUMNS}) select {_GIVEN}", columns)

    def add_file(self, path: Path) -> None:
        """Add the findings that a lot's own database wrote (Parquet)."""
        self.con.execute(f"insert into constat ({_COLUMNS}) select {_COLUMNS} from read_parquet({database.file(path)})")

    def know(self, path: Path) -> None:
        """Mark the findings that stand in an earlier ``conformite.csv``; each of them excuses one, not more.

        Raises :class:`UsageError` for a file that is none.
        """
        import duckdb

        columns = "{" + ", ".join(f"{database.text(name)}: 'VARCHAR'" for name in _header(path)) + "}"
        options = "auto_detect = false, delim = ';', header = true, quote = '\"', escape = '\"'"
        options += f", new_line = '{_newline(path)}'"
        earlier = f"read_csv({database.file(path)}, {options}, columns = {columns})"
        same = ", ".join(_SAME)
        try:
            self.con.execute(
                f"create or replace temp table reference as select {same}, {_RANK} from (select {_READ} from {earlier})"
            )
        except duckdb.Error:
            raise _no_baseline(path, "lignes illisibles") from None
        here = f"select id, {same}, {_RANK} from (select rowid as id, {_WRITTEN} from constat)"
        known = f"select id from ({here}) join reference using ({same}, rang)"
        self.con.execute(f"update constat set connu = true where rowid in ({known})")

    def groups(self, exigence: str) -> list[Group]:
        """Return the findings of a requirement by kind and place, each with its first ones."""
        rows = self.con.execute(
            "select code, finess_et, fichier, count(*), count(*) filter (not connu),"
            f" min(struct_pack({', '.join(f'{n} := {n}' for n in _FIRST)}), {SHOWN})"
            " from constat where exigence = ? group by all order by fichier, finess_et, code",
            [exigence],
        ).fetchall()
        return [
            Group(code, finess, fichier, count, new, tuple(Finding(**one) for one in first))
            for code, finess, fichier, count, new, first in rows
        ]

    def lines(self) -> Iterator[Finding]:
        """Yield every finding in order."""
        return (finding for finding, _ in self.known_lines())

    def known_lines(self) -> Iterator[tuple[Finding, bool]]:
        """Yield every finding in order, and whether the baseline knows it."""
        cursor = self.con.cursor()
        cursor.execute(f"select {_COLUMNS}, connu from constat order by all")
        while rows := cursor.fetchmany(10_000):
            yield from ((Finding(*row[:-1]), row[-1]) for row in rows)

    def close(self) -> None:
        """Free the engine and the temporary files."""
        self._con.close()
        self._work.cleanup()


# In the order that says which ones are the first.
_FIRST = ("cle", "ligne", "xpath", "precision", "exigence", "code", "finess_et", "fichier")
_RANK = f"row_number() over (partition by {', '.join(_SAME)}) as rang"
_READ = ", ".join(f"coalesce({name}, '') as {name}" for name in _SAME)
# As ``csv_file`` writes a text, so that both sides are compared alike.
_WRITTEN = ", ".join(
    f"case when {name}[1] in ('=', '+', '-', '@') then '''' else '' end || coalesce({name}, '') as {name}"
    for name in _SAME
)


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file, delimiter=";"), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _no_baseline(path, f"fichier illisible ({type(error).__name__})") from None
    if missing := [name for name in _SAME if name not in names]:
        raise _no_baseline(path, f"colonnes absentes : {', '.join(missing)}")
    if len(set(names)) < len(names):
        raise _no_baseline(path, "une colonne y est deux fois")
    return names


def _newline(path: Path) -> str:
    """Return the newline of the file: one that is kept in git may have lost its carriage returns."""
    with path.open("rb") as file:
        return r"\r\n" if file.readline().endswith(b"\r\n") else r"\n"


def _no_baseline(path: Path, why: str) -> UsageError:
    hint = "Donner le conformite.csv d'un contrôle précédent (esms check … --report csv --out DIR)."
    return UsageError("ESMS-E169", f"{path.name} : {why}", hint=hint)
