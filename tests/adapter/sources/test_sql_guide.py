"""The guide on databases does what it says: its example, its log and its trigger run on a real PostgreSQL."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from esms_sdk.adapter import import_lot
from tests.adapter.sources import postgres
from tests.adapter.sources.test_sql_import import counts, table

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "base_de_donnees.md"
_BLOCK = re.compile(r"(?:^`([\w/.]+)`\n\n)?^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the blocks of a language: the file that the page says it is, and the text."""
    return [
        (name, body) for name, found, body in _BLOCK.findall(GUIDE.read_text(encoding="utf-8")) if found == language
    ]


@pytest.fixture(scope="module")
def dui(server: postgres.Server) -> Iterator[postgres.Server]:
    server.run("create database dui")
    yield server
    server.run("drop database dui")


def test_the_example_of_the_guide_gives_a_lot(dui, tmp_path, monkeypatch):
    written = dict(blocks("toml") + blocks("sql") + blocks("python"))
    for name in ("mon_dui/adapter.toml", "mon_dui/journal.sql"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(written[name], encoding="utf-8")
    dui.run(blocks("sql")[0][1], base="dui")
    monkeypatch.setenv("DUI_COMPTE", "postgres")
    monkeypatch.setenv("DUI_MDP", postgres.PASSWORD)
    monkeypatch.setenv("DUI_SERVEUR", f"127.0.0.1:{dui.port}")
    report = import_lot([], tmp_path / "mon_dui", tmp_path / "lot", strict=True)
    assert (report.exit_code, report.rejets) == (0, 0)
    assert counts(tmp_path / "lot")["journal"] == (2, 2, 0, 0)
    logged = [tuple(map(str, row[:3])) for row in table(tmp_path / "lot", "mise_a_jour")]
    assert logged == [("1", "2025-09-04", "AUTOMATE"), ("1", "2025-09-04", "UTILISATEUR")]
    assert [str(row[3]) for row in table(tmp_path / "lot", "dossier")] == ["2024-01-03", "2024-02-15"]


def test_the_trigger_of_the_guide_keeps_one_row_a_dossier_a_day_an_origin(dui):
    (trigger,) = [body for _, body in blocks("sql") if "language plpgsql" in body]
    dui.run("create table transmission (dossier_id int, texte text)", trigger, base="dui")
    dui.run(
        "insert into transmission values (1, 'a'), (1, 'b'), (2, 'c')",
        "update transmission set texte = 'd' where dossier_id = 1",
        base="dui",
    )
    import psycopg

    with psycopg.connect(**dui.arguments, dbname="dui") as connection:
        found = connection.execute("select dossier_id, origine from journal_esms order by 1").fetchall()
    assert found == [(1, "UTILISATEUR"), (2, "UTILISATEUR")]


def test_every_source_of_the_guide_is_well_declared():
    from esms_sdk.adapter.sources import sql

    sources = [s for _, body in blocks("toml") for s in tomllib.loads(body).get("source", {}).values()]
    assert len(sources) >= 6
    for source in sources:
        assert list(sql.faults(source, source.get("fichiers", ()))) == []
