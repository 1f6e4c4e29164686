"""Runs SQL that holds the adapter's expressions: what the engine refuses is the adapter's fault, told by its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from esms_sdk.errors import AdapterError

if TYPE_CHECKING:
    import duckdb


def run(
    con: duckdb.DuckDBPyConnection, query: str, place: str, parts: Iterable[tuple[str, str]] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows of a query; raises :class:`AdapterError` where the engine refuses it, or it fails on a row.

    ``parts`` are the expressions that the query holds, each as a place in ``adapter.toml`` and a query of its own: the
    first that fails too is the one that is told.  No value of a row stands in the error.
    """
    import duckdb

    try:
        return con.execute(query).fetchall()
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.FatalException):
        raise
    except duckdb.Error as error:
        for own, alone in parts:
            run(con, alone, own)
        raise _told(error, place) from None


def _told(error: Exception, place: str) -> AdapterError:
    import duckdb

    refused = (
        duckdb.BinderException,
        duckdb.ParserException,
        duckdb.SyntaxException,
        duckdb.CatalogException,
        duckdb.NotImplementedException,
        duckdb.PermissionException,
    )
    if isinstance(error, refused):
        return AdapterError(
            "ESMS-E207",
            f"{place} : expression refusée par le moteur ({str(error).splitlines()[0]})",
            hint="Une colonne s'écrit entre guillemets doubles, un texte entre apostrophes.",
        )
    return AdapterError(
        "ESMS-E208",
        f"{place} : l'expression échoue sur une ligne ({type(error).__name__})",
        hint="Employer try_cast, try_strptime ou try(…), qui donnent un vide au lieu d'échouer.",
    )
