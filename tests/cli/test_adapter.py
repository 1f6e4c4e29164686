"""``esms adapter new`` and ``check``: what they print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esms_sdk.cli import main


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """An adapter that ``esms adapter new`` made."""
    folder = tmp_path_factory.mktemp("cli") / "mon_dui"
    assert main(["adapter", "new", str(folder), "--from", "csv", "--quiet"]) == 0
    return folder


def test_an_adapter_that_holds_is_0_and_says_what_is_lacking(made, capsys):
    assert main(["adapter", "check", str(made)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("mon_dui (mon_dui) : 8 vérifications, toutes tiennent\n")
    assert "taux_mssante, faute de envoi" in said


def test_a_check_that_does_not_hold_is_1_and_names_it(made, capsys):
    path = made / "expected" / "lot" / "sejour.csv"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before.replace("2025-01-06", "2025-01-05"), encoding="utf-8")
        assert main(["adapter", "check", str(made), "--format", "json"]) == 1
    finally:
        path.write_text(before, encoding="utf-8", newline="\n")
    found = json.loads(capsys.readouterr().out)
    (failed,) = [one for one in found["verifications"] if one["etat"] == "non_tenu"]
    assert (failed["id"], found["tenu"]) == ("tables_attendues", False)
    assert failed["details"] == ["table «sejour» : 1 modifiée ; colonnes date_entree (1) ; clés S0001…"]


@pytest.mark.parametrize("folder", ["absent", "vide"])
def test_what_is_no_adapter_is_2(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("vide").mkdir()
    assert main(["adapter", "check", folder]) == 2
    assert "[ESMS-E204]" in capsys.readouterr().err


def test_a_broken_adapter_and_a_wrong_kind_are_2(made, tmp_path):
    path = made / "adapter.toml"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text("[lot", encoding="utf-8")
        assert main(["adapter", "check", str(made)]) == 2
    finally:
        path.write_text(before, encoding="utf-8", newline="\n")
    assert main(["adapter", "new", str(tmp_path / "x"), "--from", "xml"]) == 2
    assert main(["adapter", "new", str(tmp_path / "x"), "--from", "csv", "--sample", str(tmp_path / "rien")]) == 2
    assert not (tmp_path / "x").exists()


def test_an_existing_folder_is_replaced_only_when_asked(made, capsys):
    before = (made / "adapter.toml").read_bytes()
    assert main(["adapter", "new", str(made), "--from", "csv"]) == 2
    (made / "adapter.toml").write_bytes(before + b"# mine\n")
    assert main(["adapter", "new", str(made), "--from", "csv", "--force"]) == 0
    assert (made / "adapter.toml").read_bytes() == before
