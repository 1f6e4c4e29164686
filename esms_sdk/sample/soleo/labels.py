"""Soléo's own words for the codes of the canonical lot."""

from __future__ import annotations

CIVILITES = {"M": "Monsieur", "F": "Madame"}
STATUTS_IDENTITE = {"QUAL": "Qualifiée", "VALI": "Validée", "RECUP": "Récupérée", "PROV": "Provisoire", "": ""}
PIECES = {
    "CN": "Carte nationale d'identité",
    "PA": "Passeport",
    "CS": "Carte de séjour",
    "LE": "Livret de famille",
    "": "",
}
OBTENTIONS = {"INSi": "Téléservice INSi", "CV": "Carte Vitale", "": ""}
TYPES_PROJET = {
    "PPA": "Projet personnalisé d'accompagnement",
    "PPI": "Projet personnalisé individualisé",
    "PI": "Projet individuel",
    "PP": "Projet personnalisé",
    "PA": "Projet d'accueil",
}
STATUTS_PROJET = {
    "ENPREPARATION": "En préparation",
    "ENCOURS": "Actif",
    "ENPAUSE": "Suspendu",
    "TERMINE": "Clos",
    "ANNULE": "Annulé",
}
STATUTS_AGENDA = {"PLANIFIE": "Prévu", "VALIDE": "Confirmé", "TERMINE": "Réalisé", "ANNULE": "Annulé"}
NATURES = {
    "SOIN": "Soin infirmier",
    "ANIMATION": "Animation",
    "KINE": "Kinésithérapie",
    "VISITE": "Visite",
    "ATELIER": "Atelier",
    "TRANSPORT": "Transport",
    "ORTHOPHONIE": "Orthophonie",
    "SORTIE": "Sortie",
    "SEANCE": "Séance",
    "TOILETTE": "Aide à la toilette",
    "AUDIENCE": "Audience",
}
DOCUMENTS = {
    "34842-5": "Grille d'évaluation",
    "80788-3": "Projet personnalisé",
    "18776-5": "Plan de soins",
    "83981-1": "Lettre de liaison",
    "78341-5": "Fiche de transfert",
}
VISIBILITES = {"N": "Normale", "N MASQUE_PS": "Masqué aux professionnels"}
CANAUX = {"MSS_PRO": "MSSanté", "MSS_CITOYENNE": "Mon espace santé", "DMP": "DMP"}
RESULTATS = {"SUCCES": "OK", "ECHEC": "KO"}
OPERATIONS_DMP = {"AJOUT": "Dépôt", "REMPLACEMENT": "Remplacement", "SUPPRESSION": "Retrait"}
OPERATIONS_INSI = {"RECHERCHE": "Recherche par traits", "VERIFICATION": "Vérification"}
ECHANGES = {"EPRESCRIPTION": "Ordonnance numérique", "EPARCOURS": "Cahier de liaison"}
SENS = {"EMIS": "Sortant", "RECU": "Entrant"}
PROFILS = {"standard": "Cadre général", "pjm": "Protection juridique"}
EN_ATTENTE = "En attente"
