"""What the dashboard says in words: its counts, its periods, what surprises a reader.

Plain text with ordinary spaces, as in :mod:`esms_sdk.export.wording`.
"""

from __future__ import annotations

PERIODES = {
    "mois_courant": "Mois courant",
    "annee_courante": "Année courante",
    "annee_precedente": "Année précédente",
}
CANAUX = {"dmp": "DMP", "mss_pro": "MSSanté professionnelle", "mss_citoyenne": "MSSanté citoyenne"}
ETATS_INS = {"total": "total", "ins_qualifiee": "INS qualifiée", "ins_non_qualifiee": "INS non qualifiée"}
ECHECS = {"echecs.dmp": "Échecs d'alimentation du DMP", "echecs.mss": "Échecs d'envoi MSSanté"}
INSI = {
    "insi.succes": "Appels INSi réussis",
    "insi.echec": "Appels INSi en échec",
    "insi.admissions": "Personnes admises",
    "insi.admissions_qualifiees": "Personnes admises, INS qualifiée",
}
MESURES = {
    **{f"{canal}.{etat}": f"{name}, {state}" for canal, name in CANAUX.items() for etat, state in ETATS_INS.items()},
    **ECHECS,
    **INSI,
}
COURS = {**{f"{canal}.total": name for canal, name in CANAUX.items()}, **ECHECS}

NON_COUVERT = "non couvert"
PAR_ORGANISME = (
    "Les établissements d'un organisme pris comme un seul : chaque document, message et personne y compte une fois. "
    "Une période n'est couverte que si elle l'est pour chacun d'eux."
)
A_SAVOIR = (
    (
        "Ce qui est compté",
        "Des documents différents, envoyés avec succès dans la période : au DMP (ajout ou remplacement), par MSSanté "
        "professionnelle, par MSSanté citoyenne. Un document envoyé plusieurs fois compte une fois par canal et par "
        "période. Un message sans document n'est pas compté ici.",
    ),
    (
        "INS qualifiée ou non",
        "L'état de l'identité au premier envoi réussi du document dans la période. Pour le DMP et la MSSanté "
        "citoyenne, qui demandent une INS qualifiée, le nombre «non qualifiée» est normalement zéro.",
    ),
    (
        "Les échecs",
        "DMP : chaque alimentation en échec. MSSanté, les deux canaux ensemble : chaque message qui a échoué dans la "
        "période et n'y a pas réussi ensuite. Un échec réparé après la période reste un échec de la période.",
    ),
    (
        "Période ou mois non couverts",
        "L'export ne contient pas tous les envois de la période, ou le logiciel n'était pas encore déployé au premier "
        "jour : les nombres sont donnés, ils peuvent être incomplets et ne servent jamais à la "
        "VA.",
    ),
    ("Un tiret", "Donnée que l'export ne fournit pas. Ce n'est pas un zéro : un zéro a été compté."),
    (
        "Le cours mensuel",
        "Les 24 mois qui finissent avec celui de la date d'arrêté ; le dernier s'arrête à cette date. Un document "
        "envoyé de nouveau un autre mois compte dans les deux : la somme des mois peut dépasser le nombre de l'année.",
    ),
    (
        "Le détail par RPPS",
        "Le professionnel que le logiciel a joint à l'envoi. Un document envoyé par deux professionnels compte chez "
        "chacun ; un envoi sans RPPS n'y est pas.",
    ),
)
