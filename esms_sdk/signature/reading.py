"""A CMS signature as it comes: what it says, in plain values, whoever made it.

DER or PEM, BER of indefinite length, with signed attributes or without.  Everything that asn1crypto may raise over
hostile bytes is met here, once: what follows works on values that are all there.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, x509
from asn1crypto import tsp as _tsp  # noqa: F401  (registers signing_certificate_v2 with cms)
from asn1crypto.parser import peek

from esms_sdk.signature import role as roles
from esms_sdk.signature.certificate import MOST_CERTIFICATES, Certificate, UnreadableCertificate, read

MOST_BYTES = 4 << 20
"""Services join whole revocation lists to a signature: they have some megabytes."""
_MOST_ATTRIBUTES = 64
_MOST_SIGNERS = 16
_MOST_VALUE = 64 << 10
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_SEQUENCE, _BEGIN = b"\x30", b"-----BEGIN "
# asn1crypto's own reader of PEM takes minutes over some megabytes: it joins them line by line.
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----")
_SMIME = (b"MIME-Version", b"Content-Type")


class NoSignature(ValueError):
    """Bytes that are no CMS signature that can be judged: ``code`` and a French sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Algorithm:
    """How a signature was made: ``scheme`` (rsassa_pkcs1v15, rsassa_pss, ecdsa…), its hash, and what PSS adds."""

    scheme: str
    hash: str
    mgf_hash: str = ""
    salt: int = 0


@dataclass(frozen=True)
class Attributes:
    """The signed attributes: ``encodings`` are the bytes that may have been signed, the likeliest first."""

    encodings: tuple[bytes, ...]
    content_type: str
    digest: bytes
    moment: datetime | None
    certificate_hash: tuple[str, bytes] | None
    role: str | None


@dataclass(frozen=True)
class Signature:
    """One signature by one signer; ``attributes`` is null where it signs the content itself."""

    signer: Certificate | None
    others: tuple[Certificate, ...]
    digest: str
    algorithm: Algorithm
    value: bytes
    attributes: Attributes | None


def der(data: bytes) -> bytes:
    """Return the bytes within a PEM, or the bytes as they are.  Raises :class:`NoSignature`."""
    if len(data) > MOST_BYTES:
        raise NoSignature("SIGNATURE_ILLISIBLE", f"plus de {MOST_BYTES >> 20} Mio : elle n'est pas lue")
    if data.lstrip()[:64].startswith(_SMIME):
        raise NoSignature("SIGNATURE_ILLISIBLE", "c'est un message S/MIME : la refaire en DER (openssl : -outform DER)")
    begin = -1 if data.startswith(_SEQUENCE) else data.find(_BEGIN)
    if begin < 0:
        return data
    found = _PEM.match(data, begin)
    try:
        if found is None or _BEGIN in data[found.end() :]:
            raise ValueError("not one block")
        return base64.b64decode(found[2].translate(None, b" \t\r\n"), validate=True)
    except ValueError:
        raise NoSignature("SIGNATURE_ILLISIBLE", "son PEM est mal formé") from None


def read_signature(data: bytes) -> Signature:
    """Return the one signature of a CMS.  Raises :class:`NoSignature`."""
    raw = der(data)
    try:
        return _signature(raw)
    except _UNREADABLE as error:
        if isinstance(error, NoSignature):
            raise
        raise NoSignature("SIGNATURE_ILLISIBLE", "ce n'est pas un CMS lisible") from None


def _signature(raw: bytes) -> Signature:
    envelope = cms.ContentInfo.load(raw, strict=True)
    kind = envelope["content_type"].native
    if kind != "signed_data":
        raise NoSignature("SIGNATURE_AUTRE_TYPE", f"c'est un CMS d'un autre type ({_word(kind)})")
    signed = envelope["content"]
    inner = signed["encap_content_info"]
    if inner["content_type"].native != "data":
        raise NoSignature(
            "SIGNATURE_AUTRE_TYPE", f"elle signe un contenu d'un autre type ({_word(inner['content_type'].native)})"
        )
    if not isinstance(inner["content"], core.Void):
        raise NoSignature(
            "SIGNATURE_NON_DETACHEE", "elle porte elle-même un contenu : une signature détachée est attendue"
        )
    _refuse_many(signed["signer_infos"], _MOST_SIGNERS, "signataires")
    count = len(signed["signer_infos"])
    if count != 1:
        raise NoSignature(
            "SIGNATAIRES", f"{count} signataires : un seul est attendu" if count else "elle n'a pas de signataire"
        )
    signer = signed["signer_infos"][0]
    certificates = _certificates(signed["certificates"])
    mine = _find(signer["sid"], certificates)
    digest = signer["digest_algorithm"]["algorithm"].native
    # Others may be malformed: they only stay unused.  That of the signer may not.
    others = tuple(one for one in map(_readable, (raw for raw in certificates if raw != mine)) if one)
    return Signature(
        _mine(mine), others, digest, _algorithm(signer["signature_algorithm"], digest), signer["signature"].native,
        _attributes(signer["signed_attrs"]),
    )  # fmt: skip


def _certificates(found: Any) -> list[bytes]:
    if isinstance(found, core.Void):
        return []
    _refuse_many(found, MOST_CERTIFICATES, "certificats")
    return [one.chosen.dump() for one in found if one.name == "certificate"]


def _find(sid: Any, certificates: Iterable[bytes]) -> bytes | None:
    """Return the certificate that the signer names by issuer and number, or by the identifier of its key."""
    for raw in certificates:
        with suppress(*_UNREADABLE):
            if _names(sid, raw):
                return raw
    return None


def _names(sid: Any, raw: bytes) -> bool:
    one = x509.Certificate.load(raw)
    if sid.name == "issuer_and_serial_number":
        wanted = sid.chosen
        return bool(wanted["serial_number"].native == one.serial_number and wanted["issuer"] == one.issuer)
    return bool(sid.chosen.native == one.key_identifier)


def _mine(raw: bytes | None) -> Certificate | None:
    if raw is None:
        return None
    try:
        return read(raw)
    except UnreadableCertificate:
        raise NoSignature("CERTIFICAT_ILLISIBLE", "le certificat du signataire est illisible") from None


def _readable(raw: bytes) -> Certificate | None:
    with suppress(UnreadableCertificate):
        return read(raw)
    return None


def _algorithm(found: Any, digest: str) -> Algorithm:
    name = found["algorithm"].native
    try:
        scheme = found.signature_algo
    except ValueError:
        raise NoSignature("ALGORITHME_INCONNU", f"algorithme de signature inconnu ({_word(name)})") from None
    if scheme == "rsassa_pss":
        parameters = found["parameters"]
        generator = parameters["mask_gen_algorithm"]
        if generator["algorithm"].native != "mgf1":
            raise NoSignature("ALGORITHME_INCONNU", "RSA-PSS sans MGF1")
        mgf = generator["parameters"]["algorithm"].native
        return Algorithm(scheme, found.hash_algo, mgf, parameters["salt_length"].native)
    try:
        return Algorithm(scheme, found.hash_algo)
    except ValueError:  # «rsaEncryption», «ecdsa»: the hash is that of the digest
        return Algorithm(scheme, digest)


def _attributes(found: Any) -> Attributes | None:
    if isinstance(found, core.Void):
        return None
    _refuse_many(found, _MOST_ATTRIBUTES, "attributs")
    values: dict[str, Any] = {}
    for one in found:
        name = one["type"].native
        if name in values:
            raise ValueError("an attribute stands twice")
        values[name] = one["values"]
    # RFC 5652 §5.4: what is signed is the DER of the set, not as it stands in the signature ([0] IMPLICIT).
    as_given, in_der = found.untag(), found.untag()
    encodings = (as_given.dump(), in_der.dump(force=True))
    moment = _single(values["signing_time"]).native if "signing_time" in values else None
    return Attributes(
        tuple(dict.fromkeys(encodings)), _single(values["content_type"]).native,
        _single(values["message_digest"]).native, moment, _certificate_hash(values.get("signing_certificate_v2")),
        _role(values.get(roles.ATTRIBUTE)),
    )  # fmt: skip


def _refuse_many(found: Any, most: int, what: str) -> None:
    """Refuse a set with too many parts, before asn1crypto makes an object of each."""
    rest = found.contents or b""
    for _ in range(most):
        if not rest:
            return
        rest = rest[peek(rest) :]
    if rest:
        raise NoSignature("SIGNATURE_ILLISIBLE", f"plus de {most} {what}")


def _single(values: Any) -> Any:
    if len(values.contents) > _MOST_VALUE or len(values) != 1:
        raise ValueError("an attribute has one value")
    return values[0]


def _certificate_hash(values: Any) -> tuple[str, bytes] | None:
    if values is None:
        return None
    first: Any = _single(values)["certs"][0]
    return first["hash_algorithm"]["algorithm"].native, first["cert_hash"].native


def _role(values: Any) -> str | None:
    """Return our role, if it is told: attributes of others are theirs."""
    if values is not None:
        with suppress(*_UNREADABLE):
            return roles.claimed(_single(values).dump())
    return None


def _word(text: object) -> str:
    """Return a name or a number of the signature fit for a message."""
    word = str(text)
    return word if word.isascii() and word.isprintable() and len(word) <= 64 else "?"
