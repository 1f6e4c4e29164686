"""A series is the measures of its months, number for number, and reads each log once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esms_sdk.errors import UsageError
from esms_sdk.indicators import Options, compute_indicators, exit_code, series_words
from esms_sdk.indicators.engine import Question
from esms_sdk.indicators.file_active import COMPTE, DOSSIER_OUVERT, SORTIE_INCONNUE
from esms_sdk.indicators.series import compute_series, day_of_measure, months
from esms_sdk.period import Period, annual_window
from tests.indicators.documents import options_of
from tests.indicators.loaded import loaded
from tests.indicators.reference import Lot
from tests.indicators.worlds import worlds
from tests.lots import EHPAD, EJ, MANIFEST, SSIAD

_EMPTY = ("usager", "sejour", "dossier", "mise_a_jour", "evenement", "projet_personnalise", "statut_projet")


def _plain(**tables):
    """A lot of two establishments, whose days are all those of three years."""
    content = {**MANIFEST, "perimetre": [EHPAD, SSIAD], "periode_couverte_debut": "2022-01-01"}
    places = [{"finess_et": one, "finess_ej": EJ, "denomination": one} for one in (EHPAD, SSIAD)]
    given = {
        "organisme": [{"finess_ej": EJ, "raison_sociale": "OG"}],
        "etablissement": places,
        **{name: [] for name in _EMPTY},
        **tables,
    }
    return Lot(content, given, [])


def _alone(lot, days, options, **more):
    """What the measures of the days give, each asked alone."""
    return [compute_indicators(lot, day, options, **more) for day in days]


@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
@given(worlds(), st.integers(0, 2), st.integers(0, 3), st.booleans())
def test_each_month_is_what_its_measure_gives(world, before, after, by_ej):
    options, granted = options_of(replace(world.question, premiere_mesure=False))
    middle = world.question.bounds[1]
    debut, fin = middle - timedelta(days=31 * before), middle + timedelta(days=31 * after)
    with loaded(world.lot) as lot:
        serie = compute_series(lot, debut, fin, options, by_ej=by_ej, amenagements=granted)
        days = [day_of_measure(month, options.definition) for month in months(debut, fin)]
        assert list(serie) == _alone(lot, days, options, by_ej=by_ej, amenagements=granted)


def test_more_months_than_a_machine_word_has_bits_are_one_series(monkeypatch):
    day = timedelta(days=1)
    lot = _plain(
        usager=[{"usager_id": "U1"}, {"usager_id": "U2", "usager_id_fusion": "U1"}],
        sejour=[{"sejour_id": "S1", "usager_id": "U2", "finess_et": EHPAD, "date_entree": date(2016, 2, 29),
                 "date_sortie": date(2024, 12, 31), "projet_applicable": True}],
        dossier=[{"dossier_id": "D1", "usager_id": "U1", "finess_et": EHPAD, "date_creation": date(2016, 1, 1),
                  "date_archivage": date(2024, 11, 30)}],
        mise_a_jour=[{"dossier_id": "D1", "date_maj": date(2016, 1, 1) + 17 * n * day, "origine": "UTILISATEUR"}
                     for n in range(200)],
        evenement=[{"evenement_id": "E1", "dossier_id": "D1", "date_debut": date(2017, 1, 31),
                    "date_fin": date(2023, 3, 1), "statut": "VALIDE"}],
        projet_personnalise=[{"projet_id": "P1", "dossier_id": "D1"}],
        statut_projet=[{"projet_id": "P1", "date_statut": date(2018 + n, 3, 31), "rang": 0, "statut": statut}
                       for n, statut in enumerate(["ENCOURS", "TERMINE", "ENPREPARATION", "ANNULE"])],
    )  # fmt: skip
    options = Options("trois_mois")
    with loaded(lot) as opened:
        serie = compute_series(opened, date(2018, 1, 1), date(2023, 6, 1), options)
        some = [0, 11, 47, 61, 62, 63, 65]
        assert len(serie) == 66
        kept = [serie.mois[n] for n in some]
        assert kept == _alone(opened, [one.mesure_le for one in kept], options)
        # A country goes through a few months a statement.
        monkeypatch.setattr(series_words, "_AT_ONCE", 2)
        few = compute_series(opened, date(2022, 11, 1), date(2023, 3, 1), options, by_ej=True)
        assert list(few) == _alone(opened, [one.mesure_le for one in few], options, by_ej=True)


def test_a_series_keeps_to_the_establishments_asked_for_and_leaves_the_lot_as_it_was():
    with loaded(_plain()) as lot:
        day = date(2025, 6, 30)
        alone = compute_indicators(lot, day)
        serie = compute_series(lot, day, day, finess=[SSIAD])
        assert [e.finess_et for e in serie.mois[0]] == [SSIAD]
        assert compute_indicators(lot, day) == alone


def test_each_log_is_read_once_whatever_the_number_of_months():
    logs = ("mise_a_jour", "evenement", "statut_projet", "envoi", "echange_optionnel", "sejour", "dossier")
    read = {}
    for fin in (date(2024, 1, 31), date(2025, 12, 31)):
        with loaded(_plain()) as lot:
            lot.con = said = _Listening(lot.con)
            compute_series(lot, date(2024, 1, 1), fin)
        read[fin] = {log: sum(len(re.findall(rf"FROM {log}\b", text)) for text in said.heard) for log in logs}
    one, many = read.values()
    assert one == many
    # The sends are read as persons and as messages, the events as those of the span and the older ones that reach it.
    assert one == dict.fromkeys(logs, 1) | {"evenement": 2, "envoi": 2}


class _Listening:
    """A connection that remembers what it was told."""

    def __init__(self, con):
        self.con, self.heard = con, []

    def execute(self, text, *values):
        self.heard.append(text)
        return self.con.execute(text, *values)

    def close(self):
        self.con.close()


@pytest.mark.parametrize("definition", ["mois_ecoule", "trois_mois"])
@pytest.mark.parametrize("rule", [*COMPTE.values(), SORTIE_INCONNUE, DOSSIER_OUVERT])
def test_the_word_of_a_row_has_the_months_for_which_the_rule_holds(rule, definition):
    questions = _questions(definition, date(2024, 11, 1), date(2025, 3, 1))
    calendar = series_words.Calendar(questions)
    near = {day + timedelta(days=n) for q in questions for day in q.dates.values() for n in (-1, 0, 1)}
    with loaded(_plain()) as lot:
        values = ", ".join(f"(DATE '{day}')" for day in sorted(near))
        lot.con.execute(f"CREATE TEMP TABLE jour AS SELECT * FROM (VALUES {values}, (NULL)) v(jour)")
        rows = (
            "SELECT a.jour AS date_entree, b.jour AS date_sortie, a.jour AS date_creation, b.jour AS date_archivage,"
            " s AS sortie_definitive FROM jour a, jour b, (VALUES (TRUE), (FALSE), (NULL)) v(s) WHERE a.jour IS NOT NULL"
        )
        bits = " + ".join(f"CASE WHEN {q.sql(rule)} THEN {1 << n} ELSE 0 END" for n, q in enumerate(questions))
        found = lot.con.execute(f"SELECT count(*), sum(w) FROM (SELECT {calendar.holding(rule)} AS w, {bits} AS b"
                                f" FROM ({rows})) WHERE w = b").fetchall()  # fmt: skip
        total = lot.con.execute(f"SELECT count(*) FROM ({rows})").fetchall()
    assert found[0][0] == total[0][0]
    assert found[0][1] > 0


def _questions(definition, debut, fin):
    from esms_sdk.indicators.compute import collection_period

    options = Options(definition)
    return [
        Question(collection_period(day_of_measure(month, definition), options), options, (EHPAD,))
        for month in months(debut, fin)
    ]


@pytest.mark.parametrize("definition", ["mois_ecoule", "trois_mois"])
def test_a_month_ends_its_period_on_its_last_day(definition):
    periods = [q.period for q in _questions(definition, date(2023, 12, 15), date(2024, 3, 1))]
    assert [p.fin for p in periods] == [date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    assert all(p.debut.day == 1 for p in periods)
    assert annual_window(Period(periods[1].debut, periods[1].fin)).fin == date(2024, 1, 31)


def test_a_target_is_first_reached_in_the_first_month_that_could_be_judged_and_met_it():
    lot = _plain(
        usager=[{"usager_id": "U1"}],
        sejour=[{"sejour_id": "S1", "usager_id": "U1", "finess_et": EHPAD, "date_entree": date(2020, 1, 1)}],
        dossier=[{"dossier_id": "D1", "usager_id": "U1", "finess_et": EHPAD, "date_creation": date(2020, 1, 1)}],
        mise_a_jour=[{"dossier_id": "D1", "date_maj": date(2021, m, 5), "origine": "UTILISATEUR"} for m in (11, 12)]
        + [{"dossier_id": "D1", "date_maj": date(2022, m, 5), "origine": "UTILISATEUR"} for m in (2, 3, 5)],
        etablissement=[
            {"finess_et": EHPAD, "finess_ej": EJ, "denomination": "E", "profil_cibles": "standard"},
            {"finess_et": SSIAD, "finess_ej": EJ, "denomination": "S", "profil_cibles": "pjm"},
        ],
    )
    with loaded(lot) as opened:
        serie = compute_series(opened, date(2021, 11, 1), date(2022, 4, 1))
    # November and December 2021 meet it too, but the lot does not cover them.
    first = serie.premieres_atteintes()
    assert first[EJ, EHPAD, "taux_dossiers_actifs"] == date(2022, 2, 28)
    assert first[EJ, EHPAD, "taux_evenement_agenda"] is None
    assert (EJ, SSIAD, "taux_dmp") not in first and (EJ, EHPAD, "nb_dui_actifs") not in first
    assert [exit_code(one) for one in serie] == [3, 3, 0, 0, 0, 0]
    assert serie.exit_code == 3


@pytest.mark.parametrize(
    ("debut", "fin", "options", "code"),
    [
        (date(2025, 2, 1), date(2025, 1, 31), Options(), "ESMS-E136"),
        (date(2015, 1, 1), date(2025, 1, 31), Options(), "ESMS-E137"),
        (date(2025, 1, 1), date(2025, 2, 1), Options(premiere_mesure=True), "ESMS-E138"),
    ],
)
def test_a_series_that_makes_no_sense_is_wrong_use(debut, fin, options, code):
    with loaded(_plain()) as lot, pytest.raises(UsageError) as fault:
        compute_series(lot, debut, fin, options)
    assert fault.value.code == code
