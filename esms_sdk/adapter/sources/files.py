"""Finds the files that a source names, among the files, folders and zip archives that the user gives."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from esms_sdk.errors import SourceError


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
        own = PurePosixPath(self.name).name.lower()
        names = (own, own.removesuffix(".gz"))
        return any(fnmatchcase(name, pattern.lower()) for pattern in patterns for name in names)


def _archived(name: str, path: Path) -> Iterable[SourceFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(info.filename for info in archive.infolist() if not info.is_dir())
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError("ESMS-E303", f"archive illisible : {name}") from error
    for member in members:
        yield SourceFile(f"{name}/{member}", path, member)


def _inside(path: Path, name: str) -> Iterable[SourceFile]:
    if path.suffix.lower() == ".zip":
        yield from _archived(name, path)
    else:
        yield SourceFile(name, path)


def find(given: Sequence[Path]) -> list[SourceFile]:
    """Return every file under the given files and folders (recursive; zip archives opened), sorted, names unique.

    A file of a folder is named by its path in that folder.  Raises :class:`SourceError` for a path that is not there.
    """
    found: list[SourceFile] = []
    for path in given:
        if path.is_dir():
            for inner in sorted(p for p in path.rglob("*") if p.is_file()):
                found += _inside(inner, inner.relative_to(path).as_posix())
        elif path.is_file():
            found += _inside(path, path.name)
        else:
            raise SourceError(
                "ESMS-E304", f"source introuvable : {path.name}", hint="Vérifier le chemin donné à «esms import»."
            )
    names: dict[str, int] = {}
    unique: list[SourceFile] = []
    for one in found:
        names[one.name] = names.get(one.name, 0) + 1
        number = names[one.name]
        name = one.name if number == 1 else f"{one.name}~{number}"
        unique.append(SourceFile(name, one.path, one.member))
    return unique
