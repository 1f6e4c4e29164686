"""``junit.xml``: one testcase a requirement and FINESS, with names that are met once, of bounded size.

The order and the attributes are those that both the schema of Jenkins (xunit) and that of Ant accept; GitLab reads
``failure``, ``error`` and ``skipped``.  What a baseline knows already is skipped with its verdict in words: the file
is red where the exit code is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from esms_sdk.conformance.result import Conformity, Group, Outcome
from esms_sdk.conformance.verdict import Verdict, together
from esms_sdk.report import wording

MOST_CASES = 20_000
"""More testcases than that are gathered, a requirement's least telling FINESS first: GitLab stops reading at a size."""
_SHOWN = 10
_LONGEST = 1_500
_SHORT = 300
# What XML 1.0 has no place for.
_UNFIT = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_ELEMENTS = {Verdict.NON_CONFORME: "failure", Verdict.INDETERMINE: "error", Verdict.CONFORME: ""}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
_NO_DAY = "1970-01-01"


@dataclass(frozen=True, slots=True)
class Case:
    """One testcase: a requirement in one FINESS, or as a whole (``lieu`` empty)."""

    outcome: Outcome
    verdict: Verdict
    lieu: str
    groupes: Sequence[Group]
    connu: bool

    @property
    def name(self) -> str:
        """Its name, met once in the file."""
        one = self.outcome.requirement
        return f"{one.id} {one.titre}" + (f" [{self.lieu}]" if self.lieu else "")

    @property
    def element(self) -> str:
        """The element that says its verdict; none where it is met."""
        told = _ELEMENTS.get(self.verdict, "skipped")
        # A recommended requirement never changes the exit code.
        return "skipped" if self.connu or (told and not self.outcome.requirement.mandatory) else told

    @property
    def message(self) -> str:
        """The verdict and its reason in one sentence."""
        verdict = wording.VERDICTS[self.verdict]
        if _ELEMENTS.get(self.verdict) and not self.outcome.requirement.mandatory:
            verdict = f"recommandé, {verdict}"
        waiver = next((group.ecart for group in self.groupes if group.ecart), None)
        if self.connu:
            return f"{verdict}, déjà connu de la référence (--baseline)"
        if self.verdict is Verdict.DEROGE and waiver:
            return f"{verdict} jusqu'au {waiver.expire_le:%d/%m/%Y} : {waiver.motif} ({waiver.responsable})"
        failing = sum(group.nombre for group in self.groupes)
        if self.verdict is Verdict.NON_CONFORME and failing:
            return f"{verdict} : {failing} constat{'s' * (failing > 1)}"
        return f"{verdict} : {self.outcome.motif}" if self.outcome.motif else verdict

    @property
    def body(self) -> str:
        """What was found, the text that asks for it, the remedy."""
        one = self.outcome.requirement
        lines = []
        for group in self.groupes[:_SHOWN]:
            constat, first = one.constats[group.code], group.exemples[0]
            lines.append(f"{group.code} ({constat.gravite}, {group.nombre}) : {wording.message(constat, first)}")
            lines.append(f"  {wording.place(constat, first)}")
        if len(self.groupes) > _SHOWN:
            lines.append(f"… et {len(self.groupes) - _SHOWN} autres, dans conformite.csv")
        told = "\n".join(lines)[:_LONGEST]
        return f"{told}\nTexte : {wording.cited(one.sources[0])}\nRemède : {one.remede}"


def cases(result: Conformity) -> Iterator[Case]:
    """Yield the testcases of every requirement; together they say its verdict."""
    most = max(1, MOST_CASES // max(1, len(result.outcomes)))
    for outcome in result.outcomes:
        of_finess = list(outcome.par_finess.items())
        if len(of_finess) > most:
            order = list(wording.VERDICTS)
            of_finess.sort(key=lambda pair: (order.index(pair[1]), pair[0]))
        groups: dict[str | None, list[Group]] = {}
        for group in outcome.groupes:
            groups.setdefault(group.finess_et, []).append(group)
        for finess, verdict in of_finess[:most]:
            yield _case(result, outcome, verdict, f"FINESS {finess}", groups.get(finess, ()))
        if rest := dict(of_finess[most:]):
            gathered = [group for finess in rest for group in groups.get(finess, ())]
            yield _case(result, outcome, together(rest.values()), f"{len(rest)} autres FINESS", gathered)
        elsewhere = [group for finess, of in groups.items() if finess not in outcome.par_finess for group in of]
        told = bool(of_finess) and together(outcome.par_finess.values()) is outcome.verdict
        if elsewhere or not told:
            verdict = _verdict(outcome, elsewhere) if told else outcome.verdict
            yield _case(result, outcome, verdict, "en dehors des FINESS" if of_finess else "", elsewhere)


def _verdict(outcome: Outcome, groups: Sequence[Group]) -> Verdict:
    failing = [group for group in groups if wording.gravity(outcome.requirement, group) == "erreur"]
    if not failing:
        return Verdict.CONFORME
    return Verdict.DEROGE if all(group.ecart for group in failing) else Verdict.NON_CONFORME


def _case(result: Conformity, outcome: Outcome, verdict: Verdict, lieu: str, groups: Sequence[Group]) -> Case:
    failing = [g for g in groups if wording.gravity(outcome.requirement, g) == "erreur" and not g.ecart]
    known = bool(failing) and result.baseline and not any(group.nouveaux for group in failing)
    return Case(outcome, verdict, lieu, groups, known and verdict is Verdict.NON_CONFORME)


def write_junit(path: Path, result: Conformity) -> Path:
    """Write the testcases, a suite a domain, and return the path."""
    when = f"{result.identite.get('arrete_au') or _NO_DAY}T00:00:00"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("testsuites", AttributesImpl({}))
        suites = groupby(cases(result), key=lambda case: case.outcome.requirement.domaine)
        for rank, (domaine, of_domain) in enumerate(suites):
            _suite(xml, rank, domaine, list(of_domain), when, _properties(result))
        xml.endElement("testsuites")
        xml.endDocument()
        file.write("\n")
    return path


def _suite(
    xml: XMLGenerator, rank: int, domaine: str, found: Sequence[Case], when: str, properties: dict[str, str]
) -> None:
    numbers = {name: str(sum(case.element == of for case in found)) for name, of in _COUNTED.items()}
    attributes = {"name": f"{domaine} {wording.DOMAINES[domaine]}", "package": "esms", "id": str(rank)}
    attributes |= {"tests": str(len(found)), **numbers, "time": "0", "timestamp": when, "hostname": "esms-sdk"}
    xml.startElement("testsuite", AttributesImpl(attributes))
    xml.startElement("properties", AttributesImpl({}))
    for name, value in properties.items():
        xml.startElement("property", AttributesImpl({"name": name, "value": _fit(value)}))
        xml.endElement("property")
    xml.endElement("properties")
    for case in found:
        _testcase(xml, case)
    for name in ("system-out", "system-err"):
        xml.startElement(name, AttributesImpl({}))
        xml.endElement(name)
    xml.endElement("testsuite")
    xml.ignorableWhitespace("\n")


def _testcase(xml: XMLGenerator, case: Case) -> None:
    one = case.outcome.requirement
    xml.ignorableWhitespace("\n")
    xml.startElement(
        "testcase", AttributesImpl({"name": _fit(case.name), "classname": f"esms.{one.domaine}.{one.id}", "time": "0"})
    )
    if case.element == "skipped":
        xml.startElement("skipped", AttributesImpl({"message": _fit(case.message)[:_SHORT]}))
        xml.endElement("skipped")
    elif case.element:
        xml.startElement(
            case.element, AttributesImpl({"type": case.verdict.value, "message": _fit(case.message)[:_SHORT]})
        )
        xml.characters(_fit(case.body))
        xml.endElement(case.element)
    xml.endElement("testcase")


def _properties(result: Conformity) -> dict[str, str]:
    regles = result.identite["regles"]
    assert isinstance(regles, dict)
    return {
        "sdk": str(result.identite["sdk"]),
        "regles": f"{regles['nom']} {regles['version']} {regles['sha256']}",
        "profil": result.profil,
        "mode": result.mode,
        "entrees": "; ".join(_input(one) for one in _inputs(result))[:_LONGEST],
        "ecarts": str(len(result.ecarts)),
        "ligne_de_commande": str(result.identite["ligne_de_commande"])[:_LONGEST],
    }


def _inputs(result: Conformity) -> list[dict[str, object]]:
    given = result.identite["entrees"]
    assert isinstance(given, list)
    return given


def _input(one: dict[str, object]) -> str:
    return f"{one['nom']} {one.get('empreinte_sha256', 'illisible' if 'illisible' in one else '')}".rstrip()


def _fit(text: str) -> str:
    return _UNFIT.sub("�", text)
