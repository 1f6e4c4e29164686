"""Defects of the FINESS numbers and of the establishments."""

from __future__ import annotations

from tests.mutants.registry import mutant
from tests.mutants.world import EJ, FINESS, World


def _renamed(world: World, old: str, new: str) -> None:
    """Give a number another form wherever it stands, so that the lot remains whole."""
    for rows in world.tables.values():
        for row in rows:
            for column in ("finess_et", "finess_ej"):
                if row.get(column) == old:
                    row[column] = new
    world.manifeste["perimetre"] = [new if one == old else one for one in world.manifeste["perimetre"]]


@mutant("FINESS-01", "deux chiffres de l'établissement inversés")
def _(world: World) -> None:
    _renamed(world, FINESS[0], FINESS[0][:4] + FINESS[0][5] + FINESS[0][4] + FINESS[0][6:])


@mutant("FINESS-01", "le zéro de tête de l'établissement est perdu")
def _(world: World) -> None:
    _renamed(world, FINESS[0], FINESS[0][1:])


@mutant("FINESS-01", "la clé de l'établissement est fausse")
def _(world: World) -> None:
    _renamed(world, FINESS[1], FINESS[1][:-1] + str((int(FINESS[1][-1]) + 1) % 10))


@mutant("FINESS-01", "la clé de l'organisme est fausse", FINESS_08="un autre organisme")
def _(world: World) -> None:
    _renamed(world, EJ, EJ[:-1] + str((int(EJ[-1]) + 1) % 10))


@mutant("FINESS-01", "le numéro de l'organisme a dix chiffres", FINESS_08="un autre organisme")
def _(world: World) -> None:
    _renamed(world, EJ, EJ + "0")


@mutant("FINESS-02", "l'organisme est aussi un établissement", FINESS_08="c'est un organisme")
def _(world: World) -> None:
    _renamed(world, FINESS[2], EJ)


@mutant("FINESS-02", "un SIREN dont la clé est fausse")
def _(world: World) -> None:
    world.first("organisme")["siren"] = "732829321"


@mutant("FINESS-04", "une catégorie qui n'existe pas")
def _(world: World) -> None:
    world.first("etablissement")["categorie"] = "999"


@mutant("FINESS-04", "un hôpital")
def _(world: World) -> None:
    world.first("etablissement")["categorie"] = "355"


@mutant("FINESS-04", "pas de catégorie")
def _(world: World) -> None:
    world.first("etablissement")["categorie"] = ""


@mutant(
    "FINESS-05",
    "fermé avant la période couverte",
    FINESS_06="déployé après la fermeture",
    DONNEES_26="des séjours continuent",
)
def _(world: World) -> None:
    world.first("etablissement")["date_fermeture"] = "2022-12-31"


@mutant(
    "FINESS-05",
    "ouvre après la période couverte",
    FINESS_06="déployé avant l'ouverture",
    DONNEES_26="des séjours d'avant",
)
def _(world: World) -> None:
    world.first("etablissement")["date_ouverture"] = "2025-10-02"


@mutant(
    "FINESS-06",
    "fermé avant d'ouvrir",
    FINESS_05="fermé avant la période",
    DONNEES_26="des séjours continuent",
)
def _(world: World) -> None:
    world.first("etablissement")["date_fermeture"] = "2009-12-31"


@mutant("FINESS-06", "déployé avant l'ouverture")
def _(world: World) -> None:
    world.first("etablissement")["date_deploiement"] = "2009-12-31"


@mutant("FINESS-08", "le référentiel ne connaît pas l'établissement")
def _(world: World) -> None:
    world.referentiel["et"].pop()


@mutant("FINESS-08", "le référentiel le dit fermé avant la période")
def _(world: World) -> None:
    world.referentiel["et"][0]["fermeture"] = "2022-06-30"


@mutant("FINESS-08", "le référentiel le rattache à un autre organisme")
def _(world: World) -> None:
    world.referentiel["et"][1]["finess_ej"] = "990000036"
    world.referentiel["ej"].append({"finess_ej": "990000036"})
