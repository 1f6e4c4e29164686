"""A series in every format: the same numbers as its months, a page that stands alone, one command to make it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from esms_sdk import api, content
from esms_sdk.cli import main
from esms_sdk.export import as_contract, wording, write_indicators
from esms_sdk.export.contract import lines
from esms_sdk.export.series import HISTORIQUE, series_document, write_series
from esms_sdk.indicators.result import Count, Indicateurs, Rate
from esms_sdk.indicators.series import Serie
from esms_sdk.period import Period
from tests.lots import EHPAD

MICRO_LOT = Path(__file__).resolve().parent.parent / "data" / "micro_lot" / "lot"
CONFORMANCE = content.folder("conformance")
SCHEMA = json.loads((CONFORMANCE / "serie.schema.json").read_text(encoding="utf-8"))
CODES = {words: code for code, words in wording.ETATS.items()}
FORMATS = ["measurereport.json", "serie.csv", "serie.html", "serie.json", "serie.xlsx"]


def _of(month: int, result: Indicateurs) -> Indicateurs:
    first, last = date(2025, month, 1), date(2025, month, 30)
    return replace(result, periode=Period(first, last), mesure_le=last)


@pytest.fixture(scope="module")
def made(make_result: Callable[..., Indicateurs], tmp_path_factory: pytest.TempPathFactory) -> tuple[Serie, Path]:
    """Three months of every état and motif; in the one between, nothing could be judged."""
    result = make_result("periode")
    between = replace(result, etablissements=tuple(replace(e, indicateurs=tuple(map(_unjudged, e.indicateurs)))
                                                   for e in result))  # fmt: skip
    serie = Serie((_of(8, result), _of(9, between), _of(10, result)))
    folder = tmp_path_factory.mktemp("serie")
    assert sorted(path.name for path in write_series(serie, folder)) == FORMATS
    return serie, folder


def _unjudged(one: Rate | Count) -> Rate | Count:
    if isinstance(one, Count) or one.cible is None:
        return one
    return replace(one, etat="INDETERMINEE", motif="PERIODE_NON_COUVERTE")


def test_in_json_each_month_has_its_own_parts_of_a_measure(made: tuple[Serie, Path]) -> None:
    serie, folder = made
    document = json.loads((folder / "serie.json").read_text(encoding="utf-8"))
    assert document == series_document(serie)
    for month, one in zip(document["mois"], serie, strict=True):
        alone = as_contract(one)
        assert month == {key: alone[key] for key in month}
        assert {key: document[key] for key in alone if key not in ("schema", "periode", "notes", *month)} == {
            key: alone[key] for key in alone if key not in ("schema", "periode", "notes", *month)
        }
    assert document["notes"]["historique"] == HISTORIQUE


def test_the_published_schema_holds_the_document_and_shares_its_parts_with_that_of_a_measure(made) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [fault.message for fault in Draft202012Validator(SCHEMA).iter_errors(series_document(made[0]))] == []
    measure = json.loads((CONFORMANCE / "indicateurs.schema.json").read_text(encoding="utf-8"))
    assert SCHEMA["$defs"] == measure["$defs"]
    for key in ("etablissements", "organismes", "totaux", "periode"):
        assert SCHEMA["properties"]["mois"]["items"]["properties"][key] == measure["properties"][key]


def test_in_csv_the_lines_are_those_of_the_months_one_after_the_other(made, tmp_path) -> None:
    serie, folder = made
    expected = []
    for number, month in enumerate(serie):
        (tmp_path / str(number)).mkdir()
        write_indicators(month, tmp_path / str(number))
        head, *rows = (tmp_path / str(number) / "indicateurs.csv").read_bytes().splitlines()
        expected += rows
    assert (folder / "serie.csv").read_bytes().splitlines() == [head, *expected]


def _sheet(folder: Path, name: str) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(folder / "serie.xlsx", read_only=True)
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=False)) for row in rows]


def test_in_xlsx_each_sheet_has_one_figure_and_each_column_a_month(made: tuple[Serie, Path]) -> None:
    serie, folder = made
    heads = ["août 2025", "sept. 2025", "oct. 2025"]
    sheets = ["Taux", "Nombres", "Numérateurs", "Dénominateurs", "États", "Motifs"]
    read = {name: {_key(row): [row.get(head) for head in heads] for row in _sheet(folder, name)} for name in sheets}
    for number, month in enumerate(serie):
        for line in lines(month):
            one, key = line.indicateur, (line.cells[1], line.indicateur.id, line.cells[5])
            if isinstance(one, Count):
                assert read["Nombres"][key][number] == one.valeur
            else:
                found = [read[name][key][number] for name in ("Taux", "Numérateurs", "Dénominateurs")]
                assert found == [one.fraction.taux, one.fraction.numerateur, one.fraction.denominateur]
                assert CODES[read["États"][key][number]] == one.etat
            assert read["Motifs"][key][number] == one.motif


def _key(row: dict[str, Any]) -> tuple[Any, Any, Any]:
    return row["FINESS géographique"], row["Indicateur"], row["Lecture"]


def test_in_the_page_the_table_of_each_establishment_has_each_month(made: tuple[Serie, Path]) -> None:
    serie, folder = made
    page = (folder / "serie.html").read_text(encoding="utf-8").replace("\u202f", "").replace("\xa0", " ")
    sections = dict(re.findall(r'<section class="card et"[^>]*data-finess="(\w+)">(.*?)</section>', page, re.S))
    assert sorted(sections) == [e.finess_et for e in serie.mois[0]]
    for number, month in enumerate(serie):
        for e in month:
            rows = re.findall(r"<tr data-fin=.*?</tr>", sections[e.finess_et], re.S)
            cells = dict(re.findall(r'data-i="(\w+)"[^>]*>(.*?)</td>', rows[number], re.S))
            for one in e.indicateurs:
                shown = re.findall(r"[–\d,]+", re.sub(r"<[^>]+>", " ", cells[one.id]))
                if isinstance(one, Count):
                    assert shown == [_dash(one.valeur)]
                else:
                    taux = "–" if one.fraction.taux is None else f"{one.fraction.taux:.1f}".replace(".", ",")
                    assert shown == [taux, _dash(one.fraction.numerateur), _dash(one.fraction.denominateur)]
                    assert f'data-i="{one.id}" data-etat="{one.etat}"' in rows[number]


def _dash(number: int | None) -> str:
    return "–" if number is None else str(number)


def test_the_first_month_of_each_target_is_the_same_in_every_format(made: tuple[Serie, Path]) -> None:
    serie, folder = made
    first = {(et, name): day for (_, et, name), day in serie.premieres_atteintes().items()}
    assert None in first.values() and date(2025, 8, 30) in first.values()
    document = json.loads((folder / "serie.json").read_text(encoding="utf-8"))
    in_json = {
        (e["finess_et"], name): day for e in document["premiere_atteinte"] for name, day in e["indicateurs"].items()
    }
    assert in_json == {key: day and day.isoformat() for key, day in first.items()}
    rows = _sheet(folder, "Premières atteintes")
    in_xlsx = {(row["FINESS géographique"], row["Indicateur"]): row.get("Première atteinte") for row in rows}
    assert {key: day and day.date() for key, day in in_xlsx.items()} == first
    page = (folder / "serie.html").read_text(encoding="utf-8")
    for finess, cells in re.findall(r'<tr data-premieres="(\w+)">(.*?)</tr>', page, re.S):
        for name, day in re.findall(r'data-i="(\w+)" data-jour="([\d-]*)"', cells):
            assert day == (in_json.get((finess, name)) or "")


def test_in_fhir_there_is_a_report_a_month_and_each_measure_once(made: tuple[Serie, Path]) -> None:
    serie, folder = made
    bundle = json.loads((folder / "measurereport.json").read_text(encoding="utf-8"))
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(urls) == len(set(urls)) == 3 + 3 * sum(len(month) for month in serie)
    periods = {entry["resource"].get("period", {}).get("end") for entry in bundle["entry"]}
    assert periods == {None, *(month.periode.fin.isoformat() for month in serie)}


def test_a_month_that_could_not_be_judged_is_a_gap_in_its_course_and_is_said_in_words(made: tuple[Serie, Path]) -> None:
    page = (made[1] / "serie.html").read_text(encoding="utf-8")
    # August and October have a rate, September none: two lines of one point each.
    drawing = next(
        svg for svg in re.findall(r"<svg.*?</svg>", page, re.S) if "Mois sans nombre" in svg and "trait" in svg
    )
    assert re.search(r'class="trait" d="M[\d. ]+M[\d. ]+"', drawing)
    assert "indéterminé" in drawing and "<title" in drawing and "<desc" in drawing


def test_the_page_stands_alone_and_says_that_a_past_month_may_have_been_measured_otherwise(made) -> None:
    page = (made[1] / "serie.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://(?!www\.w3\.org)", page)
    assert "ils peuvent différer de ce qui a été mesuré" in page


@pytest.mark.parametrize(
    ("etats", "told"),
    [
        (("ATTEINTE", "NON_ATTEINTE"), "Chaque cible a été atteinte au moins un mois."),
        (("NON_ATTEINTE", "NON_ATTEINTE"), "Une cible au moins n'a jamais été atteinte."),
        (("SANS_OBJET", "SANS_OBJET"), "1 établissement suivi, sans cible."),
    ],
)
def test_of_one_establishment_the_headline_leaves_no_doubt(etats, told, made, tmp_path) -> None:
    from esms_sdk.export.series_html import write_series_html

    def of(result: Indicateurs, etat: str) -> Indicateurs:
        one = result.etablissements[0]
        target = None if etat == "SANS_OBJET" else 90
        judged = [
            replace(i, etat=etat, motif=None, cible=target) if isinstance(i, Rate) else i for i in one.indicateurs
        ]
        return replace(result, etablissements=(replace(one, indicateurs=tuple(judged)),), organismes=())

    serie = Serie(tuple(of(month, etat) for month, etat in zip(made[0].mois[:2], etats, strict=True)))
    page = write_series_html(tmp_path / "serie.html", serie).read_text(encoding="utf-8")
    assert told in re.sub(r"\s+", " ", html.unescape(page))


def test_the_same_series_gives_the_same_bytes(made, tmp_path) -> None:
    serie, folder = made
    write_series(serie, tmp_path)
    assert [name for name in FORMATS if (tmp_path / name).read_bytes() != (folder / name).read_bytes()] == []


def test_hundreds_of_establishments_are_folded_and_thousands_keep_the_summary(made, tmp_path) -> None:
    serie, _ = made
    one = serie.mois[0].etablissements[0]
    for number, opened, detailed in ((13, 0, 13), (601, 0, 0)):
        many = tuple(replace(one, finess_et=f"{n:09}") for n in range(number))
        folder = tmp_path / str(number)
        folder.mkdir()
        from esms_sdk.export.series_html import write_series_html

        path = write_series_html(folder / "serie.html", Serie((replace(serie.mois[0], etablissements=many),)))
        page = path.read_text(encoding="utf-8")
        assert (page.count("<details open"), page.count('<section class="card et"')) == (opened, detailed)
        assert page.count("data-premieres=") == number


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-worked lot over four months, by the command."""
    out = tmp_path_factory.mktemp("commande") / "serie"
    # The lot does not cover the first of these months for every log, and its journal is judged for each.
    assert main(
        ["indicators", str(MICRO_LOT), "--series", "2025-06", "2025-09-30", "--by", "ej", "--out", str(out)]
    ) in (
        0,
        3,
    )
    return out


def test_the_command_gives_for_each_month_what_its_measure_gives(asked: Path) -> None:
    document = json.loads((asked / "serie.json").read_text(encoding="utf-8"))
    assert [month["periode"]["fin"] for month in document["mois"]] == [
        "2025-06-30", "2025-07-31", "2025-08-31", "2025-09-30"
    ]  # fmt: skip
    with api.open_lot(MICRO_LOT) as lot:
        for month in document["mois"]:
            alone = api.as_document(api.compute_indicators(lot, month["periode"]["mesure_le"], by_ej=True))
            assert month == {key: alone[key] for key in month}
    assert sorted(path.name for path in asked.iterdir()) == FORMATS


def test_the_exit_code_is_that_of_the_worst_month(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with api.open_lot(MICRO_LOT) as lot:
        codes = {day: api.exit_code(api.compute_indicators(lot, day)) for day in ("2025-08-31", "2025-09-30")}
        assert {day: api.compute_series(lot, day, day).exit_code for day in codes} == codes
        assert api.compute_series(lot, "2025-08", "2025-09").exit_code == max(codes.values())
        assert api.compute_series(lot, "2019-01", "2019-02").exit_code == 3


def test_trois_mois_is_measured_on_the_day_after_the_month() -> None:
    asked: dict[str, Any] = {"definition": "trois_mois", "finess": EHPAD}
    with api.open_lot(MICRO_LOT) as lot:
        serie = api.compute_series(lot, "2025-08", "2025-09", **asked)
        assert [month.mesure_le for month in serie] == [date(2025, 9, 1), date(2025, 10, 1)]
        assert list(serie) == [api.compute_indicators(lot, month.mesure_le, **asked) for month in serie]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--series", "2025-01", "2025-02", "--measured-on", "2025-02-28"], "--measured-on"),
        (["--series", "2025-01", "2025-02", "--first-measure"], "--first-measure"),
        (["--series", "2025-01", "2025-02", "--worklist"], "--worklist"),
        (["--series", "2025-01", "2025-02", "--compare", "indicateurs.json"], "--compare"),
        (["--series", "2025-02", "2025-01"], "2025-02 est après 2025-01"),
        (["--series", "2015-01", "2025-01"], "121 mois"),
        (["--series", "2025-1", "2025-02"], "AAAA-MM"),
        (["--series", "2025-01"], "2 valeurs"),
        ([], "--measured-on"),
    ],
)
def test_what_makes_no_series_is_wrong_use(words, told, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["indicators", str(MICRO_LOT), *words, "--out", str(out)]) == 2
    assert told in capsys.readouterr().err and not out.exists()


def test_options_that_the_configuration_sets_for_a_measure_are_left_aside(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("esms.toml").write_text("[indicators]\nmeasured-on = 2025-09-30\nworklist = true\n", encoding="utf-8")
    assert main(["indicators", str(MICRO_LOT), "--series", "2025-09", "2025-09", "--out", "out"]) in (0, 3)
    assert sorted(path.name for path in Path("out").iterdir()) == FORMATS


def test_json_on_stdout_is_the_file(tmp_path, capsys) -> None:
    words = ["indicators", str(MICRO_LOT), "--series", "2025-09", "2025-09", "--out", str(tmp_path / "out")]
    main([*words, "--format", "json"])
    assert json.load(io.StringIO(capsys.readouterr().out)) == json.loads(
        (tmp_path / "out" / "serie.json").read_text(encoding="utf-8")
    )


def test_a_cell_that_reads_as_a_formula_stays_text(made: tuple[Serie, Path]) -> None:
    text = (made[1] / "serie.csv").read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+@")]
