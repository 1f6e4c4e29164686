"""The invented world holds together, and nobody in it exists."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from esms_sdk.errors import UsageError
from esms_sdk.identifiers import finess, nir, rpps
from esms_sdk.lot import load
from esms_sdk.sample import generate
from esms_sdk.sample.build import build
from esms_sdk.sample.hestia.filling import NOWHERE
from esms_sdk.sample.soleo import defects_persons
from esms_sdk.sample.soleo.outcome import KEYS
from esms_sdk.sample.world import DEBUT, FIN, OID_TEST


def test_the_world_has_about_600_persons_in_seven_establishments_of_different_kinds(world, tables):
    assert 570 <= len(tables["usager"]) <= 630
    inside = [etab for etab in world.etablissements if etab.dans_perimetre]
    assert len(inside) == 7
    assert len({etab.categorie for etab in inside}) == 7
    assert {etab.profil_cibles for etab in inside} == {"standard", "pjm"}


def test_no_number_is_that_of_a_real_establishment(world):
    assert {number[:2] for number in [world.finess_ej, *(etab.finess_et for etab in world.etablissements)]} == {"00"}


def test_every_finess_is_valid_but_that_of_the_neighbour_outside_the_perimeter(world):
    wrong = [etab for etab in world.etablissements if not finess.is_valid(etab.finess_et)]
    assert finess.is_valid(world.finess_ej)
    assert [etab.dans_perimetre for etab in wrong] == [False]


def test_the_unknown_finess_of_the_exports_is_wrong_by_nothing_but_being_unknown(world):
    assert defects_persons.NOWHERE == NOWHERE and finess.is_valid(NOWHERE)
    assert NOWHERE not in {world.finess_ej, *(etab.finess_et for etab in world.etablissements)}


def test_every_matricule_is_fictive_and_its_key_is_right_unless_it_is_a_planted_fault(world, tables):
    for row in tables["usager"]:
        if row["matricule_ins"]:
            assert row["oid_ins"] == OID_TEST
            right = nir.is_valid(row["matricule_ins"])
            assert right != ("matricule" in world.fautes.get(row["usager_id"], "")), row["usager_id"]
            assert row["matricule_ins"][5:7] in ("00", "2A", "2B")


def test_every_rpps_is_invented_and_passes_its_key(tables):
    numbers = {row["rpps"] for row in tables["envoi"] if row["rpps"]}
    assert len(numbers) > 10
    assert all(number.startswith("000") and rpps.is_valid(number) for number in numbers)


def test_every_key_is_there_once(tables):
    for table, rows in tables.items():
        keys = Counter(tuple(row[column] for column in KEYS[table]) for row in rows)
        assert [key for key, count in keys.items() if count > 1 or "" in key] == [], table


def test_every_reference_leads_to_a_row(tables):
    schema = load().tables
    for table, rows in tables.items():
        for column, target in schema[table].references.items():
            known = {row[schema[target].key[0]] for row in tables[target]}
            assert {row[column] for row in rows} - known - {""} == set(), (table, column)


def test_ends_come_after_beginnings(tables):
    for table, first, last in (
        ("sejour", "date_entree", "date_sortie"),
        ("dossier", "date_creation", "date_archivage"),
        ("evenement", "date_debut", "date_fin"),
        ("projet_personnalise", "date_debut", "date_fin"),
    ):
        assert [row for row in tables[table] if row[last] and row[last] < row[first]] == [], table


def test_the_logs_keep_inside_the_two_years(tables):
    first, last = DEBUT.isoformat(), FIN.isoformat()
    for table, column in (("mise_a_jour", "date_maj"), ("envoi", "horodatage"), ("appel_insi", "horodatage"),
                          ("reception", "horodatage"), ("echange_optionnel", "horodatage")):  # fmt: skip
        assert all(first <= row[column][:10] <= last for row in tables[table]), table


def test_it_has_the_turns_that_indicators_must_survive(world, tables):
    roots = world.roots()
    fusions = {usager.usager_id: usager.fusion for usager in world.usagers if usager.fusion}
    assert any(fusions.get(into) for into in fusions.values())
    assert {row["sortie_definitive"] for row in tables["sejour"] if row["date_sortie"]} == {"true", "false", ""}
    assert {row["projet_applicable"] for row in tables["sejour"]} == {"true", "false"}
    assert any(back is None for sejour in world.sejours for _, back in sejour.interruptions)
    assert any(back for sejour in world.sejours for _, back in sejour.interruptions)
    places = {(roots[row["usager_id"]], row["finess_et"]) for row in tables["sejour"]}
    assert max(Counter(person for person, _ in places).values()) > 1
    assert {row["origine"] for row in tables["mise_a_jour"]} == {"UTILISATEUR", "AUTOMATE", "REPRISE"}
    assert any(row["date_debut"] > FIN.isoformat() for row in tables["evenement"])
    assert any(row["date_fin"][:7] > row["date_debut"][:7] for row in tables["evenement"])
    assert {len(message.documents) for message in world.messages} == {0, 1, 2}
    assert any(not message.usager_id for message in world.messages)
    assert {flux.operation for flux in world.flux} == {"AJOUT", "REMPLACEMENT", "SUPPRESSION"}
    assert {flux.resultat for flux in world.flux} == {"SUCCES", "ECHEC"}


def test_a_dossier_that_is_closed_or_not_open_yet_is_not_written_by_anybody(world):
    open_days = {d.dossier_id: (d.creation, d.archivage or date.max) for d in world.dossiers}
    for line in world.journal:
        first, last = open_days[line.dossier_id]
        assert first <= line.quand.date() <= last


def test_another_seed_gives_another_world_with_the_same_establishments(world):
    other = build(2, 300)
    assert [usager.nom for usager in other.usagers] != [usager.nom for usager in world.usagers][: len(other.usagers)]
    assert other.etablissements == world.etablissements


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        generate("lot", tmp_path / name, 5, personnes=300)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(("kind", "persons"), [("minerve", 600), ("lot", 12)])
def test_a_kind_or_a_size_that_does_not_exist_is_refused_by_name(tmp_path, kind, persons):
    with pytest.raises(UsageError, match=kind if kind == "minerve" else str(persons)):
        generate(kind, tmp_path / "out", personnes=persons)
    assert not (tmp_path / "out").exists()
