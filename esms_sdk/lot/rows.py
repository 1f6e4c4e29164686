"""One table of a lot as typed SQL: how its texts are read, and what makes a row wrong.

The same expressions serve the reader of a lot written by hand and, through the adapter engine, an import: a value that
one accepts is a value that the other accepts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from esms_sdk import database
from esms_sdk.lot.schema import DATE_ORDERS, Column, Table


@dataclass(frozen=True, slots=True)
class Rule:
    """One way for a row to be wrong: ``condition`` is SQL over the row, true where it is wrong."""

    code: str
    column: str
    condition: str
    message: str


EXPECTED = {
    "date": "une date AAAA-MM-JJ",
    "timestamp": "une date et heure AAAA-MM-JJTHH:MM:SS",
    "boolean": "true ou false",
    "integer": "un nombre entier",
}


def typed_text(column: Column, text: str) -> str:
    """Return the SQL that reads the text expression ``text`` as ``column`` of a lot; null where it cannot.

    Only the form that the contract names is read: a date is the text that it prints as, in ten characters, which
    leaves out what the engine reads besides (``2025-9-1``, ``infinity``, ``2025-01-01 (BC)``).
    """
    match column.kind:
        case "date":
            value = f"try_cast({text} as date)"
            return f"case when length({text}) = 10 and cast({value} as varchar) = {text} then {value} end"
        case "timestamp":
            value = f"try_cast({text} as timestamp)"
            printed = f"replace(cast({value} as varchar), ' ', 'T')"
            return f"case when length({text}) = 19 and {printed} = {text} then {value} end"
        case "boolean":
            return f"case {text} when 'true' then true when 'false' then false end"
        case "integer":
            return f"case when regexp_full_match({text}, '-?[0-9]{{1,18}}') then cast({text} as bigint) end"
    return text


def with_default(column: Column, value: str) -> str:
    """Return ``value`` with the column's default in the place of null."""
    return f"coalesce({value}, {column.sql_default})" if column.sql_default is not None else value


def code_rule(column: Column) -> Rule | None:
    """Return the rule of a closed list of codes, if the column has one."""
    if not column.values:
        return None
    listed = ", ".join(database.text(v) for v in column.values)
    name = database.name(column.name)
    return Rule("CODE_INCONNU", column.name, f"{name} not in ({listed})", f"code inconnu ({', '.join(column.values)})")


def required_rules(table: Table) -> Iterable[Rule]:
    """Yield the rules of the columns that a row must fill, always or under a condition."""
    for column in table.columns.values():
        name = database.name(column.name)
        if column.required:
            yield Rule("COLONNE_REQUISE", column.name, f"{name} is null", "valeur obligatoire absente")
        elif column.required_if:
            yield Rule(
                "COLONNE_REQUISE", column.name, f"({column.required_if}) and {name} is null",
                f"valeur obligatoire absente quand {column.required_if}",
            )  # fmt: skip


def order_rule(table: Table) -> Rule | None:
    """Return the rule of an end before its beginning, if the table has one."""
    if table.name not in DATE_ORDERS:
        return None
    first, last = DATE_ORDERS[table.name]
    return Rule("ORDRE_DATES", last, f"{database.name(last)} < {database.name(first)}", f"«{last}» est avant «{first}»")
