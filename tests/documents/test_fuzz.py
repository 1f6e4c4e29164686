"""Documents spoilt at random, by a seed: each ends in a verdict or a clear refusal, none in a crash or a hang."""

from __future__ import annotations

from pathlib import Path

from tests.documents.fuzz import cases, run, seeds


def test_spoilt_documents_end_in_a_verdict_or_a_refusal(tmp_path: Path) -> None:
    ended, broken, _ = run(300, 20260105, tmp_path)
    assert broken == []
    assert sum(ended.values()) == 300
    # The fuzzer reaches what is judged, what is refused, and what is no document any more, of every kind.
    assert {genre for genre, _ in ended} == set(seeds())
    assert {end for _, end in ended} >= {"constats", "rien", "inconnu"}


def test_the_same_seed_gives_the_same_inputs() -> None:
    assert [one.data for one in cases(12, 7)] == [one.data for one in cases(12, 7)]
    assert [one.data for one in cases(12, 7)] != [one.data for one in cases(12, 8)]
