"""Help: quick, French, and it teaches."""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from pathlib import Path

import pytest

from esms_sdk.cli import french, program
from tests.cli.environment import poor_environment

HEAVY = ("duckdb", "lxml", "fhir", "requests", "pydantic", "cryptography", "jinja2", "rich", "xlsxwriter", "json")

# Sentences that argparse says to the programmer, not to the person at the terminal.
_TO_PROGRAMMERS = (
    "'required' is an invalid",
    "%r is not callable",
    ".__call__() not defined",
    'argument "-" with mode',
    "cannot have multiple",
    "cannot merge actions",
    "conflicting ",
    "dest= is required",
    "invalid conflict_resolution",
    "invalid option string",
    "mutually exclusive arguments must",
)


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    environment = poor_environment(PYTHONIOENCODING="utf-8")
    return subprocess.run([sys.executable, *words], capture_output=True, encoding="utf-8", env=environment)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv[0] = 'esms'; from esms_sdk.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    loaded = {name.partition(".")[0] for name in _run("-c", code).stderr.split()}
    assert "argparse" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_api_can_be_imported_without_its_engines():
    code = "import sys, esms_sdk; esms_sdk.import_lot, esms_sdk.EsmsError; print(*sorted(sys.modules))"
    loaded = {name.partition(".")[0] for name in _run("-c", code).stdout.split()}
    assert "esms_sdk" in loaded
    assert loaded.isdisjoint(HEAVY[:-1])


def test_every_sentence_of_argparse_that_a_person_may_meet_is_in_french():
    tree = ast.parse(Path(argparse.__file__).read_text(encoding="utf-8"))
    said = {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext")
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert {one for one in said if not one.startswith(_TO_PROGRAMMERS)} <= set(french.CATALOGUE)


def test_argparse_is_left_as_it_was_for_others():
    before = argparse._
    with french.french():
        assert argparse._("usage: ") == "usage : "
    assert argparse._ is before


@pytest.mark.parametrize("name", program.COMMANDS)
def test_the_help_of_each_command_says_what_it_does_shows_it_and_names_its_exit_codes(name):
    command = program.load(name)
    with french.french():
        shown = program.command_parser(name, command).format_help()
    for expected in (
        "usage : esms " + name,
        command.DESCRIPTION[:40],
        "exemples :\n  esms " + name,
        "codes de retour :",
    ):
        assert expected in shown
    assert "  0  " in shown and "  4  erreur interne" in shown
    assert not {"usage:", "positional arguments", "show this help"} & set(shown.splitlines())


@pytest.mark.parametrize("name", program.COMMANDS)
def test_the_help_of_each_command_is_printed_with_code_0(name, capsys):
    with pytest.raises(SystemExit) as end:
        program.main([name, "--help"])
    assert (end.value.code, capsys.readouterr().err) == (0, "")


def test_the_examples_of_each_command_can_be_parsed():
    import shlex

    for name in program.COMMANDS:
        command = program.load(name)
        for line in command.EXAMPLES.splitlines():
            words = shlex.split(line)
            assert words[:2] == ["esms", name]
            program.command_parser(name, command).parse_args(words[2:])


def test_without_a_command_the_help_is_shown_and_the_use_is_wrong():
    done = _run("-m", "esms_sdk")
    assert (done.returncode, done.stdout) == (2, "")
    assert "commandes" in done.stderr


def test_version():
    from esms_sdk import __version__

    assert _run("-m", "esms_sdk", "--version").stdout.strip() == f"esms-sdk {__version__}"
