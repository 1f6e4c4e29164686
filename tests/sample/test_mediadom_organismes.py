"""One database that holds two organismes: both are imported, one is chosen, or one is set aside."""

from __future__ import annotations

import shutil

import pytest

from esms_sdk import content
from esms_sdk.adapter.importer import import_lot
from esms_sdk.lot import open_lot
from esms_sdk.sample import mediadom as vendor
from esms_sdk.sample.expected import MESURES
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.outcome_files import truth
from tests.sample.imported import measured
from tests.sample.worlds_elsewhere import FINESS_EJ, NOTHING, elsewhere, small_world

ADAPTER = content.folder("adapters") / "mediadom"
MESURE = MESURES[0]


@pytest.fixture(scope="module")
def both():
    """The export of one database for both organismes."""
    return vendor.export([(small_world(), NOTHING), (elsewhere(), NOTHING)])


@pytest.fixture(scope="module")
def base(both, tmp_path_factory):
    return vendor.load(vendor.files(both)[vendor.SCRIPT], tmp_path_factory.mktemp("base") / vendor.FILE)


@pytest.fixture(scope="module")
def second(both):
    """The FINESS of the second organisme that are in the perimeter."""
    return sorted(e.finess_et for e in both.worlds[1].etablissements if e.dans_perimetre)


def test_both_are_imported_and_counted_each_for_itself(both, base, tmp_path):
    assert import_lot([base], "mediadom", tmp_path / "lot").exit_code == 0
    found = measured(tmp_path / "lot", MESURE)
    assert found == indicators(truth(both.outcome, both.worlds), MESURE)
    par_ej = found["totaux"]["par_ej"]
    assert par_ej.keys() == {both.worlds[0].finess_ej, FINESS_EJ}
    assert min(one["nb_dui_actifs"] for one in par_ej.values()) > 50


def test_the_perimeter_of_the_command_line_chooses_one_and_keeps_the_other(both, base, second, tmp_path):
    report = import_lot([base], "mediadom", tmp_path / "lot", lot_set={"perimetre": ",".join(second)})
    assert report.exit_code == 0
    known = truth(both.outcome, both.worlds[1:])
    assert measured(tmp_path / "lot", MESURE) == indicators(known, MESURE)
    with open_lot(tmp_path / "lot") as lot:
        assert lot.con.execute("select count(distinct finess_ej) from etablissement").fetchall() == [(2,)]


def test_a_filter_on_the_establishments_sets_aside_all_that_hangs_on_them(both, base, second, tmp_path):
    own = shutil.copytree(ADAPTER, tmp_path / "mon_dui", ignore=shutil.ignore_patterns("sample", "expected"))
    text = (own / "adapter.toml").read_text(encoding="utf-8")
    head = '[table.etablissement]\nsource = "structures"\n'
    assert text.count(head) == 1
    filtered = f"{head}ecarter.autre_organisme = \"organisation_finess <> '{FINESS_EJ}'\"\n"
    (own / "adapter.toml").write_text(text.replace(head, filtered), encoding="utf-8")
    report = import_lot([base], own, tmp_path / "lot", lot_set={"perimetre": ",".join(second)})
    assert report.exit_code == 0
    with open_lot(tmp_path / "lot") as lot:
        for table in ("etablissement", "sejour", "dossier", "document", "envoi"):
            numbers = {row[0] for row in lot.con.execute(f"select distinct finess_et from {table}").fetchall()}
            assert numbers <= {e.finess_et for e in both.worlds[1].etablissements}, table
    assert report.sources[f"{vendor.FILE}#journal"].motifs_ignorees["reference_ignoree"] > 1000
    assert measured(tmp_path / "lot", MESURE) == indicators(truth(both.outcome, both.worlds[1:]), MESURE)
