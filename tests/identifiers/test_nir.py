"""NIR and NIA: published specimens are valid; stricter than the key alone."""

from __future__ import annotations

import pytest

from esms_sdk.identifiers import InvalidIdentifier, nir


def with_key(first: str) -> str:
    return first + nir.key(first)


@pytest.mark.parametrize(
    "number",
    [
        "277010115400329",
        "287080883795737",
        "253072A07300443",
        "253072B07300470",
        "185057512345673",
        "260058815400233",
        "255081416802538",
        "284058832102532",
        "284052A32102552",
        "284052B32102579",
    ],
)
def test_a_published_specimen_is_valid(number: str) -> None:
    assert nir.is_valid(number)


@pytest.mark.parametrize("number", ["118058599124123", "123456789012244", "147720425367411"])
def test_a_published_specimen_with_a_wrong_key_is_not(number: str) -> None:
    assert not nir.is_valid(number)


def test_the_key_alone_does_not_make_a_number() -> None:
    assert nir.key("0" * 13) == "97"
    assert not nir.is_valid("000000000000097")


@pytest.mark.parametrize("sex", "123478")
def test_these_first_digits_are_let_through(sex: str) -> None:
    assert nir.is_valid(with_key(f"{sex}770101154003"))


@pytest.mark.parametrize("sex", "0569")
def test_other_first_digits_are_refused(sex: str) -> None:
    assert not nir.is_valid(with_key(f"{sex}770101154003"))


def test_the_month_is_01_to_12_or_from_20_on() -> None:
    accepted = {month for month in range(100) if nir.is_valid(with_key(f"277{month:02}01154003"))}
    assert accepted == {*range(1, 13), *range(20, 100)}


def test_a_key_below_ten_keeps_its_zero() -> None:
    first = next(first for first in (f"27701011540{n:02}" for n in range(100)) if int(nir.key(first)) < 10)
    assert nir.is_valid(with_key(first))
    assert len(nir.key(first)) == 2


@pytest.mark.parametrize("key", ["00", "98", "99"])
def test_a_key_is_from_01_to_97(key: str) -> None:
    numbers = [f"27701011540{n:02}{key}" for n in range(97)]
    assert not any(nir.is_valid(number) for number in numbers)


@pytest.mark.parametrize("number", ["253072a07300443", "2 53 07 2A 073 004 43", "2770101154003", ""])
def test_a_value_is_judged_as_it_is_stored(number: str) -> None:
    assert not nir.is_valid(number)


@pytest.mark.parametrize("written", ["2 53 07 2a 073 004 43", "2.53.07.2A.073.004.43", "2 53 07 2A 073 004 - 43\u00a0"])
def test_what_a_person_writes_is_put_in_its_stored_form(written: str) -> None:
    assert nir.validate(written) == "253072A07300443"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "NIR vide"),
        ("2770101154003", "15 caractères attendus, 13 vus"),
        ("977010115400329", "sexe, mois"),
        ("27701011540032O", "caractère inattendu"),
        ("277010115400330", "clé de contrôle fausse"),
    ],
)
def test_a_refusal_says_why_in_french(written: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifier, match=reason):
        nir.validate(written)
