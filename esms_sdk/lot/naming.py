"""Names as a lot has them, in messages: whole where they are in the words of the contract, else only their shape.

A file without its header row has a person's values where the names should be; no message may repeat them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache

from esms_sdk import masking
from esms_sdk.lot.schema import load

_NEAR = 0.75
_LISTED = 30


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return re.sub(r"[\W_]+", "_", "".join(c for c in letters if not unicodedata.combining(c))).strip("_")


@cache
def _words() -> frozenset[str]:
    schema = load()
    names = [*schema.manifest, *schema.tables, *(c for table in schema.tables.values() for c in table.columns)]
    return frozenset(word for name in names for word in name.split("_"))


def nearest(name: str, admitted: Collection[str]) -> str | None:
    """Return the admitted name that ``name`` was most likely meant to be.

    >>> nearest("Usager_ID", ["sejour_id", "usager_id"])
    'usager_id'
    >>> nearest("DURAND", ["sejour_id", "usager_id"])
    """
    found = difflib.get_close_matches(_plain(name[:80]), admitted, 1, _NEAR)
    return found[0] if found else None


def shown(name: str, admitted: Collection[str]) -> str:
    """Return ``name`` as it may stand in a message.

    >>> shown("date_entre", ["date_entree"]), shown("Date de décès", []), shown("DURAND", [])
    ('date_entre', 'Xxxx xx xxxxx', 'XXXXXX')
    >>> shown("Date fusion", []), shown("", [])
    ('Date fusion', '(sans nom)')
    """
    if not name:
        return "(sans nom)"
    name = " ".join(name.split())
    return name if set(_plain(name).split("_")) <= _words() or nearest(name, admitted) else masking.shape(name)


def listed(names: Iterable[str]) -> str:
    """Return names in one sentence, the first ones where there are many.

    >>> listed(["a", "b"])
    'a, b'
    """
    found = list(names)
    more = f" et {len(found) - _LISTED} autres" if len(found) > _LISTED else ""
    return ", ".join(found[:_LISTED]) + more
