"""``indicateurs.json`` has the shape of the contract and nothing that could break a strict reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import esms_sdk
from esms_sdk.export import as_contract, write_indicators
from esms_sdk.indicators.result import Amenagement, Etablissement, Indicateurs, Options

RATES = ["taux_dossiers_actifs", "taux_projet_personnalise", "taux_evenement_agenda", "taux_mssante", "taux_dmp"]
COUNTS = ["nb_dui_actifs", "nb_eprescription", "nb_eparcours"]


def test_the_keys_are_those_of_the_contract_in_its_order(result: Indicateurs) -> None:
    document = as_contract(result)
    head = ["schema", "sdk", "regles", "definition", "options", "periode", "lot", "etablissements", "totaux", "notes"]
    assert list(document) == head
    assert document["schema"] == "esms-indicateurs/1"
    assert document["sdk"] == esms_sdk.__version__
    assert list(document["options"].items()) == [
        ("denominateur", "periode"),
        ("evenements", "dans_la_periode"),
        ("premiere_mesure", False),
        ("origines_maj", ["UTILISATEUR"]),
    ]
    assert document["periode"] == {"debut": "2025-09-01", "fin": "2025-09-30", "mesure_le": "2025-09-30"}
    assert list(document["lot"]) == ["editeur", "logiciel", "version_logiciel", "date_extraction", "empreinte_sha256"]


def test_an_establishment_has_the_keys_of_the_contract_and_no_other(result: Indicateurs) -> None:
    for e in as_contract(result)["etablissements"]:
        assert list(e) == [
            "finess_et", "finess_ej", "denomination", "profil_cibles", "rejets_sejours", "reserves",
            "personnes_accompagnees", "indicateurs",
        ]  # fmt: skip
        assert list(e["indicateurs"]) == RATES + COUNTS
        for name, indicator in e["indicateurs"].items():
            keys = ["libelle", "numerateur", "denominateur", "taux", "cible", "etat", "motif"]
            if name == "taux_dossiers_actifs":
                keys.append("lectures")
                assert list(indicator["lectures"]) == ["periode", "annuelle"]
            assert list(indicator) == (["libelle", "valeur", "motif"] if name in COUNTS else keys)


def test_the_document_of_one_establishment_reads_as_in_the_contract(result: Indicateurs) -> None:
    e = as_contract(result)["etablissements"][0]
    assert e["personnes_accompagnees"] == {"periode": 64, "annuelle": 80}
    assert e["indicateurs"]["taux_dossiers_actifs"] == {
        "libelle": "Taux de dossiers actifs",
        "numerateur": 60,
        "denominateur": 64,
        "taux": 93.8,
        "cible": 90,
        "etat": "ATTEINTE",
        "motif": None,
        "lectures": {
            "periode": {"numerateur": 60, "denominateur": 64},
            "annuelle": {"numerateur": 62, "denominateur": 80},
        },
    }
    assert e["indicateurs"]["nb_dui_actifs"] == {"libelle": "Nombre de DUI actifs", "valeur": 60, "motif": None}


def test_a_total_is_null_as_soon_as_one_establishment_does_not_supply_its_number(result: Indicateurs) -> None:
    totals = as_contract(result)["totaux"]
    assert totals["nb_dui_actifs"] is None
    assert totals["par_ej"] == {"000000018": {"nb_dui_actifs": None}, "000000026": {"nb_dui_actifs": 22}}


def test_a_total_is_the_sum_when_every_establishment_supplies_its_number(result: Indicateurs) -> None:
    supplied = tuple(e for e in result if e.finess_et != "000000141")
    totals = as_contract(replace(result, etablissements=supplied))["totaux"]
    assert totals["nb_dui_actifs"] == 60 + 90 + 0 + 1150 + 19 + 0 + 5 + 17
    assert totals["par_ej"]["000000018"]["nb_dui_actifs"] == 60 + 90 + 0 + 1150 + 19 + 0


def test_organismes_stand_in_the_document_only_when_they_were_asked_for(
    result: Indicateurs, make_etablissement: Callable[..., Etablissement]
) -> None:
    assert "organismes" not in as_contract(result)
    whole = make_etablissement("", "OG inventé", ((1, 2), (1, 2)), (1, 1), (1, 1), (1, 2), (1, 2))
    document = as_contract(replace(result, organismes=(whole,)))
    assert document["organismes"][0]["finess_et"] is None
    assert document["organismes"][0]["finess_ej"] == "000000018"
    assert len(document["etablissements"]) == len(result)


@pytest.mark.parametrize("chosen", ["periode", "annuelle"])
def test_the_chosen_reading_is_the_rate_and_bears_its_note(chosen: str, make_result: Callable[..., Any]) -> None:
    document = as_contract(make_result(chosen))
    rate = document["etablissements"][0]["indicateurs"]["taux_dossiers_actifs"]
    assert {key: rate[key] for key in ("numerateur", "denominateur")} == rate["lectures"][chosen]
    note = "lecture retenue par le SDK : le texte définit la file active à l'année ; à faire confirmer par l'ARS"
    assert document["notes"] == {"taux_dossiers_actifs": {chosen: note}}


def test_rows_are_sorted_whatever_the_order_given(result: Indicateurs) -> None:
    shuffled = replace(
        result,
        etablissements=tuple(
            replace(e, indicateurs=e.indicateurs[::-1], reserves=e.reserves[::-1]) for e in result.etablissements[::-1]
        ),
    )
    assert json.dumps(as_contract(shuffled)) == json.dumps(as_contract(result))


def test_options_are_written_as_they_were(result: Indicateurs) -> None:
    options = Options(definition="trois_mois", denominateur="annuelle", evenements="sans_borne", premiere_mesure=True)
    document = as_contract(replace(result, options=options))
    assert document["definition"] == "trois_mois"
    assert document["options"]["evenements"] == "sans_borne"
    assert document["options"]["premiere_mesure"] is True


def test_the_file_is_utf_8_with_rates_of_one_decimal_and_a_final_newline(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    content = (tmp_path / "indicateurs.json").read_bytes()
    text = content.decode("utf-8")
    assert content.endswith(b"}\n") and b"\r" not in content and not content.startswith(b"\xef\xbb\xbf")
    assert '"taux": 93.8,' in text and '"taux": 100.0,' in text and '"taux": 0.0,' in text
    assert "personnalisé" in text
    assert json.loads(text) == as_contract(result)


def test_a_granted_adaptation_is_told_with_its_decision(result: Indicateurs, tmp_path: Path) -> None:
    granted = Amenagement("000000117", "taux_dmp", "décision ARS 2025-12", cible=50)
    told = replace(result, amenagements=(granted,))
    write_indicators(told, tmp_path)

    assert as_contract(told)["amenagements"] == [
        {"finess_et": "000000117", "indicateur": "taux_dmp", "cible": 50, "reference": "décision ARS 2025-12"}
    ]
    assert "décision ARS 2025-12" in (tmp_path / "indicateurs.html").read_text(encoding="utf-8")
