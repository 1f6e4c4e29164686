"""The files of a pack that was made on Windows, found by names that differ from theirs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class Folder:
    """The files of a pack, found as Windows finds them, and never outside it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._listed: dict[Path, Mapping[str, list[Path]]] = {}

    def find(self, base: Path, relative: str) -> Path | None:
        """Return the file named from ``base``: case apart, and ``-`` as ``_``, where one alone fits."""
        place = base
        for part in relative.replace("\\", "/").split("/"):
            if part in ("", "."):
                continue
            if part == "..":
                place = place.parent
                continue
            found = self._child(place, part)
            if found is None:
                return None
            place = found
        inside = place.resolve()
        return place if inside.is_file() and inside.is_relative_to(self.root) else None

    def _child(self, folder: Path, name: str) -> Path | None:
        if (folder / name).exists() and any(one.name == name for one in self._names(folder).get(_key(name), ())):
            return folder / name
        fitting = self._names(folder).get(_key(name), [])
        same = [one for one in fitting if one.name.casefold() == name.casefold()]
        chosen = same or fitting
        return chosen[0] if len(chosen) == 1 else None

    def _names(self, folder: Path) -> Mapping[str, list[Path]]:
        if folder not in self._listed:
            names: dict[str, list[Path]] = {}
            if folder.resolve().is_relative_to(self.root) and folder.is_dir():
                for one in sorted(folder.iterdir()):
                    names.setdefault(_key(one.name), []).append(one)
            self._listed[folder] = names
        return self._listed[folder]


def _key(name: str) -> str:
    return name.casefold().replace("-", "_")
