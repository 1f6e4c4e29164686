"""``conformite.html``: one file, readable without its script, bounded, with text and remedy beside each finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from esms_sdk.conformance import Conformity
from esms_sdk.report import page
from tests.lots import EHPAD, SSIAD
from tests.report import world


@pytest.fixture
def read(tmp_path: Path):
    """Write the page of a run and return its text and its tree."""

    def written(result: Conformity):
        text = page.write_conformity_page(tmp_path / "conformite.html", result).read_text(encoding="utf-8")
        return text, html.document_fromstring(text)

    return written


def test_every_run_has_a_page_that_fetches_nothing(result: Conformity, read):
    text, tree = read(result)
    assert not re.search(r"https?://|@import|url\(|<link|<img|<iframe", text)
    assert [script.get("src") for script in tree.iter("script")] == [None]


def test_every_requirement_is_there_with_its_verdict_its_text_and_its_remedy(result: Conformity, read):
    _, tree = read(result)
    articles = {article.get("id"): article for article in tree.iter("article")}
    assert {id: a.get("data-verdict") for id, a in articles.items()} == {
        o.requirement.id: o.verdict for o in result.outcomes
    }
    for id, article in articles.items():
        told = article.text_content()
        assert "SC.X/va1.01" in told and f"Remède de {id}." in told


def test_nothing_but_the_filters_waits_for_the_script(result: Conformity, read):
    _, tree = read(result)
    hidden = tree.xpath("//*[@hidden]")
    assert {(one.tag, one.get("class").split()[0]) for one in hidden} == {("form", "filters"), ("span", "here")}


def test_a_finding_names_its_record_its_finess_and_how_many(runs, read):
    _, tree = read(runs["echec"])
    rows = tree.xpath("//article[@id='ESMS-DONNEES-90']//tbody/tr")
    assert [row.get("data-finess") for row in rows] == [EHPAD, SSIAD]
    assert "c'est rouge" in rows[0].text_content() and "U1" in rows[0].text_content()


def test_the_filters_know_the_domains_the_verdicts_and_the_finess_that_are_there(runs, read):
    _, tree = read(runs["echec"])
    options = {s.get("id"): [o.get("value") or o.text for o in s][1:] for s in tree.iter("select")}
    assert options["f-domaine"] == ["INS", "DONNEES", "TBB", "DMP", "PSC"]
    assert options["f-finess"] == [EHPAD, SSIAD] and len(options["f-verdict"]) == 6
    article = tree.get_element_by_id("ESMS-DMP-90")
    assert article.get("data-par") == f"{EHPAD}:conforme {SSIAD}:non_applicable"


def test_an_accepted_difference_stands_before_the_requirements(runs, read):
    text, _ = read(runs["ecarts"])
    assert text.index("reprise en cours") < text.index('id="exigences"')


def test_an_unreadable_lot_is_told_with_its_faults(runs, read):
    text, _ = read(runs["illisible"])
    assert "n'a pas pu être lu" in text and "dossier" in text


def test_the_rows_are_bounded_and_the_rest_is_counted(runs, read, monkeypatch):
    monkeypatch.setattr(page, "MOST_ROWS", 1)
    _, tree = read(runs["echec"])
    article = tree.get_element_by_id("ESMS-DONNEES-90")
    assert len(article.xpath(".//tbody/tr")) == 1
    assert "Et 1 autres lignes" in article.text_content()


def test_a_text_of_a_record_or_of_a_file_is_never_markup(tmp_path, read):
    lot = world.lot(tmp_path / "lot", [{"usager_id": "<b>&'", "nom_utilise": "ROUGE"}])
    waivers = world.write(tmp_path / "e.toml", world.waiver(motif='"<script>alert(1)</script>"'))
    with world.judged(lot, waivers=waivers) as result:
        text, _ = read(result)
    assert "<script>alert" not in text and "<b>&'" not in text


def test_the_page_is_the_same_twice(runs, read):
    assert read(runs["echec"])[0] == read(runs["echec"])[0]
