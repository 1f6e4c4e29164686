"""The page: it stands alone, reads well without colours or eyes, and explains whatever a figure cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from esms_sdk.export import indicateurs_html, wording
from esms_sdk.export.indicateurs_html import write_indicators_html
from esms_sdk.indicators.result import Etablissement, Fraction, Indicateurs, Options, Rate
from esms_sdk.period import Period

NOTE = "lecture retenue par le SDK : le texte définit la file active à l'année ; à faire confirmer par l'ARS"


def page_of(result: Indicateurs, folder: Path) -> str:
    return write_indicators_html(folder / "indicateurs.html", result).read_text(encoding="utf-8")


def tree_of(page: str) -> ElementTree.Element:
    return ElementTree.fromstring(page)


def words(element: ElementTree.Element) -> str:
    """The text of an element with ordinary spaces."""
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


@pytest.fixture
def page(result: Indicateurs, tmp_path: Path) -> str:
    return page_of(result, tmp_path)


@pytest.fixture
def tree(page: str) -> ElementTree.Element:
    return tree_of(page)


def test_the_page_needs_nothing_from_elsewhere(page: str, tree: ElementTree.Element) -> None:
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & {e.tag for e in tree.iter()}
    assert not [value for e in tree.iter() for value in e.attrib.values() if "//" in value or value.startswith("data:")]
    assert not re.search(r"url\(|@import|expression\(|javascript:", page)
    assert not [name for e in tree.iter() for name in e.attrib if name.startswith("on")]


def test_the_page_says_its_language_its_title_and_its_width(tree: ElementTree.Element) -> None:
    assert tree.attrib["lang"] == "fr"
    assert tree.findtext("head/title") == "Indicateurs d'usage du DUI, du 1er au 30 septembre 2025"
    assert tree.find("head/meta[@name='viewport']") is not None


def test_headings_go_down_one_level_at_a_time_from_a_single_first_one(tree: ElementTree.Element) -> None:
    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch(r"h[1-6]", e.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_head_of_a_table_has_a_scope_and_every_table_a_caption(tree: ElementTree.Element) -> None:
    assert all(th.get("scope") in ("col", "row") for th in tree.iter("th"))
    assert all(table.find("caption") is not None for table in tree.iter("table"))


def test_every_drawing_has_a_text(tree: ElementTree.Element) -> None:
    drawings = [svg for svg in tree.iter("svg") if "width" in svg.attrib]
    assert drawings
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in drawings)


def test_every_link_leads_somewhere_and_no_name_is_given_twice(tree: ElementTree.Element) -> None:
    names = [e.attrib["id"] for e in tree.iter() if "id" in e.attrib]
    assert len(names) == len(set(names))
    assert {a.attrib["href"] for a in tree.iter("a")} <= {f"#{name}" for name in names}


def test_the_summary_leads_to_each_establishment(tree: ElementTree.Element, result: Indicateurs) -> None:
    summary = next(table for table in tree.iter("table") if table.get("class") == "summary")
    assert [a.attrib["href"] for a in summary.iter("a")] == [f"#et-{e.finess_et}" for e in result]


def test_the_head_says_who_what_when_and_on_which_lot(tree: ElementTree.Element) -> None:
    text = words(tree)
    for expected in (
        "Période du 1er au 30 septembre 2025, bornes incluses · mesurée le 30 septembre 2025",
        "DUI inventé 1.0 (Éditeur inventé)",
        "02/10/2025 à 03:00",
        "Le dernier mois civil terminé à la date de mesure",
        "0123456789abcdef" * 4,
        "FINESS juridique 000000018",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("options", "period", "said"),
    [
        (Options("trois_mois"), Period(date(2025, 6, 30), date(2025, 9, 29)), "Les trois mois écoulés avant la date"),
        (Options(premiere_mesure=True), Period(date(2025, 7, 1), date(2025, 9, 30)), "Première mesure : les trois"),
        (Options(evenements="sans_borne"), Period(date(2025, 9, 1), date(2025, 9, 30)), "agenda de toute date"),
    ],
)
def test_the_definition_and_the_options_are_said_in_words(
    result: Indicateurs, tmp_path: Path, options: Options, period: Period, said: str
) -> None:
    assert said in words(tree_of(page_of(replace(result, options=options, periode=period), tmp_path)))


def test_the_counts_are_said_in_words(tree: ElementTree.Element) -> None:
    text = words(tree)
    assert "60 dossiers actifs sur 64 personnes accompagnées" in text
    assert "81 messages MSSanté envoyés pour 62 personnes pouvant bénéficier" in text
    assert "0 personne dont le DMP a été alimenté sur 1 personne pouvant" in text


def test_numbers_and_rates_are_written_the_french_way(page: str, tree: ElementTree.Element) -> None:
    assert "93,8\N{NO-BREAK SPACE}%" in page
    assert "1\N{NARROW NO-BREAK SPACE}234" in page
    assert not re.search(r"\d\.\d ?%|\d,\d[^\d ]", " ".join(words(b) for b in tree.iter("b")))


def test_no_sign_stands_alone_at_the_beginning_of_a_line(page: str) -> None:
    body = page.partition("<body>")[2].replace(NOTE, "")
    text = re.sub(r"<[^>]+>", "", body)
    assert re.findall(r".{10} [:;!»%].{5}|« ", text) == []


def test_the_note_stands_beside_the_chosen_reading_of_every_establishment(
    make_result: Callable[..., Indicateurs], tmp_path: Path
) -> None:
    for chosen, title in (("periode", "Sur la période"), ("annuelle", "Sur l'année")):
        page = page_of(make_result(chosen), tmp_path)
        assert page.count(NOTE) == len(make_result())
        notes = [words(p) for p in tree_of(page).iter("p") if NOTE in words(p)]
        assert notes == [f"{title} : {NOTE}"] * len(notes)


def test_both_readings_stand_side_by_side(tree: ElementTree.Element) -> None:
    table = next(table for table in tree.iter("table") if table.get("data-lectures"))
    rows = [[words(cell) for cell in row] for row in table.iter("tr")]
    assert rows == [
        ["", "Sur la période (retenue)", "Sur l'année"],
        ["Dossiers actifs", "60", "62"],
        ["Personnes accompagnées", "64", "80"],
        ["Taux", "93,8 %", "77,5 %"],
        ["Résultat", "✓ Cible atteinte", "✗ Cible non atteinte"],
    ]


def test_each_motif_and_reserve_is_explained_where_it_is_met(tree: ElementTree.Element, result: Indicateurs) -> None:
    sections = {s.attrib["data-finess"]: words(s) for s in tree.iter("section") if "data-finess" in s.attrib}
    met: set[str] = set()
    for e in result:
        judged = [r for i in e.indicateurs for r in (i, *(i.lectures if isinstance(i, Rate) else ()))]
        found = {code: wording.MOTIFS[code] for code in (i.motif for i in judged) if code}
        found |= {code: wording.RESERVES[code] for code in e.reserves}
        met |= found.keys()
        for explained in found.values():
            assert explained.titre in sections[e.finess_et]
            assert f"{explained.sens} Que faire : {explained.remede}" in sections[e.finess_et]
    assert met == wording.MOTIFS.keys() | wording.RESERVES.keys()


def test_what_a_reader_would_take_for_an_error_is_explained(tree: ElementTree.Element) -> None:
    text = words(tree)
    assert "La lecture sur l'année peut être la plus petite" in text
    assert "Un message MSSanté compte même sans personne" in text
    assert "Un échec réparé après la période reste un échec" in text


def test_the_page_is_honest_about_what_it_is(tree: ElementTree.Element) -> None:
    text = words(tree)
    assert "Ce document n'est pas officiel" in text and "« de type Ségur »" in text
    assert "« le mois écoulé […] (3 mois pour la première mesure) »" in text
    assert "« les 3 mois écoulés avant la date de mesure »" in text
    assert "Non lus" in text


def test_an_exempt_establishment_shows_its_numbers_without_a_target(tree: ElementTree.Element) -> None:
    section = next(s for s in tree.iter("section") if s.get("data-finess") == "000000158")
    mss = next(li for li in section.iter("li") if li.get("data-indicateur") == "taux_mssante")
    assert "3 messages MSSanté envoyés pour 1 234 personnes" in words(mss)
    assert "Sans objet : pas de cible dans ce secteur (protection juridique des majeurs)" in words(mss)
    assert not [e for e in mss.iter() if e.get("class") == "target"]


def test_a_target_lifted_by_an_amenagement_says_so(result: Indicateurs, tmp_path: Path) -> None:
    first = result.etablissements[0]
    lifted = tuple(
        replace(i, etat="SANS_OBJET", cible=None) if isinstance(i, Rate) and i.id == "taux_dmp" else i
        for i in first.indicateurs
    )
    page = page_of(replace(result, etablissements=(replace(first, indicateurs=lifted),)), tmp_path)
    assert "cible levée par un aménagement" in words(tree_of(page))


def test_a_ratio_above_one_hundred_fills_the_bar_and_says_its_value(tree: ElementTree.Element) -> None:
    section = next(s for s in tree.iter("section") if s.get("data-finess") == "000000117")
    mss = next(li for li in section.iter("li") if li.get("data-indicateur") == "taux_mssante")
    fill = next(e for e in mss.iter("rect") if e.get("class") == "fill")
    assert fill.get("width") == "100.0%"
    assert "130,6 %" in words(mss)


def test_a_text_of_the_lot_is_never_markup(page: str) -> None:
    assert "SSIAD &lt;du&gt; Val &amp; Cie" in page and "<du>" not in page


def test_the_headline_counts_the_establishments_that_meet_all_their_targets(
    result: Indicateurs, make_etablissement: Callable[..., Etablissement], tmp_path: Path
) -> None:
    good = make_etablissement("000000117", "A", ((9, 10), (9, 10)), (9, 9), (9, 9), (7, 10), (7, 10))
    bad = make_etablissement("000000125", "B", ((9, 10), (9, 10)), (9, 9), (9, 9), (7, 10), (6, 10))

    def headline(*found: Etablissement) -> str:
        return words(tree_of(page_of(replace(result, etablissements=found), tmp_path)))

    assert "2 établissements mesurés. 1 atteint toutes ses cibles." in headline(good, bad)
    assert "2 établissements mesurés. Aucun n'atteint toutes ses cibles." in headline(bad, bad)
    assert "1 établissement mesuré. Toutes ses cibles sont atteintes." in headline(good)
    assert "Aucun établissement dans le périmètre." in headline()


def test_a_result_by_organisme_has_a_section_for_each(
    result: Indicateurs, make_etablissement: Callable[..., Etablissement], tmp_path: Path
) -> None:
    whole = make_etablissement("", "OG inventé", ((1, 2), (1, 2)), (1, 1), (1, 1), (1, 2), (1, 2))
    tree = tree_of(page_of(replace(result, organismes=(whole,)), tmp_path))
    assert "OG inventé" in [words(h) for h in tree.iter("h2")]
    assert "OG inventé (000000018)" in words(tree)


def many(result: Indicateurs, number: int) -> Indicateurs:
    found = result.etablissements
    repeated = (replace(found[rank % len(found)], finess_et=f"{rank:09}") for rank in range(number))
    return replace(result, etablissements=tuple(repeated))


def test_three_hundred_establishments_make_a_page_that_a_browser_opens(result: Indicateurs, tmp_path: Path) -> None:
    assert len(page_of(many(result, 300), tmp_path).encode()) < 3_000_000


def test_too_many_establishments_leave_the_summary_and_say_where_the_rest_is(
    result: Indicateurs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indicateurs_html, "DETAIL_LIMIT", 10)
    tree = tree_of(page_of(many(result, 11), tmp_path))
    assert len([row for row in tree.iter("tr") if "data-finess" in row.attrib]) == 11
    assert not [s for s in tree.iter("section") if "data-finess" in s.attrib]
    assert "Le détail de plus de 10 établissements" in words(tree)


def test_texts_have_the_contrast_that_accessibility_asks_for(page: str) -> None:
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", page))
    on_white = [colours[name] for name in ("ink", "soft", "ok", "ko", "no")]
    pairs = [(colour, "#ffffff") for colour in on_white]
    pairs += [(colours[tone], colours[f"{tone}-ground"]) for tone in ("ok", "ko", "no")]
    pairs += [("#ffffff", colours["brand"]), ("#b9d7e0", colours["brand"]), ("#cfe3ea", colours["brand"])]
    pairs += [(colours["ink"], "#fdf6e6"), (colours["soft"], colours["ground"]), ("#0d5a78", "#ffffff")]
    assert {pair: round(contrast(*pair), 1) for pair in pairs if contrast(*pair) < 4.5} == {}


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, «contrast ratio»."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    code = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_rate_just_below_its_target_is_not_said_to_meet_it(result: Indicateurs, tmp_path: Path) -> None:
    first = result.etablissements[0]
    close = Rate("taux_projet_personnalise", "P", "periode", Fraction(8996, 10000), 90, "NON_ATTEINTE", None)
    page = page_of(replace(result, etablissements=(replace(first, indicateurs=(close,)),)), tmp_path)
    assert "90,0 %" in words(tree_of(page)) and "Cible de 90 % non atteinte" in words(tree_of(page))
