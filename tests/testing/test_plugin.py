"""The pytest plugin, as a vendor's test run meets it."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import duckdb
import pytest

from esms_sdk.checks import load_all
from esms_sdk.conformance import catalogue, profile
from tests.lots import EHPAD, EJ, write_lot

pytest_plugins = ["pytester"]

# Imported before the inner runs, which would import anew what cannot be loaded twice in one process.
ENGINE = duckdb.__name__
CHECKS = load_all()

NIR_WRONG = "253072A07300444"
EVIDENCE = """
import pytest

@pytest.mark.esms_preuve("ESMS-INS-26")
def test_the_token_is_not_kept():
    assert {holds}
"""


def lot(folder: Path, matricule: str) -> Path:
    """One qualified person of one establishment."""
    person = {
        "usager_id": "U1", "statut_identite": "QUAL", "matricule_ins": matricule, "oid_ins": "1.2.250.1.213.1.4.10",
        "nom_naissance": "CANARI", "prenoms_naissance": "ANNA", "premier_prenom": "ANNA", "sexe": "F",
        "date_naissance": "1953-07-15", "lieu_naissance_cog": "2A073",
    }  # fmt: skip
    return write_lot(
        folder,
        organisme=[{"finess_ej": EJ, "raison_sociale": "Essai"}],
        etablissement=[{"finess_et": EHPAD, "finess_ej": EJ, "denomination": "Les Tilleuls"}],
        usager=[person],
        sejour=[{"sejour_id": "S1", "usager_id": "U1", "finess_et": EHPAD, "date_entree": "2024-01-01"}],
    )


def run(pytester, *options: str):
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)


def test_without_its_option_the_plugin_adds_no_test(pytester):
    pytester.makepyfile("def test_one(): pass")
    run(pytester).assert_outcomes(passed=1)


def test_an_item_a_requirement_tells_what_is_wrong_without_any_value_of_the_record(pytester):
    path = lot(pytester.path / "lot", NIR_WRONG)
    result = run(pytester, "--esms", str(path), "--esms-mode", "test", "--junitxml", "junit.xml")
    said = result.stdout.str()
    assert "ESMS-INS-01" in said and "CLE" in said and "[U1]" in said
    for value in (NIR_WRONG, NIR_WRONG[:13], "CANARI", "1953-07-15"):
        assert value not in said
        assert value not in (pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert result.ret == 1


def test_each_requirement_is_one_testcase_of_its_own_name(pytester):
    path = lot(pytester.path / "lot", "253072A07300443")
    run(pytester, "--esms", str(path), "--esms-mode", "test", "--junitxml", "junit.xml")
    cases = ET.parse(pytester.path / "junit.xml").getroot().iter("testcase")
    names = [case.get("name") for case in cases]
    assert "ESMS-INS-01" in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("holds", "outcome"), [(True, "passed"), (False, "failed")])
def test_a_marked_test_of_the_vendor_settles_a_requirement_that_no_file_can_show(pytester, holds, outcome):
    pytester.makepyfile(EVIDENCE.format(holds=holds))
    path = lot(pytester.path / "lot", "253072A07300443")
    result = run(pytester, "--esms", str(path), "--esms-mode", "test", "-v")
    result.stdout.fnmatch_lines([f"*ESMS-INS-26 {outcome.upper()}*"])


def test_a_mark_that_names_no_manual_requirement_stops_the_run(pytester):
    pytester.makepyfile(EVIDENCE.format(holds=True).replace("ESMS-INS-26", "ESMS-INS-01"))
    result = run(pytester, "--esms", str(lot(pytester.path / "lot", NIR_WRONG)))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "esms_preuve" in result.stderr.str()


def test_an_unknown_profile_stops_the_run_with_the_names_there_are(pytester):
    result = run(pytester, "--esms", str(lot(pytester.path / "lot", NIR_WRONG)), "--esms-profile", "ehpad")
    assert result.ret != 0
    assert "pa-ph-dom-vague1" in result.stdout.str() + result.stderr.str()


# -- chosen, listed, and where nothing can be judged -------------------------------------------------------------------


def test_requirements_are_chosen_like_other_tests(pytester):
    pytester.makepyfile("def test_one(): pass")
    path = str(lot(pytester.path / "lot", "253072A07300443"))
    mode = ("--esms", path, "--esms-mode", "test")
    run(pytester, *mode, "-k", "ESMS-INS-01").assert_outcomes(passed=1, deselected=_owed())
    run(pytester, *mode, "-m", "not esms").assert_outcomes(passed=1, deselected=_owed())


def _owed() -> int:
    return sum(profile().owes(one) for one in catalogue().values())


def test_the_requirements_stand_after_every_test_and_listing_them_judges_nothing(pytester):
    pytester.makepyfile("def test_one(): pass")
    (pytester.path / "lot").mkdir()
    shown = run(pytester, "--esms", "lot", "--collect-only", "-q").outlines
    assert shown[0].endswith("test_one")
    assert "esms::ESMS-INS-01" in shown[1:]


def test_a_lot_that_is_not_there_stops_the_run_before_any_test(pytester):
    pytester.makepyfile("def test_one(): pass")
    result = run(pytester, "--esms", "absent")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ESMS-E167" in result.stderr.str() and "passed" not in result.stdout.str()


def test_a_waiver_that_cannot_be_used_stops_the_run_before_any_test(pytester):
    path = lot(pytester.path / "lot", NIR_WRONG)
    pytester.path.joinpath("ecarts.toml").write_text('[[ecart]]\nexigence = "ESMS-INS-01"\n', encoding="utf-8")
    result = run(pytester, "--esms", str(path), "--esms-waivers", "ecarts.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ne se déroge pas" in result.stderr.str()


def test_a_lot_that_cannot_be_read_is_indetermine_for_each_mandatory_requirement(pytester):
    path = lot(pytester.path / "lot", NIR_WRONG)
    (path / "sejour.csv").write_text("sejour_id\n", encoding="utf-8")
    result = run(pytester, "--esms", str(path), "-k", "ESMS-INS-01")
    result.assert_outcomes(failed=1, deselected=_owed() - 1)
    assert "indetermine" in result.stdout.str()


def test_a_failure_of_our_own_says_where_and_shows_no_value(pytester, monkeypatch):
    def broken(asked):
        raise KeyError("CANARI 253072A073004")

    monkeypatch.setattr("esms_sdk.conformance.run", broken)
    path = lot(pytester.path / "lot", NIR_WRONG)
    result = run(pytester, "--esms", str(path), "-k", "ESMS-INS-01 or ESMS-INS-02", "-l", "--full-trace")
    result.assert_outcomes(failed=2, deselected=_owed() - 2)
    said = result.stdout.str()
    assert "erreur interne d'esms : KeyError, test_plugin.py ligne" in said
    assert "CANARI" not in said and "073004" not in said


def test_the_reports_are_written_and_another_folder_is_left_alone(pytester):
    path = lot(pytester.path / "lot", "253072A07300443")
    options = ("--esms", str(path), "--esms-mode", "test", "-k", "ESMS-INS-01", "--esms-out")
    for _ in range(2):
        assert run(pytester, *options, "rapports").ret == 0
    names = sorted(file.name for file in (pytester.path / "rapports").iterdir())
    assert names == ["conformite.csv", "conformite.html", "conformite.json", "junit.xml", "matrice.xlsx"]
    pytester.mkdir("autre").joinpath("cours.txt").write_text("à garder", encoding="utf-8")
    assert run(pytester, *options, "autre").ret == 1
    assert [file.name for file in (pytester.path / "autre").iterdir()] == ["cours.txt"]


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_a_skipped_test_is_no_evidence(pytester):
    pytester.makepyfile(EVIDENCE.replace("assert {holds}", "pytest.skip('not here')"))
    path = lot(pytester.path / "lot", "253072A07300443")
    result = run(pytester, "--esms", str(path), "--esms-mode", "test", "-rs", "-k", "token or INS-26")
    result.assert_outcomes(skipped=2, deselected=_owed() - 1)
    assert "non_verifie" in result.stdout.str()


def test_workers_run_the_tests_and_the_requirements_are_judged_once_after_them(pytester):
    """pytest-xdist: the evidence of a worker reaches the process that judges."""
    slow = "import time\n" + EVIDENCE.format(holds=True).replace("    assert", "    time.sleep(0.3)\n    assert")
    pytester.makepyfile(test_a=slow, test_b="def test_one(): pass")
    path = lot(pytester.path / "lot", "253072A07300443")
    chosen = ("-k", "token or one or INS-26 or INS-01", "--junitxml", "junit.xml", "-v")
    result = run(pytester, "-n", "2", "--esms", str(path), "--esms-mode", "test", *chosen)
    result.assert_outcomes(passed=4)
    names = [case.get("name") for case in ET.parse(pytester.path / "junit.xml").getroot().iter("testcase")]
    assert sorted(names[:2]) == ["test_one", "test_the_token_is_not_kept"]
    assert names[2:] == ["ESMS-INS-01", "ESMS-INS-26"]


def test_a_mark_that_names_no_manual_requirement_is_told_by_each_requirement_where_workers_run_the_tests(pytester):
    pytester.makepyfile(EVIDENCE.format(holds=True).replace("ESMS-INS-26", "ESMS-INS-01"))
    path = lot(pytester.path / "lot", "253072A07300443")
    result = run(pytester, "-n", "1", "--esms", str(path), "-k", "token or INS-01")
    result.assert_outcomes(passed=1, failed=1)
    assert "attend l'id d'une exigence" in result.stdout.str()


def test_pytest_starts_without_the_engine():
    """The plugin is loaded whenever pytest starts, also where nobody asks for it."""
    code = "import sys, esms_sdk.testing.plugin; print(*sorted(m for m in sys.modules if m.startswith('esms_sdk')), 'duckdb' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["esms_sdk", "esms_sdk.testing", "esms_sdk.testing.plugin", "False"]
