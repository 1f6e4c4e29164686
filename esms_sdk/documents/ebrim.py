"""The METADATA.XML of an IHE XDM: a SubmitObjectsRequest of ebRIM 3.0, read as it is, each object by its id.

Nothing is judged here.  What XDS means by each classification and identifier is told by the UUID of its scheme.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from esms_sdk import xml
from esms_sdk.errors import SourceError
from esms_sdk.xml import Element

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
"""The objectType of a document entry."""
SUBMISSION_SET = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
"""The classification node of a submission set."""
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
RPLC, XFRM = "urn:ihe:iti:2007:AssociationType:RPLC", "urn:ihe:iti:2007:AssociationType:XFRM"
ACTION = "urn:action:extraMetadataSlot"
"""The slot of a replacement (C) or a deletion (D) in an XDM."""

AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASS = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
FACILITY = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
PRACTICE = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
EVENT = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SET_CONTENT = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SET_PATIENT_ID = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_SOURCE_ID = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"

ENTRY_CODED: Mapping[str, str] = {
    "classCode": CLASS, "typeCode": TYPE, "formatCode": FORMAT, "confidentialityCode": CONFIDENTIALITY,
    "healthcareFacilityTypeCode": FACILITY, "practiceSettingCode": PRACTICE, "eventCodeList": EVENT,
}  # fmt: skip
ENTRY_IDENTIFIERS: Mapping[str, str] = {"patientId": PATIENT_ID, "uniqueId": UNIQUE_ID}
SET_CODED: Mapping[str, str] = {"contentTypeCode": SET_CONTENT}
SET_IDENTIFIERS: Mapping[str, str] = {
    "patientId": SET_PATIENT_ID, "sourceId": SET_SOURCE_ID, "uniqueId": SET_UNIQUE_ID,
}  # fmt: skip

LIMITS = xml.Limits(size=16 << 20, depth=64)
OBJECTS = 20_000
"""How many elements a METADATA.XML may hold: a document has about forty."""
_R = f"{{{RIM}}}"
_SLOT, _LIST, _VALUE, _LOCALIZED = f"{_R}Slot", f"{_R}ValueList", f"{_R}Value", f"{_R}LocalizedString"
_count = xml.xpath("count(.//*)", {})


class NotMetadata(SourceError):
    """A well-formed XML document that is no submission of metadata."""


class Classification(NamedTuple):
    """A code, or an author: ``scheme`` says of what."""

    scheme: str
    code: str
    label: str
    slots: Mapping[str, tuple[str, ...]]
    object: str
    node: str = ""

    @property
    def system(self) -> str:
        """The OID of the code system, empty where none is told."""
        return next(iter(self.slots.get("codingScheme", ())), "")


class Identifier(NamedTuple):
    """An external identifier."""

    scheme: str
    value: str
    name: str
    object: str


@dataclass(frozen=True)
class RegistryObject:
    """A document entry or a submission set as it stands; ``place`` is its path in the file."""

    id: str
    lid: str
    place: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    classifications: tuple[Classification, ...] = ()
    identifiers: tuple[Identifier, ...] = ()

    def slot(self, name: str) -> str:
        """Return the first value of a slot, empty where there is none."""
        return next(iter(self.slots.get(name, ())), "")

    def of_scheme(self, scheme: str) -> list[Classification]:
        """Return the classifications of a scheme."""
        return [one for one in self.classifications if one.scheme == scheme]

    def identifier(self, scheme: str) -> str:
        """Return the first identifier of a scheme, empty where there is none."""
        return next((one.value for one in self.identifiers if one.scheme == scheme), "")


class Association(NamedTuple):
    """What links two objects by their ids."""

    kind: str
    source: str
    target: str
    status: str
    place: str


@dataclass(frozen=True)
class Registry:
    """What a METADATA.XML holds."""

    entries: Sequence[RegistryObject]
    sets: Sequence[RegistryObject]
    folders: Sequence[RegistryObject]
    associations: Sequence[Association]


def read_metadata(data: bytes, name: str) -> Registry:
    """Read a METADATA.XML.  Raises :class:`SourceError` (E340 to E342 of the door to XML, E346 for another XML)."""
    root = xml.parse(data, name, LIMITS)
    if root.tag != f"{{{LCM}}}SubmitObjectsRequest":
        raise _not_metadata(name, "racine SubmitObjectsRequest d'ebRIM 3.0 attendue")
    listed = root.find(f"{_R}RegistryObjectList")
    if listed is None:
        raise _not_metadata(name, "RegistryObjectList absent")
    if _count(listed) > OBJECTS:
        raise _not_metadata(name, f"plus de {OBJECTS} éléments")
    return _registry(listed)


def _not_metadata(name: str, why: str) -> NotMetadata:
    return NotMetadata("ESMS-E346", f"{name} : ce ne sont pas des métadonnées XDS ({why})",
                       hint="Écrire un lcm:SubmitObjectsRequest, comme le fait esms document metadata.")  # fmt: skip


def _registry(listed: Element) -> Registry:
    outside = _outside(listed)
    entries = [_object(one, f"ExtrinsicObject[{i}]", outside) for i, one in _numbered(listed, "ExtrinsicObject")]
    packages = [_object(one, f"RegistryPackage[{i}]", outside) for i, one in _numbered(listed, "RegistryPackage")]
    sets = [one for one in packages if any(c.node == SUBMISSION_SET for c in one.classifications)]
    associations = [
        Association(one.get("associationType", ""), one.get("sourceObject", ""), one.get("targetObject", ""),
                    next(iter(_slots(one)[0].get("SubmissionSetStatus", ())), ""), f"Association[{i}]")
        for i, one in _numbered(listed, "Association")
    ]  # fmt: skip
    return Registry(entries, sets, [one for one in packages if one not in sets], associations)


def _numbered(listed: Element, tag: str) -> Iterator[tuple[int, Element]]:
    return enumerate(listed.iterchildren(_R + tag), 1)


def _outside(listed: Element) -> dict[str, list[Element]]:
    """Return the classifications that stand beside their object, by its id."""
    found: dict[str, list[Element]] = {}
    for one in listed.iterchildren(f"{_R}Classification"):
        found.setdefault(one.get("classifiedObject", ""), []).append(one)
    return found


def _object(one: Element, place: str, outside: Mapping[str, list[Element]]) -> RegistryObject:
    id = one.get("id", "")
    slots, repeated = _slots(one)
    coded = [*one.iterchildren(f"{_R}Classification"), *outside.get(id, ())]
    return RegistryObject(
        id, one.get("lid", ""), place,
        {name: one.get(name, "") for name in ("mimeType", "objectType", "status")},
        _localized(one, "Name"), _localized(one, "Description"), slots, repeated,
        tuple(
            Classification(c.get("classificationScheme", ""), c.get("nodeRepresentation", ""), _localized(c, "Name"),
                           _slots(c)[0], c.get("classifiedObject", ""), c.get("classificationNode", ""))
            for c in coded
        ),
        tuple(
            Identifier(x.get("identificationScheme", ""), x.get("value", ""), _localized(x, "Name"),
                       x.get("registryObject", ""))
            for x in one.iterchildren(f"{_R}ExternalIdentifier")
        ),
    )  # fmt: skip


def _slots(one: Element) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return the values of each slot, and the names that stand twice: the first is kept."""
    found: dict[str, tuple[str, ...]] = {}
    twice = []
    for slot in one.iterchildren(_SLOT):
        name = slot.get("name", "")
        lists = slot.iterchildren(_LIST)
        values = tuple([(value.text or "").strip() for held in lists for value in held.iterchildren(_VALUE)])
        if name in found:
            twice.append(name)
        found.setdefault(name, values)
    return found, tuple(twice)


def _localized(one: Element, tag: str) -> str:
    for named in one.iterchildren(_R + tag):
        for text in named.iterchildren(_LOCALIZED):
            return str(text.get("value", ""))
    return ""
