"""Small courses over months as inline SVG: bars or a line over an axis, with a text and the rows of a table beside it.

A drawing says nothing that its twin table does not say: whoever cannot see it, or prints it too small, reads that one.
The sizes are those of a small multiple (three abreast on a screen, one under the other on a phone), so that the texts
stay readable without a script.  The style is ``templates/charts.css``, the twin ``templates/charts.html``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from markupsafe import Markup, escape

from esms_sdk.export.french import mois_court, mois_en_lettres, nombre, typo

WIDTH, HEIGHT = 330, 150
_LEFT, _RIGHT, _TOP, _BASE = 34, 326, 14, 122
_YEAR_ROOM = 62  # between two labels of the axis, so that they do not touch
Valeur = int | float | None


@dataclass(frozen=True, slots=True)
class Course:
    """One number a month, oldest first; null is a month without a number, which is never drawn as zero.

    ``marques`` (none, or one a month) says why a month is to be read with care («non couvert»), empty where it is not.
    ``forme`` is ``barres`` or ``ligne``; ``unite`` stands after each number; ``plafond`` is the least top of the axis.
    """

    nom: str
    mois: Sequence[date]
    valeurs: Sequence[Valeur]
    marques: Sequence[str] = ()
    forme: str = "barres"
    unite: str = ""
    cible: int | None = None
    plafond: float | None = None

    def marque(self, rank: int) -> str:
        """Return why the month of that rank is to be read with care."""
        return self.marques[rank] if self.marques else ""


class Ligne(NamedTuple):
    """One month of the twin table: its name, a cell a course, the marks of its courses, each once."""

    mois: str
    cellules: tuple[str, ...]
    marque: str


def lignes(courses: Sequence[Course]) -> Iterator[Ligne]:
    """Give the rows of the twin table of courses over the same months."""
    for rank, month in enumerate(courses[0].mois if courses else ()):
        marks = dict.fromkeys(course.marque(rank) for course in courses)
        cells = tuple(valeur(course.valeurs[rank], course.unite) for course in courses)
        yield Ligne(mois_en_lettres(month), cells, ", ".join(mark for mark in marks if mark))


def valeur(number: Valeur, unite: str = "") -> str:
    """Return a number as it is printed, with its unit; a dash when there is none.

    >>> valeur(12), valeur(None, "%"), valeur(93.75, "%").replace("\\xa0", " ")
    ('12', '–', '93,8 %')
    """
    if number is None:
        return "–"
    text = nombre(number) if isinstance(number, int) else f"{number:.1f}".replace(".", ",")
    return typo(f"{text} {unite}") if unite else text


def en_mots(course: Course) -> str:
    """Return what the drawing shows in one or two sentences: its months, its extent, its end, what is marked."""
    if not course.mois:
        return "Aucun mois."
    first, last = mois_en_lettres(course.mois[0]), mois_en_lettres(course.mois[-1])
    told = [number for number in course.valeurs if number is not None]
    span = f"De {first} à {last}"
    if not told:
        return f"{span} : aucun nombre fourni."
    low, high = valeur(min(told), course.unite), valeur(max(told), course.unite)
    extent = f"toujours {low}" if low == high else f"de {low} à {high}"
    end = valeur(course.valeurs[-1], course.unite) if course.valeurs[-1] is not None else "sans nombre"
    text = f"{span} : {extent} par mois, le dernier mois {end}."
    if empty := len(course.valeurs) - len(told):
        text += f" Mois sans nombre : {empty}."
    if course.cible is not None:
        text += f" Cible : {valeur(course.cible, course.unite)}."
    marks = [course.marque(rank) for rank in range(len(course.mois))]
    for mark in dict.fromkeys(mark for mark in marks if mark):
        text += f" Mois marqués «{mark}» : {marks.count(mark)}."
    return typo(text.replace("«", "« ").replace("»", " »"))


def svg(course: Course, name: str) -> Markup:
    """Return the drawing; ``name`` makes its ids, and is given once in a page."""
    scale = _Scale(course)
    parts = [*_axis(course, scale), *_marked(course, scale)]
    parts += _bars(course, scale) if course.forme == "barres" else _line(course, scale)
    if course.cible is not None:
        parts += _target(course, scale, course.cible)
    return Markup(
        f'<svg class="cours" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(typo(course.nom))}</title><desc id="{name}-d">{escape(en_mots(course))}</desc>'
        f"{''.join(parts)}</svg>"
    )


class _Scale:
    """Where a month and a number stand in the drawing."""

    def __init__(self, course: Course) -> None:
        told = [number for number in course.valeurs if number is not None]
        self.step, self.top = _steps(max(*told, course.cible or 0, course.plafond or 0, 1))
        self.slot = (_RIGHT - _LEFT) / max(len(course.mois), 1)

    def x(self, rank: float) -> float:
        return _LEFT + rank * self.slot

    def y(self, number: float) -> float:
        return _BASE - (_BASE - _TOP) * number / self.top

    def ticks(self) -> list[int]:
        return list(range(0, self.top + 1, self.step))


def _steps(most: float) -> tuple[int, int]:
    """Return the step of the axis and its top, whole and round, in four steps at most.

    >>> _steps(1), _steps(10), _steps(13), _steps(100), _steps(1234)
    ((1, 1), (5, 10), (5, 15), (25, 100), (500, 1500))
    """
    whole = max(math.ceil(most), 1)
    sizes = (unit * 10**power for power in range(len(str(whole))) for unit in (1, 2, 5, 25))
    step = min(size for size in sizes if whole <= 4 * size)
    return step, step * math.ceil(whole / step)


def _axis(course: Course, scale: _Scale) -> Iterator[str]:
    lines = "".join(f"M{_LEFT} {_n(scale.y(tick))}H{_RIGHT}" for tick in scale.ticks()[1:])
    yield f'<path class="grille" d="{lines}"/><path class="axe" d="M{_LEFT} {_BASE}H{_RIGHT}"/>'
    for tick in scale.ticks():
        yield f'<text x="{_LEFT - 4}" y="{_n(scale.y(tick) + 3.5)}" text-anchor="end">{_short(tick)}</text>'
    if not course.mois:
        return
    first, last = course.mois[0], course.mois[-1]
    yield f'<text x="{_LEFT}" y="{_BASE + 15}">{escape(mois_court(first))}</text>'
    if last != first:
        yield f'<text x="{_RIGHT}" y="{_BASE + 15}" text-anchor="end">{escape(mois_court(last))}</text>'
    for rank, month in enumerate(course.mois):
        if month.month == 1 and rank:
            x = scale.x(rank)
            yield f'<path class="axe" d="M{_n(x)} {_BASE}v5"/>'
            if _LEFT + _YEAR_ROOM < x < _RIGHT - _YEAR_ROOM - 20:
                yield f'<text x="{_n(x)}" y="{_BASE + 15}">{month.year}</text>'


def _marked(course: Course, scale: _Scale) -> Iterator[str]:
    """Give the ground behind the months that are marked, neighbours together."""
    rank, bands = 0, ""
    while rank < len(course.mois):
        begin = rank
        while rank < len(course.mois) and course.marque(rank):
            rank += 1
        if rank > begin:
            bands += f"M{_n(scale.x(begin))} {_TOP}H{_n(scale.x(rank))}V{_BASE}H{_n(scale.x(begin))}z"
        rank += 1
    if bands:
        yield f'<path class="marque" d="{bands}"/>'


def _bars(course: Course, scale: _Scale) -> Iterator[str]:
    """Give the bars as two paths: the months that can be relied on, filled; those that are marked, outlined."""
    width = scale.slot * 0.7
    paths = {"plein": "", "creux": ""}
    for rank, number in enumerate(course.valeurs):
        if number:
            x = _n(scale.x(rank) + (scale.slot - width) / 2)
            kind = "creux" if course.marque(rank) else "plein"
            paths[kind] += f"M{x} {_BASE}V{_n(scale.y(number))}h{_n(width)}V{_BASE}z"
    yield from (f'<path class="{kind}" d="{path}"/>' for kind, path in paths.items() if path)


def _line(course: Course, scale: _Scale) -> Iterator[str]:
    """Give the line, broken where there is no number, and a dot a month: full, or hollow where it is marked."""
    line, dots, hollow, broken = "", "", [], True
    for rank, number in enumerate(course.valeurs):
        if number is None:
            broken = True
            continue
        x, y = _n(scale.x(rank + 0.5)), _n(scale.y(number))
        line += f"{'M' if broken else 'L'}{x} {y}"
        broken = False
        if course.marque(rank):
            hollow.append(f'<circle class="creux" cx="{x}" cy="{y}" r="3"/>')
        else:
            dots += f"M{x} {y}h0"
    if line:
        yield f'<path class="trait" d="{line}"/><path class="points" d="{dots}"/>' + "".join(hollow)


def _target(course: Course, scale: _Scale, cible: int) -> Iterator[str]:
    """Give the line of the target, named at the end where the numbers stand further from it."""
    third = max(len(course.valeurs) // 3, 1)
    begin, end = (
        min((abs(number - cible) for number in some if number is not None), default=math.inf)
        for some in (course.valeurs[:third], course.valeurs[-third:])
    )
    x, anchor = (_LEFT + 3, "start") if begin > end else (_RIGHT, "end")
    said = escape(typo(f"cible {valeur(cible, course.unite)}"))
    yield f'<path class="cible" d="M{_LEFT} {_n(scale.y(cible))}H{_RIGHT}"/>'
    yield f'<text class="cible" x="{x}" y="{_n(scale.y(cible) - 4)}" text-anchor="{anchor}">{said}</text>'


def _short(number: int) -> str:
    """Return a number of the axis, which has room for four figures.

    >>> _short(1500).replace("\\u202f", "_"), _short(25000).replace("\\u202f", "_")
    ('1_500', '25_k')
    """
    return nombre(number) if number < 10_000 else f"{nombre(number // 1000)}\N{NARROW NO-BREAK SPACE}k"


def _n(number: float) -> str:
    """Return a coordinate with one decimal at most, the same everywhere."""
    return f"{number:.1f}".removesuffix(".0")
