"""A source of rows of a database: a query or a table, streamed in batches into a columnar file beside the import.

The server is asked by URL (SQLAlchemy, with its driver) or by a DB-API factory; a SQLite file is read as a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import columns, credentials, postgres_copy, sessions, texts
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.local import local_copy
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.errors import AdapterError, SourceError

if TYPE_CHECKING:
    import duckdb
    import pyarrow

# How much text a batch should hold: rows that bear documents come in smaller batches.
_BATCH_BYTES = 16 << 20
_SMALLEST_BATCH = 100
_BATCH, _RANK = "_lot_lu", "_rang_lu"
_Key = tuple[Path, str, str | None]
_open: dict[_Key, sessions.Session] = {}


def faults(options: Mapping[str, Any], fichiers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in how a source is declared: the key at fault and a French sentence."""
    ways = [key for key in ("url", "fabrique") if options.get(key)] + (["fichiers"] if fichiers else [])
    if len(ways) != 1:
        yield "url", "exactement un de «url», «fabrique», «fichiers» (bases SQLite) attendu"
    if sum(bool(options.get(key)) for key in ("requete", "requete_fichier", "table")) != 1:
        yield "requete", "exactement un de «requete», «requete_fichier», «table» attendu"
    url = options.get("url") or ""
    if credentials.literal_password(url):
        yield "url", "mot de passe en clair : écrire à sa place ${VARIABLE} ou ${trousseau:service/compte}"
    if url.startswith("sqlite"):
        yield "url", "une base SQLite est un fichier : la nommer dans «fichiers», et la donner à esms import"
    if options.get("bases") and fichiers:
        yield "bases", "ne vaut qu'avec «url» ({base} y est remplacé) ou «fabrique»"
    if options.get("bases") and url and "{base}" not in credentials.without_references(url):
        yield "bases", "l'url doit contenir {base}"


def places(source: Source, found: Sequence[SourceFile]) -> list[SourceFile]:
    """Return what the source reads, as reports name it: a query, a query of a base, or a query of a SQLite file."""
    if source.fichiers:
        return [SourceFile(f"{file.name}#{source.name}", file.path, file.member, lines=False) for file in found]
    bases: Sequence[str] = source.option("bases") or ()
    if not bases:
        return [SourceFile(source.name, Path(), lines=False)]
    return [SourceFile(f"{base}/{source.name}", Path(), base, lines=False) for base in bases]


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    work: Path,
) -> Relation:
    """Copy the rows of a source's query, as texts, and return them; ``needed`` are the columns that the mapping names.

    Raises :class:`AdapterError` (query, column, reference) or :class:`SourceError` (driver, connection, reading).
    """
    query = _query(source)
    seen: dict[str, None] = {}
    parts: list[tuple[int, SourceFile, Path, list[str]]] = []
    for number, file in files:
        session, kept = _session(source, file, work), work / f"requete_{number}"

        def named(
            given: Sequence[str],
            place: str = _told(source, file),
            optional: Sequence[str] = source.colonnes_facultatives,
        ) -> list[str]:
            return columns.named(given, needed, optional, place)

        if session.driver == postgres_copy.DRIVER:
            described = postgres_copy.describe(session, query)
            names = named([name for name, _ in described])
            postgres_copy.copy(con, session, query, described, names, _RANK, kept)
        else:
            cursor = sessions.execute(session, query)
            names = named([str(one[0] or "") for one in cursor.description])
            _copy(con, session, cursor, query, names, kept)
        parts.append((number, file, kept, names))
        seen |= dict.fromkeys(names)
    absent = frozenset(source.colonnes_facultatives).difference(seen)
    seen |= dict.fromkeys(source.colonnes_facultatives)
    return Relation(tuple(seen), " union all ".join(_part(*part, tuple(seen)) for part in parts), absent)


def finish(work: Path) -> None:
    """Close the connections of the import that works in ``work``."""
    for key in [key for key in _open if key[0] == work]:
        _open.pop(key).close()


def _told(source: Source, file: SourceFile) -> str:
    return f"la requête «{source.name}»" + (f" ({file.name})" if file.name != source.name else "")


def _query(source: Source) -> str:
    if table := source.option("table"):
        return f"select * from {table}"
    text: str | None = source.option("requete")
    if name := source.option("requete_fichier"):
        try:
            text = (source.folder / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise AdapterError(
                "ESMS-E220",
                f"source «{source.name}» : {name} illisible ({type(error).__name__})",
                hint="Le chemin part du dossier d'adapter.toml ; le texte est en UTF-8.",
            ) from error
    return (text or "").strip().rstrip(";").rstrip()


def _session(source: Source, file: SourceFile, work: Path) -> sessions.Session:
    """Return the import's connection to that database, opened at its first query."""
    base = None if source.fichiers else file.member
    url: str = source.option("url") or ""
    where = (str(file.path), file.member) if source.fichiers else (url or source.option("fabrique"), base)
    key = (work, *where)
    if key not in _open:
        if source.fichiers:
            own = file.name.removesuffix(f"#{source.name}")
            _open[key] = sessions.by_file(local_copy(file, work), own)
        elif url:
            text, secrets = credentials.resolved(url, f"source «{source.name}»", base)
            _open[key] = sessions.by_url(text, secrets, source.name)
        else:
            _open[key] = sessions.by_factory(source.option("fabrique"), source.folder, base, source.name)
    return _open[key]


def _copy(
    con: duckdb.DuckDBPyConnection, session: sessions.Session, cursor: sessions.Cursor, query: str,
    names: Sequence[str], folder: Path,
) -> None:  # fmt: skip
    """Write every row of the cursor as texts to Parquet files in ``folder``, holding one batch at a time."""
    try:
        import pyarrow
    except ImportError:
        message = f"{session.place} : pyarrow n'est pas installé"
        raise SourceError("ESMS-E320", message, hint='pip install "esms-sdk[sql]"') from None
    folder.mkdir()
    size, rank = sessions.BATCH, 0
    while rows := sessions.fetch(session, cursor, query, size):
        arrays = [texts.column(values) for values in zip(*rows, strict=True)]
        batch = pyarrow.table([pyarrow.array(range(rank + 1, rank + 1 + len(rows))), *arrays], [_RANK, *names])
        _write(con, batch, folder / f"{rank:012}.parquet")
        rank += len(rows)
        size = max(_SMALLEST_BATCH, min(sessions.BATCH, _BATCH_BYTES * len(rows) // max(1, batch.nbytes)))
    if not rank:
        _write(
            con,
            pyarrow.table([pyarrow.array([], "int64"), *([[]] * len(names))], [_RANK, *names]),
            folder / "0.parquet",
        )


def _write(con: duckdb.DuckDBPyConnection, batch: pyarrow.Table, path: Path) -> None:
    con.register(_BATCH, batch)
    cells = "".join(
        f", {texts.as_text(database.name(name), kind)} as {database.name(name)}"
        for name, kind, *_ in con.execute(f"describe {_BATCH}").fetchall()
        if name != _RANK
    )
    con.execute(
        f"copy (select {_RANK}{cells} from {_BATCH}) to {database.text(database.path_text(path))} (format parquet)"
    )
    con.unregister(_BATCH)


def _part(number: int, file: SourceFile, kept: Path, names: Sequence[str], seen: Sequence[str]) -> str:
    null = "cast(null as varchar)"
    files = database.file(kept).removesuffix("'") + "/*.parquet'"
    cells = "".join(f", {database.name(c) if c in names else null} as {database.name(c)}" for c in seen)
    return (
        f"select {number << LINE_BITS} + {_RANK} as _r, {database.text(file.name)} as _fichier, "
        f"cast(null as bigint) as _ligne, false as _irreguliere, '' as _surplus{cells} "
        f"from read_parquet({files})"
    )
