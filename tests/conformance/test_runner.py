"""The run: verdicts per FINESS and in all, exit codes, and a fault of ours that stops nothing."""

from __future__ import annotations

import pytest

from esms_sdk.conformance import Verdict
from esms_sdk.errors import UsageError
from tests.lots import EHPAD, SSIAD
from tests.report import world


@pytest.fixture
def lot(tmp_path):
    return world.lot(tmp_path / "lot", [{}, {"finess_et": SSIAD}])


def test_what_is_met_everywhere_is_0(lot):
    with world.judged(lot) as result:
        assert (result.exit_code, result.resume["non_conforme"], result.resume["indetermine"]) == (0, 0, 0)
        assert result.of("ESMS-TBB-90").verdict is Verdict.NON_VERIFIE


def test_a_check_that_fails_itself_is_indetermine_and_the_others_go_on(tmp_path):
    lot = world.lot(tmp_path / "lot", [{"prenom_utilise": "ROUGE"}])
    with world.judged(lot, checks={**world.CHECKS, "ESMS-INS-90": world.broken}) as result:
        failed = result.of("ESMS-INS-90")
        assert (failed.verdict, result.exit_code) == (Verdict.INDETERMINE, 3)
        assert "KeyError" in failed.motif and "DURAND" not in failed.motif
        assert result.of("ESMS-DONNEES-91").verdict is Verdict.NON_CONFORME


@pytest.mark.parametrize(
    "query", ["select 1 as cle", "select usager_id as cle, usager_id, 'BLEU' as code from usager", "not SQL"]
)
def test_a_query_that_is_wrong_is_indetermine_and_leaves_no_finding(lot, query):
    with world.judged(lot, checks={**world.CHECKS, "ESMS-INS-90": lambda examined: query}) as result:
        assert result.of("ESMS-INS-90").verdict is Verdict.INDETERMINE
        assert list(result.lines()) == []


def test_an_advised_requirement_that_is_not_met_changes_no_code(tmp_path):
    with world.judged(world.lot(tmp_path / "lot", [{"prenom_utilise": "ROUGE"}])) as result:
        assert (result.of("ESMS-DONNEES-91").verdict, result.exit_code) == (Verdict.NON_CONFORME, 0)


def test_a_failure_wins_over_what_is_unknown(tmp_path):
    lot = world.lot(tmp_path / "lot", [{"nom_utilise": "ROUGE"}])
    with world.judged(lot, checks={**world.CHECKS, "ESMS-INS-90": world.broken}) as result:
        assert result.exit_code == 1


def test_a_finess_without_the_thing_judged_is_non_applicable_there(lot):
    with world.judged(lot) as result:
        assert result.of("ESMS-DMP-90").par_finess == {EHPAD: Verdict.CONFORME, SSIAD: Verdict.NON_APPLICABLE}


def test_what_a_profile_does_not_owe_is_non_applicable(lot):
    with world.judged(lot, profile="pjm-vague1") as result:
        assert result.of("ESMS-DMP-90").verdict is Verdict.NON_APPLICABLE


def test_a_table_that_is_not_given_is_indetermine_with_its_name(lot):
    (lot / "envoi.csv").unlink()
    with world.judged(lot) as result:
        assert (result.of("ESMS-DMP-90").motif, result.exit_code) == ("non fourni par la source : envoi", 3)


def test_a_lot_that_cannot_be_read_hides_no_failure_of_another(tmp_path):
    failing = world.lot(tmp_path / "lot", [{"nom_utilise": "ROUGE"}])
    (tmp_path / "autre").mkdir()
    with world.judged(failing, tmp_path / "autre") as result:
        assert result.exit_code == 1
        assert (result.of("ESMS-INS-90").verdict, result.of("ESMS-INS-90").par_finess[EHPAD]) == (
            Verdict.INDETERMINE, Verdict.CONFORME,
        )  # fmt: skip


def test_a_person_of_two_finess_is_found_in_each(tmp_path):
    lot = world.lot(tmp_path / "lot", [{"nom_utilise": "ROUGE"}, {}])
    path = lot / "sejour.csv"
    path.write_text(path.read_text(encoding="utf-8") + f"S9;U1;{SSIAD};2025-01-01\n", encoding="utf-8")
    with world.judged(lot) as result:
        assert {(f.cle, f.finess_et) for f in result.lines()} == {("U1", EHPAD), ("U1", SSIAD)}


def test_a_key_that_looks_like_a_person_s_number_is_masked_everywhere(tmp_path):
    with world.judged(
        world.lot(tmp_path / "lot", [{"usager_id": "253072A07300443", "nom_utilise": "ROUGE"}])
    ) as result:
        (finding,) = result.lines()
    assert finding.cle == "999999X99999999"


def test_an_unreadable_lot_with_waivers_is_judged_on_its_day_where_it_has_one(lot, tmp_path):
    (lot / "dossier.csv").unlink()
    waivers = world.write(tmp_path / "e.toml", world.waiver())
    with world.judged(lot, waivers=waivers) as result:
        assert (result.exit_code, result.identite["arrete_au"]) == (3, "2025-10-02")
    (lot / "manifeste.json").write_text("{", encoding="utf-8")
    with world.judged(lot, waivers=waivers) as result:
        assert (result.exit_code, result.identite["arrete_au"]) == (3, None)


def test_an_expired_waiver_is_refused_with_an_unreadable_lot_too(lot, tmp_path):
    (lot / "dossier.csv").unlink()
    with pytest.raises(UsageError, match="E164"):
        world.judged(lot, waivers=world.write(tmp_path / "e.toml", world.waiver(expire_le="2025-01-01")))
