"""docs/tutoriels/premier_adaptateur.md, done as it is written: its files, its commands, its changes, in order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from esms_sdk.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutoriels" / "premier_adaptateur.md"
_STEP = re.compile(r"(?:^`([\w/.]+)`\n\n)?^```(\w+)\n(.*?)^```$", re.M | re.S)


def _applied(text: str, diff: str) -> str:
    """Return an adapter.toml with the lines of a diff replaced; each must stand in it, to the letter."""
    old = "".join(line[1:] + "\n" for line in diff.splitlines() if line.startswith("-"))
    new = "".join(line[1:] + "\n" for line in diff.splitlines() if line.startswith("+"))
    assert text.count(old) == 1, f"not in the adapter that was made:\n{old}"
    return text.replace(old, new)


def test_the_tutorial_works_as_it_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    adapter = Path("mon_dui/adapter.toml")
    codes, said = [], []
    for place, language, body in _STEP.findall(PAGE.read_text(encoding="utf-8")):
        if language == "csv":
            Path(place).parent.mkdir(exist_ok=True)
            Path(place).write_text(body, encoding="utf-8", newline="\n")
        elif language == "diff":
            adapter.write_text(_applied(adapter.read_text(encoding="utf-8"), body), encoding="utf-8", newline="\n")
        elif language == "python":
            assert body in Path("mon_dui/test_mon_dui.py").read_text(encoding="utf-8")
        else:
            for line in body.splitlines():
                codes.append(main(shlex.split(line.partition("#")[0])[1:]))
                said.append(capsys.readouterr().out)
    assert codes == [0, 0, 1, 0, 0, 3]
    assert "taux_dossiers_actifs, faute de mise_a_jour" in said[1]
    assert "table «mise_a_jour» : 6 lignes, et rien n'est attendu" in said[2]
    assert "table «usager» : 6 modifiées ; colonnes sexe (6)" in said[2]
    assert "taux_dossiers_actifs" not in said[3]
    assert not any("101" in text for text in said[:4])
