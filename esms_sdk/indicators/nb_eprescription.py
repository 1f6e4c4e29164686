"""Nombre de prescriptions électroniques importées (AAP 2025, optional use, no target): received, in the period."""

from __future__ import annotations

# Over a row of `echange_optionnel` that succeeded in the period.
VALEUR = "type_echange = 'EPRESCRIPTION' AND sens = 'RECU'"
