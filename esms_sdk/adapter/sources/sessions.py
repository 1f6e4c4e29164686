"""Connections to databases: opened once an import, read only where the engine can hold it, closed before the mapping.

All queries of an import on one database run in one transaction, so that they see the same moment.
"""

from __future__ import annotations

import contextlib
import importlib
import sqlite3
from pathlib import Path
from typing import Any, Protocol

from esms_sdk.adapter.hooks import importable
from esms_sdk.adapter.sources import refusals
from esms_sdk.adapter.sources.credentials import Secrets
from esms_sdk.errors import AdapterError, EsmsError, SourceError

BATCH = 20_000

# Said to the server first in the transaction.  SQL Server has no such statement: there the account must be read only.
_ONE_MOMENT = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "mysql": "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    "mariadb": "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
_DIALECTS = {
    "psycopg": "postgresql", "psycopg2": "postgresql", "pg8000": "postgresql", "pymysql": "mysql", "MySQLdb": "mysql",
    "mysql": "mysql", "mariadb": "mariadb", "oracledb": "oracle", "cx_Oracle": "oracle",
}  # fmt: skip
# How each driver gives a cursor that leaves the rows on the server until they are asked for; the others always do.
_STREAMING: dict[str, tuple[dict[str, Any], str]] = {
    "psycopg": ({"name": "esms"}, ""), "psycopg2": ({"name": "esms"}, ""), "mariadb": ({"buffered": False}, ""),
    "pymysql": ({}, "pymysql.cursors"), "MySQLdb": ({}, "MySQLdb.cursors"),
}  # fmt: skip


class Cursor(Protocol):
    """What is used of a DB-API cursor."""

    description: Any

    def fetchmany(self, size: int, /) -> Any: ...


class Session:
    """An open DB-API connection in a transaction of its own; ``place`` names it without any secret."""

    def __init__(self, connection: Any, place: str, secrets: Secrets | None = None) -> None:
        self.connection, self.place, self.secrets = connection, place, secrets or Secrets()
        self.driver = type(connection).__module__.partition(".")[0]
        self.cursor: Any = None
        if statement := _ONE_MOMENT.get(_DIALECTS.get(self.driver, "")):
            try:
                self.cursor = connection.cursor()
                self.cursor.execute(statement)
            except BaseException:
                self.close()
                raise

    def execute(self, query: str) -> Cursor:
        """Run a query and return its cursor, whose rows stay on the server; raises the driver's own errors."""
        options, module = _STREAMING.get(self.driver, ({}, ""))
        kinds = (importlib.import_module(module).SSCursor,) if module else ()
        self._close_cursor()
        self.cursor = self.connection.cursor(*kinds, **options)
        with contextlib.suppress(AttributeError):
            self.cursor.arraysize = BATCH
        self.cursor.execute(query)
        found: Cursor = self.cursor
        return found

    def _close_cursor(self) -> None:
        with contextlib.suppress(Exception):
            self.cursor.close()

    def close(self) -> None:
        """Close without a word: many drivers fail on a connection that the server closed."""
        self._close_cursor()
        with contextlib.suppress(Exception):
            self.connection.rollback()
        with contextlib.suppress(Exception):
            self.connection.close()


def by_file(path: Path, name: str) -> Session:
    """Open a SQLite file read only; ``name`` is the one that reports give it."""

    def text(raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")

    kind = ""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.text_factory = text
        connection.execute("begin")
        connection.execute("select count(*) from sqlite_master").fetchall()
    except sqlite3.Error as error:
        kind = type(error).__name__
    if kind:
        raise SourceError(
            "ESMS-E323",
            f"{name} n'est pas une base SQLite lisible ({kind})",
            hint="Vérifier que le fichier est entier, et qu'aucun programme ne le garde verrouillé.",
        )
    return Session(connection, name)


def by_url(url: str, secrets: Secrets, source: str) -> Session:
    """Open a database by its SQLAlchemy URL, in which no reference is left."""
    try:
        import sqlalchemy
        from sqlalchemy.pool import NullPool
    except ImportError:
        raise SourceError("ESMS-E320", f"source «{source}» : SQLAlchemy n'est pas installé",
                          hint='pip install "esms-sdk[sql]", et le pilote de votre base.') from None  # fmt: skip
    place, failure = f"source «{source}»", None
    try:
        parsed = sqlalchemy.make_url(url)
        secrets = secrets.also([parsed.password])
        place = refusals.place(parsed.get_backend_name(), parsed.host, parsed.database)
        engine = sqlalchemy.create_engine(parsed, poolclass=NullPool, hide_parameters=True)
        opened = engine.raw_connection()
        connection = opened.driver_connection
        opened.detach()
        return Session(connection, place, secrets)
    except Exception as error:  # each driver has its own
        failure = refusals.connection(error, place, url)
    # Out of the handler: the driver's own error, which may show the URL, must not hang from ours.
    raise failure


def by_factory(name: str, folder: Path, base: str | None, source: str) -> Session:
    """Open the DB-API connection that ``module:function`` gives, the module beside adapter.toml or installed."""
    module, _, function = name.partition(":")
    place = f"source «{source}», fabrique «{name}»"
    failure: EsmsError | None = None
    with importable(folder):
        try:
            factory = getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            missing = getattr(error, "name", None)
            ours = not isinstance(error, ImportError) or missing is None or module.startswith(missing)
            failure = _no_factory(place) if ours else refusals.connection(error, place, "")
        else:
            try:
                return Session(factory() if base is None else factory(base), place)
            except Exception as error:  # each driver has its own
                failure = refusals.connection(error, place, "")
    raise failure


def _no_factory(place: str) -> AdapterError:
    return AdapterError("ESMS-E224", f"{place} : introuvable",
                        hint="Écrire «module:fonction», le module à côté d'adapter.toml ou installé.")  # fmt: skip


def execute(session: Session, query: str) -> Cursor:
    """Run a query; raises :class:`AdapterError` where the database refuses it, and where it gives no row."""
    failure = None
    try:
        cursor = session.execute(query)
    except Exception as error:  # each driver has its own
        failure = refusals.statement(error, session.place, query, session.secrets)
    if failure:
        raise failure
    if cursor is None or not cursor.description:
        message = f"{session.place} : la requête ne rend pas de lignes"
        raise AdapterError("ESMS-E223", message, hint="N'employer que des SELECT.")
    return cursor


def fetch(session: Session, cursor: Cursor, query: str, size: int) -> list[Any]:
    """Return the next rows, at most ``size``; raises :class:`SourceError` where the reading breaks off."""
    failure = None
    try:
        return list(cursor.fetchmany(size))
    except Exception as error:  # each driver has its own
        failure = refusals.reading(error, session.place, query, session.secrets)
    raise failure
