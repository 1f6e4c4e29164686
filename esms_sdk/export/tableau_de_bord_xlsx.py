"""The workbook of the dashboard: «Lisez-moi», «Établissements», «Par organisme» where asked for, «Par RPPS»,
«Cours mensuel».
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from esms_sdk import __version__
from esms_sdk.dashboard.result import Etablissement, TableauDeBord
from esms_sdk.export import limits
from esms_sdk.export import tableau_de_bord_wording as wording
from esms_sdk.export.french import instant, jour, typo
from esms_sdk.export.tableau_de_bord import channel_counts, counts, month_counts, notes, sources, worth_knowing
from esms_sdk.export.xlsx import Cell, Colour, Column, Sheet, workbook, write_sheet

_WHO = (
    Column("FINESS juridique", width=13),
    Column("FINESS géographique", width=13),
    Column("Établissement", width=42),
)
_WHEN = (Column("Début", "date", 11), Column("Fin", "date", 11), Column("Couverte", width=10))
_NOT_COVERED = ("#3D4656", "#E7E9EE")
_NOTES = {"definition": "Définition", "origine": "Origine", "rpps": "Détail par RPPS"}


def write_dashboard_xlsx(path: Path, result: TableauDeBord) -> Path:
    """Write the workbook into ``path`` and return it; its only date is that of the dashboard."""
    sheets = [_read_me(result), _periods("Établissements", result.etablissements)]
    if result.organismes:
        sheets.append(_periods("Par organisme", result.organismes))
    if not result.sans_rpps:
        sheets.append(_professionals(result))
    sheets.append(_course(result))
    everyone = (*result.organismes, *result.etablissements)
    cells = sum(63 + 36 * len(e.par_rpps) + 11 * len(e.cours) for e in everyone)
    with workbook(path, result.arrete_au, cells) as book:
        for sheet in sheets:
            write_sheet(book, sheet)
    return path


def _periods(nom: str, places: Sequence[Etablissement]) -> Sheet:
    columns = (*_WHO, Column("Période", width=17), *_WHEN, *_numbers(wording.MESURES))

    def rows() -> Iterator[Sequence[Cell]]:
        for e in places:
            for name, measure in e.periodes.items():
                when = (measure.periode.debut, measure.periode.fin, _yes(measure.couverte))
                yield (*_who(e), wording.PERIODES[name], *when, *(number for _, number in counts(measure)))

    return Sheet(nom, columns, rows(), _shade("G", len(columns)), frozen=4)


def _professionals(result: TableauDeBord) -> Sheet:
    named = {name: title for name, title in wording.MESURES.items() if not name.startswith(("echecs", "insi"))}
    columns = (*_WHO, Column("RPPS", width=13), Column("Période", width=17), *_WHEN, *_numbers(named))

    def rows() -> Iterator[Sequence[Cell]]:
        for e in result:
            for one in e.par_rpps:
                for name, sent in one.periodes.items():
                    measure = e.periodes[name]
                    when = (measure.periode.debut, measure.periode.fin, _yes(measure.couverte))
                    numbers = (number for _, number in channel_counts(sent))
                    yield (*_who(e), one.rpps, wording.PERIODES[name], *when, *numbers)

    return Sheet("Par RPPS", columns, rows(), _shade("H", len(columns)), frozen=4)


def _course(result: TableauDeBord) -> Sheet:
    columns = (*_WHO, *_WHEN, *_numbers(wording.COURS))

    def rows() -> Iterator[Sequence[Cell]]:
        for e in (*result.organismes, *result.etablissements):
            for month in e.cours:
                when = (month.periode.debut, month.periode.fin, _yes(month.couverte))
                yield (*_who(e), *when, *(number for _, number in month_counts(month)))

    return Sheet("Cours mensuel", columns, rows(), _shade("F", len(columns)), frozen=4)


def _read_me(result: TableauDeBord) -> Sheet:
    def rows() -> Iterator[Sequence[Cell]]:
        lot = result.lot
        yield from ((_NOTES[about], typo(text)) for about, text in notes(result).items())
        yield "Arrêté au", jour(result.arrete_au)
        yield "Logiciel", f"{lot['editeur']}, {lot['logiciel']} {lot['version_logiciel']}"
        yield "Extraction", instant(lot["date_extraction"])
        yield "Empreinte SHA-256 du lot", lot["empreinte_sha256"]
        yield "esms-sdk", __version__
        yield from ((typo(title), typo(text)) for title, text in worth_knowing(result))
        if result.organismes:
            yield "Par organisme", typo(wording.PAR_ORGANISME)
        for source in sources(result):
            yield _source(source)

    columns = (Column("Sujet", "long", 40), Column("Explication", "long", 110))
    return Sheet("Lisez-moi", columns, rows(), filtered=False)


def _source(source: limits.Source) -> tuple[str, str]:
    return typo(f"Source : {source.objet}"), typo(f"{source.source} Confiance : {source.confiance}")


def _who(e: Etablissement) -> tuple[Cell, ...]:
    return (e.finess_ej, e.finess_et or None, e.denomination)


def _yes(covered: bool) -> str:
    return "oui" if covered else "non"


def _numbers(named: dict[str, str]) -> list[Column]:
    return [Column(title, "nombre", 15) for title in named.values()]


def _shade(covered: str, columns: int) -> list[Colour]:
    """Grey the rows of what the export does not cover; ``covered`` is the letter of the column that says so."""
    return [Colour((0, columns - 1), f'=${covered}2="non"', *_NOT_COVERED)]
