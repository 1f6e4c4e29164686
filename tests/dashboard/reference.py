"""The dashboard, slowly and obviously: one row after the other, plain rows, no SQL, nothing of the package.

Written from the contract (§4, §7) alone.  Rows are dictionaries with Python dates, as a test writes them; a missing key
is a null.  What comes out is the ``etablissements`` (and the ``cours_mensuel``) of ``tableau_de_bord.json``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
Bounds = tuple[date, date]

CHANNELS = {"dmp": "DMP", "mss_pro": "MSS_PRO", "mss_citoyenne": "MSS_CITOYENNE"}


def compute(manifest: Mapping[str, Any], tables: Tables, as_of: date) -> list[dict[str, Any]]:
    """Every establishment of the perimeter, by FINESS."""
    return [_Place(manifest, tables, {finess}).document(finess, as_of) for finess in sorted(manifest["perimetre"])]


def organismes(manifest: Mapping[str, Any], tables: Tables, as_of: date) -> list[dict[str, Any]]:
    """Every organisme of the perimeter, as if its establishments were one; covered where each of them is."""
    members: dict[str, set[str]] = {}
    for row in tables["etablissement"]:
        if row["finess_et"] in manifest["perimetre"]:
            members.setdefault(row["finess_ej"], set()).add(row["finess_et"])
    found = []
    for ej in sorted(members):
        document = _Place(manifest, tables, members[ej]).document("", as_of)
        course = _Place(manifest, tables, members[ej]).course(as_of)
        found.append({**document, "finess_et": None, "finess_ej": ej, "cours_mensuel": course})
    return found


def courses(manifest: Mapping[str, Any], tables: Tables, as_of: date) -> list[dict[str, Any]]:
    """The 24 months of every establishment of the perimeter, by FINESS."""
    return [
        {"finess_et": finess, "mois": _Place(manifest, tables, {finess}).course(as_of)}
        for finess in sorted(manifest["perimetre"])
    ]


def months(as_of: date) -> list[Bounds]:
    """The 24 months that end with that of ``as_of``, oldest first, walked back a day at a time."""
    found = [(date(as_of.year, as_of.month, 1), as_of)]
    while len(found) < 24:
        last = found[0][0] - timedelta(days=1)
        found.insert(0, (date(last.year, last.month, 1), last))
    return found


def periods(as_of: date) -> dict[str, Bounds]:
    return {
        "mois_courant": (date(as_of.year, as_of.month, 1), as_of),
        "annee_courante": (date(as_of.year, 1, 1), as_of),
        "annee_precedente": (date(as_of.year - 1, 1, 1), date(as_of.year - 1, 12, 31)),
    }


class _Place:
    def __init__(self, manifest: Mapping[str, Any], tables: Tables, finess: Collection[str]) -> None:
        self.manifest = manifest
        self.tables = tables
        self.finess = finess

    def given(self, table: str) -> bool:
        return table in self.tables and table not in self.manifest["non_fourni"]

    def rows(self, table: str) -> list[Row]:
        return [row for row in self.tables.get(table, ()) if row["finess_et"] in self.finess]

    def document(self, finess: str, as_of: date) -> dict[str, Any]:
        return {
            "finess_et": finess,
            "periodes": {name: self.period(bounds) for name, bounds in periods(as_of).items()},
            "par_rpps": self.by_rpps(as_of),
        }

    def period(self, bounds: Bounds) -> dict[str, Any]:
        sends = [row for row in self.rows("envoi") if _dated(row["horodatage"], bounds)]
        return {
            "debut": bounds[0].isoformat(),
            "fin": bounds[1].isoformat(),
            "couverte": self.covered(bounds),
            **self.channels(sends),
            "echecs": self.failures(sends),
            "insi": self.insi(bounds),
        }

    def course(self, as_of: date) -> list[dict[str, Any]]:
        found = []
        for bounds in months(as_of):
            sends = [row for row in self.rows("envoi") if _dated(row["horodatage"], bounds)]
            found.append(
                {
                    "debut": bounds[0].isoformat(),
                    "fin": bounds[1].isoformat(),
                    "couverte": self.covered(bounds),
                    **{name: channel["total"] for name, channel in self.channels(sends).items()},
                    "echecs": self.failures(sends),
                }
            )
        return found

    def covered(self, bounds: Bounds) -> bool:
        own = (self.manifest.get("couverture") or {}).get("envoi")
        begin, end = own["debut"] if own else None, own["fin"] if own else None
        begin = _day(begin or self.manifest["periode_couverte_debut"])
        end = _day(end or self.manifest["periode_couverte_fin"])
        deployed = [row.get("date_deploiement") for row in self.rows("etablissement")]
        late = any(day is not None and bounds[0] < day for day in deployed)
        return self.given("envoi") and begin <= bounds[0] and bounds[1] <= end and not late

    def channels(self, sends: Iterable[Row]) -> dict[str, Any]:
        sends = list(sends)
        return {name: self.channel([row for row in sends if row["canal"] == code]) for name, code in CHANNELS.items()}

    def channel(self, sends: Iterable[Row]) -> dict[str, int | None]:
        if not self.given("envoi") or not self.given("document"):
            return {"total": None, "ins_qualifiee": None, "ins_non_qualifiee": None}
        first: dict[str, Row] = {}
        for row in sends:
            if row["resultat"] != "SUCCES" or row.get("document_id") is None:
                continue
            if row["canal"] == "DMP" and row["operation"] not in ("AJOUT", "REMPLACEMENT"):
                continue
            before = first.get(row["document_id"])
            if before is None or _rank(row) < _rank(before):
                first[row["document_id"]] = row
        qualified = sum(1 for row in first.values() if row["ins_qualifiee"])
        return {"total": len(first), "ins_qualifiee": qualified, "ins_non_qualifiee": len(first) - qualified}

    def failures(self, sends: Iterable[Row]) -> dict[str, int | None]:
        if not self.given("envoi"):
            return {"dmp": None, "mss": None}
        dmp = 0
        results: dict[str, set[str]] = {}
        for row in sends:
            if row["canal"] == "DMP":
                dmp += row["resultat"] == "ECHEC"
            else:
                results.setdefault(row["message_id"], set()).add(row["resultat"])
        return {"dmp": dmp, "mss": sum(1 for seen in results.values() if seen == {"ECHEC"})}

    def insi(self, bounds: Bounds) -> dict[str, int | None]:
        calls: dict[str, int | None] = {"SUCCES": None, "ECHEC": None}
        if self.given("appel_insi"):
            seen = [row["resultat"] for row in self.rows("appel_insi") if _dated(row["horodatage"], bounds)]
            calls = {result: seen.count(result) for result in calls}
        people = {
            self.root(row["usager_id"]) for row in self.rows("sejour") if bounds[0] <= row["date_entree"] <= bounds[1]
        }
        known = self.given("sejour") and self.given("usager")
        qualified = sum(1 for person in people if self.status(person) == "QUAL")
        return {
            "succes": calls["SUCCES"],
            "echec": calls["ECHEC"],
            "admissions": len(people) if self.given("sejour") else None,
            "admissions_qualifiees": (
                qualified if known and "usager.statut_identite" not in self.manifest["non_fourni"] else None
            ),
        }

    def by_rpps(self, as_of: date) -> list[dict[str, Any]]:
        everything = periods(as_of).values()
        own: dict[str, list[Row]] = {}
        for row in self.rows("envoi"):
            if row.get("rpps") is not None and any(_dated(row["horodatage"], bounds) for bounds in everything):
                own.setdefault(row["rpps"], []).append(row)
        return [
            {
                "rpps": rpps,
                "periodes": {
                    name: self.channels(row for row in own[rpps] if _dated(row["horodatage"], bounds))
                    for name, bounds in periods(as_of).items()
                },
            }
            for rpps in sorted(own)
        ]

    def root(self, usager_id: str) -> str:
        merged = {row["usager_id"]: row.get("usager_id_fusion") for row in self.tables.get("usager", ())}
        while merged.get(usager_id) is not None:
            usager_id = merged[usager_id]
        return usager_id

    def status(self, usager_id: str) -> str | None:
        return next(
            (r.get("statut_identite") for r in self.tables.get("usager", ()) if r["usager_id"] == usager_id), None
        )


def _dated(moment: datetime, bounds: Bounds) -> bool:
    """The civil date of the establishment: timestamps of a lot are naive and in its own zone (schema)."""
    return bounds[0] <= moment.date() <= bounds[1]


def _rank(row: Row) -> tuple[datetime, str]:
    return (row["horodatage"], row["envoi_id"])


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
