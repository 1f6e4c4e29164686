"""The one shape of a published file, whatever its columns: figures by FINESS, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from esms_sdk.indicators import Options

INDICATEURS = "indicateurs"
TABLEAU_DE_BORD = "tableau_de_bord"
PERIODES = ("mois_courant", "annee_courante", "annee_precedente")
CANAUX = ("dmp", "mss_pro", "mss_citoyenne")
ETATS_INS = ("total", "ins_qualifiee", "ins_non_qualifiee")
COMPTES = tuple(f"{canal}.{etat}" for canal in CANAUX for etat in ETATS_INS)
ECHECS = ("echecs.dmp", "echecs.mss")
INSI = ("insi.succes", "insi.echec", "insi.admissions", "insi.admissions_qualifiees")
MESURES = (*COMPTES, *ECHECS, *INSI)


class Chiffre(NamedTuple):
    """One published indicator of one establishment.

    ``taux`` and ``cible`` are in %; ``pas`` is the unit of the last digit that was printed of ``taux``, in %.  A plain
    number stands in ``numerateur``.  Null is what the file does not say.
    """

    finess_et: str
    indicateur: str
    lecture: str | None = None
    numerateur: int | None = None
    denominateur: int | None = None
    taux: float | None = None
    pas: float | None = None
    cible: float | None = None
    etat: str | None = None
    motif: str | None = None
    debut: date | None = None
    fin: date | None = None
    ligne: int | None = None

    @property
    def cle(self) -> str:
        """How findings name it."""
        return "|".join(part for part in (self.finess_et, self.indicateur, self.lecture) if part)

    @property
    def given(self) -> bool:
        """Whether it has a number at all."""
        return not (self.numerateur is None and self.denominateur is None and self.taux is None)


class Compte(NamedTuple):
    """One published count of the dashboard: of the establishment, or of one ``rpps`` of it.

    ``valeur`` is null where the cell is empty; ``entier`` is false where it holds a number that is no whole one.
    """

    finess_et: str
    periode: str
    mesure: str
    valeur: int | None
    rpps: str | None = None
    entier: bool = True
    debut: date | None = None
    fin: date | None = None
    ligne: int | None = None

    @property
    def cle(self) -> str:
        """How findings name it; the professional is not named."""
        return f"{self.finess_et}|{self.periode}|{self.mesure}"


class Defaut(NamedTuple):
    """A row or a cell that could not be taken as it is; ``precision`` says where and what was expected."""

    code: str
    precision: str
    finess_et: str | None = None
    ligne: int | None = None


@dataclass(frozen=True)
class Publication:
    """A published file.

    ``jour`` is the day of measure, or the day the dashboard was drawn up; ``definition_dite`` and ``options_dites``
    tell what the file or its mapping states rather than leaves to the default.
    """

    type: str
    fichier: str
    jour: date
    options: Options = Options()  # noqa: RUF009 - frozen
    definition_dite: bool = True
    options_dites: bool = True
    logiciel: str | None = None
    version_logiciel: str | None = None
    empreinte_lot: str | None = None
    chiffres: tuple[Chiffre, ...] = ()
    comptes: tuple[Compte, ...] = ()
    defauts: tuple[Defaut, ...] = ()
    lues: int = 0

    @property
    def finess(self) -> frozenset[str]:
        """The establishments that the file has a figure of."""
        return frozenset(one.finess_et for one in self.chiffres) | {one.finess_et for one in self.comptes}
