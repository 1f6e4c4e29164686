"""Which columns of a source an adapter names, so that a missing one is said before a row is read."""

from __future__ import annotations

from esms_sdk.adapter.mapping import Adapter


def needed_columns(adapter: Adapter, source: str) -> list[str]:
    """Return the columns of ``source`` that the mapping names outside SQL expressions, in its order."""
    found: dict[str, None] = {}
    for blocks in adapter.tables.values():
        for block in blocks:
            made = set(block.depivot[0]) | {"rang"} if block.depivot else set()
            joined = {join.source for join in block.jointures}
            for rule in block.columns.values():
                if rule.colonne is None or rule.colonne in made:
                    continue
                other, _, inner = rule.colonne.partition(".")
                if other in joined:
                    if other == source:
                        found[inner] = None
                elif block.source == source:
                    found[rule.colonne] = None
            for join in block.jointures:
                found |= dict.fromkeys(
                    join.sur.values() if join.source == source else join.sur if block.source == source else ()
                )
            if block.source == source:
                found |= dict.fromkeys(c for group in (block.depivot[1] if block.depivot else ()) for c in group)
                found |= dict.fromkeys([block.eclater[0]] if block.eclater else [])
    return list(found)
