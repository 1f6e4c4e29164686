"""A real PostgreSQL server: its types, its refusals, one moment for all queries, and a connection that breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from esms_sdk.adapter.sources import postgres_copy
from esms_sdk.errors import AdapterError, EsmsError, SourceError
from tests.adapter.sources import postgres, reading
from tests.adapter.sources.reading import chain


@pytest.fixture(scope="module")
def dui(server: postgres.Server) -> Iterator[postgres.Server]:
    server.run(
        "create table journal (id bigint, dossier text, finess char(12), quand timestamptz, saisi timestamp, "
        "jour date, actif boolean, montant numeric(10, 2), cle uuid, heure time, pieces text[], detail jsonb, "
        "image bytea)",
        "insert into journal values (1, 'D-1', '010000117', '2025-09-04 10:12:00+02', '2025-09-04 10:12:00.25', "
        "'0001-01-01', true, 12.50, '12345678-1234-5678-1234-567812345678', '08:05', '{a,b}', "
        "'{\"clé\": 1.10}', '\\x00ff')",
        "insert into journal (id, quand, actif) values (2, '1900-01-01 00:00:00+00', false)",
        "create table grande as select i as id, 'ligne ' || i as texte from generate_series(1, 60000) i",
        f"create role lecteur login password '{postgres.PASSWORD}'",
        "grant select on journal to lecteur",
    )
    yield server
    server.run("drop table journal, grande", "drop role lecteur")


def read(server: postgres.Server, requete: str, **how: object) -> list[reading.Row]:
    return reading.rows("sql", {"url": server.url(), "requete": requete}, **how)


def refusal(url: str, requete: str = "select 1") -> EsmsError:
    with pytest.raises(EsmsError) as raised:
        reading.rows("sql", {"url": url, "requete": requete})
    assert postgres.PASSWORD not in chain(raised.value)
    return raised.value


pytestmark = pytest.mark.usefixtures("password")


def test_what_postgresql_gives_is_told_without_loss(dui):
    first, second = read(dui, "select * from journal order by id")
    assert first == {
        "id": "1",
        "dossier": "D-1",
        "finess": "010000117   ",
        "quand": "2025-09-04T08:12:00+00:00",
        "saisi": "2025-09-04T10:12:00.25",
        "jour": "0001-01-01",
        "actif": "true",
        "montant": "12.50",
        "cle": "12345678-1234-5678-1234-567812345678",
        "heure": "08:05:00",
        "pieces": '["a","b"]',
        "detail": '{"clé": 1.10}',
        "image": "00ff",
    }
    assert second == dict.fromkeys(first) | {"id": "2", "quand": "1900-01-01T00:00:00+00:00", "actif": "false"}


def test_a_percent_sign_and_a_colon_are_only_text(dui):
    (row,) = read(
        dui, "select '100 % de :valeur' as a, count(*) as n from journal where dossier like 'D%' or dossier = ':x'"
    )
    assert row == {"a": "100 % de :valeur", "n": "1"}


def test_a_table_larger_than_a_batch_is_whole(dui):
    with reading.opened("sql", {"url": dui.url(), "table": "grande"}) as (con, relation):
        found = con.execute(f"select count(*), count(distinct id), max(_r) from ({relation.query})").fetchall()
    assert found == [(60_000, 60_000, 60_000)]


def conninfo(server: postgres.Server) -> str:
    import psycopg

    return psycopg.conninfo.make_conninfo(**server.arguments, dbname="postgres")


def test_a_factory_gives_the_same_rows_as_a_url(dui, tmp_path):
    (tmp_path / "connexion_pg.py").write_text(
        f"import psycopg\n\ndef ouvrir():\n    return psycopg.connect({conninfo(dui)!r})\n", encoding="utf-8"
    )
    options = {"fabrique": "connexion_pg:ouvrir", "table": "journal"}
    assert reading.rows("sql", options, folder=tmp_path) == read(dui, "select * from journal")


def test_a_statement_that_writes_is_refused(dui):
    assert refusal(dui.url(), "insert into journal (id) values (9) returning id").code == "ESMS-E223"
    assert read(dui, "select count(*) as n from journal") == [{"n": "2"}]


def test_a_function_that_writes_is_refused_by_the_server_itself(dui):
    dui.run("create function ecrire() returns int language sql as 'delete from journal returning 1'")
    try:
        assert "la lecture seule l'a refusée" in refusal(dui.url(), "select ecrire()").message
    finally:
        dui.run("drop function ecrire()")


def test_the_queries_of_an_import_see_the_same_moment(dui, tmp_path):
    from esms_sdk import database
    from esms_sdk.adapter.mapping import Source
    from esms_sdk.adapter.sources import sql

    con = database.connect(tmp_path)
    source = Source("moment", "sql", (), options={"url": dui.url(), "requete": "select count(*) as n from journal"})
    counts = []
    for number in range(2):
        relation = sql.relation(con, source, [(number, sql.places(source, [])[0])], [], tmp_path)
        counts += con.execute(f"select n from ({relation.query})").fetchall()
        dui.run("insert into journal (id) values (99)")
    sql.finish(tmp_path)
    con.close()
    dui.run("delete from journal where id = 99")
    assert counts == [("2",), ("2",)]


@pytest.mark.parametrize(
    ("requete", "said"),
    [
        ("select quand_maj from journal", 'column "quand_maj" does not exist'),
        ("select * from absente", 'relation "absente" does not exist'),
        ("select * form journal", 'syntax error at or near "form"'),
        ("select * from pas.la", 'relation "pas.la" does not exist'),
    ],
)
def test_a_wrong_query_is_told_in_the_words_of_the_base(requete, said, dui):
    error = refusal(dui.url(), requete)
    assert error.code == "ESMS-E223"
    assert said in error.message


def test_a_value_that_the_query_cannot_convert_is_not_shown(dui):
    error = refusal(dui.url(), "select dossier::int from journal")
    assert error.code == "ESMS-E322"
    assert "une valeur n'a pas pu être rendue (psycopg.InvalidTextRepresentation 22P02)" in error.message
    assert "D-1" not in chain(error)


def test_a_date_that_python_has_not_is_told_as_the_server_writes_it(dui):
    (row,) = read(dui, "select 'infinity'::date as a, '-infinity'::timestamp as b, 'infinity'::timestamptz as c")
    assert row == {"a": "infinity", "b": "-infinity", "c": "infinity"}


def test_a_value_stays_whole_whatever_characters_it_holds(dui):
    values = [
        "une\nligne",
        "\\n",
        "\\\\",
        "a\tb",
        "\r\n",
        "\\N",
        "",
        '"',
        ";",
        "'",
        "\x01\x1f",
        "é\u20ac\U0001f600",
        "\\.",
        " a ",
    ]
    listed = ", ".join(f"({i}, $v${value}$v$)" for i, value in enumerate(values))
    found = read(dui, f"select v from (values {listed}) t (i, v) order by i")
    assert [row["v"] for row in found] == values


def test_a_row_longer_than_the_buffer_is_whole(dui):
    found = read(dui, "select repeat('x', 9000000) as a, 'fin' as b union all select 'court', 'fin'")
    assert [(len(row["a"]), row["b"]) for row in found] == [(9_000_000, "fin"), (5, "fin")]


def test_what_the_server_tells_as_text_is_what_the_values_of_a_driver_tell(dui, monkeypatch):
    """COPY and a cursor: one text for each value of the types that both know."""
    requete = (
        "select null::int as vide, 7::smallint as petit, 2^62::numeric(30) as grand, 12.50::numeric as decimal, "
        "true as actif, "
        "0.1::float8 as reel, 10000117::float8 as rond, 1e22::float8 as enorme, '2025-01-03'::date as jour, "
        "'2025-01-03 08:00:00.250'::timestamp as moment, '2025-07-03 08:00:00+02'::timestamptz as instant, "
        "'0001-01-01'::timestamp as nul, '08:05:00.5'::time as heure, 'x'::char(3) as fixe, 'é'::varchar as libre, "
        "'12345678-1234-5678-1234-567812345678'::uuid as cle, '\\xc3a9'::bytea as accent, '\\x00ff'::bytea as octets"
    )
    copied = read(dui, requete)
    monkeypatch.setattr(postgres_copy, "DRIVER", "aucun")
    assert read(dui, requete) == copied


def test_a_server_of_another_style_and_encoding_gives_the_same_texts(dui):
    dui.run("create database latin template template0 encoding 'LATIN1' locale 'C'")
    try:
        dui.run(
            "alter database latin set datestyle to 'SQL, DMY'", "alter database latin set timezone to 'Europe/Paris'"
        )
        url = dui.url(base="latin")
        requete = "select 'été' as a, '03/01/2025'::date as b, '2025-07-03 08:00'::timestamptz as c"
        (row,) = reading.rows("sql", {"url": url, "requete": requete})
        assert row == {"a": "été", "b": "2025-01-03", "c": "2025-07-03T06:00:00+00:00"}
    finally:
        dui.run("drop database latin")


def test_a_wrong_password_is_told_and_not_shown(dui, monkeypatch):
    monkeypatch.setenv("ESMS_TEST_MDP", "faux-mot-de-passe")
    error = refusal(dui.url())
    assert error.code == "ESMS-E321"
    assert "compte ou mot de passe refusé" in error.message
    assert "faux-mot-de-passe" not in chain(error)


def test_an_unknown_base_is_told(dui):
    assert "base inconnue du serveur" in refusal(dui.url(base="absente")).message


def test_a_server_that_does_not_listen_is_told():
    closed = postgres.Server(postgres._free_port())
    error = refusal(closed.url())
    assert error.code == "ESMS-E321"
    assert "base postgresql «127.0.0.1/postgres» : connexion refusée" in error.message


def test_an_account_without_the_right_to_read_is_told(dui):
    assert reading.rows("sql", {"url": dui.url(account="lecteur"), "requete": "select id from journal"})
    error = refusal(dui.url(account="lecteur"), "select * from grande")
    assert "le compte n'a pas le droit de lire : permission denied for table grande" in error.message


def test_a_connection_lost_half_way_is_told(dui):
    error = refusal(dui.url(), postgres.dies_at("select id, texte from grande", 50_000))
    assert error.code == "ESMS-E322"
    assert isinstance(error, SourceError)
    assert "connexion perdue ou requête arrêtée (psycopg." in error.message


def test_several_bases_of_a_server_are_several_places(dui):
    dui.run("create database nord", "create database sud")
    try:
        for name in ("nord", "sud"):
            dui.run(f"create table t as select '{name}' as agence", base=name)
        options = {"url": dui.url(base="{base}"), "bases": ["nord", "sud"], "table": "t"}
        with reading.opened("sql", options) as (con, relation):
            found = con.execute(f"select _fichier, agence from ({relation.query}) order by _r").fetchall()
        assert found == [("nord/journal", "nord"), ("sud/journal", "sud")]
    finally:
        dui.run("drop database nord", "drop database sud")


def test_a_needed_column_that_the_query_has_not_is_named(dui):
    with pytest.raises(
        AdapterError, match=r"ESMS-E201.*«QUAND_MAJ» absente de la requête «journal» \(colonnes vues : id"
    ):
        read(dui, "select id from journal", needed=["QUAND_MAJ"])
