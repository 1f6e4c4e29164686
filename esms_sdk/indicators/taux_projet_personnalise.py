"""Taux de dossiers actifs avec un projet personnalisé: «en préparation ou actif», on the last day of the period.

TDDUI knows no projet ACTIF: «actif» is read ENCOURS.  The projet may be on another open dossier of the person in this
establishment than the one that was updated.
"""

from __future__ import annotations

from esms_sdk.indicators import taux_dossiers_actifs

# The statuses until the last day; of a projet the last one holds, by date then rang.
STATUTS = """
SELECT projet_id, statut IN ('ENPREPARATION', 'ENCOURS') AS en_cours, date_statut, rang FROM statut_projet
WHERE date_statut <= {fin}
"""
# The dossiers with a projet whose last status on the last day is one of the two.
TRACES = f"""
SELECT dossier_id FROM projet_personnalise
WHERE projet_id IN (
    SELECT projet_id FROM (
        SELECT projet_id, arg_max(en_cours, (date_statut, rang)) AS en_cours FROM ({STATUTS}) GROUP BY projet_id
    ) WHERE en_cours
)
"""

# Over a row of `personne`.
DENOMINATEUR = taux_dossiers_actifs.NUMERATEUR
NUMERATEUR = f"{DENOMINATEUR} AND projet"
