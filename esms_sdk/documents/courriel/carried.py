"""What a message carries, in its archive or beside it: its documents, whose they are, and who may not see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from esms_sdk.documents import ebrim
from esms_sdk.documents.cda import Cda, Ii, NotCda, Patient, is_cda, read_header
from esms_sdk.documents.courriel.reading import Attachment
from esms_sdk.documents.xdm import FOLDER, Xdm, document_name, has_folder, is_archive, listed, read_xdm
from esms_sdk.documents.xds_people import ins_of
from esms_sdk.errors import SourceError
from esms_sdk.identifiers import ins

ARCHIVE = "IHE_XDM.zip"
"""The name that the texts give to the archive of a message."""
_XML = (b"<", b"\xef\xbb\xbf<")
# What is packed otherwise: gzip, bzip2, xz, 7z, rar.
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")
# The files of an office document, which is a zip too.
_OFFICE = frozenset({"[Content_Types].xml", "mimetype"})


@dataclass(frozen=True)
class Carried:
    """What archives of a message, or documents beside them, hold; ``patient_ids`` are those of the metadata.

    ``identified``: every document entry has a patientId (there is no entry beside an archive).  ``pdfs`` are the PDF
    documents in archives, ``unreadable`` the number of documents that are no well-formed XML, hence not looked into.
    """

    cdas: tuple[Cda, ...]
    pdfs: tuple[bytes, ...]
    patient_ids: frozenset[str]
    visibility: frozenset[str]
    identified: bool
    unreadable: int = 0

    @property
    def persons(self) -> int:
        """How many persons the documents are of.

        Two are of one where the matricule or the traits agree, or a local number unless both have a matricule.
        """
        groups: list[_Marks] = []
        for cda in self.cdas:
            mine = _marks(cda.patient)
            met = [group for group in groups if group.agrees(mine)]
            groups = [group for group in groups if not group.agrees(mine)]
            for group in met:
                mine = mine.joined(group)
            groups.append(mine)
        return max(len(groups), len(self.patient_ids))

    @property
    def ins(self) -> Ii | None:
        """The matricule INS of the first document that bears it with the traits of a qualified identity."""
        return next((ins_of(cda) for cda in self.cdas if qualified(cda)), None)

    @property
    def replaces(self) -> bool:
        """Whether a document takes the place of one sent before."""
        return any(cda.replaces for cda in self.cdas)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the documents, each once, in their order."""
        return tuple(dict.fromkeys(cda.code.code for cda in self.cdas if cda.code and cda.code.code))


def qualified(cda: Cda) -> bool:
    """Tell whether a header bears a matricule with its OID and the four traits, as only a qualified identity does."""
    patient = cda.patient
    found = ins_of(cda)
    if patient is None or found is None or not found.extension:
        return False
    traits = (patient.name.families("BR"), patient.name.givens("BR"), patient.birth_time)
    return all(traits) and bool(patient.gender and patient.gender.code)


def is_ihe_xdm(attachment: Attachment) -> bool:
    """Tell whether an attachment is, or means to be, an IHE XDM."""
    named = attachment.name.upper() == ARCHIVE.upper()
    data = attachment.data
    return named or (is_archive(data) and (f"{FOLDER}/".encode() in data[:65_536].upper() or has_folder(listed(data))))


def is_loose(attachment: Attachment) -> bool:
    """Tell whether an attachment is a CDA outside of an archive, wherever in the file it begins."""
    return not is_ihe_xdm(attachment) and is_cda(attachment.data)


def may_hold_documents(attachment: Attachment) -> bool:
    """Tell whether an attachment that is neither an IHE XDM nor a CDA could carry documents that no one looks into.

    That is a message, an archive of any kind (office documents aside), an XML file.
    """
    data, name = attachment.data, attachment.name.lower()
    if is_ihe_xdm(attachment) or is_loose(attachment):
        return False
    if is_archive(data):
        return not _OFFICE.intersection(listed(data))
    return (
        attachment.media_type.startswith("message/")
        or name.endswith((".eml", ".xml"))
        or attachment.media_type in ("text/xml", "application/xml")
        or data.startswith(_PACKED)
        or data.removeprefix(b"\xef\xbb\xbf").lstrip()[:5] == b"<?xml"
    )


def open_loose(documents: Iterable[bytes]) -> Carried:
    """Read the headers of CDA that stand beside the archives; those that cannot be read are counted."""
    cdas, unreadable = _cdas(documents)
    return Carried(cdas, (), frozenset(), frozenset(), True, unreadable)


def open_archive(data: bytes) -> Carried:
    """Read the archive of a message.

    Raises :class:`SourceError` for an archive that cannot be read, or whose metadata cannot or are not there.
    """
    archive = read_xdm(data, ARCHIVE)
    described = [of for of in archive.subsets if of.metadata]
    if not described:
        raise ebrim.NotMetadata("ESMS-E346", f"{ARCHIVE} : aucun METADATA.XML", hint="Refaire l'archive.")
    registries = [ebrim.read_metadata(archive.files[of.metadata], "METADATA.XML") for of in described]
    entries = [entry for registry in registries for entry in registry.entries]
    ids = [entry.identifier(ebrim.PATIENT_ID) for entry in entries]
    ids_of_sets = [one.identifier(ebrim.SET_PATIENT_ID) for registry in registries for one in registry.sets]
    coded = (one.code for entry in entries for one in entry.of_scheme(ebrim.CONFIDENTIALITY))
    documents = list(_documents(archive, entries))
    cdas, unreadable = _cdas(documents)
    return Carried(
        cdas, tuple(one for one in documents if one.startswith(b"%PDF-")),
        frozenset(filter(None, (*ids, *ids_of_sets))), frozenset(coded), bool(ids) and all(ids), unreadable,
    )  # fmt: skip


def together(parts: Sequence[Carried]) -> Carried:
    """Return what several archives hold, a document that stands in two of them once."""
    cdas = {cda.data: cda for part in parts for cda in part.cdas}
    pdfs = dict.fromkeys(one for part in parts for one in part.pdfs)
    return Carried(
        tuple(cdas.values()), tuple(pdfs), frozenset().union(*(part.patient_ids for part in parts)),
        frozenset().union(*(part.visibility for part in parts)), all(part.identified for part in parts),
        sum(part.unreadable for part in parts),
    )  # fmt: skip


def _documents(archive: Xdm, entries: Sequence[ebrim.RegistryObject]) -> Iterable[bytes]:
    """Give the documents in the order of their entries, then the files that no entry tells."""
    told = [document_name(of, entry.slot("URI")) for of in archive.subsets for entry in entries]
    listed = [name for of in archive.subsets for name in of.files]
    for name in dict.fromkeys([*filter(None, told), *listed]):
        yield archive.files[name]


def _cdas(documents: Iterable[bytes]) -> tuple[tuple[Cda, ...], int]:
    """Return the CDA documents, and how many others are no well-formed XML; a style sheet is neither."""
    found, unreadable = [], 0
    for data in documents:
        if data.startswith(_XML) or is_cda(data):
            try:
                found.append(read_header(data, "document"))
            except NotCda:
                continue
            except SourceError:
                unreadable += 1
    return tuple(found), unreadable


class _Marks(NamedTuple):
    """What tells a person: matricules, traits, local numbers."""

    matricules: frozenset[Ii]
    traits: frozenset[tuple[str, str, str]]
    numbers: frozenset[Ii]

    def agrees(self, other: _Marks) -> bool:
        """Whether both are of one person."""
        if self.matricules & other.matricules or self.traits & other.traits:
            return True
        return bool(self.numbers & other.numbers) and not (self.matricules and other.matricules)

    def joined(self, other: _Marks) -> _Marks:
        """What tells the person of both."""
        return _Marks(self.matricules | other.matricules, self.traits | other.traits, self.numbers | other.numbers)


def _marks(patient: Patient | None) -> _Marks:
    """Give what tells a person: its numbers, and its traits where they are whole."""
    if patient is None:
        return _Marks(frozenset(), frozenset(), frozenset())
    numbers = [one for one in patient.ids if one.root and one.extension]
    families, givens = patient.name.families("BR"), patient.name.givens("BR")
    traits = (
        [(families[0].casefold(), givens[0].casefold(), patient.birth_time[:8])]
        if (families and givens and patient.birth_time)
        else []
    )
    return _Marks(
        frozenset(one for one in numbers if ins.is_known_oid(one.root)), frozenset(traits),
        frozenset(one for one in numbers if not ins.is_known_oid(one.root)),
    )  # fmt: skip
