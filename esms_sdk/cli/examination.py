"""What ``esms doctor`` looks at."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal, get_args

from esms_sdk import __version__, content

Etat = Literal["ok", "absent", "faute"]

DISTRIBUTION = "esms-sdk"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_FOR_DEVELOPERS = ("dev", "test")
# What each extra is for; a test holds it against pyproject.toml.
USES = {
    "datamatrix": "dessin du datamatrix INS", "excel": "classeurs", "fhir": "esms check d'un Patient FHIR",
    "online": "esms finess update en ligne", "pdf": "attestation en PDF", "schematron": "esms check --pack",
    "sql": "bases SQL et Parquet",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``absent`` is optional, ``faute`` prevents something."""

    sujet: str
    etat: Etat
    constat: str
    remede: str = ""


def examine() -> list[Finding]:
    """Look at the versions, the packages, the content folders, the terminal and the current folder."""
    return [*_versions(), *_packages(), *_content(), _terminal(), _writable("dossier courant", Path())]


def _versions() -> Iterator[Finding]:
    yield Finding("esms-sdk", "ok", __version__)
    yield Finding("Python", "ok", f"{platform.python_version()} ({platform.system()}, {sys.executable})")


def _packages() -> Iterator[Finding]:
    try:
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        remedy = "python -m pip install esms-sdk"
        yield Finding("installation", "faute", "le paquet esms-sdk n'est pas installé, seul son code est lu", remedy)
        return
    for requirement in requirements:
        name = _NAME.match(requirement)
        extra = _EXTRA.search(requirement)
        if name and name[0] != DISTRIBUTION and not (extra and extra[1] in _FOR_DEVELOPERS):
            yield _package(name[0], extra[1] if extra else None)


def _package(name: str, extra: str | None) -> Finding:
    try:
        return Finding(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        if extra:
            use = f" : {USES[extra]}" if extra in USES else ""
            return Finding(name, "absent", f"optionnel ({extra}){use}", f'python -m pip install "esms-sdk[{extra}]"')
        return Finding(name, "faute", "obligatoire et absent", "python -m pip install --force-reinstall esms-sdk")


def _content() -> Iterator[Finding]:
    for name in get_args(content.Folder):
        folder = content.folder(name)
        if folder.is_dir():
            yield Finding(f"contenu {name}/", "ok", str(folder))
        else:
            yield Finding(f"contenu {name}/", "faute", "absent", "python -m pip install --force-reinstall esms-sdk")


def _terminal() -> Finding:
    encoding = sys.stdout.encoding or "ascii"
    if encoding.lower().replace("-", "") == "utf8":
        return Finding("terminal", "ok", encoding)
    remedy = "PYTHONUTF8=1 pour tous les caractères ; les fichiers écrits sont en UTF-8 dans tous les cas"
    return Finding("terminal", "ok", f"{encoding} : les caractères absents sont remplacés", remedy)


def _writable(what: str, folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding(what, "ok", "écriture possible")
    except OSError:
        return Finding(what, "absent", f"écriture impossible dans {folder.resolve()}", "Donner --out ailleurs.")
