"""docs/reference/exigences.md: every requirement, as its file has it."""

from __future__ import annotations

from collections.abc import Iterator

from esms_sdk.conformance import Requirement, catalogue
from esms_sdk.report.wording import DOMAINES, NIVEAUX, cited

_METHODES = {"auto": "contrôlée", "preuve": "par pièce", "manuel": "à la main"}
_INTRODUCTION = (
    "Ce que contrôle `esms check`, une exigence à la fois. Les numéros sont les nôtres et ne changent pas ; ceux des "
    "textes officiels sont dans leurs sources. Ce sont des exigences de type Ségur, reformulées : aucune ne vaut "
    "référencement. La même liste en tableau : [`conformance/couverture.csv`](../../conformance/couverture.csv) ; "
    "[lire un rapport](../guides/lire_un_rapport.md) ; [en ajouter une](../guides/ajouter_une_exigence.md)."
)


def requirements(made: str) -> str:
    """Return the page, with the line ``made`` under its title."""
    blocks = ["# Exigences", made, _INTRODUCTION]
    domaine = ""
    for one in catalogue().values():
        if one.domaine != domaine:
            domaine = one.domaine
            blocks.append(f"## {domaine} : {DOMAINES[domaine]}")
        blocks.append("\n".join(_lines(one)))
    return "\n\n".join(blocks) + "\n"


def _lines(one: Requirement) -> Iterator[str]:
    yield f"### {one.id}"
    yield ""
    kept = "" if one.derogeable else ", sans dérogation"
    yield f"**{one.titre}** ({NIVEAUX[one.niveau]}, {_METHODES[one.methode]}{kept})"
    yield ""
    yield f"{one.demande}"
    yield ""
    yield f"- Couloirs : {', '.join(one.couloirs)} ; {', '.join(one.profils)}."
    yield from (f"- Texte : {cited(source)}.{f' {source.note}' if source.note else ''}" for source in one.sources)
    for code, constat in one.constats.items():
        yield f"- `{code}` ({constat.gravite}) : {constat.message}."
    if one.non_verifie_parce_que:
        yield f"- Non vérifiée : {one.non_verifie_parce_que}"
    yield from (f"- Preuve `{piece.numero}` : {piece.attendu}" for piece in one.preuves)
    yield f"- Remède : {one.remede}"
    if one.note:
        yield f"- Note : {one.note}"
