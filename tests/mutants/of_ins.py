"""Defects of the identity of a person."""

from __future__ import annotations

from tests.mutants.registry import mutant
from tests.mutants.world import CORSICAN, World, body, nir


@mutant("INS-01", "un chiffre de la clé est faux")
def _(world: World) -> None:
    person = world.person(3)
    person["matricule_ins"] = person["matricule_ins"][:-1] + str((int(person["matricule_ins"][-1]) + 1) % 10)


@mutant("INS-01", "deux chiffres de l'ordre sont intervertis")
def _(world: World) -> None:
    person, whole = world.person(4), world.person(4)["matricule_ins"]
    person["matricule_ins"] = whole[:11] + whole[12] + whole[11] + whole[13:]


@mutant("INS-01", "la clé d'un Corse est calculée avec 20 au lieu de 2A")
def _(world: World) -> None:
    written = body(CORSICAN)
    world.person(CORSICAN)["matricule_ins"] = written + nir(written.replace("2A", "20"))[-2:]


@mutant("INS-01", "un espace dans le matricule")
def _(world: World) -> None:
    person = world.person(5)
    person["matricule_ins"] = person["matricule_ins"][:1] + " " + person["matricule_ins"][1:]


@mutant("INS-01", "la clé manque")
def _(world: World) -> None:
    person = world.person(6)
    person["matricule_ins"] = person["matricule_ins"][:13]


@mutant("INS-01", "le mois du matricule vaut 13")
def _(world: World) -> None:
    written = body(7)
    world.person(7)["matricule_ins"] = nir(written[:3] + "13" + written[5:])


@mutant("INS-01", "la lettre O au lieu de zéro")
def _(world: World) -> None:
    person = world.person(8)
    person["matricule_ins"] = person["matricule_ins"].replace("0", "O", 1)
