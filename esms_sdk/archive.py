"""The one door to zip archives that come from elsewhere, and the one way to write ours.

What is refused is refused before it can cost anything: names that leave the archive or stand twice, links, passwords,
content that swells out of measure.  Nothing is repaired.
"""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from esms_sdk import zip_records
from esms_sdk.errors import SourceError


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document or an archive may cost: sizes in bytes, unpacked; ``depth`` in nested elements.

    ``unpacked`` is the size of an archive's content; ``ratio`` how much one of its files may swell (deflate reaches a
    thousand), which is asked of large ones only.
    """

    size: int = 256 << 20
    depth: int = 256
    members: int = 10_000
    unpacked: int = 4 << 30
    ratio: int = 250


LIMITS = Limits()
_SMALL = 16 << 20
_CHUNK = 1 << 16
_ENCRYPTED = 0x1
# A relative name whose parts all start with a letter, a digit or an underscore: it cannot leave an archive.
_PLAIN = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)
# The earliest day that a zip can tell: what is built does not depend on the day.
_NO_DAY = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
# What the standard library raises for an archive that is not what it should be.
Broken = tuple[type[Exception], ...]
_BROKEN: Broken = (
    OSError,
    EOFError,
    KeyError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class UnreadableArchive(SourceError):
    """An archive that is not a zip, or that is not opened because it could do harm."""


class RepeatedName(UnreadableArchive):
    """An archive in which names stand twice: ``names``, which no message shows (they may be of persons)."""

    names: tuple[str, ...] = ()


class Archive:
    """A zip archive, judged once when it is opened: ``names`` are those of its files, sorted."""

    def __init__(self, opened: zipfile.ZipFile, name: str) -> None:
        self._opened, self._name = opened, name
        self.names = sorted(info.filename for info in opened.infolist() if not info.is_dir())

    def read(self, one: str) -> bytes:
        """Return the content of one file.  Raises :class:`UnreadableArchive`."""
        try:
            return self._opened.read(one)
        except _BROKEN as error:
            raise _no_archive(self._name, error) from None

    def ambiguity(self) -> str:
        """Say in French why two programs could see different files in it; empty where every program sees these."""
        return next(zip_records.ambiguities(self._opened), "")

    @contextmanager
    def open(self, one: str) -> Iterator[IO[bytes]]:
        """Open one file (zipfile reads no more than the size judged).  Raises :class:`UnreadableArchive` late too."""
        try:
            packed = self._opened.open(one)
        except _BROKEN as error:
            raise _no_archive(self._name, error) from None
        with packed:
            yield cast(IO[bytes], io.BufferedReader(Told(packed, partial(_no_archive, self._name)), _CHUNK))


@contextmanager
def archive(path: Path | IO[bytes], name: str, limits: Limits = LIMITS) -> Iterator[Archive]:
    """Open a zip archive, a file or a stream that can seek, which reports call ``name``.

    Raises :class:`UnreadableArchive` where it is no zip, or one that does harm: too many members, a name that leaves
    the archive or stands twice, a link, a password, a size or a swelling beyond the limits.
    """
    try:
        opened = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise _no_archive(name, error) from None
    with opened:
        _judge_all(opened.infolist(), name, limits)
        yield Archive(opened, name)


def pack(target: Path | IO[bytes], files: Mapping[str, bytes | Path]) -> None:
    """Write a zip archive of ``files``, in their order: no day, no owner, so the same content gives the same bytes.

    Of a file of the disk, one is in memory at a time.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as made:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, _NO_DAY)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            made.writestr(info, data.read_bytes() if isinstance(data, Path) else data)


def _judge_all(listed: Sequence[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    if len(listed) > limits.members:
        raise _harmful(name, f"plus de {limits.members} fichiers")
    for info in listed:
        _judge(info, name, limits)
    _refuse_repeats([info.filename for info in listed], name)
    if sum(info.file_size for info in listed) > limits.unpacked:
        raise _harmful(name, f"plus de {limits.unpacked >> 30} Gio une fois décompressée")


def _refuse_repeats(names: Sequence[str], name: str) -> None:
    """Refuse names that are one file on some systems: whatever their case, and however their accents are written."""
    folded = [unicodedata.normalize("NFC", one.casefold()) for one in names]
    counted = Counter(folded)
    if repeated := {one for one, fold in zip(names, folded, strict=True) if counted[fold] > 1}:
        refused = _harmful(name, "un nom de fichier y figure deux fois")
        fault = RepeatedName(refused.code, refused.message, hint=refused.hint)
        fault.names = tuple(sorted(repeated))
        raise fault


def _leaves(name: str) -> bool:
    if _PLAIN.fullmatch(name):
        return False
    parts = PurePosixPath(name).parts
    return not parts or parts[0] == "/" or ".." in parts or "\\" in name or ":" in parts[0]


def _judge(info: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    if _leaves(info.filename):
        raise _harmful(name, "un nom de fichier sort de l'archive")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _harmful(name, "elle contient un lien")
    if info.flag_bits & _ENCRYPTED:
        raise _harmful(name, "elle est protégée par un mot de passe")
    if info.file_size > max(_SMALL, limits.ratio * info.compress_size):
        raise _harmful(name, f"un fichier y est compressé plus de {limits.ratio} fois")


class Told(io.RawIOBase):
    """A stream whose failures, those of ``broken``, are said by the error that ``refusal`` makes of them."""

    def __init__(self, stream: IO[bytes], refusal: Callable[[Exception], Exception], broken: Broken = _BROKEN) -> None:
        self.stream, self.refusal, self.broken = stream, refusal, broken

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self.stream.read(len(buffer))
        except self.broken as error:
            raise self.refusal(error) from None
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _harmful(name: str, why: str) -> UnreadableArchive:
    return UnreadableArchive("ESMS-E344", f"archive refusée : {name} ({why})",
                             hint="Refaire l'archive, ou donner les fichiers eux-mêmes.")  # fmt: skip


def _no_archive(name: str, error: Exception) -> UnreadableArchive:
    return UnreadableArchive("ESMS-E343", f"archive illisible : {name} ({type(error).__name__})",
                             hint="Vérifier que l'archive est entière.")  # fmt: skip
