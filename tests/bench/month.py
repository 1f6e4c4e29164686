"""One month of indicators against the floor: decoding the needed columns and row groups of the lot once."""

from __future__ import annotations

import functools
from pathlib import Path

from esms_sdk import compute_indicators, database, open_lot
from tests.bench import lots
from tests.bench.measure import Ratio, compare

DEBUT, FIN = lots.MEASURED_ON.replace(day=1), lots.MEASURED_ON

# What an indicator must look at, by the definitions: the columns, and the rows of the period.
NEEDED = {
    "etablissement": (("finess_et", "finess_ej", "date_ouverture"), "true"),
    "usager": (("usager_id",), "true"),
    "sejour": (
        ("usager_id", "finess_et", "date_entree", "date_sortie", "sortie_definitive", "projet_applicable"),
        f"date_entree <= date '{FIN}'",
    ),
    "dossier": (("dossier_id", "usager_id", "finess_et", "date_creation"), f"date_creation <= date '{FIN}'"),
    "mise_a_jour": (("dossier_id", "date_maj", "origine"), f"date_maj between date '{DEBUT}' and date '{FIN}'"),
    "projet_personnalise": (("projet_id", "dossier_id"), "true"),
    "statut_projet": (("projet_id", "date_statut", "rang", "statut"), f"date_statut <= date '{FIN}'"),
    "evenement": (
        ("dossier_id", "date_debut", "date_fin", "statut"),
        f"date_debut <= date '{FIN}' and coalesce(date_fin, date_debut) >= date '{DEBUT}'",
    ),
    "envoi": (
        ("canal", "finess_et", "usager_id", "message_id", "operation", "horodatage", "resultat"),
        f"horodatage >= timestamp '{DEBUT}' and horodatage < date '{FIN}' + interval 1 day",
    ),
}


def floor_queries(lot: Path) -> list[str]:
    """One query a table.  A hash, unlike an extremum or a length, cannot be answered without decoding the values."""
    queries = []
    for table, (columns, rows) in NEEDED.items():
        files = lot / f"{table}.parquet" if (lot / f"{table}.parquet").exists() else lot / table / "*.parquet"
        decoded = ", ".join(f"bit_xor(hash({column}))" for column in columns)
        queries.append(f"select {decoded} from read_parquet({database.text(str(files))}) where {rows}")
    return queries


def warm(size: lots.Size, folder: Path, goal: float, rounds: int = 7) -> Ratio:
    """Compare, in one process with an open lot, one month of indicators with the floor."""
    path = lots.make(size, folder)
    with open_lot(path) as lot:
        bare = database.connect(folder)
        queries = floor_queries(path)

        def floor() -> None:
            for query in queries:
                bare.execute(query).fetchall()

        note = f"{size.etablissements} ESSMS, {size.mises_a_jour} mises à jour, {size.evenements} événements"
        work = functools.partial(compute_indicators, lot, lots.MEASURED_ON)
        return compare(f"un mois d'indicateurs, lot ouvert : {size.nom}", goal, floor, work, rounds=rounds, note=note)


def history(size: lots.Size, folder: Path, goal: float) -> Ratio:
    """Compare a month over twice the history with the same month, each with its lot open."""
    short, long = lots.make(size, folder), lots.make(size.longer(), folder)
    with open_lot(short) as one, open_lot(long) as two:
        return compare(
            f"le même mois, historique doublé : {size.nom}",
            goal,
            functools.partial(compute_indicators, one, lots.MEASURED_ON),
            functools.partial(compute_indicators, two, lots.MEASURED_ON),
            note=f"{size.mois} et {2 * size.mois} mois",
        )
