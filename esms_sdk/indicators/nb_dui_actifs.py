"""Nombre de DUI actifs: the numerator of the taux de dossiers actifs, which the programme adds up nationally."""

from __future__ import annotations

from esms_sdk.indicators import taux_dossiers_actifs

# Over a row of `personne`.
VALEUR = taux_dossiers_actifs.NUMERATEUR
