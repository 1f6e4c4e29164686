"""The hand-worked lot comes out to the digit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from esms_sdk.indicators import Options, compute_indicators
from esms_sdk.lot import Lot, open_lot
from tests.indicators.documents import etablissement_document

MICRO_LOT = Path(__file__).parent.parent / "data" / "micro_lot"
LAST_DAY = date(2025, 9, 30)
RUNS = {
    "mois_ecoule_periode": (LAST_DAY, Options()),
    "mois_ecoule_annuelle": (LAST_DAY, Options(denominateur="annuelle")),
    "mois_ecoule_sans_borne": (LAST_DAY, Options(evenements="sans_borne")),
    "premiere_mesure": (LAST_DAY, Options(premiere_mesure=True)),
    # The three months that end on the last day of September are measured the day after.
    "trois_mois": (date(2025, 10, 1), Options(definition="trois_mois")),
}


@pytest.fixture(scope="module")
def lot() -> Iterator[Lot]:
    with open_lot(MICRO_LOT / "lot") as opened:
        yield opened


@pytest.mark.parametrize("run", RUNS)
def test_the_micro_lot_comes_out_to_the_digit(lot, run):
    measured_on, options = RUNS[run]
    expected = json.loads((MICRO_LOT / "expected" / f"indicateurs_{run}.json").read_text(encoding="utf-8"))
    for etablissement in expected["etablissements"]:
        for indicateur in etablissement["indicateurs"].values():
            indicateur.pop("libelle", None)
    result = compute_indicators(lot, measured_on, options)
    assert [etablissement_document(e) for e in result] == expected["etablissements"]


def test_every_indicator_of_the_micro_lot_bears_the_label_of_the_contract(lot):
    assert {i.id: i.libelle for e in compute_indicators(lot, LAST_DAY) for i in e.indicateurs} == {
        "taux_dossiers_actifs": "Taux de dossiers actifs",
        "taux_projet_personnalise": "Taux de dossiers actifs avec un projet personnalisé",
        "taux_evenement_agenda": "Taux de dossiers actifs ayant au moins un événement dans l'agenda",
        "taux_mssante": "Taux d'utilisation de la MS Santé",
        "taux_dmp": "Taux d'utilisation du DMP",
        "nb_dui_actifs": "Nombre de DUI actifs",
        "nb_eprescription": "Nombre de prescriptions électroniques importées",
        "nb_eparcours": "Nombre d'échanges avec une plateforme e-parcours",
    }
