"""The files of ``document.chemin``: each case of their requirements, and a lot on disk through ``esms check``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.checks.documents_du_lot import ALL, OBJET
from esms_sdk.conformance import Requirement, catalogue, lot_documents
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import prepare
from esms_sdk.conformance.runner import verdict_of
from esms_sdk.documents.terminology import tables
from esms_sdk.lot import Lot
from tests.conformance.case_lot import fill, memory_lot

SAMPLE = Path(__file__).parents[2] / "samples" / "documents" / "projet_personnalise.xml"
OURS = {id: one for id, one in catalogue().items() if one.objet == OBJET}
CASES = [(one, case) for one in OURS.values() for case in one.cas]
# The document of the shared lot of cases: the sample, with the identity of its person.
IDENTITY = {
    "1.2.250.1.213.1.4.10": "1.2.250.1.213.1.4.8", "238020010100084": "253072A07300443", "CHIMERE": "ESSAI",
    "AGATHE ROSE": "ANNA MARIE", "AGATHE": "ANNA", "SONGE</family>": "ESSAI</family>", "19380214": "19530715",
    "<county>00101<": "<county>2A073<",
}  # fmt: skip


def content(case: Mapping[str, Any]) -> bytes:
    told = case.get("fichier", {})
    if "contenu" in told:
        return str(told["contenu"]).encode()
    text = SAMPLE.read_text(encoding="utf-8")
    for old, new in (*IDENTITY.items(), *told.get("change", ())):
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


@pytest.fixture(scope="module")
def lot() -> Iterator[Lot]:
    with memory_lot() as made:
        yield made


@pytest.mark.parametrize(("one", "case"), CASES, ids=[f"{one.id} : {case['nom']}" for one, case in CASES])
def test_a_case_gives_exactly_the_findings_it_names(
    lot: Lot, one: Requirement, case: Mapping[str, Any], tmp_path: Path
) -> None:
    asked = case.get("document", {})
    rows = [{"chemin": "documents/DOC1.xml", **row} for row in (asked if isinstance(asked, list) else [asked])]
    fill(lot, {**{name: value for name, value in case.items() if name != "fichier"}, "document": rows})
    lot.path = tmp_path
    if not case.get("fichier", {}).get("absent"):
        (tmp_path / "documents").mkdir()
        (tmp_path / "documents" / "DOC1.xml").write_bytes(content(case))
    prepare(lot)
    findings = Findings()
    try:
        judged = lot_documents.judge(lot, {one.id: one}, tables(), findings).judged
        outcome = verdict_of(one, list(judged.values()), findings.groups(one.id))
        seen = Counter((f.code, f.cle) for f in findings.lines())
    finally:
        findings.close()
    assert seen == Counter((c["code"], c["cle"]) for c in case["constats"])
    failing = any(one.constats[c["code"]].gravite == "erreur" for c in case["constats"])
    assert outcome.verdict == case.get("verdict", "non_conforme" if failing else "conforme")


def test_every_requirement_has_its_rule_and_every_code_a_case() -> None:
    assert set(OURS) == set(ALL)
    for one in OURS.values():
        assert {c["code"] for case in one.cas for c in case["constats"]} == set(one.constats)
