"""An invented world of certificates: fixed dates, fixed numbers, keys made once a process."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from esms_sdk.signature import certificate
from esms_sdk.signature.keys import Key

START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
SIGNED_ON = datetime(2025, 10, 2, 7, 30, tzinfo=UTC)
SECRET = b"un mot de passe \xc3\xa9prouv\xc3\xa9"
_CURVES = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p192": ec.SECP192R1}

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="the openssl command line is not on this machine")


def openssl(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the openssl command line."""
    done = subprocess.run([str(OPENSSL), *map(str, words)], capture_output=True, encoding="utf-8", errors="replace")
    assert not check or done.returncode == 0, done.stderr
    return done


@cache
def private(kind: str, number: int = 0) -> Any:
    """Return a private key: ``rsa2048`` and its like, or a curve; another number, another key."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key(_CURVES[kind]())


@dataclass(frozen=True)
class Holder:
    """Who holds a key and its certificate."""

    key: Any
    x509: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.x509.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.x509.public_bytes(Encoding.DER)

    def key_pem(self, password: bytes | None = None) -> bytes:
        """The private key."""
        lock = BestAvailableEncryption(password) if password else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)

    def p12(self, password: bytes | None = None, chain: tuple[Holder, ...] = ()) -> bytes:
        """Both, as PKCS#12."""
        lock = BestAvailableEncryption(password) if password else NoEncryption()
        others = [one.x509 for one in chain]
        return pkcs12.serialize_key_and_certificates(b"essai", self.key, self.x509, others, lock)

    def signing(self, *chain: Holder) -> Key:
        """As the package has it."""
        return Key(self.key, certificate.read(self.der), tuple(certificate.read(one.der) for one in chain))


def usage(**told: bool) -> x509.KeyUsage:
    """Return a key usage; what is not told is false."""
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: told.get(name, False) for name in names})


def name(common: str, organisation: str = "Association Exemple") -> x509.Name:
    """Return a subject."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@cache
def issue(
    common: str, by: Holder | None = None, *, kind: str = "p256", number: int = 0, ca: bool = False,
    path_length: int | None = None, start: datetime = START, end: datetime = END, key_usage: Any = None,
    basic: bool = True, digest: Any = hashes.SHA256, extra: Any = None, critical: bool = True, serial: int = 0,
) -> Holder:  # fmt: skip
    """Return who holds a new certificate, self-signed without ``by``."""
    key = private(kind, number or hash_of(common))
    issuer = by.x509.subject if by else name(common)
    made = (
        x509.CertificateBuilder(issuer, name(common), key.public_key(), serial or 1000 + hash_of(common))
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if basic:
        made = made.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if key_usage is not None:
        made = made.add_extension(key_usage, critical=True)
    if extra is not None:
        made = made.add_extension(extra, critical=critical)
    return Holder(key, made.sign(by.key if by else key, digest()))


def hash_of(word: str) -> int:
    """Return a number that a word always has."""
    return sum(ord(one) * (place + 1) for place, one in enumerate(word))


def root() -> Holder:
    """The authority that a reader trusts."""
    return issue("Autorité racine d'essai", ca=True, key_usage=usage(key_cert_sign=True, crl_sign=True))


def intermediate() -> Holder:
    """The authority under it."""
    return issue("Autorité intermédiaire d'essai", root(), ca=True, path_length=0, key_usage=usage(key_cert_sign=True))


def head(kind: str = "p256") -> Holder:
    """The head of the OG."""
    return issue("Hélène Exemple", intermediate(), kind=kind, key_usage=usage(content_commitment=True))


def vendor() -> Holder:
    """The vendor of the software, under an authority of its own."""
    return issue("Éditeur d'essai", issue("Racine de l'éditeur", ca=True))


def write(folder: Path, **files: bytes) -> dict[str, Path]:
    """Write files; a name is ``cle_pem`` for ``cle.pem``."""
    written = {}
    for stem, data in files.items():
        written[stem] = folder / stem.replace("_", ".")
        written[stem].write_bytes(data)
    return written
