"""Two databases of one vendor whose numbers collide, imported at once: each has its own folder before its keys."""

from __future__ import annotations

import re
import shutil

import pytest

from esms_sdk import content
from esms_sdk.adapter.importer import import_lot
from esms_sdk.lot import open_lot
from esms_sdk.lot.schema import load
from esms_sdk.sample import mediadom as vendor
from esms_sdk.sample.expected import MESURES, digests
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.outcome_files import truth
from esms_sdk.sample.truth import Truth
from tests.sample.imported import digested, measured
from tests.sample.worlds_elsewhere import NOTHING, elsewhere, small_world

ADAPTER = content.folder("adapters") / "mediadom"
FACTORY = """
import sqlite3
from pathlib import Path


def open_base(base):
    return sqlite3.connect(Path({folder!r}) / base / "mediadom.sqlite")
"""


@pytest.fixture(scope="module")
def made():
    """The two exports, each with its ids from 1."""
    return {"nord": vendor.export([(small_world(), NOTHING)]), "sud": vendor.export([(elsewhere(), NOTHING)])}


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    """The folder that holds a folder a database."""
    found = tmp_path_factory.mktemp("exports")
    for name, export in made.items():
        (found / name).mkdir()
        vendor.load(vendor.files(export)[vendor.SCRIPT], found / name / vendor.FILE)
    return found


@pytest.fixture(scope="module")
def kept(made):
    """The canonical rows of both, the folder before every key and opaque reference."""
    found = {}
    for name, export in made.items():
        for table, rows in export.outcome.kept.items():
            opaque = {c for c in load().tables[table].columns if c.endswith(("_id", "_id_fusion"))}
            found.setdefault(table, []).extend(
                {c: f"{name}/{v}" if c in opaque and v else v for c, v in row.items()} for row in rows
            )
    return found


@pytest.fixture(scope="module")
def lot(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("lots") / "lot"
    assert import_lot([folder], "mediadom", out).exit_code == 0
    return out


def test_their_numbers_do_collide(made):
    nord, sud = ({row["usager_id"] for row in one.outcome.kept["usager"]} for one in made.values())
    assert len(nord & sud) > 200


def test_every_row_of_both_is_there_under_its_own_key(lot, kept):
    wanted = digests(kept)
    assert digested(lot, wanted) == wanted


def test_the_indicators_are_those_of_each(lot, made, kept):
    worlds = [world for export in made.values() for world in export.worlds]
    parts = [truth(export.outcome, export.worlds) for export in made.values()]
    perimetre = [finess for part in parts for finess in part.perimetre]
    known = Truth(kept, perimetre, parts[0].couverture, [rejet for part in parts for rejet in part.rejets])
    assert len(worlds) == 2
    for mesure in MESURES[:2]:
        assert measured(lot, mesure) == indicators(known, mesure)


def _own_adapter(target, change):
    own = shutil.copytree(ADAPTER, target, ignore=shutil.ignore_patterns("sample", "expected"))
    text = (own / "adapter.toml").read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    (own / "adapter.toml").write_text(changed, encoding="utf-8")
    return own


def test_the_databases_of_a_server_give_the_same_lot_as_their_files(lot, folder, tmp_path):
    ways = 'fabrique = "sample_bases:open_base"\nbases = ["nord", "sud"]'
    own = _own_adapter(tmp_path / "mon_dui", lambda text: text.replace('fichiers = ["*.sqlite"]', ways))
    (own / "sample_bases.py").write_text(FACTORY.format(folder=str(folder)), encoding="utf-8")
    assert import_lot([], own, tmp_path / "lot").exit_code == 0
    with open_lot(lot) as files, open_lot(tmp_path / "lot") as server:
        assert server.digest == files.digest


def test_without_a_prefix_the_persons_of_one_number_refuse_each_other_and_there_is_no_lot(folder, tmp_path):
    own = _own_adapter(tmp_path / "mon_dui", lambda text: re.sub(r"^prefixe = .*\n", "", text, flags=re.M))
    report = import_lot([folder], own, tmp_path / "lot")
    assert report.exit_code == 1
    assert not (tmp_path / "lot").exists()
