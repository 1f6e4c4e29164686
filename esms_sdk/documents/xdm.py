"""An IHE_XDM.ZIP: read as it is, whatever it holds, and built from CDA documents (IHE ITI-32, as MSSanté sends it).

::

    INDEX.HTM  README.TXT  IHE_XDM/SUBSET01/METADATA.XML  IHE_XDM/SUBSET01/DOC0001.XML …
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from esms_sdk import __version__, masking
from esms_sdk import archive as zips
from esms_sdk.documents import hl7v2, xds
from esms_sdk.documents.cda import Cda
from esms_sdk.documents.metadata_xml import write_metadata
from esms_sdk.documents.moment import parse_moment
from esms_sdk.documents.terminology import Terminology
from esms_sdk.documents.xds import DocumentEntry, SubmissionSet
from esms_sdk.errors import Fault, UsageError

FILE, FOLDER, METADATA, INDEX, README = "IHE_XDM.ZIP", "IHE_XDM", "METADATA.XML", "INDEX.HTM", "README.TXT"
LIMITS = zips.Limits(size=64 << 20, members=1_000, unpacked=128 << 20)
"""A message of MSSanté is of 25 Mo at the most, its archive less."""
_HEAD = 64
_CONTENT = re.compile(r"\d\d", re.ASCII)
# Year, month, day, hour, minute.
_TO_THE_MINUTE = 5
_ZIP = b"PK\x03\x04"
# What the list of names of a zip ends with, and how near the end of the file it stands.
_ENDING, _LAST = b"PK\x05\x06", 65_558
# The names of the profile, in any case.
_OURS = re.compile(
    r"IHE_XDM|INDEX\.HTM|README\.TXT|SUBSET\d\d|SS\d{1,6}|METADATA\.XML|DOC\d{1,5}\.[A-Z]{3}", re.IGNORECASE
)
_SUBSET = re.compile(r"SUBSET\d\d", re.ASCII)


@dataclass(frozen=True)
class Subset:
    """A folder of the archive that holds a METADATA.XML, or is named as one that should."""

    folder: str
    metadata: str
    """The name of its METADATA.XML, empty where there is none."""
    files: tuple[str, ...]

    @property
    def well_placed(self) -> bool:
        """Whether it stands at its place: SUBSETnn is a usual name, not the only one."""
        parts = self.folder.split("/")
        return len(parts) == 2 and parts[0] == FOLDER


@dataclass(frozen=True)
class Xdm:
    """An archive read whole: ``files`` are its contents by name, in the order of names."""

    name: str
    files: Mapping[str, bytes]

    @cached_property
    def subsets(self) -> list[Subset]:
        """The submissions, in the order of their folders."""
        folders: dict[str, list[str]] = {}
        for name in self.files:
            folders.setdefault(name.rpartition("/")[0], []).append(name)
        found = []
        for folder, names in folders.items():
            metadata = next((name for name in names if _last(name).upper() == METADATA), "")
            if metadata or _SUBSET.fullmatch(folder.rpartition("/")[2].upper()):
                found.append(Subset(folder, metadata, tuple(name for name in names if name != metadata)))
        return found

    def at_root(self, wanted: str) -> str:
        """Return the name of a file at the root, whatever its case; empty where there is none."""
        return next((name for name in self.files if name.upper() == wanted), "")


def is_xdm(path: Path, head: bytes) -> bool:
    """Tell from a file's name and first bytes whether it is, or means to be, an IHE XDM."""
    if head.startswith(_ZIP) and (path.name.upper() == FILE or b"IHE_XDM/" in head.upper()):
        return True
    return (head.startswith(_ZIP) or path.suffix.lower() == ".zip") and has_folder(listed(path))


def is_archive(data: bytes) -> bool:
    """Tell whether the content of a file is a zip archive itself, also one that starts after something else."""
    return data.startswith(_ZIP) or (_ENDING in data[-_LAST:] and bool(listed(data)))


def listed(source: Path | bytes) -> list[str]:
    """Return the names that a zip archive lists, wherever it starts in its file; none where it cannot be opened."""
    try:
        with zips.archive(io.BytesIO(source) if isinstance(source, bytes) else source, FILE, LIMITS) as archive:
            return archive.names
    except zips.UnreadableArchive:
        return []


def has_folder(names: Iterable[str]) -> bool:
    """Tell from the names of an archive whether it is, or means to be, an IHE XDM."""
    return any(f"{FOLDER}/" in name.upper() for name in names)


def read_xdm(source: Path | bytes, name: str = FILE) -> Xdm:
    """Read an archive whole.  Raises :class:`UnreadableArchive` for one that is no zip or does harm."""
    opened = io.BytesIO(source) if isinstance(source, bytes) else source
    with zips.archive(opened, name, LIMITS) as archive:
        return Xdm(name, {one: archive.read(one) for one in archive.names})


def document_name(subset: Subset, uri: str) -> str | None:
    """Return the name in the archive of the file that a URI tells, None where it leaves the folder or is not there.

    A URI starts at the folder of METADATA.XML; in published examples it starts at the folder above.
    """
    above = subset.folder.rpartition("/")[0]
    names = (f"{folder}/{uri}" if folder else uri for folder in (subset.folder, above))
    return next((name for name in names if uri and name in subset.files), None)


def shown(name: str) -> str:
    """Return a name of the archive as reports show it: the names of the profile whole, of others the shape.

    >>> shown("IHE_XDM/SUBSET01/DOC0001.XML"), shown("IHE_XDM/SUBSET01/DUPONT.XML")
    ('IHE_XDM/SUBSET01/DOC0001.XML', 'IHE_XDM/SUBSET01/XXXXXX.XXX')
    """
    parts = name.split("/")[:8]
    return "/".join(one if _OURS.fullmatch(one) else masking.shape(one) for one in parts)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


# -- building ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, for the README: what is not told is left out, the name is that of the custodian by default."""

    name: str = ""
    organization: str = ""
    address: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A CDA to send, with the PDF that shows it where there is one."""

    cda: Cda
    pdf: bytes = b""
    replaces: str = ""
    """The entryUUID of the document that it replaces, where the sender knows it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What no header tells; the defaults are those of :func:`esms_sdk.documents.xds.submission_set`."""

    sender: Sender = Sender()
    visibility: tuple[str, ...] = ()
    class_code: str = ""
    content_type: str = ""
    source_id: str = ""
    submission_time: str = ""
    title: str = ""
    comments: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """What is sent: the metadata, and each document's bytes in the order of its entry."""

    set: SubmissionSet
    entries: tuple[DocumentEntry, ...]
    contents: tuple[bytes, ...]


def submission(documents: Sequence[Given], terminology: Terminology, options: Options = Options()) -> Submission:
    """Return what is sent of one person's documents.

    Raises :class:`UsageError` where there is none, where they are of several persons, where one is given twice, or
    where a header does not give what the metadata must say.
    """
    _refuse_unknown(terminology, options)
    entries: list[DocumentEntry] = []
    contents: list[bytes] = []
    for given in documents:
        entry = xds.document_entry(
            given.cda, terminology, uri=_uri(len(entries), "XML"), visibility=options.visibility,
            class_code=options.class_code, comments=options.comments, replaces=given.replaces,
        )  # fmt: skip
        _refuse_incomplete(given.cda, entry)
        entries.append(entry)
        contents.append(given.cda.data)
        if given.pdf:
            entries.append(xds.pdf_entry(entry, given.pdf, terminology, uri=_uri(len(entries), "PDF")))
            contents.append(given.pdf)
    _refuse_several(entries)
    of = xds.submission_set(
        [given.cda for given in documents], entries, submission_time=options.submission_time,
        source_id=options.source_id, content_type=options.content_type, title=options.title,
        recipients=options.recipients,
    )  # fmt: skip
    return Submission(of, tuple(entries), tuple(contents))


def build_xdm(documents: Sequence[Given], terminology: Terminology, options: Options = Options()) -> bytes:
    """Return an IHE_XDM.ZIP; the same documents and options give the same bytes.  Raises as :func:`submission`."""
    sent = submission(documents, terminology, options)
    folder = f"{FOLDER}/SUBSET01"
    files = {
        INDEX: _index(sent, folder),
        README: _readme(sent, folder, _named(options.sender, documents[0].cda)),
        f"{folder}/{METADATA}": write_metadata(sent.set, sent.entries),
    }
    files |= {f"{folder}/{entry.uri}": data for entry, data in zip(sent.entries, sent.contents, strict=True)}
    packed = io.BytesIO()
    zips.pack(packed, files)
    return packed.getvalue()


def _uri(number: int, suffix: str) -> str:
    return f"DOC{number + 1:04}.{suffix}"


def _refuse_unknown(terminology: Terminology, options: Options) -> None:
    wrong = [one for one in options.visibility if one not in xds.VISIBILITY]
    if wrong:
        raise UsageError(
            "ESMS-E180", f"visibilité inconnue : {wrong[0]}", hint=f"Au choix : {', '.join(xds.VISIBILITY)}."
        )
    if options.class_code and terminology.concept("A03", options.class_code) is None:
        raise UsageError("ESMS-E180", f"classe de document inconnue : {options.class_code}",
                         hint=f"Au choix : {', '.join(terminology.sets['A03'].concepts)}.")  # fmt: skip
    _refuse_ill_formed(options)


def _refuse_ill_formed(options: Options) -> None:
    sent = parse_moment(options.submission_time)
    wrong = (
        (options.submission_time and (sent is None or len(sent.units) < _TO_THE_MINUTE),
         "date d'envoi illisible, ou sans heure", "L'écrire AAAAMMJJhhmmss+zzzz."),
        (options.content_type and not _CONTENT.fullmatch(options.content_type),
         "contentTypeCode mal écrit", "C'est un nombre de deux chiffres : 03 en hospitalisation, 07 hors séjour."),
        (options.source_id and not re.fullmatch(hl7v2.NUMBER, options.source_id, re.ASCII),
         "sourceId mal écrit", "C'est un OID, ou urn:uuid:…"),
        (not all(map(hl7v2.is_recipient, options.recipients)),
         "destinataire mal écrit", "Une structure en XON ou une personne en XCN : "
         "EHPAD X^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1480787529"),
    )  # fmt: skip
    for fails, message, hint in wrong:
        if fails:
            raise UsageError("ESMS-E180", message, hint=hint)


def _refuse_incomplete(cda: Cda, entry: DocumentEntry) -> None:
    lacking = xds.missing(entry)
    if lacking:
        faults = [Fault("ESMS-E181", f"{name} : {_WHERE.get(name, 'en-tête')}", cda.name) for name in lacking]
        raise UsageError("ESMS-E181", "des métadonnées obligatoires ne sont pas dans l'en-tête", faults=faults,
                         hint="Compléter le CDA ; pour la classe d'un type récent, --class.")  # fmt: skip


_WHERE = {
    "uniqueId": "ClinicalDocument/id", "patientId": "recordTarget/patientRole/id",
    "sourcePatientId": "recordTarget/patientRole/id", "author": "author/assignedAuthor/id et sa personne",
    "legalAuthenticator": "legalAuthenticator/assignedEntity", "typeCode": "ClinicalDocument/code",
    "classCode": "type de document absent de la table ASS_X04",
    "healthcareFacilityTypeCode": "componentOf/encompassingEncounter/location/healthCareFacility/code",
    "practiceSettingCode": "documentationOf[1]/…/performer/…/standardIndustryClassCode",
    "confidentialityCode": "ClinicalDocument/confidentialityCode", "title": "ClinicalDocument/title",
    "languageCode": "ClinicalDocument/languageCode", "creationTime": "ClinicalDocument/effectiveTime",
    "serviceStartTime": "documentationOf[1]/serviceEvent/effectiveTime/low",
}  # fmt: skip


def _refuse_several(entries: Sequence[DocumentEntry]) -> None:
    if not entries:
        raise UsageError("ESMS-E182", "aucun document CDA à mettre dans l'archive", hint="Donner au moins un CDA.")
    if len({one.patient_id for one in entries}) > 1:
        raise UsageError("ESMS-E182", "les documents ne sont pas ceux d'une seule personne",
                         hint="Faire une archive par personne : un message MSSanté n'en porte qu'une.")  # fmt: skip
    if len({one.unique_id for one in entries}) < len(entries):
        raise UsageError("ESMS-E182", "un même document est donné deux fois (ClinicalDocument/id)",
                         hint="Le donner une fois, ou lui donner un identifiant à lui.")  # fmt: skip


def _named(sender: Sender, first: Cda) -> Sender:
    organization = sender.organization or (first.custodian.name if first.custodian else "")
    return Sender(sender.name, organization, sender.address, sender.telephone)


def _index(sent: Submission, folder: str) -> bytes:
    rows = "".join(
        f'<li><a href="{folder}/{entry.uri}">{entry.uri}</a> : {escape(_kind(entry))}</li>\r\n'
        for entry in sent.entries
    )
    text = (
        '<!DOCTYPE html>\r\n<html lang="fr">\r\n<head><meta charset="utf-8"><title>IHE_XDM</title></head>\r\n<body>\r\n'
        f"<h1>Documents de l'archive IHE_XDM</h1>\r\n<ul>\r\n{rows}</ul>\r\n"
        '<p><a href="README.TXT">README.TXT</a></p>\r\n</body>\r\n</html>\r\n'
    )
    return text.encode("utf-8")


def _kind(entry: DocumentEntry) -> str:
    """Return what a document is, without anything of the person: its title may say more."""
    kind = entry.type_code.label or entry.type_code.code if entry.type_code else ""
    return f"{kind} (PDF)" if entry.mime_type == xds.PDF_MIME else kind


def _readme(sent: Submission, folder: str, sender: Sender) -> bytes:
    return "".join(f"{line}\r\n" for line in _readme_lines(sent, folder, sender)).encode("utf-8")


def _readme_lines(sent: Submission, folder: str, sender: Sender) -> Iterator[str]:
    yield "Emetteur :"
    for label, value in (
        ("Nom", sender.name), ("Organisme", sender.organization), ("Adresse", sender.address),
        ("Telephone", sender.telephone),
    ):  # fmt: skip
        if value:
            yield f"  {label} : {' '.join(value.split())}"
    yield from ("", "Application :", "  Nom : esms-sdk", f"  Version : {__version__}", "  Editeur : esms-sdk", "")
    yield from ("Instructions :", f"  Ouvrir {INDEX}, ou les documents de {folder}.", "", "Arborescence :")
    yield from (f"  {INDEX}", f"  {README}", f"  {folder}/{METADATA}")
    yield from (f"  {folder}/{entry.uri}" for entry in sent.entries)
