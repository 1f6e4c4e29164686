"""The monthly course, one sentence at a time, and the documents whose first state one month leaves open."""

from __future__ import annotations

from datetime import date

import pytest

from esms_sdk.dashboard import Canal, Mois, TableauDeBord
from esms_sdk.errors import UsageError
from tests.dashboard import plain
from tests.dashboard.plain import compute, envoi

A, B = "10000000001", "10000000002"


def course(result: TableauDeBord) -> dict[str, Mois]:
    """The months of the first establishment, by «AAAA-MM»."""
    return {f"{one.periode.debut:%Y-%m}": one for one in result.etablissements[0].cours}


def test_the_course_has_the_24_months_that_end_with_the_date():
    months = list(course(compute()).values())
    assert (months[0].periode.debut, months[-1].periode.fin, len(months)) == (date(2023, 10, 1), plain.AS_OF, 24)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2025-09-30T23:59:59", "2025-09"), ("2025-10-01T00:00:00", None), ("2025-08-31T23:59:59", "2025-08"),
        ("2023-10-01T00:00:00", "2023-10"), ("2023-09-30T23:59:59", None), ("2024-02-29", "2024-02"),
    ],
)  # fmt: skip
def test_a_send_counts_in_the_month_of_its_day(moment, month):
    found = {name: one.mss_pro for name, one in course(compute(envoi("V1", "MSS_PRO", moment))).items()}
    assert {name for name, number in found.items() if number} == ({month} - {None})


def test_a_document_counts_once_a_month_and_again_in_another():
    sends = [envoi(f"V{n}", "DMP", day) for n, day in enumerate(("2025-05-02", "2025-05-09", "2025-07-01"))]
    result = compute(*sends)
    assert [course(result)[name].dmp for name in ("2025-05", "2025-06", "2025-07")] == [1, 0, 1]
    assert plain.totals(result, "dmp") == (0, 1, 0)


def test_a_message_repaired_the_next_month_is_a_failure_of_its_month_and_none_of_the_year():
    failed = envoi("V1", "MSS_PRO", "2025-05-31", resultat="ECHEC", message_id="M1")
    result = compute(failed, envoi("V2", "MSS_CITOYENNE", "2025-06-01", message_id="M1"))
    assert [course(result)[name].echecs.mss for name in ("2025-05", "2025-06")] == [1, 0]
    assert result.etablissements[0].periodes["annee_courante"].echecs.mss == 0


def test_a_month_is_covered_when_it_is_wholly_inside_the_coverage_and_deployed():
    manifest = {"couverture": {"envoi": {"debut": "2024-03-10", "fin": "2025-09-15"}}}
    late = plain.place(date_deploiement=date(2024, 6, 2))
    covered = [name for name, one in course(compute(manifest=manifest, etablissement=[late])).items() if one.couverte]
    assert (covered[0], covered[-1], len(covered)) == ("2024-07", "2025-08", 14)


def test_what_is_not_supplied_is_null_in_every_month():
    for one in course(compute(without=["envoi"])).values():
        assert (one.dmp, one.mss_pro, one.mss_citoyenne, one.echecs.dmp, one.echecs.mss, one.couverte) == (
            None,
        ) * 5 + (False,)
    without = course(compute(without=["document"]))["2025-09"]
    assert (without.dmp, without.echecs.dmp) == (None, 0)


def test_both_states_in_one_month_are_told_apart_by_moment_then_key():
    sends = [
        envoi("V2", "MSS_PRO", "2025-05-02", ins_qualifiee=False), envoi("V1", "MSS_PRO", "2025-05-02"),
        envoi("V3", "MSS_PRO", "2025-09-02", ins_qualifiee=False), envoi("V4", "MSS_PRO", "2025-09-03"),
    ]  # fmt: skip
    periods = compute(*sends).etablissements[0].periodes
    assert periods["mois_courant"].canaux.mss_pro == Canal(1, 0, 1)
    assert periods["annee_courante"].canaux.mss_pro == Canal(1, 1, 0)


def test_a_document_that_an_old_month_leaves_open_counts_once_for_each_professional():
    old = [
        envoi("V1", "MSS_PRO", "2023-11-02", rpps=A),
        envoi("V2", "MSS_PRO", "2023-11-02", rpps=A, ins_qualifiee=False),
    ]
    new = [envoi("V3", "MSS_PRO", "2025-09-02", rpps=A)]
    other = [
        envoi("V4", "MSS_PRO", "2025-09-03", rpps=B),
        envoi("V5", "MSS_PRO", "2025-09-04", rpps=B, ins_qualifiee=False),
    ]
    (one,) = compute(*old, *new, *other)
    assert one.periodes["mois_courant"].canaux.mss_pro == Canal(1, 1, 0)
    assert [p.periodes["mois_courant"].mss_pro for p in one.par_rpps] == [Canal(1, 1, 0), Canal(1, 1, 0)]


def test_a_year_that_has_not_two_years_before_it_is_wrong_use():
    from esms_sdk.dashboard import periods

    with pytest.raises(UsageError, match="E135"):
        periods(date(2, 1, 1))
