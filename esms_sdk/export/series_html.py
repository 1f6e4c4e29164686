"""The page of a series: when each target was first reached, and by establishment the course of each rate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from esms_sdk.export import charts, limits, wording
from esms_sdk.export.charts import Course
from esms_sdk.export.french import compte, instant, jour, mois_court, mois_en_lettres
from esms_sdk.export.html import style, write_page
from esms_sdk.export.indicateurs_html import MARKS, TONES
from esms_sdk.export.series import HISTORIQUE, places, span
from esms_sdk.indicators.judgement import INDETERMINEE
from esms_sdk.indicators.result import Count, Etablissement, Rate
from esms_sdk.indicators.series import Serie

# Above this number the page keeps its summary only: a browser cannot show the courses of a region.
DETAIL_LIMIT = 600
# Up to this number the courses are open from the start.
OPEN_LIMIT = 12
_EACH, _NOT_EACH = "Chaque cible a été atteinte au moins un mois", "Une cible au moins n'a jamais été atteinte"
_MOIS_PAR_MESURE = {
    "mois_ecoule": "Chaque mois est mesuré le jour où il finit : sa période est ce mois civil.",
    "trois_mois": "Chaque mois est mesuré le lendemain de sa fin : sa période est de trois mois civils, lui compris.",
}


def write_series_html(path: Path, serie: Serie) -> Path:
    """Write the page into ``path`` and return it; what it says follows from ``serie`` alone."""
    return write_page(path, "serie.html", _Page(serie).values())


class _Page:
    """What the template shows: texts ready to print, and numbers that its filters print."""

    def __init__(self, serie: Serie) -> None:
        self.serie = serie
        self.last = serie.mois[-1]
        self.months = [month.periode.fin.replace(day=1) for month in serie]
        self.first = serie.premieres_atteintes()
        shown = self.last.etablissements[0].indicateurs if self.last.etablissements else ()
        self.rates = [i for i in shown if isinstance(i, Rate)]
        self.places = places(serie)

    def values(self) -> dict[str, Any]:
        number = len(self.last.etablissements)
        begin, end = mois_en_lettres(self.months[0]), mois_en_lettres(self.months[-1])
        detailed = number <= DETAIL_LIMIT
        return {
            "own_css": style("charts.css") + style("serie.css"),
            "span_words": f"de {begin} à {end}" if len(self.months) > 1 else end,
            "measures": compte(len(self.months), "mesure", "mesures"),
            "facts": self._facts(),
            "history": HISTORIQUE,
            "not_official": limits.NON_OFFICIEL,
            "note": wording.LECTURE_RETENUE,
            "number": number,
            "limit": DETAIL_LIMIT,
            "detailed": detailed,
            "opened": number <= OPEN_LIMIT,
            "headline": self._headline(),
            "rate_names": [wording.court(rate.id, rate.libelle) for rate in self.rates],
            "last_month": mois_en_lettres(self.months[-1]),
            "key": [(TONES[etat], MARKS[etat], wording.ETATS[etat].lower()) for etat in TONES],
            "rows": lambda: (self._summary_row(e) for e, _ in self.places),
            "sections": lambda: (self._section(e, course) for e, course in self.places),
            "organismes": bool(self.last.organismes),
            "by_organisme": limits.PAR_ORGANISME,
            "motifs": self._motifs(),
        }

    def _facts(self) -> list[tuple[str, str, bool]]:
        result, lot = self.last, self.last.lot
        persons, events = wording.options_en_mots(result.options)
        days = span(self.serie)
        measured = f"{jour(self.serie.mois[0].mesure_le)} … {jour(result.mesure_le)}"
        return [
            ("Jours mesurés, bornes incluses", f"du {jour(days.debut)} au {jour(days.fin)}", False),
            ("Dates de mesure", f"{measured}. {_MOIS_PAR_MESURE[result.options.definition]}", False),
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
        number = len(self.last.etablissements)
        if not number:
            return "Aucun établissement dans le périmètre."
        with_target: dict[str, list[bool]] = {}
        for (_, finess, _), day in self.first.items():
            if finess:
                with_target.setdefault(finess, []).append(day is not None)
        met = sum(all(reached) for reached in with_target.values())
        text = compte(number, "établissement suivi", "établissements suivis")
        if number == 1:
            if not with_target:
                return f"{text}, sans cible."
            return f"{text}. {_EACH if met else _NOT_EACH}."
        each = compte(met, "a atteint chacune de ses cibles", "ont atteint chacune de leurs cibles")
        return f"{text}. {each} au moins un mois." if met else f"{text}. Aucun n'a atteint chacune de ses cibles."

    def _summary_row(self, e: Etablissement) -> dict[str, Any]:
        return {
            "anchor": _anchor(e),
            "finess": e.finess_et or e.finess_ej,
            "organisme": not e.finess_et,
            "denomination": e.denomination,
            "cells": [self._reached(e, i) for i in e.indicateurs if isinstance(i, Rate)],
        }

    def _reached(self, e: Etablissement, rate: Rate) -> dict[str, Any]:
        key = (e.finess_ej, e.finess_et, rate.id)
        day = self.first.get(key)
        return {
            "id": rate.id,
            "taux": rate.fraction.taux,
            "tone": TONES[rate.etat],
            "mark": MARKS[rate.etat],
            "said": f", {wording.ETATS[rate.etat].lower()}",
            "first": mois_court(day) if day else ("jamais" if key in self.first else "sans cible"),
            "day": day.isoformat() if day else "",
        }

    def _section(self, e: Etablissement, course: Sequence[Etablissement]) -> dict[str, Any]:
        anchor = _anchor(e)
        rates = [rank for rank, i in enumerate(e.indicateurs) if isinstance(i, Rate)]
        drawn = []
        for rank in rates:
            found = [i for month in course if isinstance(i := month.indicateurs[rank], Rate)]
            name = wording.court(found[0].id, found[0].libelle)
            drawn.append(
                (name, charts.svg(self._course(name, found), f"{anchor}-c{rank}"), self._reached(e, found[-1]))
            )
        return {
            "anchor": anchor,
            "finess": e.finess_et or e.finess_ej,
            "finess_et": e.finess_et,
            "finess_ej": e.finess_ej,
            "denomination": e.denomination,
            "profil": wording.PROFILS.get(e.profil_cibles, ""),
            "charts": drawn,
            "counts": [wording.court(i.id, i.libelle) for i in e.indicateurs if isinstance(i, Count)],
            "months": list(self._rows(course)),
        }

    def _course(self, name: str, rates: Sequence[Rate]) -> Course:
        """Return the course of a rate: a month that could not be judged is a gap, whatever its numbers."""
        told = [None if rate.etat == INDETERMINEE else rate.fraction.taux for rate in rates]
        marks = [wording.ETATS[INDETERMINEE].lower() if rate.etat == INDETERMINEE else "" for rate in rates]
        return Course(
            f"{name}, taux de chaque mois", self.months, told, marks, "ligne", "%", rates[-1].cible, plafond=100
        )

    def _rows(self, course: Sequence[Etablissement]) -> Iterator[dict[str, Any]]:
        for month, measure, e in zip(self.months, self.serie, course, strict=True):
            rates = [i for i in e.indicateurs if isinstance(i, Rate)]
            codes = dict.fromkeys(i.motif for i in e.indicateurs if i.motif)
            yield {
                "month": mois_en_lettres(month),
                "fin": measure.periode.fin.isoformat(),
                "cells": [
                    {
                        "id": rate.id,
                        "taux": rate.fraction.taux,
                        "numerateur": rate.fraction.numerateur,
                        "denominateur": rate.fraction.denominateur,
                        "etat": rate.etat,
                        "tone": TONES[rate.etat],
                        "mark": MARKS[rate.etat],
                    }
                    for rate in rates
                ],
                "counts": [(i.id, i.valeur) for i in e.indicateurs if isinstance(i, Count)],
                "remarks": [wording.motif(code).titre for code in codes],
            }

    def _motifs(self) -> list[wording.Explanation]:
        """Return what the motifs that stand in the page mean, each once."""
        codes = {i.motif for _, course in self.places for e in course for i in e.indicateurs if i.motif}
        return [wording.motif(code) for code in wording.MOTIFS if code in codes]


def _anchor(e: Etablissement) -> str:
    kind, finess = ("et", e.finess_et) if e.finess_et else ("ej", e.finess_ej)
    return f"{kind}-{re.sub(r'[^0-9A-Za-z]', '-', finess)}"
