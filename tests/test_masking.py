"""Masks: what a person's record holds is never printed as it is, what is needed to find it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esms_sdk import masking

NIR = "253072A07300443"
WRITTEN = [NIR, "2 53 07 2A 073 004 43", "2.53.07.2A.073.004.43", "2-53-07-2a-073-004-43"]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (None, ""),
        ("", ""),
        ("31/02/1938", "99/99/9999"),
        ("Éva MARTIN-durand", "Xxx XXXXXX-xxxxxx"),
        ("eva@exemple.fr", "xxx@xxxxxxx.xx"),
        ("٣²", "99"),
        ("a\nb\x00c", "x?x?x"),
    ],
)
def test_a_shape_keeps_marks_and_hides_digits_and_letters(value: str | None, shape: str) -> None:
    assert masking.shape(value) == shape


def test_a_shape_is_cut_after_forty_characters() -> None:
    assert masking.shape("1" * 40) == "9" * 40
    assert masking.shape("1" * 41) == "9" * 40 + "…"


@given(st.text())
def test_a_shape_holds_no_digit_but_9_and_no_letter_but_x(value: str) -> None:
    assert all(c in "9xX" for c in masking.shape(value) if c.isdigit() or c.isalpha())


@given(st.text())
def test_a_shape_stays_on_one_printable_line(value: str) -> None:
    assert masking.shape(value).isprintable()


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("before", ["", "EVN-", "3480787529/"])
@pytest.mark.parametrize("after", ["", "-0001"])
def test_a_key_that_embeds_a_nir_is_masked(before: str, written: str, after: str) -> None:
    masked = masking.key(before + written + after)
    assert "53" not in masked
    assert "073" not in masked


@pytest.mark.parametrize("key", ["R-000123", "U1", "sejour_00042", "750712184", "3f2a9c1e-77b0"])
def test_an_opaque_key_stays_readable(key: str) -> None:
    assert masking.key(key) == key


def test_no_key_is_nothing() -> None:
    assert masking.key(None) == ""


@pytest.mark.parametrize("label", ["Chambre double", "Sortie définitive", "MSS_PRO", "10 jours", "2025"])
def test_a_code_label_stays_readable(label: str) -> None:
    assert masking.label(label) == label


@pytest.mark.parametrize("label", ["12/04/1938", NIR, "0612345678", "eva@exemple.fr"])
def test_a_label_that_looks_like_personal_data_is_masked(label: str) -> None:
    assert masking.label(label) == masking.shape(label) != label
