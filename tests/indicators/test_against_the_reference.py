"""The engine agrees with the slow per-person reference on worlds that crowd the bounds, and keeps some laws."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esms_sdk.indicators import Count, Indicateurs, Rate, compute_indicators, explain, worklist
from esms_sdk.lot import Lot as OpenLot
from esms_sdk.lot import open_lot
from tests.indicators import reference, reference_verdicts
from tests.indicators.documents import etablissement_document, options_of
from tests.indicators.loaded import loaded
from tests.indicators.worlds import World, worlds
from tests.lots import write_lot

few = settings(max_examples=12, suppress_health_check=list(HealthCheck))
many = settings(max_examples=35, suppress_health_check=list(HealthCheck))
CHOICES = [(d, e) for d in ("periode", "annuelle") for e in ("dans_la_periode", "sans_borne")]


@contextmanager
def _opened(lot: reference.Lot) -> Iterator[OpenLot]:
    with tempfile.TemporaryDirectory() as folder:
        write_lot(Path(folder), lot.manifest, rejected_sejours=lot.rejected, **lot.tables)
        with open_lot(Path(folder)) as opened:
            yield opened


def _computed(lot: OpenLot, question: reference.Question, **more: Any) -> Indicateurs:
    options, granted = options_of(question)
    return compute_indicators(lot, question.measured_on, options, amenagements=granted, **more)


def _documents(result: Indicateurs) -> list[dict[str, Any]]:
    return [etablissement_document(e, judged_readings=True) for e in result]


@many
@given(worlds())
def test_the_engine_agrees_with_the_reference(world):
    with loaded(world.lot) as lot:
        for question in (world.question, _other_reading(world.question)):
            assert _documents(_computed(lot, question)) == reference_verdicts.compute(world.lot, question)


def _other_reading(question: reference.Question) -> reference.Question:
    return replace(question, denominateur="annuelle" if question.denominateur == "periode" else "periode")


@few
@given(worlds())
def test_the_engine_agrees_with_the_reference_through_files_under_every_option(world):
    with _opened(world.lot) as lot:
        for denominateur, evenements in CHOICES:
            question = replace(world.question, denominateur=denominateur, evenements=evenements)
            assert _documents(_computed(lot, question)) == reference_verdicts.compute(world.lot, question)


@few
@given(worlds())
def test_an_organisme_counts_each_person_once_over_its_establishments(world):
    with loaded(world.lot) as lot:
        result = _computed(lot, world.question, by_ej=True)
    assert [o.finess_ej for o in result.organismes] == sorted({e.finess_ej for e in result})
    for organisme in result.organismes:
        fractions = reference_verdicts.organisme_fractions(world.lot, world.question, organisme.finess_ej)
        for rate in organisme.indicateurs:
            if isinstance(rate, Rate) and rate.fraction.numerateur is not None:
                assert (rate.fraction.numerateur, rate.fraction.denominateur) == fractions[rate.id]
        members = [e for e in result if e.finess_ej == organisme.finess_ej]
        for name in ("nb_dui_actifs", "nb_eprescription", "nb_eparcours"):
            values = [_value(e, name) for e in members]
            assert _value(organisme, name) == (None if None in values else sum(values))


def _value(etablissement, name):
    return next(i.valeur for i in etablissement.indicateurs if i.id == name and isinstance(i, Count))


@few
@given(worlds(), st.integers(0, 2**32))
def test_the_order_of_rows_changes_nothing(world, seed):
    shuffled = {name: list(rows) for name, rows in world.lot.tables.items()}
    for rows in shuffled.values():
        Random(seed).shuffle(rows)
    with loaded(world.lot) as lot, loaded(replace(world.lot, tables=shuffled)) as other:
        assert _documents(_computed(lot, world.question)) == _documents(_computed(other, world.question))


@few
@given(worlds())
def test_a_neighbour_changes_nothing(world):
    places = world.lot.manifest["perimetre"]
    with loaded(world.lot) as lot:
        together = _documents(_computed(lot, world.question))
        for finess, expected in zip(places, together, strict=True):
            assert _documents(_computed(lot, world.question, finess=[finess])) == [expected]
    alone = [e for e in together if e["finess_et"] == places[0]]
    emptied = _only(world, places[0])
    if not reference_verdicts.unreadable_rejects_spoil(world.lot) and not reference_verdicts.unreadable_rejects_spoil(
        emptied
    ):
        with loaded(emptied) as lot:
            assert _documents(_computed(lot, world.question)) == alone


def _only(world: World, finess: str) -> reference.Lot:
    """The same lot where all that happened in another establishment never did."""
    tables = {
        name: [row for row in rows if row.get("finess_et", finess) == finess] for name, rows in world.lot.tables.items()
    }
    dossiers = {row["dossier_id"] for row in tables["dossier"]}
    for name in ("mise_a_jour", "projet_personnalise", "evenement"):
        if name in tables:
            tables[name] = [row for row in tables[name] if row["dossier_id"] in dossiers]
    projets = {row["projet_id"] for row in tables.get("projet_personnalise", ())}
    tables["statut_projet"] = [row for row in tables["statut_projet"] if row["projet_id"] in projets]
    rejected = [row for row in world.lot.rejected if row["finess_et"] == finess]
    return reference.Lot({**world.lot.manifest, "perimetre": [finess]}, tables, rejected)


@few
@given(worlds())
def test_who_is_accompanied_in_the_period_is_in_the_year_where_non_definitive_exits_are_followed(world):
    _, last = world.question.bounds
    followed = [
        {**s, "sejour_id": f"{s['sejour_id']}-suite", "date_entree": s["date_sortie"], "date_sortie": None}
        for s in world.lot.rows("sejour")
        if s.get("date_sortie") and s.get("sortie_definitive") is False and s["date_sortie"] <= last
    ]
    tables = {**world.lot.tables, "sejour": [*world.lot.rows("sejour"), *followed]}
    with loaded(replace(world.lot, tables=tables)) as lot:
        _computed(lot, world.question)
        alone = "SELECT count(*) FROM personne WHERE accompagnee_periode AND NOT accompagnee_annuelle"
        assert lot.con.execute(alone).fetchall() == [(0,)]


@few
@given(worlds())
def test_a_rate_lies_between_0_and_100_except_that_of_mssante(world):
    with loaded(world.lot) as lot:
        result = _computed(lot, world.question, by_ej=True)
    for etablissement in (*result, *result.organismes):
        for rate in etablissement.indicateurs:
            if isinstance(rate, Rate) and rate.id != "taux_mssante":
                for one in (rate, *rate.lectures):
                    assert (one.fraction.numerateur or 0) <= (one.fraction.denominateur or 0)


@settings(few, max_examples=4)
@given(worlds())
def test_an_explanation_adds_up_to_the_number_that_it_explains(world):
    options, granted = options_of(world.question)
    with loaded(world.lot) as lot:
        finess = world.lot.manifest["perimetre"][0]
        etablissement = _computed(lot, world.question).etablissements[0]
        for indicateur in etablissement.indicateurs:
            told = explain(lot, world.question.measured_on, options, finess, indicateur.id, amenagements=granted)
            assert told.indicateur == indicateur
            sizes = {"numerateur": 0, "denominateur": 0}
            for group in told.groupes:
                sizes[group.etat] = sizes.get(group.etat, 0) + len(group.cles)
            if isinstance(indicateur, Count):
                assert sizes["numerateur"] == (indicateur.valeur or 0)
                continue
            below = sizes["denominateur"] + (sizes["numerateur"] if indicateur.id != "taux_mssante" else 0)
            numbers = (indicateur.fraction.numerateur or 0, indicateur.fraction.denominateur or 0)
            assert (sizes["numerateur"], below) == numbers


@few
@given(worlds())
def test_the_worklist_has_each_person_of_an_establishment_and_agrees_with_the_numbers(world):
    with loaded(world.lot) as lot:
        result = _computed(lot, world.question)
        rows = worklist(lot, result)
    assert rows == sorted(rows, key=lambda row: (*row[:3], row.motif or ""))
    for e in result:
        mine = [row for row in rows if row.finess_et == e.finess_et]
        rates = {i.id: i.fraction for i in e.indicateurs if isinstance(i, Rate)}
        if None in (
            f.numerateur for name, f in rates.items() if name.startswith(("taux_doss", "taux_proj", "taux_ev"))
        ):
            continue
        missing = {
            motif: sum(row.motif == motif for row in mine) for motif in ("SANS_PROJET_EN_COURS", "SANS_EVENEMENT")
        }
        for name, motif in (
            ("taux_projet_personnalise", "SANS_PROJET_EN_COURS"),
            ("taux_evenement_agenda", "SANS_EVENEMENT"),
        ):
            assert missing[motif] == rates[name].denominateur - rates[name].numerateur
        accompanied = {row.usager_id for row in mine if row.etat in ("numerateur", "a_corriger")}
        assert len(accompanied) == rates["taux_dossiers_actifs"].denominateur
        assert not accompanied & {row.usager_id for row in mine if row.etat in ("exclu", "hors_perimetre")}
