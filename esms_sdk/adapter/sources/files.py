"""Finds the files that a source names, among the files, folders and zip archives that the user gives."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from esms_sdk import archive as zips
from esms_sdk.errors import SourceError

# An export packed whole may be large; how much a file of it swells stays bounded.
LIMITS = replace(zips.LIMITS, unpacked=256 << 30)
# A folder with one of these sets of names is a result of ours, never a source: its rejected rows would come in again.
_OURS = ({"manifeste.json"}, {"rejets.csv", "libelles_inconnus.csv"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read: its name as reports give it, its path, and its member where the path is a zip archive.

    Not every source is a file: a query has a name, ``member`` is then the database that it is put to, and its rows
    stand on no line (``lines`` is false).
    """

    name: str
    path: Path
    member: str | None = None
    lines: bool = True

    def matches(self, patterns: Iterable[str]) -> bool:
        """Say whether the file's own name is one of the patterns (case ignored), with or without ``.gz``."""
        own = _compared(_readable(PurePosixPath(self.member or self.path.name).name))
        names = (own, own.removesuffix(".gz"))
        return any(fnmatchcase(name, _compared(pattern)) for pattern in patterns for name in names)


def _compared(name: str) -> str:
    """Return a name as it is compared; a Mac writes é as two characters."""
    return unicodedata.normalize("NFC", name).lower()


def _readable(name: str) -> str:
    """Return a name as text, also on a system that knows no UTF-8."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _hidden(name: str) -> bool:
    """Say whether a file is none of the user's: hidden, or what a Mac puts beside each file of an archive."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _archived(name: str, path: Path) -> Iterator[SourceFile]:
    with zips.archive(path, name, LIMITS) as archive:
        members = archive.names
    for member in members:
        if not _hidden(member.lstrip("./")):
            yield SourceFile(f"{name}/{member}", path, member)


def _inside(path: Path, name: str) -> Iterator[SourceFile]:
    if path.suffix.lower() == ".zip":
        yield from _archived(name, path)
    else:
        yield SourceFile(name, path)


def _walked(folder: Path, output: Collection[Path]) -> Iterator[Path]:
    """Yield the files under a folder, less hidden ones and what the SDK itself wrote or is writing there."""
    for where, folders, names in os.walk(folder):
        here = Path(where)
        folders[:] = [
            name for name in folders if not _hidden(name) and here / name not in output and not _ours(here / name)
        ]
        yield from (here / name for name in names if not _hidden(name))


def _ours(folder: Path) -> bool:
    return any(all((folder / name).is_file() for name in names) for names in _OURS)


def find(given: Sequence[Path], output: Collection[Path] = ()) -> list[SourceFile]:
    """Return every file under the given files and folders (recursive; zip archives opened), names unique.

    A file of a folder is named by its path in that folder; one that is given twice is read once.  What is under one of
    the absolute paths ``output`` is left out.  Raises :class:`SourceError` for a path that is not there.
    """
    found: list[SourceFile] = []
    for path in given:
        if path.is_dir():
            root = path.resolve()
            named = {_readable(inner.relative_to(root).as_posix()): inner for inner in _walked(root, output)}
            for name in sorted(named):
                found += _inside(named[name], name)
        elif path.is_file():
            found += _inside(path, _readable(path.name))
        else:
            hint = "Vérifier le chemin donné."
            raise SourceError("ESMS-E304", f"source introuvable : {_readable(path.name or str(path))}", hint=hint)
    return list(_unique(found))


def _unique(found: Iterable[SourceFile]) -> Iterator[SourceFile]:
    places: set[tuple[str, str | None]] = set()
    names: set[str] = set()
    for one in found:
        place = (os.path.realpath(one.path), one.member)
        if place in places:
            continue
        places.add(place)
        name, number = one.name, 2
        while name in names:
            name, number = f"{one.name}~{number}", number + 1
        names.add(name)
        yield replace(one, name=name)
