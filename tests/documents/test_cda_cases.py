"""Every case of every CDA requirement: the findings it names, in the whole of the domain no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from esms_sdk.checks.cda import examine, examine_bytes
from esms_sdk.checks.cda_complements import COMPLEMENTS
from esms_sdk.checks.cda_corps import EXIGENCE
from esms_sdk.checks.cda_regles import all_regles
from esms_sdk.checks.documents import Setting
from esms_sdk.conformance.catalogue import Requirement, catalogue
from esms_sdk.documents.cda import read_header
from tests.documents.cda_cases import BUILDERS, case_bytes

OF_CDA = [one for one in catalogue().values() if one.domaine == "CDA" and one.objet == "cda"]
CASES = [(one, case) for one in OF_CDA for case in one.cas]


def setting(case: Mapping[str, Any]) -> Setting:
    return Setting(case.get("mode", "test"), {"profil_cda": case.get("profil", "auto")})


@pytest.mark.parametrize(("one", "case"), CASES, ids=[f"{one.id} : {case['nom']}" for one, case in CASES])
def test_a_document_with_one_defect_gives_exactly_the_findings_it_names(one: Requirement, case: Mapping[str, Any]):
    seen = examine_bytes(case_bytes(case), "document.xml", setting(case))
    assert bool(seen.undecided) == (case.get("coupe") is not None or case.get("doctype") is not None)
    found = Counter(f"{remark.exigence}.{remark.code}" for remark in seen.found)
    wanted = Counter(f"{one.id}.{constat['code']}" for constat in case["constats"]) + Counter(case.get("ailleurs", ()))
    assert found == wanted
    assert (seen.judged[one.id] == 0) == (case.get("verdict") == "non_applicable")


@pytest.mark.parametrize("one", OF_CDA, ids=lambda one: one.id)
def test_a_requirement_has_a_case_without_finding_and_one_for_each_finding(one: Requirement):
    assert any(not case["constats"] and "verdict" not in case for case in one.cas)
    assert {constat["code"] for case in one.cas for constat in case["constats"]} == set(one.constats)


def test_every_requirement_of_the_domain_has_a_rule_or_a_function():
    judged = {regle.exigence for regle in all_regles()} | set(COMPLEMENTS) | {EXIGENCE, "ESMS-CDA-01"}
    assert judged == {one.id for one in OF_CDA if one.methode == "auto"}


def test_every_rule_has_its_finding():
    known = {(one.id, code) for one in OF_CDA for code in one.constats}
    assert {(regle.exigence, regle.code) for regle in all_regles()} <= known


@pytest.mark.parametrize("name", BUILDERS)
def test_the_header_alone_is_judged_as_in_the_whole_document(name: str):
    data = case_bytes({"document": name})
    header = read_header(data, "a.xml")
    assert header.header_only
    alone, whole = (
        examine(header, Setting("test")),
        examine_bytes(data, "a.xml", Setting("test")),
    )
    assert alone.found == whole.found == []
    assert set(whole.judged) - set(alone.judged) <= {"ESMS-CDA-01", EXIGENCE}


def test_the_place_of_a_finding_is_a_path_that_a_person_can_follow_with_its_line():
    data = case_bytes({"pose": {"author[2]/time/@value": "20250230"}})
    (remark,) = examine_bytes(data, "a.xml", Setting("test")).found
    assert remark.xpath == "ClinicalDocument/author[2]/time"
    assert b"20250230" in data.splitlines()[remark.ligne - 1]
