"""The rules over a CDA header as data: ``[[regle]]`` of the requirements, and the one engine that runs them.

A rule names contexts (``chemin``) and says what holds there.  What XPath can tell of a place is compiled once, all
rules of a profile into one expression that a sound document answers with a single no; only where it says yes are they
asked one by one.  Codes, forms and the data types, which stand anywhere, are looked at in Python: libxml2 walks slowly.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

from esms_sdk import content, xml
from esms_sdk.checks.cda_natures import (
    BY_ATTRIBUTES,
    NATURES,
    OF_PARTS,
    TYPE,
    UNIQUE,
    XSI,
    Shown,
    of_type,
    plain,
    showing,
)
from esms_sdk.checks.cda_portes import PARTICIPATIONS, Gate, Memory, Placed, anchors, gates
from esms_sdk.documents.cda import HL7, SDTC, Cda
from esms_sdk.documents.terminology import Terminology
from esms_sdk.xml import Element

NAMESPACES = {"h": HL7, "sdtc": SDTC, "xsi": XSI}
# The rules that a profile holds: its own, and those of the one it builds on.
PROFILS: Mapping[str, tuple[str, ...]] = {
    "structmin-3.0": ("structmin-3.0",),
    "structmin-2.41": ("structmin-2.41",),
    "tddui-1.1": ("structmin-3.0", "tddui-1.1"),
}
DEFAUT = "structmin-3.0"
# As an ``attribut``: the text of the element.
TEXTE = "#texte"
EXPORT_DUI = "1.2.250.1.213.1.1.1.58"
# A name that stands for an element: no attribute, function, axis or prefix, and nothing in quotes.
_NAME = re.compile(r"""("[^"]*"|'[^']*')|(?<![\w@:$.#-])([A-Za-z_][\w-]*)(?![\w.:(-]|\s*\()""")
_BODY = f"{{{HL7}}}component"
"""As a child of ClinicalDocument; within a participation it is a stray element like another."""
# The elements remembered of one name, and the characters of an attribute beyond which none is.
_REMEMBERED = 4096
_SHORT = 256
_BRACED = re.compile(r"\{[^}]*\}")
_OPERATORS = frozenset({"and", "or", "div", "mod"})


# Whether an element is at fault.
Wrong = Callable[[Element, Terminology], bool]


@dataclass(frozen=True)
class Regle:
    """One rule: in each context of ``chemin`` that meets ``condition``, exactly one of

    - ``min`` and ``max`` occurrences of ``element`` (``max`` 0: as many as there are);
    - ``attributs`` that are there and not empty;
    - ``attribut`` among ``valeurs``, or in the value set ``jdv`` (with its system where ``systeme``, with its label
      where ``libelle``), or of the form ``forme`` (the text where no attribute is named);
    - ``verifie``, an XPath that is true;
    - ``nature``, a data type of :mod:`esms_sdk.checks.cda_natures`;
    - ``type``, the HL7 type that its ``xsi:type`` names where it has one.

    Elements are those of HL7, written without a prefix; ``//x | //y/z`` is any x of the header, and any z within a y.
    ``code`` is a constat of the requirement; ``profils`` and ``modeles`` (templateIds) say which documents the rule is
    for, all where empty;
    ``section`` where the text says it.
    """

    code: str
    chemin: str = "."
    condition: str = ""
    element: str = ""
    min: int = 0
    max: int = 0
    attributs: tuple[str, ...] = ()
    attribut: str = ""
    valeurs: tuple[str, ...] = ()
    jdv: str = ""
    systeme: bool = False
    libelle: bool = False
    forme: str = ""
    verifie: str = ""
    nature: str = ""
    type: str = ""
    profils: tuple[str, ...] = ()
    modeles: tuple[str, ...] = ()
    section: str = ""
    exigence: str = field(default="", compare=False)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """What a rule of any place looks at (``//a | //b/c``: a, c within b), empty for a rule of one place."""
        parts = [part.strip() for part in self.chemin.split("|")]
        return tuple(part[2:] for part in parts) if self.chemin.startswith("//") else ()

    @property
    def _contexts(self) -> str:
        where = f"({expression(self.chemin)})"
        return f"{where}[{expression(self.condition)}]" if self.condition else where

    @cached_property
    def concerns(self) -> Callable[[Element], Any]:
        """Whether an element of :attr:`tags` meets the condition, compiled."""
        return xml.xpath(f"boolean({expression(self.condition) or 'true()'})", NAMESPACES)

    @cached_property
    def offenders(self) -> str | None:
        """The XPath of the contexts at fault, None where XPath cannot tell or is slower (rules of any place)."""
        holds = None if self.tags else self._holds()
        return f"{self._contexts}[not({holds})]" if holds else None

    def _holds(self) -> str | None:
        if self.element:
            return _occurs(expression(self.element), self.min, self.max)
        if self.attributs:
            return " and ".join(f"string-length(@{name}) > 0" for name in self.attributs)
        if self.valeurs:
            return f"not(@{self.attribut}) or " + " or ".join(f"@{self.attribut} = '{v}'" for v in self.valeurs)
        return expression(self.verifie) if self.verifie else None

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The participations that a rule of a place is about, none where it looks elsewhere too."""
        return anchors(self.chemin, " ".join((self.chemin, self.condition, self.element, self.verifie)))

    @property
    def placed(self) -> Placed:
        """What a gate asks of the rule: what is true of a context at fault."""
        condition = f"({expression(self.condition)}) and " if self.condition else ""
        return Placed(self.anchors, expression(self.chemin), f"({condition}not({self._holds()}))")

    @cached_property
    def faulty(self) -> Callable[[Element], list[Element]]:
        """The offenders, compiled."""
        assert self.offenders is not None
        return xml.xpath(self.offenders, NAMESPACES)

    @cached_property
    def looked_at(self) -> Callable[[Element], list[Element]]:
        """The contexts, compiled: those that have the attribute, where one is named."""
        attribute = "" if self.attribut == TEXTE else self.attribut or ("code" if self.jdv else "")
        return xml.xpath(self._contexts + (f"[@{attribute}]" if attribute else ""), NAMESPACES)

    @cached_property
    def wrong(self) -> Wrong:
        """What Python says of one context."""
        if self.jdv:
            return self._outside
        if self.nature:
            return NATURES[self.nature]
        if self.type:
            return lambda one, _: not of_type(one, self.type)
        if self.valeurs:
            admitted = {None, *self.valeurs}
            return lambda one, _: one.get(self.attribut) not in admitted
        if holds := self._holds():
            asked = xml.xpath(f"boolean({holds})", NAMESPACES)
            return lambda one, _: not asked(one)
        form = re.compile(self.forme, re.ASCII).fullmatch
        if self.attribut:
            return lambda one, _: not form(one.get(self.attribut))
        return lambda one, _: not form(_text(one))

    @cached_property
    def in_doubt(self) -> Wrong:
        """What the attributes of one context say: true wherever :attr:`wrong` may be."""
        if self.type:
            # A prefix is bound outside of the element.
            return lambda one, _: TYPE in one.attrib
        return BY_ATTRIBUTES.get(self.nature, self.wrong)

    def _outside(self, one: Element, terminology: Terminology) -> bool:
        code = _text(one) if self.attribut == TEXTE else one.get(self.attribut or "code")
        if code is None:
            return False
        if self.libelle:
            label = one.get("displayName")
            return bool(label) and terminology.same_label(self.jdv, code, one.get("codeSystem", ""), label) is False
        if not self.systeme:
            return not terminology.contains(self.jdv, code)
        # A code that the set does not know at all is the fault of another rule.
        return terminology.contains(self.jdv, code) and not terminology.contains(
            self.jdv, code, one.get("codeSystem", "")
        )


def _text(one: Element) -> str:
    return ("".join(one.itertext()) if len(one) else one.text or "").strip()


def _occurs(path: str, least: int, most: int) -> str:
    """Return the XPath of a number of occurrences, the cheapest: what asks whether there is one stops at the first."""
    if least == most:
        return f"count({path}) = {least}"
    if least == 1 and not most:
        return f"boolean({path})"
    return " and ".join(
        ([f"count({path}) >= {least}"] if least else []) + ([f"count({path}) <= {most}"] if most else [])
    )


def expression(text: str) -> str:
    """Return the XPath of what a rule writes: HL7 names with their prefix.

    >>> expression("recordTarget/patientRole[id/@root = 'a' and self::addr]")
    "h:recordTarget/h:patientRole[h:id/@root = 'a' and self::h:addr]"
    """

    def named(found: re.Match[str]) -> str:
        quoted, name = found.groups()
        return str(quoted) if quoted else str(name) if name in _OPERATORS else f"h:{name}"

    # After an axis the name is of HL7 too.
    return re.sub(r"(?<=::)([A-Za-z_]\w*)(?![\w(])", r"h:\1", _NAME.sub(named, text))


def regle(raw: Mapping[str, Any], exigence: str) -> Regle:
    """Return a rule of a TOML document.  Raises ValueError for one that says no thing, or more than one."""
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in raw.items()}
    one = Regle(**values, exigence=exigence)
    said = [
        bool(x)
        for x in (one.element, one.attributs, one.valeurs, one.jdv, one.forme, one.verifie, one.nature, one.type)
    ]
    unknown = [profil for profil in one.profils if profil not in PROFILS]
    if sum(said) != 1 or unknown or (one.nature and one.nature not in NATURES):
        raise ValueError(f"{exigence}: the rule of {one.code} says one thing, of a known nature and profile")
    if one.offenders is None:
        one.looked_at, one.wrong, one.concerns  # noqa: B018 (compiled, hence tried)
    else:
        xml.xpath(one.offenders, NAMESPACES)
    return one


class Fault(NamedTuple):
    """A rule that does not hold, and the element where."""

    regle: Regle
    element: Element


@dataclass(frozen=True)
class Rules:
    """The rules of one kind of document, ready to run."""

    regles: Sequence[Regle]

    @cached_property
    def exigences(self) -> frozenset[str]:
        """The requirements that they judge."""
        return frozenset(one.exigence for one in self.regles)

    @cached_property
    def _by_xpath(self) -> list[Regle]:
        return [one for one in self.regles if one.offenders is not None]

    @cached_property
    def _by_python(self) -> list[Regle]:
        return [one for one in self.regles if one.offenders is None and not one.tags]

    @cached_property
    def _by_tag(self) -> Mapping[str, _OfTag]:
        """The rules of any place, by element."""
        found: dict[str, _OfTag] = {}
        for one in self.regles:
            for tag in one.tags:
                parent, _, name = tag.rpartition("/")
                of = found.setdefault(f"{{{HL7}}}{name}", _OfTag())
                (of.within.setdefault(f"{{{HL7}}}{parent}", []) if parent else of.everywhere).append(one)
        return found

    @cached_property
    def _gates(self) -> list[Gate]:
        return gates([one.placed for one in self._by_xpath], NAMESPACES)

    @cached_property
    def _memory(self) -> Memory:
        return Memory()

    def faults(self, tree: Element, terminology: Terminology) -> Iterator[Fault]:
        """Yield what does not hold in the header of a ClinicalDocument."""
        # Of a document within another, what is around it might be looked at: nothing is remembered.
        fresh = self._memory.fresh(tree, terminology) if tree.getparent() is None else None
        tags = PARTICIPATIONS if fresh is None else {one.tag for one in fresh}
        doubted: set[str] = set()
        shut = [gate for gate in self._gates if not (gate.tags and gate.tags.isdisjoint(tags)) and gate.shut(tree)]
        if shut:
            doubted.update(*(gate.tags for gate in shut))
            for one in self._by_xpath:
                for element in one.faulty(tree):
                    yield Fault(one, element)
        for one in self._by_python:
            if not (one.anchors and one.anchors.isdisjoint(tags)):
                wrong = one.wrong
                for element in one.looked_at(tree):
                    if wrong(element, terminology):
                        doubted |= one.anchors
                        yield Fault(one, element)
        yield from self._anywhere(tree, terminology, fresh, doubted)

    def _anywhere(
        self, tree: Element, terminology: Terminology, fresh: Mapping[Element, str] | None, doubted: set[str]
    ) -> Iterator[Fault]:
        """Ask the rules of any place, in the order of the elements; keep in mind what is fresh and sound."""
        by_tag = {tag: (of, of.known(terminology)) for tag, of in self._by_tag.items()}
        shown: set[tuple[str, Shown]] = set()
        for child in tree:
            if child.tag == _BODY:
                continue
            met = None if fresh is None else fresh.get(child)
            if met is None and fresh is not None and child.tag in PARTICIPATIONS:
                continue
            sound = child.tag not in doubted
            for part, told in ((child.iter(), ""),) if met is None else self._memory.parts(child, by_tag):
                before = sound
                sound = True
                for element in part:
                    tag = element.tag
                    if tag not in by_tag:
                        continue
                    of, known = by_tag[tag]
                    key = (element.getparent().tag if of.within else "", *element.items())
                    asked = known.get(key) or of.learn(key, element, terminology)
                    rules = asked.rest if asked.parts and plain(element) else asked.always
                    if asked.unique:
                        if (tag, asked.shown) in shown:
                            rules += asked.unique
                        shown.add((tag, asked.shown))
                    for one in rules:
                        # The condition last: nearly every element is sound.
                        if one.wrong(element, terminology) and one.concerns(element):
                            sound = False
                            yield Fault(one, element)
                if told and sound:
                    self._memory.keep(told)
                sound = sound and before
            if met is not None and sound:
                self._memory.keep(met)


# The tag of the parent, then the attributes in their order.
_Key = tuple[str | tuple[str, str], ...]


class _Asked(NamedTuple):
    """The rules that an element of given attributes may break, and those where one before it shows the same.

    ``parts`` of ``always`` look at what is in it, ``rest`` is what is left where that is plain.
    """

    always: tuple[Regle, ...]
    parts: bool
    rest: tuple[Regle, ...]
    unique: tuple[Regle, ...]
    shown: Shown


class _OfTag:
    """The rules of one element, wherever it stands and within another, and what its attributes told of them before.

    A header repeats itself, and headers of one origin repeat each other: a code, an identifier, a moment is looked at
    once.  What is remembered is bounded, and of the terminology at hand alone.
    """

    def __init__(self) -> None:
        self.everywhere: list[Regle] = []
        self.within: dict[str, list[Regle]] = {}
        self._known: dict[_Key, _Asked] = {}
        self._of: Terminology | None = None

    def known(self, terminology: Terminology) -> dict[_Key, _Asked]:
        """Return what is asked by parent and attributes, as far as they were met."""
        if self._of is not terminology or len(self._known) >= _REMEMBERED:
            self._known, self._of = {}, terminology
        return self._known

    def learn(self, key: _Key, element: Element, terminology: Terminology) -> _Asked:
        """Ask the rules that look at attributes alone, and remember those that do not hold or look further."""
        rules = [*self.everywhere, *self.within.get(str(key[0]), ())]
        unique = tuple(one for one in rules if one.nature == UNIQUE)
        always = tuple(
            one for one in rules
            if one.nature != UNIQUE and (one.attribut == TEXTE or one.verifie or one.element
                                         or one.in_doubt(element, terminology))
        )  # fmt: skip
        rest = tuple(one for one in always if one.nature not in OF_PARTS)
        asked = _Asked(always, len(rest) < len(always), rest, unique, showing(element))
        if len(self._known) < _REMEMBERED and all(len(value) <= _SHORT for _, value in element.items()):
            self._known[key] = asked
        return asked


def profil_of(cda: Cda, asked: str = "auto") -> str:
    """Return the profile of a document: the one asked for, else that of its templateIds.

    A 2.41 document bears the same templateIds as a 3.0 one: that profile is only ever asked for.
    """
    if asked in PROFILS:
        return asked
    return "tddui-1.1" if any(one.root == EXPORT_DUI for one in cda.template_ids) else DEFAUT


def rules_for(cda: Cda, profil: str) -> Rules:
    """Return the rules that a document owes under a profile."""
    return _rules(profil, frozenset(one.root for one in cda.template_ids) & _models())


@cache
def _rules(profil: str, modeles: frozenset[str]) -> Rules:
    held = PROFILS[profil]
    return Rules(
        [
            one
            for one in all_regles()
            if (not one.profils or not set(one.profils).isdisjoint(held))
            and (not one.modeles or not modeles.isdisjoint(one.modeles))
        ]
    )


@cache
def _models() -> frozenset[str]:
    return frozenset(modele for one in all_regles() for modele in one.modeles)


@cache
def all_regles() -> tuple[Regle, ...]:
    """Return every rule of the requirements of the CDA domain."""
    found = []
    for path in sorted((content.folder("conformance") / "cda").glob("ESMS-CDA-*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [regle(one, raw["id"]) for one in raw.get("regle", ())]
    return tuple(found)


def place(element: Element, root: Element) -> str:
    """Return the path of an element below a ClinicalDocument, without prefixes: ``ClinicalDocument/author[2]/time``."""
    # The namespaces go, not the positions; the path of the root itself is a dot.
    path = _BRACED.sub("", xml.path(element, root))
    return "ClinicalDocument" if path == "." else f"ClinicalDocument/{path}"
