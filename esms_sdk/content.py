"""Where the content folders are, in a wheel as in a checkout.  Nothing else computes a path to them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Folder = Literal["adapters", "conformance", "samples"]


def folder(name: Folder) -> Path:
    """Return the folder ``name`` of the installed content.

    >>> folder("conformance").is_dir()
    True
    """
    package = Path(__file__).resolve().parent
    packaged = package / "_content" / name
    return packaged if packaged.is_dir() else package.parent / name
