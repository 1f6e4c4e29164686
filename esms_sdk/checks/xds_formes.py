"""The metadata by themselves: what must be there, once, in its form, under the UUID that says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from esms_sdk import masking
from esms_sdk.checks.documents import Faults, Rule, Setting
from esms_sdk.checks.xds import HL7_CONFIDENTIALITY, Fault, Pair
from esms_sdk.documents import ebrim, hl7v2, xds
from esms_sdk.documents.ebrim import Registry, RegistryObject
from esms_sdk.documents.moment import parse_moment

_CX = re.compile(rf"[^^~|]+\^\^\^&{hl7v2.OID}&ISO\^(?:NH|PI)", re.ASCII)
_FORMS: Mapping[str, re.Pattern[str]] = {
    "hash": re.compile(r"[0-9a-fA-F]{40}"),
    "size": re.compile(r"\d{1,12}", re.ASCII),
    "languageCode": re.compile(r"[a-z]{2}-[A-Z]{2}|art"),
    "sourcePatientId": _CX,
    "legalAuthenticator": hl7v2.XCN,
}
_TIMES = ("creationTime", "serviceStartTime", "serviceStopTime")
_REQUIRED_SLOTS = (
    "hash", "size", "languageCode", "legalAuthenticator", "creationTime", "serviceStartTime", "sourcePatientId", "URI",
)  # fmt: skip
_REQUIRED_CODES = (
    "classCode", "typeCode", "formatCode", "confidentialityCode", "healthcareFacilityTypeCode", "practiceSettingCode",
)  # fmt: skip
_SEVERAL = ("confidentialityCode", "eventCodeList")
_CONFIDENTIALITIES = 4


@dataclass(frozen=True)
class Whole:
    """The METADATA.XML of one submission; ``place`` is its path."""

    place: str
    registry: Registry


def schemes(pair: Pair, _: Setting) -> Faults:
    """C12: each classification has the UUID of what it says, and a codingScheme."""
    coded = {*ebrim.ENTRY_CODED.values(), ebrim.AUTHOR}
    return list(_scheme_faults(pair.entry, coded, set(ebrim.ENTRY_IDENTIFIERS.values()), f"{pair.place}#"))


def set_schemes(whole: Whole, _: Setting) -> Faults:
    """C12 of the submission set."""
    if not whole.registry.sets:
        return None
    coded, numbers = {*ebrim.SET_CODED.values(), ebrim.SET_AUTHOR}, set(ebrim.SET_IDENTIFIERS.values())
    return [fault for one in whole.registry.sets for fault in _scheme_faults(one, coded, numbers, f"{whole.place}#")]


def _scheme_faults(one: RegistryObject, coded: set[str], numbers: set[str], place: str) -> Iterator[Fault]:
    authors = {ebrim.AUTHOR, ebrim.SET_AUTHOR}
    for i, of in enumerate(one.classifications, 1):
        where = f"{place}{one.place}/Classification[{i}]"
        if not of.node and of.scheme not in coded:
            yield "SCHEMA", where, _uuid(of.scheme)
        elif not of.node and of.scheme not in authors and not of.system:
            yield "CODIFICATION", where, None
        if of.object and of.object != one.id:
            yield "OBJET", where, None
    for i, number in enumerate(one.identifiers, 1):
        where = f"{place}{one.place}/ExternalIdentifier[{i}]"
        if number.scheme not in numbers:
            # Beside the ones that IHE asks for it is one too many, in the place of one of them it is wrong.
            complete = all(one.identifier(scheme) for scheme in numbers)
            yield "IDENTIFIANT_DE_TROP" if complete else "SCHEMA", where, _uuid(number.scheme)
        if number.object and number.object != one.id:
            yield "OBJET", where, None


def _uuid(scheme: str) -> str:
    return scheme if re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", scheme) else masking.shape(scheme) or "vide"


def entry_complete(pair: Pair, _: Setting) -> Faults:
    """What is mandatory is there, and once."""
    entry = pair.entry
    slots = [name for name in _REQUIRED_SLOTS if not entry.slot(name)]
    absent = [*slots, *_absent_codes(entry), *_absent_identifiers(entry, ebrim.ENTRY_IDENTIFIERS)]
    if not entry.title:
        absent.append("title")
    if not entry.attributes.get("mimeType"):
        absent.append("mimeType")
    authors = entry.of_scheme(ebrim.AUTHOR)
    if not _strangers(entry, {*ebrim.ENTRY_CODED.values(), ebrim.AUTHOR}) and not authors:
        absent.append("author")
    if any(not "".join(one.slots.get("authorPerson", ())) for one in authors):
        absent.append("authorPerson")
    found: list[Fault] = [("ABSENT", pair.at(name), name) for name in absent]
    found += [("DOUBLE", pair.at(name), name) for name in _repeated(entry)]
    if not entry.slots.get("sourcePatientInfo"):
        found.append(("TRAITS_ABSENTS", pair.at("sourcePatientInfo"), None))
    return found


def _absent_codes(entry: RegistryObject) -> list[str]:
    """A code under a wrong UUID is named by C12, not here."""
    if _strangers(entry, {*ebrim.ENTRY_CODED.values(), ebrim.AUTHOR}):
        return []
    return [name for name in _REQUIRED_CODES if not any(one.code for one in entry.of_scheme(ebrim.ENTRY_CODED[name]))]


def _absent_identifiers(one: RegistryObject, schemes: Mapping[str, str]) -> list[str]:
    if any(number.scheme not in schemes.values() for number in one.identifiers):
        return []
    return [name for name, scheme in schemes.items() if not one.identifier(scheme)]


def _strangers(one: RegistryObject, known: set[str]) -> bool:
    return any(of.scheme not in known and not of.node for of in one.classifications)


def _repeated(entry: RegistryObject) -> Iterator[str]:
    yield from (name[:40] if name in (*_REQUIRED_SLOTS, *_TIMES) else masking.shape(name) for name in entry.repeated)
    for name, scheme in ebrim.ENTRY_CODED.items():
        most = _CONFIDENTIALITIES if name == "confidentialityCode" else 1
        if name != "eventCodeList" and len(entry.of_scheme(scheme)) > most:
            yield name
    for name, scheme in ebrim.ENTRY_IDENTIFIERS.items():
        if sum(one.scheme == scheme for one in entry.identifiers) > 1:
            yield name


def entry_forms(pair: Pair, _: Setting) -> Faults:
    """What is there has its form: SHA-1 in hexadecimal, DTM without zone, CX, XCN."""
    entry = pair.entry
    wrong = [name for name, form in _FORMS.items() if entry.slot(name) and not form.fullmatch(entry.slot(name))]
    wrong += [name for name in _TIMES if entry.slot(name) and not _is_dtm(entry.slot(name))]
    patient, number = entry.identifier(ebrim.PATIENT_ID), entry.identifier(ebrim.UNIQUE_ID)
    if patient and not _CX.fullmatch(patient):
        wrong.append("patientId")
    if number and not re.fullmatch(rf"(?:{hl7v2.NUMBER})(?:\^.{{1,64}})?|[0-9a-fA-F-]{{36}}", number, re.ASCII):
        wrong.append("uniqueId")
    authors = [v for one in entry.of_scheme(ebrim.AUTHOR) for v in one.slots.get("authorPerson", ()) if v]
    if not all(map(hl7v2.XCN.fullmatch, authors)):
        wrong.append("authorPerson")
    own = pair.expected.mime_type if pair.expected else ""
    if own and entry.attributes.get("mimeType") and entry.attributes["mimeType"] != own:
        wrong.append("mimeType")
    if entry.attributes.get("objectType") != ebrim.STABLE:
        wrong.append("objectType")
    if not entry.id:
        wrong.append("entryUUID")
    return [("FORME", pair.at(name), _why(name, entry)) for name in wrong]


def _why(name: str, entry: RegistryObject) -> str:
    if name == "hash":
        return f"{len(entry.slot(name))} caractères au lieu de 40 en hexadécimal"
    return f"lu : {masking.shape(entry.slot(name))}" if name in (*_TIMES, "size", "languageCode") else name


def _is_dtm(text: str) -> bool:
    moment = parse_moment(text)
    return moment is not None and moment.offset is None and text.isdigit()


def one_set(whole: Whole, _: Setting) -> Faults:
    """There is one submission set, with what is mandatory, in its form."""
    sets = whole.registry.sets
    place = f"{whole.place}#RegistryPackage"
    if len(sets) != 1:
        return [("LOT_ABSENT" if not sets else "LOTS_PLUSIEURS", place, None)]
    one = sets[0]
    absent = _absent_identifiers(one, ebrim.SET_IDENTIFIERS)
    if not _strangers(one, {ebrim.SET_CONTENT, ebrim.SET_AUTHOR}):
        absent += [name for name, scheme in (("contentTypeCode", ebrim.SET_CONTENT), ("author", ebrim.SET_AUTHOR))
                   if not one.of_scheme(scheme)]  # fmt: skip
    time = one.slot("submissionTime")
    if not time:
        absent.append("submissionTime")
    wrong = ["submissionTime"] if time and not _is_dtm(time) else []
    for name, form in (("uniqueId", hl7v2.NUMBER), ("sourceId", hl7v2.NUMBER), ("patientId", _CX.pattern)):
        value = one.identifier(ebrim.SET_IDENTIFIERS[name])
        if value and not re.fullmatch(form, value, re.ASCII):
            wrong.append(name)
    at = f"{whole.place}#{one.place}/"
    return [*(("ABSENT", at + name, name) for name in absent), *(("FORME", at + name, name) for name in wrong)]


def entries_there(whole: Whole, _: Setting) -> Faults:
    """There is at least one entry, and each association starts and ends somewhere."""
    registry = whole.registry
    found: list[Fault] = [] if registry.entries else [("SANS_DOCUMENT", f"{whole.place}#RegistryObjectList", None)]
    known = {one.id for one in (*registry.entries, *registry.sets, *registry.folders)}
    for one in registry.associations:
        if one.kind == ebrim.HAS_MEMBER and one.target not in known:
            found.append(("MEMBRE_INCONNU", f"{whole.place}#{one.place}", None))
    return found


def confidentiality_codes(pair: Pair, _: Setting) -> Faults:
    """The codes of confidentiality and visibility are those of J08; R and V are not for sharing."""
    told = pair.coded("confidentialityCode")
    if not told:
        return None
    found: list[Fault] = []
    for one in told:
        system = HL7_CONFIDENTIALITY if one.code in ("N", "R", "V") else xds.VISIBILITY_SYSTEM
        if not pair.terminology.contains("J08", one.code) or (one.system and one.system != system):
            found.append(("INCONNU", pair.at("confidentialityCode"), hl7v2.plain(one.code)))
        elif one.code in ("R", "V"):
            found.append(("RESTREINT", pair.at("confidentialityCode"), one.code))
    return found


OF_ENTRY: Mapping[str, Rule[Pair]] = {
    "ESMS-XDS-12": schemes,
    "ESMS-XDS-13": entry_complete,
    "ESMS-XDS-14": entry_forms,
    "ESMS-DMP-03": confidentiality_codes,
}
OF_SET: Mapping[str, Rule[Whole]] = {
    "ESMS-XDS-10": entries_there,
    "ESMS-XDS-12": set_schemes,
    "ESMS-XDS-15": one_set,
}
