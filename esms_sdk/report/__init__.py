"""What ``esms check`` found, told: every report reads the one result of the run, none judges again.

Personal data never reaches a report: a record is named by its key, masked where it looks like a person's number.
The heavy libraries are imported by the report that needs them only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path

from esms_sdk.conformance.result import Conformity
from esms_sdk.report.document import conformity_document, write_document
from esms_sdk.report.text import as_text

__all__ = ["DOCUMENT", "REPORTS", "as_text", "conformity_document", "write_reports"]

DOCUMENT = "conformite.json"
REPORTS: Mapping[str, str] = {
    "junit": "junit.xml",
    "html": "conformite.html",
    "csv": "conformite.csv",
    "xlsx": "matrice.xlsx",
}
"""The reports that can be asked for beside ``conformite.json``, each with its file."""
_WRITERS = {
    "junit": ("junit", "write_junit"),
    "html": ("page", "write_conformity_page"),
    "csv": ("lines", "write_lines"),
    "xlsx": ("matrix", "write_matrix"),
}


def write_reports(result: Conformity, folder: Path, reports: Collection[str] = ()) -> list[Path]:
    """Write ``conformite.json`` and the reports asked for into ``folder``, which exists; return their paths."""
    written = [write_document(folder / DOCUMENT, result)]
    for name, file in REPORTS.items():
        if name in reports:
            module, function = _WRITERS[name]
            getattr(import_module(f"esms_sdk.report.{module}"), function)(folder / file, result)
            written.append(folder / file)
    return written
