"""IHE_XDM archives: what we build is what we accept, and what is hostile ends in a verdict."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from esms_sdk.archive import UnreadableArchive
from esms_sdk.checks import documents
from esms_sdk.checks import xdm as judge
from esms_sdk.checks.documents import Examination, Setting
from esms_sdk.conformance import Asked, Verdict, catalogue, run
from esms_sdk.documents import xdm
from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.terminology import tables
from esms_sdk.documents.xdm import Given, Options, build_xdm, read_xdm
from esms_sdk.errors import UsageError
from tests.documents.cda_cases import PDF, case_bytes
from tests.documents.xdm_cases import DOCUMENT, METADATA, built, case_archive, unzipped, zipped

OF_XDM = {id: one for id, one in catalogue().items() if one.objet == "xdm"}


def examined(data: bytes) -> Examination:
    return judge.examine_archive(data, "IHE_XDM.ZIP", Setting("test"))


def codes(data: bytes) -> list[str]:
    return [f"{one.exigence}.{one.code}" for one in examined(data).found]


def given(case: dict[str, object] | None = None) -> Given:
    return Given(read_cda(case_bytes(case or {}), "a.xml"))


# -- building ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", ["structure", "niveau1", "deux_actes", "dlu", "fludt", "ldl_ees", "vsm", "export"])
def test_what_is_built_is_accepted_with_the_document_in_it(document):
    seen = examined(built({"cda": {"document": document}}))
    assert (seen.found, seen.undecided) == ([], {})
    assert set(OF_XDM) <= set(seen.judged)


def test_the_same_documents_give_the_same_bytes():
    assert built({"deux": True, "pdf": True}) == built({"deux": True, "pdf": True})


def test_an_archive_has_its_files_in_the_order_of_the_profile_and_no_day():
    with zipfile.ZipFile(io.BytesIO(built({"pdf": True}))) as archive:
        assert archive.namelist() == [
            "INDEX.HTM", "README.TXT", METADATA, DOCUMENT, "IHE_XDM/SUBSET01/DOC0002.PDF",
        ]  # fmt: skip
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_document_is_in_the_archive_byte_for_byte():
    assert unzipped(built({}))[DOCUMENT] == case_bytes({})


def test_a_pdf_has_an_entry_of_its_own_that_says_of_which_document_it_is_another_form():
    sent = xdm.submission([Given(given().cda, PDF)], tables())
    document, pdf = sent.entries
    assert (pdf.mime_type, pdf.transforms, pdf.format_code.code) == (
        "application/pdf", document.entry_uuid, "urn:ihe:iti:xds-sd:pdf:2008",
    )  # fmt: skip
    assert pdf.unique_id != document.unique_id and pdf.patient_id == document.patient_id


def test_neither_index_nor_readme_holds_anything_of_the_person():
    files = unzipped(built({"cda": {"pose": {"title": "Lettre pour DESSAI"}}}))
    for name in ("INDEX.HTM", "README.TXT"):
        assert b"DESSAI" not in files[name] and b"238027500100188" not in files[name]


def refused(documents: list[Given], options: Options | None = None) -> str:
    with pytest.raises(UsageError) as fault:
        build_xdm(documents, tables(), options or Options())
    assert "DESSAI" not in str(fault.value) and "238027500100188" not in str(fault.value)
    return fault.value.code


def test_documents_of_two_persons_are_not_sent_together():
    other = given({"pose": {"id/@root": "1.2.3", "recordTarget/patientRole/id[1]/@extension": "279035121518989"}})
    assert refused([given(), other]) == "ESMS-E182"


def test_one_document_twice_or_none_is_refused():
    assert refused([given(), given()]) == refused([]) == "ESMS-E182"


def test_a_header_that_lacks_what_the_metadata_must_say_is_refused_with_its_place():
    with pytest.raises(UsageError) as fault:
        build_xdm([given({"retire": "componentOf"})], tables())
    assert "healthcareFacilityTypeCode : componentOf" in str(fault.value)


def test_a_type_without_a_class_needs_one_told():
    recent = {"pose": {"code/@code": "60280-5"}}
    assert refused([given(recent)]) == "ESMS-E181"
    sent = xdm.submission([given(recent)], tables(), Options(class_code="11"))
    assert sent.entries[0].class_code.label == "Synthèse"


@pytest.mark.parametrize(
    "options",
    [
        Options(visibility=("CACHE",)), Options(class_code="77"), Options(submission_time="2025-01-01"),
        Options(submission_time="2026"), Options(submission_time="20260105"), Options(content_type="ZZ"),
        Options(source_id="abc"), Options(recipients=("x^y",)), Options(recipients=("|",)),
    ],
    ids=repr,
)  # fmt: skip
def test_an_unknown_option_is_refused(options):
    assert refused([given()], options) == "ESMS-E180"


def test_well_written_options_stand_in_the_metadata():
    recipient = "EHPAD X^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1480787529"
    options = Options(
        submission_time="202601051015+0100", content_type="07", source_id="1.2.250.1.999.1", recipients=(recipient,)
    )
    sent = xdm.submission([given()], tables(), options).set
    assert (sent.submission_time, sent.content_type.code, sent.source_id, sent.recipients) == (
        "202601050915", "07", "1.2.250.1.999.1", (recipient,),
    )  # fmt: skip


def precisions(case: dict[str, Any]) -> dict[str, str | None]:
    seen = judge.examine_archive(case_archive(case), "IHE_XDM.ZIP", Setting("test"))
    return {f"{one.exigence}.{one.code}": one.precision for one in seen.found}


def test_two_numbers_that_end_alike_are_not_shown_as_the_same():
    told = precisions({"metadonnees": [["238027500100188", "138027500100188"]] * 2})
    assert told["ESMS-XDS-07.PATIENT"] == "…0188^^^&1.2.250.1.213.1.4.10&ISO^NH, de même fin mais autre"


def test_an_absent_time_is_said_absent_beside_the_instant_that_is_expected():
    told = precisions({"metadonnees": [['<rim:Slot name="serviceStopTime">.*?</rim:Slot>', ""]]})
    assert told["ESMS-XDS-08.FIN"] == "absent au lieu de 20250110090000 (UTC)"


# -- hostile archives --------------------------------------------------------------------------------------------------


def raw(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in members:
            archive.writestr(info, data)
    return packed.getvalue()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("IHE_XDM/SUBSET01/DOC0001.XML")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


HOSTILE = {
    "a link": lambda: raw((link(), b"/etc/passwd")),
    "a name that leaves": lambda: raw(("IHE_XDM/../../x", b"x")),
    "a bomb": lambda: raw(("IHE_XDM/SUBSET01/DOC0001.XML", b"0" * (65 << 20))),
    "thousands of entries": lambda: raw(*((f"IHE_XDM/{i}", b"") for i in range(1_500))),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_and_that_is_a_finding(make):
    data = make()
    with pytest.raises(UnreadableArchive):
        read_xdm(data)
    assert codes(data) == ["ESMS-XDM-01.DANGEREUSE"]


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\0" * 1000])
def test_what_is_no_archive_ends_in_a_verdict(data):
    assert codes(data)


def test_a_file_damaged_within_the_archive_is_a_finding():
    data = bytearray(built({}))
    place = data.index(b"DOC0001.XML") + 400
    data[place : place + 40] = bytes(40)
    assert codes(bytes(data)) == ["ESMS-XDM-01.ILLISIBLE"]


def test_a_nested_archive_is_never_opened():
    bomb = HOSTILE["a bomb"]()
    files = {**unzipped(built({})), "IHE_XDM/SUBSET01/AUTRE.ZIP": bomb}
    assert sorted(codes(zipped(files))) == ["ESMS-XDM-05.ORPHELIN", "ESMS-XDM-06.IMBRIQUEE"]


def test_two_submissions_are_judged_each():
    files = unzipped(built({}))
    more = {name.replace("SUBSET01", "SUBSET02"): data for name, data in files.items() if "SUBSET01" in name}
    assert codes(zipped({**files, **more})) == []
    more["IHE_XDM/SUBSET02/DOC0001.XML"] += b"\n"
    assert codes(zipped({**files, **more})) == ["ESMS-XDS-01.EMPREINTE", "ESMS-XDS-01.TAILLE"]


def test_the_document_in_an_archive_is_judged_by_the_rules_of_cda_with_its_file_named():
    (found,) = [
        one for one in examined(built({"cda": {"retire": "realmCode"}})).found if one.exigence.startswith("ESMS-CDA")
    ]
    assert found.xpath.startswith(f"{DOCUMENT}#ClinicalDocument")


# -- the run -----------------------------------------------------------------------------------------------------------


def test_an_archive_is_known_by_its_content_whatever_its_name(tmp_path: Path):
    path = tmp_path / "envoi.zip"
    path.write_bytes(built({}))
    assert documents.recognised(path) == documents.Piece("xdm", path)


def test_a_run_over_an_archive_gives_verdicts_and_a_summary_of_the_file(tmp_path: Path):
    path = tmp_path / "IHE_XDM.ZIP"
    path.write_bytes(case_archive({"metadonnees": [["<rim:Value>C</rim:Value>", "<rim:Value>X</rim:Value>"]]}))
    result = run(Asked((path,), mode="test", requirements=OF_XDM, checks={}))
    told = [(one.exigence, one.code, one.fichier) for one in result.lines()]
    verdict = result.of("ESMS-XDS-11").verdict
    result.close()
    assert told == [("ESMS-XDS-11", "ACTION_INCONNUE", "IHE_XDM.ZIP")]
    assert verdict is Verdict.NON_CONFORME
    assert result.fichiers == [{"fichier": "IHE_XDM.ZIP", "type": "xdm", "verdict": "non_conforme"}]


def test_no_trait_stands_in_what_is_said():
    wrong = {
        "metadonnees": [
            ["238027500100188", "279035121518989"],
            ['value="Document inventé"', 'value="Lettre pour DESSAI"'],
            ["810000000017.EXEMPLE.Ada", "810000000025^CANARI^Zoe"],
        ],
        "renomme": {"README.TXT": "IHE_XDM/SUBSET01/DESSAI.TXT"},
    }
    found = examined(case_archive(wrong)).found
    said = json.dumps(found, ensure_ascii=False)
    assert len({one.exigence for one in found}) >= 4
    for secret in ("238027500100188", "279035121518989", "DESSAI", "CANARI", "EXEMPLE", "Zoe", "Lettre", "19380214"):
        assert secret not in said
