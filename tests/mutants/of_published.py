"""Defects of what a vendor publishes of its lot, and of an order: one number, one date, one line."""

from __future__ import annotations

from typing import Any

from tests.mutants.registry import mutant
from tests.mutants.world import EJ, FINESS, World

_RECOMPUTED = "le nombre n'est plus celui du lot"
_RATE = "le taux n'est plus celui de ses nombres"


def _published(world: World, indicateur: str) -> dict[str, Any]:
    return world.pieces["indicateurs"]["etablissements"][0]["indicateurs"][indicateur]


def _line(world: World, periode: str = "annee_courante") -> dict[str, Any]:
    return world.pieces["tableau_de_bord"]["etablissements"][0]["periodes"][periode]


@mutant("IND-02", "plus de dossiers actifs que de personnes", IND_04=_RECOMPUTED, IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_dossiers_actifs")["numerateur"] += 5


@mutant("IND-02", "le dénominateur du projet n'est pas les dossiers actifs", IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_projet_personnalise")["denominateur"] += 1


@mutant("IND-04", "un dossier actif de moins", IND_02="il est le dénominateur des deux autres", IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_dossiers_actifs")["numerateur"] -= 1


@mutant("IND-04", "un DUI actif de plus")
def _(world: World) -> None:
    _published(world, "nb_dui_actifs")["valeur"] += 1


@mutant("IND-06", "la période commence un jour plus tôt")
def _(world: World) -> None:
    world.pieces["indicateurs"]["periode"]["debut"] = "2025-08-31"


@mutant("IND-07", "une personne accompagnée de plus", IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_dossiers_actifs")["denominateur"] += 1


@mutant("IND-08", "un dossier avec projet de moins", IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_projet_personnalise")["numerateur"] -= 1


@mutant("IND-09", "un dossier avec événement de moins", IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_evenement_agenda")["numerateur"] -= 1


@mutant("IND-10", "une cible atteinte est dite manquée")
def _(world: World) -> None:
    _published(world, "taux_dossiers_actifs")["etat"] = "NON_ATTEINTE"


@mutant("IND-10", "une cible qui n'est pas celle du programme")
def _(world: World) -> None:
    _published(world, "taux_dossiers_actifs")["cible"] = 80


@mutant("IND-11", "un message de plus", IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_mssante")["numerateur"] += 1


@mutant("IND-11", "une personne au DMP de plus", IND_17=_RATE)
def _(world: World) -> None:
    _published(world, "taux_dmp")["numerateur"] += 1


@mutant("IND-12", "une cible dite sans objet pour qui la doit")
def _(world: World) -> None:
    _published(world, "taux_dmp").update(etat="SANS_OBJET", cible=None)


@mutant("IND-13", "un taux pour personne", IND_07=_RECOMPUTED, IND_02="le numérateur le dépasse", IND_04=_RECOMPUTED)
def _(world: World) -> None:
    _published(world, "taux_dossiers_actifs").update(numerateur=0, denominateur=0)


@mutant("IND-14", "le logiciel n'est pas dit")
def _(world: World) -> None:
    world.pieces["indicateurs"]["lot"].update(logiciel=None, version_logiciel=None)


@mutant("IND-14", "une autre version que celle du lot")
def _(world: World) -> None:
    world.pieces["indicateurs"]["lot"]["version_logiciel"] = "0.9"


@mutant("IND-15", "un établissement hors du périmètre")
def _(world: World) -> None:
    lines = world.pieces["indicateurs"]["etablissements"]
    lines.append({**lines[0], "finess_et": "990780041"})


@mutant("IND-16", "un établissement manque")
def _(world: World) -> None:
    world.pieces["indicateurs"]["etablissements"].pop()


@mutant("IND-16", "un indicateur manque")
def _(world: World) -> None:
    del world.pieces["indicateurs"]["etablissements"][0]["indicateurs"]["taux_evenement_agenda"]


@mutant("IND-17", "un taux de deux points de trop")
def _(world: World) -> None:
    _published(world, "taux_projet_personnalise")["taux"] -= 2


@mutant("IND-18", "une prescription de plus")
def _(world: World) -> None:
    _published(world, "nb_eprescription")["valeur"] += 1


@mutant("TBB-01", "un établissement manque")
def _(world: World) -> None:
    world.pieces["tableau_de_bord"]["etablissements"].pop()


@mutant("TBB-02", "l'année précédente manque")
def _(world: World) -> None:
    del world.pieces["tableau_de_bord"]["etablissements"][0]["periodes"]["annee_precedente"]


@mutant("TBB-02", "l'année commence en février")
def _(world: World) -> None:
    _line(world)["debut"] = "2025-02-01"


@mutant("TBB-03", "le total n'est pas la somme", TBB_04=_RECOMPUTED)
def _(world: World) -> None:
    _line(world)["dmp"]["total"] += 1


@mutant("TBB-03", "un compte manque")
def _(world: World) -> None:
    _line(world)["mss_citoyenne"]["ins_qualifiee"] = None


@mutant("TBB-04", "un document qualifié de plus")
def _(world: World) -> None:
    for name in ("total", "ins_qualifiee"):
        _line(world)["mss_pro"][name] += 1


@mutant("TBB-05", "plus au mois que dans l'année", TBB_04=_RECOMPUTED)
def _(world: World) -> None:
    for name in ("total", "ins_qualifiee"):
        _line(world, "mois_courant")["mss_pro"][name] += 50


@mutant("TBB-06", "les échecs ne sont pas comptés")
def _(world: World) -> None:
    _line(world)["echecs"] = {"dmp": None, "mss": None}


@mutant("TBB-06", "un échec négatif", TBB_04=_RECOMPUTED, TBB_05="l'année est sous le mois")
def _(world: World) -> None:
    _line(world)["echecs"]["dmp"] = -1


@mutant("TBB-07", "aucun détail par professionnel")
def _(world: World) -> None:
    world.pieces["tableau_de_bord"]["etablissements"][0]["par_rpps"] = []


@mutant("TBB-07", "les professionnels ne font pas le total")
def _(world: World) -> None:
    detail = world.pieces["tableau_de_bord"]["etablissements"][0]["par_rpps"][0]
    detail["periodes"]["annee_courante"]["dmp"]["total"] -= 1


@mutant("TBB-08", "un établissement hors du périmètre")
def _(world: World) -> None:
    lines = world.pieces["tableau_de_bord"]["etablissements"]
    lines.append({**lines[0], "finess_et": "990780041"})


@mutant("TBB-10", "plus d'admissions qualifiées que d'admissions")
def _(world: World) -> None:
    _line(world)["insi"]["admissions_qualifiees"] = 9


@mutant("TBB-10", "un appel INSi de plus que dans le lot")
def _(world: World) -> None:
    _line(world)["insi"]["succes"] += 1


def _order(world: World) -> dict[str, Any]:
    return world.pieces["commande"]["commande"]


@mutant("FINESS-03", "un établissement deux fois dans la commande")
def _(world: World) -> None:
    _order(world)["etablissements"].append(FINESS[0])


@mutant(
    "FINESS-03", "l'organisme parmi les établissements", VA_01="il n'est pas du lot", VA_05="il compte pour un de plus"
)
def _(world: World) -> None:
    _order(world)["etablissements"].append(EJ)


@mutant("VA-01", "un établissement commandé n'est pas du lot")
def _(world: World) -> None:
    _order(world)["etablissements"][2] = "990780041"


@mutant("VA-01", "la commande est d'un autre organisme")
def _(world: World) -> None:
    _order(world)["finess_ej"] = "990000036"


@mutant("VA-02", "le signataire n'a pas de fonction")
def _(world: World) -> None:
    del world.pieces["commande"]["signataire"]["fonction"]


@mutant("VA-02", "aucun signataire")
def _(world: World) -> None:
    del world.pieces["commande"]["signataire"]


@mutant("VA-03", "la commande vient après le guichet")
def _(world: World) -> None:
    _order(world)["date"] = _order(world)["date"].replace(year=2025, month=3)


@mutant("VA-03", "la commande précède le programme")
def _(world: World) -> None:
    _order(world)["date"] = _order(world)["date"].replace(year=2021)


@mutant("VA-04", "le numéro de référencement manque")
def _(world: World) -> None:
    del world.pieces["commande"]["solution"]["numero_referencement"]


@mutant("VA-04", "une autre solution que celle du lot")
def _(world: World) -> None:
    world.pieces["commande"]["solution"]["logiciel"] = "Autre DUI"


@mutant("VA-05", "un euro de trop")
def _(world: World) -> None:
    _order(world)["montant_ttc"] += 1


@mutant("VA-05", "plus d'établissements commandés que n'en a l'organisme")
def _(world: World) -> None:
    _order(world)["nb_essms_og"] = 2
