"""Taux de dossiers actifs ayant au moins un événement dans l'agenda.

The texts do not date the event.  ``dans_la_periode`` (default): it meets the period, be it by one day; ``sans_borne``:
whatever its date.  A cancelled event is none.
"""

from __future__ import annotations

from esms_sdk.indicators import taux_dossiers_actifs

# The dossiers with a trace of it, by option, and its first and last day.  Written as two disjoint ranges so that a log
# sorted by date is read over the period only: the older events are opened only where one of them is known to end in it.
TRACES = {
    "dans_la_periode": """
SELECT dossier_id, date_debut, coalesce(date_fin, date_debut) AS date_fin FROM evenement
WHERE statut <> 'ANNULE' AND date_debut BETWEEN {debut} AND {fin} AND coalesce(date_fin, date_debut) >= {debut}
UNION ALL
SELECT dossier_id, date_debut, date_fin FROM evenement
WHERE statut <> 'ANNULE' AND date_debut < {debut} AND date_fin >= {debut}
""",
    "sans_borne": "SELECT dossier_id FROM evenement WHERE statut <> 'ANNULE'",
}

# Over a row of `personne`.
DENOMINATEUR = taux_dossiers_actifs.NUMERATEUR
NUMERATEUR = f"{DENOMINATEUR} AND evenement"
