"""Exit codes and what is said on stderr."""

from __future__ import annotations

import errno
from types import SimpleNamespace

import pytest

from esms_sdk.cli import options, program
from esms_sdk.errors import Fault, LotInvalid

SECRET = "DUPONT Jeanne 2 53 07 2A 073 004 70"


@pytest.fixture
def command(monkeypatch, tmp_path):
    """A command whose behaviour the test gives."""
    monkeypatch.chdir(tmp_path)
    made = SimpleNamespace(
        DESCRIPTION="", EXAMPLES="", EXIT_CODES={}, arguments=options.add_everywhere, run=lambda arguments, terminal: 0
    )
    monkeypatch.setattr(program, "load", lambda name: made)
    return made


def _raising(fault):
    def run(arguments, terminal):
        raise fault

    return run


def test_the_code_of_the_command_is_the_code_of_the_program(command):
    command.run = lambda arguments, terminal: 3
    assert program.main(["demo"]) == 3


def test_what_the_caller_must_act_upon_is_2_with_every_fault_named(command, capsys):
    faults = [
        Fault("ESMS-E401", "date illisible", "sejour.csv", 4, "date_entree"),
        Fault("ESMS-E402", "table inconnue"),
    ]
    command.run = _raising(LotInvalid("ESMS-E400", "le lot a 2 fautes", hint="Corriger.", faults=faults))
    assert program.main(["demo"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "[ESMS-E400] le lot a 2 fautes",
        "  - sejour.csv, ligne 4, colonne «date_entree» : date illisible",
        "  - table inconnue",
        "  → Corriger.",
    ]


def test_a_failure_of_ours_is_4_and_shows_where_but_no_value(command, capsys):
    def run(arguments, terminal):
        try:
            int(SECRET)
        except ValueError as first:
            raise KeyError(SECRET) from first

    command.run = run
    assert program.main(["demo"]) == 4
    shown = capsys.readouterr().err
    assert "Erreur interne d'esms (KeyError)" in shown
    assert "builtins.ValueError" in shown and "test_program.py" in shown
    assert "DUPONT" not in shown and "073" not in shown


def test_the_whole_detail_is_given_on_demand(command, capsys, monkeypatch):
    monkeypatch.setenv("ESMS_DEBUG", "1")
    command.run = _raising(KeyError("détail"))
    assert program.main(["demo"]) == 4
    assert "KeyError: 'détail'" in capsys.readouterr().err


def test_a_full_disk_is_told_without_a_traceback(command, capsys):
    command.run = _raising(OSError(errno.ENOSPC, "No space left on device", "/x/sejour.parquet"))
    assert program.main(["demo"]) == 2
    assert capsys.readouterr().err == "[ESMS-E103] plus de place sur le disque : /x/sejour.parquet\n"


def test_an_interruption_is_130(command):
    command.run = _raising(KeyboardInterrupt())
    assert program.main(["demo"]) == 130


def test_a_command_that_does_not_exist_is_2_and_the_near_one_is_named(capsys):
    assert program.main(["valider", "x"]) == 2
    assert "commande inconnue : valider" in capsys.readouterr().err
    assert program.main(["indicateurs"]) == 2
    assert "Vouliez-vous dire « esms indicators » ?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["indicators"], "il manque : LOT, --out"),
        (["indicators", "lot", "--measured-on", "30/09/2025", "--out", "o"], "date illisible : '30/09/2025'"),
        (["indicators", "lot", "--measured-on", "2025-02-30", "--out", "o"], "date illisible : '2025-02-30'"),
        (
            ["indicators", "lot", "--measured-on", "0001-01-01", "--definition", "trois_mois", "--out", "o"],
            "de 1900 à 2200",
        ),
        (["indicators", "lot", "--series", "9999-12", "9999-12", "--out", "o"], "année hors bornes : '9999-12"),
        (["indicators", "lot", "--series", "0001-01", "0001-01", "--out", "o"], "année hors bornes : '0001-01"),
        (["indicators", "lot", "--series", "2025-13", "2026-01", "--out", "o"], "mois illisible : '2025-13'"),
        (
            ["indicators", "lot", "--measured-on", "2025-09-30", "--definition", "an", "--out", "o"],
            "valeur inconnue : 'an'",
        ),
        (["import", "a.csv", "--adapter", "x", "--out", "o", "--lot-set", "mode"], "attendu : CLE=VALEUR"),
        (["import", "a.csv", "--adapter", "x", "--out", "o", "--max", "3"], "arguments inconnus : --max 3"),
        (["import", "--out", "o"], "il manque : --adapter"),
        (["explain", "lot", "--measured-on", "2025-09-30"], "il manque : --finess, --indicator"),
        (["adapter"], "il manque : ACTION"),
        (["doctor", "--format", "xml"], "valeur inconnue : 'xml'"),
    ],
)
def test_wrong_use_is_2_and_says_what_was_expected(words, said, capsys):
    assert program.main(words) == 2
    shown = capsys.readouterr()
    assert said in shown.err and f"esms {words[0]}" in shown.err
    assert shown.out == ""


def test_several_finess_stand_after_one_option_or_several():
    parser = program.command_parser("indicators", program.load("indicators"))
    words = ["lot", "--measured-on", "2025-09-30", "--out", "o", "--finess", "A", "B", "--finess", "C"]
    assert parser.parse_args(words).finess == ["A", "B", "C"]
