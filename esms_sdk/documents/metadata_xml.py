"""Writing a METADATA.XML: a SubmitObjectsRequest of ebRIM 3.0 (ITI-32), the same bytes for the same metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from esms_sdk.documents import ebrim
from esms_sdk.documents.terminology import Concept
from esms_sdk.documents.xds import DocumentEntry, SubmissionSet, symbolic
from esms_sdk.documents.xds_people import Author

_OBJECT = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject"
_SPECIAL = re.compile(r'[&<>"\n\r\t]').search
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_VALUE = _TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def write_metadata(submission: SubmissionSet, entries: Sequence[DocumentEntry]) -> bytes:
    """Return the METADATA.XML of a submission, in UTF-8."""
    objects = [_entry(one) for one in entries] + [_set(submission), *_associations(submission, entries)]
    listed = _element("rim:RegistryObjectList", {}, objects)
    root = {"xmlns:lcm": ebrim.LCM, "xmlns:rim": ebrim.RIM}
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("lcm:SubmitObjectsRequest", root, [listed])}\n'
    return text.encode("utf-8")


def _entry(entry: DocumentEntry) -> str:
    id = entry.entry_uuid
    coded = {
        ebrim.CLASS: [entry.class_code], ebrim.TYPE: [entry.type_code], ebrim.FORMAT: [entry.format_code],
        ebrim.CONFIDENTIALITY: entry.confidentiality, ebrim.FACILITY: [entry.facility],
        ebrim.PRACTICE: [entry.practice], ebrim.EVENT: entry.events,
    }  # fmt: skip
    numbers = {ebrim.PATIENT_ID: ("patientId", entry.patient_id), ebrim.UNIQUE_ID: ("uniqueId", entry.unique_id)}
    attributes = {
        "id": id, "lid": id, "mimeType": entry.mime_type, "objectType": ebrim.STABLE, "status": ebrim.APPROVED,
    }  # fmt: skip
    return _element(
        "rim:ExtrinsicObject",
        attributes,
        [
            *_slots(_entry_slots(entry)),
            _text("rim:Name", entry.title),
            *([_text("rim:Description", entry.comments)] if entry.comments else []),
            *_authors(id, ebrim.AUTHOR, entry.authors),
            *(_coded(id, scheme, i, one) for scheme, all in coded.items() for i, one in enumerate(all) if one),
            *(_identifier(id, scheme, f"XDSDocumentEntry.{name}", value) for scheme, (name, value) in numbers.items()),
        ],
    )


def _entry_slots(entry: DocumentEntry) -> dict[str, Sequence[str]]:
    return {
        ebrim.ACTION: [entry.action],
        "creationTime": [entry.creation_time],
        "hash": [entry.hash],
        "languageCode": [entry.language],
        "legalAuthenticator": [entry.legal_authenticator],
        "serviceStartTime": [entry.service_start],
        "serviceStopTime": [entry.service_stop],
        "size": [str(entry.size)],
        "sourcePatientId": [entry.source_patient_id],
        "sourcePatientInfo": entry.source_patient_info,
        "URI": [entry.uri],
    }


def _set(one: SubmissionSet) -> str:
    id = one.entry_uuid
    numbers = {
        ebrim.SET_PATIENT_ID: ("patientId", one.patient_id), ebrim.SET_SOURCE_ID: ("sourceId", one.source_id),
        ebrim.SET_UNIQUE_ID: ("uniqueId", one.unique_id),
    }  # fmt: skip
    kind = {"id": symbolic(id, "kind"), "classifiedObject": id, "classificationNode": ebrim.SUBMISSION_SET}
    return _element(
        "rim:RegistryPackage",
        {"id": id, "lid": id, "objectType": f"{_OBJECT}:RegistryPackage", "status": ebrim.APPROVED},
        [
            *_slots({"submissionTime": [one.submission_time], "intendedRecipient": one.recipients}),
            *([_text("rim:Name", one.title)] if one.title else []),
            *([_text("rim:Description", one.comments)] if one.comments else []),
            _element("rim:Classification", kind, []),
            *_authors(id, ebrim.SET_AUTHOR, one.authors),
            _coded(id, ebrim.SET_CONTENT, 0, one.content_type),
            *(_identifier(id, scheme, f"XDSSubmissionSet.{name}", value) for scheme, (name, value) in numbers.items()),
        ],
    )


def _associations(one: SubmissionSet, entries: Sequence[DocumentEntry]) -> Iterator[str]:
    for entry in entries:
        status = _slots({"SubmissionSetStatus": ["Original"]})
        yield _association(ebrim.HAS_MEMBER, one.entry_uuid, entry.entry_uuid, status)
        if entry.replaces:
            yield _association(ebrim.RPLC, entry.entry_uuid, entry.replaces, ())
        if entry.transforms:
            yield _association(ebrim.XFRM, entry.entry_uuid, entry.transforms, ())


def _association(kind: str, source: str, target: str, within: Iterable[str]) -> str:
    attributes = {
        "id": symbolic(kind, source, target), "associationType": kind, "sourceObject": source, "targetObject": target,
        "objectType": f"{_OBJECT}:Association",
    }  # fmt: skip
    return _element("rim:Association", attributes, within)


def _authors(object: str, scheme: str, authors: Sequence[Author]) -> Iterator[str]:
    for i, author in enumerate(authors):
        slots = {
            "authorInstitution": [author.institution], "authorPerson": [author.person], "authorRole": [author.role],
            "authorSpecialty": [author.specialty],
        }  # fmt: skip
        yield _element("rim:Classification", _classifies(object, scheme, i, ""), _slots(slots))


def _coded(object: str, scheme: str, number: int, concept: Concept) -> str:
    within = [*_slots({"codingScheme": [concept.system]}), _text("rim:Name", concept.label or concept.code)]
    return _element("rim:Classification", _classifies(object, scheme, number, concept.code), within)


def _classifies(object: str, scheme: str, number: int, code: str) -> dict[str, str]:
    return {
        "id": symbolic(object, scheme, str(number)), "classificationScheme": scheme, "classifiedObject": object,
        "nodeRepresentation": code, "objectType": f"{_OBJECT}:Classification",
    }  # fmt: skip


def _identifier(object: str, scheme: str, name: str, value: str) -> str:
    attributes = {
        "id": symbolic(object, scheme), "identificationScheme": scheme, "registryObject": object, "value": value,
        "objectType": f"{_OBJECT}:ExternalIdentifier",
    }  # fmt: skip
    return _element("rim:ExternalIdentifier", attributes, [_text("rim:Name", name)])


def _slots(slots: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the slots that have a value; what is empty has no slot."""
    for name, values in slots.items():
        if told := [f"\n<rim:Value>{_escaped(value)}</rim:Value>" for value in values if value]:
            listed = f"<rim:ValueList>{''.join(told)}\n</rim:ValueList>"
            yield f'<rim:Slot name="{_quoted(name)}">\n{listed}\n</rim:Slot>'


def _text(tag: str, value: str) -> str:
    # A line break in an attribute is read back as a space.
    shown = _quoted(" ".join(value.split()))
    return f'<{tag}>\n<rim:LocalizedString xml:lang="FR" charset="UTF8" value="{shown}"/>\n</{tag}>'


def _element(tag: str, attributes: dict[str, str], within: Iterable[str]) -> str:
    opening = "".join([f' {name}="{_quoted(value)}"' for name, value in attributes.items()])
    content = "\n".join(within)
    return f"<{tag}{opening}>\n{content}\n</{tag}>" if content else f"<{tag}{opening}/>"


def _escaped(value: str) -> str:
    return value.translate(_TEXT) if _SPECIAL(value) else value


def _quoted(value: str) -> str:
    return value.translate(_VALUE) if _SPECIAL(value) else value
