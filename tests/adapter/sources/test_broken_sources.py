"""Every kind of source, broken in every way: exit code 2, the place, what to do, no value shown, nothing half written."""

from __future__ import annotations

import gzip
import io
import re
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from esms_sdk.cli import main
from tests.adapter.sources import fake_server
from tests.adapter.sources.small_import import ADAPTER, SEJOUR, STRUCTURES, USAGER
from tests.adapter.sources.workbooks import xlsx

# A value of a person, in every source: no message may show it.
PERSON = "DURAND-1938"
ROWS = [[f"S{i}", PERSON, "2025-01-01", "31/08/2025"] for i in range(400)]
HEAD = ["N", "Usager", "Entrée", "Sortie"]
CSV = 'format = "csv"\nfichiers = ["a.*"]'
JSON = 'format = "json"\nfichiers = ["a.*"]'
PARQUET = 'format = "parquet"\nfichiers = ["a.parquet"]'
EXCEL = 'format = "excel"\nfichiers = ["a.xlsx"]'
SQLITE = 'format = "sql"\nfichiers = ["a.db"]\ntable = "suivis"'
FACTORY = 'format = "sql"\nfabrique = "tests.adapter.sources.fake_server:{}"\nrequete = "select * from t"'
URL = 'format = "sql"\nurl = "{}"\nrequete = "select * from t"'


# -- sound sources, to be broken -------------------------------------------------------------------------------------


def csv_text(head: list[str] = HEAD) -> bytes:
    return "".join(";".join(row) + "\n" for row in [head, *ROWS]).encode()


def json_text() -> bytes:
    rows = ",\n".join("{" + ", ".join(f'"{n}": "{v}"' for n, v in zip(HEAD, row, strict=True)) + "}" for row in ROWS)
    return f"[{rows}]".encode()


def database(head: list[str] = HEAD, table: str = "suivis") -> bytes:
    with sqlite3.connect(":memory:") as con:
        con.execute(f'create table "{table}" ({", ".join(head)})')
        con.executemany(f'insert into "{table}" values (?, ?, ?, ?)', ROWS)
        con.commit()
        content = con.serialize()
    con.close()
    return content


def parquet(head: list[str] = HEAD) -> bytes:
    import pyarrow
    from pyarrow import parquet as files

    kept = io.BytesIO()
    files.write_table(pyarrow.table([list(column) for column in zip(*ROWS, strict=True)], head), kept)
    return kept.getvalue()


def workbook(head: list[str] = HEAD, sheet: str = "Suivis") -> Callable[[Path], bytes]:
    def made(folder: Path) -> bytes:
        path = xlsx(folder / "essai" / "b.xlsx", {sheet: [head, *ROWS]})
        content = path.read_bytes()
        path.unlink()
        return content

    return made


# -- ways to break ---------------------------------------------------------------------------------------------------


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def zipped(name: str, content: bytes, **info: int) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return kept.getvalue()


def damaged(name: str, content: bytes) -> bytes:
    """An archive whose member was damaged on the way."""
    whole = bytearray(zipped(name, content))
    start = 30 + len(name) + 20
    whole[start : start + 40] = bytes(b ^ 0xFF for b in whole[start : start + 40])
    return bytes(whole)


def locked(name: str, content: bytes) -> bytes:
    """An archive that says that its member is encrypted."""
    whole = bytearray(zipped(name, content))
    whole[6] |= 1
    whole[whole.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(whole)


def wrong_end(content: bytes) -> bytes:
    """A ``.gz`` whose check sum is not that of its content."""
    return gzip.compress(content)[:-8] + bytes(8)


BOMB = bytes(20 << 20)
GONE = "sans fichier"
CASES = {
    # name: (declaration, file, content, code, words of the message)
    "csv/empty": (CSV, "a.csv", b"", "E201", r"a\.csv.*le fichier est vide"),
    "csv/binary": (CSV, "a.csv", bytes(range(256)) * 40, "E2|E3", r"a\.csv"),
    "csv/workbook": (CSV, "a.csv", workbook(), "E2|E3", r"a\.csv"),
    "csv/column": (CSV, "a.csv", csv_text(["N", "Usager", "Entrée", "Fin"]), "E201", r"«Sortie».*a\.csv.*Fin"),
    "csv/gz cut": (CSV, "a.csv.gz", halved(gzip.compress(csv_text())), "E301", r"a\.csv\.gz"),
    "csv/gz wrong sum": (CSV, "a.csv.gz", wrong_end(csv_text()), "E301", r"a\.csv\.gz"),
    "csv/gz is text": (CSV, "a.csv.gz", csv_text(), "E301", r"a\.csv\.gz"),
    "csv/zip cut": (CSV, "x.zip", halved(zipped("a.csv", csv_text())), "E343", r"x\.zip"),
    "csv/zip damaged": (CSV, "x.zip", damaged("a.csv", csv_text()), "E30|E34", r"x\.zip"),
    "csv/zip locked": (CSV, "x.zip", locked("a.csv", csv_text()), "E30|E34", r"x\.zip"),
    "csv/zip bomb": (CSV, "x.zip", zipped("a.csv", BOMB), "E344", r"x\.zip"),
    "csv/none": (CSV, "autre.txt", b"x", "E305", r"suivis.*a\.\*"),
    "json/cut": (JSON, "a.json", halved(json_text()), "E360", r"a\.json, ligne 201"),
    "json/empty": (JSON, "a.json", b"", "E301", r"a\.json"),
    "json/csv": (JSON, "a.json", csv_text(), "E3", r"a\.json"),
    "json/binary": (JSON, "a.json", bytes(range(256)), "E3", r"a\.json"),
    "json/zeros": (JSON, "a.json", bytes(5000), "E360", r"a\.json, ligne 1"),
    "json/zeros after": (JSON, "a.json", b'{"a": ' + bytes(5000), "E360", r"a\.json, ligne 1"),
    "json/path": (f'{JSON}\nenregistrements = "x.y"', "a.json", b'{"x": {"z": []}}', "E201", r"«y»|x\.y"),
    "json/key": (JSON, "a.json", b'[{"N": 1, "Usager": 2}]', "E201", r"Entrée.*a\.json"),
    "json/gz cut": (JSON, "a.json.gz", halved(gzip.compress(json_text())), "E301", r"a\.json\.gz"),
    "json/zip damaged": (JSON, "x.zip", damaged("a.json", json_text()), "E30|E34", r"x\.zip"),
    "json/zip locked": (JSON, "x.zip", locked("a.json", json_text()), "E30|E34", r"x\.zip"),
    "json/zip bomb": (JSON, "x.zip", zipped("a.json", BOMB), "E344", r"x\.zip"),
    "parquet/cut": (PARQUET, "a.parquet", halved(parquet()), "E301", r"a\.parquet"),
    "parquet/empty": (PARQUET, "a.parquet", b"", "E301", r"a\.parquet"),
    "parquet/text": (PARQUET, "a.parquet", csv_text(), "E301", r"a\.parquet"),
    "parquet/column": (PARQUET, "a.parquet", parquet(["N", "Usager", "Entrée", "Fin"]), "E201", r"Sortie.*a\.parquet"),
    "parquet/zip damaged": (PARQUET, "x.zip", damaged("a.parquet", parquet()), "E30|E34", r"x\.zip"),
    "parquet/zip locked": (PARQUET, "x.zip", locked("a.parquet", parquet()), "E30|E34", r"x\.zip"),
    "parquet/zip bomb": (PARQUET, "x.zip", zipped("a.parquet", BOMB), "E344", r"x\.zip"),
    "parquet/gz damaged": (PARQUET, "a.parquet.gz", wrong_end(parquet()), "E301", r"a\.parquet\.gz"),
    "excel/text": (EXCEL, "a.xlsx", csv_text(), "E301", r"a\.xlsx"),
    "excel/sheet": (f'{EXCEL}\nfeuille = "Suivi"', "a.xlsx", workbook(), "E201|E35", r"«Suivi».*Suivis"),
    "excel/column": (EXCEL, "a.xlsx", workbook(["N", "Usager", "Entrée", "Fin"]), "E201", r"«Sortie».*a\.xlsx#Suivis"),
    "excel/zip damaged": (EXCEL, "x.zip", lambda f: damaged("a.xlsx", workbook()(f)), "E30|E34", r"x\.zip"),
    "excel/zip locked": (EXCEL, "x.zip", lambda f: locked("a.xlsx", workbook()(f)), "E30|E34", r"x\.zip"),
    "excel/zip bomb": (EXCEL, "x.zip", zipped("a.xlsx", BOMB), "E344", r"x\.zip"),
    "sqlite/text": (SQLITE, "a.db", csv_text(), "E323", r"a\.db n'est pas une base SQLite"),
    "sqlite/empty": (SQLITE, "a.db", b"", "E223|E323", r"a\.db"),
    "sqlite/cut": (SQLITE, "a.db", halved(database()), "E32[23]", r"a\.db"),
    "sqlite/table": (SQLITE, "a.db", database(table="autres"), "E223", r"a\.db.*no such table: suivis"),
    "sqlite/column": (SQLITE, "a.db", database(["N", "Usager", "Entrée", "Fin"]), "E201", r"«Sortie».*a\.db"),
    "sqlite/gz cut": (SQLITE, "a.db.gz", halved(gzip.compress(database())), "E301", r"a\.db\.gz"),
    "sqlite/zip damaged": (SQLITE, "x.zip", damaged("a.db", database()), "E30|E34", r"x\.zip"),
    "sqlite/zip locked": (SQLITE, "x.zip", locked("a.db", database()), "E30|E34", r"x\.zip"),
    "sqlite/zip bomb": (SQLITE, "x.zip", zipped("a.db", BOMB), "E344", r"x\.zip"),
    "sql/file": ('format = "sql"\nfichiers = ["a.db"]\nrequete_fichier = "q.sql"', "a.db", database(), "E220", r"q\.sql"),
    "sql/password": (FACTORY.format("refused"), GONE, b"", "E321", r"suivis"),
    "sql/lost": (FACTORY.format("suivis_lost"), GONE, b"", "E322", r"suivis"),
    "sql/driver": (FACTORY.format("driver_missing"), GONE, b"", "E320", r"psycopg_absent"),
    "sql/factory": (FACTORY.format("nowhere"), GONE, b"", "E224", r"fake_server:nowhere"),
    "sql/unset": (URL.format("postgresql+psycopg://u:${ESMS_TEST_ABSENT}@localhost/b"), GONE, b"", "E222", "ABSENT"),
    "sql/in clear": (URL.format(f"postgresql://u:{fake_server.SECRET}@localhost/b"), GONE, b"", "E2", "url"),
    "sql/no server": (URL.format("postgresql+psycopg://u:${ESMS_TEST_MDP}@127.0.0.1:1/b"), GONE, b"", "E321", "127.0"),
    "tddui_fhir/cut": ("tddui_fhir", "e.json", b'{"resourceType": "Bundle", "entry": [', "E332", r"e\.json"),
    "tddui_fhir/xml": ("tddui_fhir", "e.json", b"<Bundle/>", "E332", r"e\.json"),
    "tddui_fhir/gz cut": ("tddui_fhir", "e.json.gz", halved(gzip.compress(json_text())), "E301", r"e\.json\.gz"),
    "tddui_fhir/zip bomb": ("tddui_fhir", "x.zip", zipped("e.json", BOMB), "E344", r"x\.zip"),
    "tddui_cda/cut": ("tddui_cda", "e.xml", b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id', "E340", r"e\.xml.*ligne 1"),
    "tddui_cda/json": ("tddui_cda", "e.xml", b"{}", "E340", r"e\.xml"),
    "tddui_cda/entities": ("tddui_cda", "e.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "E341", r"e\.xml"),
    "tddui_cda/other": ("tddui_cda", "e.xml", b"<html/>", "E334", r"e\.xml"),
    "tddui_cda/zip bomb": ("tddui_cda", "x.zip", zipped("e.xml", BOMB), "E344", r"x\.zip"),
}  # fmt: skip


def command(folder: Path, declared: str) -> list[str]:
    """Return the command line of an import of ``folder/export`` with that source."""
    keys = ("editeur=E", "logiciel=L", "version_logiciel=1", "periode_couverte_debut=2024-01-01")
    if declared.startswith("tddui"):
        return ["import", "export", "--adapter", declared, *(word for key in keys for word in ("--lot-set", key))]
    text = f"{ADAPTER}\n[source.suivis]\n{declared}\n{USAGER}{SEJOUR}"
    (folder / "essai" / "adapter.toml").write_text(text, encoding="utf-8", newline="\n")
    return ["import", "export", "--adapter", "essai"]


@pytest.mark.parametrize("name", CASES)
def test_a_broken_source_ends_with_2_its_place_and_a_remedy_and_nothing_written(name, tmp_path, monkeypatch, capsys):
    declared, file, content, code, words = CASES[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ESMS_TEST_MDP", fake_server.SECRET)
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(__file__).resolve().parents[3])])
    for folder in ("essai", "export"):
        (tmp_path / folder).mkdir()
    if not declared.startswith("tddui"):
        (tmp_path / "export" / "structures.csv").write_text(STRUCTURES, encoding="utf-8")
    if file != GONE:
        (tmp_path / "export" / file).write_bytes(content(tmp_path) if callable(content) else content)
    words_of_command = command(tmp_path, declared)
    before = sorted(tmp_path.rglob("*"))
    assert main([*words_of_command, "--out", "lot"]) == 2
    shown = capsys.readouterr()
    assert re.search(rf"\[ESMS-(?:{code})\d*\](?s:.*){words}", shown.err), shown.err
    assert "\n  → " in shown.err, shown.err
    assert "Traceback" not in shown.err and shown.out == ""
    for secret in (PERSON, "DURAND", fake_server.SECRET):
        assert secret not in shown.err
    assert sorted(tmp_path.rglob("*")) == before
