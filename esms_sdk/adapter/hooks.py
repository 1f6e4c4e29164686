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
    place = f"{block.place}.colonnes.{rule.column.name}"
    asked, told = database.name(f"crochet.{place}"), database.name(f"reponse.{place}")
    keys = ("_cle",) if rule.par == "valeur" else ("_cle_r", "_cle_s")
    given = f"distinct {raw} as _cle" if rule.par == "valeur" else f"_r as _cle_r, _s as _cle_s, {raw} as _texte"
    run(con, f"create table {asked} as select {given} from {fed.rows}", place)
    con.execute(f"create table {told} as select {', '.join(keys)}, ''::varchar as _resultat from {asked} where false")
    unnested = ", ".join(f"unnest(${i})" for i in range(1, len(keys) + 2))
    with importable(adapter.folder), con.cursor() as reading:
        hook = _load(adapter, rule.python)
        reading.execute(f"select * from {asked} order by all")
        while batch := reading.fetchmany(_BATCH):
            results = _results(hook, adapter, rule.python, [row[-1] for row in batch])
            columns = [[row[i] for row in batch] for i in range(len(keys))]
            con.execute(f"insert into {told} select {unnested}", [*columns, results])
    con.execute(f"drop table {asked}")
    match = (
        f"{told}._cle is not distinct from {raw}" if len(keys) == 1 else f"{told}._cle_r = _r and {told}._cle_s = _s"
    )
    return f" left join {told} on {match}", f"{told}._resultat"


def _results(hook: Hook, adapter: Adapter, name: str, given: list[str | None]) -> list[str | None]:
    try:
        results = hook(given)
        found = None if isinstance(results, (str, bytes, dict)) else list(results)
    except Exception as error:  # whatever the vendor's function does
        raise AdapterError("ESMS-E211", f"«{name}» échoue ({type(error).__name__}{_where(error, adapter)})") from None
    if found is None or len(found) != len(given):
        rendered = type(results).__name__ if found is None else f"{len(found)} valeurs"
        raise AdapterError(
            "ESMS-E211",
            f"«{name}» : {len(given)} valeurs données, {rendered} en retour",
            hint="La fonction rend une liste de même longueur, dans le même ordre.",
        )
    wrong = next((type(one).__name__ for one in found if one is not None and not isinstance(one, str)), None)
    if wrong:
        raise AdapterError("ESMS-E211", f"«{name}» : des textes ou None attendus en retour, {wrong} rendu")
    return found
