"""The demonstration: the whole chain on the sample of an invented vendor, each result named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from esms_sdk import content, export, output, report
from esms_sdk.adapter import ImportReport, import_lot
from esms_sdk.archive import pack
from esms_sdk.conformance import Asked
from esms_sdk.conformance import run as judge
from esms_sdk.dashboard import compute_dashboard
from esms_sdk.indicators import Indicateurs, Options, compute_indicators, worklist
from esms_sdk.lot import Lot, open_lot
from esms_sdk.signature.role import OG
from esms_sdk.signature.throwaway import throwaway
from esms_sdk.va import received, seal
from esms_sdk.va.build import Built, build
from esms_sdk.va.request import Request
from esms_sdk.va.verification import Verification, verify

VENDOR = "soleo"
MEASURED_ON = date(2025, 12, 31)
SIGNED_ON = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
SIGNATORY = "Camille Exemple (personne inventée)"
ALTERED = "indicateurs.csv"
"""The member of which one byte is changed in the altered copy."""
_REPORTS = ("html", "junit", "csv", "xlsx")
_RESULTS = {
    "lot": "le lot canonique : une table par fichier, et manifeste.json",
    "lot/rejets/libelles_inconnus.csv": "les codes que l'adaptateur ne connaît pas : à lire d'abord",
    "lot/rejets/rejets.csv": "les lignes rejetées, avec leur motif",
    "indicateurs/indicateurs.html": "les indicateurs, expliqués pour une direction : à ouvrir dans un navigateur",
    "indicateurs/indicateurs.xlsx": "les mêmes, pour un tableur",
    "indicateurs/indicateurs.csv": "les mêmes, une ligne par FINESS et indicateur",
    "indicateurs/indicateurs.json": "les mêmes, pour un programme",
    "indicateurs/measurereport.json": "les mêmes, en FHIR R4",
    "indicateurs/interne/a_completer.csv": "ce qu'il reste à compléter, personne par personne : pour l'établissement",
    "tableau_de_bord/tableau_de_bord.html": "le tableau de bord TBB.1 : envois, échecs et INSi, sur trois périodes",
    "tableau_de_bord/tableau_de_bord.xlsx": "le même, pour un tableur",
    "tableau_de_bord/tableau_de_bord.csv": "le même, en extraction",
    "tableau_de_bord/tableau_de_bord.json": "le même, pour un programme",
    "conformite/conformite.html": "la conformité, exigence par exigence : à ouvrir dans un navigateur",
    "conformite/conformite.json": "la même, pour un programme",
    "conformite/conformite.csv": "la même, un constat par ligne",
    "conformite/matrice.xlsx": "la même, dans les colonnes du référentiel du Ségur",
    "conformite/junit.xml": "la même, pour une intégration continue",
    "dossiers/attestation.html": "l'attestation du dossier VA : à ouvrir dans un navigateur",
    "dossiers/va.zip": "le dossier VA, signé d'une clé d'essai : ce que reçoit le payeur",
    "dossiers/autorite.pem": "l'autorité de cette clé, sans valeur : esms va verify va.zip --ca autorite.pem",
    "dossiers/va_altere.zip": "le même dossier, un octet changé : esms va verify dit lequel",
    "dossiers/usages.zip": "le dossier d'usages, pour l'ARS : les cibles y décident",
}


@dataclass(frozen=True)
class Made:
    """One thing that the demonstration made: where it is, and what it is in one phrase (French)."""

    chemin: Path
    phrase: str


@dataclass(frozen=True)
class Demonstration:
    """What was done: the import, the indicators, the verdicts by number, and each thing made, in order of reading.

    ``dossiers`` are the VA dossier and the one of usages, ``verifications`` what is found of the signed dossier,
    then of its copy with one byte changed.
    """

    report: ImportReport
    indicateurs: Indicateurs
    verdicts: dict[str, int]
    dossiers: tuple[Built, ...]
    verifications: tuple[Verification, ...]
    resultats: tuple[Made, ...]


def run(out: Path, *, force: bool = False, progress: Callable[[str, int], None] | None = None) -> Demonstration:
    """Write everything into the folder ``out``, which is complete or absent."""
    with output.whole_folder(out, force=force, ours=("indicateurs",)) as folder:
        sample = content.folder("adapters") / VENDOR / "sample"
        imported = import_lot([sample], VENDOR, folder / "lot", max_rejets="1%", lot_set={}, progress=progress)
        with open_lot(folder / "lot") as lot:
            indicateurs = _measure(lot, folder)
        verdicts = _judge(folder)
        dossiers = _build(folder)
        verifications = _verified(folder / "dossiers")
        made = tuple(Made(out / path, phrase) for path, phrase in _RESULTS.items())
    return Demonstration(imported, indicateurs, verdicts, dossiers, verifications, made)


def _measure(lot: Lot, folder: Path) -> Indicateurs:
    found = compute_indicators(lot, MEASURED_ON, Options(), by_ej=True)
    for name in ("indicateurs", "tableau_de_bord"):
        (folder / name).mkdir()
    export.write_indicators(found, folder / "indicateurs")
    export.write_worklist(worklist(lot, found), folder / "indicateurs")
    export.write_dashboard(compute_dashboard(lot, MEASURED_ON), folder / "tableau_de_bord")
    return found


def _judge(folder: Path) -> dict[str, int]:
    (folder / "conformite").mkdir()
    with judge(Asked([folder / "lot"], mode="test", command_line="esms demo")) as result:
        report.write_reports(result, folder / "conformite", _REPORTS)
        return result.resume


def _build(folder: Path) -> tuple[Built, ...]:
    place = folder / "dossiers"
    place.mkdir()
    orders = content.folder("samples") / "commandes"
    return tuple(
        build(
            Request(folder / "lot", orders / f"{genre}.toml", MEASURED_ON, genre, mode="test"), place / f"{genre}.zip"
        )
        for genre in ("va", "usages")
    )


def _verified(place: Path) -> tuple[Verification, ...]:
    """Sign the VA dossier, and verify it, then a copy with one byte changed."""
    dossier, authority, altered = place / "va.zip", place / "autorite.pem", place / "va_altere.zip"
    key, trusted = throwaway(SIGNATORY, SIGNED_ON)
    authority.write_bytes(trusted)
    seal.sign(dossier, key=key, role=OG, signed_on=SIGNED_ON)
    files = dict(received.contents(dossier.read_bytes(), dossier.name))
    (place / "attestation.html").write_bytes(files["attestation.html"])
    changed = bytearray(files[ALTERED])
    changed[-3] ^= 1
    pack(altered, {**files, ALTERED: bytes(changed)})
    return verify(dossier, authority), verify(altered, authority)
