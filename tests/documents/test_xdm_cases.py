"""Every case of every requirement over an IHE_XDM: the findings it names, in all the domains of documents no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from esms_sdk.checks import xdm, xds, xds_formes
from esms_sdk.checks.documents import Setting
from esms_sdk.conformance.catalogue import Requirement, catalogue
from tests.documents.xdm_cases import case_archive

OF_XDM = [one for one in catalogue().values() if one.objet == "xdm"]
CASES = [(one, case) for one in OF_XDM for case in one.cas]


@pytest.mark.parametrize(("one", "case"), CASES, ids=[f"{one.id} : {case['nom']}" for one, case in CASES])
def test_an_archive_with_one_defect_gives_exactly_the_findings_it_names(one: Requirement, case: Mapping[str, Any]):
    seen = xdm.examine_archive(case_archive(case), "IHE_XDM.ZIP", Setting("test"))
    assert seen.undecided == {}
    found = Counter(f"{remark.exigence}.{remark.code}" for remark in seen.found)
    wanted = Counter(f"{one.id}.{constat['code']}" for constat in case["constats"]) + Counter(case.get("ailleurs", ()))
    assert found == wanted
    assert (seen.judged[one.id] == 0) == (case.get("verdict") == "non_applicable")


@pytest.mark.parametrize("one", OF_XDM, ids=lambda one: one.id)
def test_a_requirement_has_a_case_without_finding_and_one_for_each_finding(one: Requirement):
    assert any(not case["constats"] for case in one.cas)
    assert {constat["code"] for case in one.cas for constat in case["constats"]} == set(one.constats)


def test_every_requirement_has_its_rule_and_no_rule_is_without_one():
    ours = {xdm.OPENS, xdm.READABLE, *xdm.RULES, *xds.RULES, *xds_formes.OF_ENTRY, *xds_formes.OF_SET}
    assert ours == {one.id for one in OF_XDM if one.methode == "auto"}
