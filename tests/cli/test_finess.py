"""``esms finess``: what is printed, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esms_sdk.cli import main
from tests.finess.feeds import CLOSED, EHPAD, EJ, OTHER_EJ, usual, write


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A user without a reference, in a folder of their own."""
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "f.json", usual())


def test_the_users_own_reference_is_made_then_asked(capsys):
    assert main(["finess", "update", "--file", "f.json"]) == 0
    assert "2 organismes, 4 établissements dont 1 fermés" in capsys.readouterr().out
    assert len(list(Path("home").rglob("finess.sqlite"))) == 1
    assert main(["finess", "show", EHPAD]) == 0
    shown = capsys.readouterr()
    assert "Maison des Tilleuls" in shown.out and "groupe 4400" in shown.out and "2025-08-13" in shown.out
    assert shown.err == ""


def test_an_establishment_shows_its_findings(capsys):
    main(["finess", "update", "--file", "f.json", "--quiet"])
    assert main(["finess", "show", CLOSED, "--ej", EJ, "--period", "2025-07-01", "2025-07-31"]) == 0
    text = capsys.readouterr().out
    assert "fermé depuis le 2025-06-30" in text and "F5 ERREUR" in text and "F7 ERREUR" in text


def test_the_json_says_the_same(capsys):
    main(["finess", "update", "--file", "f.json", "--reference", "r.sqlite", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["etablissements"] == 4
    assert main(["finess", "show", "000 012 021", "--reference", "r.sqlite", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["genre"], document["etat"], document["fermeture"]) == ("ET", "ferme", "2025-06-30")
    assert document["organisme"] == {"finess_ej": OTHER_EJ, "nom": "Association"}
    assert document["categorie"]["groupe"] == "4400" and document["constats"] == []
    assert main(["finess", "show", OTHER_EJ, "--reference", "r.sqlite", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["genre"], document["etablissements"]) == ("EJ", {"total": 2, "ouverts": 1})


def test_a_number_that_the_reference_does_not_know_is_3(capsys):
    main(["finess", "update", "--file", "f.json"])
    assert main(["finess", "show", "750712184"]) == 3
    assert "F4 ERREUR" in capsys.readouterr().out


def test_the_embedded_extract_says_what_it_is(capsys):
    assert main(["finess", "show", "000012013"]) == 0
    shown = capsys.readouterr()
    assert "extrait inventé, pas le référentiel" in shown.out and "esms finess update" in shown.err
    assert main(["finess", "show", "750712184"]) == 2
    assert "pas de référentiel" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "12"], "ESMS-E140"),
        (["show", "000000118"], "ESMS-E140"),
        (["show", EHPAD, "--ej", "1"], "ESMS-E140"),
        (["show", EHPAD, "--reference", "absent.sqlite"], "ESMS-E141"),
        (["show", EHPAD, "--reference", "f.json"], "ESMS-E375"),
        (["show", EHPAD, "--period", "2025-02-01", "2025-01-01"], "inversée"),
        (["show", EHPAD, "--period", "2025-02-01"], "--period"),
        (["update", "--file", "absent.json"], "ESMS-E371"),
        (["update", "--url", "ici"], "ESMS-E144"),
        (["update", "--file", "f.json", "--reference", "f.json"], "ESMS-E501"),
        (["update", "--timeout", "0"], "--timeout"),
        (["update", "--retries", "-1"], "--retries"),
    ],
)
def test_wrong_use_is_2_and_says_so(words, said, capsys):
    before = Path("f.json").read_bytes()
    assert main(["finess", *words]) == 2
    assert said in capsys.readouterr().err
    assert Path("f.json").read_bytes() == before and not list(Path("home").rglob("*"))


def test_the_place_of_the_reference_stands_in_the_configuration_for_both_actions(capsys):
    Path("esms.toml").write_text('[finess]\nreference = "ref.sqlite"\nperiod = "x"\n', encoding="utf-8")
    assert main(["finess", "update", "--file", "f.json"]) == 2
    Path("esms.toml").write_text('[finess]\nreference = "ref.sqlite"\nmax-size = 500\n', encoding="utf-8")
    assert main(["finess", "update", "--file", "f.json"]) == 0
    assert Path("ref.sqlite").is_file()
    assert main(["finess", "show", EHPAD]) == 0
    assert main(["finess", "show", EHPAD, "--reference", "absent"]) == 2
