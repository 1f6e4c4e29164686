"""The text of a feed as it was published: plain, .gz or .zip, read piece by piece."""

from __future__ import annotations

import codecs
import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from esms_sdk.errors import SourceError

MAX_EXPANDED = 8 << 30
"""Bytes of text at most: a small file that unfolds to more is no feed."""

Read = Callable[[int], str]
"""Gives at most so many bytes' worth of text; nothing at the end."""


@contextmanager
def opened(path: Path, name: str, *, limit: int = MAX_EXPANDED) -> Iterator[Read]:
    """Open a feed for reading as text, whatever it is packed in; ``name`` is how messages call it.

    Raises :class:`SourceError`, here and while it is read: not there, damaged, truncated, too large, not UTF-8.
    """
    with ExitStack() as held:
        with _told(name):
            stream = held.enter_context(path.open("rb"))
            raw = _unpacked(stream, held, name)
        decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        taken = 0

        def read(size: int) -> str:
            nonlocal taken
            text = ""
            while not text:
                with _told(name):
                    piece = raw.read(size)
                    taken += len(piece)
                    if taken > limit:
                        raise too_large(name, limit)
                    text = decode(piece, final=not piece)
                if not piece:
                    break
            return text

        yield read


def too_large(name: str, limit: int) -> SourceError:
    """Return the refusal of what is larger than a feed can be."""
    hint = "Vérifier que c'est bien le flux FINESS ; la limite du téléchargement se change par --max-size."
    return SourceError("ESMS-E373", f"{name} dépasse la limite de {limit / 1e6:g} Mo", hint=hint)


def _unpacked(stream: IO[bytes], held: ExitStack, name: str) -> IO[bytes]:
    magic = stream.read(4)
    stream.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return _gunzipped(stream, held)
    if magic[:2] == b"PK":
        archive = held.enter_context(zipfile.ZipFile(stream))
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) != 1 or members[0].flag_bits & 1:
            seen = "chiffrée" if len(members) == 1 else f"de {len(members)} fichiers"
            raise SourceError(
                "ESMS-E371",
                f"{name} est une archive {seen}, un seul fichier JSON y est attendu",
                hint="Extraire le flux «structures» et donner ce fichier.",
            )
        inner = held.enter_context(archive.open(members[0]))
        return _gunzipped(inner, held) if members[0].filename.endswith(".gz") else inner
    return stream


def _gunzipped(stream: IO[bytes], held: ExitStack) -> IO[bytes]:
    return cast(IO[bytes], held.enter_context(gzip.GzipFile(fileobj=stream, mode="rb")))


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError) as fault:
        raise damaged(name, "son archive est tronquée ou abîmée") from fault
    except UnicodeDecodeError as fault:
        raise damaged(name, "ce n'est pas de l'UTF-8, ou le texte est coupé") from fault
    except OSError as fault:
        reason = "fichier absent" if isinstance(fault, FileNotFoundError) else fault.strerror or "lecture impossible"
        raise SourceError("ESMS-E371", f"{name} : {reason}", hint="Vérifier le chemin et les droits.") from fault


def damaged(name: str, reason: str) -> SourceError:
    """Return the refusal of a feed that is not whole."""
    hint = "Le télécharger de nouveau ; le référentiel en place n'a pas changé."
    return SourceError("ESMS-E371", f"{name} : {reason}", hint=hint)
