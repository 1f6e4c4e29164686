"""Which column of the lot a vendor's column may be, by its name alone: words compared, synonyms kept as data."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from esms_sdk import content
from esms_sdk.lot.schema import Column, Table, load

Words = frozenset[str]
FOLDER = "modele"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# How sure a name is: the words themselves, with the table's own name beside, only in a file of that name, nearly.
EXACT, BESIDE, OWN_FILE, NEAR = 1.0, 0.9, 0.8, 0.6
_NEAR_RATIO, _NEAR_LENGTH = 0.88, 7


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The synonyms, as sets of words."""

    identifiers: Words
    nouns: Mapping[str, frozenset[Words]]
    phrases: Mapping[tuple[str, str], frozenset[Words]]
    own_file: Mapping[tuple[str, str], frozenset[Words]]


@cache
def _raw() -> Mapping[str, dict[str, list[str]]]:
    path = content.folder("adapters") / FOLDER / "synonymes.toml"
    raw: Mapping[str, dict[str, list[str]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return raw


@cache
def lexicon() -> Lexicon:
    """Return the table of synonyms."""
    raw = _raw()

    def keyed(section: str) -> dict[tuple[str, str], frozenset[Words]]:
        pairs = ((key.partition("."), phrases) for key, phrases in raw[section].items())
        return {(table, column): _sets(phrases) for (table, _, column), phrases in pairs}

    phrases = keyed("colonnes")
    for table in load().tables.values():
        for column in table.columns:
            own = phrases.get((table.name, column), frozenset())
            phrases[table.name, column] = own | _sets([column])
    return Lexicon(
        frozenset(word for phrase in raw["identifiants"] for word in words(phrase)),
        {name: _sets(nouns) for name, nouns in raw["noms"].items()},
        phrases,
        keyed("dans_leur_fichier"),
    )


def _sets(phrases: Iterable[str]) -> frozenset[Words]:
    return frozenset(frozenset(words(phrase)) for phrase in phrases)


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name as they are compared.

    >>> words("Né(e) le"), words("ID_RESIDENT"), words("DtNaiss")
    (('ne',), ('id', 'resident'), ('date', 'naissance'))
    """
    raw = _raw()
    empty, short = set(raw["mots_vides"]), raw["abreviations"]
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("°", " ").replace("º", " "))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    found: list[str] = []
    for word in _WORD.findall(letters):
        whole = str(short.get(word.lower(), word.lower()))
        found += [_singular(one) for one in whole.split() if one not in empty]
    return tuple(found)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "ps", "ns")) else word


def named_after(place: str, table: str) -> bool:
    """Say whether a file, a sheet or a table bears the name of a table of the lot.

    >>> named_after("RESIDENTS_2025", "usager"), named_after("journal.csv", "usager")
    (True, False)
    """
    own = frozenset(words(place))
    return any(noun <= own for noun in lexicon().nouns[table])


def likeness(table: Table, column: Column, name: str, *, own_file: bool) -> float:
    """Say how sure it is, from 0 to 1, that a vendor's column of that name is a column of the lot.

    ``own_file``: what holds it bears the name of the table.
    """
    said = frozenset(words(name))
    if not said:
        return 0.0
    entity = column.references or (table.name if table.key[:1] == (column.name,) else None)
    if column.name.endswith("_id") and entity:
        return _identifier(said, entity, own_file=own_file and entity == table.name)
    return _phrase(table, column, said, own_file=own_file)


def _identifier(said: Words, entity: str, *, own_file: bool) -> float:
    rest = said - lexicon().identifiers
    if not rest:
        return OWN_FILE if own_file else 0.0
    if rest in lexicon().nouns[entity] or any(rest == noun for noun in _sets([entity])):
        return EXACT if rest != said else BESIDE
    return 0.0


def of_parent(column: Column, name: str, holder: str) -> float:
    """Say how sure it is that a nested list's ``parent.<name>`` is the key of what ``holder`` lists.

    >>> of_parent(load().tables["dossier"].columns["usager_id"], "parent.id", "usagers")
    0.8
    """
    said = frozenset(words(name.removeprefix("parent.")))
    entity = column.references
    plain = name.startswith("parent.") and said <= lexicon().identifiers
    return OWN_FILE if plain and entity and column.name.endswith("_id") and named_after(holder, entity) else 0.0


def _phrase(table: Table, column: Column, said: Words, *, own_file: bool) -> float:
    lexis, key = lexicon(), (table.name, column.name)
    phrases = set(lexis.phrases[key])
    if column.references == "etablissement" and column.name.startswith("finess"):
        phrases |= lexis.phrases["etablissement", "finess_et"]
    if said in phrases or said - lexis.identifiers in phrases:
        return EXACT
    # «Date de sortie du résident»: without the person, or the table's own name.
    rests = {said - noun for entity in (table.name, "usager") for noun in lexis.nouns[entity] if noun <= said}
    if any(rest in phrases or rest - lexis.identifiers in phrases for rest in rests):
        return BESIDE
    alone = lexis.own_file.get(key, frozenset())
    if any(noun <= said and said - noun in alone for noun in lexis.nouns[table.name]):
        return BESIDE
    if own_file and (said in alone or not rests.isdisjoint(alone)):
        return OWN_FILE
    joined = " ".join(sorted(said))
    if len(joined) >= _NEAR_LENGTH:
        near = max((difflib.SequenceMatcher(None, joined, " ".join(sorted(p))).ratio() for p in phrases), default=0)
        if near >= _NEAR_RATIO:
            return NEAR
    return 0.0


@cache
def known(name: str) -> bool:
    """Say whether a name is one that some column of the lot may bear.

    >>> known("N° résident"), known("Quand"), known("LEFEBVRE")
    (True, True, False)
    """
    tables = load().tables.values()
    return any(likeness(t, column, name, own_file=True) for t in tables for column in t.columns.values())


def names_establishment(name: str) -> bool:
    """Say whether a column's name tells of an establishment, whatever its values are."""
    rest = frozenset(words(name)) - lexicon().identifiers
    return any(noun <= rest for noun in lexicon().nouns["etablissement"]) or "finess" in rest
