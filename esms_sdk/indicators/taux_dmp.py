"""Taux d'utilisation du DMP: the persons whose DMP the establishment fed, among those who may have a projet.

AAP 2025: DMP fed with at least one document.  An addition or a replacement feeds it; a later deletion takes nothing
back (contract §3).
"""

from __future__ import annotations

from esms_sdk.indicators import taux_mssante

# The persons with a trace of it, by establishment, and when.
TRACES = """
SELECT finess_et, usager_id, horodatage FROM envoi
WHERE canal = 'DMP' AND operation IN ('AJOUT', 'REMPLACEMENT') AND resultat = 'SUCCES'
    AND horodatage >= {debut} AND horodatage < {fin} + INTERVAL 1 DAY
"""

# Over a row of `personne`.
DENOMINATEUR = taux_mssante.DENOMINATEUR
NUMERATEUR = f"{DENOMINATEUR} AND dmp"
