"""The page of the indicators, for the director of an establishment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from esms_sdk.export import limits, wording
from esms_sdk.export.contract import readings, total
from esms_sdk.export.french import compte, instant, jour_en_lettres, periode_en_lettres, pourcent, typo
from esms_sdk.export.html import style, write_page
from esms_sdk.indicators.result import Count, Etablissement, Indicateurs, Rate

# Above this number the page keeps its summary only: a browser cannot show the details of a region.
DETAIL_LIMIT = 1000

TONES = {"ATTEINTE": "ok", "NON_ATTEINTE": "ko", "INDETERMINEE": "no", "SANS_OBJET": "so"}
MARKS = {"ATTEINTE": "✓", "NON_ATTEINTE": "✗", "INDETERMINEE": "?", "SANS_OBJET": "○"}


def write_indicators_html(path: Path, result: Indicateurs) -> Path:
    """Write the page into ``path`` and return it; what it says follows from ``result`` alone."""
    view = _Page(result)
    return write_page(path, "indicateurs.html", view.values())


class _Page:
    """What the template shows: texts ready to print, and numbers that its filters print."""

    def __init__(self, result: Indicateurs) -> None:
        self.result = result
        first = result.etablissements[0].indicateurs if result.etablissements else ()
        self.rates = [i for i in first if isinstance(i, Rate)]
        self.named = {i.id: i.libelle for i in first}

    def values(self) -> dict[str, Any]:
        result = self.result
        all_of_them = result.etablissements
        detailed = len(all_of_them) <= DETAIL_LIMIT
        return {
            "own_css": style("indicateurs.css"),
            "period_words": periode_en_lettres(result.periode),
            "measured": jour_en_lettres(result.mesure_le),
            "facts": self._facts(),
            "not_official": limits.NON_OFFICIEL,
            "note": wording.LECTURE_RETENUE,
            "number": len(all_of_them),
            "limit": DETAIL_LIMIT,
            "detailed": detailed,
            "headline": self._headline(),
            "total": total(all_of_them),
            "total_words": " (un établissement au moins ne fournit pas le sien)" if total(all_of_them) is None else "",
            "tiles": [self._tile(rate) for rate in self.rates],
            "key": [(TONES[etat], MARKS[etat], wording.ETATS[etat].lower()) for etat in TONES],
            "rate_names": [wording.court(rate.id, rate.libelle) for rate in self.rates],
            "rows": lambda: (_summary_row(e) for e in all_of_them),
            "sections": lambda: (_section(e) for e in all_of_them),
            "organismes": [_section(e) for e in result.organismes],
            "by_organisme": limits.PAR_ORGANISME,
            "formulas": [(named, wording.calcul(i, result.options.evenements)) for i, named in self.named.items()],
            "worth_knowing": limits.A_SAVOIR,
            "sources": limits.SOURCES,
        }

    def _facts(self) -> list[tuple[str, str, bool]]:
        result, lot = self.result, self.result.lot
        persons, events = wording.options_en_mots(result.options)
        names = {e.finess_ej: e.denomination for e in result.organismes}
        organismes = sorted({e.finess_ej for e in result.etablissements})
        shown = [f"{names[ej]} ({ej})" if ej in names else f"FINESS juridique {ej}" for ej in organismes[:3]]
        more = len(organismes) - len(shown)
        return [
            ("Organisme gestionnaire", ", ".join(shown) + (f" et {more} autres" if more else ""), False),
            ("Logiciel", f"{lot['logiciel']} {lot['version_logiciel']} ({lot['editeur']})", False),
            ("Données extraites le", instant(str(lot["date_extraction"])), False),
            ("Définition de la période", wording.definition_en_mots(result.options), False),
            ("Personnes comptées", persons, False),
            ("Événements comptés", events, False),
            *(("Aménagement", wording.amenagement_en_mots(one), False) for one in result.amenagements),
            ("Empreinte SHA-256 du lot", str(lot["empreinte_sha256"]), True),
            ("Version des règles", f"{result.regles['version']} (empreinte {result.regles['sha256'][:12]}…)", False),
        ]

    def _headline(self) -> str:
        number = len(self.result.etablissements)
        if not number:
            return "Aucun établissement dans le périmètre."
        met = sum(1 for e in self.result.etablissements if _all_met(e))
        who = compte(number, "établissement mesuré", "établissements mesurés")
        if number == 1:
            return f"{who}. Toutes ses cibles {'sont' if met else 'ne sont pas'} atteintes."
        if not met:
            return f"{who}. Aucun n'atteint toutes ses cibles."
        return f"{who}. {compte(met, 'atteint toutes ses cibles', 'atteignent toutes leurs cibles')}."

    def _tile(self, rate: Rate) -> dict[str, Any]:
        everywhere = (i for e in self.result.etablissements for i in e.indicateurs if i.id == rate.id)
        found = [i for i in everywhere if isinstance(i, Rate)]
        counts = {etat: sum(1 for i in found if i.etat == etat) for etat in TONES}
        judged = len(found) - counts["SANS_OBJET"]
        words = {
            "NON_ATTEINTE": compte(counts["NON_ATTEINTE"], "non atteinte", "non atteintes"),
            "INDETERMINEE": compte(counts["INDETERMINEE"], "indéterminé", "indéterminés"),
            "SANS_OBJET": f"{counts['SANS_OBJET']} sans objet",
        }
        said = ", ".join(text for etat, text in words.items() if counts[etat]) or "cible atteinte partout"
        parts, x = [], 0.0
        for etat, tone in TONES.items():
            width = 100 * counts[etat] / max(len(found), 1)
            if width:
                parts.append((tone, f"{x:.2f}", f"{width:.2f}"))
            x += width
        return {
            "name": wording.court(rate.id, rate.libelle),
            "ok": counts["ATTEINTE"],
            "judged": judged,
            "words": said,
            "aria": typo(f"{compte(counts['ATTEINTE'], 'cible atteinte', 'cibles atteintes')} sur {judged} ; {said}"),
            "parts": parts,
        }


def _all_met(e: Etablissement) -> bool:
    etats = {i.etat for i in e.indicateurs if isinstance(i, Rate)}
    return etats <= {"ATTEINTE", "SANS_OBJET"} and "ATTEINTE" in etats


def _summary_row(e: Etablissement) -> dict[str, Any]:
    rates = [i for i in e.indicateurs if isinstance(i, Rate)]
    alerts = len(e.reserves) + bool(e.rejets_sejours)
    return {
        "anchor": _anchor(e),
        "finess": e.finess_et or e.finess_ej,
        "denomination": e.denomination,
        "alert": compte(alerts, "réserve", "réserves") if alerts else "",
        "persons": e.personnes_accompagnees[rates[0].lecture if rates else "periode"],
        "actifs": next((i.valeur for i in e.indicateurs if isinstance(i, Count) and i.id == "nb_dui_actifs"), None),
        "cells": [
            {
                "id": rate.id,
                "taux": rate.fraction.taux,
                "tone": TONES[rate.etat],
                "mark": MARKS[rate.etat],
                "said": f", {wording.ETATS[rate.etat].lower()}",
            }
            for rate in rates
        ],
    }


def _section(e: Etablissement) -> dict[str, Any]:
    return {
        "anchor": _anchor(e),
        "finess": e.finess_et or e.finess_ej,
        "finess_et": e.finess_et,
        "finess_ej": e.finess_ej,
        "denomination": e.denomination,
        "profil": wording.PROFILS.get(e.profil_cibles, ""),
        "personnes": e.personnes_accompagnees,
        "rejets": e.rejets_sejours,
        "rates": [_rate(i, e) for i in e.indicateurs if isinstance(i, Rate)],
        "counts": [_count(i) for i in e.indicateurs if isinstance(i, Count)],
        "notes": list(_notes(e)),
    }


def _rate(rate: Rate, e: Etablissement) -> dict[str, Any]:
    taux = rate.fraction.taux
    target = f", cible {rate.cible} %" if rate.cible is not None else ", sans cible"
    return {
        **_judged(rate, e),
        "id": rate.id,
        "libelle": rate.libelle,
        "count": wording.nombres_en_mots(rate),
        "cible": rate.cible,
        "width": None if taux is None else min(taux, 100.0),
        "over": taux is not None and taux > 100,
        "aria": typo(("Pas de taux" if taux is None else f"Taux {pourcent(taux)}") + target),
        "lectures": [
            {**_judged(r, e), "titre": wording.LECTURES[r.lecture], "retenue": r.lecture == rate.lecture}
            for r in readings(rate)
        ]
        if rate.lectures
        else [],
    }


def _judged(rate: Rate, e: Etablissement) -> dict[str, Any]:
    return {
        "numerateur": rate.fraction.numerateur,
        "denominateur": rate.fraction.denominateur,
        "taux": rate.fraction.taux,
        "etat": rate.etat,
        "tone": TONES[rate.etat],
        "mark": MARKS[rate.etat],
        "lecture": rate.lecture,
        "words": wording.etat_en_mots(rate, e.profil_cibles),
        "short": wording.ETATS[rate.etat],
        "code": rate.motif,
        "motif": _in_sentence(rate.motif),
    }


def _count(count: Count) -> dict[str, Any]:
    motif = _in_sentence(count.motif)
    return {
        "id": count.id,
        "libelle": count.libelle,
        "valeur": count.valeur,
        "code": count.motif,
        "motif": motif,
    }


def _notes(e: Etablissement) -> Iterator[tuple[str, wording.Explanation]]:
    """Yield what needs a word in an establishment: each motif once, in the order met, then the reserves."""
    judged: Sequence[Rate | Count] = [r for i in e.indicateurs for r in (i, *_other_readings(i))]
    motifs = dict.fromkeys(i.motif for i in judged if i.motif)
    for code in motifs:
        yield "", wording.motif(code)
    if e.rejets_sejours and "REJETS_PRESENTS" not in motifs:
        yield "", wording.Explanation("Séjours rejetés", wording.rejets_en_mots(e.rejets_sejours), _REJECTS_REMEDY)
    for code in e.reserves:
        yield typo("Réserve : "), wording.reserve(code)


def _other_readings(indicator: Rate | Count) -> tuple[Rate, ...]:
    return indicator.lectures if isinstance(indicator, Rate) else ()


_REJECTS_REMEDY = "Corriger les lignes listées dans le fichier des rejets (rejets/rejets.csv), puis refaire l'import."


def _in_sentence(code: str | None) -> str:
    title = wording.motif(code).titre if code else ""
    return title[:1].lower() + title[1:]


def _anchor(e: Etablissement) -> str:
    kind, finess = ("et", e.finess_et) if e.finess_et else ("ej", e.finess_ej)
    return f"{kind}-{re.sub(r'[^0-9A-Za-z]', '-', finess)}"
