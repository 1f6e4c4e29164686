"""The judge of FHIR files: every Patient of a resource or Bundle in JSON, by the rules of FR Core."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from esms_sdk import fhir
from esms_sdk.adapter.sources.tddui_identity import member
from esms_sdk.checks.documents import Examination, Piece, Setting, Unreadable, apply, judge
from esms_sdk.checks.fhir_identity import Patient
from esms_sdk.checks.fhir_rules import RULES

_RESOURCE = re.compile(rb'"resourceType"\s*:')


def is_fhir_json(path: Path, head: bytes) -> bool:
    """Tell whether a file is a FHIR resource in JSON, by its beginning."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and bool(_RESOURCE.search(head))


@judge("fhir_patient", recognises=is_fhir_json)
def judge_patients(piece: Piece, setting: Setting) -> Examination:
    """Judge every Patient of a resource or Bundle; without one there is nothing to judge."""
    try:
        document = json.loads(piece.chemin.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("ce n'est pas un JSON lisible") from None
    seen = Examination(day=_day(document))
    for path, resource in fhir.patients(document):
        apply(RULES, Patient(resource, path), setting, seen)
    return seen


def _day(document: Any) -> date | None:
    """Return the day of a Bundle, else of the last change of the resource, as it is written there."""
    told = member(document, "timestamp") or member(document, "meta", "lastUpdated")
    try:
        return date.fromisoformat(str(told)[:10])
    except ValueError:
        return None
