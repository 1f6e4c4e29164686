"""The invented documents are valid, and each of their one-defect twins is caught by exactly the rule that it breaks."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
from lxml import etree

from esms_sdk import conformance
from esms_sdk.checks.cda import examine_bytes
from esms_sdk.checks.documents import Setting
from esms_sdk.conformance import catalogue
from esms_sdk.content import folder
from esms_sdk.documents import pdf
from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.xdm import read_xdm
from esms_sdk.sample.documents import MODELES, documents
from esms_sdk.sample.sendings import ARCHIVE, DATAMATRIX, sendings
from tests.corpus.complet import complet, written
from tests.corpus.defauts import COMMUNS, PROPRES, REPETES, Defaut
from tests.corpus.detail import DETAIL
from tests.corpus.inconnus import INCONNUS
from tests.corpus.volets import COMMUNES, VOLETS, Variante

DEFAUTS = [*COMMUNS, *REPETES, *PROPRES, *DETAIL, *INCONNUS]


@pytest.fixture(scope="module")
def sound() -> Any:
    return complet()


def found(data: bytes) -> Counter[str]:
    seen = examine_bytes(data, "document.xml", Setting("test"))
    assert seen.undecided == {}
    return Counter(f"{one.exigence}.{one.code}" for one in seen.found)


@pytest.mark.parametrize("name", documents())
def test_an_invented_document_has_nothing_to_report(name: str) -> None:
    assert found(documents()[name]) == Counter()


def test_the_fullest_document_has_nothing_to_report(sound: Any) -> None:
    assert found(written(sound)) == Counter()


@pytest.mark.parametrize("defaut", DEFAUTS, ids=[f"{one.constat} : {one.nom}" for one in DEFAUTS])
def test_a_document_with_one_defect_is_caught_by_that_rule_alone(defaut: Defaut, sound: Any) -> None:
    twin = copy.deepcopy(sound)
    assert defaut.edit(twin), "the document has not what the defect needs"
    told = found(written(twin))
    assert told[defaut.constat] >= 1
    assert set(told) <= {defaut.constat, *defaut.aussi}


@pytest.mark.parametrize("one", [*COMMUNES, *VOLETS], ids=lambda one: f"{one.constat} : {one.nom}")
def test_a_twin_of_another_document_is_caught_by_that_rule_alone(one: Variante, sound: Any) -> None:
    twin = etree.fromstring(documents()[one.depart]) if one.depart else copy.deepcopy(sound)
    assert one.edit(twin), "the document has not what the defect needs"
    seen = examine_bytes(one.octets(written(twin)), "document.xml", Setting(one.mode))
    assert bool(seen.undecided) == one.illisible
    told = {f"{remark.exigence}.{remark.code}" for remark in seen.found}
    assert told == {one.constat, *one.aussi}


def test_every_finding_of_the_header_that_bears_on_one_element_has_its_twin() -> None:
    twins = {one.constat.partition(".")[0] for one in DEFAUTS}
    assert {one.id for one in catalogue().values() if one.commun} <= twins
    assert all(catalogue()[one.constat.partition(".")[0]].commun for one in [*COMMUNS, *REPETES])


def test_the_samples_are_what_the_generator_writes() -> None:
    place = folder("samples") / "documents"
    assert {path.name: path.read_bytes() for path in place.glob("*.xml")} == documents()
    assert (place / DATAMATRIX).read_bytes() == sendings()[DATAMATRIX]
    # The bytes of what is compressed are those of one version of zlib: the members are compared.
    assert read_xdm(place / ARCHIVE).files == read_xdm(sendings()[ARCHIVE]).files


def test_every_sample_is_conforme_in_test_mode() -> None:
    with conformance.run(conformance.Asked([folder("samples") / "documents"], mode="test")) as result:
        assert {one["verdict"] for one in result.fichiers} == {"conforme"}
        assert Counter(one["type"] for one in result.fichiers) == {
            # The archive has two documents, and the message that archive.
            "cda": len(MODELES) + 4, "xdm": 2, "courriel": 1, "datamatrix": 1,
        }  # fmt: skip
        assert [one.requirement.id for one in result.outcomes if one.groupes] == []


@pytest.mark.parametrize("one", [one for one in MODELES if not one.structured], ids=lambda one: one.nom)
def test_a_document_without_a_structured_model_carries_a_pdf_a_1(one: Any) -> None:
    body = read_cda(documents()[f"{one.nom}.xml"], one.nom).body
    assert body is not None
    data = body.payload()
    assert pdf.is_pdf(data) and pdf.is_whole(data) and pdf.level(data) == "1B"
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert data[start:].startswith(b"xref\n")
    places = [int(line[:10]) for line in data[start:].splitlines()[3:8]]
    assert [data[place:].split(b" ", 1)[0] for place in places] == [b"1", b"2", b"3", b"4", b"5"]
