"""Invented IHE_XDM archives, and the small edits by which a case of a requirement makes a defect in one of them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.terminology import tables
from esms_sdk.documents.xdm import Given, Options, Sender, build_xdm
from tests.documents.cda_cases import PDF, case_bytes

METADATA = "IHE_XDM/SUBSET01/METADATA.XML"
DOCUMENT = "IHE_XDM/SUBSET01/DOC0001.XML"
SECOND = {"pose": {"id/@root": "1.2.250.1.999.1.2"}}
SENDER = Sender("Ada EXEMPLE", "EHPAD Les Pas Perdus", "1 rue Inventée 75000 PARIS", "0199000002")


def built(case: Mapping[str, Any]) -> bytes:
    """Return the archive that our builder makes for a case, before it is edited."""
    first = Given(read_cda(case_bytes(case.get("cda", {})), "a.xml"), PDF if case.get("pdf") else b"")
    more = [Given(read_cda(case_bytes({**case.get("cda", {}), **SECOND}), "b.xml"))] if case.get("deux") else []
    options = Options(sender=SENDER, visibility=tuple(case.get("visibilite", ())), class_code=case.get("classe", ""))
    return build_xdm([first, *more], tables(), options)


def case_archive(case: Mapping[str, Any]) -> bytes:
    """Return the archive of a case.

    Edits, in this order: ``metadonnees`` and ``document`` (pairs of a regular expression and what takes its place, the
    first time, in METADATA.XML and in the first document), ``retire`` (names), ``renomme`` (old to new), ``ajoute``
    (name to text; ``ZIP`` is an archive), ``copie`` (old to a second name), ``coupe`` (the part of the bytes kept).
    """
    files = unzipped(built(case))
    for name, edits in ((METADATA, case.get("metadonnees", ())), (DOCUMENT, case.get("document", ()))):
        for old, new in edits:
            text, count = re.subn(old, new, files[name].decode("utf-8"), count=1, flags=re.DOTALL)
            assert count, old
            files[name] = text.encode("utf-8")
    for name in case.get("retire", ()):
        del files[name]
    files = {case.get("renomme", {}).get(name, name): data for name, data in files.items()}
    files |= {new: files[old] for old, new in case.get("copie", {}).items()}
    for name, text in case.get("ajoute", {}).items():
        files[name] = zipped({"a.txt": b"x"}) if text == "ZIP" else text.encode("utf-8")
    data = zipped(files)
    return data[: int(len(data) * case.get("coupe", 1))]


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
