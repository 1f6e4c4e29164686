"""The drawings of courses: what they show, and that a reader who cannot see them misses nothing."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest

from esms_sdk.export.charts import Course, en_mots, lignes, svg

YEAR = [date(2025, month, 1) for month in range(1, 13)]


def course(*values: float | None, **more: Any) -> Course:
    return Course("Documents <par> mois", YEAR[: len(values)], values, **more)


def drawn(one: Course) -> dict[str, list[ElementTree.Element]]:
    """The elements of the drawing by class."""
    found: dict[str, list[ElementTree.Element]] = {}
    for element in ElementTree.fromstring(svg(one, "c")).iter():
        found.setdefault(element.get("class", element.tag), []).append(element)
    return found


def bars(one: Course, kind: str) -> int:
    return sum(path.attrib["d"].count("z") for path in drawn(one).get(kind, []))


def test_a_drawing_names_itself_and_says_what_it_shows():
    tree = ElementTree.fromstring(svg(course(0, 12, 3), "c1"))
    assert (tree.get("role"), tree.get("aria-labelledby")) == ("img", "c1-t c1-d")
    title, described = tree[0], tree[1]
    assert (title.tag, title.get("id"), title.text) == ("title", "c1-t", "Documents <par> mois")
    assert (described.tag, described.get("id")) == ("desc", "c1-d")
    assert described.text == "De janvier 2025 à mars 2025\xa0: de 0 à 12 par mois, le dernier mois 3."


def test_a_month_without_a_number_is_no_zero():
    assert "Mois sans nombre\xa0: 1." in en_mots(course(4, None, 4))
    assert [row.cellules for row in lignes([course(4, None, 0)])] == [("4",), ("–",), ("0",)]
    assert en_mots(course(None, None)).endswith("aucun nombre fourni.")
    assert bars(course(None, None), "plein") == 0


def test_a_line_is_broken_where_there_is_no_number():
    (path,) = drawn(course(10.0, 20.0, None, 30.0, forme="ligne", unite="%"))["trait"]
    assert path.attrib["d"].count("M") == 2 and path.attrib["d"].count("L") == 1


def test_a_marked_month_is_drawn_hollow_over_a_ground_and_named_in_words():
    one = course(5, 6, 7, 8, marques=("non couvert", "non couvert", "", ""))
    assert (bars(one, "creux"), bars(one, "plein")) == (2, 2)
    assert [path.attrib["d"].count("M") for path in drawn(one)["marque"]] == [1]
    assert "Mois marqués «\xa0non couvert\xa0»\xa0: 2." in en_mots(one)
    assert [row.marque for row in lignes([one, one])] == ["non couvert", "non couvert", "", ""]


@pytest.mark.parametrize("most", [0, 1, 3, 10, 13, 99, 100, 101, 9_999, 12_345, 3_000_000])
def test_the_axis_holds_the_greatest_number_in_few_round_steps(most):
    texts = [text.text or "" for text in drawn(course(0, most))["text"] if text.get("text-anchor") == "end"]
    ticks = [re.sub(r"\s", "", text).replace("k", "000") for text in texts if re.fullmatch(r"[\d\s]+k?", text)]
    numbers = [int(tick) for tick in ticks]
    assert numbers[0] == 0 and numbers[-1] >= most and 2 <= len(numbers) <= 5
    heights = [
        float(m)
        for path in drawn(course(0, most)).get("plein", [])
        for m in re.findall(r"V([\d.]+)h", path.attrib["d"])
    ]
    assert all(14 <= height <= 122 for height in heights)


def test_a_target_is_a_line_with_its_number():
    found = drawn(course(88.0, 93.8, forme="ligne", unite="%", cible=90, plafond=100))["cible"]
    assert [element.text for element in found] == [None, "cible 90\xa0%"]
    assert "Cible\xa0: 90\xa0%." in en_mots(course(88.0, unite="%", cible=90))
    assert [row.cellules[0] for row in lignes([course(93.75, unite="%")])] == ["93,8\xa0%"]


def test_nothing_to_draw_is_still_a_drawing():
    assert ElementTree.fromstring(svg(Course("Rien", (), ()), "c")).tag == "svg"
    assert list(lignes([])) == []
