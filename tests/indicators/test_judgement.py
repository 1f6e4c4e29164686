"""États, motifs and reserves at their bounds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from esms_sdk.errors import UsageError
from esms_sdk.indicators import DUI, Amenagement, Count, Fraction, Options, exit_code
from tests.indicators.plain import (
    FIRST,
    LAST,
    OPTIONAL,
    RATES,
    compute,
    join,
    motifs,
    rate_of,
    verdicts,
    world,
)
from tests.lots import EHPAD, SSIAD


def test_nine_of_ten_reach_the_target_and_nothing_is_held_against_them():
    result = compute(world())
    assert {name: etat for name, (etat, _) in verdicts(result).items()} == dict.fromkeys(RATES, "ATTEINTE")
    assert set(motifs(result).values()) == {None}
    assert result.etablissements[0].reserves == ()
    assert exit_code(result) == 0


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (1, 8, 12.5),
        (2, 3, 66.7),
        (899, 1000, 89.9),
        (1999, 2000, 100.0),
        (1, 2000, 0.1),
        (5, 2000, 0.3),
        (1, 2001, 0.0),
        (5, 4, 125.0),
    ],
)
def test_a_rate_is_printed_with_one_decimal_half_up(numerator, denominator, shown):
    assert Fraction(numerator, denominator).taux == shown


def test_a_target_is_compared_with_integers_and_never_with_what_is_printed():
    fraction = Fraction(8996, 10000)
    assert fraction.taux == 90.0
    assert not fraction.reaches(90)
    assert Fraction(9, 10).reaches(90)


def test_nobody_is_no_rate_and_not_zero_percent():
    result = compute(world(0, 0))
    assert set(verdicts(result).values()) == {("INDETERMINEE", "DENOMINATEUR_NUL")}
    assert [rate_of(result, name).fraction for name in RATES] == [Fraction(0, 0)] * 5
    assert exit_code(result) == 3


def test_an_empty_establishment_beside_one_with_persons_is_no_failure():
    assert exit_code(compute(join(world(), world(0, 0, SSIAD)))) == 0


@pytest.mark.parametrize(
    ("dates", "closed"),
    [
        ({"date_ouverture": LAST}, False),
        ({"date_ouverture": LAST + timedelta(1)}, True),
        ({"date_fermeture": FIRST}, False),
        ({"date_fermeture": FIRST - timedelta(1)}, True),
    ],
)
def test_an_establishment_open_for_one_day_of_the_period_is_judged(dates, closed):
    result = compute(world(**dates))
    expected = "ETABLISSEMENT_HORS_PERIODE" if closed else None
    assert set(motifs(result).values()) == {expected}
    assert rate_of(result, "taux_dossiers_actifs").fraction == Fraction(9, 10)
    assert exit_code(result) == 0


@pytest.mark.parametrize(
    ("manifest", "uncovered"),
    [
        ({"periode_couverte_debut": "2025-09-02"}, {*RATES, "nb_dui_actifs", *OPTIONAL}),
        ({"periode_couverte_fin": "2025-09-29"}, {*RATES, "nb_dui_actifs", *OPTIONAL}),
        ({"couverture": {"mise_a_jour": {"debut": "2025-09-02", "fin": "2025-10-01"}}}, {*RATES[:3], "nb_dui_actifs"}),
        ({"couverture": {"statut_projet": {"debut": "2025-09-02", "fin": "2025-10-01"}}}, {RATES[1]}),
        ({"couverture": {"evenement": {"debut": "2025-09-01", "fin": "2025-09-29"}}}, {RATES[2]}),
        ({"couverture": {"envoi": {"debut": "2025-09-02", "fin": "2025-10-01"}}}, {*RATES[3:]}),
        ({"couverture": {"echange_optionnel": {"debut": "2025-09-02", "fin": "2025-10-01"}}}, {*OPTIONAL}),
        ({"couverture": {"appel_insi": {"debut": "2025-09-02", "fin": "2025-10-01"}}}, set()),
        ({"couverture": {"sejour": {"debut": "2025-09-01", "fin": "2025-09-30"}}}, set()),
    ],
)
def test_a_log_that_does_not_cover_the_period_leaves_what_reads_it_open(manifest, uncovered):
    result = compute(world(), manifest)
    assert {name for name, motif in motifs(result).items() if motif == "PERIODE_NON_COUVERTE"} == uncovered
    assert rate_of(result, "taux_dossiers_actifs").fraction == Fraction(9, 10)


def test_the_coverage_of_a_log_replaces_that_of_the_lot():
    wide = {"debut": "2025-01-01", "fin": "2025-10-01"}
    logs = dict.fromkeys(("sejour", "mise_a_jour"), wide)
    result = compute(world(), {"periode_couverte_debut": "2025-10-01", "couverture": logs})
    assert motifs(result)["taux_dossiers_actifs"] is None
    assert motifs(result)["taux_dmp"] == "PERIODE_NON_COUVERTE"
    assert result.etablissements[0].reserves == ()


def test_without_bound_no_coverage_is_asked_of_the_events():
    manifest = {"couverture": {"evenement": {"debut": "2025-09-30", "fin": "2025-09-30"}}}
    assert motifs(compute(world(), manifest))["taux_evenement_agenda"] == "PERIODE_NON_COUVERTE"
    sans_borne = Options(evenements="sans_borne")
    assert motifs(compute(world(), manifest, sans_borne))["taux_evenement_agenda"] is None


@pytest.mark.parametrize(
    ("extraction", "too_late"),
    [("2025-09-30T23:00:00", False), ("2025-10-01T06:00:00", False), ("2025-10-01T06:00:01", True),
     ("2025-10-02T03:00:00", True)],
)  # fmt: skip
def test_a_last_update_only_is_enough_until_six_the_morning_after(extraction, too_late):
    when = {"date_extraction": extraction, "periode_couverte_fin": "2025-09-30"}
    journal = motifs(compute(world(), {**when, "journal_maj_complet": False}))
    assert {name for name, motif in journal.items() if motif == "JOURNAL_INCOMPLET"} == (
        {*RATES[:3], "nb_dui_actifs"} if too_late else set()
    )
    historique = motifs(compute(world(), {**when, "historique_statuts_complet": False}))
    assert {name for name, motif in historique.items() if motif} == ({RATES[1]} if too_late else set())


def test_the_first_motif_holds():
    everything = {
        "non_fourni": ["statut_projet"],
        "couverture": {"mise_a_jour": {"debut": "2025-09-02", "fin": "2025-10-01"}},
        "journal_maj_complet": False,
        "historique_statuts_complet": False,
    }
    found = []
    closed = {"date_fermeture": date(2025, 8, 1)}
    for place in (closed, {}):
        for dropped in (
            (),
            ("non_fourni",),
            ("non_fourni", "couverture"),
            ("non_fourni", "couverture", "journal_maj_complet"),
        ):
            manifest = {key: value for key, value in everything.items() if key not in dropped}
            found.append(motifs(compute(world(0, 0, **place), manifest))["taux_projet_personnalise"])
    assert found == [
        "DONNEE_NON_FOURNIE", *["ETABLISSEMENT_HORS_PERIODE"] * 3,
        "DONNEE_NON_FOURNIE", "PERIODE_NON_COUVERTE", "JOURNAL_INCOMPLET", "HISTORIQUE_INCOMPLET",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "unknown"),
    [
        ("envoi", {*RATES[3:]}),
        ("evenement", {RATES[2]}),
        ("projet_personnalise", {RATES[1]}),
        ("statut_projet.rang", {RATES[1]}),
        ("mise_a_jour", {*RATES[:3], "nb_dui_actifs"}),
        ("sejour.projet_applicable", {*RATES[3:]}),
        ("envoi.message_id", {RATES[3]}),
        ("envoi.operation", {RATES[4]}),
        ("envoi.usager_id", {RATES[4]}),
        ("envoi.rpps", set()),
        ("echange_optionnel.sens", {"nb_eprescription"}),
        ("echange_optionnel", {*OPTIONAL}),
        ("sejour.date_sortie", set()),
        ("sejour.sortie_definitive", set()),
        ("dossier.date_archivage", set()),
        ("evenement.date_fin", set()),
        ("usager.usager_id_fusion", set()),
        ("mise_a_jour.rubrique", set()),
    ],
)
def test_what_is_not_supplied_leaves_null_what_reads_it_and_that_alone(missing, unknown):
    result = compute(world(), {"non_fourni": [missing]})
    found = motifs(result)
    assert {name for name, motif in found.items() if motif} == unknown
    assert {found[name] for name in unknown} <= {"DONNEE_NON_FOURNIE"}
    for indicateur in result.etablissements[0].indicateurs:
        if isinstance(indicateur, Count):
            assert (indicateur.valeur is None) == (indicateur.id in unknown)
        else:
            given = (indicateur, *indicateur.lectures)
            expected = {Fraction(None, None)} if indicateur.id in unknown else {indicateur.fraction}
            assert {one.fraction for one in given} == expected
    assert exit_code(result) == (3 if unknown & set(DUI) else 0)


def test_an_absent_table_is_not_supplied():
    tables = {name: rows for name, rows in world().items() if name not in ("envoi", "echange_optionnel")}
    assert {name for name, motif in motifs(compute(tables)).items() if motif == "DONNEE_NON_FOURNIE"} == {
        *RATES[3:],
        *OPTIONAL,
    }


def test_the_accompanied_persons_are_given_as_long_as_the_sejours_are():
    assert compute(world(), {"non_fourni": ["dossier"]}).etablissements[0].personnes_accompagnees == {
        "periode": 10,
        "annuelle": 10,
    }
    emptied = {**world(), "sejour": []}
    without = compute(emptied, {"non_fourni": ["sejour"]}).etablissements[0]
    assert without.personnes_accompagnees == {"periode": None, "annuelle": None}


@pytest.mark.parametrize("profil", ["pjm", "ahi_hors_sons"])
def test_an_exempt_sector_has_its_numbers_and_no_target(profil):
    result = compute(world(profil_cibles=profil))
    for name in RATES[3:]:
        rate = rate_of(result, name)
        assert (rate.etat, rate.motif, rate.cible, rate.fraction) == ("SANS_OBJET", None, None, Fraction(9, 10))
    assert rate_of(result, RATES[0]).etat == "ATTEINTE"
    missing = compute(world(profil_cibles=profil), {"non_fourni": ["envoi"]})
    assert rate_of(missing, "taux_dmp").fraction == Fraction(None, None)
    assert (rate_of(missing, "taux_dmp").etat, rate_of(missing, "taux_dmp").motif) == ("SANS_OBJET", None)


def test_an_amenagement_changes_a_target_or_takes_it_away():
    granted = [
        Amenagement(None, "taux_dossiers_actifs", "décision 1", cible=91),
        Amenagement(EHPAD, "taux_dmp", "décision 2", sans_objet=True),
        Amenagement(None, "taux_dmp", "décision 3", cible=100),
    ]
    result = compute(join(world(), world(finess=SSIAD)), amenagements=granted)
    first, second = result.etablissements
    assert [(r.etat, r.cible) for r in (rate_of(first, RATES[0]), rate_of(first, "taux_dmp"))] == [
        ("NON_ATTEINTE", 91),
        ("SANS_OBJET", None),
    ]
    assert (rate_of(second, "taux_dmp").etat, rate_of(second, "taux_dmp").cible) == ("NON_ATTEINTE", 100)
    assert {r.etat for r in rate_of(first, RATES[0]).lectures} == {"NON_ATTEINTE"}


@pytest.mark.parametrize(
    "wrong",
    [
        Amenagement(None, "nb_dui_actifs", "décision", cible=1),
        Amenagement(None, "taux_dmp", "décision"),
        Amenagement(None, "taux_dmp", "décision", cible=1, sans_objet=True),
        Amenagement(None, "taux_dmp", " ", cible=1),
        Amenagement("999999999", "taux_dmp", "décision", cible=1),
    ],
)
def test_an_amenagement_that_says_nothing_clear_is_refused(wrong):
    with pytest.raises(UsageError) as refused:
        compute(world(), amenagements=[wrong])
    assert refused.value.code == "ESMS-E133"


def test_both_readings_are_judged_by_their_own_numbers_with_the_rejects_of_the_chosen_one():
    tables = world(9, 1)
    tables["sejour"].append(
        {"sejour_id": "parti", "usager_id": "parti", "finess_et": EHPAD, "date_entree": date(2024, 1, 10),
         "date_sortie": date(2025, 6, 30), "sortie_definitive": True}
    )  # fmt: skip
    tables["usager"].append({"usager_id": "parti"})
    rate = rate_of(compute(tables), RATES[0])
    assert [(r.lecture, r.fraction, r.etat) for r in rate.lectures] == [
        ("periode", Fraction(9, 10), "ATTEINTE"),
        ("annuelle", Fraction(9, 11), "NON_ATTEINTE"),
    ]
    annual = compute(tables, options=Options(denominateur="annuelle"))
    assert (rate_of(annual, RATES[0]).fraction, rate_of(annual, RATES[0]).etat) == (Fraction(9, 11), "NON_ATTEINTE")
    assert rate_of(annual, "taux_mssante").fraction == Fraction(9, 11)


@pytest.mark.parametrize(("deployed", "reserves"), [(FIRST, ()), (date(2025, 9, 2), ("DEPLOIEMENT_EN_COURS",))])
def test_a_deployment_after_the_first_day_is_a_reserve_and_changes_no_etat(deployed, reserves):
    result = compute(world(date_deploiement=deployed))
    assert result.etablissements[0].reserves == reserves
    assert rate_of(result, RATES[0]).etat == "ATTEINTE"


@pytest.mark.parametrize(("start", "reserves"), [("2025-01-01", ()), ("2025-01-02", ("FILE_ACTIVE_PARTIELLE",))])
def test_sejours_that_do_not_go_back_to_january_are_a_reserve(start, reserves):
    assert compute(world(), {"periode_couverte_debut": start}).etablissements[0].reserves == reserves


@pytest.mark.parametrize(
    ("left", "definitive", "reserve"),
    [
        (date(2024, 12, 31), None, False),
        (date(2025, 1, 1), None, True),
        (date(2025, 9, 29), None, True),
        (date(2025, 9, 30), None, False),
        (date(2025, 6, 30), True, False),
        (date(2025, 6, 30), False, False),
    ],
)
def test_an_exit_of_the_year_of_unknown_kind_is_a_reserve_under_either_option(left, definitive, reserve):
    tables = world()
    tables["sejour"][-1] |= {"date_sortie": left, "sortie_definitive": definitive}
    for lecture in ("periode", "annuelle"):
        result = compute(tables, options=Options(denominateur=lecture))
        assert result.etablissements[0].reserves == (("SORTIE_NON_QUALIFIEE",) if reserve else ())


def test_reserves_stand_by_code_point():
    tables = world(date_deploiement=LAST)
    tables["sejour"][-1] |= {"date_sortie": date(2025, 6, 30)}
    found = compute(tables, {"periode_couverte_debut": "2025-09-01"}).etablissements[0].reserves
    assert found == ("DEPLOIEMENT_EN_COURS", "FILE_ACTIVE_PARTIELLE", "SORTIE_NON_QUALIFIEE")
