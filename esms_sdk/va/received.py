"""A dossier as it is received: its manifest, its signatures, and every difference between the two lists of files.

Nothing but the zip is needed.  Signatures are not judged here: see :mod:`esms_sdk.va.verification`.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from esms_sdk import archive as zips
from esms_sdk.errors import DossierError, Fault, why_unreadable
from esms_sdk.export.french import compte, nombre
from esms_sdk.va import members
from esms_sdk.va.members import MANIFEST, ORDER, PDF, README, SCHEMA

SIGNATURES = {"og": members.SIGNATURE, "editeur": "manifeste.json.editeur.p7s"}
"""The member that holds the signature of each role."""
GENRES = ("va", "usages")
LIMITS = zips.Limits(members=1_000, unpacked=1 << 30)
# Names that stand in a dossier alone; a lot has a manifest of that name, and a README, too.
_MARKS = {"attestation.html", PDF, ORDER, *SIGNATURES.values()}
_MOST_MANIFEST, _MOST_SIGNATURE, _MOST_ORDER = 4 << 20, 9 << 20, 1 << 20
_CHUNK, _MOST_SIZE = 1 << 20, 1 << 62
_HEAD, _TAIL = 4 << 20, 1 << 17
_LOCAL = re.compile(rb"PK\x03\x04.{22}(..)..", re.S)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Manifest:
    """What the manifest says: ``fichiers`` gives the SHA-256 and the size of each file; ``document`` is all of it."""

    genre: str
    signable: bool
    fichiers: Mapping[str, tuple[str, int]]
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Received:
    """A dossier read: ``content`` are the bytes of its manifest, ``signatures`` those that stand in it, by role."""

    name: str
    differences: tuple[Fault, ...]
    content: bytes = b""
    manifest: Manifest | None = None
    signatures: Mapping[str, bytes] | None = None
    commande: bytes = b""
    """The order, empty where it is not there or not the one of the manifest."""

    @property
    def empreinte(self) -> str:
        """The SHA-256 of the manifest, empty without one."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


def receive(path: Path) -> Received:
    """Read a dossier.  Raises :class:`DossierError` where there is no file, or one that is no dossier."""
    try:
        with path.open("rb") as stream:
            return receive_stream(stream, path.name)
    except OSError as error:
        raise missing(path, error) from None


def missing(path: Path, error: OSError) -> DossierError:
    """Return what to raise for a dossier that the system does not let one read."""
    return DossierError("ESMS-E611", f"dossier illisible : {path} ({why_unreadable(error)})",
                        hint="Donner le chemin d'un dossier.zip.")  # fmt: skip


def receive_stream(stream: IO[bytes], name: str) -> Received:
    """Read a dossier from a stream that can seek.  Raises :class:`DossierError` where it is none."""
    try:
        with zips.archive(stream, name, LIMITS) as archive:
            return _received(archive, name)
    except zips.UnreadableArchive as fault:
        return Received(name, tuple(_broken(stream, name, fault)))


def contents(data: bytes, name: str) -> dict[str, bytes]:
    """Return the content of every member of a dossier that was received without difference."""
    with zips.archive(io.BytesIO(data), name, LIMITS) as archive:
        return {one: archive.read(one) for one in archive.names}


def signatures_in(path: Path) -> tuple[str, ...]:
    """Return the names of the signatures that a zip holds; none where there is no file, or no zip."""
    try:
        with zips.archive(path, path.name, LIMITS) as archive:
            return tuple(one for one in archive.names if one.endswith(".p7s"))
    except zips.UnreadableArchive:
        return ()


def _received(archive: zips.Archive, name: str) -> Received:
    ours = not _MARKS.isdisjoint(archive.names)
    if MANIFEST not in archive.names:
        if not ours:
            raise _no_dossier(name, f"sans {MANIFEST}")
        return Received(name, (Fault("MANIFESTE_ABSENT", "le manifeste n'y est plus", MANIFEST),))
    try:
        content = _small(archive, MANIFEST, _MOST_MANIFEST)
        manifest = _parsed(content)
    except _OtherVersion as fault:
        raise _other_version(name, str(fault)) from None
    except (zips.UnreadableArchive, _Malformed) as fault:
        if not ours:
            raise _no_dossier(name, f"{MANIFEST} n'est pas celui d'un dossier") from None
        why = str(fault) if isinstance(fault, _Malformed) else "ses octets ne se décompressent plus"
        return Received(name, (Fault("MANIFESTE_ILLISIBLE", f"le manifeste ne se lit plus : {why}", MANIFEST),))
    differences = tuple(_differences(archive, manifest))
    if why := archive.ambiguity():
        message = f"{why} : un autre programme pourrait y voir d'autres fichiers"
        differences = (Fault("ARCHIVE_AMBIGUE", message, name), *differences)
    signatures = {
        role: _lenient(archive, member, _MOST_SIGNATURE)
        for role, member in SIGNATURES.items()
        if member in archive.names
    }
    whole = ORDER in archive.names and ORDER not in {one.fichier for one in differences}
    commande = _lenient(archive, ORDER, _MOST_ORDER) if whole else b""
    return Received(name, differences, content, manifest, signatures, commande)


class _Malformed(ValueError):
    """A manifest that cannot be read, and why."""


class _OtherVersion(ValueError):
    """A manifest of a dossier as another version writes it."""


def _parsed(content: bytes) -> Manifest:
    try:
        # RFC 8259 §8.1: UTF-8, without a mark; json.loads would guess, and two readers could see two manifests.
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except _Malformed:
        raise
    except (ValueError, RecursionError):
        raise _Malformed("ce n'est pas un JSON lisible") from None
    if not isinstance(document, dict):
        raise _Malformed("ce n'est pas un objet JSON")
    schema = str(document.get("schema", ""))
    if schema != SCHEMA:
        if schema.startswith(SCHEMA.partition("/")[0] + "/"):
            raise _OtherVersion(schema[:40])
        raise _Malformed(f"«schema» n'est pas {SCHEMA}")
    genre, signable, listed = (document.get(key) for key in ("genre", "signable", "fichiers"))
    if genre not in GENRES:
        raise _Malformed("«genre» n'est ni va ni usages")
    if not isinstance(signable, bool):
        raise _Malformed("«signable» n'est ni vrai ni faux")
    if not isinstance(listed, list):
        raise _Malformed("«fichiers» n'est pas une liste")
    return Manifest(str(genre), signable, _listed(listed), document)


def _listed(listed: Sequence[object]) -> dict[str, tuple[str, int]]:
    fichiers: dict[str, tuple[str, int]] = {}
    for one in listed:
        entry = one if isinstance(one, dict) else {}
        nom, digest, size = (entry.get(key) for key in ("nom", "sha256", "taille"))
        if not (isinstance(nom, str) and isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            raise _Malformed("«fichiers» : un nom et une empreinte sont attendus pour chacun")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MOST_SIZE:
            raise _Malformed("«fichiers» : une taille est attendue pour chacun")
        if nom in fichiers or nom == MANIFEST or nom in SIGNATURES.values():
            raise _Malformed("«fichiers» : un nom y figure deux fois, ou n'a pas à y figurer")
        fichiers[nom] = (digest, size)
    return fichiers


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object with a key twice: two readers could see two manifests."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Malformed("une clé y figure deux fois")
    return found


def _no_constant(word: str) -> object:
    raise _Malformed(f"{word} n'est pas du JSON")


def _differences(archive: zips.Archive, manifest: Manifest) -> Iterator[Fault]:
    present = set(archive.names) - {MANIFEST, *SIGNATURES.values()}
    for nom in sorted(present | set(manifest.fichiers)):
        if nom not in present:
            yield Fault("FICHIER_ABSENT", "le fichier a été retiré", _shown(nom))
        elif nom not in manifest.fichiers:
            yield Fault("FICHIER_AJOUTE", "le fichier a été ajouté : le manifeste ne le connaît pas", _shown(nom))
        elif why := _altered(archive, nom, *manifest.fichiers[nom]):
            yield Fault("FICHIER_MODIFIE", why, _shown(nom))


def _altered(archive: zips.Archive, nom: str, digest: str, size: int) -> str:
    hashed, seen = hashlib.sha256(), 0
    try:
        with archive.open(nom) as stream:
            while chunk := stream.read(_CHUNK):
                hashed.update(chunk)
                seen += len(chunk)
    except zips.UnreadableArchive:
        return "le fichier a été modifié ou abîmé : ses octets ne se décompressent plus"
    if seen != size:
        return f"le fichier a été modifié : {compte(seen, 'octet', 'octets')} au lieu de {nombre(size)}"
    return "" if hashed.hexdigest() == digest else "le fichier a été modifié : même taille, autre empreinte SHA-256"


def _small(archive: zips.Archive, nom: str, most: int) -> bytes:
    with archive.open(nom) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise _Malformed(f"plus de {most >> 20} Mio")
    return data


def _lenient(archive: zips.Archive, nom: str, most: int) -> bytes:
    """Return a member, empty where it does not unpack, its beginning where it is too large: both are no signature."""
    try:
        with archive.open(nom) as stream:
            return stream.read(most)
    except zips.UnreadableArchive:
        return b""


def _broken(stream: IO[bytes], name: str, fault: zips.UnreadableArchive) -> Iterator[Fault]:
    """Name what is wrong with an archive that was a dossier; raise where nothing shows that it was one."""
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(max(0, stream.seek(0, io.SEEK_END) - _TAIL))
    ended = b"PK\x05\x06" in stream.read()
    if not head:
        raise _no_dossier(name, "le fichier est vide")
    if (_MARKS | {MANIFEST, README}).isdisjoint(_names_in(head)):
        raise _no_dossier(
            name, fault.message.partition("(")[2].rstrip(")") if ended else "ce n'est pas une archive zip"
        )
    if isinstance(fault, zips.RepeatedName):
        for one in fault.names:
            yield Fault("NOM_REPETE", "le nom figure deux fois dans l'archive : elle n'est pas lue", _shown(one))
    elif not ended:
        yield Fault("ARCHIVE_TRONQUEE", "l'archive est tronquée : sa fin manque, elle ne peut être lue", name)
    elif fault.code == "ESMS-E344":
        yield Fault("ARCHIVE_REFUSEE", fault.message, name)
    else:
        yield Fault("ARCHIVE_ABIMEE", "l'archive est abîmée : sa table des fichiers ne se lit plus", name)


def _names_in(head: bytes) -> set[str]:
    """Return the names of members whose beginning can still be seen."""
    found = set()
    for match in _LOCAL.finditer(head):
        length = int.from_bytes(match[1], "little")
        found.add(head[match.end() : match.end() + length].decode("utf-8", "replace"))
    return found


def _shown(nom: str) -> str:
    """Return the name of a member fit for a terminal."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in nom[:200])


def _no_dossier(name: str, why: str) -> DossierError:
    return DossierError("ESMS-E610", f"{name} n'est pas un dossier ({why})",
                        hint="Un dossier est le zip que fait esms va build.")  # fmt: skip


def _other_version(name: str, schema: str) -> DossierError:
    return DossierError("ESMS-E617", f"{name} est un dossier d'une autre version ({_shown(schema)})",
                        hint="Le vérifier avec la version d'esms qui l'a fait, ou une plus récente.")  # fmt: skip
