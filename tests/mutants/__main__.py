"""``make mutants``: every mutant against every requirement, and the score of each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from esms_sdk.conformance import Verdict
from tests.mutants.bench import Bench, bench, judged_on_lots
from tests.mutants.registry import Mutant, mutants


@dataclass
class Score:
    """What became of the mutants of one requirement."""

    caught: list[Mutant] = field(default_factory=list)
    missed: list[Mutant] = field(default_factory=list)
    unrelated: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.caught) + len(self.missed)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the score of each requirement; 1 where a mutant was missed, or found by what has nothing to do with it."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", metavar="WORD", default="", help="only the requirements whose id has this word")
    asked = parser.parse_args(argv)
    chosen = [one for one in mutants() if asked.only in one.requirement]
    with bench() as here:
        scores = run(here, chosen)
    known = [one.id for one in judged_on_lots() if asked.only in one.id]
    for line in lines(scores, known):
        print(line)
    wrong = any(score.missed or score.unrelated or score.silent for score in scores.values())
    return 1 if wrong or set(known) - set(scores) else 0


def run(here: Bench, chosen: Sequence[Mutant]) -> dict[str, Score]:
    """Judge each mutant by all requirements."""
    before = here.whole()
    normal = {id: codes for id, (_, codes) in here.verdicts(before).items()}
    scores: dict[str, Score] = {}
    for rank, one in enumerate(chosen, 1):
        if sys.stderr.isatty():
            print(f"\r{rank}/{len(chosen)} {one.requirement:<20}", end="", file=sys.stderr)
        world = one.world(before)
        found = here.verdicts(world, [one.requirement, *here.speaking(world)])
        score = scores.setdefault(one.requirement, Score())
        (score.caught if one.requirement in found and found[one.requirement][1] else score.missed).append(one)
        score.unrelated += unrelated(one, found, normal)
        quiet = [id for id in one.related if not found.get(id, (None, frozenset()))[1] - normal[id]]
        score.silent += [f"{one} : {id}" for id in quiet]
    return scores


def unrelated(
    one: Mutant, found: Mapping[str, tuple[Verdict, frozenset[str]]], normal: Mapping[str, frozenset[str]]
) -> list[str]:
    """Return who spoke of a mutant without a reason to."""
    spoke = {id: codes - normal.get(id, frozenset()) for id, (_, codes) in found.items()}
    return [
        f"{one} : aussi {id} ({', '.join(sorted(codes))})"
        for id, codes in spoke.items()
        if codes and id != one.requirement and id not in one.related
    ]


def lines(scores: Mapping[str, Score], known: Sequence[str]) -> Iterator[str]:
    """Yield the report."""
    caught, total = 0, 0
    for id in sorted({*scores, *known}):
        score = scores.get(id, Score())
        caught, total = caught + len(score.caught), total + score.total
        if not score.total:
            yield f"{id:<18} aucun mutant"
            continue
        yield f"{id:<18} {len(score.caught):>3}/{score.total:<3} {100 * len(score.caught) // score.total:>3} %"
        yield from (f"{'':<18}   manqué : {one.nom}" for one in score.missed)
        yield from (f"{'':<18}   sans rapport : {told}" for told in score.unrelated)
        yield from (f"{'':<18}   annoncé et muet : {told}" for told in score.silent)
    yield f"{'ensemble':<18} {caught:>3}/{total:<3} {100 * caught // max(1, total):>3} %"


if __name__ == "__main__":
    raise SystemExit(main())
