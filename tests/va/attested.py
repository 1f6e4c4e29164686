"""Contents of dossiers, built by hand: as many establishments as asked, none of them real."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from esms_sdk.commande import Commande, Signataire, Solution
from esms_sdk.dashboard.result import Canal, Canaux, Echecs, Insi, Mesure, TableauDeBord
from esms_sdk.dashboard.result import Etablissement as Tableau
from esms_sdk.decision import Condition, Decision, Decisions
from esms_sdk.indicators.result import Amenagement, Count, Etablissement, Fraction, Indicateurs, Options, Rate
from esms_sdk.period import Period
from esms_sdk.va.contents import Contents

EJ = "000000018"
FIN = date(2025, 9, 30)
P = Period(date(2025, 9, 1), FIN)
LOT = {
    "editeur": "Éditeur inventé", "logiciel": "DUI inventé", "version_logiciel": "1.0",
    "date_extraction": "2025-10-02T03:00:00", "empreinte_sha256": "0123456789abcdef" * 4,
}  # fmt: skip
ORDER = Commande(
    EJ, (), "BC-2023-041", date(2023, 11, 6), montant_ttc=Decimal("4380"), nb_essms_og=7,
    solution=Solution("Éditeur inventé", "DUI inventé", "1.0", "R-0001"),
    signataire=Signataire("Camille Inventé", "Directrice générale", "cpx"),
)  # fmt: skip
_PERIODS = {
    "mois_courant": P,
    "annee_courante": Period(date(2025, 1, 1), FIN),
    "annee_precedente": Period(date(2024, 1, 1), date(2024, 12, 31)),
}
LIBELLES = {
    "taux_dossiers_actifs": "Taux de dossiers actifs",
    "taux_projet_personnalise": "Taux de dossiers actifs avec un projet personnalisé",
    "taux_evenement_agenda": "Taux de dossiers actifs ayant au moins un événement dans l'agenda",
    "taux_mssante": "Taux d'utilisation de la MS Santé",
    "taux_dmp": "Taux d'utilisation du DMP",
}


def finess(rank: int) -> str:
    return f"99{rank:07}"


def rate(id: str, num: int | None, den: int | None, **more: Any) -> Rate:
    cible = 70 if id in ("taux_mssante", "taux_dmp") else 90
    fraction = Fraction(num, den)
    etat = "INDETERMINEE" if num is None else "ATTEINTE" if fraction.reaches(cible) else "NON_ATTEINTE"
    motif = "DONNEE_NON_FOURNIE" if num is None else None
    return replace(Rate(id, LIBELLES[id], "periode", fraction, cible, etat, motif), **more)


def indicators(rank: int, *, name: str = "", num: int | None = 1217, reserves: tuple[str, ...] = ()) -> Etablissement:
    den = 1403
    first = rate("taux_dossiers_actifs", num, den if num is not None else None)
    annual = replace(first, lecture="annuelle", fraction=Fraction(num, 1511 if num is not None else None))
    rates = (
        replace(first, lectures=(first, annual)), rate("taux_projet_personnalise", 1101, 1217),
        rate("taux_evenement_agenda", 1111, 1217), rate("taux_mssante", 1623, den), rate("taux_dmp", 901 + rank, den),
    )  # fmt: skip
    persons: dict[str, int | None] = {"periode": den, "annuelle": 1511}
    actifs = Count("nb_dui_actifs", "Nombre de DUI actifs", num, None)
    return Etablissement(finess(rank), EJ, name, "standard", 0, reserves, persons, (*rates, actifs))


def measures(rank: int, *, covered: bool = True) -> dict[str, Mesure]:
    def channel(number: int) -> Canal:
        return Canal(number, number, 0)

    return {
        key: Mesure(
            period, covered or key != "annee_precedente",
            Canaux(channel(100 * at + rank), channel(2000 * at + rank), channel(30 * at + rank)),
            Echecs(1, 2), Insi(5, 1, 4, 3),
        )
        for at, (key, period) in enumerate(_PERIODS.items(), start=1)
    }  # fmt: skip


def decision(rank: int, name: str, *, lacking: str = "", genre: str = "va", figures: Etablissement) -> Decision:
    if lacking == "absent":
        why = "L'établissement commandé n'est pas du périmètre du lot : rien n'en est connu."
        only = Condition("admis", "Admission de l'établissement dans le dossier", "hors du périmètre du lot",
                         "ABSENT_DU_LOT", why, "Le retirer de la commande.")  # fmt: skip
        return Decision(finess(rank), "", (only,))
    if genre == "usages":
        told = tuple(
            Condition(one.id, f"{one.libelle} : {one.cible} % au moins", f"{one.fraction.taux} %, cible {one.cible} %",
                      *(() if one.etat == "ATTEINTE" else ("CIBLE_NON_ATTEINTE", "Pas atteinte.", "La travailler.")))
            for one in figures.indicateurs if isinstance(one, Rate)
        )  # fmt: skip
        return Decision(finess(rank), name, told, figures.reserves)
    zero = ("TBB_ZERO", "Le tableau de bord est à zéro : DMP.", "Alimenter le DMP depuis le DUI.")
    return Decision(
        finess(rank), name, (
            Condition("deploye", "Le DUI est déployé dans l'établissement", "42 dossiers tenus dans le DUI"),
            Condition("tbb", "Le tableau de bord TBB.1 n'est pas à zéro",
                      "année courante (du 01/01/2025 au 30/09/2025) : DMP 200, MSSanté professionnelle 4000",
                      *(zero if lacking == "tbb" else ())),
            Condition("fourni", "Les trois indicateurs du DUI sont fournis (aucun seuil ne s'applique)",
                      "Taux de dossiers actifs : 1217/1403 (86,7 %) ; Taux de dossiers actifs avec un projet "
                      "personnalisé : 1101/1217 (90,5 %) ; Taux de dossiers actifs ayant au moins un événement dans "
                      "l'agenda : 1111/1217 (91,3 %)"),
        ), figures.reserves,
    )  # fmt: skip


def contents(
    number: int = 2,
    *,
    genre: str = "va",
    names: tuple[str, ...] = (),
    lacking: dict[int, str] | None = None,
    order: Commande = ORDER,
    organisme: str = "Association des Tilleuls inventés",
    warnings: tuple[str, ...] = (),
    amenagements: tuple[Amenagement, ...] = (),
    conformite: dict[str, Any] | None = None,
    reserves: tuple[str, ...] = (),
    covered: bool = True,
) -> Contents:
    """Return the contents of a dossier of ``number`` establishments; ``lacking`` says by rank what one lacks."""
    lacks = lacking or {}
    ranks = range(1, number + 1)
    named = {rank: names[rank - 1] if rank <= len(names) else f"EHPAD inventé n° {rank}" for rank in ranks}
    figures = {rank: indicators(rank, name=named[rank], reserves=reserves) for rank in ranks}
    present = [rank for rank in ranks if lacks.get(rank) != "absent"]
    decisions = Decisions(
        genre, replace(order, etablissements=tuple(map(finess, ranks))), P, FIN,
        tuple(decision(r, named[r], lacking=lacks.get(r, ""), genre=genre, figures=figures[r]) for r in ranks),
        warnings,
    )  # fmt: skip
    result = Indicateurs(
        {"version": "2025.1", "sha256": "fedcba9876543210" * 4}, Options(), P, FIN, LOT,
        tuple(figures[rank] for rank in present), amenagements=amenagements,
    )  # fmt: skip
    tableau = TableauDeBord(
        FIN, {}, tuple(Tableau(finess(r), EJ, named[r], measures(r, covered=covered), ()) for r in present)
    )
    imported = {"lues": 12345, "acceptees": 12300, "rejetees": 40, "ignorees": 5}
    given = {"resume": {"conforme": 30, "non_conforme": 0, "non_verifie": 4}, "ecarts": [], **(conformite or {})}
    return Contents(decisions, result, tableau, organisme, given, imported)
