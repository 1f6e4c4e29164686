"""FINESS: public numbers of real establishments are valid, and what is near them is not."""

from __future__ import annotations

import pytest

from esms_sdk.identifiers import InvalidIdentifier, finess


@pytest.mark.parametrize("number", ["750712184", "690781810", "130786049", "310781406", "590780193", "710978040"])
def test_a_number_of_the_register_is_valid(number: str) -> None:
    assert finess.is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "2A0000014",
        "2A0000386",
        "2A0000154",
        "2A0002606",
        "2B0000020",
        "2B0000012",
        "2B0004246",
        "2B0000103",
    ],
)
def test_a_corsican_number_counts_a_as_1_and_b_as_2(number: str) -> None:
    assert finess.is_valid(number)


def test_the_number_of_the_published_tddui_example_has_a_wrong_key() -> None:
    assert not finess.is_valid("480787529")


def test_the_invented_departement_00_is_valid() -> None:
    assert finess.is_valid("00000001" + finess.key("00000001"))


def test_the_third_digit_need_not_be_0() -> None:
    assert finess.is_valid("75071218" + finess.key("75071218"))


def test_nine_zeros_are_no_number() -> None:
    assert not finess.is_valid("000000000")


@pytest.mark.parametrize("number", ["2a0000014", "75 071 218 4", " 750712184", "A20000014", "2C0000014", ""])
def test_a_value_is_judged_as_it_is_stored(number: str) -> None:
    assert not finess.is_valid(number)


@pytest.mark.parametrize("written", ["2a0000014", "2A 000 001 4", "2A-000-001-4", "2A.000.001.4", "\u00a02A0000014\t"])
def test_what_a_person_writes_is_put_in_its_stored_form(written: str) -> None:
    assert finess.validate(written) == "2A0000014"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "numéro FINESS vide"),
        (" - ", "numéro FINESS vide"),
        ("75071218", "9 caractères attendus, 8 vus"),
        ("7507121840", "9 caractères attendus, 10 vus"),
        ("75O712184", "chiffres attendus"),
        ("2C0000014", "chiffres attendus"),
        ("750712185", "clé de contrôle fausse"),
    ],
)
def test_a_refusal_says_why_in_french(written: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifier, match=reason):
        finess.validate(written)
