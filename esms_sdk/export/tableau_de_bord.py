"""The dashboard in the shape of the contract, the JSON document ``esms-tbb/1`` (§4), and as lines for a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from esms_sdk.csv_file import Cell
from esms_sdk.dashboard.result import Canal, Canaux, Etablissement, Mesure, Mois, TableauDeBord
from esms_sdk.export import tableau_de_bord_wording as wording
from esms_sdk.export.limits import Source

SCHEMA = "esms-tbb/1"
# Contract §4: every output says both.
NOTES = {
    "definition": "Le texte médico-social de TBB.1 n'est pas public en entier : la définition est celle de la même "
    "exigence dans les autres couloirs de la vague 1.",
    "origine": "Tableau produit à partir de l'export du logiciel ; il ne remplace pas le tableau de bord du logiciel.",
}

# In place of the detail, where it was taken out.
SANS_RPPS = "Le détail par RPPS n'est pas repris dans un dossier : esms dashboard le donne."
_BY_RPPS = "Le détail par RPPS"

SOURCES = (
    Source(
        "Ce que compte le tableau, par canal et par période",
        "LGC.TBB.01 et .03 (exigences de la vague 1 pour les logiciels de gestion de cabinet), lus en entier ; "
        "le programme ESMS numérique demande «le tableau de bord demandé dans l'exigence TBB.1», sans le définir.",
        "Moyenne : le texte est celui d'un autre couloir.",
    ),
    Source(
        "Appels à INSi et admissions qualifiées",
        "RI.TBB.01 et .03 (même exigence, référentiel d'identités), lus en entier.",
        "Moyenne : facultatif dans le secteur médico-social.",
    ),
    Source(
        _BY_RPPS,
        "LGC.TBB.01 : «le cas échéant, par RPPS».",
        "Moyenne : c'est le RPPS que le logiciel joint à l'envoi.",
    ),
    Source(
        "Premier envoi réussi, échec réparé, cours mensuel",
        "Aucun texte public ne le précise : choix du SDK, écrits dans docs/reference/tableau_de_bord.md.",
        "Faible : à faire confirmer.",
    ),
)
DASHBOARD_COLUMNS = (
    "finess_ej", "finess_et", "denomination", "rpps", "periode", "date_debut", "date_fin", "couverte", "mesure",
    "valeur", "note",
)  # fmt: skip
COURS = "cours_mensuel"
CANAUX = ("dmp", "mss_pro", "mss_citoyenne")
INS = ("total", "ins_qualifiee", "ins_non_qualifiee")


def notes(result: TableauDeBord) -> dict[str, str]:
    """Return what every format says of the figures, by subject."""
    return {**NOTES, "rpps": SANS_RPPS} if result.sans_rpps else dict(NOTES)


def sources(result: TableauDeBord) -> tuple[Source, ...]:
    """Return the sources of what is shown."""
    return tuple(one for one in SOURCES if not (result.sans_rpps and one.objet == _BY_RPPS))


def worth_knowing(result: TableauDeBord) -> tuple[tuple[str, str], ...]:
    """Return what surprises a reader of what is shown."""
    return tuple(one for one in wording.A_SAVOIR if not (result.sans_rpps and one[0] == _BY_RPPS))


def dashboard_document(result: TableauDeBord) -> dict[str, Any]:
    """Return the document ``esms-tbb/1``.

    ``cours_mensuel``, ``notes`` and, where they were asked for, ``organismes`` are ours; they stand at the top, so that
    the objects of the establishments hold nothing but what the contract names.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "arrete_au": result.arrete_au.isoformat(),
        "etablissements": [{"finess_et": e.finess_et, **_measures(e)} for e in result],
    }
    if result.organismes:
        document["organismes"] = [
            {"finess_et": None, "finess_ej": e.finess_ej, **_measures(e), COURS: _course(e)} for e in result.organismes
        ]
    document[COURS] = [{"finess_et": e.finess_et, "mois": _course(e)} for e in result]
    document["notes"] = notes(result)
    return document


def dashboard_lines(result: TableauDeBord) -> Iterator[tuple[Cell, ...]]:
    """Yield the lines of ``tableau_de_bord.csv`` under :data:`DASHBOARD_COLUMNS`, those of the organismes first.

    The notes stand on the first line of each establishment, so that its lines alone carry them too.
    """
    told = " ".join(notes(result).values())
    for e in (*result.organismes, *result.etablissements):
        who = (e.finess_ej, e.finess_et or None, e.denomination)
        for rank, line in enumerate(_lines(e)):
            yield (*who, *line, None if rank else told)


def _lines(e: Etablissement) -> Iterator[tuple[Cell, ...]]:
    for name, measure in e.periodes.items():
        yield from _under(counts(measure), None, name, measure)
    for one in e.par_rpps:
        for name, sent in one.periodes.items():
            yield from _under(channel_counts(sent), one.rpps, name, e.periodes[name])
    for month in e.cours:
        yield from _under(month_counts(month), None, COURS, month)


def _under(
    numbers: Iterable[tuple[str, int | None]], rpps: str | None, name: str, when: Mesure | Mois
) -> Iterator[tuple[Cell, ...]]:
    for measure, number in numbers:
        yield rpps, name, when.periode.debut, when.periode.fin, when.couverte, measure, number


def counts(measure: Mesure) -> list[tuple[str, int | None]]:
    """Return the counts of a period by name, as :data:`esms_sdk.publication.model.MESURES` has them."""
    failed, insi = measure.echecs, measure.insi
    return [
        *channel_counts(measure.canaux),
        ("echecs.dmp", failed.dmp),
        ("echecs.mss", failed.mss),
        ("insi.succes", insi.succes),
        ("insi.echec", insi.echec),
        ("insi.admissions", insi.admissions),
        ("insi.admissions_qualifiees", insi.admissions_qualifiees),
    ]


def channel_counts(sent: Canaux) -> list[tuple[str, int | None]]:
    """Return the nine counts of the three channels by name."""
    return [(f"{canal}.{state}", getattr(getattr(sent, canal), state)) for canal in CANAUX for state in INS]


def month_counts(month: Mois) -> list[tuple[str, int | None]]:
    """Return the counts of a month of the course by name."""
    return [
        *((f"{canal}.total", getattr(month, canal)) for canal in CANAUX),
        ("echecs.dmp", month.echecs.dmp),
        ("echecs.mss", month.echecs.mss),
    ]


def _course(e: Etablissement) -> list[dict[str, Any]]:
    return [
        {
            "debut": month.periode.debut.isoformat(),
            "fin": month.periode.fin.isoformat(),
            "couverte": month.couverte,
            **{canal: getattr(month, canal) for canal in CANAUX},
            "echecs": {"dmp": month.echecs.dmp, "mss": month.echecs.mss},
        }
        for month in e.cours
    ]


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
