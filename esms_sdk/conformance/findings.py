"""The findings of a run, in a database of their own: a million of them take no memory to speak of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from esms_sdk import database
from esms_sdk.conformance.result import Finding, Group

SHOWN = 10
_COLUMNS = ", ".join(Finding._fields)
_SAME = "exigence, code, cle, finess_et, precision, fichier, ligne, xpath"


class Findings:
    """What was found, in the order of requirement, FINESS, code and key; :meth:`close` removes it."""

    def __init__(self) -> None:
        self._work = tempfile.TemporaryDirectory(prefix="esms-")
        self.folder = Path(self._work.name)
        self.con = database.connect(self.folder)
        self.con.execute(
            "create table constat (exigence varchar, code varchar, cle varchar, finess_et varchar, precision varchar,"
            " fichier varchar, ligne bigint, xpath varchar, connu boolean default false)"
        )

    def add(self, found: Iterable[Finding]) -> None:
        """Add findings one by one: those of documents, which are few."""
        if rows := list(found):
            self.con.executemany(f"insert into constat ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def add_file(self, path: Path) -> None:
        """Add the findings that a lot's own database wrote (Parquet)."""
        self.con.execute(f"insert into constat ({_COLUMNS}) select {_COLUMNS} from read_parquet({database.file(path)})")

    def know(self, path: Path) -> None:
        """Mark the findings that stand in an earlier ``conformite.csv``; each of them excuses one, not more."""
        places = ", ".join(f"coalesce(cast({name} as varchar), '') as {name}" for name in _SAME.split(", "))
        rank = f"row_number() over (partition by {_SAME} order by 1) as rang"
        columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in _BASELINE) + "}"
        self.con.execute(
            f"create or replace temp table reference as select {places}, {rank} from read_csv({database.file(path)},"
            f" delim = ';', header = true, quote = '\"', columns = {columns})"
        )
        self.con.execute(
            f"update constat set connu = true where rowid in (select id from (select rowid as id, {_SAME}, "
            f"row_number() over (partition by {_SAME} order by 1) as rang from (select rowid, {places} from constat)) "
            f"join reference using ({_SAME}, rang))"
        )

    def groups(self, exigence: str) -> list[Group]:
        """Return the findings of a requirement by kind and place, each with its first ones."""
        rows = self.con.execute(
            "select code, finess_et, fichier, count(*), count(*) filter (not connu),"
            f" list(struct_pack({', '.join(f'{n} := {n}' for n in Finding._fields)})"
            f"      order by cle, ligne, xpath, precision)[1:{SHOWN}]"
            " from constat where exigence = ? group by all order by fichier, finess_et, code",
            [exigence],
        ).fetchall()
        return [
            Group(code, finess, fichier, count, new, tuple(Finding(**one) for one in first))
            for code, finess, fichier, count, new, first in rows
        ]

    def lines(self) -> Iterator[Finding]:
        """Yield every finding in order."""
        cursor = self.con.cursor()
        cursor.execute(f"select {_COLUMNS} from constat order by all")
        while rows := cursor.fetchmany(10_000):
            yield from (Finding(*row) for row in rows)

    def close(self) -> None:
        """Free the engine and the temporary files."""
        self.con.close()
        self._work.cleanup()


_BASELINE = Finding._fields
