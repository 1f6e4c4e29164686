"""The identity of a person in the Patient of TDDUI: what FR Core says, of which the codes changed meaning once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from esms_sdk.adapter.sources.tddui_staging import Cell
from esms_sdk.identifiers import ins

# An INS is told by its type and its system together: an NSS bears the system of an INS-NIR.
_INS_TYPES = {
    "INS-NIR": "1.2.250.1.213.1.4.8",
    "INS-NIA": "1.2.250.1.213.1.4.9",
    "INS-NIR-TEST": "1.2.250.1.213.1.4.10",
    "INS-NIR-DEMO": "1.2.250.1.213.1.4.11",
}
_OID = "urn:oid:"
_NSS = "NH"
_OLD_STATUSES = "v2-0445"
_ATTRIBUTES = ("HOMA", "HOMD", "DOUT", "FICT")
_COG = re.compile("[0-9][0-9AB][0-9]{3}")


class Matricule(NamedTuple):
    """An INS: number and OID; ``nir`` is the person's NIR (13 characters), also where only an NSS gives it."""

    number: str | None = None
    oid: str | None = None
    nir: str | None = None


def items(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a JSON value that should be a list of them; what is none of that is left out."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)]
    return [value] if isinstance(value, dict) else []


def text(value: Any) -> str | None:
    """Return a JSON text, or an integer as it is written; None for anything else."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def member(value: Any, *path: str) -> Any:
    """Return what stands under a path of keys, None where something else stands on the way."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def codes(concept: Any) -> Iterator[tuple[str, str]]:
    """Yield the (system, code) pairs of a CodeableConcept."""
    for coding in items(member(concept, "coding")):
        if code := text(coding.get("code")):
            yield text(coding.get("system")) or "", code


def extensions(value: Any) -> Mapping[str, dict[str, Any]]:
    """Return the extensions of an element by the last part of their URL, the first of each."""
    found: dict[str, dict[str, Any]] = {}
    for one in items(member(value, "extension")):
        found.setdefault((text(one.get("url")) or "").rpartition("/")[2], one)
    return found


def matricule(identifiers: list[dict[str, Any]]) -> tuple[Matricule, list[tuple[str, str]]]:
    """Return the INS among a Patient's identifiers, and what is to be observed of them (code, message)."""
    number = oid = nir = None
    said: list[tuple[str, str]] = []
    for one in identifiers:
        own = (text(one.get("system")) or "").removeprefix(_OID)
        value, kinds = text(one.get("value")), [code for _, code in codes(one.get("type"))]
        if not ins.is_known_oid(own) or value is None:
            continue
        nir = nir or value[:13]
        kind = next((k for k in kinds if k in _INS_TYPES), None)
        if kind is None:
            if _NSS not in kinds:
                message = f"un identifiant porte l'OID {own} d'un INS sans en avoir le type : il n'est pas repris"
                said.append(("INS_SANS_TYPE", message))
        elif number is None and one.get("use") != "old":
            number, oid = value, own
            if _INS_TYPES[kind] != own:
                said.append(("INS_TYPE_DISCORDANT", f"le type {kind} du matricule INS ne va pas avec l'OID {own}"))
    return Matricule(number, oid, nir), said


def traits(patient: dict[str, Any], found: Matricule) -> tuple[Cell, ...]:
    """Return the cells of ``TRAITS`` for a Patient."""
    known = extensions(patient)
    reliability = extensions(known.get("fr-core-identity-reliability"))
    names = items(patient.get("name"))
    official = _name(names, "official")
    usual = _name(names, "usual")
    given = member(official, "given")
    first = text(given[0]) if isinstance(given, list) and given else text(given)
    listed = extensions(official).get("fr-core-patient-birth-list-given-name")
    return (
        _status(_coding(reliability.get("identityStatus")), found.number),
        _attributes(known.get("fr-core-identity-reliability")),
        found.number,
        found.oid,
        text(member(official, "family")),
        text(member(listed, "valueString")) or _joined(given),
        first,
        text(member(usual, "family")),
        _joined(member(usual, "given")),
        text(patient.get("gender")),
        text(patient.get("birthDate")),
        _birth_place(known.get("patient-birthPlace")),
        _coding(reliability.get("methodCollection"))[1],
        _date(reliability.get("dateCollection")),
        _coding(reliability.get("validationMode"))[1],
        text(patient.get("deceasedDateTime")),
    )


def _name(names: list[dict[str, Any]], use: str) -> dict[str, Any] | None:
    """Return the name of that use; a name without use stands for the official one."""
    return next((n for n in names if n.get("use") == use), None) or next(
        (n for n in names if use == "official" and "use" not in n), None
    )


def _joined(given: Any) -> str | None:
    listed = given if isinstance(given, list) else [given]
    return " ".join(one for one in map(text, listed) if one) or None


def _coding(extension: Any) -> tuple[str, str | None]:
    """Return the system and code that a sub-extension gives, as a Coding, a CodeableConcept or a code."""
    coding = member(extension, "valueCoding") or next(
        iter(items(member(extension, "valueCodeableConcept", "coding"))), None
    )
    code = text(member(coding, "code")) or text(member(extension, "valueCode"))
    return text(member(coding, "system")) or "", code


def _date(extension: Any) -> str | None:
    return text(member(extension, "valueDate")) or text(member(extension, "valueDateTime"))


def _status(coding: tuple[str, str | None], number: str | None) -> str | None:
    """Return the RNIV status: the old VALI is the flag that goes with a transmitted INS, the new one excludes it."""
    system, code = coding
    if code == "VALI" and _OLD_STATUSES in system and number:
        return "QUAL"
    return code


def _attributes(reliability: Any) -> str | None:
    """Return the RNIV attributes, space-separated, once each, in a fixed order."""
    told = {
        _coding(one)[1]
        for one in items(member(reliability, "extension"))
        if (text(one.get("url")) or "").rpartition("/")[2] == "comment"
    }
    return " ".join(one for one in _ATTRIBUTES if one in told) or None


def _birth_place(extension: Any) -> str | None:
    """Return the COG code of the place of birth; later drafts write it in the address's district."""
    address = member(extension, "valueAddress")
    code = _coding(extensions(address).get("fr-core-address-insee-code"))[1]
    district = text(member(address, "district"))
    return code or (district if district and _COG.fullmatch(district) else None)
