"""Patients for the cases of requirements whose ``objet`` is ``fhir_patient`` (``conformance/cas_patient.json``)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from esms_sdk import content

_STEP = re.compile(r"([A-Za-z]\w*)|\[(\d+)\]")


def base() -> dict[str, Any]:
    """Return the conforming Patient."""
    text = (content.folder("conformance") / "cas_patient.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the conforming Patient with the value of each path changed; an empty text takes the element away.

    ``{"identifier[0].use": "temp", "birthDate": "", "identifier[2]": {…}}``: the number after the last one appends.
    """
    patient = base()
    # What is taken away goes last, from the end, so that the numbers of the others hold.
    taken = sorted((path for path, value in changes.items() if value == ""), reverse=True)
    for path in [*(path for path in changes if path not in taken), *taken]:
        value = changes[path]
        *way, last = [name or int(number) for name, number in _STEP.findall(path)]
        place: Any = patient
        for step in way:
            place = place[step]
        if value == "":
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return patient


def write(folder: Path, document: Any, name: str = "patient.json") -> Path:
    """Write a JSON document and return its path."""
    path = folder / name
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path
