"""RPPS: eleven digits, the last a Luhn key."""

from __future__ import annotations

import pytest

from esms_sdk.identifiers import InvalidIdentifier, rpps


def test_each_first_part_has_one_valid_number() -> None:
    for first in ("1000000001", "8100000000", "1010101010", "9999999999"):
        assert [key for key in "0123456789" if rpps.is_valid(first + key)] == [rpps.key(first)]


def test_two_neighbours_exchanged_are_seen() -> None:
    number = "1012345678" + rpps.key("1012345678")
    assert not rpps.is_valid(number[:4] + number[5] + number[4] + number[6:])


def test_eleven_zeros_are_no_number() -> None:
    assert not rpps.is_valid("0" * 11)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "numéro RPPS vide"),
        ("810000000017", "11 caractères attendus, 12 vus"),
        ("1000000001A", "chiffres attendus"),
        ("10000000018", "clé de contrôle fausse"),
    ],
)
def test_a_refusal_says_why_in_french(written: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifier, match=reason):
        rpps.validate(written)
