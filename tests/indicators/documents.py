"""The result of the engine as the plain objects that the contract and the reference speak of, without labels."""

from __future__ import annotations

from typing import Any

from esms_sdk.indicators import Amenagement, Count, Etablissement, Options, Rate
from tests.indicators.reference import Question


def etablissement_document(e: Etablissement, *, judged_readings: bool = False) -> dict[str, Any]:
    """One establishment; ``judged_readings`` adds to both readings of a rate what each was found to be."""
    return {
        "finess_et": e.finess_et,
        "finess_ej": e.finess_ej,
        "denomination": e.denomination,
        "profil_cibles": e.profil_cibles,
        "rejets_sejours": e.rejets_sejours,
        "reserves": list(e.reserves),
        "personnes_accompagnees": e.personnes_accompagnees,
        "indicateurs": {i.id: _indicator(i, judged_readings) for i in e.indicateurs},
    }


def _indicator(i: Rate | Count, judged_readings: bool) -> dict[str, Any]:
    if isinstance(i, Count):
        return {"valeur": i.valeur, "motif": i.motif}
    document = _numbers(i) | {"taux": i.fraction.taux, "cible": i.cible, "etat": i.etat, "motif": i.motif}
    if i.lectures:
        document["lectures"] = {
            r.lecture: _numbers(r) | ({"etat": r.etat, "motif": r.motif} if judged_readings else {}) for r in i.lectures
        }
    return document


def _numbers(rate: Rate) -> dict[str, Any]:
    return {"numerateur": rate.fraction.numerateur, "denominateur": rate.fraction.denominateur}


def options_of(question: Question) -> tuple[Options, list[Amenagement]]:
    """The same question as the engine takes it."""
    options = Options(question.definition, question.denominateur, question.evenements, question.premiere_mesure)
    granted = [
        Amenagement(a["finess_et"], a["indicateur"], "décision inventée", a["cible"], a["sans_objet"])
        for a in question.amenagements
    ]
    return options, granted
