"""``junit.xml``: a strict schema accepts it, its names are met once, it says what the exit code says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lxml import etree

from esms_sdk.conformance import Conformity, Verdict
from esms_sdk.conformance.verdict import together
from esms_sdk.report import junit as writer
from tests.lots import EHPAD, SSIAD
from tests.report import world

STRICT = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit_strict.xsd")))


def _cases(path: Path) -> dict[str, ElementTree.Element]:
    return {case.get("name"): case for case in ElementTree.parse(path).iter("testcase")}


def _elements(path: Path, id: str) -> dict[str, str | None]:
    found = {name: [child.tag for child in case] for name, case in _cases(path).items() if name.startswith(id)}
    return {name.partition("[")[2].rstrip("]"): (tags[0] if tags else None) for name, tags in found.items()}


def test_a_strict_schema_accepts_every_run(result: Conformity, junit):
    STRICT.assertValid(etree.parse(junit(result)))


def test_the_numbers_of_a_suite_are_those_of_its_cases(result: Conformity, junit):
    for suite in ElementTree.parse(junit(result)).iter("testsuite"):
        seen = Counter(child.tag for case in suite.iter("testcase") for child in case)
        told = {
            tag: int(suite.get(name))
            for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
        }
        assert told == {tag: seen[tag] for tag in told}
        assert int(suite.get("tests")) == len(list(suite.iter("testcase")))


def test_the_cases_of_a_requirement_together_say_its_verdict(result: Conformity):
    for outcome in result.outcomes:
        assert together(case.verdict for case in writer.cases(result) if case.outcome is outcome) is outcome.verdict


def test_there_is_a_case_for_each_requirement_and_finess(runs, junit):
    path = junit(runs["echec"])
    assert _elements(path, "ESMS-DONNEES-90") == {f"FINESS {EHPAD}": "failure", f"FINESS {SSIAD}": "failure"}
    assert _elements(path, "ESMS-INS-90") == {f"FINESS {EHPAD}": None, f"FINESS {SSIAD}": None}
    assert _elements(path, "ESMS-PSC-90") == {"": "skipped"}
    assert _elements(path, "ESMS-DMP-90") == {f"FINESS {EHPAD}": None, f"FINESS {SSIAD}": "skipped"}


def test_what_could_not_be_established_is_an_error(runs, junit):
    assert _elements(junit(runs["illisible"]), "ESMS-INS-90") == {"": "error"}


def test_a_lot_that_cannot_be_read_beside_one_that_can_is_an_error_of_its_own(runs, junit):
    path = junit(runs["plusieurs"])
    assert _elements(path, "ESMS-INS-90") == {
        f"FINESS {EHPAD}": None,
        f"FINESS {SSIAD}": None,
        "en dehors des FINESS": "error",
    }


def test_an_accepted_difference_is_skipped_with_its_reason_and_its_last_day(runs, junit):
    case = next(case for name, case in _cases(junit(runs["ecarts"])).items() if name.startswith("ESMS-DONNEES-90"))
    assert case[0].tag == "skipped"
    assert "reprise en cours (Équipe)" in case[0].get("message") and "31/03/2026" in case[0].get("message")


def test_what_the_baseline_knows_is_skipped_and_says_so(runs, junit):
    path = junit(runs["connus"])
    assert set(_elements(path, "ESMS-DONNEES-90").values()) == {"skipped"}
    case = next(case for name, case in _cases(path).items() if name.startswith("ESMS-DONNEES-90"))
    assert "déjà connu" in case[0].get("message")


def test_what_is_only_recommended_is_skipped_with_its_verdict_as_the_exit_code_is_green(tmp_path, junit):
    lot = world.lot(tmp_path / "lot", [{"prenom_utilise": "ROUGE"}])
    with world.judged(lot) as run:
        path = junit(run)
        assert run.exit_code == 0
    assert _elements(path, "ESMS-DONNEES-91") == {f"FINESS {EHPAD}": "skipped", f"FINESS {SSIAD}": "skipped"}
    told = {case[0].get("message") for name, case in _cases(path).items() if name.startswith("ESMS-DONNEES-91")}
    assert "recommandé, non conforme : 1 constat" in told
    assert all(
        suite.get("failures") == suite.get("errors") == "0" for suite in ElementTree.parse(path).iter("testsuite")
    )


def test_a_failure_names_the_record_the_text_and_the_remedy(runs, junit):
    case = next(case for name, case in _cases(junit(runs["echec"])).items() if name.startswith("ESMS-DONNEES-90"))
    told = case[0].text
    assert "ROUGE (erreur, 1) : c'est rouge" in told and "clé U1" in told
    assert "SC.X/va1.01" in told and "Remède de ESMS-DONNEES-90." in told


def test_beyond_a_size_the_least_telling_finess_are_gathered(runs, junit, monkeypatch):
    monkeypatch.setattr(writer, "MOST_CASES", 6)
    path = junit(runs["echec"])
    STRICT.assertValid(etree.parse(path))
    assert _elements(path, "ESMS-DMP-90") == {f"FINESS {EHPAD}": None, "1 autres FINESS": "skipped"}
    for outcome in runs["echec"].outcomes:
        cases = [case for case in writer.cases(runs["echec"]) if case.outcome is outcome]
        assert together(case.verdict for case in cases) is outcome.verdict


@pytest.mark.parametrize("text", ["\x00\x1b[31m", "\ud800", "a\ufffe"])
def test_what_xml_has_no_place_for_is_replaced(text):
    etree.fromstring(f"<a>{writer._fit(text)}</a>")


def test_no_verdict_but_conforme_passes_without_a_word():
    silent = [v for v in Verdict if not writer._ELEMENTS.get(v, "skipped")]
    assert silent == [Verdict.CONFORME]


@pytest.mark.parametrize(("code", "element"), [("JAUNE", None), ("ROUGE", "failure")])
def test_what_belongs_to_no_finess_has_a_case_of_its_own(tmp_path, junit, code, element):
    query = f"select usager_id as cle, usager_id, null as code from usager union all select 'X', 'X', '{code}'"
    lot = world.lot(tmp_path / "lot", [{}])
    with world.judged(lot, checks={**world.CHECKS, "ESMS-INS-90": lambda examined: query}) as result:
        path = junit(result)
    told = {f"FINESS {EHPAD}": None, f"FINESS {SSIAD}": "skipped", "en dehors des FINESS": element}
    assert _elements(path, "ESMS-INS-90") == told
