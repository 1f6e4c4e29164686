"""The FINESS register as one small file, and what it says of a number: known, géographique, open, of which category.

The file is made of the ANS open feed «FINESS - Structures» by ``esms finess update``; nothing is fetched otherwise.
Without it an invented extract stands in, which knows the establishments of the samples and says so.
"""

from __future__ import annotations

from esms_sdk.finess.build import Origin, Summary, build, is_reference
from esms_sdk.finess.categories import GROUPES_MS1, Categorie, categorie
from esms_sdk.finess.checks import Constat, check_finess
from esms_sdk.finess.fiche import Fiche, fiche
from esms_sdk.finess.place import user_reference
from esms_sdk.finess.reference import Etablissement, Organisme, Reference, open_reference

__all__ = [
    "GROUPES_MS1",
    "Categorie",
    "Constat",
    "Etablissement",
    "Fiche",
    "Organisme",
    "Origin",
    "Reference",
    "Summary",
    "build",
    "categorie",
    "check_finess",
    "fiche",
    "is_reference",
    "open_reference",
    "user_reference",
]
