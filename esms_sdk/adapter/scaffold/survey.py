"""What a sample export holds, read as texts by the engine's own sources: its places, their columns, their values."""

from __future__ import annotations

import importlib
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database, masking
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.scaffold import kinds, names
from esms_sdk.adapter.sources import files
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.formats import FORMATS
from esms_sdk.errors import AdapterError, SourceError

if TYPE_CHECKING:
    import duckdb

# How many distinct texts of a column are looked at.
DISTINCT = 2000


@dataclass(frozen=True, slots=True)
class Seen:
    """One column: how many rows fill it, and its distinct texts, the most frequent first (``DISTINCT`` at most)."""

    name: str
    filled: int = 0
    values: tuple[tuple[str, int], ...] = ()

    @property
    def texts(self) -> list[str]:
        """The distinct texts."""
        return [text for text, _ in self.values]


@dataclass(frozen=True, slots=True)
class Place:
    """What one source of the adapter reads: files of one shape, a sheet, a list of records, a table of a database.

    ``name`` is the source's; ``title`` what a person calls it; ``file`` the name of the first file; ``options`` are
    the keys of ``[source]`` beside ``format`` and ``fichiers``; ``above`` how many rows stand above the header;
    ``part`` the sheet that was read, whose name ``options`` may have as a pattern.
    """

    name: str
    format: str
    title: str
    file: str
    fichiers: tuple[str, ...]
    columns: tuple[Seen, ...]
    rows: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    above: int = 0
    part: str = ""

    def column(self, name: str) -> Seen:
        """Return a column by its name."""
        return next(one for one in self.columns if one.name == name)


def survey(kind: str, given: Path) -> list[Place]:
    """Return what the sample (a file or a folder) holds; ``kind`` is ``csv``, ``excel``, ``json`` or ``sql``.

    Raises :class:`SourceError` where a file cannot be read, :class:`AdapterError` where there is nothing to propose of.
    """
    wanted = kinds.SUFFIXES[kind]
    found = [file for file in files.find([given]) if kinds.own_name(file).lower().endswith(wanted)]
    if not found:
        hint = "Donner un fichier ou un dossier de l'export, et la sorte qui lui va (--from)."
        raise SourceError("ESMS-E305", f"{given.name} : aucun fichier {', '.join(wanted)}", hint=hint)
    with tempfile.TemporaryDirectory(prefix="esms-modele-") as name:
        places = _grouped([one for file in found for one in _places(kind, file, Path(name))])
    if not places:
        hint = "Donner un export qui a un en-tête et des lignes."
        raise AdapterError("ESMS-E244", f"{given.name} : aucune colonne n'y est reconnue", hint=hint)
    return places


def _places(kind: str, file: SourceFile, work: Path) -> Iterator[Place]:
    for number, (format_name, title, options, above) in enumerate(kinds.parts(kind, file, work)):
        read = kinds.readable(file, work)
        own = kinds.own_name(read)
        place = Place("", format_name, title, own, (own,), (), 0, options, above)
        folder = work / f"{len(list(work.iterdir()))}_{number}"
        folder.mkdir()
        yield _read(place, read, folder)


def _read(place: Place, file: SourceFile, work: Path) -> Place:
    """Return a place with its columns and their values."""
    source = Source("modele", place.format, place.fichiers, options=place.options)
    kind = FORMATS[place.format]
    with database.connect(work) as con:
        try:
            numbered = list(enumerate(kind.places(source, [file])))
            relation = importlib.import_module(kind.module).relation(con, source, numbered, [], work)
        finally:
            kind.finish(work)
        con.execute(f"create table lu as select * from ({relation.query}) where not _irreguliere")
        rows = int(con.execute("select count(*) from lu").fetchall()[0][0])
        seen = tuple(_seen(con, name) for name in relation.columns)
    if not _has_header(place, seen):
        return place
    options = dict(place.options)
    if place.format == "excel" and place.above and len(seen) > 1:
        del options["lignes_avant_entete"]
        options["entete"] = [one.name for one in seen[:2]]
    return replace(place, columns=seen, rows=rows, options=options, part=str(options.get("feuille", "")))


def _seen(con: duckdb.DuckDBPyConnection, name: str) -> Seen:
    text = f"trim({database.name(name)})"
    query = f"select {text} as t, count(*) as n from lu where {text} <> '' group by t order by n desc, t"
    values = con.execute(f"{query} limit {DISTINCT}").fetchall()
    filled = con.execute(f"select count(*) from lu where {text} <> ''").fetchall()[0][0]
    return Seen(name, filled, tuple(values))


def _has_header(place: Place, seen: Sequence[Seen]) -> bool:
    """Say whether the names of a place are names: without a header they would be a person's values.

    What has not one name that we know is left out whole; raises :class:`AdapterError` for what is surely no header.
    """
    if place.format not in ("csv", "excel"):
        return bool(seen)
    known = any(names.known(one.name) for one in seen)
    values = [one.name for one in seen if kinds.VALUE.fullmatch(one.name)]
    if len(values) > 1 or (values and not known):
        shapes = ", ".join(masking.shape(one.name) for one in seen[:8])
        raise AdapterError(
            "ESMS-E244",
            f"{place.title} : pas de ligne d'en-tête (première ligne : {shapes})",
            hint="Ajouter une ligne avec le nom des colonnes, ou écrire l'adaptateur à la main.",
        )
    return known


# -- one source for files of one shape -------------------------------------------------------------------------------


def _grouped(places: Sequence[Place]) -> list[Place]:
    """Make one place of those that have the same columns, and give each a name."""
    groups: dict[tuple[Any, ...], list[Place]] = {}
    for place in places:
        if place.columns:
            part = tuple(sorted((key, _starred(str(value))) for key, value in place.options.items()))
            shape = frozenset(one.name.casefold() for one in place.columns)
            groups.setdefault((place.format, part, shape), []).append(place)
    found: list[Place] = []
    exacts = [tuple(dict.fromkeys(one.file for one in group)) for group in groups.values()]
    taken: set[tuple[str, ...]] = set()
    for group, exact in zip(groups.values(), exacts, strict=True):
        # The same file in another folder, with other columns: one source cannot read both.
        group = [one for one in group if _identity(one) not in taken]
        if not group:
            continue
        taken |= set(map(_identity, group))
        patterns = tuple(dict.fromkeys(map(_starred, exact)))
        others = [name for other in exacts if other is not exact for name in other if name not in exact]
        if any(fnmatchcase(name.lower(), pattern.lower()) for name in others for pattern in patterns):
            patterns = exact
        first = group[0]
        columns = tuple(_together(group, column.name) for column in first.columns)
        if len({one.part for one in group}) > 1:
            first = replace(first, options={**first.options, "feuille": _starred(first.part)})
        name = _source_name(first, [one.name for one in found])
        found.append(replace(first, name=name, fichiers=patterns, columns=columns, rows=sum(one.rows for one in group)))
    return found


def _identity(place: Place) -> tuple[str, ...]:
    options = (str(place.options.get(key)) for key in ("feuille", "enregistrements", "liste", "table"))
    return (place.format, place.file, *options)


def _starred(name: str) -> str:
    return re.sub(r"\d+", "*", name)


def _together(group: Sequence[Place], name: str) -> Seen:
    counts: Counter[str] = Counter()
    filled = 0
    for place in group:
        one = next(seen for seen in place.columns if seen.name.casefold() == name.casefold())
        filled += one.filled
        counts.update(dict(one.values))
    return Seen(name, filled, tuple(counts.most_common(DISTINCT)))


def _source_name(place: Place, taken: Sequence[str]) -> str:
    part = place.options.get("feuille") or place.options.get("liste") or place.options.get("enregistrements")
    part = part or place.options.get("table") or place.file.partition(".")[0]
    base = slug(str(part)) or "source"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def slug(text: str) -> str:
    """Return a name that TOML, SQL and Python take as it is, "" where a text has no letter.

    >>> slug("Résidents 2025"), slug("mon-DUI")
    ('residents', 'mon_dui')
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    return "_".join(re.findall("[a-z]+", "".join(c for c in plain if not unicodedata.combining(c))))
