"""The invented organisme and its establishments: every number is of département 00, which does not exist."""

from __future__ import annotations

from datetime import date

from esms_sdk.sample.world import Etablissement, Rythme

RAISON_SOCIALE = "Association des Rives du Songe (inventée)"


def luhn_key(digits: str) -> str:
    """Return the control digit that makes ``digits`` + it pass the Luhn test.

    >>> luhn_key("00000011")
    '7'
    """
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def finess(order: int) -> str:
    """Return the invented FINESS number of that order (four digits), with its control key.

    >>> finess(11)
    '000000117'
    """
    body = f"0000{order:04d}"
    return body + luhn_key(body)


FINESS_EJ = finess(1200)
SIREN = "00000120" + luhn_key("00000120")
"""Invented, as its zeros show; the key is right."""

ETABLISSEMENTS = (
    Etablissement(
        "ehpad",
        "AG01",
        finess(1201),
        "EHPAD Les Hirondelles",
        "500",
        150,
        104,
        Rythme(
            maj=(72, 98),
            projet=(60, 97),
            agenda=(78, 99),
            mss=(20, 88),
            dmp=(10, 90),
            sorties=42,
            temporaires=12,
            deces=65,
            hospitalisations=18,
        ),
        reprise=False,
        date_deploiement=date(2023, 6, 1),
    ),
    Etablissement(
        "accueil_jour",
        "AG01",
        finess(1202),
        "Accueil de jour La Clairière",
        "207",
        28,
        20,
        Rythme(maj=(50, 85), projet=(40, 70), agenda=(80, 95), mss=(10, 30), dmp=(5, 25), sorties=30),
        date_fermeture=date(2025, 6, 30),
        date_deploiement=date(2023, 6, 1),
    ),
    Etablissement(
        "ime",
        "AG02",
        finess(1203),
        "IME Les Cerfs-Volants",
        "183",
        108,
        84,
        Rythme(maj=(55, 96), projet=(50, 91), agenda=(70, 97), mss=(8, 62), dmp=(2, 38), sorties=30),
        date_deploiement=date(2024, 2, 1),
        reprise=True,
        naissances=(2003, 2012),
    ),
    Etablissement(
        "sessad",
        "AG02",
        finess(1204),
        "SESSAD Le Ricochet",
        "182",
        24,
        0,
        Rythme(maj=(45, 80), projet=(60, 75), agenda=(75, 90), mss=(5, 35), dmp=(0, 20), sorties=8),
        date_ouverture=date(2025, 9, 1),
        date_deploiement=date(2025, 10, 1),
        reprise=True,
        naissances=(2010, 2020),
    ),
    Etablissement(
        "ssiad",
        "AG03",
        finess(1205),
        "SSIAD du Songe",
        "354",
        150,
        68,
        Rythme(
            maj=(30, 90),
            projet=(30, 80),
            agenda=(85, 99),
            mss=(5, 76),
            dmp=(5, 74),
            sorties=62,
            temporaires=22,
            deces=30,
            hospitalisations=20,
        ),
        date_deploiement=date(2024, 9, 1),
        reprise=True,
    ),
    Etablissement(
        "pjm",
        "AG04",
        finess(1206),
        "Service mandataire La Boussole",
        "340",
        88,
        74,
        Rythme(maj=(70, 95), projet=(55, 93), agenda=(60, 93), mss=(0, 6), dmp=(0, 2), sorties=22, deces=30),
        profil_cibles="pjm",
        date_deploiement=date(2024, 1, 10),
        reprise=True,
        naissances=(1940, 2000),
    ),
    Etablissement(
        "foyer",
        "AG05",
        finess(1207),
        "Foyer de vie Les Alizés",
        "382",
        56,
        45,
        Rythme(
            maj=(60, 93),
            projet=(45, 95),
            agenda=(75, 96),
            mss=(10, 72),
            dmp=(5, 71),
            sorties=20,
            temporaires=6,
            deces=15,
            hospitalisations=14,
        ),
        fuseau="America/Martinique",
        date_deploiement=date(2024, 4, 2),
        reprise=True,
        naissances=(1955, 1998),
    ),
    # Its control key is wrong: kept as it is, and outside the perimeter, as records of a neighbour often are.
    Etablissement(
        "voisin",
        "AG01",
        finess(1290)[:-1] + str((int(finess(1290)[-1]) + 1) % 10),
        "Pension de famille L'Escale",
        "258",
        3,
        3,
        Rythme(maj=(50, 50), projet=(0, 0), agenda=(0, 0), mss=(0, 0), dmp=(0, 0), sorties=0),
        dans_perimetre=False,
    ),
)
