"""An invented IHE_XDM archive of two documents of the samples, its METADATA.XML written by hand from the texts.

``documents.md`` §2 and §3.1 of the project's reference say what stands in it; nothing here comes from the mapper, the
builder or the checks.  Hashes and sizes alone are worked out, by what :func:`zipped` writes.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from esms_sdk.sample.documents import documents
from tests.corpus.complet import NS, written

RIM = NS["r"]
METADATA, FOLDER = "IHE_XDM/SUBSET01/METADATA.XML", "IHE_XDM/SUBSET01/"
INS = "238020010100084^^^&1.2.250.1.213.1.4.10&ISO^NH"
PERSON = "800000000018^FICTIVE^Ada^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
_NOT_YET = "calculé"
_README = """\
Emetteur : EHPAD Les Hirondelles\r
Application : corpus inventé\r
Instructions : ouvrir INDEX.HTM\r
Arborescence : IHE_XDM/SUBSET01\r
"""
_SET = "urn:uuid:00000000-0000-4000-8000-0000000000ff"
_OF_ENTRY = {
    "class": "41a5887f-8865-4c09-adf7-e362475b143a",
    "type": "f0306f51-975f-434e-a61c-c59651d33983",
    "format": "a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "confidentiality": "f4f85eac-e6cb-4883-b524-f2705394840f",
    "facility": "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "practice": "cccf5598-8b07-4b77-a05e-ae952c785ead",
    "event": "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
}
_COMMON = (
    ("confidentiality", "N", "2.16.840.1.113883.5.25", "Normal"),
    ("facility", "SA17", "1.2.250.1.71.4.2.4", "Etablissement pour personnes âgées"),
    ("practice", "ESSMS", "1.2.250.1.213.1.1.4.9", "Etablissement ou Service Social ou Médico-Social"),
)
# Of each document: its file, id, title, and what no other has.
_DOCUMENTS = (
    ("dlu.xml", "1.2.250.1.999.5.1.1", "Dossier de liaison d'urgence", (
        ("class", "11", "1.2.250.1.213.1.1.4.1", "Synthèse"),
        ("type", "74207-2", "2.16.840.1.113883.6.1", "Document de liaison d'urgence"),
        ("format", "urn:asip:ci-sis:dlu:2015", "1.2.250.1.213.1.1.4.2.282", "DLU"),
        ("event", "34117-2", "2.16.840.1.113883.6.1", "Historique et clinique"),
    )),
    ("projet_personnalise.xml", "1.2.250.1.999.5.6.1", "Projet personnalisé d'accompagnement", (
        ("class", "44", "1.2.250.1.213.1.1.4.1", "Plan de soins"),
        ("type", "80788-3", "2.16.840.1.113883.6.1", "Projet personnalisé d'accompagnement"),
        ("format", "urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3", "PDF"),
    )),
)  # fmt: skip


def slot(name: str, *values: str) -> str:
    """Return a slot as text of XML."""
    listed = "".join(f"<rim:Value>{value.replace('&', '&amp;')}</rim:Value>" for value in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{listed}</rim:ValueList></rim:Slot>'


def _named(tag: str, text: str) -> str:
    return f'<rim:{tag}><rim:LocalizedString xml:lang="FR" charset="UTF8" value="{text}"/></rim:{tag}>'


def coded(scheme: str, owner: str, code: str, system: str, label: str) -> str:
    """Return a classification as text of XML."""
    return (
        f'<rim:Classification id="urn:uuid:{scheme[:8]}-{owner[-4:]}-4000-8000-000000000001" '
        f'classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" nodeRepresentation="{code}">'
        f"{slot('codingScheme', system)}{_named('Name', label)}</rim:Classification>"
    )


def _author(scheme: str, owner: str) -> str:
    return (
        f'<rim:Classification id="urn:uuid:{scheme[:8]}-{owner[-4:]}-4000-8000-000000000002" '
        f'classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" nodeRepresentation="">'
        + slot("authorInstitution", "EHPAD Les Hirondelles^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1000012013")
        + slot("authorPerson", PERSON)
        + slot("authorSpecialty", "G15_10/SM26^Médecin - Qualifié en Médecine Générale (SM)^1.2.250.1.213.1.1.4.5")
        + "</rim:Classification>"
    )


def _identifier(scheme: str, owner: str, name: str, value: str) -> str:
    return (
        f'<rim:ExternalIdentifier id="urn:uuid:{scheme[:8]}-{owner[-4:]}-4000-8000-000000000003" '
        f'identificationScheme="urn:uuid:{scheme}" registryObject="{owner}" value="{value.replace("&", "&amp;")}">'
        f"{_named('Name', name)}</rim:ExternalIdentifier>"
    )


def _entry(number: int, unique: str, title: str, codes: tuple[tuple[str, str, str, str], ...]) -> str:
    id = f"urn:uuid:00000000-0000-4000-8000-00000000000{number}"
    slots = {
        "creationTime": "20260105091500", "hash": _NOT_YET, "languageCode": "fr-FR", "legalAuthenticator": PERSON,
        "serviceStartTime": "20260105080000", "serviceStopTime": "20260105090000", "size": _NOT_YET,
        "sourcePatientId": "IPP-0001^^^&1.2.250.1.999.5.0&ISO^PI", "URI": f"DOC000{number}.XML",
    }  # fmt: skip
    traits = ("PID-5|CHIMERE^AGATHE^^^^^L", "PID-5|SONGE^AGATHE^^^^^D", "PID-7|19380214", "PID-8|F")
    return (
        f'<rim:ExtrinsicObject id="{id}" lid="{id}" mimeType="text/xml" '
        'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1" '
        'status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">'
        + "".join(slot(name, value) for name, value in slots.items())
        + slot("sourcePatientInfo", *traits)
        + _named("Name", title)
        + _author("93606bcf-9494-43ec-9b4e-a7748d1a838d", id)
        + "".join(coded(_OF_ENTRY[name], id, *rest) for name, *rest in (*codes, *_COMMON))
        + _identifier("58a6f841-87b3-4a3e-92fd-a8ffeff98427", id, "XDSDocumentEntry.patientId", INS)
        + _identifier("2e82c1f6-a085-4c72-9da3-8640a32e42ab", id, "XDSDocumentEntry.uniqueId", unique)
        + "</rim:ExtrinsicObject>"
    )


def _set() -> str:
    return (
        f'<rim:RegistryPackage id="{_SET}" lid="{_SET}">'
        + slot("submissionTime", "20260105092000")
        + '<rim:Classification id="urn:uuid:a54d6aa5-00ff-4000-8000-000000000004" '
        f'classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd" classifiedObject="{_SET}"/>'
        + _author("a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d", _SET)
        + coded("aa543740-bdda-424e-8c96-df4873be8500", _SET, "07", "1.2.250.1.213.2.2", "Consultation")
        + _identifier("6b5aea1a-874d-4603-a4bc-96a0a7b38446", _SET, "XDSSubmissionSet.patientId", INS)
        + _identifier("554ac39e-e3fe-47fe-b233-965d2a147832", _SET, "XDSSubmissionSet.sourceId", "1.2.250.1.999.5.0")
        + _identifier("96fdda7c-d067-4183-912e-bf5ee74998a8", _SET, "XDSSubmissionSet.uniqueId", "1.2.250.1.999.5.20")
        + "</rim:RegistryPackage>"
    )


def _member(number: int) -> str:
    return (
        f'<rim:Association id="urn:uuid:00000000-0000-4000-8000-0000000000a{number}" '
        'associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember" '
        f'sourceObject="{_SET}" targetObject="urn:uuid:00000000-0000-4000-8000-00000000000{number}">'
        f"{slot('SubmissionSetStatus', 'Original')}</rim:Association>"
    )


@dataclass
class Archive:
    """An archive to be edited: its metadata and documents as trees, its other files, what is done to its bytes."""

    metadata: Any
    documents: list[Any]
    files: dict[str, bytes]
    renamed: dict[str, str] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    kept: float = 1.0


def archive() -> Archive:
    """Return the sound archive."""
    listed = "".join(_entry(i, id, title, codes) for i, (_, id, title, codes) in enumerate(_DOCUMENTS, 1))
    metadata = etree.fromstring(
        f'<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns:rim="{RIM}">'
        f"<rim:RegistryObjectList>{listed}{_set()}{_member(1)}{_member(2)}</rim:RegistryObjectList>"
        "</lcm:SubmitObjectsRequest>"
    )
    read = [etree.fromstring(documents()[name]) for name, *_ in _DOCUMENTS]
    files = {"INDEX.HTM": b"<html><body>Documents</body></html>", "README.TXT": _README.encode("utf-8")}
    return Archive(metadata, read, files)


def zipped(one: Archive) -> bytes:
    """Return the bytes of an archive, its hashes and sizes worked out where the edits left them."""
    files = dict(one.files)
    for number, document in enumerate(one.documents, 1):
        data = document if isinstance(document, bytes) else written(document)
        files[f"{FOLDER}DOC000{number}.XML"] = data
        for name, value in (("hash", hashlib.sha1(data, usedforsecurity=False).hexdigest()), ("size", str(len(data)))):
            for told in one.metadata.xpath(
                f"//r:ExtrinsicObject[{number}]/r:Slot[@name='{name}']//r:Value", namespaces=NS
            ):
                told.text = value if told.text == _NOT_YET else told.text
    files.setdefault(METADATA, etree.tostring(one.metadata, xml_declaration=True, encoding="UTF-8"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, data in files.items():
            if name not in one.without:
                shown = one.renamed.get(name, name)
                into.writestr(zipfile.ZipInfo(shown, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()[: int(len(packed.getvalue()) * one.kept)]
