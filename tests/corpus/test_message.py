"""The invented message is sound, and each of its one-defect twins is caught by exactly the rule that it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from esms_sdk.checks.documents import Piece, Setting
from esms_sdk.checks.mss_courriel import judge_message
from tests.corpus.defauts_courriel import COURRIELS, DefautCourriel
from tests.corpus.message import Courriel, courriel, notification, written


def told(folder: Path, one: Courriel, mode: str = "test", *, undecided: bool = False) -> set[str]:
    path = folder / "message.eml"
    path.write_bytes(written(one))
    seen = judge_message(Piece("courriel", path), Setting(mode))
    assert bool(seen.undecided) == undecided
    return {f"{one.exigence}.{one.code}" for one in seen.found}


def test_a_message_and_a_notification_written_by_hand_have_nothing_to_report(tmp_path: Path) -> None:
    assert told(tmp_path, courriel()) == told(tmp_path, notification()) == set()


@pytest.mark.parametrize("defaut", COURRIELS, ids=lambda one: f"{one.constat} : {one.nom}")
def test_a_message_with_one_defect_is_caught_by_that_rule_alone(tmp_path: Path, defaut: DefautCourriel) -> None:
    twin = defaut.depart()
    sound = written(twin)
    defaut.change(twin)
    assert written(twin) != sound
    assert told(tmp_path, twin, defaut.mode, undecided=defaut.indecis) == {defaut.constat, *defaut.aussi}
