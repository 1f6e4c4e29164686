"""The judge of IHE_XDM.ZIP: the archive itself, its metadata, and every CDA in it by the rules of CDA documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from esms_sdk.archive import UnreadableArchive
from esms_sdk.checks import xds, xds_formes
from esms_sdk.checks.documents import Examination, Faults, Piece, Remark, Rule, Setting, Unreadable, apply, judge
from esms_sdk.checks.xds import Fault, Pair
from esms_sdk.documents import ebrim, xdm
from esms_sdk.documents.cda import Cda, is_cda, read_cda
from esms_sdk.documents.moment import parse_moment
from esms_sdk.documents.terminology import Terminology, tables
from esms_sdk.documents.xdm import Subset, Xdm, is_xdm, shown
from esms_sdk.documents.xds import CDA_MIME, SHOWN_CDA_MIME
from esms_sdk.errors import SourceError

OPENS, LAYOUT, NAMES, METADATA, ORPHANS, NESTED, ONE_PERSON, README, READABLE = (
    f"ESMS-XDM-0{number}" for number in range(1, 10)
)
_NO_ZIP = "ESMS-E343"
_PART = re.compile(r"[A-Z0-9_]{1,8}(?:\.[A-Z0-9_]{1,3})?", re.ASCII)
_STYLES = (".XSL", ".XSLT", ".CSS", ".XSD")
_SECTIONS = (("Emetteur", r"[eé]metteur"), ("Application", r"application"), ("Arborescence", r"arborescence"))
_SHOWN = 500
# The language of a detached signature: XML too, and no CDA.
_SIGNATURE = "art"
_HEAD = 65_536


@dataclass(frozen=True)
class Opened:
    """An archive with what its metadata say."""

    xdm: Xdm
    registries: Mapping[str, ebrim.Registry]
    """By the folder of the submission, where METADATA.XML could be read."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Why a METADATA.XML could not be read, by its name."""


@judge("xdm", recognises=is_xdm)
def judge_xdm(piece: Piece, setting: Setting) -> Examination:
    """Judge one archive."""
    return examine_archive(piece.chemin.read_bytes(), piece.chemin.name, setting)


def examine_archive(data: bytes, name: str, setting: Setting) -> Examination:
    """Judge the bytes of an archive, wherever they come from (a message)."""
    seen = Examination()
    seen.judged[OPENS] += 1
    try:
        archive = xdm.read_xdm(data, name)
    except UnreadableArchive as error:
        code = "ILLISIBLE" if error.code == _NO_ZIP else "DANGEREUSE"
        seen.found.append(Remark(OPENS, code, precision=error.message.rpartition("(")[2].rstrip(")")))
        return seen
    opened = _opened(archive)
    apply(RULES, opened, setting, seen)
    for subset in archive.subsets:
        if subset.folder in opened.registries:
            _examine_subset(opened, subset, setting, setting.terminology or tables(), seen)
    return seen


def _opened(archive: Xdm) -> Opened:
    registries, unreadable = {}, {}
    for subset in archive.subsets:
        if subset.metadata:
            try:
                registries[subset.folder] = ebrim.read_metadata(archive.files[subset.metadata], xdm.METADATA)
            except SourceError as error:
                unreadable[subset.metadata] = error.code
    return Opened(archive, registries, unreadable)


def _examine_subset(
    opened: Opened, subset: Subset, setting: Setting, terminology: Terminology, seen: Examination
) -> None:
    registry, place = opened.registries[subset.folder], shown(subset.metadata)
    apply(xds_formes.OF_SET, xds_formes.Whole(place, registry), setting, seen)
    shared = Counter(one.slot("URI") for one in registry.entries)
    for entry in registry.entries:
        name = xdm.document_name(subset, entry.slot("URI"))
        data = opened.xdm.files[name] if name else None
        cda = _cda(entry, data, name, seen)
        pair = Pair(place, registry, entry, terminology, data, cda, shared[entry.slot("URI")] > 1)
        apply(xds.RULES, pair, setting, seen)
        apply(xds_formes.OF_ENTRY, pair, setting, seen)
        if cda is not None:
            _examine_document(cda, shown(name or ""), setting, seen)
    for one in registry.sets:
        made = parse_moment(one.slot("submissionTime"))
        if made:
            seen.day = max(made.day, seen.day or made.day)


def _cda(entry: ebrim.RegistryObject, data: bytes | None, name: str | None, seen: Examination) -> Cda | None:
    """Return the CDA that an entry tells of; one that cannot be read is noted."""
    if (
        data is None
        or entry.slot("languageCode") == _SIGNATURE
        or not (is_cda(data[:_HEAD]) or entry.attributes.get("mimeType") in (CDA_MIME, SHOWN_CDA_MIME))
    ):
        return None
    seen.judged[READABLE] += 1
    try:
        return read_cda(data, shown(name or ""))
    except SourceError as error:
        seen.found.append(Remark(READABLE, "ILLISIBLE", shown(name or ""), error.code))
        return None


def _examine_document(cda: Cda, place: str, setting: Setting, seen: Examination) -> None:
    """Judge a CDA of the archive; each finding says in which file."""
    # Imported here: of a file that is an archive it is asked first whether it is one.
    from esms_sdk.checks.cda import examine

    try:
        of = examine(cda, setting)
    except Unreadable:
        return
    seen.parts.append((place, "cda", of))
    seen.judged += of.judged
    seen.undecided |= of.undecided
    seen.found += [one._replace(xpath=f"{place}#{one.xpath or ''}") for one in of.found]


# -- the archive -------------------------------------------------------------------------------------------------------


def layout(opened: Opened, _: Setting) -> Faults:
    """The files of the profile stand at their place."""
    archive = opened.xdm
    found: list[Fault] = []
    for code, wanted in (("INDEX_ABSENT", xdm.INDEX), ("LISEZMOI_ABSENT", xdm.README)):
        if not archive.at_root(wanted):
            found.append((code, wanted, None))
    if not archive.subsets:
        found.append(("AUCUN_LOT", f"{xdm.FOLDER}/SUBSET01", None))
    for subset in archive.subsets:
        if not subset.metadata:
            found.append(("METADATA_ABSENT", f"{shown(subset.folder)}/{xdm.METADATA}", None))
        elif not subset.well_placed or subset.metadata.rpartition("/")[2] != xdm.METADATA:
            found.append(("PLACE", shown(subset.metadata), None))
    return found


def names(opened: Opened, _: Setting) -> Faults:
    """Names are those of ISO 9660 level 1: upper case, eight and three characters."""
    wrong = [name for name in opened.xdm.files if not all(map(_PART.fullmatch, name.split("/")))]
    return [("NOM", shown(name), None) for name in wrong[:_SHOWN]]


def metadata_readable(opened: Opened, _: Setting) -> Faults:
    """Each METADATA.XML is a SubmitObjectsRequest of ebRIM 3.0."""
    if not opened.registries and not opened.unreadable:
        return None
    return [("ILLISIBLE", shown(name), code) for name, code in opened.unreadable.items()]


def orphans(opened: Opened, _: Setting) -> Faults:
    """Each file of a submission has its entry, style sheets aside."""
    if not opened.registries:
        return None
    return [("ORPHELIN", shown(name), None) for name in _orphans(opened)][:_SHOWN]


def _orphans(opened: Opened) -> Iterator[str]:
    for subset in opened.xdm.subsets:
        registry = opened.registries.get(subset.folder)
        told = {xdm.document_name(subset, one.slot("URI")) for one in registry.entries} if registry else set()
        if registry:
            yield from (n for n in subset.files if n not in told and not n.upper().endswith(_STYLES))


def no_nested(opened: Opened, _: Setting) -> Faults:
    """No file of the archive is an archive itself."""
    nested = [name for name, data in opened.xdm.files.items() if xdm.is_archive(data)]
    return [("IMBRIQUEE", shown(name), None) for name in nested[:_SHOWN]]


def one_person(opened: Opened, _: Setting) -> Faults:
    """All the documents are those of one person."""
    entries = [entry for registry in opened.registries.values() for entry in registry.entries]
    if not entries:
        return None
    numbers = {number.partition("^")[0] for one in entries if (number := one.identifier(ebrim.PATIENT_ID))}
    return [("PLUSIEURS", xdm.FOLDER, f"{len(numbers)} personnes")] if len(numbers) > 1 else ()


def readme(opened: Opened, _: Setting) -> Faults:
    """The README tells who sends, by which software, and what is in the archive."""
    name = opened.xdm.at_root(xdm.README)
    if not name:
        return None
    text = opened.xdm.files[name][:65_536].decode("utf-8", "replace")
    return [
        ("RUBRIQUE", xdm.README, section) for section, form in _SECTIONS if not re.search(form, text, re.IGNORECASE)
    ]


RULES: Mapping[str, Rule[Opened]] = {
    LAYOUT: layout,
    NAMES: names,
    METADATA: metadata_readable,
    ORPHANS: orphans,
    NESTED: no_nested,
    ONE_PERSON: one_person,
    README: readme,
}
