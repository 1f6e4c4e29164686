"""The door to XML and zip lets no DTD, no entity, no network and no bomb through, and says why."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from esms_sdk import xml
from esms_sdk.errors import SourceError
from esms_sdk.xml import Limits, UnreadableArchive, UnreadableXml

# -- XML ---------------------------------------------------------------------------------------------------------


def test_a_document_is_read_with_its_names_and_texts_without_comments_nor_instructions():
    root = xml.parse(b'<?xml version="1.0"?><?p i?><a xmlns="urn:x"><!-- c -->t<b k="v"/></a>', "a.xml")
    assert (root.tag, root.text, root[0].get("k"), len(root)) == ("{urn:x}a", "t", "v", 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "iso-8859-15"])
def test_a_document_may_be_written_in_the_usual_encodings(encoding):
    content = f'<?xml version="1.0" encoding="{encoding}"?><a>é</a>'.encode(encoding)
    assert xml.parse(content, "a.xml").text == "é"


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
HOSTILE = {
    "an entity": '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
    "an entity in an attribute": '<!DOCTYPE a [<!ENTITY e "x">]><a k="&e;"/>',
    "an external entity": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><a/>',
    "a billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a k="&l11;">&l11;</a>',
    "an external DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "a public DTD": '<!DOCTYPE a PUBLIC "-//x//y" "http://127.0.0.1:9/a.dtd"><a/>',
    "an empty DTD": "<!DOCTYPE a><a/>",
    "a DTD after a comment": "<!-- x --><?p i?>\n<!DOCTYPE a><a/>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_dtd_is_refused_whatever_it_declares(content, encoding):
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{content}'.encode(encoding)
    with pytest.raises(UnreadableXml) as refused:
        xml.parse(declared, "a.xml")
    assert refused.value.code == "ESMS-E341" and "a.xml" in refused.value.message


def test_an_include_and_a_schema_location_are_not_followed(tmp_path):
    (tmp_path / "secret.xml").write_text("<secret/>", encoding="utf-8")
    place = (tmp_path / "secret.xml").as_uri()
    include = f'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="{place}"/></a>'
    schema = f'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="u {place}"/>'
    assert xml.parse(include.encode(), "a.xml")[0].get("href") == place
    assert len(xml.parse(schema.encode(), "a.xml")) == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"<a>", b"<a></b>", b"<a/><b/>", b"<a>&undeclared;</a>", b"<a>\x00</a>", b"\xff\xfe", b"%PDF-1.4",
     b'<?xml version="1.0" encoding="utf-7"?><a/>', b"<a>\xe9</a>"],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused_and_never_repaired(content):
    with pytest.raises(UnreadableXml) as refused:
        xml.parse(content, "a.xml")
    assert refused.value.code == "ESMS-E340" and refused.value.__suppress_context__


@pytest.mark.parametrize("depth", [257, 3_000, 100_000])
def test_a_document_that_is_too_deep_is_refused(depth):
    assert xml.parse(b"<a>" * 256 + b"</a>" * 256, "a.xml") is not None
    with pytest.raises(UnreadableXml):
        xml.parse(b"<a>" * depth + b"</a>" * depth, "a.xml")


def test_a_document_that_is_too_large_is_refused_and_a_long_text_is_not():
    long = b"<a>" + b"x" * (11 << 20) + b"</a>"
    assert len(xml.parse(long, "a.xml").text) == 11 << 20
    with pytest.raises(UnreadableXml, match="plus de 1 Mio"):
        xml.parse(long, "a.xml", Limits(size=1 << 20))


def test_a_refusal_is_a_source_error_with_a_remedy():
    with pytest.raises(SourceError) as refused:
        xml.parse(b"<a>", "a.xml")
    assert refused.value.exit_code == 2 and refused.value.hint


# -- zip ---------------------------------------------------------------------------------------------------------


def _zip(path, members, **more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **more)
    return path


def _names(path, limits=xml.LIMITS):
    with xml.archive(path, "a.zip", limits) as opened:
        return opened.names


def test_the_files_of_an_archive_are_listed_and_read(tmp_path):
    path = _zip(tmp_path / "a.zip", [("b/", b""), ("b/2.xml", b"deux"), ("b/1.xml", b"un")])
    with xml.archive(path, "a.zip") as opened:
        assert opened.names == ["b/1.xml", "b/2.xml"]
        with opened.open("b/2.xml") as stream:
            assert stream.read() == b"deux"


def _link(path):
    info = zipfile.ZipInfo("lien")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")


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
    with xml.archive(path, "a.zip") as opened, opened.open("a.xml") as stream:
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
    with xml.archive(path, "a.zip") as opened, opened.open("a.xml") as stream, pytest.raises(UnreadableArchive):
        stream.read()
