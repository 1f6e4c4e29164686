"""The door to XML lets no DTD, no entity, no network and no bomb through, and says why."""

from __future__ import annotations

import pytest

from esms_sdk import xml
from esms_sdk.archive import Limits
from esms_sdk.errors import SourceError
from esms_sdk.xml import UnreadableXml


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
