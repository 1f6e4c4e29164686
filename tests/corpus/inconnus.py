"""One-defect twins that add an attribute: an element said unknown (nullFlavor) that is given, or of another type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.corpus.defauts import Defaut, Edit, ajoute, et, pose

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_P = "h:recordTarget/h:patientRole"
_A = "h:author[h:assignedAuthor/h:assignedPerson]/h:assignedAuthor"
_PART = "h:participant/h:associatedEntity"
_E = "h:componentOf/h:encompassingEncounter"
_S = "h:documentationOf[1]/h:serviceEvent"
_STRUCTURE = '<scopingOrganization classCode="ORG"><name>EHPAD</name><standardIndustryClassCode code="ESSMS" \
codeSystem="1.2.250.1.213.1.1.4.9" displayName="Etablissement ou Service Social ou Médico-Social"/></scopingOrganization>'
_TRADUIT = '<translation code="A" codeSystem="1.2.250.1.999.9" displayName="A"><qualifier><name code="B" \
codeSystem="1.2.250.1.999.9" displayName="B"/><value code="C" codeSystem="1.2.250.1.999.9" displayName="C"/></qualifier></translation>'


def _inconnu(path: str) -> Edit:
    return pose(path, nullFlavor="UNK")


_NULS: Mapping[str, Edit] = {
    "patient": _inconnu(_P),
    "opérateur de saisie": _inconnu("h:dataEnterer/h:assignedEntity"),
    "proche": _inconnu("h:informant/h:relatedEntity/h:relatedPerson"),
    "informateur": _inconnu("h:informant/h:assignedEntity"),
    "structure d'un participant": et(ajoute(_PART, _STRUCTURE), _inconnu(f"{_PART}/h:scopingOrganization")),
    "logiciel": _inconnu("//h:assignedAuthoringDevice/h:softwareName"),
    "pays": _inconnu("h:realmCode"),
    "numéro d'une structure": _inconnu("h:informationRecipient//h:receivedOrganization/h:id"),
    "version du document remplacé": et(
        ajoute("h:relatedDocument/h:parentDocument", '<versionNumber value="1"/>'),
        _inconnu("h:relatedDocument/h:parentDocument/h:versionNumber"),
    ),
    "cadre d'un auteur": _inconnu(f"{_A}/h:representedOrganization/h:standardIndustryClassCode"),
}


def _typed(path: str, *before: Edit) -> Edit:
    return et(*before, pose(path, **{_TYPE: "BL"}))


_TYPES: Mapping[str, Edit] = {
    "date d'auteur": _typed("h:author/h:time"),
    "naissance": _typed(f"{_P}/h:patient/h:birthTime"),
    "date du document": _typed("h:effectiveTime"),
    "période d'un participant": _typed("h:participant/h:time"),
    "prise en charge": _typed(f"{_E}/h:effectiveTime"),
    "début d'acte": _typed(f"{_S}/h:effectiveTime/h:low"),
    "langue": _typed("h:languageCode"),
    "titre": _typed("h:title"),
    "ville": _typed(f"{_P}/h:addr/h:city"),
    "version": _typed("h:versionNumber"),
    "identifiant": _typed(f"{_P}/h:id"),
    "modèle": _typed("h:templateId"),
    "type": _typed("h:code"),
    "profession du responsable": _typed("h:legalAuthenticator/h:assignedEntity/h:code"),
    "confidentialité": _typed("h:confidentialityCode"),
    "cadre": _typed(f"{_S}//h:standardIndustryClassCode"),
    "cadre d'une structure de rattachement": _typed(
        f"{_PART}/h:scopingOrganization/h:standardIndustryClassCode", ajoute(_PART, _STRUCTURE)
    ),
    "traduction": _typed(f"{_S}/h:code/h:translation", ajoute(f"{_S}/h:code", _TRADUIT)),
    "qualificatif": _typed(f"{_S}/h:code/h:translation/h:qualifier", ajoute(f"{_S}/h:code", _TRADUIT)),
    "nom d'un qualificatif": _typed(f"{_S}/h:code/h:translation/h:qualifier/h:name", ajoute(f"{_S}/h:code", _TRADUIT)),
    "texte d'un code": _typed(
        "h:author/h:functionCode/h:originalText", ajoute("h:author/h:functionCode", "<originalText>rôle</originalText>")
    ),
    "logiciel": _typed("//h:assignedAuthoringDevice/h:softwareName"),
    "adresse": _typed(f"{_P}/h:addr"),
    "télécom": _typed(f"{_P}/h:telecom"),
    "nom du patient": _typed(f"{_P}/h:patient/h:name"),
    "nom d'une structure": _typed("h:informationRecipient//h:receivedOrganization/h:name"),
    "nom d'un lieu": _typed(
        f"{_P}/h:patient/h:birthplace/h:place/h:name",
        ajoute(f"{_P}/h:patient/h:birthplace/h:place/h:addr", "<name>ICI</name>", avant=True),
    ),
}

INCONNUS: Sequence[Defaut] = (
    *(Defaut("ESMS-CDA-09.VALEUR_NULLE", f"{nom} inconnu et donné", edit) for nom, edit in _NULS.items()),
    Defaut("ESMS-CDA-09.PARTIE_NULLE", "prénom d'un auteur inconnu et donné", _inconnu(f"{_A}//h:given")),
    Defaut("ESMS-CDA-09.PARTIE_NULLE", "ville inconnue et donnée", _inconnu(f"{_P}/h:addr/h:city")),
    Defaut("ESMS-CDA-09.TELECOM_NUL_PARMI", "télécom inconnu à côté d'un autre",
           ajoute(f"{_P}/h:telecom", '<telecom nullFlavor="NAV"/>', avant=True)),
    Defaut("ESMS-CDA-09.ADRESSE_NULLE_PARMI", "adresse inconnue à côté d'une autre",
           ajoute(f"{_P}/h:addr", '<addr nullFlavor="NAV"/>', avant=True)),
    *(Defaut("ESMS-CDA-09.TYPE_DECLARE", f"{nom} d'un autre type", edit) for nom, edit in _TYPES.items()),
)  # fmt: skip
