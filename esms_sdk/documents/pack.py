"""The official pack of the ANS, which a vendor downloads: where its schematrons and schemas are, and what they say.

Nothing of it is shipped, and nothing is written into it.  What it cannot judge raises :class:`NotRunnable`.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from esms_sdk import content, xml
from esms_sdk.documents.cda import Cda, Ii
from esms_sdk.documents.pack_folder import Folder
from esms_sdk.documents.schematron import Engine, NotRunnable, Rapport, Releve, Schematron, assemble
from esms_sdk.errors import UsageError

__all__ = ["PROFILS", "NotRunnable", "Pack", "Rapport", "Releve", "user_cache"]

_VERSION = re.compile(r"(\d{4})[._-](\d{1,2})$")
PROFILS = ("IHE.sch", "CI-SIS_Modeles_ANS.sch", "CI-SIS_ModelesDeContenusCDA.sch")
_CACHE = "ESMS_CACHE"


def user_cache() -> Path:
    """Return where compiled schematrons are kept: ``$ESMS_CACHE``, else the cache folder of the system's user."""
    if given := os.environ.get(_CACHE):
        return Path(given)
    if sys.platform == "win32":
        told, usual = os.environ.get("LOCALAPPDATA"), ("AppData", "Local")
    elif sys.platform == "darwin":
        told, usual = None, ("Library", "Caches")
    else:
        told, usual = os.environ.get("XDG_CACHE_HOME"), (".cache",)
    home = Path(told) if told and Path(told).is_absolute() else Path.home().joinpath(*usual)
    return home / "esms-sdk" / "schematrons"


class Pack:
    """A pack at hand.  Raises :class:`UsageError` (E177) for a folder that is none."""

    def __init__(self, root: Path, *, cache: Path | None = None) -> None:
        self.folder = Folder(root)
        self.name = root.resolve().name
        schematrons = next((one for one in self._children(root) if one.name.casefold() == "schematrons"), None)
        if schematrons is None:
            raise UsageError("ESMS-E177", f"--pack {root.name} : pas de dossier «schematrons» dans ce qui est donné",
                             hint="Donner le dossier du paquet TestContenuCDA, tel que décompressé.")  # fmt: skip
        self._schematrons = schematrons
        kept = cache or user_cache()
        inside = kept.resolve().is_relative_to(self.folder.root)
        self._engine = Engine(schematrons / "moteur", None if inside else kept)
        self._ready: dict[Path, Schematron | NotRunnable] = {}

    @staticmethod
    def _children(root: Path) -> list[Path]:
        return sorted(one for one in root.iterdir() if one.is_dir()) if root.is_dir() else []

    @cached_property
    def version(self) -> str:
        """The day of its value set of the types of document (J07), AAAAMMJJ; empty where it does not tell it."""
        for path in sorted(self.folder.root.glob("*/JDV_J07*.xml")):
            try:
                one = xml.parse(path.read_bytes(), path.name).find("{urn:ihe:iti:svs:2008}ValueSet")
            except (xml.UnreadableXml, OSError):
                continue
            if one is not None:
                return str(one.get("dateMaj", ""))[:8]
        return ""

    def header(self, cda: Cda) -> Rapport:
        """Judge the header by «structuration minimale»."""
        if cda.type_id != Ii("2.16.840.1.113883.1.3", "POCD_HD000040"):
            # Without it the schematron looks at nothing, and would find nothing wrong.
            raise NotRunnable("le schématron ne reconnaît pas un document sans typeId de CDA R2")
        folder = self._schematrons / "profils" / "structurationMinimale"
        entry = self.folder.find(folder, "ASIP-STRUCT-MIN-StrucMin.sch")
        return self._run(entry, "structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch", cda)

    def volet(self, cda: Cda) -> Rapport | None:
        """Judge a structured document by the schematron of its model; None where its model has none here."""
        for template in cda.template_ids:
            if template.root not in _volets():
                continue
            if cda.level_one:
                raise NotRunnable("le document se dit d'un modèle structuré, son corps est de niveau 1")
            famille = str(_volets()[template.root]["famille"])
            return self._run(self._of(famille, template), f"CI-SIS_{famille}_….sch", cda)
        return None

    def _of(self, famille: str, template: Ii) -> Path | None:
        named = _volets()[template.root].get("versions", {}).get(template.extension)
        wanted = named or (f"{famille}_{template.extension}" if template.extension else "")
        if wanted and (path := self.folder.find(self._schematrons, f"CI-SIS_{wanted}.sch")):
            return path
        start = f"CI-SIS_{famille}_".casefold()
        found = [
            (tuple(map(int, version.groups())), one)
            for one in sorted(self._schematrons.glob("*.sch"))
            if one.name.casefold().startswith(start) and (version := _VERSION.fullmatch(one.stem[len(start) :]))
        ]
        return max(found)[1] if found else None

    def profil(self, name: str, cda: Cda) -> Rapport:
        """Judge the body by one of the profiles on sections and entries (``PROFILS``)."""
        return self._run(self.folder.find(self._schematrons / "profils", name), f"profils/{name}", cda, quiet=True)

    def schema(self, cda: Cda) -> list[tuple[int, str]]:
        """Return the faults of the document against the XSD of the pack: its line there, and the element."""
        path = self.folder.find(self.folder.root, "infrastructure/cda/CDA_extended.xsd")
        if path is None:
            raise NotRunnable("le paquet est incomplet, il y manque infrastructure/cda/CDA_extended.xsd")
        try:
            return _schema(path)(cda.tree)
        except ValueError:
            raise NotRunnable("le paquet est abîmé : CDA_extended.xsd ne se lit pas") from None

    def _run(self, entry: Path | None, name: str, cda: Cda, *, quiet: bool = False) -> Rapport:
        if entry is None:
            raise NotRunnable(f"le paquet est incomplet, il y manque schematrons/{name}")
        told = self._schematron(entry).run(cda.tree)
        if not told.appliquees and not quiet:
            raise NotRunnable(f"{told.schematron} : aucune de ses règles ne concerne ce document")
        return told

    def _schematron(self, entry: Path) -> Schematron:
        if entry not in self._ready:
            try:
                self._engine.require()
                self._ready[entry] = self._engine.compile(assemble(self.folder, entry), entry)
            except NotRunnable as reason:
                self._ready[entry] = reason
        ready = self._ready[entry]
        if isinstance(ready, NotRunnable):
            raise NotRunnable(str(ready))
        return ready


@cache
def _volets() -> dict[str, Any]:
    text = (content.folder("conformance") / "terminologie" / "volets.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["volet"])


@cache
def _schema(path: Path) -> Callable[[xml.Element], list[tuple[int, str]]]:
    return xml.schema(path)
