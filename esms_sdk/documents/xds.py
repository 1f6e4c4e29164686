"""From a CDA to its XDS metadata: the document entry and the submission set.

The mapper is the checker too: what a METADATA.XML says is compared with what is worked out here.  The correspondence is
that of the CI-SIS («lien entre l'en-tête CDA et les métadonnées XDS»).  Nothing is invented: what the header does not
say is empty, and :func:`missing` names it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from esms_sdk.documents.cda import Cda, Code
from esms_sdk.documents.moment import dtm_utc
from esms_sdk.documents.terminology import Concept, Terminology
from esms_sdk.documents.xds_people import Author, author, patient_id, patient_info, person, source_patient_id

VISIBILITY = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
VISIBILITY_SYSTEM = "1.2.250.1.213.1.1.4.13"
CONTENT_SYSTEM = "1.2.250.1.213.2.2"
IN_STAY, OUT_OF_STAY = "03", "07"
"""The content types of a submission made in a stay, and without one (PV1-2 I and O of the volet HL7 v2)."""
CDA_MIME, SHOWN_CDA_MIME, PDF_MIME = "text/xml", "application/xslt+xml", "application/pdf"
REPLACEMENT = "C"
# Ours: what we make of the same bytes is the same everywhere.
_SPACE_BYTES = uuid.UUID("6f1c7a52-2a0e-5b1d-9d0e-0d6f5a2f6f10").bytes


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """The metadata of one document; times are DTM in UTC, ``action`` is C for a replacement."""

    entry_uuid: str
    unique_id: str
    patient_id: str
    source_patient_id: str
    source_patient_info: tuple[str, ...]
    authors: tuple[Author, ...]
    legal_authenticator: str
    class_code: Concept | None
    type_code: Concept | None
    format_code: Concept | None
    facility: Concept | None
    practice: Concept | None
    confidentiality: tuple[Concept, ...]
    events: tuple[Concept, ...]
    title: str
    language: str
    mime_type: str
    creation_time: str
    service_start: str
    service_stop: str
    hash: str
    size: int
    uri: str = ""
    comments: str = ""
    action: str = ""
    replaces: str = ""
    """The entryUUID of the document replaced, where the sender knows it."""
    transforms: str = ""
    """The entryUUID of the document of which this one is another form."""


@dataclass(frozen=True, slots=True)
class SubmissionSet:
    """The metadata of one submission."""

    entry_uuid: str
    unique_id: str
    source_id: str
    patient_id: str
    submission_time: str
    content_type: Concept
    authors: tuple[Author, ...]
    title: str = ""
    comments: str = ""
    recipients: tuple[str, ...] = ()


def sha1(data: bytes) -> str:
    """Return the hash of XDS: SHA-1 in hexadecimal.

    >>> sha1(b"")
    'da39a3ee5e6b4b0d3255bfef95601890afd80709'
    """
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def symbolic(*parts: str) -> str:
    """Return a UUID that the same parts always give.

    >>> symbolic("a", "b") == symbolic("a", "b") != symbolic("ab")
    True
    """
    # What uuid.uuid5 gives, without its object: an entry asks for twenty.
    digest = hashlib.sha1(_SPACE_BYTES + "|".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def oid_of(urn: str) -> str:
    """Return a UUID as an OID (ISO 9834-8).

    >>> oid_of("urn:uuid:00000000-0000-0000-0000-00000000000a")
    '2.25.10'
    """
    return f"2.25.{uuid.UUID(urn).int}"


def document_entry(
    cda: Cda, terminology: Terminology, *, uri: str = "", visibility: Sequence[str] = (), comments: str = "",
    class_code: str = "", replaces: str = "",
) -> DocumentEntry:  # fmt: skip
    """Return the metadata of a CDA.

    ``visibility`` are flags of ``VISIBILITY``, which no header holds; ``class_code`` a class for a type that the table
    at hand does not know; ``replaces`` the entryUUID of the document replaced.
    """
    hashed = sha1(cda.data)
    main = cda.service_events[0] if cda.service_events else None
    performer = main.performers[0] if main and main.performers else None
    sector = performer.organization.sector if performer and performer.organization else None
    body = cda.body
    media = body.media_type if body and not body.structured else ""
    return DocumentEntry(
        entry_uuid=symbolic("entry", hashed),
        unique_id=str(cda.id) if cda.id else "",
        patient_id=patient_id(cda),
        source_patient_id=source_patient_id(cda),
        source_patient_info=tuple(patient_info(cda)),
        authors=tuple(author(one) for one in cda.authors),
        legal_authenticator=person(cda.legal_authenticator) if cda.legal_authenticator else "",
        class_code=_class(cda, terminology, class_code),
        type_code=_concept(cda.code),
        format_code=terminology.format_of([one.root for one in cda.template_ids], media),
        facility=_concept(cda.encounter.facility if cda.encounter else None),
        practice=_concept(sector),
        confidentiality=_confidentiality(cda, terminology, visibility),
        events=tuple(found for one in cda.service_events if (found := _concept(one.code))),
        title=cda.title,
        language=cda.language,
        mime_type=SHOWN_CDA_MIME if cda.auto_presentable else CDA_MIME,
        creation_time=dtm_utc(cda.effective_time) or "",
        service_start=dtm_utc(main.time.low or main.time.value) or "" if main else "",
        service_stop=dtm_utc(main.time.high) or "" if main else "",
        hash=hashed,
        size=len(cda.data),
        uri=uri,
        comments=comments,
        action=REPLACEMENT if is_replacement(cda) else "",
        replaces=replaces,
    )


def pdf_entry(of: DocumentEntry, pdf: bytes, terminology: Terminology, *, uri: str = "") -> DocumentEntry:
    """Return the metadata of a PDF that shows a CDA: those of the CDA, with a number, a format and bytes of its own."""
    same = symbolic("entry", hashlib.sha256(pdf).hexdigest(), of.entry_uuid)
    return replace(
        of,
        entry_uuid=same,
        unique_id=oid_of(same),
        format_code=terminology.format_of((), PDF_MIME),
        mime_type=PDF_MIME,
        hash=sha1(pdf),
        size=len(pdf),
        uri=uri,
        replaces="",
        transforms=of.entry_uuid,
    )


def submission_set(
    documents: Sequence[Cda], entries: Sequence[DocumentEntry], *, submission_time: str = "", source_id: str = "",
    content_type: str = "", title: str = "", comments: str = "", recipients: Sequence[str] = (),
) -> SubmissionSet:  # fmt: skip
    """Return the metadata of a submission of at least one document.

    What is not given is taken of the documents: the time is that of the latest of them (the clock is not read), the
    source the custodian of the first, the content type that of its stay.
    """
    first = documents[0]
    time = dtm_utc(submission_time) or "" if submission_time else max(one.creation_time for one in entries)
    uuid_ = symbolic("set", time, *(one.entry_uuid for one in entries))
    return SubmissionSet(
        uuid_, oid_of(uuid_), source_id or _source(first), entries[0].patient_id, time,
        Concept(content_type or _content(first), CONTENT_SYSTEM), entries[0].authors, title, comments,
        tuple(recipients),
    )  # fmt: skip


def missing(entry: DocumentEntry) -> list[str]:
    """Return the names of the mandatory metadata that a CDA does not give."""
    told = {
        "uniqueId": entry.unique_id, "patientId": entry.patient_id, "sourcePatientId": entry.source_patient_id,
        "author": entry.authors and all(one.person for one in entry.authors),
        "legalAuthenticator": entry.legal_authenticator, "classCode": entry.class_code, "typeCode": entry.type_code,
        "formatCode": entry.format_code, "healthcareFacilityTypeCode": entry.facility,
        "practiceSettingCode": entry.practice, "confidentialityCode": entry.confidentiality, "title": entry.title,
        "languageCode": entry.language, "creationTime": entry.creation_time, "serviceStartTime": entry.service_start,
    }  # fmt: skip
    return [name for name, value in told.items() if not value]


def _source(cda: Cda) -> str:
    """Return the OID of who keeps the document: its root and its number where that is one."""
    number = next(iter(cda.custodian.ids), None) if cda.custodian else None
    if number is None:
        return oid_of(symbolic("source", cda.name))
    plain = number.extension.isascii() and number.extension.isdigit() and not number.extension.startswith("0")
    return f"{number.root}.{number.extension}" if plain else number.root


def _concept(code: Code | None) -> Concept | None:
    return Concept(code.code, code.system, code.label) if code and code.code else None


def _class(cda: Cda, terminology: Terminology, asked: str) -> Concept | None:
    if asked:
        return terminology.concept("A03", asked)
    return terminology.class_of(cda.code.code) if cda.code else None


def _confidentiality(cda: Cda, terminology: Terminology, visibility: Sequence[str]) -> tuple[Concept, ...]:
    own = _concept(cda.confidentiality)
    flags = (Concept(one, VISIBILITY_SYSTEM, terminology.label("J08", one) or "") for one in visibility)
    return (*([own] if own else []), *flags)


def _content(cda: Cda) -> str:
    stay = cda.encounter.code.code if cda.encounter and cda.encounter.code else ""
    return IN_STAY if stay == "IMP" else OUT_OF_STAY


def is_replacement(cda: Cda) -> bool:
    """Whether a document takes the place of an earlier one: it says which, or it is not the first version."""
    version = cda.version
    return bool(cda.replaces) or (version.isascii() and version.isdigit() and int(version[:9]) > 1)
