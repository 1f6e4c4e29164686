"""Signing in process against what it needs at least: the hash of the manifest; key, certificate and chain read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from esms_sdk.signature.cms import sign
from esms_sdk.signature.examination import examine
from esms_sdk.signature.keys import load_key
from tests.bench.measure import Ratio, compare
from tests.signature import pki
from tests.va import sealed

ROUNDS = 31
BATCH = 10
ESSMS = 300


def measures(folder: Path) -> list[Ratio]:
    """Compare a signature with its floor, for the usual kinds of key."""
    content = manifest()
    return [_sign(content, kind) for kind in ("rsa2048", "rsa3072", "p256")]


def manifest() -> bytes:
    """Return the manifest of a dossier of 300 establishments, as large as a real one."""
    decisions = [
        {
            "finess_et": f"{number:09}",
            "denomination": "Établissement d'essai",
            "remplie": True,
            "motifs": [],
            "reserves": [],
        }
        for number in range(ESSMS)
    ]
    return sealed.manifest(sealed.FILES, decisions=decisions)


def _sign(content: bytes, kind: str) -> Ratio:
    holder, chain = pki.head(kind), pki.intermediate().pem
    key, certificate = holder.key_pem(), holder.pem

    def floor() -> None:
        for _ in range(BATCH):
            hashlib.sha256(content).digest()
            load_pem_private_key(key, None)
            load_pem_x509_certificate(certificate)
            load_pem_x509_certificate(chain)

    def work() -> None:
        for _ in range(BATCH):
            sign(content, load_key(key, certificate=certificate, chain=chain), "og", pki.SIGNED_ON)

    data = sign(content, load_key(key, certificate=certificate, chain=chain), "og", pki.SIGNED_ON)
    if examine(data, content, "").differences:
        raise RuntimeError("the signature measured is not exact")
    note = f"{BATCH} signatures par tour, manifeste de {len(content) // 1000} ko ({ESSMS} ESSMS)"
    name = f"signer ({kind}), clé lue / SHA-256 du manifeste + lecture de la clé"
    return compare(name, 3, floor, work, rounds=ROUNDS, note=note)
