"""Each establishment of an order that must fail fails by its name, and what is supplied passes whatever its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.commande import Commande
from esms_sdk.dashboard import compute_dashboard
from esms_sdk.decision import Condition, Decision, Decisions, Facts, decide, gather
from esms_sdk.decision.usages import missing
from esms_sdk.indicators import Amenagement, Fraction, compute_indicators
from esms_sdk.lot import open_lot
from tests.lots import EJ
from tests.va.worlds import OTHER_EJ, Tables, added, changed, lot, numbered, tables

DAY = date(2025, 9, 30)
NAMES = (
    "fine", "full", "closed", "closed_at_the_end", "not_open", "pjm", "archived", "to_come", "zero", "late", "nobody", "stranger", "absent",
)  # fmt: skip
F = {name: numbered(200 + rank) for rank, name in enumerate(NAMES)}


def world() -> Tables:
    """One establishment for each thing that an order may meet."""
    own = [F[name] for name in NAMES if name not in ("stranger", "absent")]
    made = added(tables(own), tables([F["stranger"]], OTHER_EJ))
    changed(made, "etablissement", F["closed"], date_fermeture="2025-09-29")
    changed(made, "etablissement", F["closed_at_the_end"], date_fermeture="2025-09-30")
    changed(made, "etablissement", F["not_open"], date_ouverture="2025-10-01")
    changed(made, "etablissement", F["pjm"], profil_cibles="pjm")
    changed(made, "etablissement", F["late"], date_deploiement="2025-01-02")
    changed(made, "dossier", F["archived"], date_archivage="2025-09-30")
    # Of the only person the one dossier that counts is archived at the end, the other is created the day after.
    changed(made, "dossier", F["to_come"], date_archivage="2025-09-30")
    made["dossier"].append(
        {"dossier_id": "X", "usager_id": f"U{F['to_come']}", "finess_et": F["to_come"], "date_creation": "2025-10-01"}
    )
    made["mise_a_jour"].append({"dossier_id": "X", "date_maj": "2025-09-10", "origine": "UTILISATEUR"})
    changed(made, "sejour", F["nobody"], date_sortie="2025-08-31")
    made["envoi"] = [row for row in made["envoi"] if row["finess_et"] != F["zero"] or row["canal"] == "DMP"]
    for rank in range(19):
        here = {"usager_id": f"P{rank}", "finess_et": F["full"]}
        made["usager"].append({"usager_id": f"P{rank}"})
        made["sejour"].append({**here, "sejour_id": f"P{rank}", "date_entree": "2024-01-10"})
        if rank < 16:
            made["dossier"].append({**here, "dossier_id": f"P{rank}", "date_creation": "2024-01-10"})
            made["mise_a_jour"].append({"dossier_id": f"P{rank}", "date_maj": "2025-09-10", "origine": "UTILISATEUR"})
    return made


def facts(
    folder: Path,
    made: Tables,
    *,
    day: date = DAY,
    manifest: Mapping[str, Any] | None = None,
    amenagements: tuple[Amenagement, ...] = (),
) -> Facts:
    with open_lot(lot(folder, made, manifest)) as opened:
        order = Commande(EJ, tuple(F.values()), "BC-1", date(2023, 11, 6))
        rates = compute_indicators(opened, day, amenagements=amenagements)
        return gather(opened, order, rates, compute_dashboard(opened, day))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts(tmp_path_factory.mktemp("monde"), world())


def of(found: Decisions, name: str) -> Decision:
    return next(one for one in found if one.finess_et == F[name])


def motifs(one: Decision) -> dict[str, str | None]:
    return {each.id: each.motif for each in one.manques}


def condition(one: Decision, id: str) -> Condition:
    return next(each for each in one.conditions if each.id == id)


@pytest.mark.parametrize(
    ("name", "failing"),
    [
        ("fine", {}), ("full", {}), ("closed_at_the_end", {}),
        ("closed", {"admis": "FERME"}), ("not_open", {"admis": "PAS_OUVERT"}), ("pjm", {"admis": "HORS_CHAMP_SONS"}),
        ("stranger", {"admis": "AUTRE_EJ"}), ("absent", {"admis": "ABSENT_DU_LOT"}),
        ("archived", {"deploye": "NON_DEPLOYE"}), ("to_come", {"deploye": "NON_DEPLOYE"}),
        ("zero", {"tbb": "TBB_ZERO"}), ("late", {"tbb": "TBB_NON_COUVERT"}),
        ("nobody", {"fourni": "INDICATEUR_NON_FOURNI"}),
    ],
)  # fmt: skip
def test_an_ordered_establishment_passes_or_fails_by_its_own_reason(seen: Facts, name: str, failing: object) -> None:
    found = decide(seen, "va")
    one = of(found, name)
    assert motifs(one) == failing and not found.signable
    assert all(each.explication.endswith(".") and each.remede.endswith(".") and each.preuve for each in one.manques)


def test_decisions_stand_by_finess_and_an_order_of_fine_ones_can_be_signed(seen: Facts) -> None:
    found = decide(seen, "va")
    assert [one.finess_et for one in found] == sorted(F.values())
    ordered = replace(seen.commande, etablissements=(F["full"], F["fine"], F["fine"]))
    assert decide(replace(seen, commande=ordered), "va").signable
    assert not decide(replace(seen, commande=replace(ordered, etablissements=())), "va").signable


def test_85_percent_and_0_percent_are_supplied_and_shown(seen: Facts) -> None:
    deployed, dashboard, supplied = of(decide(seen, "va"), "full").conditions
    assert deployed.preuve.startswith("17 dossiers tenus")
    assert "Taux de dossiers actifs : 17/20 (85,0 %)" in supplied.preuve and "0/17 (0,0 %)" in supplied.preuve
    assert "année courante (du 01/01/2025 au 30/09/2025) : DMP 1, MSSanté professionnelle 1" in dashboard.preuve


def test_the_reason_says_which_service_period_and_indicator(seen: Facts) -> None:
    found = decide(seen, "va")
    assert "zéro : MSSanté (année courante)" in of(found, "zero").manques[0].explication
    assert "non couverte) : DMP 1" in of(found, "late").manques[0].preuve
    assert "DENOMINATEUR_NUL" in of(found, "nobody").manques[0].explication


def test_whose_the_establishment_of_another_body_is_stays_untold(seen: Facts) -> None:
    for genre in ("va", "usages"):
        one = of(decide(seen, genre), "stranger")
        assert not any(OTHER_EJ in each.preuve + each.explication + each.remede for each in one.conditions)
        assert one.denomination == "" and of(decide(seen, genre), "fine").denomination == f"ESSMS {F['fine']}"


def test_an_indicator_that_is_not_supplied_fails_and_says_what_to_do(tmp_path: Path) -> None:
    found = decide(facts(tmp_path, tables([F["fine"]]), manifest={"non_fourni": ["evenement"]}), "va")
    one = of(found, "fine")
    assert motifs(one) == {"fourni": "INDICATEUR_NON_FOURNI"}
    assert "événement" in one.manques[0].explication and "DONNEE_NON_FOURNIE" in one.manques[0].explication
    assert "éditeur" in one.manques[0].remede


def test_what_a_granted_adaptation_hides_is_still_told_by_what_is_missing(tmp_path: Path) -> None:
    granted = (Amenagement(None, "taux_projet_personnalise", "décision 1", sans_objet=True),)
    absent = {"non_fourni": ["projet_personnalise"]}
    found = decide(facts(tmp_path, tables([F["fine"]]), manifest=absent, amenagements=granted), "va")
    (lacking,) = of(found, "fine").manques
    assert "projet personnalisé» n'a pas de valeur (DONNEE_NON_FOURNIE)" in lacking.explication
    assert "éditeur" in lacking.remede and "séjours" not in lacking.remede


def test_persons_without_an_active_dossier_lack_updates_and_not_sejours(tmp_path: Path) -> None:
    made = tables([F["fine"]])
    made["mise_a_jour"][0]["date_maj"] = "2025-08-10"
    seen = facts(tmp_path, made)
    (lacking,) = of(decide(seen, "va"), "fine").manques
    assert lacking.explication.count("DENOMINATEUR_NUL") == 2
    assert "mise_a_jour" in lacking.remede and "séjours" not in lacking.remede
    project = condition(of(decide(seen, "usages"), "fine"), "taux_projet_personnalise")
    assert project.motif == "DENOMINATEUR_NUL" and "mise_a_jour" in project.remede


def test_without_sejours_the_remedy_is_the_sejours(seen: Facts) -> None:
    assert "séjours" in of(decide(seen, "va"), "nobody").manques[0].remede


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("absent", ["envoi", "document"])
def test_sends_that_are_not_in_the_export_are_not_supplied_rather_than_not_covered(
    tmp_path: Path, absent: str, strict: bool
) -> None:
    made = tables([F["fine"]])
    made["envoi"] = []
    made[absent] = []
    seen = facts(tmp_path, made, manifest={"non_fourni": [absent]})
    ordered = replace(seen.commande, tbb_strict=strict)
    told = condition(of(decide(replace(seen, commande=ordered), "va"), "fine"), "tbb")
    assert told.motif == "TBB_NON_FOURNI"
    assert "éditeur" in told.remede and "couverture" not in told.remede


@pytest.mark.parametrize(("day", "motif"), [("2025-03-31", None), ("2025-04-01", "TBB_ZERO")])
def test_the_year_before_serves_until_march(tmp_path: Path, day: str, motif: str | None) -> None:
    made = tables([F["fine"]])
    for row in made["envoi"]:
        row["horodatage"] = "2024-12-31T23:59:59"
    dashboard = condition(of(decide(facts(tmp_path, made, day=date.fromisoformat(day)), "va"), "fine"), "tbb")
    assert dashboard.motif == motif
    assert motif or "année précédente (du 01/01/2024 au 31/12/2024)" in dashboard.preuve


def test_strict_asks_for_each_channel_in_each_period(seen: Facts) -> None:
    strict = replace(seen, commande=replace(seen.commande, tbb_strict=True))
    told = condition(of(decide(strict, "va"), "fine"), "tbb")
    assert told.motif == "TBB_ZERO"
    assert "MSSanté citoyenne (mois courant)" in told.explication and "DMP (année précédente)" in told.explication
    assert "DMP (année courante)" not in told.explication


def test_the_targets_decide_the_dossier_of_usages_and_say_how_far_they_are(seen: Facts) -> None:
    found = decide(seen, "usages")
    assert set(motifs(of(found, "fine"))) == {"taux_projet_personnalise", "taux_evenement_agenda"}
    assert "il manque 1 dossier à mettre à jour" in condition(of(found, "full"), "taux_dossiers_actifs").explication
    assert [motifs(of(found, name)) for name in ("absent", "stranger", "closed")] == [
        {"admis": "ABSENT_DU_LOT"}, {"admis": "AUTRE_EJ"}, {"admis": "FERME"},
    ]  # fmt: skip
    assert "ETABLISSEMENT_HORS_PERIODE" in motifs(of(found, "not_open")).values()


def test_a_pjm_service_stands_in_a_dossier_of_usages_without_the_targets_it_has_not(seen: Facts) -> None:
    one = of(decide(seen, "usages"), "pjm")
    assert not {"taux_mssante", "taux_dmp", "admis"} & set(motifs(one))
    assert "sans objet" in condition(one, "taux_dmp").preuve


def test_a_granted_adaptation_settles_a_target(tmp_path: Path) -> None:
    granted = (
        Amenagement(F["fine"], "taux_projet_personnalise", "décision 1", cible=0),
        Amenagement(None, "taux_evenement_agenda", "décision 2", sans_objet=True),
    )
    assert of(decide(facts(tmp_path, tables([F["fine"]]), amenagements=granted), "usages"), "fine").remplie


def test_how_many_are_missing_is_the_smallest_number_that_reaches_the_target() -> None:
    for denominator in range(1, 120):
        for numerator in range(denominator + 1):
            k = missing(Fraction(numerator, denominator), 90)
            assert Fraction(numerator + k, denominator).reaches(90)
            assert k == 0 or not Fraction(numerator + k - 1, denominator).reaches(90)
