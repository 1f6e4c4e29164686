"""What an export of TDDUI does that its guide does not foresee is observed, and rejects nothing."""

from __future__ import annotations

import json

import pytest

from tests.adapter.sources import tddui_world as world
from tests.adapter.sources.tddui_world import BASE, ET, OTHER


def _changed(resource, **more):
    return {**resource, **more}


# -- what is observed ---------------------------------------------------------------------------------------------


def _without(resource, *keys):
    return {key: value for key, value in resource.items() if key not in keys}


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([BASE[0], world.patient("p1", world.pi(), world.ins(world.wrong_key(world.NIR))), BASE[2]], "INS_CLE_FAUSSE"),
        ([BASE[0], world.patient("p1", world.pi(), {**world.ins(), "type": {}}), BASE[2]], "INS_SANS_TYPE"),
        ([BASE[0], world.patient("p1", world.pi(), world.ins(code="INS-NIR")), BASE[2]], "INS_TYPE_DISCORDANT"),
        ([BASE[0], world.patient("p1", world.pi(use=None)), BASE[2]], "PI_SANS_USAGE"),
        ([BASE[0], world.patient("p1", world.pi(domain="cnsa.fr")), BASE[2]], "SYSTEME_ANCIEN"),
        ([BASE[0], _without(BASE[1], "gender", "birthDate"), BASE[2]], "TRAIT_ABSENT"),
        ([world.organization(own=ET, partOf={}), *BASE[1:]], "EJ_ABSENT"),
        ([_without(world.organization(), "name"), *BASE[1:]], "ESSMS_NON_DECRIT"),
        ([BASE[0], BASE[1], world.sejour(local=f"{world.NIR}-SEJOUR-1")], "IDENTIFIANT_AVEC_NIR"),
        ([*BASE[:2], world.organization("o2", OTHER), _changed(BASE[2], serviceProvider={"reference": "Organization/o2"})], "FINESS_DISCORDANT"),
        ([*BASE, world.evenement(participant=[{"individual": {"reference": "Practitioner/x"}}])], "REFERENCE_ABSENTE"),
        ([*BASE[:2], {"resource": BASE[2], "request": {"method": "POST", "url": "TDDUIEncounterSejour"}}], "REQUETE_SANS_TYPE"),
        ([*BASE, world.evenement(meta={"lastUpdated": "2025-10-02T05:00:00+02:00"})], "DATE_POSTERIEURE"),
    ],
)  # fmt: skip
def test_each_defect_is_observed_and_rejects_nothing(tddui, entries, code):
    stamped = {
        "resourceType": "Observation",
        "meta": {"lastUpdated": "2025-09-01T05:00:00+02:00"},
        "subject": {"reference": "Patient/p1"},
    }
    found = tddui(*entries, stamped)
    assert set(found.observations()) - {"MAJ_ABSENTE"} == {code}
    assert not [one for one in found.rejects() if one[3] != "COLONNE_REQUISE" and code != "EJ_ABSENT"]


def test_a_finess_without_its_key_or_its_prefix_is_observed_and_kept(tddui):
    wrong = ET[:8] + str((int(ET[8]) + 1) % 10)
    spoiled = json.loads(json.dumps([*BASE]).replace(ET, wrong).replace(f'"1{wrong}"', f'"{wrong}"'))
    found = tddui(*spoiled)
    assert found.rows("etablissement", "finess_et") == [(wrong,)]
    assert {"FINESS_CLE_FAUSSE", "FINESS_SANS_PREFIXE"} <= set(found.observations())


def test_a_dossier_that_no_date_of_update_names_is_observed(tddui):
    assert tddui(*BASE).observations() == ["MAJ_ABSENTE"]


def test_a_message_of_an_observation_holds_no_number_of_a_person(tddui):
    entry = {"resource": world.sejour(local=f"{world.NIR}-SEJOUR-1"), "request": {"url": f"Patient{world.NIR}"}}
    found = tddui(BASE[0], world.patient("p1", world.pi(), world.ins(world.wrong_key(world.NIR))), entry,
                 world.evenement(participant=[{"individual": {"reference": f"RelatedPerson/{world.NIR}"}}]))  # fmt: skip
    assert world.NIR[:13] not in (found.lot / "rejets" / "observations.csv").read_text(encoding="utf-8-sig")
