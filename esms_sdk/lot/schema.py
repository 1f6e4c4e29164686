"""The tables of the canonical lot, read from ``schema.toml`` (the contract, column by column)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "code", "date", "timestamp", "boolean", "integer", "object"]

SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
}

# The identity of a person: what ``--without-identity`` leaves out.
IDENTITY_COLUMNS = (
    "matricule_ins", "oid_ins", "nom_naissance", "prenoms_naissance", "premier_prenom", "nom_utilise",
    "prenom_utilise", "sexe", "date_naissance", "date_naissance_estimee", "lieu_naissance_cog",
)  # fmt: skip

# Contract §2: an end before its beginning (ORDRE_DATES).
DATE_ORDERS: dict[str, tuple[str, str]] = {
    "sejour": ("date_entree", "date_sortie"),
    "dossier": ("date_creation", "date_archivage"),
    "evenement": ("date_debut", "date_fin"),
    "projet_personnalise": ("date_debut", "date_fin"),
}

# Where a column is not used, and what stands in it not looked at (contract §7): a SQL condition on the row.
UNUSED_WHEN: dict[tuple[str, str], str] = {
    ("envoi", "operation"): "canal <> 'DMP'",
    ("envoi", "message_id"): "canal = 'DMP'",
    ("sejour", "sortie_definitive"): "date_sortie is null",
}

# The dated logs, with the column that dates a row: what a coverage is asked of (contract §7).
DATED_LOGS: dict[str, str] = {
    "sejour": "date_entree",
    "mise_a_jour": "date_maj",
    "statut_projet": "date_statut",
    "evenement": "date_debut",
    "envoi": "horodatage",
    "appel_insi": "horodatage",
    "echange_optionnel": "horodatage",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``required_if`` is a SQL condition on the row under which it may not be null."""

    name: str
    kind: Kind
    null: bool = False
    default: str | int | bool | list[str] | None = None
    values: tuple[str, ...] = ()
    references: str | None = None
    required_if: str | None = None
    is_list: bool = False

    @property
    def required(self) -> bool:
        """Whether a row must have a value of its own here."""
        return not self.null and self.default is None

    @property
    def sql_type(self) -> str:
        """The type of the column in the engine."""
        return SQL_TYPES[self.kind]

    @property
    def sql_default(self) -> str | None:
        """The default as a SQL literal, if there is one."""
        if self.default is None:
            return None
        return f"'{self.default}'" if isinstance(self.default, str) else str(self.default).lower()


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``key`` is empty where rows may repeat."""

    name: str
    required: bool
    key: tuple[str, ...]
    columns: dict[str, Column]

    @property
    def references(self) -> dict[str, str]:
        """Column → table it refers to."""
        return {c.name: c.references for c in self.columns.values() if c.references}


@dataclass(frozen=True, slots=True)
class Schema:
    """The whole contract of a lot; ``tables`` in an order where each comes after those it refers to."""

    version: str
    tables: dict[str, Table]
    manifest: dict[str, Column]


def _column(name: str, spec: dict[str, Any]) -> Column:
    return Column(
        name=name,
        kind=spec["kind"],
        null=spec.get("null", False),
        default=spec.get("default"),
        values=tuple(spec.get("values", ())),
        references=spec.get("references"),
        required_if=spec.get("required_if"),
        is_list=spec.get("list", False),
    )


@cache
def load() -> Schema:
    """Return the schema that this version of the SDK speaks.

    >>> load().tables["sejour"].references
    {'usager_id': 'usager', 'finess_et': 'etablissement'}
    """
    raw = tomllib.loads((Path(__file__).parent / "schema.toml").read_text(encoding="utf-8"))
    tables = {
        name: Table(
            name=name,
            required=spec.get("required", False),
            key=tuple(spec.get("key", ())),
            columns={c: _column(c, s) for c, s in spec.items() if isinstance(s, dict)},
        )
        for name, spec in raw["table"].items()
    }
    manifest = {name: _column(name, spec) for name, spec in raw["manifeste"].items()}
    return Schema(raw["version"], tables, manifest)
