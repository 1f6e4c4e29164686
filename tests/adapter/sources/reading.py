"""Reads one source alone, as an import does, and gives its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import files
from esms_sdk.adapter.sources.formats import FORMATS

Row = dict[str, Any]
said: list[str] = []
"""What the fake driver was told."""


@contextmanager
def opened(
    kind: str,
    options: Mapping[str, Any],
    *,
    given: Sequence[Path] = (),
    needed: Sequence[str] = (),
    folder: Path = Path(),
    **keys: Any,
) -> Iterator[tuple[Any, Any]]:
    """Give an engine and the relation of a source declared with ``options`` (its format's keys) and ``keys``."""
    import importlib

    format_ = FORMATS[kind]
    source = Source("journal", kind, keys.pop("fichiers", ()), options=options, folder=folder, **keys)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        con = database.connect(work)
        try:
            found = [file for file in files.find(given) if file.matches(source.fichiers)]
            places = list(enumerate(format_.places(source, found)))
            yield con, importlib.import_module(format_.module).relation(con, source, places, needed, work)
        finally:
            format_.finish(work)
            con.close()


def rows(kind: str, options: Mapping[str, Any], **how: Any) -> list[Row]:
    """Return the rows of a source, each as column → text."""
    with opened(kind, options, **how) as (con, relation):
        listed = ", ".join(f'"{c}"' for c in relation.columns)
        found = con.execute(f"select {listed} from ({relation.query}) order by _r").fetchall()
        return [dict(zip(relation.columns, row, strict=True)) for row in found]


def column(kind: str, options: Mapping[str, Any], **how: Any) -> list[str | None]:
    """Return the texts of the only column of a source."""
    return [value for row in rows(kind, options, **how) for value in row.values()]


def chain(error: BaseException | None) -> str:
    """Return all that a traceback could show of an error and of those behind it."""
    said = ""
    while error is not None:
        said += f"{error!r} {error} {error.args} "
        error = error.__cause__ or error.__context__
    return said
