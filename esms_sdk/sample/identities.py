"""Invented persons: names made of weather, places and birds, matricules with a right key under the test OID.

Most are born in département 00; a few in communes of Corsica that do not exist, so that both key rules are met.
"""

from __future__ import annotations

from datetime import date, timedelta

from esms_sdk.sample.dice import Dice
from esms_sdk.sample.world import DEBUT, Etablissement, Usager

_DEBUTS = (
    "BRUME",
    "SONGE",
    "LUNE",
    "AUBE",
    "ROSEE",
    "NUAGE",
    "GIVRE",
    "HOULE",
    "ECUME",
    "ORAGE",
    "VENT",
    "PLUIE",
    "ETOILE",
    "ARC",
    "DUNE",
    "LANDE",
    "RIVE",
    "SAULE",
    "TREMBLE",
    "CORAIL",
)
_FINS = (
    "VAL",
    "BOIS",
    "MONT",
    "CLAIR",
    "FORT",
    "PONT",
    "LAC",
    "CHAMP",
    "FONT",
    "ROCHE",
    "BREVE",
    "DOR",
    "NEUF",
    "TENDRE",
    "VIF",
    "GRIS",
    "PERLE",
    "LOIN",
    "LENT",
    "DOUX",
)
_FEMININS = (
    "ALBALINE",
    "OROMEE",
    "CELESTANE",
    "MIRABELLE",
    "ISOLINE",
    "LUNELLE",
    "ZEPHYRINE",
    "EOLIE",
    "FLORIANTE",
    "NERINE",
    "OPALIA",
    "SOLVANE",
    "TIPHANELLE",
    "URSELINE",
    "VIOLAINE-AUBE",
    "YOLAINE",
)
_MASCULINS = (
    "ALDEBRAN",
    "BOREAL",
    "CYRIOND",
    "DONATIEN-LOUP",
    "EOLIN",
    "FAUSTINIEN",
    "GALDRIC",
    "HYACINTHE",
    "ISIDRAN",
    "LEANDRE",
    "MELCHIADE",
    "NORBALD",
    "OCTAVION",
    "PERCEVAN",
    "SEVERIAN",
    "THIBERIC",
)
_PAS_INSI = ("PROV", "VALI")


def nir_key(body: str) -> str:
    """Return the two-digit key of a 13-character matricule; Corsica counts 2A as 19 and 2B as 18.

    >>> nir_key("253072B073004")
    '70'
    """
    digits = body.upper().replace("2A", "19", 1) if body[5:7].upper() == "2A" else body
    digits = digits.upper().replace("2B", "18", 1) if body[5:7].upper() == "2B" else digits
    return f"{97 - int(digits) % 97:02d}"


def luhn_rpps(order: int) -> str:
    """Return an invented RPPS (it begins with 000) whose last digit passes the Luhn test."""
    from esms_sdk.sample.etablissements import luhn_key

    body = f"000{order:07d}"
    return body + luhn_key(body)


def invent(usager_id: str, etablissement: Etablissement, rank: int, dice: Dice) -> Usager:
    """Return the ``rank``-th person of an establishment; the same rank always has the same names."""
    sexe = "F" if dice.chance(58) else "M"
    naissance = _birth(etablissement, dice)
    cog = _birthplace(dice)
    nom = dice.pick(_DEBUTS) + ("-" if dice.chance(12) else "") + dice.pick(_FINS)
    prenoms = _given_names(sexe, dice)
    statut, validation = _reliability(dice)
    depuis = dice.day(date(2022, 1, 1), DEBUT + timedelta(days=400))
    called = statut in ("QUAL", "RECUP")
    body = f"{1 if sexe == 'M' else 2}{naissance:%y%m}{cog}{(rank * 7 + 11) % 1000:03d}"
    return Usager(
        usager_id=usager_id,
        nom=nom,
        prenoms=prenoms,
        nom_utilise=dice.pick(_DEBUTS) + dice.pick(_FINS) if dice.chance(20) else nom,
        sexe=sexe,
        naissance=naissance.isoformat(),
        estimee=False,
        cog=cog,
        matricule=body + nir_key(body) if statut == "QUAL" else "",
        statut=statut,
        statut_depuis=depuis,
        insi_le=depuis - timedelta(days=dice.below(20)) if called else None,
        obtention=("CV" if dice.chance(15) else "INSi") if called else "",
        validation=validation,
        attributs="HOMA" if dice.chance(1) else "",
    )


def spoil(usagers: list[Usager]) -> dict[str, str]:
    """Put in the identity faults that never reject a row (they are for ``esms check``); return them by record."""
    faults: dict[str, str] = {}
    qualified = [usager for usager in usagers if usager.matricule]
    for usager in qualified[5::150]:
        usager.matricule = usager.matricule[:-2] + f"{int(usager.matricule[-2:]) % 97 + 1:02d}"
        faults[usager.usager_id] = "clé du matricule fausse"
    qualified[9].nom = qualified[9].nom.lower()
    faults[qualified[9].usager_id] = "nom en minuscules"
    qualified[13].prenoms = qualified[13].prenoms.replace("E", "É")
    faults[qualified[13].usager_id] = "prénom accentué"
    qualified[17].matricule = qualified[17].matricule[:12]
    faults[qualified[17].usager_id] = "matricule tronqué"
    for usager in [usager for usager in usagers if usager.statut in _PAS_INSI][3:60:20]:
        usager.naissance, usager.estimee = usager.naissance[:4] + "-00-00", True
        faults[usager.usager_id] = "jour et mois de naissance inconnus"
    return faults


def _birth(etablissement: Etablissement, dice: Dice) -> date:
    first, last = etablissement.naissances
    return date(dice.between(first, last), dice.between(1, 12), dice.between(1, 28))


def _birthplace(dice: Dice) -> str:
    if dice.chance(4):
        return f"2{dice.pick('AB')}9{dice.between(90, 99)}"
    return f"00{dice.between(101, 140)}"


def _given_names(sexe: str, dice: Dice) -> str:
    pool = _FEMININS if sexe == "F" else _MASCULINS
    first = dice.pick(pool)
    second = dice.pick(pool)
    return f"{first} {second}" if dice.chance(45) and second != first else first


def _reliability(dice: Dice) -> tuple[str, str]:
    draw = dice.below(100)
    if draw < 82:
        return "QUAL", dice.pick(("CN", "CN", "PA", "CS", "LE"))
    if draw < 88:
        return "RECUP", ""
    if draw < 94:
        return "VALI", dice.pick(("CN", "PA"))
    return "PROV", ""
