"""What completes the message of a check: a column, a count or a code, never a trait."""

from __future__ import annotations

from typing import Any

import pytest

from esms_sdk.conformance import catalogue
from tests.conformance.case_lot import fill, memory_lot
from tests.conformance.test_cases import run_case

SAID = [
    ("ESMS-INS-03", {"sexe": "", "nom_naissance": ""}, ["nom_naissance, sexe"]),
    ("ESMS-INS-03", {"lieu_naissance_cog": "PARIS"}, [None]),
    ("ESMS-INS-04", {"nom_naissance": "Essai"}, ["nom_naissance"]),
    ("ESMS-INS-19", {"mode_obtention_ins": ""}, ["mode_obtention_ins"]),
    ("ESMS-INS-19", {"date_interrogation_insi": ""}, ["date_interrogation_insi"]),
    ("ESMS-INS-19", {"mode_obtention_ins": "", "date_interrogation_insi": ""}, [None]),
]


@pytest.mark.parametrize(("id", "usager", "said"), SAID)
def test_the_precision_names_the_column_at_fault(id: str, usager: Any, said: list[str | None]) -> None:
    case = {"nom": "", "usager": usager, "constats": []}
    with memory_lot() as lot:
        fill(lot, case)
        _, found = run_case(lot, catalogue()[id], case)
    assert [one.precision for one in found] == said


def test_the_precision_of_a_shared_matricule_is_the_number_of_records() -> None:
    case: dict[str, Any] = {"nom": "", "usager": [{}, {"usager_id": "U2"}, {"usager_id": "U3"}], "constats": []}
    with memory_lot() as lot:
        fill(lot, case)
        _, found = run_case(lot, catalogue()["ESMS-INS-21"], case)
    assert {one.precision for one in found} == {"3 fiches"}


@pytest.mark.parametrize(
    ("categorie", "said"),
    [("355", "catégorie 355"), ("253072A07300443", "catégorie 999999X99999999"), ("DURAND", "catégorie XXXXXX")],
)
def test_a_category_that_is_no_code_may_be_anything_and_is_masked(categorie: str, said: str) -> None:
    case: dict[str, Any] = {"nom": "", "etablissement": {"categorie": categorie}, "constats": []}
    with memory_lot() as lot:
        fill(lot, case)
        _, found = run_case(lot, catalogue()["ESMS-FINESS-04"], case)
    assert [one.precision for one in found] == [said]
