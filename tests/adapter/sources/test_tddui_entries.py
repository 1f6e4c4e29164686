"""What cannot be read of TDDUI: entry by entry, then the file as a whole."""

from __future__ import annotations

import gzip

import pytest

from esms_sdk.errors import SourceError
from tests.adapter.sources import tddui_world as world
from tests.adapter.sources.tddui_import import Tddui
from tests.adapter.sources.tddui_world import BASE

# -- entry by entry -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (None, [("", "", "ENTREE_ILLISIBLE")]),
        ("Patient", [("", "", "ENTREE_ILLISIBLE")]),
        ({"fullUrl": "urn:uuid:1"}, [("", "", "ENTREE_ILLISIBLE")]),
        ({"resource": {"id": "x"}}, [("", "", "ENTREE_ILLISIBLE")]),
        ({"resource": ["Patient"]}, [("", "", "ENTREE_ILLISIBLE")]),
        ({"resourceType": "Encounter", "id": "x", "status": "finished"}, [("", "", "RESSOURCE_NON_RECONNUE")]),
        ({"resourceType": "CarePlan", "identifier": "x"}, [("", "", "RESSOURCE_NON_RECONNUE")]),
        (world.patient("p9", identifier=[]), [("usager", "usager_id", "CLE_MANQUANTE")]),
        (world.patient("p9", identifier="U-9"), [("usager", "usager_id", "CLE_MANQUANTE")]),
        (world.evenement(identifier=[]), [("evenement", "evenement_id", "CLE_MANQUANTE")]),
        (world.evenement(status="in-progress"), [("evenement", "statut", "CODE_INCONNU")]),
        (world.evenement(status=None), [("evenement", "statut", "COLONNE_REQUISE")]),
        (world.evenement(subject="Patient/absent"), [("evenement", "dossier_id", "REFERENCE_INCONNUE")]),
        (world.evenement(period={"start": "2025-09"}), [("evenement", "date_debut", "TYPE_INVALIDE")]),
        (world.evenement(period="2025-09-04"), [("evenement", "date_debut", "COLONNE_REQUISE")]),
        (world.evenement(period={"start": "2025-09-04", "end": "2025-09-03"}), [("evenement", "date_fin", "ORDRE_DATES")]),
        (world.projet(status="revoked"), [("statut_projet", "statut", "CODE_INCONNU")]),
        (world.sejour("s2", "U-1-SEJOUR-2", period={}), [("sejour", "date_entree", "COLONNE_REQUISE")]),
        (world.sejour("s2", "U-1-SEJOUR-2", "Patient/absent"), [("sejour", "usager_id", "REFERENCE_INCONNUE")]),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_read_is_a_rejected_row_with_its_place_and_the_others_go_on(tddui, entry, expected):
    found = tddui(BASE[0], BASE[1], entry, BASE[2])
    assert found.rejects() == [("3", *one) for one in expected]
    assert len(found.rows("sejour")) == 1
    counts = found.manifest["import"]["sources"]["export.json"]
    assert counts == {"lues": 4, "acceptees": 3, "rejetees": 1, "ignorees": 0, "motifs_ignorees": {}}


def test_a_line_of_ndjson_that_cannot_be_read_is_rejected_at_its_line(tmp_path):
    content = world.lines(*BASE) + b"\n{\n[]\n" + b'{"resourceType": "Bundle"}\n' + world.lines(world.evenement())
    keys = {"date_extraction": "2025-10-01T05:00:00", "periode_couverte_fin": "2025-09-30"}
    found = Tddui(tmp_path, "tddui_fhir", {"e.ndjson": content}, lot_set=keys)
    assert found.rejects() == [(line, "", "", "ENTREE_ILLISIBLE") for line in ("5", "6", "7")]
    assert len(found.rows("evenement")) == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"resourceType": "Goal", "id": "g"}, "Goal"),
        (
            {"resourceType": "CarePlan", "id": "c", "meta": {"profile": [world.PROFILES + "tddui-careplan-autre"]}},
            "CarePlan",
        ),
        ({"request": {"method": "DELETE", "url": "Patient/x"}}, "suppression"),
        (world.sejour("s2", "U-1-SEJOUR-2", status="planned"), "sejour_prevu"),
        (world.sejour("s2", "U-1-SEJOUR-2", status="cancelled"), "sejour_annule"),
        (world.evenement(status="entered-in-error"), "saisie_par_erreur"),
        (world.projet(status="entered-in-error"), "saisie_par_erreur"),
    ],
)
def test_what_the_indicators_do_not_use_is_set_aside_and_counted_by_reason(tddui, entry, reason):
    found = tddui(*BASE, entry)
    assert found.rejects() == []
    assert found.ignored() == {reason: 1}


# -- the file as a whole ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (world.bundle(*BASE)[:-20], "ESMS-E332"),
        (b"", "ESMS-E332"),
        (b"[1, 2]", "ESMS-E332"),
        (world.bundle(*BASE) + b"}", "ESMS-E332"),
        (b'{"entry": [' + b"[" * 100_000, "ESMS-E332"),
        (b'{"resourceType": "List", "entry": []}', "ESMS-E330"),
        (world.bundle(*BASE, type="history"), "ESMS-E331"),
        ('{"resourceType": "Patient", "id": "é"}'.encode("latin-1"), "ESMS-E302"),
    ],
)
def test_a_file_that_is_no_fhir_json_ends_the_import_and_writes_nothing(tmp_path, content, code):
    with pytest.raises(SourceError) as refused:
        Tddui(tmp_path, "tddui_fhir", {"e.json": content})
    assert (refused.value.code, refused.value.exit_code) == (code, 2) and "e.json" in refused.value.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export"]


def test_an_archive_cut_short_is_told_by_its_name(tmp_path):
    with pytest.raises(SourceError) as refused:
        Tddui(tmp_path, "tddui_fhir", {"e.json.gz": gzip.compress(world.bundle(*BASE) * 50)[:-30]})
    assert refused.value.code == "ESMS-E301" and "e.json.gz" in refused.value.message
