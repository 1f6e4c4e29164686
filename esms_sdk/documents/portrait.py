"""What a document is, told by its content, in a few lines that hold nothing of the person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from esms_sdk import masking
from esms_sdk.documents import datamatrix, ebrim, hl7v2, xds
from esms_sdk.documents.cda import Cda, Code, is_cda, read_cda
from esms_sdk.documents.courriel.carried import is_ihe_xdm
from esms_sdk.documents.courriel.portrait import of_attachment, of_message
from esms_sdk.documents.courriel.reading import looks_like_message, read_message
from esms_sdk.documents.sending import content
from esms_sdk.documents.terminology import Concept, Terminology
from esms_sdk.documents.xdm import Submission, is_xdm, read_xdm, shown
from esms_sdk.documents.xds import DocumentEntry, SubmissionSet
from esms_sdk.documents.xds_people import Author, ins_of
from esms_sdk.errors import SourceError, UsageError
from esms_sdk.identifiers import ins

_HEAD = 65_536
_LISTED = 200
# A size has fewer digits than any number of a person.
_DIGITS = 10
_METADATA = b"SubmitObjectsRequest"
_DOCUMENT = re.compile(r"DOC\d{1,5}\.[A-Z]{3}", re.ASCII)


def portrait(path: Path, terminology: Terminology) -> dict[str, Any]:
    """Return what a file is.  Raises :class:`SourceError`, :class:`UsageError` for one that is no document."""
    data = content(path)
    head = data[:_HEAD]
    if is_xdm(path, head):
        return of_archive(data, path.name)
    if is_cda(head):
        return of_cda(read_cda(data, path.name), terminology)
    if _METADATA in head:
        return of_metadata(data, path.name)
    if path.suffix.lower() == ".eml" or looks_like_message(head):
        return _message(data, path.name)
    if datamatrix.is_payload(data):
        return of_payload(data.decode("ascii", "replace").rstrip("\r\n"), path.name)
    raise UsageError(
        "ESMS-E183",
        f"{path.name} : ni un CDA, ni des métadonnées XDS, ni une archive IHE_XDM, ni un message, ni un datamatrix",
        hint="Donner l'un d'eux ; le nom du fichier ne compte pas.",
    )


def of_cda(cda: Cda, terminology: Terminology) -> dict[str, Any]:
    """Return what a CDA is."""
    entry = xds.document_entry(cda, terminology)
    number = ins_of(cda)
    body = cda.body
    return {
        "fichier": masking.key(cda.name),
        "nature": "CDA auto-présentable" if cda.auto_presentable else "CDA",
        "modeles": [hl7v2.plain(one.root) for one in cda.template_ids],
        "type": _code(cda.code),
        "classe": _concept(entry.class_code),
        "format": _concept(entry.format_code),
        "titre": masking.shape(cda.title),
        "cree_le": hl7v2.plain(cda.effective_time),
        "version": hl7v2.plain(cda.version),
        "remplace": len(cda.replaces),
        "confidentialite": _code(cda.confidentiality),
        "ins": f"{ins.OIDS[number.root].libelle}, {hl7v2.hidden(number.extension)}" if number else "absente",
        "auteurs": len(cda.authors),
        "conserve_par": cda.custodian.name if cda.custodian else "",
        "corps": "structuré"
        if body and body.structured
        else f"niveau 1, {hl7v2.plain(body.media_type)}"
        if body
        else "absent",
        "metadonnees_absentes": xds.missing(entry),
        "taille": entry.size,
        "sha1": entry.hash,
    }


def of_archive(data: bytes, name: str) -> dict[str, Any]:
    """Return what an archive holds."""
    archive = read_xdm(data, name)
    sets = []
    for subset in archive.subsets:
        told: dict[str, Any] = {"dossier": shown(subset.folder), "fichiers": len(subset.files)}
        try:
            told |= _submission(archive.files.get(subset.metadata, b""))
        except SourceError as error:
            told["illisible"] = error.code
        sets.append(told)
    return {
        "fichier": masking.key(name), "nature": "archive IHE_XDM", "fichiers": len(archive.files),
        "taille": len(data), "lots": sets,
    }  # fmt: skip


def of_metadata(data: bytes, name: str) -> dict[str, Any]:
    """Return what a METADATA.XML that stands alone holds."""
    return {"fichier": masking.key(name), "nature": "métadonnées XDS", "taille": len(data), **_submission(data)}


def _submission(data: bytes) -> dict[str, Any]:
    registry = ebrim.read_metadata(data, "METADATA.XML")
    return {
        "documents": [_told(one) for one in registry.entries[:_LISTED]], "associations": len(registry.associations),
    }  # fmt: skip


def _message(data: bytes, name: str) -> dict[str, Any]:
    """Return what a message is, and what its archives hold."""
    message = read_message(data, masking.key(name))
    told = of_message(message, name)
    told["pieces"] = [
        {**of_attachment(one), **(_attached(one.data) if is_ihe_xdm(one) else {})}
        for one in message.attachments[:_LISTED]
    ]
    return told


def _attached(data: bytes) -> dict[str, Any]:
    try:
        held = of_archive(data, "")
    except SourceError as error:
        return {"illisible": error.code}
    return {name: held[name] for name in ("nature", "lots")}


def of_payload(payload: str, name: str) -> dict[str, Any]:
    """Return what the payload of an INS datamatrix holds, and what in it departs from the format."""
    read = datamatrix.decode(payload)
    found = [*datamatrix.departures(payload), *datamatrix.identifier_departures(read)]
    fields = datamatrix.FIELDS
    return {
        "fichier": masking.key(name),
        "nature": "contenu d'un datamatrix INS",
        "longueur": len(payload),
        "champs": [
            {"champ": one.id, "nom": fields[one.id].name if one.id in fields else "inconnu",
             "valeur": hl7v2.plain(one.value) if one.id == "S2" and len(one.value) <= 20 else masking.shape(one.value)}
            for one in read.fields[:_LISTED]
        ],
        "ecarts": [
            " ".join(part for part in (one.code, one.field, f"({one.precision})" if one.precision else "") if part)
            for one in found
        ],
    }  # fmt: skip


def _told(one: ebrim.RegistryObject) -> dict[str, Any]:
    codes = {name: [c.code for c in one.of_scheme(scheme)] for name, scheme in ebrim.ENTRY_CODED.items()}
    coded = {name: ", ".join(hl7v2.plain(code) for code in found) for name, found in codes.items()}
    uri, size = one.slot("URI"), one.slot("size")
    return {
        "URI": uri if _DOCUMENT.fullmatch(uri) else masking.shape(uri),
        **coded,
        "size": size if size.isascii() and size.isdigit() and len(size) < _DIGITS else masking.shape(size),
        "patientId": hl7v2.hidden(one.identifier(ebrim.PATIENT_ID)),
    }


def masked(sent: Submission) -> dict[str, Any]:
    """Return metadata as a screen may show them."""
    return {"documents": [_entry(one) for one in sent.entries], "lot": _set(sent.set)}


def _entry(one: DocumentEntry) -> dict[str, Any]:
    return {
        "entryUUID": one.entry_uuid, "uniqueId": hl7v2.numbered(one.unique_id), "URI": one.uri,
        "mimeType": one.mime_type,
        "patientId": hl7v2.hidden(one.patient_id), "sourcePatientId": hl7v2.hidden(one.source_patient_id),
        "sourcePatientInfo": [masking.shape(info) for info in one.source_patient_info],
        "author": _authors(one.authors), "legalAuthenticator": hl7v2.hidden(one.legal_authenticator),
        "classCode": _concept(one.class_code), "typeCode": _concept(one.type_code),
        "formatCode": _concept(one.format_code), "healthcareFacilityTypeCode": _concept(one.facility),
        "practiceSettingCode": _concept(one.practice), "confidentialityCode": _concepts(one.confidentiality),
        "eventCodeList": _concepts(one.events), "title": masking.shape(one.title),
        "languageCode": hl7v2.plain(one.language),
        "creationTime": one.creation_time, "serviceStartTime": one.service_start, "serviceStopTime": one.service_stop,
        "hash": one.hash, "size": one.size, "remplacement": one.action,
    }  # fmt: skip


def _set(one: SubmissionSet) -> dict[str, Any]:
    return {
        "entryUUID": one.entry_uuid, "uniqueId": hl7v2.numbered(one.unique_id),
        "sourceId": hl7v2.plain(one.source_id),
        "patientId": hl7v2.hidden(one.patient_id), "submissionTime": one.submission_time,
        "contentTypeCode": _concept(one.content_type), "author": _authors(one.authors),
    }  # fmt: skip


def _authors(authors: Sequence[Author]) -> list[str]:
    return [f"{hl7v2.hidden(one.person)} {masking.label(one.role)}".strip() for one in authors]


def _code(code: Code | None) -> str:
    return _concept(Concept(code.code, code.system, code.label)) if code else ""


def _concept(concept: Concept | None) -> str:
    if concept is None:
        return ""
    coded = f"{hl7v2.plain(concept.code)} ({hl7v2.plain(concept.system)})"
    return f"{coded} {masking.label(concept.label)}".strip()


def _concepts(concepts: Iterable[Concept]) -> list[str]:
    return [_concept(one) for one in concepts]


def as_lines(told: Mapping[str, Any], indent: str = "") -> list[str]:
    """Return a portrait as lines of text."""
    lines = []
    for name, value in told.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            for one in value:
                lines += [f"{indent}{name} :", *as_lines(one, indent + "  ")]
        elif isinstance(value, Mapping):
            lines += [f"{indent}{name} :", *as_lines(value, indent + "  ")]
        elif value not in ("", [], None):
            shown = " ; ".join(map(str, value)) if isinstance(value, list) else value
            lines.append(f"{indent}{name:<26} {shown}")
    return lines
