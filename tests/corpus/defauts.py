"""The one-defect twins: for each rule of the CDA header a small edit of a valid document that breaks that rule alone.

Written from the texts (``documents.md`` §1.2 to §1.6 and §1.9 of the project's reference), never from the checks: a
defect names the finding that must tell it, and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lxml import etree

from tests.corpus.complet import HL7, NS

Edit = Callable[[Any], bool]
"""Changes a document in place; False where it has not what the edit needs."""


class Defaut(NamedTuple):
    """``constat`` is «exigence.CODE»; ``aussi`` what the same defect rightly brings beside it."""

    constat: str
    nom: str
    edit: Edit
    aussi: tuple[str, ...] = ()


def _found(root: Any, path: str) -> Any:
    return next(iter(root.xpath(path, namespaces=NS)), None)


def sans(path: str) -> Edit:
    """Remove the first element of a path."""

    def edit(root: Any) -> bool:
        one = _found(root, path)
        if one is None:
            return False
        one.getparent().remove(one)
        return True

    return edit


def tous_sans(path: str) -> Edit:
    """Remove every element of a path."""

    def edit(root: Any) -> bool:
        several = root.xpath(path, namespaces=NS)
        for one in several:
            one.getparent().remove(one)
        return bool(several)

    return edit


def deux(path: str) -> Edit:
    """Repeat the first element of a path beside itself."""

    def edit(root: Any) -> bool:
        one = _found(root, path)
        if one is None:
            return False
        one.addnext(etree.fromstring(etree.tostring(one, with_tail=False)))
        return True

    return edit


def pose(path: str, **attributes: str | None) -> Edit:
    """Set attributes of the first element of a path, remove those that are None."""

    def edit(root: Any) -> bool:
        one = _found(root, path)
        if one is None:
            return False
        before = dict(one.attrib)
        for name, value in attributes.items():
            if value is None:
                one.attrib.pop(name, None)
            else:
                one.set(name, value)
        return dict(one.attrib) != before

    return edit


def texte(path: str, value: str) -> Edit:
    """Set the text of the first element of a path."""

    def edit(root: Any) -> bool:
        one = _found(root, path)
        if one is None:
            return False
        one.text = value
        return True

    return edit


def ajoute(path: str, xml: str, *, avant: bool = False) -> Edit:
    """Add an element at the end of the first of a path, or before it."""

    def edit(root: Any) -> bool:
        one = _found(root, path)
        if one is None:
            return False
        made = etree.fromstring(xml.replace(" ", f' xmlns="{HL7}" ', 1) if " " in xml.partition(">")[0] else
                                xml.replace(">", f' xmlns="{HL7}">', 1))  # fmt: skip
        if avant:
            one.addprevious(made)
        else:
            one.append(made)
        return True

    return edit


def echange(path: str) -> Edit:
    """Put the first element of a path after the one that follows it."""

    def edit(root: Any) -> bool:
        one = _found(root, path)
        if one is None or one.getnext() is None:
            return False
        one.getnext().addnext(one)
        return True

    return edit


def et(*edits: Edit) -> Edit:
    """Make several edits that are one defect."""
    return lambda root: all(edit(root) for edit in edits)


_INS = "1.2.250.1.213.1.4.10"
_DE_INS = "starts-with(@root, '1.2.250.1.213.1.4.') and string-length(@root) < 21"
_ROLE = "h:recordTarget/h:patientRole"
_P = f"{_ROLE}/h:patient"
_A = "h:author[h:assignedAuthor/h:assignedPerson]"
_L = "h:legalAuthenticator"
_E = "h:componentOf/h:encompassingEncounter"
_S = "h:documentationOf[1]/h:serviceEvent"
_PRF = f"{_S}/h:performer[@typeCode='PRF']"
_HCF = f"{_E}/h:location/h:healthCareFacility/h:code"

COMMUNS: Sequence[Defaut] = (
    Defaut("ESMS-CDA-03.CLASSE", "classe du document", pose(".", classCode="DOC")),
    Defaut("ESMS-CDA-03.REALM", "sans realmCode", sans("h:realmCode")),
    Defaut("ESMS-CDA-03.REALM", "realmCode d'un autre pays", pose("h:realmCode", code="BE")),
    Defaut("ESMS-CDA-03.HL7_FRANCE", "sans templateId de HL7 France", sans("h:templateId[@root='2.16.840.1.113883.2.8.2.1']")),
    Defaut("ESMS-CDA-03.CI_SIS", "sans templateId du CI-SIS", sans("h:templateId[@root='1.2.250.1.213.1.1.1.1']")),
    Defaut("ESMS-CDA-03.MODELE", "sans templateId de modèle",
           tous_sans("h:templateId[@root!='2.16.840.1.113883.2.8.2.1' and @root!='1.2.250.1.213.1.1.1.1']"),
           ("ESMS-CDA-03.NIVEAU1",)),
    Defaut("ESMS-CDA-04.ID", "sans id", sans("h:id")),
    Defaut("ESMS-CDA-04.TITRE", "sans titre", sans("h:title")),
    Defaut("ESMS-CDA-04.TITRE", "titre vide", texte("h:title", "")),
    Defaut("ESMS-CDA-04.DATE", "sans date de création", sans("h:effectiveTime")),
    Defaut("ESMS-CDA-04.DATE", "date de création sans valeur", pose("h:effectiveTime", value=None), ("ESMS-CDA-09.DATE_VIDE",)),
    Defaut("ESMS-CDA-04.LANGUE", "sans langue", sans("h:languageCode")),
    Defaut("ESMS-CDA-04.LANGUE", "langue mal écrite", pose("h:languageCode", code="FR")),
    Defaut("ESMS-CDA-04.SET_ID", "sans setId", sans("h:setId")),
    Defaut("ESMS-CDA-04.VERSION", "sans version", sans("h:versionNumber")),
    Defaut("ESMS-CDA-04.VERSION", "version qui n'est pas un entier", pose("h:versionNumber", value="un")),
    Defaut("ESMS-CDA-05.TYPE", "sans type", sans("h:code")),
    Defaut("ESMS-CDA-05.TYPE_ATTRIBUTS", "type sans libellé", pose("h:code", displayName=None)),
    Defaut("ESMS-CDA-05.TYPE_JDV", "type hors de J07", pose("h:code", code="99999-9"),
           ("ESMS-CDA-34.TYPE",)),
    Defaut("ESMS-CDA-05.CONFIDENTIALITE", "sans confidentialité", sans("h:confidentialityCode")),
    Defaut("ESMS-CDA-05.CONFIDENTIALITE_ATTRIBUTS", "confidentialité sans libellé",
           pose("h:confidentialityCode", displayName=None)),
    Defaut("ESMS-CDA-05.CONFIDENTIALITE_CODE", "confidentialité inconnue", pose("h:confidentialityCode", code="Z")),
    Defaut("ESMS-CDA-06.PATIENT", "sans patient", sans("h:recordTarget")),
    Defaut("ESMS-CDA-06.AUTEUR", "sans auteur", tous_sans("h:author")),
    Defaut("ESMS-CDA-06.SAISIE", "deux saisies", deux("h:dataEnterer")),
    Defaut("ESMS-CDA-06.CONSERVATEUR", "sans conservateur", sans("h:custodian")),
    Defaut("ESMS-CDA-06.RESPONSABLE", "sans responsable légal", sans("h:legalAuthenticator")),
    Defaut("ESMS-CDA-06.RESPONSABLE", "signature d'une autre valeur", pose(f"{_L}/h:signatureCode", code="X")),
    Defaut("ESMS-CDA-06.ACTE", "sans acte", tous_sans("h:documentationOf"),
           ("ESMS-CDA-15.PRINCIPAL", "ESMS-CDA-30.ACTE", "ESMS-CDA-31.ACTE", "ESMS-CDA-32.ACTE", "ESMS-CDA-33.ACTE")),
    Defaut("ESMS-CDA-06.PRISE_EN_CHARGE", "sans prise en charge", sans("h:componentOf")),
    Defaut("ESMS-CDA-07.ID", "patient sans identifiant", tous_sans(f"{_ROLE}/h:id")),
    Defaut("ESMS-CDA-07.ID_ATTRIBUTS", "identifiant du patient sans extension", pose(f"{_ROLE}/h:id[last()]", extension=None),
           ("ESMS-CDA-20.FORME", "ESMS-CDA-20.FORME_TEST")),
    Defaut("ESMS-CDA-07.ROLE", "sans identité", sans(_P), ("ESMS-CDA-08.TRAITS",)),
    Defaut("ESMS-CDA-07.IDENTITE", "deux identités", deux(_P)),
    Defaut("ESMS-CDA-07.NOM", "patient sans nom", sans(f"{_P}/h:name"), ("ESMS-CDA-08.TRAITS",)),
    Defaut("ESMS-CDA-07.FAMILLE", "patient sans nom de famille", tous_sans(f"{_P}/h:name/h:family"), ("ESMS-CDA-08.TRAITS",)),
    Defaut("ESMS-CDA-07.PRENOM", "patient sans prénom", tous_sans(f"{_P}/h:name/h:given"), ("ESMS-CDA-08.TRAITS",)),
    Defaut("ESMS-CDA-07.QUALIFICATIF", "nom sans qualificatif", pose(f"{_P}/h:name/h:family[@qualifier='CL']", qualifier=None)),
    Defaut("ESMS-CDA-07.QUALIFICATIF_VALEUR", "ancien qualificatif SP", pose(f"{_P}/h:name/h:family[@qualifier='CL']", qualifier="SP")),
    Defaut("ESMS-CDA-07.QUALIFICATIF_VALEUR", "qualificatif de prénom inconnu",
           pose(f"{_P}/h:name/h:given[@qualifier='CL']", qualifier="SP")),
    Defaut("ESMS-CDA-07.SEXE", "sans sexe", sans(f"{_P}/h:administrativeGenderCode"), ("ESMS-CDA-08.TRAITS",)),
    Defaut("ESMS-CDA-07.SEXE_JDV", "sexe inconnu", pose(f"{_P}/h:administrativeGenderCode", code="X")),
    Defaut("ESMS-CDA-07.NAISSANCE", "sans date de naissance", sans(f"{_P}/h:birthTime"), ("ESMS-CDA-08.TRAITS", "ESMS-CDA-30.NAISSANCE")),
    Defaut("ESMS-CDA-08.TRAITS", "INS sans nom de naissance", sans(f"{_ROLE}[h:id[{_DE_INS}]]/h:patient/h:name/h:family[@qualifier='BR']")),
    Defaut("ESMS-CDA-08.TRAITS", "INS sans premier prénom", sans(f"{_ROLE}[h:id[{_DE_INS}]]/h:patient/h:name/h:given[@qualifier='BR']")),
    Defaut("ESMS-CDA-08.TRAITS", "INS sans liste des prénoms", sans(f"{_ROLE}[h:id[{_DE_INS}]]/h:patient/h:name/h:given[not(@qualifier)]")),
    Defaut("ESMS-CDA-08.TRAITS", "INS sans lieu de naissance", sans(f"{_ROLE}[h:id[{_DE_INS}]]/h:patient/h:birthplace//h:county"), ("ESMS-CDA-09.ADRESSE_VIDE",)),
    Defaut("ESMS-CDA-09.TELECOM", "télécom sans valeur", pose("//h:telecom[@value]", value=None)),
    Defaut("ESMS-CDA-09.TELECOM_SCHEMA", "télécom sans schéma", pose("//h:telecom[@value]", value="0199000001")),
    Defaut("ESMS-CDA-09.TELECOM_USAGE", "usage de télécom inconnu", pose("//h:telecom[@use and @value]", use="XX")),
    Defaut("ESMS-CDA-09.ADRESSE_USAGE", "usage d'adresse inconnu", pose("//h:addr[not(ancestor::h:birthplace)]", use="XX")),
    Defaut("ESMS-CDA-09.ADRESSE", "ville répétée", deux("//h:addr/h:city")),
    Defaut("ESMS-CDA-09.CIVILITE", "civilité inconnue", texte(f"{_A}//h:assignedPerson/h:name/h:prefix", "MADEMOISELLE")),
    Defaut("ESMS-CDA-09.TITRE", "titre inconnu", texte(f"{_A}//h:assignedPerson/h:name/h:suffix", "BARON")),
    Defaut("ESMS-CDA-09.DATE", "mois 13", pose("h:effectiveTime", value="20231301"), ("ESMS-CDA-22.HEURE",)),
    Defaut("ESMS-CDA-09.DATE", "30 février", pose(f"{_P}/h:birthTime", value="19750230"), ("ESMS-CDA-21.NAISSANCE",)),
    Defaut("ESMS-CDA-09.DATE", "date ISO", pose("h:effectiveTime", value="2023-01-15T10:00:00"), ("ESMS-CDA-22.HEURE",)),
    Defaut("ESMS-CDA-09.INTERVALLE", "prise en charge finie avant son début",
           ajoute(f"{_E}/h:effectiveTime", '<high value="20230101"/>')),
    Defaut("ESMS-CDA-09.CODE", "code sans système", pose("h:confidentialityCode", codeSystem=None),
           ("ESMS-CDA-05.CONFIDENTIALITE_ATTRIBUTS",)),
    Defaut("ESMS-CDA-10.DATE", "auteur sans date", sans("h:author/h:time")),
    Defaut("ESMS-CDA-10.ROLE_JDV", "rôle d'auteur inconnu", pose("h:author/h:functionCode", code="ZZZ")),
    Defaut("ESMS-CDA-10.ID", "auteur sans identifiant", tous_sans("h:author[1]/h:assignedAuthor/h:id")),
    Defaut("ESMS-CDA-10.ID", "identifiant d'auteur sans extension", pose("h:author[1]/h:assignedAuthor/h:id", extension=None)),
    Defaut("ESMS-CDA-10.PROFESSION", "profession sans libellé", pose("h:author/h:assignedAuthor/h:code", displayName=None)),
    Defaut("ESMS-CDA-10.PROFESSION_JDV", "profession hors de J01", pose("h:author/h:assignedAuthor/h:code", code="ZZZ")),
    Defaut("ESMS-CDA-10.DISPOSITIF", "logiciel sans nom", sans("h:author//h:assignedAuthoringDevice/h:softwareName")),
    Defaut("ESMS-CDA-11.CLASSE", "classe d'un proche inconnue", pose("h:informant/h:relatedEntity", classCode="XXX")),
    Defaut("ESMS-CDA-11.LIEN_JDV", "lien hors de J11", pose("h:informant/h:relatedEntity/h:code", code="ZZZ")),
    Defaut("ESMS-CDA-11.LIEN", "lien sans libellé", pose("h:informant/h:relatedEntity/h:code", displayName=None)),
    Defaut("ESMS-CDA-12.CONSERVATEUR_ID", "conservateur sans identifiant",
           tous_sans("h:custodian//h:representedCustodianOrganization/h:id")),
    Defaut("ESMS-CDA-12.CONSERVATEUR_ID", "conservateur d'une autre racine",
           pose("h:custodian//h:representedCustodianOrganization/h:id", root="1.2.250.1.999.1")),
    Defaut("ESMS-CDA-12.DESTINATAIRE_ID", "destinataire sans numéro",
           pose("h:informationRecipient/h:intendedRecipient/h:id[@root='1.2.250.1.71.4.2.1']", extension=None)),
    Defaut("ESMS-CDA-13.DATE", "responsable sans date", sans(f"{_L}/h:time")),
    Defaut("ESMS-CDA-13.ID", "responsable sans identifiant", tous_sans(f"{_L}/h:assignedEntity/h:id")),
    Defaut("ESMS-CDA-13.ID", "responsable sans numéro", pose(f"{_L}/h:assignedEntity/h:id", extension=None)),
    Defaut("ESMS-CDA-13.PROFESSION", "profession du responsable hors de J01", pose(f"{_L}/h:assignedEntity/h:code", code="ZZZ")),
    Defaut("ESMS-CDA-13.VALIDEUR", "valideur d'une autre racine", pose("h:authenticator/h:assignedEntity/h:id", root="1.2.250.1.999.1")),
    Defaut("ESMS-CDA-14.TYPE", "type de participant inconnu", pose("h:participant", typeCode="XXX"), ("ESMS-CDA-30.MEDECIN_TRAITANT",)),
    Defaut("ESMS-CDA-14.DATE", "participant sans date", sans("h:participant/h:time")),
    Defaut("ESMS-CDA-14.CLASSE", "participant de classe CON", pose("h:participant/h:associatedEntity", classCode="CON")),
    Defaut("ESMS-CDA-14.ROLE", "rôle de participant inconnu", pose("h:participant/h:functionCode", code="ZZZ"),
           ("ESMS-CDA-30.MEDECIN_TRAITANT",)),
    Defaut("ESMS-CDA-14.PROFESSION_JDV", "profession d'un participant hors de J01",
           pose("h:participant/h:associatedEntity/h:code", code="ZZZ")),
    Defaut("ESMS-CDA-14.ID", "participant sans numéro", pose("h:participant/h:associatedEntity/h:id", extension=None)),
    Defaut("ESMS-CDA-15.PRINCIPAL", "acte principal sans exécutant", tous_sans(f"{_S}/h:performer")),
    Defaut("ESMS-CDA-15.PRINCIPAL", "acte principal sans date", sans(f"{_S}/h:effectiveTime"),
           ("ESMS-CDA-15.DATE", "ESMS-CDA-30.DEBUT")),
    Defaut("ESMS-CDA-15.DATE", "acte sans début", sans(f"{_S}/h:effectiveTime/h:low"), ("ESMS-CDA-30.DEBUT",)),
    Defaut("ESMS-CDA-15.EXECUTANT", "exécutant sans structure", sans(f"{_PRF}/h:assignedEntity/h:representedOrganization"),
           ("ESMS-CDA-15.CADRE",)),
    Defaut("ESMS-CDA-15.EXECUTANT_ID", "exécutant sans identifiant", tous_sans(f"{_PRF}/h:assignedEntity/h:id")),
    Defaut("ESMS-CDA-15.PROFESSION", "profession de l'exécutant hors de J01", pose(f"{_PRF}/h:assignedEntity/h:code", code="ZZZ")),
    Defaut("ESMS-CDA-15.CADRE", "sans cadre d'exercice", sans(f"{_PRF}//h:standardIndustryClassCode")),
    Defaut("ESMS-CDA-15.CADRE_ATTRIBUTS", "cadre d'exercice sans libellé",
           pose(f"{_PRF}//h:standardIndustryClassCode", displayName=None)),
    Defaut("ESMS-CDA-15.CADRE_JDV", "cadre d'exercice hors de J04", pose(f"{_PRF}//h:standardIndustryClassCode", code="ZZZ"),
           ("ESMS-CDA-34.CADRE",)),
    Defaut("ESMS-CDA-16.DATE", "prise en charge sans date", sans(f"{_E}/h:effectiveTime")),
    Defaut("ESMS-CDA-16.TYPE_JDV", "type de rencontre hors de J142", pose(f"{_E}/h:code", code="ZZZ")),
    Defaut("ESMS-CDA-16.SORTIE", "modalité de sortie d'un autre système",
           pose(f"{_E}/h:dischargeDispositionCode", codeSystem="1.2.250.1.999.1")),
    Defaut("ESMS-CDA-16.RESPONSABLE", "responsable d'une autre racine",
           pose(f"{_E}/h:responsibleParty/h:assignedEntity/h:id", root="1.2.250.1.999.1")),
    Defaut("ESMS-CDA-16.PARTICIPANT_TYPE", "participant à la prise en charge inconnu",
           pose(f"{_E}/h:encounterParticipant", typeCode="XXX")),
    Defaut("ESMS-CDA-16.PRISE_EN_CHARGE", "prise en charge sans lieu", sans(f"{_E}/h:location")),
    Defaut("ESMS-CDA-16.LIEU", "deux lieux", deux(f"{_E}/h:location")),
    Defaut("ESMS-CDA-16.MODALITE", "lieu sans modalité", sans(_HCF)),
    Defaut("ESMS-CDA-16.MODALITE_ATTRIBUTS", "modalité sans libellé", pose(_HCF, displayName=None)),
    Defaut("ESMS-CDA-16.MODALITE_JDV", "modalité hors de J02", pose(_HCF, code="SA999"), ("ESMS-CDA-34.MODALITE",)),
    Defaut("ESMS-CDA-17.REMPLACE", "document remplacé sans identifiant", sans("h:relatedDocument/h:parentDocument/h:id"), ("ESMS-CDA-28.SANS_REMPLACE",)),
    Defaut("ESMS-CDA-17.ORDRE", "ordre sans identifiant", sans("h:inFulfillmentOf/h:order/h:id")),
    Defaut("ESMS-CDA-17.CONSENTEMENT", "consentement sans code", sans("h:authorization/h:consent/h:code")),
    Defaut("ESMS-CDA-17.AUTORISATION", "consentement non terminé", pose("h:authorization/h:consent/h:statusCode", code="active")),
)  # fmt: skip
"""What the official header schematron catches too."""

_G = f"{_P}/h:guardian"
_RE, _AE = "h:informant/h:relatedEntity", "h:informant/h:assignedEntity"
_ICO = "h:custodian//h:representedCustodianOrganization"
_PA = "h:participant/h:associatedEntity"

REPETES: Sequence[Defaut] = (
    Defaut("ESMS-CDA-03.CORPS", "deux corps", deux("h:component")),
    Defaut("ESMS-CDA-06.REMPLACEMENT", "deux remplacements", deux("h:relatedDocument")),
    Defaut(
        "ESMS-CDA-07.CIVILITE",
        "deux civilités du patient",
        et(ajoute(f"{_P}/h:name", "<prefix>MME</prefix>"), ajoute(f"{_P}/h:name", "<prefix>M</prefix>")),
        ("ESMS-CDA-09.NOM_PERSONNE",),
    ),
    Defaut("ESMS-CDA-07.COMPLEMENT", "deux lieux de naissance", deux(f"{_P}/h:birthplace")),
    Defaut(
        "ESMS-CDA-07.LIEU",
        "deux adresses de naissance",
        deux(f"{_P}/h:birthplace/h:place/h:addr"),
        ("ESMS-CDA-09.ADRESSE_DOUBLON",),
    ),
    Defaut("ESMS-CDA-07.REPRESENTANT", "représentant sans personne", sans(f"{_G}/h:guardianPerson")),
    Defaut("ESMS-CDA-07.REPRESENTANT_NOM", "représentant sans nom", sans(f"{_G}/h:guardianPerson/h:name")),
    Defaut("ESMS-CDA-09.TELECOM_DOUBLON", "télécom répété", deux(f"{_ROLE}/h:telecom")),
    Defaut("ESMS-CDA-09.ADRESSE_DOUBLON", "adresse répétée", deux(f"{_ROLE}/h:addr")),
    Defaut("ESMS-CDA-09.ADRESSE_VIDE", "texte mêlé à l'adresse", texte(f"{_ROLE}/h:addr", "texte")),
    Defaut("ESMS-CDA-09.NOM_PERSONNE", "deux noms de famille", deux(f"{_A}//h:assignedPerson/h:name/h:family")),
    Defaut("ESMS-CDA-09.NOM_VIDE", "texte mêlé au nom", texte(f"{_A}//h:assignedPerson/h:name", "texte")),
    Defaut("ESMS-CDA-09.DATE_VIDE", "début d'acte sans valeur", pose(f"{_E}/h:effectiveTime/h:low", value=None)),
    Defaut("ESMS-CDA-09.OID", "racine qui n'est pas un OID", pose("h:id", root="IPP-LOCAL")),
    Defaut("ESMS-CDA-09.ID_DOUBLON", "identifiant répété", deux(f"{_ROLE}/h:id[2]")),
    Defaut("ESMS-CDA-09.CODE_NUL", "code et nullFlavor", pose("h:author/h:assignedAuthor/h:code", nullFlavor="UNK")),
    Defaut(
        "ESMS-CDA-09.CODE_SYSTEME",
        "système qui n'est pas un OID",
        pose("h:confidentialityCode", codeSystem="HL7"),
        ("ESMS-CDA-25.SYSTEME",),
    ),
    Defaut("ESMS-CDA-10.ROLE", "deux rôles d'auteur", deux("h:author/h:functionCode")),
    Defaut("ESMS-CDA-10.AFFECTE", "deux entités d'un auteur", deux("h:author/h:assignedAuthor")),
    Defaut(
        "ESMS-CDA-10.STRUCTURE",
        "structure d'auteur sans numéro",
        pose(f"{_A}//h:representedOrganization/h:id", extension=None),
    ),
    Defaut(
        "ESMS-CDA-10.CADRE",
        "cadre de l'auteur sans libellé",
        pose(f"{_A}//h:representedOrganization/h:standardIndustryClassCode", displayName=None),
    ),
    Defaut("ESMS-CDA-11.UN", "informant vide", sans(_RE)),
    Defaut("ESMS-CDA-11.ID", "informateur sans numéro", pose(f"{_AE}/h:id", extension=None)),
    Defaut("ESMS-CDA-11.PERSONNE", "deux proches", deux(f"{_RE}/h:relatedPerson")),
    Defaut("ESMS-CDA-11.SAISIE", "deux dates de saisie", deux("h:dataEnterer/h:time")),
    Defaut("ESMS-CDA-12.CONSERVATEUR", "conservateur sans structure", sans(_ICO)),
    Defaut("ESMS-CDA-12.CONSERVATEUR_UNIQUE", "deux noms du conservateur", deux(f"{_ICO}/h:name")),
    Defaut("ESMS-CDA-12.DESTINATAIRE", "deux destinataires en un", deux("h:informationRecipient/h:intendedRecipient")),
    Defaut("ESMS-CDA-13.ENTITE", "responsable sans entité", sans(f"{_L}/h:assignedEntity")),
    Defaut("ESMS-CDA-13.PERSONNE", "deux personnes responsables", deux(f"{_L}/h:assignedEntity/h:assignedPerson")),
    Defaut(
        "ESMS-CDA-13.STRUCTURE",
        "structure responsable sans numéro",
        pose(f"{_L}//h:representedOrganization/h:id", extension=None),
    ),
    Defaut(
        "ESMS-CDA-13.CADRE", "cadre du responsable hors de J04", pose(f"{_L}//h:standardIndustryClassCode", code="ZZZ")
    ),
    Defaut(
        "ESMS-CDA-14.PROFESSION", "profession d'un participant sans libellé", pose(f"{_PA}/h:code", displayName=None)
    ),
    Defaut("ESMS-CDA-14.UNIQUE", "deux personnes d'un participant", deux(f"{_PA}/h:associatedPerson")),
    Defaut("ESMS-CDA-15.CODE", "deux codes d'acte", deux(f"{_S}/h:code")),
    Defaut(
        "ESMS-CDA-15.UNIQUE",
        "structure de l'exécutant sans numéro",
        pose(f"{_PRF}//h:representedOrganization/h:id", extension=None),
    ),
    Defaut("ESMS-CDA-16.ID", "prise en charge sans racine", pose(f"{_E}/h:id", root=None), ("ESMS-CDA-09.ID",)),
    Defaut("ESMS-CDA-16.TYPE", "type de rencontre sans libellé", pose(f"{_E}/h:code", displayName=None)),
    Defaut(
        "ESMS-CDA-16.PARTICIPANT",
        "participant d'une autre racine",
        pose(f"{_E}/h:encounterParticipant/h:assignedEntity/h:id", root="1.2.250.1.999.1"),
    ),
)
"""The parts of the same rules that say «at most one», or bear on a part of a part."""

PROPRES: Sequence[Defaut] = (
    Defaut("ESMS-CDA-02.TYPEID", "sans typeId", sans("h:typeId")),
    Defaut("ESMS-CDA-02.TYPEID", "autre typeId", pose("h:typeId", extension="POCD_HD000020")),
    Defaut("ESMS-CDA-18.ORDRE", "titre après la date", echange("h:title")),
    Defaut("ESMS-CDA-18.INCONNU", "élément inconnu", ajoute("h:title", '<inconnu code="X"/>', avant=True)),
    Defaut("ESMS-CDA-20.CLE_TEST", "clé du matricule fausse",
           lambda root: pose(f"{_ROLE}/h:id[@root='{_INS}']", extension="238020010100099")(root)),
    Defaut("ESMS-CDA-20.FORME_TEST", "matricule trop court", pose(f"{_ROLE}/h:id[@root='{_INS}']", extension="2380200101000")),
    Defaut("ESMS-CDA-20.RACINE_REELLE", "identité réelle en test", pose(f"{_ROLE}/h:id[@root='{_INS}']", root="1.2.250.1.213.1.4.8")),
    Defaut("ESMS-CDA-21.SEXE", "sexe contraire au matricule", pose(f"{_P}/h:administrativeGenderCode", code="M", displayName="Masculin")),
    Defaut("ESMS-CDA-21.NAISSANCE", "naissance contraire au matricule", pose(f"{_P}/h:birthTime", value="19380314")),
    Defaut("ESMS-CDA-21.LIEU", "lieu contraire au matricule", texte(f"{_P}/h:birthplace//h:county", "75101")),
    Defaut("ESMS-CDA-22.FUSEAU", "heure sans fuseau", pose("h:effectiveTime", value="20260105101500")),
    Defaut("ESMS-CDA-22.HEURE", "date de création sans heure", pose("h:effectiveTime", value="20260105")),
    Defaut("ESMS-CDA-22.ACTE_INVERSE", "acte terminé avant son début",
           pose(f"{_S}/h:effectiveTime[h:high]/h:low", value="20990105090000+0100")),
    Defaut("ESMS-CDA-23.RPPS", "clé RPPS fausse", pose("h:author[1]//h:id[@root='1.2.250.1.71.4.2.1']", extension="800000000010")),
    Defaut("ESMS-CDA-23.FINESS", "clé FINESS fausse", pose("h:custodian//h:id", extension="1000012014")),
    Defaut("ESMS-CDA-24.CAPITALES", "nom de naissance en minuscules", texte(f"{_P}/h:name/h:family[@qualifier='BR']", "Chimère")),
    Defaut("ESMS-CDA-24.COG", "lieu de naissance en clair", texte(f"{_P}/h:birthplace//h:county", "SONGEVILLE")),
    Defaut("ESMS-CDA-25.SYSTEME", "type sous un autre système", pose("h:code", codeSystem="1.2.250.1.213.1.1.4.12")),
    Defaut("ESMS-CDA-26.LIBELLE", "libellé d'un autre code", pose("h:code", displayName="Tout autre document")),
    Defaut("ESMS-CDA-28.ZERO", "version zéro", pose("h:versionNumber", value="0")),
    Defaut("ESMS-CDA-30.ACTE", "DLU d'un autre acte", pose(f"{_S}/h:code", code="28651-8")),
    Defaut("ESMS-CDA-30.MEDECIN_TRAITANT", "DLU sans médecin traitant", sans("h:participant")),
)  # fmt: skip
"""What the official schematron lets pass: our own complements, and the headers of the volets."""
