"""Rows of an invented export in the shape of the sample: its columns, formats and codes; none of its values.

Row ``i`` of every place is about person ``i``, who has one séjour, one dossier, one update…: whatever the places are,
their keys and references agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from esms_sdk.adapter.scaffold import values
from esms_sdk.adapter.scaffold.proposed import INVENTED_EJ, INVENTED_ET, Proposal, Rule
from esms_sdk.adapter.scaffold.survey import Place, Seen
from esms_sdk.lot.schema import Column, Table

PERSONS = 6
ESTABLISHMENTS = ((INVENTED_ET, "EHPAD inventé"), ("000000125", "SSIAD inventé"))
_LETTERS = {
    "usager": "U", "sejour": "S", "dossier": "D", "projet_personnalise": "P", "evenement": "E", "document": "C",
    "envoi": "V", "appel_insi": "A", "reception": "R", "echange_optionnel": "X",
}  # fmt: skip
# The day of each date for the first person; the next ones follow, a day each.
_DAYS = {
    "date_naissance": date(1941, 3, 12), "date_entree": date(2025, 1, 6), "date_creation": date(2025, 1, 6),
    "date_maj": date(2025, 9, 10), "date_statut": date(2025, 2, 3), "horodatage": date(2025, 9, 11),
    "date_statut_identite": date(2025, 1, 7), "date_interrogation_insi": date(2025, 1, 7),
}  # fmt: skip
_STARTS = {"evenement": date(2025, 9, 2), "document": date(2025, 9, 3)}
_ENDS = ("date_sortie", "date_archivage", "date_fermeture", "date_deces", "date_fin")
_TEXTS = {
    "nom_naissance": "NOM INVENTE", "nom_utilise": "NOM INVENTE", "prenoms_naissance": "PRENOM INVENTE",
    "premier_prenom": "PRENOM", "prenom_utilise": "PRENOM", "raison_sociale": "Association inventée",
    "siren": "000000000", "lieu_naissance_cog": "99999", "fuseau": "Europe/Paris", "categorie": "500",
}  # fmt: skip
# What must stay empty so that the row holds.
_EMPTY = ("usager_id_fusion", "matricule_ins", "oid_ins", "attributs_identite", "rpps", "chemin", "empreinte_sha256")


def rows(proposal: Proposal, place: Place) -> list[dict[str, str]]:
    """Return the rows of a place, a text a column; those of a list of establishments are as many as they."""
    meaning = _meanings(proposal, place)
    tables = {block.table.name for block in proposal.blocks if block.place is place}
    count = len(ESTABLISHMENTS) if tables <= {"organisme", "etablissement"} and _listed(proposal, place) else PERSONS
    return [
        {seen.name: _cell(meaning.get(seen.name), seen, i) for seen in place.columns if seen.name} for i in range(count)
    ]


def _listed(proposal: Proposal, place: Place) -> bool:
    """Say whether a place is the list of the establishments: their numbers, or what a join finds them by."""
    joined = any(block.join and block.join.place == place.name for block in proposal.blocks)
    return joined or any(block.place is place and block.table.name == "etablissement" for block in proposal.blocks)


_Meaning = tuple[Table, Rule] | str


def _meanings(proposal: Proposal, place: Place) -> Mapping[str, _Meaning]:
    """Return what each column of a place means: the surest column of the lot that it feeds, or the code of a join."""
    found: dict[str, tuple[float, _Meaning]] = {}
    for block in proposal.blocks:
        if block.join and place.name in (block.join.place, block.place.name):
            name = block.join.there if place.name == block.join.place else block.join.here
            found.setdefault(name, (0.1, block.join.there))
        for rule in block.rules if block.place is place else ():
            if rule.colonne and rule.sure > found.get(rule.colonne, (0.0, ""))[0]:
                found[rule.colonne] = (rule.sure, (block.table, rule))
    return {name: meaning for name, (_, meaning) in found.items()} | dict(_of_joins(proposal, place))


def _of_joins(proposal: Proposal, place: Place) -> Iterator[tuple[str, _Meaning]]:
    """Yield what the two sides of a join mean: the same, whatever else one of them may feed."""
    for block in proposal.blocks:
        if block.join and block.join.place == place.name:
            yield block.join.there, f"{block.join.place}.{block.join.there}"
        if block.join and block.place is place:
            yield block.join.here, f"{block.join.place}.{block.join.there}"


def _cell(meaning: _Meaning | None, seen: Seen, i: int) -> str:
    if not seen.filled:
        return ""
    if meaning is None:
        return _placeholder(seen, i)
    if isinstance(meaning, str):
        return f"SITE{i % len(ESTABLISHMENTS) + 1}"
    table, rule = meaning
    column = rule.column
    if rule.codes is not None:
        return list(rule.codes)[i % len(rule.codes)]
    if rule.labels or column.values or column.kind == "boolean":
        labels = rule.labels or values.labels(seen) or column.values or ("true",)
        return labels[i % len(labels)]
    if column.kind in ("date", "timestamp") or column.name == "date_naissance":
        return _date(table, column, rule.formats, i)
    return _text(table, column, i)


def _text(table: Table, column: Column, i: int) -> str:
    name, number = column.name, i % len(ESTABLISHMENTS)
    if name in _EMPTY:
        return ""
    if name == "finess_ej":
        return INVENTED_EJ
    if name == "finess_et":
        return ESTABLISHMENTS[number][0]
    if name == "denomination":
        return ESTABLISHMENTS[number][1]
    if column.kind == "integer":
        return "0"
    if name == "message_id":
        return f"M{i + 1:04}"
    entity = column.references or (table.name if table.key[:1] == (name,) else None)
    if entity in _LETTERS:
        return f"{_LETTERS[entity]}{i + 1:04}"
    return _TEXTS.get(name, f"CODE{i % 2 + 1}" if column.kind == "code" else f"texte {i + 1}")


def _date(table: Table, column: Column, formats: tuple[str, ...], i: int) -> str:
    name = column.name
    if name in _ENDS:
        if name == "date_fin" and table.name == "evenement":
            day = _STARTS["evenement"]
        elif name == "date_sortie" and i == 1:
            day = date(2025, 8, 28)
        elif name == "date_fin" and table.name == "projet_personnalise":
            day = date(2026, 2, 2)
        else:
            return ""
    else:
        day = _STARTS.get(table.name) or _DAYS.get(name, date(2025, 2, 3))
    moment = datetime.combine(day + timedelta(days=i), time(9, 30))
    return written(moment, formats[i % len(formats)] if formats else "%Y-%m-%d")


def written(moment: datetime, pattern: str) -> str:
    """Return a moment in a format of the mapping.

    >>> written(datetime(2025, 9, 4, 9, 30), "%d/%m/%Y %H:%M"), written(datetime(2025, 9, 4), "%Y-%m-%dT%H:%M:%S%z")
    ('04/09/2025 09:30', '2025-09-04T00:00:00+00:00')
    """
    return moment.strftime(pattern.replace("%z", "+00:00").replace("%f", "000"))


def _placeholder(seen: Seen, i: int) -> str:
    """Return a text of the kind that a column holds which nothing reads."""
    told = values.recognised(seen)
    if told.formats:
        return written(datetime(2025, 1, 6 + i, 9, 30), told.formats[0])
    return str(i + 1) if all(re.fullmatch(r"[0-9]+", text) for text in seen.texts) else f"texte {i + 1}"
