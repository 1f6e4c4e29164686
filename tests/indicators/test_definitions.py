"""The definitions read aloud: their cases through the real engine, their sources and their periods."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from itertools import count
from typing import Any

import pytest

from esms_sdk import content, period
from esms_sdk.indicators import Count, Options, Rate, compute_indicators, definitions
from esms_sdk.indicators.definition import rules
from esms_sdk.lot import load, open_lot
from tests.lots import EHPAD, EJ, SSIAD, write_lot

DEFINITIONS = content.folder("conformance") / "definitions"
SOURCES = {
    s["id"]
    for s in tomllib.loads((content.folder("conformance") / "SOURCES.toml").read_text(encoding="utf-8"))["source"]
}
PERIODS = tomllib.loads((DEFINITIONS / "periodes.toml").read_text(encoding="utf-8"))
CASES = [(d.id, case) for d in definitions().values() for case in d.cas]

# What a case does not say of a row is the plainest.
PLAIN: dict[str, dict[str, Any]] = {
    "usager": {},
    "sejour": {"finess_et": EHPAD, "date_entree": date(2024, 1, 10)},
    "dossier": {"finess_et": EHPAD, "date_creation": date(2024, 1, 10)},
    "mise_a_jour": {"origine": "UTILISATEUR"},
    "projet_personnalise": {},
    "statut_projet": {},
    "evenement": {"statut": "PLANIFIE"},
    "envoi": {
        "canal": "MSS_PRO",
        "finess_et": EHPAD,
        "horodatage": datetime(2025, 9, 10, 12),
        "resultat": "SUCCES",
        "ins_qualifiee": True,
    },
    "echange_optionnel": {
        "finess_et": EHPAD,
        "horodatage": datetime(2025, 9, 10, 12),
        "sens": "RECU",
        "statut": "SUCCES",
    },
}
NUMBERED = {"sejour": "sejour_id", "evenement": "evenement_id", "envoi": "envoi_id", "echange_optionnel": "echange_id"}


def _tables(case: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    numbers = count(1)
    tables: dict[str, list[dict[str, Any]]] = {"document": []}
    for table, plain in PLAIN.items():
        rows = [{**plain, **row} for row in case.get(table, ())]
        for row in rows:
            if table in NUMBERED:
                row.setdefault(NUMBERED[table], f"{table}-{next(numbers)}")
        tables[table] = rows
    for row in tables["envoi"]:
        if row["canal"] == "DMP":
            row.setdefault("operation", "AJOUT")
            row["document_id"] = f"X-{row['envoi_id']}"
            tables["document"].append(
                {"document_id": row["document_id"], "usager_id": row["usager_id"], "finess_et": row["finess_et"],
                 "type_code": "11490-0", "date_creation": date(2025, 9, 1)}
            )  # fmt: skip
    named = {row["usager_id"] for rows in tables.values() for row in rows if row.get("usager_id")}
    known = {row["usager_id"] for row in tables["usager"]}
    tables["usager"] += [{"usager_id": one} for one in sorted(named - known)]
    return tables


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['nom']}" for name, case in CASES])
def test_the_case_of_a_definition_holds(tmp_path, name, case):
    places = [
        {"finess_et": EHPAD, "finess_ej": EJ, "denomination": "A", **case.get("etablissement", {})},
        {"finess_et": SSIAD, "finess_ej": EJ, "denomination": "B"},
    ]
    organismes = [{"finess_ej": EJ, "raison_sociale": "OG"}]
    path = write_lot(tmp_path / "lot", organisme=organismes, etablissement=places, **_tables(case))
    with open_lot(path) as lot:
        result = compute_indicators(lot, date(2025, 9, 30), Options(**case.get("options", {})))
    etablissement = result.etablissements[0]
    found = next(i for i in etablissement.indicateurs if i.id == name)
    if isinstance(found, Count):
        assert found.valeur == case["valeur"]
        return
    assert (found.fraction.numerateur, found.fraction.denominateur) == (case["numerateur"], case["denominateur"])
    assert found.motif == case.get("motif")
    for asked, seen in _more(found, etablissement.reserves).items():
        assert case.get(asked, seen) == seen


def _more(rate: Rate, reserves: tuple[str, ...]) -> dict[str, Any]:
    annual = rate.lectures[1].fraction.denominateur if rate.lectures else None
    return {
        "etat": rate.etat,
        "taux": rate.fraction.taux,
        "reserves": list(reserves),
        "denominateur_annuelle": annual,
    }


def test_every_key_of_a_case_is_looked_at():
    looked_at = {
        "nom", "options", "etablissement", "numerateur", "denominateur", "denominateur_annuelle", "valeur", "taux",
        "etat", "motif", "reserves", *PLAIN,
    }  # fmt: skip
    assert {key for _, case in CASES for key in case} <= looked_at


def test_a_definition_reads_tables_and_columns_of_the_schema_whose_null_means_nothing():
    meaningful = {"usager_id_fusion", "date_sortie", "sortie_definitive", "date_fin", "date_archivage"}
    for definition in definitions().values():
        for table, columns in definition.lit.items():
            assert set(columns) <= set(load().tables[table].columns), definition.id
            assert not meaningful & set(columns), definition.id


def test_a_definition_asks_coverage_of_the_dated_logs_that_it_reads():
    logs = {"sejour", "mise_a_jour", "statut_projet", "evenement", "envoi", "appel_insi", "echange_optionnel"}
    for definition in definitions().values():
        assert set(definition.journaux) == logs & set(definition.lit), definition.id


def test_every_source_is_listed_among_the_official_texts():
    named = {s.document for d in definitions().values() for s in d.sources}
    named |= {s["document"] for d in PERIODS.values() for s in d["sources"]}
    assert named <= SOURCES


@pytest.mark.parametrize("name", PERIODS)
def test_a_definition_of_the_period_gives_the_bounds_of_its_cases(name):
    for case in PERIODS[name]["cas"]:
        first = {"first_measure": True} if case.get("premiere_mesure") else {}
        found = getattr(period, name)(case["mesure_le"], **first)
        assert (found.debut, found.fin) == (case["debut"], case["fin"])


def test_the_rules_have_a_version_and_a_digest_that_newlines_do_not_change(tmp_path, monkeypatch):
    before = dict(rules())
    assert re.fullmatch(r"[0-9a-f]{64}", before["sha256"]) and before["version"]
    (tmp_path / "definitions").mkdir()
    (tmp_path / "VERSION.toml").write_bytes((DEFINITIONS.parent / "VERSION.toml").read_bytes())
    for path in DEFINITIONS.glob("*.toml"):
        windows = path.read_bytes().replace(b"\n", b"\r\n")
        (tmp_path / "definitions" / path.name).write_bytes(windows)
    monkeypatch.setattr(content, "folder", lambda name: tmp_path)
    rules.cache_clear()
    try:
        assert dict(rules()) == before
        changed = tmp_path / "definitions" / "taux_dmp.toml"
        changed.write_bytes(changed.read_bytes().replace(b"cible = 70", b"cible = 71"))
        rules.cache_clear()
        assert rules()["sha256"] != before["sha256"]
    finally:
        rules.cache_clear()
