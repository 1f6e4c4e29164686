"""Reading a CDA: the header by name, its beginning alone, what is refused, and what a mutated document comes to."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from esms_sdk.checks.cda import examine, examine_bytes
from esms_sdk.checks.cda_regles import all_regles
from esms_sdk.checks.documents import Setting, Unreadable, recognised
from esms_sdk.documents.cda import Ii, is_cda, read_cda, read_header
from esms_sdk.documents.moment import dtm_utc, parse_moment
from esms_sdk.documents.terminology import tables
from esms_sdk.errors import SourceError
from tests.documents.cda_cases import PDF, REFERENCE, case_bytes

EMBEDDED = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><d:c xmlns:d="urn:d">%b</d:c></xsl:stylesheet>'


def body_of(data: bytes) -> bytes:
    return data[data.index(b"<ClinicalDocument") :]


def test_the_header_is_told_by_name():
    cda = read_cda(REFERENCE, "a.xml")
    assert cda.id == Ii("1.2.250.1.999.1.1") and cda.code and cda.code.code == "28653-4"
    assert cda.patient and cda.patient.name.families("BR") == ["DESSAI"]
    assert cda.patient.name.givens() == ["JEANNE ROSE"] and cda.patient.birth_place == "75101"
    assert [author.device for author in cda.authors] == [None, ("Atelier inventé", "DUI inventé")]
    assert cda.encounter and cda.encounter.facility and cda.encounter.facility.code == "SA17"
    assert cda.service_events[0].performers[0].organization.sector.code == "ESSMS"
    assert cda.replaces == (Ii("1.2.250.1.999.1.0"),) and cda.body and cda.body.structured


def test_the_body_of_level_1_gives_the_file_that_it_holds():
    body = read_cda(case_bytes({"document": "niveau1"}), "a.xml").body
    assert body and not body.structured and body.media_type == "application/pdf" and body.payload() == PDF


def test_the_header_alone_says_what_the_whole_says():
    alone, whole = read_header(REFERENCE, "a.xml"), read_cda(REFERENCE, "a.xml")
    assert alone.header_only and alone.body is None
    assert (alone.patient, alone.authors, alone.encounter) == (whole.patient, whole.authors, whole.encounter)


@pytest.mark.parametrize(
    "before",
    [b"<!-- <structuredBody> --><componentOf>", b"<!-- x <nonXMLBody> y --><componentOf>"],
)
def test_a_body_named_in_a_comment_does_not_end_the_header(before):
    data = REFERENCE.replace(b"<componentOf>", before)
    assert read_header(data, "a.xml").encounter == read_cda(REFERENCE, "a.xml").encounter


def test_a_self_presenting_document_is_read_within_its_style_sheet(tmp_path):
    data = EMBEDDED % body_of(REFERENCE)
    cda = read_header(data, "a.xml")
    assert cda.auto_presentable and cda.id == Ii("1.2.250.1.999.1.1") and cda.data == data
    assert examine_bytes(data, "a.xml", Setting("test")).found == []


def test_a_document_is_recognised_by_its_content_in_utf_16_too(tmp_path):
    path = tmp_path / "sans-extension"
    path.write_bytes(REFERENCE.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"))
    found = recognised(path)
    assert found and found.objet == "cda"
    assert examine_bytes(path.read_bytes(), "a.xml", Setting("test")).found == []


@pytest.mark.parametrize(
    "head", [b"From: a\n\n<ClinicalDocument xmlns='urn:hl7-org:v3'>", b"<html/>", b"", b"\xff\xfe\x00"]
)
def test_what_is_no_cda_is_not_taken_for_one(head):
    assert not is_cda(head)


def test_another_xml_is_told_apart():
    with pytest.raises(SourceError) as refused:
        read_cda(b"<a/>", "a.xml")
    assert refused.value.code == "ESMS-E345"
    with pytest.raises(Unreadable):
        examine_bytes(b"<a/>", "a.xml", Setting("test"))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("20250101003000+0100", "20241231233000"),
        ("20250115", "20250115"),
        ("202501", "202501"),
        ("20250101003000", "20250101003000"),
        ("2025-01-01", None),
    ],
)
def test_an_instant_is_told_in_utc_and_a_day_stays_a_day(text, utc):
    assert dtm_utc(text) == utc


def test_a_moment_has_its_local_day_and_orders_by_instant():
    late, early = parse_moment("20250101003000+0100"), parse_moment("20250101000000+0000")
    assert late and early and late.day == date(2025, 1, 1) and late.earliest < early.earliest
    assert parse_moment("000101010000+0100") is None


def test_two_hundred_mutated_documents_end_in_a_verdict_or_a_clear_refusal():
    seed = random.Random(20261122)
    data = case_bytes({"document": "niveau1"})
    for _ in range(200):
        mutated = bytearray(data)
        for _ in range(seed.randint(1, 6)):
            at = seed.randrange(len(mutated))
            mutated[at : at + seed.choice((0, 1, 1, 40))] = bytes(
                seed.choices(b'<>"&/=aZ0 \x00\xc3', k=seed.randint(0, 3))
            )
        try:
            seen = examine_bytes(bytes(mutated), "a.xml", Setting("production"))
        except Unreadable:
            continue
        assert "erreur interne" not in " ".join(seen.undecided.values())


def test_no_finding_shows_a_datum_of_the_patient(tmp_path: Path):
    wrong = {
        "recordTarget/patientRole/id[1]/@extension": "238027500100199",
        "recordTarget/patientRole/patient/birthTime/@value": "19380230",
        "recordTarget/patientRole/patient/name/family[1]": "éssai",
    }
    seen = examine_bytes(case_bytes({"pose": wrong}), "a.xml", Setting("production"))
    assert len(seen.found) >= 3
    assert not [one for one in seen.found if any(value in str(one) for value in ("2380275", "193802", "éssai"))]


def test_a_code_judged_under_one_terminology_is_judged_anew_under_another():
    ours = tables()
    without = {code: of for code, of in ours.sets["J07"].concepts.items() if code != "28653-4"}
    other = replace(ours, sets={**ours.sets, "J07": replace(ours.sets["J07"], concepts=without)})
    cda = read_cda(REFERENCE, "a.xml")
    codes = [[remark.code for remark in examine(cda, Setting("test"), one).found] for one in (ours, other, ours)]
    assert codes == [[], ["TYPE_JDV"], []]


def test_the_same_defect_is_found_in_every_document_that_has_it():
    data = case_bytes({"pose": {"recordTarget/patientRole/telecom/@value": "0102030405"}})
    found = [examine_bytes(data, "a.xml", Setting("test")).found for _ in range(3)]
    assert found[0] and found[0] == found[1] == found[2]
    assert examine_bytes(REFERENCE, "a.xml", Setting("test")).found == []


def test_a_participation_met_before_is_judged_as_if_it_were_the_first():
    wrong = {"pose": {"legalAuthenticator/time/@value": "20250230"}}
    found = [examine_bytes(case_bytes(case), "a.xml", Setting("test")).found for case in ({}, wrong, {}, wrong)]
    assert found[0] == found[2] == []
    assert found[1] == found[3] != []


def test_a_participation_met_before_is_counted_among_others():
    twice = case_bytes({"double": "custodian"})
    assert examine_bytes(REFERENCE, "a.xml", Setting("test")).found == []
    codes = {one.code for one in examine_bytes(twice, "a.xml", Setting("test")).found}
    assert "CONSERVATEUR" in codes


def test_no_rule_of_any_place_looks_beside_what_it_is_about():
    # Hence what stands in a participation can be remembered as sound, whatever stands around it.
    texts = [" ".join((one.condition, one.element, one.verifie)) for one in all_regles() if one.tags]
    assert texts
    assert not [text for text in texts if re.search(r"preceding|following|position\(|last\(|\[\d", text)]
    upwards = {found for text in texts for found in re.findall(r"\.\./\S+", text)}
    assert all(one.startswith("../parent::") for one in upwards)
