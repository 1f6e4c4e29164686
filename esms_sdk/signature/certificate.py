"""X.509 certificates, read whole when they are met: what is asked of them later cannot fail any more."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

STRONG_HASHES = ("sha256", "sha384", "sha512")
MOST_CERTIFICATES = 64
MIN_RSA, MIN_EC = 2048, 256
# What cryptography raises for a certificate, or a part of one, that is not what it should be.
_UNREADABLE = (ValueError, TypeError, OverflowError, x509.DuplicateExtension, x509.InvalidVersion, UnsupportedAlgorithm)
_PEM = re.compile(rb"-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----(.*?)-----END \1-----", re.S)
# Critical extensions whose meaning is kept here: any other one must be understood, hence refuses the certificate.
# CERTIFICATE_POLICIES is one of them although no policy is judged: RFC 5280 §6.1 asks that of a verifier who demands
# a policy, and none is demanded here (the reader is told that no level of signature is established).
_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.CERTIFICATE_POLICIES, ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
}  # fmt: skip

# What a certificate that signs documents may be restricted to.  clientAuth is that of CPx cards and RGS certificates.
_TO_SIGN = {
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CLIENT_AUTH,
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # id-kp-documentSigning, RFC 9336
    x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # szOID_KP_DOCUMENT_SIGNING, Microsoft's own
}  # fmt: skip


class UnreadableCertificate(ValueError):
    """Bytes that are no X.509 certificate, or one that is malformed."""


@dataclass(frozen=True)
class Certificate:
    """A certificate, all its parts read.  Two are equal when their bytes are.

    ``valide_du`` and ``valide_au`` are both included; ``autorite`` tells whether it may sign certificates, with at most
    ``profondeur`` authorities under it (null: no limit); ``signe`` whether its usages let it sign documents,
    ``autre_usage`` whether they tell, without binding, that it is for something else; ``faiblesse`` why its key is
    refused, empty where it is not.
    """

    der: bytes
    x509: x509.Certificate = field(compare=False, repr=False)
    valide_du: datetime = field(compare=False)
    valide_au: datetime = field(compare=False)
    autorite: bool = field(compare=False)
    profondeur: int | None = field(compare=False)
    signe: bool = field(compare=False)
    autre_usage: bool = field(compare=False)
    faiblesse: str = field(compare=False)
    empreinte: str = field(compare=False)
    """The hash of its own signature: ``sha256``; empty where it is unknown."""
    incomprise: str = field(compare=False)
    """The first critical extension that is not understood here, as a dotted number; empty where there is none."""

    @cached_property
    def nom(self) -> str:
        """Its common name, else its whole subject."""
        return _first(self.x509.subject, NameOID.COMMON_NAME) or self.sujet

    @cached_property
    def organisation(self) -> str:
        """The organisation of its subject, empty where there is none."""
        return _first(self.x509.subject, NameOID.ORGANIZATION_NAME)

    @cached_property
    def sujet(self) -> str:
        """Its subject, as people write it."""
        return _shown(self.x509.subject.rfc4514_string())

    @cached_property
    def emetteur(self) -> str:
        """The name of its issuer, as people write it."""
        return _shown(self.x509.issuer.rfc4514_string())

    @property
    def serie(self) -> str:
        """Its number, in hexadecimal."""
        return f"{self.x509.serial_number:x}"

    @property
    def key(self) -> Any:
        """Its public key."""
        return self.x509.public_key()

    @property
    def subject(self) -> bytes:
        """Its subject, as it is encoded."""
        return self.x509.subject.public_bytes()

    @property
    def issuer(self) -> bytes:
        """The name of its issuer, as it is encoded."""
        return self.x509.issuer.public_bytes()

    def valid_at(self, moment: datetime) -> bool:
        """Tell whether a moment stands in its validity."""
        return self.valide_du <= moment <= self.valide_au

    def issued_by(self, other: Certificate) -> bool:
        """Tell whether the key of another one signed it, and its issuer bears the name of that other."""
        try:
            self.x509.verify_directly_issued_by(other.x509)
        except (InvalidSignature, *_UNREADABLE):
            return False
        return True


def read(der: bytes) -> Certificate:
    """Read a certificate in DER.  Raises :class:`UnreadableCertificate`."""
    return _loaded(x509.load_der_x509_certificate, der)


def read_all(data: bytes) -> tuple[Certificate, ...]:
    """Read the certificates of a file: one or more in PEM, whatever stands around them, or one in DER."""
    if b"-----BEGIN " not in data:
        return (read(data),)
    blocks = [match[0] for match in _PEM.finditer(data)]
    if len(blocks) > MOST_CERTIFICATES:
        raise UnreadableCertificate("too many")
    return tuple(_loaded(x509.load_pem_x509_certificate, block) for block in blocks)


def _loaded(load: Callable[[bytes], x509.Certificate], data: bytes) -> Certificate:
    try:
        with warnings.catch_warnings():
            # Field certificates bend the profile (serial numbers, names): that is no news for who verifies a dossier.
            warnings.simplefilter("ignore")
            return _read(load(data))
    except _UNREADABLE as error:
        raise UnreadableCertificate(type(error).__name__) from None


def weakness(key: object) -> str:
    """Say in French why a public key is refused; empty where it is not.

    >>> from cryptography.hazmat.primitives.asymmetric import ec
    >>> weakness(ec.generate_private_key(ec.SECP256R1()).public_key()), weakness(object())
    ('', 'type de clé non pris en charge (attendu : RSA ou courbe elliptique)')
    """
    if isinstance(key, rsa.RSAPublicKey):
        return "" if key.key_size >= MIN_RSA else f"clé RSA de {key.key_size} bits (au moins {MIN_RSA} attendus)"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "" if key.key_size >= MIN_EC else f"courbe de {key.key_size} bits (au moins {MIN_EC} attendus)"
    return "type de clé non pris en charge (attendu : RSA ou courbe elliptique)"


def _read(found: x509.Certificate) -> Certificate:
    extensions = {one.oid: one for one in found.extensions}
    basic = extensions.get(ExtensionOID.BASIC_CONSTRAINTS)
    usage = extensions.get(ExtensionOID.KEY_USAGE)
    ca = bool(basic and basic.value.ca)
    signs = certifies = True
    if usage is not None:
        flags: Any = usage.value
        signs, certifies = flags.digital_signature or flags.content_commitment, flags.key_cert_sign
    purpose = extensions.get(ExtensionOID.EXTENDED_KEY_USAGE)
    elsewhere = purpose is not None and _TO_SIGN.isdisjoint(purpose.value)
    binding = elsewhere and bool(purpose and purpose.critical)
    unknown = [oid.dotted_string for oid, one in extensions.items() if one.critical and oid not in _UNDERSTOOD]
    # Not critical, a constraint on names binds all the same: it is not examined here.
    unknown += [oid.dotted_string for oid in extensions if oid == ExtensionOID.NAME_CONSTRAINTS]
    _ = found.subject, found.issuer  # read now: a malformed name is refused here
    return Certificate(
        found.public_bytes(Encoding.DER), found, found.not_valid_before_utc, found.not_valid_after_utc,
        ca and certifies, basic.value.path_length if ca and basic else None,
        signs and not binding, elsewhere and not binding, _weakness(found), _own_hash(found),
        unknown[0] if unknown else "",
    )  # fmt: skip


def _weakness(found: x509.Certificate) -> str:
    try:
        return weakness(found.public_key())
    except UnsupportedAlgorithm:
        return weakness(None)


def _own_hash(found: x509.Certificate) -> str:
    try:
        own: hashes.HashAlgorithm | None = found.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return own.name if own else ""


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    value = found[0].value if found else ""
    return _shown(value) if isinstance(value, str) else ""


def _shown(text: str) -> str:
    """Return a text of a certificate fit for a terminal: no control, no change of direction, no endless line."""
    clean = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return clean if len(clean) <= 300 else clean[:299] + "…"
