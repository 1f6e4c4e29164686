"""A published dashboard extraction, whatever it has as rows: a count, a channel, a period or an establishment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from esms_sdk import masking
from esms_sdk.publication import cells
from esms_sdk.publication.cells import Unreadable
from esms_sdk.publication.grid import Grid
from esms_sdk.publication.mapping import AXES, Plan
from esms_sdk.publication.model import (
    CANAUX,
    ETATS_INS,
    MESURES,
    PERIODES,
    TABLEAU_DE_BORD,
    Compte,
    Defaut,
    Publication,
)
from esms_sdk.publication.rows import Row, rows


def published(plan: Plan, grid: Grid) -> Publication:
    """Return what a file says, read as the plan has it."""
    defauts: list[Defaut] = []
    comptes: dict[tuple[str, str | None, str, str], Compte] = {}
    for row in rows(plan, grid, defauts):
        for one in _counts(plan, row):
            first = comptes.setdefault((one.finess_et, one.rpps, one.periode, one.mesure), one)
            if first.valeur is None and first.entier:
                comptes[one.finess_et, one.rpps, one.periode, one.mesure] = one
            elif one.valeur is not None and first.valeur != one.valeur:
                told = f"{one.periode}, {one.mesure} est déjà à la ligne {first.ligne}, avec une autre valeur"
                defauts.append(Defaut("LIGNE_REPETEE", told, one.finess_et, one.ligne))
    return Publication(
        TABLEAU_DE_BORD, grid.nom, plan.jour, plan.options, True, True, plan.logiciel, plan.version_logiciel,
        comptes=tuple(comptes.values()), defauts=tuple(defauts), lues=len(grid.lignes),
    )  # fmt: skip


def _counts(plan: Plan, row: Row) -> Iterator[Compte]:
    axes = {name: row.code(name) for name in ("periode", "canal", "mesure") if name in plan.colonnes}
    if None in axes.values():
        return
    rpps = row.texte("rpps")
    for name in plan.colonnes:
        if name in AXES[TABLEAU_DE_BORD] or name.endswith((".debut", ".fin")):
            continue
        parts = name.split(".")
        periode = parts.pop(0) if parts[0] in PERIODES else axes.get("periode")
        mesure = _mesure(".".join(parts), axes)
        if periode is None or mesure is None:
            continue
        value, whole = _count(row, name)
        yield Compte(
            row.finess_et, periode, mesure, value, rpps, whole, _bound(plan, row, periode, "debut"),
            _bound(plan, row, periode, "fin"), row.ligne,
        )  # fmt: skip


def _mesure(last: str, axes: dict[str, str | None]) -> str | None:
    if last == "valeur":
        last = axes.get("mesure") or ""
    canal = axes.get("canal")
    if last in ETATS_INS:
        return f"{canal}.{last}" if canal in CANAUX else None
    if last == "echecs":
        return "echecs.dmp" if canal == "dmp" else "echecs.mss"
    return last if last in MESURES else None


def _bound(plan: Plan, row: Row, periode: str, which: str) -> date | None:
    wide = f"{periode}.{which}"
    name = wide if wide in plan.colonnes else which
    return row.jour(name) if name in plan.colonnes else None


def _count(row: Row, name: str) -> tuple[int | None, bool]:
    """Return a count, negative too, and whether it is a whole number: that is what is judged."""
    raw = row.given.get(name)
    try:
        return cells.entier(raw), True
    except Unreadable as error:
        if cells.is_number(raw):
            return None, False
        row.defaut("NOMBRE_ILLISIBLE", name, f"{error}, vu «{masking.shape(str(raw))}»")
        return None, True


def of_our_table(grid: Grid) -> Publication:
    """Return what our own ``tableau_de_bord.csv`` says; the lines of organismes and those of the course are no count
    that a lot is held against.
    """
    at = {name: rank for rank, name in enumerate(grid.colonnes)}
    kept = tuple(
        (line, row) for line, row in grid.lignes if row[at["finess_et"]] is not None and row[at["periode"]] in PERIODES
    )
    ends = (cells.jour(row[at["date_fin"]]) for _, row in kept)
    own = {name: name for name in ("finess_et", "rpps", "periode", "mesure", "valeur")}
    columns = {**own, "debut": "date_debut", "fin": "date_fin"}
    plan = Plan(TABLEAU_DE_BORD, max((end for end in ends if end), default=date.min), columns)
    return published(plan, Grid(grid.nom, grid.colonnes, kept))


def of_document(document: dict[str, Any], nom: str, plan: Plan) -> Publication:
    """Return what our own ``tableau_de_bord.json`` says."""
    comptes: list[Compte] = []
    for place in document["etablissements"]:
        comptes += _of_periods(place["finess_et"], place["periodes"], None)
        for one in place["par_rpps"]:
            comptes += _of_periods(place["finess_et"], one["periodes"], one["rpps"])
    return Publication(TABLEAU_DE_BORD, nom, plan.jour, comptes=tuple(comptes), lues=len(document["etablissements"]))


def _of_periods(finess: str, periods: dict[str, Any], rpps: str | None) -> Iterator[Compte]:
    for name, period in periods.items():
        debut, fin = cells.jour(period.get("debut")), cells.jour(period.get("fin"))
        for mesure in MESURES:
            group, _, key = mesure.partition(".")
            if group in period:
                yield Compte(finess, name, mesure, period[group][key], rpps, True, debut, fin)
