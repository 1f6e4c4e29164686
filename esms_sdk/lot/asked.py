"""What may be asked of a lot, and what an output says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esms_sdk.errors import UsageError

if TYPE_CHECKING:
    from esms_sdk.lot.reader import Lot


def establishments(lot: Lot, finess: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the establishments that an output is about, by FINESS: the perimeter of the lot, or those of ``finess``.

    Raises :class:`UsageError` for a FINESS outside of the perimeter (contract §7).
    """
    asked = sorted(set(finess) or lot.manifest.perimetre)
    if unknown := sorted(set(asked) - set(lot.manifest.perimetre)):
        raise UsageError("ESMS-E130", f"FINESS hors du périmètre du lot : {', '.join(unknown)}",
                         hint="Le périmètre est la clé «perimetre» de manifeste.json.")  # fmt: skip
    return tuple(asked)


def identity(lot: Lot) -> dict[str, str]:
    """Return what an output says of the lot that it was made from: software, date of extraction, digest."""
    manifest = lot.manifest
    return {
        "editeur": manifest.editeur,
        "logiciel": manifest.logiciel,
        "version_logiciel": manifest.version_logiciel,
        "date_extraction": manifest.date_extraction.isoformat(timespec="seconds"),
        "empreinte_sha256": lot.digest,
    }
