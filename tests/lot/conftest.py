"""A small valid lot, written by hand, for a test to spoil."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from esms_sdk.errors import Fault, LotInvalid
from esms_sdk.lot import Lot, open_lot

CSV = {
    "organisme": "finess_ej;raison_sociale\n000000109;Association des Tilleuls\n",
    "etablissement": (
        "finess_et;finess_ej;denomination\n"
        "000000117;000000109;EHPAD des Tilleuls\n"
        "000000125;000000109;SSIAD des Tilleuls\n"
    ),
    "usager": "usager_id;usager_id_fusion\nU1;\nU2;\nU3;U1\n",
    "sejour": (
        "sejour_id;usager_id;finess_et;date_entree;date_sortie;sortie_definitive\n"
        "S1;U1;000000117;2025-01-06;;\n"
        "S2;U2;000000125;2025-02-03;2025-08-29;true\n"
    ),
    "dossier": (
        "dossier_id;usager_id;finess_et;date_creation;date_archivage\n"
        "D1;U1;000000117;2025-01-06;\n"
        "D2;U2;000000125;2025-02-03;2025-09-30\n"
    ),
    "mise_a_jour": "dossier_id;date_maj;origine\nD1;2025-09-10;UTILISATEUR\nD1;2025-09-10;UTILISATEUR\n",
    "projet_personnalise": "projet_id;dossier_id;date_debut;date_fin\nP1;D1;2025-03-01;\n",
    "statut_projet": "projet_id;date_statut;rang;statut\nP1;2025-03-01;;ENPREPARATION\nP1;2025-03-01;1;ENCOURS\n",
    "evenement": (
        "evenement_id;dossier_id;date_debut;date_fin;statut\n"
        "E1;D1;2025-09-12;2025-09-12;VALIDE\n"
        "E2;D2;2025-09-13;;ANNULE\n"
    ),
}

ENVOI = (
    "envoi_id;canal;finess_et;usager_id;document_id;message_id;horodatage;operation;resultat;ins_qualifiee\n"
    "N1;DMP;000000117;U1;X1;;2025-09-15T10:00:00;AJOUT;SUCCES;true\n"
    "N2;MSS_PRO;000000117;;;M1;2025-09-16T23:59:59;;ECHEC;false\n"
)

MANIFEST: dict[str, Any] = {
    "version_schema": "1",
    "editeur": "Éditeur inventé",
    "logiciel": "Logiciel inventé",
    "version_logiciel": "1.0",
    "date_extraction": "2025-10-01T02:00:00",
    "perimetre": ["000000125", "000000117"],
    "periode_couverte_debut": "2025-01-01",
    "periode_couverte_fin": "2025-09-30",
    "journal_maj_complet": True,
    "historique_statuts_complet": True,
    "mode": "test",
}

Place = tuple[str, str | None, int | None, str | None]


class SmallLot:
    """A lot in ``folder``: ``csv`` has the text of each table, ``manifest`` the manifest's value."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.csv: dict[str, str | bytes] = dict(CSV)
        self.manifest: dict[str, Any] = json.loads(json.dumps(MANIFEST))
        self.opened: list[Lot] = []

    def replace(self, table: str, old: str, new: str) -> None:
        """Change one part of a table's text that stands there once."""
        text = self.csv[table]
        assert isinstance(text, str) and text.count(old) == 1, (table, old)
        self.csv[table] = text.replace(old, new)

    def add(self, table: str, *lines: str) -> None:
        """Add rows to a table's text."""
        text = self.csv[table]
        assert isinstance(text, str)
        self.csv[table] = text + "".join(line + "\n" for line in lines)

    def parquet(self, name: str, query: str) -> None:
        """Write a Parquet file (``table.parquet`` or ``table/part.parquet``), in the place of the table's text."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as con:
            con.execute(f"copy ({query}) to '{str(target).replace(chr(39), 2 * chr(39))}' (format parquet)")
        self.csv.pop(name.partition("/")[0].removesuffix(".parquet"), None)

    def as_parquet(self, name: str, types: str = "", select: str = "*") -> None:
        """Write a table's text as a Parquet file; ``types`` are DuckDB types of columns, all else is text."""
        table = name.partition("/")[0].removesuffix(".parquet")
        text = self.csv[table]
        assert isinstance(text, str)
        source = self.folder.parent / "source.csv"
        source.write_text(text, encoding="utf-8", newline="")
        given = f"read_csv('{source}', delim = ';', all_varchar = true, header = true, nullstr = '')"
        self.parquet(
            name,
            f"select {select} from (select * replace ({types}) from {given})"
            if types
            else f"select {select} from {given}",
        )

    def write(self) -> Path:
        """Write what is in memory and return the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for table, text in self.csv.items():
            content = text if isinstance(text, bytes) else text.encode("utf-8")
            (self.folder / f"{table}.csv").write_bytes(content)
        self.write_manifest()
        return self.folder

    def write_manifest(self) -> None:
        """Write the manifest alone."""
        content = json.dumps(self.manifest, ensure_ascii=False, indent=1) + "\n"
        (self.folder / "manifeste.json").write_bytes(content.encode("utf-8"))

    def open(self) -> Lot:
        """Write the lot and open it."""
        self.write()
        return self.reopen()

    def reopen(self) -> Lot:
        """Open the lot as it stands on the disk."""
        lot = open_lot(self.folder)
        self.opened.append(lot)
        return lot

    def refusal(self) -> LotInvalid:
        """Write the lot, which must be refused, and return how."""
        with pytest.raises(LotInvalid) as refused:
            self.open()
        return refused.value

    def faults(self) -> list[Fault]:
        """Write the lot, which must be refused, and return its faults."""
        return list(self.refusal().faults)

    def places(self) -> list[Place]:
        """Write the lot, which must be refused, and return where and what its faults are."""
        return [(f.code, f.fichier, f.ligne, f.colonne) for f in self.faults()]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Write and open the lot, and return the rows of a query."""
        return self.open().con.execute(query).fetchall()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallLot]:
    lot = SmallLot(tmp_path / "lot")
    yield lot
    for opened in lot.opened:
        opened.close()


@pytest.fixture
def with_envois(small: SmallLot) -> SmallLot:
    """The small lot with its send log and one document."""
    small.csv["envoi"] = ENVOI
    small.csv["document"] = (
        "document_id;usager_id;finess_et;type_code;date_creation\nX1;U1;000000117;11488-4;2025-09-15\n"
    )
    return small
