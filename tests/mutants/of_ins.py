"""Defects of the identity of a person."""

from __future__ import annotations

from tests.mutants.registry import mutant
from tests.mutants.world import CORSICAN, FINESS, World, body, nir


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


@mutant("INS-02", "l'OID est celui des identités de test")
def _(world: World) -> None:
    world.person(1)["oid_ins"] = "1.2.250.1.213.1.4.10"


@mutant("INS-02", "l'OID du NIA de test")
def _(world: World) -> None:
    world.person(2)["oid_ins"] = "1.2.250.1.213.1.4.11"


@mutant("INS-02", "un OID qui n'existe pas")
def _(world: World) -> None:
    world.person(3)["oid_ins"] = "1.2.250.1.213.1.4.7"


@mutant("INS-02", "un espace à la fin de l'OID")
def _(world: World) -> None:
    world.person(3)["oid_ins"] += " "


@mutant("INS-02", "le lot est celui d'un environnement de test")
def _(world: World) -> None:
    world.mode = "test"


for _trait, _kind in (
    ("nom_naissance", "QUAL"),
    ("prenoms_naissance", "QUAL"),
    ("date_naissance", "QUAL"),
    ("sexe", "RECUP"),
    ("lieu_naissance_cog", "RECUP"),
):

    @mutant("INS-03", f"{_trait} manque à une identité {_kind}")
    def _(world: World, trait: str = _trait, kind: str = _kind) -> None:
        world.first("usager", statut_identite=kind)[trait] = ""


@mutant("INS-03", "le lieu est un nom de commune")
def _(world: World) -> None:
    world.person(5)["lieu_naissance_cog"] = "AJACCIO"


@mutant("INS-03", "le lieu est un département")
def _(world: World) -> None:
    world.person(5)["lieu_naissance_cog"] = "15"


@mutant("INS-04", "un nom en minuscules")
def _(world: World) -> None:
    world.person(4)["nom_naissance"] = "Essartblanc"


@mutant("INS-04", "un prénom accentué")
def _(world: World) -> None:
    world.person(4)["prenoms_naissance"] = "LOUISE CHLOÉ"


@mutant("INS-04", "un chiffre dans un nom")
def _(world: World) -> None:
    world.person(4)["nom_naissance"] = "ESSARTBLANC2"


@mutant("INS-04", "une apostrophe typographique")
def _(world: World) -> None:
    world.person(4)["nom_naissance"] = "D’ESSART"


@mutant("INS-04", "deux espaces de suite")
def _(world: World) -> None:
    world.person(4)["prenoms_naissance"] = "LOUISE  CAMILLE"


@mutant("INS-04", "une ligature")
def _(world: World) -> None:
    world.person(4)["nom_naissance"] = "CŒURBLANC"


@mutant("INS-04", "un espace avant le nom")
def _(world: World) -> None:
    world.person(4)["nom_naissance"] = " ESSARTBLANC"


@mutant("INS-05", "le premier prénom est le second de la liste")
def _(world: World) -> None:
    world.person(6)["premier_prenom"] = "CAMILLE"


@mutant("INS-05", "le premier prénom est coupé")
def _(world: World) -> None:
    world.person(4)["premier_prenom"] = "LOUIS"


@mutant("INS-05", "pas de premier prénom")
def _(world: World) -> None:
    world.person(6)["premier_prenom"] = ""


_AGREES = "le mois ou l'année du NIR ne s'accordent plus"


@mutant("INS-06", "le jour de naissance vaut 00")
def _(world: World) -> None:
    world.person(7)["date_naissance"] = world.person(7)["date_naissance"][:8] + "00"


@mutant("INS-06", "le mois de naissance vaut 00")
def _(world: World) -> None:
    world.person(7)["date_naissance"] = world.person(7)["date_naissance"][:5] + "00-12"


@mutant("INS-06", "un 31 juin", INS_13=_AGREES)
def _(world: World) -> None:
    world.person(7)["date_naissance"] = world.person(7)["date_naissance"][:5] + "06-31"


@mutant("INS-06", "un 29 février d'une année commune")
def _(world: World) -> None:
    world.person(24)["date_naissance"] = "1935-02-29"


@mutant("INS-06", "une date à la française")
def _(world: World) -> None:
    world.person(25)["date_naissance"] = "12/04/1938"


@mutant(
    "INS-06",
    "née le lendemain de l'extraction",
    DONNEES_24="née après l'extraction et après son entrée",
)
def _(world: World) -> None:
    world.person(25)["date_naissance"] = "2025-10-03"


@mutant("INS-06", "une date estimée un 17 mai")
def _(world: World) -> None:
    world.person(25).update(date_naissance="1938-05-17", date_naissance_estimee="true")


@mutant("INS-07", "aucun historique d'une identité qualifiée")
def _(world: World) -> None:
    world.remove("historique_identite", usager_id="U10")


@mutant(
    "INS-07",
    "le statut est devenu validé sans que l'historique le dise",
    INS_20="et sans pièce",
    INS_08="le matricule est resté",
)
def _(world: World) -> None:
    world.person(28)["statut_identite"] = "VALI"


@mutant(
    "INS-07",
    "l'historique s'arrête avant la qualification",
    DONNEES_31="les envois la disent qualifiée",
    INS_09="le statut à l'envoi était provisoire",
)
def _(world: World) -> None:
    world.remove("historique_identite", usager_id="U11", statut_identite="QUAL")


@mutant("INS-07", "l'historique dit le matricule absent")
def _(world: World) -> None:
    world.last("historique_identite", usager_id="U11")["matricule_present"] = "false"


@mutant(
    "INS-08",
    "une identité provisoire garde un matricule",
    INS_07="l'historique le dit absent",
)
def _(world: World) -> None:
    world.person(25).update(matricule_ins=nir(body(25)), oid_ins="1.2.250.1.213.1.4.8")


@mutant("INS-08", "une identité validée garde un matricule", INS_07="l'historique le dit absent")
def _(world: World) -> None:
    world.person(26).update(matricule_ins=nir(body(26)), oid_ins="1.2.250.1.213.1.4.8")


@mutant(
    "INS-09", "un message dit qualifié d'une personne validée", DONNEES_31="l'état noté n'est pas celui de l'histoire"
)
def _(world: World) -> None:
    message = world.first("envoi", canal="MSS_PRO", usager_id="U03")
    world.again(
        "envoi", message, envoi_id="V-new", message_id="M-new", usager_id="U26", document_id="", finess_et=FINESS[2]
    )


@mutant(
    "INS-09",
    "un message dit qualifié le jour d'avant la qualification",
    DONNEES_31="l'état noté n'est pas celui de l'histoire",
)
def _(world: World) -> None:
    message = world.first("envoi", canal="MSS_PRO", usager_id="U04")
    day = world.person(4)["date_statut_identite"]
    world.again("envoi", message, envoi_id="V-new", message_id="M-new", document_id="", horodatage=f"{day}T08:00:00")


@mutant("INS-10", "un attribut inconnu")
def _(world: World) -> None:
    world.person(12)["attributs_identite"] = "HOMO"


@mutant("INS-10", "fictive et homonyme avérée")
def _(world: World) -> None:
    world.person(24)["attributs_identite"] = "HOMA FICT"


@mutant("INS-10", "une identité qualifiée douteuse")
def _(world: World) -> None:
    world.person(13)["attributs_identite"] = "DOUT"


@mutant("INS-10", "une identité validée fictive")
def _(world: World) -> None:
    world.person(26)["attributs_identite"] = "FICT"


@mutant("INS-11", "un trait changé sans appel INSi, l'identité reste qualifiée")
def _(world: World) -> None:
    world.remove("appel_insi", appel_id="A-R")


@mutant("INS-11", "un trait d'une identité qualifiée a changé, rien d'autre")
def _(world: World) -> None:
    row = world.last("historique_identite", usager_id="U14")
    world.again("historique_identite", row, horodatage="2025-06-02T10:00:00", empreinte_traits="t98")


@mutant(
    "INS-11",
    "le statut a baissé, le matricule est resté",
    INS_08="le matricule est resté",
)
def _(world: World) -> None:
    row = world.last("historique_identite", usager_id="U28")
    world.again(
        "historique_identite", row, horodatage="2025-06-02T10:00:00", empreinte_traits="t98", statut_identite="PROV"
    )
    world.person(28).update(statut_identite="PROV", date_statut_identite="2025-06-02")


@mutant("INS-13", "le NIR est celui d'un autre sexe")
def _(world: World) -> None:
    world.person(8)["sexe"] = "M"


@mutant("INS-13", "l'année du NIR n'est pas celle de la naissance")
def _(world: World) -> None:
    born = world.person(9)["date_naissance"]
    world.person(9)["date_naissance"] = f"{int(born[:4]) - 1}{born[4:]}"


@mutant("INS-13", "le mois du NIR n'est pas celui de la naissance")
def _(world: World) -> None:
    year, month, day = world.person(12)["date_naissance"].split("-")
    world.person(12)["date_naissance"] = f"{year}-{int(month) % 12 + 1:02d}-{int(day) % 28 + 1:02d}"


@mutant("INS-13", "le lieu de naissance n'est pas celui du NIR")
def _(world: World) -> None:
    world.person(10)["lieu_naissance_cog"] = "33063"


@mutant("INS-14", "une identité sans statut")
def _(world: World) -> None:
    world.person(25)["statut_identite"] = ""


@mutant("INS-15", "un matricule sans OID")
def _(world: World) -> None:
    world.person(15)["oid_ins"] = ""


@mutant("INS-15", "un OID sans matricule")
def _(world: World) -> None:
    world.person(27)["oid_ins"] = "1.2.250.1.213.1.4.8"


@mutant("INS-16", "une identité qualifiée sans matricule ni OID", INS_07="l'historique dit le matricule présent")
def _(world: World) -> None:
    world.person(16).update(matricule_ins="", oid_ins="")


@mutant("INS-17", "le lieu d'une identité provisoire est un code postal à quatre chiffres")
def _(world: World) -> None:
    world.person(25)["lieu_naissance_cog"] = "3500"


@mutant("INS-17", "le lieu d'une identité validée est un nom")
def _(world: World) -> None:
    world.person(26)["lieu_naissance_cog"] = "CORTE"


@mutant("INS-18", "une identité qualifiée de sexe indéterminé")
def _(world: World) -> None:
    world.person(17)["sexe"] = "I"


@mutant("INS-18", "une identité récupérée de sexe indéterminé")
def _(world: World) -> None:
    world.person(28)["sexe"] = "I"


@mutant("INS-19", "rien ne dit d'où vient l'identité qualifiée")
def _(world: World) -> None:
    world.person(1).update(mode_obtention_ins="", date_interrogation_insi="")


@mutant("INS-19", "la date de l'interrogation manque")
def _(world: World) -> None:
    world.person(28)["date_interrogation_insi"] = ""


@mutant("INS-20", "une identité validée sans pièce")
def _(world: World) -> None:
    world.person(26)["mode_validation_identite"] = ""


@mutant("INS-20", "une identité qualifiée sans pièce")
def _(world: World) -> None:
    world.person(2)["mode_validation_identite"] = ""


@mutant("INS-20", "une pièce est notée et l'identité reste récupérée")
def _(world: World) -> None:
    world.person(28)["mode_validation_identite"] = "CN"


@mutant(
    "INS-21",
    "deux personnes ont le même matricule",
    IND_05="elles sont du même ESSMS",
    INS_13="le numéro est celui d'un autre",
)
def _(world: World) -> None:
    world.person(2)["matricule_ins"] = world.person(8)["matricule_ins"]


@mutant(
    "INS-21",
    "une personne a deux fiches qualifiées",
    DONNEES_32="la seconde n'a pas de séjour",
)
def _(world: World) -> None:
    world.again("usager", world.person(5), usager_id="U-bis")
    for row in world.all("historique_identite", usager_id="U05"):
        world.again("historique_identite", row, usager_id="U-bis")


@mutant("INS-22", "une seconde fiche provisoire de la même personne", DONNEES_32="la seconde n'a pas de séjour")
def _(world: World) -> None:
    world.again("usager", world.person(24), usager_id="U-bis", attributs_identite="")


@mutant(
    "INS-22",
    "une seconde fiche avec un nom accentué",
    DONNEES_32="la seconde n'a pas de séjour",
    INS_04="l'accent lui-même",
)
def _(world: World) -> None:
    world.again(
        "usager", world.person(25), usager_id="U-bis", nom_naissance=world.person(25)["nom_naissance"].replace("E", "É")
    )


@mutant("INS-23", "INSi interrogé pour une fiche fictive")
def _(world: World) -> None:
    world.person(25)["attributs_identite"] = "FICT"
    call = world.first("appel_insi")
    world.again("appel_insi", call, appel_id="A-F", usager_id="U25", finess_et=FINESS[1], resultat="ECHEC")


@mutant("INS-24", "la fiche fusionnée avait un autre matricule")
def _(world: World) -> None:
    world.one("usager", usager_id="U99")["matricule_ins"] = nir(body(29)[:-3] + "777")
