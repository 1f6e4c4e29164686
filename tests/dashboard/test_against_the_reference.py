"""The queries agree with the slow per-row reference on worlds that crowd the bounds, and keep some laws."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings

from esms_sdk.dashboard import compute_dashboard
from esms_sdk.export import dashboard_document
from esms_sdk.lot import Lot, open_lot
from tests.dashboard import reference
from tests.dashboard.worlds import World, worlds
from tests.indicators.loaded import loaded
from tests.indicators.reference import Lot as Rows
from tests.lots import write_lot

few = settings(max_examples=6, suppress_health_check=list(HealthCheck))
many = settings(max_examples=35, suppress_health_check=list(HealthCheck))


@contextmanager
def _written(world: World) -> Iterator[Lot]:
    with tempfile.TemporaryDirectory() as folder:
        write_lot(Path(folder), world.manifest, **world.tables)
        with open_lot(Path(folder)) as opened:
            yield opened


def _documents(lot: Any, world: World, **more: Any) -> list[dict[str, Any]]:
    found = dashboard_document(compute_dashboard(lot, world.as_of, **more))["etablissements"]
    assert isinstance(found, list)
    return found


@many
@given(worlds())
def test_the_dashboard_agrees_with_the_reference(world):
    with loaded(Rows(world.manifest, world.tables)) as lot:
        result = compute_dashboard(lot, world.as_of, by_ej=True)
        document = dashboard_document(result)
    expected = reference.compute(world.manifest, world.tables, world.as_of)
    assert document["etablissements"] == expected
    assert document["cours_mensuel"] == reference.courses(world.manifest, world.tables, world.as_of)
    assert document["organismes"] == reference.organismes(world.manifest, world.tables, world.as_of)
    covered = any(period["couverte"] for one in expected for period in one["periodes"].values())
    assert result.exit_code == (0 if covered else 3)


@few
@given(worlds())
def test_the_dashboard_agrees_with_the_reference_through_files(world):
    with _written(world) as lot:
        assert _documents(lot, world) == reference.compute(world.manifest, world.tables, world.as_of)


@few
@given(worlds())
def test_neither_the_order_of_rows_nor_a_neighbour_changes_anything(world):
    shuffled = {name: Random(7).sample(rows, len(rows)) for name, rows in world.tables.items()}
    with loaded(Rows(world.manifest, world.tables)) as lot:
        together = _documents(lot, world)
        for one in together:
            assert _documents(lot, world, finess=[one["finess_et"]]) == [one]
    with loaded(Rows(world.manifest, shuffled)) as lot:
        assert _documents(lot, world) == together


@few
@given(worlds())
def test_the_course_ends_with_the_month_of_the_dashboard_and_holds_its_periods(world):
    with loaded(Rows(world.manifest, world.tables)) as lot:
        result = compute_dashboard(lot, world.as_of)
    for one in result:
        assert len(one.cours) == 24
        last, month = one.cours[-1], one.periodes["mois_courant"]
        assert (last.periode, last.couverte, last.echecs) == (month.periode, month.couverte, month.echecs)
        for name in ("dmp", "mss_pro", "mss_citoyenne"):
            assert getattr(last, name) == getattr(month.canaux, name).total
            for measure in one.periodes.values():
                numbers = [getattr(m, name) for m in one.cours if measure.periode.contains(m.periode)]
                total = getattr(measure.canaux, name).total
                assert numbers == [None] * len(numbers) if total is None else max(numbers) <= total <= sum(numbers)


@few
@given(worlds())
def test_the_parts_add_up_and_the_month_is_in_the_year(world):
    with loaded(Rows(world.manifest, world.tables)) as lot:
        result = compute_dashboard(lot, world.as_of)
    for one in result:
        month, year = one.periodes["mois_courant"].canaux, one.periodes["annee_courante"].canaux
        for name in ("dmp", "mss_pro", "mss_citoyenne"):
            if getattr(month, name).total is None:
                continue
            assert getattr(month, name).total <= getattr(year, name).total
            for measure in one.periodes.values():
                channel = getattr(measure.canaux, name)
                assert channel.ins_qualifiee + channel.ins_non_qualifiee == channel.total
