"""What may be asked of a lot, and what the result says of it; the figures of an organisme."""

from __future__ import annotations

from datetime import date

import pytest

from esms_sdk.errors import UsageError
from esms_sdk.indicators import Count, Fraction, Options, exit_code
from tests.indicators.plain import (
    FIRST,
    LAST,
    MEASURED_ON,
    RATES,
    compute,
    join,
    rate_of,
    rejecting,
    world,
)
from tests.lots import EHPAD, EJ, IME, SSIAD


def test_only_the_establishments_asked_for_are_in_the_result():
    tables = join(world(), world(finess=SSIAD), world(finess=IME))
    perimetre = {"perimetre": [IME, EHPAD]}
    assert [e.finess_et for e in compute(tables, perimetre)] == [EHPAD, IME]
    assert [e.finess_et for e in compute(tables, perimetre, finess=[IME, IME])] == [IME]
    with pytest.raises(UsageError) as refused:
        compute(tables, perimetre, finess=[SSIAD, EHPAD])
    assert refused.value.code == "ESMS-E130" and SSIAD in refused.value.message


def test_an_empty_perimeter_is_a_result_without_establishment():
    result = compute(world(), {"perimetre": []}, by_ej=True)
    assert (len(result), result.organismes, exit_code(result)) == (0, (), 3)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (Options(definition="trois_mois", premiere_mesure=True), "ESMS-E131"),
        (Options(definition="annee"), "ESMS-E132"),
        (Options(denominateur="mensuelle"), "ESMS-E132"),
        (Options(evenements="tous"), "ESMS-E132"),
    ],
)
def test_a_wrong_option_is_refused_with_what_may_stand_there(options, code):
    with pytest.raises(UsageError) as refused:
        compute(world(), options=options)
    assert refused.value.code == code and refused.value.hint


def test_the_result_says_what_was_asked_and_of_which_lot():
    result = compute(world())
    assert (result.periode.debut, result.periode.fin, result.mesure_le) == (FIRST, LAST, MEASURED_ON)
    assert result.lot == {
        "editeur": "Éditeur inventé",
        "logiciel": "DUI inventé",
        "version_logiciel": "1.0",
        "date_extraction": "2025-10-02T03:00:00",
        "empreinte_sha256": "0" * 64,
    }


def test_an_organisme_leaves_out_what_has_no_target_or_was_closed_and_adds_up_the_active_dui():
    shared = world(9, 1, EHPAD)
    same_people = world(9, 1, SSIAD)
    for rows in same_people.values():
        for row in rows:
            if "usager_id" in row:
                row["usager_id"] = row["usager_id"].replace(SSIAD, EHPAD)
            if "message_id" in row:
                row["message_id"] = row["message_id"].replace(SSIAD, EHPAD)
    same_people["usager"] = []
    closed = world(0, 7, IME, date_fermeture=date(2025, 8, 1))
    tables = join(shared, same_people, closed)
    tables["etablissement"][1]["profil_cibles"] = "pjm"
    (organisme,) = compute(tables, rejecting(here=1, there=2), by_ej=True).organismes
    assert (organisme.finess_et, organisme.finess_ej, organisme.denomination) == ("", EJ, f"OG {EJ}")
    assert organisme.profil_cibles == "mixte"
    assert rate_of(organisme, RATES[0]).fraction == Fraction(9, 10)
    assert rate_of(organisme, RATES[0]).motif == "REJETS_PRESENTS"
    assert rate_of(organisme, "taux_mssante").fraction == Fraction(9, 10)
    assert rate_of(organisme, "taux_mssante").etat == "ATTEINTE"
    assert organisme.personnes_accompagnees == {"periode": 17, "annuelle": 17}
    assert organisme.rejets_sejours == 3
    counts = {i.id: (i.valeur, i.motif) for i in organisme.indicateurs if isinstance(i, Count)}
    assert counts["nb_dui_actifs"] == (18, None)


def test_an_organisme_all_closed_or_all_exempt_is_said_so():
    closed = compute(world(date_fermeture=date(2025, 8, 1)), by_ej=True).organismes[0]
    assert rate_of(closed, RATES[0]).motif == "ETABLISSEMENT_HORS_PERIODE"
    assert {i.motif for i in closed.indicateurs if isinstance(i, Count)} == {"ETABLISSEMENT_HORS_PERIODE"}
    exempt = compute(world(profil_cibles="pjm"), by_ej=True).organismes[0]
    assert (rate_of(exempt, "taux_dmp").etat, exempt.profil_cibles) == ("SANS_OBJET", "pjm")
