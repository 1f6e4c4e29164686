"""The page of the dashboard: by establishment the three periods, the course over 24 months, the detail by RPPS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from esms_sdk.dashboard.result import Etablissement, TableauDeBord
from esms_sdk.export import charts
from esms_sdk.export import tableau_de_bord_wording as wording
from esms_sdk.export.charts import Course
from esms_sdk.export.french import compte, instant, jour_en_lettres, periode_en_lettres
from esms_sdk.export.html import style, write_page
from esms_sdk.export.tableau_de_bord import channel_counts, counts, month_counts, notes, sources, worth_knowing

# Above this number the page keeps its summary only: a browser cannot show the details of a region.
DETAIL_LIMIT = 600
# Up to this number the details are open from the start.
OPEN_LIMIT = 12
# Of one establishment; the others stand in the extractions.
RPPS_LIMIT = 100

_GROUPS = (
    *((name, [(f"{canal}.{state}", words) for state, words in wording.ETATS_INS.items()])
      for canal, name in wording.CANAUX.items()),
    ("Échecs", [("echecs.dmp", "alimentations du DMP"), ("echecs.mss", "messages MSSanté")]),
    ("INSi", [("insi.succes", "appels réussis"), ("insi.echec", "appels en échec"),
              ("insi.admissions", "personnes admises"), ("insi.admissions_qualifiees", "dont INS qualifiée")]),
)  # fmt: skip
_HEADS = ("DMP", "MSSanté pro.", "MSSanté citoy.", "Échecs DMP", "Échecs MSSanté")


def write_dashboard_html(path: Path, result: TableauDeBord) -> Path:
    """Write the page into ``path`` and return it; what it says follows from ``result`` alone."""
    number = len(result)
    detailed = number <= DETAIL_LIMIT
    return write_page(
        path,
        "tableau_de_bord.html",
        {
            "own_css": style("charts.css") + style("tableau_de_bord.css"),
            "as_of": jour_en_lettres(result.arrete_au),
            "partial": (result.arrete_au + timedelta(days=1)).day != 1,
            "facts": _facts(result),
            "notes": list(notes(result).values()),
            "by_rpps": not result.sans_rpps,
            "number": number,
            "limit": DETAIL_LIMIT,
            "detailed": detailed,
            "opened": number <= OPEN_LIMIT,
            "headline": _headline(result),
            "summary_heads": _HEADS,
            "rows": lambda: (_summary_row(e) for e in result),
            "sections": lambda: (_section(e) for e in result),
            "organismes": [_section(e) for e in result.organismes],
            "by_organisme": wording.PAR_ORGANISME,
            "course_heads": list(wording.COURS.values()),
            "channels": list(wording.CANAUX.values()),
            "states": list(wording.ETATS_INS.values()),
            "worth_knowing": worth_knowing(result),
            "sources": sources(result),
        },
    )


def _facts(result: TableauDeBord) -> list[tuple[str, str, bool]]:
    lot = result.lot
    first = next(iter(result), None)
    periods = [] if first is None else [
        (wording.PERIODES[name], periode_en_lettres(measure.periode), False)
        for name, measure in first.periodes.items()
    ]  # fmt: skip
    return [
        *periods,
        ("Logiciel", f"{lot['logiciel']} {lot['version_logiciel']} ({lot['editeur']})", False),
        ("Données extraites le", instant(lot["date_extraction"]), False),
        ("Empreinte SHA-256 du lot", lot["empreinte_sha256"], True),
    ]


def _headline(result: TableauDeBord) -> str:
    if not len(result):
        return "Aucun établissement dans le périmètre."
    uncovered = sum(1 for e in result if not all(measure.couverte for measure in e.periodes.values()))
    told = compte(len(result), "établissement", "établissements")
    if not uncovered:
        return f"{told}. L'export couvre les trois périodes."
    return f"{told}. Une période au moins n'est pas couverte pour {uncovered} d'entre eux." if len(result) > 1 else (
        f"{told}. Une période au moins n'est pas couverte par l'export."
    )  # fmt: skip


def _summary_row(e: Etablissement) -> dict[str, Any]:
    measure = e.periodes["annee_courante"]
    sent, failed = measure.canaux, measure.echecs
    return {
        "anchor": _anchor(e),
        "finess": e.finess_et,
        "denomination": e.denomination,
        "covered": measure.couverte,
        "numbers": (sent.dmp.total, sent.mss_pro.total, sent.mss_citoyenne.total, failed.dmp, failed.mss),
    }


def _section(e: Etablissement) -> dict[str, Any]:
    periods = [
        {"name": name, "title": wording.PERIODES[name], "words": periode_en_lettres(measure.periode),
         "covered": measure.couverte}
        for name, measure in e.periodes.items()
    ]  # fmt: skip
    by_period = [dict(counts(measure)) for measure in e.periodes.values()]
    courses = _courses(e)
    anchor = _anchor(e)
    return {
        "anchor": anchor,
        "finess": e.finess_et or e.finess_ej,
        "finess_et": e.finess_et,
        "finess_ej": e.finess_ej,
        "denomination": e.denomination,
        "periods": periods,
        "groups": [
            (title, [(name, words, [one[name] for one in by_period]) for name, words in rows])
            for title, rows in _GROUPS
        ],
        "charts": [
            (name, charts.svg(course, f"{anchor}-c{rank}"))
            for rank, (name, course) in enumerate(zip(wording.CANAUX.values(), courses, strict=False))
        ],
        "months": list(charts.lignes(courses)),
        "uncovered": sum(1 for month in e.cours if not month.couverte),
        "professionals": list(_professionals(e)),
        "left_out": max(len(e.par_rpps) - RPPS_LIMIT, 0),
    }  # fmt: skip


def _courses(e: Etablissement) -> list[Course]:
    """Return the courses of the channels, then of the failures, over the same months."""
    months = [month.periode.debut for month in e.cours]
    marks = ["" if month.couverte else wording.NON_COUVERT for month in e.cours]
    by_month = [dict(month_counts(month)) for month in e.cours]
    return [
        Course(f"{title}, documents par mois", months, [one[name] for one in by_month], marks)
        for name, title in wording.COURS.items()
    ]


def _professionals(e: Etablissement) -> Iterator[dict[str, Any]]:
    for one in e.par_rpps[:RPPS_LIMIT]:
        yield {
            "rpps": one.rpps,
            "periods": [
                (name, wording.PERIODES[name], [number for _, number in channel_counts(sent)])
                for name, sent in one.periodes.items()
            ],
        }


def _anchor(e: Etablissement) -> str:
    kind, finess = ("et", e.finess_et) if e.finess_et else ("ej", e.finess_ej)
    return f"{kind}-{re.sub(r'[^0-9A-Za-z]', '-', finess)}"
