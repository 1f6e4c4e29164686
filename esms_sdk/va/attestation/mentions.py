"""Which mentions an attestation bears, the text that asks for each, and which of them are only assumed.

The list of the mandatory mentions is in the *guide pratique SONS*, which could not be found: what no text that was read
asks for is marked as assumed wherever it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass

SUPPOSEE = "mention supposée, à confirmer"


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention.  ``document`` is an id of ``SOURCES.toml``; without it the mention is assumed."""

    quoi: str
    document: str = ""
    precision: str = ""


_VA = "contenu de l'attestation"
_COMMANDE = "règles des commandes ; leur reprise dans l'attestation est supposée"
VA = (
    Mention("DUI déployé dans chaque ESSMS de la commande", "webinaire-occitanie-2022", _VA),
    Mention(
        "Tableau de bord TBB.1 avec des indicateurs différents de zéro pour chaque ESSMS", "webinaire-occitanie-2022",
        f"{_VA} ; le texte de TBB.1 est repris d'autres couloirs",
    ),
    Mention("Fourniture des trois indicateurs du DUI pour chaque ESSMS, sans seuil", "webinaire-occitanie-2022", _VA),
    Mention("Signature par le représentant de l'organisme gestionnaire", "webinaire-occitanie-2022", _VA),
    Mention(
        "Mode de signature : certificat CPx, Pro Santé Connect, certificat logiciel RGS, ou signature électronique de "
        "niveau eIDAS simple au moins",
        "webinaire-occitanie-2022", _VA,
    ),
    Mention("FINESS juridique de l'organisme, FINESS géographique des ESSMS", "", _COMMANDE),
    Mention("Tranche et montant du financement SONS", "", _COMMANDE),
    Mention("Nom de l'organisme gestionnaire, dénomination de chaque ESSMS"),
    Mention("Éditeur, logiciel, version et numéro de référencement"),
    Mention("Référence et date de la commande"),
    Mention("Date de la vérification d'aptitude, nom et fonction du signataire, lieu et date de signature"),
)  # fmt: skip
USAGES = (
    Mention("Les cinq taux, leurs cibles et leur période", "aap-martinique-2025", "indicateurs d'usage"),
    Mention("Mesure par FINESS géographique, preuves fournies et conservées", "aap-martinique-2025", "indicateurs"),
    Mention("Aménagements accordés par décision", "webinaire-bfc-2025", "leur annexe n'a pas été trouvée"),
    Mention("Nom de l'organisme gestionnaire, dénomination de chaque ESSMS"),
    Mention("Éditeur, logiciel et version ; commande, quand elle est donnée"),
    Mention("Nom et fonction du signataire, lieu et date de signature"),
)
OF_KIND = {"va": VA, "usages": USAGES}

_EXPORT = (
    "Les chiffres sont calculés par esms-sdk à partir de l'export du logiciel : ils valent ce que vaut cet export, et "
    "ne remplacent pas le tableau de bord du logiciel."
)
_SIGNATURE = (
    "Ce document ne dit pas qu'il est signé. Une signature électronique du dossier, s'il y en a une, est celle de son "
    "manifeste (manifeste.json.p7s) ; « esms va verify » la contrôle. Aucun niveau de signature (simple, avancé, "
    "qualifié) n'est revendiqué."
)
_REFERENCEMENT = (
    "Ce n'est ni un référencement Ségur, ni une homologation. Le numéro de référencement est celui que la commande "
    "déclare ; il n'a pas été vérifié."
)
_TBB = (
    "Le texte médico-social de TBB.1 n'est pas public en entier : le tableau de bord suit la définition de la même "
    "exigence dans d'autres couloirs de la vague 1."
)
N_EST_PAS = {
    "va": (
        _SIGNATURE,
        _REFERENCEMENT,
        _EXPORT,
        _TBB,
        "La vérification d'aptitude demande que les indicateurs soient fournis. Aucun seuil ne s'y applique, et ce "
        "document n'affirme d'aucun taux qu'il est suffisant.",
        "La liste exacte des mentions est dans le guide pratique SONS, introuvable en accès public : les mentions "
        "supposées sont signalées.",
    ),
    "usages": (
        _SIGNATURE,
        "Ce n'est pas un fichier attendu par un téléservice (GALIS, MaturiN-SMS) : aucun format n'en est public. "
        "L'ARS dit comment lui transmettre ce dossier.",
        _REFERENCEMENT,
        _EXPORT,
        _TBB,
    ),
}
"""What the document does not claim, by kind."""

MODES = {
    "cpx": "certificat d'une carte CPx",
    "psc": "identification par Pro Santé Connect",
    "rgs": "certificat logiciel RGS",
    "eidas_simple": "signature électronique de niveau eIDAS simple au moins",
}
