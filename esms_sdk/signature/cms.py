"""A detached CMS signature (RFC 5652) made with a key: SHA-256, RSA PKCS#1 v1.5 or ECDSA, certificate and chain in it.

``cryptography`` has a builder for PKCS#7, which always takes the moment from the clock and signs neither the
certificate's own hash (RFC 5035, which keeps one certificate from standing for another) nor a role.  So the structure
is written with asn1crypto, and ``cryptography`` signs it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from esms_sdk.signature import role as roles
from esms_sdk.signature.certificate import Certificate
from esms_sdk.signature.keys import Key, refuse_unfit
from esms_sdk.signature.moment import in_utc

_UTC_TIME_ENDS = 2050


def sign(content: bytes, key: Key, role: str, moment: datetime) -> bytes:
    """Return the CMS in DER that signs ``content`` without holding it.  Raises :class:`DossierError`."""
    if role not in roles.ROLES:
        raise ValueError(f"{role}: no role")
    moment = in_utc(moment)
    refuse_unfit(key, moment)
    attributes = cms.CMSAttributes(_attributes(content, key.certificate, role, moment))
    algorithm, signature = _signed(key.private, attributes.dump())
    certificate = _asn1(key.certificate)
    serial = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    digest = {"algorithm": "sha256"}
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(name="issuer_and_serial_number", value=serial),
            "digest_algorithm": digest,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": algorithm},
            "signature": signature,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate, *map(_asn1, key.chain)],
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def _attributes(content: bytes, certificate: Certificate, role: str, moment: datetime) -> list[Any]:
    time = "utc_time" if moment.year < _UTC_TIME_ENDS else "generalized_time"
    hashed = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.der).digest()})
    return [
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
        cms.CMSAttribute({"type": "signing_time", "values": [cms.Time(name=time, value=moment)]}),
        cms.CMSAttribute({"type": "message_digest", "values": [core.OctetString(hashlib.sha256(content).digest())]}),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [hashed]})]}),
        roles.attribute(role),
    ]


def _signed(private: Any, data: bytes) -> tuple[str, bytes]:
    if isinstance(private, rsa.RSAPrivateKey):
        return "sha256_rsa", private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return "sha256_ecdsa", private.sign(data, ec.ECDSA(hashes.SHA256()))


def _asn1(certificate: Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.der)
