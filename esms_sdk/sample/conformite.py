"""What ``esms check`` must find in the lot of a vendor's sample, worked out in plain Python, apart from the checks.

Everything it finds was planted: identity faults (:func:`esms_sdk.sample.identities.spoil`), ways in which the invented
professionals use their software badly (projets that nobody reviews, failures that nobody repairs, documents received
and not filed, persons without dossier, the SSIAD's plans de soins that no DMP gets), what the export leaves out, and
what the defects of the export drag along.  The days are those of this world, written down as a person would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from esms_sdk.lot.schema import load
from esms_sdk.sample.canonical import Row, Tables, delimited
from esms_sdk.sample.expected import MESURES
from esms_sdk.sample.identities import nir_key
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.truth import Truth

EXTRACTION, DEBUT = "2026-01-02", "2024-01-01"
A_YEAR_BEFORE = "2025-01-02"
FILED_BEFORE = "2025-12-03"
"""Thirty days before the extraction."""
FED_UNTIL = "2025-12-24"
"""Seven days before the end of the log."""
NON_CONFORMES = {f"ESMS-INS-{number}" for number in ("01", "03", "04", "06", "14")}
"""Requirements that a finding makes *non conforme*; the other findings are warnings and notes."""
SANS_TABLE = {
    "historique_identite": ("ESMS-INS-07", "ESMS-INS-11", "ESMS-DONNEES-31"),
    "appel_insi": ("ESMS-INS-23",),
    "opposition": ("ESMS-DMP-05", "ESMS-MSS-08"),
}
"""Requirements that cannot be judged without a table that a vendor does not give."""
SANS_REFERENTIEL = ("ESMS-FINESS-08",)
"""Nor without the FINESS reference, which the sample does not hold."""

Place = tuple[str, str, str]
"""Requirement, code, FINESS (empty where the record has none)."""


def conformity_file(tables: Tables, truth: Truth) -> bytes:
    """Return ``conformite.csv``: the findings by code and FINESS, and the requirements that stay *indetermine*."""
    counted = Counter(_Lot(tables, truth).found())
    rows = [
        (exigence, "non_conforme" if exigence in NON_CONFORMES else "conforme", code, finess, str(number))
        for (exigence, code, finess), number in counted.items()
    ]
    lacking = [one for table, all_of_it in SANS_TABLE.items() if table not in tables for one in all_of_it]
    rows += [(exigence, "indetermine", "", "", "") for exigence in (*lacking, *SANS_REFERENTIEL)]
    return delimited(("exigence", "verdict", "code", "finess_et", "nombre"), sorted(rows)).encode("utf-8")


class _Lot:
    """The kept rows of a lot, arranged by what the findings look at."""

    def __init__(self, tables: Tables, truth: Truth) -> None:
        self.tables = {name: tables.get(name, []) for name in load().tables}
        self.truth = truth
        self.etablissements = {row["finess_et"]: row for row in tables["etablissement"]}
        self.persons = {row["usager_id"]: row for row in tables["usager"]}
        self.stays = self._places("sejour")
        self.records = self._places("dossier")
        self.dossiers = {row["dossier_id"]: row for row in tables["dossier"]}

    def _places(self, table: str) -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.tables[table]:
            found.setdefault((self.truth.root(row["usager_id"]), row["finess_et"]), []).append(row)
        return found

    def found(self) -> Iterator[Place]:
        """Yield every finding that is in the perimeter, one by one."""
        for exigence, code, finess in (
            *self._identities(), *self._sejours(), *self._projets(), *self._sends(), *self._documents(),
            *self._receptions(), *self._establishments(),
        ):  # fmt: skip
            if not finess or finess in self.truth.perimetre:
                yield exigence, code, finess

    def _identities(self) -> Iterator[Place]:
        for row in self.tables["usager"]:
            if row["usager_id_fusion"]:
                continue
            places = {finess for root, finess in (*self.stays, *self.records) if root == row["usager_id"]}
            for exigence, code in _identity_faults(row):
                for finess in places or {""}:
                    yield exigence, code, finess

    def _sejours(self) -> Iterator[Place]:
        for (root, finess), dossiers in self.records.items():
            for dossier in dossiers:
                if (root, finess) not in self.stays and _open(dossier):
                    recent = dossier["date_creation"] >= A_YEAR_BEFORE
                    yield "ESMS-DONNEES-04", "PREADMISSION" if recent else "SANS_SEJOUR", finess
        for (root, finess), stays in self.stays.items():
            deployed = self.etablissements[finess]["date_deploiement"]
            for stay in stays:
                seen = not stay["date_sortie"] or stay["date_sortie"] >= deployed
                if (root, finess) not in self.records and seen:
                    yield "ESMS-DONNEES-05", "SANS_DOSSIER", finess

    def _projets(self) -> Iterator[Place]:
        """The projets in force, of somebody who is there, that nobody has touched for a year."""
        statuts: dict[str, tuple[str, int, str]] = {}
        for row in self.tables["statut_projet"]:
            one = (row["date_statut"], int(row["rang"]), row["statut"])
            statuts[row["projet_id"]] = max(one, statuts.get(row["projet_id"], one))
        for projet in self.tables["projet_personnalise"]:
            since, _, statut = statuts.get(projet["projet_id"], ("", 0, ""))
            dossier = self.dossiers[projet["dossier_id"]]
            stays = self.stays.get((self.truth.root(dossier["usager_id"]), dossier["finess_et"]), [])
            there = any(not stay["date_sortie"] or stay["date_sortie"] >= EXTRACTION for stay in stays)
            old = max(since, projet["date_debut"]) < A_YEAR_BEFORE
            if statut == "ENCOURS" and old and there and _open(dossier):
                yield "ESMS-DONNEES-13", "ANCIEN", dossier["finess_et"]

    def _sends(self) -> Iterator[Place]:
        """The messages that never left, and the documents that no try put into the DMP."""
        left: dict[tuple[str, str], set[str]] = {}
        places: dict[tuple[str, str], str] = {}
        for row in self.tables["envoi"]:
            if row["canal"] == "DMP" and row["operation"] == "SUPPRESSION":
                continue
            key = ("DMP", row["document_id"]) if row["canal"] == "DMP" else ("MSS", row["message_id"])
            left.setdefault(key, set()).add(row["resultat"])
            places[key] = row["finess_et"]
        for key, resultats in left.items():
            if resultats == {"ECHEC"}:
                yield "ESMS-DMP-11" if key[0] == "DMP" else "ESMS-MSS-14", "ECHEC_SANS_SUITE", places[key]

    def _documents(self) -> Iterator[Place]:
        """The documents of a qualified person that never met the DMP."""
        tried = {row["document_id"] for row in self.tables["envoi"] if row["canal"] == "DMP"}
        refused: dict[str, list[Row]] = {}
        for row in self.tables["opposition"]:
            if row["canal"] == "DMP":
                refused.setdefault(self.truth.root(row["usager_id"]), []).append(row)
        for row in self.tables["document"]:
            person = self.persons[self.truth.root(row["usager_id"])]
            day, finess = row["date_validation"], row["finess_et"]
            deployed = self.etablissements[finess]["date_deploiement"]
            owed = person["statut_identite"] == "QUAL" and row["document_id"] not in tried
            if not owed or not max(DEBUT, deployed, person["date_statut_identite"]) <= day <= FED_UNTIL:
                continue
            opposed = any(
                o["date_debut"] <= day <= (o["date_fin"] or day) for o in refused.get(person["usager_id"], [])
            )
            if not opposed and day <= (person["date_deces"] or day):
                yield "ESMS-DMP-08", "JAMAIS_ALIMENTE", finess

    def _receptions(self) -> Iterator[Place]:
        for row in self.tables["reception"]:
            if row["horodatage"][:10] < FILED_BEFORE:
                if row["integre"] == "false":
                    yield "ESMS-DONNEES-30", "NON_INTEGRE", row["finess_et"]
                if not row["usager_id"]:
                    yield "ESMS-DONNEES-30", "SANS_PERSONNE", row["finess_et"]

    def _establishments(self) -> Iterator[Place]:
        """Rates that the lost séjours may change, and the dashboard of a service that was not there all the year."""
        (last,) = (mesure for mesure in MESURES if mesure.nom == "2025-12-31_mois_ecoule")
        for one in indicators(self.truth, last)["etablissements"]:
            for name in ("taux_dossiers_actifs", "taux_projet_personnalise", "taux_evenement_agenda"):
                motif = one["indicateurs"][name]["motif"]
                if motif not in (None, "ETABLISSEMENT_HORS_PERIODE"):
                    yield "ESMS-IND-01", motif, one["finess_et"]
        for finess, row in self.etablissements.items():
            if row["profil_cibles"] == "standard" and row["date_deploiement"] > "2025-01-01":
                for _service in ("dmp", "mss"):
                    yield "ESMS-TBB-09", "PERIODE_NON_COUVERTE", finess


def _open(dossier: Row) -> bool:
    return not dossier["date_archivage"] or dossier["date_archivage"] > EXTRACTION


def _identity_faults(row: Row) -> Iterator[tuple[str, str]]:
    matricule, statut = row["matricule_ins"], row["statut_identite"]
    if matricule and len(matricule) != 15:
        yield "ESMS-INS-01", "FORME"
    elif matricule and nir_key(matricule[:13]) != matricule[13:]:
        yield "ESMS-INS-01", "CLE"
    strict = ("nom_naissance", "prenoms_naissance", "date_naissance", "sexe", "lieu_naissance_cog")
    if statut in ("RECUP", "QUAL") and not all(row[trait] for trait in strict):
        yield "ESMS-INS-03", "TRAIT_MANQUANT"
    for trait in ("nom_naissance", "prenoms_naissance", "premier_prenom"):
        if not row[trait].isascii():
            yield "ESMS-INS-04", "DIACRITIQUES"
        elif row[trait] != row[trait].upper():
            yield "ESMS-INS-04", "MINUSCULES"
    if "-00" in row["date_naissance"]:
        yield "ESMS-INS-06", "ZERO"
    if not statut:
        yield "ESMS-INS-14", "STATUT_MANQUANT"
