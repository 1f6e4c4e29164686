"""DONNEES, FINESS, DMP and MSS: what the cases beside the requirements cannot show."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from esms_sdk import checks, content
from esms_sdk.checks import Examined, load_all
from esms_sdk.conformance import catalogue, profile
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import judge
from esms_sdk.finess import Origin
from esms_sdk.finess.build import build
from esms_sdk.lot import open_lot
from esms_sdk.sample import generate
from tests.conformance.case_lot import fill, memory_lot

DOMAINES = ("DONNEES", "FINESS", "DMP", "MSS")
OURS = [o for o in catalogue().values() if o.domaine in DOMAINES and o.methode == "auto" and o.objet == "lot"]
SHUFFLED = ("sejour", "dossier", "mise_a_jour", "envoi", "statut_projet", "document", "opposition", "evenement")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("monde")
    generate("lot", folder, personnes=300)
    with open_lot(folder) as lot:
        yield lot


def test_the_sample_world_is_whole(world):
    found, reasons = _judged(world)
    assert not [reason for reason in reasons if "erreur interne" in reason]
    torn = {"DOUBLE", "CHEVAUCHEMENT", "SANS_STATUT", "MISE_A_JOUR", "MASSE", "DATE_UNIQUE", "FORME", "EJ_ET"}
    assert found and not torn & {finding.code for finding in found}


def test_the_order_of_the_rows_changes_no_finding(world):
    first, _ = _judged(world)
    for table in SHUFFLED:
        # A temporary table goes before the lot's own of the same name.
        world.con.execute(f"create temp table {table} as select * from {table} t order by hash(t)")
    assert _judged(world)[0] == first


def test_no_finding_tells_more_of_a_person_than_its_key(world):
    traits = "nom_naissance, premier_prenom, matricule_ins, date_naissance"
    persons = world.con.execute(f"select {traits} from usager").fetchall()
    traits = {trait for person in persons for trait in person if trait}
    births = {"/".join(reversed(person[3].split("-"))) for person in persons if person[3]}
    told = {finding.precision for finding in _judged(world)[0] if finding.precision}
    assert told and not [text for text in told if any(trait in text.split() for trait in traits | births)]


def test_the_register_of_the_user_is_asked_where_there_is_one(tmp_path, monkeypatch):
    feed = content.folder("samples") / "finess" / "structures_inventees.json"
    document = json.loads(feed.read_text(encoding="utf-8"))
    made = tmp_path / "structures.json"
    made.write_text(json.dumps(document).replace('"000000109"', '"990000028"'), encoding="utf-8")
    build(made, tmp_path / "finess.sqlite", Origin())
    monkeypatch.setattr("esms_sdk.finess.reference.user_reference", lambda: tmp_path / "finess.sqlite")
    with memory_lot() as lot:
        fill(lot, {"manifeste": {"perimetre": ["990000028"]}, "etablissement": {"finess_et": "990000028"}})
        found, _ = _judged(lot, "ESMS-FINESS-08")
    assert {finding.code for finding in found} >= {"ORGANISME"}


def test_each_threshold_of_a_check_is_a_parameter_of_the_profiles():
    told = profile().parameters(None)
    source = "".join(path.read_text(encoding="utf-8") for path in _sources())
    asked = set(re.findall(r'parametres\["(\w+)"\]|parametres\[\'(\w+)\'\]', source))
    assert {a or b for a, b in asked} <= set(told)


def test_the_documents_of_the_perimeter_are_made_or_received():
    path = content.folder("conformance") / "terminologie" / "documents_ms.toml"
    types = tomllib.loads(path.read_text(encoding="utf-8"))["type"]
    assert all(one["produit"] or one["recu"] for one in types.values())


def test_what_no_machine_sees_asks_for_numbered_evidence():
    by_hand = [one for one in catalogue().values() if one.domaine in ("PSC", "PORT", "EXT") or one.id == "ESMS-MSS-10"]
    assert len(by_hand) >= 25
    for one in by_hand:
        assert one.methode != "auto" and one.non_verifie_parce_que and not one.lit
        assert [proof.numero for proof in one.preuves] == [f"{one.id}.{n:02d}" for n in range(1, len(one.preuves) + 1)]
        assert one.preuves


def _judged(lot, *ids):
    """Return the findings of the requirements (all of ours without ``ids``) over a lot, and the reasons given."""
    chosen = [one for one in OURS if not ids or one.id in ids]
    findings = Findings()
    try:
        examined = Examined(lot, "test", profile().parameters(lot.manifest.date_extraction.date()))
        judged = judge(chosen, load_all(), examined, findings)
        return list(findings.lines()), [one.motif for one in judged.values()]
    finally:
        findings.close()


def _sources():
    return sorted(Path(checks.__file__).parent.rglob("*.py"))
