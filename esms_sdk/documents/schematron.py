"""The schematrons of a pack that a vendor has downloaded: put together, compiled and run in process (SaxonC-HE).

The pipeline is that of the ANS: includes, abstract patterns, then the style sheet that gives a report in SVRL, with
the style sheets of the pack's own engine (``schematrons/moteur``).  Putting the includes together is done here: the
packs are written on Windows, where ``voc-A.xml`` and ``Voc_a.XML`` are one name, and a file that is not there would
silently take its rules away.  What cannot be run raises :class:`NotRunnable`: never a verdict by silence.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from esms_sdk import xml
from esms_sdk.documents.pack_folder import Folder
from esms_sdk.errors import OutputError
from esms_sdk.output import whole_file

SCH = "{http://purl.oclc.org/dsdl/schematron}"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
EXTRA = "schematron"
_XSLT = "{http://www.w3.org/1999/XSL/Transform}"
_LIMITS = xml.Limits(size=64 << 20, depth=100)
_DEPTH = 12
"""Includes within includes."""
_FILES = 2_000
_ABSTRACT, _SVRL = "iso_abstract_expand.xsl", "iso_svrl_for_xslt2.xsl"
_SKELETON = "iso_schematron_skeleton_for_saxon.xsl"
_DOC = re.compile(r"""\b(?:doc|document)\(\s*(['"])([^'"]+)\1\s*\)""")
_PATH = re.compile(r"""\s*(['"])([^'"]+\.xml)\1\s*""", re.IGNORECASE)
# What a message may show of the document: names, codes and OIDs; the rest may be the person's.
_SHOWN = re.compile(
    r"(?:name|local-name)\([^()]*\)|\$(?:path_\w+|vue_elt|att_code|att_codeSystem|theCode|theCodeSystem)"
    r"|@(?:code|codeSystem|root|typeCode|classCode|moodCode|unit)"
)
_BASE = "esms-sdk:place-du-schematron"
_STEP = re.compile(r"\*:([\w.-]+)\[namespace-uri\(\)='[^']*'\]")
_ERROR = re.compile(r"\b(?:X[PTQ][A-Z]{2}|FO[A-Z]{2}|SX[A-Z]{2}|SE[A-Z]{2})\d{4}\b")


class NotRunnable(Exception):
    """A schematron that cannot judge this document; the message is French and holds no value of the document."""


class Releve(NamedTuple):
    """One thing that a schematron says: ``xpath`` without prefixes, ``texte`` its message, personal values left out."""

    erreur: bool
    xpath: str
    texte: str


@dataclass(frozen=True, slots=True)
class Rapport:
    """What a schematron says of a document; ``appliquees`` counts the rules that found something to look at."""

    schematron: str
    appliquees: int
    releves: tuple[Releve, ...]

    @property
    def erreurs(self) -> int:
        """The number of errors."""
        return sum(one.erreur for one in self.releves)


def assemble(folder: Folder, entry: Path) -> str:
    """Return a schematron with its includes in their place and its value sets named as they are on disk.

    Raises :class:`NotRunnable` that names every file that is not there.
    """
    root = _read(entry)
    missing: list[str] = []
    counted = _include(folder, root, entry.parent, missing, _DEPTH)
    if counted > _FILES:
        raise NotRunnable(f"{entry.name} : plus de {_FILES} fichiers inclus")
    _name_value_sets(folder, root, entry.parent, missing)
    if missing:
        told = ", ".join(dict.fromkeys(missing))
        raise NotRunnable(f"{entry.name} : le paquet est incomplet, il y manque {told}")
    for message in root.iter(f"{SCH}assert", f"{SCH}report"):
        _leave_out_values(message)
    return xml.text(root)


def _read(path: Path) -> xml.Element:
    try:
        return xml.parse(path.read_bytes(), path.name, _LIMITS)
    except (xml.UnreadableXml, OSError):
        raise NotRunnable(f"le paquet est abîmé : {path.name} ne se lit pas") from None


def _include(folder: Folder, root: xml.Element, base: Path, missing: list[str], depth: int) -> int:
    counted = 0
    for one in list(root.iter(f"{SCH}include")):
        href = one.get("href", "")
        path = folder.find(base, href.partition("#")[0])
        if path is None or not depth or "#" in href:
            missing.append(href or "un fichier inclus sans nom")
            continue
        included = _read(path)
        counted += 1 + _include(folder, included, path.parent, missing, depth - 1)
        included.tail = one.tail
        one.getparent().replace(one, included)
        if counted > _FILES:
            break
    return counted


def _name_value_sets(folder: Folder, root: xml.Element, base: Path, missing: list[str]) -> None:
    """Write each value set by its name on disk; one that is not there is missing where a rule asks for it."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute, value in element.attrib.items():
            written = _DOC.sub(partial(_literal, folder, base, missing), value)
            if element.tag in (f"{SCH}let", f"{SCH}param") and (path := _PATH.fullmatch(value)):
                asked: list[str] = []
                written = _literal(folder, base, asked, path)
                if asked and _used(root, element):
                    missing += asked
            if written != value:
                element.set(attribute, written)


def _literal(folder: Folder, base: Path, missing: list[str], found: re.Match[str]) -> str:
    quote, name = found.groups()
    path = folder.find(base, name)
    if path is None:
        missing.append(name.rpartition("/")[2])
        return found[0]
    # As many steps up as the name has, then down by the names on disk.
    ups = Path(name.replace("\\", "/")).parts.count("..")
    top = base
    for _ in range(ups):
        top = top.parent
    right = "../" * ups + path.relative_to(top).as_posix()
    return found[0].replace(f"{quote}{name}{quote}", f"{quote}{right}{quote}")


def _used(root: xml.Element, let: xml.Element) -> bool:
    name = re.compile(rf"\${re.escape(let.get('name', ''))}(?![\w.-])")
    return any(
        name.search(value)
        for element in root.iter()
        if element is not let and isinstance(element.tag, str)
        for value in element.attrib.values()
    )


def _leave_out_values(message: xml.Element) -> None:
    for one in list(message.iter(f"{SCH}value-of", f"{_XSLT}value-of")):
        if not _SHOWN.fullmatch("".join(one.get("select", "").split())):
            one.set("select", "'…'")


class Engine:
    """SaxonC-HE with the style sheets of a pack; ``cache`` is where compiled schematrons are kept, None for nowhere."""

    def __init__(self, moteur: Path, cache: Path | None) -> None:
        self._moteur, self._cache = moteur, cache
        self._steps: list[Any] = []

    @property
    def _processor(self) -> Any:
        return _saxon()

    def require(self) -> None:
        """Raise :class:`NotRunnable` where the engine is not installed."""
        _saxon()

    def compile(self, assembled: str, entry: Path) -> Schematron:
        """Return a schematron ready to run.  Raises :class:`NotRunnable` where the engine refuses it."""
        try:
            with _nothing_said():
                sheet = self._kept(assembled).replace(_BASE, entry.parent.resolve().as_uri() + "/")
                ready = self._processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=sheet)
                ready.set_save_xsl_message(True)
        except Exception as error:
            raise _stopped(entry.name, error) from None
        return Schematron(entry.name, self._processor, ready)

    def _kept(self, assembled: str) -> str:
        """The style sheet of a schematron: its content is its key, so that another pack never answers for this one."""
        if self._cache is None:
            return self._sheet(assembled)
        digest = hashlib.sha256(assembled.encode("utf-8"))
        for name in (_ABSTRACT, _SVRL, _SKELETON):
            path = self._moteur / name
            digest.update(path.read_bytes() if path.is_file() else b"-")
        digest.update(str(self._processor.version).encode("utf-8"))
        kept = self._cache / f"{digest.hexdigest()}.xsl"
        if kept.is_file():
            return kept.read_text(encoding="utf-8")
        sheet = self._sheet(assembled)
        # A cache that cannot be written costs time, nothing else.
        with suppress(OutputError, OSError):
            self._cache.mkdir(parents=True, exist_ok=True)
            with whole_file(kept, force=True) as file:
                file.write_text(sheet, encoding="utf-8", newline="")
        return sheet

    def _sheet(self, assembled: str) -> str:
        if not self._steps:
            new = self._processor.new_xslt30_processor()
            self._steps = [new.compile_stylesheet(stylesheet_file=str(self._step(n))) for n in (_ABSTRACT, _SVRL)]
        for step in self._steps:
            node = self._processor.parse_xml(xml_text=assembled)
            assembled = step.transform_to_string(xdm_node=node)
        root = xml.parse(assembled.encode("utf-8"), "schématron compilé", xml.Limits(size=256 << 20))
        root.set("{http://www.w3.org/XML/1998/namespace}base", _BASE)
        return xml.text(root)

    def _step(self, name: str) -> Path:
        path = self._moteur / name
        if not path.is_file():
            raise NotRunnable(f"le paquet est incomplet, il y manque schematrons/moteur/{name}")
        return path


@cache
def _saxon() -> Any:
    try:
        import saxonche
    except ImportError:
        install = f'pip install "esms-sdk[{EXTRA}]"'
        raise NotRunnable(f"le moteur de schématrons de --pack n'est pas installé ; l'installer : {install}") from None
    processor = saxonche.PySaxonProcessor(license=False)
    for feature, value in (("allowedProtocols", "file"), ("allow-external-functions", "false")):
        processor.set_configuration_property(f"http://saxon.sf.net/feature/{feature}", value)
    return processor


@dataclass(frozen=True)
class Schematron:
    """A schematron ready to run."""

    name: str
    _processor: Any
    _ready: Any

    def run(self, document: xml.Element) -> Rapport:
        """Judge a ClinicalDocument.  Raises :class:`NotRunnable` where the engine stops on the way."""
        try:
            with _nothing_said():
                node = self._processor.parse_xml(xml_text=xml.text(document))
                svrl = self._ready.transform_to_string(xdm_node=node)
        except Exception as error:
            raise _stopped(self.name, error) from None
        root = xml.parse(svrl.encode("utf-8"), "rapport SVRL")
        fired = sum(1 for one in root.iter(f"{SVRL}fired-rule") if one.get("context") != "/")
        return Rapport(self.name, fired, tuple(_said(root)))


@contextmanager
def _nothing_said() -> Iterator[None]:
    """Keep off the standard error: what the engine writes there by itself quotes values of the document."""
    try:
        kept = os.dup(2)
    except OSError:  # a process without one
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def _said(root: xml.Element) -> Iterator[Releve]:
    for one in root.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
        role = one.get("role", "error").casefold()
        text = " ".join("".join(one.itertext()).split())
        yield Releve(role in ("error", "fatal", "erreur"), _path(one.get("location", "")), text)


def _path(location: str) -> str:
    return _STEP.sub(r"\1", location).removeprefix("/")


def _stopped(name: str, error: Exception) -> NotRunnable:
    """Say that the engine stopped, with its code alone: its sentence may hold a value of the document."""
    if isinstance(error, NotRunnable):
        return error
    code = _ERROR.search(str(error))
    return NotRunnable(f"{name} : le moteur s'est arrêté ({code[0] if code else type(error).__name__})")
