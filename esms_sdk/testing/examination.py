"""What the kit says of an adapter, and what the adapter cannot give: declared, and told as lacking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esms_sdk.adapter.kit import Kit, Outcome
from esms_sdk.indicators import definitions
from esms_sdk.lot import Lot
from esms_sdk.lot.schema import load


@dataclass(frozen=True, slots=True)
class Lacking:
    """What an adapter's lot does not give.

    ``tables`` and ``colonnes`` (``table.colonne``) are *non fournies*; ``indicateurs`` says which ones become
    DONNEE_NON_FOURNIE for it: id → what each reads that is not there.  ``sans_exemple`` are the tables and columns that
    the adapter fills and of which its sample holds nothing, so that no check has seen them.
    """

    tables: tuple[str, ...]
    colonnes: tuple[str, ...]
    indicateurs: Mapping[str, tuple[str, ...]]
    sans_exemple: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """One run of the kit: the outcome of each check, what the adapter lacks, what ``expected`` was made to say."""

    nom: str
    titre: str
    outcomes: tuple[Outcome, ...]
    lacking: Lacking
    changes: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether no check failed."""
        return not any(one.failed for one in self.outcomes)

    def as_document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        lacking = self.lacking
        return {
            "adaptateur": self.nom,
            "titre": self.titre,
            "tenu": self.held,
            "verifications": [
                {"id": one.id, "titre": one.titre, "etat": one.etat, "details": list(one.details), "remede": one.remede}
                for one in self.outcomes
            ],
            "non_fourni": {"tables": list(lacking.tables), "colonnes": list(lacking.colonnes)},
            "indicateurs_non_fournis": {name: list(reads) for name, reads in lacking.indicateurs.items()},
            "sans_exemple": list(lacking.sans_exemple),
            "changements": list(self.changes),
        }


def examine(folder: Path, *, update: bool = False) -> Examination:
    """Run the kit over the adapter of a folder; ``update`` first makes what the sample gives now what is expected."""
    with Kit(folder) as kit:
        changes: tuple[str, ...] = ()
        if update:
            changes = tuple(kit.changes())
            kit.update()
        outcomes = tuple(kit.outcomes())
        return Examination(
            kit.adapter.nom, kit.adapter.titre, outcomes, lacking(kit.lot, set(kit.adapter.tables)), changes
        )


def lacking(lot: Lot, mapped: set[str]) -> Lacking:
    """Return what a lot does not give; ``mapped`` are the tables that its adapter fills where the source has them."""
    missing = [name for name in load().tables if not lot.given(name)]
    columns = [
        f"{table.name}.{column}"
        for table in load().tables.values()
        if table.name not in missing
        for column in table.columns
        if not lot.given(table.name, column)
    ]
    indicators = {}
    for name, definition in definitions().items():
        reads = [
            table if not lot.given(table) else f"{table}.{column}"
            for table, needed in definition.lit.items()
            for column in (needed or (None,))
            if not lot.given(table, *(() if column is None else (column,)))
        ]
        if reads:
            indicators[name] = tuple(dict.fromkeys(reads))
    return Lacking(tuple(missing), tuple(columns), indicators, tuple(_unseen(lot, missing, mapped)))


def _unseen(lot: Lot, missing: list[str], mapped: set[str]) -> list[str]:
    """Return the tables that the adapter maps and that the sample has not, and the columns without one value."""
    found = [name for name in missing if name in mapped]
    for table in load().tables.values():
        given = [c for c in table.columns if table.name not in missing and lot.given(table.name, c)]
        if not given:
            continue
        counted = ", ".join(f"count({column})" for column in given)
        rows, *counts = lot.con.execute(f"select count(*), {counted} from {table.name}").fetchall()[0]
        found += [f"{table.name}.{c}" for c, n in zip(given, counts, strict=True) if not n] if rows else [table.name]
    return found
