"""What the reference says of its numbers: état, motif, reserves, and the whole object of an establishment.

Written from the contract (§3, §7) alone, as plainly as :mod:`tests.indicators.reference`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from tests.indicators.reference import (
    DAY,
    Lot,
    Person,
    Question,
    Row,
    exchanges,
    fractions,
    messages,
    persons,
    readable,
)

T1_READS = ("usager", "sejour", "dossier", "mise_a_jour")
INDICATORS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "taux_dossiers_actifs": (T1_READS, ("sejour", "mise_a_jour")),
    "taux_projet_personnalise": ((*T1_READS, "projet"), ("sejour", "mise_a_jour", "statut_projet")),
    "taux_evenement_agenda": ((*T1_READS, "evenement"), ("sejour", "mise_a_jour", "evenement")),
    "taux_mssante": (("usager", "sejour", "projet_applicable", "mss"), ("sejour", "envoi")),
    "taux_dmp": (("usager", "sejour", "projet_applicable", "dmp"), ("sejour", "envoi")),
    "nb_dui_actifs": (T1_READS, ("sejour", "mise_a_jour")),
    "nb_eprescription": (("eprescription",), ("echange_optionnel",)),
    "nb_eparcours": (("eparcours",), ("echange_optionnel",)),
}
TARGETS = {
    "taux_dossiers_actifs": 90,
    "taux_projet_personnalise": 90,
    "taux_evenement_agenda": 90,
    "taux_mssante": 70,
    "taux_dmp": 70,
}


def rejected(lot: Lot, q: Question, finess: str) -> int:
    first, last = q.bounds
    earliest = first if q.denominateur == "periode" else q.year_start
    number: int = lot.manifest.get("import", {}).get("rejets_par_finess", {}).get("sejour", {}).get(finess, 0)
    for row in lot.rejected:
        entered, left = readable(row["date_entree"]), readable(row["date_sortie"])
        if row["finess_et"] == finess and ((entered and entered > last) or (left and left < earliest)):
            number -= 1
    return max(number, 0)


def unreadable_rejects_spoil(lot: Lot) -> bool:
    counted = lot.manifest.get("import", {}).get("rejets_par_finess", {}).get("sejour", {})
    unknown = counted.get("?", 0)
    return unknown > 1 and unknown / (len(lot.rows("sejour")) + sum(counted.values())) > 0.01


def first_motif(lot: Lot, q: Question, name: str, place: Row) -> str | None:
    """Motifs 1 to 3."""
    first, last = q.bounds
    reads, logs = INDICATORS[name]
    if not lot.given(*reads):
        return "DONNEE_NON_FOURNIE"
    if place.get("date_ouverture") and last < place["date_ouverture"]:
        return "ETABLISSEMENT_HORS_PERIODE"
    if place.get("date_fermeture") and first > place["date_fermeture"]:
        return "ETABLISSEMENT_HORS_PERIODE"
    asked = [log for log in logs if not (log == "evenement" and q.evenements == "sans_borne")]
    if not all(lot.covers(log, first, last) for log in asked):
        return "PERIODE_NON_COUVERTE"
    late = datetime.fromisoformat(lot.manifest["date_extraction"]) > datetime.combine(last + DAY, time(6))
    if late and not lot.manifest["journal_maj_complet"] and "mise_a_jour" in reads:
        return "JOURNAL_INCOMPLET"
    if late and not lot.manifest["historique_statuts_complet"] and name == "taux_projet_personnalise":
        return "HISTORIQUE_INCOMPLET"
    return None


def target(q: Question, name: str, place: Row) -> int | None:
    if name in ("taux_mssante", "taux_dmp") and place.get("profil_cibles", "standard") in ("pjm", "ahi_hors_sons"):
        return None
    own = [a for a in q.amenagements if a["indicateur"] == name and a["finess_et"] == place["finess_et"]]
    shared = [a for a in q.amenagements if a["indicateur"] == name and a["finess_et"] is None]
    for granted in (*own, *shared):
        return None if granted.get("sans_objet") else granted["cible"]
    return TARGETS[name]


def judged(lot: Lot, q: Question, name: str, place: Row, fraction: tuple[int, int], more: int) -> dict[str, Any]:
    """The object of one rate in the document, without its libellé."""
    motif = first_motif(lot, q, name, place)
    numerator: int | None
    denominator: int | None
    numerator, denominator = (None, None) if not lot.given(*INDICATORS[name][0]) else fraction
    cible = target(q, name, place)
    found = {
        "numerateur": numerator,
        "denominateur": denominator,
        "taux": None if not denominator or numerator is None else half_up(numerator, denominator),
        "cible": cible,
    }
    if cible is None:
        return found | {"etat": "SANS_OBJET", "motif": None}
    if motif:
        return found | {"etat": "INDETERMINEE", "motif": motif}
    if not denominator:
        return found | {"etat": "INDETERMINEE", "motif": "DENOMINATEUR_NUL"}
    assert numerator is not None
    reached = 100 * numerator >= cible * denominator
    still = 100 * numerator >= cible * (denominator + more)
    if unreadable_rejects_spoil(lot) or (reached and not still):
        return found | {"etat": "INDETERMINEE", "motif": "REJETS_PRESENTS"}
    return found | {"etat": "ATTEINTE" if reached else "NON_ATTEINTE", "motif": None}


def half_up(numerator: int, denominator: int) -> float:
    tenths, rest = divmod(1000 * numerator, denominator)
    return (tenths + (1 if 2 * rest >= denominator else 0)) / 10


def reserves(lot: Lot, q: Question, place: Row) -> list[str]:
    first, last = q.bounds
    found = []
    if place.get("date_deploiement") and place["date_deploiement"] > first:
        found.append("DEPLOIEMENT_EN_COURS")
    if not lot.covers("sejour", q.year_start, last):
        found.append("FILE_ACTIVE_PARTIELLE")
    for s in lot.rows("sejour"):
        left = s.get("date_sortie")
        unknown = left is not None and s.get("sortie_definitive") is None
        if s["finess_et"] == place["finess_et"] and unknown and q.year_start <= left < last:
            found.append("SORTIE_NON_QUALIFIEE")
            break
    return found


def etablissement(lot: Lot, q: Question, place: Row) -> dict[str, Any]:
    """The object of one establishment in ``indicateurs.json``, without the libellés."""
    finess = place["finess_et"]
    people = {reading: list(persons(lot, q, finess, reading).values()) for reading in ("periode", "annuelle")}
    sent = len(messages(lot, q, finess))
    more = rejected(lot, q, finess)
    numbers = fractions(people[q.denominateur], sent)
    indicators: dict[str, Any] = {
        name: judged(lot, q, name, place, fraction, more) for name, fraction in numbers.items()
    }
    t1 = indicators["taux_dossiers_actifs"]
    t1["lectures"] = {
        reading: {key: judged_t1[key] for key in ("numerateur", "denominateur", "etat", "motif")}
        for reading, judged_t1 in both_readings(lot, q, place, people, more).items()
    }
    values = {
        "nb_dui_actifs": numbers["taux_dossiers_actifs"][0],
        "nb_eprescription": exchanges(lot, q, finess, "EPRESCRIPTION"),
        "nb_eparcours": exchanges(lot, q, finess, "EPARCOURS"),
    }
    for name, value in values.items():
        motif = first_motif(lot, q, name, place)
        indicators[name] = {"valeur": None if motif == "DONNEE_NON_FOURNIE" else value, "motif": motif}
    return {
        "finess_et": finess,
        "finess_ej": place["finess_ej"],
        "denomination": place["denomination"],
        "profil_cibles": place.get("profil_cibles", "standard"),
        "rejets_sejours": more,
        "reserves": reserves(lot, q, place),
        "personnes_accompagnees": {
            reading: sum(p.accompagnee for p in everybody) if lot.given("sejour") else None
            for reading, everybody in people.items()
        },
        "indicateurs": indicators,
    }


def both_readings(
    lot: Lot, q: Question, place: Row, people: Mapping[str, Sequence[Person]], more: int
) -> dict[str, dict[str, Any]]:
    name = "taux_dossiers_actifs"
    return {
        reading: judged(lot, q, name, place, fractions(everybody, 0)[name], more)
        for reading, everybody in people.items()
    }


def compute(lot: Lot, q: Question) -> list[dict[str, Any]]:
    """The part ``etablissements`` of the document."""
    places = [e for e in lot.rows("etablissement") if e["finess_et"] in lot.manifest["perimetre"]]
    return [etablissement(lot, q, place) for place in sorted(places, key=lambda e: e["finess_et"])]


def organisme_fractions(lot: Lot, q: Question, finess_ej: str) -> dict[str, tuple[int, int]]:
    """The fractions of an organisme: each person once over its establishments that are open and have a target."""
    found = {}
    for name in TARGETS:
        kept = [
            e["finess_et"]
            for e in lot.rows("etablissement")
            if e["finess_et"] in lot.manifest["perimetre"]
            and e["finess_ej"] == finess_ej
            and target(q, name, e) is not None
            and not closed(q, e)
        ]
        everywhere = [persons(lot, q, finess, q.denominateur) for finess in kept]
        sent = len({m for finess in kept for m in messages(lot, q, finess)})
        everybody = {who for people in everywhere for who in people}
        once = []
        for who in everybody:
            each = [people[who] for people in everywhere]
            active = [p for p in each if p.active]
            projetable = [p for p in each if p.projetable]
            once.append(
                Person(
                    accompagnee=any(p.accompagnee for p in each),
                    projetable=bool(projetable),
                    active=bool(active),
                    projet=any(p.projet for p in active),
                    evenement=any(p.evenement for p in active),
                    dmp=any(p.dmp for p in projetable),
                )
            )
        found[name] = fractions(once, sent)[name]
    return found


def closed(q: Question, place: Row) -> bool:
    first, last = q.bounds
    return bool(
        (place.get("date_ouverture") and last < place["date_ouverture"])
        or (place.get("date_fermeture") and first > place["date_fermeture"])
    )
