"""The dashboard of two whole years, course included, against the floor: decoding the needed columns of the lot once."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path

from esms_sdk import compute_dashboard, database, open_lot
from tests.bench import lots
from tests.bench.measure import Ratio, compare

AS_OF = date(lots.YEAR, 12, 31)

# What the dashboard must look at, by its definition: every send and every entry of two years.
NEEDED = {
    "usager": ("usager_id", "statut_identite"),
    "sejour": ("usager_id", "finess_et", "date_entree"),
    "envoi": (
        "envoi_id", "canal", "finess_et", "document_id", "message_id", "horodatage", "operation", "resultat",
        "ins_qualifiee",
    ),
}  # fmt: skip


def floor_queries(lot: Path) -> list[str]:
    """One query a table; see :func:`tests.bench.month.floor_queries`."""
    queries = []
    for table, columns in NEEDED.items():
        files = lot / f"{table}.parquet" if (lot / f"{table}.parquet").exists() else lot / table / "*.parquet"
        decoded = ", ".join(f"bit_xor(hash({column}))" for column in columns)
        queries.append(f"select {decoded} from read_parquet({database.text(str(files))})")
    return queries


def warm(size: lots.Size, folder: Path, goal: float) -> Ratio:
    """Compare, in one process with an open lot, the dashboard with the floor."""
    path = lots.make(size.longer(), folder)
    with open_lot(path) as lot:
        bare = database.connect(folder)
        queries = floor_queries(path)

        def floor() -> None:
            for query in queries:
                bare.execute(query).fetchall()

        note = f"{size.etablissements} ESSMS, {2 * (size.messages + size.dmp)} envois en 24 mois"
        work = functools.partial(compute_dashboard, lot, AS_OF)
        return compare(f"tableau de bord TBB.1, lot ouvert : {size.nom}", goal, floor, work, note=note)
