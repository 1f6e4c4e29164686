"""The one way the project writes JSON: UTF-8, one space of indent, the keys in the order given, a final newline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=1)
_ONE_LINE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_json(path: Path, document: Any) -> Path:
    """Write ``document`` into ``path`` and return it; the same document gives the same bytes everywhere."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_ENCODER.iterencode(document))
        file.write("\n")
    return path


def write_json_lines(path: Path, head: dict[str, Any], name: str, items: Iterable[Any]) -> Path:
    """Write the object ``head`` ending in the array ``name`` of ``items``, one item a line, never all in memory.

    A Bundle of 100 000 resources is written so: still one JSON document, and a difference is a line.
    """
    opening = _ONE_LINE.encode(head)[:-1] + ("," if head else "") + _ONE_LINE.encode(name) + ":["
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(opening)
        separator = "\n"
        for item in items:
            file.write(separator + _ONE_LINE.encode(item))
            separator = ",\n"
        file.write("\n]}\n")
    return path
