"""``matrice.xlsx``: the columns of the Ségur REM, each requirement, its evidence by number."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from esms_sdk.conformance import Conformity
from esms_sdk.report.matrix import write_matrix


def _sheets(result: Conformity, folder: Path) -> tuple[list[dict[str, object]], dict[object, object]]:
    book = openpyxl.load_workbook(write_matrix(folder / "matrice.xlsx", result))
    head, *rows = book["Exigences"].iter_rows(values_only=True)
    facts = dict(book["Contrôle"].iter_rows(values_only=True, min_row=2))
    return [dict(zip(head, row, strict=True)) for row in rows], facts


def test_the_first_columns_are_those_of_the_rem_in_its_order(runs, tmp_path):
    (first, *_), _ = _sheets(runs["echec"], tmp_path)
    rem = list(first)[:31]
    assert rem[:11] == [
        "Exigence conditionnelle OUI/NON", "Profil", "ID Section", "Section", "Bloc", "Fonction", "Nature de l'exigence",
        "N° exigence", "Énoncé", "N° scénario", "Scénario de conformité",
    ]  # fmt: skip
    assert rem[11:] == [name for n in range(1, 11) for name in (f"N° preuve {n}", f"Preuve {n}")]


def test_every_requirement_of_every_run_has_its_row_and_verdict(result: Conformity, tmp_path):
    rows, facts = _sheets(result, tmp_path)
    assert [row["N° exigence"] for row in rows] == [outcome.requirement.id for outcome in result.outcomes]
    assert facts["sdk"] == result.identite["sdk"] and facts["regles.sha256"] == result.identite["regles"]["sha256"]


def test_what_not_every_couloir_owes_is_conditional_and_what_is_advised_is_a_preconisation(runs, tmp_path):
    rows = {row["N° exigence"]: row for row in _sheets(runs["echec"], tmp_path)[0]}
    assert (rows["ESMS-DMP-90"]["Exigence conditionnelle OUI/NON"], rows["ESMS-INS-90"]["Profil"]) == ("OUI", "Général")
    assert rows["ESMS-DONNEES-91"]["Nature de l'exigence"] == "PRECONISATION"


def test_the_evidence_is_numbered_and_says_which_file_was_given(runs, tmp_path):
    rows = {row["N° exigence"]: row for row in _sheets(runs["declare"], tmp_path)[0]}
    psc = rows["ESMS-PSC-90"]
    assert (psc["N° preuve 1"], psc["N° preuve 2"], psc["N° preuve 3"]) == ("ESMS-PSC-90.01", "ESMS-PSC-90.02", None)
    assert "preuve.txt (SHA-256 " in psc["Preuve 1"] and psc["Preuve 2"] == "une vidéo : pièce non fournie"
    assert psc["Verdict"] == "conforme" and "Responsable qualité" in psc["Motif"]


def test_the_same_run_gives_the_same_bytes(runs, tmp_path):
    assert (
        write_matrix(tmp_path / "a.xlsx", runs["echec"]).read_bytes()
        == write_matrix(tmp_path / "b.xlsx", runs["echec"]).read_bytes()
    )
