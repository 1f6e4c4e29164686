"""From a text file as it comes – packed or not, in the encoding of its system – to plain UTF-8 text."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from esms_sdk.errors import Fault, SourceError

_CHUNK = 1 << 22
_STEP = 1 << 19
# The engine marks with it what it found broken; a file that holds it is written again without it.
SENTINEL = "\x01"
# What the standard library raises for a file, an archive or a member that is not what it should be.
_UNREADABLE = (
    OSError, EOFError, KeyError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


def _keep_undefined(error: UnicodeError) -> tuple[str, int]:
    """Give a byte that the encoding leaves undefined (five in Windows-1252) as a character, so that no row is lost."""
    assert isinstance(error, UnicodeDecodeError)
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error("esms-keep", _keep_undefined)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the bytes of a file tell.

    ``mark`` is the encoding that a byte order mark (or, for UTF-16, the zero bytes) gives away.  ``not_utf8_at`` is the
    first physical line that is not UTF-8, ``mixed`` whether nearly all the rest is.  ``line_end`` is the one line end
    of the whole file, as DuckDB writes it; None where there are several, or characters that the engine uses itself.
    """

    mark: str | None
    not_utf8_at: int | None
    mixed: bool
    quotes: bool
    line_end: str | None


@contextmanager
def _opened(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    if member is None:
        with path.open("rb") as stream:
            yield from _unpacked(stream, path.name)
    else:
        with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
            yield from _unpacked(packed, member)


def _unpacked(stream: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    if name.lower().endswith(".gz"):
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield cast(IO[bytes], unpacked)
    else:
        yield stream


class _Surveyor:
    """Reads a file once, chunk by chunk."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.line, self.broken = 1, None  # type: int, int | None
        self.quotes = self.odd = self.accents = False
        self.pairs = self.ends = self.returns = 0
        self.last = b""

    def see(self, chunk: bytes) -> None:
        if self.broken is None:
            self._decode(chunk, final=False)
        self.line += chunk.count(b"\n")
        self.quotes = self.quotes or b'"' in chunk
        self.odd = self.odd or b"\0" in chunk or SENTINEL.encode() in chunk
        self.pairs += (self.last + chunk).count(b"\r\n")
        self.ends += chunk.count(b"\n")
        self.returns += chunk.count(b"\r")
        self.last = chunk[-1:]

    def end(self) -> None:
        if self.broken is None:
            self._decode(b"", final=True)

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        try:
            self.accents = not self.decoder.decode(chunk, final).isascii() or self.accents
        except UnicodeDecodeError as error:
            self.broken = self.line + error.object.count(b"\n", 0, error.start)
            self.accents = self.accents or not error.object[: error.start].isascii()

    def line_end(self) -> str | None:
        if self.odd or self.returns != self.pairs or self.pairs not in (0, self.ends):
            return None
        return "\\r\\n" if self.pairs else "\\n"


def survey(path: Path, member: str | None) -> Survey:
    """Read a file through and tell what its bytes are; raises :class:`SourceError` where it cannot be read."""
    surveyor, mark = _Surveyor(), None
    try:
        with _opened(path, member) as stream:
            first = True
            while chunk := stream.read(_CHUNK):
                if first:
                    first, mark = False, _mark(chunk)
                if mark and mark.startswith("utf-16"):
                    return Survey(mark, None, False, True, None)
                surveyor.see(chunk)
        surveyor.end()
        mixed = surveyor.broken is not None and (mark is not None or surveyor.accents) and _mostly_utf8(path, member)
    except _UNREADABLE as error:
        raise unreadable(path, member, error) from None
    return Survey(mark, surveyor.broken, mixed, surveyor.quotes, surveyor.line_end())


def unreadable(path: Path, member: str | None, error: Exception) -> SourceError:
    """Return the error of a file that cannot be read."""
    named = path.name if member is None else f"{path.name}/{member}"
    hint = "Vérifier que le fichier est entier, et qu'une archive n'est pas protégée par un mot de passe."
    return SourceError("ESMS-E301", f"fichier illisible : {named} ({type(error).__name__})", hint=hint)


def _mark(chunk: bytes) -> str | None:
    """Return the encoding that the first bytes give away."""
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if chunk.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    sample = chunk[:256]
    for name, zeros, others in (("utf-16-le", sample[1::2], sample[0::2]), ("utf-16-be", sample[0::2], sample[1::2])):
        if len(sample) >= 8 and zeros.count(0) > 0.7 * len(zeros) and others.count(0) < 0.1 * len(others):
            return name
    return None


def _mostly_utf8(path: Path, member: str | None) -> bool:
    """Say whether more characters beyond ASCII are right UTF-8 than not: a slip in UTF-8, not another encoding."""
    wrong = 0

    def count(error: UnicodeError) -> tuple[str, int]:
        nonlocal wrong
        assert isinstance(error, UnicodeDecodeError)
        wrong += 1
        return "", error.end

    codecs.register_error("esms-count", count)
    decoder, right = codecs.getincrementaldecoder("utf-8")("esms-count"), 0
    with _opened(path, member) as stream:
        while chunk := stream.read(_CHUNK):
            text = decoder.decode(chunk)
            right += len(text.encode("utf-8")) - len(text)
    return right > wrong


def encoding(found: Survey, declared: str | None, name: str) -> str:
    """Return the encoding to read a file in; raises :class:`SourceError` where nothing fits."""
    if found.mixed and declared is None:
        fault = Fault("ENCODAGE", "cette ligne n'est pas en UTF-8, le reste du fichier l'est", name, found.not_utf8_at)
        hint = "Corriger la ligne, ou déclarer encodage dans adapter.toml (utf-8 garde l'octet fautif tel quel)."
        raise SourceError("ESMS-E302", "deux encodages dans un fichier", hint=hint, faults=[fault])
    return found.mark or declared or ("utf-8" if found.not_utf8_at is None else "cp1252")


def plain(path: Path, member: str | None, found: Survey, encoding: str, copy: Path) -> tuple[Path, str]:
    """Return a path to the file as plain UTF-8 text and its line end: the file itself, else a clean ``copy``."""
    utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig") and found.not_utf8_at is None
    packed = member is not None or path.suffix.lower() == ".gz"
    if utf8 and found.line_end and not packed and _engine_can_open(path):
        return path, found.line_end
    try:
        _rewrite(path, member, "utf-8-sig" if utf8 else encoding, copy)
    except _UNREADABLE as error:
        raise unreadable(path, member, error) from None
    return copy, "\\n"


def line_bound(path: Path, most: int) -> int:
    """Return a size in bytes that no line of a text passes, at most ``most``.

    The engine holds sixteen lines of the longest size that it is told of: told too much, it holds the whole file.
    """
    found, run = 0, 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            start = 0
            while start < len(chunk):
                end = chunk.rfind(b"\n", start, start + _STEP) + 1
                step = min(_STEP, len(chunk) - start)
                found = max(found, run + step)
                run, start = (0, end) if end else (run + step, start + step)
    return min(found + _STEP, most)


def _engine_can_open(path: Path) -> bool:
    """Say whether the name is text: on a system without UTF-8 a name with accents is not."""
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _rewrite(path: Path, member: str | None, encoding: str, target: Path) -> None:
    """Write the text again in UTF-8 with ``\\n`` line ends and no character that the engine uses itself."""
    with _opened(path, member) as stream, target.open("w", encoding="utf-8", newline="\n") as clean:
        buffered = io.BufferedReader(stream)  # type: ignore[type-var]
        reader = io.TextIOWrapper(buffered, encoding=encoding, errors="esms-keep", newline=None)
        while text := reader.read(_CHUNK):
            for used in ("\0", SENTINEL):
                text = text.replace(used, "\N{REPLACEMENT CHARACTER}")
            clean.write(text)
