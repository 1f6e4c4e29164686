"""What our own requirements ask of a CDA header beyond the official schematron: functions over one document.

Each gives faults as (code, element, precision); no precision holds a personal datum.  In test mode, and for identities
of test, a wrong key is a warning: the official examples have some.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from esms_sdk.documents.cda import HL7, Cda
from esms_sdk.documents.moment import Moment, parse_moment
from esms_sdk.identifiers import finess, ins, nir, rpps
from esms_sdk.xml import Element

_NS = f"{{{HL7}}}"
PERSONNES = "1.2.250.1.71.4.2.1"
STRUCTURES = "1.2.250.1.71.4.2.2"
# The order of the CDA R2 schema; the official schematron looks at none.
ORDRE = (
    "realmCode", "typeId", "templateId", "id", "code", "title", "effectiveTime", "confidentialityCode", "languageCode",
    "setId", "versionNumber", "copyTime", "recordTarget", "author", "dataEnterer", "informant", "custodian",
    "informationRecipient", "legalAuthenticator", "authenticator", "participant", "inFulfillmentOf", "documentationOf",
    "relatedDocument", "authorization", "componentOf", "component",
)  # fmt: skip
_RECIPIENT, _INTENDED = f"{_NS}informationRecipient", f"{_NS}intendedRecipient"
_ID, _NAME, _TIME, _EFFECTIVE = f"{_NS}id", f"{_NS}name", f"{_NS}time", f"{_NS}effectiveTime"
_AUTHOR, _LEGAL, _DOCUMENTATION = f"{_NS}author", f"{_NS}legalAuthenticator", f"{_NS}documentationOf"
_EVENT, _LOW, _HIGH, _COMPONENT = f"{_NS}serviceEvent", f"{_NS}low", f"{_NS}high", f"{_NS}component"
_BIRTH, _COUNTY = f"{_NS}birthTime", f"{_NS}birthplace/{_NS}place/{_NS}addr/{_NS}county"
_RANK = {f"{_NS}{name}": rank for rank, name in enumerate(ORDRE)}
# More characters than any number has.
_LONG = 64
_CAPITALS = re.compile(r"[A-Z][A-Z' -]*")
_COG = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_SHORT_ZONE = re.compile(r"[+-]\d{1,3}$")
_FORM = re.compile(r"\d{15}|\d{5}2[AB]\d{8}", re.ASCII)

Fault = tuple[str, Element, str | None]
Faults = Iterator[Fault]


# What the schema asks of each, and without which the official schematron does not look at it.
_HELD: Mapping[str, tuple[str, ...]] = {
    _NS + name: tuple(_NS + one for one in asked)
    for name, *asked in (
        ("author", "assignedAuthor"), ("dataEnterer", "assignedEntity"),
        ("legalAuthenticator", "signatureCode", "assignedEntity"),
        ("authenticator", "assignedEntity"), ("participant", "associatedEntity"), ("inFulfillmentOf", "order"),
        ("documentationOf", "serviceEvent"), ("relatedDocument", "parentDocument"), ("authorization", "consent"),
        ("componentOf", "encompassingEncounter"), ("component", "nonXMLBody", "structuredBody"),
    )
}  # fmt: skip
_PARTICIPANT = f"{_NS}participant"
_DATA_ENTERER, _AUTHENTICATOR, _SIGNATURE = f"{_NS}dataEnterer", f"{_NS}authenticator", f"{_NS}signatureCode"


def _hollow(one: Element, asked: tuple[str, ...]) -> bool:
    for inside in one:
        if inside.tag in asked:
            if one.tag == _DATA_ENTERER:
                return inside.find(_ID) is None
            return one.tag == _PARTICIPANT and not (one.get("typeCode") and inside.get("classCode"))
    return True


def elements_in_order(cda: Cda, _: str) -> Faults:
    """The elements of the header are known and in the order of the schema, a recipient is there where one is told."""
    highest = -1
    for one in cda.children:
        tag = one.tag
        rank = _RANK.get(tag)
        if tag == _RECIPIENT and one.find(_INTENDED) is None:
            yield "DESTINATAIRE", one, None
        if rank is None:
            # An extension of another name space is allowed by the schema of the CI-SIS.
            if str(tag).startswith(_NS):
                yield "INCONNU", one, None
        elif rank < highest:
            yield "ORDRE", one, None
        else:
            highest = rank
        if tag in _HELD and (_hollow(one, _HELD[tag]) or (tag == _AUTHENTICATOR and one.find(_SIGNATURE) is None)):
            yield "VIDE", one, None


def ins_of(cda: Cda) -> Iterator[tuple[Element, str, str]]:
    """Yield the identifiers of the patient that are an INS, with root and matricule."""
    for role in cda.roles:
        for one in role.iterchildren(_ID):
            if ins.is_known_oid(one.get("root", "")):
                yield one, one.get("root"), one.get("extension", "")


def matricule(cda: Cda, mode: str) -> Faults:
    """The INS has the form and the key of a matricule, and a root of the mode."""
    found = list(ins_of(cda))
    for one, root, number in found:
        test = ins.is_test_oid(root)
        soft = "_TEST" if test or mode == "test" else ""
        if not _FORM.fullmatch(number):
            yield "FORME" + soft, one, f"{len(number)} caractères"
        elif number[13:] != nir.key(number[:13]):
            yield "CLE" + soft, one, None
        if test and mode != "test":
            yield "RACINE_DE_TEST", one, root
        elif not test and mode == "test":
            yield "RACINE_REELLE", one, root
    if len({number for _, _, number in found}) > 1:
        yield "PLUSIEURS", found[-1][0], None


def traits_of_matricule(cda: Cda, _: str) -> Faults:
    """Sex, month and place of birth of the matricule are those of the traits, where it tells them."""
    found = [(one, number) for one, _root, number in ins_of(cda) if _FORM.fullmatch(number)]
    if not found or not cda.persons:
        return
    patient = cda.persons[0]
    gender, birth = patient.find(f"{_NS}administrativeGenderCode"), patient.find(f"{_NS}birthTime")
    told, born = ("" if one is None else one.get(name, "") for one, name in ((gender, "code"), (birth, "value")))
    county = patient.find(_COUNTY)
    place = "" if county is None else "".join(county.itertext()).strip()
    for one, number in found:
        sex = {"1": "M", "2": "F"}.get(number[0])
        if sex and told in ("M", "F") and told != sex:
            yield "SEXE", one, None
        if len(born) >= 6 and "01" <= number[3:5] <= "12" and born[2:6] != number[1:5]:
            yield "NAISSANCE", one, None
        # Before 1976 all of Corsica was 20; overseas the COG has three digits; Algeria was 91 to 94.
        if _COG.fullmatch(place) and _department(number) != _department("00000" + place) and "20" not in (
            number[5:7], place[:2]
        ) and not number[5:7].startswith("9"):  # fmt: skip
            yield "LIEU", one, None


def _department(number: str) -> str:
    return number[5:7]


def written_traits(cda: Cda, _: str) -> Faults:
    """The traits are written as INSi gives them: capitals without accents, a COG code, a date before the document."""
    for patient in cda.persons:
        for name in patient.iterchildren(_NAME):
            for part in name:
                if part.get("qualifier", "") in ("BR", "") and not _CAPITALS.fullmatch((part.text or "").strip()):
                    yield "CAPITALES", part, None
    place = _first(cda.persons, _COUNTY)
    if place is not None and not _COG.fullmatch((place.text or "").strip()):
        yield "COG", place, None
    birth = _first(cda.persons, _BIRTH)
    born, made = parse_moment("" if birth is None else birth.get("value", "")), parse_moment(cda.effective_time)
    if born and made and born.day > made.day:
        yield "NAISSANCE_FUTURE", birth, None


def _first(persons: Iterable[Element], path: str) -> Element | None:
    return next((one for person in persons if (one := person.find(path)) is not None), None)


def _told(cda: Cda) -> Iterator[Element]:
    """Yield the dates that the metadata give in UTC, in the order of the document."""
    for one in cda.children:
        tag = one.tag
        if tag == _EFFECTIVE:
            yield one
        elif tag in (_AUTHOR, _LEGAL):
            yield from one.iterchildren(_TIME)
        elif tag == _DOCUMENTATION:
            for time in _acts(one):
                yield from time.iterchildren(_LOW, _HIGH)


def _acts(documentation: Element) -> Iterator[Element]:
    for act in documentation.iterchildren(_EVENT):
        yield from act.iterchildren(_EFFECTIVE)


def told_zone(cda: Cda, _: str) -> Faults:
    """The dates that the metadata give in UTC tell their zone, that of the document its hour too."""
    for one in _told(cda):
        moment = _moment(one)
        if moment is not None and moment.timed:
            if moment.offset is None:
                yield "FUSEAU", one, None
        elif moment is None and parse_moment(_SHORT_ZONE.sub("", one.get("value", ""))):
            yield "FUSEAU_MAL_ECRIT", one, None
        elif one.get("value") and one.getparent() is cda.tree:
            yield "HEURE", one, None
    for one in cda.children:
        for time in _acts(one) if one.tag == _DOCUMENTATION else ():
            low, high = (_moment(time.find(bound)) for bound in (_LOW, _HIGH))
            if low and high and high.earliest < low.earliest and high.day < low.day:
                yield "ACTE_INVERSE", time, None


def _moment(one: Element | None) -> Moment | None:
    return None if one is None else parse_moment(one.get("value", ""))


def national_keys(cda: Cda, _: str) -> Faults:
    """RPPS and FINESS numbers of the header have the right key; their first digit says which they are."""
    for part in cda.children:
        # The body; within a participation a component is a stray element like another.
        for one in part.iter(_ID) if part.tag != _COMPONENT else ():
            root = one.get("root")
            if root in (PERSONNES, STRUCTURES) and (wrong := _wrong_number(root, one.get("extension", "")[:_LONG])):
                yield wrong[0], one, wrong[1]


@lru_cache(maxsize=4096)
def _wrong_number(root: str, number: str) -> tuple[str, str | None] | None:
    """Return the fault of a number, the same ones stand all over a header."""
    if not number:
        return None
    first = number[0]
    if root == PERSONNES:
        if first == "8" and not rpps.is_valid(number[1:]):
            return "RPPS", None
        if first == "3" and not finess.is_valid(number[1:].partition("/")[0]):
            return "FINESS", None
    elif first == "1" and not finess.is_valid(number[1:]):
        return "FINESS", None
    if first not in ("0134568" if root == PERSONNES else "01234"):
        return "PREFIXE", f"premier chiffre {first}" if first.isdigit() else None
    return None


def first_version(cda: Cda, _: str) -> Faults:
    """Versions are counted from one, and a later one says what it replaces."""
    one = cda.tree.find(f"{_NS}versionNumber")
    number = cda.version
    if one is not None and number.lstrip("+-").isascii() and number.lstrip("+-").isdigit():
        if int(number[:9]) < 1:
            yield "ZERO", one, None
        elif int(number[:9]) > 1 and not cda.replaces:
            yield "SANS_REMPLACE", one, f"version {number[:9]}"


COMPLEMENTS: Mapping[str, Callable[[Cda, str], Faults]] = {
    "ESMS-CDA-18": elements_in_order,
    "ESMS-CDA-20": matricule,
    "ESMS-CDA-21": traits_of_matricule,
    "ESMS-CDA-22": told_zone,
    "ESMS-CDA-23": national_keys,
    "ESMS-CDA-24": written_traits,
    "ESMS-CDA-28": first_version,
}
