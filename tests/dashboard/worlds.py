"""Small invented worlds whose moments crowd the bounds of the three periods, with everything that a lot may lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.dashboard.reference import months, periods
from tests.lots import MANIFEST

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
PLACES = ("000000117", "000000125", "000000133")
JURIDIQUES = ("000000018", "000000018", "000000026")
DAYS = ("2025-09-30", "2025-09-01", "2025-01-01", "2025-01-31", "2024-02-29", "2024-12-31", "2025-06-15")
LACKS = ("envoi", "document", "appel_insi", "sejour", "usager.statut_identite", "envoi.rpps")


@dataclass(repr=False)
class World:
    """A lot as rows, and the date of the dashboard."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    as_of: date

    def __repr__(self) -> str:
        sizes = {name: len(rows) for name, rows in self.tables.items()}
        return f"World({self.as_of}, {self.manifest}, {sizes})"


@st.composite
def worlds(draw: st.DrawFn) -> World:
    as_of = date.fromisoformat(draw(st.sampled_from(DAYS)))
    maker = Maker(Random(draw(st.integers(0, 2**32))), as_of)
    tables = maker.tables(draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(0, 40)))
    lacks = draw(st.lists(st.sampled_from(LACKS), max_size=2, unique=True))
    declared = draw(st.booleans())
    return World(maker.manifest(tables, lacks, declared), _without(tables, lacks), as_of)


class Maker:
    def __init__(self, random: Random, as_of: date) -> None:
        self.random = random
        self.as_of = as_of
        bounds = [day for pair in periods(as_of).values() for day in pair]
        course = months(as_of)
        bounds += [course[0][0], course[0][1], course[12][1], course[-2][0]]
        self.days = sorted({day + DAY * shift for day in bounds for shift in (-1, 0, 1)} | {as_of - 40 * DAY})

    def some(self, values: Sequence[Any], empty: float = 0.0) -> Any:
        return None if self.random.random() < empty else self.random.choice(values)

    def moment(self) -> datetime:
        return datetime.combine(self.some(self.days), self.some([time(0), time(12), time(12), time(23, 59, 59)]))

    def tables(self, places: int, persons: int, sends: int) -> dict[str, list[dict[str, Any]]]:
        finess, people = PLACES[:places], [f"U{n}" for n in range(persons)]
        starts = [first + DAY * shift for first, _ in periods(self.as_of).values() for shift in (-1, 0, 1)]
        documents = ["X0", "X1", "X2"]
        numbers = self.random.sample(range(1, 3 * sends + 2), sends)
        return {
            "organisme": [{"finess_ej": ej, "raison_sociale": f"OG {ej}"} for ej in sorted(set(JURIDIQUES))],
            "etablissement": [
                {"finess_et": f, "finess_ej": ej, "denomination": f"ET {f}", "date_deploiement": self.some(starts, 0.6)}
                for f, ej in zip(finess, JURIDIQUES, strict=False)
            ],
            "usager": [
                {"usager_id": u, "usager_id_fusion": self.some(people[:n], 0.6) if n else None,
                 "statut_identite": self.some(["QUAL", "QUAL", "VALI"], 0.2)}
                for n, u in enumerate(people)
            ],
            "sejour": [
                {"sejour_id": f"S{n}", "usager_id": self.some(people), "finess_et": self.some(finess),
                 "date_entree": self.some(self.days)}
                for n in range(self.random.randint(0, 12))
            ],
            "document": [
                {"document_id": x, "usager_id": people[0], "finess_et": finess[0], "type_code": "11490-0",
                 "date_creation": self.as_of}
                for x in documents
            ],
            "envoi": self.twins([self.envoi(f"V{n}", finess, people, documents) for n in numbers]),
            "appel_insi": [
                {"appel_id": f"A{n}", "finess_et": self.some(finess), "horodatage": self.moment(),
                 "operation": "RECHERCHE", "resultat": self.some(["SUCCES", "ECHEC"])}
                for n in range(self.random.randint(0, 8))
            ],
        }  # fmt: skip

    def envoi(
        self, envoi_id: str, finess: Sequence[str], people: Sequence[str], documents: Sequence[str]
    ) -> dict[str, Any]:
        dmp = self.random.random() < 0.4
        return {
            "envoi_id": envoi_id,
            "canal": "DMP" if dmp else self.some(["MSS_PRO", "MSS_CITOYENNE"]),
            "finess_et": self.some(finess),
            "usager_id": self.some(people),
            "document_id": self.some(documents, 0.0 if dmp else 0.3),
            "message_id": None if dmp else f"M{self.random.randint(1, 5)}",
            "horodatage": self.moment(),
            "operation": self.some(["AJOUT", "REMPLACEMENT", "SUPPRESSION"], 0.0 if dmp else 0.5),
            "resultat": self.some(["SUCCES", "SUCCES", "ECHEC"]),
            "ins_qualifiee": self.some([True, False]),
            "rpps": self.some(["10000000001", "10000000002", "9"], 0.4),
        }

    def twins(self, sends: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same sends, some of them met again at the same moment with the other state of the identity."""
        again = [
            {**row, "envoi_id": f"{self.some(['T', 'W'])}{row['envoi_id']}", "ins_qualifiee": not row["ins_qualifiee"]}
            for row in sends
            if self.random.random() < 0.2
        ]
        return [*sends, *again]

    def manifest(self, tables: Mapping[str, Any], lacks: Sequence[str], declared: bool) -> dict[str, Any]:
        places = [row["finess_et"] for row in tables["etablissement"]]
        own, whole = self.coverage(), self.coverage()
        missing = [one for one in lacks if declared or "." in one or one == "sejour"]
        return {
            **MANIFEST,
            "date_extraction": f"{self.as_of + 3 * DAY}T03:00:00",
            "periode_couverte_debut": whole["debut"],
            "periode_couverte_fin": whole["fin"],
            "couverture": self.some([{"envoi": own}], 0.6),
            "perimetre": self.random.sample(places, self.random.randint(1, len(places))),
            "non_fourni": missing,
        }

    def coverage(self) -> dict[str, str]:
        last = self.some([self.as_of - DAY, self.as_of, self.as_of, self.as_of + DAY])
        year = self.as_of.year
        first = self.some([date(year - 1, 1, 1), date(year - 1, 1, 2), date(year, 1, 1), date(2020, 1, 1)])
        return {"debut": str(min(first, last)), "fin": str(last)}


def _without(tables: Mapping[str, list[dict[str, Any]]], lacks: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    kept = {name: rows for name, rows in tables.items() if name not in lacks}
    for one in lacks:
        table, _, column = one.partition(".")
        if column and table in kept:
            kept[table] = [{name: value for name, value in row.items() if name != column} for row in kept[table]]
    return kept
