"""Is this the signature of these bytes?  Every difference, with what is known of who signed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from esms_sdk.errors import Fault
from esms_sdk.signature.certificate import STRONG_HASHES, Certificate
from esms_sdk.signature.moment import shown
from esms_sdk.signature.reading import Algorithm, NoSignature, Signature, read_signature

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_SCHEMES = {"rsassa_pkcs1v15": "RSA PKCS#1 v1.5", "rsassa_pss": "RSA-PSS", "ecdsa": "ECDSA"}


@dataclass(frozen=True)
class Examination:
    """What a signature is, and its differences; with none, it was made over these bytes by the key of ``signer``.

    ``moment`` is the one that the signer declares, ``role`` the one that the signature holds; null where it says none.
    """

    differences: tuple[Fault, ...]
    signer: Certificate | None = None
    others: tuple[Certificate, ...] = ()
    moment: datetime | None = None
    role: str | None = None
    algorithme: str = ""


def examine(data: bytes, content: bytes, name: str) -> Examination:
    """Examine a CMS signature over ``content``; ``name`` is how differences name it."""
    try:
        read = read_signature(data)
    except NoSignature as fault:
        return Examination((Fault(fault.code, fault.message, name),))
    found = [Fault(code, message, name) for code, message in _differences(read, content)]
    moment = read.attributes.moment if read.attributes else None
    role = read.attributes.role if read.attributes else None
    return Examination(tuple(found), read.signer, read.others, moment, role, _told(read.algorithm, read.signer))


def _differences(read: Signature, content: bytes) -> Iterator[tuple[str, str]]:
    if read.signer is None:
        yield "CERTIFICAT_ABSENT", "le certificat du signataire n'est pas dans la signature"
        return
    weak = [one for one in dict.fromkeys((read.digest, read.algorithm.hash)) if one not in STRONG_HASHES]
    if weak:
        yield (
            "EMPREINTE_FAIBLE",
            f"empreinte refusée : {', '.join(map(_name, weak))} (attendu : SHA-256, SHA-384 ou SHA-512)",
        )
    if read.signer.faiblesse:
        yield "CLE_FAIBLE", f"clé refusée : {read.signer.faiblesse}"
    if not read.signer.signe:
        yield "USAGE_DU_CERTIFICAT", "les usages du certificat ne permettent pas de signer"
    yield from _validity(read)
    if not weak and not read.signer.faiblesse:
        yield from _signature(read, read.signer, content)


def _validity(read: Signature) -> Iterator[tuple[str, str]]:
    moment, signer = read.attributes.moment if read.attributes else None, read.signer
    if moment is None or signer is None or signer.valid_at(moment):
        return
    bounds = f"valide du {shown(signer.valide_du)} au {shown(signer.valide_au)}"
    if moment < signer.valide_du:
        yield (
            "CERTIFICAT_PAS_ENCORE_VALIDE",
            f"le certificat n'était pas encore valide à la signature, {shown(moment)} ({bounds})",
        )
    else:
        yield "CERTIFICAT_ECHU", f"le certificat était échu à la signature, {shown(moment)} ({bounds})"


def _signature(read: Signature, signer: Certificate, content: bytes) -> Iterator[tuple[str, str]]:
    told_attributes = read.attributes
    if told_attributes is None:
        if not _verified(signer.key, read.algorithm, read.value, content):
            yield "SIGNATURE_FAUSSE", "elle n'est pas celle de ce manifeste par la clé de son certificat"
        return
    if told_attributes.content_type != "data":
        yield "SIGNATURE_AUTRE_TYPE", "elle dit signer un contenu d'un autre type"
    if not hmac.compare_digest(told_attributes.digest, hashlib.new(read.digest, content).digest()):
        yield "AUTRE_MANIFESTE", "elle porte sur un autre manifeste : celui-ci a été modifié, ou elle vient d'ailleurs"
    if not any(_verified(signer.key, read.algorithm, read.value, one) for one in told_attributes.encodings):
        yield "SIGNATURE_FAUSSE", "elle n'a pas été faite par la clé de son certificat, ou elle a été modifiée"
    if told_attributes.certificate_hash and not _is_that(signer, *told_attributes.certificate_hash):
        yield "AUTRE_CERTIFICAT", "elle a été faite avec un autre certificat que celui qu'elle présente"


def _is_that(signer: Certificate, algorithm: str, digest: bytes) -> bool:
    return algorithm in STRONG_HASHES and hmac.compare_digest(digest, hashlib.new(algorithm, signer.der).digest())


def _verified(key: Any, algorithm: Algorithm, value: bytes, data: bytes) -> bool:
    try:
        digest = _HASHES[algorithm.hash]()
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm.scheme == "ecdsa":
            key.verify(value, data, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm.scheme == "rsassa_pkcs1v15":
            key.verify(value, data, padding.PKCS1v15(), digest)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm.scheme == "rsassa_pss":
            key.verify(value, data, padding.PSS(padding.MGF1(_HASHES[algorithm.mgf_hash]()), algorithm.salt), digest)
        else:
            return False
    except (InvalidSignature, ValueError, KeyError, OverflowError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _told(algorithm: Algorithm, signer: Certificate | None) -> str:
    size = f" {signer.key.key_size} bits" if signer and not signer.faiblesse else ""
    return f"{_SCHEMES.get(algorithm.scheme, algorithm.scheme)}{size}, {_name(algorithm.hash)}"


def _name(digest: str) -> str:
    """Return the name of a hash as it is usually written.

    >>> _name("sha256"), _name("md5")
    ('SHA-256', 'MD5')
    """
    upper = digest.upper()
    shown = f"SHA-{upper[3:]}" if upper.startswith("SHA") and upper[3:].isdigit() else upper
    return shown if shown.isascii() and shown.isprintable() else "?"
