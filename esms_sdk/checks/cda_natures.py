"""The data types of a CDA header that no XPath 1.0 can judge: each function tells whether one element is sound."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from esms_sdk.documents.cda import HL7
from esms_sdk.documents.moment import Moment, parse_moment
from esms_sdk.xml import Element

_NS = f"{{{HL7}}}"
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))*", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TELECOM = re.compile(r"(?:tel|fax|mailto|http|ftp|mllp):[!#-;=?-\[\]_a-z~]+", re.ASCII)


def moment(one: Element) -> bool:
    """A value that is a date of the calendar, with its hour and zone or not."""
    value = one.get("value")
    return value is None or parse_moment(value) is not None


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
    return value is None or bool(_OID.fullmatch(value) or _UUID.fullmatch(value))


def system(one: Element) -> bool:
    """A codeSystem that is an OID."""
    value = one.get("codeSystem")
    return value is None or bool(_OID.fullmatch(value))


def telecom(one: Element) -> bool:
    """A value with a known scheme and something after it."""
    value = one.get("value")
    return value is None or bool(_TELECOM.fullmatch(value))


def unique(one: Element) -> bool:
    """An element that repeats none before it: an identifier by root and extension, a telecom by use and value."""
    mine = _shown(one)
    return all(_shown(other) != mine for other in one.itersiblings(one.tag, preceding=True))


def _shown(one: Element) -> tuple[str | None, ...]:
    return tuple(one.get(name) for name in ("root", "extension", "use", "value"))


NATURES: Mapping[str, Callable[[Element], bool]] = {
    "TS": moment, "IVL_TS": span, "II": root, "systeme": system, "telecom": telecom, "unique": unique,
}  # fmt: skip
