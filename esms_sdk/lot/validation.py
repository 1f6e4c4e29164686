"""Every fault of a lot's tables at once, by file, line and column."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.errors import Fault
from esms_sdk.lot import fusion
from esms_sdk.lot.manifest import FILE, Manifest, shown_finess
from esms_sdk.lot.rows import EXPECTED, Rule, code_rule, order_rule, required_rules
from esms_sdk.lot.schema import UNUSED_WHEN, Table, load
from esms_sdk.lot.tables import Judged

if TYPE_CHECKING:
    import duckdb

# How many rows are named for one fault of one column, and how many faults of one kind; the rest is counted.
NAMED = 20


def bounded(faults: Iterable[Fault]) -> list[Fault]:
    """Return the first faults of each code and file, and how many more there are."""
    kept: list[Fault] = []
    seen: dict[tuple[str, str | None], int] = {}
    for fault in faults:
        kind = (fault.code, None if fault.code.startswith("TABLE") else fault.fichier)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= NAMED:
            kept.append(fault)
    more = [(code, file, count - NAMED) for (code, file), count in seen.items() if count > NAMED]
    return kept + [Fault(code, f"et {count} autres défauts de cette nature", file) for code, file, count in more]


def _in_use(table: Table, column: str) -> str:
    """Return the condition under which a column counts on a row, ready to stand before another one."""
    unused = UNUSED_WHEN.get((table.name, column))
    return f"({unused}) is not true and " if unused else ""


def _regular(one: Judged) -> str:
    """Return the condition of the rows that have the cells of the header, ready to stand before another one."""
    return f"not ({one.irregular}) and " if one.width else ""


def _readable(one: Judged, column: str) -> str:
    """Return the condition of the rows whose column holds nothing unreadable, ready to stand before another one."""
    return f"({one.unreadable[column]}) is not true and " if column in one.unreadable else ""


def _rules(one: Judged) -> Iterable[Rule]:
    """Yield what can be wrong with a row by itself."""
    if one.width:
        message = "guillemet ouvert et jamais fermé, ou suivi d'autre chose que le séparateur"
        yield Rule("GUILLEMETS", "", one.broken, message)
        irregular = f"{one.irregular} and not ({one.broken})"
        yield Rule("LIGNE_IRREGULIERE", "", irregular, f"{one.width} cellules attendues, comme à la ligne d'en-tête")
    regular = _regular(one)
    for column in one.table.columns.values():
        used = regular + _in_use(one.table, column.name)
        if unreadable := one.unreadable.get(column.name):
            yield Rule("TYPE_INVALIDE", column.name, used + unreadable, f"on attend {EXPECTED[column.kind]}")
        if rule := code_rule(column):
            yield Rule(rule.code, rule.column, used + rule.condition, rule.message)
    for rule in required_rules(one.table):
        if rule.column in one.columns:
            yield Rule(rule.code, rule.column, regular + _readable(one, rule.column) + rule.condition, rule.message)
    if order := order_rule(one.table):
        yield Rule(order.code, order.column, regular + order.condition, order.message)


@dataclass(frozen=True, slots=True)
class _Check:
    """A rule on rows that are not alone: how many break it, and which (``_fichier, _ligne``), as queries."""

    rule: Rule
    count: str
    rows: str


def table_faults(con: duckdb.DuckDBPyConnection, one: Judged, targets: Mapping[str, Judged]) -> list[Fault]:
    """Return the faults of a table's rows, by themselves, by their keys and by what they refer to in ``targets``.

    All is counted in one statement; rows are looked for only where there are some.
    """
    rules = list(_rules(one))
    checks = [*_key_checks(one), *_reference_checks(one, targets)]
    alone = ", ".join(f"count(*) filter ({rule.condition})" for rule in rules)
    parts = [f"select 0 as place, [{alone}] as nombres from {one.rows}"]
    parts += [f"select {place}, [({check.count})]" for place, check in enumerate(checks, 1)]
    found = dict(con.execute(" union all ".join(parts)).fetchall())
    faults: list[Fault] = []
    for rule, count in zip(rules, found[0], strict=True):
        if count:
            faults += _named(con, f"select _fichier, _ligne from {one.rows} where {rule.condition}", rule, count)
    for place, check in enumerate(checks, 1):
        if count := int(found[place][0]):
            faults += _named(con, check.rows, check.rule, count)
    return faults


def _named(con: duckdb.DuckDBPyConnection, rows: str, rule: Rule, count: int) -> list[Fault]:
    """Return the faults of the rows of a query (``_fichier, _ligne``): the first ones by line, the rest counted."""
    found = con.execute(f"{rows} order by all limit {NAMED}").fetchall()
    column = rule.column or None
    faults = [Fault(rule.code, rule.message, file, line, column) for file, line in found]
    if count > len(found):
        rest = count - len(found)
        faults.append(Fault(rule.code, f"{rule.message} : et d'autres encore", found[-1][0], None, column, rest))
    return faults


def _key_checks(one: Judged) -> Iterable[_Check]:
    """Yield the check of rows whose key stands on another row too, exact repeats included."""
    key = one.table.key
    if not key or not set(key) <= set(one.columns):
        return
    listed = ", ".join(database.name(c) for c in key)
    whole = " and ".join(f"{_readable(one, c)}{database.name(c)} is not null" for c in key)
    rows = f"(select * from {one.rows} where {_regular(one)}{whole})"
    repeated = f"select {listed}, count(*) as _nombre from {rows} group by {listed} having count(*) > 1"
    yield _Check(
        Rule("CLE_EN_DOUBLE", ", ".join(key), "", "clé portée par plusieurs lignes"),
        f"select coalesce(sum(_nombre), 0) from ({repeated})",
        f"select _fichier, _ligne from {rows} semi join ({repeated}) using ({listed})",
    )


def _reference_checks(one: Judged, targets: Mapping[str, Judged]) -> Iterable[_Check]:
    """Yield the checks of rows that refer to a key that is nowhere.

    A table that is not given cannot be asked: an ``envoi`` may name its document where ``document`` is not supplied.
    """
    for column, target in one.table.references.items():
        key = load().tables[target].key[0]
        if target not in targets or key not in targets[target].columns or column not in one.columns:
            continue
        name = database.name(column)
        missing = (
            f"from (select * from {one.rows} where {_regular(one)}{name} is not null) r "
            f"anti join {targets[target].rows} c on c.{database.name(key)} = r.{name}"
        )
        rule = Rule("REFERENCE_INCONNUE", column, "", f"ne désigne aucune ligne de «{target}»")
        yield _Check(rule, f"select count(*) {missing}", f"select r._fichier, r._ligne {missing}")


def fusion_faults(con: duckdb.DuckDBPyConnection, one: Judged) -> list[Fault]:
    """Return the rows of ``usager`` that are on a cycle of fusions; those that lead into it are not at fault."""
    if not {"usager_id", "usager_id_fusion"} <= set(one.columns):
        return []
    links = f"select usager_id, usager_id_fusion from {one.rows}"
    endless = sorted(fusion.endless(con, links))
    if not endless:
        return []
    ids = "select unnest($1) as usager_id"
    chains = con.execute(f"{links} where usager_id in ({ids}) and usager_id_fusion is not null", [endless]).fetchall()
    con.execute(f"create or replace temp table _cycle as {ids}", [sorted(fusion.in_cycle(dict(chains)))])
    rows = f"from {one.rows} where usager_id in (select usager_id from _cycle)"
    count = con.execute(f"select count(*) {rows}").fetchall()[0][0]
    rule = Rule("CYCLE_FUSION", "usager_id_fusion", "", "la chaîne de fusions revient à son départ")
    return _named(con, f"select _fichier, _ligne {rows}", rule, count)


def perimeter_faults(con: duckdb.DuckDBPyConnection, perimetre: Sequence[str]) -> list[Fault]:
    """Return the FINESS of the perimeter that the table ``etablissement`` does not have."""
    known = {row[0] for row in con.execute("select finess_et from etablissement").fetchall()}
    return [
        Fault("PERIMETRE", f"perimetre : le FINESS {shown_finess(finess)} n'est pas dans la table etablissement", FILE)
        for finess in perimetre
        if finess not in known
    ]


def supplied_faults(con: duckdb.DuckDBPyConnection, manifest: Manifest, judged: Collection[Judged]) -> list[Fault]:
    """Return the tables and columns that are declared ``non_fourni`` and hold data all the same."""
    faults: list[Fault] = []
    for one in judged:
        for column in ("", *one.table.columns):
            entry = f"{one.table.name}.{column}" if column else one.table.name
            if entry not in manifest.non_fourni:
                continue
            held = f"where {database.name(column)} is not null" if column else ""
            if con.execute(f"select exists (select 1 from {one.source} {held})").fetchall()[0][0]:
                message = f"«{entry}» est déclaré non_fourni, mais des données y figurent : corriger l'un ou l'autre"
                faults.append(Fault("NON_FOURNI", message, one.file, None, column or None))
    return faults
