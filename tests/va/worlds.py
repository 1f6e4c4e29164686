"""Micro worlds for dossiers: one person an establishment does all that the VA asks, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from esms_sdk.cli.program import main
from esms_sdk.identifiers import finess as numbers
from tests.lots import EJ, write_lot

OTHER_EJ = "000000026"
DAY = "2025-09-30"
Tables = dict[str, list[dict[str, Any]]]


def numbered(rank: int) -> str:
    """Return a valid FINESS géographique, invented."""
    body = f"00{rank:06}"
    return body + numbers.key(body)


def tables(finess: Sequence[str], ej: str = EJ) -> Tables:
    """Return the rows of establishments that meet every condition of the VA on 30 September 2025."""
    made: Tables = {"organisme": [{"finess_ej": ej, "raison_sociale": f"Association {ej}"}]}
    for name in ("etablissement", "usager", "sejour", "dossier", "mise_a_jour", "document", "envoi"):
        made[name] = []
    for one in finess:
        who = {"usager_id": f"U{one}"}
        here = {**who, "finess_et": one}
        made["etablissement"].append(
            {"finess_et": one, "finess_ej": ej, "denomination": f"ESSMS {one}", "categorie": "500"}
        )
        made["usager"].append({**who, "statut_identite": "QUAL"})
        made["sejour"].append({**here, "sejour_id": f"S{one}", "date_entree": "2024-01-10"})
        made["dossier"].append({**here, "dossier_id": f"D{one}", "date_creation": "2024-01-10"})
        made["mise_a_jour"].append({"dossier_id": f"D{one}", "date_maj": "2025-09-10", "origine": "UTILISATEUR"})
        made["document"].append(
            {**here, "document_id": f"DOC{one}", "type_code": "18842-5", "date_creation": "2025-09-10"}
        )
        sent = {
            **here, "document_id": f"DOC{one}", "horodatage": "2025-09-10T10:00:00", "resultat": "SUCCES",
            "ins_qualifiee": True, "rpps": "10000000017",
        }  # fmt: skip
        made["envoi"] += [
            {**sent, "envoi_id": f"E{one}", "canal": "DMP", "operation": "AJOUT"},
            {**sent, "envoi_id": f"M{one}", "canal": "MSS_PRO", "message_id": f"MSG{one}"},
        ]
    return made


def added(*several: Tables) -> Tables:
    """Return the rows of several worlds together."""
    made: Tables = {}
    for one in several:
        for name, rows in one.items():
            made.setdefault(name, []).extend(rows)
    return made


def changed(made: Tables, table: str, finess: str, **values: Any) -> None:
    """Change the row of an establishment in a table."""
    next(row for row in made[table] if row.get("finess_et") == finess).update(values)


def lot(folder: Path, made: Tables, manifest: Mapping[str, Any] | None = None) -> Path:
    """Write the lot; the tables that the indicators read and a test does not need are there, empty."""
    return write_lot(folder, manifest, **made)


def order(path: Path, finess: Sequence[str], *, ej: str = EJ, more: str = "", after: str = "") -> Path:
    """Write ``commande.toml``; ``more`` goes into [commande], ``after`` below."""
    listed = ", ".join(f'"{one}"' for one in finess)
    date = "" if "date" in more else "date = 2023-11-06\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'[commande]\nreference = "BC-1"\n{date}finess_ej = "{ej}"\netablissements = [{listed}]\n{more}\n{after}\n',
        encoding="utf-8",
        newline="\n",
    )
    return path


def build(lot: Path, order: Path, out: Path, *words: str, day: str = DAY) -> int:
    """Run ``esms va build`` and return its exit code."""
    return main(["va", "build", str(lot), "--order", str(order), "--measured-on", day, "--out", str(out), *words])
