"""What the indicators give back: one value for every FINESS and indicator, ready to be printed in any format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from esms_sdk.period import Period

LECTURES = ("periode", "annuelle")


@dataclass(frozen=True, slots=True)
class Fraction:
    """A rate before it is printed: two integers, both null when the data is not supplied."""

    numerateur: int | None
    denominateur: int | None

    @property
    def taux(self) -> float | None:
        """The rate in %, one decimal, half up; null without numbers or with a denominator of 0.

        >>> Fraction(1, 8).taux, Fraction(2, 3).taux, Fraction(0, 0).taux
        (12.5, 66.7, None)
        """
        if self.numerateur is None or not self.denominateur:
            return None
        return ((2000 * self.numerateur + self.denominateur) // (2 * self.denominateur)) / 10

    def reaches(self, cible: int, more: int = 0) -> bool:
        """Say whether the target (in %, inclusive) is met, with ``more`` added to the denominator."""
        assert self.numerateur is not None and self.denominateur is not None
        return 100 * self.numerateur >= cible * (self.denominateur + more)


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of one establishment, judged.  ``lectures`` is filled for the two-reading indicator only."""

    id: str
    libelle: str
    lecture: str
    fraction: Fraction
    cible: int | None
    etat: str
    motif: str | None
    lectures: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """One plain count of one establishment."""

    id: str
    libelle: str
    valeur: int | None
    motif: str | None


@dataclass(frozen=True, slots=True)
class Etablissement:
    """The indicators of one establishment (or, with ``--by ej``, of one organisme: ``finess_et`` is then empty)."""

    finess_et: str
    finess_ej: str
    denomination: str
    profil_cibles: str
    rejets_sejours: int
    reserves: tuple[str, ...]
    personnes_accompagnees: dict[str, int | None]
    indicateurs: tuple[Rate | Count, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How the indicators were asked for; the defaults are those of the contract (§3, §7)."""

    definition: str = "mois_ecoule"
    denominateur: str = "periode"
    evenements: str = "dans_la_periode"
    premiere_mesure: bool = False


@dataclass(frozen=True, slots=True)
class Amenagement:
    """One granted adaptation, for one establishment or for all (``finess_et`` null), with the decision's reference.

    Either ``cible`` (in %) replaces the target, or ``sans_objet`` takes it away.
    """

    finess_et: str | None
    indicateur: str
    reference: str
    cible: int | None = None
    sans_objet: bool = False


@dataclass(frozen=True, slots=True)
class Indicateurs:
    """The indicators of a lot for one period, one :class:`Etablissement` a FINESS, sorted by ``finess_et``.

    ``organismes`` (asked for with ``--by ej``) has one entry a FINESS juridique, its ``finess_et`` empty;
    ``amenagements`` are those that were applied.
    """

    regles: dict[str, str]
    options: Options
    periode: Period
    mesure_le: date
    lot: dict[str, Any]
    etablissements: tuple[Etablissement, ...]
    organismes: tuple[Etablissement, ...] = field(default=())
    amenagements: tuple[Amenagement, ...] = field(default=())

    def __iter__(self) -> Iterator[Etablissement]:
        return iter(self.etablissements)

    def __len__(self) -> int:
        return len(self.etablissements)
