"""A file that an engine must open by its own path: what stands in an archive is unpacked beside the import first."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from pathlib import Path

from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.errors import SourceError


def local_copy(file: SourceFile, work: Path) -> Path:
    """Return where the file can be opened: its own path, or a copy in ``work`` of a zip's member or of a ``.gz``.

    Raises :class:`SourceError` where it cannot be unpacked.
    """
    packed = file.path.suffix.lower() == ".gz"
    if file.member is None and not packed:
        return file.path
    folder = work / "deballe"
    folder.mkdir(exist_ok=True)
    target = folder / str(len(list(folder.iterdir())))
    try:
        if file.member is not None:
            with zipfile.ZipFile(file.path) as archive, archive.open(file.member) as member, target.open("xb") as copy:
                shutil.copyfileobj(member, copy)
        else:
            with gzip.open(file.path) as unpacked, target.open("xb") as copy:
                shutil.copyfileobj(unpacked, copy)
    except (OSError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile) as error:
        raise SourceError("ESMS-E301", f"fichier illisible : {file.name} ({type(error).__name__})") from error
    return target
