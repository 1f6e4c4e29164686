"""The metadata of a document compared with its CDA: what METADATA.XML says against what the mapper works out.

One rule a correspondence (C1 to C11).  What is absent is named once, by the rule of mandatory metadata
(``xds_formes``); here two values that are both there differ.  Each difference gives both, masked where they tell of a
person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from esms_sdk import masking
from esms_sdk.checks import xds_personnes
from esms_sdk.checks.documents import Faults, Rule, Setting
from esms_sdk.documents import ebrim, hl7v2, xds
from esms_sdk.documents.cda import Cda
from esms_sdk.documents.ebrim import Association, Registry, RegistryObject
from esms_sdk.documents.moment import Moment, dtm_utc, parse_moment
from esms_sdk.documents.terminology import LEVEL_ONE, OUT_OF_PROFILE, Concept, Terminology
from esms_sdk.documents.xds import DocumentEntry
from esms_sdk.documents.xds_people import patient_id
from esms_sdk.identifiers import ins

HL7_CONFIDENTIALITY = "2.16.840.1.113883.5.25"
Fault = tuple[str, str, str | None]


@dataclass(frozen=True)
class Pair:
    """One document entry with its submission, and what its URI leads to; ``place`` is the path of the METADATA.XML."""

    place: str
    registry: Registry
    entry: RegistryObject
    terminology: Terminology
    data: bytes | None = None
    cda: Cda | None = None
    uri_shared: bool = False

    def at(self, attribute: str) -> str:
        """Return the path of an attribute of the entry."""
        return f"{self.place}#{self.entry.place}/{attribute}"

    @cached_property
    def expected(self) -> DocumentEntry | None:
        """What the CDA gives; None where there is no CDA."""
        return xds.document_entry(self.cda, self.terminology) if self.cda else None

    @cached_property
    def set(self) -> RegistryObject | None:
        """The submission set, where there is exactly one."""
        return self.registry.sets[0] if len(self.registry.sets) == 1 else None

    @cached_property
    def membership(self) -> list[Association]:
        """The associations that make the entry a member."""
        return [
            one for one in self.registry.associations if one.kind == ebrim.HAS_MEMBER and one.target == self.entry.id
        ]

    def coded(self, attribute: str) -> list[Concept]:
        """Return the codes of an attribute."""
        of = self.entry.of_scheme(ebrim.ENTRY_CODED[attribute])
        return [Concept(one.code, one.system, one.label) for one in of]


def hash_and_size(pair: Pair, _: Setting) -> Faults:
    """C1: the hash and the size are those of the file."""
    if pair.data is None:
        return None
    entry = pair.entry
    actual = pair.expected.hash if pair.expected else xds.sha1(pair.data)
    told, size = entry.slot("hash").lower(), entry.slot("size")
    found: list[Fault] = []
    if len(told) == len(actual) and told != actual:
        found.append(("EMPREINTE", pair.at("hash"), _both(f"{told[:8]}…", f"{actual[:8]}…")))
    if size.isascii() and size.isdigit() and size.lstrip("0") != (str(len(pair.data)).lstrip("0")):
        found.append(("TAILLE", pair.at("size"), _both(hl7v2.plain(size), str(len(pair.data)))))
    return found


def unique_id(pair: Pair, _: Setting) -> Faults:
    """C2: the uniqueId is the id of the CDA."""
    if pair.expected is None:
        return None
    told = pair.entry.identifier(ebrim.UNIQUE_ID)
    if not told or not pair.expected.unique_id or told == pair.expected.unique_id:
        return ()
    return [("DIFFERENT", pair.at("uniqueId"), _both(hl7v2.numbered(told), hl7v2.numbered(pair.expected.unique_id)))]


def type_code(pair: Pair, _: Setting) -> Faults:
    """C3: the type is the code of the CDA, with its system."""
    if pair.expected is None:
        return None
    return _code_differs(pair, "typeCode", "TYPE", pair.expected.type_code)


def class_code(pair: Pair, _: Setting) -> Faults:
    """C4: the class is that of the type (ASS_X04)."""
    if pair.expected is None or pair.expected.type_code is None:
        return None
    if pair.expected.class_code is None:
        version = pair.terminology.version("ASS_X04")
        precision = f"type {hl7v2.plain(pair.expected.type_code.code)}, table ASS_X04 du {version}"
        return [("TYPE_SANS_CLASSE", pair.at("classCode"), precision)]
    return _code_differs(pair, "classCode", "CLASSE", pair.expected.class_code)


def format_code(pair: Pair, _: Setting) -> Faults:
    """C5: the format is that of the model (ASS_A11), or of the media type of a body that is not XML (ASS_A12)."""
    if pair.expected is None or pair.cda is None:
        return None
    told = pair.coded("formatCode")
    admitted = _formats(pair)
    if not told or any((one.code, one.system) in admitted for one in told):
        return ()
    if pair.expected.format_code == OUT_OF_PROFILE:
        version = pair.terminology.version("ASS_A11")
        return [("MODELE_INCONNU", pair.at("formatCode"), f"{_code(told[0])}, table ASS_A11 du {version}")]
    return [("FORMAT", pair.at("formatCode"), _both(_code(told[0]), _code(pair.expected.format_code)))]


def _formats(pair: Pair) -> set[tuple[str, str]]:
    assert pair.expected is not None and pair.cda is not None
    models = pair.terminology.associations["ASS_A11"].pairs
    expected = pair.expected.format_code
    found = {(expected.code, expected.system)} if expected else set()
    for template in pair.cda.template_ids:
        if template.root != LEVEL_ONE:
            found |= {(one.code, one.system) for one in models.get(template.root, ())}
    return found


def header_values(pair: Pair, _: Setting) -> Faults:
    """C6: place, sector, confidentiality, language and title are those of the CDA, and no act is another's."""
    expected = pair.expected
    if expected is None:
        return None
    found = [
        *_code_differs(pair, "healthcareFacilityTypeCode", "LIEU", expected.facility),
        *_code_differs(pair, "practiceSettingCode", "CADRE", expected.practice),
        *_confidentiality(pair, expected),
    ]
    language = pair.entry.slot("languageCode")
    if language and expected.language and language != expected.language:
        found.append(("LANGUE", pair.at("languageCode"), _both(hl7v2.plain(language), hl7v2.plain(expected.language))))
    title, own = " ".join(pair.entry.title.split()), " ".join(expected.title.split())
    if title and own and title != own:
        found.append(("TITRE", pair.at("title"), _both(masking.shape(title), masking.shape(own))))
    acts = {(one.code, one.system) for one in expected.events}
    others = [one for one in pair.coded("eventCodeList") if acts and (one.code, one.system) not in acts]
    return found + [("ACTE", pair.at("eventCodeList"), _code(one)) for one in others]


def _confidentiality(pair: Pair, expected: DocumentEntry) -> Iterator[Fault]:
    """The codes of HL7 alone: flags of visibility stand in no header."""
    told = {one.code for one in pair.coded("confidentialityCode") if one.system == HL7_CONFIDENTIALITY}
    own = {one.code for one in expected.confidentiality}
    if told and own and told != own:
        both = _both(_listed(told), _listed(own))
        yield "CONFIDENTIALITE", pair.at("confidentialityCode"), both


def patient(pair: Pair, _: Setting) -> Faults:
    """C7: patientId, numbers and traits are the CDA's; the submission's is the same, test not mixed with real."""
    told = pair.entry.identifier(ebrim.PATIENT_ID)
    if not told:
        return None
    found: list[Fault] = []
    if pair.cda is not None:
        own = patient_id(pair.cda)
        if own and _number(told) != _number(own):
            found.append(("PATIENT", pair.at("patientId"), _both(hl7v2.hidden(told), hl7v2.hidden(own))))
        source = pair.entry.slot("sourcePatientId")
        if source and not xds_personnes.is_patient_of(source, pair.cda):
            found.append(("SOURCE", pair.at("sourcePatientId"), hl7v2.hidden(source)))
        differing = xds_personnes.differing_traits(pair.entry.slots.get("sourcePatientInfo", ()), pair.cda)
        found += [("TRAITS", pair.at("sourcePatientInfo"), field) for field in differing]
    of_set = pair.set.identifier(ebrim.SET_PATIENT_ID) if pair.set else ""
    if of_set and _number(of_set) != _number(told):
        found.append(("LOT", pair.at("patientId"), _both(hl7v2.hidden(told), hl7v2.hidden(of_set))))
    modes = {ins.OIDS[root].mode for root in _roots(pair, told) if root in ins.OIDS}
    if len(modes) > 1:
        found.append(("MELANGE", pair.at("patientId"), None))
    return found


def _roots(pair: Pair, told: str) -> list[str]:
    ids = pair.cda.patient.ids if pair.cda and pair.cda.patient else ()
    values = [told, pair.entry.slot("sourcePatientId")]
    return [one.root for one in ids] + [_number(value)[1] for value in values]


def _number(value: str) -> tuple[str, str, str]:
    """Return number, authority and type of a CX."""
    parts = hl7v2.components(value, 5)
    return parts[0], hl7v2.root_of(parts[3]), parts[4]


def times(pair: Pair, _: Setting) -> Faults:
    """C8: creation, start and stop are the instants of the CDA, in UTC; a day stays a day."""
    cda = pair.cda
    if cda is None:
        return None
    main = cda.service_events[0].time if cda.service_events else None
    start, stop = (main.low or main.value, main.high) if main else ("", "")
    found = [
        *_time_differs(pair, "creationTime", "CREATION", cda.effective_time),
        *_time_differs(pair, "serviceStartTime", "DEBUT", start),
        *_time_differs(pair, "serviceStopTime", "FIN", stop),
    ]
    told = pair.entry.slot("serviceStopTime")
    if bool(told) != bool(stop) and (told or parse_moment(stop)):
        shown = told if parse_moment(told) else hl7v2.plain(told)
        own = f"{dtm_utc(stop)} (UTC)" if stop else "absent"
        found.append(("FIN", pair.at("serviceStopTime"), _both(shown or "absent", own)))
    return found


def _time_differs(pair: Pair, attribute: str, code: str, written: str) -> Iterator[Fault]:
    told, own = parse_moment(pair.entry.slot(attribute)), parse_moment(written)
    # A time without a zone is no instant: it is named by the rules of the CDA.
    if told is None or own is None or told.offset is not None or (own.timed and own.offset is None):
        return
    if _instant(told) != _instant(own) or told.timed != own.timed:
        yield code, pair.at(attribute), _both(pair.entry.slot(attribute), f"{dtm_utc(written)} (UTC)")


def _instant(moment: Moment) -> datetime:
    """Return an instant, a moment without a zone read as UTC; a missing unit counts as the least."""
    if moment.instant:
        return moment.instant
    year, month, day, hour, minute, second = moment.earliest
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def people(pair: Pair, _: Setting) -> Faults:
    """C9: the authors, their structures and professions, and who answers for the document are those of the CDA."""
    expected = pair.expected
    if expected is None:
        return None
    authors = pair.entry.of_scheme(ebrim.AUTHOR)
    told = [one.slots.get("authorPerson", ()) for one in authors]
    legal = pair.entry.slots.get("legalAuthenticator", ())
    found: list[Fault] = []
    if any(len(values) > 1 for values in (*told, legal)):
        found.append(("PLUSIEURS", pair.at("author"), None))
    persons = [value for values in told for value in values]
    own = [one.person for one in expected.authors if one.person]
    if persons and own and Counter(map(_identity, persons)) != Counter(map(_identity, own)):
        found.append(("AUTEUR", pair.at("authorPerson"), _both(hl7v2.all_hidden(persons), hl7v2.all_hidden(own))))
    answers = expected.legal_authenticator
    if legal and answers and _identity(legal[0]) != _identity(answers):
        both = _both(hl7v2.hidden(legal[0]), hl7v2.hidden(answers))
        found.append(("RESPONSABLE", pair.at("legalAuthenticator"), both))
    for one in xds_personnes.other_institutions(authors, expected):
        found.append(("STRUCTURE", pair.at("authorInstitution"), hl7v2.hidden(one)))
    for one in xds_personnes.other_specialties(authors, expected):
        found.append(("SPECIALITE", pair.at("authorSpecialty"), hl7v2.plain(one.partition("^")[0])))
    return [*found, *_internal(pair, [*persons, *legal])]


def _internal(pair: Pair, persons: Iterable[str]) -> Iterator[Fault]:
    """A number that the structure gives itself is of type IDNPS in one text, EI in others: both are read."""
    if any(hl7v2.components(one, 13)[12] == hl7v2.INTERNAL_TYPE for one in persons):
        yield "TYPE_EI", pair.at("authorPerson"), None


def _identity(person: str) -> tuple[str, str]:
    parts = hl7v2.components(person, 9)
    return parts[0], hl7v2.root_of(parts[8])


def membership(pair: Pair, _: Setting) -> Faults:
    """C10: the entry is a member of the submission once, and its URI leads to one file."""
    found: list[Fault] = []
    links = pair.membership
    if not links:
        found.append(("MEMBRE_ABSENT", pair.at("HasMember"), None))
    elif len(links) > 1:
        found.append(("MEMBRE_DOUBLE", pair.at("HasMember"), f"{len(links)} associations"))
    if any(pair.set and one.source != pair.set.id for one in links):
        found.append(("MEMBRE_AILLEURS", pair.at("HasMember"), None))
    if any(one.status != "Original" for one in links):
        found.append(("STATUT", pair.at("HasMember"), None))
    if pair.entry.slot("URI") and pair.data is None:
        found.append(("FICHIER_ABSENT", pair.at("URI"), None))
    if pair.uri_shared:
        found.append(("FICHIER_PARTAGE", pair.at("URI"), None))
    return found


def replacement(pair: Pair, _: Setting) -> Faults:
    """C11: what replaces a document says so in the CDA and in the metadata."""
    if pair.cda is None:
        return None
    action = pair.entry.slot(ebrim.ACTION)
    replaces = any(one.kind == ebrim.RPLC and one.source == pair.entry.id for one in pair.registry.associations)
    found: list[Fault] = []
    if action not in ("", "C", "D"):
        found.append(("ACTION_INCONNUE", pair.at(ebrim.ACTION), masking.shape(action)))
    if not action and (replaces or xds.is_replacement(pair.cda)):
        found.append(("ACTION_ABSENTE", pair.at(ebrim.ACTION), None))
    if action == "C" and not replaces and not xds.is_replacement(pair.cda):
        found.append(("ACTION_SANS_MOTIF", pair.at(ebrim.ACTION), None))
    if not pair.cda.replaces and replaces:
        found.append(("RPLC_SANS_DOCUMENT", pair.at("RPLC"), None))
    return found


def _code_differs(pair: Pair, attribute: str, code: str, expected: Concept | None) -> list[Fault]:
    told = pair.coded(attribute)
    if not told or expected is None or (told[0].code, told[0].system or expected.system) == expected[:2]:
        return []
    return [(code, pair.at(attribute), _both(_code(told[0]), _code(expected)))]


def _code(concept: Concept | None) -> str:
    if concept is None:
        return "aucun"
    return f"{hl7v2.plain(concept.code)} ({hl7v2.plain(concept.system)})"


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(hl7v2.plain(one) for one in codes))


def _both(told: str, expected: str) -> str:
    # What is masked of the two may be all that tells them apart.
    return f"{told} au lieu de {expected}" if told != expected else f"{told}, de même fin mais autre"


RULES: Mapping[str, Rule[Pair]] = {
    "ESMS-XDS-01": hash_and_size,
    "ESMS-XDS-02": unique_id,
    "ESMS-XDS-03": type_code,
    "ESMS-XDS-04": class_code,
    "ESMS-XDS-05": format_code,
    "ESMS-XDS-06": header_values,
    "ESMS-XDS-07": patient,
    "ESMS-XDS-08": times,
    "ESMS-XDS-09": people,
    "ESMS-XDS-10": membership,
    "ESMS-XDS-11": replacement,
}
