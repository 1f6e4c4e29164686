"""Chains of merged records (``usager_id_fusion``): where they end, and where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# racine(u) for every merged record: the end of its chain (contract §3).  Records that lead into a cycle have no row.
# «union», not «union all»: a lot not yet validated may have one record twice, and its chains must end all the same.
ROOTS = """
with recursive
lien as (select usager_id, usager_id_fusion from ({rows}) where usager_id_fusion is not null),
chaine as (
    select usager_id, usager_id_fusion as racine from lien
    where usager_id_fusion not in (select usager_id from lien)
    union
    select lien.usager_id, chaine.racine from lien join chaine on lien.usager_id_fusion = chaine.usager_id
)
select usager_id, racine from chaine
"""


def endless(con: duckdb.DuckDBPyConnection, rows: str) -> set[str]:
    """Return the records of the query ``rows`` (usager_id, usager_id_fusion) whose chain never ends."""
    merged = f"select usager_id from ({rows}) where usager_id_fusion is not null"
    found = con.execute(f"{merged} except select usager_id from ({ROOTS.format(rows=rows)})").fetchall()
    return {row[0] for row in found}


def in_cycle(links: dict[str, str]) -> set[str]:
    """Return, among endless chains, the records that are themselves on a cycle.

    >>> sorted(in_cycle({"a": "b", "b": "a", "c": "a"}))
    ['a', 'b']
    """
    left = dict(links)
    while leaves := left.keys() - set(left.values()):
        for leaf in leaves:
            del left[leaf]
    return set(left)
