"""The rules of a FHIR Patient, a function each: its faults as (code, path, precision), None where it has no say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from unicodedata import combining, normalize

from esms_sdk import fhir
from esms_sdk.checks.documents import Setting, Undecided
from esms_sdk.checks.fhir_identity import (
    IPP,
    KNOWN_OIDS,
    NSS,
    RNIV,
    TYPES,
    Fault,
    Patient,
    Rules,
    birth_place,
    first_names,
    listed_names,
)
from esms_sdk.identifiers import ins, nir

_USES = {"identifier": ("usual", "official", "temp", "secondary", "old"),
         "name": ("usual", "official", "temp", "nickname", "anonymous", "old", "maiden")}  # fmt: skip
_GENDERS = ("male", "female", "other", "unknown")
_COG = re.compile("(?:[0-9]{2}|2[AB])[0-9]{3}")
_KEYED = re.compile("[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{8}")
_FULL_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LISTS = ("v2-0445", "identity-status")

PatientRule = Callable[[Patient, Setting], "list[Fault] | None"]
_RULES: dict[str, PatientRule] = {}
RULES: Rules = _RULES


def rule(id: str) -> Callable[[PatientRule], PatientRule]:
    """Register the rule of one requirement."""

    def register(function: PatientRule) -> PatientRule:
        _RULES[id] = function
        return function

    return register


@rule("ESMS-INS-40")
def structure(patient: Patient, setting: Setting) -> list[Fault] | None:
    """What R4 says of elements, types and cardinalities, and the bound codes, which the engine does not look at."""
    try:
        faults = fhir.patient_faults(patient.json, patient.path)
    except fhir.EngineAbsent:
        raise Undecided("le moteur FHIR n'est pas installé (pip install esms-sdk[fhir])") from None
    found: list[Fault] = [("STRUCTURE", one.path, one.nature) for one in faults]
    gender = patient.json.get("gender")
    if isinstance(gender, str) and gender not in _GENDERS:
        found.append(("CODE", f"{patient.path}.gender", None))
    for element, uses in _USES.items():
        rows = patient.json.get(element)
        for i, one in enumerate(rows if isinstance(rows, list) else ()):
            use = one.get("use") if isinstance(one, dict) else None
            if isinstance(use, str) and use not in uses:
                found.append(("CODE", f"{patient.path}.{element}[{i}].use", None))
    return found


@rule("ESMS-INS-41")
def matricule_and_status(patient: Patient, setting: Setting) -> list[Fault] | None:
    """fr-core-1 and the rule behind it: a matricule goes with a qualified identity, and only with one."""
    place = patient.reliability[0]
    system, code = patient.status
    known = any(name in system for name in _LISTS)
    if not patient.ins and code is None:
        return None
    if patient.ins and code is None:
        return [("STATUT_MANQUANT", place, None)]
    found: list[Fault] = [] if known else [("SYSTEME_INCONNU", place, None)]
    if patient.ins and patient.rniv != "QUAL":
        found += [("INS_INTERDIT", one.path, code if code in RNIV else None) for one in patient.ins]
    elif not patient.ins and patient.rniv == "QUAL":
        found.append(("INS_MANQUANT", place, code))
    elif not patient.ins and "v2-0445" in system and code == "VALI":
        found.append(("VALI_AMBIGU", place, None))
    return found


@rule("ESMS-INS-42")
def identifier_slices(patient: Patient, setting: Setting) -> list[Fault] | None:
    """Type, system and use of an identifier belong together; fr-core-2 wants one official identifier."""
    looked = [one for one in patient.identifiers if one.nature or one.oid in KNOWN_OIDS or IPP in one.kinds]
    if not looked:
        return None
    found: list[Fault] = []
    for one in looked:
        if one.nature is None:
            if one.oid in KNOWN_OIDS and NSS not in one.kinds:
                found.append(("TYPE_ET_OID", one.path, None))
            elif IPP in one.kinds and one.use != "usual":
                found.append(("USAGE_IPP", one.path, None))
        elif not one.kinds:
            found.append(("SANS_TYPE", one.path, one.nature))
        elif TYPES[one.nature] != one.oid:
            found.append(("TYPE_ET_OID", one.path, one.nature))
        elif one.nature == "INS-NIA" and one.use == "official":
            found.append(("USAGE_NIA", one.path, None))
        elif one.use not in (("temp", "old") if one.nature == "INS-NIA" else ("official", "old")):
            found.append(("USAGE", one.path, one.nature))
    if Counter(one.use for one in patient.identifiers)["official"] > 1:
        found.append(("OFFICIELS", f"{patient.path}.identifier", None))
    return found


@rule("ESMS-INS-43")
def matricule_form(patient: Patient, setting: Setting) -> list[Fault] | None:
    """A matricule in force has its fifteen characters and the right key."""
    if not patient.ins:
        return None
    found: list[Fault] = []
    for one in patient.ins:
        value = one.value or ""
        if not nir.is_valid(value):
            keyed = _KEYED.fullmatch(value) and nir.is_valid(value[:13] + nir.key(value[:13]))
            found.append(("CLE" if keyed else "FORME", f"{one.path}.value", None))
    return found


@rule("ESMS-INS-44")
def oid_of_the_mode(patient: Patient, setting: Setting) -> list[Fault] | None:
    """A matricule of test has no place in production, nor a real one in test."""
    judged = [one for one in patient.ins if one.oid in KNOWN_OIDS]
    if not judged:
        return None
    wrong = [one for one in judged if ins.is_test_oid(one.oid) != (setting.mode == "test")]
    return [("OID_AUTRE_MODE", f"{one.path}.system", one.nature) for one in wrong]


@rule("ESMS-INS-45")
def strict_traits(patient: Patient, setting: Setting) -> list[Fault] | None:
    """A qualified Patient has one birth name with one given name and their list, sex, full date and place of birth."""
    if not (patient.qualified or patient.says_ins):
        return None
    found = _birth_name(patient)
    if patient.json.get("gender") not in ("male", "female"):
        found.append(("SEXE", f"{patient.path}.gender", None))
    birth = patient.json.get("birthDate")
    if birth is None:
        found.append(("TRAIT_MANQUANT", f"{patient.path}.birthDate", "date de naissance"))
    elif not _FULL_DATE.fullmatch(str(birth)):
        found.append(("DATE", f"{patient.path}.birthDate", None))
    place, cog = birth_place(patient)
    if cog is None:
        found.append(("TRAIT_MANQUANT", place, "lieu de naissance"))
    elif not _COG.fullmatch(cog):
        found.append(("LIEU", place, None))
    return found


def _birth_name(patient: Patient) -> list[Fault]:
    if len(patient.birth_names) != 1:
        code = "PLUSIEURS_NOMS" if patient.birth_names else "TRAIT_MANQUANT"
        return [(code, f"{patient.path}.name", None if patient.birth_names else "nom de naissance")]
    [(path, name)] = patient.birth_names
    found: list[Fault] = []
    if not name.get("family"):
        found.append(("TRAIT_MANQUANT", f"{path}.family", "nom de naissance"))
    given = first_names(name)
    if len(given) != 1:
        code = "PLUSIEURS_PRENOMS" if given else "TRAIT_MANQUANT"
        found.append((code, f"{path}.given", None if given else "premier prénom"))
    if listed_names(name) is None:
        found.append(("TRAIT_MANQUANT", path, "liste des prénoms de naissance"))
    return found


@rule("ESMS-INS-46")
def first_given_name(patient: Patient, setting: Setting) -> list[Fault] | None:
    """The given name is the head of the list of birth given names."""
    pairs = [(path, first_names(name), listed_names(name)) for path, name in patient.birth_names]
    judged = [(path, plain(given[0]), plain(listed)) for path, given, listed in pairs if given and listed]
    if not judged:
        return None
    return [
        ("PREMIER_PRENOM", f"{path}.given[0]", None)
        for path, first, listed in judged
        if listed != first and not listed.startswith(f"{first} ")
    ]


@rule("ESMS-INS-47")
def characters(patient: Patient, setting: Setting) -> list[Fault] | None:
    """The birth names are in the alphabet of the strict traits."""
    if not patient.birth_names:
        return None
    found: list[Fault] = []
    for path, name in patient.birth_names:
        family, listed = name.get("family"), listed_names(name)
        texts = [(f"{path}.family", family, False)] if isinstance(family, str) else []
        texts += [(f"{path}.given[{i}]", one, True) for i, one in enumerate(first_names(name))]
        texts += [(f"{path}.extension", listed, True)] if listed else []
        found += [("CARACTERES", where, None) for where, value, given in texts if not well_written(value, given=given)]
    return found


@rule("ESMS-INS-48")
def comments_and_status(patient: Patient, setting: Setting) -> list[Fault] | None:
    """fr-core-comment-requires-prov: doubtful and fictive only with a provisional identity, fictive alone."""
    if not patient.comments:
        return None
    place, found = patient.reliability[0], list[Fault]()
    if patient.comments & {"DOUT", "FICT"} and patient.rniv in ("VALI", "RECUP", "QUAL"):
        found.append(("STATUT", place, patient.rniv))
    if "FICT" in patient.comments and len(patient.comments) > 1:
        found.append(("FICTIF_ACCOMPAGNE", place, None))
    return found


@rule("ESMS-INS-49")
def local_ids_without_nir(patient: Patient, setting: Setting) -> list[Fault] | None:
    """A local identifier goes where a matricule may not: it does not contain it."""
    numbers = {one.value[:13] for one in patient.identifiers if (one.nature or one.oid in KNOWN_OIDS) and one.value}
    numbers = {one for one in numbers if len(one) == 13}
    if not numbers:
        return None
    local = [(f"{patient.path}.id", str(patient.json.get("id") or ""))]
    local += [(f"{one.path}.value", one.value or "") for one in patient.identifiers if IPP in one.kinds]
    return [("NIR_DANS_IDENTIFIANT", path, None) for path, value in local if any(n in value for n in numbers)]


def plain(value: str) -> str:
    """Return a name in capitals without diacritics.

    >>> plain("Zoé"), plain("Anne-Marie")
    ('ZOE', 'ANNE-MARIE')
    """
    return "".join(c for c in normalize("NFD", value) if not combining(c)).upper()


def well_written(value: str, *, given: bool) -> bool:
    """Tell whether a birth name, or given name, has the characters of the strict traits, rightly placed.

    >>> well_written("D'ESSAI--VAL", given=False), well_written("ANNA-", given=True), well_written("Anna", given=True)
    (True, False, False)
    """
    misplaced = "^[ -]|  |''|---" + ("|--|[-'] *$" if given else "")
    return bool(re.fullmatch("[A-Z '-]*", value)) and not re.search(misplaced, value)
