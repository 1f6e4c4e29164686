"""One-defect twins of other documents than the fullest DLU: level 1 bodies, the volets, the export of a DUI, bytes.

Written from the texts (``documents.md`` §1.3, §1.6 to §1.9), never from the checks.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.corpus.complet import NS
from tests.corpus.defauts import Edit, ajoute, deux, et, pose, sans, texte

_ROLE, _BODY = "h:recordTarget/h:patientRole", "//h:nonXMLBody/h:text"
_INS = f"{_ROLE}/h:id[@root='1.2.250.1.213.1.4.10']"
_NIR = "1.2.250.1.213.1.4.8"
_ACT = "h:documentationOf[1]/h:serviceEvent/h:code"
_FACILITY = "//h:healthCareFacility/h:code"
_ORGANIZATION = "h:informationRecipient//h:receivedOrganization/h:name"
_G = f"{_ROLE}/h:patient/h:guardian"
_PPA, _EXPORT = "projet_personnalise.xml", "export_dui.xml"
_TRANSLATION = '<translation code="A" codeSystem="1.2.250.1.999.9" displayName="A"/>'


class Variante(NamedTuple):
    """A twin of a sample document (``depart``, the fullest one where empty), by an edit, of its bytes where told."""

    constat: str
    nom: str
    edit: Edit = lambda root: True
    depart: str = ""
    aussi: tuple[str, ...] = ()
    mode: str = "test"
    octets: Callable[[bytes], bytes] = lambda data: data
    illisible: bool = False


def corps(change: Callable[[bytes], bytes]) -> Edit:
    """Change what the base64 of a level 1 body holds."""

    def edit(root: Any) -> bool:
        one = root.xpath(_BODY, namespaces=NS)[0]
        one.text = base64.b64encode(change(base64.b64decode(one.text))).decode("ascii")
        return True

    return edit


COMMUNES: Sequence[Variante] = (
    Variante("ESMS-CDA-03.NIVEAU1", "niveau 1 à quatre templateId",
             ajoute("h:id", '<templateId root="1.2.250.1.999.7"/>', avant=True), _PPA),
    Variante("ESMS-CDA-07.REPRESENTANT_STRUCTURE", "structure tutrice sans numéro",
             et(sans(f"{_G}/h:guardianPerson"),
                ajoute(_G, '<guardianOrganization classCode="ORG"><id root="1.2.250.1.71.4.2.2"/><name>UDAF</name></guardianOrganization>'))),
    Variante("ESMS-CDA-09.NOM_DOUBLON", "nom de structure répété", deux(f"{_G}/h:guardianPerson/h:name"),
             aussi=("ESMS-CDA-07.REPRESENTANT_NOM",)),
    Variante("ESMS-CDA-09.NOM_NUL", "nom donné et inconnu", pose(_ORGANIZATION, nullFlavor="UNK")),
    Variante("ESMS-CDA-09.DATE_NULLE", "début donné et inconnu",
             pose("//h:encompassingEncounter/h:effectiveTime/h:low", nullFlavor="UNK")),
    Variante("ESMS-CDA-09.ID", "identifiant donné et inconnu", pose("h:inFulfillmentOf/h:order/h:id", nullFlavor="UNK")),
    Variante("ESMS-CDA-09.TRADUCTION_DOUBLON", "traduction répétée",
             et(ajoute("h:code", _TRANSLATION), ajoute("h:code", _TRANSLATION))),
    Variante("ESMS-CDA-10.QUI", "deux personnes d'un auteur", deux("h:author//h:assignedPerson")),
    Variante("ESMS-CDA-11.CADRE", "cadre de l'informateur sans libellé",
             ajoute("h:informant/h:assignedEntity", '<representedOrganization classCode="ORG"><name>EHPAD</name>'
                    '<standardIndustryClassCode code="ESSMS" codeSystem="1.2.250.1.213.1.1.4.9"/></representedOrganization>')),
    Variante("ESMS-CDA-13.SIGNATURE", "deux signatures", deux("h:legalAuthenticator/h:signatureCode")),
    Variante("ESMS-CDA-14.ENTITE", "deux entités d'un participant", deux("h:participant/h:associatedEntity")),
    Variante("ESMS-CDA-15.ACTE", "deux actes en un",
             et(deux("h:documentationOf"), deux("h:documentationOf[2]/h:serviceEvent"))),
)  # fmt: skip
"""What the official header schematron catches too, beside :data:`tests.corpus.defauts.COMMUNS` and ``REPETES``."""

VOLETS: Sequence[Variante] = (
    Variante("ESMS-CDA-01.MAL_FORME", "document coupé", octets=lambda data: data[: len(data) // 2], illisible=True),
    Variante("ESMS-CDA-01.REFUSE", "document avec une DTD", illisible=True,
             octets=lambda data: data.replace(b"?>", b"?><!DOCTYPE ClinicalDocument>", 1)),
    Variante("ESMS-CDA-18.VIDE", "participant sans entité", sans("h:participant/h:associatedEntity")),
    Variante("ESMS-CDA-18.VIDE", "saisie sans identifiant", sans("h:dataEnterer/h:assignedEntity/h:id")),
    Variante("ESMS-CDA-18.VIDE", "valideur sans signature", sans("h:authenticator/h:signatureCode")),
    Variante("ESMS-CDA-18.DESTINATAIRE", "destinataire vide", sans("h:informationRecipient/h:intendedRecipient")),
    Variante("ESMS-CDA-20.RACINE_DE_TEST", "identité de test en production", mode="production"),
    Variante("ESMS-CDA-20.CLE", "clé fausse en production", pose(_INS, root=_NIR, extension="238020010100099"), mode="production"),
    Variante("ESMS-CDA-20.FORME", "matricule court en production", pose(_INS, root=_NIR, extension="2380200101000"), mode="production"),
    Variante("ESMS-CDA-20.PLUSIEURS", "deux matricules",
             ajoute(_INS, '<id root="1.2.250.1.213.1.4.10" extension="238020010100183"/>', avant=True)),
    Variante("ESMS-CDA-22.FUSEAU_MAL_ECRIT", "fuseau de deux chiffres", pose("h:effectiveTime", value="20260105101500+01")),
    Variante("ESMS-CDA-23.PREFIXE", "numéro qui commence par 9", pose("h:author[1]//h:id", extension="900000000018")),
    Variante("ESMS-CDA-24.NAISSANCE_FUTURE", "naissance un siècle plus tard", pose("//h:birthTime", value="20380214")),
    Variante("ESMS-CDA-27.MEDIA", "type de média inconnu", pose(_BODY, mediaType="application/zip"), _PPA),
    Variante("ESMS-CDA-27.REPRESENTATION", "corps qui se dit texte", pose(_BODY, representation="TXT"), _PPA),
    Variante("ESMS-CDA-27.BASE64", "corps qui n'est pas du base64", texte(_BODY, "Bonjour !"), _PPA),
    Variante("ESMS-CDA-27.CONTENU", "corps qui n'est pas un PDF", corps(lambda _: b"Bonjour"), _PPA),
    Variante("ESMS-CDA-27.PDF_TRONQUE", "PDF coupé", corps(lambda data: data[: len(data) // 2]), _PPA),
    Variante("ESMS-CDA-27.PDF_A", "PDF ordinaire", corps(lambda _: b"%PDF-1.4\n%%EOF\n"), _PPA),
    Variante("ESMS-CDA-27.PDF_A_1", "PDF/A-2", corps(lambda data: data.replace(b"part>1<", b"part>2<")), _PPA),
    Variante("ESMS-CDA-27.TAILLE", "document de 26 Mo", depart=_PPA, octets=lambda data: data + b"\n" * 26_000_000),
    Variante("ESMS-CDA-28.SANS_REMPLACE", "version 2 qui ne remplace rien", sans("h:relatedDocument")),
    Variante("ESMS-CDA-30.NAISSANCE", "DLU sans date de naissance", pose("//h:birthTime", value=None, nullFlavor="UNK"),
             aussi=("ESMS-CDA-07.NAISSANCE",)),
    Variante("ESMS-CDA-30.DEBUT", "DLU dont l'acte n'a pas de début connu",
             pose("h:documentationOf[1]/h:serviceEvent/h:effectiveTime/h:low", value=None, nullFlavor="UNK"),
             aussi=("ESMS-CDA-15.DATE",)),
    Variante("ESMS-CDA-31.ACTE", "fiche de transfert d'un autre acte", pose("h:templateId[3]", root="1.2.250.1.213.1.1.1.23")),
    Variante("ESMS-CDA-32.ACTE", "lettre d'entrée d'un autre acte", pose(_ACT, code="AMB"), "ldl_entree_etablissement.xml"),
    Variante("ESMS-CDA-33.ACTE", "synthèse d'un autre acte", pose(_ACT, code="28651-8"), "vsm.xml"),
    Variante("ESMS-CDA-34.TYPE", "export d'un autre type",
             pose("h:code", code="28653-4", codeSystem="2.16.840.1.113883.6.1", displayName="Document du secteur social / médico-social"),
             _EXPORT),
    Variante("ESMS-CDA-34.AUTEUR", "export d'un autre logiciel", sans("h:author/h:assignedAuthor/h:code"), _EXPORT),
    Variante("ESMS-CDA-34.CADRE", "export d'un autre cadre",
             pose("h:documentationOf[1]//h:standardIndustryClassCode", code="ETABLISSEMENT", displayName="Etablissement de santé"),
             _EXPORT),
    Variante("ESMS-CDA-34.MODALITE", "export d'une autre modalité",
             pose(_FACILITY, code="SA17", displayName="Etablissement pour personnes âgées"), _EXPORT),
    Variante("ESMS-CDA-34.CATEGORIE", "catégorie d'ESSMS inconnue", pose(f"{_FACILITY}/h:translation", code="000"), _EXPORT),
)  # fmt: skip
"""What it lets pass."""
