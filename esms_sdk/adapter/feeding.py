"""The rows that feed a block: its source, unpivoted or split, with what is looked up in other sources.

A row of a source that its filters set aside, or that is irregular, is looked up by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.expressions import run
from esms_sdk.adapter.mapping import Adapter, Block, Join
from esms_sdk.adapter.sources.relation import Relation
from esms_sdk.errors import AdapterError

if TYPE_CHECKING:
    import duckdb

_USABLE = "not _irreguliere and _ecarte is null"


@dataclass(frozen=True, slots=True)
class Fed:
    """The rows of a block as a SQL ``FROM`` (``_r``, ``_s``, ``_vide`` and the columns), and what rules may name.

    ``columns`` are those of the block's own source, ``joined`` those of the others, which stand under the other's name
    alone: a name without it is the block's own.  ``prefixed`` are the sources whose keys bear a prefix.
    """

    main: str
    columns: tuple[str, ...]
    joined: Mapping[str, tuple[str, ...]]
    prefixed: frozenset[str]
    rows: str

    def column(self, given: str) -> tuple[str, str]:
        """Return the SQL of a column, or of ``other.column`` of a joined source, and the source that has it."""
        if given not in self.columns:
            other, _, inner = given.partition(".")
            if inner in self.joined.get(other, ()):
                return f"{database.name(other)}.{database.name(inner)}", other
        return f"{database.name(self.main)}.{database.name(given)}", self.main

    def prefix(self, source: str) -> str | None:
        """Return the SQL of the prefix of the keys that a source has, if they bear one."""
        if source not in self.prefixed:
            return None
        return f"{database.name(source)}._prefixe" if source == self.main else _hidden(source, "prefixe")


def fed(adapter: Adapter, block: Block, relations: Mapping[str, Relation]) -> Fed:
    """Return the rows that feed a block."""
    columns = relations[block.source].columns
    rows = f"(select *, 0 as _s, false as _vide from source.{database.name(block.source)})"
    if block.depivot:
        made = (*block.depivot[0], "rang")
        rows = _unpivoted(block, adapter.sources[block.source].nuls, columns)
        columns = (*(c for c in columns if c.lower() not in {m.lower() for m in made}), *made)
    elif block.eclater:
        rows = _split(block)
    rows += f" {database.name(block.source)}"
    prefixed = frozenset(
        name for name in (block.source, *(j.source for j in block.jointures)) if adapter.sources[name].prefixe
    )
    own = {column.lower() for column in columns}
    for join in block.jointures:
        both = {join.source, block.source} <= prefixed
        rows += _joined(join, block.source, relations[join.source].columns, own, both_prefixed=both)
    joined = {join.source: relations[join.source].columns for join in block.jointures}
    return Fed(block.source, columns, joined, prefixed, rows)


def _unpivoted(block: Block, nulls: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """Return a row for each group with a filled cell (``_s`` is its rank), one that is ``_vide`` where none is."""
    assert block.depivot
    names, groups = block.depivot

    def struct(cells: list[str], rank: int) -> str:
        pairs = zip((*names, "rang"), (*cells, f"'{rank}'" if rank else "cast(null as varchar)"), strict=True)
        return "{" + ", ".join(f"{database.text(n)}: {cell}" for n, cell in pairs) + f", '_s': {rank}}}"

    listed = ", ".join(struct([database.name(c) for c in group], i) for i, group in enumerate(groups, 1))
    none = struct(["cast(null as varchar)"] * len(names), 0)
    empty = ", ".join(map(database.text, ("", *nulls)))
    filled = " or ".join(f"coalesce(trim(_x.{database.name(n)}) not in ({empty}), false)" for n in names)
    fields = ", ".join(f"_g.{database.name(n)} as {database.name(n)}" for n in (*names, "rang"))
    made = {name.lower() for name in (*names, "rang")}
    left_out = ", ".join(["_g", "_f", *(database.name(c) for c in columns if c.lower() in made)])
    return (
        f"(select * exclude ({left_out}), {fields}, _g._s as _s, _g._s = 0 as _vide from (select *, "
        f"unnest(case when len(_f) = 0 then [{none}] else _f end) as _g from (select *, "
        f"list_filter([{listed}], lambda _x: {filled}) as _f from source.{database.name(block.source)})))"
    )


def _split(block: Block) -> str:
    """Return a row for each piece of a cell that is not blank (``_s`` is its rank); one where the whole cell is."""
    assert block.eclater
    column, separator = block.eclater
    name = database.name(column)
    pieces = f"list_filter(string_split(coalesce({name}, ''), {database.text(separator)}), lambda _x: trim(_x) <> '')"
    return (
        f"(select * exclude (_f, {name}), _f[_s] as {name}, false as _vide from (select *, "
        f"unnest(range(1, greatest(len(_f), 1) + 1)) as _s from (select *, {pieces} as _f "
        f"from source.{database.name(block.source)})))"
    )


def _hidden(source: str, what: str) -> str:
    """Return the SQL name of a column of a joined source that no rule can name."""
    return database.name(f"_{source}#{what}")


def _joined(join: Join, main: str, columns: tuple[str, ...], own: set[str], *, both_prefixed: bool) -> str:
    """Return the SQL join; the other's columns are one structure that bears its name.

    Where the block's source has a column of that name they stand as they are; an expression must say whose it means.
    """
    here, there = database.name(main), database.name(join.source)
    kept = [f"trim({database.name(c)}) as {_hidden(join.source, str(i))}" for i, c in enumerate(join.sur.values())]
    kept.append(f"_prefixe as {_hidden(join.source, 'prefixe')}")
    cells = ", ".join(f"{database.text(c)}: {database.name(c)}" for c in columns)
    kept.append(", ".join(map(database.name, columns)) if join.source.lower() in own else f"{{{cells}}} as {there}")
    on = [f"trim({here}.{database.name(a)}) = {_hidden(join.source, str(i))}" for i, a in enumerate(join.sur)]
    if both_prefixed:
        on.append(f"{here}._prefixe = {_hidden(join.source, 'prefixe')}")
    rows = f"select {', '.join(kept)} from source.{there} where {_USABLE}"
    return f" left join ({rows}) {there} on {' and '.join(on)}"


def check_joins(con: duckdb.DuckDBPyConnection, adapter: Adapter, block: Block) -> None:
    """Raise :class:`AdapterError` where a look-up would multiply rows: its values stand twice on the other side."""
    for join in block.jointures:
        keys = [f"trim({database.name(c)})" for c in join.sur.values()]
        if adapter.sources[block.source].prefixe and adapter.sources[join.source].prefixe:
            keys.append("_prefixe")
        present = " and ".join(f"nullif({key}, '') is not null" for key in keys)
        doubled = run(
            con,
            f"select count(*) from (select {', '.join(keys)} from source.{database.name(join.source)} "
            f"where {_USABLE} and {present} group by all having count(*) > 1)",
            f"{block.place}.jointure",
        )
        if doubled != [(0,)]:
            named = ", ".join(join.sur.values())
            raise AdapterError(
                "ESMS-E209",
                f"{block.place}.jointure : {doubled[0][0]} valeur(s) de «{named}» figurent plusieurs fois dans "
                f"la source «{join.source}» ; des lignes seraient multipliées",
                hint="Ajouter une colonne à «sur», ou écarter les lignes en trop ([source.….ecarter]).",
            )
