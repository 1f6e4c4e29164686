"""The per-person computation of the sample is right: it finds the hand-worked micro-lot, and sees what it must see."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from esms_sdk.lot import load
from esms_sdk.sample.expected import MESURES
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.truth import Mesure, Rejet, Truth

MICRO = Path(__file__).resolve().parent.parent / "data" / "micro_lot"
SEPTEMBER = ("2025-09-30", "2025-09-01", "2025-09-30")
EHPAD, FOYER = "000012013", "000012070"


def _micro_tables():
    """The micro-lot with every column of the schema, defaults in."""
    tables = {}
    for name, table in load().tables.items():
        path = MICRO / "lot" / f"{name}.csv"
        lines = path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else []
        plain = {c.name: str(c.default).lower() if c.default is not None else "" for c in table.columns.values()}
        tables[name] = [
            {**plain, **{c: v or plain[c] for c, v in row.items()}} for row in csv.DictReader(lines, delimiter=";")
        ]
    return tables


@pytest.mark.parametrize(
    ("name", "mesure"),
    [
        ("mois_ecoule_periode", Mesure("", *SEPTEMBER)),
        ("mois_ecoule_annuelle", Mesure("", *SEPTEMBER, denominateur="annuelle")),
        ("mois_ecoule_sans_borne", Mesure("", *SEPTEMBER, evenements="sans_borne")),
        ("premiere_mesure", Mesure("", "2025-09-30", "2025-07-01", "2025-09-30", premiere_mesure=True)),
        ("trois_mois", Mesure("", "2025-10-01", "2025-07-01", "2025-09-30", definition="trois_mois")),
    ],
)
def test_the_micro_lot_comes_out_to_the_digit(name, mesure):
    head = json.loads((MICRO / "lot" / "manifeste.json").read_text(encoding="utf-8"))
    wanted = json.loads((MICRO / "expected" / f"indicateurs_{name}.json").read_text(encoding="utf-8"))
    covered = (head["periode_couverte_debut"], head["periode_couverte_fin"])
    found = indicators(Truth(_micro_tables(), head["perimetre"], covered, []), mesure)
    for one, expected in zip(found["etablissements"], wanted["etablissements"], strict=True):
        for key in ("finess_et", "reserves", "personnes_accompagnees", "rejets_sejours"):
            assert one[key] == expected[key]
        for indicator, value in expected["indicateurs"].items():
            if indicator not in ("nb_eprescription", "nb_eparcours"):  # the table is absent there, never in this world
                assert {k: v for k, v in one["indicateurs"][indicator].items() if k in value} == value


def test_the_foyer_counts_otherwise_if_its_evenings_are_taken_for_those_of_paris(world, tables):
    evenings = {
        (line.dossier_id, line.quand.date().isoformat())
        for line in world.journal
        if line.origine == "UTILISATEUR" and line.quand.hour >= 20
    }
    moved = [
        {**row, "date_maj": date.fromordinal(date.fromisoformat(row["date_maj"]).toordinal() + 1).isoformat()}
        if (row["dossier_id"], row["date_maj"]) in evenings and row["dossier_id"].startswith("AG05")
        else row
        for row in tables["mise_a_jour"]
    ]
    mesure = Mesure("", *SEPTEMBER)
    perimetre, covered = [FOYER], ("2024-01-01", "2025-12-31")
    right = Truth(tables, perimetre, covered, []).numbers(FOYER, mesure, "periode")
    wrong = Truth({**tables, "mise_a_jour": moved}, perimetre, covered, []).numbers(FOYER, mesure, "periode")
    assert right.rates["taux_dossiers_actifs"] != wrong.rates["taux_dossiers_actifs"]


@pytest.mark.parametrize(
    ("rejet", "lost"),
    [
        (Rejet(EHPAD, "", ""), 1),
        (Rejet(EHPAD, "2025-09-30", ""), 1),
        (Rejet(EHPAD, "2025-10-01", ""), 0),
        (Rejet(EHPAD, "", "2025-08-31"), 0),
        (Rejet(EHPAD, "", "2025-09-01"), 1),
        (Rejet(FOYER, "", ""), 0),
        (Rejet("", "", ""), 0),
    ],
)
def test_a_lost_sejour_weighs_unless_its_dates_show_that_it_would_not_count(rejet, lost):
    tables = {name: [] for name in load().tables}
    known = Truth(tables, [EHPAD, FOYER], ("2024-01-01", "2025-12-31"), [rejet])
    assert known.possible_losses(EHPAD, Mesure("", *SEPTEMBER)) == lost


def test_the_world_shows_every_state_and_every_motif_that_complete_data_can_have(known):
    states, motifs, reserves = set(), set(), set()
    for mesure in MESURES:
        for etab in indicators(known, mesure)["etablissements"]:
            reserves |= set(etab["reserves"])
            states |= {i["etat"] for i in etab["indicateurs"].values() if "etat" in i}
            motifs |= {i["motif"] for i in etab["indicateurs"].values()}
    assert states == {"ATTEINTE", "NON_ATTEINTE", "INDETERMINEE", "SANS_OBJET"}
    assert motifs == {
        None, "ETABLISSEMENT_HORS_PERIODE", "PERIODE_NON_COUVERTE", "DENOMINATEUR_NUL", "REJETS_PRESENTS",
    }  # fmt: skip
    assert reserves == {"SORTIE_NON_QUALIFIEE", "DEPLOIEMENT_EN_COURS", "FILE_ACTIVE_PARTIELLE"}
