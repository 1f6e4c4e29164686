"""The HL7 v2 composites that XDS metadata are written in: CX, XCN, XON, coded text.  Components are parted by ``^``.

The texts are those of the CI-SIS («lien entre l'en-tête CDA et les métadonnées XDS»): which component holds what, and
the type codes (NH a matricule INS, PI a local number, IDNPS a professional, RI a device, IDNST a structure).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from esms_sdk import masking

PS, STRUCTURE = "1.2.250.1.71.4.2.1", "1.2.250.1.71.4.2.2"
"""The roots of the national numbers of professionals and of structures."""
INS_TYPE, LOCAL_TYPE, PS_TYPE, INTERNAL_TYPE, DEVICE_TYPE, STRUCTURE_TYPE = "NH", "PI", "IDNPS", "EI", "RI", "IDNST"

_ESCAPES = str.maketrans({"\\": "\\E\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "|": "\\F\\"})
_DELIMITER = re.compile(r"[\\^&~|]").search
_KEPT = 4
_RECIPIENT_PARTS = 3
# Of a registration authority, with no part as long as a person's number.
_OID = re.compile(r"(?:1\.2\.250|1\.2\.840|1\.3\.6\.1|2\.16\.840)(?:\.\d{1,10}){1,24}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_.:/+-]{0,60}", re.ASCII)
OID = r"[0-2](?:\.(?:0|[1-9]\d*))+"
NUMBER = rf"{OID}|urn:uuid:[0-9a-fA-F-]{{36}}"
"""The forms of an OID, and of what identifies a set or its source, as regular expressions."""
XCN = re.compile(rf"[^^~|]+\^[^^~|]*\^[^^~|]*\^\^\^\^\^\^&{OID}&ISO\^[DLU]\^\^\^[A-Z]+")
XON = re.compile(rf"[^^~|]+\^\^\^\^\^&{OID}&ISO\^[A-Z]+\^\^\^[^^~|]+")
_XTN = re.compile(r"\^\^Internet\^[^^~|@\s]+@[^^~|@\s]+")


def escaped(text: str) -> str:
    """Return a text whose delimiters are written as HL7 v2 escapes them, its line breaks as spaces.

    >>> escaped("Dupont & fils")
    'Dupont \\\\T\\\\ fils'
    """
    line = " ".join(text.split())
    return line.translate(_ESCAPES) if _DELIMITER(line) else line


def composite(*components: str) -> str:
    """Return components joined, what is empty at the end left out; each is escaped already."""
    return "^".join(components).rstrip("^")


def components(value: str, count: int = 0) -> list[str]:
    """Return the components of a composite, at least ``count`` of them.

    >>> components("1^A^^&1.2&ISO", 5)
    ['1', 'A', '', '&1.2&ISO', '']
    """
    found = value.split("^")
    return found + [""] * (count - len(found))


def authority(root: str) -> str:
    """Return an assigning authority that is an OID."""
    return f"&{root}&ISO"


def root_of(component: str) -> str:
    """Return the OID of an assigning authority; empty where there is none.

    >>> root_of("&1.2.250.1.213.1.4.8&ISO")
    '1.2.250.1.213.1.4.8'
    """
    parts = component.split("&")
    return parts[1] if len(parts) > 1 else ""


def cx(number: str, root: str, kind: str) -> str:
    """Return a number with its authority and type.

    >>> cx("279035121518989", "1.2.250.1.213.1.4.10", "NH")
    '279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH'
    """
    return composite(escaped(number), "", "", authority(root), kind)


def xcn(number: str, family: str, given: str, root: str, *, name_type: str, kind: str) -> str:
    """Return a person or a device.

    >>> xcn("801234567897", "ESSAI", "Zoe", PS, name_type="D", kind="IDNPS")
    '801234567897^ESSAI^Zoe^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS'
    """
    named = [escaped(number), escaped(family), escaped(given)]
    return composite(*named, "", "", "", "", "", authority(root), name_type, "", "", kind)


def xon(name: str, root: str, number: str) -> str:
    """Return a structure.

    >>> xon("EHPAD X", STRUCTURE, "1480787529")
    'EHPAD X^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1480787529'
    """
    return composite(escaped(name), "", "", "", "", authority(root), STRUCTURE_TYPE, "", "", escaped(number))


def is_recipient(value: str) -> bool:
    """Tell whether a value is an intendedRecipient: a structure, a person, an address, a bar between them.

    >>> is_recipient(xon("EHPAD X", STRUCTURE, "1480787529")), is_recipient("x^y"), is_recipient("|")
    (True, False, False)
    """
    parts = value.split("|")
    known = all(not one or XON.fullmatch(one) or XCN.fullmatch(one) or _XTN.fullmatch(one) for one in parts)
    return known and len(parts) <= _RECIPIENT_PARTS and any(parts)


def hidden(value: str) -> str:
    """Return a composite as a report may show it: its number's end, the shape of what stands beside, the types whole.

    >>> hidden("279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH")
    '…8989^^^&1.2.250.1.213.1.4.10&ISO^NH'
    >>> hidden("801234567897^ESSAI^Zoe^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS")
    '…7897^XXXXX^Xxx^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS'
    """
    first, *others = components(value)
    return composite(_end(first), *(_other(one) for one in others))


def _end(number: str) -> str:
    return f"…{number[-_KEPT:]}" if len(number) > 2 * _KEPT and number.isalnum() else masking.shape(number)


def _other(component: str) -> str:
    types = (INS_TYPE, LOCAL_TYPE, PS_TYPE, INTERNAL_TYPE, DEVICE_TYPE, STRUCTURE_TYPE, "D", "L", "U")
    told = component in types or (component.startswith("&") and component.endswith("&ISO") and len(component) < 80)
    return component if told else _end(component)


def plain(text: str) -> str:
    """Return a code, an OID or a time as it is, the shape of what is none: a header may hold anything anywhere.

    >>> plain("G15_10/SM26"), plain("Jeanne Essai")
    ('G15_10/SM26', 'Xxxxxx Xxxxx')
    """
    if _OID.fullmatch(text):
        return text
    return masking.key(text) if _CODE.fullmatch(text) else masking.shape(text)


def numbered(value: str) -> str:
    """Return a root and its extension as a report may show them.

    >>> numbered("1.2.250.1.999.1.1^279035121518989")
    '1.2.250.1.999.1.1^…8989'
    """
    root, caret, extension = value.partition("^")
    return f"{root if _OID.fullmatch(root) else _end(root)}{caret}{_end(extension) if extension else ''}"


def all_hidden(values: Sequence[str]) -> str:
    """Return several composites as a report may show them."""
    return " ; ".join(hidden(one) for one in values) or "rien"
