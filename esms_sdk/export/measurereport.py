"""The indicators as a FHIR R4 Bundle: three Measures, then one MeasureReport per FINESS géographique and Measure.

It follows the shape of the DEQM summary report without claiming a profile of another country.  Everything is plain
dicts: building resource classes would take twenty times as long (the tests validate them).  No person is named.

- A count that is not supplied bears ``data-absent-reason`` ``unknown``, a score without denominator ``not-applicable``.
- The ``etat``, the ``motif``, the ``cible`` and the ``lecture`` of a rate are extensions of its group: FHIR has no
  place for a target, and an *indéterminé* must not look like a result.
- The group ``dossiers-actifs`` is the chosen reading, ``dossiers-actifs-autre-lecture`` the other one.  The number of
  active DUI is the numerator of the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from esms_sdk import __version__
from esms_sdk.export import limits, wording
from esms_sdk.export.contract import readings
from esms_sdk.export.json_file import write_json_lines
from esms_sdk.indicators.result import Count, Etablissement, Indicateurs, Rate
from esms_sdk.period import Period

# The project owns no domain: this one is reserved (RFC 2606) and never resolves.
BASE = "https://esms-sdk.example/fhir"
_EXTENSION = f"{BASE}/StructureDefinition"
_CQFM_SCORING = "http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-scoring"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"
_NOTATION = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
_IDENTIFIER_TYPE = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
_FINESS = "https://finess.esante.gouv.fr"
_ID_NAT_STRUCT = "urn:oid:1.2.250.1.71.4.2.2"

_OTHER_READING = "dossiers-actifs-autre-lecture"
# Measure -> its title, its scoring, its groups: code -> the indicator and the group's own scoring.
_MEASURES: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
    "esms-usage-dui": (
        "Usage du dossier usager informatisé",
        "proportion",
        {
            "dossiers-actifs": ("taux_dossiers_actifs", "proportion"),
            _OTHER_READING: ("taux_dossiers_actifs", "proportion"),
            "projet-personnalise": ("taux_projet_personnalise", "proportion"),
            "evenement-agenda": ("taux_evenement_agenda", "proportion"),
        },
    ),
    "esms-services-socles": (
        "Usage des services socles",
        "",
        {"mss": ("taux_mssante", "ratio"), "dmp": ("taux_dmp", "proportion")},
    ),
    "esms-usages-facultatifs": (
        "Usages facultatifs",
        "cohort",
        {"e-prescription": ("nb_eprescription", "cohort"), "e-parcours": ("nb_eparcours", "cohort")},
    ),
}
_POPULATION_LABELS = {
    "initial-population": "Population initiale",
    "denominator": "Dénominateur",
    "numerator": "Numérateur",
}
_SHORT = {"initial-population": "ip", "denominator": "den", "numerator": "num"}


def write_measure_reports(path: Path, result: Indicateurs) -> Path:
    """Write the Bundle into ``path``, one resource a line, and return it."""
    return write_json_lines(path, bundle_head(result.lot["empreinte_sha256"], result.periode), "entry", entries(result))


def entries(result: Indicateurs) -> Iterator[dict[str, Any]]:
    """Yield the entries of the Bundle: the Measures, then the reports by FINESS."""
    measures = (_measure(name, result) for name in _MEASURES)
    reports = (_report(name, e, result) for e in result.etablissements for name in _MEASURES)
    for resource in chain(measures, reports):
        yield {"fullUrl": f"{BASE}/{resource['resourceType']}/{resource['id']}", "resource": resource}


def bundle_head(empreinte: str, period: Period) -> dict[str, Any]:
    """Return the Bundle without its entries, for a lot of that digest and the days of ``period``."""
    value = f"{empreinte}/{period.debut}/{period.fin}"
    return {
        "resourceType": "Bundle",
        "id": f"esms-indicateurs-{period.debut}-{period.fin}",
        "identifier": {"system": f"{BASE}/NamingSystem/lot-periode", "value": value},
        "type": "collection",
    }


def _measure(name: str, result: Indicateurs) -> dict[str, Any]:
    title, scoring, groups = _MEASURES[name]
    measure: dict[str, Any] = {
        "resourceType": "Measure",
        "id": name,
        "url": f"{BASE}/Measure/{name}",
        "version": result.regles["version"],
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": title,
        "status": "active",
        "experimental": False,
        "publisher": f"esms-sdk {__version__}",
        "description": f"{title}, par établissement. {limits.NON_OFFICIEL}",
    }
    if scoring:
        measure["scoring"] = _concept(_SCORING, scoring)
    if scoring != "cohort":
        measure["improvementNotation"] = _concept(_NOTATION, "increase")
    measure["group"] = [_measure_group(code, *groups[code], own=not scoring) for code in groups]
    return measure


def _measure_group(code: str, indicator: str, scoring: str, *, own: bool) -> dict[str, Any]:
    group: dict[str, Any] = {"id": code}
    if own:
        group["extension"] = [{"url": _CQFM_SCORING, "valueCodeableConcept": _concept(_SCORING, scoring)}]
    group["code"] = _group_code(code)
    group["description"] = wording.calcul(indicator)
    populations = ("initial-population",) if scoring == "cohort" else tuple(_SHORT)
    group["population"] = [
        {
            "id": f"{code}-{_SHORT[population]}",
            "code": _concept(_POPULATION, population),
            "description": _POPULATION_LABELS[population],
            "criteria": {"language": "text/plain", "expression": f"{indicator}/{population}"},
        }
        for population in populations
    ]
    return group


def _report(name: str, e: Etablissement, result: Indicateurs) -> dict[str, Any]:
    period = result.periode
    place = f"et-{_identifier_part(e.finess_et)}"
    span = f"{period.debut}-{period.fin}"
    report: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "id": f"{name}-{_identifier_part(e.finess_et)}-{span}",
        "contained": [_organization(place, e)],
        "extension": _report_extensions(e, result),
        "identifier": [
            {
                "system": f"{BASE}/NamingSystem/rapport",
                "value": f"{e.finess_et}/{name}/{period.debut}/{period.fin}",
            }
        ],
        "status": "complete",
        "type": "summary",
        "measure": f"{BASE}/Measure/{name}|{result.regles['version']}",
        "subject": {"identifier": _finess("FINEG", e.finess_et)},
        "date": result.mesure_le.isoformat(),
        "reporter": {"reference": f"#{place}"},
        "period": {"start": period.debut.isoformat(), "end": period.fin.isoformat()},
    }
    if name != "esms-usages-facultatifs":
        report["improvementNotation"] = _concept(_NOTATION, "increase")
    indicators = {i.id: i for i in e.indicateurs}
    report["group"] = [
        group
        for code, (indicator, _) in _MEASURES[name][2].items()
        if (group := _group(code, indicators.get(indicator), e)) is not None
    ]
    return report


def _report_extensions(e: Etablissement, result: Indicateurs) -> list[dict[str, Any]]:
    options = result.options
    return [
        {"url": f"{_EXTENSION}/definition", "valueCode": options.definition},
        {"url": f"{_EXTENSION}/denominateur", "valueCode": options.denominateur},
        {"url": f"{_EXTENSION}/evenements", "valueCode": options.evenements},
        {"url": f"{_EXTENSION}/premiere-mesure", "valueBoolean": options.premiere_mesure},
        {"url": f"{_EXTENSION}/rejets-sejours", "valueInteger": e.rejets_sejours},
        *({"url": f"{_EXTENSION}/reserve", "valueCode": reserve} for reserve in e.reserves),
    ]


def _organization(place: str, e: Etablissement) -> dict[str, Any]:
    national = {
        "use": "official",
        "type": _concept(_IDENTIFIER_TYPE, "IDNST"),
        "system": _ID_NAT_STRUCT,
        "value": f"1{e.finess_et}",
    }
    return {
        "resourceType": "Organization",
        "id": place,
        "identifier": [national, _finess("FINEG", e.finess_et)],
        "name": e.denomination,
        "partOf": {"identifier": _finess("FINEJ", e.finess_ej)},
    }


def _group(code: str, indicator: Rate | Count | None, e: Etablissement) -> dict[str, Any] | None:
    if isinstance(indicator, Count):
        extensions = _codes(motif=indicator.motif)
        populations = [_population(code, "initial-population", indicator.valeur)]
        return {"id": code, **extensions, "code": _group_code(code), "population": populations}
    if indicator is None:
        return None
    if code == _OTHER_READING:
        others = [r for r in readings(indicator) if r.lecture != indicator.lecture]
        return _rate_group(code, others[0], e) if others else None
    return _rate_group(code, indicator, e)


def _rate_group(code: str, rate: Rate, e: Etablissement) -> dict[str, Any]:
    numerator, denominator = rate.fraction.numerateur, rate.fraction.denominateur
    # The initial population of the second and third rates is the persons, their denominator the active dossiers.
    narrowed = rate.id in ("taux_projet_personnalise", "taux_evenement_agenda")
    initial = e.personnes_accompagnees[rate.lecture] if narrowed else denominator
    group: dict[str, Any] = {"id": code, **_codes(lecture=rate.lecture, etat=rate.etat, motif=rate.motif)}
    if rate.cible is not None:
        group["extension"].append({"url": f"{_EXTENSION}/cible", "valueQuantity": _percent(rate.cible)})
    group["code"] = _group_code(code)
    if rate.lectures:
        group["code"]["text"] = f"{rate.libelle} ({wording.LECTURE_RETENUE})"
    group["population"] = [
        _population(code, "initial-population", initial),
        _population(code, "denominator", denominator),
        _population(code, "numerator", numerator),
    ]
    taux = rate.fraction.taux
    reason = "unknown" if denominator is None or numerator is None else "not-applicable"
    group["measureScore"] = _absent(reason) if taux is None else _percent(taux)
    return group


def _population(code: str, name: str, count: int | None) -> dict[str, Any]:
    population: dict[str, Any] = {"id": f"{code}-{_SHORT[name]}", "code": _concept(_POPULATION, name)}
    if count is None:
        population["_count"] = _absent("unknown")
    else:
        population["count"] = count
    return population


def _codes(**codes: str | None) -> dict[str, list[dict[str, Any]]]:
    extensions = [{"url": f"{_EXTENSION}/{name}", "valueCode": code} for name, code in codes.items() if code]
    return {"extension": extensions} if extensions else {}


def _absent(reason: str) -> dict[str, Any]:
    return {"extension": [{"url": _ABSENT, "valueCode": reason}]}


def _percent(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _group_code(code: str) -> dict[str, Any]:
    return _concept(f"{BASE}/CodeSystem/indicateur-esms-numerique", code)


def _finess(kind: str, value: str) -> dict[str, Any]:
    return {"type": _concept(_IDENTIFIER_TYPE, kind), "system": _FINESS, "value": value}


def _identifier_part(finess: str) -> str:
    """Return a FINESS as a part of an id, which FHIR keeps to ``[A-Za-z0-9.-]`` and 64 characters.

    A FINESS with a wrong key is kept by the lot; what is no FINESS at all is named by its digest.

    >>> _identifier_part("2A0000009"), _identifier_part("12 rue «X»")
    ('2A0000009', 'x6d2d99eebbba')
    """
    return finess if re.fullmatch(r"[A-Za-z0-9]{9}", finess) else "x" + sha256(finess.encode()).hexdigest()[:12]
