"""``conformite.csv``: a line a finding, all of them; it is also what ``--baseline`` reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from esms_sdk.conformance.result import Conformity
from esms_sdk.csv_file import Cell, write_csv

COLUMNS = (
    "exigence", "niveau", "code", "gravite", "message", "precision", "table", "colonne", "cle", "finess_et", "fichier",
    "ligne", "xpath", "connu", "ecart",
)  # fmt: skip


def write_lines(path: Path, result: Conformity) -> Path:
    """Write every finding, one after the other, and return the path."""
    return write_csv(path, COLUMNS, _rows(result))


def _rows(result: Conformity) -> Iterator[list[Cell]]:
    owed = [outcome.requirement for outcome in result.outcomes]
    accepted = {
        (outcome.requirement.id, group.code, group.finess_et, group.fichier): group.ecart.motif
        for outcome in result.outcomes
        for group in outcome.groupes
        if group.ecart
    }
    kinds = {(one.id, code): (one.niveau, constat) for one in owed for code, constat in one.constats.items()}
    for f, known in result.findings.known_lines():
        niveau, constat = kinds[f.exigence, f.code]
        table, _, column = ("", "", "") if f.fichier else constat.ou.partition(".")
        ecart = accepted.get((f.exigence, f.code, f.finess_et, f.fichier)) if accepted else None
        yield [
            f.exigence, niveau, f.code, constat.gravite, constat.message, f.precision, table, column, f.cle,
            f.finess_et, f.fichier, f.ligne, f.xpath, known if result.baseline else None, ecart,
        ]  # fmt: skip
