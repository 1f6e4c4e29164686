"""A key for trying a signature out: made anew each time, kept nowhere, under an authority that nobody trusts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from esms_sdk.signature.certificate import read
from esms_sdk.signature.keys import Key

AUTHORITY = "Autorité de démonstration, sans valeur"
_DAY = timedelta(days=1)


def throwaway(nom: str, moment: datetime) -> tuple[Key, bytes]:
    """Return a key whose certificate names ``nom`` and holds the day around ``moment``, and its authority in PEM."""
    top, mine = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certified(AUTHORITY, top, AUTHORITY, top, moment, ca=True)
    leaf = _certified(nom, mine, AUTHORITY, top, moment, ca=False)
    return Key(mine, read(leaf.public_bytes(Encoding.DER))), authority.public_bytes(Encoding.PEM)


def _certified(nom: str, key: Any, by: str, signing: Any, moment: datetime, *, ca: bool) -> x509.Certificate:
    usage = dict.fromkeys(
        ("digital_signature", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only", "crl_sign"), False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder(_name(by), _name(nom), key.public_key(), x509.random_serial_number())
        .not_valid_before(moment - _DAY)
        .not_valid_after(moment + _DAY)
        .add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True)
        .add_extension(x509.KeyUsage(content_commitment=not ca, key_cert_sign=ca, **usage), critical=True)
        .sign(signing, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])
