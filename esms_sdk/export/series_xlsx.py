"""The workbook of a series: a line an establishment, indicator and reading, a column a month, a sheet a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from esms_sdk.export import limits, wording
from esms_sdk.export.contract import readings
from esms_sdk.export.french import mois_court, typo
from esms_sdk.export.indicateurs_xlsx import ETAT_COLOURS, identity, letters
from esms_sdk.export.series import HISTORIQUE, places
from esms_sdk.export.xlsx import Cell, Colour, Column, Sheet, workbook, write_sheet
from esms_sdk.indicators.result import Count, Rate
from esms_sdk.indicators.series import Serie

_WHO = (
    Column("FINESS juridique", width=13),
    Column("FINESS géographique", width=13),
    Column("Établissement", width=42),
    Column("Indicateur", width=25),
    Column("Libellé", width=58),
    Column("Lecture", width=11),
)
_ETATS = "États"


def write_series_xlsx(path: Path, serie: Serie) -> Path:
    """Write the workbook into ``path`` and return it; its only date is that of the last measure."""
    sheets = _Sheets(serie)
    cells = sum(len(e.indicateurs) + 1 for e, _ in places(serie)) * (len(serie) + len(_WHO)) * len(_FIGURES)
    with workbook(path, serie.mois[-1].mesure_le, cells) as book:
        write_sheet(book, sheets.first_reached())
        for figure in _FIGURES:
            write_sheet(book, sheets.of(figure))
        write_sheet(book, sheets.lisez_moi())
    return path


class _Figure(NamedTuple):
    """A sheet: its name, the kind of its cells, the indicators that have the figure, and the figure."""

    nom: str
    kind: str
    of: tuple[type, ...]
    read: Callable[[Any], Cell]


_FIGURES = (
    _Figure("Taux", "taux", (Rate,), lambda one: one.fraction.taux),
    _Figure("Nombres", "nombre", (Count,), lambda one: one.valeur),
    _Figure("Numérateurs", "nombre", (Rate,), lambda one: one.fraction.numerateur),
    _Figure("Dénominateurs", "nombre", (Rate,), lambda one: one.fraction.denominateur),
    _Figure(_ETATS, "texte", (Rate,), lambda one: wording.ETATS[one.etat]),
    _Figure("Motifs", "texte", (Rate, Count), lambda one: one.motif),
)


class _Sheets:
    def __init__(self, serie: Serie) -> None:
        self.serie = serie
        self.heads = [mois_court(month.periode.fin) for month in serie]

    def of(self, figure: _Figure) -> Sheet:
        """Return the sheet of one figure: a line an establishment, indicator and reading, a column a month."""
        width = 18 if figure.kind == "texte" else 11
        months = [Column(head, figure.kind, width) for head in self.heads]
        rows = (
            (*who, *map(figure.read, course)) for who, course in self._courses() if isinstance(course[0], figure.of)
        )
        colours = self._colours(figure.nom) if figure.nom in ("Taux", _ETATS) else ()
        return Sheet(figure.nom, [*_WHO, *months], rows, colours, frozen=4)

    def first_reached(self) -> Sheet:
        """Return the sheet of the months in which each target was first reached."""
        columns = (*_WHO[:5], Column("Cible (%)", "nombre", 10), Column("Première atteinte", "date", 14))
        first = self.serie.premieres_atteintes()
        rows = (
            (e.finess_ej, e.finess_et or None, e.denomination, rate.id, rate.libelle, rate.cible,
             first[e.finess_ej, e.finess_et, rate.id])
            for e, _ in places(self.serie)
            for rate in e.indicateurs
            if isinstance(rate, Rate) and rate.cible is not None
        )  # fmt: skip
        return Sheet("Premières atteintes", columns, rows, frozen=3)

    def lisez_moi(self) -> Sheet:
        columns = (Column("Sujet", "long", 40), Column("Explication", "long", 110))
        return Sheet("Lisez-moi", columns, self._explanations(), filtered=False)

    def _explanations(self) -> Iterator[Sequence[Cell]]:
        first, last = self.serie.mois[0], self.serie.mois[-1]
        yield "Série", typo(f"De {self.heads[0]} à {self.heads[-1]} : {len(self.serie)} mois, chacun mesuré seul.")
        yield "Historique", typo(HISTORIQUE)
        yield (
            "Première atteinte",
            typo(
                "Le dernier jour du premier mois où la cible est atteinte ; vide si elle ne l'a jamais été. Un mois "
                "indéterminé ne compte pas, même si ses nombres passent la cible."
            ),
        )
        yield from ((subject, typo(text)) for subject, text in identity(last) if not subject.startswith("Période"))
        yield "Premier jour de mesure", f"{first.mesure_le:%d/%m/%Y}"
        yield "Dernier jour de mesure", f"{last.mesure_le:%d/%m/%Y}"
        yield from ((typo(title), typo(text)) for title, text in limits.A_SAVOIR)
        yield "Lecture retenue", wording.LECTURE_RETENUE
        for code, explained in wording.MOTIFS.items():
            yield f"Motif {code}", typo(f"{explained.titre}. {explained.sens} Que faire : {explained.remede}")

    def _courses(self) -> Iterator[tuple[tuple[Cell, ...], list[Rate | Count]]]:
        for e, months in places(self.serie):
            for rank, indicator in enumerate(e.indicateurs):
                course = [month.indicateurs[rank] for month in months]
                who = (e.finess_ej, e.finess_et or None, e.denomination, indicator.id, indicator.libelle)
                if isinstance(indicator, Count):
                    yield (*who, None), course
                    continue
                for place, reading in enumerate(readings(indicator)):
                    yield (*who, reading.lecture), [readings(one)[place] for one in course if isinstance(one, Rate)]

    def _colours(self, name: str) -> list[Colour]:
        """Colour a month by its état, which stands on the sheet of the états in the same cell."""
        first, last = len(_WHO), len(_WHO) + len(self.serie) - 1
        sheet = "" if name == _ETATS else f"'{_ETATS}'!"
        return [
            Colour((first, last), f'={sheet}{letters(first)}2="{wording.ETATS[etat]}"', font, ground)
            for etat, (font, ground) in ETAT_COLOURS.items()
        ]
