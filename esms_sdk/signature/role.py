"""The role under which a signature was made, told inside it: a renamed file does not change it.

It is a claimed attribute of the signer (CAdES, ETSI EN 319 122-1 §5.2.6 «signer-attributes», its first form): the
attribute «role» of X.509 with a URI as its name.  Verifiers that do not know it sign and verify around it.
"""

from __future__ import annotations

from typing import Any

from asn1crypto import cms, core

OG, EDITEUR = "og", "editeur"
ROLES = (OG, EDITEUR)
ATTRIBUTE = "1.2.840.113549.1.9.16.2.18"
_URI = "urn:esms-sdk:role:"


class _Claimed(core.SequenceOf):  # type: ignore[misc]
    _child_spec = cms.AttCertAttribute


class _Part(core.Choice):  # type: ignore[misc]
    _alternatives = [("claimed", _Claimed, {"explicit": 0}), ("certified", core.Any, {"explicit": 1})]  # noqa: RUF012


class _SignerAttribute(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Part


def attribute(role: str) -> Any:
    """Return the signed attribute that claims a role."""
    name = cms.GeneralName(name="uniform_resource_identifier", value=_URI + role)
    claim = cms.AttCertAttribute({"type": "role", "values": [cms.RoleSyntax({"role_name": name})]})
    told = _SignerAttribute([_Part(name="claimed", value=_Claimed([claim]))])
    return cms.CMSAttribute({"type": ATTRIBUTE, "values": [core.Any(told)]})


def claimed(value: bytes) -> str | None:
    """Return the role that the value of such an attribute claims in our words; None where it claims none of ours.

    >>> claimed(attribute(EDITEUR)["values"][0].dump())
    'editeur'
    """
    for part in _SignerAttribute.load(value):
        if part.name != "claimed":
            continue
        for one in part.chosen:
            if one["type"].native != "role":
                continue
            for role in one["values"]:
                uri = role["role_name"]
                if uri.name == "uniform_resource_identifier" and uri.native.startswith(_URI):
                    return str(uri.native.removeprefix(_URI))
    return None
