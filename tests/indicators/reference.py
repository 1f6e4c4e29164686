"""Who counts, slowly and obviously: one person after the other, plain rows, no SQL, nothing of the package.

Written from the contract (§3, §7) alone.  Rows are dictionaries with Python dates, as a test writes them; a missing key
is a null.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]
DAY = timedelta(days=1)

READS: dict[str, dict[str, tuple[str, ...]]] = {
    "usager": {"usager": ("usager_id",)},
    "sejour": {"sejour": ("sejour_id", "usager_id", "finess_et", "date_entree")},
    "projet_applicable": {"sejour": ("projet_applicable",)},
    "dossier": {"dossier": ("dossier_id", "usager_id", "finess_et", "date_creation")},
    "mise_a_jour": {"mise_a_jour": ("dossier_id", "date_maj", "origine")},
    "projet": {
        "projet_personnalise": ("projet_id", "dossier_id"),
        "statut_projet": ("projet_id", "date_statut", "rang", "statut"),
    },
    "evenement": {"evenement": ("evenement_id", "dossier_id", "date_debut", "statut")},
    "mss": {"envoi": ("envoi_id", "canal", "finess_et", "message_id", "horodatage", "resultat")},
    "dmp": {"envoi": ("envoi_id", "canal", "finess_et", "usager_id", "horodatage", "operation", "resultat")},
    "eprescription": {
        "echange_optionnel": ("echange_id", "finess_et", "horodatage", "type_echange", "sens", "statut"),
    },
    "eparcours": {"echange_optionnel": ("echange_id", "finess_et", "horodatage", "type_echange", "statut")},
}


@dataclass
class Lot:
    """A lot as rows.  ``tables`` holds only the tables that are there."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]
    rejected: Sequence[Row] = field(default_factory=tuple)

    def rows(self, table: str) -> Sequence[Row]:
        return self.tables.get(table, ())

    def given(self, *reads: str) -> bool:
        missing = self.manifest["non_fourni"]
        for read in reads:
            for table, columns in READS[read].items():
                if table not in self.tables or table in missing:
                    return False
                if any(f"{table}.{column}" in missing for column in columns):
                    return False
        return True

    def root(self, usager_id: str) -> str:
        for row in self.rows("usager"):
            if row["usager_id"] == usager_id and row.get("usager_id_fusion"):
                return self.root(row["usager_id_fusion"])
        return usager_id

    def covers(self, table: str, first: date, last: date) -> bool:
        own = self.manifest.get("couverture", {}).get(table)
        start = date.fromisoformat(own["debut"] if own else self.manifest["periode_couverte_debut"])
        end = date.fromisoformat(own["fin"] if own else self.manifest["periode_couverte_fin"])
        return start <= first and last <= end


@dataclass
class Question:
    """What is asked: the options and the two bounds that follow from them."""

    measured_on: date
    definition: str = "mois_ecoule"
    denominateur: str = "periode"
    evenements: str = "dans_la_periode"
    premiere_mesure: bool = False
    amenagements: Sequence[Row] = ()

    @property
    def bounds(self) -> tuple[date, date]:
        d = self.measured_on
        if self.definition == "trois_mois":
            return three_months_before(d), d - DAY
        last = d if (d + DAY).day == 1 else d.replace(day=1) - DAY
        first = last.replace(day=1)
        for _ in range(2 if self.premiere_mesure else 0):
            first = (first - DAY).replace(day=1)
        return first, last

    @property
    def year_start(self) -> date:
        first, last = self.bounds
        return min(date(last.year, 1, 1), first)


def three_months_before(d: date) -> date:
    year, month = (d.year, d.month - 3) if d.month > 3 else (d.year - 1, d.month + 9)
    return date(year, month, min(d.day, calendar.monthrange(year, month)[1]))


def counts(sejour: Row, reading: str, q: Question) -> bool:
    first, last = q.bounds
    left = sejour.get("date_sortie")
    if sejour["date_entree"] > last:
        return False
    if reading == "periode":
        return left is None or left >= first
    if left is None or left >= last:
        return True
    return q.year_start <= left <= last and sejour.get("sortie_definitive") is not False


@dataclass
class Person:
    """One root person in one establishment, in one reading."""

    accompagnee: bool
    projetable: bool
    active: bool
    projet: bool
    evenement: bool
    dmp: bool


def person(lot: Lot, q: Question, finess: str, who: str, reading: str) -> Person:
    first, last = q.bounds
    mine = [s for s in lot.rows("sejour") if s["finess_et"] == finess and lot.root(s["usager_id"]) == who]
    counting = [s for s in mine if counts(s, reading, q)]
    dossiers = [
        d["dossier_id"]
        for d in lot.rows("dossier")
        if d["finess_et"] == finess
        and lot.root(d["usager_id"]) == who
        and d["date_creation"] <= last
        and (d.get("date_archivage") is None or d["date_archivage"] >= first)
    ]
    updated = any(
        m["dossier_id"] in dossiers and m["origine"] == "UTILISATEUR" and first <= m["date_maj"] <= last
        for m in lot.rows("mise_a_jour")
    )
    fed = any(
        e["finess_et"] == finess
        and e["canal"] == "DMP"
        and lot.root(e["usager_id"]) == who
        and e["resultat"] == "SUCCES"
        and e["operation"] in ("AJOUT", "REMPLACEMENT")
        and first <= e["horodatage"].date() <= last
        for e in lot.rows("envoi")
    )
    return Person(
        accompagnee=bool(counting),
        projetable=any(s.get("projet_applicable", True) for s in counting),
        active=bool(counting) and updated,
        projet=any(
            projet_runs(lot, p["projet_id"], last)
            for p in lot.rows("projet_personnalise")
            if p["dossier_id"] in dossiers
        ),
        evenement=any(meets(e, q) for e in lot.rows("evenement") if e["dossier_id"] in dossiers),
        dmp=fed,
    )


def projet_runs(lot: Lot, projet_id: str, last: date) -> bool:
    known = [s for s in lot.rows("statut_projet") if s["projet_id"] == projet_id and s["date_statut"] <= last]
    known = sorted(known, key=lambda s: (s["date_statut"], s.get("rang", 0)))
    return bool(known) and known[-1]["statut"] in ("ENPREPARATION", "ENCOURS")


def meets(event: Row, q: Question) -> bool:
    if event["statut"] == "ANNULE":
        return False
    first, last = q.bounds
    end = event.get("date_fin") or event["date_debut"]
    return q.evenements == "sans_borne" or (event["date_debut"] <= last and end >= first)


def messages(lot: Lot, q: Question, finess: str) -> set[str]:
    first, last = q.bounds
    return {
        e["message_id"]
        for e in lot.rows("envoi")
        if e["finess_et"] == finess
        and e["canal"] in ("MSS_PRO", "MSS_CITOYENNE")
        and e["resultat"] == "SUCCES"
        and first <= e["horodatage"].date() <= last
    }


def exchanges(lot: Lot, q: Question, finess: str, kind: str) -> int:
    first, last = q.bounds
    kept = [
        e
        for e in lot.rows("echange_optionnel")
        if e["finess_et"] == finess
        and e["type_echange"] == kind
        and e["statut"] == "SUCCES"
        and first <= e["horodatage"].date() <= last
    ]
    return sum(1 for e in kept if kind == "EPARCOURS" or e["sens"] == "RECU")


def persons(lot: Lot, q: Question, finess: str, reading: str) -> dict[str, Person]:
    everybody = sorted({lot.root(u["usager_id"]) for u in lot.rows("usager")})
    return {who: person(lot, q, finess, who, reading) for who in everybody}


def fractions(people: Sequence[Person], sent: int) -> dict[str, tuple[int, int]]:
    active = [p for p in people if p.active]
    projetables = [p for p in people if p.projetable]
    return {
        "taux_dossiers_actifs": (len(active), sum(p.accompagnee for p in people)),
        "taux_projet_personnalise": (sum(p.projet for p in active), len(active)),
        "taux_evenement_agenda": (sum(p.evenement for p in active), len(active)),
        "taux_mssante": (sent, len(projetables)),
        "taux_dmp": (sum(p.dmp for p in projetables), len(projetables)),
    }


def readable(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
