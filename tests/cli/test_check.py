"""``esms check`` from end to end: exit codes, stdout, files; every run in process."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from esms_sdk import conformance
from esms_sdk.cli import main
from esms_sdk.cli.check import REPORTS
from esms_sdk.report import REPORTS as WRITTEN
from tests.report import world

MICRO_LOT = Path(__file__).resolve().parent.parent / "data" / "micro_lot" / "lot"
FILES = ["conformite.csv", "conformite.html", "conformite.json", "junit.xml", "matrice.xlsx"]


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def invented(monkeypatch):
    """The invented catalogue in place of ours."""
    asked = partial(conformance.Asked, requirements=world.CATALOGUE, checks=world.CHECKS)
    monkeypatch.setattr(conformance, "Asked", asked)


def _lot(*colours: str) -> None:
    world.lot(Path("lot"), [{"nom_utilise": colour} for colour in colours] or [{}])


def _micro() -> Path:
    return Path(shutil.copytree(MICRO_LOT, "lot"))


@pytest.mark.usefixtures("invented")
class TestExitCodes:
    def test_0_where_all_that_is_mandatory_is_met(self, capsys):
        _lot("")
        assert main(["check", "lot"]) == 0
        assert capsys.readouterr().out.startswith("conforme 4, non_conforme 0, ")

    def test_1_where_a_mandatory_requirement_is_not(self, capsys):
        _lot("ROUGE")
        assert main(["check", "lot"]) == 1
        assert "ESMS-DONNEES-90" in capsys.readouterr().out

    def test_3_where_nothing_failed_but_something_is_unknown(self):
        _lot("")
        Path("lot/envoi.csv").unlink()
        assert main(["check", "lot"]) == 3

    def test_require_declarations_makes_what_nobody_declared_a_3(self):
        _lot("")
        assert main(["check", "lot", "--require-declarations"]) == 3

    def test_4_where_the_program_itself_fails(self, monkeypatch, capsys):
        _lot("")
        monkeypatch.setattr(conformance, "run", lambda asked: 1 // 0)
        assert main(["check", "lot"]) == 4
        assert "ZeroDivisionError" in capsys.readouterr().err

    def test_a_known_finding_is_0_and_a_new_one_1(self):
        _lot("ROUGE")
        assert main(["check", "lot", "--report", "csv", "--out", "r"]) == 1
        assert main(["check", "lot", "--baseline", "r/conformite.csv"]) == 0
        shutil.rmtree("lot")
        _lot("ROUGE", "ROUGE")
        assert main(["check", "lot", "--baseline", "r/conformite.csv"]) == 1


class TestRealCatalogue:
    def test_a_lot_without_a_row_is_3(self):
        lot = _micro()
        for table in lot.glob("*.csv"):
            head = table.read_text(encoding="utf-8").splitlines()[0]
            table.write_text(head + "\n", encoding="utf-8")
        manifest = json.loads((lot / "manifeste.json").read_text(encoding="utf-8"))
        (lot / "manifeste.json").write_text(json.dumps({**manifest, "perimetre": []}), encoding="utf-8")
        assert main(["check", "lot"]) == 3

    def test_a_missing_table_is_3_and_names_it(self, capsys):
        (_micro() / "sejour.csv").unlink()
        assert main(["check", "lot"]) == 3
        assert "sejour" in capsys.readouterr().out

    def test_a_corrupt_parquet_file_is_3(self, capsys):
        lot = _micro()
        (lot / "mise_a_jour.csv").unlink()
        (lot / "mise_a_jour.parquet").write_bytes(b"PAR1" + bytes(64) + b"PAR1")
        assert main(["check", "lot"]) == 3
        assert "mise_a_jour.parquet" in capsys.readouterr().out

    def test_a_folder_that_is_no_lot_is_3(self):
        Path("lot").mkdir()
        assert main(["check", "lot"]) == 3

    def test_an_unreadable_lot_with_waivers_is_still_3(self):
        (_micro() / "sejour.csv").unlink()
        one = next(one for one in conformance.catalogue().values() if one.derogeable and one.methode == "auto")
        world.write(Path("ecarts.toml"), world.waiver(one.id, expire_le="2031-01-01"))
        assert main(["check", "lot", "--waivers", "ecarts.toml"]) == 3

    def test_a_wrong_profile_is_2_and_names_the_right_ones(self, capsys):
        _micro()
        assert main(["check", "lot", "--profile", "pa-ph-dom-vague9"]) == 2
        assert "pa-ph-dom-vague1" in capsys.readouterr().err

    def test_the_hand_worked_lot_breaks_no_check(self, capsys):
        _micro()
        main(["check", "lot", "--mode", "test", "--format", "json"])
        document = json.loads(capsys.readouterr().out)
        assert [o["id"] for o in document["exigences"] if "erreur interne" in o.get("motif", "")] == []


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["check", "absent"],
        ["check", "lot/sejour.csv"],
        ["check", "lot", "--mode", "essai"],
        ["check", "lot", "--report", "junit"],
        ["check", "lot", "--report", "pdf", "--out", "r"],
        ["check", "lot", "--waivers", "absent.toml"],
        ["check", "lot", "--declarations", "absent.toml"],
        ["check", "lot", "--baseline", "absent.csv"],
        ["check", "lot", "--order", "absent.toml"],
    ],
    ids=lambda words: " ".join(words),
)
def test_wrong_use_is_2_and_writes_nothing(words, capsys):
    _lot("")
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and "[ESMS-E1" in shown.err and not Path("r").exists()


@pytest.mark.usefixtures("invented")
class TestFiles:
    def test_the_reports_asked_for_are_written_beside_the_document(self, capsys):
        _lot("ROUGE")
        assert main(["check", "lot", "--report", "junit,html,csv,xlsx", "--out", "r"]) == 1
        assert sorted(path.name for path in Path("r").iterdir()) == FILES
        assert capsys.readouterr().out.splitlines()[-5:] == [
            str(Path("r", n)) for n in ["conformite.json", *WRITTEN.values()]
        ]

    def test_without_reports_out_holds_the_document_and_without_out_nothing_is_written(self):
        _lot("")
        assert main(["check", "lot", "--out", "r"]) == 0
        assert [path.name for path in Path("r").iterdir()] == ["conformite.json"]
        assert main(["check", "lot"]) == 0
        assert sorted(path.name for path in Path().iterdir()) == ["lot", "r"]

    def test_stdout_in_json_is_the_document(self, capsys):
        _lot("ROUGE")
        assert main(["check", "lot", "--format", "json", "--out", "r"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert told == json.loads(Path("r/conformite.json").read_text(encoding="utf-8"))

    def test_an_existing_report_is_replaced_only_with_force_and_a_failure_leaves_it(self, monkeypatch):
        _lot("")
        assert main(["check", "lot", "--out", "r"]) == 0
        before = Path("r/conformite.json").read_bytes()
        assert main(["check", "lot", "--out", "r", "--mode", "test"]) == 2
        monkeypatch.setattr("esms_sdk.report.junit.write_junit", lambda path, result: 1 // 0)
        assert main(["check", "lot", "--out", "r", "--report", "junit", "--force"]) == 4
        assert [(p.name, p.read_bytes()) for p in Path("r").iterdir()] == [("conformite.json", before)]

    def test_two_runs_give_the_same_bytes(self):
        _lot("ROUGE")
        for _ in range(2):
            main(["check", "lot", "--report", "junit,html,csv,xlsx", "--out", "r", "--force"])
            seen = {path.name: path.read_bytes() for path in Path("r").iterdir()}
            Path("r").rename(f"r{len(list(Path().iterdir()))}")
        assert seen == {path.name: path.read_bytes() for path in next(p for p in Path().glob("r*")).iterdir()}

    def test_the_command_line_is_told_without_the_folders_of_whoever_ran_it(self, tmp_path, capsys):
        _lot("")
        world.write(Path("ecarts.toml"), world.waiver())
        words = [
            "check",
            str(tmp_path / "lot"),
            "--waivers",
            str(tmp_path / "ecarts.toml"),
            "--out",
            str(tmp_path / "r"),
        ]
        assert main([*words, "--report", "junit,html,csv,xlsx", "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)["ligne_de_commande"]
        assert told == "esms check lot --mode production --waivers ecarts.toml --report junit,html,csv,xlsx"
        assert [p.name for p in Path("r").iterdir() if str(tmp_path).encode() in p.read_bytes()] == []


def test_the_reports_of_the_help_are_those_that_can_be_written():
    assert tuple(WRITTEN) == REPORTS


@pytest.mark.usefixtures("invented")
def test_the_options_may_stand_in_the_configuration():
    _lot("ROUGE")
    world.write(Path("esms.toml"), '[check]\nreport = "junit,csv"\nout = "r"\nwaivers = "ecarts.toml"\n')
    world.write(Path("ecarts.toml"), world.waiver())
    assert main(["check", "lot"]) == 0
    assert sorted(path.name for path in Path("r").iterdir()) == ["conformite.csv", "conformite.json", "junit.xml"]
