"""The orders that stand beside one, in a folder: an ESSMS is financed once, so none may hold another's."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from esms_sdk.archive import archive
from esms_sdk.commande import Commande, examine, read_document
from esms_sdk.errors import DossierError, EsmsError, Fault
from esms_sdk.identifiers import finess as numbers

ORDER, MANIFEST = "commande.toml", "manifeste.json"


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """An order of the folder; ``manifeste`` is the SHA-256 of the manifest of a dossier.

    ``genre`` is null only where a dossier does not say it.
    """

    commande: Commande
    fichier: str
    manifeste: str | None = None
    genre: str | None = None

    @property
    def nom(self) -> str:
        """How a message calls it."""
        return f"«{self.commande.reference}» ({self.fichier})" if self.commande.reference else self.fichier


def read_orders(folder: Path, own: Path | None = None) -> tuple[list[OtherOrder], list[Fault]]:
    """Return the orders of a folder (``*.toml`` and dossiers ``*.zip``, at any depth), and what cannot be read.

    A file that is no order is passed by; one that says it is, and cannot be read to its end, is a fault: what it orders
    is not known.  ``own`` is the file of the order that the others are read for, which may stand among them.
    """
    if not folder.is_dir():
        raise DossierError("ESMS-E641", f"--orders : {folder} n'est pas un dossier", hint="Donner un dossier.")
    found: list[OtherOrder] = []
    faults: list[Fault] = []
    for path in sorted(one for one in folder.rglob("*") if one.suffix.lower() in (".toml", ".zip") and one.is_file()):
        try:
            if own is not None and own.exists() and path.samefile(own):
                continue
            for one, wrong in _of_toml(path) if path.suffix.lower() == ".toml" else _of_zip(path):
                found.append(one)
                faults += (
                    Fault("COMMANDE_ILLISIBLE", f"commande voisine mal formée ({fault.message})", path.name)
                    for fault in wrong
                )
        except (EsmsError, OSError, ValueError) as error:
            why = error.message if isinstance(error, EsmsError) else type(error).__name__
            faults.append(Fault("COMMANDE_ILLISIBLE", f"commande voisine illisible ({why})", path.name))
    return found, faults


def _of_toml(path: Path) -> Iterator[tuple[OtherOrder, list[Fault]]]:
    document = read_document(path)
    if "commande" not in document:
        return
    order, faults = examine(document, path.name)
    told = document["commande"]
    # The file does not say its kind; the VA demands a date, the dossier of usages does not.
    genre = "va" if isinstance(told, dict) and "date" in told else "usages"
    yield OtherOrder(order, path.name, genre=genre), faults


def _of_zip(path: Path) -> Iterator[tuple[OtherOrder, list[Fault]]]:
    with archive(path, path.name) as opened:
        if ORDER not in opened.names or MANIFEST not in opened.names:
            return
        manifest = opened.read(MANIFEST)
        document = tomllib.loads(opened.read(ORDER).decode("utf-8-sig"))
        told = json.loads(manifest)
    genre = told.get("genre") if isinstance(told, dict) else None
    order, faults = examine(document, ORDER)
    yield OtherOrder(order, path.name, hashlib.sha256(manifest).hexdigest(), genre), faults


def others(order: Commande, genre: str, found: list[OtherOrder]) -> list[OtherOrder]:
    """Return those of ``found`` that are another order: not itself (same reference and OG), nor what it replaces.

    A dossier of the other kind is about the same establishments by its nature.
    """
    replaced = {one.commande.reference for one in found if order.remplace and one.manifeste == order.remplace.lower()}
    own = {order.reference, *replaced}
    return [
        one
        for one in found
        if one.genre in (None, genre)
        and not (
            one.commande.reference in own
            and numbers.compact(one.commande.finess_ej) == numbers.compact(order.finess_ej)
        )
    ]
