"""Finds adapters: by the name of an embedded or installed one, or by the folder that holds it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from esms_sdk import content
from esms_sdk.adapter import parsing, python_adapter
from esms_sdk.adapter.mapping import FILE, Adapter
from esms_sdk.errors import AdapterError


@dataclass(frozen=True, slots=True)
class AdapterFound:
    """One adapter that can be named: its name, its title, its folder or the distribution that it was installed with."""

    nom: str
    titre: str
    version: str
    folder: Path | None
    distribution: str | None = None


def discover() -> list[AdapterFound]:
    """Return the embedded adapters, then those of installed distributions (not imported), each by name."""
    found = []
    for file in sorted(content.folder("adapters").glob(f"*/{FILE}")):
        one = load(file.parent)
        found.append(AdapterFound(file.parent.name, one.titre, one.version, file.parent))
    for entry in python_adapter.installed():
        titre, version, distribution = entry.value, "", None
        if entry.dist:
            titre = entry.dist.metadata["Summary"] or titre
            version, distribution = entry.dist.version, entry.dist.name
        found.append(AdapterFound(entry.name, titre, version, None, distribution))
    return found


def load(adapter: Path | str) -> Adapter:
    """Return the adapter of that name or folder; raises :class:`AdapterError` where there is none, or it is wrong."""
    folder = Path(adapter)
    if not (folder / FILE).is_file():
        if python := python_adapter.in_folder(folder):
            return python
        folder = content.folder("adapters") / str(adapter)
        embedded = Path(adapter).name == str(adapter) and (folder / FILE).is_file()
        python = python_adapter.named(str(adapter))
        if python and embedded:
            message = f"«{adapter}» : un adaptateur installé porte le nom d'un adaptateur embarqué"
            raise AdapterError("ESMS-E231", message, hint="Changer son nom, ou donner le dossier de l'adaptateur.")
        if python:
            return python
        if not embedded:
            raise _unknown(str(adapter))
    try:
        text = (folder / FILE).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        hint = "L'enregistrer en UTF-8, et vérifier les droits de lecture."
        raise AdapterError("ESMS-E205", f"{folder.name}/{FILE} illisible ({type(error).__name__})", hint=hint) from None
    return parsing.parse(text, folder.resolve())


def _unknown(name: str) -> AdapterError:
    names = sorted(one.nom for one in discover())
    close = difflib.get_close_matches(name, names, 1)
    known = f"Adaptateurs connus : {', '.join(names) or 'aucun'}."
    hint = f"Voulez-vous dire «{close[0]}» ?" if close else known
    message = f"adaptateur inconnu : «{name}»"
    return AdapterError("ESMS-E204", message, hint=f"{hint} Ou donner le dossier qui contient {FILE}.")
