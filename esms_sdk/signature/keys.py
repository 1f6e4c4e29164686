"""The key of who signs, its certificate and chain: PEM files, or one PKCS#12."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from esms_sdk.errors import DossierError
from esms_sdk.signature.certificate import Certificate, UnreadableCertificate, read, read_all
from esms_sdk.signature.moment import shown

Ask = Callable[[], bytes]
"""Gives the password, asked of a person only when the key turns out to need one."""

_BLOCK = re.compile(rb"-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----.*?-----END \1-----", re.S)
_REFUSED = (ValueError, TypeError, UnsupportedAlgorithm)
_NO_PASSWORD_HINT = "Le donner par --password-env NOM, --password-file FICHIER, ou à l'invite d'un terminal."
_PSS_ONLY = "1.2.840.113549.1.1.10"


@dataclass(frozen=True)
class Key:
    """A private key, its certificate, and the authorities that stand between it and a root."""

    private: Any = field(repr=False)
    certificate: Certificate
    chain: tuple[Certificate, ...] = ()


def load_key(
    data: bytes, *, certificate: bytes | None = None, chain: bytes | None = None, password: bytes | None = None,
    ask: Ask | None = None,
) -> Key:  # fmt: skip
    """Return the key of a PEM file or of a PKCS#12, with its certificate.

    ``certificate`` and ``chain`` are PEM or DER; without them they are looked for beside the key.  ``ask`` is called
    once, if the key needs a password and none is given.  Raises :class:`DossierError`.
    """
    if b"-----BEGIN " in data:
        private = _from_pem(data, password, ask)
        beside: tuple[Certificate, ...] = _certificates(data, "le fichier de la clé")
    else:
        private, beside = _from_pkcs12(data, password, ask)
    named = _certificates(certificate, "le certificat") if certificate is not None else ()
    others = _certificates(chain, "la chaîne") if chain is not None else ()
    return _paired(private, named or beside, (*named, *beside, *others))


def refuse_unfit(key: Key, moment: datetime) -> None:
    """Raise :class:`DossierError` where the certificate does not let its key sign at this moment."""
    mine = key.certificate
    if mine.faiblesse:
        raise DossierError("ESMS-E603", f"clé refusée : {mine.faiblesse}", hint="Signer avec une clé plus forte.")
    if not mine.signe:
        hint = (
            "Prendre le certificat de signature (usage digitalSignature ou nonRepudiation), non celui de chiffrement, "
            "d'un serveur ou d'horodatage."
        )
        raise DossierError("ESMS-E607", "les usages du certificat ne permettent pas de signer", hint=hint)
    if not mine.valid_at(moment):
        bounds = f"valide du {shown(mine.valide_du)} au {shown(mine.valide_au)}"
        why = "n'est pas encore valide" if moment < mine.valide_du else "est échu"
        raise DossierError("ESMS-E606", f"le certificat {why} au moment de la signature, {shown(moment)} ({bounds})",
                           hint="Signer avec un certificat en cours de validité, ou corriger --signed-on.")  # fmt: skip


def _from_pem(data: bytes, password: bytes | None, ask: Ask | None) -> Any:
    block = _BLOCK.search(data)
    if block is None:
        raise DossierError("ESMS-E601", "aucune clé privée dans le fichier de la clé",
                           hint="Donner un PEM «-----BEGIN PRIVATE KEY-----» ou un PKCS#12 (.p12, .pfx).")  # fmt: skip
    locked = b"ENCRYPTED" in block[0]
    if locked and password is None:
        password = _asked(ask)
    try:
        return load_pem_private_key(block[0], password if locked else None)
    except _REFUSED:
        raise (_wrong_password() if locked else _unreadable()) from None


def _from_pkcs12(data: bytes, password: bytes | None, ask: Ask | None) -> tuple[Any, tuple[Certificate, ...]]:
    found = _opened(data, [password] if password is not None else [None, b""])
    if found is None and password is None and data[:1] == b"\x30":
        found = _opened(data, [_asked(ask)])
    if found is None:
        raise _wrong_password() if data[:1] == b"\x30" else _unreadable()
    if found.key is None:
        raise DossierError("ESMS-E601", "aucune clé privée dans le PKCS#12", hint="L'exporter avec sa clé privée.")
    kept = ([found.cert] if found.cert else []) + list(found.additional_certs)
    try:
        return found.key, tuple(read(one.certificate.public_bytes(Encoding.DER)) for one in kept)
    except UnreadableCertificate:
        raise _no_certificate("le PKCS#12") from None


def _opened(data: bytes, passwords: Iterable[bytes | None]) -> pkcs12.PKCS12KeyAndCertificates | None:
    for password in passwords:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # files in BER, as Windows exports them
                return pkcs12.load_pkcs12(data, password)
        except _REFUSED:
            continue
    return None


def _asked(ask: Ask | None) -> bytes:
    if ask is None:
        raise DossierError("ESMS-E602", "la clé est protégée par un mot de passe", hint=_NO_PASSWORD_HINT)
    return ask()


def _paired(private: Any, candidates: tuple[Certificate, ...], others: tuple[Certificate, ...]) -> Key:
    """Return the key with the certificate that bears its public half, and every other certificate as its chain."""
    if not hasattr(private, "sign"):
        raise DossierError("ESMS-E603", "clé refusée : elle ne sert pas à signer", hint="Donner une clé RSA ou EC.")
    if not candidates:
        raise DossierError("ESMS-E604", "aucun certificat n'accompagne la clé", hint="Le donner par --cert FICHIER.")
    half = private.public_key()
    mine = next((one for one in candidates if _bears(one, half)), None)
    if mine is None:
        raise DossierError("ESMS-E605", "la clé et le certificat ne vont pas ensemble",
                           hint="Donner le certificat délivré pour cette clé.")  # fmt: skip
    if mine.x509.public_key_algorithm_oid.dotted_string == _PSS_ONLY:
        raise DossierError("ESMS-E603", "clé refusée : son certificat la réserve à RSA-PSS",
                           hint="Signer ailleurs : va sign --prepare, puis --attach.")  # fmt: skip
    return Key(private, mine, tuple(dict.fromkeys(one for one in others if one != mine)))


def _bears(certificate: Certificate, half: Any) -> bool:
    try:
        return bool(certificate.key == half)
    except _REFUSED:
        return False


def _certificates(data: bytes, what: str) -> tuple[Certificate, ...]:
    try:
        return read_all(data)
    except UnreadableCertificate:
        raise _no_certificate(what) from None


def _no_certificate(what: str) -> DossierError:
    return DossierError("ESMS-E604", f"{what} : certificat illisible", hint="Donner un X.509 en PEM ou en DER.")


def _wrong_password() -> DossierError:
    return DossierError("ESMS-E602", "la clé ne s'ouvre pas : mot de passe faux, ou fichier abîmé",
                        hint=_NO_PASSWORD_HINT)  # fmt: skip


def _unreadable() -> DossierError:
    return DossierError("ESMS-E601", "clé illisible", hint="Donner une clé PEM ou un PKCS#12 (.p12, .pfx).")
