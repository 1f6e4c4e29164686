"""What becomes of each row of the reference's export, and what an import must tell of it: slow, obvious, per row."""

from __future__ import annotations

from collections import Counter, defaultdict

from esms_sdk.lot.schema import load
from tests.adapter.reference import FILES, Outcome, Piece, Row, Value, read, set_aside, stage


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
