"""``conformite.json`` (contract §6): what other programs read; ``conformance/conformite.schema.json`` describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

from esms_sdk.conformance.catalogue import Constat, Requirement
from esms_sdk.conformance.result import Conformity, Finding, Group, Outcome
from esms_sdk.conformance.waivers import Waiver
from esms_sdk.export.json_file import write_json_lines
from esms_sdk.report import wording

SCHEMA = "esms-conformite/1"
_OF_A_TEXT = ("version", "reference", "note")


def conformity_document(result: Conformity) -> dict[str, Any]:
    """Return the whole document."""
    return {**head(result), "exigences": list(requirements(result))}


def write_document(path: Path, result: Conformity) -> Path:
    """Write the document, a requirement a line, and return its path."""
    return write_json_lines(path, head(result), "exigences", requirements(result))


def head(result: Conformity) -> dict[str, Any]:
    """Return everything but the requirements: the numbers, the accepted differences, the identity block."""
    identite = dict(result.identite)
    return {
        "schema": SCHEMA,
        **{name: identite.pop(name) for name in ("sdk", "regles", "profil", "mode")},
        "resume": result.resume,
        "code_retour": result.exit_code,
        "ecarts": [
            {**_waiver(waiver), "exigence": waiver.exigence, "finess": list(waiver.finess),
             "codes": list(waiver.constats), "nombre": wording.covered(result, rank)}
            for rank, waiver in enumerate(result.ecarts)
        ],
        **identite,
        "comptes": wording.counts(result),
        "fichiers": [dict(file) for file in result.fichiers],
    }  # fmt: skip


def requirements(result: Conformity) -> Iterator[dict[str, Any]]:
    """Yield each requirement with what became of it."""
    return (_requirement(outcome, baseline=result.baseline) for outcome in result.outcomes)


def _requirement(outcome: Outcome, *, baseline: bool) -> dict[str, Any]:
    one = outcome.requirement
    return {
        "id": one.id,
        "titre": one.titre,
        "domaine": one.domaine,
        "niveau": one.niveau,
        "methode": one.methode,
        **({"commun": True} if one.commun else {}),
        "verdict": outcome.verdict.value,
        **({"motif": outcome.motif} if outcome.motif else {}),
        "par_finess": {finess: verdict.value for finess, verdict in outcome.par_finess.items()},
        "juges": outcome.juges,
        "constats": [_constat(one, group, baseline=baseline) for group in outcome.groupes],
        "sources": sources(one),
        "preuves": pieces(outcome),
        "remede": one.remede,
    }


def sources(one: Requirement) -> list[dict[str, Any]]:
    """Return the texts that ask for a requirement, each with its title."""
    told = []
    for source in one.sources:
        of = {key: value for key, value in asdict(source).items() if value or key not in _OF_A_TEXT}
        told.append({"document": of.pop("document"), "titre": wording.texts().get(source.document, ""), **of})
    return told


def pieces(outcome: Outcome) -> list[dict[str, str]]:
    """Return the evidence asked for, each with the file given for it, then what else was given."""
    given = {piece.get("numero", ""): _without_folder(piece) for piece in outcome.preuves}
    asked = [{"numero": p.numero, "attendu": p.attendu, **given.pop(p.numero, {})} for p in outcome.requirement.preuves]
    return [*asked, *given.values()]


def _without_folder(piece: Mapping[str, str]) -> dict[str, str]:
    return {key: PurePath(value).name if key == "fichier" else value for key, value in piece.items()}


def _constat(one: Requirement, group: Group, *, baseline: bool) -> dict[str, Any]:
    constat = one.constats[group.code]
    places = [_place(constat, finding) for finding in group.exemples]
    return {
        "code": group.code,
        "gravite": constat.gravite,
        "message": wording.message(constat, group.exemples[0]),
        "ou": places[0],
        "nombre": group.nombre,
        **({"nouveaux": group.nouveaux} if baseline else {}),
        **({"ecart": _waiver(group.ecart)} if group.ecart else {}),
        **({"remede": constat.remede} if constat.remede else {}),
        "exemples": places,
    }


def _place(constat: Constat, finding: Finding) -> dict[str, Any]:
    table, _, column = ("", "", "") if finding.fichier else constat.ou.partition(".")
    parts = {
        "table": table, "colonne": column, "fichier": finding.fichier, "cle": finding.cle, "ligne": finding.ligne,
        "xpath": finding.xpath, "finess_et": finding.finess_et,
    }  # fmt: skip
    return {name: value for name, value in parts.items() if value not in (None, "")}


def _waiver(waiver: Waiver) -> dict[str, str]:
    return {"motif": waiver.motif, "responsable": waiver.responsable, "expire_le": waiver.expire_le.isoformat()}
