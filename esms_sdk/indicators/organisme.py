"""The indicators by FINESS juridique (``--by ej``): information beyond the texts, which know the establishment alone.

Each person counts once over the establishments of the organisme that were asked for: accompanied or active if so in
one of them.  To an indicator contribute only the establishments that have a target in it and were open in the period.
A figure of the organisme is judged by its own numbers, r being the sum of its establishments' r(f); where targets
differ the highest holds.  ``nb_dui_actifs`` stays the sum of the establishments, as the programme adds it up
(contract §3): there a person active in two of them is two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esms_sdk.indicators import engine
from esms_sdk.indicators.definition import ORDER
from esms_sdk.indicators.engine import Question
from esms_sdk.indicators.judgement import MOTIFS, Evidence
from esms_sdk.indicators.result import LECTURES, Count, Etablissement, Rate

if TYPE_CHECKING:
    from esms_sdk.indicators.bench import Bench
    from esms_sdk.lot import Lot

_RATES = tuple(name for name in ORDER if name.startswith("taux_"))
_MIXED = "mixte"


def organismes_of(
    lot: Lot, question: Question, bench: Bench, etablissements: Sequence[Etablissement], outside: frozenset[str]
) -> tuple[Etablissement, ...]:
    """Return one entry an organisme (``finess_et`` empty), sorted by ``finess_ej``.

    What :func:`engine.prepare` leaves is there; ``outside`` names the establishments closed over the period.
    """
    members: dict[str, list[Etablissement]] = {}
    for one in etablissements:
        members.setdefault(one.finess_ej, []).append(one)
    kept = {
        name: [e for e in etablissements if e.finess_et not in outside and _target(e, name) is not None]
        for name in _RATES
    }
    values, at = _count(lot, question, kept)
    names = dict(lot.con.execute("SELECT finess_ej, raison_sociale FROM organisme").fetchall())
    contributing = {name: frozenset(e.finess_et for e in found) for name, found in kept.items()}
    return tuple(_organisme(bench, names[ej], members[ej], contributing, values[ej], at) for ej in sorted(members))


def _organisme(
    bench: Bench,
    name: str,
    members: Sequence[Etablissement],
    contributing: dict[str, frozenset[str]],
    values: tuple[int, ...],
    at: dict[str, int],
) -> Etablissement:
    indicateurs: list[Rate | Count] = []
    for indicateur, found in bench.evidence.items():
        if indicateur in contributing:
            indicateurs.append(_rate(bench, indicateur, members, contributing[indicateur], values, at))
        else:
            indicateurs.append(_sum(found, members))
    profils = {e.profil_cibles for e in members}
    return Etablissement(
        finess_et="",
        finess_ej=members[0].finess_ej,
        denomination=name,
        profil_cibles=profils.pop() if len(profils) == 1 else _MIXED,
        rejets_sejours=sum(e.rejets_sejours for e in members),
        reserves=tuple(sorted({reserve for e in members for reserve in e.reserves})),
        personnes_accompagnees=bench.accompanied([values[at[f"accompagnees/{one}"]] for one in LECTURES]),
        indicateurs=tuple(indicateurs),
    )


def _rate(
    bench: Bench,
    indicateur: str,
    members: Sequence[Etablissement],
    contributing: frozenset[str],
    values: tuple[int, ...],
    at: dict[str, int],
) -> Rate | Count:
    taking_part = [e for e in members if e.finess_et in contributing]
    targets = [t for e in taking_part or members if (t := _target(e, indicateur)) is not None]
    rejets = sum(e.rejets_sejours for e in taking_part)
    return bench.line(indicateur, max(targets, default=None), at).judged(values, not taking_part, rejets)


def _sum(found: Evidence, members: Sequence[Etablissement]) -> Count:
    counts = [i for e in members for i in e.indicateurs if i.id == found.definition.id and isinstance(i, Count)]
    values = [c.valeur for c in counts if c.valeur is not None]
    motifs = {c.motif for c in counts}
    # An establishment that is closed takes nothing from the sum of the others.
    motif = None if None in motifs else min((m for m in motifs if m), key=MOTIFS.index, default=None)
    return Count(found.definition.id, found.definition.libelle, sum(values) if found.fourni else None, motif)


def _target(etablissement: Etablissement, indicateur: str) -> int | None:
    return next(i.cible for i in etablissement.indicateurs if i.id == indicateur and isinstance(i, Rate))


def _count(
    lot: Lot, question: Question, kept: dict[str, list[Etablissement]]
) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """Return the values of each organisme, and by name of a figure (as in :func:`engine.per_person`) its place."""
    conditions = {
        name: f'"{name.partition("/")[0]}" AND {condition}'
        for name, condition in engine.per_person(question.options.denominateur).items()
        if name.startswith("taux_")
    } | {f"accompagnees/{one}": f"accompagnee_{one}" for one in LECTURES}
    lot.con.execute(
        "CREATE OR REPLACE TEMP TABLE contribue AS SELECT n, finess_ej, "
        + ", ".join(f'finess_et IN (SELECT unnest(CAST(? AS VARCHAR[]))) AS "{name}"' for name in kept)
        + " FROM retenu",
        [[e.finess_et for e in found] for found in kept.values()],
    )
    rows = engine.fetch(
        lot.con,
        question,
        f"""
WITH une_fois AS (
    SELECT finess_ej, usager_id, {", ".join(f'bool_or({c}) AS "{name}"' for name, c in conditions.items())}
    FROM personne JOIN contribue USING (n) GROUP BY finess_ej, usager_id
),
par_personne AS (
    SELECT finess_ej, {", ".join(f'count(*) FILTER (WHERE "{name}") AS "{name}"' for name in conditions)}
    FROM une_fois GROUP BY finess_ej
),
par_message AS (
    SELECT finess_ej, count(DISTINCT message_id) AS "taux_mssante/n"
    FROM message_envoye JOIN contribue USING (n)
    WHERE "taux_mssante" GROUP BY finess_ej
)
SELECT finess_ej, {", ".join(f'coalesce("{name}", 0)' for name in (*conditions, "taux_mssante/n"))}
FROM (SELECT DISTINCT finess_ej FROM retenu)
LEFT JOIN par_personne USING (finess_ej) LEFT JOIN par_message USING (finess_ej)""",
    )
    return {row[0]: row[1:] for row in rows}, {name: rank for rank, name in enumerate((*conditions, "taux_mssante/n"))}
