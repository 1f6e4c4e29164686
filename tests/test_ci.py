"""The pieces of continuous integration: well formed, pinned, and their commands run as they are written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from esms_sdk.cli import main, precommit
from esms_sdk.report import REPORTS
from tests.lots import EHPAD, EJ, write_lot

ROOT = Path(__file__).resolve().parent.parent
ACTION = ROOT / ".github/actions/esms-check/action.yml"
GITLAB = ROOT / "docs/ci/esms-check.gitlab-ci.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
PIECES = (ACTION, GITLAB, HOOKS)
PAGE = ROOT / "docs/guides/suite_dans_github_gitlab.md"

pytestmark = pytest.mark.skipif(not ACTION.exists(), reason="not in a wheel")


@pytest.mark.parametrize("piece", PIECES, ids=lambda path: path.name)
def test_a_piece_is_well_formed_yaml(piece: Path) -> None:
    text = piece.read_text(encoding="utf-8")
    assert "\t" not in text and text.endswith("\n") and "\n\n\n" not in text
    depth = 0
    for line in filter(None, text.splitlines()):
        here = len(line) - len(line.lstrip(" "))
        assert here % 2 == 0 and here <= depth + 4, line
        assert line.lstrip().startswith(("- ", "#")) or re.match(r" *[A-Za-z][\w-]*:( |$)", line), line
        # A value that holds a colon and a space is another mapping, unless it is quoted.
        value = re.sub(r"^ *(- )?[\w-]+: ?", "", line)
        assert value.startswith(('"', "#")) or ": " not in value or value.lstrip().startswith("- "), line
        depth = here
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(text)


@pytest.mark.parametrize("piece", (ACTION, PAGE), ids=lambda path: path.name)
def test_an_action_is_pinned_by_its_full_tag(piece: Path) -> None:
    used = re.findall(r"uses: (\S+)", piece.read_text(encoding="utf-8"))
    assert used
    for one in used:
        assert one.startswith("./") or re.fullmatch(r"actions/[a-z-]+@v\d+\.\d+\.\d+", one), one


@pytest.fixture
def conforming(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_lot(
        tmp_path / "lot",
        organisme=[{"finess_ej": EJ, "raison_sociale": "Essai"}],
        etablissement=[{"finess_et": EHPAD, "finess_ej": EJ, "denomination": "Les Tilleuls"}],
    )


def _command(piece: Path) -> str:
    found = re.findall(r"(?:run: |- )(esms check .*)", piece.read_text(encoding="utf-8"))
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("piece", (ACTION, GITLAB), ids=lambda path: path.name)
def test_the_control_runs_as_it_is_written_and_leaves_every_report(conforming: Path, piece: Path) -> None:
    values = {"CHEMINS": "lot", "PROFIL": "pa-ph-dom-vague2", "MODE": "test", "OPTIONS": "", "RAPPORTS": "rapports"}
    for name in values:
        if name != "RAPPORTS" or piece is ACTION:
            assert f"ESMS_{name}:" in piece.read_text(encoding="utf-8")
    words = shlex.split(re.sub(r"\$ESMS_(\w+)", lambda found: values[found[1]], _command(piece)))
    assert main(words[1:]) == 3, "an empty lot: nothing to judge"
    assert {path.name for path in Path("rapports").iterdir()} == {"conformite.json", *REPORTS.values()}


def test_an_input_of_the_action_never_stands_in_a_command_itself() -> None:
    """What a caller writes reaches the shell through a variable only."""
    commands = re.findall(r"run: (.*)", ACTION.read_text(encoding="utf-8"))
    assert commands and not any("${{" in command for command in commands)


def test_each_hook_names_a_hook_that_there_is(capsys) -> None:
    entries = re.findall(r"entry: python -m esms_sdk\.cli\.precommit (\w+)", HOOKS.read_text(encoding="utf-8"))
    assert len(entries) == HOOKS.read_text(encoding="utf-8").count("- id:") == 2
    assert [precommit.main([entry]) for entry in entries] == [0, 0]
    assert precommit.main(["autre"]) == 2


def test_a_hook_takes_the_files_it_is_about() -> None:
    pattern = re.search(r"files: (.*)", HOOKS.read_text(encoding="utf-8"))
    assert pattern
    taken = [
        name
        for name in ("ecarts.toml", "ci/declarations-2026.toml", "adapter.toml", "mesecarts.toml")
        if re.search(pattern[1], name)
    ]
    assert taken == ["ecarts.toml", "ci/declarations-2026.toml"]


def test_a_waiver_of_an_identity_requirement_is_told_before_the_commit(tmp_path, capsys) -> None:
    path = tmp_path / "ecarts.toml"
    waiver = '[[ecart]]\nexigence = "{}"\nmotif = "reprise"\nresponsable = "Équipe"\nexpire_le = 2026-03-31\n'
    path.write_text(waiver.format("ESMS-DONNEES-01"), encoding="utf-8")
    assert precommit.main(["ecarts", str(path)]) == 0
    path.write_text(waiver.format("ESMS-INS-01"), encoding="utf-8")
    assert precommit.main(["ecarts", str(path)]) == 2
    assert "ne se déroge pas" in capsys.readouterr().err


def test_the_hook_of_adapters_runs_the_kit_once_an_adapter(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(precommit, "esms", lambda words: asked.append(words) or 1)
    folder = ROOT / "adapters" / "soleo"
    files = [folder / "adapter.toml", folder / "expected" / "rejets.csv", ROOT / "README.md"]
    assert precommit.main(["adapters", *map(str, files)]) == 1
    assert asked == [["adapter", "check", str(folder)]]
