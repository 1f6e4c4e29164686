"""A DB-API driver that gives what the drivers of SQL Server and Oracle give, and fails as they fail."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.adapter.sources.reading import said

SECRET = "hunter2-ne-pas-montrer"


class OperationalError(Exception):
    """What a driver raises."""


class ProgrammingError(Exception):
    """What a driver raises where the query is wrong."""


class LargeObject:
    """A LOB of Oracle, read once."""

    def __init__(self, content: str | bytes | None) -> None:
        self.content = content

    def read(self) -> str | bytes | None:
        return self.content


class Cursor:
    """Gives its rows in batches, never all at once."""

    arraysize = 1

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], fails_after: int | None = None) -> None:
        self.columns, self.rows, self.at, self.fails_after = columns, rows, 0, fails_after
        self.description: list[tuple[Any, ...]] | None = None

    def execute(self, query: str) -> None:
        said.append(query)
        if "faux" in query:
            raise ProgrammingError("42S22", f"[42S22] Invalid column name 'faux' near 'DURAND' ({SECRET} 31/02/1938)")
        if query.lower().startswith("update"):
            return
        self.description = [(name, None, None, None, None, None, None) for name in self.columns]

    def fetchmany(self, size: int) -> list[Sequence[Any]]:
        if self.fails_after is not None and self.at >= self.fails_after:
            raise OperationalError("08S01", f"Communication link failure; PWD={SECRET}; last row: DURAND Marie")
        found = list(self.rows[self.at : self.at + size])
        self.at += len(found)
        return found

    def close(self) -> None:
        pass


class Connection:
    """A connection that only reads."""

    def __init__(self, *content: Any) -> None:
        self.content = content

    def cursor(self) -> Cursor:
        return Cursor(*self.content)

    def rollback(self) -> None:
        said.append("rollback")

    def close(self) -> None:
        said.append("close")


def sql_server() -> Connection:
    """pyodbc: CHAR padded, null dates of 1900, binary row versions, datetimeoffset, money as Decimal, bit as bool."""
    paris = timezone(timedelta(hours=2))
    return Connection(
        ("ID", "FINESS", "NE_LE", "VU_LE", "MAJ", "VERSION", "MONTANT", "ACTIF", "CLE", "HEURE", "NOTE"),
        [
            (10000117, "010000117   ", datetime(1900, 1, 1), datetime(2025, 9, 4, 10, 12, 30, 500000, paris),
             datetime(2025, 9, 4, 10, 12, 30, 997000), b"\x00\x00\x00\x00\x00\x00\x07\xd1", Decimal("1234.5000"), True,
             uuid.UUID("12345678-1234-5678-1234-567812345678"), time(8, 5), "l'été"),
            (None, None, datetime(1938, 4, 12), datetime(2025, 1, 4, 10, 12, tzinfo=UTC), None,
             b"\x00\x00\x00\x00\x00\x00\x08\x00", Decimal("1E+3"), False, None, None, ""),
        ],
    )  # fmt: skip


def oracle() -> Connection:
    """oracledb: every NUMBER may be a float, every DATE has a time, RAW keys, LOB objects, the null date of year 1."""
    return Connection(
        ("ID", "FINESS", "ENTREE", "CLE", "TEXTE", "BLOB", "REEL", "INTERVALLE"),
        [
            (1, 10000117.0, datetime(2025, 1, 3), bytes.fromhex("DEADBEEF00112233DEADBEEF00112233"),
             LargeObject("Compte rendu"), LargeObject("été".encode()), 0.1, timedelta(hours=1, minutes=30)),
            (2**70, 1e22, datetime(1, 1, 1), b"abc", LargeObject(None), None, float("inf"), None),
        ],
    )  # fmt: skip


def many(name: str = "50000") -> Connection:
    """A table of that many rows."""
    return Connection(("ID", "TEXTE"), [(i, f"ligne {i}") for i in range(int(name))])


def empty() -> Connection:
    return Connection(("ID", "TEXTE"), [])


def twice() -> Connection:
    """A join whose two tables have an ID, and a column without name."""
    return Connection(("ID", "", "id"), [(1, "sans nom", 2)])


def lost() -> Connection:
    """The connection breaks after some rows."""
    return Connection(("ID",), [(i,) for i in range(50_000)], 20_000)


def suivis_lost() -> Connection:
    """The same, in a table that a mapping reads."""
    return Connection(("N", "Usager", "Entrée", "Sortie"), [(i, i, "2025-01-01", None) for i in range(50_000)], 20_000)


def strange() -> Connection:
    """Half a character pair, and a control character: some drivers let them through."""
    return Connection(("T",), [("a\ud83d",), ("b\x00c",)])


def mixed() -> Connection:
    """One column, several types: what a database without types gives."""
    values = (
        1, 1.5, "07", b"abc", Decimal("2.50"), None, True, datetime(2025, 1, 3, 8, 0, 0, 250000), date(2025, 1, 3),
        datetime(2025, 1, 3, 8, tzinfo=timezone(timedelta(hours=-4))), {"clé": [1, Decimal("0.10")]},
        memoryview(b"\xff\x00"), time(8, 5), timedelta(hours=26, seconds=5),
    )  # fmt: skip
    return Connection(("V",), [(value,) for value in values])


def refused() -> Connection:
    raise OperationalError(f"Login failed for user 'esms' using password {SECRET} (18456)")


def no_connection() -> None:
    return None


def driver_missing() -> Connection:
    import psycopg_absent  # type: ignore[import-not-found]  # noqa: F401

    raise AssertionError
