"""How long a line may be is told before the engine reads: it holds sixteen of them, not the whole file."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esms_sdk.lot import delimited, plain_text

STEP = 16


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.integers(0, 200), max_size=12), ended=st.booleans())
def test_no_line_passes_the_bound_and_the_bound_is_not_far(lines, ended, tmp_path, monkeypatch):
    monkeypatch.setattr(plain_text, "_STEP", STEP)
    monkeypatch.setattr(plain_text, "_CHUNK", 50)
    path = tmp_path / "texte"
    path.write_bytes(b"\n".join(b"x" * length for length in lines) + b"\n" * ended)
    longest = max(lines, default=0)
    assert longest <= plain_text.line_bound(path, 10_000) <= longest + 3 * STEP


@pytest.mark.parametrize("size", [10, 3_000_000, 5_500_000])
def test_a_long_line_costs_its_own_length_and_is_read(tmp_path, size):
    path = tmp_path / "texte"
    path.write_bytes(b"a\n" + b"x" * size + b"\nb\n")
    assert 0 < plain_text.line_bound(path, 1 << 26) - size <= 1 << 20
    with duckdb.connect() as con:
        read = delimited.read(con, path, "f", work=tmp_path)
        assert con.execute(f"select length(a) from ({read.relation})").fetchall() == [(size,), (1,)]


def test_the_bound_is_at_most_what_is_asked(tmp_path):
    path = tmp_path / "texte"
    path.write_bytes(b"x" * 5_000_000)
    assert plain_text.line_bound(path, 1 << 21) == 1 << 21
