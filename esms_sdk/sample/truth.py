"""What the indicators of a world count, worked out person by person in plain Python, apart from the engine.

It reads canonical rows (:data:`esms_sdk.sample.canonical.Tables`) and knows nothing of DuckDB.  The periods are given,
not computed: each :class:`Mesure` states its own, as a person would write them down.
"""

from __future__ import annotations

from dataclasses import dataclass

from esms_sdk.sample.canonical import Row, Tables


@dataclass(frozen=True, slots=True)
class Mesure:
    """One measure to expect: its options and its period (ISO dates, both included)."""

    nom: str
    mesure_le: str
    debut: str
    fin: str
    definition: str = "mois_ecoule"
    denominateur: str = "periode"
    evenements: str = "dans_la_periode"
    premiere_mesure: bool = False

    @property
    def fenetre(self) -> str:
        """The first day of the annual window."""
        return min(self.fin[:4] + "-01-01", self.debut)


@dataclass(frozen=True, slots=True)
class Rejet:
    """A rejected row of ``sejour``: its FINESS and its dates (ISO), empty where they cannot be read."""

    finess_et: str
    entree: str
    sortie: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numerator and denominator of each rate for one reading."""

    rates: dict[str, tuple[int, int]]
    accompagnees: int


class Truth:
    """A lot's rows arranged by person and establishment; dates stay ISO text, which compares as dates do."""

    def __init__(self, tables: Tables, perimetre: list[str], couverture: tuple[str, str], rejets: list[Rejet]) -> None:
        self.perimetre, self.couverture, self.rejets = perimetre, couverture, rejets
        self.sejours_lus = len(tables["sejour"]) + len(rejets)
        self.etablissements = {row["finess_et"]: row for row in tables["etablissement"]}
        self.fusion = {row["usager_id"]: row["usager_id_fusion"] for row in tables["usager"]}
        self.sejours = self._by_person(tables["sejour"])
        self.dossiers = self._by_person(tables["dossier"])
        self.envois = tables["envoi"]
        self.echanges = tables["echange_optionnel"]
        self.maj = _by(tables["mise_a_jour"], "dossier_id")
        self.evenements = _by(tables["evenement"], "dossier_id")
        self.projets = _by(tables["projet_personnalise"], "dossier_id")
        self.statuts = _by(tables["statut_projet"], "projet_id")

    def root(self, usager_id: str) -> str:
        while self.fusion[usager_id]:
            usager_id = self.fusion[usager_id]
        return usager_id

    def _by_person(self, rows: list[Row]) -> dict[str, dict[str, list[Row]]]:
        found: dict[str, dict[str, list[Row]]] = {}
        for row in rows:
            persons = found.setdefault(row["finess_et"], {})
            persons.setdefault(self.root(row["usager_id"]), []).append(row)
        return found

    def counts(self, sejour: Row, mesure: Mesure, lecture: str) -> bool:
        """Say whether a séjour counts for a reading."""
        entree, sortie = sejour["date_entree"], sejour["date_sortie"]
        if entree > mesure.fin:
            return False
        if lecture == "periode":
            return not sortie or sortie >= mesure.debut
        if not sortie or sortie >= mesure.fin:
            return True
        return sortie >= mesure.fenetre and sejour["sortie_definitive"] != "false"

    def updated(self, dossier: Row, mesure: Mesure) -> bool:
        return any(
            maj["origine"] == "UTILISATEUR" and mesure.debut <= maj["date_maj"] <= mesure.fin
            for maj in self.maj.get(dossier["dossier_id"], [])
        )

    def has_projet(self, dossier: Row, mesure: Mesure) -> bool:
        for projet in self.projets.get(dossier["dossier_id"], []):
            known = [s for s in self.statuts.get(projet["projet_id"], []) if s["date_statut"] <= mesure.fin]
            if known:
                last = max(known, key=lambda s: (s["date_statut"], int(s["rang"])))
                if last["statut"] in ("ENPREPARATION", "ENCOURS"):
                    return True
        return False

    def has_event(self, dossier: Row, mesure: Mesure) -> bool:
        for event in self.evenements.get(dossier["dossier_id"], []):
            if event["statut"] == "ANNULE":
                continue
            if mesure.evenements == "sans_borne":
                return True
            if event["date_debut"] <= mesure.fin and (event["date_fin"] or event["date_debut"]) >= mesure.debut:
                return True
        return False

    def numbers(self, finess: str, mesure: Mesure, lecture: str) -> Numbers:
        """Count one establishment for one reading, one person after the other."""
        accompagnees, projetables, actives, projet, agenda = set(), set(), 0, 0, 0
        for person, sejours in self.sejours.get(finess, {}).items():
            counting = [sejour for sejour in sejours if self.counts(sejour, mesure, lecture)]
            if not counting:
                continue
            accompagnees.add(person)
            if any(sejour["projet_applicable"] == "true" for sejour in counting):
                projetables.add(person)
            dossiers = [
                dossier
                for dossier in self.dossiers.get(finess, {}).get(person, [])
                if dossier["date_creation"] <= mesure.fin
                and (not dossier["date_archivage"] or dossier["date_archivage"] >= mesure.debut)
            ]
            if any(self.updated(dossier, mesure) for dossier in dossiers):
                actives += 1
                projet += any(self.has_projet(dossier, mesure) for dossier in dossiers)
                agenda += any(self.has_event(dossier, mesure) for dossier in dossiers)
        messages, fed = self.sent(finess, mesure)
        return Numbers(
            {
                "taux_dossiers_actifs": (actives, len(accompagnees)),
                "taux_projet_personnalise": (projet, actives),
                "taux_evenement_agenda": (agenda, actives),
                "taux_mssante": (messages, len(projetables)),
                "taux_dmp": (len(fed & projetables), len(projetables)),
            },
            len(accompagnees),
        )

    def sent(self, finess: str, mesure: Mesure) -> tuple[int, set[str]]:
        """Return the number of messages sent and the persons whose DMP was fed."""
        messages, fed = set(), set()
        for envoi in self.envois:
            inside = mesure.debut <= envoi["horodatage"][:10] <= mesure.fin
            if envoi["finess_et"] != finess or envoi["resultat"] != "SUCCES" or not inside:
                continue
            if envoi["canal"] != "DMP":
                messages.add(envoi["message_id"])
            elif envoi["operation"] in ("AJOUT", "REMPLACEMENT"):
                fed.add(self.root(envoi["usager_id"]))
        return len(messages), fed

    def possible_losses(self, finess: str, mesure: Mesure) -> int:
        """Return r(f): rejected rows of séjour that may have counted for the chosen reading."""
        earliest = mesure.debut if mesure.denominateur == "periode" else mesure.fenetre
        return sum(
            1
            for rejet in self.rejets
            if rejet.finess_et == finess
            and not (rejet.entree and rejet.entree > mesure.fin)
            and not (rejet.sortie and rejet.sortie < earliest)
        )


def _by(rows: list[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found
