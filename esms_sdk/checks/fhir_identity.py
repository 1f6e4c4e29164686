"""The identity that a FHIR Patient bears, as FR Core writes it.

Two lists of codes give the status, and VALI changed meaning between them: in ``v2-0445`` (FR Core 2.1.0) it goes with a
transmitted INS, so it says *qualifiée*; in ``identity-status`` (2.2.0) it says a document seen without INSi.  The
system is therefore looked at before the code.  An INS is told by the type and the system of an identifier together,
because an NSS bears the system of an INS-NIR.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from esms_sdk.adapter.sources.tddui_identity import codes, items, member, text
from esms_sdk.checks.documents import Rule
from esms_sdk.identifiers import ins

Fault = tuple[str, str, str | None]

OID = "urn:oid:"
TYPES: Mapping[str, str] = {
    "INS-NIR": "1.2.250.1.213.1.4.8",
    "INS-NIA": "1.2.250.1.213.1.4.9",
    "INS-NIR-TEST": "1.2.250.1.213.1.4.10",
    "INS-NIR-DEMO": "1.2.250.1.213.1.4.11",
}
NSS, IPP = "NH", "PI"
PATIENT_INS = "patient-ins"
RNIV = ("PROV", "VALI", "RECUP", "QUAL")


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier with its place; ``nature`` is the INS type that its type or, without one, its OID tells."""

    path: str
    value: str | None
    oid: str
    use: str | None
    kinds: tuple[str, ...]

    @property
    def nature(self) -> str | None:
        if kind := next((k for k in self.kinds if k in TYPES), None):
            return kind
        known = {oid: kind for kind, oid in TYPES.items()}
        return None if self.kinds else known.get(self.oid)


@dataclass(frozen=True)
class Patient:
    """A Patient's JSON, where it stands, and what the rules read of it."""

    json: Mapping[str, Any]
    path: str

    @cached_property
    def identifiers(self) -> tuple[Identifier, ...]:
        return tuple(
            Identifier(
                f"{self.path}.identifier[{i}]", text(one.get("value")),
                (text(one.get("system")) or "").removeprefix(OID), text(one.get("use")),
                tuple(code for _, code in codes(one.get("type"))),
            )
            for i, one in enumerate(_rows(self.json, "identifier"))
        )  # fmt: skip

    @cached_property
    def ins(self) -> tuple[Identifier, ...]:
        """The INS that are in force: one of use ``old`` is history."""
        return tuple(one for one in self.identifiers if one.nature and one.use != "old")

    @cached_property
    def reliability(self) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
        """The path of the extension of reliability (that of the Patient where there is none), and its parts by name."""
        for i, one in enumerate(_rows(self.json, "extension")):
            if _last(one) == "fr-core-identity-reliability":
                return f"{self.path}.extension[{i}]", [(_last(part), part) for part in items(one.get("extension"))]
        return self.path, []

    @property
    def status(self) -> tuple[str, str | None]:
        """System and code of the status of the identity."""
        return next((_coding(part) for name, part in self.reliability[1] if name == "identityStatus"), ("", None))

    @property
    def comments(self) -> set[str]:
        return {code for name, part in self.reliability[1] if name == "comment" and (code := _coding(part)[1])}

    @property
    def says_ins(self) -> bool:
        """Whether it claims a profile of the qualified patient (that of FR Core, or of TDDUI on it)."""
        profiles = member(self.json, "meta", "profile")
        return isinstance(profiles, list) and any(str(one).partition("|")[0].endswith(PATIENT_INS) for one in profiles)

    @property
    def rniv(self) -> str | None:
        """The status in the words of the RNIV, whichever list says it."""
        system, code = self.status
        if "v2-0445" in system and code == "VALI":
            return "QUAL" if self.ins or self.says_ins else "VALI"
        return code if code in RNIV else None

    @property
    def qualified(self) -> bool:
        return self.rniv == "QUAL" or bool(self.ins)

    @cached_property
    def birth_names(self) -> list[tuple[str, dict[str, Any]]]:
        """The names of use ``official``, each with its path."""
        rows = enumerate(_rows(self.json, "name"))
        return [(f"{self.path}.name[{i}]", one) for i, one in rows if one.get("use") == "official"]


def _rows(value: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of a list, an empty one in the place of what is none: the numbers of the others hold."""
    listed = value.get(key)
    return [one if isinstance(one, dict) else {} for one in listed] if isinstance(listed, list) else []


def _last(extension: Mapping[str, Any]) -> str:
    return (text(extension.get("url")) or "").rpartition("/")[2]


def _coding(part: Mapping[str, Any]) -> tuple[str, str | None]:
    coding = member(part, "valueCoding") or next(iter(items(member(part, "valueCodeableConcept", "coding"))), None)
    code = text(member(coding, "code")) or text(member(part, "valueCode"))
    return text(member(coding, "system")) or "", code


def listed_names(name: Mapping[str, Any]) -> str | None:
    """Return the list of birth given names that an official name bears."""
    for one in _rows(name, "extension"):
        if _last(one) == "fr-core-patient-birth-list-given-name":
            return text(one.get("valueString"))
    return None


def first_names(name: Mapping[str, Any]) -> list[str]:
    """Return the given names of a name, texts only."""
    given = name.get("given")
    return [one for one in given if isinstance(one, str) and one] if isinstance(given, list) else []


def birth_place(patient: Patient) -> tuple[str, str | None]:
    """Return the path and the COG code of the place of birth; later drafts write it in the address's district."""
    for i, one in enumerate(_rows(patient.json, "extension")):
        if _last(one) == "patient-birthPlace":
            address = member(one, "valueAddress")
            coded = [
                _coding(e)[1] for e in items(member(address, "extension")) if _last(e) == "fr-core-address-insee-code"
            ]
            return f"{patient.path}.extension[{i}]", next(iter(coded), None) or text(member(address, "district"))
    return patient.path, None


Rules = Mapping[str, Rule[Patient]]
KNOWN_OIDS = frozenset(ins.OIDS)
