"""``manifeste.json``: what holds a dossier together; the signature is over its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from esms_sdk import __version__
from esms_sdk.export import as_contract
from esms_sdk.va.contents import Contents
from esms_sdk.va.members import SCHEMA

Absent = tuple[str, str]
"""A member that could not be made, and why."""


def manifest(contents: Contents, files: Sequence[Path], absents: Sequence[Absent]) -> dict[str, Any]:
    """Return the document of the manifest: ``conformance/dossier.schema.json`` describes it."""
    order, decisions = contents.commande, contents.decisions
    figures = as_contract(contents.indicateurs)
    conformity = contents.conformite
    return {
        "schema": SCHEMA,
        "genre": contents.genre,
        "signable": decisions.signable,
        "organisme": {"finess_ej": order.finess_ej, "raison_sociale": contents.organisme},
        "commande": {
            "reference": order.reference,
            "date": order.date.isoformat() if order.date else None,
            "finess_ej": order.finess_ej,
            "etablissements": sorted(set(order.etablissements)),
        },
        "remplace": order.remplace.lower() if order.remplace else None,
        "motif_rectification": order.motif_rectification,
        "mesure_le": decisions.mesure_le.isoformat(),
        "periode": {"debut": decisions.periode.debut.isoformat(), "fin": decisions.periode.fin.isoformat()},
        "options": {
            "definition": figures["definition"], **figures["options"], "tbb_strict": order.tbb_strict,
            "profil": conformity["profil"], "mode": conformity["mode"],
        },
        "sdk": __version__,
        "regles": {"conformite": dict(conformity["regles"]), "indicateurs": dict(figures["regles"])},
        "lot": dict(figures["lot"]),
        "referentiel_finess": _register(conformity["entrees"]),
        "import": dict(contents.import_),
        "ecarts": list(conformity["ecarts"]),
        "amenagements": figures.get("amenagements", []),
        "avertissements": list(decisions.avertissements),
        "decisions": [
            {"finess_et": one.finess_et, "denomination": one.denomination, "remplie": one.remplie,
             "motifs": sorted({str(each.motif) for each in one.manques}),
             "manques": [{"condition": each.id, "motif": each.motif, "explication": each.explication,
                          "remede": each.remede} for each in one.manques],
             "reserves": list(one.reserves)}
            for one in decisions
        ],
        "conformite": {"resume": dict(conformity["resume"]), "code_retour": conformity["code_retour"]},
        "absents": [{"nom": name, "motif": why} for name, why in absents],
        "fichiers": [_file(path) for path in sorted(files, key=lambda path: path.name)],
    }  # fmt: skip


def _register(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the FINESS register of the machine that was looked into, on which verdicts hang."""
    found = next((one for one in entries if one["type"] == "referentiel_finess"), None)
    return None if found is None else {name: found[name] for name in ("genere_le", "empreinte_sha256")}


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"nom": path.name, "sha256": digest, "taille": path.stat().st_size}
