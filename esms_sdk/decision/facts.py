"""What a lot shows of the establishments of an order: where they stand, who uses the DUI, their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from esms_sdk.commande import Commande
from esms_sdk.dashboard.result import Etablissement as Tableau
from esms_sdk.dashboard.result import TableauDeBord
from esms_sdk.indicators.result import Etablissement, Indicateurs
from esms_sdk.period import Period

if TYPE_CHECKING:
    from esms_sdk.lot import Lot


class Lieu(NamedTuple):
    """An establishment of the perimeter of the lot, as the export tells of it."""

    finess_ej: str
    denomination: str
    categorie: str | None
    ouverture: date | None
    fermeture: date | None
    profil: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The evidence of a decision, by FINESS; ``dossiers`` are those that a professional has updated by ``periode.fin``.

    ``indicateurs`` and ``tableaux`` may hold other establishments than those of the order: nothing looks at them.
    """

    commande: Commande
    mesures: Indicateurs
    tableau: TableauDeBord
    lieux: Mapping[str, Lieu]
    dossiers: Mapping[str, int]
    indicateurs: Mapping[str, Etablissement]
    tableaux: Mapping[str, Tableau]

    def own(self, finess_et: str) -> Lieu | None:
        """Return an establishment of the lot that is this OG's: what another's is, is not for the order's readers."""
        lieu = self.lieux.get(finess_et)
        return lieu if lieu and lieu.finess_ej == self.commande.finess_ej else None

    @property
    def periode(self) -> Period:
        """The days that the indicators are about."""
        return self.mesures.periode

    @property
    def mesure_le(self) -> date:
        """The day of measure, which is that of the dashboard."""
        return self.tableau.arrete_au


def gather(lot: Lot, commande: Commande, indicateurs: Indicateurs, tableau: TableauDeBord) -> Facts:
    """Return what a lot shows, its figures computed."""
    return Facts(
        commande, indicateurs, tableau, _lieux(lot), _dossiers(lot, indicateurs.periode.fin),
        {one.finess_et: one for one in indicateurs}, {one.finess_et: one for one in tableau},
    )  # fmt: skip


def _lieux(lot: Lot) -> dict[str, Lieu]:
    rows = lot.con.execute(
        "select finess_et, finess_ej, denomination, categorie, date_ouverture, date_fermeture, profil_cibles"
        " from etablissement"
    ).fetchall()
    perimetre = frozenset(lot.manifest.perimetre)
    return {finess: Lieu(*told) for finess, *told in rows if finess in perimetre}


def _dossiers(lot: Lot, fin: date) -> dict[str, int]:
    """Count the dossiers that stand at ``fin``, neither archived nor to come, with an update by a person by then."""
    rows = lot.con.execute(
        "select finess_et, count(*) from dossier semi join (select dossier_id from mise_a_jour"
        " where origine = 'UTILISATEUR' and date_maj <= $1) using (dossier_id)"
        " where date_creation <= $1 and (date_archivage is null or date_archivage > $1) group by finess_et",
        [fin],
    ).fetchall()
    return dict(rows)
