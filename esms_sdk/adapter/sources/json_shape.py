"""What the records of a JSON source are made of: the paths to their values, found by looking at every record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.sources.json_scan import pointer

if TYPE_CHECKING:
    import duckdb

Path = tuple[str, ...]
# An object with more keys than this is a dictionary of data (by date, by person), and stays one text.
_MOST_KEYS, _DEEPEST = 200, 16


@dataclass(frozen=True, slots=True)
class Shape:
    """``leaves`` are the paths to values, in the order of the file; ``objects`` those to objects.

    ``doubled`` are the paths to objects that have a key twice in some record.  ``plain`` says that there are elements
    that are no objects, and no object.
    """

    leaves: tuple[Path, ...]
    objects: tuple[Path, ...]
    doubled: tuple[Path, ...]
    plain: bool


def shape(con: duckdb.DuckDBPyConnection, records: str) -> Shape:
    """Return the shape of the texts ``l`` of a query; those that are no object count for nothing."""
    kinds = con.execute(
        "select coalesce(bool_or(k = 'OBJECT'), false), coalesce(bool_or(k not in ('OBJECT', 'NULL')), false) "
        f"from (select try(json_type(l)) as k from ({records}))"
    ).fetchall()[0]
    if not kinds[0]:
        return Shape((), (), (), kinds[1])
    leaves: dict[Path, None] = {}
    objects: list[Path] = []
    doubled: list[Path] = []
    level: list[Path] = [()]
    while level:
        found = _keys(con, records, level)
        doubled += [path for path, orders in found.items() if any(len(set(keys)) < len(keys) for keys in orders)]
        keys = {path: _merged(orders) for path, orders in found.items()}
        wide = {path for path in level if path and (len(keys[path]) > _MOST_KEYS or len(path) >= _DEEPEST)}
        leaves |= dict.fromkeys(wide)
        children = [(*path, key) for path in level if path not in wide for key in keys[path]]
        level = []
        for child, (is_object, is_value) in zip(children, _types(con, records, children), strict=True):
            if is_object:
                level.append(child)
            if is_value or not is_object:
                leaves[child] = None
        objects += level
    return Shape(_ordered(leaves), tuple(objects), tuple(doubled), False)


def _keys(con: duckdb.DuckDBPyConnection, records: str, level: Sequence[Path]) -> dict[Path, list[list[str]]]:
    """Return the keys of each object of one level: every list of keys that some record has, the longest first."""
    listed = ", ".join(f"list(distinct try(json_keys(l, {database.text(pointer(path))})))" for path in level)
    row = con.execute(f"select {listed} from ({records})").fetchall()[0]
    orders = (sorted((keys for keys in found or () if keys), key=lambda keys: (-len(keys), keys)) for found in row)
    return dict(zip(level, orders, strict=True))


def _merged(orders: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(key for keys in orders for key in keys))


def _types(con: duckdb.DuckDBPyConnection, records: str, paths: Sequence[Path]) -> list[tuple[bool, bool]]:
    """Say of each path whether it leads to an object in some record, and whether to another value than null."""
    if not paths:
        return []
    pointers = ", ".join(database.text(pointer(path)) for path in paths)
    flags = ", ".join(
        f"coalesce(bool_or(k[{i}] = 'OBJECT'), false), coalesce(bool_or(k[{i}] not in ('OBJECT', 'NULL')), false)"
        for i in range(1, len(paths) + 1)
    )
    row = con.execute(f"select {flags} from (select try(json_type(l, [{pointers}])) as k from ({records}))").fetchall()[
        0
    ]
    return list(zip(row[::2], row[1::2], strict=True))


def _ordered(leaves: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths with those of one object side by side, where the first of them stands."""
    first: dict[str, list[Path]] = {}
    for path in leaves:
        first.setdefault(path[0], []).append(path)
    return tuple(path for paths in first.values() for path in paths)
