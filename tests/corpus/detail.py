"""One-defect twins of what no other twin breaks: each part of a rule, each place where a code stands."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.defauts import Defaut, ajoute, deux, et, pose, sans, texte

_A = "h:author[h:assignedAuthor/h:assignedPerson]/h:assignedAuthor"
_P = "h:recordTarget/h:patientRole/h:patient"
_INF, _KIN = "h:informant/h:assignedEntity", "h:informant/h:relatedEntity"
_L, _PART = "h:legalAuthenticator", "h:participant"
_S, _S2 = "h:documentationOf[1]/h:serviceEvent", "h:documentationOf[2]/h:serviceEvent"
_PRF = f"{_S}/h:performer[@typeCode='PRF']"
_E = "h:componentOf/h:encompassingEncounter"
_PERSON = "<assignedPerson><name><family>FICTIVE</family></name></assignedPerson>"
_OTHER_ID = '<id root="1.2.250.1.999.5.0" extension="AUTRE-1"/>'
_TWO_NAMES = '<representedOrganization classCode="ORG"><name>EHPAD</name><name>Maison</name></representedOrganization>'
_LABEL = 'displayName="Etablissement ou Service Social ou Médico-Social"'
_CODED = {
    "profession d'un auteur": f"{_A}/h:code", "profession d'un participant": f"{_PART}/h:associatedEntity/h:code",
    "profession du responsable": f"{_L}/h:assignedEntity/h:code", "cadre": f"{_PRF}//h:standardIndustryClassCode",
    "lieu": f"{_E}//h:healthCareFacility/h:code", "rencontre": f"{_E}/h:code", "lien": f"{_KIN}/h:code",
    "sexe": f"{_P}/h:administrativeGenderCode", "rôle": "h:author/h:functionCode",
}  # fmt: skip


def _cadre(code: str) -> str:
    return (
        '<representedOrganization classCode="ORG"><name>EHPAD</name><standardIndustryClassCode '
        f'code="{code}" codeSystem="1.2.250.1.213.1.1.4.9" displayName="x"/></representedOrganization>'
    )


DETAIL: Sequence[Defaut] = (
    Defaut("ESMS-CDA-07.SEXE", "sexe sans code", pose(f"{_P}/h:administrativeGenderCode", code=None, codeSystem=None, displayName=None),
           ("ESMS-CDA-08.TRAITS", "ESMS-CDA-09.CODE_NUL")),
    Defaut("ESMS-CDA-07.REPRESENTANT_NOM", "représentant de quatre noms",
           et(*[deux(f"{_P}/h:guardian/h:guardianPerson/h:name/h:family")] * 3)),
    Defaut("ESMS-CDA-09.NOM_PERSONNE", "auteur sans nom de famille", sans(f"{_A}/h:assignedPerson/h:name/h:family")),
    Defaut("ESMS-CDA-09.NOM_PERSONNE", "participant sans nom de famille", sans(f"{_PART}//h:associatedPerson/h:name/h:family")),
    Defaut("ESMS-CDA-09.ADRESSE_NULLE", "adresse inconnue et donnée", pose("h:recordTarget/h:patientRole/h:addr", use=None, nullFlavor="NAV")),
    Defaut("ESMS-CDA-09.TELECOM_NUL", "télécom inconnu et donné",
           et(pose("h:recordTarget/h:patientRole/h:telecom", use=None, value=None, nullFlavor="NAV"),
              texte("h:recordTarget/h:patientRole/h:telecom", "0199000001"))),
    Defaut("ESMS-CDA-10.DATE", "auteur d'une date sans valeur", pose("h:author/h:time", value=None, nullFlavor="UNK")),
    Defaut("ESMS-CDA-10.ROLE", "rôle d'auteur sans code", pose("h:author/h:functionCode", code=None, codeSystem=None, displayName=None),
           ("ESMS-CDA-09.CODE_NUL",)),
    Defaut("ESMS-CDA-10.PROFESSION", "deux professions d'un auteur", deux(f"{_A}/h:code")),
    Defaut("ESMS-CDA-10.STRUCTURE", "deux structures d'un auteur", deux(f"{_A}/h:representedOrganization")),
    Defaut("ESMS-CDA-11.ID", "deux identifiants d'un informateur", ajoute(f"{_INF}/h:id", _OTHER_ID, avant=True)),
    Defaut("ESMS-CDA-11.LIEN", "deux liens", deux(f"{_KIN}/h:code")),
    Defaut("ESMS-CDA-11.CADRE", "cadre de l'informateur hors de J04", ajoute(_INF, _cadre("ZZZ"))),
    Defaut("ESMS-CDA-11.STRUCTURE", "deux structures de l'informateur",
           et(ajoute(_INF, _cadre("ESSMS").replace('displayName="x"', _LABEL)), deux(f"{_INF}/h:representedOrganization"))),
    Defaut("ESMS-CDA-11.STRUCTURE", "structure de l'informateur à deux noms", ajoute(_INF, _TWO_NAMES)),
    Defaut("ESMS-CDA-11.PERSONNE", "deux personnes d'un informateur", deux(f"{_INF}/h:assignedPerson")),
    Defaut("ESMS-CDA-13.CADRE", "cadre du valideur sans libellé",
           ajoute("h:authenticator/h:assignedEntity", _cadre("ESSMS").replace(' displayName="x"', ""))),
    Defaut("ESMS-CDA-16.RESPONSABLE", "structure du responsable à deux noms",
           ajoute(f"{_E}/h:responsibleParty/h:assignedEntity", _TWO_NAMES)),
    Defaut("ESMS-CDA-16.PARTICIPANT", "structure d'un participant à deux noms",
           ajoute(f"{_E}/h:encounterParticipant/h:assignedEntity", _TWO_NAMES)),
    Defaut("ESMS-CDA-12.CONSERVATEUR_ID", "deux identifiants du conservateur",
           ajoute("h:custodian//h:representedCustodianOrganization/h:id", _OTHER_ID, avant=True)),
    Defaut("ESMS-CDA-13.DATE", "responsable d'une date sans valeur", pose(f"{_L}/h:time", value=None, nullFlavor="UNK")),
    Defaut("ESMS-CDA-13.PROFESSION", "deux professions du responsable", deux(f"{_L}/h:assignedEntity/h:code")),
    Defaut("ESMS-CDA-13.CADRE", "deux cadres du responsable", deux(f"{_L}//h:standardIndustryClassCode")),
    Defaut("ESMS-CDA-14.DATE", "deux débuts d'un participant", deux(f"{_PART}/h:time/h:low")),
    Defaut("ESMS-CDA-14.ROLE", "deux rôles d'un participant", deux(f"{_PART}/h:functionCode")),
    Defaut("ESMS-CDA-14.ID", "deux identifiants d'un participant", ajoute(f"{_PART}/h:associatedEntity/h:id", _OTHER_ID, avant=True)),
    Defaut("ESMS-CDA-14.PROFESSION", "deux professions d'un participant", deux(f"{_PART}/h:associatedEntity/h:code")),
    Defaut("ESMS-CDA-15.CODE", "acte connu et inconnu", pose(f"{_S}/h:code", nullFlavor="UNK"), ("ESMS-CDA-09.CODE_NUL",)),
    Defaut("ESMS-CDA-15.CODE", "qualificatif sans nom",
           ajoute(f"{_S}/h:code", '<translation code="A" codeSystem="1.2.250.1.999.9" displayName="A"><qualifier/></translation>')),
    Defaut("ESMS-CDA-15.DATE", "deux dates d'un second acte", et(deux("h:documentationOf"), deux(f"{_S2}/h:effectiveTime"))),
    Defaut("ESMS-CDA-15.EXECUTANT", "deux exécutants d'un second acte", et(deux("h:documentationOf"), deux(f"{_S2}/h:performer"))),
    Defaut("ESMS-CDA-15.PROFESSION", "deux professions de l'exécutant", deux(f"{_PRF}/h:assignedEntity/h:code")),
    Defaut("ESMS-CDA-15.UNIQUE", "deux dates de l'exécutant",
           et(*[ajoute(f"{_PRF}/h:assignedEntity", '<time value="20260105"/>', avant=True)] * 2)),
    Defaut("ESMS-CDA-16.TYPE", "deux types de rencontre", deux(f"{_E}/h:code")),
    Defaut("ESMS-CDA-16.DATE", "deux débuts de prise en charge", deux(f"{_E}/h:effectiveTime/h:low")),
    Defaut("ESMS-CDA-16.RESPONSABLE", "deux personnes responsables de la prise en charge",
           et(*[ajoute(f"{_E}/h:responsibleParty/h:assignedEntity", _PERSON)] * 2)),
    Defaut("ESMS-CDA-16.PARTICIPANT", "deux personnes d'un participant à la prise en charge",
           et(*[ajoute(f"{_E}/h:encounterParticipant/h:assignedEntity", _PERSON)] * 2)),
    Defaut("ESMS-CDA-16.LIEU", "deux lieux en un", deux(f"{_E}/h:location/h:healthCareFacility")),
    *(Defaut("ESMS-CDA-25.SYSTEME", f"{name} sous un autre système", pose(path, codeSystem="1.2.250.1.999.9"))
      for name, path in _CODED.items()),
    *(Defaut("ESMS-CDA-26.LIBELLE", f"{name} d'un autre libellé", pose(path, displayName="Tout autre")) for name, path in _CODED.items()),
)  # fmt: skip
