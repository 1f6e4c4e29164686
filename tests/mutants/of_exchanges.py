"""Defects of the sends to the DMP and by MSSanté, and of what the indicators and the dashboard count."""

from __future__ import annotations

from tests.mutants.registry import mutant
from tests.mutants.world import DECEASED, FINESS, REFUSING, World, finess, key

_STATE = "l'état noté à l'envoi n'est pas celui de l'histoire"


def _document_of(world: World, i: int, **more: str) -> str:
    """One more document, of any person, not sent."""
    name = key("DOC-N", i)
    world.again("document", world.one("document", document_id="DOC06"), document_id=name, usager_id=key("U", i), finess_et=finess(i), **more)  # fmt: skip
    return name


def _sent(world: World, i: int, **more: str) -> None:
    model = world.one("envoi", envoi_id="V06-D")
    world.again("envoi", model, envoi_id=key("V-N", i), usager_id=key("U", i), finess_et=finess(i), **more)


@mutant("DMP-01", "un document au DMP d'une personne provisoire", MSS_11="une cellule n'est plus nulle")
def _(world: World) -> None:
    _sent(world, 25, document_id=_document_of(world, 25), ins_qualifiee="false")


@mutant("DMP-01", "un document au DMP d'une personne récupérée", MSS_11="une cellule n'est plus nulle")
def _(world: World) -> None:
    _sent(world, 28, document_id=_document_of(world, 28), ins_qualifiee="false")


@mutant("DMP-01", "une tentative en échec sans identité qualifiée", DMP_11="aucun essai n'a réussi")
def _(world: World) -> None:
    _sent(world, 28, document_id=_document_of(world, 28), ins_qualifiee="false", resultat="ECHEC")


@mutant("DMP-04", "un document entre au DMP sans avoir été validé")
def _(world: World) -> None:
    world.one("document", document_id="DOC08")["date_validation"] = ""


@mutant("DMP-04", "un document entre au DMP le mois d'avant sa validation")
def _(world: World) -> None:
    world.one("document", document_id="DOC09")["date_validation"] = "2025-07-01"


@mutant("DMP-04", "un document entre au DMP trois semaines après sa validation")
def _(world: World) -> None:
    document = world.one("document", document_id="DOC10")
    document.update(date_creation="2025-02-03", date_validation="2025-02-04")


@mutant("DMP-05", "un document au DMP d'une personne qui refuse")
def _(world: World) -> None:
    world.again("envoi", world.one("envoi", envoi_id="V06-D"), envoi_id="V-R", usager_id=key("U", REFUSING), finess_et=finess(REFUSING), document_id=key("DOC", REFUSING), horodatage=world.one("envoi", envoi_id=key("V", REFUSING, "P"))["horodatage"])  # fmt: skip


@mutant("DMP-05", "une opposition sans fin, prononcée avant l'envoi")
def _(world: World) -> None:
    world.one("opposition", usager_id="U05")["date_fin"] = ""


@mutant("DMP-06", "le même document est ajouté deux fois")
def _(world: World) -> None:
    sent = world.one("envoi", envoi_id="V12-D")
    world.again("envoi", sent, envoi_id="V12-D2", horodatage=sent["horodatage"].replace("T10", "T16"))


@mutant("DMP-06", "un document est supprimé du DMP deux fois")
def _(world: World) -> None:
    sent = world.one("envoi", envoi_id="V02-S")
    world.again("envoi", sent, envoi_id="V02-S2", horodatage=sent["horodatage"].replace("T09", "T16"))


@mutant("DMP-06", "un document supprimé du DMP est remplacé")
def _(world: World) -> None:
    sent = world.one("envoi", envoi_id="V02-S")
    world.again(
        "envoi", sent, envoi_id="V02-R", operation="REMPLACEMENT", horodatage=sent["horodatage"].replace("T09", "T16")
    )


@mutant("DMP-06", "un document jamais ajouté est supprimé")
def _(world: World) -> None:
    world.one("envoi", envoi_id="V13-D")["operation"] = "SUPPRESSION"


@mutant("DMP-07", "un document au DMP après le décès", DMP_04="bien après la validation")
def _(world: World) -> None:
    sent = world.one("envoi", envoi_id=key("V", DECEASED, "D"))
    sent["horodatage"] = "2025-05-13T10:00:00"


@mutant("DMP-08", "un document validé n'est jamais envoyé au DMP")
def _(world: World) -> None:
    world.remove("envoi", envoi_id="V14-D")


@mutant("DMP-08", "un document de plus, jamais envoyé")
def _(world: World) -> None:
    _document_of(world, 15)


@mutant("DMP-09", "un code de confidentialité inconnu")
def _(world: World) -> None:
    world.one("document", document_id="DOC07")["confidentialite"] = "SECRET"


@mutant("DMP-09", "deux niveaux de confidentialité", DMP_10="l'un d'eux est restreint")
def _(world: World) -> None:
    world.one("document", document_id="DOC07")["confidentialite"] = "N R"


@mutant("DMP-10", "un document restreint est au DMP")
def _(world: World) -> None:
    world.one("document", document_id="DOC07")["confidentialite"] = "R"


@mutant("DMP-10", "un document très restreint est au DMP")
def _(world: World) -> None:
    world.one("document", document_id="DOC07")["confidentialite"] = "V MASQUE_PS"


@mutant("DONNEES-33", "un document part au nom d'un autre")
def _(world: World) -> None:
    world.one("document", document_id="DOC14")["usager_id"] = "U15"


@mutant("DONNEES-33", "un document est compté dans un autre ESSMS")
def _(world: World) -> None:
    sent = world.one("envoi", envoi_id="V14-D")
    others = {row["finess_et"] for row in world.tables["etablissement"]} - {sent["finess_et"]}
    world.one("document", document_id="DOC14")["finess_et"] = min(others)


@mutant("DMP-11", "un échec au DMP sans suite")
def _(world: World) -> None:
    world.one("envoi", envoi_id="V16-D")["resultat"] = "ECHEC"


@mutant("MSS-07", "un message à un usager non qualifié", MSS_11="une cellule n'est plus nulle", DONNEES_31=_STATE)
def _(world: World) -> None:
    world.one("envoi", envoi_id="V08-C")["ins_qualifiee"] = "false"


@mutant("MSS-07", "une tentative vers un usager non qualifié", MSS_14="il n'est jamais parti", DONNEES_31=_STATE)
def _(world: World) -> None:
    world.one("envoi", envoi_id="V08-C").update(ins_qualifiee="false", resultat="ECHEC")


@mutant("MSS-08", "un message à un usager qui refuse")
def _(world: World) -> None:
    world.one("opposition", usager_id="U07")["usager_id"] = "U08"


@mutant("MSS-08", "un message à un professionnel malgré le refus")
def _(world: World) -> None:
    world.add("opposition", usager_id="U09", canal="MSS_PRO", date_debut="2024-05-20")


@mutant("MSS-11", "un document au DMP compté sans INS qualifiée", DMP_01="il l'est vraiment", DONNEES_31=_STATE)
def _(world: World) -> None:
    world.one("envoi", envoi_id="V17-D")["ins_qualifiee"] = "false"


@mutant("MSS-12", "un document invisible à l'usager part à l'usager")
def _(world: World) -> None:
    world.one("document", document_id="DOC12")["confidentialite"] = "N INVISIBLE_PATIENT"


@mutant("MSS-13", "un message porte les documents de deux usagers")
def _(world: World) -> None:
    sent = world.one("envoi", envoi_id="V00-P")
    other = world.one("envoi", envoi_id="V03-P")
    world.again("envoi", sent, envoi_id="V00-P2", usager_id=other["usager_id"], document_id=other["document_id"])


@mutant("MSS-14", "un message en échec sans suite")
def _(world: World) -> None:
    world.one("envoi", envoi_id="V18-P")["resultat"] = "ECHEC"


@mutant("MSS-15", "un identifiant de message sert des mois plus tard", MSS_13="aussi pour un autre usager")
def _(world: World) -> None:
    world.one("envoi", envoi_id="V21-P")["message_id"] = world.one("envoi", envoi_id="V00-P")["message_id"]


@mutant("MSS-15", "un identifiant de message sert dans deux ESSMS", DONNEES_33="l'envoi change d'ESSMS")
def _(world: World) -> None:
    sent = world.one("envoi", envoi_id="V00-P")
    world.again("envoi", sent, envoi_id="V00-P2", finess_et=FINESS[1])


@mutant("TBB-09", "un ESSMS n'a rien envoyé au DMP", DMP_08="ses documents n'y sont jamais entrés")
def _(world: World) -> None:
    world.remove("envoi", canal="DMP", finess_et=FINESS[0])


@mutant("TBB-09", "un ESSMS n'a rien envoyé par MSSanté")
def _(world: World) -> None:
    world.remove("envoi", canal="MSS_PRO", finess_et=FINESS[0])
    world.remove("envoi", canal="MSS_CITOYENNE", finess_et=FINESS[0])


@mutant(
    "TBB-09",
    "les envois d'un ESSMS sont tous de l'an dernier",
    DMP_04="avant la validation",
)
def _(world: World) -> None:
    for row in world.all("envoi", finess_et=FINESS[1]):
        row["horodatage"] = row["horodatage"].replace("2025-", "2024-")


@mutant("TBB-09", "le journal des envois commence en juin")
def _(world: World) -> None:
    world.manifeste["couverture"] = {"envoi": {"debut": "2025-06-01", "fin": "2025-10-01"}}


@mutant("TBB-11", "un document d'un autre secteur est envoyé")
def _(world: World) -> None:
    world.one("document", document_id="DOC04")["type_code"] = "11488-4"


@mutant("TBB-11", "un code de type inconnu")
def _(world: World) -> None:
    world.one("document", document_id="DOC04")["type_code"] = "AUTRE"


@mutant("IND-01", "le lot ne couvre que la moitié du mois mesuré", TBB_09="l'année n'est pas couverte non plus")
def _(world: World) -> None:
    world.manifeste["periode_couverte_debut"] = "2025-09-15"


@mutant(
    "IND-01",
    "la dernière mise à jour seule est connue, trois mois après",
    DONNEES_27="l'extraction est tardive",
    DONNEES_30="une réception a maintenant plus d'un mois",
)
def _(world: World) -> None:
    world.manifeste.update(journal_maj_complet=False, date_extraction="2025-12-20T03:00:00")


@mutant(
    "IND-01",
    "le dernier statut seul est connu, trois mois après",
    DONNEES_27="l'extraction est tardive",
    DONNEES_30="une réception a maintenant plus d'un mois",
)
def _(world: World) -> None:
    world.manifeste.update(historique_statuts_complet=False, date_extraction="2025-12-20T03:00:00")


@mutant(
    "IND-05",
    "deux personnes d'un ESSMS ont le même matricule",
    INS_21="le matricule lui-même",
    INS_13="il est d'un autre",
)
def _(world: World) -> None:
    world.person(6)["matricule_ins"] = world.person(0)["matricule_ins"]
