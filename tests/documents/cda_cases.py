"""Invented CDA documents, and the small edits by which a case of a requirement makes a defect in one of them."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

HL7 = "urn:hl7-org:v3"
NS = {"h": HL7}
REFERENCE = Path(__file__).with_name("entete.xml").read_bytes()
PDF = b'%PDF-1.4\n<x pdfaid:part="1" pdfaid:conformance="B"/>\n%%EOF\n'
MODEL = "1.2.250.1.213.1.1.1."
LOINC = "2.16.840.1.113883.6.1"


def document(name: str = "structure") -> Any:
    """Return the root of one of the invented documents."""
    root = etree.fromstring(REFERENCE)
    BUILDERS[name](root)
    return root


def _model(root: Any, number: str, act: str, system: str = LOINC) -> None:
    root.findall(f"{{{HL7}}}templateId")[2].set("root", MODEL + number)
    code = root.find(f".//{{{HL7}}}serviceEvent/{{{HL7}}}code")
    code.set("code", act)
    code.set("codeSystem", system)


def _level_one(root: Any) -> None:
    root.findall(f"{{{HL7}}}templateId")[2].set("root", "1.3.6.1.4.1.19376.1.2.20")
    component = root.find(f"{{{HL7}}}component")
    component.clear()
    text = etree.SubElement(etree.SubElement(component, f"{{{HL7}}}nonXMLBody"), f"{{{HL7}}}text")
    text.set("mediaType", "application/pdf")
    text.set("representation", "B64")
    text.text = base64.b64encode(PDF).decode()


def _two_acts(root: Any) -> None:
    first = root.find(f"{{{HL7}}}documentationOf")
    first.addnext(copy.deepcopy(first))


def _export(root: Any) -> None:
    root.findall(f"{{{HL7}}}templateId")[2].set("root", MODEL + "58")
    code = root.find(f"{{{HL7}}}code")
    for name, value in (("code", "EXPORT_DUI"), ("codeSystem", "1.2.250.1.213.1.1.4.12")):
        code.set(name, value)
    code.set("displayName", "Export du Dossier Usager Informatisé")
    root.remove(root.find(f"{{{HL7}}}author"))
    place = root.find(f".//{{{HL7}}}healthCareFacility/{{{HL7}}}code")
    place.set("code", "SA41")
    place.set("displayName", "Autre établissement du domaine social ou médico-social")
    translation = etree.SubElement(place, f"{{{HL7}}}translation")
    for name, value in (("code", "354"), ("codeSystem", "1.2.250.1.213.1.6.1.8"), ("displayName", "SSIAD")):
        translation.set(name, value)


BUILDERS = {
    "structure": lambda root: None,
    "niveau1": _level_one,
    "deux_actes": _two_acts,
    "dlu": lambda root: _model(root, "22", "34117-2"),
    "fludt": lambda root: _model(root, "23", "28651-8"),
    "ldl_ees": lambda root: _model(root, "21", "IMP", "2.16.840.1.113883.5.4"),
    "vsm": lambda root: _model(root, "13", "34117-2"),
    "export": _export,
}


def case_bytes(case: Mapping[str, Any]) -> bytes:
    """Return the document of a case.

    Edits, in this order: ``deplace`` (element to the place after another), ``double`` (an element repeated beside
    itself), ``ajoute`` (XML after an element), ``retire`` (elements or attributes), ``pose`` (the value of an attribute
    or the text of an element), ``enfle`` (trailing white space up to so many bytes), ``coupe`` (a part of the bytes
    kept), ``doctype``.
    """
    root = document(case.get("document", "structure"))
    for moved, after in case.get("deplace", {}).items():
        one(root, after).addnext(one(root, moved))
    if "double" in case:
        first = one(root, case["double"])
        first.addnext(copy.deepcopy(first))
    for after, text in case.get("ajoute", {}).items():
        added = etree.fromstring(f'<x xmlns="{HL7}">{text}</x>')
        for element in reversed(list(added)):
            one(root, after).addnext(element)
    if "retire" in case:
        _remove(root, case["retire"])
    for path, value in case.get("pose", {}).items():
        element, _, attribute = path.rpartition("@")
        if path[len(element) :].startswith("@") and "[" not in attribute:
            one(root, element.rstrip("/") or ".").set(attribute, value)
        else:
            one(root, path).text = value
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    if case.get("doctype"):
        data = data.replace(b"?>", b"?><!DOCTYPE ClinicalDocument>", 1)
    data += b"\n" * (case.get("enfle", 0) - len(data))
    return data[: int(len(data) * case.get("coupe", 1))]


def _remove(root: Any, path: str) -> None:
    found = root.xpath(prefixed(path), namespaces=NS)
    assert found, path
    for target in found:
        parent = target.getparent()
        if isinstance(target, str):
            del parent.attrib[target.attrname]
        else:
            parent.remove(target)


def one(root: Any, path: str) -> Any:
    """Return the first element of a path; HL7 names are written without a prefix."""
    found = root.xpath(prefixed(path), namespaces=NS)
    assert found, path
    return found[0]


def prefixed(path: str) -> str:
    """Return the XPath of a path (as the rules write theirs, of which it uses nothing)."""
    union = [part.strip() for part in path.split("|")] if "[" not in path or " | " in path else [path]
    return " | ".join("/".join(_step(step) for step in _steps(part)) for part in union)


def _steps(path: str) -> list[str]:
    steps, depth = [""], 0
    for character in path:
        depth += (character == "[") - (character == "]")
        if character == "/" and not depth:
            steps.append("")
        else:
            steps[-1] += character
    return steps


def _step(step: str) -> str:
    return step if step.startswith(("@", ".", "*")) else _inner("h:" + step)


def _inner(step: str) -> str:
    name, bracket, predicate = step.partition("[")
    for element in ("patient]", "encompassingEncounter]", "serviceEvent]", "signatureCode/", "assignedCustodian]"):
        predicate = predicate.replace(element, f"h:{element}") if predicate.startswith(element) else predicate
    return name + bracket + predicate
