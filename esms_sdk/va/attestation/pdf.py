"""``attestation.pdf``: PDF/A-2a and PDF/UA-1, drawn by typst from the same value as the page (extra ``pdf``).

What is printed reaches typst as data (JSON in ``sys.inputs``), never as markup.  Only the fonts that typst embeds are
used: a sign that they do not draw, which PDF/A forbids, is written by its code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, time
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from esms_sdk import __version__
from esms_sdk.errors import UsageError
from esms_sdk.va.attestation.mentions import SUPPOSEE
from esms_sdk.va.attestation.parts import Attestation, code

_TEMPLATE = Path(__file__).parent / "templates" / "attestation.typ"
# What Libertinus Serif and DejaVu Sans Mono draw, as found with typst 0.15; a test draws every one of them.
_DRAWN = (
    "\\u0020-\\u007e\\u00a0-\\u0377\\u0384-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u04ff\\u05d0-\\u05ea\\u0621-\\u063a\\u0640-\\u064a"
    "\\u1e00-\\u1eff\\u2010-\\u2027\\u202f-\\u2040\\u2042\\u2044-\\u2052\\u2054-\\u205e\\u20a0-\\u20bf\\u2100-\\u211e\\u2120\\u2122"
    "\\u2124\\u2126-\\u214f\\u2190-\\u22ff\\u2500-\\u25ff\\u2713\\u2717\\ufb01\\ufb02"
)
_SURE = "\\u0020-\\u007e\\u00a0-\\u017f\\u2010-\\u2027\\u202f-\\u203a\\u20ac\\u2713\\u2717"
"""What every font of a text draws: other signs may fail in a cluster (a mark of one script upon another's letter)."""
# Signs of which nothing is to be seen: they only say how their neighbours join.
_JOINERS = re.compile("[\\u00ad\\u200b-\\u200d\\u2060\\ufe00-\\ufe0f\\ufeff]")
_LONG = re.compile(r"[^\s\u200b]{25,}")
_STEP = 12


def available() -> bool:
    """Say whether typst is installed."""
    return find_spec("typst") is not None


def write(told: Attestation, path: Path) -> Path:
    """Write the document into ``path`` and return it.  Raises :class:`UsageError` without the extra ``pdf``."""
    path.write_bytes(render(told))
    return path


def render(told: Attestation) -> bytes:
    """Return the bytes of the document, the same for the same value and the same typst."""
    try:
        import typst
    except ImportError:
        message = "attestation.pdf demande un paquet optionnel absent"
        raise UsageError("ESMS-E197", message, hint='python -m pip install "esms-sdk[pdf]"') from None
    try:
        return _compiled(typst, told, _DRAWN)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    return _compiled(typst, told, _SURE)


def _compiled(typst: ModuleType, told: Attestation, drawn: str) -> bytes:
    found: bytes = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(datetime.combine(told.mesure_le, time(), UTC).timestamp()),
        sys_inputs={"attestation": json.dumps(_document(told, drawn), ensure_ascii=True)},
    )
    return found


def _document(told: Attestation, drawn_signs: str) -> dict[str, Any]:
    """Return what the template prints, plain values only."""
    drawn = _Drawn(drawn_signs)
    day = told.mesure_le
    document: dict[str, Any] = {
        "titre": told.titre, "organisme": told.organisme, "marque": told.marque, "resume": told.resume,
        "pied": told.pied, "supposee": SUPPOSEE, "sdk": f"esms-sdk {__version__}",
        "sections": [
            {"titre": one.titre, "annexe": one.annexe,
             "parts": [{"kind": part.kind, **asdict(part)} for part in one.parts]}
            for one in told.sections
        ],
    }  # fmt: skip
    shown: dict[str, Any] = drawn.value(document)
    shown["codes"] = drawn.codes
    shown["jour"] = [day.year, day.month, day.day]
    return shown


class _Drawn:
    """Texts as the fonts can draw them; ``codes`` says whether one of them had a sign written by its code."""

    def __init__(self, signs: str) -> None:
        self.codes = False
        self.not_drawn = re.compile(f"[^{signs}]")

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(one) for one in value]
        assert not is_dataclass(value)
        return value

    def text(self, text: str) -> str:
        known = _JOINERS.sub("", text)
        drawn = self.not_drawn.sub(lambda sign: code(sign[0]), known)
        self.codes = self.codes or drawn != known
        return _LONG.sub(_breakable, drawn)


def _breakable(word: re.Match[str]) -> str:
    """Return a long word with places where a line may break."""
    return "\u200b".join(word[0][at : at + _STEP] for at in range(0, len(word[0]), _STEP))
