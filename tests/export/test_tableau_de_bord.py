"""The dashboard as files: the same numbers in every format, pages that stand alone, texts that stay texts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import pickle
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

import esms_sdk
from esms_sdk.dashboard import Etablissement, TableauDeBord, compute_dashboard
from esms_sdk.export import tableau_de_bord_html, write_dashboard
from esms_sdk.export import tableau_de_bord_wording as wording
from esms_sdk.export.tableau_de_bord import CANAUX, DASHBOARD_COLUMNS, INS, NOTES, SOURCES
from tests.dashboard.worlds import Maker
from tests.export.test_html import contrast, words
from tests.indicators.loaded import loaded
from tests.indicators.reference import Lot as Rows

AS_OF = date(2025, 9, 12)
NAMES = ["tableau_de_bord.csv", "tableau_de_bord.html", "tableau_de_bord.json", "tableau_de_bord.xlsx"]
EVIL = '=HYPERLINK("x")<script>alert(1)</script> & Cie'
Numbers = dict[tuple[str, str | None, str, str], int | None]


def world(seed: int, *absent: str) -> TableauDeBord:
    """A random lot; the coverage of its sends leaves the first months out."""
    maker = Maker(Random(seed), AS_OF)
    tables = maker.tables(3, 5, 60)
    tables["etablissement"][0]["denomination"] = EVIL
    manifest = {
        **maker.manifest(tables, [], False),
        "perimetre": [row["finess_et"] for row in tables["etablissement"]],
        "couverture": {"envoi": {"debut": "2024-03-10", "fin": "2025-10-01"}},
    }
    kept = {name: rows for name, rows in tables.items() if name not in absent}
    with loaded(Rows(manifest, kept)) as lot:
        return compute_dashboard(lot, AS_OF, by_ej=True)


@pytest.fixture(scope="module", params=[(11, ()), (12, ("document", "appel_insi"))], ids=["whole", "lacking"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[TableauDeBord, Path]:
    seed, absent = request.param
    result, folder = world(seed, *absent), tmp_path_factory.mktemp("tableau")
    assert sorted(path.name for path in write_dashboard(result, folder)) == NAMES
    return result, folder


@pytest.fixture(scope="module")
def numbers(written: tuple[TableauDeBord, Path]) -> Numbers:
    """Every number of the result, by FINESS, RPPS, period (or first day of a month) and measure; organismes by EJ."""
    found: Numbers = {}
    for e in (*written[0].organismes, *written[0]):
        who = e.finess_et or e.finess_ej
        for name, measure in e.periodes.items():
            for canal in CANAUX:
                for state in INS:
                    found[who, None, name, f"{canal}.{state}"] = getattr(getattr(measure.canaux, canal), state)
            for group in ("echecs", "insi"):
                counts = getattr(measure, group)
                for key in counts.__slots__:
                    found[who, None, name, f"{group}.{key}"] = getattr(counts, key)
        for one in e.par_rpps:
            for name, sent in one.periodes.items():
                for canal in CANAUX:
                    for state in INS:
                        found[who, one.rpps, name, f"{canal}.{state}"] = getattr(getattr(sent, canal), state)
        for month in e.cours:
            day = month.periode.debut.isoformat()
            found |= {(who, None, day, f"{canal}.total"): getattr(month, canal) for canal in CANAUX}
            found |= {(who, None, day, f"echecs.{key}"): getattr(month.echecs, key) for key in ("dmp", "mss")}
    return found


def test_the_cases_hold_zero_null_professionals_and_uncovered_periods(written: Any, numbers: Numbers) -> None:
    assert 0 in numbers.values() and any(value for value in numbers.values())
    assert {rpps is None for _, rpps, _, _ in numbers} == {True, False}
    assert {month.couverte for e in written[0] for month in e.cours} == {True, False}


def test_in_json(written: Any, numbers: Numbers) -> None:
    document = json.loads((written[1] / "tableau_de_bord.json").read_text(encoding="utf-8"))
    seen: Numbers = {}

    def counts(who: str, rpps: str | None, name: str, held: dict[str, Any]) -> None:
        for group, values in held.items():
            if isinstance(values, dict):
                seen.update({(who, rpps, name, f"{group}.{key}"): value for key, value in values.items()})

    for e in (*document["etablissements"], *document["organismes"]):
        who = e["finess_et"] or e["finess_ej"]
        for name, held in e["periodes"].items():
            counts(who, None, name, held)
        for one in e["par_rpps"]:
            for name, held in one["periodes"].items():
                counts(who, one["rpps"], name, held)
    courses = {e["finess_et"]: e["mois"] for e in document["cours_mensuel"]}
    courses |= {e["finess_ej"]: e["cours_mensuel"] for e in document["organismes"]}
    for who, months in courses.items():
        for month in months:
            seen |= {(who, None, month["debut"], f"{canal}.total"): month[canal] for canal in CANAUX}
            counts(who, None, month["debut"], {"echecs": month["echecs"]})
    assert seen == numbers


def table(folder: Path) -> list[dict[str, str]]:
    text = (folder / "tableau_de_bord.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_in_csv(written: Any, numbers: Numbers) -> None:
    seen = {}
    for line in table(written[1]):
        period = line["date_debut"] if line["periode"] == "cours_mensuel" else line["periode"]
        key = (line["finess_et"] or line["finess_ej"], line["rpps"] or None, period, line["mesure"])
        assert key not in seen
        seen[key] = int(line["valeur"]) if line["valeur"] else None
    assert seen == numbers


def sheet(folder: Path, name: str) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(folder / "tableau_de_bord.xlsx")
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_in_xlsx(written: Any, numbers: Numbers) -> None:
    codes = {title: code for code, title in wording.MESURES.items()}
    periods = {title: code for code, title in wording.PERIODES.items()}
    course = {title: code for code, title in wording.COURS.items()}
    seen: Numbers = {}
    for name in ("Établissements", "Par organisme", "Par RPPS", "Cours mensuel"):
        for row in sheet(written[1], name):
            who, rpps = row["FINESS géographique"] or row["FINESS juridique"], row.get("RPPS")
            monthly = name == "Cours mensuel"
            period = row["Début"].date().isoformat() if monthly else periods[row["Période"]]
            named = course if monthly else codes
            seen |= {(who, rpps, period, named[title]): value for title, value in row.items() if title in named}
    by_ej = {e.finess_ej for e in written[0].organismes}
    assert seen == {key: value for key, value in numbers.items() if not (key[0] in by_ej and key[1])}


def french(text: str) -> int | None:
    return None if text == "–" else int(re.sub(r"\s", "", text))


def page(folder: Path) -> ElementTree.Element:
    return ElementTree.fromstring((folder / "tableau_de_bord.html").read_text(encoding="utf-8"))


def sections(tree: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {e.attrib["data-finess"]: e for e in tree.iter("details") if "data-finess" in e.attrib}


def test_in_html(written: Any, numbers: Numbers) -> None:
    result, folder = written
    seen: Numbers = {}
    for who, section in sections(page(folder)).items():
        e = next(e for e in (*result.organismes, *result) if (e.finess_et or e.finess_ej) == who)
        for row in (row for row in section.iter("tr") if "data-mesure" in row.attrib):
            for name, cell in zip(wording.PERIODES, row.findall("td"), strict=True):
                seen[who, None, name, row.attrib["data-mesure"]] = french(words(cell))
        for row in (row for row in section.iter("tr") if "data-rpps" in row.attrib):
            for measure, cell in zip(wording.MESURES, row.findall("td"), strict=False):
                seen[who, row.attrib["data-rpps"], row.attrib["data-periode"], measure] = french(words(cell))
        twin = next(one for one in section.iter("details") if one.get("class") == "twin")
        for month, row in zip(e.cours, twin.findall(".//tbody/tr"), strict=True):
            for measure, cell in zip(wording.COURS, row.findall("td"), strict=False):
                seen[who, None, month.periode.debut.isoformat(), measure] = french(words(cell))
    assert seen == numbers


def test_in_the_summary_of_the_page(written: Any, numbers: Numbers) -> None:
    rows = [row for row in page(written[1]).iter("tr") if "data-finess" in row.attrib]
    assert [row.attrib["data-finess"] for row in rows] == [e.finess_et for e in written[0]]
    for row in rows:
        told = [french(words(cell)) for cell in row.findall("td")[:5]]
        assert told == [numbers[row.attrib["data-finess"], None, "annee_courante", name] for name in wording.COURS]


def test_every_format_says_which_periods_and_months_are_covered(written: Any) -> None:
    result, folder = written
    wanted = {(e.finess_et, name): m.couverte for e in result for name, m in e.periodes.items()}
    wanted |= {(e.finess_et, m.periode.debut.isoformat()): m.couverte for e in result for m in e.cours}
    assert {*wanted.values()} == {True, False}
    seen = {}
    for line in table(folder):
        period = line["date_debut"] if line["periode"] == "cours_mensuel" else line["periode"]
        if line["finess_et"]:
            seen[line["finess_et"], period] = line["couverte"] == "true"
    assert seen == wanted
    for row in sheet(folder, "Cours mensuel"):
        if row["FINESS géographique"]:
            day = row["Début"].date().isoformat()
            assert (row["Couverte"] == "oui") == wanted[row["FINESS géographique"], day]
    for e in result:
        section = sections(page(folder))[e.finess_et]
        heads = [th for th in section.iter("th") if "data-periode" in th.attrib]
        marked = {th.attrib["data-periode"]: "non couverte" not in words(th) for th in heads}
        assert marked == {name: wanted[e.finess_et, name] for name in wording.PERIODES}
        twin = next(one for one in section.iter("details") if one.get("class") == "twin")
        months = ["non couvert" not in words(row) for row in twin.findall(".//tbody/tr")]
        assert months == [month.couverte for month in e.cours]


def test_every_format_says_where_the_definition_comes_from_and_what_it_does_not_replace(written: Any) -> None:
    result, folder = written
    document = json.loads((folder / "tableau_de_bord.json").read_text(encoding="utf-8"))
    read_me = " ".join(str(row["Explication"]) for row in sheet(folder, "Lisez-moi"))
    text = words(page(folder))
    firsts = {}
    for line in table(folder):
        firsts.setdefault((line["finess_ej"], line["finess_et"]), line["note"])
    assert len(firsts) == len(result) + len(result.organismes)
    for note in NOTES.values():
        assert note in document["notes"].values() and note in text and note in re.sub(r"\s", " ", read_me)
        assert all(note in first for first in firsts.values())
    for source in SOURCES:
        assert source.objet in text and re.sub(r"\s", " ", source.source) in text


def test_a_text_of_the_lot_is_neither_markup_nor_formula(written: Any) -> None:
    _, folder = written
    html = (folder / "tableau_de_bord.html").read_text(encoding="utf-8")
    assert "<script" not in html and "&lt;script&gt;alert(1)" in html
    assert {line["denomination"][:2] for line in table(folder)} >= {"'="}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(folder / "tableau_de_bord.xlsx")
    cells = [cell for name in book.sheetnames for row in book[name].iter_rows() for cell in row]
    assert EVIL in {cell.value for cell in cells} and "f" not in {cell.data_type for cell in cells}


def test_the_header_of_the_extraction_is_stable(written: Any) -> None:
    head, _, rest = (written[1] / "tableau_de_bord.csv").read_bytes().partition(b"\r\n")
    assert head.decode("utf-8-sig") == (
        "finess_ej;finess_et;denomination;rpps;periode;date_debut;date_fin;couverte;mesure;valeur;note"
    )
    assert tuple(head.decode("utf-8-sig").split(";")) == DASHBOARD_COLUMNS and b"\n" not in rest.replace(b"\r\n", b"")


def test_the_page_stands_alone_and_can_be_read_without_eyes_or_a_script(written: Any) -> None:
    tree = page(written[1])
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & {e.tag for e in tree.iter()}
    assert not [value for e in tree.iter() for value in e.attrib.values() if "//" in value or value.startswith("data:")]
    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch(r"h[1-6]", e.tag)]
    assert levels.count(1) == 1 and all(after - before <= 1 for before, after in pairwise(levels))
    assert all(th.get("scope") in ("col", "row", "colgroup", "rowgroup") for th in tree.iter("th"))
    assert all(one.find("caption") is not None for one in tree.iter("table"))
    assert all(one[0].tag == "summary" for one in tree.iter("details"))
    names = [e.attrib["id"] for e in tree.iter() if "id" in e.attrib]
    assert len(names) == len(set(names))
    assert {a.attrib["href"] for a in tree.iter("a")} <= {f"#{name}" for name in names}
    drawings = list(tree.iter("svg"))
    assert len(drawings) == 3 * len(sections(tree))
    for drawing in drawings:
        told = {e.attrib["id"]: e.text for e in drawing if e.tag in ("title", "desc")}
        assert drawing.get("role") == "img" and all(told[name] for name in drawing.attrib["aria-labelledby"].split())


def test_drawings_and_flags_have_the_contrast_that_accessibility_asks_for(written: Any) -> None:
    html = (written[1] / "tableau_de_bord.html").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", html))
    (bar,) = set(re.findall(r"svg\.cours \.plein \{ fill: (#\w+)", html))
    (ground,) = set(re.findall(r"svg\.cours \.marque \{ fill: (#\w+)", html))
    assert min(contrast(bar, "#ffffff"), contrast(bar, ground)) >= 3
    assert contrast(colours["no"], colours["no-ground"]) >= 4.5 and contrast("#8a2c0d", "#ffffff") >= 4.5


def many(result: TableauDeBord, number: int) -> TableauDeBord:
    first: Etablissement = result.etablissements[0]
    return replace(
        result, etablissements=tuple(replace(first, finess_et=f"{rank:09}") for rank in range(number)), organismes=()
    )


def test_three_hundred_establishments_make_a_page_that_a_browser_opens(written: Any, tmp_path: Path) -> None:
    path = tableau_de_bord_html.write_dashboard_html(tmp_path / "page.html", many(written[0], 300))
    assert path.stat().st_size < 6_000_000
    shut = sections(ElementTree.fromstring(path.read_text(encoding="utf-8"))).values()
    assert len(shut) == 300 and not [one for one in shut if "open" in one.attrib]


def test_too_many_establishments_leave_the_summary_and_say_where_the_rest_is(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tableau_de_bord_html, "DETAIL_LIMIT", 3)
    path = tableau_de_bord_html.write_dashboard_html(tmp_path / "page.html", many(written[0], 4))
    tree = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    assert len([row for row in tree.iter("tr") if "data-finess" in row.attrib]) == 4
    assert not sections(tree) and "Le détail de plus de 3 établissements" in words(tree)


def test_more_professionals_than_a_page_holds_are_counted_and_said(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tableau_de_bord_html, "RPPS_LIMIT", 1)
    path = tableau_de_bord_html.write_dashboard_html(tmp_path / "page.html", written[0])
    texts = words(ElementTree.fromstring(path.read_text(encoding="utf-8")))
    most = max(len(e.par_rpps) for e in written[0])
    assert f"Détail par RPPS ({most})" in texts and "sont dans tableau_de_bord.xlsx" in texts


WRITE = """
import pickle, sys
from pathlib import Path
from esms_sdk.export import write_dashboard
write_dashboard(pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]))
"""


def test_another_machine_writes_the_same_bytes(written: Any, tmp_path: Path) -> None:
    result, folder = written
    (tmp_path / "result.pickle").write_bytes(pickle.dumps(result))
    (tmp_path / "there").mkdir()
    poor = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONUTF8": "0",
            "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(Path(esms_sdk.__file__).parent.parent)}  # fmt: skip
    words = [sys.executable, "-c", WRITE, str(tmp_path / "result.pickle"), str(tmp_path / "there")]
    subprocess.run(words, check=True, cwd=tmp_path, env={**os.environ, **poor})
    digests = [
        {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in NAMES}
        for place in (folder, tmp_path / "there")
    ]
    assert digests[0] == digests[1]
