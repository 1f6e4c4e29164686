"""The gates of a CDA header: rules of places compiled together, and the memory of what passed them.

A sound header answers each gate with a single no; only where one says yes are its rules asked one by one.  The
participations (author, custodian…) are judged by what is in them alone, hence remembered once they are sound: those of
one origin repeat each other from document to document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from esms_sdk import xml
from esms_sdk.documents.cda import HL7
from esms_sdk.documents.terminology import Terminology
from esms_sdk.xml import Element

PARTICIPATIONS = frozenset(
    f"{{{HL7}}}{name}"
    for name in (
        "recordTarget", "author", "dataEnterer", "informant", "custodian", "informationRecipient", "legalAuthenticator",
        "authenticator", "participant", "inFulfillmentOf", "documentationOf", "relatedDocument", "authorization",
        "componentOf",
    )
)  # fmt: skip
# What looks out of a participation, or counts it among others.
_OUTWARD = re.compile(r"\.\.|preceding|following|ancestor|position\(|last\(|^[\s(]*\w+\[\d")
_ANCHOR = re.compile(r"\s*([A-Za-z]\w*)")
_BOUND = 4 << 20
_LONG = 1 << 16


class Placed(NamedTuple):
    """What a gate asks of one rule: its participations, the XPath of its place, and what is true there at fault."""

    tags: frozenset[str]
    path: str
    offence: str


@dataclass(frozen=True)
class Gate:
    """Rules that look into the participations of ``tags`` alone, into the whole header where empty."""

    tags: frozenset[str]
    shut: Callable[[Element], Any]
    """Whether any of them does not hold: one expression, each place reached once."""


def gates(rules: Iterable[Placed], namespaces: dict[str, str]) -> list[Gate]:
    """Return the gates of rules, those of participations that one rule brings together in one."""
    groups: list[tuple[frozenset[str], list[Placed]]] = []
    for one in rules:
        tags = one.tags
        # No participation: the whole header, which is a group of its own.
        same = [group for group in groups if group[0] & tags or group[0] == tags]
        merged = [held for group in same for held in group[1]] + [one]
        groups = [group for group in groups if group not in same]
        groups.append((tags.union(*(group[0] for group in same)), merged))
    found = []
    for tags, held in groups:
        step = _Step()
        for one in held:
            step.add(steps(one.path), one.offence)
        found.append(Gate(tags, xml.xpath(f"boolean({step.expression()})", namespaces)))
    return found


def anchors(chemin: str, written: str) -> frozenset[str]:
    """Return the participations that a rule is about, none where it looks elsewhere too.

    >>> [one.rpartition("}")[2] for one in anchors("author[x]/time", "author[x]/time")], anchors("id", "id")
    (['author'], frozenset())
    >>> anchors("author/time", "author/time ../../author")
    frozenset()
    """
    parts = chemin[1 : chemin.rindex(")")].split("|") if chemin.startswith("(") else [chemin]
    names = [_ANCHOR.match(part) for part in parts]
    tags = {f"{{{HL7}}}{name[1]}" for name in names if name}
    if not all(names) or not tags <= PARTICIPATIONS or _OUTWARD.search(written) or "//" in written:
        return frozenset()
    return frozenset(tags)


class Memory:
    """The participations that were sound, and the parts of one, by their XML; bounded, and of one terminology."""

    def __init__(self) -> None:
        self._sound: set[str] = set()
        self._size = 0
        self._of: Terminology | None = None

    def fresh(self, tree: Element, terminology: Terminology) -> dict[Element, str]:
        """Return the participations of a ClinicalDocument that were not met, with what they are remembered by."""
        if self._of is not terminology or self._size > _BOUND:
            self._sound, self._size, self._of = set(), 0, terminology
        sound = self._sound
        return {
            one: told for one in tree.iterchildren(*PARTICIPATIONS) if (told := xml.text(one)) not in sound
        }  # fmt: skip

    def parts(self, one: Element, judged: Container[str]) -> Iterator[tuple[Iterable[Element], str]]:
        """Yield a participation itself, then the elements of each part of it that was not met, with what it is
        remembered by: nothing where a rule is about the part (``judged``), which may look at those beside it.
        """
        yield (one,), ""
        # What is above a part may be asked of it too.
        above = f"{one.tag} {one.items()} "
        for part in one:
            told = "" if part.tag in judged or not len(part) else above + xml.text(part)
            if not told or told not in self._sound:
                yield part.iter(), told

    def keep(self, told: str) -> None:
        """Remember one."""
        if len(told) <= _LONG and told not in self._sound:
            self._sound.add(told)
            self._size += len(told)


class _Step:
    """A step of the places that rules look at: what is at fault there, and the steps below."""

    def __init__(self) -> None:
        self.offences: list[str] = []
        self.below: dict[str, _Step] = {}

    def add(self, places: Sequence[str], offence: str) -> None:
        if not places:
            self.offences.append(offence)
        else:
            self.below.setdefault(places[0], _Step()).add(places[1:], offence)

    def expression(self) -> str:
        below = [f"{step}[{of.expression()}]" if step != "." else of.expression() for step, of in self.below.items()]
        return " or ".join([*self.offences, *below])


def steps(path: str) -> list[str]:
    """Return the steps of an XPath, what stands in brackets whole.

    >>> steps("(a | b[x/y])/c[d/e]/f")
    ['(a | b[x/y])', 'c[d/e]', 'f']
    """
    found, depth = [""], 0
    for character in path:
        depth += (character in "([") - (character in ")]")
        if character == "/" and not depth:
            found.append("")
        else:
            found[-1] += character
    return found
