"""The page on rejects says what is: its commands, on the files of the first export, do what it tells."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from esms_sdk.adapter.mapping import REASONS
from esms_sdk.cli import main
from esms_sdk.lot import open_lot

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
_FILE = re.compile(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", re.M | re.S)
_COMMAND = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """The commands of the page, in the folder of the first export."""
    monkeypatch.chdir(tmp_path)
    for place, body in _FILE.findall((GUIDES / "premier_export.md").read_text(encoding="utf-8")):
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(place).write_text(body, encoding="utf-8", newline="\n")
    return [shlex.split(one)[1:] for one in _COMMAND.findall((GUIDES / "rejets.md").read_text(encoding="utf-8"))]


def test_the_commands_of_the_page_do_what_it_tells(commands, capsys):
    refused, replayed, appended = commands
    assert main(refused) == 1 and not Path("lot").exists()
    rows = Path("lot.rejets", "lignes", "dossiers.csv")
    rows.write_text(rows.read_text(encoding="utf-8").replace("31/02/2025", "28/02/2025"), encoding="utf-8")
    assert main(replayed) == 0
    assert "Reprise : 1 ligne corrigée de dossiers.csv" in capsys.readouterr().out
    Path("octobre").mkdir()
    for name in ("structures.csv", "dossiers.csv"):
        text = Path("export", name).read_text(encoding="utf-8").replace("31/02/2025", "28/02/2025")
        Path("octobre", name).write_text(text, encoding="utf-8")
    Path("octobre", "journal.csv").write_text("Dossier;Quand;Qui\nD3;02/10/2025 09:00;IDE\n", encoding="utf-8")
    assert main(appended) == 0
    assert "mise_a_jour : remplacée à partir de 2025-10" in capsys.readouterr().out
    with open_lot(Path("lot")) as lot:
        assert lot.con.execute("select dossier_id from mise_a_jour order by date_maj, 1").fetchall()[-1] == ("D3",)
        assert len(lot.con.execute("from mise_a_jour").fetchall()) == 4


def test_every_reason_to_ignore_a_row_is_explained():
    pages = "".join(
        page.read_text(encoding="utf-8") for page in (GUIDES / "rejets.md", GUIDES / "../reference/adapter.md")
    )
    assert [reason for reason in REASONS if f"`{reason}`" not in pages] == []


def test_every_file_of_the_rejects_is_explained(commands):
    main(commands[0])
    page = (GUIDES / "rejets.md").read_text(encoding="utf-8")
    written = {path.name for path in Path("lot.rejets").iterdir()}
    assert written and [name for name in written if f"`{name}" not in page and name != "lignes"] == []
