"""The people and structures of a CDA header as XDS metadata write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from esms_sdk.documents.cda import Actor, Cda, Ii, Name
from esms_sdk.documents.hl7v2 import DEVICE_TYPE, INS_TYPE, LOCAL_TYPE, PS_TYPE, composite, cx, escaped, xcn, xon
from esms_sdk.identifiers import ins


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a document, as XDS writes it; what is not told is empty."""

    person: str
    institution: str = ""
    role: str = ""
    specialty: str = ""


# -- the patient -------------------------------------------------------------------------------------------------------


def ins_of(cda: Cda) -> Ii | None:
    """Return the matricule INS that the header bears, with its root."""
    ids = cda.patient.ids if cda.patient else ()
    return next((one for one in ids if ins.is_known_oid(one.root)), None)


def patient_id(cda: Cda) -> str:
    """Return the patientId: the matricule INS, else the first local number."""
    known = ins_of(cda)
    if known:
        return cx(known.extension, known.root, INS_TYPE)
    local = _local(cda)
    return cx(local.extension, local.root, LOCAL_TYPE) if local else ""


def source_patient_id(cda: Cda) -> str:
    """Return the sourcePatientId: the first local number, else the matricule INS."""
    local = _local(cda)
    return cx(local.extension, local.root, LOCAL_TYPE) if local else patient_id(cda)


def _local(cda: Cda) -> Ii | None:
    ids = cda.patient.ids if cda.patient else ()
    return next((one for one in ids if not ins.is_known_oid(one.root) and one.extension), None)


def patient_info(cda: Cda) -> Iterator[str]:
    patient = cda.patient
    if patient is None:
        return
    name = patient.name
    first = next(iter(name.givens("BR")), "") or next(iter(name.givens()), "")
    used = next(iter(name.givens("CL")), "") or first
    yield from (_named(family, first, "L") for family in name.families("BR")[:1])
    yield from (_named(family, used, "D") for family in name.families("CL")[:1])
    if patient.birth_time:
        yield f"PID-7|{patient.birth_time[:8]}"
    if patient.gender and patient.gender.code:
        yield f"PID-8|{'U' if patient.gender.code == 'UN' else patient.gender.code}"


def _named(family: str, given: str, kind: str) -> str:
    return f"PID-5|{composite(escaped(family), escaped(given), '', '', '', '', kind)}"


# -- people and structures ---------------------------------------------------------------------------------------------


def author(actor: Actor) -> Author:
    institution = actor.organization
    number = next((one for one in institution.ids if one.extension), None) if institution else None
    coded = actor.code
    return Author(
        person(actor),
        xon(institution.name, number.root, number.extension) if institution and number else "",
        actor.function.label if actor.function else "",
        composite(escaped(coded.code), escaped(coded.label), coded.system) if coded and coded.code else "",
    )


def person(actor: Actor) -> str:
    """Return a person, or the device that stands for one, as an XCN; empty without a number."""
    number = next(iter(actor.ids), None)
    if number is None or not number.extension:
        return ""
    if actor.person is None and actor.device:
        model, software = actor.device
        return xcn(number.extension, software, model, number.root, name_type="U", kind=DEVICE_TYPE)
    name = actor.person or Name()
    kind = INS_TYPE if ins.is_known_oid(number.root) else PS_TYPE
    return xcn(number.extension, _first(name.family), _first(name.given), number.root, name_type="D", kind=kind)


def _first(parts: Sequence[tuple[str, str]]) -> str:
    return parts[0][0] if parts else ""
