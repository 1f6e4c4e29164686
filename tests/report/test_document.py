"""``conformite.json``: the contract's shape, held by the published schema."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from esms_sdk import content
from esms_sdk.conformance import Conformity
from esms_sdk.report import conformity_document, write_reports
from tests.lots import EHPAD, SSIAD

SCHEMA = json.loads((content.folder("conformance") / "conformite.schema.json").read_text(encoding="utf-8"))


def _of(document: dict[str, object], id: str) -> dict[str, object]:
    return next(one for one in document["exigences"] if one["id"] == id)


def test_the_published_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_run_gives_a_document_that_the_published_schema_accepts(result: Conformity):
    faults = [fault.message for fault in Draft202012Validator(SCHEMA).iter_errors(conformity_document(result))]
    assert faults == []


@pytest.mark.parametrize("key", ["resume", "exigences", "regles"])
def test_the_schema_refuses_a_document_without(runs, key):
    document = conformity_document(runs["echec"])
    del document[key]
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_the_file_is_the_document(result: Conformity, tmp_path):
    (path,) = write_reports(result, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == conformity_document(result)


def test_a_finding_has_its_place_its_number_and_its_text(runs):
    one = _of(conformity_document(runs["echec"]), "ESMS-DONNEES-90")
    assert (one["verdict"], one["par_finess"]) == ("non_conforme", {EHPAD: "non_conforme", SSIAD: "non_conforme"})
    place = {"table": "usager", "colonne": "nom_utilise", "cle": "U1", "finess_et": EHPAD}
    assert one["constats"][0] == {
        "code": "ROUGE", "gravite": "erreur", "message": "c'est rouge : vu", "ou": place, "nombre": 1, "exemples": [place],
    }  # fmt: skip
    assert one["sources"][0]["reference"] == "SC.X/va1.01" and one["sources"][0]["titre"].startswith("REM-MS1")


def test_the_identity_block_names_sdk_rules_product_period_digest_counts_and_command(runs):
    document = conformity_document(runs["ecarts"])
    (lot,) = document["entrees"]
    assert (lot["nom"], lot["logiciel"], len(lot["empreinte_sha256"])) == ("lot", "DUI inventé", 64)
    assert lot["periode_couverte"] == {"debut": "2023-01-01", "fin": "2025-10-01"}
    assert document["regles"]["nom"] == "esms-exigences" and document["arrete_au"] == "2025-10-02"
    assert document["comptes"] | {"juges": 0} == {
        "exigences": 6, "juges": 0, "erreurs": 2, "avertissements": 1, "informations": 0, "constats": 3, "finess": 2,
    }  # fmt: skip
    assert document["ligne_de_commande"] == "esms check lot"
    assert [(e["exigence"], e["nombre"]) for e in document["ecarts"]] == [("ESMS-DONNEES-90", 2)]


def test_a_warning_alone_leaves_a_requirement_met(runs):
    one = _of(conformity_document(runs["echec"]), "ESMS-DONNEES-91")
    assert (one["verdict"], [c["gravite"] for c in one["constats"]]) == ("conforme", ["avertissement"])


def test_the_evidence_asked_for_and_given_stand_side_by_side_without_folders(runs):
    pieces = _of(conformity_document(runs["declare"]), "ESMS-PSC-90")["preuves"]
    assert [piece["numero"] for piece in pieces] == ["ESMS-PSC-90.01", "ESMS-PSC-90.02"]
    assert pieces[0]["fichier"] == "preuve.txt" and "fichier" not in pieces[1]


def test_an_unreadable_lot_is_named_with_its_faults_and_no_folder(runs, tmp_path_factory):
    document = conformity_document(runs["illisible"])
    (lot,) = document["entrees"]
    assert (lot["nom"], document["code_retour"]) == ("illisible", 3)
    assert any("dossier" in fault for fault in lot["defauts"])
    assert str(tmp_path_factory.getbasetemp()) not in json.dumps(document)
