"""A table is written in a total order, a large log a file a month, the same rows in the same bytes."""

from __future__ import annotations

import pytest

from esms_sdk import database
from esms_sdk.lot import writer
from esms_sdk.lot.schema import DATED_LOGS, load

TABLES = load().tables


@pytest.fixture
def con(tmp_path):
    (tmp_path / "work").mkdir()
    with database.connect(tmp_path / "work") as connection:
        yield connection


def written(con, table: str, rows: str, folder, columns: list[str] | None = None) -> list[tuple[object, ...]]:
    """Write a query as a table and return what the files hold, file after file."""
    con.execute(f"create or replace temp table donnees as {rows}")
    writer.write_table(con, TABLES[table], columns or list(TABLES[table].columns), "donnees", folder)
    files = sorted([*folder.glob(f"{table}.parquet"), *folder.glob(f"{table}/*.parquet")])
    listed = ", ".join(database.file(path) for path in files)
    return con.execute(f"select * from read_parquet([{listed}])").fetchall()


def log(rows: str) -> str:
    """A log of updates: dossier, day after 2025-01-01, rubrique."""
    return (
        "select d as dossier_id, date '2025-01-01' + j as date_maj, 'UTILISATEUR' as origine, r as rubrique "
        f"from (values {rows}) t(d, j, r)"
    )


def test_a_log_is_in_the_order_of_time_then_of_all_its_columns(con, tmp_path):
    rows = written(
        con, "mise_a_jour", log("('D2', 40, null), ('D1', 40, 'b'), ('D1', 40, 'a'), ('D9', 1, 'z')"), tmp_path
    )
    assert [(row[0], row[3]) for row in rows] == [("D9", "z"), ("D1", "a"), ("D1", "b"), ("D2", None)]


def test_another_table_is_in_the_order_of_its_key(con, tmp_path):
    rows = "select * from (values ('U10', null), ('U2', 'U1'), ('U1', null)) t(usager_id, usager_id_fusion)"
    assert written(con, "usager", rows, tmp_path, ["usager_id", "usager_id_fusion"]) == [
        ("U1", None), ("U10", None), ("U2", "U1"),
    ]  # fmt: skip


def test_a_table_without_a_row_has_its_columns(con, tmp_path):
    assert written(con, "mise_a_jour", log("('D1', 1, 'a')") + " where false", tmp_path) == []
    assert (tmp_path / "mise_a_jour.parquet").is_file()


def test_a_large_log_has_a_file_for_each_month_and_nothing_is_lost(con, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "LARGE", 4)
    rows = log("('D1', 0, 'a'), ('D2', 30, 'b'), ('D3', 31, 'c'), ('D4', 364, 'd'), ('D5', 365, 'e')")
    assert [row[0] for row in written(con, "mise_a_jour", rows, tmp_path)] == ["D1", "D2", "D3", "D4", "D5"]
    assert sorted(path.name for path in (tmp_path / "mise_a_jour").iterdir()) == [
        "2025-01.parquet", "2025-02.parquet", "2025-12.parquet", "2026-01.parquet",
    ]  # fmt: skip
    assert not (tmp_path / "mise_a_jour.parquet").exists()


def test_at_the_limit_a_log_is_one_file(con, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "LARGE", 2)
    written(con, "mise_a_jour", log("('D1', 0, 'a'), ('D2', 40, 'b')"), tmp_path)
    assert (tmp_path / "mise_a_jour.parquet").is_file() and not (tmp_path / "mise_a_jour").exists()


def test_a_table_that_is_no_log_is_one_file_however_large(con, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "LARGE", 2)
    assert "usager" not in DATED_LOGS
    written(con, "usager", "select 'U' || i as usager_id from range(9) t(i)", tmp_path, ["usager_id"])
    assert (tmp_path / "usager.parquet").is_file()


@pytest.mark.parametrize("threads", [1, 4])
def test_the_order_of_the_rows_and_the_threads_change_no_byte(con, tmp_path, threads):
    source = (
        "select 'D' || (i % 977) as dossier_id, date '2025-01-01' + (i % 300)::int as date_maj, 'UTILISATEUR' as origine, "
        "'r' || i as rubrique from range(250000) t(i)"
    )
    con.execute(f"set threads = {threads}")
    found = []
    for place, order in enumerate(("i", "hash(i)")):
        folder = tmp_path / str(place)
        folder.mkdir()
        written(con, "mise_a_jour", f"{source} order by {order}", folder)
        found.append({path.name: path.read_bytes() for path in (folder / "mise_a_jour").iterdir()})
    assert found[0] == found[1] and len(found[0]) == 10


def test_a_folder_may_bear_any_name(con, tmp_path):
    folder = tmp_path / "l'ete [1] {x} %41"
    folder.mkdir()
    assert len(written(con, "mise_a_jour", log("('D1', 0, 'a')"), folder)) == 1
