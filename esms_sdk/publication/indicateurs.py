"""A published indicator file: long (a row an indicator) or wide (a row an establishment), or one of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from esms_sdk.indicators.definition import ORDER
from esms_sdk.publication import cells
from esms_sdk.publication.cells import Taux
from esms_sdk.publication.grid import Grid
from esms_sdk.publication.mapping import LECTURES, VALEURS, Plan, folded
from esms_sdk.publication.model import INDICATEURS, Chiffre, Defaut, Publication
from esms_sdk.publication.rows import Row, rows

_ETATS = {
    "atteinte": "ATTEINTE", "atteint": "ATTEINTE", "oui": "ATTEINTE", "non_atteinte": "NON_ATTEINTE",
    "non_atteint": "NON_ATTEINTE", "non": "NON_ATTEINTE", "sans_objet": "SANS_OBJET",
    "non_applicable": "SANS_OBJET",
}  # fmt: skip


class _Read(NamedTuple):
    """A figure whose rate is still in the unit of the file."""

    chiffre: Chiffre
    taux: Taux | None
    cible: Taux | None


def published(plan: Plan, grid: Grid) -> Publication:
    """Return what a file says, read as the plan has it."""
    defauts: list[Defaut] = []
    read = [one for row in rows(plan, grid, defauts) for one in _figures(plan, row)]
    chiffres = _once(_in_percent(read, plan.taux, defauts), defauts)
    return Publication(
        INDICATEURS, grid.nom, plan.jour, plan.options, plan.definition_dite, plan.options_dites, plan.logiciel,
        plan.version_logiciel, chiffres=tuple(chiffres), defauts=tuple(defauts), lues=len(grid.lignes),
    )  # fmt: skip


def _figures(plan: Plan, row: Row) -> Iterator[_Read]:
    if "indicateur" in plan.colonnes:
        indicateur = row.code("indicateur")
        if indicateur:
            yield _figure(row, indicateur, row.code("lecture"), {v: v for v in VALEURS if v in plan.colonnes})
        return
    own: dict[tuple[str, str | None], dict[str, str]] = {}
    for name in plan.colonnes:
        parts = name.split(".")
        if parts[0] in ORDER:
            lecture = parts[1] if len(parts) == 3 else None
            own.setdefault((parts[0], lecture), {})[parts[-1]] = name
    for (indicateur, lecture), names in own.items():
        yield _figure(row, indicateur, lecture, names)


def _figure(row: Row, indicateur: str, lecture: str | None, names: dict[str, str]) -> _Read:
    def number(name: str) -> int | None:
        return row.entier(names[name]) if name in names else None

    def rate(name: str) -> Taux | None:
        return row.taux(names[name]) if name in names else None

    value = number("valeur")
    etat = row.texte(names["etat"]) if "etat" in names else None
    motif = row.texte(names["motif"]) if "motif" in names else None
    chiffre = Chiffre(
        row.finess_et, indicateur, lecture, number("numerateur") if value is None else value, number("denominateur"),
        etat=_ETATS.get(folded(etat), etat.upper()) if etat else None,
        motif=motif, debut=row.jour("debut"), fin=row.jour("fin"), ligne=row.ligne,
    )  # fmt: skip
    return _Read(chiffre, rate("taux"), rate("cible"))


def _in_percent(read: Sequence[_Read], unit: str, defauts: list[Defaut]) -> list[Chiffre]:
    """Bring every rate to %.  A rate with a sign says its unit itself; the others are of one unit in the whole file."""
    unsaid = [one for one in read if one.taux and one.taux.pourcent is None]
    fraction = {"fraction": True, "pourcent": False}.get(unit, _are_fractions(unsaid))
    if fraction and unit == "auto" and unsaid:
        defauts.append(Defaut("TAUX_EN_FRACTION", f"{len(unsaid)} taux sans signe % lus comme des fractions de 1"))
    if fraction is None:
        for one in unsaid:
            told = '0 ou 1 sans signe % : dire taux = "pourcent" ou "fraction" dans [publication]'
            defauts.append(Defaut("TAUX_AMBIGU", told, one.chiffre.finess_et, one.chiffre.ligne))
    return [_scaled(one, fraction) for one in read]


def _scaled(one: _Read, fraction: bool | None) -> Chiffre:
    found = one.chiffre
    if one.cible:
        low = one.cible.pourcent is None and one.cible.valeur <= 1
        found = found._replace(cible=round(one.cible.valeur * (100 if low else 1), 6))
    if one.taux and one.taux.pourcent:
        return found._replace(taux=one.taux.valeur, pas=one.taux.pas)
    if one.taux and fraction is not None:
        times = 100 if fraction else 1
        return found._replace(taux=one.taux.valeur * times, pas=one.taux.pas * times)
    return found


def _are_fractions(unsaid: Sequence[_Read]) -> bool | None:
    """Say whether rates without a sign are fractions of 1; null where nothing tells."""
    votes = 0
    for chiffre, taux, _ in unsaid:
        if taux and taux.valeur and chiffre.numerateur and chiffre.denominateur:
            real = chiffre.numerateur / chiffre.denominateur
            votes += 1 if abs(taux.valeur - real) < abs(taux.valeur - 100 * real) else -1
    if votes:
        return votes > 0
    values = [one.taux.valeur for one in unsaid if one.taux]
    if all(value == 0 for value in values) or any(value > 1 for value in values):
        return False
    return True if any(0 < value < 1 for value in values) else None


def _once(chiffres: Iterable[Chiffre], defauts: list[Defaut]) -> Iterator[Chiffre]:
    """Give each figure once; one that comes again with other numbers is noted, and the first one stands."""
    seen: dict[str, Chiffre] = {}
    for one in chiffres:
        first = seen.setdefault(one.cle, one)
        if first is one:
            yield one
        elif first._replace(ligne=None) != one._replace(ligne=None):
            told = f"{one.indicateur} est déjà à la ligne {first.ligne}, avec d'autres valeurs"
            defauts.append(Defaut("LIGNE_REPETEE", told, one.finess_et, one.ligne))


def of_document(document: dict[str, Any], nom: str, plan: Plan) -> Publication:
    """Return what our own ``indicateurs.json`` says; ``plan`` has its day and options."""
    period, lot = document["periode"], document["lot"]
    debut, fin = cells.jour(period["debut"]), cells.jour(period["fin"])
    chiffres = []
    for place in document["etablissements"]:
        for name, one in place["indicateurs"].items():
            taux = cells.taux(one.get("taux"))
            shown = Chiffre(
                place["finess_et"], name, None, one["valeur"] if "valeur" in one else one["numerateur"],
                one.get("denominateur"), taux and taux.valeur, taux and 0.1, one.get("cible"), one.get("etat"),
                one.get("motif"), debut, fin,
            )  # fmt: skip
            chiffres.append(shown)
            for lecture in LECTURES:
                if lecture != plan.options.denominateur and (other := one.get("lectures", {}).get(lecture)):
                    bare = Chiffre(place["finess_et"], name, lecture, debut=debut, fin=fin, motif=one.get("motif"))
                    chiffres.append(bare._replace(**other))
    return Publication(
        INDICATEURS, nom, plan.jour, plan.options, True, True, lot["logiciel"], lot["version_logiciel"],
        lot.get("empreinte_sha256"), tuple(chiffres), lues=len(document["etablissements"]),
    )  # fmt: skip


def of_our_table(grid: Grid, plan: Plan) -> Publication:
    """Return what our own ``indicateurs.csv`` says: its day and options stand in its columns."""
    first = dict(zip(grid.colonnes, grid.lignes[0][1], strict=True))
    debut, fin = cells.jour(first["date_debut"]), cells.jour(first["date_fin"])
    chosen = next((row for row in grid.lignes if row[1][grid.colonnes.index("indicateur")] == ORDER[1]), grid.lignes[0])
    lecture = str(chosen[1][grid.colonnes.index("lecture")] or LECTURES[0])
    definition = str(first["definition"])
    assert debut and fin
    from datetime import timedelta

    day = fin if definition == "mois_ecoule" else fin + timedelta(days=1)
    long = definition == "mois_ecoule" and (debut.year, debut.month) != (fin.year, fin.month)
    options = replace(plan.options, definition=definition, denominateur=lecture, premiere_mesure=long)
    return published(replace(plan, jour=day, options=options, definition_dite=True, options_dites=False), grid)
