"""The kit: each check holds of a good adapter, and fails of one that is broken in exactly that way."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from esms_sdk import content
from esms_sdk.adapter import kit as kits
from esms_sdk.adapter.kit import Kit
from esms_sdk.errors import AdapterError
from esms_sdk.testing import Lacking, adapter_tests, examine
from esms_sdk.testing.examination import lacking as lacking_of
from tests.adapter.conftest import Export

ADAPTERS = content.folder("adapters")
OURS = ("csv_generique", "tddui_fhir", "tddui_cda")
# Their samples are large: tests/sample imports them once and holds every row, reject and figure.
VENDORS = ("soleo", "hestia", "mediadom")
# Those that need no second import: «esms adapter check» runs all of them.
OF_ONE_IMPORT = ("tables_chargees", "rejets_expliques", "codes_connus", "tables_attendues")
SECRET = "LEFEBVRE-INVENTE"

Change = Callable[[Export], None]


def _written(folder: Path, change: Change | None = None) -> Path:
    """Write the adapter of the fixture's export with that export as its sample; return its folder."""
    export = Export(folder)
    export.files["res.csv"] = f"ID;NOM;GENRE\nU1;{SECRET};F\nU2;Étienne;M\n"
    export.column("usager", "nom_utilise", '"NOM"')
    export.column("usager", "sexe", '{ colonne = "GENRE", codes = { "F" = "F", "M" = "M" } }')
    if change:
        change(export)
    export.write()
    shutil.copytree(export.folder, export.adapter / "sample")
    return export.adapter


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """A good adapter, with what its sample must give."""
    folder = _written(tmp_path_factory.mktemp("bon"))
    with Kit(folder) as kit:
        kit.update()
    return folder


@pytest.fixture
def changed(good, tmp_path):
    """Make an adapter that is not the good one any more, of which what the good one gave is expected."""

    def make(change: Change | None = None) -> Path:
        folder = _written(tmp_path, change)
        shutil.copytree(good / "expected", folder / "expected")
        return folder

    return make


def _file(name: str, old: str, new: str) -> Change:
    def change(export: Export) -> None:
        text = export.files[name]
        assert isinstance(text, str) and old in text
        export.files[name] = text.replace(old, new)

    return change


def _table(name: str, old: str, new: str) -> Change:
    def change(export: Export) -> None:
        assert old in export.tables[name]
        export.tables[name] = export.tables[name].replace(old, new)

    return change


# A check, how the adapter is broken, and what is said of it.
BROKEN: Sequence[tuple[str, Change, str]] = [
    (
        "tables_chargees",
        _table("sejour", 'date_entree = "ENTREE"', 'date_entree = { colonne = "ENTREE", formats = ["%d/%m/%Y"] }'),
        "table «sejour» : aucune ligne de l'échantillon n'est acceptée (rejets : TYPE_INVALIDE)",
    ),
    ("rejets_expliques", _file("sej.csv", "2025-02-03", "2025-02-31"), "rejet non attendu : source sej.csv, ligne 3"),
    ("codes_connus", _file("res.csv", ";M\n", ";X\n"), "libellé inconnu non attendu : source res.csv, colonne GENRE"),
    (
        "tables_attendues",
        _file("sej.csv", "2025-08-29", "2025-08-30"),
        "table «sejour» : 1 modifiée ; colonnes date_sortie (1) ; clés S2…",
    ),
    ("tables_attendues", _file("log.csv", "D1;", "D2;"), "table «mise_a_jour» : 1 ajoutée, 1 retirée"),
    (
        "memes_octets",
        _table("usager", 'nom_utilise = "NOM"', 'nom_utilise = { sql = "cast(uuid() as varchar)" }'),
        "usager.parquet diffère d'un import à l'autre",
    ),
    # «Ã©» in Windows-1252 is «é» in UTF-8, and is read so.
    ("encodages", _file("res.csv", "Étienne", "Ã©tienne"), "l'échantillon en Windows-1252 donne un autre lot"),
    (
        "ordre_des_lignes",
        _table("usager", 'nom_utilise = "NOM"', 'nom_utilise = { sql = "cast(_r as varchar)" }'),
        "les lignes des sources à l'envers donnent un autre lot",
    ),
]


@pytest.mark.parametrize(("name", "change", "said"), BROKEN, ids=[f"{name}-{i}" for i, (name, *_) in enumerate(BROKEN)])
def test_a_check_fails_of_an_adapter_that_is_broken_so(changed, name, change, said):
    with Kit(changed(change)) as kit:
        outcome = kit.outcome(name)
    assert outcome.failed and outcome.remede
    assert any(detail.startswith(said) for detail in outcome.details), outcome.details
    assert not any(SECRET in detail for detail in outcome.details)


def test_a_lot_that_does_not_hold_the_contract_is_found_row_by_row(changed):
    with Kit(changed()) as kit:
        place = kit.lot.path
        (place / "mise_a_jour.parquet").unlink()
        (place / "mise_a_jour.csv").write_text(
            "dossier_id;date_maj;origine\nD9;2025-09-10;UTILISATEUR\n", encoding="utf-8"
        )
        outcome = kit.outcome("cles_et_references")
    assert outcome.failed and any("dossier_id" in detail for detail in outcome.details)


def test_a_reject_that_was_expected_and_is_gone_is_told(changed):
    folder = changed()
    path = folder / "expected" / "rejets.csv"
    path.write_text(
        path.read_text(encoding="utf-8") + "sej.csv;3;sejour;S2;date_entree;TYPE_INVALIDE\n", encoding="utf-8"
    )
    with Kit(folder) as kit:
        (detail,) = kit.outcome("rejets_expliques").details
    assert detail.startswith("rejet attendu, absent : source sej.csv, ligne 3")


def test_counts_that_nothing_is_compared_with_and_a_source_that_is_gone_are_told(changed):
    folder = changed()
    path = folder / "expected" / "import.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["sources"]["partie.csv"] = told["sources"]["sej.csv"]
    path.write_text(json.dumps(told), encoding="utf-8")
    with Kit(folder) as kit:
        assert kit.outcome("rejets_expliques").details == ("partie.csv : source attendue, absente",)
    path.unlink()
    with Kit(folder) as kit:
        assert kit.outcome("rejets_expliques").details[0].startswith("expected/import.json manque")


def test_an_adapter_without_anything_expected_does_not_pass_by_silence(tmp_path):
    with Kit(_written(tmp_path)) as kit:
        assert kit.outcome("tables_attendues").details == ("le dossier «expected» ne dit rien d'aucune table",)


def test_a_difference_that_is_accepted_has_its_reason_and_does_not_fail(changed):
    folder = changed(_file("sej.csv", "2025-08-29", "2025-08-30"))
    (folder / "kit.toml").write_text('[derogations]\ntables_attendues = "vu avec le client"\n', encoding="utf-8")
    with Kit(folder) as kit:
        outcome = kit.outcome("tables_attendues")
    assert (outcome.etat, outcome.details[0], outcome.failed) == (kits.WAIVED, "vu avec le client", False)


# -- what is expected ------------------------------------------------------------------------------------------------


def test_update_makes_what_is_given_what_is_expected_and_says_what_moved(changed):
    folder = changed(_file("sej.csv", "2025-08-29", "2025-08-30"))
    found = examine(folder, update=True)
    assert found.held
    assert found.changes == ("table «sejour» : 1 modifiée ; colonnes date_sortie (1) ; clés S2…",)
    before = {path: path.read_bytes() for path in (folder / "expected").rglob("*") if path.is_file()}
    with Kit(folder) as kit:
        assert kit.changes() == []
        kit.update()
    assert {path: path.read_bytes() for path in (folder / "expected").rglob("*") if path.is_file()} == before


def test_update_says_which_rejects_and_labels_it_accepts(changed):
    found = examine(changed(_file("sej.csv", "2025-08-29", "2025-08-99")), update=True)
    assert found.held
    assert any(change.startswith("rejet non attendu : source sej.csv") for change in found.changes)


def test_a_lot_that_an_earlier_sdk_gave_otherwise_is_shown_as_a_difference(changed):
    """What an upgrade would do: the tables of «expected» are those of another version."""
    folder = changed()
    path = folder / "expected" / "lot" / "dossier.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2025-02-03", "2025-02-04"), encoding="utf-8")
    with Kit(folder) as kit:
        assert kit.changes() == ["table «dossier» : 1 modifiée ; colonnes date_creation (1) ; clés D2…"]


# -- what is lacking -------------------------------------------------------------------------------------------------


def _lacking(folder: Path) -> Lacking:
    with Kit(folder) as kit:
        return lacking_of(kit.lot, set(kit.adapter.tables))


def test_what_an_adapter_lacks_is_told_with_the_indicators_that_it_costs(good):
    lacking = _lacking(good)
    assert {"evenement", "envoi", "statut_projet"} <= set(lacking.tables)
    assert {"usager.date_naissance", "dossier.date_archivage"} <= set(lacking.colonnes)
    assert lacking.indicateurs["taux_evenement_agenda"] == ("evenement",)
    assert lacking.indicateurs["taux_projet_personnalise"] == ("projet_personnalise", "statut_projet")
    assert "taux_dossiers_actifs" not in lacking.indicateurs


def test_a_required_column_that_is_not_supplied_costs_its_indicators(changed):
    """``projet_applicable`` has a default; declared lacking, MSSanté and DMP are not to be computed from it."""

    def declare(export: Export) -> None:
        listed = json.loads(export.keys["non_fourni"])
        export.keys["non_fourni"] = json.dumps([*listed, "sejour.projet_applicable"])

    lacking = _lacking(changed(declare))
    assert "sejour.projet_applicable" in lacking.indicateurs["taux_mssante"]


def test_what_is_filled_and_has_no_example_is_told(changed):
    def empty(export: Export) -> None:
        export.files["res.csv"] = "ID;NOM;GENRE\nU1;;F\nU2;;M\n"

    assert _lacking(changed(empty)).sans_exemple == ("usager.nom_utilise",)


# -- errors ----------------------------------------------------------------------------------------------------------


def _refused(folder: Path) -> str:
    with pytest.raises(AdapterError) as refused, Kit(folder) as kit:
        list(kit.outcomes())
    return refused.value.code


def test_a_folder_that_cannot_be_judged_is_refused_by_code(changed, tmp_path):
    folder = changed()
    settings = folder / "kit.toml"
    for text in ("[derogations", 'inconnu = "x"\n', '[derogations]\nrien = "x"\n'):
        settings.write_text(text, encoding="utf-8")
        assert _refused(folder) == "ESMS-E243"
    settings.unlink()
    (folder / "expected" / "import.json").write_text("{", encoding="utf-8")
    assert _refused(folder) == "ESMS-E241"
    shutil.rmtree(folder / "expected")
    for path in (folder / "sample").iterdir():
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert _refused(folder) == "ESMS-E242"
    shutil.rmtree(folder / "sample")
    assert _refused(folder) == "ESMS-E240"
    assert _refused(tmp_path / "absent") == "ESMS-E204"


def test_keys_of_the_manifest_that_no_export_tells_are_those_of_the_kit(changed):
    def forget(export: Export) -> None:
        del export.keys["editeur"]

    folder = changed(forget)
    assert _refused(folder) == "ESMS-E212"
    (folder / "kit.toml").write_text('[lot_set]\nediteur = "Éditeur inventé"\n', encoding="utf-8")
    with Kit(folder) as kit:
        assert kit.outcome("tables_attendues").etat == kits.HELD


# -- pytest ----------------------------------------------------------------------------------------------------------


def _results(tests: type, *names: str) -> dict[str, str]:
    """Run the tests of a class (or the named ones) as pytest would; return what each says, "" where it passes."""
    said = {}
    one = tests()
    for name in names or [name for name in dir(tests) if name.startswith("test_")]:
        try:
            getattr(one, name)()
            said[name] = ""
        except BaseException as outcome:
            said[name] = f"{type(outcome).__name__}: {outcome}"
    tests.teardown_class()
    return said


def test_every_check_holds_of_a_good_adapter_and_is_a_test_by_one_line(good):
    tests = adapter_tests(good / "sample" / "res.csv")
    assert _results(tests) == {f"test_{name}": "" for name in kits.checks()}


def test_a_test_that_fails_shows_no_record(changed):
    folder = changed(_file("res.csv", SECRET, SECRET + "-MOD"))
    said = _results(adapter_tests(folder), "test_tables_attendues", "test_codes_connus")
    assert said["test_tables_attendues"].startswith("Failed: L'échantillon donne les tables attendues\n")
    assert "colonnes nom_utilise (1)" in said["test_tables_attendues"]
    assert not any(SECRET in text for text in said.values())


def test_an_adapter_that_cannot_be_read_fails_each_test_with_its_code(tmp_path):
    said = _results(adapter_tests(tmp_path))
    assert all(text.startswith("Failed: [ESMS-E2") for text in said.values())


def test_a_class_stands_for_its_folder(monkeypatch):
    monkeypatch.syspath_prepend(str(ADAPTERS / "exemple_plugin"))
    try:
        kind = importlib.import_module("exemple_plugin").Registre
        said = _results(adapter_tests(kind), "test_tables_attendues", "test_encodages")
    finally:
        sys.modules.pop("exemple_plugin", None)
    assert said == {"test_tables_attendues": "", "test_encodages": "Skipped: sans objet"}


# -- the adapters of this repository ---------------------------------------------------------------------------------


def test_the_kit_holds_of_our_example_of_a_python_adapter():
    found = examine(ADAPTERS / "exemple_plugin")
    assert [(one.id, one.details) for one in found.outcomes if one.failed] == []


@pytest.mark.parametrize("name", OURS)
def test_our_adapters_give_what_is_expected_of_them(name):
    with Kit(ADAPTERS / name) as kit:
        outcomes = [kit.outcome(one) for one in OF_ONE_IMPORT]
    assert [(one.id, one.details) for one in outcomes if one.failed] == []


def test_every_adapter_of_the_repository_is_checked():
    found = {path.name for path in ADAPTERS.iterdir() if (path / "sample").is_dir()}
    assert found == {*OURS, *VENDORS, "exemple_plugin"}
