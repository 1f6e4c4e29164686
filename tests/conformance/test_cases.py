"""Every case of every requirement: all the findings it names, no other, and its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from esms_sdk.checks import Examined, load_all
from esms_sdk.commande import parse
from esms_sdk.conformance import Requirement, Verdict, catalogue, profile
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import judge_one, prepare
from esms_sdk.conformance.runner import verdict_of
from esms_sdk.lot import Lot
from tests.conformance.case_lot import fill, memory_lot, rows
from tests.conformance.case_publication import publications
from tests.conformance.case_register import register

OBJETS = ("lot", "indicateurs", "tableau_de_bord", "commande")
OF_LOT = [one for one in catalogue().values() if one.methode == "auto" and one.objet in OBJETS]
CASES = [(one, case) for one in OF_LOT for case in one.cas]


@pytest.fixture(scope="module")
def lot() -> Iterator[Lot]:
    with memory_lot() as made:
        yield made


@pytest.mark.parametrize(("one", "case"), CASES, ids=[f"{one.id} : {case['nom']}" for one, case in CASES])
def test_a_case_gives_exactly_the_findings_it_names(lot: Lot, one: Requirement, case: Mapping[str, Any]) -> None:
    fill(lot, case)
    verdict, found = run_case(lot, one, case)
    named = case["constats"]
    with_finess = any("finess_et" in constat for constat in named)
    seen = Counter((f.code, f.cle, f.finess_et if with_finess else None) for f in found)
    wanted = Counter((c["code"], c.get("cle"), c.get("finess_et") if with_finess else None) for c in named)
    assert seen == wanted
    failing = any(one.constats[c["code"]].gravite == "erreur" for c in named)
    assert verdict == case.get("verdict", "non_conforme" if failing else "conforme")


def run_case(lot: Lot, one: Requirement, case: Mapping[str, Any]) -> tuple[Verdict, list[Any]]:
    parameters = {**profile().parameters(lot.manifest.date_extraction.date()), **case.get("parametres", {})}
    commande = parse(case["commande"], "commande.toml") if "commande" in case else None
    examined = Examined(lot, case.get("mode", "production"), parameters, commande, publications(one.objet, case))
    if "referentiel" in case:
        examined.partage["referentiel_finess"] = register(case["referentiel"])
    findings = _findings()
    findings.con.execute("delete from constat")
    people = (
        lot.manifest.perimetre,
        *(rows(name, case) for name in ("usager", "sejour", "dossier")),
        case.get("absentes"),
    )
    if lot.__dict__.get("_people") != people:
        prepare(lot)
        lot.__dict__["_people"] = people
    judged = judge_one(one, load_all()[one.id], examined, findings)
    outcome = verdict_of(one, [judged], findings.groups(one.id))
    assert "erreur interne" not in outcome.motif, outcome.motif
    return outcome.verdict, list(findings.lines())


@cache
def _findings() -> Findings:
    """One store for all cases: making one takes longer than judging a case."""
    return Findings()


@pytest.mark.parametrize("one", OF_LOT, ids=lambda one: one.id)
def test_a_requirement_has_a_case_that_passes_and_one_that_fails(one: Requirement) -> None:
    assert any(not case["constats"] and case.get("verdict", "conforme") == "conforme" for case in one.cas)
    assert {c["code"] for case in one.cas for c in case["constats"]} == set(one.constats)


def test_every_automatic_requirement_has_its_check_and_no_check_is_without_one() -> None:
    assert set(load_all()) == {one.id for one in OF_LOT}
