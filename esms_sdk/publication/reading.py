"""Which file is a publication, and what it says."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from esms_sdk.errors import UsageError
from esms_sdk.indicators import Options
from esms_sdk.publication import grid, indicateurs, tableau_de_bord
from esms_sdk.publication.grid import Hints
from esms_sdk.publication.mapping import VALEURS, Plan, read_plan
from esms_sdk.publication.model import INDICATEURS, TABLEAU_DE_BORD, Publication

# What our own files say of themselves (contract §3, §4).
SCHEMAS = {"esms-indicateurs/1": INDICATEURS, "esms-tbb/1": TABLEAU_DE_BORD}
_OUR_TABLE = "finess_ej;finess_et;indicateur;libelle;definition;lecture;date_debut;date_fin;"
_OUR_DASHBOARD = "finess_ej;finess_et;denomination;rpps;periode;date_debut;date_fin;couverte;mesure;valeur;"
_START = 4096


def is_publication(path: Path) -> bool:
    """Tell by its content whether a file is a mapping of a published file, or one of our own outputs."""
    try:
        if path.suffix.lower() == ".toml":
            return "publication" in tomllib.loads(path.read_text(encoding="utf-8-sig"))
        with path.open("rb") as stream:
            start = stream.read(_START).decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        # A TOML with a fault is still said to be one: its place is in the error that reading it raises.
        return path.suffix.lower() == ".toml"
    if path.suffix.lower() == ".json":
        return any(f'"{schema}"' in start for schema in SCHEMAS)
    return path.suffix.lower() == ".csv" and start.startswith((_OUR_TABLE, _OUR_DASHBOARD))


def read_publication(path: Path) -> Publication:
    """Read a published file, by its mapping or as one of our own.  Raises :class:`UsageError`."""
    match path.suffix.lower():
        case ".toml":
            plan = read_plan(path)
            return read_with(plan, grid.read(plan.fichier, plan.hints))
        case ".json":
            return _document(grid.load_json(path), path.name)
    table = grid.read(path, Hints())
    if not table.lignes:
        raise UsageError("ESMS-E188", f"{path.name} : aucune ligne sous l'en-tête")
    if set(_OUR_DASHBOARD.strip(";").split(";")) <= set(table.colonnes):
        return tableau_de_bord.of_our_table(table)
    plan = Plan(
        INDICATEURS, date.min,
        {"finess_et": "finess_et", "indicateur": "indicateur", "lecture": "lecture", "debut": "date_debut",
         "fin": "date_fin", **{name: name for name in VALEURS if name != "valeur"}},
        path,
    )  # fmt: skip
    return indicateurs.of_our_table(table, plan)


def read_with(plan: Plan, table: grid.Grid) -> Publication:
    """Read the rows of a file as a plan has it."""
    reader = indicateurs.published if plan.type == INDICATEURS else tableau_de_bord.published
    return reader(plan, table)


def _document(document: Any, nom: str) -> Publication:
    kind = SCHEMAS.get(str(document.get("schema"))) if isinstance(document, dict) else None
    try:
        if kind == INDICATEURS:
            asked = document["options"]
            options = Options(
                document["definition"], asked["denominateur"], asked["evenements"], asked["premiere_mesure"]
            )
            day = date.fromisoformat(document["periode"]["mesure_le"])
            return indicateurs.of_document(document, nom, Plan(INDICATEURS, day, {}, options=options))
        if kind == TABLEAU_DE_BORD:
            day = date.fromisoformat(document["arrete_au"])
            return tableau_de_bord.of_document(document, nom, Plan(TABLEAU_DE_BORD, day, {}))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"{nom} : document «{document.get('schema')}» incomplet ({type(error).__name__} : {error})"
        raise UsageError("ESMS-E189", message, hint="Donner le fichier tel que le SDK l'a écrit.") from None
    raise UsageError("ESMS-E189", f"{nom} : aucun schéma connu ({', '.join(SCHEMAS)})")
