"""The workbook of the indicators: «Indicateurs», «Synthèse», «Par organisme» where asked for, «Lisez-moi»."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from esms_sdk import __version__
from esms_sdk.export import limits, wording
from esms_sdk.export.contract import COLUMNS, lines
from esms_sdk.export.french import instant, jour, periode_en_lettres, typo
from esms_sdk.export.xlsx import Cell, Colour, Column, Sheet, workbook, write_sheet
from esms_sdk.indicators.result import Count, Etablissement, Indicateurs, Rate

_LINE_COLUMNS = (
    Column("FINESS juridique", width=13),
    Column("FINESS géographique", width=13),
    Column("Établissement", width=42),
    Column("Indicateur", width=25),
    Column("Libellé", width=58),
    Column("Définition", width=13),
    Column("Lecture", width=11),
    Column("Début", "date", 11),
    Column("Fin", "date", 11),
    Column("Numérateur", "nombre", 12),
    Column("Dénominateur", "nombre", 13),
    Column("Taux (%)", "taux", 10),
    Column("Cible (%)", "nombre", 10),
    Column("État", width=18),
    Column("Motif", width=30),
    Column("Explication", width=36),
    Column("Remarque", width=90),
)
ETAT_COLOURS = {
    "ATTEINTE": ("#0B5D3B", "#DDF1E6"),
    "NON_ATTEINTE": ("#8A2C0D", "#FBE3D9"),
    "INDETERMINEE": ("#3D4656", "#E7E9EE"),
    "SANS_OBJET": ("#5A6273", "#F5F6F8"),
}


def write_indicators_xlsx(path: Path, result: Indicateurs) -> Path:
    """Write the workbook into ``path`` and return it; its only date is that of the measure."""
    sheets = _Sheets(result)
    cells = sum(len(e.indicateurs) + 1 for e in (*result.organismes, *result.etablissements)) * len(_LINE_COLUMNS)
    with workbook(path, result.mesure_le, cells) as book:
        write_sheet(book, sheets.indicateurs())
        write_sheet(book, sheets.synthese("Synthèse", result.etablissements))
        if result.organismes:
            write_sheet(book, sheets.synthese("Par organisme", result.organismes))
        write_sheet(book, sheets.lisez_moi())
    return path


class _Sheets:
    def __init__(self, result: Indicateurs) -> None:
        self.result = result

    def indicateurs(self) -> Sheet:
        etat = [column.titre for column in _LINE_COLUMNS].index("État")
        return Sheet("Indicateurs", _LINE_COLUMNS, self._lines(), _colours([etat]), frozen=3)

    def _lines(self) -> Iterator[Sequence[Cell]]:
        for line in lines(self.result):
            cell = dict(zip(COLUMNS, line.cells, strict=True))
            etat = cell["etat"]
            yield (
                *line.cells[:2],
                line.etablissement.denomination,
                *line.cells[2:12],
                wording.ETATS.get(str(etat), str(etat)) if etat else None,
                cell["motif"],
                wording.motif(str(cell["motif"])).titre if cell["motif"] else None,
                wording.LECTURE_RETENUE if line.retenue else None,
            )

    def synthese(self, nom: str, etablissements: Sequence[Etablissement]) -> Sheet:
        named: dict[str, Rate | Count] = {i.id: i for e in etablissements for i in e.indicateurs}
        columns = [
            Column("FINESS juridique", width=13),
            Column("FINESS géographique", width=13),
            Column("Établissement", width=42),
            Column("Personnes accompagnées sur la période", "nombre"),
            Column("Personnes accompagnées sur l'année", "nombre"),
        ]
        judged = []
        for name, indicator in named.items():
            if isinstance(indicator, Count):
                columns.append(Column(indicator.libelle, "nombre", 16))
            else:
                columns.append(Column(f"{wording.court(name, indicator.libelle)} (%)", "taux", 14))
                columns.append(Column(f"{wording.court(name, indicator.libelle)} : état", width=18))
                judged.append(len(columns) - 1)
        columns += [Column("Séjours rejetés", "nombre", 10), Column("Réserves", "long", 40)]
        rows = (_synthese_row(e, tuple(named)) for e in etablissements)
        return Sheet(nom, columns, rows, _colours(judged, with_rate=True), frozen=3)

    def lisez_moi(self) -> Sheet:
        columns = (Column("Sujet", "long", 40), Column("Explication", "long", 110))
        return Sheet("Lisez-moi", columns, self._explanations(), filtered=False)

    def _explanations(self) -> Iterator[Sequence[Cell]]:
        yield from ((subject, typo(text)) for subject, text in identity(self.result))
        yield from ((typo(title), typo(text)) for title, text in limits.A_SAVOIR)
        yield "Lecture retenue", wording.LECTURE_RETENUE
        if self.result.organismes:
            yield "Par organisme", typo(limits.PAR_ORGANISME)
        named = {i.id: i.libelle for e in self.result.etablissements for i in e.indicateurs}
        for name, libelle in named.items():
            yield libelle, typo(wording.calcul(name, self.result.options.evenements))
        for kind, codes in (("Motif", wording.MOTIFS), ("Réserve", wording.RESERVES)):
            for code, explained in codes.items():
                text = f"{explained.titre}. {explained.sens} Que faire : {explained.remede}"
                yield f"{kind} {code}", typo(text)
        for source in limits.SOURCES:
            yield typo(f"Source : {source.objet}"), typo(f"{source.source} Confiance : {source.confiance}")


def identity(result: Indicateurs) -> Iterator[tuple[str, str]]:
    """Yield what a workbook says of the measure that it holds: a subject, and its text."""
    lot = result.lot
    persons, events = wording.options_en_mots(result.options)
    yield "Nature de ce document", limits.NON_OFFICIEL
    yield "Période (bornes incluses)", f"{periode_en_lettres(result.periode)}, mesurée le {jour(result.mesure_le)}"
    yield "Définition", f"{result.options.definition} : {wording.definition_en_mots(result.options)}"
    yield "Option denominateur", f"{result.options.denominateur} : {persons}"
    yield "Option evenements", f"{result.options.evenements} : {events}"
    for one in result.amenagements:
        yield "Aménagement", wording.amenagement_en_mots(one)
    yield "Logiciel", f"{lot['editeur']}, {lot['logiciel']} {lot['version_logiciel']}"
    yield "Extraction", instant(str(lot["date_extraction"]))
    yield "Empreinte SHA-256 du lot", str(lot["empreinte_sha256"])
    yield "Règles", f"{result.regles['version']} (SHA-256 {result.regles['sha256']})"
    yield "esms-sdk", __version__


def _synthese_row(e: Etablissement, names: Sequence[str]) -> Sequence[Cell]:
    cells: list[Cell] = [e.finess_ej, e.finess_et or None, e.denomination]
    cells += [e.personnes_accompagnees["periode"], e.personnes_accompagnees["annuelle"]]
    indicators = {i.id: i for i in e.indicateurs}
    for name in names:
        indicator = indicators[name]
        if isinstance(indicator, Count):
            cells.append(indicator.valeur)
        else:
            cells += [indicator.fraction.taux, wording.ETATS.get(indicator.etat, indicator.etat)]
    cells += [e.rejets_sejours, ", ".join(e.reserves) or None]
    return cells


def _colours(etats: Iterable[int], *, with_rate: bool = False) -> list[Colour]:
    """Colour an état, and the rate before it, by the état: a rounded rate cannot tell if its target is met."""
    rules = []
    for rank in etats:
        for etat, (font, background) in ETAT_COLOURS.items():
            formula = f'=${letters(rank)}2="{wording.ETATS[etat]}"'
            rules.append(Colour((rank - 1 if with_rate else rank, rank), formula, font, background))
    return rules


def letters(rank: int) -> str:
    """Return the name of a column of a sheet.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    rank += 1
    while rank:
        rank, last = divmod(rank - 1, 26)
        name = chr(ord("A") + last) + name
    return name
