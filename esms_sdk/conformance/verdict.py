"""The six verdicts of contract §1, and how several make one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a requirement.  Nothing becomes ``conforme`` by silence.

    ``indetermine``: evidence missing or unreadable, an engine absent, our own failure.  ``non_verifie``: no machine
    can see it, or nothing of the kind was given.  ``deroge``: an «écart accepté par l'éditeur».
    """

    CONFORME = "conforme"
    NON_CONFORME = "non_conforme"
    INDETERMINE = "indetermine"
    NON_APPLICABLE = "non_applicable"
    NON_VERIFIE = "non_verifie"
    DEROGE = "deroge"


# The first that occurs is the verdict of the whole: a failure is never hidden by what is well, nor by what is unknown.
_ORDER = (
    Verdict.NON_CONFORME,
    Verdict.INDETERMINE,
    Verdict.DEROGE,
    Verdict.CONFORME,
    Verdict.NON_VERIFIE,
    Verdict.NON_APPLICABLE,
)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of the whole; with no part at all nothing was judged.

    >>> together([Verdict.CONFORME, Verdict.INDETERMINE]), together([])
    (<Verdict.INDETERMINE: 'indetermine'>, <Verdict.NON_APPLICABLE: 'non_applicable'>)
    """
    found = set(verdicts)
    return next((verdict for verdict in _ORDER if verdict in found), Verdict.NON_APPLICABLE)
