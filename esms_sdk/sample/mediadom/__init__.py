"""Mediadom, a fictional vendor: the world in a normalised database with histories, one record a person."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from esms_sdk.sample.fates import Line, Outcome, settle
from esms_sdk.sample.losses import Losses
from esms_sdk.sample.mediadom import activity, defects, defects_exchanges, exchanges, persons
from esms_sdk.sample.mediadom.attribution import Attribution
from esms_sdk.sample.mediadom.database import Database
from esms_sdk.sample.mediadom.filling import FILE, Filling
from esms_sdk.sample.soleo.dialects import gzipped
from esms_sdk.sample.world import World

SCRIPT = "mediadom.sql.gz"
QUERIES = (
    "installation", "structures", "personnes", "identites", "sejours", "dossiers", "consentements", "journal",
    "journal_sans_structure", "projets", "projets_sans_structure", "statuts", "statuts_sans_structure", "agenda",
    "agenda_sans_structure", "documents", "messages", "dmp", "insi", "echanges",
)  # fmt: skip
"""The adapter's queries, each a source of its own."""


@dataclass(frozen=True, slots=True)
class Export:
    """The database, every row that the adapter's queries give, and what becomes of them."""

    worlds: tuple[World, ...]
    database: Database
    lines: tuple[Line, ...]
    outcome: Outcome


def export(filled: Sequence[tuple[World, Losses]]) -> Export:
    """Return one database that holds every world given, each losing what it is to lose."""
    database, lines = Database(), list[Line]()
    for world, lost in filled:
        f = Filling(world, lost, database)
        places = Attribution(f)
        for part in (persons.structures, persons.people, persons.episodes, persons.records, persons.consents):
            part(f)
        activity.journal(f, places)
        activity.plans(f, places)
        activity.visits(f, places)
        for part in (exchanges.attachments, exchanges.messages, exchanges.dmp, exchanges.insi, exchanges.exchanged):
            part(f)
        if world.defauts:
            defects.plant(f)
            defects_exchanges.plant(f)
        lines += f.lines
    outcome = settle(lines, [f"{FILE}#{query}" for query in QUERIES])
    return Export(tuple(world for world, _ in filled), database, tuple(lines), outcome)


def files(made: Export) -> dict[str, bytes]:
    """Return the file of the export: the database as a script of plain SQL, packed."""
    return {SCRIPT: gzipped(made.database.script().encode("utf-8"))}


def load(packed_script: bytes, path: Path) -> Path:
    """Run the script of an export in a new SQLite file and return its path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(gzipped(b"create table t (a integer);"), Path(folder) / "mediadom.sqlite").name
    'mediadom.sqlite'
    """
    import sqlite3

    script = gzip.decompress(packed_script).decode("utf-8")
    connection = sqlite3.connect(path)
    try:
        connection.execute("pragma synchronous = off")
        connection.executescript(f"begin;\n{script}\ncommit;")
    finally:
        connection.close()
    return path
