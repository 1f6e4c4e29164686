"""The door to zip archives lets no harm through; and of an archive, says whether every program sees the same in it."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass, field

import pytest

from esms_sdk.archive import LIMITS, Limits, RepeatedName, UnreadableArchive, archive, pack


def _zip(path, members, **more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content, **more)
    return path


def _names(path, limits=LIMITS):
    with archive(path, "a.zip", limits) as opened:
        return opened.names


def test_the_files_of_an_archive_are_listed_and_read(tmp_path):
    path = _zip(tmp_path / "a.zip", [("b/", b""), ("b/2.xml", b"deux"), ("b/1.xml", b"un")])
    with archive(path, "a.zip") as opened:
        assert opened.names == ["b/1.xml", "b/2.xml"]
        with opened.open("b/2.xml") as stream:
            assert stream.read() == b"deux"


def _link(path):
    info = zipfile.ZipInfo("lien")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(info, "/etc/passwd")


def _encrypted(path):
    _zip(path, [("a.xml", b"x")])
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    "make",
    [
        lambda p: _zip(p, [("../a.xml", b"")]),
        lambda p: _zip(p, [("a/../../b.xml", b"")]),
        lambda p: _zip(p, [("/etc/a.xml", b"")]),
        lambda p: _zip(p, [("C:/a.xml", b"")]),
        lambda p: _zip(p, [("a\\..\\b.xml", b"")]),
        lambda p: _zip(p, [("a.xml", b""), ("A.XML", b"")]),
        lambda p: _zip(p, [("a.xml", b"\0" * (17 << 20))]),
        _link,
        _encrypted,
    ],
    ids=["parent", "parent inside", "absolute", "drive", "backslash", "twice", "bomb", "link", "password"],
)
def test_an_archive_that_could_do_harm_is_refused(tmp_path, make):
    make(tmp_path / "a.zip")
    with pytest.raises(UnreadableArchive) as refused:
        _names(tmp_path / "a.zip")
    assert refused.value.code == "ESMS-E344" and refused.value.hint


def test_an_archive_of_too_many_files_or_too_much_content_is_refused(tmp_path):
    path = _zip(tmp_path / "a.zip", [(f"{i}.xml", b"0123456789") for i in range(20)])
    assert len(_names(path)) == 20
    for limits in (Limits(members=19), Limits(unpacked=199)):
        with pytest.raises(UnreadableArchive):
            _names(path, limits)


def test_a_file_longer_than_the_archive_declares_is_never_read_further(tmp_path):
    content = bytes(range(256)) * 4000
    path = _zip(tmp_path / "a.zip", [("a.xml", content)])
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(raw))
    with archive(path, "a.zip") as opened, opened.open("a.xml") as stream:
        try:
            assert len(stream.read()) <= 10
        except UnreadableArchive as refused:
            assert refused.code in ("ESMS-E343", "ESMS-E344")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04"])
def test_what_is_no_archive_is_told_by_its_name(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UnreadableArchive, match=r"archive illisible : a\.zip"):
        _names(tmp_path / "a.zip")


def test_an_archive_whose_content_is_damaged_is_told_while_it_is_read(tmp_path):
    path = _zip(tmp_path / "a.zip", [("a.xml", io.BytesIO(bytes(range(256)) * 400).read())])
    raw = bytearray(path.read_bytes())
    raw[60:70] = b"\xff" * 10
    path.write_bytes(bytes(raw))
    with archive(path, "a.zip") as opened, opened.open("a.xml") as stream, pytest.raises(UnreadableArchive):
        stream.read()


def test_names_that_differ_by_case_or_by_the_writing_of_their_accents_stand_twice(tmp_path):
    for one, other in (("a.xml", "A.XML"), ("\xe9.xml", "e\u0301.xml"), ("\xc9.xml", "e\u0301.xml")):
        path = _zip(tmp_path / "a.zip", [(one, b""), (other, b""), ("c.xml", b"")])
        with pytest.raises(RepeatedName) as refused:
            _names(path)
        assert refused.value.names == tuple(sorted((one, other)))


# -- what two programs would read differently ----------------------------------------------------------------------

EVIL = b"<p>100 %</p>"


def told(name: bytes, data: bytes, packed: bytes, **more: object) -> dict[str, object]:
    """Return what is told of a file, before its bytes and in the table alike."""
    return {"flags": 0, "method": 8, "crc": zlib.crc32(data), "packed": len(packed), "size": len(data), "name": name,
            "extra": b"", "attributes": 0, "comment": b"", **more}  # fmt: skip


@dataclass
class File:
    """One file of a zip as it is written: its bytes, and what ``local`` and ``table`` change of what is told of it."""

    name: bytes = b"b.html"
    data: bytes = b"<p>85 %</p>" * 9
    packed: bytes | None = None
    behind: bytes = b""
    local: dict[str, object] = field(default_factory=dict)
    table: dict[str, object] = field(default_factory=dict)

    def bytes(self) -> bytes:
        if self.packed is not None:
            return self.packed
        packing = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packing.compress(self.data) + packing.flush()

    def before(self) -> bytes:
        one = told(self.name, self.data, self.bytes()) | self.local
        head = struct.pack("<4s5H3I2H", b"PK\3\4", 20, one["flags"], one["method"], 0, 33, one["crc"], one["packed"],
                           one["size"], len(one["name"]), len(one["extra"]))  # fmt: skip
        return head + one["name"] + one["extra"]

    def entry(self, place: int) -> bytes:
        one = told(self.name, self.data, self.bytes()) | self.table
        head = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, one["flags"], one["method"], 0, 33, one["crc"],
                           one["packed"], one["size"], len(one["name"]), len(one["extra"]), len(one["comment"]), 0, 0,
                           one["attributes"], place)  # fmt: skip
        return head + one["name"] + one["extra"] + one["comment"]


def written(*files: File, shift: int = 0, count: int | None = None, between: bytes = b"") -> bytes:
    """Return a zip of files, between two usual ones."""
    out, table = b"", b""
    everything = (File(b"a.html"), *files, File(b"c.html"))
    for one in everything:
        table += one.entry(len(out) + shift)
        out += one.before() + one.bytes() + one.behind
    number = len(everything) if count is None else count
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, number, number, len(table), len(out) + shift, 0)
    return out + table + between + end


def extra(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def both(**more: object) -> dict[str, dict[str, object]]:
    return {"local": more, "table": more}


def renamed(raw: bytes, name: bytes) -> bytes:
    return extra(0x7075, struct.pack("<BI", 1, zlib.crc32(raw)) + name)


def reason(data: bytes) -> str:
    try:
        with archive(io.BytesIO(data), "a.zip") as opened:
            return opened.ambiguity()
    except UnreadableArchive as refused:
        return refused.message


PLAIN = File()
HIDDEN = File(data=EVIL, packed=EVIL, local={"method": 0}).before() + EVIL
LONGER = PLAIN.bytes() + EVIL
DESCRIBED = struct.pack("<3I", zlib.crc32(PLAIN.data), len(PLAIN.bytes()), len(PLAIN.data))
UNKNOWN = {"crc": 0, "packed": 0, "size": 0}
TIMES = extra(0x5455, bytes(5)) + extra(0x7875, bytes(11))


@pytest.mark.parametrize(
    "made",
    [
        written(PLAIN),
        written(File(local={"extra": extra(0x5455, bytes(9)), "flags": 0}, table={"extra": TIMES})),
        written(File(table={"extra": extra(0x000A, bytes(32)), "attributes": (stat.S_IFREG | 0o644) << 16})),
        written(File(local={"flags": 8} | UNKNOWN, table={"flags": 8}, behind=b"PK\7\x08" + DESCRIBED)),
        written(File(local={"flags": 8, "crc": 0, "packed": 0}, table={"flags": 8}, behind=DESCRIBED)),
        written(File(packed=PLAIN.data, **both(method=0))),
        written(File("é.html".encode(), **both(flags=0x800))),
        written(File(data=b"")),
    ],
    ids=["plain", "zip", "7z", "streamed", "streamed by zip", "stored", "accent", "empty"],
)  # fmt: skip
def test_what_usual_programs_write_is_the_same_for_every_program(made):
    assert reason(made) == ""


def test_what_we_write_is_the_same_for_every_program(tmp_path):
    pack(tmp_path / "a.zip", {"a.html": b"x" * 300_000, "b.bin": bytes(range(256)) * 500, "c": b""})
    assert reason((tmp_path / "a.zip").read_bytes()) == ""
    with zipfile.ZipFile(tmp_path / "vide.zip", "w"):
        pass
    assert reason((tmp_path / "vide.zip").read_bytes()) == ""


def test_a_large_file_is_followed_to_its_last_byte():
    data = bytes(range(256)) * 20_000
    assert reason(written(File(data=data))) == ""
    assert reason(written(File(data=data, packed=File(data=data).bytes() + b"\0")))


LOCAL = {4, 5, 10, 11, 12, 13}
TABLE = {4, 5, 6, 7, 12, 13, 14, 15, *range(36, 42)}
AMBIGUOUS = {
    "stored before, unpacked in the table": written(File(packed=LONGER, local={
        "method": 0, "crc": zlib.crc32(LONGER), "size": len(LONGER)})),
    "bytes after the end of what is packed": written(File(packed=LONGER)),
    "a file hidden there": written(File(packed=PLAIN.bytes() + HIDDEN, local={"packed": len(PLAIN.bytes())})),
    "another size before it": written(File(local={"size": 0})),
    "another packed size before it": written(File(local={"packed": 0})),
    "another CRC before it": written(File(local={"crc": 0})),
    "another name before it": written(File(local={"name": b"d.html"})),
    "other flags before it": written(File(local={"flags": 8})),
    "another descriptor": written(File(local={"flags": 8} | UNKNOWN, table={"flags": 8}, behind=b"PK\7\x08" + bytes(12))),
    "no descriptor": written(File(local={"flags": 8} | UNKNOWN, table={"flags": 8})),
    "stored with a descriptor": written(File(packed=PLAIN.data, local={"flags": 8, "method": 0} | UNKNOWN, table={
        "flags": 8, "method": 0}, behind=b"PK\7\x08" + struct.pack("<3I", zlib.crc32(PLAIN.data), 99, 99))),
    "a name by the Unicode field": written(File(table={"extra": renamed(b"b.html", b"d.html")})),
    "an unknown field before it": written(File(local={"extra": extra(0xCAFE, b"S" * 20_000)})),
    "a field too long": written(File(table={"extra": extra(0x5455, bytes(14))})),
    "a field told twice": written(File(table={"extra": extra(0x5455, bytes(5)) * 2})),
    "half a field": written(File(table={"extra": b"UT\x09"})),
    "sizes of zip64": written(File(table={"extra": extra(0x0001, struct.pack("<Q", 99))})),
    "a folder with bytes": written(File(b"d.html/", EVIL, EVIL, **both(method=0))),
    "a folder that the Unicode field calls a file": written(File(b"d/", EVIL, EVIL, local={"method": 0}, table={
        "method": 0, "extra": renamed(b"d/", b"d.html")})),
    "a file that its mode calls a folder": written(File(table={"attributes": stat.S_IFDIR << 16})),
    "a file that its attributes call a folder": written(File(table={"attributes": 0x10})),
    "a NUL in a name": written(File(b"b.html\0.exe")),
    "an accent in no known encoding": written(File(b"\x82.html")),
    "a comment": written(File(table={"comment": b"PK"})),
    "unusual flags": written(File(**both(flags=0x2000))),
    "bytes between two files": written(File(behind=b"x")),
    "fewer files at the end": written(PLAIN, count=1),
    "more files at the end": written(PLAIN, count=9),
    "a table that is said to be further": written(PLAIN, shift=9),
    "bytes behind the table": written(PLAIN, between=b"x"),
}  # fmt: skip


@pytest.mark.parametrize("made", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_two_programs_would_read_differently_is_told(made):
    assert reason(made)


def test_no_bit_of_what_is_told_of_a_file_can_change_but_its_times_and_its_owner():
    """Places in a record: versions, time, attributes, and what follows the name, the fields of times and owners."""
    whole = written(File(table={"extra": TIMES}, local={"extra": TIMES}))
    places = [(place, mark, free) for mark, free in ((b"PK\3\4", LOCAL), (b"PK\1\2", TABLE), (b"PK\5\6", set()))
              for place in (match.start() for match in re.finditer(re.escape(mark), whole))]  # fmt: skip
    ends = [*[place for place, _, _ in places[1:]], len(whole)]
    for (place, mark, free), end in zip(sorted(places), sorted(ends), strict=True):
        size = {b"PK\3\4": 36, b"PK\1\2": 52, b"PK\5\6": 22}[mark]
        for at in range(place, min(end, place + size)):
            for bit in range(8):
                changed = bytearray(whole)
                changed[at] ^= 1 << bit
                assert at - place in free or reason(bytes(changed)), (mark, at - place, bit)


def test_the_locator_of_zip64_is_not_let_hide_in_the_last_entry():
    last = File(table={"extra": extra(0x000A, bytes(12) + b"PK\6\7" + bytes(16))})
    table = last.entry(0)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(table), len(last.before() + last.bytes()), 0)
    assert "table" in reason(last.before() + last.bytes() + table + end)
