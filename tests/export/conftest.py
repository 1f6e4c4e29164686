"""Results built by hand, without the engine: every état, every motif, and the numbers where a format may slip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from esms_sdk.indicators.result import Count, Etablissement, Fraction, Indicateurs, Options, Rate
from esms_sdk.period import Period

LABELS = {
    "taux_dossiers_actifs": "Taux de dossiers actifs",
    "taux_projet_personnalise": "Taux de dossiers actifs avec un projet personnalisé",
    "taux_evenement_agenda": "Taux de dossiers actifs ayant au moins un événement dans l'agenda",
    "taux_mssante": "Taux d'utilisation de la MS Santé",
    "taux_dmp": "Taux d'utilisation du DMP",
    "nb_dui_actifs": "Nombre de DUI actifs",
    "nb_eprescription": "Nombre de prescriptions électroniques importées",
    "nb_eparcours": "Nombre d'échanges avec une plateforme e-parcours",
}
TARGETS = {"taux_mssante": 70, "taux_dmp": 70}

Numbers = tuple[int | None, int | None]


def rate(
    name: str, numbers: Numbers, motif: str | None = None, *, lecture: str = "periode", exempt: bool = False
) -> Rate:
    fraction = Fraction(*numbers)
    cible = None if exempt else TARGETS.get(name, 90)
    if cible is None:
        etat = "SANS_OBJET"
    elif motif:
        etat = "INDETERMINEE"
    else:
        etat = "ATTEINTE" if fraction.reaches(cible) else "NON_ATTEINTE"
    return Rate(name, LABELS[name], lecture, fraction, cible, etat, None if exempt else motif)


def two_readings(periode: Rate, annuelle: Rate, chosen: str) -> Rate:
    main = annuelle if chosen == "annuelle" else periode
    return Rate(
        main.id, main.libelle, main.lecture, main.fraction, main.cible, main.etat, main.motif, (periode, annuelle)
    )


def count(name: str, valeur: int | None, motif: str | None = None) -> Count:
    return Count(name, LABELS[name], valeur, motif)


def etablissement(
    finess: str,
    denomination: str,
    actifs: tuple[Numbers, Numbers],
    projet: Numbers,
    agenda: Numbers,
    mss: Numbers,
    dmp: Numbers,
    *,
    optional: Numbers = (None, None),
    motif: str | None = None,
    motifs: dict[str, str] | None = None,
    chosen: str = "periode",
    **more: Any,
) -> Etablissement:
    """One establishment; ``motif`` holds for every rate, ``motifs`` for one."""
    exempt = more.get("profil_cibles", "standard") != "standard"

    def why(name: str) -> str | None:
        return (motifs or {}).get(name, motif)

    name = "taux_dossiers_actifs"
    both = (
        rate(name, actifs[0], (motifs or {}).get("periode", why(name))),
        rate(name, actifs[1], (motifs or {}).get("annuelle", why(name)), lecture="annuelle"),
    )
    main = both[1] if chosen == "annuelle" else both[0]
    absent = "DONNEE_NON_FOURNIE"
    count_motif = why("nb_dui_actifs") if why("nb_dui_actifs") not in ("DENOMINATEUR_NUL", "REJETS_PRESENTS") else None
    values: dict[str, Any] = {
        "finess_ej": "000000018",
        "profil_cibles": "standard",
        "rejets_sejours": 0,
        "reserves": (),
        "personnes_accompagnees": {"periode": actifs[0][1], "annuelle": actifs[1][1]},
    } | more
    return Etablissement(
        finess_et=finess,
        denomination=denomination,
        indicateurs=(
            two_readings(*both, chosen),
            rate("taux_projet_personnalise", projet, why("taux_projet_personnalise"), lecture=chosen),
            rate("taux_evenement_agenda", agenda, why("taux_evenement_agenda"), lecture=chosen),
            rate("taux_mssante", mss, why("taux_mssante"), lecture=chosen, exempt=exempt),
            rate("taux_dmp", dmp, why("taux_dmp"), lecture=chosen, exempt=exempt),
            count("nb_dui_actifs", main.fraction.numerateur, count_motif),
            count("nb_eprescription", optional[0], None if optional[0] is not None else absent),
            count("nb_eparcours", optional[1], None if optional[1] is not None else absent),
        ),
        **values,
    )


def every_case(chosen: str = "periode", **more: Any) -> Indicateurs:
    """Every état, motif and reserve; null, 0, 100 %, above 100 %, a zero denominator, half a tenth, four figures."""

    def e(*arguments: Any, **named: Any) -> Etablissement:
        return etablissement(*arguments, chosen=chosen, **named)

    nothing: Numbers = (None, None)
    zero: Numbers = (0, 0)
    found: tuple[Etablissement, ...] = (
        e("000000117", "EHPAD Les Tilleuls inventés", ((60, 64), (62, 80)), (57, 60), (54, 60), (81, 62), (40, 62),
          optional=(12, 0), reserves=("DEPLOIEMENT_EN_COURS", "FILE_ACTIVE_PARTIELLE", "SORTIE_NON_QUALIFIEE")),
        e("000000125", "SSIAD <du> Val & Cie", ((90, 100), (1, 8)), (0, 90), (90, 90), (70, 100), (69, 100),
          optional=(0, 1234)),
        e("000000133", "IME inventé, sans personne", (zero, zero), zero, zero, zero, zero, motif="DENOMINATEUR_NUL"),
        e("000000141", "Foyer sans export", (nothing, nothing), nothing, nothing, nothing, nothing,
          motif="DONNEE_NON_FOURNIE", personnes_accompagnees={"periode": 31, "annuelle": 40}),
        e("000000158", "Service inventé de protection juridique des majeurs", ((1150, 1234), (1150, 2000)),
          (1100, 1150), (1149, 1150), (3, 1234), (0, 1234), profil_cibles="pjm"),
        e("000000166", "=Établissement aux séjours rejetés", ((19, 21), (20, 22)), (18, 19), (19, 19), (15, 21),
          (16, 21), motif="REJETS_PRESENTS", rejets_sejours=3),
        e("000000174", "MAS fermée", ((0, 3), (0, 3)), zero, zero, (0, 3), (0, 3), motif="ETABLISSEMENT_HORS_PERIODE"),
        e("000000182", "EAM au journal coupé", ((5, 6), (5, 16)), (2, 5), (1, 5), (1, 3), (2, 3),
          motif="JOURNAL_INCOMPLET", finess_ej="000000026", motifs={"taux_dmp": "DONNEE_NON_FOURNIE",
          "taux_projet_personnalise": "HISTORIQUE_INCOMPLET", "taux_mssante": "PERIODE_NON_COUVERTE"}),
        e("2A0000159", "CHRS de Corse", ((17, 18), (0, 0)), (16, 17), (1, 17), (1, 1), (0, 1), motifs={
          "annuelle": "DENOMINATEUR_NUL"}, profil_cibles="ahi_hors_sons", finess_ej="000000026"),
    )  # fmt: skip
    found = tuple(_without_numbers_where_not_supplied(one) for one in found)
    values: dict[str, Any] = {
        "regles": {"version": "2025.1", "sha256": "ab" * 32},
        "options": Options(denominateur=chosen),
        "periode": Period(date(2025, 9, 1), date(2025, 9, 30)),
        "mesure_le": date(2025, 9, 30),
        "lot": {
            "editeur": "Éditeur inventé",
            "logiciel": "DUI inventé",
            "version_logiciel": "1.0",
            "date_extraction": "2025-10-02T03:00:00",
            "empreinte_sha256": "0123456789abcdef" * 4,
        },
        "etablissements": found,
    } | more
    return Indicateurs(**values)


def _without_numbers_where_not_supplied(e: Etablissement) -> Etablissement:
    indicators = tuple(
        replace(i, fraction=Fraction(None, None))
        if isinstance(i, Rate) and i.motif == "DONNEE_NON_FOURNIE" and not i.lectures
        else i
        for i in e.indicateurs
    )
    return replace(e, indicateurs=indicators)


@pytest.fixture(scope="session")
def make_result() -> Callable[..., Indicateurs]:
    return every_case


@pytest.fixture
def result() -> Indicateurs:
    return every_case()


@pytest.fixture
def make_etablissement() -> Callable[..., Etablissement]:
    return etablissement
