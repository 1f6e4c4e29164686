"""Pass 1: each block of the mapping becomes one statement that types every row and notes its faults in one bit mask.

The staged table of a canonical table has ``_r`` (file and line), ``_s`` (the rank of the block, times ``BLOCK``, plus
the place among the rows that one source row gives), ``_motif`` (why a filter sets the row aside), ``_faute`` (a bit per
fault, the lowest is the one that is told), ``_brut`` (the raw text of that fault), ``_repete`` (a hash of the source
row and of what it gives, for tables without key), ``_version_<i>`` where versions are ordered, ``_suite`` where rows
are folded, ``#column`` (a label that the mapping does not know) and the canonical columns.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter import hooks, values
from esms_sdk.adapter.expressions import run
from esms_sdk.adapter.feeding import Fed, check_joins, fed
from esms_sdk.adapter.mapping import NO_GROUP, Adapter, Block, ColumnRule
from esms_sdk.adapter.sources.relation import Relation
from esms_sdk.errors import AdapterError
from esms_sdk.lot.rows import EXPECTED, order_rule
from esms_sdk.lot.schema import UNUSED_WHEN, Column, Table

if TYPE_CHECKING:
    import duckdb

BLOCK = 1 << 32
IRREGULAR = 1


@dataclass(frozen=True, slots=True)
class Bit:
    """One bit of a mask: the reject that it stands for."""

    code: str
    column: str
    message: str


RAGGED = Bit(
    "LIGNE_IRREGULIERE", "", "le nombre de cellules n'est pas celui de l'en-tête, ou un guillemet n'est pas fermé"
)


def bits(table: Table) -> list[Bit]:
    """Return the bits of a table's mask, lowest (told first) to highest."""
    found = [RAGGED]
    found += [Bit("CLE_MANQUANTE", name, "la clé de la ligne est vide") for name in _own_key(table)]
    for column in table.columns.values():
        expected = EXPECTED.get(column.kind, "une valeur")
        listed = f" (codes du schéma : {', '.join(column.values)})" if column.values else ""
        found.append(
            Bit(
                "TYPE_INVALIDE",
                column.name,
                f"on attend {expected}, ou un format déclaré",
            )
        )
        found.append(Bit("CODE_INCONNU", column.name, f"libellé inconnu de l'adaptateur{listed}"))
        if column.required and column.name not in table.key:
            found.append(Bit("COLONNE_REQUISE", column.name, "valeur obligatoire absente"))
        elif column.required_if:
            found.append(Bit("COLONNE_REQUISE", column.name, f"valeur obligatoire absente quand {column.required_if}"))
    if order := order_rule(table):
        found.append(Bit(order.code, order.column, order.message))
    return found


def _own_key(table: Table) -> list[str]:
    """Return the columns of the key that a row must fill itself."""
    return [name for name in table.key if table.columns[name].default is None]


def check_zones(con: duckdb.DuckDBPyConnection, adapter: Adapter) -> None:
    """Make the list of time zones, ``fuseaux``; raise :class:`AdapterError` where the adapter names another."""
    con.execute("create table fuseaux as select distinct name as nom from pg_timezone_names()")
    known = {row[0] for row in con.execute("select nom from fuseaux").fetchall()}
    named = {"adapter.fuseau": adapter.fuseau}
    for blocks in adapter.tables.values():
        for block in blocks:
            for name, rule in block.columns.items():
                named[f"{block.place}.colonnes.{name}.fuseau"] = rule.fuseau or adapter.fuseau
                named[f"{block.place}.colonnes.{name}.fuseau_source"] = rule.fuseau_source or adapter.fuseau
    for place, zone in named.items():
        if zone not in known:
            near = difflib.get_close_matches(zone, known, 1)
            hint = f"Voulez-vous dire «{near[0]}» ?" if near else "Écrire un nom comme Europe/Paris."
            raise AdapterError("ESMS-E214", f"{place} : fuseau horaire inconnu «{zone}»", hint=hint)


def stage(
    con: duckdb.DuckDBPyConnection,
    adapter: Adapter,
    table: Table,
    blocks: Sequence[Block],
    relations: Mapping[str, Relation],
) -> None:
    """Create the staged table ``etape_<table>`` from its blocks."""
    statements: list[str] = []
    parts: list[tuple[str, str]] = []
    for number, block in enumerate(blocks):
        check_joins(con, adapter, block)
        rows = fed(adapter, block, relations)
        query = _Query(adapter, block, rows, number)
        query.refuse_keys(relations[block.source].no_key)
        for rule in block.columns.values():
            if rule.python:
                query.answer(rule, *hooks.applied(con, adapter, block, rule, query.raws[rule.column.name], rows))
        statements.append(f"({query.statement()})")
        parts += query.parts()
    statement = f"create table etape_{table.name} as {' union all by name '.join(statements)}"
    run(con, statement, f"table.{table.name}", parts)


class _Query:
    """The statement of one block: texts, then values, then faults."""

    def __init__(self, adapter: Adapter, block: Block, rows: Fed, number: int) -> None:
        self.adapter, self.block, self.rows, self.number = adapter, block, rows, number
        self.table = block.table
        source = adapter.sources[block.source]
        self.raws = {name: values.raw(rule, source, rows) for name, rule in block.columns.items()}
        self.answers = ""

    def refuse_keys(self, pattern: str | None) -> None:
        """Take no text that the source says is no key for one."""
        for name in _own_key(self.table) if pattern else ():
            text = self.raws[name]
            self.raws[name] = f"case when not regexp_matches({text}, {database.text(pattern or '')}) then {text} end"

    def answer(self, rule: ColumnRule, join: str, text: str) -> None:
        """Take what a hook gave in the place of the raw text."""
        self.answers += join
        self.raws[rule.column.name] = text

    def statement(self) -> str:
        rows = self.rows.rows + self.answers
        typed = [f"{self._typed(c)} as {database.name(c.name)}" for c in self.table.columns.values()]
        return (
            f"with brut as (select {', '.join(self._texts())} from {rows}), "
            f"type as (select *, {', '.join(typed)} from brut), "
            f"faute as (select *, {self._mask()} as _faute from type) "
            f"select {', '.join(self._kept())} from faute"
        )

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield each expression of the adapter as its place and a query that runs it alone."""
        place, rows = self.block.place, self.rows.rows
        yield place, f"select 0 from {rows} limit 0"
        source = self.adapter.sources[self.block.source]
        own = f"source.{database.name(source.name)}"
        for name, condition in source.ecarter.items():
            yield f"source.{source.name}.ecarter.{name}", f"select count(*) filter ({condition}) from {own}"
        if source.prefixe:
            yield f"source.{source.name}.prefixe", f"select max(_prefixe) from {own}"
        for name, condition in self.block.ecarter.items():
            yield f"{place}.ecarter.{name}", f"select count(*) filter ({condition}) from {rows}"
        for name, rule in self.block.columns.items():
            if rule.sql:
                yield f"{place}.colonnes.{name}", f"select max(cast(({rule.sql}) as varchar)) from {rows}"
            if rule.fuseau_sql:
                yield f"{place}.colonnes.{name}.fuseau", f"select max(cast(({rule.fuseau_sql}) as varchar)) from {rows}"
        for expression in self.block.derniere_version:
            yield f"{place}.derniere_version", f"select max({expression}) from {rows}"
        if self.block.repli:
            yield f"{place}.repli.suite_si", f"select count(*) filter ({self.block.repli.suite_si}) from {rows}"

    def _texts(self) -> list[str]:
        found = ["_r", f"{self.number * BLOCK} + _s as _s", f"{self._motif()} as _motif", "_irreguliere"]
        found += [f"{raw} as {_raw(name)}" for name, raw in self.raws.items()]
        if not self.table.key:
            cells = ", ".join(f"{database.name(self.rows.main)}.{database.name(c)}" for c in self.rows.columns)
            found.append(f"hash({cells}) as _lettre")
        found += [f"({expression}) as _version_{i}" for i, expression in enumerate(self.block.derniere_version)]
        if self.block.repli:
            found.append(f"coalesce(cast(({self.block.repli.suite_si}) as boolean), false) as _suite")
        for name, rule in self.block.columns.items():
            if rule.fuseau_sql:
                zone = f"trim(cast(({rule.fuseau_sql}) as varchar))"
                known = f"case when {zone} in (select nom from fuseaux) then {zone} end"
                found.append(f"{known} as {_zone(name)}")
        return found

    def _motif(self) -> str:
        """Return the SQL of why the row is set aside, null where it is not; the source's filters come first."""
        whens = ["when _ecarte is not null then _ecarte"]
        whens += [f"when ({sql}) then {database.text(name)}" for name, sql in self.block.ecarter.items()]
        whens.append(f"when _vide and not _irreguliere then '{NO_GROUP}'")
        return f"case {' '.join(whens)} end"

    def _typed(self, column: Column) -> str:
        rule = self.block.columns.get(column.name)
        default = column.sql_default
        if rule is None:
            return default or f"cast(null as {column.sql_type})"
        zone = _zone(column.name) if rule.fuseau_sql else database.text(rule.fuseau or self.adapter.fuseau)
        value = values.typed(rule, _raw(column.name), zone)
        if rule.defaut is not None:
            default = values.literal(column, rule.defaut)
        return f"case when {_raw(column.name)} is null then {default} else {value} end" if default else value

    def _conditions(self) -> Iterator[str]:
        """Yield the SQL of each bit of the mask, in the order of :func:`bits`."""
        yield "_irreguliere"
        for name in _own_key(self.table):
            yield self._empty(self.table.columns[name])
        for column in self.table.columns.values():
            yield from self._unreadable(column)
            if column.required and column.name not in self.table.key:
                yield self._empty(column)
            elif column.required_if:
                yield f"({column.required_if}) and {self._empty(column)}"
        if order := order_rule(self.table):
            yield order.condition

    def _empty(self, column: Column) -> str:
        rule = self.block.columns.get(column.name)
        if rule is None:
            return "true"
        return "false" if rule.defaut is not None else f"{_raw(column.name)} is null"

    def _unreadable(self, column: Column) -> tuple[str, str]:
        """Return the conditions that the text is of a wrong type, and that it is an unknown label."""
        rule = self.block.columns.get(column.name)
        unused = UNUSED_WHEN.get((self.table.name, column.name))
        if rule is None or rule.valeur is not None:
            return "false", "false"
        wrong = f"{_raw(column.name)} is not null and {database.name(column.name)} is null"
        if not rule.listed:
            if column.kind in ("text", "code") and rule.codes is None:
                return "false", "false"
            return (f"({unused}) is not true and {wrong}" if unused else wrong), "false"
        if not rule.lenient:
            return "false", wrong
        return "false", f"({column.required_if}) and {wrong}" if column.required_if else "false"

    def _mask(self) -> str:
        terms = [
            f"(case when {condition} then {1 << i} else 0 end)"
            for i, condition in enumerate(self._conditions())
            if condition != "false"
        ]
        return f"cast({' | '.join(terms)} as bigint)"

    def _kept(self) -> list[str]:
        """Return what the staged table keeps of a row."""
        told = [(i, bit.column) for i, bit in enumerate(bits(self.table)) if bit.column in self.block.columns]
        whens = " ".join(f"when {1 << i} then {_raw(column)}" for i, column in told)
        kept = ["_r", "_s", "_motif", "_faute"]
        kept.append(f"case when _faute = 0 then null else case _faute & -_faute {whens} end end as _brut")
        columns = [database.name(c) for c in self.table.columns]
        if not self.table.key:
            kept.append(f"hash(_lettre, {', '.join(columns)}) as _repete")
        kept += ["_suite"] if self.block.repli else []
        kept += [f"_version_{i}" for i in range(len(self.block.derniere_version))]
        for name, rule in self.block.columns.items():
            if rule.listed:
                unused = UNUSED_WHEN.get((self.table.name, name), "false")
                unknown = f"{database.name(name)} is null and ({unused}) is not true and _faute & {IRREGULAR} = 0"
                kept.append(f"case when {unknown} then {_raw(name)} end as {label(name)}")
        return kept + columns


def _raw(name: str) -> str:
    return database.name(f"v_{name}")


def _zone(name: str) -> str:
    return database.name(f"z_{name}")


def label(column: str) -> str:
    """Return the SQL name of the labels of a column that the mapping does not know."""
    return database.name(f"#{column}")
