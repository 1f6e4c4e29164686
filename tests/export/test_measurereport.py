"""``measurereport.json`` is FHIR R4, names no person, and says what FHIR itself does not check."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.export import write_indicators
from esms_sdk.indicators.result import Indicateurs

SCORED = ("esms-usage-dui", "esms-services-socles")
GROUPS = {
    "esms-usage-dui": ["dossiers-actifs", "dossiers-actifs-autre-lecture", "projet-personnalise", "evenement-agenda"],
    "esms-services-socles": ["mss", "dmp"],
    "esms-usages-facultatifs": ["e-prescription", "e-parcours"],
}
Resource = dict[str, Any]


def bundle_of(result: Indicateurs, folder: Path) -> Resource:
    write_indicators(result, folder)
    document: Resource = json.loads((folder / "measurereport.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture
def bundle(result: Indicateurs, tmp_path: Path) -> Resource:
    return bundle_of(result, tmp_path)


def resources(bundle: Resource, kind: str) -> list[Resource]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def report(bundle: Resource, finess: str, measure: str) -> Resource:
    return next(r for r in resources(bundle, "MeasureReport") if r["id"].startswith(f"{measure}-{finess}-"))


def group(resource: Resource, name: str) -> Resource:
    return next(g for g in resource["group"] if g["id"] == name)


def extension(element: Resource, name: str) -> Any:
    """The value of one of our extensions, null without it."""
    found = [e for e in element.get("extension", ()) if e["url"].endswith(f"/{name}")]
    return next(value for key, value in found[0].items() if key != "url") if found else None


def counts(element: Resource) -> dict[str, int | None]:
    return {p["code"]["coding"][0]["code"]: p.get("count") for p in element["population"]}


@pytest.mark.parametrize("chosen", ["periode", "annuelle"])
def test_every_resource_is_valid_r4(chosen: str, make_result: Callable[..., Indicateurs], tmp_path: Path) -> None:
    bundle = bundle_of(make_result(chosen), tmp_path)
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        model.model_validate_json(json.dumps(entry["resource"]))
    empty = importlib.import_module("fhir.resources.R4B.bundle").Bundle
    empty.model_validate_json(json.dumps({**bundle, "entry": bundle["entry"][:1]}))


def test_the_bundle_holds_three_measures_and_a_report_by_finess_and_measure(
    bundle: Resource, result: Indicateurs
) -> None:
    assert bundle["type"] == "collection"
    assert [m["id"] for m in resources(bundle, "Measure")] == list(GROUPS)
    pairs = [
        (r["subject"]["identifier"]["value"], r["measure"].partition("|")[0].rpartition("/")[2])
        for r in resources(bundle, "MeasureReport")
    ]
    assert pairs == [(e.finess_et, measure) for e in result for measure in GROUPS]
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(bundle["entry"])


def test_ids_have_the_length_and_the_letters_that_fhir_allows(bundle: Resource) -> None:
    everything = [bundle, *(entry["resource"] for entry in bundle["entry"])]
    everything += [c for r in resources(bundle, "MeasureReport") for c in r["contained"]]
    assert all(re.fullmatch(r"[A-Za-z0-9.\-]{1,64}", resource["id"]) for resource in everything)


def test_what_is_no_finess_still_gives_a_valid_id(result: Indicateurs, tmp_path: Path) -> None:
    odd = replace(result.etablissements[0], finess_et="n° 12 / bâtiment «B» " * 5)
    ids = [r["id"] for r in resources(bundle_of(replace(result, etablissements=(odd,)), tmp_path), "MeasureReport")]
    assert len(set(ids)) == 3 and all(re.fullmatch(r"[A-Za-z0-9.\-]{1,64}", one) for one in ids)


def test_codes_are_those_of_their_sets(bundle: Resource) -> None:
    for measure in resources(bundle, "Measure"):
        assert measure["status"] in ("draft", "active", "retired", "unknown")
        assert [g["id"] for g in measure["group"]] == GROUPS[measure["id"]]
    for one in resources(bundle, "MeasureReport"):
        assert (one["status"], one["type"]) == ("complete", "summary")
        for g in one["group"]:
            assert set(counts(g)) <= {"initial-population", "denominator", "numerator"}
            assert extension(g, "etat") in (None, "ATTEINTE", "NON_ATTEINTE", "INDETERMINEE", "SANS_OBJET")


def test_scoring_is_proportion_except_messages_which_are_a_ratio_and_options_a_cohort(bundle: Resource) -> None:
    dui, socles, optional = resources(bundle, "Measure")
    assert dui["scoring"]["coding"][0]["code"] == "proportion"
    assert optional["scoring"]["coding"][0]["code"] == "cohort"
    assert "scoring" not in socles
    own = {g["id"]: g["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] for g in socles["group"]}
    assert own == {"mss": "ratio", "dmp": "proportion"}


def test_counts_are_never_negative_and_a_proportion_never_passes_its_denominator(bundle: Resource) -> None:
    for one in resources(bundle, "MeasureReport"):
        for g in one["group"]:
            found = counts(g)
            assert all(count is None or count >= 0 for count in found.values())
            numerator, denominator = found.get("numerator"), found.get("denominator")
            initial = found["initial-population"]
            if g["id"] != "mss" and numerator is not None and denominator is not None:
                assert numerator <= denominator and (initial is None or denominator <= initial)


def test_a_score_is_the_quotient_of_its_counts_in_percent(bundle: Resource) -> None:
    for one in resources(bundle, "MeasureReport"):
        for g in one["group"]:
            found, score = counts(g), g.get("measureScore", {})
            if "value" in score:
                numerator, denominator = found["numerator"], found["denominator"]
                assert numerator is not None and denominator
                assert abs(score["value"] - 100 * numerator / denominator) <= 0.05 + 1e-9
                assert (score["system"], score["code"]) == ("http://unitsofmeasure.org", "%")


def test_population_ids_are_those_of_the_measure(bundle: Resource) -> None:
    defined = {m["id"]: {g["id"]: [p["id"] for p in g["population"]] for g in m["group"]}
               for m in resources(bundle, "Measure")}  # fmt: skip
    for one in resources(bundle, "MeasureReport"):
        measure = one["measure"].partition("|")[0].rpartition("/")[2]
        assert {g["id"]: [p["id"] for p in g["population"]] for g in one["group"]} == defined[measure]


def test_a_report_names_its_establishment_and_its_organisme(bundle: Resource) -> None:
    one = report(bundle, "000000117", "esms-usage-dui")
    organization = one["contained"][0]
    national, finess = organization["identifier"]
    assert one["reporter"]["reference"] == f"#{organization['id']}"
    assert (national["system"], national["value"]) == ("urn:oid:1.2.250.1.71.4.2.2", "1000000117")
    assert (finess["type"]["coding"][0]["code"], finess["value"]) == ("FINEG", "000000117")
    parent = organization["partOf"]["identifier"]
    assert (parent["type"]["coding"][0]["code"], parent["value"]) == ("FINEJ", "000000018")
    assert "reference" not in one["subject"]


def test_a_period_has_two_days_both_included_and_does_not_end_after_the_measure(bundle: Resource) -> None:
    one = report(bundle, "000000117", "esms-usage-dui")
    assert one["period"] == {"start": "2025-09-01", "end": "2025-09-30"}
    assert one["date"] == "2025-09-30"


def test_both_readings_of_the_first_rate_are_there(bundle: Resource) -> None:
    one = report(bundle, "000000117", "esms-usage-dui")
    chosen, other = group(one, "dossiers-actifs"), group(one, "dossiers-actifs-autre-lecture")
    assert (extension(chosen, "lecture"), counts(chosen)["denominator"]) == ("periode", 64)
    assert (extension(other, "lecture"), counts(other)["denominator"]) == ("annuelle", 80)


def test_a_zero_denominator_has_no_score_and_says_that_none_applies(bundle: Resource) -> None:
    mss = group(report(bundle, "000000133", "esms-services-socles"), "mss")
    assert counts(mss) == {"initial-population": 0, "denominator": 0, "numerator": 0}
    assert mss["measureScore"] == {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "not-applicable"}
        ]
    }
    assert (extension(mss, "etat"), extension(mss, "motif")) == ("INDETERMINEE", "DENOMINATEUR_NUL")


def test_a_number_that_is_not_supplied_is_unknown_and_never_zero(bundle: Resource) -> None:
    one = group(report(bundle, "000000141", "esms-usage-dui"), "dossiers-actifs")
    unknown = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert one["measureScore"] == {"extension": [unknown]}
    assert [p["_count"] for p in one["population"]] == [{"extension": [unknown]}] * 3
    assert extension(one, "motif") == "DONNEE_NON_FOURNIE"
    optional = group(report(bundle, "000000141", "esms-usages-facultatifs"), "e-parcours")
    assert "count" not in optional["population"][0] and extension(optional, "motif") == "DONNEE_NON_FOURNIE"


def test_an_exempt_group_keeps_its_counts_and_says_that_it_has_no_target(bundle: Resource) -> None:
    mss = group(report(bundle, "000000158", "esms-services-socles"), "mss")
    assert (extension(mss, "etat"), extension(mss, "cible")) == ("SANS_OBJET", None)
    assert counts(mss)["numerator"] == 3 and mss["measureScore"]["value"] == 0.2


def test_reserves_rejects_and_options_stand_in_the_report(bundle: Resource) -> None:
    one = report(bundle, "000000117", "esms-usage-dui")
    reserves = [e["valueCode"] for e in one["extension"] if e["url"].endswith("/reserve")]
    assert reserves == ["DEPLOIEMENT_EN_COURS", "FILE_ACTIVE_PARTIELLE", "SORTIE_NON_QUALIFIEE"]
    assert extension(report(bundle, "000000166", "esms-usage-dui"), "rejets-sejours") == 3
    assert (extension(one, "definition"), extension(one, "denominateur")) == ("mois_ecoule", "periode")


def test_the_report_holds_no_person(bundle: Resource) -> None:
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert kinds == {"Measure", "MeasureReport"}
    assert not [r for r in resources(bundle, "MeasureReport") if "evaluatedResource" in r]


def test_writing_needs_no_fhir_library() -> None:
    code = "import esms_sdk.export.measurereport, sys; sys.exit('fhir' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
