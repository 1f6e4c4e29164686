"""The data types of a CDA header: each function tells whether one element is at fault.

They stand anywhere in the header and are many: a document has a hundred of them, hence Python that looks at little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from esms_sdk.documents.cda import HL7
from esms_sdk.documents.moment import Moment, parse_moment
from esms_sdk.documents.terminology import Terminology
from esms_sdk.xml import Element

_NS = f"{{{HL7}}}"
_NAME, _FAMILY, _ORIGINAL = f"{_NS}name", f"{_NS}family", f"{_NS}originalText"
_TELECOM_TAG, _LINE = f"{_NS}telecom", f"{_NS}streetAddressLine"
_ONCE = (_FAMILY, f"{_NS}given", f"{_NS}prefix", f"{_NS}suffix")
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))*", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TELECOM = re.compile(r"(?:tel|fax|mailto|http|ftp|mllp):[!#-;=?-\[\]_a-z~]+")
_UNKNOWN = frozenset({"UNK", "NASK", "ASKU", "NAV", "MSK"})
_SHORT_ZONE = re.compile(r"[+-]\d{1,3}$", re.ASCII)
_LINES = 7
_SHOWN = ("root", "extension", "use", "value", "code", "codeSystem")
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPE = f"{{{XSI}}}type"
# What a nullFlavor may stand beside.
_OF_ANY = frozenset({
    "nullFlavor", TYPE, f"{{{XSI}}}nil", "classCode", "typeCode", "determinerCode", "moodCode", "partType",
})  # fmt: skip


def moment(one: Element, _: Terminology) -> bool:
    """A value that is no date of the calendar, with its hour and zone or not."""
    value = one.get("value")
    return value is not None and not _in_calendar(value)


def _in_calendar(value: str) -> bool:
    # The official schematron lets a zone of one to three digits pass: here too, it is an advice of ours elsewhere.
    return parse_moment(value) is not None or parse_moment(_SHORT_ZONE.sub("", value)) is not None


def span(one: Element, _: Terminology) -> bool:
    """Bounds that are the same or inverted; what is no date is another rule's."""
    low, high = _bound(one, "low"), _bound(one, "high")
    return low is not None and high is not None and low.earliest >= high.earliest


def _bound(one: Element, tag: str) -> Moment | None:
    bound = one.find(_NS + tag)
    return None if bound is None else parse_moment(bound.get("value", ""))


def root(one: Element, _: Terminology) -> bool:
    """A root that is neither an OID nor a UUID."""
    value = one.get("root")
    return value is not None and not _oid(value) and not _UUID.fullmatch(value)


def identifier(one: Element, _: Terminology) -> bool:
    """An identifier without root and nullFlavor, or with both."""
    return (one.get("root") is None) == (one.get("nullFlavor") is None)


def system(one: Element, _: Terminology) -> bool:
    """A codeSystem that is no OID."""
    value = one.get("codeSystem")
    return value is not None and not _oid(value)


def _oid(value: str) -> bool:
    return bool(_OID.fullmatch(value))


def coded(one: Element, _: Terminology) -> bool:
    """A code without its system, or a label or name of a system without them."""
    if one.get("code") is not None:
        return one.get("codeSystem") is None
    return one.get("displayName") is not None or (
        one.get("codeSystemName") is not None and one.get("codeSystem") is None
    )


def code_or_null(one: Element, _: Terminology) -> bool:
    """No code, text in its stead or nullFlavor, or a code together with a nullFlavor."""
    if one.get("nullFlavor") is None:
        return one.get("code") is None and next(one.iterchildren(_ORIGINAL), None) is None
    return one.get("code") is not None or one.get("displayName") is not None


def telecom(one: Element, _: Terminology) -> bool:
    """A value without a known scheme, or nothing after it."""
    value = one.get("value")
    return value is not None and not _TELECOM.fullmatch(value)


def telecom_or_null(one: Element, _: Terminology) -> bool:
    """Neither a value without a nullFlavor nor an admitted nullFlavor alone."""
    null = one.get("nullFlavor")
    if null is None:
        return one.get("value") is None
    return null not in _UNKNOWN or len(one.attrib) != 1


def address(one: Element, _: Terminology) -> bool:
    """More than seven lines, or parts of which one is empty or repeated."""
    tags = []
    for part in one:
        if not part.text and not len(part) and part.get("nullFlavor") is None:
            return True
        tags.append(part.tag)
    if len(tags) == len(set(tags)):
        return False
    return not 0 < tags.count(_LINE) <= _LINES


def repeated_text(one: Element, _: Terminology) -> bool:
    """An address or a name whose use and text are those of one before it."""
    before = one.getprevious()
    if before is None or before.tag != one.tag:
        return False
    mine = (one.get("use"), "".join(one.itertext()))
    return any((o.get("use"), "".join(o.itertext())) == mine for o in one.itersiblings(one.tag, preceding=True))


def bound_or_null(one: Element, _: Terminology) -> bool:
    """A bound without value, nullFlavor or part."""
    return one.get("value") is None and one.get("nullFlavor") is None and not len(one)


def null_beside(one: Element, _: Terminology) -> bool:
    """A nullFlavor beside a value, parts or a text (DTr1 ANY; a qualifier is a value too)."""
    if one.get("nullFlavor") is None:
        return False
    text = one.text
    return len(one) > 0 or bool(text and not text.isspace()) or not _OF_ANY.issuperset(one.attrib)


def null_among(one: Element, _: Terminology) -> bool:
    """A nullFlavor where another of the same name beside it has none (RIM-001)."""
    if one.get("nullFlavor") is None:
        return False
    others = (*one.itersiblings(one.tag, preceding=True), *one.itersiblings(one.tag))
    return any(other.get("nullFlavor") is None for other in others)


def of_type(one: Element, name: str) -> bool:
    """Tell whether the ``xsi:type`` of an element, where it has one, is a type of HL7, its prefix resolved."""
    told = one.get(TYPE)
    if told is None:
        return True
    prefix, colon, local = told.strip().rpartition(":")
    return bool(local == name and one.nsmap.get(prefix if colon else None) == HL7)


def content(one: Element, _: Terminology) -> bool:
    """Neither parts nor a text, or both."""
    text = one.text
    if not len(one):
        return not text or text.isspace()
    if text and not text.isspace():
        return True
    for part in one:  # noqa: SIM110 (a generator costs more than the parts)
        if (tail := part.tail) and not tail.isspace():
            return True
    return False


def person_name(one: Element, _: Terminology) -> bool:
    """A name with more than one family name, given name, civility or title."""
    tags = [part.tag for part in one]
    if len(tags) == len(set(tags)):
        return False
    return any(tags.count(tag) > 1 for tag in _ONCE)


def one_name(one: Element, _: Terminology) -> bool:
    """A person without a name that has a family name, or with several."""
    return sum(next(name.iterchildren(_FAMILY), None) is not None for name in one.iterchildren(_NAME)) != 1


def repeated(one: Element, _: Terminology) -> bool:
    """An element that repeats one before it: an identifier, a telecom by use and value, a code by its system."""
    before = one.getprevious()
    # Siblings of a name stand together, where the document is in order.
    if before is None or before.tag != one.tag or (one.tag == _TELECOM_TAG and one.get("use") is None):
        return False
    mine = showing(one)
    return any(showing(other) == mine for other in one.itersiblings(one.tag, preceding=True))


OF_PARTS = frozenset({"adresse", "texte_repete", "contenu", "nom_de_personne"})


def plain(one: Element) -> bool:
    """Tell whether an element is certainly sound by the natures of :data:`OF_PARTS`.

    None of its name stands before it, and it holds a text alone, or parts of unlike names that each hold one.
    """
    before = one.getprevious()
    if before is not None and before.tag == one.tag:
        return False
    text = one.text
    blank = not text or text.isspace()
    if not len(one):
        return not blank
    tags = set()
    for part in one:
        tail = part.tail
        if not part.text or (tail and not tail.isspace()):
            return False
        tags.add(part.tag)
    return blank and len(tags) == len(one)


Shown = tuple[str | None, ...]


def showing(one: Element) -> Shown:
    """Return what makes an identifier, a telecom or a translation the same as another."""
    return tuple(map(one.get, _SHOWN))


NATURES: Mapping[str, Callable[[Element, Terminology], bool]] = {
    "TS": moment, "IVL_TS": span, "date_ou_nul": bound_or_null, "II": root, "id": identifier, "systeme": system,
    "code": coded, "code_ou_nul": code_or_null, "telecom": telecom, "telecom_ou_nul": telecom_or_null,
    "adresse": address, "texte_repete": repeated_text, "contenu": content, "nom_de_personne": person_name,
    "un_nom": one_name, "unique": repeated, "nul": null_beside, "nul_parmi": null_among,
}  # fmt: skip
UNIQUE = "unique"


def bound_in_doubt(one: Element, _: Terminology) -> bool:
    """A bound that its attributes do not tell: its parts may."""
    return one.get("value") is None and one.get("nullFlavor") is None


def code_in_doubt(one: Element, _: Terminology) -> bool:
    """A code that is wrong by its attributes, or unless it has a text."""
    if one.get("nullFlavor") is None:
        return one.get("code") is None
    return one.get("code") is not None or one.get("displayName") is not None


def null_in_doubt(one: Element, _: Terminology) -> bool:
    """A nullFlavor: what stands in it or beside it is not told by its attributes."""
    return one.get("nullFlavor") is not None


def in_doubt(one: Element, _: Terminology) -> bool:
    """What attributes never tell."""
    return True


# The natures that look into an element where its attributes leave them in doubt.
BY_ATTRIBUTES: Mapping[str, Callable[[Element, Terminology], bool]] = {
    "date_ou_nul": bound_in_doubt, "code_ou_nul": code_in_doubt, "adresse": in_doubt, "texte_repete": in_doubt,
    "contenu": in_doubt, "nom_de_personne": in_doubt, "un_nom": in_doubt, "nul": null_in_doubt,
    "nul_parmi": null_in_doubt,
}  # fmt: skip
