"""``esms requirements``: the catalogue, one requirement, the matrix and its staleness."""

from __future__ import annotations

import csv
import json

import pytest

from esms_sdk.cli import main
from esms_sdk.conformance import catalogue, coverage
from tests.report import world


def _printed(capsys, *words: str, code: int = 0) -> str:
    assert main(["requirements", *words]) == code
    return capsys.readouterr().out


def test_list_has_a_line_a_requirement(capsys):
    assert [line.split()[0] for line in _printed(capsys, "list").splitlines()] == list(catalogue())


def test_list_of_a_profile_leaves_out_what_it_does_not_owe(capsys):
    listed = json.loads(_printed(capsys, "list", "--profile", "pjm-vague1", "--format", "json"))
    assert {one["id"] for one in listed} == {
        one.id for one in catalogue().values() if "pjm" in one.couloirs and "vague1" in one.profils
    }


def test_show_tells_what_is_asked_the_texts_the_kinds_of_finding_and_the_remedy(capsys):
    one = catalogue()["ESMS-INS-01"]
    shown = _printed(capsys, "show", one.id)
    assert one.titre in shown and one.demande in shown and one.remede in shown
    assert all(f"{code} (" in shown for code in one.constats)
    assert json.loads(_printed(capsys, "show", one.id, "--format", "json"))["domaine"] == "INS"


@pytest.mark.parametrize("words", [["show", "ESMS-INS-00"], ["show", "x"], ["list", "--profile", "x"], []])
def test_what_does_not_exist_is_wrong_use(words, capsys):
    assert main(["requirements", *words]) == 2
    assert "[ESMS-E1" in capsys.readouterr().err


def test_coverage_counts_by_domain_and_method(capsys):
    told = json.loads(_printed(capsys, "coverage", "--format", "json"))
    assert sum(n for of in told["par_domaine"].values() for m, n in of.items() if m != "cas") == len(catalogue())
    assert [row["id"] for row in told["exigences"]] == list(catalogue())


def test_the_matrix_that_is_kept_is_that_of_the_catalogue(capsys):
    assert "est à jour" in _printed(capsys, "coverage", "--check")


@pytest.fixture
def kept(tmp_path, monkeypatch):
    path = tmp_path / "couverture.csv"
    path.write_text(coverage.text(catalogue().values()), encoding="utf-8", newline="\n")
    monkeypatch.setattr(coverage, "committed", lambda: path)
    return path


def test_a_matrix_with_the_newlines_of_windows_is_fresh(kept, capsys):
    kept.write_text(kept.read_text(encoding="utf-8"), encoding="utf-8", newline="\r\n")
    _printed(capsys, "coverage", "--check")


@pytest.mark.parametrize("change", ["changed", "one less", "one more", "another order", "absent"])
def test_a_stale_matrix_is_1_and_what_differs_is_named(kept, capsys, change):
    lines = kept.read_text(encoding="utf-8").splitlines()
    if change == "changed":
        lines[1] = lines[1].replace("obligatoire", "recommande")
    elif change == "one less":
        del lines[1]
    elif change == "one more":
        lines.append(lines[1].replace("ESMS-INS-01", "ESMS-INS-00"))
    elif change == "another order":
        lines[1], lines[2] = lines[2], lines[1]
    kept.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    if change == "absent":
        kept.unlink()
    named = {"one more": "ESMS-INS-00", "another order": "couverture.csv", "absent": "couverture.csv"}
    assert f"n'est plus à jour ({named.get(change, 'ESMS-INS-01')})" in _printed(capsys, "coverage", "--check", code=1)
    _printed(capsys, "coverage")


def test_a_row_says_what_is_checked_how_and_what_is_not_and_why():
    auto, manual = world.CATALOGUE["ESMS-DMP-90"], world.CATALOGUE["ESMS-PSC-90"]
    lines = coverage.text([auto, manual]).removeprefix("\ufeff").splitlines()
    rows = {row["id"]: row for row in csv.DictReader(lines, delimiter=";")}
    assert (rows[auto.id]["methode"], rows[auto.id]["couloirs"], rows[auto.id]["constats"]) == (
        "auto",
        "pa-ph-dom",
        "ROUGE JAUNE",
    )
    assert rows[manual.id]["non_verifie_parce_que"] == "aucun fichier ne le montre"
    assert rows[manual.id]["preuves"] == "ESMS-PSC-90.01 ESMS-PSC-90.02"


def test_the_matrix_is_no_part_of_the_rules(kept, tmp_path, monkeypatch):
    from esms_sdk.conformance.catalogue import rules

    folder = tmp_path / "conformance"
    folder.mkdir()
    (folder / "VERSION.toml").write_text('version = "1"\n', encoding="utf-8")
    monkeypatch.setattr("esms_sdk.content.folder", lambda name: folder)
    before = rules.__wrapped__()
    (folder / "couverture.csv").write_text("x", encoding="utf-8")
    assert rules.__wrapped__() == before
    (folder / "categories.csv").write_text("x", encoding="utf-8")
    assert rules.__wrapped__() != before
