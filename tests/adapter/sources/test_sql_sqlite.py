"""SQLite: a file like another, opened read only; a value is told by what it is, not by its column's affinity."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from esms_sdk.errors import AdapterError, SourceError
from tests.adapter.sources import reading


def base(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def read(*given: Path, requete: str, **how: object) -> list[reading.Row]:
    return reading.rows("sql", {"requete": requete}, given=given, fichiers=("*.db", "*.sqlite"), **how)


@pytest.fixture
def dossiers(tmp_path: Path) -> Path:
    return base(
        tmp_path / "dui.db",
        "create table dossier (numero text, finess numeric, cree text, note blob, montant real)",
        "insert into dossier values ('007', '010000117', '2025-01-03 08:00:00', x'00ff', 0.1)",
        "insert into dossier values (7, '2A0000117', null, 'été', 10000117.0)",
    )


def test_a_value_is_told_as_it_is_stored(dossiers):
    assert read(dossiers, requete="select * from dossier") == [
        {"numero": "007", "finess": "10000117", "cree": "2025-01-03 08:00:00", "note": "00ff", "montant": "0.1"},
        {"numero": "7", "finess": "2A0000117", "cree": None, "note": "été", "montant": "10000117.0"},
    ]


def test_a_number_keeps_all_its_digits(tmp_path):
    path = base(
        tmp_path / "n.db", "create table n (v)", "insert into n values (0.1234567890123456), (9007199254740993)"
    )
    assert read(path, requete="select v from n") == [{"v": "0.1234567890123456"}, {"v": "9007199254740993"}]


def test_text_that_is_not_utf8_is_read_as_windows_1252(tmp_path):
    path = base(tmp_path / "n.db", "create table n (v text)", "insert into n values (cast(x'c9766169' as text))")
    assert read(path, requete="select v from n") == [{"v": "Évai"}]


def test_the_file_is_never_written(dossiers):
    before = dossiers.read_bytes()
    with pytest.raises(AdapterError, match=r"ESMS-E223.*dui\.db : la requête écrit dans la base"):
        read(dossiers, requete="insert into dossier select * from dossier returning *")
    assert dossiers.read_bytes() == before
    assert [path.name for path in dossiers.parent.iterdir()] == ["dui.db"]


def test_several_bases_are_several_places_each_with_its_name(dossiers, tmp_path):
    other = base(tmp_path / "sud.sqlite", "create table dossier (numero)", "insert into dossier values (9)")
    how = {"given": (dossiers, other), "fichiers": ("*.db", "*.sqlite")}
    with reading.opened("sql", {"requete": "select numero from dossier"}, **how) as (con, relation):
        found = con.execute(f"select _fichier, numero from ({relation.query}) order by _r").fetchall()
    assert found == [("dui.db#journal", "007"), ("dui.db#journal", "7"), ("sud.sqlite#journal", "9")]


def test_a_base_in_an_archive_is_read(dossiers, tmp_path):
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(dossiers, "sous/dui.db")
    (tmp_path / "dui.db.gz").write_bytes(gzip.compress(dossiers.read_bytes()))
    for path in (packed, tmp_path / "dui.db.gz"):
        assert len(read(path, requete="select * from dossier")) == 2


@pytest.mark.parametrize("content", [b"", b"ceci n'est pas une base", b"SQLite format 3\x00 tronqu\xc3\xa9"])
def test_a_file_that_is_no_base_is_named(content, tmp_path):
    path = tmp_path / "dui.db"
    path.write_bytes(content)
    if content:
        with pytest.raises(
            SourceError, match=r"ESMS-E323.*dui\.db n'est pas une base SQLite lisible \(DatabaseError\)"
        ):
            read(path, requete="select 1")
    else:
        with pytest.raises(AdapterError, match="no such table: dossier"):
            read(path, requete="select * from dossier")


def test_a_base_cut_short_is_named(tmp_path):
    path = base(tmp_path / "dui.db", "create table t (v)", *["insert into t values (randomblob(4000))"] * 20)
    path.write_bytes(path.read_bytes()[:40_000])
    with pytest.raises(SourceError, match=r"ESMS-E32[23].*dui\.db"):
        read(path, requete="select * from t")


@pytest.mark.parametrize(
    ("requete", "said"),
    [
        ("select quand from dossier", "no such column: quand"),
        ("select * from journal", "no such table: journal"),
        ("selec * from dossier", 'near "selec": syntax error'),
        ("select * from dossier where", "incomplete input"),
        ("select 1; select 2", "one statement at a time"),
    ],
)
def test_a_wrong_query_is_told_in_the_words_of_the_base(requete, said, dossiers):
    with pytest.raises(AdapterError, match="ESMS-E223") as raised:
        read(dossiers, requete=requete)
    assert said in raised.value.message
