"""What was computed, as files: the indicators in every format, the work-list, the comparison with an earlier result.

Every writer gives the same bytes for the same input, whatever the machine's clock, zone, locale or folder.
The heavy libraries are imported by the writer that needs them only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from esms_sdk.csv_file import write_csv
from esms_sdk.dashboard.result import TableauDeBord
from esms_sdk.export.compare import Difference, compare, read_indicators
from esms_sdk.export.contract import COLUMNS, as_contract, in_order, lines
from esms_sdk.export.json_file import write_json
from esms_sdk.export.tableau_de_bord import DASHBOARD_COLUMNS, dashboard_document, dashboard_lines
from esms_sdk.indicators.result import Indicateurs

__all__ = [
    "Difference",
    "as_contract",
    "compare",
    "dashboard_document",
    "read_indicators",
    "write_comparison",
    "write_csv",
    "write_dashboard",
    "write_indicators",
    "write_json",
    "write_worklist",
]

_WORKLIST = ("finess_et", "usager_id", "etat", "motif")
_COMPARISON = ("finess_ej", "finess_et", "indicateur", "champ", "avant", "apres", "raison", "explication")


def write_indicators(result: Indicateurs, folder: Path, *, figures: bool = False) -> list[Path]:
    """Write ``indicateurs.json``, ``.csv``, ``.xlsx``, ``.html`` and ``measurereport.json`` into ``folder``.

    Return their paths; ``figures``: the first three alone.  ``folder`` exists; that it appears whole or not at all is
    the caller's care.
    """
    from esms_sdk.export.indicateurs_html import write_indicators_html
    from esms_sdk.export.indicateurs_xlsx import write_indicators_xlsx
    from esms_sdk.export.measurereport import write_measure_reports

    result = in_order(result)
    written = [
        write_json(folder / "indicateurs.json", as_contract(result)),
        write_csv(folder / "indicateurs.csv", COLUMNS, (line.cells for line in lines(result))),
        write_indicators_xlsx(folder / "indicateurs.xlsx", result),
    ]
    if figures:
        return written
    return [
        *written,
        write_indicators_html(folder / "indicateurs.html", result),
        write_measure_reports(folder / "measurereport.json", result),
    ]


def write_dashboard(result: TableauDeBord, folder: Path) -> list[Path]:
    """Write ``tableau_de_bord.json``, ``.csv``, ``.xlsx`` and ``.html`` into ``folder``.

    It is under the same terms as :func:`write_indicators`.
    """
    from esms_sdk.export.tableau_de_bord_html import write_dashboard_html
    from esms_sdk.export.tableau_de_bord_xlsx import write_dashboard_xlsx

    return [
        write_json(folder / "tableau_de_bord.json", dashboard_document(result)),
        write_csv(folder / "tableau_de_bord.csv", DASHBOARD_COLUMNS, dashboard_lines(result)),
        write_dashboard_xlsx(folder / "tableau_de_bord.xlsx", result),
        write_dashboard_html(folder / "tableau_de_bord.html", result),
    ]


def write_worklist(rows: Iterable[Sequence[str | None]], folder: Path) -> Path:
    """Write ``interne/a_completer.csv`` into ``folder`` and return its path.

    ``rows`` are (``finess_et``, ``usager_id``, ``etat``, ``motif``) in the order to keep.  It names persons by their
    key, for the establishment only: the folder and the file are the owner's alone.
    """
    inner = folder / "interne"
    inner.mkdir(mode=0o700, exist_ok=True)
    path = inner / "a_completer.csv"
    path.touch(mode=0o600)
    return write_csv(path, _WORKLIST, rows)


def write_comparison(differences: Iterable[Difference], folder: Path) -> Path:
    """Write ``comparaison.csv`` into ``folder``, one line a difference with its reason, and return its path."""
    rows = (
        (d.finess_ej, d.finess_et, d.indicateur, d.champ, d.avant, d.apres, d.raison, d.explication)
        for d in differences
    )
    return write_csv(folder / "comparaison.csv", _COMPARISON, rows)
