"""Invented documents of TDDUI for the tests, built part by part so that each test spoils one."""

from __future__ import annotations

import json
from typing import Any

from esms_sdk.identifiers import finess, nir

PROFILES = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
TYPES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
RELIABILITY = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
OLD_STATUS = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
NEW_STATUS = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status"
TEST_OID = "urn:oid:1.2.250.1.213.1.4.10"


def number(rank: int) -> str:
    """A FINESS of département 00 with its key."""
    first = f"{60000 + rank:08d}"
    return first + finess.key(first)


EJ, ET, OTHER = number(0), number(1), number(2)
_FIRST = "253079910100"
NIR = _FIRST + "1" + nir.key(_FIRST + "1")


def wrong_key(matricule: str) -> str:
    return matricule[:13] + ("01" if matricule[13:] != "01" else "02")


def organization(id_: str = "o1", own: str = ET, **more: Any) -> dict[str, Any]:
    identifier = {"type": {"coding": [{"system": TYPES, "code": "IDNST"}]}, "system": "urn:oid:1.2.250.1.71.4.2.2"}
    parent = {"identifier": {"system": "https://finess.esante.gouv.fr", "value": EJ}}
    return {"resourceType": "Organization", "id": id_, "name": "SSIAD du Gué", "partOf": parent,
            "identifier": [{**identifier, "value": f"1{own}"}], **more}  # fmt: skip


def pi(local: str = "U-1", own: str = ET, domain: str = "esante.gouv.fr", use: str | None = "usual") -> dict[str, Any]:
    found = {
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PI"}]},
        "system": f"https://identifiant-medicosocial-localusager.{domain}",
        "value": f"3{own}/{local}",
    }
    return {**found, "use": use} if use else found


def ins(value: str = NIR, code: str = "INS-NIR-TEST", system: str = TEST_OID) -> dict[str, Any]:
    return {"use": "official", "type": {"coding": [{"system": TYPES, "code": code}]}, "system": system, "value": value}


def status(code: str, system: str = NEW_STATUS) -> dict[str, Any]:
    return {
        "url": RELIABILITY,
        "extension": [{"url": "identityStatus", "valueCoding": {"system": system, "code": code}}],
    }


def patient(id_: str = "p1", *identifiers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient", "id": id_, "meta": {"profile": [PROFILES + "tddui-patient"]},
        "identifier": list(identifiers or [pi()]), "gender": "female", "birthDate": "1953-07-02",
        "name": [{"use": "official", "family": "BRUINE", "given": ["OLGA"]}], **more,
    }  # fmt: skip


def sejour(id_: str = "s1", local: str = "U-1-SEJOUR-1", subject: str = "Patient/p1", **more: Any) -> dict[str, Any]:
    system = "https://identifiant-medicosocial-sejour.esante.gouv.fr"
    return {
        "resourceType": "Encounter", "id": id_, "meta": {"profile": [PROFILES + "tddui-encounter-sejour"]},
        "identifier": [{"type": {"coding": [{"code": "SEJ"}]}, "system": system, "value": f"3{ET}/{local}"}],
        "status": "in-progress", "subject": {"reference": subject}, "period": {"start": "2025-02-03"},
        "serviceProvider": {"reference": "Organization/o1"}, **more,
    }  # fmt: skip


def evenement(id_: str = "e1", local: str = "U-1-EVN-1", subject: str = "Patient/p1", **more: Any) -> dict[str, Any]:
    system = "https://identifiant-medicosocial-evenement.esante.gouv.fr"
    return {
        "resourceType": "Encounter", "id": id_, "meta": {"profile": [PROFILES + "tddui-encounter-evenement"]},
        "identifier": [{"type": {"coding": [{"code": "VN"}]}, "system": system, "value": f"3{ET}/{local}"}],
        "status": "finished", "subject": {"reference": subject},
        "period": {"start": "2025-09-04T10:00:00+02:00", "end": "2025-09-04T11:00:00+02:00"}, **more,
    }  # fmt: skip


def projet(id_: str = "c1", local: str = "U-1-PPER-1", subject: str = "Patient/p1", **more: Any) -> dict[str, Any]:
    system = "https://identifiant-medicosocial-projetpersonnalise.esante.gouv.fr"
    return {
        "resourceType": "CarePlan", "id": id_,
        "meta": {"profile": [PROFILES + "tddui-careplan-projet-personnalise"], "lastUpdated": "2025-09-10T11:00:00+02:00"},
        "identifier": [{"system": system, "value": f"3{ET}/{local}"}],
        "status": "active", "intent": "plan", "subject": {"reference": subject}, **more,
    }  # fmt: skip


BASE = (organization(), patient(), sejour())
"""An ESSMS, a person and a séjour without any defect."""


def bundle(*resources: Any, **more: Any) -> bytes:
    """A collection of entries; a resource is wrapped, anything else stands as the entry that it is."""
    entries = [{"resource": one} if isinstance(one, dict) and "resourceType" in one else one for one in resources]
    whole = {"resourceType": "Bundle", "type": "collection", "timestamp": "2025-10-01T05:00:00+02:00", "entry": entries}
    return json.dumps({**whole, **more}, ensure_ascii=False).encode()


def lines(*resources: Any) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in resources).encode()


def cda(person: str = "", sejours: str = "", evenements: str = "", code: str = "EXPORT_DUI", more: str = "") -> bytes:
    """A document EXPORT_DUI of these parts."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<code code="{code}"/><effectiveTime value="20251001050000+0200"/>
<recordTarget><patientRole>{person or cda_person()}</patientRole></recordTarget>
<component><structuredBody>
<component><section><templateId root="1.2.250.1.213.1.1.2.249"/>{sejours}</section></component>
<component><section><templateId root="1.2.250.1.213.1.1.2.248"/>{evenements}</section></component>{more}
</structuredBody></component></ClinicalDocument>""".encode()


def cda_person(*ids: tuple[str, str]) -> str:
    listed = "".join(f'<id root="{root}" extension="{value}"/>' for root, value in ids or [("1.2.3", f"3{ET}/U-1")])
    return listed + (
        '<patient><name><family qualifier="BR">BRUINE</family><given>OLGA ANNE</given><given qualifier="BR">OLGA</given>'
        '</name><administrativeGenderCode code="F"/><birthTime value="19530702"/></patient>'
    )


def cda_sejour(
    local: str = "U-1-SEJOUR-1", structure: str = f"1{ET}", entree: str = "20250203", sortie: str = ""
) -> str:
    exit_ = f'<component><observation moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.48.7"/><effectiveTime value="{sortie}"/></observation></component>'
    return f"""<entry><organizer><component><encounter><templateId root="1.2.250.1.213.1.1.3.218"/>
<id root="1.2.3" extension="3{ET}/{local}"/><effectiveTime value="20250120"/><participant typeCode="RESP"><participantRole>
<scopingEntity><id root="1.2.250.1.71.4.2.2" extension="{structure}"/><desc>SSIAD du Gué</desc></scopingEntity>
</participantRole></participant></encounter></component><component><observation moodCode="EVN">
<templateId root="1.2.250.1.213.1.1.3.48.6"/><effectiveTime value="{entree}"/></observation></component>
{exit_ if sortie else ""}</organizer></entry>"""


def cda_evenement(
    local: str = "U-1-EVN-1", status_: str = "REALISE", start: str = "20250904100000+0200", updated: str = "",
    dated: str = "20250904",
) -> str:  # fmt: skip
    update = f'<entryRelationship><observation><code code="106177-9"/><value xsi:type="TS" value="{updated}"/></observation></entryRelationship>'
    return f"""<entry><encounter><templateId root="1.2.250.1.213.1.1.3.215"/><id root="1.2.3" extension="3{ET}/{local}"/>
<effectiveTime><low value="{start}"/></effectiveTime>{update if updated else ""}<entryRelationship><observation>
<templateId root="1.2.250.1.213.1.1.3.217"/><effectiveTime value="{dated}"/><value xsi:type="CD" code="{status_}"/>
</observation></entryRelationship></encounter></entry>"""
