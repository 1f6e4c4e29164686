"""Declarations: what the editor states of a requirement that no file can show, with its evidence.

[[declaration]]
exigence  = "ESMS-PSC-01"
conforme  = true                     # false is told as «non conforme», never hidden
declarant = "Nom, fonction"
date      = 2026-01-15
expire_le = 2027-01-15               # last day on which it holds
preuves   = [{ numero = "ESMS-PSC-01.01", fichier = "captures/psc.pdf", sha256 = "…" }]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from esms_sdk.conformance.catalogue import Requirement
from esms_sdk.conformance.waivers import toml_entries
from esms_sdk.errors import Fault, UsageError

_KEYS = ("exigence", "conforme", "declarant", "date", "expire_le", "preuves", "commentaire")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What was declared, by whom, when, with which evidence (number, file name, SHA-256), until when."""

    exigence: str
    conforme: bool
    declarant: str
    declaree_le: date
    expire_le: date
    evidence: tuple[Mapping[str, str], ...] = ()
    commentaire: str = ""

    def __str__(self) -> str:
        pieces = len(self.evidence)
        told = f"le {self.declaree_le:%d/%m/%Y}, {pieces} pièce{'s' * (pieces > 1)}"
        return f"déclaration de l'éditeur : {self.declarant}, {told}"


def read_declarations(path: Path, requirements: Mapping[str, Requirement]) -> dict[str, Declaration]:
    """Read a file of declarations, each evidence file re-hashed.  Raises :class:`UsageError`, all faults at once."""
    entries = toml_entries(path, "declaration", "ESMS-E165")
    faults = [fault for rank, raw in enumerate(entries, 1) for fault in _faults(path, rank, raw, requirements)]
    seen: set[str] = set()
    for raw in entries:
        if raw.get("exigence") in seen:
            faults.append(Fault("DECLARATION", f"{raw['exigence']} est déclarée deux fois", path.name))
        seen.add(str(raw.get("exigence")))
    if faults:
        hint = "Une déclaration a exigence, conforme, declarant, date, expire_le et preuves (numero, fichier, sha256)."
        raise UsageError("ESMS-E166", f"{path.name} : déclarations à corriger", faults=faults, hint=hint)
    return {
        raw["exigence"]: Declaration(
            raw["exigence"], raw["conforme"], raw["declarant"], raw["date"], raw["expire_le"],
            tuple({key: str(value) for key, value in piece.items()} for piece in raw.get("preuves", ())),
            raw.get("commentaire", ""),
        )
        for raw in entries
    }  # fmt: skip


def _faults(path: Path, rank: int, raw: Mapping[str, Any], known: Mapping[str, Requirement]) -> Iterator[Fault]:
    def fault(message: str, key: str) -> Fault:
        return Fault("DECLARATION", f"déclaration n° {rank} : {message}", path.name, colonne=key)

    for key in raw:
        if key not in _KEYS:
            yield fault("clé inconnue", key)
    one = known.get(str(raw.get("exigence")))
    if one is None:
        yield fault("exigence inconnue", "exigence")
    elif one.methode == "auto":
        yield fault("cette exigence se vérifie sur les données : elle ne se déclare pas", "exigence")
    if not isinstance(raw.get("conforme"), bool):
        yield fault("true ou false est attendu", "conforme")
    if not isinstance(raw.get("declarant"), str) or not raw["declarant"].strip():
        yield fault("un texte est attendu", "declarant")
    for key in ("date", "expire_le"):
        if not isinstance(raw.get(key), date) or isinstance(raw.get(key), datetime):
            yield fault("une date est attendue (2026-01-15, sans guillemets)", key)
    made, ends = raw.get("date"), raw.get("expire_le")
    if isinstance(made, date) and isinstance(ends, date) and ends.isoformat() < made.isoformat():
        yield fault("l'échéance précède la déclaration", "expire_le")
    if not isinstance(raw.get("commentaire", ""), str):
        yield fault("un texte est attendu", "commentaire")
    pieces = raw.get("preuves", [])
    if not isinstance(pieces, list) or not all(isinstance(piece, dict) for piece in pieces):
        yield fault("une liste de tables est attendue", "preuves")
        return
    if raw.get("conforme") is True and not pieces:
        yield fault("aucune pièce : une déclaration de conformité a sa preuve", "preuves")
    for piece in pieces:
        if message := _piece(path.parent, piece):
            yield fault(message, "preuves")
        elif one and one.preuves and piece["numero"] not in (asked := [slot.numero for slot in one.preuves]):
            yield fault(f"preuve inconnue de {one.id} (attendues : {', '.join(asked)})", "preuves")


def _piece(folder: Path, piece: Mapping[str, Any]) -> str:
    if set(piece) != {"numero", "fichier", "sha256"} or not all(isinstance(v, str) for v in piece.values()):
        return "une pièce a numero, fichier et sha256, en textes"
    file = folder / piece["fichier"]
    if not file.is_file():
        return f"pièce absente : {piece['fichier']} (cherchée à côté du fichier de déclarations)"
    with file.open("rb") as stream:
        seen = hashlib.file_digest(stream, "sha256").hexdigest()
    return "" if seen == piece["sha256"].lower() else f"{piece['fichier']} : l'empreinte n'est pas celle du fichier"
