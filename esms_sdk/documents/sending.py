"""From files to what is sent: which are CDA, which PDF shows which of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from esms_sdk.documents import cda
from esms_sdk.documents.xdm import Given
from esms_sdk.errors import SourceError, UsageError, why_unreadable

_PDF = b"%PDF-"
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEAD = 65_536


def content(path: Path) -> bytes:
    """Return the bytes of a document.  Raises :class:`SourceError` where it cannot be read, or is out of measure."""
    try:
        size = path.stat().st_size
        if size > cda.LIMITS.size:
            raise SourceError("ESMS-E342", f"{path.name} : plus de {cda.LIMITS.size >> 20} Mio, non lu")
        return path.read_bytes()
    except OSError as error:
        raise SourceError("ESMS-E347", f"{path.name} : {why_unreadable(error)}", hint="Vérifier le chemin.") from None


def read_documents(paths: Sequence[Path], *, replaces: str = "") -> list[Given]:
    """Return the CDA documents of a list of files, each with the PDF that shows it.

    A PDF goes with the CDA of the same name, or with the only one there is.  ``replaces`` is the entryUUID of the
    document that a single CDA replaces.  Raises :class:`UsageError` for another kind of file.
    """
    documents: list[tuple[Path, cda.Cda]] = []
    pdfs: dict[Path, bytes] = {}
    for path in paths:
        data = content(path)
        if data.startswith(_PDF):
            pdfs[path] = data
        elif cda.is_cda(data[:_HEAD]):
            documents.append((path, cda.read_cda(data, path.name)))
        else:
            raise UsageError("ESMS-E183", f"{path.name} : ni un CDA, ni un PDF", hint="Donner des CDA, et leurs PDF.")
    if replaces and (len(documents) != 1 or not _UUID.fullmatch(replaces)):
        raise UsageError("ESMS-E183", "--replaces vaut pour un seul CDA et s'écrit urn:uuid:…, en minuscules",
                         hint="Donner l'entryUUID du document remplacé.")  # fmt: skip
    shown = _paired([path for path, _ in documents], pdfs)
    return [Given(one, shown.get(path, b""), replaces) for path, one in documents]


def _paired(documents: Sequence[Path], pdfs: Mapping[Path, bytes]) -> dict[Path, bytes]:
    found: dict[Path, bytes] = {}
    for pdf, data in pdfs.items():
        same = [path for path in documents if path.stem == pdf.stem] or documents
        if len(same) != 1 or same[0] in found:
            raise UsageError("ESMS-E183", f"{pdf.name} : de quel CDA est-ce le PDF ?",
                             hint="Donner au PDF le nom de son CDA.")  # fmt: skip
        found[same[0]] = data
    return found
