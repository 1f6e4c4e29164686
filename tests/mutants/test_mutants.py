"""A conforming lot gives no finding, and a defect is found by the requirement that it breaks.

``make mutants`` tries all of them against all requirements; here each requirement meets one of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from esms_sdk.conformance import Verdict
from tests.mutants.bench import Bench, bench, judged_on_lots
from tests.mutants.registry import Mutant, mutants
from tests.mutants.world import World

A_FEW = 1


def _few() -> list[Mutant]:
    kept: defaultdict[str, list[Mutant]] = defaultdict(list)
    for one in mutants():
        if len(kept[one.requirement]) < A_FEW:
            kept[one.requirement].append(one)
    return [one for several in kept.values() for one in several]


@pytest.fixture(scope="module")
def here() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture(scope="module")
def whole(here: Bench) -> World:
    return here.whole()


def test_nothing_is_found_in_the_conforming_lot_and_everything_is_judged(here: Bench, whole: World) -> None:
    found = here.verdicts(whole)
    # A target that is not reached is told and is no fault.
    told = {id: sorted(codes) for id, (_, codes) in found.items() if codes}
    assert told == {"ESMS-IND-10": ["NON_ATTEINTE"]}
    assert {id: verdict.value for id, (verdict, _) in found.items() if verdict is not Verdict.CONFORME} == {}


@pytest.mark.parametrize("one", _few(), ids=str)
def test_a_defect_is_found_by_the_requirement_it_breaks(here: Bench, whole: World, one: Mutant) -> None:
    assert here.speaking(one.world(whole), [one.requirement]) == [one.requirement]


def test_every_automatic_requirement_over_lots_has_a_mutant_and_no_mutant_is_of_another() -> None:
    asked, there = {one.id for one in judged_on_lots()}, {one.requirement for one in mutants()}
    assert asked - there == set(), "no mutant"
    assert there - asked == set(), "no such requirement"


def test_a_mutant_has_a_name_of_its_own_and_its_related_ones_exist() -> None:
    names = [str(one) for one in mutants()]
    assert len(names) == len(set(names))
    ids = {one.id for one in judged_on_lots()}
    assert {other for one in mutants() for other in one.related} <= ids
    assert [str(one) for one in mutants() if not all(one.related.values())] == [], "no reason"
