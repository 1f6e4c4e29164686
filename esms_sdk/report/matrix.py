"""``matrice.xlsx``: the requirements in the columns of the Ségur REM, with their evidence and what became of them.

The columns are those of the sheet «Exigences» of the published REM (``ansforge/segur-squash-plugins``): eleven, then
ten pairs of evidence.  Ours follow them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from esms_sdk.conformance.catalogue import COULOIRS, VAGUES, Requirement
from esms_sdk.conformance.result import Conformity, Outcome
from esms_sdk.export.xlsx import Cell, Column, Sheet, workbook, write_sheet
from esms_sdk.report import document, wording

_PIECES = 10
_NO_DAY = date(1980, 1, 1)
_NATURES = {"obligatoire": "EXIGENCE", "recommande": "PRECONISATION"}
_REM = (
    Column("Exigence conditionnelle OUI/NON", width=14),
    Column("Profil", "long", 18),
    Column("ID Section", width=10),
    Column("Section", "long", 22),
    Column("Bloc", "long", 14),
    Column("Fonction", "long", 16),
    Column("Nature de l'exigence", width=15),
    Column("N° exigence", width=17),
    Column("Énoncé", "long", 60),
    Column("N° scénario", width=20),
    Column("Scénario de conformité", "long", 50),
    *(
        column
        for rank in range(1, _PIECES + 1)
        for column in (Column(f"N° preuve {rank}", width=20), Column(f"Preuve {rank}", "long", 40))
    ),
)
_OURS = (
    Column("Verdict", width=18),
    Column("Motif", "long", 40),
    Column("Constats", "nombre", 10),
    Column("Méthode", width=10),
    Column("Textes", "long", 50),
    Column("Écart accepté", "long", 30),
    Column("Remède", "long", 50),
)


def write_matrix(path: Path, result: Conformity) -> Path:
    """Write the matrix and the identity of the run, and return the path."""
    day = result.identite.get("arrete_au")
    created = date.fromisoformat(day) if isinstance(day, str) else _NO_DAY
    rows = [_row(result, outcome) for outcome in result.outcomes]
    with workbook(path, created, len(rows) * len(rows[0] if rows else ())) as book:
        write_sheet(book, Sheet("Exigences", (*_REM, *_OURS), rows, frozen=0))
        write_sheet(book, Sheet("Contrôle", (Column("Quoi", width=30), Column("Valeur", "long", 90)), identity(result)))
    return path


def _row(result: Conformity, outcome: Outcome) -> list[Cell]:
    one = outcome.requirement
    general = set(one.profils) == set(VAGUES) and set(one.couloirs) == set(COULOIRS)
    waivers = dict.fromkeys(f"{g.ecart.motif} ({g.ecart.responsable})" for g in outcome.groupes if g.ecart)
    return [
        "NON" if general else "OUI",
        "Général" if general else f"{', '.join(one.couloirs)} ; {', '.join(one.profils)}",
        one.domaine,
        wording.DOMAINES[one.domaine],
        "DUI, de type Ségur",
        one.objet.replace("_", " "),
        _NATURES[one.niveau],
        one.id,
        f"{one.titre}. {one.demande}",
        f"{one.id}.01",
        _scenario(one),
        *_pieces(outcome),
        wording.VERDICTS[outcome.verdict],
        outcome.motif or None,
        sum(group.nombre for group in outcome.groupes),
        one.methode,
        " ; ".join(wording.cited(source) for source in one.sources),
        " ; ".join(waivers) or None,
        one.remede,
    ]


def _scenario(one: Requirement) -> str:
    if one.methode != "auto":
        return f"À montrer par une pièce : {one.non_verifie_parce_que}"
    return f"Contrôle automatique (esms check) : {', '.join(one.constats)}"


def _pieces(outcome: Outcome) -> list[Cell]:
    """The evidence, in ten pairs of number and text; what is checked has the report itself as its evidence."""
    one = outcome.requirement
    pairs: list[tuple[str, str]] = []
    if one.methode == "auto":
        pairs.append((f"{one.id}.01.01", "conformite.json et conformite.csv de ce contrôle"))
    for piece in document.pieces(outcome):
        file = piece.get("fichier", "")
        told = f"{file} (SHA-256 {piece.get('sha256', 'inconnu')})" if file else "pièce non fournie"
        pairs.append((piece.get("numero", ""), f"{piece.get('attendu', '')} : {told}".removeprefix(" : ")))
    return [cell or None for pair in (pairs + [("", "")] * _PIECES)[:_PIECES] for cell in pair]


def identity(result: Conformity) -> Iterator[tuple[Cell, Cell]]:
    """Yield what the run was, a name and a value: SDK, rules, profile, inputs, counts, accepted differences."""
    yield "Avertissement", wording.NON_OFFICIEL
    yield from _facts(result.identite)
    yield from ((f"Nombre : {name}", str(count)) for name, count in wording.counts(result).items())
    for verdict, count in result.resume.items():
        yield f"Verdict {verdict}", str(count)
    for waiver in result.ecarts:
        yield f"Écart {waiver.exigence}", f"{waiver.motif} ({waiver.responsable}, jusqu'au {waiver.expire_le})"


def _facts(value: object, name: str = "") -> Iterator[tuple[Cell, Cell]]:
    """Flatten a JSON value: ``entrees.1.nom``."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "defauts":  # told beside the lot that cannot be read
                continue
            yield from _facts(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for rank, inner in enumerate(value, 1):
            yield from _facts(inner, f"{name}.{rank}")
    elif value not in (None, ""):
        yield name, str(value)
