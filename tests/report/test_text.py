"""The report on a terminal: numbers first, accepted differences next, then what failed; a bounded number of lines."""

from __future__ import annotations

import pytest

from esms_sdk.conformance import Conformity, Verdict
from esms_sdk.report import as_text
from tests.report import world


def test_the_first_line_is_the_number_of_requirements_by_verdict(result: Conformity):
    told = dict(part.rsplit(" ", 1) for part in as_text(result).splitlines()[0].split(", "))
    assert {Verdict(name): int(count) for name, count in told.items()} == result.resume
    assert sum(result.resume.values()) == len(result.outcomes)


def test_the_accepted_differences_come_right_after_with_reason_owner_last_day_and_effect(runs):
    lines = as_text(runs["ecarts"]).splitlines()
    assert lines[1:4] == [
        "Écarts acceptés par l'éditeur :",
        "  ESMS-DONNEES-90 : reprise en cours",
        "    Équipe, jusqu'au 31/03/2026 ; 2 constats",
    ]


def test_a_failure_has_code_count_first_place_text_and_remedy(runs):
    text = as_text(runs["echec"])
    told = text[text.index("Non conforme (1)") :]
    for part in (
        "ROUGE × 2 : c'est rouge",
        "usager.nom_utilise, clé U1, FINESS",
        "Texte : REM-MS1",
        "Remède de ESMS-DONNEES-90.",
    ):
        assert part in told


def test_what_the_baseline_knows_is_counted(runs):
    assert "déjà connus : 3" in as_text(runs["connus"])


def test_an_unreadable_lot_is_told_once_with_its_faults(runs):
    text = as_text(runs["illisible"])
    assert text.count("lot illisible ou invalide") == 1
    assert "illisible : lot invalide : 1 défaut\n" in text


def test_a_hundred_failing_requirements_stay_readable(tmp_path):
    many = {f"ESMS-INS-{n}": world.requirement(f"ESMS-INS-{n}") for n in range(10, 99)}
    checks = dict.fromkeys(many, lambda examined: world.coloured("nom_utilise"))
    lot = world.lot(tmp_path / "lot", [{"nom_utilise": "ROUGE"}] * 30)
    with world.judged(lot, requirements=many, checks=checks) as result:
        lines = as_text(result).splitlines()
    assert len(lines) < 140 and lines[-1].startswith("  … et 64 autres exigences")


@pytest.mark.parametrize("kind", ["echec", "illisible"])
def test_no_folder_of_the_machine_is_printed(runs, kind, tmp_path_factory):
    assert str(tmp_path_factory.getbasetemp()) not in as_text(runs[kind])


def test_what_completes_the_first_finding_is_not_said_of_all(tmp_path):
    query = "select usager_id as cle, usager_id, 'ROUGE' as code, 'le ' || usager_id as precision from usager"
    lot = world.lot(tmp_path / "lot", [{}, {}])
    with world.judged(lot, checks={**world.CHECKS, "ESMS-INS-90": lambda examined: query}) as result:
        text = as_text(result)
    assert "ROUGE × 2 : c'est rouge\n" in text and "clé U1, FINESS 000000117 (le U1)\n" in text
