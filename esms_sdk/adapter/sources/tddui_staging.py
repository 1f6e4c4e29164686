"""Where the two readers of TDDUI put what they find: a few narrow tables of texts, filled by batches of columns.

``entree`` one row an entry that the lot may use; ``identite`` the traits of those that are persons; ``structure`` the
organisations; ``cle`` the names by which an entry can be referred to; ``lien`` what it refers to; ``remarque`` what the
reader says of it; ``document`` the instants that a file gives for itself.  The rest is SQL (:mod:`.tddui_links`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from esms_sdk import database

if TYPE_CHECKING:
    import duckdb

Cell: TypeAlias = str | int | None

ENTREE = (
    "_r", "genre", "ressource", "logique", "maj", "valeur", "sujet", "essms", "statut", "debut", "fin", "admission",
    "cree_le", "type_systeme", "type_code",
)  # fmt: skip
TRAITS = (
    "statut_identite", "attributs_identite", "matricule_ins", "oid_ins", "nom_naissance", "prenoms_naissance",
    "premier_prenom", "nom_utilise", "prenom_utilise", "sexe", "date_naissance", "lieu_naissance_cog",
    "mode_obtention_ins", "date_interrogation_insi", "mode_validation_identite", "date_deces",
)  # fmt: skip
TABLES: Mapping[str, Sequence[str]] = {
    "entree": ENTREE,
    # nir: the first thirteen characters of the person's NIR, wherever the source holds it.
    "identite": ("_r", "nir", *TRAITS),
    # ej: the FINESS of the body that runs it; partie_de: a reference to it.
    "structure": ("_r", "finess", "ej", "partie_de", "nom"),
    "cle": ("_r", "genre", "cle"),
    "lien": ("_r", "role", "cle"),
    "remarque": ("_r", "nature", "cle", "code", "message"),
    "document": ("_r", "instant"),
}
_BATCH = 8_000


class Staging:
    """The staged tables of one source; ``prefix`` begins their names."""

    def __init__(self, con: duckdb.DuckDBPyConnection, prefix: str, work: Path) -> None:
        self.con, self.prefix, self.work = con, prefix, work
        self._rows: dict[str, list[tuple[Cell, ...]]] = {name: [] for name in TABLES}
        for name, columns in TABLES.items():
            kinds = ", ".join(f"{c} {'bigint' if c == '_r' else 'varchar'}" for c in columns)
            con.execute(f"create table {prefix}_{name} ({kinds})")

    def add(self, table: str, row: tuple[Cell, ...]) -> None:
        """Keep one row; its cells are those of the table, in order."""
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= _BATCH:
            self._flush(table)

    def entry(self, row: int, **cells: Cell) -> None:
        """Keep one entry, by the names of ``ENTREE``; what is not given is null."""
        self.add("entree", (row, *map(cells.get, ENTREE[1:])))

    def refuse(self, row: int, code: str, message: str) -> None:
        """Say that the entry is rejected."""
        self.add("remarque", (row, "rejet", None, code, message))

    def ignore(self, row: int, reason: str) -> None:
        """Say that the entry is set aside, and why."""
        self.add("remarque", (row, "ignoree", None, reason, None))

    def observe(self, row: int, code: str, message: str) -> None:
        """Say something of an entry that is kept."""
        self.add("remarque", (row, "observation", None, code, message))

    def close(self) -> None:
        """Have every row in the database."""
        for table in TABLES:
            self._flush(table)

    def _flush(self, table: str) -> None:
        """Hand the kept rows over as one JSON text, a list a column: it is read four times as fast as bound values."""
        rows = self._rows[table]
        if not rows:
            return
        # Half a character pair has no UTF-8; a zero character ends a text for the engine.
        text = json.dumps(list(zip(*rows, strict=True)), ensure_ascii=False).encode("utf-8", "replace")
        path = self.work / f"{self.prefix}.json"
        path.write_bytes(text.replace(b"\\u0000", b""))
        names = TABLES[table]
        cells = ", ".join(f"unnest(j[{i}])" for i in range(1, len(names) + 1))
        self.con.execute(
            f"insert into {self.prefix}_{table} select {cells} "
            f"from (select from_json(content, '[[\"VARCHAR\"]]') as j from read_text({database.file(path)}))"
        )
        path.unlink()
        rows.clear()
