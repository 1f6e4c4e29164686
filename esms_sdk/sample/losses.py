"""What the defects of Soléo's export lose of a world: the other vendors lose the same, each in its own way.

So the three exports of one world have the same indicators, down to the rejected séjours that weigh on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esms_sdk.lot.schema import load
from esms_sdk.sample.canonical import Row, tables
from esms_sdk.sample.soleo import Export
from esms_sdk.sample.soleo.outcome import KEYS
from esms_sdk.sample.truth import Rejet


@dataclass(frozen=True, slots=True)
class Losses:
    """Rows to lose, by the keys that the world gives them; what hangs on them goes with them.

    ``sejours`` says, for each séjour lost by itself, the rejected rows to leave in its place (two where its number is
    borne twice); ``extra`` are rejected rows that are séjours of nobody.
    """

    keys: dict[str, tuple[str, ...]]
    sejours: dict[str, tuple[Rejet, ...]]
    extra: tuple[Rejet, ...]

    def of(self, table: str) -> Sequence[str]:
        """Return the keys to lose of a table (its key columns joined by a blank), in a fixed order."""
        return self.keys.get(table, ())


def losses(soleo: Export) -> Losses:
    """Return what the defects of an export lose by themselves: rows that are gone though all they refer to is kept."""
    kept = soleo.outcome.kept
    lost = {
        table: tuple(
            key
            for key, row in sorted((" ".join(row[c] for c in KEYS[table]), row) for row in rows)
            if (table, key) not in kept and _refers_to_kept(table, row, soleo)
        )
        for table, rows in tables(soleo.world).items()
    }
    sejours: dict[str, list[Rejet]] = {key: [] for key in lost.pop("sejour")}
    extra: list[Rejet] = []
    real = {sejour.sejour_id for sejour in soleo.world.sejours}
    for ligne in (ligne for source in soleo.sources for ligne in source.lignes):
        if any(refus.table == "sejour" for refus in ligne.refus):
            key = ligne.makes[0].key
            rejet = Rejet(ligne.lu["finess_et"], ligne.lu["date_entree"], ligne.lu["date_sortie"])
            if key in sejours:
                sejours[key].append(rejet)
            elif key not in real:
                extra.append(rejet)
    return Losses(
        {table: keys for table, keys in lost.items() if keys},
        {key: tuple(rejets) for key, rejets in sejours.items()},
        tuple(extra),
    )


def _refers_to_kept(table: str, row: Row, soleo: Export) -> bool:
    references = load().tables[table].references
    return all(not row.get(c) or (target, row[c]) in soleo.outcome.kept for c, target in references.items())
