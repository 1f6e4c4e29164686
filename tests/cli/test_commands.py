"""The commands from end to end on the hand-worked lot: files, stdout, exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from esms_sdk.cli import main
from tests.cli.environment import poor_environment

MICRO_LOT = Path(__file__).resolve().parent.parent / "data" / "micro_lot"
EHPAD, SSIAD, IME = "000000117", "000000125", "000000133"
FORMATS = {f"indicateurs.{suffix}" for suffix in ("json", "csv", "xlsx", "html")} | {"measurereport.json"}


@pytest.fixture(autouse=True)
def lot(tmp_path, monkeypatch):
    """A copy of the hand-worked lot, in a folder of its own where the command runs."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(MICRO_LOT / "lot", tmp_path / "lot"))


def _indicators(*more: str, out: str = "out") -> int:
    return main(["indicators", "lot", "--measured-on", "2025-09-30", "--out", out, *more])


def _document(out: str = "out") -> dict[str, object]:
    return json.loads(Path(out, "indicateurs.json").read_text(encoding="utf-8"))


def _edit(lot: Path, table: str, before: str, after: str) -> None:
    path = lot / f"{table}.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8", newline="\n")


def _set(lot: Path, **values: object) -> None:
    path = lot / "manifeste.json"
    document = {**json.loads(path.read_text(encoding="utf-8")), **values}
    path.write_text(json.dumps(document), encoding="utf-8")


def test_the_hand_worked_lot_is_complete_and_every_format_is_written(capsys):
    assert _indicators() == 0
    assert {path.name for path in Path("out").iterdir()} == FORMATS
    shown = capsys.readouterr()
    assert "66.7 % (8/12)" in shown.out and "out/indicateurs.html" in shown.out.replace("\\", "/")
    assert shown.err == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "mois_ecoule_periode"),
        (("--denominator", "annuelle"), "mois_ecoule_annuelle"),
        (("--events", "sans_borne"), "mois_ecoule_sans_borne"),
        (("--first-measure",), "premiere_mesure"),
        (("--definition", "trois_mois", "--measured-on", "2025-10-01"), "trois_mois"),
    ],
)
def test_each_option_gives_the_hand_worked_figures(options, expected):
    _indicators(*options)
    golden = json.loads((MICRO_LOT / "expected" / f"indicateurs_{expected}.json").read_text(encoding="utf-8"))
    figures = ("numerateur", "denominateur", "taux", "cible", "etat", "motif", "valeur")
    for found, wanted in zip(_document()["etablissements"], golden["etablissements"], strict=True):
        for name, indicator in wanted["indicateurs"].items():
            for key in figures:
                if key in indicator:
                    assert found["indicateurs"][name][key] == indicator[key], (found["finess_et"], name, key)


def test_stdout_as_json_is_the_document_of_the_file(capsys):
    assert _indicators("--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == _document()


def test_only_the_finess_asked_for_are_in_the_output_totals_and_exit_code_included():
    assert _indicators("--finess", EHPAD) == 0
    assert [one["finess_et"] for one in _document()["etablissements"]] == [EHPAD]
    assert _document()["totaux"]["nb_dui_actifs"] == 8
    assert _indicators("--finess", IME, out="nobody") == 3


def test_a_finess_outside_of_the_perimeter_is_wrong_use(capsys):
    assert _indicators("--finess", "000000999") == 2
    assert "000000999" in capsys.readouterr().err
    assert not Path("out").exists()


def test_without_its_send_log_mss_and_dmp_are_indeterminate_and_the_code_stays_0(lot):
    (lot / "envoi.csv").unlink()
    assert _indicators() == 0
    indicators = _document()["etablissements"][0]["indicateurs"]
    told = {name: (indicators[name]["etat"], indicators[name]["motif"]) for name in ("taux_mssante", "taux_dmp")}
    assert set(told.values()) == {("INDETERMINEE", "DONNEE_NON_FOURNIE")}


def test_a_dui_indicator_without_its_data_is_3(lot):
    (lot / "evenement.csv").write_text((lot / "evenement.csv").read_text(encoding="utf-8").splitlines()[0] + "\n")
    _set(lot, non_fourni=["evenement"])
    assert _indicators() == 3
    assert _document()["etablissements"][0]["indicateurs"]["taux_evenement_agenda"]["motif"] == "DONNEE_NON_FOURNIE"


def test_an_empty_perimeter_is_3(lot):
    _set(lot, perimetre=[])
    assert _indicators() == 3
    assert _document()["etablissements"] == []


def test_a_broken_lot_is_2_with_every_fault_and_no_output(lot, capsys):
    _edit(lot, "sejour", "date_entree", "date_dentree")
    _edit(lot, "dossier", "2", "deux")
    assert _indicators() == 2
    told = capsys.readouterr().err
    assert "sejour.csv" in told and "dossier.csv" in told
    assert not Path("out").exists()


def test_no_lot_at_all_is_2(capsys):
    assert main(["indicators", "absent", "--measured-on", "2025-09-30", "--out", "out"]) == 2
    assert "absent" in capsys.readouterr().err


def test_an_existing_output_is_replaced_only_with_force():
    assert _indicators() == 0
    first = _document()
    assert _indicators("--denominator", "annuelle") == 2
    assert _document() == first
    assert _indicators("--denominator", "annuelle", "--force") == 0
    assert _document() != first


def test_the_first_measure_of_three_months_is_wrong_use():
    assert _indicators("--definition", "trois_mois", "--first-measure") == 2


def test_the_same_measure_gives_the_same_bytes():
    _indicators()
    _indicators(out="again")
    for name in FORMATS:
        assert Path("out", name).read_bytes() == Path("again", name).read_bytes(), name


def test_the_work_list_is_written_apart_and_only_when_asked_for():
    _indicators("--worklist")
    lines = Path("out", "interne", "a_completer.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "finess_et;usager_id;etat;motif"
    assert any(line.startswith(f"{EHPAD};P07;a_corriger;") for line in lines)


def test_a_comparison_names_each_difference_by_its_reason():
    _indicators()
    _indicators("--denominator", "annuelle", "--compare", "out/indicateurs.json", out="later")
    lines = Path("later", "comparaison.csv").read_text(encoding="utf-8-sig").splitlines()
    rates = [line for line in lines if line.split(";")[2] == "taux_dossiers_actifs"]
    assert rates and all("LECTURE" in line for line in rates)


def test_by_ej_adds_the_managing_bodies(capsys):
    assert _indicators("--by", "ej") == 0
    assert "Par FINESS juridique" in capsys.readouterr().out


def test_an_amenagement_of_the_configuration_changes_a_target():
    Path("esms.toml").write_text(
        f'[[amenagement]]\nfiness_et = "{EHPAD}"\nindicateur = "taux_dmp"\ncible = 25\nreference = "d"\n',
        encoding="utf-8",
    )
    _indicators()
    found = _document()["etablissements"][0]["indicateurs"]["taux_dmp"]
    assert (found["cible"], found["etat"]) == (25, "ATTEINTE")


def test_an_explanation_gives_formula_bounds_and_who_counts(capsys):
    words = ["explain", "lot", "--measured-on", "2025-09-30", "--finess", EHPAD, "--indicator", "taux_dossiers_actifs"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "2025-09-01" in text and "8 / 12" in text and "P07" in text
    assert main([*words, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    counted = sum(one["nombre"] for one in document["groupes"] if one["etat"] in ("numerateur", "denominateur"))
    assert counted == document["chiffre"]["denominateur"] == 12


def test_an_unknown_indicator_or_finess_is_wrong_use():
    words = ["explain", "lot", "--measured-on", "2025-09-30"]
    assert main([*words, "--finess", EHPAD, "--indicator", "taux"]) == 2
    assert main([*words, "--finess", "1", "--indicator", "taux_dmp"]) == 2


def test_the_adapters_are_listed_with_their_folder(capsys):
    assert main(["adapter", "list", "--format", "json"]) == 0
    found = {one["nom"]: one for one in json.loads(capsys.readouterr().out)}
    assert {"csv_generique", "soleo"} <= set(found)
    assert all(Path(one["dossier"], "adapter.toml").is_file() for one in found.values())


def test_a_generated_world_is_a_lot_whose_indicators_can_be_computed(capsys):
    assert main(["sample", "generate", "--persons", "300", "--out", "monde"]) == 0
    assert main(["indicators", "monde", "--measured-on", "2025-12-31", "--out", "out"]) == 0
    assert main(["sample", "generate", "--persons", "300", "--out", "encore", "--quiet"]) == 0
    capsys.readouterr()
    for path in Path("monde").iterdir():
        assert path.read_bytes() == Path("encore", path.name).read_bytes()


def test_the_program_ends_with_its_code_and_speaks_any_encoding(lot):
    environment = poor_environment()
    command = [sys.executable, "-m", "esms_sdk", "indicators", "lot", "--measured-on", "2025-09-30", "--out", "out"]
    done = subprocess.run(command, capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"+ cible atteinte" in done.stdout and b"indetermine" in done.stdout
    assert subprocess.run([*command, "--definition", "x"], capture_output=True, env=environment).returncode == 2


@pytest.mark.parametrize("words", [("indicators", "--measured-on"), ("dashboard", "--as-of")], ids=lambda one: one[0])
def test_who_counts_loads_no_check_and_no_signature(words, lot):
    command, date = words
    code = (
        "import sys; from esms_sdk.cli import main\n"
        f"main(['{command}', 'lot', '{date}', '2025-09-30', '--out', 'out', '--quiet'])\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "esms_sdk.lot" in done.stderr
    assert not {"esms_sdk.conformance", "esms_sdk.checks", "cryptography", "lxml", "typst"} & set(done.stderr.split())
