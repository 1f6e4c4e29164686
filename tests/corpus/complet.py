"""One invented document that has every participation that a header may have: what the one-defect twins start from.

It is the DLU of the samples with more in it.  Nothing here comes from the checks.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from esms_sdk.sample.documents import documents

HL7 = "urn:hl7-org:v3"
NS = {"h": HL7, "r": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"}
_PERSON = '<id root="1.2.250.1.71.4.2.1" extension="800000000026"/>'
_STRUCTURE = '<id root="1.2.250.1.71.4.2.2" extension="1000012013"/><name>EHPAD Les Hirondelles</name>'
_BLOCKS = (
    ("custodian", f"""
  <dataEnterer><time value="20260105101500+0100"/><assignedEntity>{_PERSON}<assignedPerson><name><given>Ada</given>\
<family>FICTIVE</family></name></assignedPerson></assignedEntity></dataEnterer>"""),
    ("custodian", """
  <informant><relatedEntity classCode="CAREGIVER"><code code="DAUC" codeSystem="2.16.840.1.113883.5.111" displayName="Fille"/>\
<telecom value="tel:+33199000009" use="H"/><relatedPerson><name><given>Rose</given><family>SONGE</family></name></relatedPerson>\
</relatedEntity></informant>"""),
    ("custodian", f"""
  <informant><assignedEntity>{_PERSON}<assignedPerson><name><given>Ada</given><family>FICTIVE</family></name></assignedPerson>\
</assignedEntity></informant>"""),
    ("legalAuthenticator", f"""
  <informationRecipient><intendedRecipient>{_PERSON}<informationRecipient><name><given>Ada</given><family>FICTIVE</family></name>\
</informationRecipient><receivedOrganization>{_STRUCTURE}</receivedOrganization></intendedRecipient></informationRecipient>"""),
    ("participant", f"""
  <authenticator><time value="20260105101500+0100"/><signatureCode code="S"/><assignedEntity>{_PERSON}</assignedEntity>\
</authenticator>"""),
    ("documentationOf", """
  <inFulfillmentOf><order><id root="1.2.250.1.999.5.0.2" extension="ORDRE-1"/></order></inFulfillmentOf>"""),
    ("componentOf", """
  <relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.250.1.999.5.1.0"/></parentDocument></relatedDocument>"""),
    ("componentOf", """
  <authorization typeCode="AUTH"><consent classCode="CONS" moodCode="EVN"><code code="1" codeSystem="1.2.250.1.999.5.9" \
displayName="Accord"/><statusCode code="completed"/></consent></authorization>"""),
)  # fmt: skip
_ENCOUNTER = f"""
  <x xmlns="{HL7}"><code code="AMB" codeSystem="2.16.840.1.113883.5.4" displayName="Ambulatoire (hors établissement)"/>\
<dischargeDispositionCode code="1" codeSystem="1.2.250.1.213.2.14" displayName="Autre"/>\
<responsibleParty><assignedEntity>{_PERSON}</assignedEntity></responsibleParty>\
<encounterParticipant typeCode="ATND"><assignedEntity>{_PERSON}</assignedEntity></encounterParticipant></x>"""


def complet() -> Any:
    """Return the root of the document."""
    root = etree.fromstring(documents()["dlu.xml"])
    for before, block in _BLOCKS:
        added = etree.fromstring(f'<x xmlns="{HL7}">{block}</x>')[0]
        root.find(f"{{{HL7}}}{before}").addprevious(added)
    encounter = root.find(f".//{{{HL7}}}encompassingEncounter")
    parts = {etree.QName(one).localname: one for one in etree.fromstring(_ENCOUNTER.strip())}
    encounter.find(f"{{{HL7}}}effectiveTime").addprevious(parts["code"])
    for name in ("dischargeDispositionCode", "responsibleParty", "encounterParticipant"):
        encounter.find(f"{{{HL7}}}location").addprevious(parts[name])
    patient = root.find(f".//{{{HL7}}}birthplace")
    patient.addprevious(etree.fromstring(
        f'<guardian xmlns="{HL7}"><guardianPerson><name><family>TUTRICE</family></name></guardianPerson></guardian>'
    ))  # fmt: skip
    first = root.find(f"{{{HL7}}}author")
    first.insert(0, etree.fromstring(
        f'<functionCode xmlns="{HL7}" code="PCP" codeSystem="2.16.840.1.113883.5.88" displayName="Médecin traitant"/>'
    ))  # fmt: skip
    device = etree.fromstring(documents()["export_dui.xml"]).find(f"{{{HL7}}}author")
    first.addnext(device)
    root.find(f"{{{HL7}}}versionNumber").set("value", "2")
    return root


def written(root: Any) -> bytes:
    """Return the bytes of a document."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
