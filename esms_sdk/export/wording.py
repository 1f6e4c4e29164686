"""What the figures mean, in sentences that the director of an establishment understands.

Plain text with ordinary spaces: :func:`esms_sdk.export.french.typo` makes them unbreakable where it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from esms_sdk.export.french import compte
from esms_sdk.indicators.result import Amenagement, Options, Rate

# Contract §3, to the letter: a reader may look for this very sentence.
LECTURE_RETENUE = "lecture retenue par le SDK : le texte définit la file active à l'année ; à faire confirmer par l'ARS"

ETATS = {
    "ATTEINTE": "Cible atteinte",
    "NON_ATTEINTE": "Cible non atteinte",
    "INDETERMINEE": "Indéterminé",
    "SANS_OBJET": "Sans objet",
}
LECTURES = {"periode": "Sur la période", "annuelle": "Sur l'année"}
PROFILS = {
    "pjm": "protection juridique des majeurs",
    "ahi_hors_sons": "accueil, hébergement, insertion, hors SONS",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code in words: its name, what it means for the figure, what the reader can do."""

    titre: str
    sens: str
    remede: str


MOTIFS = {
    "DONNEE_NON_FOURNIE": Explanation(
        "Donnée non fournie",
        "L'export du logiciel ne contient pas la donnée dont ce chiffre a besoin. Aucun nombre n'est donné : ce n'est "
        "pas un zéro.",
        "Demander à l'éditeur d'ajouter cette donnée à l'export.",
    ),
    "ETABLISSEMENT_HORS_PERIODE": Explanation(
        "Établissement hors de la période",
        "L'établissement a ouvert après la période mesurée, ou a fermé avant elle.",
        "Vérifier ses dates d'ouverture et de fermeture dans l'export. Si elles sont justes, il n'y a rien à faire.",
    ),
    "PERIODE_NON_COUVERTE": Explanation(
        "Période non couverte par l'export",
        "L'export ne contient pas tous les jours de la période. Les nombres sont donnés, mais ils peuvent être trop "
        "faibles.",
        "Refaire un export qui couvre toute la période, puis recalculer.",
    ),
    "JOURNAL_INCOMPLET": Explanation(
        "Journal des mises à jour incomplet",
        "Le logiciel ne garde que la dernière mise à jour de chaque dossier, et l'export a été fait trop tard : une "
        "mise à jour plus récente a pu effacer celle de la période.",
        "Faire l'export avant 6 h le lendemain du dernier jour de la période, ou demander à l'éditeur le journal "
        "complet.",
    ),
    "HISTORIQUE_INCOMPLET": Explanation(
        "Historique des projets incomplet",
        "Le logiciel ne garde que le dernier statut de chaque projet personnalisé, et l'export a été fait trop tard : "
        "le statut a pu changer après la période.",
        "Faire l'export avant 6 h le lendemain du dernier jour de la période, ou demander à l'éditeur l'historique "
        "complet des statuts.",
    ),
    "DENOMINATEUR_NUL": Explanation(
        "Dénominateur nul",
        "Le dénominateur est zéro : il n'y a personne, ou aucun dossier actif, à compter. Le taux n'existe pas ; ce "
        "n'est pas 0 %.",
        "Si des personnes étaient accompagnées, vérifier que leurs séjours et leurs dossiers sont bien dans l'export.",
    ),
    "REJETS_PRESENTS": Explanation(
        "Séjours rejetés à l'import",
        "Des séjours illisibles ont été écartés à l'import, et ils sont assez nombreux pour changer le résultat. Les "
        "nombres sont donnés sans eux.",
        "Corriger les lignes listées dans le fichier des rejets (rejets/rejets.csv), refaire l'import, puis "
        "recalculer.",
    ),
}

RESERVES = {
    "SORTIE_NON_QUALIFIEE": Explanation(
        "Sorties non qualifiées",
        "Pour au moins une sortie de l'année, le logiciel ne dit pas si elle est définitive. La lecture sur l'année la "
        "compte comme définitive.",
        "Indiquer dans le logiciel si chaque sortie est définitive ou non.",
    ),
    "DEPLOIEMENT_EN_COURS": Explanation(
        "Déploiement pendant la période",
        "Le DUI a été mis en service dans l'établissement après le début de la période : les premiers jours ne "
        "pouvaient pas être saisis.",
        "Il n'y a rien à corriger. La prochaine mesure portera sur une période entière.",
    ),
    "FILE_ACTIVE_PARTIELLE": Explanation(
        "File active de l'année incomplète",
        "Les séjours de l'export ne remontent pas au 1er janvier (ou au début de la période, s'il est plus ancien) : "
        "la lecture sur l'année peut oublier des personnes.",
        "Refaire l'export avec tous les séjours depuis le 1er janvier.",
    ),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One indicator in words.  ``numerateur`` and ``denominateur`` are pairs, singular and plural."""

    court: str
    calcul: str
    numerateur: tuple[str, str] = ("", "")
    mot: str = "sur"
    denominateur: tuple[str, str] = ("", "")


_PROJETABLES = (
    "personne pouvant bénéficier d'un projet d'accueil et d'accompagnement",
    "personnes pouvant bénéficier d'un projet d'accueil et d'accompagnement",
)
_ACTIFS = ("dossier actif", "dossiers actifs")

INDICATEURS = {
    "taux_dossiers_actifs": Meaning(
        "Dossiers actifs",
        "Les dossiers actifs, divisés par les personnes accompagnées. Un dossier est actif si la personne est "
        "accompagnée et si un utilisateur l'a mis à jour au moins une fois pendant la période ; une mise à jour "
        "automatique ou une reprise de données ne compte pas. Chaque personne compte une fois.",
        _ACTIFS,
        "sur",
        ("personne accompagnée", "personnes accompagnées"),
    ),
    "taux_projet_personnalise": Meaning(
        "Projet personnalisé",
        "Les dossiers actifs qui ont un projet personnalisé en préparation ou en cours au dernier jour de la période, "
        "divisés par les dossiers actifs.",
        (
            "dossier actif avec un projet personnalisé en préparation ou en cours",
            "dossiers actifs avec un projet personnalisé en préparation ou en cours",
        ),
        "sur",
        _ACTIFS,
    ),
    "taux_evenement_agenda": Meaning(
        "Événement à l'agenda",
        "Les dossiers actifs qui ont au moins un événement d'agenda non annulé{evenements}, divisés par les dossiers "
        "actifs.",
        (
            "dossier actif avec au moins un événement à l'agenda",
            "dossiers actifs avec au moins un événement à l'agenda",
        ),
        "sur",
        _ACTIFS,
    ),
    "taux_mssante": Meaning(
        "MSSanté",
        "Les messages envoyés avec succès par messagerie sécurisée de santé (professionnelle ou citoyenne) pendant la "
        "période, divisés par les personnes pouvant bénéficier d'un projet d'accueil et d'accompagnement. Un message "
        "compte même s'il ne concerne aucune personne en particulier : ce rapport peut donc dépasser 100 %.",
        ("message MSSanté envoyé", "messages MSSanté envoyés"),
        "pour",
        _PROJETABLES,
    ),
    "taux_dmp": Meaning(
        "DMP",
        "Les personnes dont le DMP a reçu au moins un document pendant la période, divisées par les personnes pouvant "
        "bénéficier d'un projet d'accueil et d'accompagnement. Un envoi supprimé plus tard dans la période compte.",
        ("personne dont le DMP a été alimenté", "personnes dont le DMP a été alimenté"),
        "sur",
        _PROJETABLES,
    ),
    "nb_dui_actifs": Meaning("DUI actifs", "Le nombre de dossiers actifs, sans cible."),
    "nb_eprescription": Meaning(
        "e-prescription", "Indicateur facultatif, sans cible : les prescriptions électroniques importées."
    ),
    "nb_eparcours": Meaning(
        "e-parcours", "Indicateur facultatif, sans cible : les échanges avec une plateforme e-parcours."
    ),
}


def definition_en_mots(options: Options) -> str:
    """Return the definition of the period in words."""
    if options.definition == "trois_mois":
        return "Les trois mois écoulés avant la date de mesure, jour de mesure exclu (formulation de la Martinique)."
    span = "Première mesure : les trois derniers mois civils" if options.premiere_mesure else "Le dernier mois civil"
    end = "terminés" if options.premiere_mesure else "terminé"
    return f"{span} {end} à la date de mesure (formulation d'Occitanie et de Bourgogne-Franche-Comté)."


def options_en_mots(options: Options) -> tuple[str, str]:
    """Return the two options that change a figure, in words: the persons counted and the events counted."""
    persons = {
        "periode": "Personnes accompagnées au moins un jour de la période.",
        "annuelle": "File active de l'année : effectif au dernier jour et sorties définitives depuis le 1er janvier.",
    }
    events = {
        "dans_la_periode": "Événements d'agenda qui ont lieu pendant la période.",
        "sans_borne": "Événements d'agenda de toute date.",
    }
    return persons[options.denominateur], events[options.evenements]


def calcul(indicator_id: str, evenements: str | None = None) -> str:
    """Return the formula of an indicator in words, empty for one that this page does not know.

    ``evenements`` is the option; without it the sentence names both.
    """
    within = {"dans_la_periode": " pendant la période", "sans_borne": ", quelle que soit sa date"}
    either = " (pendant la période, ou de toute date selon l'option)"
    meaning = INDICATEURS.get(indicator_id)
    return meaning.calcul.replace("{evenements}", within.get(evenements or "", either)) if meaning else ""


def court(indicator_id: str, libelle: str) -> str:
    """Return the short name of an indicator, for the head of a column."""
    return INDICATEURS[indicator_id].court if indicator_id in INDICATEURS else libelle


def nombres_en_mots(rate: Rate) -> str:
    """Return the two numbers of a rate in words, such as «60 dossiers actifs sur 64 personnes accompagnées»."""
    numerator, denominator = rate.fraction.numerateur, rate.fraction.denominateur
    if numerator is None or denominator is None:
        return "Nombres non fournis"
    meaning = INDICATEURS.get(rate.id, Meaning("", ""))
    over = compte(denominator, *meaning.denominateur)
    return f"{compte(numerator, *meaning.numerateur)} {meaning.mot} {over}".strip()


def etat_en_mots(rate: Rate, profil: str) -> str:
    """Return the judgement of a rate in words, with its target, or the reason why there is none."""
    if rate.etat == "SANS_OBJET" or rate.cible is None:
        if profil in PROFILS:
            return f"Sans objet : pas de cible dans ce secteur ({PROFILS[profil]})"
        lifted = "cible levée par un aménagement de la configuration" if profil == "standard" else "pas de cible"
        return f"Sans objet : {lifted}"
    words = {
        "ATTEINTE": f"Cible de {rate.cible} % atteinte",
        "NON_ATTEINTE": f"Cible de {rate.cible} % non atteinte",
        "INDETERMINEE": f"Indéterminé (cible de {rate.cible} %)",
    }
    return words.get(rate.etat, rate.etat)


def motif(code: str) -> Explanation:
    """Return what a motif means; an unknown one is shown by its code."""
    return MOTIFS.get(code, Explanation(code, "", ""))


def reserve(code: str) -> Explanation:
    """Return what a reserve means; an unknown one is shown by its code."""
    return RESERVES.get(code, Explanation(code, "", ""))


def rejets_en_mots(number: int) -> str:
    """Return the sentence about the séjours that were rejected."""
    who = compte(number, "séjour rejeté à l'import manque", "séjours rejetés à l'import manquent")
    return f"{who} peut-être dans les nombres."


def amenagement_en_mots(one: Amenagement) -> str:
    """Return one granted adaptation in words: for whom, what it changes, the decision that grants it."""
    place = f"FINESS {one.finess_et}" if one.finess_et else "tous les établissements"
    change = "sans cible" if one.sans_objet else f"cible {one.cible} %"
    return f"{place}, {one.indicateur} : {change} (décision : {one.reference})"
