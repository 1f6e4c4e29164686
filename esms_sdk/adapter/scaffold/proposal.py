"""A mapping proposed for a sample: what seems to be what, what is left to fill, and what nothing was found for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from esms_sdk import database
from esms_sdk.adapter.scaffold import names, values
from esms_sdk.adapter.scaffold.proposed import INVENTED_EJ, INVENTED_ET, Block, Join, Proposal, Rule
from esms_sdk.adapter.scaffold.survey import Place, Seen
from esms_sdk.lot.schema import Column, Table, load

TO_NAME = "À nommer"
# What may be proposed of a place that does not bear the table's name, if these columns are found in it.
_TELLING: Mapping[str, tuple[str, ...]] = {
    "organisme": ("finess_ej",),
    "etablissement": ("finess_et",),
    "usager": ("usager_id",),
    "sejour": ("usager_id", "date_entree"),
    "dossier": ("usager_id", "date_creation"),
    "mise_a_jour": ("dossier_id", "date_maj"),
    "statut_projet": ("projet_id", "date_statut"),
    "historique_identite": ("usager_id", "horodatage", "statut_identite"),
    "opposition": ("usager_id", "canal", "date_debut"),
}


Codes = Mapping[str, Mapping[str, str]]


def propose(places: Sequence[Place], codes: Codes | None = None) -> Proposal:
    """Return what the names and the texts of a sample's columns suggest.

    ``codes`` (``table.colonne`` → label → code) are what somebody said of the labels; none is ever guessed.
    """
    blocks: dict[str, Block] = {}
    absent: dict[str, str] = {}
    for name, table in load().tables.items():
        found = [block for place in places if (block := _block(table, place, places, codes or {}))]
        if found:
            blocks[name] = max(found, key=lambda block: _worth(block, table))
        else:
            absent[name] = "aucun fichier n'y ressemble"
    blocks = dict(_with_establishments(blocks, places))
    for name in blocks:
        absent.pop(name, None)
    settled = _closed(blocks)
    order = [name for name in load().tables if name in settled]
    return Proposal(tuple(places), tuple(settled[name] for name in order), absent)


def _worth(block: Block, table: Table) -> tuple[bool, bool, float, int]:
    own = names.named_after(block.place.name, table.name)
    return len(block.lacking) == 0, own, sum(rule.sure for rule in block.rules), block.place.rows


# -- one table of one place ------------------------------------------------------------------------------------------


def _block(table: Table, place: Place, places: Sequence[Place], codes: Codes) -> Block | None:
    """Return what a place would give for a table, None where nothing tells that it is one."""
    own = names.named_after(place.name, table.name)
    rules = {rule.column.name: _filled(table, rule, codes) for rule in _matched(table, place, own_file=own)}
    telling = _TELLING.get(table.name, table.key[:1])
    if not (own and rules) and any(name not in rules or rules[name].sure < names.BESIDE for name in telling):
        return None
    join = None
    for rule in _derived(table, place, rules):
        rules[rule.column.name] = rule
    if "finess_et" in table.columns and table.name != "etablissement" and "finess_et" not in rules:
        join = _join(place, places)
        if join:
            rules["finess_et"] = _joined(table.columns["finess_et"], join)
    lacking = [f"aucune colonne pour {name}" for name, c in table.columns.items() if c.required and name not in rules]
    lacking += [
        f"les codes de {rule.column.name} («{rule.colonne}»)"
        for rule in rules.values()
        if rule.labels and rule.column.required
    ]
    if not any(name in rules for name in (*table.key, *table.references)) and table.name != "organisme":
        return None
    ordered = tuple(rules[name] for name in table.columns if name in rules)
    return Block(table, place, ordered, join, tuple(lacking))


def _matched(table: Table, place: Place, *, own_file: bool) -> Iterator[Rule]:
    """Yield the rules of the columns that a place has by their names, each column of it used once."""
    found = []
    holder = str(place.options.get("enregistrements") or place.file)
    for rank, seen in enumerate(place.columns):
        for column in table.columns.values():
            sure = names.likeness(table, column, seen.name.removeprefix("parent."), own_file=own_file)
            sure = sure or names.of_parent(column, seen.name, holder)
            if sure and values.fit(column, seen) and not _another_key(table, column, seen):
                found.append((-sure, rank, list(table.columns).index(column.name), column, seen))
    taken: set[str] = set()
    given: set[str] = set()
    for least, _, _, column, seen in sorted(found, key=lambda one: one[:3]):
        if column.name not in given and seen.name not in taken:
            given.add(column.name)
            taken.add(seen.name)
            yield _rule(column, seen, -least)


def _another_key(table: Table, column: Column, seen: Seen) -> bool:
    """Say whether what would be the table's key is no key of its rows: the parent's, or words that come again."""
    if table.key != (column.name,) or not column.name.endswith("_id"):
        return False
    words = not any(letter.isdigit() for text in seen.texts for letter in text)
    return seen.name.startswith("parent.") or (words and len(seen.values) < seen.filled)


def _rule(column: Column, seen: Seen, sure: float) -> Rule:
    notes = ["le nom n'est qu'approchant"] if sure < names.OWN_FILE else []
    if column.name.startswith("finess") and (sql := values.finess_sql(seen, database.name(seen.name))):
        notes.append("des zéros de tête manquent")
        return Rule(column, colonne=seen.name, sql=sql, notes=tuple(notes), sure=sure)
    if column.kind in ("date", "timestamp") or column.name == "date_naissance":
        told = values.recognised(seen)
        notes += [f"«{one}» lit aussi ces valeurs" for one in told.doubts]
        notes += [f"non lu : {one}" for one in told.unread]
        return Rule(column, colonne=seen.name, formats=told.formats, nuls=told.nuls, notes=tuple(notes), sure=sure)
    if column.kind == "boolean" or column.values:
        labels = values.labels(seen) or ()
        return Rule(
            column,
            colonne=seen.name,
            labels=() if values.are_codes(column, labels) else labels,
            notes=tuple(notes),
            sure=sure,
        )
    return Rule(column, colonne=seen.name, notes=tuple(notes), sure=sure)


def _filled(table: Table, rule: Rule, codes: Codes) -> Rule:
    known = codes.get(f"{table.name}.{rule.column.name}", {})
    if not rule.labels or not known.keys() >= set(rule.labels):
        return rule
    return replace(rule, labels=(), codes={label: known[label] for label in rule.labels})


def _derived(table: Table, place: Place, rules: Mapping[str, Rule]) -> Iterator[Rule]:
    """Yield the keys that a table lacks and that other columns of the place make."""
    person, entry = rules.get("usager_id"), rules.get("date_entree")
    if table.name == "sejour" and "sejour_id" not in rules and person and entry:
        sql = f"{database.name(person.colonne or '')} || '-' || {database.name(entry.colonne or '')}"
        yield Rule(table.columns["sejour_id"], sql=sql, notes=("clé composée, faute d'un numéro de séjour",), sure=0.5)
    if table.name == "dossier" and "dossier_id" not in rules and person:
        note = "une personne, un dossier : faute d'un numéro de dossier"
        yield Rule(table.columns["dossier_id"], colonne=person.colonne, notes=(note,), sure=0.5)


def _join(place: Place, places: Sequence[Place]) -> Join | None:
    """Return how a code of establishment leads to its FINESS: a column elsewhere that has all its values, once each."""
    for seen in place.columns:
        if not seen.filled or not names.names_establishment(seen.name):
            continue
        mine = set(seen.texts)
        for other in places:
            number = _finess_of(other)
            if other is place or number is None:
                continue
            for column in other.columns:
                texts = set(column.texts)
                if column.filled == len(texts) and len(mine - texts) <= len(mine) // 10 and mine & texts:
                    cell = f"{other.name}.{database.name(number.name)}"
                    return Join(other.name, seen.name, column.name, values.finess_sql(number, cell) or cell)
    return None


def _finess_of(place: Place) -> Seen | None:
    """Return the column of a place that has the FINESS géographiques."""
    table = load().tables["etablissement"]
    column = table.columns["finess_et"]
    found = [
        (names.likeness(table, column, seen.name, own_file=True), -rank, seen)
        for rank, seen in enumerate(place.columns)
        if values.are_finess(seen)
    ]
    best = max(found, key=lambda one: one[:2], default=None)
    return best[2] if best and best[0] else None


def _joined(column: Column, join: Join) -> Rule:
    note = f"par «{join.here}», retrouvé dans «{join.place}»"
    return Rule(column, sql=join.finess, notes=(note,), sure=0.7)


# -- the whole -------------------------------------------------------------------------------------------------------


def _with_establishments(blocks: Mapping[str, Block], places: Sequence[Place]) -> Iterator[tuple[str, Block]]:
    """Yield the blocks, with an establishment and its organisme whatever the sample lacks."""
    schema = load().tables
    found = blocks.get("etablissement")
    place = found.place if found else (blocks["usager"].place if "usager" in blocks else places[0])
    rules = {rule.column.name: rule for rule in found.rules} if found else {}
    table = schema["etablissement"]
    inventions = {"finess_et": INVENTED_ET, "finess_ej": INVENTED_EJ, "denomination": TO_NAME}
    for name, value in inventions.items():
        rules.setdefault(name, Rule(table.columns[name], valeur=value, notes=("valeur inventée, à remplacer",)))
    ordered = tuple(rules[name] for name in table.columns if name in rules)
    establishment = Block(table, place, ordered)
    organism = blocks.get("organisme")
    if organism is None or organism.rule("finess_ej") is None or not organism.active:
        organism = _organism(establishment)
    for name, block in blocks.items():
        if name in ("organisme", "etablissement"):
            continue
        one = block.table.columns.get("finess_et")
        if one and not block.rule("finess_et") and not any(map(_finess_of, places)):
            note = "valeur inventée : aucun FINESS reconnu dans l'export"
            block = replace(
                block,
                rules=(*block.rules, Rule(one, valeur=INVENTED_ET, notes=(note,))),
                lacking=tuple(why for why in block.lacking if not why.endswith(" finess_et")),
            )
        yield name, block
    yield "organisme", organism
    yield "etablissement", establishment


def _organism(establishment: Block) -> Block:
    table, place = load().tables["organisme"], establishment.place
    number = establishment.rule("finess_ej")
    assert number
    rules = {rule.column.name: rule for rule in _matched(table, place, own_file=False)}
    rules["finess_ej"] = replace(number, column=table.columns["finess_ej"])
    if "raison_sociale" not in rules:
        note = ("valeur inventée, à remplacer",)
        rules["raison_sociale"] = Rule(table.columns["raison_sociale"], valeur=TO_NAME, notes=note)
    return Block(table, place, tuple(rules[name] for name in table.columns if name in rules))


def _closed(blocks: Mapping[str, Block]) -> dict[str, Block]:
    """Leave out what refers to a table that is left out, and each reference that may be empty to one."""
    settled = dict(blocks)
    while True:
        before = dict(settled)
        active = {name for name, block in settled.items() if block.active}
        for name, block in before.items():
            kept = []
            lacking = list(block.lacking)
            for rule in block.rules:
                target = rule.column.references
                if target is None or target in active or target == name:
                    kept.append(rule)
                elif rule.column.required:
                    kept.append(rule)
                    why = f"attend la table {target}"
                    lacking += [] if why in lacking else [why]
            settled[name] = replace(block, rules=tuple(kept), lacking=tuple(lacking))
        if settled == before:
            return settled
