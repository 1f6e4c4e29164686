"""What the checks of a published file share: how they are registered, and the recomputation that they hold it against.

A published file is small (a few figures an establishment), so its checks are plain functions that yield a
:class:`Juge` for each thing judged; the lot is only ever asked through its engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from esms_sdk import database
from esms_sdk.checks.registry import Examined, Query, check
from esms_sdk.publication import INDICATEURS, TABLEAU_DE_BORD, Publication

if TYPE_CHECKING:
    import duckdb

__all__ = ["INDICATEURS", "TABLEAU_DE_BORD", "Juge", "on", "place", "table"]

_TYPES = ("varchar", "varchar", "varchar", "varchar", "bigint")


class Juge(NamedTuple):
    """One thing judged, as a check over a lot gives it: ``code`` null where nothing is wrong."""

    cle: str
    finess_et: str | None
    code: str | None = None
    precision: str | None = None
    ligne: int | None = None


Judging = Callable[[Examined, Publication], Iterator[Juge]]


def on(type: str, id: str, *, whole: bool = False) -> Callable[[Judging], Judging]:
    """Register the check of a requirement over a published file of a type.

    It is given the establishments of the perimeter; with ``whole`` those of other lots too, which nothing can judge.
    """

    def register(function: Judging) -> Judging:
        @check(id)
        def run(examined: Examined) -> Query:
            published = examined.publications[type] if whole else _inside(examined, type)
            found = (one._replace(finess_et=place(examined, one.finess_et)) for one in function(examined, published))
            return table(examined, id, found, published.fichier)

        return function

    return register


def _inside(examined: Examined, type: str) -> Publication:
    kept: dict[str, Publication] = examined.partage.setdefault("publications", {})
    if type not in kept:
        published, perimetre = examined.publications[type], frozenset(examined.lot.manifest.perimetre)
        kept[type] = replace(
            published,
            chiffres=tuple(one for one in published.chiffres if one.finess_et in perimetre),
            comptes=tuple(one for one in published.comptes if one.finess_et in perimetre),
        )
    return kept[type]


def place(examined: Examined, finess_et: str | None) -> str | None:
    """Return the establishment where it is one of the perimeter: what is of none is shown without a place."""
    return finess_et if finess_et in examined.lot.manifest.perimetre else None


def table(examined: Examined, id: str, judged: Iterable[Juge], fichier: str | None = None) -> Query:
    """Return the query of the things judged."""
    name = "_" + id.lower().replace("-", "_")
    load(examined.lot.con, name, judged)
    shown = database.text(fichier) if fichier else "null"
    return f"select *, {shown} as fichier from {name}"


def load(con: duckdb.DuckDBPyConnection, name: str, judged: Iterable[Juge]) -> None:
    """Make the temporary table of the things judged, whole columns at once."""
    columns = ", ".join(f"{field} {kind}" for field, kind in zip(Juge._fields, _TYPES, strict=True))
    con.execute(f"create or replace temp table {name} ({columns})")
    if rows := list(judged):
        cells = ", ".join(f"unnest(cast(? as {kind}[]))" for kind in _TYPES)
        con.execute(f"insert into {name} select {cells}", [list(column) for column in zip(*rows, strict=True)])
