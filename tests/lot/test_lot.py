"""What an open lot gives: its tables, what is given and covered, the rejected séjours."""

from __future__ import annotations

import os
import threading
from datetime import date

import pytest

from esms_sdk.errors import LotInvalid
from esms_sdk.lot import fusion, open_lot
from esms_sdk.period import Period


def test_a_table_is_given_when_it_is_there_and_not_declared_otherwise(with_envois):
    with_envois.manifest["non_fourni"] = ["appel_insi", "usager.statut_identite"]
    lot = with_envois.open()
    assert lot.given("envoi") and lot.given("envoi", "canal", "operation")
    assert not lot.given("appel_insi") and not lot.given("reception")
    assert (
        lot.given("usager")
        and lot.given("usager", "usager_id")
        and not lot.given("usager", "usager_id", "statut_identite")
    )


def test_a_table_has_the_coverage_of_its_own_else_that_of_the_lot(small):
    small.manifest["couverture"] = {"envoi": {"debut": "2025-06-01", "fin": "2025-09-15"}}
    lot = small.open()
    assert lot.coverage("envoi") == Period(date(2025, 6, 1), date(2025, 9, 15))
    assert lot.coverage("evenement") == Period(date(2025, 1, 1), date(2025, 9, 30))


def test_the_rejected_sejours_are_there_with_null_for_what_is_unreadable(small):
    text = "finess_et;date_entree;date_sortie\r\n000000117;2025-01-01;\r\n;2025-02-30;2025-03-01\r\n"
    (small.folder / "rejets").mkdir(parents=True)
    (small.folder / "rejets" / "sejours.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert small.rows(
        "select finess_et, date_entree::text, date_sortie::text from rejets_sejours order by 1 nulls last"
    ) == [
        ("000000117", "2025-01-01", None),
        (None, None, "2025-03-01"),
    ]


def test_a_lot_without_rejects_has_no_rejected_sejour(small):
    assert small.rows("select count(finess_et), count(date_entree) from rejets_sejours") == [(0, 0)]


def test_a_list_of_rejected_sejours_that_cannot_be_read_is_a_fault(small):
    (small.folder / "rejets").mkdir(parents=True)
    (small.folder / "rejets" / "sejours.csv").write_bytes(b"finess;date\nx;y\n")
    assert small.places() == [("REJETS", "rejets/sejours.csv", None, None)]


def test_a_lot_is_left_as_it_was_and_its_temporary_files_are_gone(small, tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(work))
    small.replace("organisme", "Association des Tilleuls", '"Association\r\ndes\nTilleuls"')
    small.write()
    before = {path: path.read_bytes() for path in small.folder.rglob("*")}
    with open_lot(small.folder) as lot:
        assert lot.con.execute("select count(*) from sejour").fetchall() == [(2,)]
    assert {path: path.read_bytes() for path in small.folder.rglob("*")} == before
    assert list(work.iterdir()) == []


def test_a_refused_lot_leaves_no_temporary_file(small, tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(work))
    del small.csv["usager"]
    small.refusal()
    assert list(work.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode for folders")
def test_a_folder_that_may_only_be_read_is_a_lot(small):
    small.write()
    for path in small.folder.iterdir():
        path.chmod(0o400)
    small.folder.chmod(0o500)
    try:
        small.reopen()
    finally:
        small.folder.chmod(0o700)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read anything")
def test_a_folder_that_may_not_be_read_is_refused(small):
    small.write().chmod(0o000)
    try:
        with pytest.raises(LotInvalid, match="illisible"):
            small.reopen()
    finally:
        small.folder.chmod(0o700)


def test_a_lot_may_be_opened_several_times_at_once(small):
    small.write()
    found = []

    def count() -> None:
        with open_lot(small.folder) as lot:
            found.append(lot.con.execute("select count(*) from sejour").fetchall())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    with open_lot(small.folder) as one, open_lot(small.folder) as other:
        assert one.digest == other.digest
    for thread in threads:
        thread.join()
    assert found == [[(2,)]] * 4


def test_a_lot_may_be_closed_twice(small):
    lot = small.open()
    lot.close()
    lot.close()


def test_another_cursor_of_the_connection_sees_the_tables(small):
    cursor = small.open().con.cursor()
    assert cursor.execute("select count(*) from sejour, rejets_sejours right join usager on true").fetchall() == [(6,)]
    cursor.close()


def test_the_root_of_a_merged_record_is_the_end_of_its_chain(small):
    small.add("usager", "U4;U3", "U5;U4")
    rows = "select usager_id, usager_id_fusion from usager"
    assert sorted(small.rows(fusion.ROOTS.format(rows=rows))) == [("U3", "U1"), ("U4", "U1"), ("U5", "U1")]


def test_ten_thousand_updates_are_read_with_their_types(small):
    small.csv["mise_a_jour"] = "dossier_id;date_maj;origine\n" + "D1;2025-09-10;AUTOMATE\n" * 10_000
    assert small.rows("select count(*), typeof(any_value(date_maj)) from mise_a_jour") == [(10_000, "DATE")]


def test_what_only_the_rules_needed_is_freed(small):
    small.replace("organisme", "Association des Tilleuls", '"Association\ndes Tilleuls"')
    lot = small.open()
    columns = {
        name for (name,) in lot.con.execute("select column_name from duckdb_columns() where not internal").fetchall()
    }
    assert columns == {*(c for table in lot.schema.tables.values() for c in table.columns)}
