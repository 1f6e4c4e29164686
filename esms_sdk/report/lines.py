"""``conformite.csv``: a line a finding, all of them; it is also what ``--baseline`` reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from esms_sdk.conformance.result import Conformity, Finding
from esms_sdk.csv_file import Cell, write_csv

COLUMNS = (
    "exigence", "niveau", "code", "gravite", "message", "precision", "table", "colonne", "cle", "finess_et", "fichier",
    "ligne", "xpath", "connu", "ecart",
)  # fmt: skip


def write_lines(path: Path, result: Conformity) -> Path:
    """Write every finding, one after the other, and return the path."""
    return write_csv(path, COLUMNS, _rows(result))


def _rows(result: Conformity) -> Iterator[list[Cell]]:
    requirements = {outcome.requirement.id: outcome.requirement for outcome in result.outcomes}
    accepted = {
        (outcome.requirement.id, group.code, group.finess_et, group.fichier): group.ecart.motif
        for outcome in result.outcomes
        for group in outcome.groupes
        if group.ecart
    }
    for finding, known in result.findings.known_lines():
        one = requirements[finding.exigence]
        constat = one.constats[finding.code]
        table, _, column = ("", "", "") if finding.fichier else constat.ou.partition(".")
        told: dict[str, Cell] = {
            **finding._asdict(),
            "niveau": one.niveau, "gravite": constat.gravite, "message": constat.message, "table": table,
            "colonne": column, "connu": known if result.baseline else None, "ecart": accepted.get(_group(finding)),
        }  # fmt: skip
        yield [told[name] for name in COLUMNS]


def _group(finding: Finding) -> tuple[str, str, str | None, str | None]:
    return finding.exigence, finding.code, finding.finess_et, finding.fichier
