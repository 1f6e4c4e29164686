"""Small invented worlds, dense around the bounds of a period: almost every date is a bound or the day beside it.

A world is made from a seed and a few sizes, so that hypothesis can shrink the sizes and vary the questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.indicators.reference import Lot, Question
from tests.lots import MANIFEST

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
PLACES = ("000000117", "000000125", "000000133", "000000141", "000000158")
JURIDIQUES = ("000000018", "000000026")
MEASURES = (
    "2025-09-30", "2025-10-01", "2025-01-31", "2025-02-28", "2024-02-29", "2024-03-01", "2025-05-31", "2025-12-31",
    "2026-01-01", "2025-03-30",
)  # fmt: skip
# What a lot may lack: tables, columns.  A table given up takes with it the rows that refer to it.
LACKS = (
    "envoi", "evenement", "echange_optionnel", "projet_personnalise", "statut_projet", "mise_a_jour",
    "sejour.projet_applicable", "sejour.sortie_definitive", "sejour.date_sortie", "dossier.date_archivage",
    "evenement.date_fin", "usager.usager_id_fusion", "statut_projet.rang", "envoi.operation", "envoi.message_id",
    "envoi.usager_id", "mise_a_jour.rubrique", "etablissement.date_ouverture", "dossier",
)  # fmt: skip


@dataclass(repr=False)
class World:
    """A lot as rows, and what is asked of it."""

    lot: Lot
    question: Question

    def __repr__(self) -> str:
        sizes = {name: len(rows) for name, rows in self.lot.tables.items()}
        return f"World({self.question}, {self.lot.manifest['non_fourni']}, {sizes})"


@st.composite
def questions(draw: st.DrawFn) -> Question:
    definition = draw(st.sampled_from(["mois_ecoule", "trois_mois"]))
    granted = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "indicateur": st.sampled_from(["taux_dossiers_actifs", "taux_evenement_agenda", "taux_mssante"]),
                    "finess_et": st.sampled_from([None, PLACES[0]]),
                    "cible": st.sampled_from([0, 50, 100, None]),
                }
            ),
            max_size=2,
            unique_by=lambda a: (a["indicateur"], a["finess_et"]),
        )
    )
    for one in granted:
        one["sans_objet"] = one["cible"] is None
    return Question(
        measured_on=date.fromisoformat(draw(st.sampled_from(MEASURES))),
        definition=definition,
        denominateur=draw(st.sampled_from(["periode", "annuelle"])),
        evenements=draw(st.sampled_from(["dans_la_periode", "sans_borne"])),
        premiere_mesure=definition == "mois_ecoule" and draw(st.booleans()),
        amenagements=granted,
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    question = draw(questions())
    maker = _Maker(Random(draw(st.integers(0, 2**32))), question)
    tables = maker.tables(
        places=draw(st.integers(2, 5)), persons=draw(st.integers(2, 9)), density=draw(st.integers(1, 4))
    )
    lacks = draw(st.lists(st.sampled_from(LACKS), max_size=2, unique=True)) if draw(st.booleans()) else []
    lot = Lot(maker.manifest(tables, lacks), _without(tables, lacks), maker.rejected(tables))
    return World(lot, question)


class _Maker:
    def __init__(self, random: Random, question: Question) -> None:
        self.random = random
        self.first, self.last = question.bounds
        self.year = question.year_start
        around = [self.first, self.last, self.year, self.first + (self.last - self.first) / 2]
        near = sorted({day + DAY * shift for day in around for shift in (-1, 0, 1)})
        self.near = near
        self.inside = [day for day in near if self.first <= day <= self.last]
        self.past = [self.year - 400 * DAY, self.year - DAY, self.year, self.first - 40 * DAY, *near]

    def some(self, values: Sequence[Any], empty: float = 0.0) -> Any:
        return None if self.random.random() < empty else self.random.choice(values)

    def day(self) -> date:
        """A day near a bound, more often inside the period than not."""
        pool: Sequence[date] = self.random.choice([self.inside, self.inside, self.near, self.past])
        return self.random.choice(pool)

    def after(self, day: date, empty: float) -> date | None:
        """A day not before ``day``, or nothing."""
        later = [d for d in self.near if d >= day]
        return self.some(later, empty) if later else None

    def moment(self) -> datetime:
        """A moment, often the first or the last of the period, or the second beside it."""
        start, stop = datetime.combine(self.first, time(0)), datetime.combine(self.last + DAY, time(0))
        if self.random.random() < 0.4:
            return self.random.choice([start, start - SECOND, stop, stop - SECOND])
        return datetime.combine(self.day(), self.random.choice([time(0), time(12), time(23, 59, 59)]))

    def tables(self, *, places: int, persons: int, density: int) -> dict[str, list[dict[str, Any]]]:
        some, chance = self.some, self.random.random
        finess = PLACES[:places]
        people = [f"U{n}" for n in range(persons)]
        tables: dict[str, list[dict[str, Any]]] = {
            "organisme": [{"finess_ej": ej, "raison_sociale": f"OG {ej}"} for ej in JURIDIQUES],
            "etablissement": [self.place(one) for one in finess],
            # A merged record points to one of a smaller number: chains, and never a cycle.
            "usager": [
                {"usager_id": u, "usager_id_fusion": some(people[:n], 0.7) if n else None} for n, u in enumerate(people)
            ],
        }
        everywhere = [(f, u) for f in finess for u in people]
        sejours = [pair for pair in everywhere for _ in range(self.random.choice([0, 1, 1, 1, 2]))]
        tables["sejour"] = [self.sejour(n, f, u) for n, (f, u) in enumerate(sejours)]
        dossiers = [pair for pair in everywhere for _ in range(self.random.choice([0, 1, 1, 2]))]
        tables["dossier"] = [self.dossier(n, f, u) for n, (f, u) in enumerate(dossiers)]
        names = [d["dossier_id"] for d in tables["dossier"]]
        tables["mise_a_jour"] = [
            {"dossier_id": d, "date_maj": self.day(), "origine": some(["UTILISATEUR"] * 3 + ["AUTOMATE", "REPRISE"])}
            for d in names
            for _ in range(self.random.randint(0, density))
        ]
        tables["mise_a_jour"] += [dict(row) for row in tables["mise_a_jour"] if chance() < 0.1]
        projets = [d for d in names for _ in range(self.random.choice([0, 1, 1, 2]))]
        tables["projet_personnalise"] = [{"projet_id": f"J{n}", "dossier_id": d} for n, d in enumerate(projets)]
        tables["statut_projet"] = [row for n in range(len(projets)) for row in self.statuts(f"J{n}")]
        tables["evenement"] = [
            self.evenement(f"{d}-{n}", d) for d in names for n in range(self.random.choice([0, 1, 1, 2]))
        ]
        tables["envoi"] = [self.envoi(n, finess, people) for n in range(density * len(everywhere))]
        tables["document"] = [
            {"document_id": e["document_id"], "usager_id": e["usager_id"], "finess_et": e["finess_et"],
             "type_code": "11490-0", "date_creation": self.first}
            for e in tables["envoi"] if e["document_id"]
        ]  # fmt: skip
        tables["echange_optionnel"] = [self.echange(n, finess) for n in range(density * places)]
        return tables

    def place(self, finess: str) -> dict[str, Any]:
        return {
            "finess_et": finess,
            "finess_ej": JURIDIQUES[PLACES.index(finess) // 3],
            "denomination": f"ET {finess}",
            "date_ouverture": self.some([self.last, self.last + DAY], 0.9),
            "date_fermeture": self.some([self.first, self.first - DAY], 0.9),
            "date_deploiement": self.some([self.first, self.first + DAY], 0.6),
            "profil_cibles": self.some(["standard"] * 4 + ["pjm", "ahi_hors_sons"]),
        }

    def sejour(self, number: int, finess: str, usager: str) -> dict[str, Any]:
        entered = self.day() if self.random.random() < 0.4 else self.past[0]
        return {
            "sejour_id": f"S{number}",
            "usager_id": usager,
            "finess_et": finess,
            "date_entree": entered,
            "date_sortie": self.after(entered, 0.4),
            "sortie_definitive": self.some([True, False], 0.3),
            "projet_applicable": self.random.random() < 0.8,
        }

    def dossier(self, number: int, finess: str, usager: str) -> dict[str, Any]:
        created = self.day() if self.random.random() < 0.3 else self.past[0]
        return {
            "dossier_id": f"D{number}",
            "usager_id": usager,
            "finess_et": finess,
            "date_creation": created,
            "date_archivage": self.after(created, 0.7),
        }

    def statuts(self, projet: str) -> list[dict[str, Any]]:
        keys = {(self.day(), self.random.choice([0, 1, 9, 10])) for _ in range(self.random.randint(0, 3))}
        values = ["ENPREPARATION", "ENCOURS", "ENCOURS", "ENPAUSE", "TERMINE", "ANNULE"]
        rows = [
            {"projet_id": projet, "date_statut": day, "rang": rang, "statut": self.random.choice(values)}
            for day, rang in sorted(keys)
        ]
        self.random.shuffle(rows)
        return rows

    def evenement(self, name: str, dossier: str) -> dict[str, Any]:
        start, end = self.day(), None
        if self.random.random() < 0.4:
            before = self.first - DAY * self.random.choice([1, 40])
            start, end = before, self.some([self.first - DAY, self.first, self.last + DAY])
        elif self.random.random() < 0.5:
            end = self.after(start, 0.0)
        return {
            "evenement_id": f"E{name}",
            "dossier_id": dossier,
            "date_debut": start,
            "date_fin": end,
            "statut": self.random.choice(["PLANIFIE", "VALIDE", "TERMINE", "ANNULE"]),
        }

    def envoi(self, number: int, finess: Sequence[str], people: Sequence[str]) -> dict[str, Any]:
        canal = self.random.choice(["DMP", "DMP", "MSS_PRO", "MSS_CITOYENNE"])
        dmp = canal == "DMP"
        return {
            "envoi_id": f"V{number}",
            "canal": canal,
            "finess_et": self.random.choice(finess),
            "usager_id": self.some(people, 0.0 if dmp else 0.3),
            "document_id": f"X{number}" if dmp else None,
            # A message may go out from two establishments, and a column that a channel does not use is ignored.
            "message_id": f"M{self.random.randint(0, 4)}",
            "horodatage": self.moment(),
            "operation": self.random.choice(["AJOUT", "AJOUT", "REMPLACEMENT", "SUPPRESSION"]),
            "resultat": self.random.choice(["SUCCES", "SUCCES", "ECHEC"]),
            "ins_qualifiee": True,
        }

    def echange(self, number: int, finess: Sequence[str]) -> dict[str, Any]:
        return {
            "echange_id": f"Y{number}",
            "finess_et": self.random.choice(finess),
            "horodatage": self.moment(),
            "type_echange": self.random.choice(["EPRESCRIPTION", "EPARCOURS"]),
            "sens": self.random.choice(["EMIS", "RECU"]),
            "statut": self.random.choice(["SUCCES", "SUCCES", "ECHEC"]),
        }

    def manifest(self, tables: dict[str, list[dict[str, Any]]], lacks: Sequence[str]) -> dict[str, Any]:
        next_day = self.last + DAY
        extraction = self.random.choice(
            [datetime.combine(next_day, t) for t in (time(0), time(6), time(6, 0, 1))]
            + [datetime.combine(next_day + DAY, time(1)), datetime.combine(self.last, time(23))]
        )
        places = [e["finess_et"] for e in tables["etablissement"]]
        end = extraction.date()
        whole = self.random.random() < 0.7
        starts, ends = [self.first, self.first + DAY], [self.last - DAY, self.last, self.last + DAY]
        content = {
            **MANIFEST,
            "date_extraction": extraction.isoformat(),
            "perimetre": places[:-1] if len(places) > 2 and self.random.random() < 0.5 else places,
            "non_fourni": list(lacks),
            "periode_couverte_debut": (self.year if whole else self.some([self.year + DAY, *starts])).isoformat(),
            "periode_couverte_fin": (end if whole else min(self.some(ends), end)).isoformat(),
            "journal_maj_complet": self.random.random() < 0.7,
            "historique_statuts_complet": self.random.random() < 0.7,
        }
        if self.random.random() < 0.3:
            log = self.some(["sejour", "mise_a_jour", "statut_projet", "evenement", "envoi", "echange_optionnel"])
            start, stop = self.some([self.year, *starts]), self.some(ends)
            content["couverture"] = {log: {"debut": start.isoformat(), "fin": min(stop, end).isoformat()}}
        self.counted = self.some([{}, {p: self.random.randint(0, 3) for p in places}])
        unknown = self.random.choice([0, 0, 1, 2])
        if self.counted or unknown:
            by_finess = self.counted | ({"?": unknown} if unknown else {})
            content["import"] = {"rejets_par_finess": {"sejour": by_finess}}
        return content

    def rejected(self, tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """Dates of the rejected séjours: some not to be read, some that show that the séjour would not count."""
        dates = [d.isoformat() for d in self.near] + ["2025-02-30", "", "31/08/2025"]
        return [
            {"finess_et": finess, "date_entree": self.random.choice(dates), "date_sortie": self.random.choice(dates)}
            for finess, number in self.counted.items()
            for _ in range(self.random.randint(0, number))
        ]


def _without(tables: dict[str, list[dict[str, Any]]], lacks: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The tables without what the lot lacks, and without the rows that only made sense with it."""
    kept = dict(tables)
    for lack in lacks:
        table, _, column = lack.partition(".")
        if not column:
            kept[table] = []
        elif lack == "envoi.operation" or lack == "envoi.usager_id":
            kept["envoi"] = [e for e in kept["envoi"] if e["canal"] != "DMP"]
        elif lack == "envoi.message_id":
            kept["envoi"] = [e for e in kept["envoi"] if e["canal"] == "DMP"]
        if column:
            kept[table] = [{k: v for k, v in row.items() if k != column} for row in kept[table]]
        if lack == "statut_projet.rang":
            kept[table] = list({(r["projet_id"], r["date_statut"]): r for r in kept[table]}.values())
    if not kept["dossier"]:
        for table in ("mise_a_jour", "projet_personnalise", "evenement"):
            kept[table] = []
    if not kept["projet_personnalise"]:
        kept["statut_projet"] = []
    optional = ("envoi", "evenement", "echange_optionnel", "projet_personnalise")
    return {name: rows for name, rows in kept.items() if not (name in lacks and name in optional)}
