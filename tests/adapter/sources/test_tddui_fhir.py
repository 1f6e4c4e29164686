"""The FHIR reader of TDDUI: what it recognises, and what it gives."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import date

import pytest

from esms_sdk.adapter.sources import fhir_entries
from esms_sdk.adapter.sources.fhir_entries import Document
from esms_sdk.lot import open_lot
from tests.adapter.sources import tddui_world as world
from tests.adapter.sources.tddui_import import Tddui
from tests.adapter.sources.tddui_world import BASE, EJ, ET, OTHER

PERSON, DOSSIER = f"{ET}:U-1", f"{ET}:U-1@{ET}"


def _changed(resource, **more):
    return {**resource, **more}


# -- what is recognised -------------------------------------------------------------------------------------------


def test_a_bundle_gives_the_person_the_sejour_the_dossier_the_projet_and_the_event(tddui):
    found = tddui(*BASE, world.projet(), world.evenement())
    assert found.rejects() == []
    assert found.rows("etablissement", "finess_et, finess_ej, denomination") == [(ET, EJ, "SSIAD du Gué")]
    assert found.rows("usager", "usager_id, nom_naissance, sexe, date_naissance") == [
        (PERSON, "BRUINE", "F", "1953-07-02")
    ]
    assert found.rows("sejour", "sejour_id, usager_id, date_entree") == [
        (f"{ET}:U-1-SEJOUR-1", PERSON, date(2025, 2, 3))
    ]
    assert found.rows("dossier", "dossier_id, date_creation") == [(DOSSIER, date(2025, 2, 3))]
    assert found.rows("statut_projet", "statut, date_statut") == [("ENCOURS", date(2025, 9, 10))]
    assert found.rows("evenement", "dossier_id, statut, date_debut") == [(DOSSIER, "TERMINE", date(2025, 9, 4))]
    assert found.rows("mise_a_jour") == [(DOSSIER, date(2025, 9, 10), "UTILISATEUR")]


@pytest.mark.parametrize("domain", ["esante.gouv.fr", "cnsa.fr"])
def test_without_profile_a_resource_is_recognised_by_the_system_of_its_identifier(tddui, domain):
    text = json.dumps([world.patient(), world.sejour(), world.evenement(), world.projet()])
    resources = json.loads(text.replace(".esante.gouv.fr", f".{domain}"))
    for one in resources:
        del one["meta"]
    found = tddui(world.organization(), *resources)
    assert [len(found.rows(t)) for t in ("usager", "sejour", "evenement", "projet_personnalise")] == [1, 1, 1, 1]


def test_the_administrative_number_of_a_sejour_is_not_its_identifier(tddui):
    number = {
        "type": {"coding": [{"code": "NUMDOSS"}]},
        "system": "https://identifiant-medicosocial-sejour.esante.gouv.fr",
        "value": "DA-9",
    }
    stay = world.sejour()
    found = tddui(world.organization(), world.patient(), _changed(stay, identifier=[number, *stay["identifier"]]))
    assert found.rows("sejour", "sejour_id") == [(f"{ET}:U-1-SEJOUR-1",)]


def test_references_are_followed_by_full_url_by_type_and_id_and_by_identifier(tddui):
    entries = [
        {"fullUrl": "urn:uuid:4f5e", "resource": world.patient()},
        world.sejour(subject="urn:uuid:4f5e"),
        world.evenement(subject="https://serveur.example/fhir/Patient/p1/_history/3"),
        _changed(world.projet(), subject={"identifier": {"value": f"3{ET}/U-1"}}),
    ]
    found = tddui(world.organization(), *entries)
    assert found.rejects() == []
    assert [found.rows(t, "dossier_id") for t in ("evenement", "projet_personnalise")] == [[(DOSSIER,)], [(DOSSIER,)]]


def test_two_files_may_give_one_id_to_two_persons(tmp_path):
    one = world.bundle(*BASE)
    other = world.bundle(world.organization(), world.patient("p1", world.pi("U-2")), world.sejour(local="U-2-SEJOUR-1"))
    found = Tddui(tmp_path, "tddui_fhir", {"a.json": one, "b.json": other})
    assert found.rows("sejour", "usager_id") == [(PERSON,), (f"{ET}:U-2",)]


def test_ndjson_may_name_in_one_file_what_stands_in_another(tmp_path):
    files = {"Patient.ndjson": world.lines(world.patient()), "Encounter.ndjson": world.lines(world.sejour()),
             "Organization.ndjson": world.lines(world.organization())}  # fmt: skip
    found = Tddui(
        tmp_path,
        "tddui_fhir",
        files,
        lot_set={"date_extraction": "2025-10-01T05:00:00", "periode_couverte_fin": "2025-09-30"},
    )
    assert found.rejects() == []
    assert found.rows("sejour", "usager_id") == [(PERSON,)]


def test_packed_files_give_the_same_tables(tmp_path):
    content = world.bundle(*BASE, world.evenement())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dui/export.json", content)
    found = []
    for rank, files in enumerate(
        ({"e.json": content}, {"e.json.gz": gzip.compress(content)}, {"e.zip": packed.getvalue()})
    ):
        folder = tmp_path / str(rank)
        folder.mkdir()
        found.append(Tddui(folder, "tddui_fhir", files))
    assert all(one.rows("evenement") == found[0].rows("evenement") != [] for one in found)


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_the_entries_are_the_same_whatever_the_size_of_the_pieces_read(monkeypatch, size):
    monkeypatch.setattr(fhir_entries, "_CHUNK", size)
    resources = [world.patient(), 12, None, "é😀", [1, [2]], 3.5e2]
    content = json.dumps(
        {"entry": resources, "resourceType": "Bundle", "total": 12, "timestamp": "2025"}, indent=1
    ).encode()
    document = Document()
    entries = list(document.entries(io.BytesIO(content), "e.json"))
    assert [one.value for one in entries] == resources and [one.place for one in entries] == [1, 2, 3, 4, 5, 6]
    assert document.dates == ["2025"]


# -- ESSMS and their body -----------------------------------------------------------------------------------------


def test_the_body_is_read_from_part_of_by_reference_or_by_identifier(tddui):
    body = _changed(world.organization("og", EJ), name="Association du Gué", partOf={})
    found = tddui(body, world.organization(partOf={"reference": "Organization/og"}), world.patient(), world.sejour())
    assert found.rows("organisme", "finess_ej, raison_sociale") == [(EJ, "Association du Gué")]
    assert found.rows("etablissement", "finess_et, finess_ej") == [(ET, EJ)]


def test_without_body_nothing_is_invented_and_structures_csv_can_tell_it(tmp_path):
    content = world.bundle(world.organization(partOf={}), *BASE[1:])
    found = Tddui(tmp_path, "tddui_fhir", {"e.json": content})
    assert ("1", "etablissement", "finess_ej", "COLONNE_REQUISE") in found.rejects()
    assert found.rows("sejour") == []
    told = f"finess_et;finess_ej;denomination;date_deploiement\n{ET};{EJ};SSIAD;2024-06-01\n".encode()
    found = Tddui(tmp_path, "tddui_fhir", {"e.json": content, "structures.csv": told})
    assert found.rejects() == []
    assert found.rows("etablissement", "denomination, date_deploiement") == [("SSIAD", date(2024, 6, 1))]


def test_a_partner_organisation_is_no_establishment_of_the_lot(tddui):
    found = tddui(
        *BASE,
        world.organization("ecole", OTHER),
        _changed(world.evenement(), serviceProvider={"reference": "Organization/ecole"}),
    )
    assert found.rows("etablissement", "finess_et") == [(ET,)]
    assert found.manifest["perimetre"] == [ET]
    assert found.ignored() == {"organisation_non_citee": 1}


def test_a_sejour_is_of_the_essms_that_it_names_and_an_event_of_the_one_that_numbered_it(tddui):
    named = {"serviceProvider": {"reference": "Organization/o2"}}
    found = tddui(
        *BASE, world.organization("o2", OTHER), world.sejour("s2", "U-1-SEJOUR-2", **named), world.evenement(**named)
    )
    assert found.rows("sejour", "finess_et, sejour_id") == [(ET, f"{ET}:U-1-SEJOUR-1"), (OTHER, f"{ET}:U-1-SEJOUR-2")]
    assert found.rows("evenement", "dossier_id") == [(DOSSIER,)]


# -- events -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [("planned", "PLANIFIE"), ("triaged", "VALIDE"), ("finished", "TERMINE"), ("cancelled", "ANNULE")],
)
def test_the_status_of_an_event_is_translated(tddui, status, expected):
    assert tddui(*BASE, world.evenement(status=status)).rows("evenement", "statut") == [(expected,)]


def test_an_event_of_a_group_is_an_event_of_each_of_its_members(tddui):
    group = {"resourceType": "Group", "id": "g", "member": [{"entity": {"reference": f"Patient/p{i}"}} for i in (1, 2)]}
    second = [world.patient("p2", world.pi("U-2")), world.sejour("s2", "U-2-SEJOUR-1", "Patient/p2")]
    found = tddui(
        *BASE, *second, group, world.evenement(subject="Group/g", meta={"lastUpdated": "2025-09-05T10:00:00+02:00"})
    )
    assert found.rejects() == []
    assert found.rows("evenement", "dossier_id") == [(DOSSIER,), (f"{ET}:U-2@{ET}",)]
    assert len(found.rows("mise_a_jour")) == 2


# -- what TDDUI does not carry ------------------------------------------------------------------------------------


def test_what_tddui_does_not_carry_is_not_supplied_and_its_indicators_are_undetermined(tddui):
    found = tddui(*BASE, world.projet(), world.evenement())
    with open_lot(found.lot) as lot:
        assert not any(lot.given(t) for t in ("envoi", "document", "appel_insi", "echange_optionnel", "reception"))
        assert not lot.given("sejour", "sortie_definitive") and not lot.given("sejour", "projet_applicable")
    told = {name: one.motif for name, one in found.indicators().items()}
    assert told == {"taux_dossiers_actifs": None, "taux_projet_personnalise": None, "taux_evenement_agenda": None,
                    "nb_dui_actifs": None, **dict.fromkeys(("taux_mssante", "taux_dmp", "nb_eprescription", "nb_eparcours"), "DONNEE_NON_FOURNIE")}  # fmt: skip


def test_after_the_month_the_journal_is_known_to_be_incomplete(tddui):
    found = tddui(*BASE, world.projet(), timestamp="2025-10-05T05:00:00+02:00")
    assert found.indicators()["taux_dossiers_actifs"].motif == "JOURNAL_INCOMPLET"


@pytest.mark.parametrize(
    ("entries", "absent"),
    [
        ([*BASE], {"mise_a_jour", "projet_personnalise", "statut_projet", "evenement"}),
        ([*BASE, world.evenement()], {"mise_a_jour", "projet_personnalise", "statut_projet"}),
        ([*BASE[:2], world.projet()], {"sejour", "evenement"}),
    ],
)
def test_what_an_export_has_nothing_of_is_not_supplied_either(tddui, entries, absent):
    required = {"sejour", "mise_a_jour", "projet_personnalise", "statut_projet", "evenement"}
    assert set(tddui(*entries).manifest["non_fourni"]) & required == absent
