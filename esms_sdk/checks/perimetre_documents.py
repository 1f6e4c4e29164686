"""The documents of the médico-social perimeter: ``conformance/terminologie/documents_ms.toml``."""

from __future__ import annotations

import tomllib
from functools import cache

from esms_sdk import content


@cache
def produced() -> tuple[str, ...]:
    """Return the type codes of the documents that an ESSMS makes and that belong in the DMP."""
    path = content.folder("conformance") / "terminologie" / "documents_ms.toml"
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["type"]
    return tuple(code for code, one in listed.items() if one["produit"])
