"""Mediadom's script and queries are those of any database: PostgreSQL gives the lot of the SQLite file."""

from __future__ import annotations

import shutil

import pytest

from esms_sdk import content
from esms_sdk.adapter.importer import import_lot
from esms_sdk.lot import open_lot
from esms_sdk.sample import mediadom as vendor
from tests.adapter.sources import postgres
from tests.sample.worlds_elsewhere import NOTHING, small_world

ADAPTER = content.folder("adapters") / "mediadom"


@pytest.fixture(scope="module")
def server():
    try:
        postgres.binaries()
    except LookupError as reason:
        pytest.skip(f"no PostgreSQL server: {reason}")
    with postgres.running() as one:
        yield one


def test_postgresql_gives_the_same_lot_as_the_sqlite_file(server, tmp_path, monkeypatch):
    made = vendor.export([(small_world(), NOTHING)])
    server.run("create database mediadom")
    server.run(*made.database.script().split(";\n")[:-1], base="mediadom")
    base = vendor.load(vendor.files(made)[vendor.SCRIPT], tmp_path / vendor.FILE)
    own = shutil.copytree(ADAPTER, tmp_path / "mon_dui", ignore=shutil.ignore_patterns("sample", "expected"))
    text = (own / "adapter.toml").read_text(encoding="utf-8")
    there = f'url = "{server.url(base="mediadom")}"'
    (own / "adapter.toml").write_text(text.replace('fichiers = ["*.sqlite"]', there), encoding="utf-8")
    monkeypatch.setenv("ESMS_TEST_MDP", postgres.PASSWORD)
    assert import_lot([base], "mediadom", tmp_path / "file").exit_code == 0
    assert import_lot([], own, tmp_path / "server").exit_code == 0
    with open_lot(tmp_path / "file") as file, open_lot(tmp_path / "server") as served:
        assert served.digest == file.digest
