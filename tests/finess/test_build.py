"""The reference file is made of the feed as it was published, or not at all."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import zipfile

import pytest

from esms_sdk.errors import SourceError
from esms_sdk.finess import Origin, Summary, build, is_reference, open_reference, packing
from esms_sdk.finess.json_stream import JsonStream, NotJson
from tests.finess.feeds import CLOSED, CORSICAN, EHPAD, EJ, HOSPITAL, OTHER_EJ, ej, et, feed, usual, write


def _build(tmp_path, feed_path):
    out = tmp_path / "finess.sqlite"
    return out, *build(feed_path, out, Origin())


def test_every_number_of_the_feed_is_found_with_its_body_and_its_dates(tmp_path):
    out, origin, summary = _build(tmp_path, write(tmp_path / "f.json", usual()))
    assert summary == Summary(2, 4, 1, 0)
    assert origin.genere_le.startswith("2025-08-13") and origin.source == "f.json"
    with open_reference(out) as known:
        assert (known.etablissement(EHPAD).finess_ej, known.etablissement(EHPAD).categorie) == (EJ, "500")
        assert known.etablissement(CLOSED).fermeture.isoformat() == "2025-06-30"
        assert [known.etablissement(n).ouvert for n in (EHPAD, HOSPITAL, CLOSED, CORSICAN)] == [True, True, False, True]
        assert known.organisme(OTHER_EJ).nom == "Association"
        assert known.etablissement(EJ) is None and known.organisme(EHPAD) is None
        assert known.counted(OTHER_EJ) == (2, 1)
        assert known.genere_le.isoformat() == "2025-08-13" and not known.invente


def test_the_feed_is_read_as_published_plain_gzipped_or_zipped(tmp_path):
    plain = write(tmp_path / "f.json", usual())
    packed = tmp_path / "f.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    zipped, zipped_gz = tmp_path / "f.zip", tmp_path / "g.zip"
    for path, member in ((zipped, plain), (zipped_gz, packed)):
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(member, member.name)
    marked = tmp_path / "bom.json"
    marked.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes())
    tables = []
    for number, path in enumerate((plain, packed, zipped, zipped_gz, marked)):
        out = tmp_path / f"{number}.sqlite"
        build(path, out, Origin())
        con = sqlite3.connect(out)
        tables.append(con.execute("select * from et").fetchall())
        con.close()
    assert len(tables[0]) == 4 and tables == tables[:1] * 5


def test_the_same_feed_gives_the_same_bytes(tmp_path):
    path = write(tmp_path / "f.json", usual())
    for name in ("a", "b"):
        build(path, tmp_path / name, Origin())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_number_met_twice_keeps_the_active_one_and_no_number_is_counted(tmp_path):
    closed = et(EHPAD, fermeture="2020-01-01")
    twice = feed(ej(EJ, closed), ej(OTHER_EJ, et(EHPAD), et(None)), ej("000000018", closed), ej(None))
    out, _, summary = _build(tmp_path, write(tmp_path / "f.json", twice))
    assert summary == Summary(3, 1, 0, 2)
    with open_reference(out) as known:
        assert known.etablissement(EHPAD).finess_ej == OTHER_EJ


OLD = {"informationsGeneralesPmej": {"pm_smsseId": "1"}, "etatObjet": {"code": "A", "system": "TRE"}}


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (json.dumps(feed(OLD)), "ESMS-E370", "décembre 2025"),
        ("finess;etalab;111;2026-05-12\nstructureet;1;2\n", "ESMS-E370", "etalab"),
        (json.dumps(usual(schemaVersion="v2.0.0")), "ESMS-E370", "v2.0.0"),
        (json.dumps(feed({"autre": 1})), "ESMS-E370", "forme inconnue"),
        (json.dumps(feed()), "ESMS-E370", "«pmej»"),
        (json.dumps({"activites": [1], "schemaVersion": "v1.0.0"}), "ESMS-E370", "clés vues : activites"),
        (json.dumps(usual(generatedAt="hier")), "ESMS-E370", "generatedAt"),
        (json.dumps(usual())[:-40], "ESMS-E371", "coupé"),
        (json.dumps(usual()) + "}", "ESMS-E371", "suit la fin"),
        (json.dumps(usual()).replace('"ege":', '"ege";'), "ESMS-E371", "pas du JSON"),
        ("", "ESMS-E371", "coupé"),
        ("[1]", "ESMS-E371", "attendu"),
    ],
)
def test_what_is_no_such_feed_is_refused_by_name_with_a_remedy(tmp_path, text, code, said):
    path = tmp_path / "f.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as fault:
        _build(tmp_path, path)
    assert fault.value.code == code and said in fault.value.message and fault.value.hint


def test_a_damaged_or_ambiguous_archive_is_refused(tmp_path):
    whole = gzip.compress(os.urandom(5000) + json.dumps(usual()).encode())
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.json", "{}")
        archive.writestr("b.json", "{}")
    (tmp_path / "cut.gz").write_bytes(whole[:-300])
    (tmp_path / "cut.zip").write_bytes((tmp_path / "two.zip").read_bytes()[:-30])
    (tmp_path / "latin.json").write_bytes(b'{"schemaVersion": "v1.0.0", "x": "\xe9t\xe9"}')
    for name in ("two.zip", "cut.gz", "cut.zip", "latin.json", "absent.json"):
        with pytest.raises(SourceError, match="ESMS-E371"):
            _build(tmp_path, tmp_path / name)
        (tmp_path / "finess.sqlite").unlink(missing_ok=True)


def test_a_small_file_that_unfolds_without_end_is_stopped(tmp_path):
    path = tmp_path / "f.gz"
    path.write_bytes(gzip.compress(b" " * 3_000_000))
    with packing.opened(path, "f.gz", limit=1_000_000) as read, pytest.raises(SourceError, match="ESMS-E373"):
        while read(100_000):
            pass


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50])
def test_a_document_reads_the_same_wherever_it_is_cut(step, monkeypatch):
    monkeypatch.setattr("esms_sdk.finess.json_stream._PIECE", 1)
    text = ' {"a" : [ 12 , -3.5e2, "é\\u00e9\\"", {"b": [true, null]} ], "n": 1234, "vide": [ ] , "o": {}} '
    pieces = [text[at : at + step] for at in range(0, len(text), step)] + [""]
    wanted = [("a", 12), ("a", -350.0), ("a", 'éé"'), ("a", {"b": [True, None]}), ("n", 1234), ("o", {})]
    stream = JsonStream(lambda size: pieces.pop(0) if pieces else "")
    assert list(stream) == wanted and stream.keys == ["a", "n", "vide", "o"]


@pytest.mark.parametrize("text", ['{"a": 1,}', '{"a" 1}', "{a: 1}", '{"a": [1 2]}', '{"a": tru}', '{"a": 1} x', "{"])
def test_what_is_no_json_is_said_without_its_text(text):
    pieces = [text, ""]
    with pytest.raises(NotJson) as fault:
        list(JsonStream(lambda size: pieces.pop(0) if pieces else ""))
    assert "tru" not in str(fault.value)


def test_only_what_this_program_made_is_taken_for_a_reference(tmp_path):
    out, _, _ = _build(tmp_path, write(tmp_path / "f.json", usual()))
    other = tmp_path / "other.sqlite"
    con = sqlite3.connect(other)
    con.execute("create table t (a)")
    con.close()
    assert is_reference(out) and not is_reference(other) and not is_reference(tmp_path / "absent")
    raw = out.read_bytes()
    for name, content, said in (
        ("newer", raw[:60] + (9).to_bytes(4, "big") + raw[64:], "format 9"),
        ("broken", raw[:200] + bytes(len(raw) - 200), "abîmé"),
        ("other", other.read_bytes(), "pas un référentiel"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match="ESMS-E375") as fault:
            open_reference(tmp_path / name)
        assert said in fault.value.message
