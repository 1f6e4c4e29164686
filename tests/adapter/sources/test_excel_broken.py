"""Workbooks that cannot be read: each is an error of the source with a remedy, and nothing is written."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from esms_sdk.errors import SourceError
from tests.adapter.sources.small_import import run
from tests.adapter.sources.workbooks import ods, xlsx

EXCEL = 'format = "excel"\nfichiers = ["*.xlsx", "*.xls", "*.ods"]\n'
HEAD = ["N", "Usager", "Entrée", "Sortie"]
FIXTURES = Path(__file__).resolve().parents[2] / "data" / "classeurs"


def refused(folder: Path, content: bytes | None, match: str, name: str = "a.xlsx", keys: str = "") -> None:
    """Hold that a workbook is refused, with a remedy, without a trace."""
    path = folder / "export" / name
    path.parent.mkdir(exist_ok=True)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=match) as caught:
        run(folder, EXCEL + keys)
    assert caught.value.hint
    assert caught.value.exit_code == 2
    assert not (folder / "lot").exists()


def a_book(folder: Path) -> bytes:
    return xlsx(folder / "b.xlsx", {"S": [HEAD, *([f"S{i}", "U1", "2025-01-01"] for i in range(500))]}).read_bytes()


def test_a_truncated_workbook(tmp_path):
    content = a_book(tmp_path)
    refused(tmp_path, content[: len(content) // 2], r"E343.*a\.xlsx")


def test_a_workbook_of_which_a_byte_was_changed(tmp_path):
    content = bytearray(a_book(tmp_path))
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    content[start + 500] ^= 0xFF
    refused(tmp_path, bytes(content), r"E34[34].*a\.xlsx")


def test_a_truncated_xls(tmp_path):
    refused(tmp_path, (FIXTURES / "suivis.xls").read_bytes()[:3000], r"E301.*classeur illisible : a\.xls", "a.xls")


def test_an_empty_file(tmp_path):
    refused(tmp_path, b"", r"E301.*classeur vide : a\.xlsx")


def test_a_page_of_html_that_bears_the_name_of_a_workbook(tmp_path):
    refused(
        tmp_path,
        b"\n<html><table><tr><td>N</td></tr></table></html>",
        r"E301.*a\.xls n'est pas un classeur.*HTML",
        "a.xls",
    )


def test_a_csv_that_bears_the_name_of_a_workbook(tmp_path):
    refused(tmp_path, b"N;Usager\nS1;U1\n", r'E301.*n\'est pas un classeur : c\'est du texte(?s:.*)format = "csv"')


def test_an_archive_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    refused(tmp_path, (tmp_path / "x.zip").read_bytes(), r"E301.*n'est pas un classeur : c'est une archive")


def test_a_workbook_whose_sheet_is_no_xml(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "x.xlsx", "w") as copy,
        zipfile.ZipFile(xlsx(tmp_path / "b.xlsx", {"S": [HEAD]})) as own,
    ):
        for name in own.namelist():
            copy.writestr(name, b"<worksheet><sheetData><row" if "sheet1" in name else own.read(name))
    refused(tmp_path, (tmp_path / "x.xlsx").read_bytes(), r"E301.*classeur illisible : a\.xlsx#S")


def test_a_workbook_protected_by_a_password(tmp_path):
    # What Excel writes: a compound file whose directory names the encrypted package.
    package = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    refused(tmp_path, package, r"E351.*a\.xlsx est protégé par un mot de passe")


def test_an_xls_protected_by_a_password(tmp_path):
    refused(tmp_path, (FIXTURES / "protege.xls").read_bytes(), r"E351.*a\.xls est protégé", "a.xls")


def test_an_ods_protected_by_a_password(tmp_path):
    manifest = (
        b'<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    )
    with zipfile.ZipFile(tmp_path / "x.ods", "w") as archive:
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", bytes(range(256)))
    refused(tmp_path, (tmp_path / "x.ods").read_bytes(), r"E351.*a\.ods est protégé", "a.ods")


def test_a_workbook_that_swells_out_of_measure(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(20):
                sheet.write(bytes(1 << 20))
    refused(
        tmp_path, (tmp_path / "x.xlsx").read_bytes(), r"E344.*a\.xlsx \(un fichier y est compressé plus de 400 fois\)"
    )


def test_a_sheet_with_a_cell_lost_far_away(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "x.xlsx", "w") as copy,
        zipfile.ZipFile(xlsx(tmp_path / "b.xlsx", {"S": [HEAD]})) as own,
    ):
        for name in own.namelist():
            copy.writestr(name, own.read(name).replace(b'ref="A1:D1"', b'ref="A1:XFD1048576"'))
    refused(tmp_path, (tmp_path / "x.xlsx").read_bytes(), r"E352.*s'étend jusqu'à la cellule XFD1048576")


def test_merged_cells_of_a_format_that_does_not_tell_them(tmp_path):
    ods(tmp_path / "export" / "a.ods", {"S": [HEAD]})
    refused(tmp_path, None, r"E356.*a\.ods.*fusionnées(?s:.*)«reporter»", "a.ods", "fusions = true")


def test_the_engine_that_is_not_installed_is_named_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    refused(tmp_path, a_book(tmp_path), r'E350.*python-calamine(?s:.*)pip install "esms-sdk\[excel\]"')


def test_no_value_of_a_cell_stands_in_an_error(tmp_path):
    xlsx(tmp_path / "export" / "a.xlsx", {"S": [["DURAND", "12/04/1938"], ["MARTIN", "13/04/1938"]]})
    with pytest.raises(Exception) as caught:
        run(tmp_path, EXCEL)
    assert "DURAND" not in str(caught.value) and "1938" not in str(caught.value)
