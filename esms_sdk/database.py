"""The one way to a DuckDB connection: offline, no implicit extension, temporary files where the caller says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect(work: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a new in-memory database that fetches nothing and spills into ``work`` (nowhere without it)."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": path_text(work) if work else "",
        "preserve_insertion_order": True,
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    return connection


def text(value: str) -> str:
    """Return ``value`` as a SQL text literal.

    >>> text("l'eau")
    "'l''eau'"
    """
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """Return ``value`` as a quoted SQL identifier.

    >>> name("Date de sortie")
    '"Date de sortie"'
    """
    return '"' + value.replace('"', '""') + '"'


def path_text(path: Path) -> str:
    """Return a path as the engine reads and gives it: in UTF-8, whatever Python makes of it (under ``LC_ALL=C``)."""
    return os.fsencode(path).decode("utf-8")


def file(path: Path) -> str:
    """Return a path as a SQL literal that DuckDB does not read as a pattern.

    >>> file(Path("a[1].csv"))
    "'a[[]1].csv'"
    """
    escaped = "".join(f"[{c}]" if c in "[*?" else c for c in path_text(path))
    return text(escaped)
