"""Indicators as a person reads them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esms_sdk.indicators.result import Etablissement, Indicateurs, Rate

_TITLES = {
    "taux_dossiers_actifs": "dossiers actifs",
    "taux_projet_personnalise": "projet",
    "taux_evenement_agenda": "agenda",
    "taux_mssante": "MSSanté",
    "taux_dmp": "DMP",
}
_SIGNS = {"ATTEINTE": "+", "NON_ATTEINTE": "-", "INDETERMINEE": "?", "SANS_OBJET": "o"}
_LEGEND = "+ cible atteinte   - non atteinte   ? indéterminé   o sans objet"
_SHOWN = 40


def as_text(result: Indicateurs) -> str:
    """A table with a line an establishment, then what could not be established and why."""
    period, options = result.periode, result.options
    lines = [
        f"Indicateurs du {period.debut} au {period.fin}, mesurés le {result.mesure_le}",
        f"(définition {options.definition}, dénominateur {options.denominateur}, événements {options.evenements})",
        "",
        f"{'FINESS':<10}" + "".join(f"{title:<24}" for title in _TITLES.values()),
    ]
    lines += [_line(one) for one in result.etablissements[:_SHOWN]]
    if len(result) > _SHOWN:
        lines.append(f"… et {len(result) - _SHOWN} autres FINESS, dans les fichiers")
    if result.organismes:
        lines += ["", "Par FINESS juridique :", *(_line(one) for one in result.organismes[:_SHOWN])]
    motifs = [line for one in result for line in _motifs(one)]
    lines += ["", _LEGEND, *motifs[:_SHOWN]]
    if len(motifs) > _SHOWN:
        lines.append(f"… et {len(motifs) - _SHOWN} autres lignes, dans les fichiers")
    return "\n".join(line.rstrip() for line in lines)


def _motifs(one: Etablissement) -> list[str]:
    by_motif: dict[str, list[str]] = {}
    for rate in _rates(one):
        if rate.motif:
            by_motif.setdefault(rate.motif, []).append(rate.id)
    return [f"{one.finess_et} {motif} : {', '.join(names)}" for motif, names in by_motif.items()]


def _rates(one: Etablissement) -> list[Rate]:
    from esms_sdk.indicators.result import Rate

    return [indicator for indicator in one.indicateurs if isinstance(indicator, Rate)]


def _line(one: Etablissement) -> str:
    return f"{one.finess_et or one.finess_ej:<10}" + "".join(f"{_cell(rate):<24}" for rate in _rates(one))


def _cell(rate: Rate) -> str:
    taux = rate.fraction.taux
    shown = "indéterminé" if taux is None else f"{taux:.1f} %"
    if rate.fraction.numerateur is not None:
        shown += f" ({rate.fraction.numerateur}/{rate.fraction.denominateur})"
    return f"{_SIGNS.get(rate.etat, '?')} {shown}"
