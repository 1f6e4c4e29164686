"""What an import must do with a small export, row by row in plain Python from the contract (§2): no SQL, no speed.

The export is that of ``reference.toml``: persons of two agencies whose numbers are prefixed, with merges and two possible
establishments each; séjours whose place is looked up; a log without key; an agenda whose lines name several dossiers;
projects repeated on each of their statuses.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from esms_sdk.lot.schema import DATE_ORDERS, load

HEADERS = {
    "og": ["EJ", "NOM"],
    "etab": ["ET", "EJ", "NOM", "CLOS"],
    "res": ["ID", "TYPE", "CIV", "FUSION", "E1", "E2", "CREE", "V"],
    "lieux": ["CODE", "LIEU"],
    "sej": ["NUM", "RES", "CODE", "ENTREE", "SORTIE", "DEF"],
    "log": ["DOS", "JOUR", "QUI", "NOTE"],
    "ag": ["NUM", "DOSS", "DEBUT", "FIN", "STATUT"],
    "proj": ["P", "DOS", "J", "R", "S"],
}
FILES = {
    "og": ["og.csv"], "etab": ["etab.csv"], "res": ["res_A.csv", "res_B.csv"], "lieux": ["lieux.csv"],
    "sej": ["sej.csv"],
    "log": ["log_1.csv", "log_2.csv"], "ag": ["ag.csv"], "proj": ["proj.csv"],
}  # fmt: skip
ADAPTER = Path(__file__).with_name("reference.toml").read_text(encoding="utf-8")

Value = str | int | bool | date | None
Cells = dict[str, str | None]
ORIGINS = {"pro": "UTILISATEUR", "nuit": "AUTOMATE"}
STATUSES = {"actif": "ENCOURS", "clos": "TERMINE"}


@dataclass
class Row:
    """One row of a file: its first physical line, its cells under the header's names, and if it has as many."""

    source: str
    file: str
    line: int
    cells: Cells
    regular: bool


@dataclass
class Piece:
    """What one source row gives to one table."""

    row: Row
    values: dict[str, Value]
    motif: str | None = None
    fault: tuple[str, str] | None = None
    version: int = -1
    state: str = "acceptee"


@dataclass
class Outcome:
    """All that an import tells."""

    tables: dict[str, list[Piece]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    labels: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def text_of(header: list[str], lines: Iterable[list[str]]) -> tuple[str, list[int]]:
    """Write rows as a file; return it and the first physical line of each row."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    places = []
    for cells in lines:
        places.append(text.getvalue().count("\n") + 1)
        writer.writerow(cells)
    return text.getvalue(), places


def read(export: dict[str, list[list[str]]]) -> dict[str, list[Row]]:
    """Return the rows of each source; a line without any filled cell is no row."""
    found: dict[str, list[Row]] = {source: [] for source in FILES}
    for source, files in FILES.items():
        for file in files:
            header = header_of(source, file)
            _, places = text_of(header, export[file])
            for place, cells in zip(places, export[file], strict=True):
                if any(cell.strip(" ") for cell in cells):
                    named = {name: (cells[i] or None) if i < len(cells) else None for i, name in enumerate(header)}
                    found[source].append(Row(source, file, place, named, len(cells) == len(header)))
    return found


def header_of(source: str, file: str) -> list[str]:
    """Return the header of a file: the second of a source has its columns in another order."""
    return HEADERS[source] if file != "log_2.csv" else HEADERS[source][::-1]


# -- each table by itself ----------------------------------------------------------------------------------------


def day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def stage(rows: dict[str, list[Row]], outcome: Outcome) -> dict[str, list[Piece]]:
    """Return what each table is given, with the fault of each piece by itself."""
    places = {
        row.cells["CODE"]: row.cells["LIEU"] for row in rows["lieux"] if row.regular and row.cells["LIEU"] is not None
    }
    makers: dict[str, tuple[str, Callable[[Row], Iterable[Piece]]]] = {
        "organisme": ("og", lambda r: [_plain(r, finess_ej="EJ", raison_sociale="NOM")]),
        "etablissement": ("etab", lambda r: [_plain(r, finess_et="ET", finess_ej="EJ", denomination="NOM")]),
        "usager": ("res", lambda r: [_usager(r, outcome)]),
        "sejour": ("sej", lambda r: [_sejour(r, places, outcome)]),
        "dossier": ("res", _dossiers),
        "mise_a_jour": ("log", lambda r: [_mise_a_jour(r, outcome)]),
        "projet_personnalise": ("proj", lambda r: [_plain(r, projet_id="P", dossier_id="DOS")]),
        "statut_projet": ("proj", lambda r: [_statut(r, outcome)]),
        "evenement": ("ag", lambda r: _evenements(r, outcome)),
    }
    return {
        table: [_judged(table, piece) for row in rows[source] for piece in make(row)]
        for table, (source, make) in makers.items()
    }


def set_aside(row: Row) -> str | None:
    """Return the filter of its source that sets a row aside."""
    cells = row.cells
    if row.source == "etab" and cells["CLOS"] == "O":
        return "clos"
    if row.source == "res" and cells["TYPE"] == "TEST":
        return "test"
    if row.source == "lieux" and cells["LIEU"] is None:
        return "sans"
    if row.source == "log" and cells["QUI"] == "lecture":
        return "lecture"
    return None


def _plain(row: Row, **columns: str) -> Piece:
    return Piece(row, {column: row.cells[cell] for column, cell in columns.items()}, set_aside(row))


def _prefixed(row: Row, text: str | None) -> str | None:
    return text and f"{row.file[4]}-{text}"


def _usager(row: Row, outcome: Outcome) -> Piece:
    sexe = row.cells["CIV"]
    piece = Piece(row, {"usager_id": _prefixed(row, row.cells["ID"])}, set_aside(row))
    piece.values["sexe"] = sexe if sexe in ("M", "F", "I") else None
    piece.values["usager_id_fusion"] = _prefixed(row, row.cells["FUSION"])
    piece.version = int(row.cells["V"]) if (row.cells["V"] or "").isdigit() else -1
    piece.values["?CIV"] = sexe if sexe and piece.values["sexe"] is None else None
    return piece


def _sejour(row: Row, places: dict[str | None, str | None], outcome: Outcome) -> Piece:
    cells = row.cells
    piece = _plain(row, sejour_id="NUM", usager_id="RES")
    piece.motif = piece.motif or ("attente" if cells["ENTREE"] == "attente" else None)
    piece.values["finess_et"] = places.get(cells["CODE"]) if cells["CODE"] else None
    piece.values |= {
        "date_entree": day(cells["ENTREE"]),
        "date_sortie": day(cells["SORTIE"]),
        "projet_applicable": True,
    }
    piece.values["!date_entree"], piece.values["!date_sortie"] = cells["ENTREE"], cells["SORTIE"]
    piece.values["sortie_definitive"] = {"oui": True, "non": False}.get(cells["DEF"] or "")
    known = cells["DEF"] in ("oui", "non", None) or piece.values["date_sortie"] is None
    piece.values["?DEF"] = None if known else cells["DEF"]
    return piece


def _dossiers(row: Row) -> list[Piece]:
    found = []
    for rank, cell in enumerate(("E1", "E2"), 1):
        if (row.cells[cell] or "").strip():
            piece = Piece(
                row, {"dossier_id": _prefixed(row, row.cells["ID"] and f"{row.cells['ID']}.{rank}")}, set_aside(row)
            )
            piece.values |= {"usager_id": _prefixed(row, row.cells["ID"]), "finess_et": row.cells[cell]}
            found.append(piece)
    if not found:
        reason = set_aside(row) or ("groupes_vides" if row.regular else None)
        found.append(
            Piece(row, {"dossier_id": None, "usager_id": _prefixed(row, row.cells["ID"]), "finess_et": None}, reason)
        )
    for piece in found:
        piece.values["date_creation"], piece.values["!date_creation"] = day(row.cells["CREE"]), row.cells["CREE"]
    return found


def _mise_a_jour(row: Row, outcome: Outcome) -> Piece:
    piece = _plain(row, dossier_id="DOS")
    piece.values["date_maj"], piece.values["!date_maj"] = day(row.cells["JOUR"]), row.cells["JOUR"]
    _coded(piece, "origine", row.cells["QUI"], ORIGINS, "QUI")
    return piece


def _statut(row: Row, outcome: Outcome) -> Piece:
    piece = _plain(row, projet_id="P")
    piece.motif = "sans_statut" if row.cells["S"] is None else None
    rank = row.cells["R"]
    piece.values["date_statut"], piece.values["!date_statut"] = day(row.cells["J"]), row.cells["J"]
    piece.values["rang"] = 0 if rank is None else int(rank) if rank.isdigit() else None
    piece.values["!rang"] = rank
    _coded(piece, "statut", row.cells["S"], STATUSES, "S")
    return piece


def _evenements(row: Row, outcome: Outcome) -> Iterable[Piece]:
    for dossier in [part for part in (row.cells["DOSS"] or "").split(",") if part.strip()] or [None]:
        key = row.cells["NUM"] and dossier and f"{row.cells['NUM']}/{dossier}"
        piece = Piece(row, {"evenement_id": key, "dossier_id": dossier}, set_aside(row))
        for column, cell in (("date_debut", "DEBUT"), ("date_fin", "FIN")):
            piece.values[column], piece.values[f"!{column}"] = day(row.cells[cell]), row.cells[cell]
        _coded(piece, "statut", row.cells["STATUT"], {"vu": "VALIDE"}, "STATUT")
        yield piece


def _coded(piece: Piece, column: str, text: str | None, codes: dict[str, str], cell: str) -> None:
    piece.values[column], piece.values[f"!{column}"] = codes.get(text or ""), text
    piece.values[f"?{cell}"] = text if text is not None and text not in codes else None


def _judged(table: str, piece: Piece) -> Piece:
    """Note the first fault of a piece: its cells, its key, then its columns in the schema's order, then its dates."""
    schema, values = load().tables[table], piece.values
    faults = [] if piece.row.regular else [("LIGNE_IRREGULIERE", "")]
    for name in schema.key:
        if schema.columns[name].default is None and values[name] is None and values.get(f"!{name}") is None:
            faults.append(("CLE_MANQUANTE", name))
    for column in schema.columns.values():
        if column.name not in values:
            continue
        if values.get(f"!{column.name}") is not None and values[column.name] is None:
            faults.append(("CODE_INCONNU" if column.kind == "code" else "TYPE_INVALIDE", column.name))
        elif column.required and column.name not in schema.key and values[column.name] is None:
            faults.append(("COLONNE_REQUISE", column.name))
    first, last = (values.get(column) for column in DATE_ORDERS.get(table, ("", "")))
    if isinstance(first, date) and isinstance(last, date) and last < first:
        faults.append(("ORDRE_DATES", DATE_ORDERS[table][1]))
    piece.fault = faults[0] if faults else None
    return piece
