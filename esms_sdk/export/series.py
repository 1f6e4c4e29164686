"""The indicators month by month, in every format: the same shapes as those of one measure, one after the other.

``serie.json`` is ``esms-serie/1``: what holds for all months once, then the months with the parts of
``indicateurs.json`` that are theirs, one a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from esms_sdk.csv_file import write_csv
from esms_sdk.export import measurereport
from esms_sdk.export.contract import COLUMNS, as_contract, in_order, lines
from esms_sdk.export.json_file import write_json_lines
from esms_sdk.indicators.result import Etablissement, Indicateurs, Rate
from esms_sdk.indicators.series import Serie
from esms_sdk.period import Period

SCHEMA = "esms-serie/1"
DOCUMENT = "serie.json"
HISTORIQUE = (
    "Les mois passés sont recalculés à partir de l'export d'aujourd'hui : ils peuvent différer de ce qui a été mesuré "
    "alors. Une mise à jour que le logiciel n'a pas gardée, une saisie faite après coup, une identité fusionnée, un "
    "dossier archivé ou supprimé depuis changent le passé. Seul un indicateurs.json gardé à l'époque dit ce qui a été "
    "mesuré ; une mesure comparée à lui nomme les différences."
)
# What of a month's document is the month's own.
_OF_A_MONTH = ("periode", "etablissements", "organismes", "totaux")
_COMMON = ("sdk", "regles", "definition", "options", "lot", "amenagements")


def write_series(serie: Serie, folder: Path) -> list[Path]:
    """Write ``serie.json``, ``.csv``, ``.xlsx``, ``.html`` and ``measurereport.json`` into ``folder``.

    Return their paths.  ``folder`` exists; that it appears whole or not at all is the caller's care.
    """
    from esms_sdk.export.series_html import write_series_html
    from esms_sdk.export.series_xlsx import write_series_xlsx

    serie = Serie(tuple(map(in_order, serie)))
    return [
        write_json_lines(folder / DOCUMENT, _head(serie), "mois", map(_month, serie)),
        write_csv(folder / "serie.csv", COLUMNS, (line.cells for month in serie for line in lines(month))),
        write_series_xlsx(folder / "serie.xlsx", serie),
        write_series_html(folder / "serie.html", serie),
        _write_reports(folder / "measurereport.json", serie),
    ]


def series_document(serie: Serie) -> dict[str, Any]:
    """Return the document ``esms-serie/1``."""
    return {**_head(serie), "mois": [_month(in_order(month)) for month in serie]}


def span(serie: Serie) -> Period:
    """Return the days from the first of the first period to the last of the last one."""
    return Period(serie.mois[0].periode.debut, serie.mois[-1].periode.fin)


def places(serie: Serie) -> list[tuple[Etablissement, list[Etablissement]]]:
    """Return each organisme, then each establishment, as the last month has it, with what it is in every month."""
    last = serie.mois[-1]
    return [
        *zip(last.organismes, map(list, zip(*(month.organismes for month in serie), strict=True)), strict=True),
        *zip(last.etablissements, map(list, zip(*(month.etablissements for month in serie), strict=True)), strict=True),
    ]


def _head(serie: Serie) -> dict[str, Any]:
    """Return the document without its months: what holds for all of them, and when each target was first met."""
    bare = as_contract(replace(serie.mois[0], etablissements=(), organismes=()))
    first = serie.premieres_atteintes()
    return {
        "schema": SCHEMA,
        **{key: bare[key] for key in _COMMON if key in bare},
        "periode": {"debut": span(serie).debut.isoformat(), "fin": span(serie).fin.isoformat()},
        "premiere_atteinte": [
            {
                "finess_et": place.finess_et or None,
                "finess_ej": place.finess_ej,
                "indicateurs": {
                    rate.id: day.isoformat() if (day := first[key]) else None
                    for rate in place.indicateurs
                    if isinstance(rate, Rate) and (key := (place.finess_ej, place.finess_et, rate.id)) in first
                },
            }
            for place, _ in places(serie)
        ],
        "notes": {**bare["notes"], "historique": HISTORIQUE},
    }


def _month(month: Indicateurs) -> dict[str, Any]:
    document = as_contract(month)
    return {key: document[key] for key in _OF_A_MONTH if key in document}


def _write_reports(path: Path, serie: Serie) -> Path:
    """Write one Bundle: the Measures once, then the reports of every month."""
    head = measurereport.bundle_head(serie.mois[0].lot["empreinte_sha256"], span(serie))
    return write_json_lines(path, head, "entry", chain.from_iterable(_entries(serie)))


def _entries(serie: Serie) -> Iterator[Iterator[dict[str, Any]]]:
    for rank, month in enumerate(serie):
        yield (
            entry
            for entry in measurereport.entries(month)
            if rank == 0 or entry["resource"]["resourceType"] == "MeasureReport"
        )
