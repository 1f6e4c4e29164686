"""Why this number: the formula in words, the bounds, who is in and out and for which reason (``esms explain``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from esms_sdk import masking
from esms_sdk.errors import UsageError
from esms_sdk.indicators import engine, membership, situation
from esms_sdk.indicators.compute import ask, compute_indicators
from esms_sdk.indicators.definition import Definition, definitions
from esms_sdk.indicators.membership import RAISONS
from esms_sdk.indicators.result import Amenagement, Count, Etablissement, Indicateurs, Options, Rate
from esms_sdk.period import annual_window

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

# In the order in which they are told.
ETATS = {
    "numerateur": "au numérateur",
    "denominateur": "au dénominateur seulement",
    "exclu": "ne compte pas",
    "hors_perimetre": "hors du périmètre",
}
# Keys that a text shows of each group; the document has them all.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Group:
    """Those whom one reason puts in one place.  ``cles`` are opaque keys, masked where they look like an identity."""

    objet: str
    etat: str
    motif: str
    cles: tuple[str, ...]

    @property
    def texte(self) -> str:
        """The reason in words."""
        return RAISONS[self.motif]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One indicator of one establishment: its figure as the result has it, and the groups that make it up.

    For persons the groups ``numerateur`` and ``denominateur`` add up to the denominator.
    """

    definition: Definition
    result: Indicateurs
    etablissement: Etablissement
    indicateur: Rate | Count
    groupes: tuple[Group, ...]

    def as_text(self) -> str:
        """Return the explanation as lines of French."""
        return "\n".join([*_head(self), "", *_groups(self.groupes)])

    def as_document(self) -> dict[str, Any]:
        """Return the explanation as a JSON value, with every key."""
        result, options = self.result, self.result.options
        window = annual_window(result.periode)
        figure: dict[str, Any] = {"motif": self.indicateur.motif}
        if isinstance(self.indicateur, Rate):
            fraction = self.indicateur.fraction
            figure |= {"numerateur": fraction.numerateur, "denominateur": fraction.denominateur, "taux": fraction.taux}
            figure |= {"cible": self.indicateur.cible, "etat": self.indicateur.etat}
        else:
            figure["valeur"] = self.indicateur.valeur
        return {
            "finess_et": self.etablissement.finess_et,
            "indicateur": self.definition.id,
            "libelle": self.definition.libelle,
            "formule": {"numerateur": self.definition.numerateur, "denominateur": self.definition.denominateur or None},
            "definition": options.definition,
            "options": {
                "denominateur": options.denominateur,
                "evenements": options.evenements,
                "premiere_mesure": options.premiere_mesure,
            },
            "periode": {
                "debut": result.periode.debut.isoformat(),
                "fin": result.periode.fin.isoformat(),
                "mesure_le": result.mesure_le.isoformat(),
            },
            "fenetre_annuelle": {"debut": window.debut.isoformat(), "fin": window.fin.isoformat()},
            "chiffre": figure,
            "reserves": list(self.etablissement.reserves),
            "rejets_sejours": self.etablissement.rejets_sejours,
            "notes": list(self.definition.notes),
            "groupes": [
                {"objet": g.objet, "etat": g.etat, "motif": g.motif, "texte": g.texte, "nombre": len(g.cles),
                 "cles": list(g.cles)}
                for g in self.groupes
            ],
        }  # fmt: skip


def explain(
    lot: Lot,
    measured_on: date,
    options: Options,
    finess: str,
    indicator: str,
    *,
    amenagements: Sequence[Amenagement] = (),
) -> Explanation:
    """Explain one indicator of one establishment of the perimeter.

    Without the data that the indicator reads there is no group: nothing can be said of anybody.
    """
    if indicator not in definitions():
        raise UsageError("ESMS-E134", f"indicateur inconnu : «{indicator}»",
                         hint=f"Au choix : {', '.join(definitions())}.")  # fmt: skip
    question = ask(lot, measured_on, options, [finess])
    result = compute_indicators(lot, measured_on, options, finess=[finess], amenagements=amenagements)
    etablissement = result.etablissements[0]
    found = next(i for i in etablissement.indicateurs if i.id == indicator)
    groups: tuple[Group, ...] = ()
    if found.motif != "DONNEE_NON_FOURNIE" and not _is_null(found):
        situation.add(lot.con, question)
        groups = _grouped(engine.fetch(lot.con, question, membership.query(indicator)))
    return Explanation(definitions()[indicator], result, etablissement, found, groups)


def _is_null(found: Rate | Count) -> bool:
    return (found.fraction.numerateur if isinstance(found, Rate) else found.valeur) is None


def _grouped(rows: Sequence[tuple[str, str, str, str]]) -> tuple[Group, ...]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for objet, etat, motif, key in rows:
        groups.setdefault((objet, etat, motif), []).append(masking.key(key))
    order = list(ETATS)
    return tuple(
        Group(*name, tuple(groups[name])) for name in sorted(groups, key=lambda g: (order.index(g[1]), g[0], g[2]))
    )


def _head(e: Explanation) -> list[str]:
    options, period = e.result.options, e.result.periode
    window = annual_window(period)
    first = ", première mesure" if options.premiere_mesure else ""
    lines = [
        f"{e.definition.libelle} ({e.definition.id})",
        f"Établissement {e.etablissement.finess_et}, {e.etablissement.denomination}",
        f"Période du {period.debut} au {period.fin}, bornes incluses (définition {options.definition}{first}),"
        f" mesurée le {e.result.mesure_le}",
        f"Lecture {options.denominateur} (année : du {window.debut} au {window.fin}), événements {options.evenements}",
        "",
    ]
    if e.definition.denominateur:
        lines += [f"Numérateur   : {e.definition.numerateur}", f"Dénominateur : {e.definition.denominateur}"]
    else:
        lines.append(f"Compte : {e.definition.numerateur}")
    return [*lines, _figure(e.indicateur), *(f"Réserve : {reserve}" for reserve in e.etablissement.reserves)]


def _figure(found: Rate | Count) -> str:
    motif = f", {found.motif}" if found.motif else ""
    if isinstance(found, Count):
        return f"Valeur : {'non fournie' if found.valeur is None else found.valeur}{motif}"
    numbers, taux = found.fraction, found.fraction.taux
    if numbers.numerateur is None:
        return f"Taux : non fourni ({found.etat}{motif})"
    rate = "pas de taux" if taux is None else f"{taux:.1f} %"
    target = f", cible {found.cible} %" if found.cible is not None else ""
    return f"Taux : {numbers.numerateur} / {numbers.denominateur} = {rate}{target} ({found.etat}{motif})"


def _groups(groups: Sequence[Group]) -> list[str]:
    if not groups:
        return ["Rien à montrer : l'établissement n'a personne, ou la donnée n'est pas fournie."]
    lines = []
    for group in groups:
        left = len(group.cles) - _SHOWN
        more = f" … et {left} autre{'s' if left > 1 else ''}" if left > 0 else ""
        lines.append(f"{len(group.cles):>7}  {ETATS[group.etat]} : {group.texte} [{group.motif}]")
        lines.append(f"         {', '.join(group.cles[:_SHOWN])}{more}")
    return lines
