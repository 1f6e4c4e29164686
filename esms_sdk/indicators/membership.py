"""Who is in an indicator of one establishment and who is out: the queries behind ``esms explain``.

They read the table ``situation``, and for what is no person (messages, échanges) the same log as the number does.
"""

from __future__ import annotations

from esms_sdk.indicators import engine

# What a code of the column ``motif`` means.
RAISONS = {
    "DOSSIER_ACTIF": "accompagnée, dossier mis à jour par un professionnel pendant la période",
    "SANS_DOSSIER": "accompagnée, mais sans dossier dans cet établissement",
    "DOSSIER_NON_OUVERT": "accompagnée, mais aucun dossier ouvert pendant la période (créé après, ou archivé avant)",
    "MISE_A_JOUR_AUTOMATIQUE_SEULE": "accompagnée, dossier mis à jour par un automate ou une reprise seulement",
    "SANS_MISE_A_JOUR": "accompagnée, dossier sans mise à jour pendant la période",
    "SORTI_AVANT": "séjour terminé trop tôt",
    "SORTIE_NON_DEFINITIVE": "sortie non définitive dans l'année, sans séjour au dernier jour de la période",
    "ENTRE_APRES": "séjour commencé après la période",
    "SANS_SEJOUR": "aucun séjour dans cet établissement",
    "PROJET_EN_COURS": "dossier actif, projet personnalisé en préparation ou en cours au dernier jour",
    "SANS_PROJET_EN_COURS": "dossier actif, sans projet personnalisé en préparation ou en cours au dernier jour",
    "AVEC_EVENEMENT": "dossier actif, au moins un événement d'agenda non annulé",
    "SANS_EVENEMENT": "dossier actif, sans événement d'agenda qui compte",
    "DMP_ALIMENTE": "DMP alimenté avec succès pendant la période",
    "DMP_NON_ALIMENTE": "DMP non alimenté avec succès pendant la période",
    "PROJET_APPLICABLE": "accompagnée, peut bénéficier d'un projet d'accueil et d'accompagnement",
    "PROJET_NON_APPLICABLE": "accompagnée, mais ne peut bénéficier d'un projet d'accueil et d'accompagnement",
    "MESSAGE_ENVOYE": "message envoyé avec succès pendant la période",
    "MESSAGE_EN_ECHEC": "message de la période sans aucun envoi réussi",
    "MESSAGE_HORS_PERIODE": "message d'avant ou d'après la période",
    "ECHANGE_REUSSI": "échange réussi pendant la période",
    "ECHANGE_EN_ECHEC": "échange de la période en échec",
    "ECHANGE_EMIS": "prescription émise, et non reçue",
    "ECHANGE_HORS_PERIODE": "échange d'avant ou d'après la période",
}


def query(indicator: str) -> str:
    """Return the query (objet, etat, motif, cle) of all that an indicator looks at, with the dates as placeholders."""
    return f"SELECT objet, etat, motif, cle FROM ({_members(indicator)}) ORDER BY objet, etat, motif, cle"


def _members(indicator: str) -> str:
    match indicator:
        case "taux_dossiers_actifs":
            return _persons("maj", "'DOSSIER_ACTIF'", "motif")
        case "nb_dui_actifs":
            return _persons("maj", "'DOSSIER_ACTIF'", "motif", otherwise="exclu")
        case "taux_projet_personnalise":
            return _persons("projet", "'PROJET_EN_COURS'", "'SANS_PROJET_EN_COURS'", among="maj")
        case "taux_evenement_agenda":
            return _persons("evenement", "'AVEC_EVENEMENT'", "'SANS_EVENEMENT'", among="maj")
        case "taux_dmp":
            etat = "CASE WHEN dmp THEN 'numerateur' ELSE 'denominateur' END"
            motif = "CASE WHEN dmp THEN 'DMP_ALIMENTE' ELSE 'DMP_NON_ALIMENTE' END"
            return _projetables(etat, motif, "a_sejour OR dmp")
        case "taux_mssante":
            return _projetables("'denominateur'", "'PROJET_APPLICABLE'", "a_sejour") + " UNION ALL " + _MESSAGES
    return _exchanges(indicator)


def _persons(fact: str, inside: str, beside: str, *, among: str = "TRUE", otherwise: str = "denominateur") -> str:
    return f"""
SELECT 'personne' AS objet, usager_id AS cle,
    CASE
        WHEN accompagnee_{{lecture}} AND {among} AND {fact} THEN 'numerateur'
        WHEN accompagnee_{{lecture}} AND {among} THEN '{otherwise}'
        WHEN a_sejour THEN 'exclu'
        ELSE 'hors_perimetre'
    END AS etat,
    CASE
        WHEN accompagnee_{{lecture}} AND {among} AND {fact} THEN {inside}
        WHEN accompagnee_{{lecture}} AND {among} THEN {beside}
        ELSE motif
    END AS motif
FROM situation WHERE a_sejour OR a_dossier"""


def _projetables(etat: str, motif: str, shown: str) -> str:
    return f"""
SELECT 'personne' AS objet, usager_id AS cle,
    CASE WHEN projetable_{{lecture}} THEN {etat} WHEN a_sejour THEN 'exclu' ELSE 'hors_perimetre' END AS etat,
    CASE
        WHEN projetable_{{lecture}} THEN {motif}
        WHEN accompagnee_{{lecture}} THEN 'PROJET_NON_APPLICABLE'
        ELSE motif
    END AS motif
FROM situation WHERE {shown}"""


_IN_PERIOD = "horodatage >= {debut} AND horodatage < {fin} + INTERVAL 1 DAY"
_MESSAGES = f"""
SELECT 'message' AS objet, message_id AS cle, CASE WHEN reussi THEN 'numerateur' ELSE 'exclu' END AS etat,
    CASE WHEN reussi THEN 'MESSAGE_ENVOYE' WHEN dedans THEN 'MESSAGE_EN_ECHEC' ELSE 'MESSAGE_HORS_PERIODE' END AS motif
FROM (
    SELECT message_id, bool_or({_IN_PERIOD}) AS dedans, bool_or(({_IN_PERIOD}) AND resultat = 'SUCCES') AS reussi
    FROM envoi JOIN retenu USING (finess_et) WHERE canal IN ('MSS_PRO', 'MSS_CITOYENNE') GROUP BY message_id
)"""


def _exchanges(indicator: str) -> str:
    kind = "EPRESCRIPTION" if indicator == "nb_eprescription" else "EPARCOURS"
    counted = f"{engine.ECHANGES[indicator]} AND statut = 'SUCCES' AND {_IN_PERIOD}"
    return f"""
SELECT 'échange' AS objet, echange_id AS cle, CASE WHEN {counted} THEN 'numerateur' ELSE 'exclu' END AS etat,
    CASE
        WHEN {counted} THEN 'ECHANGE_REUSSI'
        WHEN NOT ({_IN_PERIOD}) THEN 'ECHANGE_HORS_PERIODE'
        WHEN statut = 'ECHEC' THEN 'ECHANGE_EN_ECHEC'
        ELSE 'ECHANGE_EMIS'
    END AS motif
FROM echange_optionnel JOIN retenu USING (finess_et) WHERE type_echange = '{kind}'"""
