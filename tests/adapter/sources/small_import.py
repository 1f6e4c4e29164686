"""A small adapter over one source of the kind under test, run through the real import; its counts always add up."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esms_sdk import open_lot
from esms_sdk.adapter import ImportReport, import_lot

STRUCTURES = "ET;EJ;Nom\n000000117;000000109;Les Tilleuls\n"
ADAPTER = """\
[lot]
editeur = "Essai"
logiciel = "Essai"
version_logiciel = "1"
date_extraction = "2025-10-01T06:30:00"
perimetre = ["000000117"]
non_fourni = ["dossier", "mise_a_jour", "projet_personnalise", "statut_projet", "evenement"]
periode_couverte_debut = "2025-01-01"
periode_couverte_fin = "2025-09-30"
journal_maj_complet = true
historique_statuts_complet = true
mode = "test"

[source.structures]
fichiers = ["structures.csv"]
[table.organisme]
source = "structures"
colonnes = { finess_ej = "EJ", raison_sociale = "Nom" }
[table.etablissement]
source = "structures"
colonnes = { finess_et = "ET", finess_ej = "EJ", denomination = "Nom" }
"""
# The tables over the source «suivis», where a test does not say otherwise.
USAGER = """
[table.usager]
source = "suivis"
colonnes = { usager_id = "Usager" }
"""
SEJOUR = """
[table.sejour]
source = "suivis"
[table.sejour.colonnes]
sejour_id = "N"
usager_id = "Usager"
finess_et = { valeur = "000000117" }
date_entree = "Entrée"
date_sortie = { colonne = "Sortie", formats = ["%d/%m/%Y"] }
"""


@dataclass(frozen=True)
class Imported:
    """What an import gave: its report, the counts of each source, the rejects, and the lot if there is one."""

    report: ImportReport
    sources: Mapping[str, Mapping[str, Any]]
    rejets: list[dict[str, str]]
    out: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        lot = open_lot(self.out)
        try:
            return lot.con.execute(query).fetchall()
        finally:
            lot.close()

    def sejours(self) -> list[tuple[Any, ...]]:
        found = self.rows("select sejour_id, date_entree, date_sortie from sejour order by all")
        return [(key, *(day and day.isoformat() for day in days)) for key, *days in found]

    def rejected(self) -> list[tuple[str, str, str, str, str]]:
        names = ("source", "ligne", "table", "colonne", "code")
        return [tuple(row[name] for name in names) for row in self.rejets]  # type: ignore[misc]

    def rejected_rows(self) -> dict[str, str]:
        """The files of rejected rows, as texts."""
        folder = self.out / "rejets" / "lignes"
        files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
        names = {path: os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8") for path in files}
        return {name: path.read_text(encoding="utf-8") for path, name in names.items()}


def run(
    folder: Path, source: str, *, tables: str = USAGER + SEJOUR, more: str = "", given: Path | None = None
) -> Imported:
    """Import ``folder/export``; ``source`` declares the source «suivis», unless ``tables`` does."""
    export = given or folder / "export"
    if export.is_dir():
        (export / "structures.csv").write_text(STRUCTURES, encoding="utf-8", newline="\n")
        sources = [export]
    else:
        (folder / "structures.csv").write_text(STRUCTURES, encoding="utf-8", newline="\n")
        sources = [export, folder / "structures.csv"]
    adapter = folder / "essai"
    adapter.mkdir(exist_ok=True)
    declared = f"[source.suivis]\n{source}\n" if source else ""
    text = f"{ADAPTER}\n{declared}{more}\n{tables}"
    (adapter / "adapter.toml").write_text(text, encoding="utf-8", newline="\n")
    out = folder / "lot"
    report = import_lot(sources, adapter, out, max_rejets="100%", force=True)
    sources_ = {name: counts.as_manifest() for name, counts in report.sources.items()}
    for counts in sources_.values():
        assert counts["lues"] == counts["acceptees"] + counts["rejetees"] + counts["ignorees"]
    if report.lot:
        written = json.loads((out / "manifeste.json").read_text(encoding="utf-8"))["import"]["sources"]
        assert written == sources_
    sources_.pop("structures.csv", None)
    rejects: list[dict[str, str]] = []
    if report.lot:
        with (out / "rejets" / "rejets.csv").open(encoding="utf-8-sig", newline="") as file:
            rejects = list(csv.DictReader(file, delimiter=";"))
    return Imported(report, sources_, rejects, out)
