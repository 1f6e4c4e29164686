"""What changed between two states of a table: how many rows, which columns, which opaque keys; never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from esms_sdk import database, masking
from esms_sdk.lot.schema import Table

if TYPE_CHECKING:
    import duckdb

NAMED = 5
# The column that dates a row, for the tables that have one.
TIMES: Mapping[str, str] = {
    "historique_identite": "horodatage",
    "sejour": "date_entree",
    "dossier": "date_creation",
    "mise_a_jour": "date_maj",
    "projet_personnalise": "date_debut",
    "statut_projet": "date_statut",
    "evenement": "date_debut",
    "document": "date_creation",
    "envoi": "horodatage",
    "appel_insi": "horodatage",
    "reception": "horodatage",
    "opposition": "date_debut",
    "echange_optionnel": "horodatage",
}
_FOUND = "_ecarts_de_table"
_KINDS = ("ajoutee", "retiree", "modifiee")


@dataclass(frozen=True, slots=True)
class Movement:
    """How many rows of a table came, went and changed; ``mois`` is their month (``AAAA-MM``), if one is told."""

    table: str
    ajoutees: int
    retirees: int
    modifiees: int
    mois: str | None = None

    def __str__(self) -> str:
        """Say it in French, the zeros left out.

        >>> print(Movement("sejour", 2, 0, 1))
        2 ajoutées, 1 modifiée
        """
        said = (("ajoutée", self.ajoutees), ("retirée", self.retirees), ("modifiée", self.modifiees))
        return ", ".join(f"{count} {word}{'s' * (count > 1)}" for word, count in said if count)


@dataclass(frozen=True, slots=True)
class Difference(Movement):
    """A movement with the columns touched (in how many rows) and the first keys concerned, masked."""

    colonnes: Mapping[str, int] = field(default_factory=dict)
    cles: tuple[str, ...] = ()


def difference(
    con: duckdb.DuckDBPyConnection, table: Table, before: str, after: str, columns: Sequence[str]
) -> Difference | None:
    """Return what changed in ``columns`` from one relation of the table's rows to another, None where nothing did."""
    _find(con, table, before, after, columns)
    counts = dict(con.execute(f"select sorte, count(*) from {_FOUND} group by all").fetchall())
    if not counts:
        return None
    others = [c for c in columns if c not in table.key] if table.key else []
    touched = ", ".join(f"count(*) filter ({database.name(f'd_{c}')})" for c in others)
    numbers = con.execute(f"select {touched} from {_FOUND} where sorte = 'modifiee'").fetchall()[0] if touched else ()
    keys = con.execute(f"select distinct cle from {_FOUND} order by cle limit {NAMED}").fetchall()
    return Difference(
        table.name,
        counts.get("ajoutee", 0),
        counts.get("retiree", 0),
        counts.get("modifiee", 0),
        colonnes={c: n for c, n in zip(others, numbers, strict=True) if n},
        cles=tuple(masking.key(key) for (key,) in keys),
    )


def movements(
    con: duckdb.DuckDBPyConnection, table: Table, before: str, after: str, columns: Sequence[str]
) -> list[Movement]:
    """Return what changed, month by month; rows of a table that nothing dates stand under no month."""
    _find(con, table, before, after, columns)
    counted = ", ".join(f"count(*) filter (sorte = '{kind}')" for kind in _KINDS)
    rows = con.execute(f"select mois, {counted} from {_FOUND} group by mois order by mois nulls first").fetchall()
    return [Movement(table.name, added, removed, changed, month) for month, added, removed, changed in rows]


def _find(con: duckdb.DuckDBPyConnection, table: Table, before: str, after: str, columns: Sequence[str]) -> None:
    """Note each row that is not the same: ``sorte``, ``mois``, ``cle``, and ``d_<column>`` where that one changed."""
    query = _keyed(table, before, after, columns) if table.key else _whole(table, before, after, columns)
    con.execute(f"create or replace temp table {_FOUND} as {query}")


def _keyed(table: Table, before: str, after: str, columns: Sequence[str]) -> str:
    key = ", ".join(map(database.name, table.key))
    others = [c for c in columns if c not in table.key]

    def side(rows: str, mark: str) -> str:
        cells = "".join(f", {database.name(c)} as {database.name(f'{mark}_{c}')}" for c in others)
        return f"(select {key}{cells}, true as _{mark} from {rows})"

    changed = {c: f"{database.name(f'a_{c}')} is distinct from {database.name(f'b_{c}')}" for c in others}
    time = TIMES.get(table.name)
    month = "cast(null as varchar)"
    if time and time in columns:
        both = f"coalesce({database.name(f'a_{time}')}, {database.name(f'b_{time}')})"
        month = f"strftime({database.name(time) if time in table.key else both}, '%Y-%m')"
    marks = "".join(f", _a and _b and {test} as {database.name(f'd_{c}')}" for c, test in changed.items())
    return (
        f"select case when _b is null then 'retiree' when _a is null then 'ajoutee' else 'modifiee' end as sorte, "
        f"{month} as mois, {shown_key(table)} as cle{marks} from {side(before, 'a')} full join {side(after, 'b')} "
        f"using ({key}) where _a is null or _b is null{''.join(f' or {test}' for test in changed.values())}"
    )


def _whole(table: Table, before: str, after: str, columns: Sequence[str]) -> str:
    listed = ", ".join(map(database.name, columns))
    time = TIMES.get(table.name)
    month = f"strftime({database.name(time)}, '%Y-%m')" if time and time in columns else "cast(null as varchar)"
    one = "select {0} from {1} except select {0} from {2}"
    return " union all ".join(
        f"select '{kind}' as sorte, {month} as mois, {shown_key(table)} as cle from ({one.format(listed, here, there)})"
        for kind, here, there in (("retiree", before, after), ("ajoutee", after, before))
    )


def shown_key(table: Table) -> str:
    """Return the SQL text by which a row is named: its key, or of a table without key what it refers to first."""
    names = table.key or tuple(table.references)[:1]
    return "concat_ws('|', " + ", ".join(f"cast({database.name(c)} as varchar)" for c in names) + ")"
