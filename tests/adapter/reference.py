"""What an import must do with a small export, row by row in plain Python from the contract (§2): no SQL, no speed.

The export is that of :data:`ADAPTER`: persons of two agencies whose numbers are prefixed, with merges and two possible
establishments each; séjours whose place is looked up; a log without key; an agenda whose lines name several dossiers;
projects repeated on each of their statuses.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

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
ADAPTER = """
[adapter]
nom = "reference"
[lot]
editeur = "E"
logiciel = "L"
version_logiciel = "1"
date_extraction = "2025-10-01T02:00:00"
perimetre = { sql = "select finess_et from etablissement" }
periode_couverte_debut = "2025-01-01"
periode_couverte_fin = "2025-09-30"
journal_maj_complet = true
historique_statuts_complet = true
mode = "test"
[source.og]
fichiers = ["og.csv"]
[source.etab]
fichiers = ["etab.csv"]
ecarter.clos = "CLOS = 'O'"
[source.res]
fichiers = ["res_*.csv"]
prefixe = "regexp_extract(_fichier, '_(.)', 1) || '-'"
ecarter.test = "TYPE = 'TEST'"
[source.lieux]
fichiers = ["lieux.csv"]
ecarter.sans = "LIEU is null"
[source.sej]
fichiers = ["sej.csv"]
[source.log]
fichiers = ["log_*.csv"]
ecarter.lecture = "QUI = 'lecture'"
[source.ag]
fichiers = ["ag.csv"]
[source.proj]
fichiers = ["proj.csv"]
[table.organisme]
source = "og"
colonnes = { finess_ej = "EJ", raison_sociale = "NOM" }
[table.etablissement]
source = "etab"
colonnes = { finess_et = "ET", finess_ej = "EJ", denomination = "NOM" }
[table.usager]
source = "res"
derniere_version = ["try_cast(V as int)"]
colonnes = { usager_id = "ID", sexe = "CIV", usager_id_fusion = "FUSION" }
[table.sejour]
source = "sej"
jointure = { source = "lieux", sur = { CODE = "CODE" } }
ecarter.attente = "ENTREE = 'attente'"
[table.sejour.colonnes]
sejour_id = "NUM"
usager_id = "RES"
finess_et = "lieux.LIEU"
date_entree = "ENTREE"
date_sortie = "SORTIE"
sortie_definitive = { colonne = "DEF", codes = { oui = true, non = false } }
[table.dossier]
source = "res"
depivot = { colonnes = ["et"], groupes = [["E1"], ["E2"]] }
colonnes = { dossier_id = { sql = "ID || '.' || rang" }, usager_id = "ID", finess_et = "et", date_creation = "CREE" }
[table.mise_a_jour]
source = "log"
colonnes = { dossier_id = "DOS", date_maj = "JOUR", origine = { colonne = "QUI", codes = { pro = "UTILISATEUR", nuit = "AUTOMATE" } } }
[table.projet_personnalise]
source = "proj"
colonnes = { projet_id = "P", dossier_id = "DOS" }
[table.statut_projet]
source = "proj"
ecarter.sans_statut = "S is null"
colonnes = { projet_id = "P", date_statut = "J", rang = "R", statut = { colonne = "S", codes = { actif = "ENCOURS", clos = "TERMINE" } } }
[table.evenement]
source = "ag"
eclater = { colonne = "DOSS", separateur = "," }
[table.evenement.colonnes]
evenement_id = { sql = "NUM || '/' || DOSS" }
dossier_id = "DOSS"
date_debut = "DEBUT"
date_fin = "FIN"
statut = { colonne = "STATUT", codes = { vu = "VALIDE" } }
"""

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


# -- what rows are to each other ---------------------------------------------------------------------------------


def key_of(table: str, piece: Piece) -> tuple[Value, ...] | None:
    """Return the key of a piece, where its row has the header's cells and the key is whole."""
    key = tuple(piece.values[name] for name in load().tables[table].key)
    return key if key and piece.row.regular and None not in key else None


def content_of(table: str, piece: Piece) -> tuple[Value, ...]:
    return tuple(piece.values.get(name) for name in load().tables[table].columns)


def settle(table: str, pieces: list[Piece], done: dict[str, list[Piece]]) -> None:
    """Give each piece of a table its state: ``acceptee``, ``ignoree: reason`` or ``rejetee: code: column``."""
    for piece in pieces:
        if piece.motif:
            piece.state = f"ignoree: {piece.motif}"
    if table == "usager":
        _supersede(pieces)
    for piece in pieces:
        if piece.state == "acceptee" and piece.fault:
            piece.state = f"rejetee: {piece.fault[0]}: {piece.fault[1]}"
    if load().tables[table].key:
        _settle_keys(table, pieces)
    else:
        _settle_repeats(table, pieces)
    _settle_references(table, pieces, done)
    if table == "usager":
        _settle_fusions(pieces)


def _supersede(pieces: list[Piece]) -> None:
    for piece in pieces:
        others = [
            o for o in pieces if not o.motif and key_of("usager", o) and key_of("usager", o) == key_of("usager", piece)
        ]
        if not piece.motif and others and piece.version < max(o.version for o in others):
            piece.state = "ignoree: version_remplacee"


def _settle_keys(table: str, pieces: list[Piece]) -> None:
    same: dict[tuple[Value, ...], list[Piece]] = defaultdict(list)
    for piece in pieces:
        key = key_of(table, piece)
        if key and not piece.state.startswith("ignoree"):
            same[key].append(piece)
    for group in same.values():
        sound = [piece for piece in group if not piece.fault]
        contents = {content_of(table, piece) for piece in sound}
        for piece in sound[0 if len(contents) > 1 or len(sound) < len(group) else len(sound) :]:
            if len(group) > 1:
                piece.state = f"rejetee: CLE_EN_DOUBLE: {', '.join(load().tables[table].key)}"
        for piece in sound[1:]:
            if piece.state == "acceptee":
                piece.state = "ignoree: repetition"


def _settle_repeats(table: str, pieces: list[Piece]) -> None:
    seen: set[tuple[object, ...]] = set()
    for piece in pieces:
        if piece.state == "acceptee":
            letters = (*sorted(piece.row.cells.items()), *content_of(table, piece))
            if letters in seen:
                piece.state = "ignoree: repetition"
            seen.add(letters)


def fate(target: str, key: Value, pieces: list[Piece]) -> str | None:
    """Return what becomes of a row that refers to ``key``: nothing (None), or a state but for the column."""
    name = load().tables[target].key[0]
    states = [piece.state for piece in pieces if piece.values[name] == key]
    if "acceptee" in states:
        return None
    if any(state.startswith("rejetee") for state in states):
        return "rejetee: REFERENCE_REJETEE"
    return "ignoree: reference_ignoree" if states else "rejetee: REFERENCE_INCONNUE"


def _settle_references(table: str, pieces: list[Piece], done: dict[str, list[Piece]]) -> None:
    for piece in pieces:
        if piece.state != "acceptee":
            continue
        fates = [
            (fate(target, piece.values[column], done[target]), column)
            for column, target in load().tables[table].references.items()
            if target != table and piece.values.get(column) is not None
        ]
        for told, column in fates:
            if told and told.startswith("rejetee") and piece.state == "acceptee":
                piece.state = f"{told}: {column}"
        if piece.state == "acceptee" and any(told for told, _ in fates):
            piece.state = "ignoree: reference_ignoree"


def _settle_fusions(pieces: list[Piece]) -> None:
    links = {p.values["usager_id"]: p.values["usager_id_fusion"] for p in pieces if p.state == "acceptee"}
    for piece in pieces:
        if piece.state == "acceptee":
            reached, at = set(), piece.values["usager_id"]
            while at is not None and at not in reached:
                reached.add(at)
                at = links.get(at)
            if at == piece.values["usager_id"]:
                piece.state = "rejetee: CYCLE_FUSION: usager_id_fusion"
    changed = True
    while changed:
        changed = False
        for piece in pieces:
            target = piece.values["usager_id_fusion"]
            if piece.state == "acceptee" and target is not None and (told := fate("usager", target, pieces)):
                piece.state = f"{told}: usager_id_fusion" if told.startswith("rejetee") else told
                changed = True


# -- all of it ---------------------------------------------------------------------------------------------------


def judge(export: dict[str, list[list[str]]]) -> Outcome:
    """Return what an import of these rows, by file, must tell."""
    outcome = Outcome(rows=read(export))
    staged = stage(outcome.rows, outcome)
    for table in load().tables:
        if table in staged:
            settle(table, staged[table], outcome.tables)
            outcome.tables[table] = staged[table]
    return outcome


def counts(outcome: Outcome) -> dict[str, dict[str, object]]:
    """Return the counts of each file, as the manifest has them."""
    found: dict[str, dict[str, object]] = {}
    for source, files in FILES.items():
        for file in files:
            rows = [row for row in outcome.rows[source] if row.file == file]
            states = [state_of(row, outcome) for row in rows]
            reasons = Counter(state.partition(": ")[2] for state in states if state.startswith("ignoree"))
            found[file] = {
                "lues": len(rows), "acceptees": states.count("acceptee"), "rejetees": states.count("rejetee"),
                "ignorees": sum(reasons.values()), "motifs_ignorees": dict(reasons),
            }  # fmt: skip
    return found


def state_of(row: Row, outcome: Outcome) -> str:
    """Return what became of a source row over all tables."""
    states = [p.state for pieces in outcome.tables.values() for p in pieces if p.row is row]
    if not states:
        reason = set_aside(row)
        return f"ignoree: {reason}" if reason else "acceptee" if row.regular else "rejetee"
    if any(state.startswith("rejetee") for state in states):
        return "rejetee"
    return states[0] if all(state.startswith("ignoree") for state in states) else "acceptee"


def rejects(outcome: Outcome) -> list[tuple[str, str, str, str, str]]:
    """Return the lines of ``rejets.csv``: source, line, table, code, column; one a source row and table."""
    found = []
    for source, rows in outcome.rows.items():
        for row in rows:
            for table, pieces in outcome.tables.items():
                own = [p.state for p in pieces if p.row is row and p.state.startswith("rejetee")]
                if own:
                    _, code, column = own[0].split(": ")
                    found.append((row.file, str(row.line), table, code, column))
            if source == "lieux" and not row.regular and not set_aside(row):
                found.append((row.file, str(row.line), "", "LIGNE_IRREGULIERE", ""))
    return sorted(found)


def finess_of(table: str, piece: Piece, outcome: Outcome) -> str:
    """Return the FINESS of a piece where an establishment of the export bears it, its dossier's where it has none."""
    known = {p.values["finess_et"] for p in outcome.tables["etablissement"]}
    finess, dossier = piece.values.get("finess_et"), piece.values.get("dossier_id")
    if table == "statut_projet":
        number, projects = piece.values["projet_id"], outcome.tables["projet_personnalise"]
        named = [p.values["dossier_id"] for p in projects if number is not None and p.values["projet_id"] == number]
        dossier = min((str(d) for d in named if d is not None), default=None)
    if table in ("mise_a_jour", "projet_personnalise", "statut_projet", "evenement"):
        own = [
            p.values["finess_et"] for p in outcome.tables["dossier"] if dossier and p.values["dossier_id"] == dossier
        ]
        finess = min((str(f) for f in own if f is not None), default=None)
    return str(finess) if finess is not None and finess in known else "?"


def rejects_by_finess(outcome: Outcome) -> dict[str, dict[str, int]]:
    found = {
        table: dict(Counter(finess_of(table, p, outcome) for p in pieces if p.state.startswith("rejetee")))
        for table, pieces in outcome.tables.items()
    }
    return {table: numbers for table, numbers in found.items() if numbers}


def rejected_sejours(outcome: Outcome) -> list[tuple[str, str, str]]:
    """Return the lines of ``sejours.csv``."""
    found = []
    for piece in outcome.tables["sejour"]:
        if piece.state.startswith("rejetee"):
            finess = finess_of("sejour", piece, outcome)
            days = [piece.values[c] if piece.row.regular else None for c in ("date_entree", "date_sortie")]
            found.append(("" if finess == "?" else finess, *(str(d or "") for d in days)))
    return sorted(found)  # type: ignore[arg-type]


def labels(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    """Return the lines of ``libelles_inconnus.csv``: each source row counts once."""
    seen = {
        (piece.row.file, piece.row.line, name[1:], str(value))
        for pieces in outcome.tables.values()
        for piece in pieces
        for name, value in piece.values.items()
        if name.startswith("?") and value is not None and piece.row.regular and not piece.state.startswith("ignoree")
    }
    numbers = Counter((file, cell, text) for file, _, cell, text in seen)
    return sorted((*key, str(number)) for key, number in numbers.items())


def accepted(outcome: Outcome, table: str) -> set[tuple[Value, ...]]:
    """Return the rows of a table of the lot, in the order of the schema's columns."""
    return {content_of(table, piece) for piece in outcome.tables[table] if piece.state == "acceptee"}
