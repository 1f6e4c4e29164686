"""Each establishment of an order that must fail fails by its name, and what is supplied passes whatever its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.commande import Commande
from esms_sdk.dashboard import compute_dashboard
from esms_sdk.decision import Decision, Decisions, decide, gather
from esms_sdk.indicators import Amenagement, Fraction, compute_indicators
from esms_sdk.lot import open_lot
from tests.lots import EHPAD, EJ, IME, SSIAD
from tests.va.worlds import OTHER_EJ, Tables, added, changed, lot, tables

DAY = date(2025, 9, 30)
ABSENT = "000000141"


def decided(
    folder: Path,
    made: Tables,
    ordered: tuple[str, ...] = (EHPAD,),
    *,
    genre: str = "va",
    day: date = DAY,
    manifest: Mapping[str, Any] | None = None,
    amenagements: tuple[Amenagement, ...] = (),
    **order: Any,
) -> Decisions:
    with open_lot(lot(folder, made, manifest)) as opened:
        commande = Commande(EJ, ordered, "BC-1", date(2023, 11, 6), **order)
        rates = compute_indicators(opened, day, amenagements=amenagements)
        return decide(gather(opened, commande, rates, compute_dashboard(opened, day)), genre)


def only(found: Decisions) -> Decision:
    (one,) = found
    return one


def motifs(one: Decision) -> dict[str, str | None]:
    return {each.id: each.motif for each in one.conditions if each.motif}


def close(made: Tables) -> None:
    changed(made, "etablissement", EHPAD, date_fermeture="2025-09-29")


def not_open(made: Tables) -> None:
    changed(made, "etablissement", EHPAD, date_ouverture="2025-10-01")


def pjm(made: Tables) -> None:
    changed(made, "etablissement", EHPAD, profil_cibles="pjm")


@pytest.mark.parametrize(
    ("spoil", "motif"), [(close, "FERME"), (not_open, "PAS_OUVERT"), (pjm, "HORS_CHAMP_SONS")],
    ids=["closed the day before the end", "not open by the end", "PJM"],
)  # fmt: skip
def test_an_establishment_outside_the_field_is_refused_by_name(
    tmp_path: Path, spoil: Callable[[Tables], None], motif: str
) -> None:
    made = tables([EHPAD])
    spoil(made)
    found = decided(tmp_path, made)
    assert motifs(only(found)) == {"admis": motif} and not found.signable
    assert only(found).manques[0].remede.endswith(".")


def test_one_absent_from_the_lot_and_one_of_another_body_are_refused_by_name(tmp_path: Path) -> None:
    found = decided(tmp_path, added(tables([EHPAD]), tables([SSIAD], OTHER_EJ)), (ABSENT, SSIAD, EHPAD))
    assert [(one.finess_et, list(motifs(one).values())) for one in found] == [
        (EHPAD, []), (SSIAD, ["AUTRE_EJ"]), (ABSENT, ["ABSENT_DU_LOT"]),
    ]  # fmt: skip
    assert not any(OTHER_EJ in each.preuve + each.explication for one in found for each in one.conditions)


def test_what_is_supplied_passes_at_85_percent_and_at_0(tmp_path: Path) -> None:
    made = tables([EHPAD])
    for rank in range(19):
        made["usager"].append({"usager_id": f"P{rank}"})
        here = {"usager_id": f"P{rank}", "finess_et": EHPAD}
        made["sejour"].append({**here, "sejour_id": f"P{rank}", "date_entree": "2024-01-10"})
        if rank < 16:
            made["dossier"].append({**here, "dossier_id": f"P{rank}", "date_creation": "2024-01-10"})
            made["mise_a_jour"].append({"dossier_id": f"P{rank}", "date_maj": "2025-09-10", "origine": "UTILISATEUR"})
    one = only(decided(tmp_path, made))
    assert one.remplie, one.manques
    deployed, dashboard, supplied = one.conditions
    assert deployed.preuve.startswith("17 dossiers tenus")
    assert "Taux de dossiers actifs : 17/20 (85,0 %)" in supplied.preuve and "0/17 (0,0 %)" in supplied.preuve
    assert "année courante (du 01/01/2025 au 30/09/2025) : DMP 1, MSSanté professionnelle 1" in dashboard.preuve


def test_an_indicator_that_is_not_supplied_fails_and_says_what_to_do(tmp_path: Path) -> None:
    one = only(decided(tmp_path, tables([EHPAD]), manifest={"non_fourni": ["evenement"]}))
    assert motifs(one) == {"fourni": "INDICATEUR_NON_FOURNI"}
    assert "événement" in one.manques[0].explication and "DONNEE_NON_FOURNIE" in one.manques[0].explication
    assert "éditeur" in one.manques[0].remede


def test_nobody_supported_is_not_supplied(tmp_path: Path) -> None:
    made = tables([EHPAD])
    changed(made, "sejour", EHPAD, date_sortie="2025-08-31")
    one = only(decided(tmp_path, made))
    assert motifs(one) == {"fourni": "INDICATEUR_NON_FOURNI"} and "DENOMINATEUR_NUL" in one.manques[0].explication


def test_a_dossier_archived_by_the_end_is_not_deployed(tmp_path: Path) -> None:
    made = tables([EHPAD])
    changed(made, "dossier", EHPAD, date_archivage="2025-09-30")
    assert motifs(only(decided(tmp_path, made)))["deploye"] == "NON_DEPLOYE"


def test_a_dashboard_at_zero_and_one_of_an_uncovered_period_fail_for_different_reasons(tmp_path: Path) -> None:
    made = tables([EHPAD])
    made["envoi"] = [row for row in made["envoi"] if row["canal"] == "DMP"]
    zero = only(decided(tmp_path / "zero", made))
    assert motifs(zero) == {"tbb": "TBB_ZERO"} and "MSSanté" in zero.manques[0].explication
    made = tables([EHPAD])
    changed(made, "etablissement", EHPAD, date_deploiement="2025-01-02")
    late = only(decided(tmp_path / "tard", made))
    assert motifs(late) == {"tbb": "TBB_NON_COUVERT"} and "non couverte) : DMP 1" in late.manques[0].preuve


@pytest.mark.parametrize(("day", "motif"), [("2025-03-31", None), ("2025-04-01", "TBB_ZERO")])
def test_the_year_before_serves_until_march(tmp_path: Path, day: str, motif: str | None) -> None:
    made = tables([EHPAD])
    for row in made["envoi"]:
        row["horodatage"] = "2024-12-31T23:59:59"
    one = only(decided(tmp_path, made, day=date.fromisoformat(day)))
    dashboard = one.conditions[1]
    assert dashboard.motif == motif
    assert motif or "année précédente (du 01/01/2024 au 31/12/2024)" in dashboard.preuve


def test_strict_asks_for_each_channel_in_each_period(tmp_path: Path) -> None:
    made = tables([EHPAD])
    one = only(decided(tmp_path, made, tbb_strict=True))
    assert motifs(one) == {"tbb": "TBB_ZERO"}
    told = one.manques[0].explication
    assert "MSSanté citoyenne (mois courant)" in told and "DMP (année précédente)" in told
    assert "DMP (année courante)" not in told


def test_the_targets_decide_the_dossier_of_usages_and_say_how_far_they_are(tmp_path: Path) -> None:
    one = only(decided(tmp_path, tables([EHPAD]), genre="usages"))
    assert set(motifs(one)) == {"taux_projet_personnalise", "taux_evenement_agenda"}
    assert "il manque 1 projet personnalisé à ouvrir" in one.manques[0].explication


def test_a_granted_adaptation_settles_a_target(tmp_path: Path) -> None:
    granted = (
        Amenagement(EHPAD, "taux_projet_personnalise", "décision 1", cible=0),
        Amenagement(None, "taux_evenement_agenda", "décision 2", sans_objet=True),
    )
    one = only(decided(tmp_path, tables([EHPAD]), genre="usages", amenagements=granted))
    assert one.remplie and "sans objet" in one.conditions[2].preuve


def test_a_pjm_service_stands_in_a_dossier_of_usages_without_the_targets_it_has_not(tmp_path: Path) -> None:
    made = tables([IME])
    changed(made, "etablissement", IME, profil_cibles="pjm")
    made["envoi"] = []
    one = only(decided(tmp_path, made, (IME,), genre="usages"))
    assert not {"taux_mssante", "taux_dmp", "admis"} & set(motifs(one))


def test_how_many_are_missing_is_the_smallest_number_that_reaches_the_target() -> None:
    from esms_sdk.decision.usages import missing

    for denominator in range(1, 120):
        for numerator in range(denominator + 1):
            k = missing(Fraction(numerator, denominator), 90)
            assert Fraction(numerator + k, denominator).reaches(90)
            assert k == 0 or not Fraction(numerator + k - 1, denominator).reaches(90)
