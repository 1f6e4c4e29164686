"""The tables of codes: ours, compact, and the official IHE SVS files that take their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from esms_sdk.documents.terminology import LEVEL_ONE, OUT_OF_PROFILE, tables
from esms_sdk.errors import SourceError, UsageError

USED = [
    "J01",
    "J02",
    "J04",
    "J06",
    "J07",
    "J08",
    "J10",
    "J11",
    "J47",
    "J57",
    "J66",
    "J140",
    "J141",
    "J142",
    "J143",
    "J144",
    "J245",
    "J246",
    "A03",
]
SVS = """<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="{oid}" dateMaj="{day}120000"><ConceptList>
<Concept code="{code}" codeSystem="1.2.3" displayName="{label}"/></ConceptList></ValueSet></RetrieveValueSetResponse>"""
ASS = """<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="1.2" dateMaj="20300101000000">
<MappedConceptList><MappedConcept><Concept code="11111-1" codeSystem="1.2.3"/><Concept code="95" codeSystem="1.4"/>
</MappedConcept></MappedConceptList></ValueSet></RetrieveValueSetResponse>"""


def svs(folder: Path, name: str, **of: str) -> None:
    written = {"oid": "1.2.250.1.213.1.1.5.471", "day": "20300101", "code": "11111-1", "label": "Inventé", **of}
    (folder / name).write_text(SVS.format(**written), encoding="utf-8")


@pytest.mark.parametrize("name", USED)
def test_each_set_in_use_is_at_hand_with_its_origin(name):
    assert tables().sets[name].concepts and tables().origin(name)


def test_a_code_is_of_its_system_alone():
    ours = tables()
    assert ours.contains("J07", "28653-4") and ours.contains("J07", "28653-4", "2.16.840.1.113883.6.1")
    assert not ours.contains("J07", "28653-4", "1.2.3") and not ours.contains("J07", "00000-0")


def test_a_label_is_recognised_without_being_shipped():
    ours = tables()
    assert ours.label("J143", "F") is None
    assert ours.same_label("J143", "F", "2.16.840.1.113883.5.1", "FÉMININ")
    assert ours.same_label("J143", "F", "2.16.840.1.113883.5.1", "Masculin") is False
    assert ours.same_label("J143", "ZZ", "2.16.840.1.113883.5.1", "Masculin") is None


def test_the_labels_of_classes_are_at_hand_because_metadata_are_written_with_them():
    assert tables().label("A03", "44") == "Plan de soins"


def test_an_attestation_is_of_class_95_which_the_dmp_knows_and_the_generic_set_does_not():
    found = tables().class_of("ATTEST-HEBGT")
    assert found and (found.code, found.label) == ("95", "Document de gestion")
    assert tables().contains("J57", "95") and not tables().contains("J06", "95")


def test_a_type_that_this_version_of_the_table_lacks_has_no_class():
    assert tables().class_of("78341-5") is None and tables().version("ASS_X04") == "20240223"


@pytest.mark.parametrize(
    ("templates", "media", "code"),
    [
        (["1.2.250.1.213.1.1.1.1", "1.2.250.1.213.1.1.1.22"], "", "urn:asip:ci-sis:dlu:2015"),
        ([LEVEL_ONE], "application/pdf", "urn:ihe:iti:xds-sd:pdf:2008"),
        ([LEVEL_ONE], "text/rtf", "urn:ihe:iti-fr:xds-sd:rtf:2010"),
        (["1.2.250.1.213.1.1.1.99"], "", OUT_OF_PROFILE.code),
    ],
)
def test_the_model_gives_the_format_and_without_one_the_media_type(templates, media, code):
    assert tables().format_of(templates, media).code == code


def test_an_official_file_takes_the_place_of_our_table_and_says_its_version(tmp_path):
    svs(tmp_path, "JDV_J07_XdsTypeCode_CISIS.xml")
    read = tables(tmp_path)
    assert read.contains("J07", "11111-1", "1.2.3") and not read.contains("J07", "28653-4")
    assert (read.version("J07"), read.origin("J07")) == ("20300101", "JDV_J07_XdsTypeCode_CISIS.xml")
    assert read.label("J07", "11111-1") == "Inventé"
    assert read.contains("J66", "11111-1") and read.sets["J66"].oid.endswith(".5.7")
    assert read.version("J02") == tables().version("J02")


@pytest.mark.parametrize("first", ["20200101", "20310101"])
def test_of_two_files_of_one_table_the_newest_is_read_whatever_their_names(tmp_path, first):
    svs(tmp_path, "JDV_J07-A.xml", day=first, code="A")
    svs(tmp_path, "JDV_J07-B.xml", day="20300101", code="B")
    assert tables(tmp_path).contains("J07", "A" if first > "20300101" else "B")


def test_an_official_association_is_read(tmp_path):
    (tmp_path / "ASS_X04-CorrespondanceType-Classe-CISIS.xml").write_text(ASS, encoding="utf-8")
    found = tables(tmp_path).class_of("11111-1")
    assert found and found.code == "95"


def test_a_folder_without_any_table_is_refused(tmp_path):
    (tmp_path / "autre.xml").write_text("<a/>", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        tables(tmp_path)
    assert refused.value.code == "ESMS-E176" and refused.value.hint
    with pytest.raises(UsageError):
        tables(tmp_path / "absent")


def test_a_damaged_official_file_is_told_by_its_name(tmp_path):
    (tmp_path / "JDV_J07_x.xml").write_text("<a>", encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        tables(tmp_path)
    assert "JDV_J07_x.xml" in refused.value.message
