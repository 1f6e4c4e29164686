"""Pass 1: each block of the mapping becomes one statement that types every row and notes its faults in one bit mask.

The staged table of a canonical table has ``_r`` (file and line), ``_s`` (0, or the place among the rows that one source
row gives), ``_motif`` (why a filter sets the row aside), ``_faute`` (a bit per fault, the lowest is the one that is told),
``_brut`` (the raw text of that fault), ``_repete`` (a hash of the source row, for tables without key), ``_version_<i>``
where versions are ordered, ``_suite`` where rows are folded, ``#column`` (a label that the mapping does not know) and the
canonical columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter import hooks, values
from esms_sdk.adapter.mapping import Adapter, Block, ColumnRule
from esms_sdk.adapter.sources.relation import Relation
from esms_sdk.errors import AdapterError
from esms_sdk.lot.rows import EXPECTED, order_rule
from esms_sdk.lot.schema import Column, Table

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Bit:
    """One bit of a mask: the reject that it stands for."""

    code: str
    column: str
    message: str


def bits(table: Table) -> list[Bit]:
    """Return the bits of a table's mask, lowest (told first) to highest."""
    found = [
        Bit(
            "LIGNE_IRREGULIERE",
            "",
            "le nombre de cellules n'est pas celui de l'en-tête, ou un guillemet n'est pas fermé",
        )
    ]
    found += [
        Bit("CLE_MANQUANTE", name, "la clé de la ligne est vide")
        for name in table.key
        if table.columns[name].default is None
    ]
    for column in table.columns.values():
        found.append(_unreadable(column))
        if column.required and column.name not in table.key:
            found.append(Bit("COLONNE_REQUISE", column.name, "valeur obligatoire absente"))
        elif column.required_if:
            found.append(Bit("COLONNE_REQUISE", column.name, f"valeur obligatoire absente quand {column.required_if}"))
    if order := order_rule(table):
        found.append(Bit(order.code, order.column, order.message))
    return found


def _unreadable(column: Column) -> Bit:
    if column.kind == "code":
        listed = f" (codes du schéma : {', '.join(column.values)})" if column.values else ""
        return Bit("CODE_INCONNU", column.name, f"libellé inconnu de l'adaptateur{listed}")
    return Bit(
        "TYPE_INVALIDE", column.name, f"{EXPECTED.get(column.kind, 'une valeur')} : aucun format déclaré ne convient"
    )


def stage(
    con: duckdb.DuckDBPyConnection,
    adapter: Adapter,
    table: Table,
    blocks: Sequence[Block],
    relations: Mapping[str, Relation],
) -> None:
    """Create the staged table ``etape_<table>`` from its blocks."""
    queries = []
    for block in blocks:
        _check_joins(con, block)
        queries.append(f"({_query(con, adapter, block, relations)})")
    place = f"table {table.name} (source {', '.join(block.source for block in blocks)})"
    run(con, f"create table etape_{table.name} as {' union all by name '.join(queries)}", place)


def run(con: duckdb.DuckDBPyConnection, query: str, place: str) -> list[tuple[object, ...]]:
    """Run SQL that holds the adapter's own expressions; what the engine refuses is the adapter's fault."""
    import duckdb

    try:
        return con.execute(query).fetchall()
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException) as error:
        raise AdapterError("ESMS-E207", f"{place} : expression refusée par le moteur ({_first_line(error)})",
                           hint="Corriger l'expression SQL dans adapter.toml.") from error  # fmt: skip
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        raise AdapterError("ESMS-E208", f"{place} : une expression échoue sur une ligne",
                           hint="Employer try_cast et try_strptime, qui donnent un vide au lieu d'échouer.") from error  # fmt: skip


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _check_joins(con: duckdb.DuckDBPyConnection, block: Block) -> None:
    for join in block.jointures:
        there = ", ".join(f"trim({database.name(c)})" for c in join.sur.values())
        doubled = run(
            con, f"select count(*) from (select {there} from source.{database.name(join.source)} group by all having count(*) > 1)",
            f"jointure «{join.source}»",
        )  # fmt: skip
        if doubled != [(0,)]:
            raise AdapterError("ESMS-E209", f"jointure «{join.source}» : {doubled[0][0]} valeur(s) de "
                               f"{', '.join(join.sur.values())} y figurent plusieurs fois ; des lignes seraient multipliées")  # fmt: skip


def _query(con: duckdb.DuckDBPyConnection, adapter: Adapter, block: Block, relations: Mapping[str, Relation]) -> str:
    source = adapter.sources[block.source]
    columns = relations[block.source].columns + (block.depivot[0] + ("rang",) if block.depivot else ())
    joined = {join.source: relations[join.source].columns for join in block.jointures}
    raws = {name: values.raw(rule, source, block.source, joined, columns) for name, rule in block.columns.items()}
    raws |= {
        name: hooks.applied(con, adapter, block, rule, raws[name], _from(block))
        for name, rule in block.columns.items()
        if rule.python
    }
    brut = ["_r", "_s", f"{_motif(source.ecarter, block)} as _motif", "_irreguliere"]
    brut += [f"{raw} as {_raw(name)}" for name, raw in raws.items()]
    if not block.table.key:
        brut.append(
            f"hash({', '.join(f'{database.name(block.source)}.{database.name(c)}' for c in columns)}) as _repete"
        )
    if block.derniere_version:
        brut += [f"({expression}) as _version_{i}" for i, expression in enumerate(block.derniere_version)]
    if block.repli:
        brut.append(f"coalesce(({block.repli.suite_si}), false) as _suite")
    zones = [f"{rule.fuseau} as {_zone(name)}" for name, rule in block.columns.items() if rule.fuseau]
    typed = [f"{_typed(block, c, adapter)} as {database.name(c.name)}" for c in block.table.columns.values()]
    return (
        f"with brut as (select {', '.join(brut + zones)} from {_from(block)}), "
        f"type as (select *, {', '.join(typed)} from brut), "
        f"faute as (select *, {_mask(block)} as _faute from type) "
        f"select {_kept(block)} from faute"
    )


def _raw(name: str) -> str:
    return database.name(f"v_{name}")


def _zone(name: str) -> str:
    return database.name(f"z_{name}")


def _motif(*filters: object) -> str:
    """Return the SQL of the name of the first filter that sets the row aside, null where none does."""
    source, block = filters
    assert isinstance(source, Mapping) and isinstance(block, Block)
    whens = [
        f"when ({condition}) then {database.text(name)}" for name, condition in {**source, **block.ecarter}.items()
    ]
    return f"case {' '.join(whens)} end" if whens else "cast(null as varchar)"


def _typed(block: Block, column: Column, adapter: Adapter) -> str:
    rule = block.columns.get(column.name)
    if rule is None:
        value = f"cast(null as {column.sql_type})"
    else:
        zoned = rule if not rule.fuseau else _with_zone(rule)
        value = values.typed(zoned, _raw(column.name), database.text(adapter.fuseau))
    if column.sql_default is None:
        return value
    if rule is None:
        return column.sql_default
    return f"case when {_raw(column.name)} is null then {column.sql_default} else {value} end"


def _with_zone(rule: ColumnRule) -> ColumnRule:
    from dataclasses import replace

    return replace(rule, fuseau=_zone(rule.column.name))


def _conditions(block: Block) -> list[str]:
    """Return the SQL of each bit of the mask, in the order of :func:`bits`."""
    table = block.table
    found = ["_irreguliere"]
    found += [f"{_raw(name)} is null" for name in table.key if table.columns[name].default is None]
    for column in table.columns.values():
        name = database.name(column.name)
        given = column.name in block.columns
        lenient = is_lenient(block.columns.get(column.name), column)
        unreadable = f"{_raw(column.name)} is not null and {name} is null"
        found.append(unreadable if given and not lenient else "false")
        if column.required and column.name not in table.key:
            found.append(f"{_raw(column.name)} is null")
        elif column.required_if:
            empty = f"{_raw(column.name)} is null" if given and not lenient else f"{name} is null"
            found.append(f"({column.required_if}) and {empty}")
    if order := order_rule(table):
        found.append(order.condition)
    return found


def _mask(block: Block) -> str:
    terms = [
        f"(case when {condition} then {1 << i} else 0 end)"
        for i, condition in enumerate(_conditions(block))
        if condition != "false"
    ]
    return f"cast({' | '.join(terms)} as bigint)"


def _kept(block: Block) -> str:
    """Return what the staged table keeps of a row."""
    lowest = "_faute & -_faute"
    whens = [
        f"when {1 << i} then {_raw(bit.column)}"
        for i, bit in enumerate(bits(block.table))
        if bit.column in block.columns
    ]
    kept = ["_r", "_s", "_motif", "_faute"]
    kept.append(f"case when _faute = 0 then null else case {lowest} {' '.join(whens)} end end as _brut")
    kept += [name for name, there in (("_repete", not block.table.key), ("_suite", block.repli)) if there]
    kept += [f"_version_{i}" for i in range(len(block.derniere_version))]
    for name, rule in block.columns.items():
        if is_labelled(rule):
            kept.append(f"case when {database.name(name)} is null then {_raw(name)} end as {database.name('#' + name)}")
    kept += [database.name(c) for c in block.table.columns]
    return ", ".join(kept)


def is_labelled(rule: ColumnRule) -> bool:
    """Say whether the column's labels may be unknown to the mapping."""
    listed = rule.codes is not None or (rule.column.kind == "code" and bool(rule.column.values))
    return listed and rule.valeur is None


def is_lenient(rule: ColumnRule | None, column: Column) -> bool:
    """Say whether an unknown label gives null: in a nullable column that codes fill (contract §2)."""
    return column.null and rule is not None and is_labelled(rule)


def _from(block: Block) -> str:
    alias = database.name(block.source)
    rows = f"(select *, 0 as _s from source.{alias}) {alias}"
    if block.depivot:
        names, groups = block.depivot
        structs = ", ".join(
            "{"
            + ", ".join(f"{database.text(n)}: {database.name(c)}" for n, c in zip(names, group, strict=True))
            + f", 'rang': '{i}'"
            + "}"
            for i, group in enumerate(groups, 1)
        )
        fields = ", ".join(f"_g.{database.name(n)} as {database.name(n)}" for n in (*names, "rang"))
        filled = " or ".join(f"nullif(trim(_g.{database.name(n)}), '') is not null" for n in names)
        rows = (
            f"(select * exclude (_g), {fields}, cast(_g.rang as integer) as _s from (select *, unnest([{structs}]) as _g "
            f"from source.{alias}) where {filled}) {alias}"
        )
    elif block.eclater:
        column, separator = block.eclater
        name = database.name(column)
        pieces = f"string_split(coalesce({name}, ''), {database.text(separator)})"
        rows = (
            f"(select * exclude (_p, {name}), _p[_s + 1] as {name} from (select *, unnest(range(len(_p))) as _s from "
            f"(select *, {pieces} as _p from source.{alias}))) {alias}"
        )
    for join in block.jointures:
        other = database.name(join.source)
        on = " and ".join(
            f"trim({alias}.{database.name(here)}) = trim({other}.{database.name(there)})"
            for here, there in join.sur.items()
        )
        # One column that holds the whole row: only other."COLUMN" exists, so that no name here becomes ambiguous.
        rows += f" left join (select {other} from source.{other} {other}) {database.name(join.source + '__')} on {on}"
    return rows
