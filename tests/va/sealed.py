"""Small dossiers to sign and to break: the members are plain text, only the manifest matters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from esms_sdk.archive import archive, pack
from esms_sdk.va.members import MANIFEST

ORDER = b'[commande]\nreference = "BC-1"\n\n[signataire]\nnom = "Mme Helene EXEMPLE"\n'
FILES = {
    "LISEZMOI.txt": b"Un dossier d'essai.\r\n",
    "attestation.html": b"<!doctype html>" + b"<p>85 %</p>" * 200,
    "commande.toml": ORDER,
    "indicateurs.json": b'{"schema": "esms-indicateurs/1"}\n',
}


def manifest(files: Mapping[str, bytes], **told: object) -> bytes:
    """Return the manifest of files."""
    listed = [
        {"nom": name, "sha256": hashlib.sha256(data).hexdigest(), "taille": len(data)} for name, data in files.items()
    ]
    document = {"schema": "esms-dossier/1", "genre": "va", "signable": True, "fichiers": listed, **told}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def make(path: Path, files: Mapping[str, bytes] = FILES, **told: object) -> Path:
    """Write a dossier that nobody signed."""
    return write(path, {**files, MANIFEST: manifest(files, **told)})


def write(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write any members."""
    pack(path, {name: members[name] for name in sorted(members)})
    return path


def read(path: Path) -> dict[str, bytes]:
    """Return every member."""
    with archive(path, path.name) as found:
        return {name: found.read(name) for name in found.names}


def change(path: Path, **members: bytes | None) -> Path:
    """Write a dossier again with members changed, added, or removed (null); ``a_b`` stands for «a.b»."""
    found = read(path)
    for key, data in members.items():
        name = key.replace("_", ".")
        if data is None:
            del found[name]
        else:
            found[name] = data
    return write(path, found)
