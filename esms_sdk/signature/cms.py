"""A detached CMS signature (RFC 5652) made with a key: SHA-256, RSA PKCS#1 v1.5 or ECDSA, certificate and chain in it.

``cryptography`` has a builder for PKCS#7, which always takes the moment from the clock and signs neither the
certificate's own hash (RFC 5035, which keeps one certificate from standing for another) nor a role.  So the structure
is written here and ``cryptography`` signs it; written as DER at once, since asn1crypto, which reads signatures, takes a
hundred times as long to build one as an elliptic curve takes to sign it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from typing import Any

from asn1crypto.core import Integer, Null, ObjectIdentifier
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from esms_sdk.signature import role as roles
from esms_sdk.signature.certificate import Certificate
from esms_sdk.signature.keys import Key, refuse_unfit
from esms_sdk.signature.moment import in_utc

_UTC_TIME_ENDS = 2050
_OCTETS, _UTC_TIME, _TIME, _SEQUENCE, _SET, _TAG_0 = 0x04, 0x17, 0x18, 0x30, 0x31, 0xA0


def _oid(dotted: str) -> bytes:
    return bytes(ObjectIdentifier(dotted).dump())


_DATA, _SIGNED_DATA = _oid("1.2.840.113549.1.7.1"), _oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE, _DIGEST = _oid("1.2.840.113549.1.9.3"), _oid("1.2.840.113549.1.9.4")
_SIGNING_TIME, _SIGNING_CERTIFICATE = _oid("1.2.840.113549.1.9.5"), _oid("1.2.840.113549.1.9.16.2.47")
_SHA256, _NULL, _ONE = _oid("2.16.840.1.101.3.4.2.1"), bytes(Null().dump()), bytes(Integer(1).dump())
_RSA_SHA256, _ECDSA_SHA256 = _oid("1.2.840.113549.1.1.11"), _oid("1.2.840.10045.4.3.2")


def sign(content: bytes, key: Key, role: str, moment: datetime) -> bytes:
    """Return the CMS in DER that signs ``content`` without holding it.  Raises :class:`DossierError`."""
    if role not in roles.ROLES:
        raise ValueError(f"{role}: no role")
    moment = in_utc(moment)
    refuse_unfit(key, moment)
    attributes = sorted(_attributes(content, key.certificate, role, moment))
    # Signed as a SET, stored under a tag of its own (RFC 5652 §5.4).
    algorithm, signature = _signed(key.private, _der(_SET, *attributes))
    digest = _der(_SEQUENCE, _SHA256)
    signer = _der(
        _SEQUENCE, _ONE, _named(key.certificate), digest, _der(_TAG_0, *attributes), _der(_SEQUENCE, *algorithm),
        _der(_OCTETS, signature),
    )  # fmt: skip
    certificates = sorted(one.der for one in (key.certificate, *key.chain))
    signed = _der(
        _SEQUENCE, _ONE, _der(_SET, digest), _der(_SEQUENCE, _DATA), _der(_TAG_0, *certificates), _der(_SET, signer)
    )
    return _der(_SEQUENCE, _SIGNED_DATA, _der(_TAG_0, signed))


def _attributes(content: bytes, certificate: Certificate, role: str, moment: datetime) -> list[bytes]:
    hashed = _der(_OCTETS, hashlib.sha256(certificate.der).digest())
    return [
        _attribute(_CONTENT_TYPE, _DATA),
        _attribute(_SIGNING_TIME, _time(moment)),
        _attribute(_DIGEST, _der(_OCTETS, hashlib.sha256(content).digest())),
        _attribute(_SIGNING_CERTIFICATE, _der(_SEQUENCE, _der(_SEQUENCE, _der(_SEQUENCE, hashed)))),
        _claim(role),
    ]


@cache
def _claim(role: str) -> bytes:
    return bytes(roles.attribute(role).dump())


def _attribute(kind: bytes, value: bytes) -> bytes:
    return _der(_SEQUENCE, kind, _der(_SET, value))


def _time(moment: datetime) -> bytes:
    if moment.year < _UTC_TIME_ENDS:
        return _der(_UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode("ascii"))
    return _der(_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode("ascii"))


def _named(certificate: Certificate) -> bytes:
    return _der(_SEQUENCE, certificate.issuer, bytes(Integer(certificate.x509.serial_number).dump()))


def _signed(private: Any, data: bytes) -> tuple[tuple[bytes, ...], bytes]:
    if isinstance(private, rsa.RSAPrivateKey):
        return (_RSA_SHA256, _NULL), private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return (_ECDSA_SHA256,), private.sign(data, ec.ECDSA(hashes.SHA256()))


def _der(tag: int, *parts: bytes) -> bytes:
    """Return parts under a tag, in DER.

    >>> _der(0x30, b"a" * 200)[:3].hex(), _der(0x04, b"ab").hex()
    ('3081c8', '04026162')
    """
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content
