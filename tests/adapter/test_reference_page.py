"""docs/reference/adapter.md says what is: its example runs, and every error of adapters stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import esms_sdk
from esms_sdk.adapter import import_lot
from esms_sdk.adapter.mapping import NO_GROUP, OF_AN_IGNORED_ROW, REPEATED, SUPERSEDED
from esms_sdk.adapter.staging import bits
from esms_sdk.lot import open_lot
from esms_sdk.lot.schema import load

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "adapter.md"
CODES = re.compile(r"ESMS-E[23]\d\d")


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_example_of_the_page_gives_what_the_page_says(page, tmp_path):
    files = re.findall(r"`([\w/.]+)` :\n\n```\w+\n(.*?)^```$", page, re.M | re.S)
    assert len(files) == 5
    for name, body in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(body, encoding="utf-8", newline="\n")
    report = import_lot([tmp_path / "exports"], tmp_path / "deux_agences", tmp_path / "lot", max_rejets="2")
    assert (report.exit_code, report.rejets, report.libelles_inconnus) == (0, 1, 1)
    assert report.sources["journal.csv"].motifs_ignorees == {"reference_ignoree": 1}
    assert report.sources["residents_N.csv"].motifs_ignorees == {"fiche_test": 1}
    rejects = (tmp_path / "lot" / "rejets" / "rejets.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [line.split(";")[:6] for line in rejects] == [
        ["residents_N.csv", "3", "sejour", "N-2.1", "date_sortie", "TYPE_INVALIDE"]
    ]
    with open_lot(tmp_path / "lot") as lot:
        stays = lot.con.execute("select sejour_id from sejour order by 1").fetchall()
        assert stays == [("N-1.1",), ("N-1.2",), ("S-1.1",)]
        updates = lot.con.execute("select date_maj::varchar from mise_a_jour where dossier_id = 'S-1'").fetchall()
        assert updates == [("2025-09-30",)]


def test_every_error_of_adapters_is_in_the_page(page):
    told = set(CODES.findall(page))
    for first, last in re.findall(r"(ESMS-E\d\d\d) à (ESMS-E\d\d\d)", page):
        told |= {f"ESMS-E{number}" for number in range(int(first[-3:]), int(last[-3:]) + 1)}
    package = Path(esms_sdk.__file__).parent
    raised = {
        code
        for path in [*(package / "adapter").rglob("*.py"), *(package / "lot").glob("*.py"), package / "xml.py"]
        for code in CODES.findall(path.read_text(encoding="utf-8"))
    }
    assert raised - told == set()


def test_every_code_and_reason_is_in_the_page(page):
    codes = {bit.code for table in load().tables.values() for bit in bits(table)}
    codes |= {"CLE_EN_DOUBLE", "REFERENCE_INCONNUE", "REFERENCE_REJETEE", "CYCLE_FUSION"}
    assert [code for code in sorted(codes) if f"| `{code}` |" not in page] == []
    assert [one for one in (REPEATED, SUPERSEDED, OF_AN_IGNORED_ROW, NO_GROUP) if f"| `{one}` |" not in page] == []
