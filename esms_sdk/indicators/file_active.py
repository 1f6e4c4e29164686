"""The *file active*: which séjours count, and so which persons are accompanied.

The calls for projects of 2025 quote the CNSA: effectif at the end and sorties définitives of the year, each person
counted once.  Measured each month, that annual reading makes the target unreachable where people come and go, so both
readings are computed side by side (contract §3); the option ``denominateur`` chooses the one that is judged.

The placeholders are SQL dates: ``{debut}`` and ``{fin}`` the bounds of the period, both included, ``{annee}`` the
earlier of 1 January of the year of ``fin`` and ``debut``.
"""

from __future__ import annotations

# Over a row of `sejour`: it makes its person accompanied, in each reading.
COMPTE = {
    "periode": "(date_entree <= {fin} AND (date_sortie IS NULL OR date_sortie >= {debut}))",
    "annuelle": "(date_entree <= {fin} AND (date_sortie IS NULL OR date_sortie >= {fin}"
    " OR (date_sortie >= {annee} AND sortie_definitive IS NOT FALSE)))",
}
# Over a row of `sejour` that counts: its person may have a projet d'accueil et d'accompagnement.
PROJETABLE = "projet_applicable"
# Over a row of `sejour`: an exit of the year of which nobody said whether it is definitive.
SORTIE_INCONNUE = "(date_sortie >= {annee} AND date_sortie < {fin} AND sortie_definitive IS NULL)"
# Over a row of `rejets_sejours`: a rejected séjour that its readable dates (null: unreadable) leave out anyway.
REJET_SANS_EFFET = {
    "periode": "date_entree > {fin} OR date_sortie < {debut}",
    "annuelle": "date_entree > {fin} OR date_sortie < {annee}",
}
# Over a row of `dossier`: it was open on one day of the period at least.
DOSSIER_OUVERT = "date_creation <= {fin} AND (date_archivage IS NULL OR date_archivage >= {debut})"
