"""Taux de dossiers actifs: the accompanied persons with an open dossier that a professional updated in the period.

AAP 2025, «dossier actif»: a dossier that exists in the software, of a person who is accompanied, and that was updated
at least once during the collection period.  What an update is, the texts do not say: here origin UTILISATEUR alone.
"""

from __future__ import annotations

# The dossiers with a trace of it, and its day.  Dates of an update are compared with the period only (contract §7).
TRACES = """
SELECT dossier_id, date_maj FROM mise_a_jour WHERE origine = 'UTILISATEUR' AND date_maj BETWEEN {debut} AND {fin}
"""

# Over a row of `personne`.
DENOMINATEUR = "accompagnee_{lecture}"
NUMERATEUR = "accompagnee_{lecture} AND maj"
