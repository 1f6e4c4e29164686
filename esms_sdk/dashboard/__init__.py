"""TBB.1: the dashboard of DMP and MSSanté sends, per FINESS géographique and period (contract §4)."""

from esms_sdk.dashboard.periods import annee_courante, annee_precedente, mois_courant, mois_du_cours, periods
from esms_sdk.dashboard.result import (
    Canal,
    Canaux,
    Echecs,
    Etablissement,
    Insi,
    Mesure,
    Mois,
    Professionnel,
    TableauDeBord,
)
from esms_sdk.dashboard.tbb import compute_dashboard

__all__ = [
    "Canal",
    "Canaux",
    "Echecs",
    "Etablissement",
    "Insi",
    "Mesure",
    "Mois",
    "Professionnel",
    "TableauDeBord",
    "annee_courante",
    "annee_precedente",
    "compute_dashboard",
    "mois_courant",
    "mois_du_cours",
    "periods",
]
