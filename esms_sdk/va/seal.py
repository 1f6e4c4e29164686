"""``va sign``: a signature made here, or made elsewhere and put in; the other members keep their bytes.

A card, an HSM or a service that signs for people identified by Pro Santé Connect gives no key: ``prepare`` writes what
is to be signed, ``attach`` takes the signature back, if it is that of this manifest.
"""

from __future__ import annotations

import hashlib
import io
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from esms_sdk.archive import pack
from esms_sdk.errors import DossierError, Fault, why_unreadable
from esms_sdk.export.french import compte
from esms_sdk.output import whole_file
from esms_sdk.signature import cms, moment
from esms_sdk.signature.certificate import Certificate
from esms_sdk.signature.examination import examine
from esms_sdk.signature.keys import Ask, Key, load_key
from esms_sdk.signature.reading import der
from esms_sdk.signature.role import OG, ROLES
from esms_sdk.va import received
from esms_sdk.va.members import MANIFEST
from esms_sdk.va.received import SIGNATURES, Manifest
from esms_sdk.va.verification import TITLES, impossible, wrong_role

_MOST_SHOWN = 50
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Sealed:
    """A dossier that was signed: where it is, under which role, by whom, when, over which manifest."""

    dossier: Path
    role: str
    signataire: Certificate
    moment: datetime | None
    manifeste_sha256: str


@dataclass(frozen=True)
class Prepared:
    """What is to be signed elsewhere: the file of the bytes, their SHA-256 and size; ``signable`` by the OG or not."""

    fichier: Path
    manifeste_sha256: str
    taille: int
    signable: bool


@dataclass(frozen=True)
class _Whole:
    """A dossier read whole, without difference."""

    name: str
    manifest: Manifest
    files: Mapping[str, bytes]

    @property
    def content(self) -> bytes:
        """The bytes that are signed."""
        return self.files[MANIFEST]


def open_key(
    path: Path, *, certificate: Path | None = None, chain: Path | None = None, password: bytes | None = None,
    ask: Ask | None = None,
) -> Key:  # fmt: skip
    """Return the key of a PEM or PKCS#12 file; ``ask`` gives the password, if one is needed and none is given.

    Without ``certificate`` it is looked for in the file of the key.  Raises :class:`DossierError`.
    """
    return load_key(
        _read(path), certificate=_read(certificate) if certificate else None, chain=_read(chain) if chain else None,
        password=password, ask=ask,
    )  # fmt: skip


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "Vérifier le chemin et les droits de la clé, du certificat et de la chaîne."
        raise DossierError("ESMS-E601", f"fichier illisible : {path} ({why_unreadable(error)})", hint=hint) from None


def sign(
    dossier: Path, *, key: Key, role: str, signed_on: datetime | None = None, out: Path | None = None,
    force: bool = False,
) -> Sealed:  # fmt: skip
    """Sign a dossier and write it, to ``out`` or in its place; ``signed_on`` is the clock's moment when it is null.

    ``force`` replaces a signature of the same role, and another file at ``out``.  Raises :class:`DossierError`.
    """
    whole = _whole(dossier)
    _refuse(whole, role, force=force)
    when = moment.in_utc(signed_on) if signed_on else moment.now()
    if signed_on and (before := impossible(whole.manifest, when)):
        raise DossierError("ESMS-E620", f"le moment de la signature, {moment.shown(when)}, est avant {before}",
                           hint="Corriger --signed-on : un dossier se signe après avoir été fait.")  # fmt: skip
    data = cms.sign(whole.content, key, role, when)
    return _written(whole, data, Sealed(out or dossier, role, key.certificate, when, _digest(whole)), dossier, force)


def prepare(dossier: Path, *, out: Path, force: bool = False) -> Prepared:
    """Write the bytes that a signature is over, those of the manifest.  Raises :class:`DossierError`."""
    whole = _whole(dossier)
    with whole_file(out, force=force) as written:
        written.write_bytes(whole.content)
    return Prepared(out, _digest(whole), len(whole.content), whole.manifest.signable)


def attach(dossier: Path, signature: Path, *, role: str, out: Path | None = None, force: bool = False) -> Sealed:
    """Put in a signature that was made elsewhere, DER or PEM.  Raises :class:`DossierError` where it does not fit."""
    whole = _whole(dossier)
    _refuse(whole, role, force=force)
    try:
        data = signature.read_bytes()
    except OSError as error:
        raise DossierError("ESMS-E615", f"signature illisible : {signature} ({why_unreadable(error)})",
                           hint="Donner le fichier .p7s que l'outil de signature a écrit.") from None  # fmt: skip
    found = examine(data, whole.content, signature.name)
    faults = [*found.differences, *wrong_role(found, role, signature.name)]
    if faults or found.signer is None:
        hint = f"Signer les octets exacts que donne --prepare, en CMS détaché ({TITLES[role]}), certificat inclus."
        raise DossierError("ESMS-E615", f"{signature.name} ne convient pas à ce dossier", hint=hint, faults=faults)
    if found.moment is None:
        hint = "La refaire avec ses attributs signés (openssl : sans -noattr) : la chaîne se juge à ce moment-là."
        raise DossierError("ESMS-E615", f"{signature.name} ne dit pas à quel moment elle a été faite", hint=hint)
    sealed = Sealed(out or dossier, role, found.signer, found.moment, _digest(whole))
    return _written(whole, der(data), sealed, dossier, force)


def _whole(dossier: Path) -> _Whole:
    try:
        data = dossier.read_bytes()
    except OSError as error:
        raise received.missing(dossier, error) from None
    found = received.receive_stream(io.BytesIO(data), dossier.name)
    if found.differences or found.manifest is None:
        count = compte(len(found.differences), "différence", "différences")
        changed = f"{dossier.name} n'est plus tel qu'il a été fait ({count}) : il n'est pas signé"
        raise DossierError("ESMS-E612", changed,
                           hint="Le refaire : esms va build.", faults=found.differences[:_MOST_SHOWN])  # fmt: skip
    return _Whole(dossier.name, found.manifest, received.contents(data, dossier.name))


def _refuse(whole: _Whole, role: str, *, force: bool) -> None:
    if role not in ROLES:
        raise ValueError(f"{role}: no role")
    if role == OG and not whole.manifest.signable:
        hint = "La liste de ce qui manque est dans attestation.html. Un cachet reste possible : --role editeur."
        raise DossierError("ESMS-E613", f"{whole.name} est marqué non signable", hint=hint)
    if SIGNATURES[role] in whole.files and not force:
        there = Fault("PRESENTE", TITLES[role], SIGNATURES[role])
        raise DossierError("ESMS-E614", f"{whole.name} en porte déjà une", faults=[there],
                           hint="Ajouter --force pour la remplacer.")  # fmt: skip


def _digest(whole: _Whole) -> str:
    return hashlib.sha256(whole.content).hexdigest()


def _written(whole: _Whole, data: bytes, sealed: Sealed, dossier: Path, force: bool) -> Sealed:
    files = {**whole.files, SIGNATURES[sealed.role]: data}
    in_place = sealed.dossier == dossier or (sealed.dossier.exists() and sealed.dossier.samefile(dossier))
    mode = stat.S_IMODE(dossier.stat().st_mode) if in_place else None
    if mode is not None and not mode & _WRITABLE:
        raise DossierError("ESMS-E619", f"{dossier.name} est en lecture seule : il n'est pas réécrit",
                           hint="Écrire ailleurs par --out, ou lever la lecture seule.")  # fmt: skip
    with whole_file(sealed.dossier, force=force or in_place) as written:
        pack(written, {name: files[name] for name in sorted(files)})
        if mode is not None:
            written.chmod(mode)
    return sealed
