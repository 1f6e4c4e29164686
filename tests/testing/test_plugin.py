"""The pytest plugin, as a vendor's test run meets it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import duckdb
import pytest

from tests.lots import EHPAD, EJ, write_lot

pytest_plugins = ["pytester"]

# Imported before the inner runs, which would import the engine anew each: it cannot be loaded twice in one process.
ENGINE = duckdb.__name__

NIR_WRONG = "253072A07300444"
EVIDENCE = """
import pytest

@pytest.mark.esms_preuve("ESMS-PSC-01")
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
    return pytester.runpytest_inprocess("-p", "esms_sdk.testing.plugin", "-p", "no:cacheprovider", *options)


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
    result.stdout.fnmatch_lines([f"*ESMS-PSC-01 {outcome.upper()}*"])


def test_a_mark_that_names_no_manual_requirement_stops_the_run(pytester):
    pytester.makepyfile(EVIDENCE.format(holds=True).replace("ESMS-PSC-01", "ESMS-INS-01"))
    result = run(pytester, "--esms", str(lot(pytester.path / "lot", NIR_WRONG)))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "esms_preuve" in result.stderr.str()


def test_an_unknown_profile_stops_the_run_with_the_names_there_are(pytester):
    result = run(pytester, "--esms", str(lot(pytester.path / "lot", NIR_WRONG)), "--esms-profile", "ehpad")
    assert result.ret != 0
    assert "pa-ph-dom-vague1" in result.stdout.str() + result.stderr.str()
