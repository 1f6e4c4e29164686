"""A CDA R2 document read: its header told by name, its body kept as it is.

Nothing is judged here, and nothing is repaired: what the document does not say is an empty text or None.  A document
that is «auto-présentable» is an XSL style sheet that holds the ClinicalDocument; that one is read.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from esms_sdk import xml
from esms_sdk.errors import SourceError
from esms_sdk.xml import Element

HL7 = "urn:hl7-org:v3"
SDTC = "urn:hl7-org:sdtc"
ROOT = f"{{{HL7}}}ClinicalDocument"
STYLESHEET = "{http://www.w3.org/1999/XSL/Transform}stylesheet"
LIMITS = xml.Limits(size=64 << 20, depth=200)
"""A document of MSSanté or of the DMP is far below: 25 Mo for a whole message."""

_NS = f"{{{HL7}}}"
_TARGET, _ROLE, _PATIENT = f"{_NS}recordTarget", f"{_NS}patientRole", f"{_NS}patient"
# The start tag of the body: what comes before it, with the open elements closed, is the header.  Inside a comment, or
# at another depth, the cut leaves something that is no XML, and the whole document is read instead.
_BODY = re.compile(rb"<((?:[\w.-]+:)?)(nonXMLBody|structuredBody)(?:\s[^<>]*)?(?<!/)>")


_START = re.compile(rb"<(?:[\w.-]+:)?ClinicalDocument[\s>]")


class NotCda(SourceError):
    """A well-formed XML document that is no ClinicalDocument."""


class Ii(NamedTuple):
    """An identifier: an OID or UUID, and the number that its owner gives, empty where the root is the whole of it."""

    root: str
    extension: str = ""

    def __str__(self) -> str:
        return f"{self.root}^{self.extension}" if self.extension else self.root


class Code(NamedTuple):
    """A coded value; ``null_flavor`` says why there is none."""

    code: str
    system: str = ""
    label: str = ""
    null_flavor: str = ""


class Span(NamedTuple):
    """A TS or an IVL_TS as written: ``value`` of the one, ``low`` and ``high`` of the other."""

    value: str = ""
    low: str = ""
    high: str = ""


class Part(NamedTuple):
    """A part of a name with its qualifier (BR, CL or empty)."""

    text: str
    qualifier: str = ""


class Name(NamedTuple):
    """A person's name."""

    family: tuple[Part, ...] = ()
    given: tuple[Part, ...] = ()
    prefix: str = ""
    suffix: str = ""

    def families(self, qualifier: str = "") -> list[str]:
        """Return the family names of a qualifier."""
        return [part.text for part in self.family if part.qualifier == qualifier]

    def givens(self, qualifier: str = "") -> list[str]:
        """Return the given names of a qualifier."""
        return [part.text for part in self.given if part.qualifier == qualifier]


class Organization(NamedTuple):
    """A structure: its ids, its name, its cadre d'exercice (standardIndustryClassCode)."""

    ids: tuple[Ii, ...] = ()
    name: str = ""
    sector: Code | None = None


class Actor(NamedTuple):
    """Who did something: an author, the légal, a performer; a person or a device, for an organization."""

    ids: tuple[Ii, ...]
    time: Span = Span()
    code: Code | None = None
    function: Code | None = None
    person: Name | None = None
    device: tuple[str, str] | None = None
    """manufacturerModelName and softwareName."""
    organization: Organization | None = None


class Patient(NamedTuple):
    """The patient; ``birth_time`` a TS, ``birth_place`` the COG code (county)."""

    ids: tuple[Ii, ...]
    name: Name
    gender: Code | None = None
    birth_time: str = ""
    birth_place: str = ""


class ServiceEvent(NamedTuple):
    """An act documented."""

    code: Code | None
    time: Span
    performers: tuple[Actor, ...]


class Encounter(NamedTuple):
    """The stay: ``facility`` is the modality of exercise of the place (J02)."""

    ids: tuple[Ii, ...]
    code: Code | None
    time: Span
    facility: Code | None
    category: Code | None
    """Its translation: the category of ESSMS (J254) in an export of a DUI."""


@dataclass(frozen=True)
class Body:
    """The body: ``element`` is nonXMLBody or structuredBody."""

    element: Element

    @property
    def structured(self) -> bool:
        """Whether it is of level 2 or 3."""
        return bool(self.element.tag == f"{_NS}structuredBody")

    @property
    def media_type(self) -> str:
        """The media type of a level 1 body."""
        text = self.element.find(f"{_NS}text")
        return "" if text is None else str(text.get("mediaType", ""))

    @property
    def representation(self) -> str:
        """``B64`` where the text is base64."""
        text = self.element.find(f"{_NS}text")
        return "" if text is None else str(text.get("representation", ""))

    def payload(self) -> bytes:
        """Return what a level 1 body holds.  Raises ValueError where it is no base64."""
        text = self.element.find(f"{_NS}text")
        written = "" if text is None else "".join(text.itertext())
        if self.representation != "B64":
            return written.encode("utf-8")
        try:
            return base64.b64decode(written.encode("ascii").translate(None, b" \t\r\n"), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("base64") from None


@dataclass(frozen=True)
class Cda:
    """A CDA document: ``tree`` is its ClinicalDocument, ``data`` the exact bytes of the file.

    ``header_only``: what follows the start of the body was not read, hence not known to be well-formed.
    """

    tree: Element
    data: bytes
    name: str
    auto_presentable: bool = False
    header_only: bool = False

    @cached_property
    def children(self) -> list[Element]:
        """The elements of the header and the component of the body, kept: each look makes them anew in lxml."""
        return list(self.tree)

    @cached_property
    def roles(self) -> list[Element]:
        """The patientRole of every recordTarget: one, in a sound document."""
        targets = [one for one in self.children if one.tag == _TARGET]
        return [role for target in targets for role in target.iterchildren(_ROLE)]

    @cached_property
    def persons(self) -> list[Element]:
        """The patient of every role."""
        return [patient for role in self.roles for patient in role.iterchildren(_PATIENT)]

    @cached_property
    def template_ids(self) -> tuple[Ii, ...]:
        """The templateIds, in the order of the document."""
        return _ids(self.tree, "templateId")

    @cached_property
    def ids(self) -> tuple[Ii, ...]:
        """The id of the document; more than one is a fault."""
        return _ids(self.tree, "id")

    @property
    def id(self) -> Ii | None:
        """The first id of the document."""
        return self.ids[0] if self.ids else None

    @property
    def type_id(self) -> Ii | None:
        """The typeId: without it the official schematron recognises nothing."""
        found = _ids(self.tree, "typeId")
        return found[0] if found else None

    @cached_property
    def code(self) -> Code | None:
        """The type of the document (J07)."""
        return _code(self.tree, "code")

    @property
    def title(self) -> str:
        """The title, spaces trimmed."""
        return _text(self.tree, "title")

    @cached_property
    def effective_time(self) -> str:
        """The TS of creation."""
        return _attribute(self.tree, "effectiveTime", "value")

    @property
    def confidentiality(self) -> Code | None:
        """The confidentiality."""
        return _code(self.tree, "confidentialityCode")

    @property
    def language(self) -> str:
        """The language."""
        return _attribute(self.tree, "languageCode", "code")

    @property
    def set_id(self) -> Ii | None:
        """What all versions of the document share."""
        found = _ids(self.tree, "setId")
        return found[0] if found else None

    @property
    def version(self) -> str:
        """The number of the version, as written."""
        return _attribute(self.tree, "versionNumber", "value")

    @property
    def replaces(self) -> tuple[Ii, ...]:
        """The ids of the documents that it replaces."""
        related = self.tree.iterfind(f"{_NS}relatedDocument[@typeCode='RPLC']/{_NS}parentDocument")
        return tuple(one for parent in related for one in _ids(parent, "id"))

    @cached_property
    def patient(self) -> Patient | None:
        """The patient."""
        role = self.tree.find(f"{_NS}recordTarget/{_NS}patientRole")
        if role is None:
            return None
        ids, patient = _ids(role, "id"), role.find(f"{_NS}patient")
        if patient is None:
            return Patient(ids, Name())
        place = patient.find(f"{_NS}birthplace/{_NS}place/{_NS}addr/{_NS}county")
        return Patient(
            ids, _name(patient) or Name(), _code(patient, "administrativeGenderCode"),
            _attribute(patient, "birthTime", "value"), "" if place is None else _all_text(place),
        )  # fmt: skip

    @cached_property
    def authors(self) -> tuple[Actor, ...]:
        """The authors."""
        return tuple(_actor(one, "assignedAuthor") for one in self.tree.iterchildren(f"{_NS}author"))

    @cached_property
    def legal_authenticator(self) -> Actor | None:
        """The person who answers for the document."""
        found = _child(self.tree, "legalAuthenticator")
        return None if found is None else _actor(found, "assignedEntity")

    @cached_property
    def custodian(self) -> Organization | None:
        """The structure that keeps the document."""
        path = f"{_NS}custodian/{_NS}assignedCustodian/{_NS}representedCustodianOrganization"
        return _organization(self.tree.find(path))

    @cached_property
    def recipients(self) -> tuple[Actor, ...]:
        """The recipients."""
        return tuple(_actor(one, "intendedRecipient") for one in self.tree.iterchildren(f"{_NS}informationRecipient"))

    @cached_property
    def service_events(self) -> tuple[ServiceEvent, ...]:
        """The acts documented; the first is the main one."""
        events = self.tree.iterfind(f"{_NS}documentationOf/{_NS}serviceEvent")
        return tuple(
            ServiceEvent(
                _code(one, "code"), _span(one, "effectiveTime"),
                tuple(_actor(of, "assignedEntity") for of in one.iterchildren(f"{_NS}performer")),
            )
            for one in events
        )  # fmt: skip

    @cached_property
    def encounter(self) -> Encounter | None:
        """The stay in which the document was made."""
        found = self.tree.find(f"{_NS}componentOf/{_NS}encompassingEncounter")
        if found is None:
            return None
        place = found.find(f"{_NS}location/{_NS}healthCareFacility")
        facility = None if place is None else _code(place, "code")
        coded = None if place is None else place.find(f"{_NS}code")
        category = None if coded is None else _code(coded, "translation")
        return Encounter(_ids(found, "id"), _code(found, "code"), _span(found, "effectiveTime"), facility, category)

    @property
    def body(self) -> Body | None:
        """The body, None where there is none or where the header alone was read."""
        found = self.tree.find(f"{_NS}component/*")
        return None if found is None or self.header_only else Body(found)

    @property
    def level_one(self) -> bool:
        """Whether the body is not XML (known in a header alone too)."""
        return self.tree.find(f"{_NS}component/{_NS}nonXMLBody") is not None


def is_cda(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is, or holds, a CDA document."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    starts = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
    return starts and bool(_START.search(head)) and HL7.encode() in head


def read_cda(data: bytes, name: str) -> Cda:
    """Read a document whole.  Raises :class:`SourceError` (E340 to E342 of the door to XML, E345 for another XML)."""
    return _of(xml.parse(data, name, LIMITS), data, name)


def read_header(data: bytes, name: str) -> Cda:
    """Read the header alone, up to the start of the body, where that can be told; else the whole document."""
    body = _body(data)
    if body and len(data) <= LIMITS.size:
        prefix, kind = body.groups()
        ending = b"</%b%b></%bcomponent></%bClinicalDocument>" % (prefix, kind, prefix, prefix)
        try:
            root = xml.parse(data[: body.end()] + ending, name, LIMITS)
        except xml.UnreadableXml:
            return read_cda(data, name)
        if root.tag == ROOT:
            return Cda(root, data, name, header_only=True)
    return read_cda(data, name)


def _body(data: bytes) -> re.Match[bytes] | None:
    structured = data.find(b"structuredBody")
    other = data.find(b"nonXMLBody", 0, structured if structured >= 0 else len(data))
    first = other if other >= 0 else structured
    return _BODY.match(data, data.rfind(b"<", 0, first)) if first >= 0 else None


def _of(root: Element, data: bytes, name: str) -> Cda:
    if root.tag == ROOT:
        return Cda(root, data, name)
    held = next(root.iter(ROOT), None) if root.tag == STYLESHEET else None
    if held is None:
        raise NotCda("ESMS-E345", f"{name} : ce document XML n'est pas un CDA (racine ClinicalDocument attendue)",
                     hint="Donner le document CDA lui-même, ou l'archive IHE_XDM qui le contient.")  # fmt: skip
    return Cda(held, data, name, auto_presentable=True)


def _child(parent: Element, tag: str) -> Element | None:
    return next(parent.iterchildren(_NS + tag), None)


def _ids(parent: Element, tag: str) -> tuple[Ii, ...]:
    return tuple([Ii(one.get("root", ""), one.get("extension", "")) for one in parent.iterchildren(_NS + tag)])


def _code(parent: Element, tag: str) -> Code | None:
    one = _child(parent, tag)
    if one is None:
        return None
    return Code(one.get("code", ""), one.get("codeSystem", ""), one.get("displayName", ""), one.get("nullFlavor", ""))


def _attribute(parent: Element, tag: str, attribute: str) -> str:
    one = _child(parent, tag)
    return "" if one is None else str(one.get(attribute, ""))


def _text(parent: Element, tag: str) -> str:
    one = _child(parent, tag)
    return "" if one is None else _all_text(one)


def _all_text(one: Element) -> str:
    return ("".join(one.itertext()) if len(one) else one.text or "").strip()


def _span(parent: Element, tag: str) -> Span:
    one = _child(parent, tag)
    if one is None:
        return Span()
    return Span(one.get("value", ""), _attribute(one, "low", "value"), _attribute(one, "high", "value"))


def _name(parent: Element) -> Name | None:
    one = _child(parent, "name")
    if one is None:
        return None
    return Name(_parts(one, "family"), _parts(one, "given"), _text(one, "prefix"), _text(one, "suffix"))


def _parts(name: Element, tag: str) -> tuple[Part, ...]:
    return tuple([Part(_all_text(one), one.get("qualifier", "")) for one in name.iterchildren(_NS + tag)])


def _organization(one: Element | None) -> Organization | None:
    if one is None:
        return None
    return Organization(_ids(one, "id"), _text(one, "name"), _code(one, "standardIndustryClassCode"))


def _first(parent: Element, tags: Sequence[str]) -> Element | None:
    return next((found for tag in tags if (found := _child(parent, tag)) is not None), None)


def _actor(one: Element, tag: str) -> Actor:
    entity = _child(one, tag)
    if entity is None:
        return Actor((), _span(one, "time"), function=_code(one, "functionCode"))
    person = _first(entity, ("assignedPerson", "informationRecipient"))
    device = _child(entity, "assignedAuthoringDevice")
    return Actor(
        _ids(entity, "id"), _span(one, "time"), _code(entity, "code"), _code(one, "functionCode"),
        None if person is None else _name(person) or Name(),
        None if device is None else (_text(device, "manufacturerModelName"), _text(device, "softwareName")),
        _organization(_first(entity, ("representedOrganization", "receivedOrganization"))),
    )  # fmt: skip
