"""A plain lot where everything is as it should be, to spoil in one way at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from esms_sdk.indicators import Etablissement, Indicateurs, Options, Rate, compute_indicators
from tests.indicators.loaded import loaded
from tests.indicators.reference import Lot
from tests.lots import EHPAD, EJ, MANIFEST, SSIAD

MEASURED_ON = date(2025, 9, 30)
FIRST, LAST = date(2025, 9, 1), date(2025, 9, 30)
RATES = (
    "taux_dossiers_actifs",
    "taux_projet_personnalise",
    "taux_evenement_agenda",
    "taux_mssante",
    "taux_dmp",
)
OPTIONAL = ("nb_eprescription", "nb_eparcours")


def world(active: int = 9, others: int = 1, finess: str = EHPAD, **place: Any) -> dict[str, list[dict[str, Any]]]:
    """``active`` persons of whom everything is as it should be, and ``others`` who are only there."""
    people = [f"{finess}-{n}" for n in range(active + others)]
    ok = people[:active]
    at_noon = "2025-09-10T12:00:00"
    return {
        "etablissement": [{"finess_et": finess, "finess_ej": EJ, "denomination": f"ET {finess}", **place}],
        "usager": [{"usager_id": p} for p in people],
        "sejour": [
            {"sejour_id": p, "usager_id": p, "finess_et": finess, "date_entree": date(2024, 1, 10)} for p in people
        ],
        "dossier": [
            {"dossier_id": p, "usager_id": p, "finess_et": finess, "date_creation": date(2024, 1, 10)} for p in ok
        ],
        "mise_a_jour": [{"dossier_id": p, "date_maj": LAST, "origine": "UTILISATEUR"} for p in ok],
        "projet_personnalise": [{"projet_id": p, "dossier_id": p} for p in ok],
        "statut_projet": [{"projet_id": p, "date_statut": FIRST, "rang": 0, "statut": "ENCOURS"} for p in ok],
        "evenement": [
            {"evenement_id": p, "dossier_id": p, "date_debut": LAST, "statut": "VALIDE"} for p in ok
        ],
        "envoi": [
            {"envoi_id": f"{kind}-{p}", "canal": kind, "finess_et": finess, "usager_id": p, "message_id": p,
             "document_id": p, "horodatage": at_noon, "operation": "AJOUT", "resultat": "SUCCES",
             "ins_qualifiee": True}
            for p in ok for kind in ("DMP", "MSS_PRO")
        ],
        "echange_optionnel": [],
    }  # fmt: skip


def join(*worlds: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    return {name: [row for world in worlds for row in world[name]] for name in worlds[0]}


def compute(
    tables: Mapping[str, Sequence[Any]],
    manifest: Mapping[str, Any] | None = None,
    options: Options | None = None,
    rejected: Sequence[Mapping[str, Any]] = (),
    **more: Any,
) -> Indicateurs:
    places = [row["finess_et"] for row in tables["etablissement"]]
    content = {**MANIFEST, "perimetre": places, **(manifest or {})}
    organismes = [{"finess_ej": ej, "raison_sociale": f"OG {ej}"} for ej in (EJ, "000000026")]
    with loaded(Lot(content, {"organisme": organismes, **tables}, rejected)) as lot:
        return compute_indicators(lot, MEASURED_ON, options or Options(), **more)


def rate_of(result: Indicateurs | Etablissement, name: str) -> Rate:
    place = result if isinstance(result, Etablissement) else result.etablissements[0]
    return next(i for i in place.indicateurs if i.id == name and isinstance(i, Rate))


def verdicts(result: Indicateurs) -> dict[str, tuple[str, str | None]]:
    return {i.id: (i.etat, i.motif) for i in result.etablissements[0].indicateurs if isinstance(i, Rate)}


def motifs(result: Indicateurs) -> dict[str, str | None]:
    return {i.id: i.motif for i in result.etablissements[0].indicateurs}


def rejecting(**by_finess: int) -> dict[str, Any]:
    names = {"unknown": "?", "here": EHPAD, "there": SSIAD}
    counted = {names[key]: number for key, number in by_finess.items()}
    return {"import": {"rejets_par_finess": {"sejour": counted}}}
