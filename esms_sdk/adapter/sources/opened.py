"""A source file as a stream of bytes: as it is, unpacked from ``.gz``, or taken out of a zip archive."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from esms_sdk import archive as zips
from esms_sdk.adapter.sources.files import LIMITS, SourceFile
from esms_sdk.errors import SourceError

_CHUNK = 1 << 20
_BROKEN = (OSError, EOFError, zlib.error)


class Opener:
    """Opens the files of one source; the archive of the last one stays open for the next."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._path: Path | None = None
        self._archive: zips.Archive

    def __enter__(self) -> Opener:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def open(self, file: SourceFile) -> Iterator[IO[bytes]]:
        """Give the bytes of a file, unpacked; raises :class:`SourceError` where they cannot be read, also later."""
        with ExitStack() as stack:
            if file.member is None:
                try:
                    stream: IO[bytes] = stack.enter_context(file.path.open("rb"))
                except OSError as error:
                    raise _unreadable(file.name, error) from None
            else:
                stream = stack.enter_context(self._opened(file).open(file.member))
            if (file.member or file.path.name).lower().endswith(".gz"):
                stream = cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=stream)))
            yield cast(
                IO[bytes], io.BufferedReader(zips.Told(stream, partial(_unreadable, file.name), _BROKEN), _CHUNK)
            )

    def _opened(self, file: SourceFile) -> zips.Archive:
        if self._path != file.path:
            self._stack.close()
            self._path = None
            self._archive = self._stack.enter_context(zips.archive(file.path, file.path.name, LIMITS))
            self._path = file.path
        return self._archive


def _unreadable(name: str, error: Exception) -> SourceError:
    return SourceError("ESMS-E301", f"fichier illisible : {name} ({type(error).__name__})",
                       hint="Vérifier que le fichier est entier et lisible.")  # fmt: skip
