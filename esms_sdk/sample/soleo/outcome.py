"""What becomes of each row: the planted fates, and what they drag along."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from esms_sdk.sample.canonical import Row, Tables
from esms_sdk.sample.soleo.rows import Key, Ligne, Refus, Source
from esms_sdk.sample.truth import Rejet

KEYS = {
    "organisme": ("finess_ej",),
    "etablissement": ("finess_et",),
    "usager": ("usager_id",),
    "sejour": ("sejour_id",),
    "dossier": ("dossier_id",),
    "mise_a_jour": ("dossier_id", "date_maj", "origine"),
    "projet_personnalise": ("projet_id",),
    "statut_projet": ("projet_id", "date_statut", "rang"),
    "evenement": ("evenement_id",),
    "document": ("document_id",),
    "envoi": ("envoi_id",),
    "appel_insi": ("appel_id",),
    "reception": ("reception_id",),
    "opposition": ("usager_id", "canal", "date_debut"),
    "echange_optionnel": ("echange_id",),
}
"""The columns that name a row of each table, in the order of references: a table refers to earlier ones only."""

_BY_DOSSIER = ("mise_a_jour", "projet_personnalise", "statut_projet", "evenement")
_STATES = ("kept", "refused", "ignored")


@dataclass(slots=True)
class Outcome:
    """The fate of an export: what is kept of each table, and the séjours refused."""

    kept: set[Key] = field(default_factory=set)
    rejets_sejours: list[Rejet] = field(default_factory=list)


def settle(sources: list[Source]) -> Outcome:
    """Decide each row: a row that refers to a refused row is refused, one that refers to a row set aside is set aside.

    The fates found are written into the rows.  Tables are taken in the order of their references, so one pass settles
    all but the merges of persons, which are passed over until nothing changes.
    """
    outcome, states = Outcome(), dict[Key, str]()
    by_table: dict[str, list[Ligne]] = {table: [] for table in KEYS}
    for source in sources:
        for ligne in source.lignes:
            for table in dict.fromkeys(made.table for made in ligne.makes):
                by_table[table].append(ligne)
    for table, rows in by_table.items():
        while _pass(table, rows, states):
            pass
    outcome.kept = {key for key, state in states.items() if state == "kept"}
    for source in sources:
        for ligne in source.lignes:
            if any(refus.table == "sejour" for refus in ligne.refus):
                outcome.rejets_sejours.append(
                    Rejet(ligne.lu["finess_et"], ligne.lu["date_entree"], ligne.lu["date_sortie"])
                )
    return outcome


def _pass(table: str, rows: list[Ligne], states: dict[Key, str]) -> bool:
    """Settle the rows of a table once; say whether something changed that may change another row.

    Several rows may make one canonical row: it is there as soon as one of them is kept.
    """
    fates: dict[Key, set[str]] = {}
    for ligne in rows:
        fate = _fate(table, ligne, states)
        for made in ligne.makes:
            if made.table == table:
                fates.setdefault((table, made.key), set()).add(fate)
    settled = {key: next(state for state in _STATES if state in found) for key, found in fates.items()}
    changed = any(states.get(key) != state for key, state in settled.items())
    states.update(settled)
    return changed


def _fate(table: str, ligne: Ligne, states: dict[Key, str]) -> str:
    """Return what becomes of a row in a table; a person's master that is not settled yet is taken as kept."""
    if ligne.ignoree:
        return "ignored"
    if any(refus.table == table for refus in ligne.refus):
        return "refused"
    for made in ligne.makes:
        for column, target in made.refs.items() if made.table == table else ():
            state = states.get(target, "kept") if target[0] == table else states[target]
            if state == "refused":
                ligne.refus.append(Refus(table, column, "REFERENCE_REJETEE"))
                return state
            if state == "ignored":
                ligne.ignoree = "reference_ignoree"
                return state
    return "kept"


def surviving(tables: Tables, outcome: Outcome, nulled: dict[Key, str]) -> Tables:
    """Return the canonical rows that the import keeps, unknown labels emptied."""
    found: Tables = {}
    for table, rows in tables.items():
        columns = KEYS[table]
        found[table] = []
        for row in rows:
            key = (table, " ".join(row[column] for column in columns))
            if key in outcome.kept:
                found[table].append({**row, nulled[key]: ""} if key in nulled else row)
    return found


def arithmetic(sources: list[Source]) -> dict[str, dict[str, object]]:
    """Return, per source, the rows read, kept, refused and set aside, with the reasons."""
    found: dict[str, dict[str, object]] = {}
    for source in sources:
        refused = [ligne for ligne in source.lignes if ligne.refus]
        ignored = Counter(ligne.ignoree for ligne in source.lignes if ligne.ignoree and not ligne.refus)
        read, aside = len(source.lignes), sum(ignored.values())
        found[source.nom] = {
            "lues": read,
            "acceptees": read - len(refused) - aside,
            "rejetees": len(refused),
            "ignorees": aside,
            "motifs_ignorees": dict(sorted(ignored.items())),
        }
    return dict(sorted(found.items()))


def refused_by_finess(sources: list[Source]) -> dict[str, dict[str, int]]:
    """Return, per table, the rows refused by FINESS: the row's own, else its dossier's; ``?`` where none is known."""
    rows = [ligne for source in sources for ligne in source.lignes]
    made = {(m.table, m.key): ligne for ligne in rows for m in ligne.makes}
    known = {key for table, key in made if table == "etablissement" and key}
    found: dict[str, Counter[str]] = {}
    for ligne in rows:
        for refus in ligne.refus:
            finess = ligne.cells.get("FINESS", ligne.cells.get("Code FINESS", ""))
            if refus.table in _BY_DOSSIER:
                dossier = made.get(("dossier", f"{ligne.cells['Agence']}-{ligne.cells['N° dossier']}"))
                finess = dossier.cells["FINESS"] if dossier else ""
            number = sum(m.table == refus.table for m in ligne.makes)
            found.setdefault(refus.table, Counter())[finess if finess in known else "?"] += number
    return {table: dict(sorted(counts.items())) for table, counts in sorted(found.items())}


def unknown_labels(sources: list[Source]) -> list[Row]:
    """Return the lines of ``libelles_inconnus.csv``."""
    counted = Counter((s.nom, column, label) for s in sources for x in s.lignes for column, label in x.libelles)
    return [
        {"source": nom, "colonne": column, "libelle": label, "nombre": str(number)}
        for (nom, column, label), number in sorted(counted.items())
    ]
