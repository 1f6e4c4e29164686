"""Whatever type a driver gives, the mapping reads the text that says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from esms_sdk.errors import EsmsError
from tests.adapter.sources import reading

HERE = Path(__file__).parent


def given(factory: str, **options: object) -> list[reading.Row]:
    return reading.rows("sql", {"fabrique": f"fake_server:{factory}", "table": "journal", **options}, folder=HERE)


def test_what_sql_server_gives_is_told_without_loss():
    first, second = given("sql_server")
    assert first == {
        "ID": "10000117",
        "FINESS": "010000117   ",
        "NE_LE": "1900-01-01T00:00:00",
        "VU_LE": "2025-09-04T08:12:30.5+00:00",
        "MAJ": "2025-09-04T10:12:30.997",
        "VERSION": "00000000000007d1",
        "MONTANT": "1234.5000",
        "ACTIF": "true",
        "CLE": "12345678-1234-5678-1234-567812345678",
        "HEURE": "08:05:00",
        "NOTE": "l'été",
    }
    assert second["NE_LE"] == "1938-04-12T00:00:00"
    assert second["VU_LE"] == "2025-01-04T10:12:00+00:00"
    assert (second["ID"], second["MAJ"], second["CLE"]) == (None, None, None)
    assert (second["MONTANT"], second["ACTIF"]) == ("1000", "false")
    assert second["VERSION"] > first["VERSION"]


def test_what_oracle_gives_is_told_without_loss():
    first, second = given("oracle")
    assert first == {
        "ID": "1",
        "FINESS": "10000117.0",
        "ENTREE": "2025-01-03T00:00:00",
        "CLE": "deadbeef00112233deadbeef00112233",
        "TEXTE": "Compte rendu",
        "BLOB": "été",
        "REEL": "0.1",
        "INTERVALLE": "01:30:00",
    }
    assert second["ID"] == str(2**70)
    assert second["ENTREE"] == "0001-01-01T00:00:00"
    assert (second["FINESS"], second["CLE"], second["TEXTE"], second["REEL"]) == ("1e+22", "abc", None, "inf")


def test_a_column_of_several_types_keeps_each_value_as_it_is():
    assert [row["V"] for row in given("mixed")] == [
        "1", "1.5", "07", "abc", "2.50", None, "true", "2025-01-03T08:00:00.25", "2025-01-03",
        "2025-01-03T12:00:00+00:00", '{"clé": [1, "0.10"]}', "ff00", "08:05:00", "26:00:05",
    ]  # fmt: skip


def test_half_a_character_does_not_stop_the_reading():
    assert [row["T"] for row in given("strange")] == ["a?", "b\x00c"]


def test_rows_come_in_batches_and_none_is_lost():
    found = given("many")
    assert len(found) == 50_000
    assert found[0] == {"ID": "0", "TEXTE": "ligne 0"}
    assert found[-1] == {"ID": "49999", "TEXTE": "ligne 49999"}


def test_each_row_knows_its_rank_and_stands_on_no_line():
    with reading.opened("sql", {"fabrique": "fake_server:many", "table": "t"}, folder=HERE) as (con, relation):
        found = con.execute(
            f"select min(_r), max(_r), count(distinct _r), max(_ligne) from ({relation.query})"
        ).fetchall()
    assert found == [(1, 50_000, 50_000, None)]


def test_a_query_without_row_still_has_its_columns():
    with reading.opened("sql", {"fabrique": "fake_server:empty", "table": "t"}, folder=HERE) as (con, relation):
        assert relation.columns == ("ID", "TEXTE")
        assert con.execute(f"select count(*) from ({relation.query})").fetchall() == [(0,)]


def test_a_column_is_found_whatever_its_case():
    how = {"fabrique": "fake_server:many", "table": "t"}
    assert list(reading.rows("sql", how, folder=HERE, needed=["Texte"])[0]) == ["ID", "Texte"]


def test_a_missing_column_is_named_with_those_seen():
    how = {"fabrique": "fake_server:many", "table": "t"}
    with pytest.raises(EsmsError, match=r"ESMS-E201.*«QUAND».*la requête «journal» \(colonnes vues : ID, TEXTE\)"):
        reading.rows("sql", how, folder=HERE, needed=["QUAND"])


def test_a_missing_column_that_is_optional_is_empty():
    how = {"fabrique": "fake_server:many", "table": "t"}
    found = reading.rows("sql", how, folder=HERE, needed=["QUAND"], colonnes_facultatives=("QUAND",))
    assert found[0] == {"ID": "0", "TEXTE": "ligne 0", "QUAND": None}


def test_of_two_columns_of_one_name_none_is_chosen_where_the_mapping_uses_it():
    assert given("twice") == [{"ID": "1", "colonne_2": "sans nom", "id_3": "2"}]
    with pytest.raises(EsmsError, match=r"ESMS-E206.*«ID» figure deux fois"):
        reading.rows("sql", {"fabrique": "fake_server:twice", "table": "t"}, folder=HERE, needed=["ID"])


def test_the_connection_is_closed_and_only_the_query_was_said():
    reading.said.clear()
    given("many")
    assert reading.said == ["select * from journal", "rollback", "close"]
