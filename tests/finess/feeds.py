"""Small feeds of invented structures, in the shape v1.0.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EJ, OTHER_EJ = "000000109", "000012005"
EHPAD, CLOSED, HOSPITAL, CORSICAN = "000000117", "000012021", "000000125", "2A0000014"


def et(number: str | None, **more: Any) -> dict[str, Any]:
    """One establishment; a FINESS code in ``categorie``, open since 2004 unless said otherwise."""
    closed = more.get("fermeture")
    about = {
        "numFinessEge": number,
        "nomEgeCourt": "COURT",
        "nomEgeLong": more.get("nom", "Maison des Tilleuls"),
        "dateOuverture": more.get("ouverture", "2004-03-01"),
        "dateFermeture": closed,
    }
    return {
        "informationsGeneralesEGE": about,
        "categorieentiteGeographiqueExercice": more.get("categorie", "500"),
        "etatObjet": "I" if closed else "A",
    }


def ej(number: str | None, *establishments: dict[str, Any]) -> dict[str, Any]:
    """One body with its establishments."""
    about = {"numFinessPm": number, "denominationPm": "Association", "denominationLonguePmSmsse": None, "siren": None}
    return {"informationsGeneralesPMEJ": about, "ege": list(establishments), "etatObjet": "A"}


def feed(*bodies: dict[str, Any], generated: str = "2025-08-13T02:07:30.574916747Z", **more: Any) -> dict[str, Any]:
    """A whole feed; its lists stand before and after, as in the published one."""
    return {"schemaVersion": "v1.0.0", "generatedAt": generated, "gco": [{"typeGco": "003"}], "pmej": [*bodies], **more}


def usual(**more: Any) -> dict[str, Any]:
    """Two bodies, four establishments: open, closed, of no ESSMS category, Corsican."""
    closed = et(CLOSED, fermeture="2025-06-30", categorie="207")
    return feed(ej(EJ, et(EHPAD), et(HOSPITAL, categorie="365")), ej(OTHER_EJ, closed, et(CORSICAN)), **more)


def write(path: Path, document: dict[str, Any]) -> Path:
    path.write_bytes(json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8"))
    return path
