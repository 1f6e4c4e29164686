"""The proposal as an ``adapter.toml`` that a person reads, completes and confirms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from esms_sdk.adapter.scaffold import values
from esms_sdk.adapter.scaffold.proposed import Block, Proposal, Rule
from esms_sdk.adapter.scaffold.survey import Place
from esms_sdk.lot.schema import load

CONFIRM, FILL = "à confirmer", "à remplir"
_WIDTH = 64
_EXTRACTED = datetime(2025, 10, 1, 2)


def quoted(value: Any) -> str:
    """Return a value as TOML writes it.

    >>> quoted('N° "fiche"'), quoted(["a", 1]), quoted(True)
    ('"N° \\\\"fiche\\\\""', '["a", 1]', 'true')
    """
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(quoted, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _told(line: str, *words: str) -> str:
    """Return a line with what is said of it, in a column of its own."""
    said = " ; ".join(" ".join(word.split()) for word in words if word)
    return f"{line:<{_WIDTH}} # {said}" if said else line


def text(proposal: Proposal, name: str, title: str, *, confirm: bool) -> str:
    """Return the whole file; ``confirm`` marks what was proposed (not what the built-in model says)."""
    mark = CONFIRM if confirm else ""
    parts = [_head(proposal, name, title, mark)]
    fed = {block.place.name for block in proposal.blocks} | {b.join.place for b in proposal.blocks if b.join}
    parts += [
        "\n".join(_source(place, "" if place.name in _used(proposal) else "# ", mark))
        for place in proposal.places
        if place.name in fed
    ]
    parts += ["\n".join(_block(block, mark)) for block in proposal.blocks]
    return "\n\n".join(parts) + "\n"


def _used(proposal: Proposal) -> set[str]:
    active = proposal.active
    return {block.place.name for block in active} | {block.join.place for block in active if block.join}


def _head(proposal: Proposal, name: str, title: str, mark: str) -> str:
    active = {block.table.name for block in proposal.active}
    missing = [table.name for table in load().tables.values() if table.required and table.name not in active]
    known = bool(mark)
    lines = [
        f"# {title} : d'où vient chaque colonne du lot. docs/reference/adapter.md décrit ce langage.",
        *(
            [f"# Ce qui porte «{CONFIRM}» est une proposition ; ce qui est en commentaire attend d'être rempli."]
            * known
        ),
        "",
        "[adapter]",
        f"nom = {quoted(name)}",
        f"titre = {quoted(title)}",
        'version = "1"',
        _told('fuseau = "Europe/Paris"', mark),
        "",
        "[lot]",
        _told('editeur = "Éditeur à nommer"', FILL),
        _told('logiciel = "Logiciel à nommer"', FILL),
        _told('version_logiciel = "1.0"', FILL),
        _told(
            f'date_extraction = "{_EXTRACTED.isoformat()}"', f"{FILL} ; ou --lot-set date_extraction=… à chaque import"
        ),
        'perimetre = { sql = "select finess_et from etablissement" }',
        _told('periode_couverte_debut = "2025-01-01"', f"{FILL} ; depuis quand l'export dit tout"),
        _told('periode_couverte_fin = "2025-09-30"', f"{FILL} ; ou --lot-set"),
        _told(f"non_fourni = {quoted(missing)}", "en ôter chaque table que vous remplissez" if missing else ""),
        _told(
            "journal_maj_complet = false",
            f"{mark or FILL} ; true si chaque mise à jour est gardée, pas la dernière seule",
        ),
        _told("historique_statuts_complet = false", f"{mark or FILL} ; true si chaque statut de projet est gardé"),
        _told('mode = "test"', "production quand tout est confirmé"),
    ]
    return "\n".join(lines)


def _source(place: Place, lead: str, mark: str) -> Iterator[str]:
    yield f"{lead}[source.{place.name}]"
    if place.format != "csv":
        yield f"{lead}format = {quoted(place.format)}"
    yield lead + _told(f"fichiers = {quoted(patterns(place))}", mark)
    for key, value in place.options.items():
        yield f"{lead}{key} = {quoted(value)}"


def patterns(place: Place) -> list[str]:
    """Return the patterns of a place's files; the sample that stands for them may be of a nearby kind."""
    found = []
    for one in place.fichiers:
        name = one[:-3] if one.lower().endswith(".gz") else one
        if place.format == "excel" and not name.lower().endswith(".xlsx"):
            name = f"{name.rpartition('.')[0]}.*"
        found.append(name)
    return list(dict.fromkeys(found))


def _block(block: Block, mark: str) -> Iterator[str]:
    lead = "" if block.active else "# "
    for why in block.lacking:
        yield f"# {FILL} : {why}"
    yield f"{lead}[table.{block.table.name}]"
    yield lead + _told(f"source = {quoted(block.place.name)}", mark)
    if block.join:
        on = f"{{ {quoted(block.join.here)} = {quoted(block.join.there)} }}"
        yield lead + _told(f"jointure = {{ source = {quoted(block.join.place)}, sur = {on} }}", mark)
    yield f"{lead}[table.{block.table.name}.colonnes]"
    for rule in block.rules:
        line = f"{rule.column.name} = {value_of(rule)}"
        if rule.labels:
            yield f"# {line}".rstrip()
            yield f"#   {FILL} : chaque libellé vaut l'un de {_admitted(rule)}"
        else:
            yield lead + _told(line, mark, *rule.notes)
    for name, column in block.table.columns.items():
        if column.required and not block.rule(name):
            yield f'# {name} = ""'
            yield f"#   {FILL} : la colonne qui le donne{_hint(column.values)}"


def _hint(admitted: Sequence[str]) -> str:
    return f' (codes : {", ".join(admitted)}), ou {{ valeur = "…" }}' if admitted else ""


def _admitted(rule: Rule) -> str:
    return "true, false" if rule.column.kind == "boolean" else ", ".join(rule.column.values)


def value_of(rule: Rule) -> str:
    """Return the right side of a rule."""
    keys: dict[str, str] = {}
    if rule.valeur is not None:
        keys["valeur"] = quoted(rule.valeur)
    elif rule.sql:
        keys["sql"] = quoted(rule.sql)
    else:
        keys["colonne"] = quoted(rule.colonne)
    if formats := values.needed(rule.column, rule.formats):
        keys["formats"] = quoted(formats)
    if rule.nuls:
        keys["nuls"] = quoted(rule.nuls)
    codes = rule.codes if rule.codes is not None else dict.fromkeys(rule.labels, "")
    if codes:
        keys["codes"] = f"{{ {', '.join(f'{quoted(label)} = {quoted(code)}' for label, code in codes.items())} }}"
    if list(keys) == ["colonne"]:
        return keys["colonne"]
    return f"{{ {', '.join(f'{key} = {one}' for key, one in keys.items())} }}"
