"""Lots of a given size, made in the engine: the same each time, the activity spread evenly over whole months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from esms_sdk import database
from esms_sdk.lot import files, manifest
from esms_sdk.lot.reader import SEAL

YEAR = 2025
MEASURED_ON = date(YEAR, 6, 30)
PARQUET = "(format parquet, compression zstd, row_group_size 122880)"


@dataclass(frozen=True)
class Size:
    """How many of each; the logs are those of all ``mois`` together."""

    nom: str
    etablissements: int
    dossiers: int
    mises_a_jour: int
    evenements: int
    messages: int
    dmp: int
    mois: int = 12

    def longer(self) -> Size:
        """The same size a month, over twice the months."""
        logs = ("mises_a_jour", "evenements", "messages", "dmp", "mois")
        return replace(self, nom=f"{self.nom}-long", **{name: 2 * getattr(self, name) for name in logs})


OG = Size("og", 20, 900, 90_000, 40_000, 9_000, 3_000)
VENDOR = Size("vendor", 300, 13_500, 1_350_000, 600_000, 130_000, 40_000)
NATIONAL = Size("national", 34_000, 1_500_000, 20_000_000, 20_000_000, 3_000_000, 1_500_000)


def make(size: Size, folder: Path) -> Path:
    """Write the lot of that size under ``folder`` and return it; one that is there already is kept."""
    lot = folder / size.nom
    if (lot / "manifeste.json").exists():
        return lot
    lot.mkdir(parents=True)
    con = connect(folder)
    for table, query in _tables(size).items():
        con.execute(f"copy ({query}) to {database.text(str(lot / table) + '.parquet')} {PARQUET}")
    for table, (rows, query, order) in _logs(size).items():
        (lot / table).mkdir()
        for month in range(size.mois):
            begin, end = _month(size, month), _month(size, month + 1)
            ids = f"range({rows * month // size.mois}, {rows * (month + 1) // size.mois}) t(i)"
            drawn = query.format(ids=ids, begin=f"date '{begin}'", days=(end - begin).days)
            target = lot / table / f"{begin:%Y-%m}.parquet"
            con.execute(f"copy (select * from ({drawn}) order by {order}) to {database.text(str(target))} {PARQUET}")
    con.close()
    write_manifest(size, lot)
    return lot


def connect(folder: Path) -> Any:
    """Return a connection with what the rows are drawn by."""
    con = database.connect(folder)
    # A draw is a number in [0, 1[ that hangs on the row and on what is drawn, and on nothing else.
    con.execute("create macro draw(i, what) as (hash(i * 1000 + what) >> 11) / 9007199254740992.0")
    con.execute("create macro one_of(i, what, n) as cast(floor(draw(i, what) * n) as bigint)")
    con.execute("create macro key(letter, i) as letter || lpad(cast(i as varchar), 8, '0')")
    con.execute("create macro finess(i) as '00' || lpad(cast(i as varchar), 7, '0')")
    return con


def _month(size: Size, number: int) -> date:
    """The first day of a month of the logs; the last twelve months are those of the year."""
    months = YEAR * 12 + number - (size.mois - 12)
    return date(months // 12, months % 12 + 1, 1)


def _tables(size: Size) -> dict[str, str]:
    persons = f"range({size.dossiers}) t(i)"
    place = f"finess(i % {size.etablissements})"
    return {
        "organisme": f"select finess(9000000 + i) as finess_ej, 'OG ' || i as raison_sociale "
        f"from range({max(1, size.etablissements // 20)}) t(i)",
        "etablissement": f"select finess(i) as finess_et, finess(9000000 + i % {max(1, size.etablissements // 20)}) as "
        f"finess_ej, 'Établissement ' || i as denomination, date '2010-01-01' as date_ouverture "
        f"from range({size.etablissements}) t(i)",
        "usager": f"select key('U', i) as usager_id, 'QUAL' as statut_identite from {persons}",
        # A quarter of the persons leave in the year; 5 % of them have no projet to make.
        "sejour": f"select key('S', i) as sejour_id, key('U', i) as usager_id, {place} as finess_et, "
        "date '2020-01-01' + cast(one_of(i, 1, 1800) as integer) as date_entree, "
        f"case when draw(i, 2) < 0.25 then date '{YEAR}-01-01' + cast(one_of(i, 3, 365) as integer) end "
        "as date_sortie, "
        f"draw(i, 4) < 0.9 as sortie_definitive, draw(i, 5) < 0.95 as projet_applicable from {persons}",
        "dossier": f"select key('D', i) as dossier_id, key('U', i) as usager_id, {place} as finess_et, "
        f"date '2019-12-01' + cast(one_of(i, 1, 1800) as integer) as date_creation from {persons}",
        "projet_personnalise": f"select key('P', i) as projet_id, key('D', i) as dossier_id from {persons} "
        "where i % 10 < 9",
        "statut_projet": f"select key('P', i) as projet_id, date '2021-01-01' + cast(one_of(i, 6, 1500) as integer) as "
        "date_statut, cast(0 as bigint) as rang, "
        "case when draw(i, 7) < 0.9 then 'ENCOURS' else 'TERMINE' end as statut "
        f"from {persons} where i % 10 < 9",
        "document": f"select key('X', i) as document_id, key('U', {person(size, 8)}) as usager_id, "
        f"finess({person(size, 8)} % {size.etablissements}) as finess_et, '34133-9' as type_code, "
        f"date '{YEAR - 1}-12-01' as date_creation from range({size.dmp}) t(i)",
    }


def person(size: Size, what: int) -> str:
    """Somebody: 8 % of the persons are never met, and the others the less the further they stand."""
    return f"cast(floor(draw(i, {what}) * draw(i, {what} + 1) * {size.dossiers * 0.92}) as bigint)"


def _logs(size: Size) -> dict[str, tuple[int, str, str]]:
    """The dated logs: how many rows, how one is drawn, and the order of the file (by time, as an import writes it)."""
    day = "{begin} + cast(one_of(i, 20, {days}) as integer)"
    sent = f"finess(who % {size.etablissements}) as finess_et, key('U', who) as usager_id"
    return {
        "mise_a_jour": (
            size.mises_a_jour,
            f"select key('D', {person(size, 22)}) as dossier_id, {day} as date_maj, "
            "case when draw(i, 24) < 0.9 then 'UTILISATEUR' else 'AUTOMATE' end as origine from {ids}",
            "date_maj, dossier_id",
        ),
        "evenement": (
            size.evenements,
            f"select key('E', i) as evenement_id, key('D', {person(size, 25)}) as dossier_id, {day} as date_debut, "
            f"case when draw(i, 27) < 0.05 then {day} + 3 end as date_fin, "
            "case when draw(i, 28) < 0.9 then 'VALIDE' else 'ANNULE' end as statut from {ids}",
            "date_debut, evenement_id",
        ),
        "envoi": (
            size.messages + size.dmp,
            f"select key('V', i) as envoi_id, case when dmp then 'DMP' else 'MSS_PRO' end as canal, {sent}, "
            f"case when dmp then key('X', i // 4 % {size.dmp}) end as document_id, "
            "case when not dmp then key('M', i) end as message_id, "
            "case when dmp then 'AJOUT' end as operation, "
            f"cast({day} as timestamp) + to_seconds(one_of(i, 30, 86400)) as horodatage, "
            "case when draw(i, 31) < 0.97 then 'SUCCES' else 'ECHEC' end as resultat, true as ins_qualifiee "
            f"from (select i, {person(size, 32)} as who, "
            f"draw(i, 34) < {size.dmp / (size.messages + size.dmp)} as dmp from {{ids}})",
            "horodatage, envoi_id",
        ),
    }


def write_manifest(size: Size, lot: Path, perimetre: Sequence[str] = ()) -> None:
    """Write the manifest of a lot whose tables are there; without ``perimetre`` it is that of :func:`make`."""
    first = _month(size, 0)
    document: dict[str, Any] = {
        "version_schema": "1", "editeur": "Banc d'essai", "logiciel": "Banc", "version_logiciel": "1",
        "date_extraction": f"{YEAR + 1}-01-02T06:00:00",
        "perimetre": [*perimetre] or [f"00{number:07d}" for number in range(size.etablissements)],
        "non_fourni": [], "periode_couverte_debut": f"{first}", "periode_couverte_fin": f"{YEAR}-12-31",
        "journal_maj_complet": True, "historique_statuts_complet": True, "mode": "test",
    }  # fmt: skip
    # Sealed as `esms import` does: such a lot is not checked row by row each time it is opened.
    document["import"] = {"sources": {}, "rejets_par_finess": {}}
    path = lot / manifest.FILE
    path.write_bytes(manifest.dump(document))
    tables, faults = files.find(lot)
    assert not faults, faults
    document["import"][SEAL] = files.digest(lot, tables, document)
    path.write_bytes(manifest.dump(document))
