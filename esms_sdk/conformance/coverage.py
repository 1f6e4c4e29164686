"""The matrix of the catalogue, ``conformance/couverture.csv``: what is asked, how it is checked, what is not and why.

It is committed, so that a change of the catalogue shows what it covers; ``esms requirements coverage --check`` says
when it is stale, ``make docs`` writes it again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from esms_sdk import content
from esms_sdk.conformance.catalogue import COUVERTURE, Requirement, Source, catalogue
from esms_sdk.csv_file import as_text

COLUMNS = (
    "id", "titre", "domaine", "niveau", "profils", "couloirs", "methode", "objet", "derogeable",
    "non_verifie_parce_que", "sources", "constats", "cas_qui_passent", "cas_qui_echouent", "preuves",
)  # fmt: skip
_BOM = "\ufeff"


@dataclass(frozen=True)
class Coverage:
    """The matrix as the catalogue has it, its numbers by domain and method, and what of the kept one is ``stale``."""

    rows: list[dict[str, str]]
    summary: Mapping[str, Mapping[str, int]]
    path: Path
    stale: list[str]


def measure() -> Coverage:
    """Return the matrix of the catalogue beside the one that is kept."""
    requirements = catalogue()
    listed, path = requirements.values(), committed()
    return Coverage(rows(listed), summary(listed), path, stale(requirements, path))


def rows(requirements: Iterable[Requirement]) -> list[dict[str, str]]:
    """Return a row a requirement, in the order given."""
    return [_row(one) for one in requirements]


def _row(one: Requirement) -> dict[str, str]:
    failing = sum(bool(case["constats"]) for case in one.cas)
    return {
        "id": one.id,
        "titre": one.titre,
        "domaine": one.domaine,
        "niveau": one.niveau,
        "profils": " ".join(one.profils),
        "couloirs": " ".join(one.couloirs),
        "methode": one.methode,
        "objet": one.objet,
        "derogeable": as_text(one.derogeable),
        "non_verifie_parce_que": one.non_verifie_parce_que,
        "sources": " | ".join(_source(source) for source in one.sources),
        "constats": " ".join(one.constats),
        "cas_qui_passent": str(len(one.cas) - failing),
        "cas_qui_echouent": str(failing),
        "preuves": " ".join(piece.numero for piece in one.preuves),
    }


def _source(source: Source) -> str:
    told = ", ".join(part for part in (source.document, source.version, source.section, source.reference) if part)
    return told + (" (autre couloir)" if source.autre_couloir else "")


def text(requirements: Iterable[Requirement]) -> str:
    """Return the file: UTF-8 with BOM and ``;``, a line feed after each line since it is kept under git."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([as_text(row[name]) for name in COLUMNS] for row in rows(requirements))
    return _BOM + written.getvalue()


def committed() -> Path:
    """Return where the matrix is kept."""
    return content.folder("conformance") / COUVERTURE


def stale(requirements: Mapping[str, Requirement], path: Path) -> list[str]:
    """Return what differs between the catalogue and the matrix kept in ``path``: ids, or the file as a whole."""
    try:
        kept = _lines(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return [path.name]
    made = _lines(text(requirements.values()))
    differing = sorted(id for id in {*kept, *made} if kept.get(id) != made.get(id))
    return differing if differing or list(kept) == list(made) else [path.name]


def _lines(file: str) -> dict[str, list[str]]:
    """Return the lines by id, in their order, the heads too."""
    return {line[0]: line for line in csv.reader(io.StringIO(file.removeprefix(_BOM)), delimiter=";") if line}


def summary(requirements: Iterable[Requirement]) -> dict[str, dict[str, int]]:
    """Return the number of requirements by domain and method."""
    found: dict[str, dict[str, int]] = {}
    for one in requirements:
        counts = found.setdefault(one.domaine, {"auto": 0, "preuve": 0, "manuel": 0, "cas": 0})
        counts[one.methode] += 1
        counts["cas"] += len(one.cas)
    return found
