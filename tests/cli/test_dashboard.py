"""``esms dashboard`` from end to end on the hand-worked lot: the file, stdout, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from esms_sdk.cli import main

MICRO_LOT = Path(__file__).resolve().parent.parent / "data" / "micro_lot"
EHPAD = "000000117"


@pytest.fixture(autouse=True)
def lot(tmp_path, monkeypatch):
    """A copy of the hand-worked lot, in a folder of its own where the command runs."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(MICRO_LOT / "lot", tmp_path / "lot"))


def _dashboard(*more: str, out: str = "out", as_of: str = "2025-09-30") -> int:
    return main(["dashboard", "lot", "--as-of", as_of, "--out", out, *more])


def _document(out: str = "out") -> dict[str, object]:
    return json.loads(Path(out, "tableau_de_bord.json").read_text(encoding="utf-8"))


def _set(lot: Path, **values: object) -> None:
    path = lot / "manifeste.json"
    document = {**json.loads(path.read_text(encoding="utf-8")), **values}
    path.write_text(json.dumps(document), encoding="utf-8")


def test_the_hand_worked_figures_are_written_and_shown(capsys):
    assert _dashboard() == 0
    assert sorted(path.suffix for path in Path("out").iterdir()) == [".csv", ".html", ".json", ".xlsx"]
    golden = json.loads((MICRO_LOT / "expected" / "tableau_de_bord_2025-09-30.json").read_text(encoding="utf-8"))
    assert _document()["etablissements"] == golden["etablissements"]
    shown = capsys.readouterr()
    line = next(line for line in shown.out.splitlines() if line.startswith(EHPAD))
    assert line.split() == [EHPAD, "mois_courant", "5", "2", "1", "1", "1"]
    assert "tableau_de_bord.json" in shown.out and shown.err == ""


def test_every_output_says_where_the_definition_comes_from_and_what_it_does_not_replace(capsys):
    assert _dashboard("--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == _document()
    assert list(_document()) == ["schema", "arrete_au", "etablissements", "cours_mensuel", "notes"]
    assert (_document()["schema"], _document()["arrete_au"]) == ("esms-tbb/1", "2025-09-30")
    notes = _document()["notes"]
    assert "n'est pas public" in notes["definition"] and "ne remplace pas" in notes["origine"]
    assert _dashboard("--force") == 0
    shown = capsys.readouterr().out
    assert [note for note in notes.values() if note not in shown] == []


def test_by_ej_adds_the_organisme_and_changes_no_establishment():
    assert (_dashboard(), _dashboard("--by", "ej", out="ej")) == (0, 0)
    document = _document("ej")
    (organisme,) = document.pop("organismes")
    assert document == _document()
    assert (organisme["finess_et"], organisme["finess_ej"]) == (None, "000000018")
    assert organisme["periodes"]["mois_courant"]["dmp"] == {"total": 5, "ins_qualifiee": 5, "ins_non_qualifiee": 0}


def test_without_its_send_log_the_dashboard_is_written_with_nulls_and_the_code_is_3(lot, capsys):
    (lot / "envoi.csv").unlink()
    assert _dashboard() == 3
    month = _document()["etablissements"][0]["periodes"]["mois_courant"]
    assert (month["dmp"]["total"], month["echecs"], month["couverte"]) == (None, {"dmp": None, "mss": None}, False)
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(EHPAD))
    assert line.split()[1:] == ["mois_courant*", "?", "?", "?", "?", "?"]


def test_a_date_that_the_lot_does_not_cover_is_3():
    assert _dashboard(as_of="2031-09-30") == 3


def test_an_empty_perimeter_is_3(lot):
    _set(lot, perimetre=[])
    assert _dashboard() == 3
    assert _document()["etablissements"] == []


def test_a_broken_lot_is_2_with_its_fault_and_no_output(lot, capsys):
    path = lot / "envoi.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(";AJOUT;", ";AJOUTE;", 1), encoding="utf-8")
    assert _dashboard() == 2
    assert "envoi.csv" in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize("as_of", ["2025-02-30", "20250930", "hier"])
def test_a_date_that_cannot_be_read_is_wrong_use(as_of):
    assert _dashboard(as_of=as_of) == 2
    assert not Path("out").exists()


def test_no_lot_at_all_is_2(capsys):
    assert main(["dashboard", "absent", "--as-of", "2025-09-30", "--out", "out"]) == 2
    assert "absent" in capsys.readouterr().err


def test_an_existing_output_is_replaced_only_with_force():
    assert _dashboard() == 0
    first = Path("out", "tableau_de_bord.json").read_bytes()
    assert _dashboard(as_of="2025-09-29") == 2
    assert Path("out", "tableau_de_bord.json").read_bytes() == first
    assert _dashboard("--force", as_of="2025-09-29") == 0
    assert _document()["arrete_au"] == "2025-09-29"
