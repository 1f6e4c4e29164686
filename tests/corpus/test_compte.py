"""The count: every finding on a document has its one-defect twin, and every rule of the CDA header is broken by one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from esms_sdk.checks.cda_regles import all_regles, profil_of, rules_for
from esms_sdk.checks.datamatrix import FORMAT, judge_payload
from esms_sdk.checks.documents import Piece, Setting
from esms_sdk.conformance import catalogue
from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.terminology import tables
from esms_sdk.sample.documents import documents
from tests.corpus.complet import complet, written
from tests.corpus.datamatrix import PAYLOAD, TWINS
from tests.corpus.defauts_courriel import COURRIELS
from tests.corpus.defauts_xdm import XDM, XDS
from tests.corpus.test_corpus import DEFAUTS
from tests.corpus.volets import COMMUNES, VOLETS

DOMAINES = ("CDA", "XDS", "XDM", "MSS", "DMP")
# What no document alone can show: why it has no twin here, by what it is judged on.
AILLEURS = {
    "document_du_lot": "jugé contre un lot : chaque constat a son cas dans son exigence",
    "paquet": "jugé par le paquet officiel, que nous n'avons pas : le petit paquet des tests y répond",
}


def twins() -> set[str]:
    """Return the findings that have a twin."""
    listed = [*DEFAUTS, *COMMUNES, *VOLETS, *XDM, *XDS, *COURRIELS]
    return {one.constat for one in listed} | {f"{FORMAT}.{code}" for code in TWINS}


def wanted(*objets: str) -> set[str]:
    """Return every finding on a document, of some kinds where they are told."""
    return {
        f"{one.id}.{code}"
        for one in catalogue().values()
        for code in one.constats
        if one.methode == "auto" and (one.objet == "datamatrix" or (one.domaine in DOMAINES and one.objet != "lot"))
        if not objets or one.objet in objets
    }


def test_every_finding_on_a_document_has_its_twin_or_its_reason() -> None:
    assert sorted(wanted() - twins()) == sorted(wanted(*AILLEURS))
    assert sorted(twins() - wanted()) == [], "a twin of a finding that is no more"


@pytest.mark.parametrize("objet", AILLEURS)
def test_what_has_no_twin_has_a_case_of_its_requirement(objet: str) -> None:
    for one in catalogue().values():
        if one.objet == objet:
            assert {constat["code"] for case in one.cas for constat in case["constats"]} == set(one.constats), one.id


def test_every_rule_of_the_header_is_broken_by_a_twin() -> None:
    sound, broken = complet(), set()
    for one in [*DEFAUTS, *COMMUNES, *VOLETS]:
        if getattr(one, "illisible", False):
            continue
        start = getattr(one, "depart", "")
        twin = etree.fromstring(documents()[start]) if start else copy.deepcopy(sound)
        one.edit(twin)
        broken |= set(_broken(twin))
    # A 2.41 document is judged by that profile only where it is asked for: its own rules are its cases' matter.
    ours = [one for one in all_regles() if one.profils != ("structmin-2.41",)]
    assert [(one.exigence, one.code, one.chemin) for one in ours if _key(one) not in broken] == []


def _broken(twin: Any) -> list[Any]:
    cda = read_cda(written(twin), "document.xml")
    return [_key(fault.regle) for fault in rules_for(cda, profil_of(cda)).faults(cda.tree, tables())]


def _key(regle: Any) -> Any:
    return regle.exigence, regle


def test_the_payload_written_by_hand_has_nothing_to_report(tmp_path: Path) -> None:
    assert told(tmp_path, PAYLOAD) == []


@pytest.mark.parametrize("code", TWINS)
def test_a_payload_with_one_defect_is_caught_by_that_rule_alone(tmp_path: Path, code: str) -> None:
    old, new = TWINS[code]
    assert PAYLOAD.count(old) == 1
    assert told(tmp_path, PAYLOAD.replace(old, new)) == [code]


def told(folder: Path, payload: str) -> list[str]:
    path = folder / "lu.txt"
    path.write_bytes(payload.encode("ascii"))
    return [one.code for one in judge_payload(Piece("datamatrix", path), Setting("test")).found]
