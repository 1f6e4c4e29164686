"""Each sentence of the contract on the dashboard (§4, §7), on a few rows worked out by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from esms_sdk.dashboard import Canal, Echecs, Insi, compute_dashboard
from esms_sdk.errors import UsageError
from esms_sdk.export import dashboard_document
from esms_sdk.lot import open_lot
from tests.dashboard.plain import AS_OF, compute, envoi, month, place, totals
from tests.lots import EHPAD, EJ, IME, SSIAD

MICRO_LOT = Path(__file__).parent.parent / "data" / "micro_lot"
NOTHING = Canal(0, 0, 0)
UNKNOWN = Canal(None, None, None)


def test_the_micro_lot_comes_out_to_the_digit_and_in_the_order_of_the_keys():
    expected = json.loads((MICRO_LOT / "expected" / "tableau_de_bord_2025-09-30.json").read_text(encoding="utf-8"))
    with open_lot(MICRO_LOT / "lot") as lot:
        document = dashboard_document(compute_dashboard(lot, AS_OF))
    assert json.dumps(document["etablissements"]) == json.dumps(expected["etablissements"])


@pytest.mark.parametrize(
    ("moment", "counted"),
    [
        ("2023-12-31T23:59:59", (0, 0, 0)),
        ("2024-01-01T00:00:00", (0, 0, 1)),
        ("2024-12-31T23:59:59", (0, 0, 1)),
        ("2025-01-01T00:00:00", (0, 1, 0)),
        ("2025-08-31T23:59:59", (0, 1, 0)),
        ("2025-09-01T00:00:00", (1, 1, 0)),
        ("2025-09-30T23:59:59", (1, 1, 0)),
        ("2025-10-01T00:00:00", (0, 0, 0)),
    ],
)
def test_a_send_counts_in_the_periods_of_its_day_first_and_last_included(moment, counted):
    assert totals(compute(envoi("V1", "DMP", moment)), "dmp") == counted
    assert totals(compute(envoi("V1", "MSS_PRO", moment)), "mss_pro") == counted


def test_a_document_sent_twice_over_a_channel_counts_once_and_once_in_each_channel():
    sends = [envoi(f"V{n}", canal, "2025-09-10") for n, canal in enumerate(["DMP", "DMP", "MSS_PRO", "MSS_CITOYENNE"])]
    sent = month(compute(*sends)).canaux
    assert (sent.dmp, sent.mss_pro, sent.mss_citoyenne) == (Canal(1, 1, 0),) * 3


def test_a_document_fed_in_the_month_and_in_the_year_before_counts_in_both():
    assert totals(compute(envoi("V1", "DMP", "2024-05-01"), envoi("V2", "DMP", "2025-09-10")), "dmp") == (1, 1, 1)


@pytest.mark.parametrize(("operation", "total"), [("AJOUT", 1), ("REMPLACEMENT", 1), ("SUPPRESSION", 0)])
def test_the_dmp_is_fed_by_an_addition_or_a_replacement(operation, total):
    assert month(compute(envoi("V1", "DMP", "2025-09-10", operation=operation))).canaux.dmp.total == total


def test_the_operation_of_a_message_is_ignored():
    sent = month(compute(envoi("V1", "MSS_PRO", "2025-09-10", operation="SUPPRESSION"))).canaux
    assert sent.mss_pro == Canal(1, 1, 0)


def test_a_message_without_document_and_a_failed_send_are_no_document_sent():
    lone = envoi("V1", "MSS_PRO", "2025-09-10", document_id=None)
    failed = envoi("V2", "MSS_PRO", "2025-09-10", resultat="ECHEC")
    assert month(compute(lone, failed)).canaux.mss_pro == NOTHING


def test_the_state_is_that_of_the_first_success_by_moment():
    sends = [
        envoi("V1", "DMP", "2025-09-20", ins_qualifiee=False),
        envoi("V2", "DMP", "2025-09-10", ins_qualifiee=True),
        envoi("V3", "DMP", "2025-09-05", ins_qualifiee=False, resultat="ECHEC"),
        envoi("V4", "DMP", "2025-09-04", ins_qualifiee=False, operation="SUPPRESSION"),
    ]
    assert month(compute(*sends)).canaux.dmp == Canal(1, 1, 0)


@pytest.mark.parametrize(
    ("first", "second", "expected"), [("V10", "V9", Canal(1, 1, 0)), ("V9", "V10", Canal(1, 0, 1))]
)
def test_at_the_same_moment_the_first_key_by_code_point_holds(first, second, expected):
    sends = [
        envoi(first, "DMP", "2025-09-10", ins_qualifiee=True),
        envoi(second, "DMP", "2025-09-10", ins_qualifiee=False),
    ]
    assert month(compute(*sends)).canaux.dmp == expected


def test_the_first_success_is_sought_in_the_period_not_before_it():
    sends = [
        envoi("V1", "MSS_CITOYENNE", "2025-08-10", ins_qualifiee=False),
        envoi("V2", "MSS_CITOYENNE", "2025-09-10", ins_qualifiee=True),
    ]
    periods = compute(*sends).etablissements[0].periodes
    assert periods["mois_courant"].canaux.mss_citoyenne == Canal(1, 1, 0)
    assert periods["annee_courante"].canaux.mss_citoyenne == Canal(1, 0, 1)


def test_each_failed_row_of_the_dmp_is_a_failure_whatever_its_operation():
    failed = [
        envoi(f"V{n}", "DMP", "2025-09-10", resultat="ECHEC", operation=operation)
        for n, operation in enumerate(["AJOUT", "AJOUT", "SUPPRESSION"])
    ]
    repaired = envoi("V9", "DMP", "2025-09-11")
    assert month(compute(*failed, repaired)).echecs == Echecs(3, 0)


def test_failed_messages_are_counted_once_over_both_channels():
    sends = [
        envoi("V1", "MSS_PRO", "2025-09-10", message_id="M1", resultat="ECHEC"),
        envoi("V2", "MSS_CITOYENNE", "2025-09-10", message_id="M1", resultat="ECHEC", document_id=None),
        envoi("V3", "MSS_PRO", "2025-09-10", message_id="M2", resultat="ECHEC"),
        envoi("V4", "MSS_CITOYENNE", "2025-09-12", message_id="M2"),
    ]
    assert month(compute(*sends)).echecs == Echecs(0, 1)


def test_a_failure_repaired_after_the_period_stays_one():
    sends = [
        envoi("V1", "MSS_PRO", "2024-12-31", message_id="M1", resultat="ECHEC"),
        envoi("V2", "MSS_PRO", "2025-01-01", message_id="M1"),
    ]
    periods = compute(*sends).etablissements[0].periodes
    assert (periods["annee_precedente"].echecs, periods["annee_courante"].echecs) == (Echecs(0, 1), Echecs(0, 0))


def test_insi_calls_are_counted_by_result():
    calls = [
        {"appel_id": f"A{n}", "finess_et": EHPAD, "horodatage": f"2025-09-0{n + 1}T08:00:00", "operation": "RECHERCHE",
         "resultat": "ECHEC" if n == 0 else "SUCCES"}
        for n in range(3)
    ]  # fmt: skip
    assert month(compute(appel_insi=calls)).insi == Insi(2, 1, 0, 0)


def test_a_person_who_enters_twice_or_under_a_merged_record_is_one_admission_with_the_status_of_the_root():
    people = [
        {"usager_id": "P1", "statut_identite": "QUAL"},
        {"usager_id": "P2", "usager_id_fusion": "P1", "statut_identite": "PROV"},
        {"usager_id": "P3", "usager_id_fusion": "P2", "statut_identite": "PROV"},
        {"usager_id": "P4", "statut_identite": "VALI"},
        {"usager_id": "P5"},
    ]
    stays = [
        {"sejour_id": f"S{n}", "usager_id": person, "finess_et": EHPAD, "date_entree": date(2025, 9, day)}
        for n, (person, day) in enumerate([("P1", 1), ("P1", 30), ("P2", 2), ("P3", 3), ("P4", 4), ("P5", 5)])
    ]
    before = {"sejour_id": "S9", "usager_id": "P4", "finess_et": EHPAD, "date_entree": date(2025, 8, 31)}
    assert month(compute(usager=people, sejour=[*stays, before])).insi == Insi(0, 0, 3, 1)


def test_rpps_have_the_channels_of_their_own_rows_by_code_point():
    sends = [
        envoi("V1", "DMP", "2025-09-10", rpps="9", ins_qualifiee=False),
        envoi("V2", "DMP", "2025-09-11", rpps="10"),
        envoi("V3", "DMP", "2025-09-12", document_id="X2"),
        envoi("V4", "MSS_PRO", "2024-02-01", rpps="7", resultat="ECHEC"),
        envoi("V5", "MSS_PRO", "2023-12-31", rpps="5"),
    ]
    result = compute(*sends)
    by_rpps = {one.rpps: one.periodes for one in result.etablissements[0].par_rpps}
    assert list(by_rpps) == ["10", "7", "9"]
    assert by_rpps["9"]["mois_courant"].dmp == Canal(1, 0, 1)
    assert by_rpps["10"]["mois_courant"].dmp == Canal(1, 1, 0)
    assert {period.dmp for period in by_rpps["7"].values()} == {NOTHING}
    assert month(result).canaux.dmp == Canal(2, 1, 1)


def covered(result) -> list[bool]:
    return [one.couverte for one in result.etablissements[0].periodes.values()]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({}, [True, True, True]),
        ({"periode_couverte_debut": "2024-01-01", "periode_couverte_fin": "2025-09-30"}, [True, True, True]),
        ({"periode_couverte_debut": "2024-01-02"}, [True, True, False]),
        ({"periode_couverte_debut": "2025-01-02"}, [True, False, False]),
        ({"periode_couverte_fin": "2025-09-29"}, [False, False, True]),
        ({"couverture": {"envoi": {"debut": "2025-09-01", "fin": "2025-09-30"}}}, [True, False, False]),
        ({"couverture": {"sejour": {"debut": "2025-09-01", "fin": "2025-09-30"}}}, [True, True, True]),
    ],
)
def test_a_period_is_covered_when_it_is_wholly_inside_the_coverage_of_the_sends(manifest, expected):
    result = compute(envoi("V1", "DMP", "2025-09-10"), manifest=manifest)
    assert covered(result) == expected
    assert totals(result, "dmp") == (1, 1, 0)


@pytest.mark.parametrize(
    ("deployed", "expected"),
    [
        (date(2024, 1, 1), [True, True, True]),
        (date(2024, 1, 2), [True, True, False]),
        (date(2025, 9, 1), [True, False, False]),
        (date(2025, 9, 2), [False, False, False]),
    ],
)
def test_a_period_that_begins_before_the_deployment_is_not_covered_and_its_counts_are_given(deployed, expected):
    result = compute(envoi("V1", "DMP", "2025-09-10"), etablissement=[place(date_deploiement=deployed)])
    assert covered(result) == expected
    assert totals(result, "dmp") == (1, 1, 0)
    assert result.exit_code == (0 if any(expected) else 3)


@pytest.mark.parametrize("how", [{"without": ["envoi"]}, {"manifest": {"non_fourni": ["envoi"]}}])
def test_without_the_sends_every_count_of_them_is_null_nothing_is_covered_and_the_code_is_3(how):
    result = compute(**how)
    sent = month(result)
    assert (sent.canaux.dmp, sent.canaux.mss_pro, sent.canaux.mss_citoyenne) == (UNKNOWN,) * 3
    assert (sent.echecs, sent.insi) == (Echecs(None, None), Insi(0, 0, 0, 0))
    assert (covered(result), result.etablissements[0].par_rpps) == ([False] * 3, ())
    assert result.exit_code == 3


def test_without_the_documents_the_channels_are_null_and_the_failures_stay():
    sends = [envoi("V1", "DMP", "2025-09-10", rpps="9"), envoi("V2", "DMP", "2025-09-10", resultat="ECHEC")]
    result = compute(*sends, without=["document"])
    assert (month(result).canaux.dmp, month(result).canaux.mss_pro, month(result).echecs.dmp) == (UNKNOWN, UNKNOWN, 1)
    assert result.etablissements[0].par_rpps[0].periodes["mois_courant"].dmp == UNKNOWN
    assert (covered(result), result.exit_code) == ([True] * 3, 0)


@pytest.mark.parametrize(
    ("missing", "insi"),
    [
        ("appel_insi", Insi(None, None, 0, 0)),
        ("sejour", Insi(0, 0, None, None)),
        ("usager", Insi(0, 0, 0, None)),
        ("usager.statut_identite", Insi(0, 0, 0, None)),
    ],
)
def test_what_is_not_supplied_is_null_and_never_0(missing, insi):
    assert month(compute(manifest={"non_fourni": [missing]})).insi == insi


@pytest.mark.parametrize(
    ("column", "dmp", "mss_pro", "echecs"),
    [
        ("operation", UNKNOWN, NOTHING, Echecs(0, 0)),
        ("document_id", UNKNOWN, UNKNOWN, Echecs(0, 0)),
        ("message_id", NOTHING, NOTHING, Echecs(0, None)),
        ("resultat", UNKNOWN, UNKNOWN, Echecs(None, None)),
        ("ins_qualifiee", Canal(0, None, None), Canal(0, None, None), Echecs(0, 0)),
        ("rpps", NOTHING, NOTHING, Echecs(0, 0)),
    ],
)
def test_a_column_of_the_sends_that_is_not_supplied_makes_null_what_reads_it(column, dmp, mss_pro, echecs):
    sent = month(compute(manifest={"non_fourni": [f"envoi.{column}"]}))
    assert (sent.canaux.dmp, sent.canaux.mss_pro, sent.echecs) == (dmp, mss_pro, echecs)


def test_documents_are_counted_where_the_state_of_the_identity_is_not_supplied():
    lone = envoi("V1", "DMP", "2025-09-10", ins_qualifiee=None)
    assert month(compute(lone, manifest={"non_fourni": ["envoi.ins_qualifiee"]})).canaux.dmp == Canal(1, None, None)


def test_every_establishment_of_the_perimeter_has_its_row_and_no_other_has_one():
    places = [place(IME), place(EHPAD), place(SSIAD)]
    sends = [envoi("V1", "DMP", "2025-09-10"), envoi("V2", "DMP", "2025-09-10", finess_et=SSIAD, document_id="X2")]
    result = compute(*sends, manifest={"perimetre": [IME, EHPAD]}, etablissement=places)
    assert [one.finess_et for one in result] == [EHPAD, IME]
    assert [one.periodes["mois_courant"].canaux.dmp.total for one in result] == [1, 0]
    assert [one.finess_et for one in compute(*sends, etablissement=places, finess=[SSIAD])] == [SSIAD]
    with pytest.raises(UsageError) as refused:
        compute(*sends, manifest={"perimetre": [IME]}, etablissement=places, finess=[EHPAD])
    assert refused.value.code == "ESMS-E130" and EHPAD in refused.value.message


def test_an_empty_perimeter_is_a_dashboard_without_establishment():
    result = compute(manifest={"perimetre": []}, by_ej=True)
    assert (len(result), result.organismes, result.exit_code) == (0, (), 3)


def test_an_organisme_counts_a_document_a_message_and_a_person_once_and_is_covered_where_all_its_places_are():
    places = [place(EHPAD, date_deploiement=date(2025, 1, 1)), place(SSIAD)]
    both = [
        envoi(f"V{n}", canal, "2025-09-10", finess_et=finess, message_id="M1", rpps="9", resultat=resultat)
        for n, (finess, canal, resultat) in enumerate(
            [
                (EHPAD, "DMP", "SUCCES"),
                (SSIAD, "DMP", "SUCCES"),
                (EHPAD, "MSS_PRO", "ECHEC"),
                (SSIAD, "MSS_PRO", "SUCCES"),
            ]
        )
    ]
    stays = [
        {"sejour_id": finess, "usager_id": "P1", "finess_et": finess, "date_entree": date(2025, 9, 2)}
        for finess in (EHPAD, SSIAD)
    ]
    result = compute(*both, etablissement=places, sejour=stays, by_ej=True)
    assert [one.periodes["mois_courant"].echecs.mss for one in result] == [1, 0]
    (organisme,) = result.organismes
    assert (organisme.finess_et, organisme.finess_ej, organisme.denomination) == ("", EJ, "OG")
    sent = organisme.periodes["mois_courant"]
    assert (sent.canaux.dmp, sent.canaux.mss_pro, sent.echecs.mss) == (Canal(1, 1, 0), Canal(1, 1, 0), 0)
    assert (sent.insi.admissions, len(organisme.par_rpps)) == (1, 1)
    assert [one.couverte for one in organisme.periodes.values()] == [True, True, False]


def test_a_date_without_a_year_before_is_wrong_use():
    with open_lot(MICRO_LOT / "lot") as lot, pytest.raises(UsageError) as refused:
        compute_dashboard(lot, date(1, 5, 1))
    assert refused.value.code == "ESMS-E135"
