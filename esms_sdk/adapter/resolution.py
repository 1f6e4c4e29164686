"""Pass 2: what a row cannot know by itself – versions, repeats, references, fusions, folds.

Only the rows that something happens to are written down, in ``ecart_<table>`` (``_r``, ``_s``, ``etat`` rejetee or ignoree,
``code``, ``colonne``, ``message``); the accepted rows are the staged ones less those.  Tables come in the schema's order, so
that what a row refers to is settled before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.mapping import Block
from esms_sdk.adapter.staging import bits
from esms_sdk.lot import fusion
from esms_sdk.lot.schema import Table, load

if TYPE_CHECKING:
    import duckdb

_NOTED = "_r bigint, _s bigint, etat varchar, code varchar, colonne varchar, message varchar"


def resolve(con: duckdb.DuckDBPyConnection, table: Table, blocks: Sequence[Block]) -> None:
    """Settle every staged row of ``table`` and make its accepted rows the relation ``<table>``."""
    con.execute(f"create table ecart_{table.name} ({_NOTED})")
    _note_filtered(con, table)
    versions = max((len(block.derniere_version) for block in blocks), default=0)
    if versions:
        _note_superseded(con, table, versions)
    _note_faults(con, table)
    if table.key:
        _note_repeated_keys(con, table)
    else:
        _note_repeated_rows(con, table)
    _note_references(con, table)
    _publish(con, table, blocks)


def _note(con: duckdb.DuckDBPyConnection, table: Table, rows: str) -> int:
    """Write down the rows of a query (_r, _s, etat, code, colonne, message); return how many."""
    count: int = con.execute(f"insert into ecart_{table.name} {rows}").fetchall()[0][0]
    return count


def _settled(table: Table) -> str:
    """Return the staged rows that nothing was noted for yet."""
    return f"(select * from etape_{table.name} anti join ecart_{table.name} using (_r, _s))"


def _note_filtered(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    _note(con, table, f"select _r, _s, 'ignoree', _motif, null, null from etape_{table.name} where _motif is not null")


def _note_superseded(con: duckdb.DuckDBPyConnection, table: Table, versions: int) -> None:
    key = ", ".join(table.key)
    order = ", ".join(f"_version_{i} desc nulls last" for i in range(versions))
    ranked = f"select _r, _s, rank() over (partition by {key} order by {order}) as place from {_settled(table)} where ({key}) is not null"
    if len(table.key) > 1:
        present = " and ".join(f"{c} is not null" for c in table.key)
        ranked = ranked.replace(f"({key}) is not null", present)
    _note(con, table, f"select _r, _s, 'ignoree', 'version_remplacee', null, null from ({ranked}) where place > 1")


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
    key = ", ".join(table.key)
    content = ", ".join(table.columns)
    rows = _settled(table)
    repeated = f"select {key} from (select {key} from {rows}) group by all having count(*) > 1"
    con.execute(
        f"create or replace temp table _repetees as select _r, _s, "
        f"row_number() over (partition by {key} order by _r, _s) as place, "
        f"count(distinct hash({content})) over (partition by {key}) as contenus "
        f"from (select * from {rows} semi join ({repeated}) using ({key}))"
    )
    message = "cette clé figure sur plusieurs lignes dont le contenu diffère"
    _note(
        con,
        table,
        f"select _r, _s, 'rejetee', 'CLE_EN_DOUBLE', {database.text(key)}, {database.text(message)} from _repetees where contenus > 1",
    )
    _note(
        con, table, "select _r, _s, 'ignoree', 'repetition', null, null from _repetees where contenus = 1 and place > 1"
    )


def _note_repeated_rows(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    rows = f"(select _r, _s, _repete from {_settled(table)})"
    repeated = f"select _repete from {rows} group by all having count(*) > 1"
    places = f"select _r, _s, row_number() over (partition by _repete order by _r, _s) as place from {rows} semi join ({repeated}) using (_repete)"
    _note(con, table, f"select _r, _s, 'ignoree', 'repetition', null, null from ({places}) where place > 1")


def _note_references(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    for column, target in table.references.items():
        if target == table.name:
            _note_fusions(con, table, column)
        else:
            _note_missing(con, table, column, target, f"select {load().tables[target].key[0]} as k from {target}")


def _note_missing(con: duckdb.DuckDBPyConnection, table: Table, column: str, target: str, accepted: str) -> int:
    """Note the rows whose ``column`` is none of the ``accepted`` keys of ``target`` (a query that gives ``k``)."""
    key = load().tables[target].key[0]
    con.execute(
        f"create or replace temp table _manquantes as select _r, _s, {column} as k "
        f"from {_settled(table)} where {column} is not null and {column} not in (select k from ({accepted}) where k is not null)"
    )
    fate = f"select {key} as k, bool_or(etat = 'rejetee') as rejetee from etape_{target} join ecart_{target} using (_r, _s) where {key} is not null group by all"
    return _note(
        con, table,
        "select _r, _s, case when rejetee is false then 'ignoree' else 'rejetee' end, "
        "case when rejetee is null then 'REFERENCE_INCONNUE' when rejetee then 'REFERENCE_REJETEE' else 'reference_ignoree' end, "
        f"{database.text(column)}, case when rejetee is null then {database.text(f'ne désigne aucune ligne de «{target}»')} "
        f"when rejetee then {database.text(f'désigne une ligne rejetée de «{target}»')} end "
        f"from _manquantes left join ({fate}) using (k)",
    )  # fmt: skip


def _note_fusions(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> None:
    """Note merged records whose target is missing or rejected, and cycles; each may strand others, so until none is left."""
    key = table.key[0]
    if con.execute(f"select count({column}) from etape_{table.name}").fetchall() == [(0,)]:
        return
    while True:
        links = f"select {key}, {column} from {_settled(table)}"
        noted = _note_missing(con, table, column, table.name, f"select {key} as k from {_settled(table)}")
        endless = fusion.endless(con, links)
        if endless:
            pairs = con.execute(
                f"select {key}, {column} from ({links}) where {key} in (select unnest($1))", [sorted(endless)]
            ).fetchall()
            cycle = sorted(fusion.in_cycle(dict(pairs)))
            con.execute("create or replace temp table _cycle as select unnest($1) as k", [cycle])
            noted += _note(
                con, table, f"select _r, _s, 'rejetee', 'CYCLE_FUSION', {database.text(column)}, 'la chaîne de fusions ne se termine pas (cycle)' "
                f"from {_settled(table)} where {key} in (select k from _cycle)",
            )  # fmt: skip
        if not noted:
            return


def _publish(con: duckdb.DuckDBPyConnection, table: Table, blocks: Sequence[Block]) -> None:
    columns = ", ".join(table.columns)
    folded = next((block.repli for block in blocks if block.repli), None)
    if folded is None:
        distinct = "" if table.key else "distinct "
        con.execute(f"create view {table.name} as select {distinct}{columns} from {_settled(table)}")
        return
    par = ", ".join(folded.par)
    gap = f" and date_entree - fin_precedente <= {folded.ecart_max}" if folded.ecart_max is not None else ""
    window = f"over (partition by {par} order by date_entree, coalesce(date_sortie, date '9999-12-31'), sejour_id)"
    of_the_last = ("date_sortie", "sortie_definitive")
    kept = ", ".join(
        f"list({c} order by _rang {'desc' if c in of_the_last else 'asc'})[1] as {c}" for c in table.columns
    )
    con.execute(
        f"create table {table.name} as with suivi as (select {columns}, row_number() {window} as _rang, "
        f"lag(_suite) {window} as suite, lag(date_sortie) {window} as fin_precedente from {_settled(table)}), "
        f"groupe as (select *, sum(case when suite{gap} then 0 else 1 end) over (partition by {par} order by _rang) "
        f"as _groupe from suivi) select {kept} from groupe group by {par}, _groupe"
    )
