"""A file that an engine must open by its own path: what stands in an archive is unpacked beside the import first."""

from __future__ import annotations

import shutil
from pathlib import Path

from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.opened import Opener


def local_copy(file: SourceFile, work: Path) -> Path:
    """Return where the file can be opened: its own path, or a copy in ``work`` of a zip's member or of a ``.gz``.

    Raises :class:`SourceError` where it cannot be unpacked.
    """
    if file.member is None and file.path.suffix.lower() != ".gz":
        return file.path
    folder = work / "deballe"
    folder.mkdir(exist_ok=True)
    target = folder / str(len(list(folder.iterdir())))
    with Opener() as opener, opener.open(file) as unpacked, target.open("xb") as copy:
        shutil.copyfileobj(unpacked, copy)
    return target
