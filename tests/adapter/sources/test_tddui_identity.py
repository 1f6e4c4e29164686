"""The identity in TDDUI: statuses, matricule and traits; and none inside an identifier."""

from __future__ import annotations

import pytest

from esms_sdk import content
from tests.adapter.sources import tddui_world as world
from tests.adapter.sources.tddui_import import Tddui
from tests.adapter.sources.tddui_world import BASE, ET

# -- identity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "system", "with_ins", "expected"),
    [
        ("VALI", world.OLD_STATUS, True, "QUAL"),
        ("VALI", world.OLD_STATUS, False, "VALI"),
        ("VALI", world.NEW_STATUS, True, "VALI"),
        ("QUAL", world.NEW_STATUS, True, "QUAL"),
        ("PROV", world.OLD_STATUS, False, "PROV"),
        ("RECUP", world.NEW_STATUS, False, "RECUP"),
        ("DOUB", world.OLD_STATUS, False, None),
    ],
)
def test_the_status_of_an_identity_is_read_by_its_code_system_first(tddui, code, system, with_ins, expected):
    identifiers = [world.pi(), world.ins()] if with_ins else [world.pi()]
    found = tddui(
        world.patient("p1", *identifiers, extension=[world.status(code, system)]), world.organization(), world.sejour()
    )
    assert found.rows("usager", "statut_identite") == [(expected,)]


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (world.ins(), (world.NIR, "1.2.250.1.213.1.4.10")),
        (world.ins(code="INS-NIR", system="urn:oid:1.2.250.1.213.1.4.8"), (world.NIR, "1.2.250.1.213.1.4.8")),
        (world.ins(code="NH", system="urn:oid:1.2.250.1.213.1.4.8"), (None, None)),
        (world.ins(system="urn:oid:1.2.250.1.213.1.4.2", code="INS-C"), (None, None)),
        ({**world.ins(), "use": "old"}, (None, None)),
        ({**world.ins(), "type": {}}, (None, None)),
    ],
)  # fmt: skip
def test_an_ins_is_told_by_its_type_and_its_system_together(tddui, identifier, expected):
    found = tddui(world.organization(), world.patient("p1", world.pi(), identifier), world.sejour())
    assert found.rows("usager", "matricule_ins, oid_ins") == [expected]


def test_the_traits_come_from_the_official_name_its_list_of_given_names_and_the_place_of_birth(tddui):
    code = {"url": "https://hl7.fr/x/fr-core-address-insee-code", "valueCoding": {"code": "99101"}}
    birth = {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"extension": [code]}}
    listed = {"url": "https://hl7.fr/x/fr-core-patient-birth-list-given-name", "valueString": "OLGA ANNE"}
    names = [
        {"use": "usual", "family": "RUISSEAU", "given": ["OLGA"]},
        {"use": "official", "family": "BRUINE", "given": ["OLGA"], "extension": [listed]},
    ]
    found = tddui(world.organization(), world.patient(name=names, extension=[birth]), world.sejour())
    columns = "nom_naissance, prenoms_naissance, premier_prenom, nom_utilise, prenom_utilise, lieu_naissance_cog"
    assert found.rows("usager", columns) == [("BRUINE", "OLGA ANNE", "OLGA", "RUISSEAU", "OLGA", "99101")]


# -- no identity inside an identifier -----------------------------------------------------------------------------


def _cells(found):
    """Every cell of the lot, but the column that is meant to hold the matricule."""
    for path in sorted(found.lot.glob("*.parquet")):
        columns = "* exclude (matricule_ins)" if path.stem == "usager" else "*"
        yield from (str(cell) for row in found.rows(path.stem, columns) for cell in row)


@pytest.mark.parametrize("local", ["U-1", world.NIR, world.NIR[:13]])
@pytest.mark.parametrize("number", [world.NIR, world.NIR[:13]])
def test_no_key_of_the_lot_holds_a_nir(tddui, local, number):
    subject = world.patient("p1", world.pi(local), world.ins())
    found = tddui(
        world.organization(),
        subject,
        world.sejour(local=f"{number}-SEJOUR-1"),
        world.evenement(local=f"{number}-EVN-2"),
    )
    assert found.rejects() == []
    assert [cell for cell in _cells(found) if world.NIR[:13] in cell] == []
    assert "IDENTIFIANT_AVEC_NIR" in found.observations()


def test_a_nir_in_a_number_gives_way_to_the_local_number_of_its_person(tddui):
    found = tddui(
        world.organization(), world.patient("p1", world.pi(), world.ins()), world.sejour(local=f"{world.NIR}-SEJOUR-1")
    )
    assert found.rows("sejour", "sejour_id") == [(f"{ET}:U-1-SEJOUR-1",)]


def test_what_has_the_form_of_a_nir_gives_way_even_where_the_person_has_no_matricule(tddui):
    found = tddui(*BASE[:2], world.sejour(local=f"{world.NIR}-SEJOUR-1"), world.sejour("s2", f"{world.NIR}-SEJOUR-2"))
    keys = [key for (key,) in found.rows("sejour", "sejour_id")]
    assert len(set(keys)) == 2 and not any(world.NIR[:13] in key for key in keys)


def test_the_key_that_stands_for_a_nir_is_the_same_in_each_import_and_another_under_another_salt(tmp_path, monkeypatch):
    text = (content.folder("adapters") / "tddui_fhir" / "adapter.toml").read_text(encoding="utf-8")
    salted = tmp_path / "sale"
    salted.mkdir()
    sel = 'format = "tddui_fhir"\nsel = "${ESSAI_SEL}"'
    (salted / "adapter.toml").write_text(text.replace('format = "tddui_fhir"', sel), encoding="utf-8")
    monkeypatch.setenv("ESSAI_SEL", "maree")
    files = {"e.json": world.bundle(world.organization(), world.patient("p1", world.pi(world.NIR)))}
    keys = []
    for rank, adapter in enumerate(["tddui_fhir", "tddui_fhir", salted, salted]):
        folder = tmp_path / str(rank)
        folder.mkdir()
        keys.append(Tddui(folder, adapter, files).rows("usager", "usager_id"))
    assert keys[0] == keys[1] != keys[2] == keys[3]
