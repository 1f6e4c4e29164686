"""``--compare``: each difference has its reason, and a difference without one is said to have none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.errors import UsageError
from esms_sdk.export import Difference, as_contract, compare, read_indicators, write_comparison, write_indicators
from esms_sdk.indicators.result import Count, Etablissement, Fraction, Indicateurs, Options, Rate
from esms_sdk.period import Period

Found = list[tuple[str | None, str | None, str, str]]


def differences(before: Indicateurs, after: Indicateurs) -> Found:
    found = compare(as_contract(before), as_contract(after))
    return [(d.finess_et, d.indicateur, d.champ, d.raison) for d in found]


def changed(result: Indicateurs, name: str, **values: Any) -> Indicateurs:
    """The same result with another value for one indicator of the first establishment."""
    first, *rest = result.etablissements
    indicators = tuple(replace(i, **values) if i.id == name else i for i in first.indicateurs)
    return replace(result, etablissements=(replace(first, indicateurs=indicators), *rest))


def another_lot(result: Indicateurs) -> Indicateurs:
    return replace(result, lot=result.lot | {"empreinte_sha256": "f" * 64})


def test_a_result_does_not_differ_from_itself(result: Indicateurs) -> None:
    assert differences(result, result) == []


def test_a_number_that_moves_with_the_lot_moves_because_of_the_data(result: Indicateurs) -> None:
    after = changed(another_lot(result), "taux_dmp", fraction=Fraction(50, 62), etat="ATTEINTE")
    assert differences(result, after) == [
        (None, None, "lot.empreinte_sha256", "DONNEES"),
        ("000000117", "taux_dmp", "numerateur", "DONNEES"),
        ("000000117", "taux_dmp", "taux", "DONNEES"),
        ("000000117", "taux_dmp", "etat", "NOMBRES"),
    ]


def test_a_number_that_moves_for_no_known_reason_is_said_to_be_unexplained(result: Indicateurs) -> None:
    after = changed(result, "nb_eprescription", valeur=13)
    assert differences(result, after) == [("000000117", "nb_eprescription", "valeur", "INEXPLIQUE")]


def test_another_reading_is_the_only_reason_when_both_readings_stayed(
    make_result: Callable[..., Indicateurs],
) -> None:
    found = differences(make_result("periode"), another_lot(make_result("annuelle")))
    assert found[0] == (None, None, "options.denominateur", "LECTURE")
    assert {reason for _, name, _, reason in found if name == "taux_dossiers_actifs"} <= {"LECTURE", "NOMBRES", "MOTIF"}
    assert not [one for one in found if one[2].startswith("lectures.")]


def test_the_option_of_events_explains_the_rate_of_events_alone(result: Indicateurs) -> None:
    options = replace(result, options=Options(evenements="sans_borne"))
    agenda = changed(options, "taux_evenement_agenda", fraction=Fraction(55, 60))
    assert ("000000117", "taux_evenement_agenda", "numerateur", "EVENEMENTS") in differences(result, agenda)
    dmp = changed(options, "taux_dmp", fraction=Fraction(41, 62))
    assert ("000000117", "taux_dmp", "numerateur", "INEXPLIQUE") in differences(result, dmp)


def test_another_period_and_another_lot_are_both_named(result: Indicateurs) -> None:
    october = replace(
        another_lot(result), periode=Period(date(2025, 10, 1), date(2025, 10, 31)), mesure_le=date(2025, 10, 31)
    )
    after = changed(october, "nb_dui_actifs", valeur=61)
    assert ("000000117", "nb_dui_actifs", "valeur", "PERIODE DONNEES") in differences(result, after)


def test_a_target_that_moves_explains_the_etat_that_moves_with_it(result: Indicateurs) -> None:
    after = changed(result, "taux_dmp", cible=60, etat="ATTEINTE")
    assert differences(result, after) == [
        ("000000117", "taux_dmp", "cible", "CIBLE"),
        ("000000117", "taux_dmp", "etat", "CIBLE"),
    ]


def test_a_motif_that_appears_explains_the_etat_that_moves_with_it(result: Indicateurs) -> None:
    after = changed(another_lot(result), "taux_mssante", motif="PERIODE_NON_COUVERTE", etat="INDETERMINEE")
    assert differences(result, after)[1:] == [
        ("000000117", "taux_mssante", "motif", "DONNEES"),
        ("000000117", "taux_mssante", "etat", "MOTIF"),
    ]


def test_an_establishment_that_comes_or_goes_is_one_difference(result: Indicateurs) -> None:
    fewer = replace(result, etablissements=result.etablissements[1:])
    assert differences(result, fewer) == [("000000117", None, "denomination", "ETABLISSEMENT_RETIRE")]
    assert differences(fewer, result) == [("000000117", None, "denomination", "ETABLISSEMENT_AJOUTE")]


def test_reserves_rejects_and_persons_are_compared_too(result: Indicateurs) -> None:
    first, *rest = result.etablissements
    other: Etablissement = replace(
        first, reserves=(), rejets_sejours=2, personnes_accompagnees={"periode": 64, "annuelle": 81}
    )
    found = differences(result, another_lot(replace(result, etablissements=(other, *rest))))
    assert [champ for _, _, champ, _ in found[1:]] == ["rejets_sejours", "reserves", "personnes_accompagnees.annuelle"]


def test_the_differences_are_written_with_their_reason_in_words(result: Indicateurs, tmp_path: Path) -> None:
    after = changed(another_lot(result), "taux_dmp", fraction=Fraction(41, 62))
    path = write_comparison(compare(as_contract(result), as_contract(after)), tmp_path)
    lines = path.read_bytes().decode("utf-8-sig").split("\r\n")
    assert path.name == "comparaison.csv"
    assert lines[0] == "finess_ej;finess_et;indicateur;champ;avant;apres;raison;explication"
    assert lines[2] == (
        "000000018;000000117;taux_dmp;numerateur;40;41;DONNEES;le lot n'est pas le même : les données ont changé"
    )


def test_an_earlier_file_is_read_back_as_it_was(result: Indicateurs, tmp_path: Path) -> None:
    write_indicators(result, tmp_path)
    assert compare(read_indicators(tmp_path / "indicateurs.json"), as_contract(result)) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "ESMS-E120"), (b"\xff\xfe", "ESMS-E121"), (b"[1]", "ESMS-E122"), (b'{"schema": "autre/1"}', "ESMS-E122")],
)
def test_what_is_no_earlier_result_is_wrong_use(content: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "avant.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        read_indicators(path)
    assert raised.value.code == code


def test_an_indicator_that_an_older_version_did_not_have_is_a_difference(result: Indicateurs) -> None:
    document = json.loads(json.dumps(as_contract(result)))
    del document["etablissements"][0]["indicateurs"]["nb_eparcours"]
    document["sdk"] = "0.0.1"
    found = [d for d in compare(document, as_contract(result)) if d.indicateur]
    assert found == [Difference("000000018", "000000117", "nb_eparcours", "valeur", None, 0, "SDK")]


def test_hand_made_indicators_keep_their_kinds(result: Indicateurs) -> None:
    kinds = [Rate] * 5 + [Count] * 3
    assert all([type(i) for i in e.indicateurs] == kinds for e in result)
