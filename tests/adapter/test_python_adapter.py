"""A class with one method, found by entry point: what it yields is a source like any other."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest

from esms_sdk import content, database
from esms_sdk.adapter import ImportReport, discover, import_lot, load, python_adapter
from esms_sdk.errors import AdapterError
from esms_sdk.lot import open_lot

EXEMPLE = content.folder("adapters") / "exemple_plugin"
LOT = {
    "editeur": "Essai", "logiciel": "Essai", "version_logiciel": "1", "date_extraction": "2025-10-01T02:00:00",
    "perimetre": {"sql": "select finess_et from etablissement"},
    "non_fourni": ["projet_personnalise", "statut_projet", "evenement"], "periode_couverte_debut": "2025-01-01",
    "periode_couverte_fin": "2025-09-30", "journal_maj_complet": True, "historique_statuts_complet": True,
    "mode": "test",
}  # fmt: skip
TABLES: dict[str, Any] = {
    "organisme": {"finess_ej": ["000000109"], "raison_sociale": ["Association des Tilleuls"]},
    "etablissement": {"finess_et": ["000000117"], "finess_ej": ["000000109"], "denomination": ["EHPAD"]},
    "usager": {"usager_id": ["U1", "U2"]},
    "sejour": {
        "sejour_id": ["S1", "S2"], "usager_id": ["U1", "U2"], "finess_et": ["000000117"] * 2,
        "date_entree": ["2025-01-06", "2025-02-03"],
    },
    "dossier": {
        "dossier_id": ["D1"], "usager_id": ["U1"], "finess_et": ["000000117"], "date_creation": ["2025-01-06"],
    },
    "mise_a_jour": {"dossier_id": ["D1"], "date_maj": ["2025-09-10"], "origine": ["UTILISATEUR"]},
}  # fmt: skip


class Vendor:
    """A distribution that is not installed: its project, and a module that yields what the test says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lot = folder / "essai", folder / "lot"
        self.tables: dict[str, Any] = dict(TABLES)
        self.keys: dict[str, Any] = dict(LOT)
        self.body = "yield from GIVEN.items()"
        self.folder.mkdir()
        (self.folder / "pyproject.toml").write_text(
            '[project]\nname = "essai"\nversion = "3.1"\n'
            f'[project.entry-points."{python_adapter.GROUP}"]\nessai = "module_essai:Essai"\n',
            encoding="utf-8",
        )

    def run(self, *sources: Path, **options: Any) -> ImportReport:
        code = (
            "import builtins\nGIVEN, LOT = builtins._essai\n\n\nclass Essai:\n"
            f'    """Essai inventé.\n\n    Suite."""\n\n    lot = LOT\n\n    def tables(self, sources):\n        {self.body}\n'
        )
        (self.folder / "module_essai.py").write_text(code, encoding="utf-8")
        import builtins

        builtins._essai = (self.tables, self.keys)  # type: ignore[attr-defined]
        try:
            return import_lot(list(sources), self.folder, self.lot, max_rejets="100%", force=True, **options)
        finally:
            del builtins._essai  # type: ignore[attr-defined]

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as con:
            path = database.file(self.lot / f"{table}.parquet")
            return con.execute(f"select {columns} from read_parquet({path})").fetchall()

    def rejects(self) -> list[tuple[str, ...]]:
        with (self.lot / "rejets" / "rejets.csv").open(encoding="utf-8-sig", newline="") as stream:
            return [(r["source"], r["ligne"], r["code"], r["colonne"]) for r in csv.DictReader(stream, delimiter=";")]


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return Vendor(tmp_path)


# -- what it yields --------------------------------------------------------------------------------------------------


def test_dictionaries_of_columns_become_a_lot(vendor):
    report = vendor.run()
    assert (report.exit_code, report.sources["sejour"].acceptees) == (0, 2)
    with open_lot(vendor.lot) as lot:
        assert lot.con.execute("select usager_id from sejour order by all").fetchall() == [("U1",), ("U2",)]
        assert lot.manifest.perimetre == ("000000117",)


def test_arrow_tables_batches_and_readers_give_the_same_lot(vendor):
    vendor.run()
    before = (vendor.lot / "sejour.parquet").read_bytes()
    batch = pyarrow.record_batch(TABLES["sejour"])
    for given in (
        pyarrow.table(TABLES["sejour"]),
        batch,
        pyarrow.RecordBatchReader.from_batches(batch.schema, [batch]),
    ):
        vendor.tables["sejour"] = given
        vendor.run()
        assert (vendor.lot / "sejour.parquet").read_bytes() == before


def test_typed_values_are_read_like_their_texts(vendor):
    vendor.tables["sejour"] = TABLES["sejour"] | {"date_entree": [date(2025, 1, 6), datetime(2025, 2, 3, 8, 30)]}
    vendor.tables["sejour"]["sortie_definitive"] = [True, None]
    vendor.tables["sejour"]["date_sortie"] = [date(2025, 3, 1), None]
    vendor.tables["appel_insi"] = {
        "appel_id": ["A1", "A2"], "finess_et": ["000000117"] * 2, "operation": ["RECHERCHE"] * 2,
        "resultat": ["SUCCES"] * 2,
        "horodatage": [datetime(2025, 8, 31, 22, 30, tzinfo=UTC), datetime(2025, 8, 31, 22, 30, 0, 5, tzinfo=UTC)],
    }  # fmt: skip
    vendor.run()
    assert vendor.rejects() == []
    shown = "cast(date_entree as varchar), sortie_definitive, cast(date_sortie as varchar)"
    assert vendor.rows("sejour", shown) == [("2025-01-06", True, "2025-03-01"), ("2025-02-03", None, None)]
    assert vendor.rows("appel_insi", "cast(horodatage as varchar)") == [("2025-09-01 00:30:00",)] * 2


def test_a_table_in_several_pieces_is_one_table_whose_lines_go_on(vendor):
    vendor.tables["sejour"] = {**TABLES["sejour"], "date_entree": ["2025-01-06", "jamais"]}
    vendor.body = (
        "for name, rows in GIVEN.items():\n"
        "            for i in range(len(next(iter(rows.values())))):\n"
        "                yield name, {column: values[i:i + 1] for column, values in rows.items()}"
    )
    report = vendor.run()
    assert (report.sources["sejour"].lues, vendor.rejects()) == (2, [("sejour", "2", "TYPE_INVALIDE", "date_entree")])


def test_pieces_need_not_have_the_same_optional_columns(vendor):
    vendor.body = 'yield from GIVEN.items()\n        yield "usager", {"sexe": ["F"], "usager_id": ["U3"]}'
    vendor.run()
    assert vendor.rows("usager", "usager_id, sexe") == [("U1", None), ("U2", None), ("U3", "F")]


def test_what_is_wrong_is_rejected_as_from_any_source(vendor):
    vendor.tables["mise_a_jour"] = {
        "dossier_id": ["D1", "D9", None], "date_maj": ["2025-09-10"] * 3, "origine": ["UTILISATEUR", "AUTOMATE", "Qui"],
    }  # fmt: skip
    vendor.run()
    assert vendor.rejects() == [
        ("mise_a_jour", "2", "REFERENCE_INCONNUE", "dossier_id"), ("mise_a_jour", "3", "COLONNE_REQUISE", "dossier_id"),
    ]  # fmt: skip


def test_rejected_rows_can_be_corrected_and_replayed(vendor):
    vendor.tables["sejour"] = {**TABLES["sejour"], "date_entree": ["2025-01-06", "2025-02-30"]}
    vendor.run()
    path = vendor.lot / "rejets" / "lignes" / "sejour.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("02-30", "02-28"), encoding="utf-8", newline="\n")
    report = vendor.run(replay=vendor.lot / "rejets")
    assert (report.reprises, vendor.rejects()) == ({"sejour": 1}, [])


def test_it_is_given_every_file_that_the_user_names(vendor, tmp_path):
    export = tmp_path / "export"
    (export / "nord").mkdir(parents=True)
    for place in (export / "a.txt", export / "nord" / "b.txt"):
        place.write_text("x", encoding="utf-8")
    vendor.body = 'yield from GIVEN.items()\n        yield "usager", {"usager_id": [path.name for path in sources]}'
    vendor.run(export)
    assert vendor.rows("usager", "usager_id") == [("U1",), ("U2",), ("a.txt",), ("b.txt",)]


def test_it_may_learn_the_keys_of_the_manifest_from_the_files(vendor):
    vendor.body = 'self.lot = {**self.lot, "version_logiciel": "9"}\n        yield from GIVEN.items()'
    vendor.run()
    assert json.loads((vendor.lot / "manifeste.json").read_text(encoding="utf-8"))["version_logiciel"] == "9"


def test_the_manifest_says_which_code_made_the_lot(vendor):
    vendor.run()
    imported = json.loads((vendor.lot / "manifeste.json").read_text(encoding="utf-8"))["import"]["adaptateur"]
    assert (imported["nom"], imported["version"], len(imported["sha256"])) == ("essai", "3.1", 64)


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "rows", "said"),
    [
        ("sejours", {"a": []}, "table inconnue «sejours» ; «sejour» ?"),
        ("sejour", {**TABLES["sejour"], "date_sorti": [None, None]}, "colonne inconnue «date_sorti» ; «date_sortie» ?"),
        ("sejour", {"sejour_id": ["S1"]}, "colonne obligatoire «date_entree» absente"),
        ("sejour", {"sejour_id": ["S1"], "usager_id": []}, "listes d'une même longueur"),
        ("sejour", {"sejour_id": "S1"}, "chaque colonne est une liste"),
        ("sejour", [("S1",)], "une table Arrow ou un dictionnaire de colonnes attendu"),
        ("evenement", TABLES["usager"], "colonne inconnue «usager_id»"),
    ],
)
def test_what_is_no_canonical_table_is_refused_by_name(vendor, table, rows, said):
    vendor.tables[table] = rows
    with pytest.raises(AdapterError) as refused:
        vendor.run()
    assert said in str(refused.value) and "module_essai:Essai" in str(refused.value)
    assert not vendor.lot.exists()


def test_a_required_table_is_yielded_or_declared_not_supplied(vendor):
    del vendor.tables["mise_a_jour"]
    with pytest.raises(AdapterError, match=r"table\.mise_a_jour : table obligatoire"):
        vendor.run()
    vendor.keys["non_fourni"] = [*LOT["non_fourni"], "mise_a_jour"]
    assert vendor.run().exit_code == 0


def test_a_manifest_key_that_nothing_gives_is_named(vendor):
    del vendor.keys["editeur"]
    with pytest.raises(AdapterError, match="clé «editeur» manquante"):
        vendor.run()
    assert vendor.run(lot_set={"editeur": "Autre"}).exit_code == 0


def test_a_failure_of_its_code_is_told_by_line_without_its_words(vendor):
    vendor.body = 'raise ValueError("Mme DURAND")'
    with pytest.raises(AdapterError) as refused:
        vendor.run()
    assert "ValueError, module_essai.py ligne" in str(refused.value) and "DURAND" not in str(refused.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('essai = "absent:Essai"', "introuvable (ModuleNotFoundError)"),
        ('essai = "module_essai:Autre"', "introuvable (AttributeError)"),
        ('essai = "module_essai:fonction"', "une classe avec une méthode «tables(self, sources)» attendue"),
        ('un = "a:B"\ndeux = "c:D"', "plusieurs adaptateurs (un, deux)"),
    ],
)
def test_an_entry_that_leads_to_no_adapter_is_refused(tmp_path, entry, said):
    (tmp_path / "module_essai.py").write_text("def fonction():\n    pass\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(f'[project.entry-points."{python_adapter.GROUP}"]\n{entry}\n', "utf-8")
    with pytest.raises(AdapterError) as refused:
        load(tmp_path)
    assert said in str(refused.value)


# -- how it is found -------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example distribution on the path, with the metadata that an installation leaves."""
    place = tmp_path / "site"
    about = place / "esms_exemple_plugin-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: esms-exemple-plugin\nVersion: 1.0\nSummary: Registre\n", encoding="utf-8"
    )
    (about / "entry_points.txt").write_text(
        f"[{python_adapter.GROUP}]\nexemple_plugin = exemple_plugin:Registre\n", encoding="utf-8"
    )
    (place / "exemple_plugin.py").write_bytes((EXEMPLE / "exemple_plugin.py").read_bytes())
    monkeypatch.syspath_prepend(str(place))
    yield place
    sys.modules.pop("exemple_plugin", None)


def test_an_installed_adapter_is_listed_and_imports_by_its_name(installed, tmp_path):
    (found,) = [one for one in discover() if one.nom == "exemple_plugin"]
    assert (found.titre, found.version, found.distribution) == ("Registre", "1.0", "esms-exemple-plugin")
    assert "exemple_plugin" not in sys.modules, "listing imports nothing"
    assert import_lot([EXEMPLE / "sample"], "exemple_plugin", tmp_path / "lot").exit_code == 0


def test_two_distributions_of_one_name_are_refused(installed, tmp_path):
    again = installed / "autre-2.0.dist-info"
    again.mkdir()
    (again / "METADATA").write_text("Metadata-Version: 2.1\nName: autre\nVersion: 2.0\n", encoding="utf-8")
    (again / "entry_points.txt").write_text(f"[{python_adapter.GROUP}]\nexemple_plugin = autre:X\n", encoding="utf-8")
    with pytest.raises(AdapterError, match=r"ESMS-E231.*autre \(autre:X\), esms-exemple-plugin"):
        load("exemple_plugin")


def test_an_unknown_name_is_told_with_the_nearest_installed_one(installed):
    with pytest.raises(AdapterError, match="exemple_plugin"):
        load("exemple_plugi")


def test_the_example_installs_without_network_and_is_found(tmp_path):
    pytest.importorskip("hatchling")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    where = tmp_path / "site"
    command = [*pip, "--no-build-isolation", "--no-deps", "--target", str(where), str(_copied(tmp_path))]
    subprocess.run(command, check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(where)}
    code = (
        "from esms_sdk.adapter import discover, import_lot; import sys\n"
        "assert 'exemple_plugin' in [one.nom for one in discover()]\n"
        "sys.exit(import_lot([__import__('pathlib').Path(sys.argv[1])], 'exemple_plugin',"
        " __import__('pathlib').Path(sys.argv[2])).exit_code)"
    )
    arguments = [sys.executable, "-c", code, str(EXEMPLE / "sample"), str(tmp_path / "lot")]
    subprocess.run(arguments, check=True, env=environment)
    assert not list(where.rglob("test_*.py"))


def _copied(folder: Path) -> Path:
    """Copy the distribution: a build leaves its marks beside what it builds."""
    import shutil

    return Path(shutil.copytree(EXEMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__", "build")))
