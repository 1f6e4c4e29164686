"""``attestation.html``: the attestation for a browser and its printer, in one file without script."""

from __future__ import annotations

from pathlib import Path

from esms_sdk.export.html import style, write_page
from esms_sdk.va.attestation.mentions import SUPPOSEE
from esms_sdk.va.attestation.parts import Attestation

_TEMPLATES = Path(__file__).parent / "templates"


def write(told: Attestation, path: Path) -> Path:
    """Write the page into ``path`` and return it."""
    values = {"a": told, "own_css": style("attestation.css", _TEMPLATES), "supposee": SUPPOSEE}
    return write_page(path, "attestation.html", values, _TEMPLATES)
