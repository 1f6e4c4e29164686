"""The examples of the pages on CSV, Parquet, workbooks and JSON give what the pages say."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from tests.adapter.sources.small_import import run
from tests.adapter.sources.workbooks import Error, xlsx

GUIDES = Path(__file__).resolve().parents[3] / "docs" / "guides"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_DAY = re.compile(r"\d\d/\d\d/\d{4}")


def blocks(page: str) -> dict[str, str]:
    return dict(_BLOCK.findall((GUIDES / page).read_text(encoding="utf-8")))


def cell(text: str) -> object:
    if _DAY.fullmatch(text):
        return datetime.strptime(text, "%d/%m/%Y").date()
    return Error(text) if text.startswith("#") else int(text) if text.isdigit() else text or None


def test_the_workbook_of_the_guide(tmp_path):
    page = (GUIDES / "classeurs.md").read_text(encoding="utf-8")
    shown = [line.strip("|").split("|") for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    rows = [[cell(text.strip()) for text in line[1:]] for line in shown]
    assert rows[6][0] is None
    xlsx(tmp_path / "export" / "agence_AG01.xlsx", {"Suivis 2025": rows}, merged={"A6:A7": rows[5][0]})
    found = run(tmp_path, "", tables=blocks("classeurs.md")["toml"])
    assert found.sejours() == [
        ("AG01-R-001-2025-01-02-1", "2025-01-02", "2025-01-31"),
        ("AG01-R-001-2025-01-02-2", "2025-03-01", None),
        ("AG01-R-002-2025-06-10-1", "2025-06-10", None),
    ]
    place = "agence_AG01.xlsx#Suivis 2025"
    assert found.rejected() == [(place, "6", "sejour", "date_sortie", "TYPE_INVALIDE")]
    assert found.sources[place]["motifs_ignorees"] == {"total": 1}


def test_the_document_of_the_guide(tmp_path):
    page = blocks("json.md")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "residents.json").write_text(page["json"], encoding="utf-8", newline="\n")
    found = run(tmp_path, "", tables=page["toml"])
    assert found.sejours() == [("S1", "2025-01-02", "2025-01-31"), ("S2", "2025-03-01", None)]
    assert found.rejected() == [("residents.json#residents.suivis", "2", "sejour", "date_entree", "TYPE_INVALIDE")]
    born = found.rows("select usager_id, sexe, date_naissance from usager order by all")
    assert born == [("17", "F", "1938-04-12"), ("18", "M", None)]


def test_the_text_file_of_the_guide(tmp_path):
    page = blocks("csv.md")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "suivis.csv").write_text(page["csv"], encoding="cp1252", newline="\r\n")
    found = run(tmp_path, "", tables=page["toml"])
    assert found.sejours() == [
        ("S1", "2025-01-02", "2025-01-31"),
        ("S2", "2025-03-01", None),
        ("S4", "2025-03-03", None),
    ]
    assert found.rejected() == [("suivis.csv", "6", "sejour", "date_entree", "TYPE_INVALIDE")]
    assert found.sources["suivis.csv"]["motifs_ignorees"] == {"total": 1}


def test_the_parquet_file_of_the_guide(tmp_path):
    import pyarrow
    from pyarrow import parquet

    (tmp_path / "export").mkdir()
    days = [date(2025, 1, 2), date(2025, 3, 1)]
    table = pyarrow.table({"N": ["S1", "S2"], "Usager": [1, 2], "Entrée": days, "Sortie": [date(2025, 1, 31), None]})
    parquet.write_table(table, tmp_path / "export" / "suivis_1.parquet")
    found = run(tmp_path, "", tables=blocks("parquet.md")["toml"])
    assert found.sejours() == [("S1", "2025-01-02", "2025-01-31"), ("S2", "2025-03-01", None)]
    assert found.rejected() == []
