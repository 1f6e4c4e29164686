"""The one door to XML and to zip archives that come from elsewhere.

What is refused is refused before it can cost anything: a DTD (hence every entity, expanded or fetched), the network, a
file beyond a size, an element nested beyond a depth, an archive whose names leave it or whose content swells out of
measure.  Nothing is repaired: a document is read whole or not at all.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeAlias, cast
from xml.parsers import expat

from lxml import etree

from esms_sdk.errors import SourceError

Element: TypeAlias = Any
"""An element of lxml, which has no types of its own."""


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
_ENCRYPTED, _DESCRIBED, _UTF8 = 0x1, 0x8, 0x800
# Sizes of the parts of a zip; a descriptor follows the files of a program that did not know their size beforehand.
_LOCAL_NAMES, _LOCAL_SIZE, _ENTRY_SIZE, _END_SIZE = 26, 30, 46, 22
_DESCRIPTORS = (12, 16, 20, 24)
# A relative name whose parts all start with a letter, a digit or an underscore: it cannot leave an archive.
_PLAIN = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)
# The earliest day that a zip can tell: what is built does not depend on the day.
_NO_DAY = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
# What the standard library raises for an archive that is not what it should be.
_BROKEN = (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError)


class UnreadableXml(SourceError):
    """A document that is not well-formed XML, or that is not read because it could do harm."""


class UnreadableArchive(SourceError):
    """An archive that is not a zip, or that is not opened because it could do harm."""


class RepeatedName(UnreadableArchive):
    """An archive in which names stand twice: ``names``, which no message shows (they may be of persons)."""

    names: tuple[str, ...] = ()


class _Stop(Exception):
    """Ends the look at the prolog."""


def parse(content: bytes, name: str, limits: Limits = LIMITS) -> Element:
    """Return the root element of a document; ``name`` is how errors name it.

    Comments and processing instructions are left out.  Raises :class:`UnreadableXml`.

    >>> parse(b"<a><!-- x --><b/></a>", "a.xml")[0].tag
    'b'
    """
    if len(content) > limits.size:
        raise UnreadableXml("ESMS-E342", f"{name} : document de plus de {limits.size >> 20} Mio, non lu")
    _refuse_doctype(content, name)
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise _malformed(name, error.lineno) from None
    if root.getroottree().docinfo.doctype:
        raise _with_doctype(name)
    if _deeper_than(limits.depth)(root):
        raise UnreadableXml("ESMS-E342", f"{name} : plus de {limits.depth} éléments imbriqués, non lu")
    return root


@cache
def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, dtd_validation=False, attribute_defaults=False, no_network=True,
        recover=False, remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True,
    )  # fmt: skip


@cache
def _deeper_than(depth: int) -> Callable[[Element], Any]:
    return xpath("boolean(" + "/*" * (depth + 1) + ")", {})


def xpath(expression: str, namespaces: Mapping[str, str]) -> Callable[[Element], Any]:
    """Return an XPath 1.0 expression compiled once; elements come as plain lists, texts without their place.

    Raises ValueError for one that is no XPath: the expressions are ours, never a document's.
    """
    try:
        return cast(
            Callable[[Element], Any],
            etree.XPath(expression, namespaces=dict(namespaces), smart_strings=False, regexp=False),
        )
    except etree.XPathSyntaxError as error:
        raise ValueError(f"{expression}: {error}") from None


def path(element: Element, root: Element) -> str:
    """Return the path of an element below ``root``: names in braces, ``[n]`` where siblings bear the same; ``.``."""
    return str(etree.ElementTree(root).getelementpath(element))


def text(element: Element) -> str:
    """Return an element as XML, without what follows it."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def schema(path: Path) -> Callable[[Element], list[tuple[int, str]]]:
    """Return an XML schema: given an element, the line and the name of each element that is against it.

    Raises ValueError for one that cannot be read.  The messages of libxml2 quote values: they are left out.
    """
    try:
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
        compiled = etree.XMLSchema(etree.parse(str(path), parser))
    except (etree.LxmlError, OSError):
        raise ValueError(f"{path.name}: no readable XML schema") from None

    def faults(element: Element) -> list[tuple[int, str]]:
        root = etree.ElementTree(element)
        if compiled.validate(root):
            return []
        return [(one.line, _named(one.message)) for one in compiled.error_log]

    return faults


def _named(message: str) -> str:
    found = re.match(r"Element '(?:\{[^}]*\})?([\w.-]+)'(?:, attribute '([\w.:{}-]+)')?", message)
    return "" if not found else "/@".join(part for part in found.groups() if part)


def _refuse_doctype(content: bytes, name: str) -> None:
    """Look at the prolog alone, with a parser that has read no declaration yet when it meets a DOCTYPE."""
    looking = expat.ParserCreate()
    found = False

    def doctype(*_: object) -> None:
        nonlocal found
        found = True
        raise _Stop

    def element(*_: object) -> None:
        raise _Stop

    looking.StartDoctypeDeclHandler = doctype
    looking.StartElementHandler = element
    try:
        for start in range(0, len(content), _CHUNK):
            looking.Parse(content[start : start + _CHUNK], False)
        looking.Parse(b"", True)
    except _Stop:
        if found:
            raise _with_doctype(name) from None
    except (expat.ExpatError, LookupError, ValueError):
        raise _malformed(name, looking.CurrentLineNumber) from None


def _with_doctype(name: str) -> UnreadableXml:
    return UnreadableXml("ESMS-E341", f"{name} : déclaration DOCTYPE refusée (DTD et entités ne sont jamais lues)",
                         hint="Produire le document sans DOCTYPE ; les formats de santé n'en ont pas.")  # fmt: skip


def _malformed(name: str, line: int) -> UnreadableXml:
    return UnreadableXml("ESMS-E340", f"{name} : XML mal formé ou tronqué, ligne {line}",
                         hint="Vérifier que le fichier est entier, puis le refaire à la source.")  # fmt: skip


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

    def is_plain(self) -> bool:
        """Tell whether every byte is of one of its files or of their list, each once, without comment.

        Where it is not so, two programs may see different files in one archive.
        """
        return _is_plain(self._opened)

    @contextmanager
    def open(self, one: str) -> Iterator[IO[bytes]]:
        """Open one file (zipfile reads no more than the size judged).  Raises :class:`UnreadableArchive` late too."""
        try:
            packed = self._opened.open(one)
        except _BROKEN as error:
            raise _no_archive(self._name, error) from None
        with packed:
            yield cast(IO[bytes], io.BufferedReader(_Told(packed, self._name), _CHUNK))


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


def _is_plain(opened: zipfile.ZipFile) -> bool:
    stream, listed = cast(IO[bytes], opened.fp), sorted(opened.infolist(), key=lambda info: info.header_offset)
    expected = 0
    slack: tuple[int, ...] = (0,)
    for info in listed:
        if info.header_offset - expected not in slack:
            return False
        stream.seek(info.header_offset + _LOCAL_NAMES)
        named, more = struct.unpack("<HH", stream.read(4).ljust(4, b"\0"))
        expected = info.header_offset + _LOCAL_SIZE + named + more + info.compress_size
        slack = _DESCRIPTORS if info.flag_bits & _DESCRIBED else (0,)
    names = sum(len(i.orig_filename.encode("utf-8" if i.flag_bits & _UTF8 else "cp437")) for i in listed)
    table = sum(_ENTRY_SIZE + len(info.extra) for info in listed) + names + _END_SIZE
    whole = stream.seek(0, io.SEEK_END) - opened.start_dir == table
    return whole and opened.start_dir - expected in slack


def _refuse_repeats(names: Sequence[str], name: str) -> None:
    counted = Counter(one.casefold() for one in names)
    if repeated := tuple(sorted({one for one in names if counted[one.casefold()] > 1})):
        refused = _harmful(name, "un nom de fichier y figure deux fois")
        fault = RepeatedName(refused.code, refused.message, hint=refused.hint)
        fault.names = repeated
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


class _Told(io.RawIOBase):
    """A stream whose failures name the archive."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream, self.name = stream, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self.stream.read(len(buffer))
        except _BROKEN as error:
            raise _no_archive(self.name, error) from None
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _harmful(name: str, why: str) -> UnreadableArchive:
    return UnreadableArchive("ESMS-E344", f"archive refusée : {name} ({why})",
                             hint="Refaire l'archive, ou donner les fichiers eux-mêmes.")  # fmt: skip


def _no_archive(name: str, error: Exception) -> UnreadableArchive:
    return UnreadableArchive("ESMS-E343", f"archive illisible : {name} ({type(error).__name__})",
                             hint="Vérifier que l'archive est entière.")  # fmt: skip
