"""Every case of every requirement on messages: the findings it names, and in all the others none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.checks.documents import Examination, Piece, Setting
from esms_sdk.checks.mss_courriel import judge_message
from esms_sdk.checks.mss_courriel.letter import RULES
from esms_sdk.conformance.catalogue import Requirement, catalogue
from tests.documents.courriel_cases import case_message

OF_MESSAGES = [one for one in catalogue().values() if one.objet == "courriel" and one.methode == "auto"]
CASES = [(one, case) for one in OF_MESSAGES for case in one.cas]


def judged(folder: Path, data: bytes, mode: str = "test") -> Examination:
    path = folder / "message.eml"
    path.write_bytes(data)
    return judge_message(Piece("courriel", path), Setting(mode))


@pytest.mark.parametrize(("one", "case"), CASES, ids=[f"{one.id} : {case['nom']}" for one, case in CASES])
def test_a_message_with_one_defect_gives_exactly_the_findings_it_names(
    tmp_path: Path, one: Requirement, case: Mapping[str, Any]
):
    seen = judged(tmp_path, case_message(case), case.get("mode", "test"))
    assert any(id in RULES for id in seen.undecided) == case.get("indetermine", False), seen.undecided
    assert not any("erreur interne" in why for why in seen.undecided.values())
    own = Counter((remark.code, remark.xpath) for remark in seen.found if remark.exigence == one.id)
    assert own == Counter((constat["code"], constat["xpath"]) for constat in case["constats"])
    # What its documents are at fault in is the matter of their own cases.
    of_messages = [remark for remark in seen.found if remark.exigence in RULES]
    others = Counter(f"{remark.exigence}.{remark.code}" for remark in of_messages if remark.exigence != one.id)
    assert others == Counter(case.get("ailleurs", ()))
    assert (seen.judged[one.id] == 0) == (case.get("verdict") == "non_applicable")


@pytest.mark.parametrize("one", OF_MESSAGES, ids=lambda one: one.id)
def test_a_requirement_has_a_case_without_finding_and_one_for_each_finding(one: Requirement):
    assert any(not case["constats"] and "verdict" not in case for case in one.cas)
    assert {constat["code"] for case in one.cas for constat in case["constats"]} == set(one.constats)


def test_every_requirement_on_messages_has_its_rule():
    assert set(RULES) == {one.id for one in OF_MESSAGES}


def test_what_is_known_at_second_hand_warns_and_says_so():
    unread = {"referentiel-mssante-2"}
    for one in OF_MESSAGES:
        if {source.document for source in one.sources} <= unread:
            assert all("à confirmer" in of.message and of.gravite != "erreur" for of in one.constats.values())
        assert all(of.gravite != "erreur" for of in one.constats.values() if "à confirmer" in of.message)
