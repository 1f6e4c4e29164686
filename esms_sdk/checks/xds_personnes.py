"""The traits and numbers of people in the metadata, against those of the CDA: each function says what differs.

Two ways to write one name (case, accents, hyphens) are one name.  Nothing of the person is in what is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from esms_sdk.documents import hl7v2
from esms_sdk.documents.cda import Cda, Patient
from esms_sdk.documents.ebrim import Classification
from esms_sdk.documents.xds import DocumentEntry
from esms_sdk.documents.xds_people import patient_info
from esms_sdk.identifiers import ins

_NOT_A_LETTER = re.compile(r"[\W_]+")
# The codes of an unknown sex, which texts write differently.
_UNKNOWN = frozenset({"U", "UN", "O"})


def differing_traits(told: Iterable[str], cda: Cda) -> list[str]:
    """Return the fields of sourcePatientInfo (PID-5, PID-7, PID-8) that say another person than the CDA, each once."""
    patient = cda.patient
    if patient is None:
        return []
    own = _by_field(patient_info(cda))
    found = [field for field, value in _fields(told) if field in own and not _agrees(field, value, own[field], patient)]
    return list(dict.fromkeys(found))


def _fields(infos: Iterable[str]) -> Iterator[tuple[str, str]]:
    for info in infos:
        field, bar, value = info.partition("|")
        if bar and value.strip("^ "):
            yield field.strip(), value


def _by_field(infos: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field, value in _fields(infos):
        found.setdefault(field, []).append(value)
    return found


def _agrees(field: str, told: str, own: Sequence[str], patient: Patient) -> bool:
    if field == "PID-7":
        return any(told[:8] == one[:8] for one in own)
    if field == "PID-8":
        return any(told == one or {told, one} <= _UNKNOWN for one in own)
    family, given, *rest = hl7v2.components(told, 7)
    of_kind = [one for one in map(hl7v2.components, own) if one[-1] == rest[4]] or [*map(hl7v2.components, own)]
    families = {_folded(one[0]) for one in of_kind}
    # The given name may be the first, the one in use, or the list of them all.
    givens = {_folded(hl7v2.escaped(part.text)) for part in patient.name.given} | {_folded(one[1]) for one in of_kind}
    return (not family or _folded(family) in families) and (not given or _folded(given) in givens)


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    return _NOT_A_LETTER.sub(" ", "".join(c for c in bare if not unicodedata.combining(c))).strip().casefold()


def is_patient_of(told: str, cda: Cda) -> bool:
    """Tell whether a CX is a number that the CDA gives its patient.

    Another root of a matricule, or none, is the matter of other rules.
    """
    number, root = hl7v2.components(told, 4)[0], hl7v2.root_of(hl7v2.components(told, 4)[3])
    ids = cda.patient.ids if cda.patient else ()
    same = [one for one in ids if hl7v2.escaped(one.extension) == number]
    return (
        not ids
        or not root
        or any(one.root == root or (ins.is_known_oid(one.root) and ins.is_known_oid(root)) for one in same)
    )


def other_institutions(authors: Iterable[Classification], expected: DocumentEntry) -> list[str]:
    """Return the authorInstitution whose number is of no author of the CDA."""
    own = {_structure(one.institution) for one in expected.authors if one.institution}
    told = [value for one in authors for value in one.slots.get("authorInstitution", ()) if value]
    return [value for value in told if own and _structure(value) not in own]


def _structure(xon: str) -> tuple[str, str]:
    parts = hl7v2.components(xon, 10)
    return parts[9], hl7v2.root_of(parts[5])


def other_specialties(authors: Iterable[Classification], expected: DocumentEntry) -> list[str]:
    """Return the authorSpecialty whose code is of no author of the CDA."""
    own = {_coded(one.specialty) for one in expected.authors if one.specialty}
    told = [value for one in authors for value in one.slots.get("authorSpecialty", ()) if value]
    return [value for value in told if own and _coded(value) not in own]


def _coded(text: str) -> tuple[str, str]:
    code, _, system, *_ = hl7v2.components(text, 3)
    return code, system
