"""Finds adapters: by the name of an embedded one, or by the folder that holds ``adapter.toml``."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from esms_sdk import content
from esms_sdk.adapter import parsing
from esms_sdk.adapter.mapping import FILE, Adapter
from esms_sdk.errors import AdapterError


@dataclass(frozen=True, slots=True)
class AdapterFound:
    """One adapter that can be named: its name, its title, its folder."""

    nom: str
    titre: str
    version: str
    folder: Path


def discover() -> list[AdapterFound]:
    """Return the embedded adapters, by name."""
    found = []
    for file in sorted(content.folder("adapters").glob(f"*/{FILE}")):
        one = load(file.parent)
        found.append(AdapterFound(file.parent.name, one.titre, one.version, file.parent))
    return found


def load(adapter: Path | str) -> Adapter:
    """Return the adapter of that name or folder; raises :class:`AdapterError` where there is none, or it is wrong."""
    folder = Path(adapter)
    if not (folder / FILE).is_file():
        embedded = content.folder("adapters") / str(adapter)
        if folder.name != str(adapter) or not (embedded / FILE).is_file():
            names = sorted(p.parent.name for p in content.folder("adapters").glob(f"*/{FILE}"))
            close = difflib.get_close_matches(str(adapter), names, 1)
            known = f"Adaptateurs connus : {', '.join(names) or 'aucun'}."
            hint = f"Voulez-vous dire «{close[0]}» ?" if close else known
            raise AdapterError(
                "ESMS-E204",
                f"adaptateur inconnu : «{adapter}»",
                hint=f"{hint} Ou donner le dossier qui contient {FILE}.",
            )
        folder = embedded
    try:
        text = (folder / FILE).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        hint = "L'enregistrer en UTF-8, et vérifier les droits de lecture."
        raise AdapterError("ESMS-E205", f"{folder.name}/{FILE} illisible ({type(error).__name__})", hint=hint) from None
    return parsing.parse(text, folder.resolve())
