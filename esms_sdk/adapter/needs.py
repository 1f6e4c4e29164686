"""Which columns of a source an adapter names, so that a missing or doubled one is said before a row is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from esms_sdk.adapter.mapping import Adapter


def needed_columns(adapter: Adapter, source: str) -> list[str]:
    """Return the columns of ``source`` that the mapping names outside SQL expressions, in its order."""
    found: dict[str, None] = {}
    for blocks in adapter.tables.values():
        for block in blocks:
            made = {*block.depivot[0], "rang"} if block.depivot else set()
            joined = {join.source for join in block.jointures}
            for rule in block.columns.values():
                if rule.colonne is None or rule.colonne in made:
                    continue
                other, _, inner = rule.colonne.partition(".")
                if other in joined:
                    found |= {inner: None} if other == source else {}
                elif block.source == source:
                    found[rule.colonne] = None
            for join in block.jointures:
                here = join.sur if block.source == source else ()
                found |= dict.fromkeys(join.sur.values() if join.source == source else here)
            if block.source == source:
                found |= dict.fromkeys(c for group in (block.depivot[1] if block.depivot else ()) for c in group)
                found |= dict.fromkeys([block.eclater[0]] if block.eclater else [])
    return list(found)


def named_in_sql(adapter: Adapter, source: str, columns: Collection[str]) -> str | None:
    """Return the first of ``columns`` that a SQL expression over ``source`` names."""
    for sql in _expressions(adapter, source):
        for column in columns:
            if re.search(rf"(?<!\w){re.escape(column)}(?!\w)", sql, re.I):
                return column
    return None


def _expressions(adapter: Adapter, source: str) -> Iterator[str]:
    own = adapter.sources[source]
    yield from filter(None, (own.prefixe, *own.ecarter.values()))
    for blocks in adapter.tables.values():
        for block in blocks:
            if block.source != source and source not in {join.source for join in block.jointures}:
                continue
            yield from (*block.ecarter.values(), *block.derniere_version)
            if block.repli:
                yield block.repli.suite_si
            for rule in block.columns.values():
                yield from filter(None, (rule.sql, rule.fuseau_sql))
