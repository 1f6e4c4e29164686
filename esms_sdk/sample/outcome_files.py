"""What an import must give, and the indicators of its lot, as files: of any vendor whose rows know their fate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from esms_sdk.sample.canonical import delimited, manifest
from esms_sdk.sample.expected import MESURES, digests
from esms_sdk.sample.fates import Line, Outcome
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.truth import Truth
from esms_sdk.sample.world import World


def truth(outcome: Outcome, worlds: Sequence[World]) -> Truth:
    """Return the imported lot as the per-person computation reads it; its perimeter is that of all ``worlds``."""
    heads = [manifest(world) for world in worlds]
    covered = (heads[0]["periode_couverte_debut"], heads[0]["periode_couverte_fin"])
    return Truth(outcome.kept, [finess for head in heads for finess in head["perimetre"]], covered, outcome.sejours)


def indicator_files(outcome: Outcome, worlds: Sequence[World]) -> dict[str, bytes]:
    """Return one file a measure, as ``samples/attendu`` has them."""
    known = truth(outcome, worlds)
    return {f"indicateurs_{mesure.nom}.json": _json(indicators(known, mesure)) for mesure in MESURES}


def import_files(outcome: Outcome, lines: Sequence[Line]) -> dict[str, bytes]:
    """Return an adapter's ``expected``: rejects, arithmetic, unknown labels, planted defects, kept tables."""
    losses = sorted((r.finess_et, r.entree, r.sortie) for r in outcome.sejours)
    imported = {"sources": outcome.counts, "rejets_par_finess": outcome.by_finess}
    return {
        "rejets.csv": _csv(("source", "ligne", "table", "cle", "colonne", "code"), sorted(outcome.rejets)),
        "defauts.csv": _csv(("source", "ligne", "cle", "defaut", "issue"), sorted(map(_planted, _spoiled(lines)))),
        "libelles_inconnus.csv": _csv(("source", "colonne", "libelle", "nombre"), outcome.libelles),
        "sejours.csv": _csv(("finess_et", "date_entree", "date_sortie"), losses),
        "import.json": _json(imported),
        "tables.json": _json(digests(outcome.kept)),
    }


def _spoiled(lines: Sequence[Line]) -> Iterable[Line]:
    return (line for line in lines if line.defaut)


def _planted(line: Line) -> tuple[str, ...]:
    refused = dict.fromkeys(f"{made.table} {made.refus[1]}" for made in line.makes if made.refus)
    aside = [made.motif for made in line.makes if made.motif]
    fate = f"rejetée : {', '.join(refused)}" if refused else "gardée"
    if not refused and aside and len(aside) == len(line.makes):
        fate = f"ignorée : {aside[0]}"
    key = next((made.key for made in line.makes if made.key), "")
    return line.source, str(line.ligne) if line.ligne else "", key, line.defaut, fate


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    return delimited(header, rows).encode("utf-8")


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
