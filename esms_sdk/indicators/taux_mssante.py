"""Taux d'utilisation de la MS Santé: messages sent by the establishment, over the persons who may have a projet.

AAP 2025: a number of messages over a number of persons («pouvant bénéficier d'un projet d'accueil et
d'accompagnement», CASF L311-3, 7°), so it may pass 100 %.
"""

from __future__ import annotations

# The messages of an establishment, and when: several rows (a document each) may be one message.
MESSAGES = """
SELECT finess_et, message_id, horodatage FROM envoi
WHERE canal IN ('MSS_PRO', 'MSS_CITOYENNE') AND resultat = 'SUCCES'
    AND horodatage >= {debut} AND horodatage < {fin} + INTERVAL 1 DAY
"""

# Over a row of `personne`.
DENOMINATEUR = "projetable_{lecture}"
