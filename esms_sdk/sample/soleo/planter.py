"""Where defects can be planted: the export by file and agency, and quiet persons to lose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from esms_sdk.errors import UsageError
from esms_sdk.sample.soleo.rows import Key, Ligne, Refus, Source
from esms_sdk.sample.world import World

Test = Callable[[Ligne], bool]
_LONG_LOG = 60
"""Lines of log: the loss of a person with more would weigh on the share of rejects in a small world."""


def _any(_: Ligne) -> bool:
    return True


class Planter:
    """The sound export of a world, to be spoiled; each planting says what it does in ``defaut``.

    ``nulled`` holds the columns that an unknown label empties in the canonical lot.
    """

    def __init__(self, world: World, sources: list[Source]) -> None:
        self.world, self.sources = world, sources
        self.nulled: dict[Key, str] = {}
        self._quiet = _quiet_persons(world)
        self._spent: set[int] = set()

    def source(self, stem: str, agence: str = "") -> Source:
        """Return the file of that stem (and agency)."""
        wanted = f"{stem}_{agence}" if agence else stem
        return next(s for s in self.sources if (s.member or s.path).split(".")[0] == wanted)

    def quiet_person(self, agence: str, *, present: bool) -> str:
        """Return a person with one plain séjour, one dossier and a short history, there or gone; never the same twice.

        Where an agency has none of the wanted sort, one of the other sort is taken.
        """
        there, gone = self._quiet.get(agence, ([], []))
        chosen = (there or gone) if present else (gone or there)
        if not chosen:
            raise _too_small(agence)
        return chosen.pop(0)

    def row_of(self, stem: str, agence: str, table: str, key: str) -> Ligne:
        """Return the row that makes a canonical row."""
        rows = self.source(stem, agence).lignes
        return next(ligne for ligne in rows if any((m.table, m.key) == (table, key) for m in ligne.makes))

    def sound_row(self, stem: str, agence: str = "", test: Test = _any) -> Ligne:
        """Return a row from the middle of a file that nothing has befallen yet; never the same twice."""
        rows = self.source(stem, agence).lignes
        half = len(rows) // 2
        for ligne in rows[half:] + rows[:half]:
            if id(ligne) not in self._spent and not ligne.defaut and not ligne.ignoree and test(ligne):
                self._spent.add(id(ligne))
                return ligne
        raise _too_small(f"{stem} {agence}")

    def add(self, stem: str, agence: str, ligne: Ligne, defaut: str, *refus: str, ignoree: str = "") -> Ligne:
        """Insert a row of its own in a file, some way down."""
        rows = self.source(stem, agence).lignes
        ligne.defaut, ligne.ignoree = defaut, ignoree
        ligne.refus.extend(map(Refus.read, refus))
        self._spent.add(id(ligne))
        rows.insert(len(rows) * 2 // 3, ligne)
        return ligne

    def twice(self, stem: str, agence: str, ligne: Ligne, what: str, refus: str, **cells: str) -> Ligne:
        """Give another row the key of ``ligne`` and another content, so that both are refused; return the other."""
        spoil(ligne, f"{what} deux fois, autre contenu", refus)
        return self.add(stem, agence, ligne.copy(**cells), ligne.defaut, refus)

    def unknown(self, stem: str, agence: str, column: str, label: str, effect: str, test: Test = _any) -> None:
        """Write a label that no mapping knows; ``effect`` is the refusal, or ``table.colonne`` of what it empties."""
        row = self.sound_row(stem, agence, test)
        row.libelles.append((column, label))
        if " " in effect:
            spoil(row, "libellé inconnu, colonne obligatoire", effect, **{column: label})
        else:
            spoil(row, "libellé inconnu, colonne facultative", **{column: label})
            table, _, canonical = effect.partition(".")
            self.nulled[table, row.makes[0].key] = canonical

    def repeat(self, stem: str, agence: str, ligne: Ligne) -> None:
        """Write a row a second time, to the letter."""
        copy = ligne.copy()
        copy.defaut, copy.ignoree, copy.makes = "ligne répétée à l'identique", "repetition", []
        rows = self.source(stem, agence).lignes
        at = next(index for index, row in enumerate(rows) if row is ligne)
        rows.insert(at + 1, copy)
        self._spent.update((id(copy), id(ligne)))


def _too_small(place: str) -> UsageError:
    return UsageError(
        "ESMS-E192",
        f"ce monde est trop petit pour y semer tous les défauts ({place.strip()})",
        hint="Demander plus de personnes, ou une autre graine.",
    )


def spoil(ligne: Ligne, defaut: str, *refus: str, **cells: str) -> None:
    """Change cells of a row for the worse and say which tables refuse it."""
    ligne.defaut = defaut
    ligne.cells.update(cells)
    ligne.refus.extend(map(Refus.read, refus))


def twin(ligne: Ligne, column: str, number: str, **cells: str) -> Ligne:
    """Return a row like ``ligne`` under another local number, written in ``column``."""
    copy = ligne.copy(**{column: number}, **cells)
    copy.makes = copy.makes[:1]
    copy.makes[0].key = f"{ligne.cells['Agence']}-{number}" if number else ""
    return copy


def _quiet_persons(world: World) -> dict[str, tuple[list[str], list[str]]]:
    """Per agency, persons with one plain séjour and dossier and no merge, the shortest log first: there, and gone
    since 2024 at the latest.

    The loss of somebody who is still there moves the rates of the last months, and costs few rows of log.
    """
    lines = Counter(line.dossier_id for line in world.journal)
    stays = Counter(s.usager_id for s in world.sejours)
    records = Counter(d.usager_id for d in world.dossiers)
    merged = {u.fusion for u in world.usagers} | {u.usager_id for u in world.usagers if u.fusion}
    special = merged | {o.usager_id for o in world.oppositions} | set(world.fautes)
    plain = {s.usager_id: s for s in world.sejours if not s.interruptions}
    outside = {e.finess_et for e in world.etablissements if not e.dans_perimetre}
    found: dict[str, tuple[list[tuple[int, str]], list[tuple[int, str]]]] = {}
    for dossier in world.dossiers:
        person, log = dossier.usager_id, lines[dossier.dossier_id]
        single = stays[person] == 1 and records[person] == 1 and person in plain and person not in special
        if single and log >= 6 and dossier.finess_et not in outside:
            left = plain[person].sortie
            if left is None and log > _LONG_LOG:
                continue
            if left is None or left.year < 2025:
                found.setdefault(person[:4], ([], []))[left is not None].append((log, person))
    return {
        agence: ([p for _, p in sorted(there)], [p for _, p in sorted(gone)]) for agence, (there, gone) in found.items()
    }
