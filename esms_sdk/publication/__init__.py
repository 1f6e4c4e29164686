"""What a vendor publishes itself, indicators or dashboard, in one shape that a lot can be held against."""

from esms_sdk.publication.model import INDICATEURS, TABLEAU_DE_BORD, Chiffre, Compte, Defaut, Publication
from esms_sdk.publication.reading import is_publication, read_publication

__all__ = [
    "INDICATEURS", "TABLEAU_DE_BORD", "Chiffre", "Compte", "Defaut", "Publication", "is_publication",
    "read_publication",
]  # fmt: skip
