"""What becomes of each row of an export, worked out row by row in plain Python, apart from the engine (contract §2).

A vendor's generator says what each source row makes, what cannot be read in it and which filter sets it aside; keys met
twice, references that lead nowhere, cycles of merges and what they drag along are found here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from esms_sdk.lot.schema import Table, load
from esms_sdk.sample.canonical import Row, Tables
from esms_sdk.sample.truth import Rejet


@dataclass(slots=True)
class Made:
    """A canonical row that a source row gives, as the mapping reads it: an unreadable cell is empty.

    ``faute`` is what the row itself shows to be wrong (column, reject code), ``ecartee`` the reason of a filter of this
    table (such a row may be empty).  ``refus`` and ``motif`` are the fate that :func:`settle` finds: refused, or set
    aside for a reason.
    """

    table: str
    row: Row
    faute: tuple[str, str] | None = None
    ecartee: str = ""
    refus: tuple[str, str] | None = None
    motif: str = ""

    @property
    def key(self) -> str:
        """The key as the rejects show it: its columns that are there, joined by ``|``; else the first reference."""
        table = load().tables[self.table]
        names = table.key or tuple(table.references)[:1]
        cells = ((table.columns[name].kind, self.row.get(name, "")) for name in names)
        return "|".join(cell.replace("T", " ") if kind == "timestamp" else cell for kind, cell in cells if cell)


@dataclass(slots=True)
class Line:
    """One row of a source: where it stands (line 0 for a query), its cells, what it makes and what is wrong with it.

    ``ecartee`` is the reason of a filter of the source, ``defaut`` names the planted defect, ``libelles`` are the
    labels (source column, label) that the mapping does not know.
    """

    source: str
    cells: dict[str, Any]
    makes: list[Made] = field(default_factory=list)
    ligne: int = 0
    ecartee: str = ""
    defaut: str = ""
    libelles: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """The fate of an export: the canonical rows that are kept, and what the import says of the others."""

    kept: Tables
    rejets: list[tuple[str, str, str, str, str, str]]
    """source, line, table, key, column, code: one a row and table."""
    sejours: list[Rejet]
    counts: dict[str, dict[str, object]]
    by_finess: dict[str, dict[str, int]]
    libelles: list[tuple[str, str, str, str]]


def settle(lines: Sequence[Line], sources: Iterable[str]) -> Outcome:
    """Decide every row; ``lines`` stand in the order in which they are read, ``sources`` are all that are read."""
    staged: dict[str, list[Made]] = {name: [] for name in load().tables}
    for line in lines:
        for made in line.makes:
            made.ecartee = line.ecartee or made.ecartee
            staged[made.table].append(made)
    fates: dict[str, dict[str, set[str]]] = {}
    for table in load().tables.values():
        rows = staged[table.name]
        for made in rows:
            made.motif, made.refus = made.ecartee, None if made.ecartee else made.faute
        if table.key:
            _settle_keys(table, rows)
        while _settle_references(table, rows, fates):
            pass
        fates[table.name] = _by_key(table, rows)
    return Outcome(
        {name: kept for name, rows in staged.items() if (kept := _kept(rows))},
        list(_rejets(lines)),
        list(_lost_sejours(staged)),
        _counts(lines, sources),
        _by_finess(staged),
        _unknown_labels(lines),
    )


def _settle_keys(table: Table, rows: list[Made]) -> None:
    """Refuse the rows of a key that has several contents, set aside those that repeat the first."""
    met: dict[tuple[str, ...], list[Made]] = {}
    for made in _unsettled(rows):
        met.setdefault(tuple(made.row[column] for column in table.key), []).append(made)
    for same in met.values():
        contents = {tuple(made.row.values()) for made in same}
        parts = len({id(made.row) for made in same}) == 1
        for rank, made in enumerate(same):
            if len(contents) > 1:
                made.refus = (", ".join(table.key), "CLE_EN_DOUBLE")
            elif rank and not parts:
                made.motif = "repetition"


def _settle_references(table: Table, rows: list[Made], fates: dict[str, dict[str, set[str]]]) -> bool:
    """Settle the rows whose references do not lead to a kept row; say whether another pass may find more."""
    again = False
    for column, target in table.references.items():
        merges = target == table.name
        known = _by_key(table, rows) if merges else fates[target]
        for made in _unsettled(rows):
            aim = made.row.get(column, "")
            states = known.get(aim, set())
            if not aim or "kept" in states:
                continue
            if states == {"ignored"}:
                made.motif = "reference_ignoree"
            else:
                made.refus = (column, "REFERENCE_REJETEE" if states else "REFERENCE_INCONNUE")
            again = again or merges
        if merges and not again:
            again = _refuse_cycles(table, column, rows)
    return again


def _refuse_cycles(table: Table, column: str, rows: list[Made]) -> bool:
    """Refuse the rows of a chain of merges that comes back to where it began."""
    aims = {made.row[table.key[0]]: made.row.get(column, "") for made in _unsettled(rows)}
    found = False
    for made in list(_unsettled(rows)):
        start = made.row[table.key[0]]
        place, steps = aims[start], 0
        while place and place != start and steps <= len(aims):
            place, steps = aims.get(place, ""), steps + 1
        if place == start:
            made.refus, found = (column, "CYCLE_FUSION"), True
    return found


def _unsettled(rows: list[Made]) -> Iterator[Made]:
    return (made for made in rows if not made.refus and not made.motif)


def _by_key(table: Table, rows: list[Made]) -> dict[str, set[str]]:
    """Return the fates met by each value of the first key column."""
    found: dict[str, set[str]] = {}
    for made in rows if table.key else ():
        fate = "refused" if made.refus else "ignored" if made.motif else "kept"
        found.setdefault(made.row.get(table.key[0], ""), set()).add(fate)
    return found


def _kept(rows: list[Made]) -> list[Row]:
    distinct = {tuple(made.row.values()): made.row for made in _unsettled(rows)}
    return [distinct[values] for values in sorted(distinct)]


def _rejets(lines: Sequence[Line]) -> Iterator[tuple[str, str, str, str, str, str]]:
    for line in lines:
        refused = {made.table: made for made in reversed(line.makes) if made.refus}
        for table in load().tables:
            if (made := refused.get(table)) and made.refus:
                place = str(line.ligne) if line.ligne else ""
                yield line.source, place, table, made.key, *made.refus


def _lost_sejours(staged: dict[str, list[Made]]) -> Iterator[Rejet]:
    known = {made.row.get("finess_et", "") for made in staged["etablissement"]}
    for made in staged["sejour"]:
        if made.refus:
            finess = made.row["finess_et"]
            yield Rejet(finess if finess in known else "", made.row["date_entree"], made.row["date_sortie"])


def _counts(lines: Sequence[Line], sources: Iterable[str]) -> dict[str, dict[str, object]]:
    found: dict[str, Counter[str]] = {source: Counter() for source in sources}
    for line in lines:
        counter = found[line.source]
        counter["lues"] += 1
        if any(made.refus for made in line.makes):
            counter["rejetees"] += 1
        elif line.makes and all(made.motif for made in line.makes):
            first = min(line.makes, key=lambda made: list(load().tables).index(made.table))
            counter[f"motif {first.motif}"] += 1
    return {source: _arithmetic(counter) for source, counter in sorted(found.items())}


def _arithmetic(counter: Counter[str]) -> dict[str, object]:
    aside = {name.removeprefix("motif "): n for name, n in sorted(counter.items()) if name.startswith("motif ")}
    ignored = sum(aside.values())
    return {
        "lues": counter["lues"],
        "acceptees": counter["lues"] - counter["rejetees"] - ignored,
        "rejetees": counter["rejetees"],
        "ignorees": ignored,
        "motifs_ignorees": aside,
    }


def _by_finess(staged: dict[str, list[Made]]) -> dict[str, dict[str, int]]:
    """Return, per table, the rows refused by FINESS: the row's own, else its dossier's; ``?`` where none is known."""
    known = {made.row.get("finess_et", "") for made in staged["etablissement"]} - {""}
    dossiers = {made.row.get("dossier_id", ""): made.row.get("finess_et", "") for made in staged["dossier"]}
    projets = {made.row["projet_id"]: made.row["dossier_id"] for made in staged["projet_personnalise"]}
    found: dict[str, Counter[str]] = {}
    for table, rows in staged.items():
        for row in (made.row for made in rows if made.refus):
            dossier = row.get("dossier_id") or projets.get(row.get("projet_id", ""), "")
            finess = row.get("finess_et") if "finess_et" in row else dossiers.get(dossier, "")
            found.setdefault(table, Counter())[finess if finess in known else "?"] += 1
    return {table: dict(sorted(counts.items())) for table, counts in found.items()}


def _unknown_labels(lines: Sequence[Line]) -> list[tuple[str, str, str, str]]:
    counted = Counter((line.source, *label) for line in lines for label in line.libelles)
    return [(*place, str(number)) for place, number in sorted(counted.items())]
