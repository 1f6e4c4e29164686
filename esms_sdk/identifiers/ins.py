"""INS: the identity of a person in health care, a matricule and the OID that says what it is.

The matricule is the person's NIR or NIA, fifteen characters with its key.  The OID tells which of the two, and whether
the pair is real: an identity of test or of demonstration must not meet a real one (Référentiel INS, guide
d'implémentation v3.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from esms_sdk.identifiers.nir import compact, is_valid, key, sql_compact, sql_is_valid, validate

__all__ = [
    "OIDS",
    "Oid",
    "compact",
    "is_known_oid",
    "is_test_oid",
    "is_valid",
    "key",
    "sql_compact",
    "sql_is_known_oid",
    "sql_is_test_oid",
    "sql_is_valid",
    "validate",
]


class Oid(NamedTuple):
    """What an OID says of the matricule beside it."""

    nature: Literal["NIR", "NIA"]
    mode: Literal["production", "test"]
    libelle: str


OIDS: Mapping[str, Oid] = MappingProxyType(
    {
        "1.2.250.1.213.1.4.8": Oid("NIR", "production", "NIR"),
        "1.2.250.1.213.1.4.9": Oid("NIA", "production", "NIA"),
        "1.2.250.1.213.1.4.10": Oid("NIR", "test", "NIR de test"),
        "1.2.250.1.213.1.4.11": Oid("NIR", "test", "NIR de démonstration"),
    }
)


def is_known_oid(oid: str) -> bool:
    """Tell whether ``oid``, as stored, is one that an INS may bear.

    >>> is_known_oid("1.2.250.1.213.1.4.8"), is_known_oid("urn:oid:1.2.250.1.213.1.4.8")
    (True, False)
    """
    return oid in OIDS


def is_test_oid(oid: str) -> bool:
    """Tell whether ``oid``, as stored, is that of a test or a demonstration; an unknown one is not.

    >>> is_test_oid("1.2.250.1.213.1.4.10"), is_test_oid("1.2.250.1.213.1.4.8"), is_test_oid("1.2.3")
    (True, False, False)
    """
    return oid in OIDS and OIDS[oid].mode == "test"


def sql_is_known_oid(column: str) -> str:
    """Return the DuckDB twin of :func:`is_known_oid` over the text expression ``column``, null where it is null."""
    return _among(column, list(OIDS))


def sql_is_test_oid(column: str) -> str:
    """Return the DuckDB twin of :func:`is_test_oid` over the text expression ``column``, null where it is null."""
    return _among(column, [oid for oid in OIDS if is_test_oid(oid)])


def _among(column: str, oids: list[str]) -> str:
    listed = ", ".join(f"'{oid}'" for oid in oids)
    return f"{column} IN ({listed})"
