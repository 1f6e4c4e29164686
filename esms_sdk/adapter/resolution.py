"""Pass 2: what a row cannot know by itself – versions, repeats, references, fusions, folds.

Only the rows that something happens to are written down, in ``ecart_<table>`` (``_r``, ``_s``, ``etat`` rejetee or
ignoree, ``code``, ``colonne``, ``message``); the accepted rows are the staged ones less those.  Tables come in the
schema's order, so that what a row refers to is settled before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.mapping import OF_AN_IGNORED_ROW, REPEATED, SUPERSEDED, Block, Fold
from esms_sdk.adapter.staging import IRREGULAR, bits
from esms_sdk.lot import fusion
from esms_sdk.lot.schema import Table, load

if TYPE_CHECKING:
    import duckdb

_NOTED = "_r bigint, _s bigint, etat varchar, code varchar, colonne varchar, message varchar"


def resolve(con: duckdb.DuckDBPyConnection, table: Table, blocks: Sequence[Block], given: Collection[str]) -> None:
    """Settle every staged row of ``table`` and make its accepted rows the relation ``<table>``.

    ``given`` are the tables that the import fills: what refers to another cannot be asked (contract §7).
    """
    con.execute(f"create table ecart_{table.name} ({_NOTED})")
    staged = f"select count(_motif), count(*) filter (_faute <> 0) from etape_{table.name}"
    aside, faulty = con.execute(staged).fetchall()[0]
    if aside:
        _note_filtered(con, table)
    if blocks[0].derniere_version:
        _note_superseded(con, table, len(blocks[0].derniere_version))
    if faulty:
        _note_faults(con, table)
    if table.key:
        _note_repeated_keys(con, table)
    else:
        _note_repeated_rows(con, table)
    _note_references(con, table, given)
    _publish(con, table, blocks)


def _note(con: duckdb.DuckDBPyConnection, table: Table, rows: str) -> int:
    """Write down the rows of a query (_r, _s, etat, code, colonne, message); return how many."""
    count: int = con.execute(f"insert into ecart_{table.name} {rows}").fetchall()[0][0]
    return count


def _made(con: duckdb.DuckDBPyConnection, name: str, rows: str) -> int:
    """Make a temporary table of a query; return how many rows it has."""
    count: int = con.execute(f"create or replace temp table {name} as {rows}").fetchall()[0][0]
    return count


def _settled(table: Table) -> str:
    """Return the staged rows that nothing was noted for yet."""
    return f"(select * from etape_{table.name} anti join ecart_{table.name} using (_r, _s))"


def _with_key(table: Table) -> str:
    """Return the condition of the rows whose key can be trusted: whole, in a row that has the header's cells."""
    return " and ".join([f"_faute & {IRREGULAR} = 0", *(f"{column} is not null" for column in table.key)])


def _note_filtered(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    _note(con, table, f"select _r, _s, 'ignoree', _motif, null, null from etape_{table.name} where _motif is not null")


def _note_superseded(con: duckdb.DuckDBPyConnection, table: Table, versions: int) -> None:
    order = ", ".join(f"_version_{i} desc nulls last" for i in range(versions))
    ranked = (
        f"select _r, _s, rank() over (partition by {', '.join(table.key)} order by {order}) as place "
        f"from {_settled(table)} where {_with_key(table)}"
    )
    _note(con, table, f"select _r, _s, 'ignoree', '{SUPERSEDED}', null, null from ({ranked}) where place > 1")


def _note_faults(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    names = bits(table)
    code = " ".join(f"when {1 << i} then {database.text(bit.code)}" for i, bit in enumerate(names))
    column = " ".join(f"when {1 << i} then {database.text(bit.column)}" for i, bit in enumerate(names))
    message = " ".join(f"when {1 << i} then {database.text(bit.message)}" for i, bit in enumerate(names))
    _note(
        con, table, f"select _r, _s, 'rejetee', case bit {code} end, case bit {column} end, case bit {message} end "
        f"from (select _r, _s, _faute & -_faute as bit from {_settled(table)} where _faute <> 0)",
    )  # fmt: skip


def _note_repeated_keys(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Note each row whose key stands on a row of other content (one at fault is that), and exact repeats."""
    key, content = ", ".join(table.key), ", ".join(table.columns)
    ignored = f"(select _r, _s from ecart_{table.name} where etat = 'ignoree')"
    rows = f"(select * from etape_{table.name} anti join {ignored} using (_r, _s) where {_with_key(table)})"
    repeated = f"select {key} from (select {key} from {rows}) group by all having count(*) > 1"
    if not _made(con, "_repetee", repeated):
        return
    con.execute(
        f"create or replace temp table _repetees as select _r, _s, _faute, "
        f"row_number() over (partition by {key} order by _r, _s) as place, "
        f"count(distinct case when _faute = 0 then row({content}) end) over (partition by {key}) "
        f"+ max(case when _faute <> 0 then 1 else 0 end) over (partition by {key}) as contenus "
        f"from (select * from {rows} semi join _repetee using ({key}))"
    )
    message = database.text("cette clé figure sur plusieurs lignes dont le contenu diffère")
    _note(
        con, table, f"select _r, _s, 'rejetee', 'CLE_EN_DOUBLE', {database.text(key)}, {message} "
        "from _repetees where contenus > 1 and _faute = 0",
    )  # fmt: skip
    repeats = "from _repetees where contenus = 1 and place > 1 and _faute = 0"
    _note(con, table, f"select _r, _s, 'ignoree', '{REPEATED}', null, null {repeats}")


def _note_repeated_rows(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    rows = f"(select _r, _s, _repete from {_settled(table)})"
    repeated = "_repetee"
    if not _made(con, repeated, f"select _repete from {rows} group by all having count(*) > 1"):
        return
    places = (
        f"select _r, _s, row_number() over (partition by _repete order by _r, _s) as place "
        f"from {rows} semi join {repeated} using (_repete)"
    )
    _note(con, table, f"select _r, _s, 'ignoree', '{REPEATED}', null, null from ({places}) where place > 1")


# -- references --------------------------------------------------------------------------------------------------


def _note_references(con: duckdb.DuckDBPyConnection, table: Table, given: Collection[str]) -> None:
    """Note the rows that refer to nothing, or to a rejected row; of the others, those that refer to an ignored one."""
    asked = {column: target for column, target in table.references.items() if target in given}
    con.execute("create or replace temp table _ignorees (_r bigint, _s bigint)")
    stranded = 0
    for column, target in asked.items():
        if target == table.name:
            _note_fusions(con, table, column)
        else:
            keys = f"select {load().tables[target].key[0]} as k from {target}"
            if _find_missing(con, table, column, target, keys):
                _note_missing(con, table, column, target)
                ignored = con.execute("insert into _ignorees select _r, _s from _manquantes where rejetee is false")
                stranded += ignored.fetchall()[0][0]
    if not stranded:
        return
    rows = "select distinct _r, _s from _ignorees"
    unsettled = f"({rows} anti join ecart_{table.name} using (_r, _s))"
    _note(con, table, f"select _r, _s, 'ignoree', '{OF_AN_IGNORED_ROW}', null, null from {unsettled}")


def _find_missing(con: duckdb.DuckDBPyConnection, table: Table, column: str, target: str, accepted: str) -> int:
    """Make ``_manquantes``: the rows whose ``column`` is none of the ``accepted`` keys (``k``), and what became of it.

    Return how many there are.  ``rejetee`` is true where a row of ``target`` with that key was rejected, false where
    all were ignored, null where there is none.
    """
    key = load().tables[target].key[0]
    missing = (
        f"select _r, _s, {column} as k from {_settled(table)} "
        f"where {column} is not null and {column} not in (select k from ({accepted}) where k is not null)"
    )
    fate = (
        f"select {key} as k, bool_or(etat = 'rejetee') as rejetee from etape_{target} "
        f"join ecart_{target} using (_r, _s) where {key} is not null group by all"
    )
    if not _made(con, "_sans_cible", missing):
        return 0
    return _made(con, "_manquantes", f"select _r, _s, rejetee from _sans_cible left join ({fate}) using (k)")


def _note_missing(con: duckdb.DuckDBPyConnection, table: Table, column: str, target: str) -> int:
    """Note the rows of ``_manquantes`` that refer to nothing or to a rejected row."""
    named = database.text(column)
    return _note(
        con, table, "select _r, _s, 'rejetee', "
        f"case when rejetee then 'REFERENCE_REJETEE' else 'REFERENCE_INCONNUE' end, {named}, "
        f"case when rejetee then {database.text(f'désigne une ligne rejetée de «{target}»')} "
        f"else {database.text(f'ne désigne aucune ligne de «{target}»')} end "
        "from _manquantes where rejetee is not false",
    )  # fmt: skip


def _note_fusions(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> None:
    """Note merged records whose target is missing, rejected or ignored, and cycles.

    Each may strand others, so until none is left.
    """
    key = table.key[0]
    if con.execute(f"select count({column}) from etape_{table.name}").fetchall() == [(0,)]:
        return
    noted = 1
    while noted:
        noted = _note_cycles(con, table, column)
        if _find_missing(con, table, column, table.name, f"select {key} as k from {_settled(table)}"):
            noted += _note_missing(con, table, column, table.name)
            ignored = f"select _r, _s, 'ignoree', '{OF_AN_IGNORED_ROW}', null, null from _manquantes"
            noted += _note(con, table, f"{ignored} where rejetee is false")


def _note_cycles(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> int:
    key = table.key[0]
    links = f"select {key}, {column} from {_settled(table)}"
    endless = fusion.endless(con, links)
    if not endless:
        return 0
    ends = f"select {key}, {column} from ({links}) where {key} in (select unnest($1))"
    pairs = con.execute(ends, [sorted(endless)]).fetchall()
    con.execute("create or replace temp table _cycle as select unnest($1) as k", [sorted(fusion.in_cycle(dict(pairs)))])
    return _note(
        con, table, f"select _r, _s, 'rejetee', 'CYCLE_FUSION', {database.text(column)}, "
        f"'la chaîne de fusions ne se termine pas (cycle)' from {_settled(table)} "
        f"where {key} in (select k from _cycle)",
    )  # fmt: skip


def _publish(con: duckdb.DuckDBPyConnection, table: Table, blocks: Sequence[Block]) -> None:
    columns = ", ".join(table.columns)
    folded = blocks[0].repli
    if folded is not None:
        con.execute(f"create table {table.name} as {_folded(table, folded)}")
    else:
        distinct = "" if table.key else "distinct "
        con.execute(f"create view {table.name} as select {distinct}{columns} from {_settled(table)}")


def _folded(table: Table, fold: Fold) -> str:
    """Return the query that makes one row of rows that go on in the next; whoever has none that does is left alone."""
    columns, par = ", ".join(table.columns), ", ".join(fold.par)
    going_on = f"(select {par} from {_settled(table)} where _suite)"
    follows = "suite and date_entree >= coalesce(fin_precedente, date_entree)"
    if fold.ecart_max is not None:
        follows += f" and date_entree - fin_precedente <= {fold.ecart_max}"
    window = f"over (partition by {par} order by date_entree, coalesce(date_sortie, date '9999-12-31'), sejour_id)"
    of_the_last = ("date_sortie", "sortie_definitive")
    kept = ", ".join(
        f"list({c} order by _rang {'desc' if c in of_the_last else 'asc'})[1] as {c}" for c in table.columns
    )
    return (
        f"with suivi as (select {columns}, row_number() {window} as _rang, lag(_suite) {window} as suite, "
        f"lag(date_sortie) {window} as fin_precedente from {_settled(table)} semi join {going_on} using ({par})), "
        f"groupe as (select *, sum(case when {follows} then 0 else 1 end) over (partition by {par} order by _rang) "
        f"as _groupe from suivi) select {kept} from groupe group by {par}, _groupe "
        f"union all select {columns} from {_settled(table)} anti join {going_on} using ({par})"
    )
