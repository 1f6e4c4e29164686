"""The dates of TDDUI: civil time, the beginning of a dossier, statuses, and what is no update."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.adapter.sources import tddui_world as world
from tests.adapter.sources.tddui_import import Tddui
from tests.adapter.sources.tddui_world import BASE, ET

DOSSIER = f"{ET}:U-1@{ET}"


def _changed(resource, **more):
    return {**resource, **more}


# -- dates --------------------------------------------------------------------------------------------------------


def test_a_time_with_an_offset_is_told_in_the_civil_time_of_the_establishment(tddui):
    late = {"start": "2025-09-30T22:30:00Z", "end": "2025-09-30T23:00:00.250Z"}
    assert tddui(*BASE, world.evenement(period=late)).rows("evenement", "date_debut, date_fin") == [
        (date(2025, 10, 1),) * 2
    ]
    overseas = json.loads(json.dumps([*BASE, world.evenement(period=late)]).replace(ET, "970299999"))
    assert tddui(*overseas).rows("evenement", "date_debut") == [(date(2025, 9, 30),)]


def test_a_dossier_begins_with_the_first_admission_or_entry_of_its_sejours(tddui):
    admission = {"url": world.PROFILES + "tddui-admission-date", "valueDateTime": "2025-01-20"}
    earlier = world.evenement(period={"start": "2020-01-01T10:00:00+01:00", "end": "2020-01-01T11:00:00+01:00"})
    found = tddui(earlier, *BASE[:2], _changed(world.sejour(), extension=[admission]))
    assert found.rows("dossier", "date_creation") == [(date(2025, 1, 20),)]


def test_the_versions_of_a_projet_are_its_history_and_the_hour_orders_a_day(tmp_path):
    def version(status, moment):
        return world.projet(status=status, meta={"lastUpdated": moment})

    content = world.lines(*BASE, version("draft", "2025-03-03T10:00:00+01:00"), version("active", "2025-09-10T16:00:00+02:00"),
                          version("on-hold", "2025-09-10T09:00:00+02:00"))  # fmt: skip
    keys = {"date_extraction": "2025-10-01T05:00:00", "periode_couverte_fin": "2025-09-30"}
    found = Tddui(tmp_path, "tddui_fhir", {"e.ndjson": content}, lot_set=keys)
    assert found.rejects() == []
    assert found.rows("statut_projet", "date_statut, rang, statut") == [
        (date(2025, 3, 3), 100000, "ENPREPARATION"), (date(2025, 9, 10), 90000, "ENPAUSE"), (date(2025, 9, 10), 160000, "ENCOURS"),
    ]  # fmt: skip
    assert found.indicators()["taux_projet_personnalise"].fraction.numerateur == 1


def test_a_status_without_date_of_update_is_dated_by_the_projet_and_refused_where_nothing_dates_it(tddui):
    dated = world.projet(meta={}, status="completed", period={"start": "2025-01-06", "end": "2025-06-30"})
    undated = world.projet("c2", "U-1-PPER-2", meta={})
    found = tddui(*BASE, dated, undated)
    assert found.rows("statut_projet", "statut, date_statut") == [("TERMINE", date(2025, 6, 30))]
    assert found.rejects() == [("5", "statut_projet", "date_statut", "CLE_MANQUANTE")]


@pytest.mark.parametrize("moment", ["2025-10-01T05:00:00+02:00", "2025-09-29T03:00:00+02:00"])
def test_a_date_stamped_on_every_entry_by_the_export_is_no_update(tddui, moment):
    second = [world.patient("p2", world.pi("U-2")), world.sejour("s2", "U-2-SEJOUR-1", "Patient/p2")]
    found = tddui(
        BASE[0], *(_changed(one, meta={**one["meta"], "lastUpdated": moment}) for one in (*BASE[1:], *second))
    )
    assert found.rows("mise_a_jour") == []
    assert "mise_a_jour" in found.manifest["non_fourni"]
    assert found.observations().count("DATE_D_EXPORT") == 1


def test_every_resource_of_a_person_may_tell_an_update_one_a_day(tddui):
    def task(id_, moment):
        return {"resourceType": "Task", "id": id_, "meta": {"lastUpdated": moment}, "for": {"reference": "Patient/p1"}}

    found = tddui(*BASE, task("t1", "2025-09-25T08:00:00+02:00"), task("t2", "2025-09-25T18:00:00+02:00"))
    assert found.rows("mise_a_jour") == [(DOSSIER, date(2025, 9, 25), "UTILISATEUR")]
    assert found.ignored() == {}
