"""What an import of the Soléo sample, and the indicators of its lot, must give; worked out without the engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from esms_sdk.sample.canonical import Tables, delimited, manifest, tables
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.soleo import Export
from esms_sdk.sample.soleo.dialects import text
from esms_sdk.sample.soleo.outcome import arithmetic, refused_by_finess, surviving, unknown_labels
from esms_sdk.sample.truth import Mesure, Truth

MESURES = (
    Mesure("2025-09-30_mois_ecoule", "2025-09-30", "2025-09-01", "2025-09-30"),
    Mesure("2025-09-30_annuelle", "2025-09-30", "2025-09-01", "2025-09-30", denominateur="annuelle"),
    Mesure("2025-09-30_sans_borne", "2025-09-30", "2025-09-01", "2025-09-30", evenements="sans_borne"),
    Mesure("2025-10-15_trois_mois", "2025-10-15", "2025-07-15", "2025-10-14", definition="trois_mois"),
    Mesure("2025-12-31_premiere_mesure", "2025-12-31", "2025-10-01", "2025-12-31", premiere_mesure=True),
    Mesure("2025-12-31_mois_ecoule", "2025-12-31", "2025-12-01", "2025-12-31"),
    Mesure("2024-02-29_mois_ecoule", "2024-02-29", "2024-02-01", "2024-02-29"),
    Mesure("2024-01-31_premiere_mesure", "2024-01-31", "2023-11-01", "2024-01-31", premiere_mesure=True),
)
"""The measures whose result stands in ``samples/attendu``; the last begins before the data does."""


def kept_tables(export: Export) -> Tables:
    """Return the canonical rows that the import of the export keeps."""
    return surviving(tables(export.world), export.outcome, export.nulled)


def truth(export: Export) -> Truth:
    """Return the imported lot as the per-person computation reads it."""
    head = manifest(export.world)
    covered = (head["periode_couverte_debut"], head["periode_couverte_fin"])
    return Truth(kept_tables(export), head["perimetre"], covered, export.outcome.rejets_sejours)


def indicator_files(export: Export) -> dict[str, bytes]:
    """Return ``samples/attendu``: one file a measure."""
    known = truth(export)
    return {f"indicateurs_{mesure.nom}.json": _json(indicators(known, mesure)) for mesure in MESURES}


def import_files(export: Export) -> dict[str, bytes]:
    """Return ``adapters/soleo/expected``: rejects, arithmetic, unknown labels, planted defects, kept tables."""
    refused, planted = _refused_and_planted(export)
    losses = sorted((r.finess_et, r.entree, r.sortie) for r in export.outcome.rejets_sejours)
    labels = [row.values() for row in unknown_labels(export.sources)]
    imported = {"sources": arithmetic(export.sources), "rejets_par_finess": refused_by_finess(export.sources)}
    return {
        "rejets.csv": _csv(("source", "ligne", "table", "cle", "colonne", "code"), refused),
        "defauts.csv": _csv(("source", "ligne", "defaut", "issue"), planted),
        "libelles_inconnus.csv": _csv(("source", "colonne", "libelle", "nombre"), labels),
        "sejours.csv": _csv(("finess_et", "date_entree", "date_sortie"), losses),
        "import.json": _json(imported),
        "tables.json": _json(digests(kept_tables(export))),
    }


def digests(kept: Tables) -> dict[str, Any]:
    """Return, per table, its columns, its number of rows and the SHA-256 of its sorted rows.

    A row is its cells in the order of ``colonnes`` joined by ``;`` (as in a CSV lot: ISO, ``true``/``false``, null
    empty), a table its rows in the order of code points, each ended by a newline, in UTF-8.
    """
    found = {}
    for name, rows in kept.items():
        lines = sorted(";".join(row.values()) for row in rows)
        content = "".join(line + "\n" for line in lines).encode("utf-8")
        found[name] = {
            "colonnes": list(rows[0]),
            "lignes": len(rows),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    return found


def _refused_and_planted(export: Export) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    refused: list[tuple[str, int, str, str, str, str]] = []
    planted: list[tuple[str, int, str, str]] = []
    for source in export.sources:
        starts = text(source)[1]
        for ligne, start in zip(source.lignes, starts, strict=True):
            keys = {made.table: _shown(made.table, made.key) for made in reversed(ligne.makes)}
            for refus in ligne.refus:
                refused.append((source.nom, start, refus.table, keys.get(refus.table, ""), refus.colonne, refus.code))
            if ligne.defaut:
                fate = ", ".join(f"{r.table} {r.code}" for r in ligne.refus)
                fate = f"rejetée : {fate}" if fate else f"ignorée : {ligne.ignoree}" if ligne.ignoree else "gardée"
                planted.append((source.nom, start, ligne.defaut, fate))
    return [tuple(map(str, row)) for row in sorted(refused)], [tuple(map(str, row)) for row in sorted(planted)]


def _shown(table: str, key: str) -> str:
    """Return a key as the rejects show it: its parts joined by ``|``; the log has no key and shows its dossier."""
    parts = key.split(" ")
    return parts[0] if table == "mise_a_jour" else "|".join(parts)


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    return delimited(header, rows).encode("utf-8")


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
