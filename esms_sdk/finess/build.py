"""From the feed to the reference file: SQLite, one row a number, looked up by its key.

The file bears the mark of this program (``application_id``), the version of its tables and where it comes from; the
same feed gives the same tables.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from esms_sdk.finess.feed import EjRow, EtRow, Feed

APPLICATION_ID = 0x45534D53  # «ESMS»
FORMAT = 1
_BATCH = 500

_TABLES = """
create table origine (cle text primary key, valeur text not null) without rowid;
create table ej (
  finess_ej text primary key, nom text not null, siren text not null, ouverture text, fermeture text, etat text not null
) without rowid;
create table et (
  finess_et text primary key, finess_ej text not null, nom text not null, categorie text not null,
  ouverture text, fermeture text, etat text not null
) without rowid;
"""
# A number met twice: the active one is kept, else the first.
_EJ = (
    "insert into ej values (?, ?, ?, ?, ?, ?) on conflict do update set nom = excluded.nom, siren = excluded.siren, "
    "ouverture = excluded.ouverture, fermeture = excluded.fermeture, etat = excluded.etat "
    "where excluded.etat = 'A' and ej.etat <> 'A'"
)
_ET = (
    "insert into et values (?, ?, ?, ?, ?, ?, ?) on conflict do update set finess_ej = excluded.finess_ej, "
    "nom = excluded.nom, categorie = excluded.categorie, ouverture = excluded.ouverture, "
    "fermeture = excluded.fermeture, etat = excluded.etat where excluded.etat = 'A' and et.etat <> 'A'"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a reference comes from.  ``etag`` and ``modifie`` are what the server at ``url`` said of the file."""

    source: str = ""
    genere_le: str = ""
    version: str = ""
    sha256: str = ""
    url: str = ""
    etag: str = ""
    modifie: str = ""
    invente: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a reference holds: bodies, establishments and how many of these are closed."""

    organismes: int
    etablissements: int
    fermes: int
    sans_numero: int


def build(feed: Path, out: Path, origin: Origin, *, name: str = "") -> tuple[Origin, Summary]:
    """Write the reference file ``out`` from a feed as published (.json, .gz, .zip); return its origin and its counts.

    A feed that is damaged, or of another shape, raises :class:`esms_sdk.errors.SourceError`.
    """
    with closing(sqlite3.connect(out, isolation_level=None)) as con:
        con.executescript(
            f"pragma journal_mode = off; pragma synchronous = off; pragma page_size = 4096;"
            f"pragma application_id = {APPLICATION_ID}; pragma user_version = {FORMAT}; {_TABLES}"
        )
        return fill(con, feed, origin, name=name or feed.name)


def fill(con: sqlite3.Connection, feed: Path, origin: Origin, *, name: str) -> tuple[Origin, Summary]:
    """Put a feed into the tables of ``con``."""
    reading = Feed(feed, name)
    with _transaction(con):
        _insert(con, reading)
        told = Origin(
            origin.source or name, reading.genere_le, reading.version, origin.sha256 or _sha256(feed),
            origin.url, origin.etag, origin.modifie, origin.invente,
        )  # fmt: skip
        con.executemany("insert into origine values (?, ?)", [(f.name, getattr(told, f.name)) for f in fields(told)])
    con.execute("create index et_par_ej on et (finess_ej)")
    con.execute("vacuum")
    query = "select (select count(*) from ej), count(*), count(*) filter (where etat <> 'A') from et"
    organismes, etablissements, fermes = con.execute(query).fetchone()
    return told, Summary(organismes, etablissements, fermes, reading.sans_numero)


def create_tables(con: sqlite3.Connection) -> None:
    """Create the tables of a reference, empty."""
    con.executescript(_TABLES)


def is_reference(path: Path) -> bool:
    """Tell whether a file is a reference that this program made, of whatever version."""
    try:
        with path.open("rb") as stream:
            head = stream.read(72)
    except OSError:
        return False
    return head[:16] == b"SQLite format 3\0" and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def _insert(con: sqlite3.Connection, reading: Feed) -> None:
    ejs: list[EjRow] = []
    ets: list[EtRow] = []
    for ej, establishments in reading.bodies():
        if ej[0]:
            ejs.append(ej)
        ets += establishments
        if len(ejs) + len(ets) > _BATCH:
            con.executemany(_EJ, ejs)
            con.executemany(_ET, ets)
            ejs.clear()
            ets.clear()
    con.executemany(_EJ, ejs)
    con.executemany(_ET, ets)


@contextmanager
def _transaction(con: sqlite3.Connection) -> Iterator[None]:
    con.execute("begin")
    yield
    con.execute("commit")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
