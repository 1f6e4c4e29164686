"""The dashboard in the shape of the contract: the JSON document ``esms-tbb/1`` (§4)."""

from __future__ import annotations

from typing import Any

from esms_sdk.dashboard.result import Canal, Canaux, Etablissement, Mesure, TableauDeBord

SCHEMA = "esms-tbb/1"
# Contract §4: every output says both.
NOTES = {
    "definition": "Le texte médico-social de TBB.1 n'est pas public en entier : la définition est celle de la même "
    "exigence dans les autres couloirs de la vague 1.",
    "origine": "Tableau produit à partir de l'export du logiciel ; il ne remplace pas le tableau de bord du logiciel.",
}


def dashboard_document(result: TableauDeBord) -> dict[str, Any]:
    """Return the document ``esms-tbb/1``.

    ``notes`` and, where they were asked for, ``organismes`` are ours; they stand at the top, so that the objects of the
    establishments hold nothing but what the contract names.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "arrete_au": result.arrete_au.isoformat(),
        "etablissements": [{"finess_et": e.finess_et, **_measures(e)} for e in result],
    }
    if result.organismes:
        document["organismes"] = [
            {"finess_et": None, "finess_ej": e.finess_ej, **_measures(e)} for e in result.organismes
        ]
    document["notes"] = dict(NOTES)
    return document


def _measures(e: Etablissement) -> dict[str, Any]:
    return {
        "periodes": {name: _measure(measure) for name, measure in e.periodes.items()},
        "par_rpps": [
            {"rpps": one.rpps, "periodes": {name: _channels(sent) for name, sent in one.periodes.items()}}
            for one in e.par_rpps
        ],
    }


def _measure(measure: Mesure) -> dict[str, Any]:
    return {
        "debut": measure.periode.debut.isoformat(),
        "fin": measure.periode.fin.isoformat(),
        "couverte": measure.couverte,
        **_channels(measure.canaux),
        "echecs": {"dmp": measure.echecs.dmp, "mss": measure.echecs.mss},
        "insi": {
            "succes": measure.insi.succes,
            "echec": measure.insi.echec,
            "admissions": measure.insi.admissions,
            "admissions_qualifiees": measure.insi.admissions_qualifiees,
        },
    }


def _channels(sent: Canaux) -> dict[str, Any]:
    return {"dmp": _channel(sent.dmp), "mss_pro": _channel(sent.mss_pro), "mss_citoyenne": _channel(sent.mss_citoyenne)}


def _channel(sent: Canal) -> dict[str, Any]:
    return {
        "total": sent.total,
        "ins_qualifiee": sent.ins_qualifiee,
        "ins_non_qualifiee": sent.ins_non_qualifiee,
    }
