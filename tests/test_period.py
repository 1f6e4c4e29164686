"""The période de recueil: the table of the contract, and laws that hold on every day."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esms_sdk.period import Period, annual_window, mois_ecoule, trois_mois

DAY = timedelta(days=1)
days = st.dates(date(1999, 1, 1), date(2060, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


def period(debut: str, fin: str) -> Period:
    return Period(day(debut), day(fin))


@pytest.mark.parametrize(
    ("measured_on", "debut", "fin"),
    [
        ("2025-09-30", "2025-09-01", "2025-09-30"),
        ("2025-10-01", "2025-09-01", "2025-09-30"),
        ("2024-02-29", "2024-02-01", "2024-02-29"),
        ("2025-05-31", "2025-05-01", "2025-05-31"),
        ("2025-02-28", "2025-02-01", "2025-02-28"),
        ("2024-02-28", "2024-01-01", "2024-01-31"),
        ("2026-01-30", "2025-12-01", "2025-12-31"),
    ],
)
def test_mois_ecoule_is_the_last_calendar_month_that_is_over(measured_on: str, debut: str, fin: str) -> None:
    assert mois_ecoule(day(measured_on)) == period(debut, fin)


@pytest.mark.parametrize(
    ("measured_on", "debut", "fin"),
    [
        ("2025-09-30", "2025-07-01", "2025-09-30"),
        ("2025-10-01", "2025-07-01", "2025-09-30"),
        ("2024-02-29", "2023-12-01", "2024-02-29"),
        ("2025-01-15", "2024-10-01", "2024-12-31"),
    ],
)
def test_the_first_measure_looks_at_three_calendar_months(measured_on: str, debut: str, fin: str) -> None:
    assert mois_ecoule(day(measured_on), first_measure=True) == period(debut, fin)


@pytest.mark.parametrize(
    ("measured_on", "debut", "fin"),
    [
        ("2025-09-30", "2025-06-30", "2025-09-29"),
        ("2025-10-01", "2025-07-01", "2025-09-30"),
        ("2024-02-29", "2023-11-29", "2024-02-28"),
        ("2025-05-31", "2025-02-28", "2025-05-30"),
        ("2024-05-31", "2024-02-29", "2024-05-30"),
        ("2025-01-01", "2024-10-01", "2024-12-31"),
    ],
)
def test_trois_mois_ends_the_day_before_the_measure(measured_on: str, debut: str, fin: str) -> None:
    assert trois_mois(day(measured_on)) == period(debut, fin)


@given(days)
def test_a_month_measured_is_whole_and_the_last_that_is_over(measured_on: date) -> None:
    month = mois_ecoule(measured_on)
    assert month.debut.day == 1
    assert (month.fin + DAY).day == 1
    assert (month.debut.year, month.debut.month) == (month.fin.year, month.fin.month)
    assert month.fin <= measured_on < mois_ecoule(month.fin + 32 * DAY).fin


@given(days)
def test_the_first_measure_ends_with_the_month_and_has_three(measured_on: date) -> None:
    month, three = mois_ecoule(measured_on), mois_ecoule(measured_on, first_measure=True)
    assert three.fin == month.fin
    assert three.debut.day == 1
    assert three.contains(month)
    assert (month.debut.year - three.debut.year) * 12 + month.debut.month - three.debut.month == 2


@given(days)
def test_trois_mois_begins_on_the_same_day_number_or_the_last_day(measured_on: date) -> None:
    three = trois_mois(measured_on)
    assert three.fin + DAY == measured_on
    assert (measured_on.year - three.debut.year) * 12 + measured_on.month - three.debut.month == 3
    same_number = three.debut.day == measured_on.day
    last_day = three.debut.day < measured_on.day and (three.debut + DAY).day == 1
    assert same_number or last_day


@given(days, days)
def test_the_annual_window_holds_the_period_and_begins_in_january_at_the_latest(a: date, b: date) -> None:
    measured = Period(min(a, b), max(a, b))
    window = annual_window(measured)
    assert window.contains(measured)
    assert window.fin == measured.fin
    assert window.debut == min(measured.debut, date(measured.fin.year, 1, 1))


@given(days, days, days, days)
def test_a_period_contains_another_when_it_contains_its_days(a: date, b: date, c: date, d: date) -> None:
    one, other = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
    assert one.contains(other) == all(one.debut <= bound <= one.fin for bound in (other.debut, other.fin))


def test_an_inverted_period_is_refused() -> None:
    with pytest.raises(ValueError, match="période inversée"):
        period("2025-09-30", "2025-09-29")


def test_a_period_may_be_one_day() -> None:
    assert period("2025-09-30", "2025-09-30").contains(period("2025-09-30", "2025-09-30"))


def test_periods_sort_by_their_beginning_and_are_values() -> None:
    early, late = period("2025-01-01", "2025-12-31"), period("2025-02-01", "2025-02-28")
    assert sorted([late, early]) == [early, late]
    assert {early, pickle.loads(pickle.dumps(early))} == {early}
    assert repr(early) == "Period(2025-01-01, 2025-12-31)"


def test_a_date_at_the_end_of_the_calendar_gives_a_period_or_a_value_error() -> None:
    assert mois_ecoule(date.max) == period("9999-12-01", "9999-12-31")
    with pytest.raises(ValueError, match="year 0"):
        trois_mois(date.min)
    with pytest.raises(ValueError, match="year 0"):
        mois_ecoule(date.min)
