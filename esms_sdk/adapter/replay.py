"""``--replay``: the rejected rows, corrected by hand in ``rejets/lignes``, take the place of those of the source.

It is the ordinary import with a few cells changed: a row keeps its file and its line, so that the counts stay exact
and what is still wrong is rejected again where it was.  The rows that were replaced are kept in ``rejets/reprises``, so
that a second replay needs the corrections of the second round alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter import reject_files
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.steps import Step
from esms_sdk.errors import Fault, SourceError, UsageError
from esms_sdk.lot import delimited
from esms_sdk.lot.plain_text import SENTINEL

if TYPE_CHECKING:
    import duckdb

    from esms_sdk.adapter.run import Run

REPLAYED, PRINTS = "reprises", "empreintes.csv"
HEADER = ("source", "ligne", "empreinte")
_NAMED = 5
_ORIGINALS = "reprise_empreintes"


@dataclass(frozen=True, slots=True)
class _Corrected:
    """One file of corrected rows: its name in the folder, the source it corrects, and its rows in the engine.

    ``rows`` gives ``_l`` (the line of the source), ``_n`` (the line of this file), ``_surplus`` and a text a column.
    """

    name: str
    number: int
    rows: str


class Replay(Step):
    """Replaces rows by those of ``folder``: the rejects of a lot (``LOT/rejets`` or ``LOT.rejets``), corrected.

    ``counts`` has the rows replaced of each source, ``left`` those of sources without lines (a database), which are to
    be corrected where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = _rejects_in(folder)
        self.counts: dict[str, int] = {}
        self.left: dict[str, int] = {}
        self._claimed: set[Path] = set()
        self._changed: dict[str, str] = {}
        self._seen: set[int] = set()

    def opened(self, run: Run, source: Source, relation: Relation) -> Relation:
        if not self._seen:
            self._start(run)
        mine = {number: file for number, file in run.files.items() if number not in self._seen}
        self._seen.update(mine)
        read = [one for number, file in mine.items() for one in self._read(run, relation, number, file)]
        if not read:
            return relation
        changed = database.name(f"reprise.{source.name}")
        self._changed[source.name] = changed
        cells = "".join(f", {database.name(c)} varchar" for c in relation.columns)
        run.con.execute(f"create table {changed} (_r bigint, _surplus varchar{cells})")
        for one in read:
            self._take(run, relation, one, changed)
        for number, count in run.con.execute(
            f"select _r >> {LINE_BITS}, count(*) from {changed} group by all order by all"
        ).fetchall():
            self.counts[run.files[number].name] = count
        return replace(relation, query=_patched(relation, changed))

    def settled(self, run: Run) -> None:
        """Refuse corrected rows that belong to no source: they would be forgotten."""
        parts = (self.folder / part for part in (REPLAYED, reject_files.ROWS))
        there = {path for part in parts if part.is_dir() for path in part.rglob("*") if path.is_file()}
        if lost := sorted(path.relative_to(self.folder).as_posix() for path in there - self._claimed):
            raise _refused([Fault("REPRISE", "aucune source de cet import ne porte ce nom", name) for name in lost])

    def kept(self, run: Run, folder: Path, *, rows: bool) -> None:
        """Keep the rows that were replaced and are accepted now, for their owner alone."""
        if not rows:
            return
        for source, changed in self._changed.items():
            columns = run.relations[source].columns
            accepted = f"from {changed} where _r not in (select _r from rejets)"
            numbers = run.con.execute(f"select distinct _r >> {LINE_BITS} {accepted} order by all").fetchall()
            for (number,) in numbers:
                reject_files.write_rows(
                    run.con,
                    f"select c._r, o._ligne, c.* exclude (_r) from {changed} c join {_ORIGINALS} o using (_r) "
                    f"where c._r >> {LINE_BITS} = {number} and c._r not in (select _r from rejets)",
                    columns,
                    reject_files.private(folder / REPLAYED, reject_files.place(run.files[number].name, set())),
                )

    # -- the corrected rows --------------------------------------------------------------------------------------

    def _start(self, run: Run) -> None:
        """Read what the rejected rows were, if that was kept."""
        run.con.execute(f"create table {_ORIGINALS} (_r bigint, _ligne bigint, empreinte varchar)")
        rows = "select '' as source, cast(null as bigint) as ligne, '' as empreinte where false"
        if (self.folder / PRINTS).is_file():
            read = delimited.read(run.con, self.folder / PRINTS, "_empreintes", work=run.work, separator=";")
            if read.columns != HEADER:
                raise _refused([Fault("REPRISE", f"colonnes attendues : {', '.join(HEADER)}", PRINTS)])
            rows = f"select source, try_cast(ligne as bigint) as ligne, empreinte from ({read.relation})"
        run.con.execute(f"create table empreintes_avant as {rows}")

    def _read(self, run: Run, relation: Relation, number: int, file: SourceFile) -> Iterator[_Corrected]:
        """Yield the corrected rows of one file of a source: those of an earlier replay, then those of the rejects."""
        name = reject_files.place(file.name, set())
        for path in (self.folder / part / name for part in (REPLAYED, reject_files.ROWS)):
            if path.is_file():
                self._claimed.add(path)
                if one := self._texts(run, relation, number, file, path):
                    yield one

    def _texts(self, run: Run, relation: Relation, number: int, file: SourceFile, path: Path) -> _Corrected | None:
        """Prepare one file of corrected rows; None where its rows stand on no line."""
        name = path.relative_to(self.folder).as_posix()
        table = f"_corrige_{len(self._claimed)}"
        try:
            read = delimited.read(run.con, path, table, work=run.work, name=name)
        except SourceError as error:
            raise _refused(error.faults or [Fault("REPRISE", error.message, name)]) from None
        expected = tuple(delimited.column_name(c) for c in (reject_files.LINE, *relation.columns))
        own = read.columns[: len(expected)]
        if own != expected or read.columns[len(expected) :] not in ((), (reject_files.BEYOND,)):
            message = "l'en-tête n'est plus celui des lignes rejetées (colonnes attendues : "
            raise _refused([Fault("REPRISE", f"{message}{', '.join(expected)})", name, read.ligne)])
        lines = f"try_cast(trim({database.name(read.names[0])}) as bigint)"
        if not file.lines:
            self.left[file.name] = run.con.execute(f"select count(*) from ({read.relation})").fetchall()[0][0]
            return None
        cells = [
            f"{database.name(n)} as {database.name(c)}" for n, c in zip(read.names[1:], relation.columns, strict=False)
        ]
        beyond = f"coalesce({database.name(read.names[-1])}, '')" if len(read.columns) > len(expected) else "''"
        width = len(read.columns)
        run.con.execute(
            f"create table {table} as select {lines} as _l, _ligne as _n, _cellules <> {width} as _mal, "
            f"{beyond} as _surplus{''.join(', ' + cell for cell in cells)} from ({read.relation})"
        )
        self._hold(run, table, name, (
            ("_mal", "le nombre de cellules n'est pas celui de l'en-tête, ou un guillemet n'est pas fermé"),
            ("_l is null", "la colonne «ligne» n'est pas un nombre"),
            ("count(*) over (partition by _l) > 1", "cette ligne est corrigée deux fois"),
        ))  # fmt: skip
        return _Corrected(name, number, table)

    def _take(self, run: Run, relation: Relation, one: _Corrected, changed: str) -> None:
        """Hold one file's rows against those of the source, and note the ones that are not the same."""
        con, seen = run.con, f"{one.rows}_vu"
        prints = print_of(relation.columns)
        con.execute(
            f"create table {seen} as select q.*, {prints} as _empreinte from ({relation.query}) q "
            f"where _r >> {LINE_BITS} = {one.number} and _ligne in (select _l from {one.rows})"
        )
        known = (
            f"select ligne, empreinte from empreintes_avant where source = {database.text(run.files[one.number].name)}"
        )
        con.execute(
            f"create table {one.rows}_juge as select c._n, count(s._r) as trouvees, "
            "bool_or(s._empreinte <> k.empreinte) as autre, bool_or(k.ligne is null) as inconnue from "
            f"{one.rows} c left join {seen} s on s._ligne = c._l left join ({known}) k on k.ligne = c._l group by c._n"
        )
        of_source, kept = f"de {run.files[one.number].name}", "exists (select 1 from empreintes_avant)"
        self._hold(run, f"{one.rows}_juge", one.name, (
            ("trouvees = 0", f"il n'y a pas de telle ligne {of_source} : donner les fichiers de l'import d'origine"),
            ("trouvees > 1", f"plusieurs enregistrements {of_source} portent ce numéro : corriger la source elle-même"),
            ("autre", f"la ligne {of_source} n'est plus celle qui avait été rejetée : donner les fichiers d'origine"),
            (f"inconnue and {kept}", f"cette ligne {of_source} n'avait pas été rejetée"),
        ))  # fmt: skip
        con.execute(f"delete from {_ORIGINALS} where _r in (select _r from {seen})")
        con.execute(f"insert into {_ORIGINALS} select _r, _ligne, _empreinte from {seen}")
        same = " and ".join(
            f"nullif({_plain(f's.{database.name(c)}')}, '') is not distinct from c.{database.name(c)}"
            for c in relation.columns
        )
        cells = "".join(f", c.{database.name(c)}" for c in relation.columns)
        con.execute(f"delete from {changed} where _r in (select _r from {seen})")
        con.execute(
            f"insert into {changed} select s._r, c._surplus{cells} from {one.rows} c join {seen} s on s._ligne = c._l "
            f"where not ({same or 'true'} and coalesce(s._surplus, '') = c._surplus)"
        )

    def _hold(self, run: Run, rows: str, name: str, rules: Iterable[tuple[str, str]]) -> None:
        """Refuse the rows (``_n`` is their line in the file) for which a condition is true, the first ones named."""
        faults: list[Fault] = []
        for condition, message in rules:
            found = run.con.execute(
                f"select _n from (select _n, {condition} as mal from {rows}) where mal order by _n"
            ).fetchall()
            faults += [Fault("REPRISE", message, name, line) for (line,) in found[:_NAMED]]
            if len(found) > _NAMED:
                faults.append(Fault("REPRISE", f"{message} : et {len(found) - _NAMED} autres", name))
        if faults:
            raise _refused(faults)


def write_prints(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    relations: Mapping[str, Relation],
    files: Mapping[int, SourceFile],
    *,
    replaying: bool,
) -> None:
    """Write a digest of each rejected source row (and of each replaced one), by which a replay knows it again."""
    wanted = "select _r from rejets" + (f" union select _r from {_ORIGINALS}" if replaying else "")
    found: list[tuple[str, int, str]] = []
    for relation in relations.values():
        own = f"{print_of(relation.columns)} as empreinte"
        rows = f"select _r, _ligne, {own} from ({relation.query}) where _r in ({wanted})"
        if replaying:
            rows = (
                "select _r, n._ligne, coalesce(o.empreinte, n.empreinte) as empreinte "
                f"from ({rows}) n left join {_ORIGINALS} o using (_r)"
            )
        for number, line, digest in con.execute(
            f"select _r >> {LINE_BITS}, _ligne, empreinte from ({rows}) where _ligne is not null order by _r"
        ).fetchall():
            found.append((files[number].name, line, digest))
    if found:
        path = reject_files.private(folder, PRINTS)
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";", lineterminator="\n").writerows([HEADER, *found])


def print_of(columns: Iterable[str]) -> str:
    """Return the SQL digest of a source row, over a relation with these columns."""
    cells = [f"coalesce({_plain(database.name(c))}, '')" for c in columns]
    return f"md5(concat_ws(chr(31), {', '.join([*cells, chr(39) * 2])}, coalesce(_surplus, '')))"


def _plain(cell: str) -> str:
    return f"replace({cell}, '{SENTINEL}', '')"


def _patched(relation: Relation, changed: str) -> str:
    """Return the rows of a source, those that were corrected in the place of their own."""
    of_engine = {"_irreguliere": "c._surplus <> ''", "_surplus": "c._surplus"}
    cells = {database.name(c): f"c.{database.name(c)}" for c in relation.columns}
    swapped = ", ".join(
        f"case when c._r is null then q.{name} else {new} end as {name}" for name, new in {**of_engine, **cells}.items()
    )
    return f"select q.* replace ({swapped}) from ({relation.query}) q left join {changed} c on c._r = q._r"


def _rejects_in(folder: Path) -> Path:
    """Return the folder that holds the corrected rows, where the lot itself was named too."""
    for place in (folder, folder / "rejets"):
        if (place / reject_files.ROWS).is_dir() or (place / REPLAYED).is_dir():
            return place
    raise UsageError(
        "ESMS-E115",
        f"--replay {folder} : il n'y a pas de lignes rejetées à reprendre",
        hint="Donner LOT/rejets ou LOT.rejets, où «lignes» porte les lignes corrigées (absent avec --no-reject-rows).",
    )


def _refused(faults: Iterable[Fault]) -> UsageError:
    return UsageError(
        "ESMS-E116",
        "les lignes corrigées ne peuvent être reprises",
        faults=list(faults),
        hint="Corriger les cellules, sans toucher à l'en-tête ni à la colonne «ligne» (docs/guides/rejets.md).",
    )
