"""The document of indicators that a world must give: the counts of :mod:`truth`, judged as the contract §3 says."""

from __future__ import annotations

from typing import Any

from esms_sdk.sample.canonical import Row
from esms_sdk.sample.truth import Mesure, Truth

LIBELLES = {
    "taux_dossiers_actifs": "Taux de dossiers actifs",
    "taux_projet_personnalise": "Taux de dossiers actifs avec un projet personnalisé",
    "taux_evenement_agenda": "Taux de dossiers actifs ayant au moins un événement dans l'agenda",
    "taux_mssante": "Taux d'utilisation de la MS Santé",
    "taux_dmp": "Taux d'utilisation du DMP",
    "nb_dui_actifs": "Nombre de DUI actifs",
    "nb_eprescription": "Nombre de prescriptions électroniques importées",
    "nb_eparcours": "Nombre d'échanges avec une plateforme e-parcours",
}
_CIBLES = {"taux_mssante": 70, "taux_dmp": 70}
_SOCLES = ("taux_mssante", "taux_dmp")


def indicators(truth: Truth, mesure: Mesure) -> dict[str, Any]:
    """Return the document ``indicateurs.json`` of the contract §3, without what names the software and the lot."""
    rows = [_etablissement(truth, finess, mesure) for finess in sorted(truth.perimetre)]
    total = sum(row["indicateurs"]["nb_dui_actifs"]["valeur"] for row in rows)
    par_ej: dict[str, dict[str, int]] = {}
    for row in rows:
        sums = par_ej.setdefault(row["finess_ej"], {"nb_dui_actifs": 0})
        sums["nb_dui_actifs"] += row["indicateurs"]["nb_dui_actifs"]["valeur"]
    return {
        "definition": mesure.definition,
        "options": {
            "denominateur": mesure.denominateur,
            "evenements": mesure.evenements,
            "premiere_mesure": mesure.premiere_mesure,
            "origines_maj": ["UTILISATEUR"],
        },
        "periode": {"debut": mesure.debut, "fin": mesure.fin, "mesure_le": mesure.mesure_le},
        "etablissements": rows,
        "totaux": {"nb_dui_actifs": total, "par_ej": dict(sorted(par_ej.items()))},
    }


def _etablissement(truth: Truth, finess: str, mesure: Mesure) -> dict[str, Any]:
    row = truth.etablissements[finess]
    both = {lecture: truth.numbers(finess, mesure, lecture) for lecture in ("periode", "annuelle")}
    lost = truth.possible_losses(finess, mesure)
    found: dict[str, Any] = {}
    for name, fraction in both[mesure.denominateur].rates.items():
        found[name] = _judged(truth, row, name, fraction, lost, mesure)
    found["taux_dossiers_actifs"]["lectures"] = {
        lecture: dict(zip(("numerateur", "denominateur"), numbers.rates["taux_dossiers_actifs"], strict=True))
        for lecture, numbers in both.items()
    }
    motif = _not_countable(truth, row, mesure)
    for name, value in _plain_counts(truth, finess, mesure, found["taux_dossiers_actifs"]["numerateur"]).items():
        found[name] = {"libelle": LIBELLES[name], "valeur": value, "motif": motif}
    return {
        "finess_et": finess,
        "finess_ej": row["finess_ej"],
        "denomination": row["denomination"],
        "profil_cibles": row["profil_cibles"],
        "rejets_sejours": lost,
        "reserves": _reserves(truth, row, mesure),
        "personnes_accompagnees": {lecture: numbers.accompagnees for lecture, numbers in both.items()},
        "indicateurs": found,
    }


def _plain_counts(truth: Truth, finess: str, mesure: Mesure, actives: int) -> dict[str, int]:
    inside = [
        echange
        for echange in truth.echanges
        if echange["finess_et"] == finess
        and echange["statut"] == "SUCCES"
        and mesure.debut <= echange["horodatage"][:10] <= mesure.fin
    ]
    received = sum(1 for e in inside if e["type_echange"] == "EPRESCRIPTION" and e["sens"] == "RECU")
    parcours = sum(1 for e in inside if e["type_echange"] == "EPARCOURS")
    return {"nb_dui_actifs": actives, "nb_eprescription": received, "nb_eparcours": parcours}


def _judged(truth: Truth, row: Row, name: str, fraction: tuple[int, int], lost: int, mesure: Mesure) -> dict[str, Any]:
    num, den = fraction
    cible: int | None = _CIBLES.get(name, 90)
    motif, etat = None, ""
    if row["profil_cibles"] != "standard" and name in _SOCLES:
        cible, etat = None, "SANS_OBJET"
    else:
        assert cible is not None
        motif = _not_countable(truth, row, mesure)
        if motif is None and den == 0:
            motif = "DENOMINATEUR_NUL"
        if motif is None and (_unreadable(truth) or cible * den <= 100 * num < cible * (den + lost)):
            motif = "REJETS_PRESENTS"
        etat = "INDETERMINEE" if motif else "ATTEINTE" if 100 * num >= cible * den else "NON_ATTEINTE"
    taux = (2000 * num + den) // (2 * den) / 10 if den else None
    return {
        "libelle": LIBELLES[name],
        "numerateur": num,
        "denominateur": den,
        "taux": taux,
        "cible": cible,
        "etat": etat,
        "motif": motif,
    }


def _not_countable(truth: Truth, row: Row, mesure: Mesure) -> str | None:
    if row["date_ouverture"] and mesure.fin < row["date_ouverture"]:
        return "ETABLISSEMENT_HORS_PERIODE"
    if row["date_fermeture"] and mesure.debut > row["date_fermeture"]:
        return "ETABLISSEMENT_HORS_PERIODE"
    if mesure.debut < truth.couverture[0] or mesure.fin > truth.couverture[1]:
        return "PERIODE_NON_COUVERTE"
    return None


def _unreadable(truth: Truth) -> bool:
    """Say whether the rejected séjours without FINESS are more than one and more than 1 % of those read."""
    unknown = sum(1 for rejet in truth.rejets if not rejet.finess_et)
    return unknown > 1 and 100 * unknown > truth.sejours_lus


def _reserves(truth: Truth, row: Row, mesure: Mesure) -> list[str]:
    found = []
    if row["date_deploiement"] and row["date_deploiement"] > mesure.debut:
        found.append("DEPLOIEMENT_EN_COURS")
    if mesure.fenetre < truth.couverture[0] or mesure.fin > truth.couverture[1]:
        found.append("FILE_ACTIVE_PARTIELLE")
    stays = [sejour for sejours in truth.sejours.get(row["finess_et"], {}).values() for sejour in sejours]
    if any(mesure.fenetre <= s["date_sortie"] < mesure.fin and not s["sortie_definitive"] for s in stays):
        found.append("SORTIE_NON_QUALIFIEE")
    return found
