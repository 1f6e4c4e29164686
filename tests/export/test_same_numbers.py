"""The same numbers stand in every format: each is read back from its file and compared with the result itself."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import openpyxl
import pytest

from esms_sdk.export import wording, write_indicators
from esms_sdk.indicators.result import Count, Indicateurs, Rate

CODES = {words: code for code, words in wording.ETATS.items()}
T1 = "taux_dossiers_actifs"


class Judged(NamedTuple):
    """A rate as a file shows it; ``...`` where the format does not show that part."""

    numerateur: Any
    denominateur: Any
    taux: Any
    cible: Any
    etat: Any
    motif: Any


Rates = dict[tuple[str, str, str], Judged]
Counts = dict[tuple[str, str], tuple[int | None, str | None]]


def of_result(result: Indicateurs) -> tuple[Rates, Counts]:
    rates: Rates = {}
    counts: Counts = {}
    for e in result:
        for i in e.indicateurs:
            if isinstance(i, Count):
                counts[e.finess_et, i.id] = (i.valeur, i.motif)
                continue
            for r in i.lectures or (i,):
                f = r.fraction
                judged = Judged(f.numerateur, f.denominateur, f.taux, r.cible, r.etat, r.motif)
                rates[e.finess_et, i.id, r.lecture] = judged
    return rates, counts


@pytest.fixture(params=["periode", "annuelle"])
def written(request: pytest.FixtureRequest, make_result: Callable[..., Indicateurs], tmp_path: Path) -> Any:
    result = make_result(request.param)
    write_indicators(result, tmp_path)
    return result, *of_result(result), tmp_path


def test_the_cases_hold_every_etat_and_motif_and_the_numbers_that_slip(result: Indicateurs) -> None:
    rates, counts = of_result(result)
    assert {r.etat for r in rates.values()} == set(wording.ETATS)
    assert {r.motif for r in rates.values()} == {None, *wording.MOTIFS}
    assert {None, 0.0, 100.0, 130.6, 12.5} <= {r.taux for r in rates.values()}
    assert {None, 0, 1234} <= {valeur for valeur, _ in counts.values()}


def test_in_json(written: Any) -> None:
    result, rates, counts, folder = written
    document = json.loads((folder / "indicateurs.json").read_text(encoding="utf-8"))
    chosen = result.options.denominateur
    seen_rates, seen_counts = set(), {}
    for e in document["etablissements"]:
        for name, i in e["indicateurs"].items():
            if "valeur" in i:
                seen_counts[e["finess_et"], name] = (i["valeur"], i["motif"])
                continue
            assert Judged(*(i[key] for key in Judged._fields)) == rates[e["finess_et"], name, chosen]
            seen_rates.add((e["finess_et"], name, chosen))
            for lecture, numbers in i.get("lectures", {}).items():
                assert tuple(numbers.values()) == rates[e["finess_et"], name, lecture][:2]
                seen_rates.add((e["finess_et"], name, lecture))
    assert seen_rates == set(rates) and seen_counts == counts


def of_cells(row: dict[str, Any]) -> tuple[bool, Any, Any]:
    """One line of the table, from CSV or XLSX: whether it is a count, its key, its value."""
    if row["indicateur"].startswith("nb_"):
        return True, (row["finess_et"], row["indicateur"]), (row["numerateur"], row["motif"])
    key = (row["finess_et"], row["indicateur"], row["lecture"])
    return False, key, Judged(*(row[name] for name in Judged._fields))


def test_in_csv(written: Any) -> None:
    _, rates, counts, folder = written
    text = (folder / "indicateurs.csv").read_bytes().decode("utf-8-sig")
    numbers: dict[str, Callable[[str], Any]] = dict.fromkeys(("numerateur", "denominateur", "cible"), int)
    numbers["taux"] = float
    lines = []
    for raw in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
        lines.append(of_cells({name: numbers.get(name, str)(cell) if cell else None for name, cell in raw.items()}))
    assert {key: value for counted, key, value in lines if not counted} == rates
    assert {key: value for counted, key, value in lines if counted} == counts
    assert len(lines) == len(rates) + len(counts)


def sheet(folder: Path, name: str) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(folder / "indicateurs.xlsx")
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_in_xlsx(written: Any) -> None:
    result, rates, counts, folder = written
    names = {
        "FINESS géographique": "finess_et", "Indicateur": "indicateur", "Lecture": "lecture", "Motif": "motif",
        "Numérateur": "numerateur", "Dénominateur": "denominateur", "Taux (%)": "taux", "Cible (%)": "cible",
    }  # fmt: skip
    lines = []
    for row in sheet(folder, "Indicateurs"):
        cells = {names[title]: cell for title, cell in row.items() if title in names}
        lines.append(of_cells(cells | {"etat": CODES.get(row["État"])}))
    assert {key: value for counted, key, value in lines if not counted} == rates
    assert {key: value for counted, key, value in lines if counted} == counts

    for row, e in zip(sheet(folder, "Synthèse"), result, strict=True):
        assert row["FINESS géographique"] == e.finess_et
        assert row["Personnes accompagnées sur la période"] == e.personnes_accompagnees["periode"]
        assert row["Personnes accompagnées sur l'année"] == e.personnes_accompagnees["annuelle"]
        assert row["Séjours rejetés"] == e.rejets_sejours
        for i in e.indicateurs:
            if isinstance(i, Rate):
                name = wording.court(i.id, i.libelle)
                assert (row[f"{name} (%)"], CODES[row[f"{name} : état"]]) == (i.fraction.taux, i.etat)
            else:
                assert row[i.libelle] == i.valeur


def french(text: str) -> Any:
    """A number as the page shows it; null for the dash."""
    text = re.sub(r"[\s%]", "", text)
    if text == "–":
        return None
    return float(text.replace(",", ".")) if "," in text else int(text)


def shown(element: ElementTree.Element | None) -> str:
    assert element is not None
    return "".join(element.itertext())


def in_words(text: str) -> tuple[int | None, int | None]:
    """The two numbers of «60 dossiers actifs sur 64 personnes accompagnées»."""
    if text.startswith("Nombres non fournis"):
        return None, None
    found = re.fullmatch(r"([\d\u202f]+) .* (?:sur|pour) ([\d\u202f]+) .*", text)
    assert found, text
    return french(found[1]), french(found[2])


def of_section(section: ElementTree.Element, chosen: str) -> Iterator[tuple[str, str, Judged]]:
    for li in section.iter("li"):
        name = li.get("data-indicateur")
        assert name
        chip = next(p for p in li.iter("p") if p.get("class") == "chip")
        target = re.search(r"[Cc]ible de (\d+)", shown(chip))
        cible = int(target[1]) if target else None
        count, value = (next(p for p in li.iter("p") if p.get("class") == kind) for kind in ("count", "value"))
        numbers = in_words(shown(count))
        yield name, chosen, Judged(*numbers, french(shown(value)), cible, chip.get("data-etat"), chip.get("data-motif"))
        for table in li.iter("table"):
            readings = [th.attrib["data-lecture"] for th in table.iter("th") if "data-lecture" in th.attrib]
            for rank, lecture in enumerate(readings):
                *three, last = (tr.findall("td")[rank] for tr in table.findall("tbody/tr"))
                num, den, taux = (french(shown(cell)) for cell in three)
                yield name, lecture, Judged(num, den, taux, cible, last.get("data-etat"), last.get("data-motif"))


def test_in_html(written: Any) -> None:
    result, rates, counts, folder = written
    tree = ElementTree.fromstring((folder / "indicateurs.html").read_text(encoding="utf-8"))
    seen: set[Any] = set()
    seen_counts: Counts = {}
    for section in (s for s in tree.iter("section") if "data-finess" in s.attrib):
        finess = section.attrib["data-finess"]
        for name, lecture, judged in of_section(section, result.options.denominateur):
            assert judged == rates[finess, name, lecture], (finess, name, lecture)
            seen.add((finess, name, lecture))
        for div in section.findall("dl/div"):
            value = shown(div.find("dd")).split(" ")[0]
            seen_counts[finess, div.attrib["data-indicateur"]] = (french(value), div.get("data-motif"))
        e = next(e for e in result if e.finess_et == finess)
        persons = {
            b.attrib["data-personnes"]: french(shown(b)) for b in section.iter("b") if "data-personnes" in b.attrib
        }
        assert persons == e.personnes_accompagnees
    assert seen == set(rates) and seen_counts == counts


def test_in_the_summary_of_the_page(written: Any) -> None:
    result, rates, counts, folder = written
    tree = ElementTree.fromstring((folder / "indicateurs.html").read_text(encoding="utf-8"))
    chosen = result.options.denominateur
    rows = [row for row in tree.iter("tr") if "data-finess" in row.attrib]
    assert [row.attrib["data-finess"] for row in rows] == [e.finess_et for e in result]
    for row, e in zip(rows, result, strict=True):
        persons, actifs, *cells = row.findall("td")
        assert french(shown(persons)) == e.personnes_accompagnees[chosen]
        assert french(shown(actifs)) == counts[e.finess_et, "nb_dui_actifs"][0]
        for cell in cells:
            judged = rates[e.finess_et, cell.attrib["data-indicateur"], chosen]
            assert french(shown(cell.find("b"))) == judged.taux
            assert wording.ETATS[judged.etat].lower() in shown(cell)


GROUPS = {
    "dossiers-actifs": T1, "dossiers-actifs-autre-lecture": T1, "projet-personnalise": "taux_projet_personnalise",
    "evenement-agenda": "taux_evenement_agenda", "mss": "taux_mssante", "dmp": "taux_dmp",
    "e-prescription": "nb_eprescription", "e-parcours": "nb_eparcours",
}  # fmt: skip


def test_in_fhir(written: Any) -> None:
    _, rates, counts, folder = written
    bundle = json.loads((folder / "measurereport.json").read_text(encoding="utf-8"))
    seen_rates: Rates = {}
    seen_counts: Counts = {}
    for report in (e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "MeasureReport"):
        finess = report["subject"]["identifier"]["value"]
        for group in report["group"]:
            name = GROUPS[group["id"]]
            said = {e["url"].rpartition("/")[2]: e for e in group.get("extension", ())}
            motif = said.get("motif", {}).get("valueCode")
            numbers = {p["code"]["coding"][0]["code"]: p.get("count") for p in group["population"]}
            if name.startswith("nb_"):
                seen_counts[finess, name] = (numbers["initial-population"], motif)
                continue
            if group["id"] == "dossiers-actifs":
                active = counts[finess, "nb_dui_actifs"]
                assert numbers["numerator"] == active[0]
                seen_counts[finess, "nb_dui_actifs"] = active
            seen_rates[finess, name, said["lecture"]["valueCode"]] = Judged(
                numbers["numerator"],
                numbers["denominator"],
                group["measureScore"].get("value"),
                said.get("cible", {}).get("valueQuantity", {}).get("value"),
                said["etat"]["valueCode"],
                motif,
            )
    assert seen_rates == rates and seen_counts == counts
