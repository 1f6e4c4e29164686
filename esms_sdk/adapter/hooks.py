"""The only two ways to run a vendor's Python: over the distinct values of a column, or over all its rows at once."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.expressions import run
from esms_sdk.adapter.feeding import Fed
from esms_sdk.adapter.mapping import Adapter, Block, ColumnRule
from esms_sdk.errors import AdapterError

if TYPE_CHECKING:
    import duckdb

Hook = Callable[[Sequence[str | None]], Sequence[str | None]]
_BATCH = 100_000


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let the modules of an adapter's folder be imported, and forget them after: another's may bear the same names."""
    known = set(sys.modules)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder):
                del sys.modules[name]


def _load(adapter: Adapter, name: str) -> Hook:
    module, _, function = name.partition(":")
    try:
        found: Hook = getattr(importlib.import_module(module), function)
    except Exception as error:  # whatever the vendor's module does when it is imported
        raise AdapterError(
            "ESMS-E210",
            f"fonction Python introuvable : «{name}» ({type(error).__name__}{_where(error, adapter)})",
            hint="Écrire «module:fonction», le module à côté d'adapter.toml ou installé.",
        ) from None
    return found


def _where(error: Exception, adapter: Adapter) -> str:
    """Return the vendor's file and line where an error was raised; its own words may hold values."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(adapter.folder)]
    return f", {Path(own[-1].filename).name} ligne {own[-1].lineno}" if own else ""


def applied(
    con: duckdb.DuckDBPyConnection, adapter: Adapter, block: Block, rule: ColumnRule, raw: str, fed: Fed
) -> tuple[str, str]:
    """Run a rule's hook over the raw texts; return the SQL join that brings its results, and the SQL of the result.

    The hook gets a list of texts (None for an empty cell) and gives back a list of the same length, in the same order.
    ``par = "valeur"``: each distinct text once.  ``par = "lot"``: every row in the order of the files, in batches.
    """
    assert rule.python is not None
    table = database.name(f"crochet.{block.place}.{rule.column.name}")
    by_value = rule.par == "valeur"
    key = "_cle" if by_value else "_cle_r, _cle_s"
    kinds = "_cle varchar" if by_value else "_cle_r bigint, _cle_s bigint"
    con.execute(f"create table {table} ({kinds}, _resultat varchar)")
    given = f"distinct {raw} as _cle" if by_value else f"_r as _cle_r, _s as _cle_s, {raw} as _texte"
    place = f"{block.place}.colonnes.{rule.column.name}"
    run(con, f"create or replace temp table _donnees as select {given} from {fed.rows}", place)
    reading = con.cursor()
    try:
        reading.execute("select 1")
    finally:
        reading.close()
    with importable(adapter.folder):
        hook = _load(adapter, rule.python)
        last = None
        while batch := _next_batch(con, key, last):
            last = batch[-1]
            results = _results(hook, adapter, rule.python, [row[-1] for row in batch])
            columns = [*([row[i] for row in batch] for i in range(len(key.split(", ")))), results]
            unnested = ", ".join(f"unnest(${i + 1})" for i in range(len(columns)))
            con.execute(f"insert into {table} select {unnested}", columns)
    con.execute("drop table _donnees")
    match = f"{table}._cle is not distinct from {raw}" if by_value else f"{table}._cle_r = _r and {table}._cle_s = _s"
    return f" left join {table} on {match}", f"{table}._resultat"
