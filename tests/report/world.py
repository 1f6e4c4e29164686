"""A catalogue of a few invented requirements and a lot that they judge: what the reports are shown on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from esms_sdk.checks import Examined, Query
from esms_sdk.conformance import Asked, Conformity, Requirement, run
from esms_sdk.conformance.catalogue import parse
from tests.lots import EHPAD, EJ, SSIAD, write_lot

_SOURCE = {
    "document": "rem-ms1-dui-va1",
    "section": "chapitre inventé",
    "confiance": "basse",
    "reference": "SC.X/va1.01",
}


def requirement(id: str, **keys: Any) -> Requirement:
    raw = {
        "id": id, "titre": f"Titre de {id}", "demande": "Ce qui est demandé.", "niveau": "obligatoire", "methode": "auto",
        "sources": [_SOURCE], "remede": f"Remède de {id}.", "juge": "usager",
        "constats": {"ROUGE": {"message": "c'est rouge", "ou": "usager.nom_utilise"},
                     "JAUNE": {"message": "c'est jaune", "gravite": "avertissement", "ou": "usager"}},
    }  # fmt: skip
    return parse({**raw, **keys}, id)


def manual(id: str, **keys: Any) -> Requirement:
    asked = [{"numero": f"{id}.01", "attendu": "une capture"}, {"numero": f"{id}.02", "attendu": "une vidéo"}]
    keys = {"methode": "preuve", "objet": "aucun", "juge": "", "constats": {}, "preuves": asked, **keys}
    return requirement(id, non_verifie_parce_que="aucun fichier ne le montre", **keys)


CATALOGUE = {
    one.id: one
    for one in (
        requirement("ESMS-INS-90", derogeable=False),
        requirement("ESMS-DONNEES-90"),
        requirement("ESMS-DONNEES-91", niveau="recommande"),
        requirement("ESMS-TBB-90", objet="tableau_de_bord"),
        requirement("ESMS-DMP-90", lit={"envoi": ["canal"]}, juge="envoi", couloirs=["pa-ph-dom"]),
        manual("ESMS-PSC-90"),
    )
}


def coloured(column: str) -> Query:
    return (
        f"select usager_id as cle, usager_id, case when {column} in ('ROUGE', 'JAUNE') then {column} end as code,"
        " 'vu' as precision from usager"
    )


CHECKS = {
    "ESMS-INS-90": lambda examined: coloured("nom_naissance"),
    "ESMS-DONNEES-90": lambda examined: coloured("nom_utilise"),
    "ESMS-DONNEES-91": lambda examined: coloured("prenom_utilise"),
    "ESMS-DMP-90": lambda examined: "select envoi_id as cle, finess_et, null as code from envoi",
}


def broken(examined: Examined) -> Query:
    """A check with a bug of ours in it."""
    raise KeyError("DURAND")


def lot(path: Path, persons: Sequence[Mapping[str, Any]], manifest: Mapping[str, Any] | None = None) -> Path:
    """Write a lot: each person has its séjour in ``finess_et``, the EHPAD unless said, and one message is sent."""
    rows = [{"usager_id": f"U{rank}", "finess_et": EHPAD, **person} for rank, person in enumerate(persons, 1)]
    return write_lot(
        path,
        {"mode": "production", **(manifest or {})},
        organisme=[{"finess_ej": EJ, "raison_sociale": "Association"}],
        etablissement=[_establishment(EHPAD), _establishment(SSIAD)],
        usager=[
            {"statut_identite": "PROV", **{key: value for key, value in row.items() if key != "finess_et"}} for row in rows
        ],
        sejour=[
            {"sejour_id": row["usager_id"], "usager_id": row["usager_id"], "finess_et": row["finess_et"],
             "date_entree": "2025-01-01"}
            for row in rows
        ],
        envoi=[
            {"envoi_id": "V1", "canal": "MSS_PRO", "finess_et": EHPAD, "message_id": "M1",
             "horodatage": "2025-09-11T10:00:00", "resultat": "SUCCES", "ins_qualifiee": True}
        ] if rows else [],
    )  # fmt: skip


def _establishment(finess: str) -> dict[str, str]:
    return {
        "finess_et": finess,
        "finess_ej": EJ,
        "denomination": "ESSMS",
        "categorie": "500",
        "date_deploiement": "2024-01-01",
    }


def asked(*paths: Path, **keys: Any) -> Asked:
    """Ask for a run over the invented catalogue."""
    return Asked(list(paths), **{"requirements": CATALOGUE, "checks": CHECKS, **keys})


def judged(*paths: Path, **keys: Any) -> Conformity:
    """Run; the caller closes the result."""
    return run(asked(*paths, **keys))


def waiver(exigence: str = "ESMS-DONNEES-90", **keys: str) -> str:
    """Return a waiver; each of ``keys`` is TOML, none where it is empty."""
    told = {
        "exigence": f'"{exigence}"',
        "motif": '"reprise en cours"',
        "responsable": '"Équipe"',
        "expire_le": "2026-03-31",
    }
    lines = [f"{key} = {value}" for key, value in {**told, **keys}.items() if value]
    return "[[ecart]]\n" + "\n".join(lines) + "\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def declaration(proof: Path, exigence: str = "ESMS-PSC-90", **keys: str) -> str:
    """Return a declaration whose evidence is the file ``proof``, beside it."""
    piece = (
        f'{{ numero = "{exigence}.01", fichier = "{proof.name}", sha256 = "{sha256(proof.read_bytes()).hexdigest()}" }}'
    )
    told = {
        "exigence": f'"{exigence}"', "conforme": "true", "declarant": '"Responsable qualité"', "date": "2025-09-01",
        "expire_le": "2026-09-01", "preuves": f"[{piece}]", **keys,
    }  # fmt: skip
    return "[[declaration]]\n" + "\n".join(f"{key} = {value}" for key, value in told.items() if value) + "\n"
