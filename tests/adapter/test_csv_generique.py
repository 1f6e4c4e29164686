"""The ready adapter: files named and headed like the tables of the lot, with whatever a vendor leaves out."""

from __future__ import annotations

import csv
import gzip
import json
import shutil

import pytest

from esms_sdk import content
from esms_sdk.adapter import import_lot, load
from esms_sdk.errors import AdapterError
from esms_sdk.lot import open_lot
from esms_sdk.lot import schema as schemas

HOME = content.folder("adapters") / "csv_generique"


@pytest.fixture
def sample(tmp_path):
    """A copy of the sample, to change."""
    return shutil.copytree(HOME / "sample", tmp_path / "sample")


@pytest.fixture
def lot(tmp_path):
    return tmp_path / "lot"


def lines(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def test_the_sample_gives_what_is_expected_table_by_table(lot):
    assert import_lot([HOME / "sample"], "csv_generique", lot).exit_code == 0
    with open_lot(lot) as found, open_lot(HOME / "expected" / "lot") as expected:
        assert set(found.files) == set(expected.files)
        for name in schemas.load().tables:
            query = f"select * from {name} order by all"
            assert found.con.execute(query).fetchall() == expected.con.execute(query).fetchall(), name
        kept = {key: value for key, value in found.raw_manifest.items() if key != "import"}
        assert kept == expected.raw_manifest
    for name in ("rejets.csv", "libelles_inconnus.csv"):
        wanted = lines(HOME / "expected" / name)
        columns = (HOME / "expected" / name).read_text(encoding="utf-8").splitlines()[0].split(";")
        assert [{c: line[c] for c in columns} for line in lines(lot / "rejets" / name)] == wanted


def test_every_column_of_every_table_is_mapped_and_the_optional_ones_may_be_absent():
    adapter = load("csv_generique")
    assert list(adapter.tables) == list(schemas.load().tables)
    for name, (block,) in adapter.tables.items():
        columns = schemas.load().tables[name].columns
        assert set(block.columns) == set(columns)
        optional = {c.name for c in columns.values() if not c.required}
        assert set(adapter.sources[name].colonnes_facultatives) == optional
    assert set(adapter.lot) == set(schemas.load().manifest) - {"version_schema"}


def test_a_lot_written_as_csv_is_itself_an_export(lot, tmp_path):
    assert (
        import_lot(
            [HOME / "expected" / "lot" / name for name in _tables()], "csv_generique", lot, lot_set=_keys()
        ).exit_code
        == 0
    )
    with open_lot(lot) as found, open_lot(HOME / "expected" / "lot") as expected:
        for name in schemas.load().tables:
            query = f"select * from {name} order by all"
            assert found.con.execute(query).fetchall() == expected.con.execute(query).fetchall(), name


def _tables() -> list[str]:
    return sorted(path.name for path in (HOME / "expected" / "lot").glob("*.csv"))


def _keys() -> dict[str, str]:
    raw = json.loads((HOME / "expected" / "lot" / "manifeste.json").read_text(encoding="utf-8"))
    texts = {key: str(value) for key, value in raw.items() if not isinstance(value, list) and key != "version_schema"}
    return {**texts, "journal_maj_complet": "true", "historique_statuts_complet": "oui"}


def test_a_table_may_come_packed_and_in_several_files(sample, lot):
    packed = gzip.compress((sample / "usager_ssiad.csv").read_bytes())
    (sample / "usager_ssiad.csv").unlink()
    (sample / "sous-dossier").mkdir()
    (sample / "sous-dossier" / "USAGER_ssiad.CSV.gz").write_bytes(packed)
    assert import_lot([sample], "csv_generique", lot).sources["sous-dossier/USAGER_ssiad.CSV.gz"].acceptees == 4


def test_without_the_optional_files_the_rest_is_imported_and_says_so(sample, lot):
    for name in ("projet_personnalise", "statut_projet", "evenement", "envoi", "document"):
        (sample / f"{name}.csv").unlink()
    assert import_lot([sample], "csv_generique", lot).exit_code == 0
    with open_lot(lot) as found:
        assert not found.given("evenement") and not found.given("envoi") and found.given("sejour")
        assert {"projet_personnalise", "statut_projet", "evenement"} <= found.manifest.non_fourni


@pytest.mark.parametrize("name", ["sejour", "mise_a_jour_2025-08"])
def test_a_file_that_is_needed_is_asked_for(sample, lot, name):
    for path in sample.glob(f"{name.partition('_2025')[0]}*.csv"):
        path.unlink()
    with pytest.raises(Exception, match="ESMS-E305"):
        import_lot([sample], "csv_generique", lot)


def test_without_manifest_each_key_is_asked_for(sample, lot):
    (sample / "manifeste.csv").unlink()
    with pytest.raises(AdapterError) as refused:
        import_lot([sample], "csv_generique", lot)
    assert {"clé «editeur» manquante", "clé «mode» manquante"} <= {fault.message for fault in refused.value.faults}
    keys = {**_keys(), "perimetre": "000000125"}
    assert import_lot([sample], "csv_generique", lot, lot_set=keys).exit_code == 0
    with open_lot(lot) as found:
        assert found.manifest.perimetre == ("000000125",)


def test_what_the_manifest_says_is_read_whatever_its_case_and_blanks(sample, lot):
    text = (sample / "manifeste.csv").read_text(encoding="utf-8").replace("mode;test", " MODE ; production ")
    text += "perimetre; 000000117 ,\nnon_fourni;reception,\nreference_segur;\n"
    text += 'couverture;"{""sejour"": {""debut"": ""2025-02-01"", ""fin"": ""2025-09-30""}}"\n'
    (sample / "manifeste.csv").write_text(text, encoding="utf-8")
    assert import_lot([sample], "csv_generique", lot).exit_code == 0
    with open_lot(lot) as found:
        assert (found.manifest.mode, found.manifest.perimetre) == ("production", ("000000117",))
        assert "reception" in found.manifest.non_fourni and found.coverage("sejour").debut.isoformat() == "2025-02-01"
