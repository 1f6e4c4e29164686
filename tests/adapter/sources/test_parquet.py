"""Parquet: typed columns are told as the texts that say the same, and each row knows its rank."""

from __future__ import annotations

import uuid
import zipfile
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from esms_sdk import database
from esms_sdk.adapter.sources import texts
from esms_sdk.errors import AdapterError, SourceError
from tests.adapter.sources import reading


def write(path: Path, **columns: object) -> Path:
    parquet.write_table(pyarrow.table(columns), path)
    return path


def read(*given_: Path, **how: object) -> list[reading.Row]:
    return reading.rows("parquet", {}, given=given_, fichiers=("*.parquet",), **how)


def test_every_type_is_told_without_loss(tmp_path):
    paris = timezone(timedelta(hours=2))
    path = write(
        tmp_path / "journal.parquet",
        texte=["007"],
        entier=[10000117],
        reel=[10000117.0],
        decimal=[Decimal("1234.50")],
        actif=[True],
        jour=[date(2025, 1, 3)],
        instant=[datetime(2025, 9, 4, 10, 12, 30, 500000, paris)],
        moment=[datetime(2025, 9, 4, 10, 12)],
        nul=[datetime(1, 1, 1)],
        heure=pyarrow.array([time(8, 5)], "time64[us]"),
        nanos=pyarrow.array([datetime(2025, 9, 4, 10, 12)], "timestamp[ns]"),
        octets=[b"\x00\xff"],
        accents=["été".encode()],
        liste=[["a", "b"]],
        objet=[{"clé": 1}],
        rien=pyarrow.array([None], "date32"),
        libelle=pyarrow.array(["IDE"]).dictionary_encode(),
    )
    assert read(path) == [
        {
            "texte": "007",
            "entier": "10000117",
            "reel": "10000117.0",
            "decimal": "1234.50",
            "actif": "true",
            "jour": "2025-01-03",
            "instant": "2025-09-04T08:12:30.5+00:00",
            "moment": "2025-09-04T10:12:00",
            "nul": "0001-01-01T00:00:00",
            "heure": "08:05:00",
            "nanos": "2025-09-04T10:12:00",
            "octets": "00ff",
            "accents": "été",
            "liste": '["a","b"]',
            "objet": '{"clé":1}',
            "rien": None,
            "libelle": "IDE",
        }
    ]


@given(
    st.one_of(
        st.lists(st.none() | st.text(st.characters(codec="utf-8"))),
        st.lists(st.none() | st.booleans()),
        st.lists(st.none() | st.integers(-(2**70), 2**70)),
        st.lists(st.none() | st.floats(allow_nan=False)),
        st.lists(st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=4)),
        st.lists(st.none() | st.datetimes()),
        st.lists(st.none() | st.datetimes(min_value=datetime(2, 1, 1), timezones=st.just(UTC))),
        st.lists(st.none() | st.dates()),
        st.lists(st.none() | st.times()),
        st.lists(st.none() | st.uuids()),
        st.lists(st.none() | st.binary()),
    )
)
def test_a_value_has_one_text_alone_or_in_a_column_of_its_type(values):
    with database.connect() as con:
        con.register("lu", pyarrow.table({"v": texts.column(values)}))
        kind = con.execute("describe lu").fetchall()[0][1]
        found = [row[0] for row in con.execute(f"select {texts.as_text('v', kind)} from lu").fetchall()]
    assert found == [None if value is None else texts._text(value) for value in values]


def test_a_text_gives_its_value_back():
    read_back = {
        int: int, float: float, Decimal: Decimal, date: date.fromisoformat, datetime: datetime.fromisoformat,
        time: time.fromisoformat, uuid.UUID: uuid.UUID,
    }  # fmt: skip
    for value in (
        -(2**70), 0.1, 1e300, 10000117.0, Decimal("1E+30"), Decimal("-0.00010"), date(1, 1, 1), time(23, 59, 59, 1000),
        datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(2025, 3, 30, 2, 30, tzinfo=UTC), uuid.UUID(int=7),
    ):  # fmt: skip
        assert read_back[type(value)](texts._text(value)) == value


def test_each_row_knows_its_file_and_its_rank(tmp_path):
    write(tmp_path / "a.parquet", v=["un", "deux"])
    write(tmp_path / "b.parquet", v=["trois"])
    with reading.opened("parquet", {}, given=(tmp_path,), fichiers=("*.parquet",)) as (con, relation):
        found = con.execute(f"select _fichier, _ligne, v, _irreguliere from ({relation.query}) order by _r").fetchall()
    assert found == [("a.parquet", 1, "un", False), ("a.parquet", 2, "deux", False), ("b.parquet", 1, "trois", False)]


def test_a_file_in_an_archive_is_read(tmp_path):
    path = write(tmp_path / "a.parquet", v=["un"])
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(path, "dossier/a.parquet")
    assert read(tmp_path / "export.zip") == [{"v": "un"}]


def test_a_name_that_looks_like_a_pattern_is_one_file(tmp_path):
    assert read(write(tmp_path / "a[1]*.parquet", v=["un"])) == [{"v": "un"}] if tmp_path.drive == "" else True


def test_files_of_several_shapes_make_one_source(tmp_path):
    write(tmp_path / "a.parquet", id=[1], ancien=["x"])
    write(tmp_path / "b.parquet", ID=["2"], nouveau=[True])
    found = read(tmp_path, needed=["id"])
    assert found == [
        {"id": "1", "ancien": "x", "nouveau": None},
        {"id": "2", "ancien": None, "nouveau": "true"},
    ]


def test_a_missing_column_is_named_with_its_file(tmp_path):
    path = write(tmp_path / "a.parquet", id=[1])
    with pytest.raises(AdapterError, match=r"ESMS-E201.*«quand» absente de a\.parquet \(colonnes vues : id\)"):
        read(path, needed=["quand"])
    assert read(path, needed=["quand"], colonnes_facultatives=("quand",)) == [{"id": "1", "quand": None}]


@pytest.mark.parametrize("kept", [0, 3, 100, 0.5, -1])
def test_a_truncated_file_is_named(kept, tmp_path):
    path = write(tmp_path / "a.parquet", id=list(range(10_000)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept) if isinstance(kept, float) else kept])
    with pytest.raises(SourceError, match=r"ESMS-E301.*Parquet illisible : a\.parquet") as raised:
        read(path)
    assert str(tmp_path) not in str(raised.value)


def test_a_file_damaged_inside_is_named_before_a_row_is_mapped(tmp_path):
    path = write(tmp_path / "a.parquet", id=[f"valeur {i}" for i in range(10_000)])
    content = bytearray(path.read_bytes())
    content[2_000:6_000] = b"\0" * 4_000
    path.write_bytes(bytes(content))
    with pytest.raises(SourceError, match=r"ESMS-E301.*a\.parquet"):
        read(path)
