"""Adapters written in Python: a class with one method, found by entry point, that yields canonical tables itself.

    class Exemple:
        lot = {"editeur": "…", …}                        # the keys of [lot] in adapter.toml

        def tables(self, sources):                       # the files given, folders opened
            yield "usager", {"usager_id": ["U1", "U2"]}  # columns, or an Arrow table, batch or reader

What it yields goes the way of every source: texts, then the rules of the schema, then rejects; the row of a table is
its line.  A table may come in several pieces, so that memory stays bounded.
"""

from __future__ import annotations

import inspect
import tomllib
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database
from esms_sdk.adapter import parsing
from esms_sdk.adapter.hooks import importable
from esms_sdk.adapter.mapping import Adapter, Block, ColumnRule, Source
from esms_sdk.adapter.sources import texts
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.toml_values import Section
from esms_sdk.errors import AdapterError, EsmsError, Fault
from esms_sdk.lot import naming
from esms_sdk.lot.schema import Column, Table, load

if TYPE_CHECKING:
    import duckdb

GROUP = "esms_sdk.adapters"
PROJECT = "pyproject.toml"
_PIECE = "_morceau"
_DAYS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")
_TIMES = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
)
_FORMATS = {"date": _DAYS, "timestamp": _TIMES}


@dataclass(frozen=True, slots=True)
class Reader:
    """The class of an adapter: how it was named, its module, and where that is imported from."""

    kind: type
    name: str
    file: Path
    paths: tuple[Path, ...] = ()

    def where(self, error: Exception) -> str:
        """Return the line of the adapter's own file where an error was raised; its words may hold values."""
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if Path(frame.filename).resolve().parent == self.file.parent]
        return f", {Path(own[-1].filename).name} ligne {own[-1].lineno}" if own else ""


# -- finding ---------------------------------------------------------------------------------------------------------


def installed() -> list[metadata.EntryPoint]:
    """Return the adapters of the installed distributions, by name."""
    return sorted(metadata.entry_points(group=GROUP), key=lambda one: (one.name, one.value))


def named(name: str) -> Adapter | None:
    """Return the installed adapter of that name, None where there is none.

    Raises :class:`AdapterError` where two bear it, and where it cannot be imported.
    """
    found = [one for one in installed() if one.name == name]
    if not found:
        return None
    if len({one.value for one in found}) > 1:
        listed = ", ".join(f"{one.dist.name if one.dist else '?'} ({one.value})" for one in found)
        raise AdapterError("ESMS-E231", f"«{name}» : plusieurs distributions portent cet adaptateur : {listed}",
                           hint="N'en garder qu'une dans cet environnement.")  # fmt: skip
    version = found[0].dist.version if found[0].dist else "0"
    return _described(name, found[0], version, ())


def in_folder(folder: Path) -> Adapter | None:
    """Return the adapter of a distribution that is not installed, by its ``pyproject.toml``; None where it has none."""
    try:
        project = tomllib.loads((folder / PROJECT).read_text(encoding="utf-8")).get("project", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    entries = project.get("entry-points", {}).get(GROUP, {})
    if not entries:
        return None
    if len(entries) > 1:
        listed = ", ".join(entries)
        raise AdapterError("ESMS-E231", f"{folder.name}/{PROJECT} : plusieurs adaptateurs ({listed})",
                           hint="Installer la distribution, puis nommer l'adaptateur.")  # fmt: skip
    ((name, value),) = entries.items()
    paths = tuple(path.resolve() for path in (folder / "src", folder) if path.is_dir())
    return _described(name, metadata.EntryPoint(name, value, GROUP), str(project.get("version", "0")), paths)


def of_class(kind: type) -> Adapter:
    """Return the adapter that a class is, under its own name; raises :class:`AdapterError` where it is none."""
    value = f"{kind.__module__}:{kind.__qualname__}"
    return _adapter(kind, kind.__name__, value, "0", file_of(kind), ())


def file_of(kind: type) -> Path:
    """Return the file of a class; raises :class:`AdapterError` where it stands in none."""
    try:
        return Path(inspect.getfile(kind)).resolve()
    except (OSError, TypeError):
        raise AdapterError("ESMS-E230", f"{kind.__qualname__} : le module de cette classe n'est pas importé") from None


def _described(name: str, entry: metadata.EntryPoint, version: str, paths: tuple[Path, ...]) -> Adapter:
    place = f"adaptateur «{name}» ({entry.value})"
    kind: Any = None
    try:
        with _importable(paths):
            kind = entry.load()
            file = Path(inspect.getfile(kind)).resolve()
    except Exception as error:  # whatever the vendor's module does when it is imported
        raise AdapterError("ESMS-E230", f"{place} introuvable ({type(error).__name__})",
                           hint=f"L'entrée {GROUP} s'écrit «module:Classe».") from None  # fmt: skip
    return _adapter(kind, name, entry.value, version, file, paths)


def _adapter(kind: Any, name: str, value: str, version: str, file: Path, paths: tuple[Path, ...]) -> Adapter:
    if not isinstance(kind, type) or not callable(getattr(kind, "tables", None)):
        place = f"adaptateur «{name}» ({value})"
        raise AdapterError("ESMS-E230", f"{place} : une classe avec une méthode «tables(self, sources)» attendue")
    document = inspect.cleandoc(kind.__doc__ or "").partition("\n")[0]
    return Adapter(
        folder=file.parent,
        nom=name,
        titre=getattr(kind, "titre", None) or document or name,
        version=str(getattr(kind, "version", None) or version),
        fuseau=getattr(kind, "fuseau", None) or "Europe/Paris",
        lot={},
        sources={},
        tables={},
        reader=Reader(kind, value, file, paths),
    )


@contextmanager
def _importable(paths: Sequence[Path]) -> Iterator[None]:
    with ExitStack() as held:
        for path in paths:
            held.enter_context(importable(path))
        yield


# -- reading ---------------------------------------------------------------------------------------------------------


def staged(
    con: duckdb.DuckDBPyConnection, adapter: Adapter, available: Sequence[SourceFile], work: Path
) -> tuple[Adapter, list[SourceFile]]:
    """Run the adapter over the files; return it with a source and a block a table, and the files that these read.

    Raises :class:`AdapterError` for what is no canonical table or column, and where its code fails.
    """
    reader: Reader = adapter.reader
    place = f"adaptateur «{adapter.nom}» ({reader.name})"
    paths = list(dict.fromkeys(file.path for file in available))
    pieces = _Pieces(con, work / "python", place)
    try:
        with _importable(reader.paths):
            one = reader.kind()
            for given in one.tables(paths):
                pieces.take(given)
            keys = getattr(one, "lot", {})
    except EsmsError:
        raise
    except Exception as error:  # whatever the vendor's class does
        raise AdapterError("ESMS-E232", f"{place} échoue ({type(error).__name__}{reader.where(error)})") from None
    return _mapped(adapter, keys, pieces.columns, place), pieces.files()


class _Pieces:
    """The pieces of tables that an adapter yields, each a file of texts."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, place: str) -> None:
        self.con, self.folder, self.place = con, folder, place
        self.columns: dict[str, list[str]] = {}
        self.paths: dict[str, list[Path]] = {}

    def take(self, given: Any) -> None:
        """Write one piece, what was yielded: the name of a table and its rows."""
        if not isinstance(given, tuple) or len(given) != 2 or not isinstance(given[0], str):
            raise self._refused("«tables» rend des paires : un nom de table du lot, et ses lignes")
        name, rows = given
        if name not in load().tables:
            near = naming.nearest(name, load().tables)
            raise self._refused(
                f"table inconnue «{naming.shown(name, load().tables)}»{f' ; «{near}» ?' if near else ''}"
            )
        seen = self._registered(name, rows)
        own = self.columns.setdefault(name, [])
        own += [c for c in seen if c not in own]
        target = self.folder / name
        target.mkdir(parents=True, exist_ok=True)
        path = target / f"{len(self.paths.setdefault(name, [])):012}.parquet"
        self.paths[name].append(path)
        cells = ", ".join(f"{texts.as_text(database.name(c), kind)} as {database.name(c)}" for c, kind in seen.items())
        self.con.execute(f"copy (select {cells} from {_PIECE}) to {database.text(str(path))} (format parquet)")
        self._drop()

    def _registered(self, name: str, rows: Any) -> dict[str, str]:
        """Give the rows a name in the engine; return their columns with the type of each."""
        self._drop()
        if isinstance(rows, Mapping):
            self._from_lists(name, rows)
        elif hasattr(rows, "__arrow_c_stream__"):
            self.con.register(_PIECE, rows)
        else:
            raise self._refused(f"table «{name}» : une table Arrow ou un dictionnaire de colonnes attendu")
        seen = {c: kind for c, kind, *_ in self.con.execute(f"describe {_PIECE}").fetchall()}
        table = load().tables[name]
        for column in seen:
            if column not in table.columns:
                near = naming.nearest(column, table.columns)
                hint = f" ; «{near}» ?" if near else f" (colonnes : {', '.join(table.columns)})"
                raise self._refused(f"table «{name}» : colonne inconnue «{naming.shown(column, table.columns)}»{hint}")
        return seen

    def _from_lists(self, name: str, rows: Mapping[str, Any]) -> None:
        lists = {str(column): values for column, values in rows.items()}
        if any(isinstance(values, (str, bytes)) or not hasattr(values, "__len__") for values in lists.values()):
            raise self._refused(f"table «{name}» : chaque colonne est une liste de valeurs")
        if not lists or len({len(values) for values in lists.values()}) > 1:
            counts = ", ".join(f"{column} {len(values)}" for column, values in lists.items())
            raise self._refused(f"table «{name}» : des listes d'une même longueur attendues ({counts or 'aucune'})")
        cells = ", ".join(f"unnest(${i}) as {database.name(c)}" for i, c in enumerate(lists, 1))
        self.con.execute(f"create temp table {_PIECE} as select {cells}", [list(values) for values in lists.values()])

    def _drop(self) -> None:
        self.con.unregister(_PIECE)
        self.con.execute(f"drop table if exists {_PIECE}")

    def files(self) -> list[SourceFile]:
        """Return one file a table, in the order in which the tables came."""
        found = []
        for name, paths in self.paths.items():
            whole = self.folder / f"{name}.parquet"
            if len(paths) == 1:
                paths[0].rename(whole)
            else:
                listed = ", ".join(map(database.file, paths))
                rows = f"select * from read_parquet([{listed}], union_by_name = true)"
                self.con.execute(f"copy ({rows}) to {database.text(str(whole))} (format parquet)")
            found.append(SourceFile(name, whole))
        return found

    def _refused(self, message: str) -> AdapterError:
        return AdapterError("ESMS-E233", f"{self.place} : {message}")


def _mapped(adapter: Adapter, keys: Any, columns: Mapping[str, Sequence[str]], place: str) -> Adapter:
    """Return the adapter with a source and a block for each table that came, column by column."""
    faults: list[Fault] = []
    lot = parsing.lot_keys(Section("lot", dict(keys) if isinstance(keys, Mapping) else keys, place, faults))
    tables: dict[str, tuple[Block, ...]] = {}
    for name, table in load().tables.items():
        if name not in columns:
            continue
        for column in table.columns.values():
            if column.required and column.name not in columns[name]:
                faults.append(
                    Fault("ADAPTATEUR", f"table «{name}» : colonne obligatoire «{column.name}» absente", place)
                )
        tables[name] = (_block(table, columns[name]),)
    parsing.check_supplied(Section("", {}, place, faults), load(), tables, lot)
    if faults:
        raise AdapterError("ESMS-E203", f"{place} : {len(faults)} défaut{'s' * (len(faults) > 1)}", faults=faults)
    sources = {name: Source(name, "parquet", (f"{name}.parquet",), folder=adapter.folder) for name in tables}
    return replace(adapter, lot=lot, sources=sources, tables=tables)


def _block(table: Table, columns: Sequence[str]) -> Block:
    rules = {name: _rule(column) for name, column in table.columns.items() if name in columns}
    return Block(table=table, source=table.name, columns=rules, place=f"table.{table.name}")


def _rule(column: Column) -> ColumnRule:
    formats = _FORMATS.get(column.kind, ())
    return ColumnRule(column, colonne=column.name, formats=formats)
