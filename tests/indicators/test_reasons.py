"""The explanation and the work-list of the hand-worked lot, person by person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from esms_sdk.errors import UsageError
from esms_sdk.indicators import Options, compute_indicators, definitions, explain, worklist
from esms_sdk.lot import Lot, open_lot
from tests.indicators.loaded import loaded
from tests.indicators.reference import Lot as Rows
from tests.lots import EHPAD, EJ, MANIFEST, SSIAD

MICRO_LOT = Path(__file__).parent.parent / "data" / "micro_lot"
LAST_DAY = date(2025, 9, 30)


@pytest.fixture(scope="module")
def lot() -> Iterator[Lot]:
    with open_lot(MICRO_LOT / "lot") as opened:
        yield opened


def _groups(lot, indicator, finess=EHPAD, **options):
    found = explain(lot, LAST_DAY, Options(**options), finess, indicator)
    return {(g.etat, g.motif): " ".join(g.cles) for g in found.groupes}


def test_the_worklist_names_what_is_missing_for_whom(lot):
    rows = worklist(lot, compute_indicators(lot, LAST_DAY))
    assert [(row.usager_id, row.etat, row.motif) for row in rows if row.finess_et == EHPAD] == [
        ("P01", "numerateur", None),
        ("P02", "a_corriger", "SANS_PROJET_EN_COURS"),
        ("P03", "exclu", "SORTI_AVANT"),
        ("P04", "a_corriger", "MISE_A_JOUR_AUTOMATIQUE_SEULE"),
        ("P05", "a_corriger", "SANS_EVENEMENT"),
        ("P06", "a_corriger", "SANS_PROJET_EN_COURS"),
        ("P07", "a_corriger", "SANS_MISE_A_JOUR"),
        ("P08", "a_corriger", "SANS_EVENEMENT"),
        ("P08", "a_corriger", "SANS_PROJET_EN_COURS"),
        ("P09", "a_corriger", "SANS_EVENEMENT"),
        ("P09", "a_corriger", "SANS_PROJET_EN_COURS"),
        ("P10", "exclu", "SORTI_AVANT"),
        ("P11", "numerateur", None),
        ("P12", "a_corriger", "SANS_MISE_A_JOUR"),
        ("P13", "a_corriger", "SANS_DOSSIER"),
        ("P14", "numerateur", None),
        ("P15", "exclu", "SORTI_AVANT"),
        ("P16", "exclu", "SORTI_AVANT"),
    ]
    assert [tuple(row) for row in rows if row.finess_et == SSIAD] == [
        (SSIAD, "P12", "a_corriger", "SANS_EVENEMENT"),
        (SSIAD, "P12", "a_corriger", "SANS_PROJET_EN_COURS"),
    ]


def test_the_worklist_is_for_the_establishments_of_the_result(lot):
    rows = worklist(lot, compute_indicators(lot, LAST_DAY, finess=[SSIAD]))
    assert {row.finess_et for row in rows} == {SSIAD}


def test_the_explanation_says_who_is_in_and_out_and_why(lot):
    assert _groups(lot, "taux_dossiers_actifs") == {
        ("numerateur", "DOSSIER_ACTIF"): "P01 P02 P05 P06 P08 P09 P11 P14",
        ("denominateur", "MISE_A_JOUR_AUTOMATIQUE_SEULE"): "P04",
        ("denominateur", "SANS_DOSSIER"): "P13",
        ("denominateur", "SANS_MISE_A_JOUR"): "P07 P12",
        ("exclu", "SORTI_AVANT"): "P03 P10 P15 P16",
    }
    assert _groups(lot, "taux_projet_personnalise")["numerateur", "PROJET_EN_COURS"] == "P01 P05 P11 P14"
    assert _groups(lot, "taux_evenement_agenda")["denominateur", "SANS_EVENEMENT"] == "P05 P08 P09"
    assert _groups(lot, "taux_evenement_agenda", evenements="sans_borne")["denominateur", "SANS_EVENEMENT"] == "P05 P09"
    assert _groups(lot, "taux_dmp")["numerateur", "DMP_ALIMENTE"] == "P01 P05 P14"
    assert _groups(lot, "taux_dmp")["exclu", "PROJET_NON_APPLICABLE"] == "P11"


def test_the_explanation_of_the_year_tells_a_return_that_did_not_come_from_an_old_exit(lot):
    groups = _groups(lot, "taux_dossiers_actifs", denominateur="annuelle")
    assert groups["exclu", "SORTIE_NON_DEFINITIVE"] == "P16"
    assert groups["exclu", "SORTI_AVANT"] == "P10"


def test_the_explanation_of_messages_names_messages(lot):
    groups = _groups(lot, "taux_mssante")
    assert groups["numerateur", "MESSAGE_ENVOYE"] == "M1 M3"
    assert groups["exclu", "MESSAGE_EN_ECHEC"] == "M2"
    assert groups["exclu", "MESSAGE_HORS_PERIODE"] == "M4 M5"


def test_what_is_not_supplied_is_not_explained_person_by_person(lot):
    assert _groups(lot, "nb_eparcours") == {}


@pytest.mark.parametrize("indicator", definitions())
def test_an_explanation_reads_as_french_and_as_json(lot, indicator):
    found = explain(lot, LAST_DAY, Options(), EHPAD, indicator)
    text = found.as_text()
    assert definitions()[indicator].libelle in text and "du 2025-09-01 au 2025-09-30" in text
    document = json.loads(json.dumps(found.as_document()))
    assert document["fenetre_annuelle"] == {"debut": "2025-01-01", "fin": "2025-09-30"}
    assert sum(g["nombre"] for g in document["groupes"]) == sum(len(g.cles) for g in found.groupes)


def test_an_unknown_indicator_or_finess_is_refused(lot):
    for finess, indicator, code in ((EHPAD, "taux", "ESMS-E134"), ("999999999", "taux_dmp", "ESMS-E130")):
        with pytest.raises(UsageError) as refused:
            explain(lot, LAST_DAY, Options(), finess, indicator)
        assert refused.value.code == code


def _rows(**tables):
    place = {"finess_et": EHPAD, "finess_ej": EJ, "denomination": "A"}
    base = {"etablissement": [place], "organisme": [{"finess_ej": EJ, "raison_sociale": "OG"}]}
    empty = {name: [] for name in ("mise_a_jour", "statut_projet", "evenement", "envoi", "dossier", "sejour")}
    return Rows({**MANIFEST, "perimetre": [EHPAD]}, {**base, **empty, "projet_personnalise": [], **tables})


def test_the_reasons_of_a_dossier_that_was_never_open_in_the_period_and_of_a_person_without_sejour():
    looks_like_a_number = "253072A07300443"
    rows = _rows(
        usager=[{"usager_id": "A"}, {"usager_id": "B"}, {"usager_id": looks_like_a_number}],
        sejour=[
            {"sejour_id": "1", "usager_id": "A", "finess_et": EHPAD, "date_entree": date(2024, 1, 1)},
            {"sejour_id": "2", "usager_id": looks_like_a_number, "finess_et": EHPAD, "date_entree": date(2025, 10, 1)},
        ],
        dossier=[
            {"dossier_id": "a", "usager_id": "A", "finess_et": EHPAD, "date_creation": date(2025, 10, 1)},
            {"dossier_id": "b", "usager_id": "B", "finess_et": EHPAD, "date_creation": date(2024, 1, 1)},
        ],
        mise_a_jour=[{"dossier_id": "a", "date_maj": LAST_DAY, "origine": "AUTOMATE"}],
    )
    with loaded(rows) as opened:
        found = worklist(opened, compute_indicators(opened, LAST_DAY))
        assert [tuple(row)[1:] for row in found] == [
            (looks_like_a_number, "exclu", "ENTRE_APRES"),
            ("A", "a_corriger", "DOSSIER_NON_OUVERT"),
            ("B", "hors_perimetre", "SANS_SEJOUR"),
        ]
        told = explain(opened, LAST_DAY, Options(), EHPAD, "taux_dossiers_actifs")
        assert looks_like_a_number not in told.as_text() + json.dumps(told.as_document())
        assert ("exclu", ("999999X99999999",)) in [(g.etat, g.cles) for g in told.groupes]


def test_nobody_is_asked_to_complete_what_the_lot_does_not_show():
    person = {
        "usager": [{"usager_id": "A"}],
        "sejour": [{"sejour_id": "1", "usager_id": "A", "finess_et": EHPAD, "date_entree": date(2024, 1, 1)}],
        "dossier": [{"dossier_id": "a", "usager_id": "A", "finess_et": EHPAD, "date_creation": date(2024, 1, 1)}],
        "mise_a_jour": [{"dossier_id": "a", "date_maj": LAST_DAY, "origine": "UTILISATEUR"}],
    }
    rows = _rows(**person)
    for table in ("evenement", "projet_personnalise"):
        del rows.tables[table]
    with loaded(rows) as opened:
        found = worklist(opened, compute_indicators(opened, LAST_DAY))
    assert [tuple(row)[1:] for row in found] == [("A", "numerateur", None)]
    silent = _rows(**{**person, "mise_a_jour": []})
    silent.manifest["non_fourni"] = ["mise_a_jour"]
    with loaded(silent) as opened:
        assert worklist(opened, compute_indicators(opened, LAST_DAY)) == []
