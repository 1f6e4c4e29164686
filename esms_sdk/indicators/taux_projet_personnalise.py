"""Taux de dossiers actifs avec un projet personnalisé: «en préparation ou actif», on the last day of the period.

TDDUI knows no projet ACTIF: «actif» is read ENCOURS.  The projet may be on another open dossier of the person in this
establishment than the one that was updated.
"""

from __future__ import annotations

from esms_sdk.indicators import taux_dossiers_actifs

# The dossiers with a projet whose last status on the last day, by date then rang, is one of the two.
TRACES = """
SELECT dossier_id FROM projet_personnalise
WHERE projet_id IN (
    SELECT projet_id FROM (
        SELECT projet_id, arg_max(statut IN ('ENPREPARATION', 'ENCOURS'), (date_statut, rang)) AS en_cours
        FROM statut_projet WHERE date_statut <= {fin} GROUP BY projet_id
    ) WHERE en_cours
)
"""

# Over a row of `personne`.
DENOMINATEUR = taux_dossiers_actifs.NUMERATEUR
NUMERATEUR = f"{DENOMINATEUR} AND projet"
