"""One establishment and a few rows, written by hand, to see one sentence of the contract at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from esms_sdk.dashboard import Mesure, TableauDeBord, compute_dashboard
from tests.indicators.loaded import loaded
from tests.indicators.reference import Lot as Rows
from tests.lots import EHPAD, EJ, MANIFEST

AS_OF = date(2025, 9, 30)


def envoi(envoi_id: str, canal: str, moment: str, **other: Any) -> dict[str, Any]:
    """A send in success of document X1 with a qualified identity, at ``moment`` (``2025-09-10`` is noon of that day)."""
    own = {"operation": "AJOUT"} if canal == "DMP" else {"message_id": f"M-{envoi_id}"}
    return {
        "envoi_id": envoi_id,
        "canal": canal,
        "finess_et": EHPAD,
        "usager_id": "P1",
        "document_id": "X1",
        "horodatage": datetime.fromisoformat(moment if "T" in moment else f"{moment}T12:00:00"),
        "resultat": "SUCCES",
        "ins_qualifiee": True,
        **own,
        **other,
    }


def place(finess: str = EHPAD, **other: Any) -> dict[str, Any]:
    return {"finess_et": finess, "finess_ej": EJ, "denomination": f"ET {finess}", **other}


def compute(
    *sends: Mapping[str, Any],
    manifest: Mapping[str, Any] | None = None,
    without: Sequence[str] = (),
    by_ej: bool = False,
    finess: Sequence[str] = (),
    **tables: Sequence[Mapping[str, Any]],
) -> TableauDeBord:
    """The dashboard of these sends; every log is there, empty where it is not given, except those of ``without``."""
    lot = {
        "organisme": [{"finess_ej": EJ, "raison_sociale": "OG"}],
        "etablissement": [place()],
        "usager": [{"usager_id": "P1"}],
        "sejour": [],
        "document": [],
        "appel_insi": [],
        "envoi": list(sends),
        **tables,
    }
    places = [row["finess_et"] for row in lot["etablissement"]]
    content = {**MANIFEST, "perimetre": places, **(manifest or {})}
    with loaded(Rows(content, {name: rows for name, rows in lot.items() if name not in without})) as opened:
        return compute_dashboard(opened, AS_OF, by_ej=by_ej, finess=finess)


def month(result: TableauDeBord) -> Mesure:
    """The first establishment in the month under way."""
    return result.etablissements[0].periodes["mois_courant"]


def totals(result: TableauDeBord, canal: str) -> tuple[int | None, ...]:
    """The total of one channel of the first establishment: month, year, year before."""
    return tuple(getattr(one.canaux, canal).total for one in result.etablissements[0].periodes.values())
