"""The one door to fhir.resources, of which only R4B is used: the package's own root is R5, another standard.

The engine is optional.  It knows the structure of a resource (elements, types, cardinalities) and no code: the bound
codes of a Patient are held here.  What is read of a resource is read from its JSON, never from the engine's objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple


class EngineAbsent(Exception):
    """fhir.resources is not installed."""


class StructureFault(NamedTuple):
    """Where a resource is not what R4 says, as a JSON path, and the nature of it in French, without the value."""

    path: str
    nature: str


_NAME = re.compile("_?[A-Za-z]{1,40}")
_NATURES = {"extra_forbidden": "élément inattendu", "missing": "élément manquant"}


def patient_faults(resource: Mapping[str, Any], path: str) -> list[StructureFault]:
    """Return what is wrong in the structure of a Patient that stands at ``path``, each place once.

    Raises :class:`EngineAbsent`.
    """
    model = _patient()
    from pydantic import ValidationError

    try:
        model.model_validate(dict(resource))
    except ValidationError as error:
        found = {
            StructureFault(json_path(path, one["loc"]), _NATURES.get(one["type"], "valeur de forme inattendue"))
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        }
        return sorted(found)
    return []


def json_path(root: str, steps: Sequence[str | int]) -> str:
    """Return the JSON path of steps below a root.

    >>> json_path("$.entry[3].resource", ("name", 0, "given")), json_path("$", ("2 53 07",))
    ('$.entry[3].resource.name[0].given', '$.?')
    """
    # The name of an unknown element is the file's own: one that is no plain word is not repeated.
    return root + "".join(f"[{s}]" if isinstance(s, int) else f".{s if _NAME.fullmatch(s) else '?'}" for s in steps)


def patients(document: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the Patients of a JSON document with their path: itself, those of a Bundle, those that are contained."""
    if not isinstance(document, dict):
        return
    if document.get("resourceType") == "Patient":
        yield path, document
    below = [(f"entry[{i}].resource", _resource(one)) for i, one in enumerate(_listed(document.get("entry")))]
    below += [(f"contained[{i}]", one) for i, one in enumerate(_listed(document.get("contained")))]
    for step, one in below:
        yield from patients(one, f"{path}.{step}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _resource(entry: Any) -> Any:
    return entry.get("resource") if isinstance(entry, dict) else None


@cache
def _patient() -> Any:
    try:
        from fhir.resources.R4B.patient import Patient
    except ImportError as error:
        raise EngineAbsent("fhir.resources") from error
    return Patient
