"""Delimited text as vendors write it comes out cell by cell, with its physical lines, or says where it fails."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esms_sdk import database
from esms_sdk.errors import SourceError
from esms_sdk.lot import delimited

CELL = st.text(st.sampled_from(list('ab"";,\n \té0')), max_size=6)
DIRTY = st.text(st.sampled_from(list('ab";\n')), max_size=60)


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    with database.connect(tmp_path_factory.mktemp("work")) as connection:
        yield connection


@pytest.fixture
def read(con, tmp_path):
    """Read bytes (or a path) and return the header and the rows: line, number of cells, cells."""

    def _read(content: bytes | Path, **options):
        path = content if isinstance(content, Path) else tmp_path / "t.csv"
        if isinstance(content, bytes):
            path.write_bytes(content)
        found = delimited.read(con, path, "_t", work=tmp_path, **options)
        cells = "".join(f", {database.name(name)}" for name in found.names)
        rows = con.execute(f"select _ligne, _cellules{cells} from ({found.relation}) order by _ligne").fetchall()
        delimited.discard(con, "_t")
        return list(found.columns), rows

    return _read


def _written(rows: list[list[str]], mark: str, quoting: int, end: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=mark, quoting=quoting, lineterminator=end).writerows([["x", "y", "z"], *rows])
    return text.getvalue().encode("utf-8")


def _lines(rows: list[list[str]], mark: str, quoting: int, end: str) -> list[int]:
    """Where each row begins: after the physical lines of those before it."""
    return [_written(rows[:i], mark, quoting, end).count(b"\n") + 1 for i in range(len(rows))]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["minimal", "all"])
@settings(max_examples=40)
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6),
    mark=st.sampled_from(";,"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_rfc_4180_writes_is_read_again_cell_by_cell_with_its_line(tmp_path_factory, con, quoting, rows, mark, end):
    folder: Path = tmp_path_factory.mktemp("csv")
    path = folder / "t.csv"
    path.write_bytes(_written(rows, mark, quoting, end))
    read = delimited.read(con, path, "_t", work=folder, allowed=";,", strict_utf8=True)
    found = con.execute(f"select _ligne, _cellules, x, y, z from ({read.relation}) order by _ligne").fetchall()
    expected = [
        (line, 3, *(cell or None for cell in row))
        for line, row in zip(_lines(rows, mark, quoting, end), rows, strict=True)
        if any(cell.strip(" \t") for cell in row)
    ]
    assert found == expected


@settings(max_examples=60)
@given(text=DIRTY)
def test_whatever_the_quotes_no_line_and_no_letter_is_lost(tmp_path_factory, con, text):
    folder: Path = tmp_path_factory.mktemp("dirty")
    path = folder / "t.csv"
    path.write_bytes(f"x;y;z\n{text}".encode())
    read = delimited.read(con, path, "_t", work=folder)
    query = f"select _ligne, concat(x, y, z, _surplus) from ({read.relation})"
    found = dict(con.execute(query).fetchall())
    assert all(2 <= line <= text.count("\n") + 2 for line in found)
    assert _letters("".join(found.values())) == _letters(text)


def _letters(text: str) -> list[str]:
    return sorted(c for c in text if c in "ab")


# -- encodings ---------------------------------------------------------------------------------------------------

PLAIN = "N°;NOM\n1;Zoé\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("cp1252"),
        PLAIN.encode("utf-16"),
        b"\xff\xfe" + PLAIN.encode("utf-16-le"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
    ],
    ids=["utf8", "bom", "cp1252", "utf16", "utf16le", "utf16be", "utf16le-without-bom", "utf16be-without-bom"],
)
def test_the_encoding_is_found_from_the_bytes(read, content):
    assert read(content) == (["N°", "NOM"], [(2, 2, "1", "Zoé")])


def test_windows_1252_has_its_euro_and_ligatures_and_keeps_its_undefined_bytes(read):
    _, rows = read("ID;X\n1;€œŒ’\n".encode("cp1252") + b"2;a\x81\x8d\x8f\x90\x9db\n")
    assert rows == [(2, 2, "1", "€œŒ’"), (3, 2, "2", "a\x81\x8d\x8f\x90\x9db")]


def test_a_declared_encoding_is_used_but_a_byte_order_mark_is_believed(read):
    assert read("ID;X\n1;é\n".encode("latin-1"), encoding="latin-1")[1] == [(2, 2, "1", "é")]
    assert read("ID;X\n1;é\n".encode("utf-8-sig"), encoding="windows-1252")[1] == [(2, 2, "1", "é")]
    assert read("ID;X\n1;ł\n".encode("iso8859_2"), encoding="iso8859_2")[1] == [(2, 2, "1", "ł")]


def test_one_bad_byte_in_utf8_is_an_error_with_its_line_unless_the_encoding_is_declared(read):
    content = "ID;X\n1;été\n2;l".encode() + b"\xe9" + "l\n3;où\n".encode()
    with pytest.raises(SourceError) as refused:
        read(content)
    assert [(f.code, f.fichier, f.ligne) for f in refused.value.faults] == [("ENCODAGE", "t.csv", 3)]
    assert read(content, encoding="utf-8")[1] == [(2, 2, "1", "été"), (3, 2, "2", "lél"), (4, 2, "3", "où")]


def test_a_file_cut_in_the_middle_of_a_character_is_an_error_with_its_line(read):
    with pytest.raises(SourceError) as refused:
        read("ID;X\n1;été\n2;été\n3;é".encode()[:-1])
    assert [f.ligne for f in refused.value.faults] == [4]


def test_accents_of_windows_1252_that_happen_to_be_utf8_do_not_make_it_utf8(read):
    content = "ID;IDENTITÉ\u00a0:\n1;é è à ç\n".encode("cp1252")
    assert read(content) == (["ID", "IDENTITÉ :"], [(2, 2, "1", "é è à ç")])


# -- lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_every_line_end_counts_one_line(read, end):
    text = f'ID;X{end}1;a{end}{end}2;"b{end}c"{end}3;d{end}'
    assert read(text.encode())[1] == [(2, 2, "1", "a"), (4, 2, "2", "b\nc"), (6, 2, "3", "d")]


def test_mixed_line_ends_count_one_line_each(read):
    assert read(b'ID;X\r\n1;a\n2;"b\nc"\r\n3;d\r4;e')[1] == [
        (2, 2, "1", "a"), (3, 2, "2", "b\nc"), (5, 2, "3", "d"), (6, 2, "4", "e"),
    ]  # fmt: skip


def test_the_last_line_may_have_no_end(read):
    assert read(b"ID;X\n1;a")[1] == [(2, 2, "1", "a")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"], ids=["empty", "blank", "bom"])
def test_an_empty_file_has_no_column_and_no_row(read, content):
    assert read(content) == ([], [])


@pytest.mark.parametrize("content", [b"ID;X", b"ID;X\n", b"\n\nID;X\r\n"])
def test_a_file_of_a_header_alone_has_no_row(read, content):
    assert read(content) == (["ID", "X"], [])


def test_lines_without_any_cell_filled_are_no_rows_and_count_as_lines(read):
    assert read(b"ID;X;Y\n;;\n \n1;a;b\n;; \n\n2;;\n")[1] == [(4, 3, "1", "a", "b"), (7, 3, "2", None, None)]
    rows = read(b'"ID";"X"\n"";""\n"1";""\n"" ;""\n"""";\n";";\n')[1]
    assert rows == [(3, 2, "1", None), (5, 2, '"', None), (6, 2, ";", None)]


def test_lines_above_the_header_and_the_line_that_excel_reads_are_passed_over(read):
    assert read(b"Export du 01/01/2025\nID;X\n1;a\n", skip=1) == (["ID", "X"], [(3, 2, "1", "a")])
    assert read(b"sep=;\r\nID,1;X\r\n1;a\r\n") == (["ID,1", "X"], [(3, 2, "1", "a")])
    assert read(b'\xef\xbb\xbf"sep=,"\nID,X\n1,a\n') == (["ID", "X"], [(3, 2, "1", "a")])


def test_zero_bytes_are_kept_as_replacement_characters(read):
    assert read(b"ID;X\n1;a\0b\x01c\n")[1] == [(2, 2, "1", "a\ufffdb\ufffdc")]


def test_a_cell_of_a_million_characters_is_a_cell(read):
    cell = "x" * 1_000_000
    assert read(f"ID;X\n1;{cell}\n2;b\n".encode())[1] == [(2, 2, "1", cell), (3, 2, "2", "b")]


# -- separators and headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"], ids=["semicolon", "comma", "tab", "bar"])
def test_the_separator_is_found_in_the_header(read, mark):
    text = mark.join(["ID", "X", "Y"]) + "\n" + mark.join(["1", f'"a{mark}b"', "c"]) + "\n"
    assert read(text.encode()) == (["ID", "X", "Y"], [(2, 3, "1", f"a{mark}b", "c")])


def test_a_separator_inside_the_quotes_of_a_header_does_not_count(read):
    assert read(b'"Nom, prenom, naissance";ID\n"a, b";1\n')[0] == ["Nom, prenom, naissance", "ID"]


def test_a_declared_separator_may_be_any_character(read):
    assert read(b"ID^X\n1^a;b\n", separator="^") == (["ID", "X"], [(2, 2, "1", "a;b")])
    assert read(b'ID.X\n1."a.b"\n', separator=".") == (["ID", "X"], [(2, 2, "1", "a.b")])
    assert read(b'ID-X]\n1-"a-b"\n', separator="-") == (["ID", "X]"], [(2, 2, "1", "a-b")])


def test_a_file_of_one_column_needs_no_separator(read):
    assert read(b'ID\n1\n"a;b"\n') == (["ID"], [(2, 1, "1"), (3, 1, "a;b")])


def test_a_name_of_the_header_is_compared_without_what_cannot_be_seen(read):
    text = '\ufeff\ufeffN°\u00a0DE\u202fFICHE ; re\u0301sident;\u200b[Né(e) le]  au;"A\nB"\n1;2;3;4\n'
    assert read(text.encode()) == (["N° DE FICHE", "résident", "[Né(e) le] au", "A B"], [(3, 4, "1", "2", "3", "4")])


def test_columns_of_one_name_or_none_are_all_kept_apart(read):
    columns, rows = read(b"ID;Nom;NOM;;Nom;\n1;a;b;c;d;\n")
    assert columns == ["ID", "Nom", "NOM", "", "Nom"]
    assert rows == [(2, 5, "1", "a", "b", "c", "d")]


@pytest.mark.parametrize("name", ["n", "l", "p", "select", "_r", "x y", "a.b", "lambda"])
def test_a_column_may_bear_any_name(read, name):
    assert read(f"{name};ID;p;n\n1;2;3;4\n".encode())[1][0][2:4] == ("1", "2")


def test_a_quote_that_the_header_never_closes_is_an_error_with_its_line(read):
    for content in (b'\nID;"NOM;X\n1;a;b\n2;c;d\n', b'\nID;"' + b"x;y\n" * 100_000):
        with pytest.raises(SourceError) as refused:
            read(content)
        assert refused.value.code == "ESMS-E306"
        assert [f.ligne for f in refused.value.faults] == [2]


# -- ragged rows and quotes --------------------------------------------------------------------------------------


def test_a_row_knows_how_many_cells_it_has(read):
    rows = read(b"ID;X;Y\n1;a\n2;a;b;c\n3\n4;a;b;;  ;\n5;a;b;;c\n")[1]
    assert [row[:2] for row in rows] == [(2, 2), (3, 4), (4, 1), (5, 3), (6, 5)]


def test_separators_at_the_end_of_the_header_or_of_the_rows_are_no_cells(read):
    assert read(b"ID;X;;\n1;a\n2;b;\n3;c;;\n4;d;;;;\n")[1] == [
        (2, 2, "1", "a"), (3, 2, "2", "b"), (4, 2, "3", "c"), (5, 2, "4", "d"),
    ]  # fmt: skip


def test_quotes_may_stand_around_every_cell_and_be_doubled_inside(read):
    rows = read(b'"ID";"X"\n"1";"a ""b"" c"\n"2";""\n"3";"""x"""\n"4";";"\n')[1]
    assert rows == [(2, 2, "1", 'a "b" c'), (3, 2, "2", None), (4, 2, "3", '"x"'), (5, 2, "4", ";")]


def test_a_quote_inside_a_cell_is_a_character(read):
    assert read(b'ID;X\n1;ecran 12"\n2;b "c" d\n3;e\n')[1] == [
        (2, 2, "1", 'ecran 12"'), (3, 2, "2", 'b "c" d'), (4, 2, "3", "e"),
    ]  # fmt: skip


def test_a_quote_that_opens_and_is_never_closed_spoils_its_own_row_alone(read):
    rows = read(b'ID;X;Y\n1;"a;b\n2;c;d\n3;"e;f\n4;"g\nh";i\n5;j;k\n')[1]
    assert [row[:2] for row in rows] == [(2, -1), (3, 3), (4, -1), (5, 3), (7, 3)]
    assert rows[1][2:] == ("2", "c", "d") and rows[3][2:] == ("4", "g\nh", "i")


def test_a_quote_closed_too_early_spoils_its_own_row_alone(read):
    rows = read(b'ID;X\n1;"a"b\n2;"c" \n3;d\n')[1]
    assert [row[:2] for row in rows] == [(2, -1), (3, 2), (4, 2)]
    assert rows[1][3] == "c"


def test_every_row_may_be_spoilt_by_a_quote_and_it_takes_no_time(read):
    rows = read(b"ID;X;Y\n" + b"".join(b'%d;"a;b\n' % i for i in range(20_000)))[1]
    assert len(rows) == 20_000 and {row[1] for row in rows} == {-1}


def test_a_stray_quote_does_not_swallow_the_rows_up_to_the_next_one(read):
    rows = read(b'ID;X;Y\n1;"a;b\n' + b"2;c;d\n" * 5 + b'3;e;12" f\n4;g;h\n')[1]
    assert [row[:2] for row in rows] == [(2, -1), *((i, 3) for i in range(3, 10))]


def test_cells_over_several_lines_hold_blank_lines_separators_and_quotes(read):
    text = 'ID;X;Y\n1;"a\n\n;b;""c\n""";"d\n"\n2;"e";"f\ng;h\ni"\n3;j;k\n'
    assert read(text.encode())[1] == [
        (2, 3, "1", 'a\n\n;b;"c\n"', "d\n"), (7, 3, "2", "e", "f\ng;h\ni"), (10, 3, "3", "j", "k"),
    ]  # fmt: skip


def test_a_ragged_row_over_several_lines_is_one_row(read):
    rows = read(b'ID;X;Y\n1;"a\nb\nc"\n2;d;e\n')[1]
    assert [row[:2] for row in rows] == [(2, 2), (5, 3)]


# -- packed files ------------------------------------------------------------------------------------------------


def test_a_packed_file_is_read_as_it_is(read, tmp_path):
    content = "ID;X\r\n1;é\r\n".encode("cp1252")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("dossier/b.csv", content)
        archive.writestr("c.csv.GZ", gzip.compress(content))
    expected = (["ID", "X"], [(2, 2, "1", "é")])
    assert read(tmp_path / "a.csv.gz") == expected
    assert read(tmp_path / "a.zip", member="dossier/b.csv") == expected
    assert read(tmp_path / "a.zip", member="c.csv.GZ") == expected


def test_a_packed_file_that_is_broken_is_a_clear_error(read, tmp_path):
    whole = gzip.compress(b"ID;X\n" + bytes(range(10, 250)) * 50)
    for number, content in enumerate((b"", b"no gzip", whole[:-20], whole[:40] + b"\0" * 20 + whole[60:])):
        path = tmp_path / f"{number}.csv.gz"
        path.write_bytes(content)
        if content:
            with pytest.raises(SourceError) as refused:
                read(path)
            assert refused.value.code == "ESMS-E301" and path.name in str(refused.value)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.csv", "ID;X\n" * 1000)
    packed = bytearray((tmp_path / "a.zip").read_bytes())
    packed[45] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(bytes(packed))
    with pytest.raises(SourceError):
        read(tmp_path / "a.zip", member="b.csv")


@pytest.mark.parametrize("name", ["a b.csv", "a[1].csv", "l'a.csv", "{x}.csv", "a;b.csv", "a#b.csv"])
def test_a_file_may_bear_any_name(read, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"ID;X\n1;a\n")
    assert read(path)[1] == [(2, 2, "1", "a")]
