"""``indicateurs.csv`` and the internal lists: the format of the contract, byte by byte."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from esms_sdk.export import write_indicators, write_worklist
from esms_sdk.indicators.result import Etablissement, Indicateurs

HEADER = (
    "finess_ej;finess_et;indicateur;libelle;definition;lecture;date_debut;date_fin;"
    "numerateur;denominateur;taux;cible;etat;motif"
)


def table(folder: Path) -> list[dict[str, str]]:
    text = (folder / "indicateurs.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_file_has_a_bom_crlf_and_the_header_of_the_contract(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    content = (tmp_path / "indicateurs.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + HEADER.encode() + b"\r\n")
    assert content.endswith(b"\r\n") and content.count(b"\n") == content.count(b"\r\n")


def test_the_first_line_is_complete(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    line = (tmp_path / "indicateurs.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert line == (
        "000000018;000000117;taux_dossiers_actifs;Taux de dossiers actifs;mois_ecoule;periode;2025-09-01;2025-09-30;"
        "60;64;93.8;90;ATTEINTE;"
    )


def test_both_readings_of_the_first_rate_are_judged_by_their_own_numbers(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    rows = [row for row in table(tmp_path) if row["finess_et"] == "2A0000159"][:2]
    assert [(r["lecture"], r["numerateur"], r["denominateur"], r["taux"], r["etat"], r["motif"]) for r in rows] == [
        ("periode", "17", "18", "94.4", "ATTEINTE", ""),
        ("annuelle", "0", "0", "", "INDETERMINEE", "DENOMINATEUR_NUL"),
    ]


def test_a_count_has_its_value_and_motif_and_no_reading_rate_or_target(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    counts = [row for row in table(tmp_path) if row["indicateur"].startswith("nb_")]
    assert {(r["lecture"], r["denominateur"], r["taux"], r["cible"], r["etat"]) for r in counts} == {("",) * 5}
    assert [(r["numerateur"], r["motif"]) for r in counts if r["finess_et"] == "000000117"] == [
        ("60", ""),
        ("12", ""),
        ("0", ""),
    ]
    assert ("", "DONNEE_NON_FOURNIE") in {(r["numerateur"], r["motif"]) for r in counts}


def test_lines_are_sorted_by_finess_then_as_the_contract_lists_the_indicators(
    result: Indicateurs, tmp_path: Path
) -> None:
    write_indicators(replace(result, etablissements=result.etablissements[::-1]), tmp_path)
    rows = table(tmp_path)
    assert [row["finess_et"] for row in rows] == sorted(row["finess_et"] for row in rows)
    assert [(row["indicateur"], row["lecture"]) for row in rows[:9]] == [
        ("taux_dossiers_actifs", "periode"),
        ("taux_dossiers_actifs", "annuelle"),
        ("taux_projet_personnalise", "periode"),
        ("taux_evenement_agenda", "periode"),
        ("taux_mssante", "periode"),
        ("taux_dmp", "periode"),
        ("nb_dui_actifs", ""),
        ("nb_eprescription", ""),
        ("nb_eparcours", ""),
    ]


def test_every_rate_has_exactly_one_decimal(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    rates = {row["taux"] for row in table(tmp_path)}
    assert {"100.0", "0.0", "130.6", "12.5"} <= rates
    assert all(rate == "" or (rate[-1].isdigit() and rate[-2] == ".") for rate in rates)


def test_a_result_by_organisme_has_lines_without_finess_et_first(
    result: Indicateurs, make_etablissement: Callable[..., Etablissement], tmp_path: Path
) -> None:
    whole = make_etablissement("", "OG inventé", ((1, 2), (1, 2)), (1, 1), (1, 1), (1, 2), (1, 2))
    write_indicators(replace(result, organismes=(whole,)), tmp_path)
    rows = table(tmp_path)
    assert [row["finess_et"] for row in rows[:9]] == [""] * 9
    assert rows[0]["finess_ej"] == "000000018"


def test_the_worklist_is_for_the_establishment_alone(tmp_path: Path) -> None:
    rows = [("000000117", "R-1", "numerateur", None), ("000000117", "=R-2", "a_corriger", "SANS_DOSSIER")]
    path = write_worklist(rows, tmp_path)
    assert path == tmp_path / "interne" / "a_completer.csv"
    assert path.read_bytes().decode("utf-8-sig") == (
        "finess_et;usager_id;etat;motif\r\n000000117;R-1;numerateur;\r\n000000117;'=R-2;a_corriger;SANS_DOSSIER\r\n"
    )
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
