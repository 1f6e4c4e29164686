"""A table of a parsed TOML file, read key by key; what is wrong is noted with its place, and reading goes on."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from esms_sdk.errors import Fault

EXPECTED: dict[type, str] = {
    bool: "true ou false",
    int: "un nombre entier",
    str: "un texte",
    list: "une liste de textes",
    dict: "une table { … }",
}


def plain(value: object) -> str | None:
    """Return the canonical text of a TOML value, None for a list or a table.

    >>> plain(True), plain(date(2025, 1, 31)), plain(7), plain([])
    ('true', '2025-01-31', '7', None)
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, (str, int, float)) else None


class Section:
    """One table of the file, at ``path``; ``faults`` is shared by all sections of the file."""

    def __init__(self, path: str, raw: object, file: str, faults: list[Fault]) -> None:
        self.path, self.file, self.faults = path, file, faults
        if not isinstance(raw, dict):
            self.fault("", f"{EXPECTED[dict]} attendue")
        self.raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}

    def __contains__(self, key: str) -> bool:
        return key in self.raw

    def place(self, key: str) -> str:
        return ".".join(part for part in (self.path, key) if part)

    def fault(self, key: str, message: str) -> None:
        """Note a fault of a key, or of the table itself."""
        self.faults.append(Fault("ADAPTATEUR", f"{self.place(key)} : {message}", self.file))

    def known(self, admitted: Collection[str]) -> None:
        """Note the keys that are not ``admitted``, with the nearest one."""
        for key in self.raw:
            if key not in admitted:
                near = difflib.get_close_matches(key.lower(), admitted, 1)
                hint = f"voulez-vous dire «{near[0]}» ?" if near else f"admis : {', '.join(sorted(admitted))}"
                self.fault(key, f"inconnu ({hint})")

    def section(self, key: str) -> Section:
        """Return the table under ``key``, empty where there is none."""
        return Section(self.place(key), self.raw.get(key, {}), self.file, self.faults)

    def sections(self, key: str) -> list[Section]:
        """Return the tables under ``key``: one, or an array of them."""
        value = self.raw.get(key, [])
        if not isinstance(value, list):
            return [Section(self.place(key), value, self.file, self.faults)]
        several = len(value) > 1
        return [
            Section(self.place(f"{key}[{i}]" if several else key), one, self.file, self.faults)
            for i, one in enumerate(value, 1)
        ]

    def value(self, key: str, kind: type, default: Any = None) -> Any:
        """Return the value under ``key`` where it is of that kind, else say so and return ``default``."""
        if key not in self.raw:
            return default
        value = self.raw[key]
        wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
        if wrong or (kind is list and not all(isinstance(one, str) for one in value)):
            self.fault(key, f"{EXPECTED[kind]} attendu{'e' * (kind in (list, dict))}")
            return default
        return tuple(value) if kind is list else value

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a text that is not blank."""
        found: str | None = self.value(key, str, default)
        if found is not None and not found.strip():
            self.fault(key, "un texte non vide attendu")
            return default
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found: tuple[str, ...] = self.value(key, list, ())
        return found

    def pairs(self, key: str) -> dict[str, str]:
        """Return a table of texts, none of them blank."""
        table: Mapping[str, Any] = self.value(key, dict, {})
        for name, value in table.items():
            if not isinstance(value, str) or not value.strip():
                self.fault(f"{key}.{name}", "un texte non vide attendu")
        return {name: value for name, value in table.items() if isinstance(value, str) and value.strip()}

    def one_of(self, key: str, admitted: Sequence[str], default: str | None = None) -> str | None:
        """Return a text among ``admitted``."""
        found: str | None = self.value(key, str, default)
        if found is not None and found not in admitted and found != default:
            self.fault(key, f"un de {', '.join(admitted)} attendu")
            return default
        return found
