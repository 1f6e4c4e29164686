"""From a CDA to its metadata: composites, instants, classes and formats; written, then read back."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from esms_sdk.documents import ebrim, hl7v2, xds
from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.ebrim import NotMetadata, read_metadata
from esms_sdk.documents.metadata_xml import write_metadata
from esms_sdk.documents.terminology import tables
from tests.documents.cda_cases import case_bytes

INS, IPP = "recordTarget/patientRole/id[1]", "recordTarget/patientRole/id[2]"
NAME = "recordTarget/patientRole/patient/name"
PERFORMER = "documentationOf/serviceEvent/performer/assignedEntity/representedOrganization"


def entry(more: dict[str, Any] | None = None, **options: Any) -> xds.DocumentEntry:
    return xds.document_entry(read_cda(case_bytes(more or {}), "a.xml"), tables(), **options)


def test_what_the_header_says_is_what_the_entry_says():
    data = case_bytes({})
    made = entry(uri="DOC0001.XML")
    assert made.unique_id == "1.2.250.1.999.1.1"
    assert made.patient_id == "238027500100188^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert made.source_patient_id == "IPP-1^^^&1.2.250.1.999.2&ISO^PI"
    assert made.source_patient_info == (
        "PID-5|DESSAI^JEANNE^^^^^L", "PID-5|DESSAI^JEANNE^^^^^D", "PID-7|19380214", "PID-8|F",
    )  # fmt: skip
    assert made.type_code == ("28653-4", "2.16.840.1.113883.6.1", "Document du secteur social / médico-social")
    assert made.class_code == ("10", "1.2.250.1.213.1.1.4.1", "Compte rendu")
    assert (made.facility.code, made.practice.code) == ("SA17", "ESSMS")
    assert (made.creation_time, made.service_start, made.service_stop) == (
        "20250115090000", "20250110080000", "20250110090000",
    )  # fmt: skip
    assert (made.hash, made.size) == (hashlib.sha1(data).hexdigest(), len(data))
    assert (made.language, made.mime_type, made.title) == ("fr-FR", "text/xml", "Document inventé")
    assert [one.code for one in made.events] == ["34117-2"]
    assert xds.missing(made) == []


def test_a_person_and_a_device_are_written_each_in_its_way():
    person, device = entry().authors
    assert person.person == "810000000017^EXEMPLE^Ada^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    assert person.institution == "EHPAD Les Pas Perdus^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1000000018"
    assert person.role == "Médecin traitant"
    assert person.specialty == "G15_10/SM26^Médecin - Qualifié en Médecine Générale (SM)^1.2.250.1.213.1.1.4.5"
    assert device.person == "3000000018/DUI^DUI inventé^Atelier inventé^^^^^^&1.2.250.1.71.4.2.1&ISO^U^^^RI"
    assert entry().legal_authenticator == person.person


def test_the_patient_as_author_has_the_type_of_a_matricule():
    by_patient = {"pose": {"author[1]/assignedAuthor/id/@root": "1.2.250.1.213.1.4.10"}}
    assert entry(by_patient).authors[0].person.endswith("&1.2.250.1.213.1.4.10&ISO^D^^^NH")


def test_without_a_matricule_the_local_number_stands_for_the_patient():
    assert entry({"retire": INS}).patient_id == "IPP-1^^^&1.2.250.1.999.2&ISO^PI"


def test_without_a_local_number_the_matricule_is_the_source_too():
    made = entry({"retire": IPP})
    assert made.source_patient_id == made.patient_id


def test_an_undetermined_sex_is_written_u():
    made = entry({"pose": {"recordTarget/patientRole/patient/administrativeGenderCode/@code": "UN"}})
    assert "PID-8|U" in made.source_patient_info


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("20241231233000-0100", "20250101003000"),
        ("20250101003000+0100", "20241231233000"),
        ("202501010030+0100", "202412312330"),
        ("20250630", "20250630"),
    ],
)
def test_a_time_is_an_instant_in_utc_and_a_day_stays_a_day(written, told):
    assert entry({"pose": {"effectiveTime/@value": written}}).creation_time == told


def test_the_delimiters_of_hl7_are_escaped():
    structure = "author[1]/assignedAuthor/representedOrganization/name"
    made = entry({"pose": {structure: "EHPAD A & B ^ C"}})
    assert made.authors[0].institution.startswith("EHPAD A \\T\\ B \\S\\ C^^^^^&")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("structure", "urn:asipSante:modelesHorsProfils:2011"),
        ("niveau1", "urn:ihe:iti:xds-sd:pdf:2008"),
        ("dlu", "urn:asip:ci-sis:dlu:2015"),
        ("fludt", "urn:asip:ci-sis:fludt:2017"),
        ("vsm", "urn:asip:ci-sis:vsm:2012"),
    ],
)
def test_the_model_gives_the_format_and_not_the_type(document, told):
    assert entry({"document": document}).format_code.code == told


def test_visibility_is_added_to_the_confidentiality():
    made = entry(visibility=["INVISIBLE_PATIENT"])
    assert [one[:2] for one in made.confidentiality] == [
        ("N", "2.16.840.1.113883.5.25"), ("INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "action"),
    [
        ({}, "C"),
        ({"retire": "relatedDocument"}, "C"),
        ({"pose": {"versionNumber/@value": "1"}}, "C"),
        ({"retire": "relatedDocument", "pose": {"versionNumber/@value": "1"}}, ""),
        ({"retire": "relatedDocument", "pose": {"versionNumber/@value": "deux"}}, ""),
    ],
)
def test_a_new_version_is_a_replacement(case, action):
    assert entry(case).action == action


@pytest.mark.parametrize(
    ("taken", "named"),
    [
        ("ClinicalDocument/id", "uniqueId"), ("title", "title"), ("legalAuthenticator", "legalAuthenticator"),
        ("componentOf", "healthcareFacilityTypeCode"), ("documentationOf", "practiceSettingCode"),
        (f"{PERFORMER}/standardIndustryClassCode", "practiceSettingCode"), ("recordTarget", "patientId"),
        ("effectiveTime", "creationTime"), ("confidentialityCode", "confidentialityCode"), ("code", "typeCode"),
        ("author[1]/assignedAuthor/id", "author"), ("languageCode", "languageCode"),
    ],
)  # fmt: skip
def test_what_the_header_does_not_give_is_named(taken, named):
    assert named in xds.missing(entry({"retire": taken.removeprefix("ClinicalDocument/")}))


def test_the_same_document_gets_the_same_numbers_and_another_gets_others():
    assert entry().entry_uuid == entry().entry_uuid != entry({"pose": {"title": "Autre"}}).entry_uuid


def test_what_is_written_is_read_back():
    cda = read_cda(case_bytes({"pose": {"title": 'A & "B" <C>'}}), "a.xml")
    made = xds.document_entry(cda, tables(), uri="DOC0001.XML", comments="x < y", replaces="urn:uuid:1")
    of = xds.submission_set([cda], [made], title="Envoi", recipients=["EHPAD^^^"])
    registry = read_metadata(write_metadata(of, [made]), "METADATA.XML")
    (one,), (group,) = registry.entries, registry.sets
    assert (one.id, one.title, one.description) == (made.entry_uuid, 'A & "B" <C>', "x < y")
    assert one.slots["sourcePatientInfo"] == made.source_patient_info
    assert one.slot("legalAuthenticator") == made.legal_authenticator
    assert [c.code for c in one.of_scheme(ebrim.FORMAT)] == [made.format_code.code]
    assert one.identifier(ebrim.UNIQUE_ID) == made.unique_id
    assert (group.title, group.slots["intendedRecipient"]) == ("Envoi", ("EHPAD^^^",))
    assert group.slot("submissionTime") == "20250115090000"
    assert group.identifier(ebrim.SET_SOURCE_ID) == "1.2.250.1.71.4.2.2.1000000018"
    assert [(a.kind, a.source, a.target) for a in registry.associations] == [
        (ebrim.HAS_MEMBER, group.id, one.id), (ebrim.RPLC, one.id, "urn:uuid:1"),
    ]  # fmt: skip


def test_a_stay_gives_the_content_type():
    def told(code: str) -> str:
        cda = read_cda(case_bytes({"pose": {"componentOf/encompassingEncounter/code/@code": code}}), "a.xml")
        return xds.submission_set([cda], [xds.document_entry(cda, tables())]).content_type.code

    assert (told("IMP"), told("AMB"), told("HH")) == ("03", "07", "07")


def test_too_large_a_registry_is_refused():
    many = b"<rim:Slot/>" * (ebrim.OBJECTS + 1)
    opening = f'<lcm:SubmitObjectsRequest xmlns:lcm="{ebrim.LCM}" xmlns:rim="{ebrim.RIM}">'.encode()
    content = opening + b"<rim:RegistryObjectList>" + many + b"</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    with pytest.raises(NotMetadata):
        read_metadata(content, "METADATA.XML")


def test_a_composite_as_reports_show_it_holds_no_name_nor_whole_number():
    shown = hl7v2.hidden("279035121518989^DUPONT^Jeanne^^^^^^&1.2.250.1.213.1.4.10&ISO^D^^^NH")
    assert shown == "…8989^XXXXXX^Xxxxxx^^^^^^&1.2.250.1.213.1.4.10&ISO^D^^^NH"
    assert hl7v2.hidden("12345678") == "99999999"
