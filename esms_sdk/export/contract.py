"""The indicators in the shapes of the contract: the JSON document (§3) and the lines of the table (§3, §7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from esms_sdk import __version__
from esms_sdk.export.wording import LECTURE_RETENUE
from esms_sdk.indicators.result import LECTURES, Amenagement, Count, Etablissement, Indicateurs, Rate

SCHEMA = "esms-indicateurs/1"
# What counts as an update is no option of the command line, yet the reader must see it.
ORIGINES_MAJ = ["UTILISATEUR"]
ORDER = (
    "taux_dossiers_actifs",
    "taux_projet_personnalise",
    "taux_evenement_agenda",
    "taux_mssante",
    "taux_dmp",
    "nb_dui_actifs",
    "nb_eprescription",
    "nb_eparcours",
)
COLUMNS = (
    "finess_ej", "finess_et", "indicateur", "libelle", "definition", "lecture", "date_debut", "date_fin",
    "numerateur", "denominateur", "taux", "cible", "etat", "motif",
)  # fmt: skip
_LOT = ("editeur", "logiciel", "version_logiciel", "date_extraction", "empreinte_sha256")
_TOTAL = "nb_dui_actifs"


class Line(NamedTuple):
    """One line of the table: its cells in the order of ``COLUMNS``, what they come from, and if the reading is the
    chosen one of an indicator that has two."""

    etablissement: Etablissement
    indicateur: Rate | Count
    retenue: bool
    cells: tuple[str | int | float | date | None, ...]


def in_order(result: Indicateurs) -> Indicateurs:
    """Return the same result sorted as the contract says: by FINESS, then in the order of its table of indicators."""
    return replace(
        result,
        etablissements=tuple(map(_in_order, sorted(result.etablissements, key=lambda e: e.finess_et))),
        organismes=tuple(map(_in_order, sorted(result.organismes, key=lambda e: e.finess_ej))),
    )


def readings(rate: Rate) -> tuple[Rate, ...]:
    """Return every reading of a rate, ``periode`` before ``annuelle``; the rate itself where it has one only."""
    return tuple(sorted(rate.lectures, key=lambda r: LECTURES.index(r.lecture))) or (rate,)


def as_contract(result: Indicateurs) -> dict[str, Any]:
    """Return the document ``esms-indicateurs/1``.

    ``notes`` and ``amenagements`` are ours: which reading was chosen, which targets a decision changed.  They stand at
    the top so that the objects of the establishments hold nothing but what the contract names.
    """
    result = in_order(result)
    options = result.options
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "sdk": __version__,
        "regles": {"version": result.regles["version"], "sha256": result.regles["sha256"]},
        "definition": options.definition,
        "options": {
            "denominateur": options.denominateur,
            "evenements": options.evenements,
            "premiere_mesure": options.premiere_mesure,
            "origines_maj": ORIGINES_MAJ,
        },
        "periode": {
            "debut": result.periode.debut.isoformat(),
            "fin": result.periode.fin.isoformat(),
            "mesure_le": result.mesure_le.isoformat(),
        },
        "lot": {key: _plain(result.lot[key]) for key in _LOT},
        "etablissements": [_etablissement(e) for e in result.etablissements],
    }
    if result.organismes:
        document["organismes"] = [_etablissement(e) for e in result.organismes]
    document["totaux"] = _totals(result.etablissements)
    if result.amenagements:
        document["amenagements"] = [_amenagement(a) for a in result.amenagements]
    document["notes"] = {"taux_dossiers_actifs": {options.denominateur: LECTURE_RETENUE}}
    return document


def _amenagement(one: Amenagement) -> dict[str, Any]:
    granted: dict[str, Any] = {"sans_objet": True} if one.sans_objet else {"cible": one.cible}
    return {"finess_et": one.finess_et, "indicateur": one.indicateur, **granted, "reference": one.reference}


def lines(result: Indicateurs) -> Iterator[Line]:
    """Yield the lines of the table in order; those of the organismes, which have no ``finess_et``, come first."""
    period = (result.periode.debut, result.periode.fin)
    for e in (*result.organismes, *result.etablissements):
        finess = (e.finess_ej, e.finess_et or None)
        for indicator in e.indicateurs:
            name = (indicator.id, indicator.libelle, result.options.definition)
            if isinstance(indicator, Count):
                cells = (*finess, *name, None, *period, indicator.valeur, None, None, None, None, indicator.motif)
                yield Line(e, indicator, False, cells)
                continue
            for rate in readings(indicator):
                chosen = bool(indicator.lectures) and rate.lecture == indicator.lecture
                numbers = (rate.fraction.numerateur, rate.fraction.denominateur, rate.fraction.taux)
                judgement = (rate.cible, rate.etat, rate.motif)
                yield Line(e, rate, chosen, (*finess, *name, rate.lecture, *period, *numbers, *judgement))


def total(etablissements: Iterable[Etablissement]) -> int | None:
    """Return the number of active DUI of several establishments; null as soon as one of them is not supplied."""
    values = [i.valeur for e in etablissements for i in e.indicateurs if i.id == _TOTAL and isinstance(i, Count)]
    return None if None in values else sum(value for value in values if value is not None)


def _in_order(e: Etablissement) -> Etablissement:
    known = {name: rank for rank, name in enumerate(ORDER)}
    indicators = sorted(e.indicateurs, key=lambda i: known.get(i.id, len(ORDER)))
    return replace(e, indicateurs=tuple(indicators), reserves=tuple(sorted(e.reserves)))


def _etablissement(e: Etablissement) -> dict[str, Any]:
    return {
        "finess_et": e.finess_et or None,
        "finess_ej": e.finess_ej,
        "denomination": e.denomination,
        "profil_cibles": e.profil_cibles,
        "rejets_sejours": e.rejets_sejours,
        "reserves": list(e.reserves),
        "personnes_accompagnees": {lecture: e.personnes_accompagnees[lecture] for lecture in LECTURES},
        "indicateurs": {i.id: _count(i) if isinstance(i, Count) else _rate(i) for i in e.indicateurs},
    }


def _count(count: Count) -> dict[str, Any]:
    return {"libelle": count.libelle, "valeur": count.valeur, "motif": count.motif}


def _rate(rate: Rate) -> dict[str, Any]:
    document: dict[str, Any] = {
        "libelle": rate.libelle,
        "numerateur": rate.fraction.numerateur,
        "denominateur": rate.fraction.denominateur,
        "taux": rate.fraction.taux,
        "cible": rate.cible,
        "etat": rate.etat,
        "motif": rate.motif,
    }
    if rate.lectures:
        document["lectures"] = {
            r.lecture: {"numerateur": r.fraction.numerateur, "denominateur": r.fraction.denominateur}
            for r in readings(rate)
        }
    return document


def _totals(etablissements: tuple[Etablissement, ...]) -> dict[str, Any]:
    by_ej: dict[str, list[Etablissement]] = {}
    for e in etablissements:
        by_ej.setdefault(e.finess_ej, []).append(e)
    return {
        _TOTAL: total(etablissements),
        "par_ej": {ej: {_TOTAL: total(by_ej[ej])} for ej in sorted(by_ej)},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
