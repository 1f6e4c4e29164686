"""DONNEES: does the lot hold together, and does it look like the work of people.

Most findings are warnings: a lot that is odd may still be right, and the establishment knows why.
"""

from esms_sdk.checks.donnees import dates, documents, etablissements, journal, personnes, projets, sejours

__all__ = ["dates", "documents", "etablissements", "journal", "personnes", "projets", "sejours"]
