"""What rejected séjours do to a rate that is met without them."""

from __future__ import annotations

import pytest

from esms_sdk.indicators import Count, Fraction, Options, exit_code
from tests.indicators.plain import (
    RATES,
    compute,
    join,
    rate_of,
    rejecting,
    verdicts,
    world,
)
from tests.lots import EHPAD, SSIAD


def test_a_rejected_sejour_that_could_undo_the_target_leaves_every_rate_open():
    result = compute(world(), rejecting(here=1))
    assert result.etablissements[0].rejets_sejours == 1
    found = verdicts(result)
    assert found[RATES[0]] == ("INDETERMINEE", "REJETS_PRESENTS")
    # 9 of 9 becomes 9 of 10, which is enough; 9 messages for 10 persons becomes 9 for 11, which is too.
    assert {found[name] for name in RATES[1:]} == {("ATTEINTE", None)}
    assert rate_of(result, RATES[0]).fraction == Fraction(9, 10)
    assert exit_code(result) == 3


def test_a_rejected_sejour_changes_nothing_where_the_target_is_missed_anyway():
    assert verdicts(compute(world(8, 2), rejecting(here=5)))[RATES[0]] == ("NON_ATTEINTE", None)


def test_a_rejected_sejour_of_another_establishment_changes_nothing():
    assert verdicts(compute(world(), rejecting(there=5)))[RATES[0]] == ("ATTEINTE", None)


@pytest.mark.parametrize(
    ("entered", "left", "counts", "in_the_year"),
    [
        ("2025-10-01", "", 0, 0),
        ("2025-09-30", "", 1, 1),
        ("", "2025-08-31", 0, 1),
        ("31/02/2025", "2025-09-01", 1, 1),
        ("", "2025-01-01", 0, 1),
        ("", "2024-12-31", 0, 0),
        ("", "", 1, 1),
    ],
)
def test_a_rejected_sejour_whose_readable_dates_leave_it_out_does_not_count(entered, left, counts, in_the_year):
    row = {"finess_et": EHPAD, "date_entree": entered, "date_sortie": left}
    result = compute(world(), rejecting(here=1), rejected=[row])
    assert result.etablissements[0].rejets_sejours == counts
    annual = compute(world(), rejecting(here=1), Options(denominateur="annuelle"), [row])
    assert annual.etablissements[0].rejets_sejours == in_the_year
    assert rate_of(annual, RATES[0]).lectures[0].motif == ("REJETS_PRESENTS" if in_the_year else None)


@pytest.mark.parametrize(
    ("unknown", "others", "spoilt"),
    [(1, 0, False), (2, 88, False), (2, 87, True), (3, 187, False), (3, 186, True)],
)  # fmt: skip
def test_rejects_of_unknown_finess_above_one_percent_spoil_every_rate_of_the_lot(unknown, others, spoilt):
    # 10 + others rows accepted, 100 + unknown rejected: two of 200 is 1 %, and not above it.
    tables = join(world(), world(0, others, SSIAD))
    result = compute(tables, rejecting(unknown=unknown, there=100))
    assert (verdicts(result)[RATES[0]] == ("INDETERMINEE", "REJETS_PRESENTS")) == spoilt
    assert {i.motif for i in result.etablissements[0].indicateurs if isinstance(i, Count)} == {None}
