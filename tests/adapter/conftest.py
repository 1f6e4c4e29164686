"""A small export and its adapter, for a test to change."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from esms_sdk import database
from esms_sdk.adapter import ImportReport, import_lot
from esms_sdk.errors import EsmsError
from esms_sdk.lot import Lot, open_lot
from esms_sdk.lot.reader import SEAL

HEAD = """
[adapter]
nom = "essai"
titre = "Essai"
version = "1"
fuseau = "Europe/Paris"
"""
LOT = {
    "editeur": '"Éditeur inventé"',
    "logiciel": '"Logiciel inventé"',
    "version_logiciel": '"1.0"',
    "date_extraction": '"2025-10-01T02:00:00"',
    "perimetre": '{ sql = "select finess_et from etablissement" }',
    "non_fourni": '["projet_personnalise", "statut_projet", "evenement"]',
    "periode_couverte_debut": '"2025-01-01"',
    "periode_couverte_fin": '"2025-09-30"',
    "journal_maj_complet": "true",
    "historique_statuts_complet": "true",
    "mode": '"test"',
}
FILES = {
    "og.csv": "EJ;NOM\n000000109;Association des Tilleuls\n",
    "etab.csv": "ET;EJ;NOM\n000000117;000000109;EHPAD\n000000125;000000109;SSIAD\n",
    "res.csv": "ID\nU1\nU2\n",
    "sej.csv": "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;\nS2;U2;000000125;2025-02-03;2025-08-29\n",
    "dos.csv": "NUM;RES;ET;CREE\nD1;U1;000000117;2025-01-06\nD2;U2;000000125;2025-02-03\n",
    "log.csv": "DOS;JOUR;QUI\nD1;2025-09-10;UTILISATEUR\n",
}
SOURCES = {name.partition(".")[0]: f'fichiers = ["{name}"]' for name in FILES}
TABLES = {
    "organisme": 'source = "og"\ncolonnes = { finess_ej = "EJ", raison_sociale = "NOM" }',
    "etablissement": 'source = "etab"\ncolonnes = { finess_et = "ET", finess_ej = "EJ", denomination = "NOM" }',
    "usager": 'source = "res"\ncolonnes = { usager_id = "ID" }',
    "sejour": (
        'source = "sej"\ncolonnes = { sejour_id = "NUM", usager_id = "RES", finess_et = "ET", '
        'date_entree = "ENTREE", date_sortie = "SORTIE" }'
    ),
    "dossier": (
        'source = "dos"\ncolonnes = { dossier_id = "NUM", usager_id = "RES", finess_et = "ET", date_creation = "CREE" }'
    ),
    "mise_a_jour": 'source = "log"\ncolonnes = { dossier_id = "DOS", date_maj = "JOUR", origine = "QUI" }',
}


class Export:
    """The files of an export, and the sections of its adapter as TOML texts; :meth:`run` imports them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.adapter, self.lot = folder / "export", folder / "essai", folder / "lot"
        self.head, self.keys = HEAD, dict(LOT)
        self.files: dict[str, str | bytes] = dict(FILES)
        self.sources, self.tables = dict(SOURCES), dict(TABLES)

    def column(self, table: str, column: str, rule: str) -> None:
        """Add a column to a table's rules."""
        self.tables[table] = self.tables[table].replace("colonnes = { ", f"colonnes = {{ {column} = {rule}, ")

    def feed(self, table: str, *, rows: str, **columns: str) -> None:
        """Give a table a source of its own, ``<table>.csv``."""
        self.files[f"{table}.csv"] = rows
        self.sources[table] = f'fichiers = ["{table}.csv"]'
        listed = ", ".join(f"{name} = {rule}" for name, rule in columns.items())
        self.tables[table] = f'source = "{table}"\ncolonnes = {{ {listed} }}'
        declared = [name for name in ("projet_personnalise", "statut_projet", "evenement") if name not in self.tables]
        self.keys["non_fourni"] = json.dumps(declared)

    def text(self) -> str:
        """Return the adapter's text; a table whose text starts with ``[[`` gives its blocks itself."""
        parts = [self.head, "[lot]", *(f"{key} = {value}" for key, value in self.keys.items())]
        parts += [f"[source.{name}]\n{spec}" for name, spec in self.sources.items()]
        parts += [
            spec if spec.lstrip().startswith("[[") else f"[table.{name}]\n{spec}" for name, spec in self.tables.items()
        ]
        return "\n".join(parts) + "\n"

    def write(self) -> None:
        self.adapter.mkdir(exist_ok=True)
        (self.adapter / "adapter.toml").write_bytes(self.text().encode("utf-8"))
        for name, content in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

    def run(self, **options: Any) -> ImportReport:
        """Write all and import it; whatever the number of rejects there is a lot, unless ``max_rejets`` says else."""
        self.write()
        options = {"max_rejets": "100%", "force": True, **options}
        return import_lot([self.folder], self.adapter, self.lot, **options)

    def refusal(self, **options: Any) -> EsmsError:
        """Import, which must fail, and return the error."""
        with pytest.raises(EsmsError) as refused:
            self.run(**options)
        assert not self.lot.exists()
        return refused.value

    # -- what came out -------------------------------------------------------------------------------------------

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return the rows of a table of the lot, in its order."""
        path = self.lot / f"{table}.parquet"
        with duckdb.connect() as con:
            return con.execute(f"select {columns} from read_parquet({database.file(path)})").fetchall()

    def values(self, table: str, column: str) -> list[Any]:
        """Return one column of a table of the lot."""
        return [row[0] for row in self.rows(table, column)]

    def written(self, name: str, folder: Path | None = None) -> list[dict[str, str]]:
        """Return the lines of a file of ``rejets/``."""
        path = (folder or self.lot / "rejets") / name
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream, delimiter=";"))

    def rejects(self, *columns: str) -> list[tuple[str, ...]]:
        """Return some columns of ``rejets.csv``; without any: source, line, table, code and column."""
        wanted = columns or ("source", "ligne", "table", "code", "colonne")
        return [tuple(line[c] for c in wanted) for line in self.written("rejets.csv")]

    def labels(self) -> list[tuple[str, ...]]:
        return [tuple(line.values()) for line in self.written("libelles_inconnus.csv")]

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.lot / "manifeste.json").read_text(encoding="utf-8"))
        return found

    def counts(self, source: str) -> tuple[int, int, int, dict[str, int]]:
        """Return how many rows of a source were accepted, rejected and ignored, and why the last."""
        found = self.manifest["import"]["sources"][source]
        assert found["lues"] == found["acceptees"] + found["rejetees"] + found["ignorees"]
        return found["acceptees"], found["rejetees"], found["ignorees"], found["motifs_ignorees"]

    def open(self) -> Lot:
        """Open the lot as if nobody had checked it: the seal is off, so that every row is held to the contract."""
        raw = self.manifest
        raw["import"].pop(SEAL, None)
        (self.lot / "manifeste.json").write_text(json.dumps(raw), encoding="utf-8")
        return open_lot(self.lot)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)
