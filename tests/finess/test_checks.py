"""The findings F1 to F8: all that are due, and no other."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from esms_sdk import content
from esms_sdk.finess import Origin, build, categorie, check_finess, open_reference
from esms_sdk.period import Period
from esms_sdk.sample.etablissements import ETABLISSEMENTS, FINESS_EJ
from tests.finess.feeds import CLOSED, CORSICAN, EHPAD, EJ, HOSPITAL, OTHER_EJ, ej, et, feed, usual, write

SEPTEMBER = Period(date(2025, 9, 1), date(2025, 9, 30))


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finess")
    build(write(folder / "f.json", usual()), folder / "f.sqlite", Origin())
    with open_reference(folder / "f.sqlite") as known:
        yield known


@pytest.mark.parametrize(
    ("number", "ej", "period", "found"),
    [
        (EHPAD, EJ, SEPTEMBER, []),
        (EHPAD, None, None, []),
        (CORSICAN, OTHER_EJ, SEPTEMBER, []),
        ("00000011", None, SEPTEMBER, [("F1", "erreur")]),
        ("2C0000014", None, SEPTEMBER, [("F1", "erreur")]),
        ("00000011A", None, SEPTEMBER, [("F1", "erreur")]),
        ("000 000 117", None, SEPTEMBER, [("F1", "erreur")]),
        ("000000118", None, SEPTEMBER, [("F2", "erreur")]),
        ("2A0000015", None, SEPTEMBER, [("F2", "erreur")]),
        (EJ, None, SEPTEMBER, [("F3", "erreur")]),
        ("750712184", None, None, [("F4", "erreur")]),
        ("750712184", None, Period(date(2025, 8, 1), date(2025, 8, 13)), [("F4", "erreur")]),
        ("750712184", None, Period(date(2025, 8, 1), date(2025, 8, 14)), [("F4", "avertissement")]),
        (CLOSED, None, Period(date(2025, 7, 1), date(2025, 7, 31)), [("F5", "erreur")]),
        (CLOSED, None, Period(date(2025, 6, 30), date(2025, 7, 31)), [("F5", "information")]),
        (CLOSED, None, Period(date(2025, 6, 1), date(2025, 6, 30)), [("F5", "information")]),
        (CLOSED, None, Period(date(2025, 6, 1), date(2025, 6, 29)), []),
        (EHPAD, None, Period(date(2004, 2, 1), date(2004, 2, 29)), [("F5", "erreur")]),
        (EHPAD, None, Period(date(2004, 2, 1), date(2004, 3, 1)), []),
        (HOSPITAL, None, SEPTEMBER, [("F6", "avertissement")]),
        (EHPAD, OTHER_EJ, SEPTEMBER, [("F7", "erreur")]),
        (EHPAD, None, Period(date(2025, 11, 1), date(2025, 11, 11)), []),
        (EHPAD, None, Period(date(2025, 11, 1), date(2025, 11, 12)), [("F8", "avertissement")]),
        (
            HOSPITAL,
            OTHER_EJ,
            Period(date(2026, 1, 1), date(2026, 1, 31)),
            [("F6", "avertissement"), ("F7", "erreur"), ("F8", "avertissement")],
        ),
    ],
)
def test_each_fault_has_its_code_and_its_gravity(reference, number, ej, period, found):
    constats = check_finess(number, reference, finess_ej=ej, period=period)
    assert [(one.code, one.gravite) for one in constats] == found
    assert all(one.message for one in constats)


def test_the_messages_name_what_is_expected(reference):
    def said(number, **more):
        (constat,) = check_finess(number, reference, **more)
        return constat.message

    assert "7 attendu" in said("000000118")
    assert "2025-08-13" in said("750712184")
    assert OTHER_EJ in said(EHPAD, finess_ej=OTHER_EJ) and EJ in said(EHPAD, finess_ej=OTHER_EJ)
    assert "qui est un établissement" in said(EHPAD, finess_ej=CLOSED)
    assert "2026-08" in said(HOSPITAL)


def test_an_establishment_without_category_or_dates_is_only_warned_of(tmp_path):
    build(
        write(tmp_path / "f.json", feed(ej(EJ, et(EHPAD, categorie=None, ouverture="0000-00-00")))),
        tmp_path / "r",
        Origin(),
    )
    with open_reference(tmp_path / "r") as known:
        assert known.etablissement(EHPAD).ouverture is None
        assert [one.code for one in check_finess(EHPAD, known, period=SEPTEMBER)] == ["F6"]


@pytest.mark.parametrize(
    ("code", "groupe"),
    [
        ("500", "4400"),
        ("183", "4100"),
        ("382", "4300"),
        ("177", "4500"),
        ("340", "4600"),
        ("354", "4600"),
        ("640", "5100"),
    ],
)
def test_a_category_has_its_group(code, groupe):
    assert categorie(code).groupe == groupe and categorie(code).libelle_groupe


@pytest.fixture
def embedded(tmp_path, monkeypatch):
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    with open_reference() as known:
        yield known


def test_without_reference_the_extract_knows_the_establishments_of_every_sample(embedded):
    assert embedded.invente
    for one in ETABLISSEMENTS:
        if one.dans_perimetre:
            found = embedded.etablissement(one.finess_et)
            assert (found.finess_ej, found.nom, found.categorie) == (FINESS_EJ, one.denomination, one.categorie)
            assert (found.ouverture, found.fermeture) == (one.date_ouverture, one.date_fermeture)
    for path in content.folder("adapters").glob("*/**/etablissement.csv"):
        for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"):
            assert embedded.etablissement(row["finess_et"]).finess_ej == row["finess_ej"], path


def test_of_a_number_that_the_extract_does_not_know_nothing_is_said(embedded):
    period = Period(date(2030, 1, 1), date(2030, 1, 31))
    (constat,) = check_finess("750712184", embedded, period=period)
    assert (constat.code, constat.gravite) == ("F4", "avertissement") and "extrait inventé" in constat.message
    assert check_finess("000012013", embedded, finess_ej=FINESS_EJ, period=period) == []
