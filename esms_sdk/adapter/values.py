"""From a source's text to a canonical value: the SQL of one column rule.

Every rule gives two expressions: the raw text (blanks, nulls, case and prefix dealt with) and the typed value, null
where the text cannot be read.  A row whose text is there and whose value is null is at fault.
"""

from __future__ import annotations

from esms_sdk import database
from esms_sdk.adapter import dates
from esms_sdk.adapter.feeding import Fed
from esms_sdk.adapter.mapping import ColumnRule, Source
from esms_sdk.lot.schema import Column

BOOLEANS = {
    "true": ("true", "vrai", "oui", "o", "1", "yes", "y", "v"),
    "false": ("false", "faux", "non", "n", "0", "no", "f"),
}


def raw(rule: ColumnRule, source: Source, fed: Fed) -> str:
    """Return the SQL text of a rule over the rows that feed its block."""
    if rule.valeur is not None:
        return database.text(rule.valeur)
    prefix = fed.prefix(source.name)
    if rule.colonne is not None:
        text, owner = fed.column(rule.colonne)
        prefix = fed.prefix(owner)
        if not rule.espaces:
            text = f"case when contains({text}, chr(9)) then trim(replace({text}, chr(9), ' ')) else trim({text}) end"
    else:
        text = f"cast(({rule.sql}) as varchar)" if rule.espaces else f"trim(cast(({rule.sql}) as varchar))"
    cased = f"{'upper' if rule.casse == 'majuscules' else 'lower'}({text})" if rule.casse else text
    nulls = ("", *source.nuls, *rule.nuls)
    if len(nulls) == 1:
        text = f"nullif({cased}, '')"
    else:
        text = f"case when {text} not in ({', '.join(map(database.text, nulls))}) then {cased} end"
    return f"{prefix} || {text}" if prefix and _is_opaque_key(rule.column) else text


def _is_opaque_key(column: Column) -> bool:
    return column.name.endswith(("_id", "_id_fusion"))


def typed(rule: ColumnRule, text: str, zone: str) -> str:
    """Return the SQL that reads the raw ``text`` as the rule's column; null where it cannot.

    ``zone`` is SQL that names the civil time zone of the times that carry an offset.
    """
    column = rule.column
    if rule.valeur is not None:
        return literal(column, rule.valeur)
    if rule.codes is not None:
        whens = " ".join(
            f"when lower({database.text(label)}) then {database.text(code)}" for label, code in rule.codes.items()
        )
        text = f"case lower({text}) {whens} end" if whens else "cast(null as varchar)"
    match column.kind:
        case "date" | "timestamp":
            formats = rule.formats or dates.ISO[column.kind]
            if rule.sql and not rule.formats:
                formats = tuple(dict.fromkeys((*formats, *dates.PRINTED)))
            time = dates.civil(text, formats, zone, rule.fuseau_source)
            return f"cast({time} as date)" if column.kind == "date" else time
        case "boolean":
            pairs = " ".join(
                f"when lower({text}) in ({', '.join(map(database.text, words))}) then {value}"
                for value, words in BOOLEANS.items()
            )
            return f"case {pairs} end"
        case "integer":
            return f"case when regexp_full_match({text}, '-?[0-9]{{1,18}}') then cast({text} as bigint) end"
    if column.name == "date_naissance" and rule.formats:
        return dates.of_birth(text, rule.formats)
    if column.values and rule.codes is None:
        listed = ", ".join(map(database.text, column.values))
        return f"case when {text} in ({listed}) then {text} end"
    return text


def literal(column: Column, text: str) -> str:
    """Return a canonical text as a SQL value of the column's type."""
    return f"cast({database.text(text)} as {column.sql_type})"
