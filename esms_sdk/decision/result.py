"""What an order comes to: each establishment ordered, each condition it must meet, what shows it and what is missing.

The same value is printed in the attestation, in the conformance report and by ``esms va build`` (contract §5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from esms_sdk.commande import Commande
from esms_sdk.period import Period

KINDS = ("va", "usages")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition over one establishment.

    ``preuve`` is the evidence, figures in a French phrase, given also where the condition is not met; ``motif`` is a
    stable code, null where it is met; ``explication`` and ``remede`` are then French sentences, else empty.
    """

    id: str
    libelle: str
    preuve: str
    motif: str | None = None
    explication: str = ""
    remede: str = ""

    @property
    def remplie(self) -> bool:
        """Whether the condition is met."""
        return self.motif is None


@dataclass(frozen=True, slots=True)
class Decision:
    """One ordered establishment: its conditions in order, and the reserves of its figures (they refuse nothing).

    An establishment refused by name (absent from the lot, of another EJ, out of the field) has that condition alone.
    """

    finess_et: str
    denomination: str
    conditions: tuple[Condition, ...]
    reserves: tuple[str, ...] = ()

    @property
    def remplie(self) -> bool:
        """Whether every condition is met."""
        return all(one.remplie for one in self.conditions)

    @property
    def manques(self) -> tuple[Condition, ...]:
        """The conditions that are not met."""
        return tuple(one for one in self.conditions if not one.remplie)


@dataclass(frozen=True, slots=True)
class Decisions:
    """The whole order, one :class:`Decision` an ordered FINESS, sorted by FINESS.

    ``avertissements`` are French sentences on the order itself (a category outside the field, a guichet that is
    closed); they change no decision.
    """

    genre: str
    commande: Commande
    periode: Period
    mesure_le: date
    etablissements: tuple[Decision, ...]
    avertissements: tuple[str, ...] = ()

    @property
    def signable(self) -> bool:
        """Whether every ordered establishment meets its conditions."""
        return bool(self.etablissements) and all(one.remplie for one in self.etablissements)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self.etablissements)

    def __len__(self) -> int:
        return len(self.etablissements)
