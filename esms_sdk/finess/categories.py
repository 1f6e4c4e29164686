"""The categories of the ESSMS: ``conformance/terminologie/categories_essms.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from esms_sdk import content

GROUPES_MS1 = ("4100", "4300", "4400", "4600")
"""The groups of categories that the SONS of the first corridor names."""


@dataclass(frozen=True, slots=True)
class Categorie:
    """One category of establishment: its FINESS code, and the group (4100, 4300, 4400, 4600…) that holds it."""

    code: str
    libelle: str
    groupe: str
    libelle_groupe: str


def categorie(code: str) -> Categorie | None:
    """Return the category of an ESSMS, None where our list has no such code.

    >>> categorie("500").groupe, categorie("365")
    ('4400', None)
    """
    document = _document()
    row = document["categorie"].get(code)
    if row is None:
        return None
    return Categorie(code, row["libelle"], row["groupe"], document["groupe"][row["groupe"]])


def version() -> str:
    """Return the version of the list, which a message names."""
    return str(_document()["version"])


@cache
def _document() -> dict[str, Any]:
    path = content.folder("conformance") / "terminologie" / "categories_essms.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
