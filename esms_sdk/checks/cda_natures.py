"""The data types of a CDA header: each function tells whether one element is sound.

They stand anywhere in the header and are many: a document has a hundred of them, hence Python that looks at little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from esms_sdk.documents.cda import HL7
from esms_sdk.documents.moment import Moment, parse_moment
from esms_sdk.xml import Element

_NS = f"{{{HL7}}}"
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))*", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TELECOM = re.compile(r"(?:tel|fax|mailto|http|ftp|mllp):[!#-;=?-\[\]_a-z~]+")
_UNKNOWN = frozenset({"UNK", "NASK", "ASKU", "NAV", "MSK"})
_SHORT_ZONE = re.compile(r"[+-]\d{1,3}$", re.ASCII)
_TELECOM_TAG = f"{_NS}telecom"
_NAME, _FAMILY = f"{_NS}name", f"{_NS}family"
_LINES = 7


def moment(one: Element) -> bool:
    """A value that is a date of the calendar, with its hour and zone or not."""
    value = one.get("value")
    return value is None or _in_calendar(value)


@lru_cache(maxsize=1024)
def _in_calendar(value: str) -> bool:
    # The official schematron lets a zone of one to three digits pass: here too, it is an advice of ours elsewhere.
    return parse_moment(value) is not None or parse_moment(_SHORT_ZONE.sub("", value)) is not None


def span(one: Element) -> bool:
    """Bounds that are not the same and not inverted; what is no date is another rule's."""
    low, high = _bound(one, "low"), _bound(one, "high")
    return low is None or high is None or low.earliest < high.earliest


def _bound(one: Element, tag: str) -> Moment | None:
    bound = one.find(_NS + tag)
    return None if bound is None else parse_moment(bound.get("value", ""))


def root(one: Element) -> bool:
    """A root that is an OID or a UUID."""
    value = one.get("root")
    return value is None or _oid(value) or bool(_UUID.fullmatch(value))


def identifier(one: Element) -> bool:
    """An identifier with either a root or a nullFlavor."""
    return (one.get("root") is None) != (one.get("nullFlavor") is None)


def system(one: Element) -> bool:
    """A codeSystem that is an OID."""
    value = one.get("codeSystem")
    return value is None or _oid(value)


@lru_cache(maxsize=1024)
def _oid(value: str) -> bool:
    return bool(_OID.fullmatch(value))


def coded(one: Element) -> bool:
    """A code with its system, and no label or name of a system without them."""
    has = one.attrib
    if "code" in has:
        return "codeSystem" in has
    return "displayName" not in has and ("codeSystem" in has or "codeSystemName" not in has)


def code_or_null(one: Element) -> bool:
    """A code, a text in its stead or a nullFlavor, but no code together with a nullFlavor."""
    has = one.attrib
    if "nullFlavor" in has:
        return "code" not in has and "displayName" not in has
    return "code" in has or next(one.iterchildren(f"{_NS}originalText"), None) is not None


def telecom(one: Element) -> bool:
    """A value with a known scheme and something after it."""
    value = one.get("value")
    return value is None or bool(_TELECOM.fullmatch(value))


def telecom_or_null(one: Element) -> bool:
    """A value without a nullFlavor, or an admitted nullFlavor alone."""
    null = one.get("nullFlavor")
    if null is None:
        return one.get("value") is not None
    return null in _UNKNOWN and len(one.attrib) == 1


def address(one: Element) -> bool:
    """Seven lines at most, or parts of which none is repeated."""
    tags = [part.tag for part in one]
    if len(tags) == len(set(tags)):
        return True
    lines = tags.count(f"{_NS}streetAddressLine")
    return 0 < lines <= _LINES


def content(one: Element) -> bool:
    """Parts or a text, one of the two."""
    text = one.text
    if not len(one):
        return text is not None and not text.isspace() and text != ""
    return (text is None or not text.strip()) and not any(part.tail and part.tail.strip() for part in one)


def person_name(one: Element) -> bool:
    """A name with at most one family name, given name, civility and title."""
    tags = [part.tag for part in one]
    return len(tags) == len(set(tags)) or all(
        tags.count(_NS + tag) <= 1 for tag in ("family", "given", "prefix", "suffix")
    )


def one_name(one: Element) -> bool:
    """A person with one name that has a family name."""
    named = [name for name in one.iterchildren(_NAME) if next(name.iterchildren(_FAMILY), None) is not None]
    return len(named) == 1


def unique(one: Element) -> bool:
    """An element that repeats none before it: an identifier by root and extension, a telecom by use and value."""
    before = one.getprevious()
    if before is None or before.tag != one.tag or (one.tag == _TELECOM_TAG and one.get("use") is None):
        return True  # siblings of a name stand together, where the document is in order
    mine = _shown(one)
    return all(_shown(other) != mine for other in one.itersiblings(one.tag, preceding=True))


def _shown(one: Element) -> tuple[str | None, ...]:
    return tuple(one.get(name) for name in ("root", "extension", "use", "value"))


NATURES: Mapping[str, Callable[[Element], bool]] = {
    "TS": moment, "IVL_TS": span, "II": root, "id": identifier, "systeme": system, "code": coded,
    "code_ou_nul": code_or_null, "telecom": telecom, "telecom_ou_nul": telecom_or_null, "adresse": address,
    "contenu": content, "nom_de_personne": person_name, "un_nom": one_name, "unique": unique,
}  # fmt: skip
