"""The value sets and association tables that the documents of health care use.

Ours are compact: the codes, their systems, the version and the origin of each table, in ``conformance/terminologie``.
The ANS publishes them without a licence that lets them be passed on, so no label stands there (but those that the
metadata are written with): a label is recognised by its fingerprint.  The official files, in the IHE SVS form, take
their place where a folder holds them.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from esms_sdk import content, xml
from esms_sdk.errors import UsageError

SVS = "{urn:ihe:iti:svs:2008}"
LEVEL_ONE = "1.3.6.1.4.1.19376.1.2.20"
"""The templateId of a document whose body is not XML (IHE XDS-SD)."""
# JDV_J07_XdsTypeCode_CISIS.xml, JDV_J07-XdsTypeCode-CISIS.xml, ASS_X04-…, TRE_A03-…
_FILE = re.compile(r"(?:(?:JDV|TRE)_(J\d+|A\d+)|(ASS_[AX]\d+))(?=[-_.])", re.IGNORECASE)
_FILES = 5_000
_SIZE = xml.Limits(size=32 << 20, depth=32)


class Concept(NamedTuple):
    """A coded value, with its label where we have it."""

    code: str
    system: str
    label: str = ""


def fingerprint(label: str) -> str:
    """Return what recognises a label, whatever its case and spaces.

    >>> fingerprint("Médecin  Traitant") == fingerprint("médecin traitant")
    True
    """
    return hashlib.sha256(" ".join(label.split()).casefold().encode("utf-8")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One table: ``version`` is the day of its last change (AAAAMMJJ), ``origin`` says where it was read.

    ``concepts`` gives the concepts of each code (a code may stand in two systems), ``prints`` their labels' prints.
    """

    name: str
    oid: str
    version: str
    origin: str
    concepts: Mapping[str, tuple[Concept, ...]]
    prints: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Association:
    """From one code to one or more of another set."""

    name: str
    oid: str
    version: str
    origin: str
    pairs: Mapping[str, tuple[Concept, ...]]


@dataclass(frozen=True)
class Terminology:
    """The tables at hand; names are those of the ANS without their prefix: ``J07``, ``A03``, ``ASS_X04``."""

    sets: Mapping[str, ValueSet]
    associations: Mapping[str, Association]

    def contains(self, jdv: str, code: str, system: str | None = None) -> bool:
        """Tell whether a set holds a code, of a system where one is given.  Raises KeyError for a set unknown here."""
        found = self.sets[jdv].concepts.get(code, ())
        return bool(found) if system is None else any(one.system == system for one in found)

    def concept(self, jdv: str, code: str) -> Concept | None:
        """Return the first concept of a code."""
        return next(iter(self.sets[jdv].concepts.get(code, ())), None)

    def label(self, jdv: str, code: str) -> str | None:
        """Return the label of a code, None where the table at hand has none."""
        found = self.concept(jdv, code)
        return found.label or None if found else None

    def same_label(self, jdv: str, code: str, system: str, label: str) -> bool | None:
        """Tell whether a label is that of the set, None where the set does not know the code."""
        known = self.sets[jdv].prints.get((code, system))
        return None if known is None else known == fingerprint(label)

    def version(self, jdv: str) -> str:
        """Return the day of the last change of a table (AAAAMMJJ), empty where the origin does not tell it."""
        return (self.sets.get(jdv) or self.associations[jdv]).version

    def origin(self, jdv: str) -> str:
        """Return where a table was read."""
        return (self.sets.get(jdv) or self.associations[jdv]).origin

    def class_of(self, type_code: str) -> Concept | None:
        """Return the class of a type of document (ASS_X04), None where that version of the table does not know it."""
        found = self.associations["ASS_X04"].pairs.get(type_code, ())
        if not found:
            return None
        known = self.sets["A03"].concepts.get(found[0].code, ())
        return found[0]._replace(label=known[0].label if known else "")

    def format_of(self, template_ids: Sequence[str], media_type: str = "") -> Concept:
        """Return the format of a document: that of its model (ASS_A11), else that of its media type (ASS_A12).

        A document of no model known is «hors profils»: never wrong for it, as a newer model may be missing here.
        """
        models = self.associations["ASS_A11"].pairs
        for template in template_ids:
            if template != LEVEL_ONE and template in models:
                return models[template][0]
        of_media = self.associations["ASS_A12"].pairs.get(media_type, ())
        return of_media[0] if of_media else OUT_OF_PROFILE


OUT_OF_PROFILE = Concept("urn:asipSante:modelesHorsProfils:2011", "1.2.250.1.213.1.1.4.2.282")


def tables(directory: Path | None = None) -> Terminology:
    """Return our own tables, those of ``directory`` in their place.

    Raises :class:`UsageError` where the folder holds none of them, :class:`SourceError` for a file that is no XML.
    """
    ours = _ours()
    if directory is None:
        return ours
    sets, associations = dict(ours.sets), dict(ours.associations)
    seen: dict[str, str] = {}
    for name, path in _official(directory):
        kept: ValueSet | Association | None = _kept(name, path)
        if kept is None:
            continue
        if name in seen and seen[name] >= kept.version:
            continue
        seen[name] = kept.version
        if isinstance(kept, ValueSet):
            sets[name] = kept
            sets |= {other: _as(kept, sets[other]) for other, of in _ALIASES.items() if of == name}
        else:
            associations[name] = kept
    if not seen:
        hint = "Donner le dossier «jeuxDeValeurs» du paquet de l'ANS (fichiers JDV_….xml, IHE SVS)."
        raise UsageError("ESMS-E176", f"--terminology {directory} : aucun jeu de valeurs reconnu", hint=hint)
    return Terminology(sets, associations)


# The sets of the DMP that have the codes of a set of the CI-SIS (the class of documents has its own).
_ALIASES = {"J66": "J07", "J58": "J08", "J61": "J02"}


def _as(read: ValueSet, other: ValueSet) -> ValueSet:
    return ValueSet(other.name, other.oid, read.version, read.origin, read.concepts, read.prints)


def _official(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a folder that bear the name of a table."""
    if not directory.is_dir():
        raise UsageError("ESMS-E176", f"--terminology {directory} : dossier introuvable",
                         hint="Donner le dossier «jeuxDeValeurs» du paquet de l'ANS.")  # fmt: skip
    for path in sorted(islice(directory.rglob("*.xml"), _FILES)):
        if named := _FILE.match(path.name):
            yield next(group for group in named.groups() if group).upper(), path


def _kept(name: str, path: Path) -> ValueSet | Association | None:
    root = xml.parse(path.read_bytes(), path.name, _SIZE)
    one = root.find(f"{SVS}ValueSet")
    if one is None:
        return None
    oid, version = one.get("id", ""), one.get("dateMaj", "")[:8]
    if name.startswith("ASS"):
        mapped = [[_concept(c) for c in m.iter(f"{SVS}Concept")] for m in one.iter(f"{SVS}MappedConcept")]
        pairs: dict[str, tuple[Concept, ...]] = {}
        for two in mapped:
            if len(two) == 2:
                pairs[two[0].code] = (*pairs.get(two[0].code, ()), two[1])
        return Association(name, oid, version, path.name, pairs) if pairs else None
    concepts = [_concept(c) for c in one.iter(f"{SVS}Concept")]
    return _set(name, oid, version, path.name, [(c, fingerprint(c.label)) for c in concepts]) if concepts else None


def _concept(one: xml.Element) -> Concept:
    return Concept(one.get("code", ""), one.get("codeSystem", ""), one.get("displayName", ""))


def _set(name: str, oid: str, version: str, origin: str, of: Sequence[tuple[Concept, str]]) -> ValueSet:
    concepts: dict[str, tuple[Concept, ...]] = {}
    for concept, _ in of:
        concepts[concept.code] = (*concepts.get(concept.code, ()), concept)
    prints = {(concept.code, concept.system): print_ for concept, print_ in of if print_}
    return ValueSet(name, oid, version, origin, concepts, prints)


@cache
def _ours() -> Terminology:
    folder = content.folder("conformance") / "terminologie"
    index = tomllib.loads((folder / "tables.toml").read_text(encoding="utf-8"))
    rows: dict[str, list[tuple[Concept, str]]] = {}
    for row in _rows(folder / "codes.csv"):
        concept = Concept(row["code"], row["systeme"], row["libelle"])
        rows.setdefault(row["jeu"], []).append((concept, row["empreinte"]))
    sets = {
        name: _set(name, of["oid"], of["date_maj"], of["origine"], rows[of.get("codes_de", name)])
        for name, of in index["jeu"].items()
    }
    pairs: dict[str, dict[str, tuple[Concept, ...]]] = {}
    for row in _rows(folder / "associations.csv"):
        table = pairs.setdefault(row["table"], {})
        table[row["de"]] = (*table.get(row["de"], ()), Concept(row["vers"], row["systeme"]))
    associations = {
        name: Association(name, of["oid"], of["date_maj"], of["origine"], pairs[name])
        for name, of in index["association"].items()
    }
    return Terminology(sets, associations)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
