"""Seeded draws that come out the same on every Python and every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of draws named by its topic, so that a change in one part of the world leaves the others as they are.

    Only ``Random.random()`` is promised to stay the same from one Python to the next: nothing else is used.

    >>> Dice(1, "demo").between(1, 6) == Dice(1, "demo").between(1, 6)
    True
    """

    def __init__(self, *topic: object) -> None:
        self._random = random.Random("/".join(str(part) for part in topic))

    def chance(self, percent: float) -> bool:
        """True ``percent`` times out of 100."""
        return self._random.random() * 100 < percent

    def below(self, bound: int) -> int:
        """An integer from 0 to ``bound`` - 1."""
        return int(self._random.random() * bound)

    def between(self, first: int, last: int) -> int:
        """An integer, both bounds included."""
        return first + self.below(last - first + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """One of ``choices``, each as likely."""
        return choices[self.below(len(choices))]

    def day(self, first: date, last: date) -> date:
        """A day, both bounds included; one in ten falls on a bound of its month, where errors of one day show."""
        day = first + timedelta(days=self.below((last - first).days + 1))
        if self.chance(10):
            day = day.replace(day=1) - timedelta(days=self.below(2))
        return min(max(day, first), last)
