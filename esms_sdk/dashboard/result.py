"""What the dashboard gives back: counts for every FINESS and period, ready to be printed in any format.

A count is null where the lot does not supply what it reads; a zero is always a counted zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from esms_sdk.period import Period


@dataclass(frozen=True, slots=True)
class Canal:
    """The distinct documents sent with success over one channel, by the state of the identity at the first success."""

    total: int | None
    ins_qualifiee: int | None
    ins_non_qualifiee: int | None


@dataclass(frozen=True, slots=True)
class Canaux:
    """The three channels of one period."""

    dmp: Canal
    mss_pro: Canal
    mss_citoyenne: Canal


@dataclass(frozen=True, slots=True)
class Echecs:
    """Failures: feeds of the DMP, and messages of both MSSanté channels that never succeeded in the period."""

    dmp: int | None
    mss: int | None


@dataclass(frozen=True, slots=True)
class Insi:
    """Calls of the teleservice by result; persons admitted in the period, and those of them who are qualified now."""

    succes: int | None
    echec: int | None
    admissions: int | None
    admissions_qualifiees: int | None


@dataclass(frozen=True, slots=True)
class Mesure:
    """The counts of one period.  Without ``couverte`` they are given all the same, and never serve the VA."""

    periode: Period
    couverte: bool
    canaux: Canaux
    echecs: Echecs
    insi: Insi


class Mois(NamedTuple):
    """One month of the course: the distinct documents sent over each channel, and the failures, of that month alone.

    A document sent again in another month counts in both: the months of a year may add up to more than the year.
    """

    periode: Period
    couverte: bool
    dmp: int | None
    mss_pro: int | None
    mss_citoyenne: int | None
    echecs: Echecs


@dataclass(frozen=True, slots=True)
class Professionnel:
    """What was sent under one RPPS, by period."""

    rpps: str
    periodes: Mapping[str, Canaux]


@dataclass(frozen=True, slots=True)
class Etablissement:
    """The dashboard of one establishment (or, with ``--by ej``, of one organisme: ``finess_et`` is then empty).

    ``cours`` has the 24 months that end with the date of the dashboard, oldest first.
    """

    finess_et: str
    finess_ej: str
    denomination: str
    periodes: Mapping[str, Mesure]
    par_rpps: tuple[Professionnel, ...]
    cours: tuple[Mois, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TableauDeBord:
    """The dashboard of a lot as of one day, one :class:`Etablissement` a FINESS, sorted by ``finess_et``.

    ``organismes`` (asked for with ``--by ej``) has one entry a FINESS juridique, its ``finess_et`` empty.
    ``sans_rpps``: the detail by RPPS was taken out, which is not to be told as «no send bears one».
    """

    arrete_au: date
    lot: Mapping[str, str]
    etablissements: tuple[Etablissement, ...]
    organismes: tuple[Etablissement, ...] = field(default=())
    sans_rpps: bool = False

    def __iter__(self) -> Iterator[Etablissement]:
        return iter(self.etablissements)

    def __len__(self) -> int:
        return len(self.etablissements)

    def without_rpps(self) -> TableauDeBord:
        """Return the same without the detail by RPPS, for readers to whom no professional may be named."""
        bare = [tuple(replace(one, par_rpps=()) for one in every) for every in (self.etablissements, self.organismes)]
        return replace(self, etablissements=bare[0], organismes=bare[1], sans_rpps=True)

    @property
    def exit_code(self) -> int:
        """The exit code of ``esms dashboard`` (contract §1, §7): 0, or 3 where no period of any FINESS is covered.

        Without ``envoi`` none is.
        """
        return 0 if any(mesure.couverte for one in self for mesure in one.periodes.values()) else 3
