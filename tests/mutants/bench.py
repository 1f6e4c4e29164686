"""Every requirement over a world held in memory: what each of them finds there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from esms_sdk import api
from esms_sdk.checks import Examined, load_all
from esms_sdk.checks.registry import Indetermine
from esms_sdk.commande import parse
from esms_sdk.conformance import Requirement, Verdict, catalogue, profile
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import judge, not_given, prepare
from esms_sdk.conformance.runner import verdict_of
from esms_sdk.dashboard import compute_dashboard
from esms_sdk.indicators import compute_indicators
from esms_sdk.lot import Lot, load
from esms_sdk.lot import manifest as manifests
from esms_sdk.lot.files import TableFiles
from esms_sdk.publication import Publication, read_publication
from tests.conformance.case_lot import memory_lot
from tests.conformance.case_register import register
from tests.mutants.world import Row, World, conforming, order

OBJETS = ("lot", "indicateurs", "tableau_de_bord", "commande")
MEASURED_ON = date(2025, 9, 30)


@cache
def judged_on_lots() -> tuple[Requirement, ...]:
    """Return the automatic requirements over lots, and over what is compared with one."""
    return tuple(one for one in catalogue().values() if one.methode == "auto" and one.objet in OBJETS)


class Bench:
    """One lot, whose tables are filled again only where they changed."""

    def __init__(self, lot: Lot) -> None:
        self.lot = lot
        self._held: dict[str, list[Row]] = {}
        self._folder = TemporaryDirectory(prefix="esms-")

    def close(self) -> None:
        self._folder.cleanup()

    def whole(self) -> World:
        """Return the conforming lot with what its vendor publishes of it, and an order of its establishments."""
        world = conforming()
        self._fill(world)
        world.pieces = {
            "indicateurs": api.as_document(compute_indicators(self.lot, MEASURED_ON)),
            "tableau_de_bord": api.as_document(compute_dashboard(self.lot, MEASURED_ON)),
            "commande": order(),
        }
        return world

    def verdicts(self, world: World, ids: Iterable[str] = ()) -> Mapping[str, tuple[Verdict, frozenset[str]]]:
        """Judge a world: the verdict of each requirement (of ``ids``, or of all), and the codes of what it found."""
        examined = self._examined(world)
        wanted = set(ids)
        asked = [one for one in _asked(world) if not wanted or one.id in wanted]
        findings = Findings()
        try:
            found = judge(asked, load_all(), examined, findings)
            outcomes = [verdict_of(one, [found[one.id]], findings.groups(one.id)) for one in asked]
        finally:
            findings.close()
        for outcome in outcomes:
            assert "erreur interne" not in outcome.motif, f"{outcome.requirement.id}: {outcome.motif}"
        return {o.requirement.id: (o.verdict, frozenset(group.code for group in o.groupes)) for o in outcomes}

    def speaking(self, world: World, ids: Iterable[str] = ()) -> list[str]:
        """Return the requirements that may find something in a world: of the others not one row has a code."""
        wanted = set(ids)
        examined = self._examined(world)
        prepare(self.lot)
        asked = [one for one in _asked(world) if not wanted or one.id in wanted]
        return [one.id for one in asked if not not_given(self.lot, one) and self._speaks(one, examined)]

    def _speaks(self, one: Requirement, examined: Examined) -> bool:
        try:
            query = load_all()[one.id](examined)
        except Indetermine:
            return False
        return bool(self.lot.con.execute(f"select 1 from ({query}) where code is not null limit 1").fetchall())

    def _examined(self, world: World) -> Examined:
        self._fill(world)
        parameters = profile(world.profil).parameters(self.lot.manifest.date_extraction.date())
        commande = parse(world.pieces["commande"], "commande.toml") if "commande" in world.pieces else None
        published = {kind: self._read(kind, world.pieces[kind]) for kind in OBJETS[1:3] if kind in world.pieces}
        examined = Examined(self.lot, world.mode, parameters, commande, published)
        examined.partage["referentiel_finess"] = register(world.referentiel)
        return examined

    def _read(self, kind: str, document: object) -> Publication:
        path = Path(self._folder.name) / f"{kind}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return read_publication(path)

    def _fill(self, world: World) -> None:
        raw = dict(world.manifeste)
        self.lot.manifest = manifests.build(raw)
        self.lot.raw_manifest = raw
        self.lot.files = {name: TableFiles("csv", ()) for name in load().tables if name in world.tables}
        for name, table in load().tables.items():
            rows = world.tables.get(name, [])
            if self._held.get(name, []) == rows:
                continue
            self.lot.con.execute(f"delete from {name}")
            defaults = {column.name: column.default for column in table.columns.values()}
            assert all(set(row) <= set(defaults) for row in rows), f"{name}: {[set(r) - set(defaults) for r in rows]}"
            cells = [f"({', '.join(_cell(row.get(c), default) for c, default in defaults.items())})" for row in rows]
            if cells:
                self.lot.con.execute(f"insert into {name} values {', '.join(cells)}")
            self._held[name] = [dict(row) for row in rows]


@contextmanager
def bench() -> Iterator[Bench]:
    """Give a bench, and free its engine."""
    with memory_lot() as lot:
        made = Bench(lot)
        try:
            yield made
        finally:
            made.close()


def _asked(world: World) -> list[Requirement]:
    return [one for one in judged_on_lots() if one.objet == "lot" or one.objet in world.pieces]


def _cell(value: str | None, default: object) -> str:
    told = default if value in (None, "") else value
    return "null" if told is None else "'" + str(told).replace("'", "''") + "'"
