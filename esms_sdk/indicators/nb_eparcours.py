"""Nombre d'échanges avec une plateforme e-parcours (AAP 2025, optional use, no target): either way, in the period."""

from __future__ import annotations

# Over a row of `echange_optionnel` that succeeded in the period.
VALEUR = "type_echange = 'EPARCOURS'"
