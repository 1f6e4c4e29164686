"""What a person types, or copies from a letter or a web page, is put in its stored form."""

from __future__ import annotations

import pytest

from esms_sdk.identifiers.written import compact

SPACES = [" ", "\t", "\r\n", "\u00a0", "\u2007", "\u2009", "\u202f", "\u200b", "\ufeff"]
MARKS = [".", "-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"]


@pytest.mark.parametrize("separator", [*SPACES, *MARKS], ids=ascii)
def test_spaces_dots_and_dashes_do_not_count(separator: str) -> None:
    assert compact(separator.join(["", "2", "53", "07", "2A", ""])) == "253072A"


def test_only_the_letters_a_and_b_are_put_in_upper_case() -> None:
    assert compact("2a 2b oO") == "2A2BoO"


def test_other_digits_stay_what_they_are() -> None:
    assert compact("٣ ²") == "٣²"
