"""Which function judges which requirement.

A check over a lot gives one SQL query, a row for **each thing it judges** (so that *nothing to judge* and *nothing
wrong* are never confused), with the columns

- ``cle``: the record's key, as text;
- ``finess_et`` or ``usager_id``: where it belongs; a person belongs to each ESSMS of its séjours and dossiers, merged
  records to where their root does;
- ``code``: the finding, one of ``[constats]`` of the requirement, null where nothing is wrong (a thing with two faults
  has two rows);
- ``precision``, optional: a text without any personal datum that completes the message (a column, a date, a count);
- ``fichier`` and ``ligne``, optional: the place in a published file.

Only the things of the FINESS of ``perimetre`` are kept, and those of no FINESS at all.  The tables at hand are those of
the lot, ``racine`` (usager_id, racine), a row for every person, itself where it was not merged, and ``hors_perimetre``
(usager_id), who are in other FINESS only: a check that compares persons with one another leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esms_sdk.commande import Commande
    from esms_sdk.decision import Facts
    from esms_sdk.lot import Lot
    from esms_sdk.publication import Publication

Query = str

# The modules that register checks, imported when a run begins.
MODULES = ("ins", "finess", "donnees", "indicateurs", "tbb", "dmp", "mss", "va")


@dataclass(frozen=True)
class Examined:
    """What a check over a lot may look at.

    ``mode`` is ``production`` or ``test``; ``parametres`` are those of the profile on the day of extraction;
    ``commande`` the order, where one is given; ``publications`` the vendor's own published files, by type; ``faits``
    what a dossier was decided upon: the lot is then judged as of its day and by its figures.
    """

    lot: Lot
    mode: str
    parametres: Mapping[str, Any] = field(default_factory=dict)
    commande: Commande | None = None
    publications: Mapping[str, Publication] = field(default_factory=dict)
    faits: Facts | None = None
    # What several checks need and one works out.
    partage: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _made: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def once(self, name: str, query: str) -> str:
        """Return the name of a temporary table of ``query``, made at its first use: what several checks read."""
        if name not in self._made:
            self.lot.con.execute(f"create or replace temp table {name} as {query}")
            self._made.add(name)
        return name

    @property
    def extraction(self) -> date:
        """The day of the extraction: no date of the past lies after it."""
        return self.lot.manifest.date_extraction.date()


class Indetermine(Exception):
    """Raised by a check that cannot say anything of this lot: its message is the reason, in French."""


Check = Callable[[Examined], Query]
CHECKS: dict[str, Check] = {}


def check(id: str) -> Callable[[Check], Check]:
    """Register the check of one requirement."""

    def register(function: Check) -> Check:
        assert id not in CHECKS, f"{id} has two checks"
        CHECKS[id] = function
        return function

    return register


def load_all() -> Mapping[str, Check]:
    """Return every check by the id of its requirement."""
    for name in MODULES:
        import_module(f"esms_sdk.checks.{name}")
    return CHECKS
