"""FHIR Patients: every case of every requirement, files of several Patients, and the door of the documents."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from esms_sdk import fhir
from esms_sdk.checks import documents
from esms_sdk.checks.documents import Examination, Piece, Remark, Setting
from esms_sdk.conformance import Asked, Conformity, Finding, Requirement, Verdict, catalogue, document_run, run
from esms_sdk.conformance.findings import Findings
from esms_sdk.errors import UsageError
from tests.conformance.case_patient import base, changed, write

OF_PATIENT = {id: one for id, one in catalogue().items() if one.objet == "fhir_patient"}
CASES = [(one, case) for one in OF_PATIENT.values() for case in one.cas]


def check(*paths: Path) -> Conformity:
    return run(Asked(paths, requirements=OF_PATIENT, checks={}))


def found(result: Conformity) -> list[tuple[str, str, str | None]]:
    seen = [(one.exigence, one.code, one.xpath) for one in result.lines()]
    result.findings.close()
    return seen


class Kept(list[Finding]):
    """Findings as a list."""

    add = list.extend


@pytest.mark.parametrize(("one", "case"), CASES, ids=[f"{one.id} : {case['nom']}" for one, case in CASES])
def test_a_case_gives_exactly_the_findings_it_names(tmp_path: Path, one: Requirement, case: Mapping[str, Any]) -> None:
    piece = Piece("fhir_patient", write(tmp_path, changed(case.get("patient", {}))))
    kept = Kept()
    seen = document_run.judge(piece, {one.id: one}, Setting(case.get("mode", "production")), cast(Findings, kept))
    assert Counter((f.code, f.xpath) for f in kept) == Counter((c["code"], c["xpath"]) for c in case["constats"])
    failing = any(one.constats[c["code"]].gravite == "erreur" for c in case["constats"])
    assert seen.fichier["verdict"] == case.get("verdict", "non_conforme" if failing else "conforme")


@pytest.mark.parametrize("one", OF_PATIENT.values(), ids=lambda one: one.id)
def test_a_requirement_has_a_case_that_passes_and_one_for_every_finding(one: Requirement) -> None:
    assert any(not case["constats"] and "verdict" not in case for case in one.cas)
    assert {c["code"] for case in one.cas for c in case["constats"]} == set(one.constats)


def test_the_conforming_patient_meets_every_requirement(tmp_path: Path) -> None:
    result = check(write(tmp_path, base()))
    assert found(result) == []
    assert {o.verdict for o in result.outcomes} == {Verdict.CONFORME, Verdict.NON_APPLICABLE}
    assert result.fichiers == [{"fichier": "patient.json", "type": "fhir_patient", "verdict": "conforme"}]


# One corruption each, and all that may come of it.
SINGLE = [
    ({"identifier[0].value": "253072A07300444"}, {("ESMS-INS-43", "CLE")}),
    ({"gender": "unknown"}, {("ESMS-INS-45", "SEXE")}),
    ({"name[0].given": ["MARIE"]}, {("ESMS-INS-46", "PREMIER_PRENOM")}),
    ({"name[0].family": "Essai"}, {("ESMS-INS-47", "CARACTERES")}),
    ({"identifier[0].use": "secondary"}, {("ESMS-INS-42", "USAGE")}),
    ({"extension[0].extension[0].valueCoding.code": "RECUP"}, {("ESMS-INS-41", "INS_INTERDIT")}),
    ({"identifier[1].value": "x253072A073004"}, {("ESMS-INS-49", "NIR_DANS_IDENTIFIANT")}),
    ({"animal": {}}, {("ESMS-INS-40", "STRUCTURE")}),
]


@pytest.mark.parametrize(("changes", "expected"), SINGLE, ids=[next(iter(changes)) for changes, _ in SINGLE])
def test_one_corruption_is_caught_by_one_requirement(tmp_path: Path, changes: Any, expected: Any) -> None:
    assert {(id, code) for id, code, _ in found(check(write(tmp_path, changed(changes))))} == expected


def test_the_patients_of_a_bundle_are_judged_each_at_its_place(tmp_path: Path) -> None:
    holder = {"resourceType": "Consent", "contained": [changed({"gender": "unknown"})]}
    entries = [
        {"resource": base()},
        {"resource": {"resourceType": "Encounter"}},
        {"resource": changed({"birthDate": ""})},
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [*entries, {"resource": holder}, "?"]}
    result = check(write(tmp_path, bundle))
    assert result.of("ESMS-INS-45").juges == 3
    assert found(result) == [
        ("ESMS-INS-45", "SEXE", "$.entry[3].resource.contained[0].gender"),
        ("ESMS-INS-45", "TRAIT_MANQUANT", "$.entry[2].resource.birthDate"),
    ]


def test_each_file_has_its_verdict_and_each_finding_its_file(tmp_path: Path) -> None:
    good, bad = write(tmp_path, base(), "bon.json"), write(tmp_path, changed({"gender": ""}), "mauvais.json")
    damaged, other = tmp_path / "abime.json", write(tmp_path, {"resourceType": "Encounter"}, "autre.json")
    damaged.write_text('{"resourceType": "Patient", ', encoding="utf-8")
    result = check(good, bad, damaged, other)
    assert {one["fichier"]: one["verdict"] for one in result.fichiers} == {
        "bon.json": "conforme", "mauvais.json": "non_conforme", "abime.json": "indetermine", "autre.json": "non_applicable",
    }  # fmt: skip
    assert [one.fichier for one in result.lines()] == ["mauvais.json"]
    assert result.of("ESMS-INS-45").verdict is Verdict.NON_CONFORME
    assert result.of("ESMS-INS-43").verdict is Verdict.INDETERMINE
    assert "abime.json" in result.of("ESMS-INS-43").motif
    assert [one["type"] for one in result.identite["entrees"]] == ["fhir_patient"] * 4  # type: ignore[attr-defined]
    result.findings.close()


def test_a_folder_of_documents_is_read_file_by_file(tmp_path: Path) -> None:
    write(tmp_path, base(), "a.json")
    (tmp_path / "b").mkdir()
    write(tmp_path / "b", changed({"gender": ""}), "b.json")
    (tmp_path / "LISEZMOI.txt").write_text("rien", encoding="utf-8")
    result = check(tmp_path)
    result.findings.close()
    assert [one["fichier"] for one in result.fichiers] == ["a.json", "b.json"]


@pytest.mark.parametrize(
    ("document", "day"),
    [
        ({"resourceType": "Bundle", "timestamp": "2025-10-02T03:00:00+02:00", "entry": []}, "2025-10-02"),
        ({**base(), "meta": {"lastUpdated": "2025-10-01T23:59:00Z"}}, "2025-10-01"),
        ({**base(), "meta": {"lastUpdated": "hier"}}, None),
    ],
)
def test_a_document_bears_its_day(tmp_path: Path, document: Any, day: str | None) -> None:
    result = check(write(tmp_path, document))
    result.findings.close()
    assert result.identite["arrete_au"] == day


def test_a_json_that_is_no_fhir_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ESMS-E168"):
        check(write(tmp_path, {"nom": "x"}))


def test_no_trait_stands_in_what_is_said(tmp_path: Path) -> None:
    secrets = {"identifier[0].value": "253072A07300444", "name[0].family": "Canariette", "birthDate": "15/07/1953"}
    result = check(write(tmp_path, changed({**secrets, "gender": "canari"}), "253072A07300444.json"))
    said = json.dumps([list(result.lines()), result.fichiers, result.identite, [o.motif for o in result.outcomes]])
    result.findings.close()
    assert "INS-45" in said
    for secret in (*secrets.values(), "canari", "253072A"):
        assert secret not in said


def test_odd_json_never_fails_the_judge(tmp_path: Path) -> None:
    odd = [None, 1, "x", [], {}, [None], [1], [[]], [{}], {"x": 1}]
    for element in ("identifier", "extension", "name", "gender", "birthDate", "meta", "id", "contained"):
        for value in odd:
            piece = Piece("fhir_patient", write(tmp_path, {**base(), element: value}))
            seen = documents.load_judges()["fhir_patient"].judge(piece, Setting("production"))
            assert seen.undecided == {}, (element, value)


def test_without_the_engine_structure_is_undecided_and_the_rest_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fhir._patient.cache_clear()
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B.patient", None)
    try:
        result = check(write(tmp_path, base()))
    finally:
        fhir._patient.cache_clear()
    result.findings.close()
    assert result.of("ESMS-INS-40").verdict is Verdict.INDETERMINE
    assert "esms-sdk[fhir]" in result.of("ESMS-INS-40").motif
    assert result.of("ESMS-INS-43").verdict is Verdict.CONFORME


def test_the_engine_is_r4b() -> None:
    assert fhir._patient().__module__.startswith("fhir.resources.R4B.")


def test_our_own_failure_in_a_judge_leaves_the_file_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(piece: Piece, setting: Setting) -> Examination:
        raise KeyError("gender")

    known = documents.load_judges()["fhir_patient"]
    monkeypatch.setitem(documents.JUDGES, "fhir_patient", known._replace(judge=broken))
    result = check(write(tmp_path, base()))
    result.findings.close()
    assert {o.verdict for o in result.outcomes} == {Verdict.INDETERMINE}
    assert "KeyError" in result.of("ESMS-INS-43").motif


def test_a_rule_that_fails_leaves_the_others_judged() -> None:
    def broken(thing: str, setting: Setting) -> None:
        raise KeyError(thing)

    seen = Examination()
    rules = {"A": broken, "B": lambda thing, setting: [("CODE", "$", None)], "C": lambda thing, setting: None}
    documents.apply(rules, "x", Setting("test"), seen)
    assert (set(seen.undecided), seen.judged, seen.found) == ({"A"}, Counter("B"), [Remark("B", "CODE", "$")])
