"""Streams: results apart from talk, and any encoding."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from esms_sdk.cli import terminal
from esms_sdk.cli.terminal import Terminal
from tests.cli.environment import poor_environment

SENTENCE = "«Éléonore» → 93,8 % ≥ 90 % …"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", SENTENCE),
        ("cp1252", "«Éléonore» -> 93,8 % >= 90 % …"),
        ("ascii", '"Eleonore" -> 93,8 % >= 90 % ...'),
    ],
)
def test_a_character_that_the_terminal_lacks_becomes_the_nearest_one(encoding, shown, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline=""))
    terminal.prepare_streams()
    terminal.write(sys.stdout, SENTENCE)
    assert raw.getvalue().decode(encoding) == shown


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_a_json_result_says_the_same_in_every_encoding(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    Terminal(json_wanted=True).result("", {"texte": SENTENCE})
    assert json.loads(raw.getvalue().decode(encoding)) == {"texte": SENTENCE}


def test_a_file_name_that_is_no_text_can_be_shown(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, encoding="utf-8"))
    terminal.prepare_streams()
    Terminal().say(b"export\xe9.csv".decode("utf-8", "surrogateescape"))
    assert raw.getvalue() == b"export?.csv\n"


def test_quiet_silences_the_talk_and_keeps_the_result(capsys):
    one = Terminal(quiet=True)
    one.say("en cours")
    one.result("le résultat", None)
    assert capsys.readouterr() == ("le résultat\n", "")


def test_no_bar_where_stderr_is_no_terminal():
    with Terminal().progress() as show:
        assert show is None


def test_a_bar_on_a_terminal_shows_file_and_rows(monkeypatch):
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with Terminal().progress() as show:
        assert show is not None
        show("usagers[1].csv", 1234567)
    assert "usagers[1].csv" in screen.getvalue() and "1 234 567 lignes" in screen.getvalue()
    with Terminal(quiet=True).progress() as show:
        assert show is None


def test_a_reader_that_leaves_early_is_no_failure():
    command = [sys.executable, "-m", "esms_sdk", "doctor"]
    read, written = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, env=poor_environment())
    finally:
        os.close(written)
    assert (done.returncode in (0, 2), done.stderr) == (True, b"")
