"""What the paths of ``esms check`` are: lots, documents and published files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from esms_sdk import masking
from esms_sdk.checks.documents import HEAD, Piece, recognised
from esms_sdk.commande import Commande, read_commande
from esms_sdk.errors import LotInvalid, UsageError, why_unreadable
from esms_sdk.lot import Lot, load, open_lot
from esms_sdk.lot.manifest import FILE as MANIFEST
from esms_sdk.lot.manifest import parse_timestamp
from esms_sdk.lot.manifest import read as read_manifest
from esms_sdk.publication import Publication, is_publication, read_publication

NAMES: Mapping[str, str] = {
    "lot": "lot canonique",
    "indicateurs": "fichier d'indicateurs publié",
    "tableau_de_bord": "extraction du tableau de bord",
    "commande": "commande, --order",
    "cda": "document CDA",
    "xdm": "archive IHE_XDM",
    "courriel": "message MSSanté",
    "datamatrix": "datamatrix INS",
    "fhir_patient": "ressource Patient FHIR",
    "document_du_lot": "lot dont la table document donne des fichiers, colonne chemin",
    "paquet": "document CDA avec le paquet officiel, --pack",
    "aucun": "pièce",
}
# The files of a folder that are named where their content says nothing: what is exchanged is written so.
_EXCHANGED = frozenset({".xml", ".cda", ".zip", ".eml"})
_LISTED = 200
_NO_NAMESPACE = re.compile(rb"<ClinicalDocument[\s>]")


@dataclass
class Inputs:
    """The inputs of a run, by kind.  ``day`` is the latest day that an input bears: nothing reads the clock."""

    lots: list[Path] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    commande: Commande | None = None
    publications: dict[str, Publication] = field(default_factory=dict)
    day: date | None = None
    described: list[dict[str, object]] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)
    """Files of a folder that are named as documents are, and of no kind known here."""

    @property
    def objects_with_lot(self) -> frozenset[str]:
        """The kinds of object that can be judged with a lot at hand."""
        return frozenset({"lot", *(["commande"] if self.commande is not None else []), *self.publications})

    def add_folder(self, path: Path) -> None:
        """Take a folder as a lot, or for the lots and the documents in it where it has no manifest.

        A table of the schema in a folder without a manifest makes it a lot all the same, which cannot be read.
        """
        if (path / MANIFEST).exists():
            self.lots.append(path)
            return
        files = sorted(one for one in path.rglob("*") if one.is_file())
        lots = _outermost(one.parent for one in files if one.name == MANIFEST)
        loose = [one for one in files if not any(one.is_relative_to(lot) for lot in lots)]
        found = [(one, _recognised(one)) for one in loose]
        pieces = [piece for _, piece in found if piece]
        self.unknown += [one for one, piece in found if not piece and one.suffix.lower() in _EXCHANGED]
        tables = {one.stem for one in path.iterdir() if one.suffix.lower() in (".csv", ".parquet")} & set(load().tables)
        self.pieces += pieces
        self.lots += lots
        if tables or not (pieces or lots):
            self.lots.append(path)

    def describe_document(self, line: Mapping[str, str], piece: Piece, day: date | None) -> None:
        """Note a document for the identity block, and its day where it bears one."""
        with piece.chemin.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.described.append({"type": piece.objet, "nom": line["fichier"], "empreinte_sha256": digest})
        if day:
            self.day = max(self.day or date.min, day)

    def passed_over(self) -> Iterator[dict[str, object]]:
        """Yield the entry of the files that were not recognised, where there are any."""
        if self.unknown:
            told = [{"fichier": masking.key(one.name), "motif": _why_unknown(one)} for one in self.unknown[:_LISTED]]
            count = len(self.unknown)
            name = f"{count} fichiers non reconnus" if count > 1 else "1 fichier non reconnu"
            yield {"type": "non_reconnus", "nom": name, "nombre": count, "fichiers": told}

    def add_publication(self, path: Path) -> None:
        """Read a published file; raises :class:`UsageError`, also where there is one of its type already."""
        read = read_publication(path)
        if read.type in self.publications:
            message = f"{path.name} : un seul fichier de type «{read.type}» par contrôle"
            raise UsageError("ESMS-E171", message, hint="Lancer un contrôle pour chacun.")
        self.publications[read.type] = read
        self.described.append(
            {"type": read.type, "nom": path.name, "fichier": read.fichier, "jour": read.jour.isoformat(),
             "lignes": read.lues}
        )  # fmt: skip

    def describe(self, path: Path, lot: Lot) -> None:
        """Note an opened lot for the identity block, and its day."""
        manifest = lot.manifest
        self.described.append(
            {
                "type": "lot", "nom": path.name, "empreinte_sha256": lot.digest, "editeur": manifest.editeur,
                "logiciel": manifest.logiciel, "version_logiciel": manifest.version_logiciel,
                "date_extraction": manifest.date_extraction.isoformat(),
                "periode_couverte": {"debut": manifest.periode_couverte.debut.isoformat(),
                                     "fin": manifest.periode_couverte.fin.isoformat()},
                "finess": len(manifest.perimetre), "mode": manifest.mode, **_imported(manifest.imported),
            }
        )  # fmt: skip
        self.day = max(self.day or date.min, manifest.date_extraction.date())

    def describe_invalid(self, path: Path, invalid: LotInvalid) -> None:
        """Note a lot that cannot be read, with its faults (values masked)."""
        faults = [str(fault) for fault in invalid.faults]
        told = without_folders(invalid.message, path)
        self.described.append({"type": "lot", "nom": path.name, "illisible": told, "defauts": faults})
        # Its day, where the manifest still tells it: what was accepted until then is judged all the same.
        moment = parse_timestamp(read_manifest(path)[0].get("date_extraction"))
        if moment:
            self.day = max(self.day or date.min, moment.date())


def _outermost(folders: Iterable[Path]) -> list[Path]:
    kept: list[Path] = []
    for one in sorted(folders):
        if not any(one.is_relative_to(other) for other in kept):
            kept.append(one)
    return kept


def _recognised(path: Path) -> Piece | None:
    try:
        return recognised(path)
    except OSError as error:
        message = f"{path.name} : {why_unreadable(error)}"
        raise UsageError("ESMS-E167", message, hint="Vérifier les droits de lecture.") from None


def _why_unknown(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        return "fichier vide"
    if _NO_NAMESPACE.search(head):
        return "ClinicalDocument hors de l'espace de noms urn:hl7-org:v3"
    return "contenu non reconnu"


def without_folders(message: str, path: Path) -> str:
    """Return a message that names ``path`` with its last name alone: a report goes to others."""
    return message.replace(str(path), path.name)


def _imported(imported: Mapping[str, Any]) -> dict[str, object]:
    """The adapter of an imported lot, and how many rows it read, kept, rejected and set aside."""
    if not imported:
        return {}
    sources = imported.get("sources", {}).values()
    counts = {name: sum(of.get(name, 0) for of in sources) for name in ("lues", "acceptees", "rejetees", "ignorees")}
    return {"adaptateur": imported.get("adaptateur"), "lignes": counts}


def recognise(paths: Sequence[Path], order: Path | None) -> Inputs:
    """Sort the paths by kind.  Raises :class:`UsageError` for one that is not there, or of no known kind."""
    found = Inputs()
    if order is not None:
        found.commande = read_commande(order)
    for path in paths:
        if not path.exists():
            raise UsageError("ESMS-E167", f"chemin introuvable : {path}", hint="Donner un lot ou un document.")
        if path.is_dir():
            found.add_folder(path)
        elif is_publication(path):
            found.add_publication(path)
        elif piece := _recognised(path):
            found.pieces.append(piece)
        else:
            hint = f"Un lot est le dossier qui contient {MANIFEST}."
            raise UsageError("ESMS-E168", f"{path.name} : rien que l'on sache contrôler", hint=hint)
    if found.publications and not found.lots:
        message = "un fichier publié se juge contre le lot dont il est tiré"
        raise UsageError("ESMS-E172", message, hint="Écrire : esms check LOT publication.toml")
    return found


@contextmanager
def opened(given: Inputs, path: Path, finess: Collection[str] | None = None) -> Iterator[Lot]:
    """Open a lot of the inputs and note what it is, narrowed to ``finess`` where they are given."""
    with open_lot(path) as lot:
        if finess is not None:
            lot.narrow(finess)
        given.describe(path, lot)
        yield lot
