"""What the lot needs of a FHIR resource of TDDUI, by its profile or else by the system of its identifier."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from esms_sdk import masking
from esms_sdk.adapter.sources import tddui_identity as identity
from esms_sdk.adapter.sources.fhir_entries import Entry
from esms_sdk.adapter.sources.tddui_identity import codes, extensions, items, member, text
from esms_sdk.adapter.sources.tddui_staging import Cell, Staging

# Drafts up to 2024 wrote cnsa.fr.
_SYSTEM = re.compile(r"https?://identifiant-medicosocial-([a-z]+)\.(esante\.gouv|cnsa)\.fr/?")
_PROFILE = re.compile(r"/tddui/StructureDefinition/(tddui-[a-z0-9-]+)")
_PROFILES = (
    ("tddui-encounter-sejour", "sejour"), ("tddui-encounter-evenement", "evenement"),
    ("tddui-careplan-projet-perso", "projet"),
)  # fmt: skip
# By the system of an identifier, else by the code of its type, whatever its code system: these were renamed.
_BY_SYSTEM = {"sejour": "sejour", "evenement": "evenement", "projetpersonnalise": "projet", "projetperso": "projet"}
_BY_TYPE = {"SEJ": "sejour", "VN": "evenement"}
_OTHER_NUMBER = "NUMDOSS"  # under the system of the séjours too
_STRUCTURE = "urn:oid:1.2.250.1.71.4.2.2"
_FINESS = re.compile("(1?)([0-9][0-9AB][0-9]{7})")
_ERROR = "entered-in-error"
_NOT_HELD = {"planned": "sejour_prevu", "cancelled": "sejour_annule"}
# Where a resource names another one, beside its subject and its ESSMS.
_NAMED = {
    "performer",
    "author",
    "owner",
    "requester",
    "recorder",
    "asserter",
    "source",
    "participant",
    "location",
    "partOf",
}


class Resources:
    """Takes entries one by one and stages what they hold."""

    def __init__(self, staging: Staging) -> None:
        self.staging = staging
        self.readers: dict[str, Callable[[int, dict[str, Any]], None]] = {
            "Patient": self._patient, "Organization": self._organization, "Group": self._group,
            "Encounter": self._encounter, "CarePlan": self._care_plan,
        }  # fmt: skip

    def take(self, row: int, entry: Entry) -> None:
        """Stage one entry, or say why it is not."""
        if entry.refus:
            return self.staging.refuse(row, "ENTREE_ILLISIBLE", entry.refus)
        if not isinstance(entry.value, dict):
            return self.staging.refuse(row, "ENTREE_ILLISIBLE", "un objet JSON est attendu")
        resource = entry.value.get("resource")
        if resource is None and member(entry.value, "request", "method") == "DELETE":
            return self.staging.ignore(row, "suppression")
        kind = text(member(resource, "resourceType"))
        if kind is None or not isinstance(resource, dict):
            return self.staging.refuse(row, "ENTREE_ILLISIBLE", "l'entrée n'a pas de ressource avec resourceType")
        for name in _names(entry.value.get("fullUrl"), resource):
            self.staging.add("cle", (row, kind, name))
        self._check_request(row, entry.value, kind)
        self._link_others(row, resource)
        return self.readers.get(kind, self._other)(row, resource)

    def _patient(self, row: int, patient: dict[str, Any]) -> None:
        identifiers = items(patient.get("identifier"))
        own = [one for one in identifiers if _system(one) == "localusager"] or [
            one for one in identifiers if "PI" in _types(one)
        ]
        found, said = identity.matricule(identifiers)
        for code, message in said:
            self.staging.observe(row, code, message)
        if own and not any(one.get("use") == "usual" for one in own):
            self.staging.observe(
                row, "PI_SANS_USAGE", "l'identifiant local (PI) n'a pas use = usual, que FR Core demande"
            )
        for one in own:
            self._logical(row, "Patient", one)
        self._check_systems(row, own)
        nir = found.nir
        self.staging.add("identite", (row, nir, *identity.traits(patient, found)))
        value = text(own[0].get("value")) if own else None
        self._entry(row, "usager", patient, valeur=value, essms=_reference(patient.get("managingOrganization")))

    def _organization(self, row: int, organization: dict[str, Any]) -> None:
        et = ej = None
        for one in items(organization.get("identifier")):
            kinds, found = _types(one), _FINESS.fullmatch(text(one.get("value")) or "")
            if not found:
                continue
            if "FINEJ" in kinds:
                ej = found[2]
            elif "FINEG" in kinds:
                et = found[2]
            elif one.get("system") == _STRUCTURE or "IDNST" in kinds:
                et = et or found[2]
                if not found[1]:
                    self.staging.observe(
                        row, "FINESS_SANS_PREFIXE", "idNatSt est un FINESS écrit sans le 1 qui le précède"
                    )
            self._logical(row, "Organization", one)
        parent = organization.get("partOf")
        told = _FINESS.fullmatch(text(member(parent, "identifier", "value")) or "")
        body = ej if et and ej else told[2] if told else None
        label = text(organization.get("name"))
        self.staging.add("structure", (row, et or ej, body, _reference(parent), label))
        self._entry(row, "organisation", organization)

    def _group(self, row: int, group: dict[str, Any]) -> None:
        for one in items(group.get("member")):
            if name := _reference(one.get("entity")):
                self.staging.add("lien", (row, "membre", name))
        self.staging.ignore(row, "Group")

    def _encounter(self, row: int, encounter: dict[str, Any]) -> None:
        kind = _kind(encounter, ("sejour", "evenement"))
        if kind is None:
            return self._unknown(row, encounter)
        status = text(encounter.get("status"))
        if status == _ERROR:
            return self.staging.ignore(row, "saisie_par_erreur")
        if kind == "sejour" and status in _NOT_HELD:
            return self.staging.ignore(row, _NOT_HELD[status])
        value = self._number(row, encounter, kind)
        admission = extensions(encounter).get("tddui-admission-date")
        system, code = next(
            (pair for concept in items(encounter.get("type")) for pair in codes(concept) if pair[1] != "not-permitted"),
            (None, None),
        )
        return self._entry(
            row,
            kind,
            encounter,
            valeur=value,
            sujet=_reference(encounter.get("subject")),
            essms=_reference(encounter.get("serviceProvider")),
            admission=text(member(admission, "valueDateTime")) or text(member(admission, "valueDate")),
            type_systeme=system,
            type_code=code,
        )

    def _care_plan(self, row: int, plan: dict[str, Any]) -> None:
        if _kind(plan, ("projet",)) is None:
            return self._unknown(row, plan)
        if plan.get("status") == _ERROR:
            return self.staging.ignore(row, "saisie_par_erreur")
        value = self._number(row, plan, "projet")
        return self._entry(
            row,
            "projet",
            plan,
            valeur=value,
            sujet=_reference(plan.get("subject")),
            cree_le=text(plan.get("created")),
            type_code=next((code for concept in items(plan.get("category")) for _, code in codes(concept)), None),
        )

    def _other(self, row: int, resource: dict[str, Any]) -> None:
        """Stage a resource that the indicators do not read: it may still say that its person's dossier was updated."""
        subject = next((resource[key] for key in ("subject", "patient", "for") if key in resource), None)
        self._entry(row, "autre", resource, sujet=_reference(subject))

    def _unknown(self, row: int, resource: dict[str, Any]) -> None:
        """Settle an Encounter or a CarePlan that is none of those known: another profile of TDDUI is one not needed."""
        if any(_PROFILE.search(one) for one in _profiles(resource)):
            return self._other(row, resource)
        return self.staging.refuse(
            row, "RESSOURCE_NON_RECONNUE",
            f"{resource['resourceType']} dont ni meta.profile ni le système de l'identifiant n'est connu de TDDUI",
        )  # fmt: skip

    def _entry(self, row: int, kind: str, resource: dict[str, Any], **cells: Cell) -> None:
        """Stage an entry, with what every resource has; ``cells`` are its own."""
        period = resource.get("period")
        self.staging.entry(
            row,
            genre=kind,
            ressource=resource["resourceType"],
            logique=text(resource.get("id")),
            maj=text(member(resource, "meta", "lastUpdated")),
            statut=text(resource.get("status")),
            debut=text(member(period, "start")),
            fin=text(member(period, "end")),
            **cells,
        )

    def _number(self, row: int, resource: dict[str, Any], kind: str) -> str | None:
        """Return the value of the identifier of that kind: by its system, else by its type, else the first."""
        identifiers = [(one, _types(one)) for one in items(resource.get("identifier"))]
        identifiers = [(one, types) for one, types in identifiers if _OTHER_NUMBER not in types]
        found = (
            [one for one, types in identifiers if _BY_SYSTEM.get(_system(one) or "") == kind]
            or [one for one, types in identifiers if kind in map(_BY_TYPE.get, types)]
            or [one for one, _ in identifiers]
        )
        self._check_systems(row, found[:1])
        return text(found[0].get("value")) if found else None

    def _logical(self, row: int, kind: str, identifier: dict[str, Any]) -> None:
        if value := text(identifier.get("value")):
            self.staging.add("cle", (row, kind, f"={value}"))

    def _link_others(self, row: int, resource: dict[str, Any]) -> None:
        for field in _NAMED & resource.keys():
            for one in items(resource[field]):
                name = _reference(one) or _reference(one.get("individual")) or _reference(one.get("location"))
                if name:
                    self.staging.add("lien", (row, field, name))

    def _check_systems(self, row: int, identifiers: list[dict[str, Any]]) -> None:
        if any(".cnsa.fr" in (text(one.get("system")) or "") for one in identifiers):
            self.staging.observe(
                row, "SYSTEME_ANCIEN", "le système de l'identifiant est celui d'une ancienne version (cnsa.fr)"
            )

    def _check_request(self, row: int, entry: dict[str, Any], kind: str) -> None:
        url = text(member(entry, "request", "url"))
        if url is not None and kind not in re.split("[/?]", url):
            shown = masking.label(url)
            self.staging.observe(
                row, "REQUETE_SANS_TYPE", f"request.url ne nomme pas le type de la ressource : «{shown}»"
            )


def _types(identifier: dict[str, Any]) -> list[str]:
    return [code for _, code in codes(identifier.get("type"))]


@lru_cache(maxsize=256)
def _told(system: str) -> str | None:
    found = _SYSTEM.fullmatch(system)
    return found[1] if found else None


def _system(identifier: dict[str, Any]) -> str | None:
    return _told(text(identifier.get("system")) or "")


def _profiles(resource: dict[str, Any]) -> list[str]:
    listed = member(resource, "meta", "profile")
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _kind(resource: dict[str, Any], kinds: tuple[str, ...]) -> str | None:
    """Return which of ``kinds`` a resource is: by its profile, else by the systems and types of its identifiers."""
    for profile in _profiles(resource):
        for begin, kind in _PROFILES:
            if kind in kinds and f"/{begin}" in profile:
                return kind
    identifiers = items(resource.get("identifier"))
    found = [_BY_SYSTEM.get(_system(one) or "") for one in identifiers]
    found += [_BY_TYPE.get(code) for one in identifiers for code in _types(one)]
    return next((kind for kind in found if kind in kinds), None)


def _short(reference: str) -> str:
    """Return a reference without its version and its server: ``Type/id``, or a URN as it is.

    >>> _short("https://serveur.example/fhir/Patient/p1/_history/2"), _short("urn:uuid:3f")
    ('Patient/p1', 'urn:uuid:3f')
    """
    if reference.count("/") < 2 or reference.startswith("urn:"):
        return reference
    return "/".join(reference.partition("/_history/")[0].split("/")[-2:])


def _names(full_url: Any, resource: dict[str, Any]) -> Iterator[str]:
    """Yield the names by which an entry may be referred to."""
    names = {_short(url)} if (url := text(full_url)) else set()
    if own := text(resource.get("id")):
        names.add(f"{resource['resourceType']}/{own}")
    yield from sorted(names)


def _reference(value: Any) -> str | None:
    """Return the name of what a Reference designates: a literal reference, else ``=`` and the identifier's value."""
    if literal := text(member(value, "reference")):
        return _short(literal)
    logical = text(member(value, "identifier", "value"))
    return f"={logical}" if logical else None
