"""The INS datamatrix: every case of its requirement, the payload that is made, and the drawing that a reader reads."""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esms_sdk.checks.datamatrix import FORMAT, is_payload, judge_payload
from esms_sdk.checks.documents import Piece, Setting, Unreadable
from esms_sdk.conformance.catalogue import catalogue
from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.datamatrix import (
    GS,
    HEADER,
    EngineAbsent,
    Identity,
    decode,
    departures,
    encode,
    identity_of,
    svg,
)
from esms_sdk.errors import UsageError
from tests.documents.cda_cases import case_bytes

OF_FORMAT = catalogue()[FORMAT]
ANA = Identity("279035121518989", "1.2.250.1.213.1.4.10", "ANA MARIE", "ESSAI", "F", date(1979, 3, 2), "51215")


def judged(folder: Path, content: bytes, mode: str = "test") -> list[tuple[str, str | None]]:
    path = folder / "contenu.txt"
    path.write_bytes(content)
    seen = judge_payload(Piece("datamatrix", path), Setting(mode))
    assert seen.judged == Counter({FORMAT: 1})
    return [(one.code, one.xpath) for one in seen.found]


@pytest.mark.parametrize("case", OF_FORMAT.cas, ids=lambda case: case["nom"])
def test_a_payload_with_one_defect_gives_exactly_the_findings_it_names(tmp_path: Path, case: Mapping[str, Any]):
    found = judged(tmp_path, case["contenu"].encode("ascii"), case.get("mode", "test"))
    assert Counter(found) == Counter((one["code"], one.get("xpath")) for one in case["constats"])


def test_every_finding_has_a_case():
    assert {one["code"] for case in OF_FORMAT.cas for one in case["constats"]} == set(OF_FORMAT.constats)


def test_what_is_encoded_departs_from_nothing_and_is_decoded_as_it_was():
    read = decode(encode(ANA, statut="QUAL"))
    assert read.header == HEADER
    assert [(one.id, one.value) for one in read.fields] == [
        ("S1", ANA.matricule), ("S2", ANA.oid), ("S3", "ANA MARIE"), ("S4", "ESSAI"), ("S5", "F"),
        ("S6", "02-03-1979"), ("S7", "51215"),
    ]  # fmt: skip
    assert [one.separators for one in read.fields] == [0, 0, 1, 1, 0, 0, 0]


def test_a_full_payload_of_nineteen_characters_of_oid_and_eleven_of_names_has_104():
    one = Identity("277010115400329", "1.2.250.1.213.1.4.8", "ANAMAR", "ESSAI", "F", date(1977, 1, 2), "01154")
    assert len(encode(one, statut="QUAL")) == 104


@pytest.mark.parametrize("statut", ["PROV", "VALI", "RECUP", ""])
def test_only_a_qualified_identity_is_encoded(statut: str):
    with pytest.raises(UsageError, match="ESMS-E127"):
        encode(ANA, statut=statut)


NAMES = st.from_regex(r"[A-Z]{1,12}([ '-][A-Z]{1,12}){0,12}", fullmatch=True)


@settings(max_examples=40, deadline=None)
@given(NAMES, NAMES, st.dates(date(1900, 1, 1), date(2025, 1, 1)), st.sampled_from(["", "2A004", "99139"]))
def test_any_identity_comes_back_as_it_went(prenoms: str, nom: str, naissance: date, lieu: str):
    one = Identity(ANA.matricule, "1.2.250.1.213.1.4.8", prenoms, nom, "F", naissance, lieu)
    if any(len(name) > 100 and name[99:100] in " '-" for name in (prenoms, nom)):
        return
    payload = encode(one, statut="QUAL")
    assert departures(payload) == []
    read = decode(payload)
    assert (read.value("S3"), read.value("S4"), read.value("S7")) == (prenoms[:100], nom[:100], lieu)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="S1234567IS0 A-\x1d.", max_size=120))
def test_no_text_makes_the_reader_fail(text: str):
    departures(text)
    departures(HEADER + text)


@pytest.mark.parametrize(
    "change", [{"matricule": "279035121518988"}, {"oid": "1.2.3"}, {"nom": "Essai"}, {"prenoms": ""}, {"sexe": "I"}]
)
def test_an_identity_that_would_depart_from_the_format_is_refused_without_being_told(change: dict[str, str]):
    with pytest.raises(UsageError, match="ESMS-E128") as refused:
        encode(Identity(**{**{f: getattr(ANA, f) for f in ANA.__slots__}, **change}), statut="QUAL")
    assert not any(len(value) > 1 and value in str(refused.value) for value in change.values())


def test_the_identity_of_a_cda_is_encoded():
    payload = encode(identity_of(read_cda(case_bytes({}), "a.xml")), statut="QUAL")
    assert (
        payload == f"{HEADER}S1238027500100188S21.2.250.1.213.1.4.10S3JEANNE ROSE{GS}S4DESSAI{GS}S5FS614-02-1938S775101"
    )


def test_a_cda_without_a_matricule_has_no_datamatrix():
    cda = read_cda(case_bytes({"pose": {"recordTarget/patientRole/id/@root": "1.2.250.1.999.3"}}), "a.xml")
    with pytest.raises(UsageError, match="ESMS-E127"):
        identity_of(cda)


# -- the file and the drawing ------------------------------------------------------------------------------------------


def test_a_file_is_recognised_by_its_content(tmp_path: Path):
    payload = encode(ANA, statut="QUAL").encode("ascii")
    assert is_payload(tmp_path / "x", payload)
    assert is_payload(tmp_path / "x", payload.replace(HEADER.encode(), b""))
    assert not is_payload(tmp_path / "x", b"ISABELLE 0000")
    assert not is_payload(tmp_path / "x", payload + b" " * 4000)


def test_the_line_end_of_an_editor_does_not_count(tmp_path: Path):
    assert judged(tmp_path, encode(ANA, statut="QUAL").encode("ascii") + b"\r\n") == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b"S1" * 400])
def test_what_is_no_payload_is_unreadable(tmp_path: Path, content: bytes):
    with pytest.raises(Unreadable):
        judged(tmp_path, content)


def test_the_drawing_is_read_back_to_the_payload():
    zxing = pytest.importorskip("zxingcpp", reason="zxing-cpp is of the test extra")
    image = pytest.importorskip("PIL.Image", reason="pillow is of the test extra")
    payload = encode(ANA, statut="QUAL")
    drawn = svg(payload)
    size = int(re.search(r'viewBox="0 0 (\d+)', drawn)[1])  # type: ignore[index]
    modules = {(int(x), int(y)) for x, y in re.findall(r"M(\d+),(\d+)h1v1h-1z", drawn)}
    picture = image.new("L", (size, size), 255)
    for place in modules:
        picture.putpixel(place, 0)
    buffer = io.BytesIO()
    picture.resize((size * 6, size * 6), image.Resampling.NEAREST).save(buffer, "PNG")
    found = zxing.read_barcodes(image.open(buffer))
    assert [one.bytes.decode("ascii") for one in found] == [payload]
    assert "DataMatrix" in str(found[0].format).replace(" ", "")


def test_the_drawing_is_the_same_each_time():
    payload = encode(ANA, statut="QUAL")
    assert svg(payload) == svg(payload)


def test_without_the_engine_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ppf.datamatrix", None)
    with pytest.raises(EngineAbsent, match=r"esms-sdk\[datamatrix\]"):
        svg("x")
