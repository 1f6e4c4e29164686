"""Every data requirement over one lot against the floor: decoding the columns of that lot once."""

from __future__ import annotations

import functools
import time
from dataclasses import replace
from pathlib import Path

from esms_sdk import database, open_lot
from esms_sdk.checks import Examined, load_all
from esms_sdk.conformance import Requirement, catalogue, profile
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import judge
from esms_sdk.lot import Lot, load
from tests.bench import lots
from tests.bench.measure import Ratio, compare, peak_mb

PROFILE = "pa-ph-dom-vague2"
LIMITS = lots.Size("constats", 10, 250_000, 12_000, 1200, 1200, 1200)
_QUALIFIED = "date '2020-01-05' + cast(one_of(i, 1, 1800) as integer)"


def make(size: lots.Size, folder: Path) -> Path:
    """Write the lot of that size with what the requirements read besides: identities, their history, calls, receptions."""
    named = replace(size, nom=f"{size.nom}-complet")
    lot = folder / named.nom
    if (lot / "historique_identite.parquet").exists():
        return lot
    lots.make(named, folder)
    con = lots.connect(folder)
    for table, query in _tables(named).items():
        con.execute(f"copy ({query}) to {database.text(str(lot / table) + '.parquet')} {lots.PARQUET}")
    con.close()
    lots.write_manifest(named, lot)
    return lot


def _tables(size: lots.Size) -> dict[str, str]:
    persons = f"range({size.dossiers}) t(i)"
    place = f"finess(i % {size.etablissements})"
    body = "'1' || lpad(cast(i % 100 as varchar), 2, '0') || '0175' || lpad(cast(i % 1000000 as varchar), 6, '0')"
    day = f"date '{lots.YEAR}-01-01' + cast(one_of(i, 50, 365) as integer)"
    sender = lots.person(size, 8)
    return {
        "usager": f"select key('U', i) as usager_id, 'QUAL' as statut_identite, {_QUALIFIED} as date_statut_identite, "
        f"{body} || lpad(cast(97 - cast({body} as bigint) % 97 as varchar), 2, '0') as matricule_ins, "
        "'1.2.250.1.213.1.4.10' as oid_ins, 'NOM' || translate(cast(i as varchar), '0123456789', 'ABCDEFGHIJ') as "
        "nom_naissance, 'MARIE ANNE' as prenoms_naissance, 'MARIE' as premier_prenom, 'M' as sexe, "
        "strftime(date '1930-01-01' + cast(one_of(i, 40, 9000) as integer), '%Y-%m-%d') as date_naissance, "
        "false as date_naissance_estimee, '75056' as lieu_naissance_cog, 'INSi' as mode_obtention_ins, "
        f"{_QUALIFIED} as date_interrogation_insi, 'CN' as mode_validation_identite, "
        f"case when i % 50 = 0 then {day} end as date_deces from {persons}",
        "historique_identite": "select key('U', i) as usager_id, "
        f"cast({_QUALIFIED} as timestamp) + to_hours(9 + n) as horodatage, ['PROV', 'QUAL'][n + 1] as statut_identite, "
        f"n = 1 as matricule_present, 't' || i as empreinte_traits from {persons}, range(2) r(n)",
        "appel_insi": f"select key('A', i) as appel_id, {place} as finess_et, key('U', i) as usager_id, "
        f"cast({_QUALIFIED} as timestamp) as horodatage, 'RECHERCHE' as operation, 'SUCCES' as resultat from {persons}",
        "reception": f"select key('R', i) as reception_id, {place} as finess_et, 'MSS_PRO' as canal, "
        f"cast({day} as timestamp) as horodatage, '11502-2' as type_code, key('U', i) as usager_id, true as integre "
        f"from {persons}",
        "opposition": f"select key('U', i) as usager_id, 'DMP' as canal, {day} as date_debut from {persons} where i % 40 = 0",
        "document": f"select key('X', i) as document_id, key('U', {sender}) as usager_id, finess({sender} % "
        f"{size.etablissements}) as finess_et, 'SYNTH' as type_code, {day} as date_creation, {day} as date_validation, "
        f"'N' as confidentialite from range({max(1, size.dmp)}) t(i)",
    }  # fmt: skip


def floor_queries(lot: Path) -> list[str]:
    """One query a table, over all its columns; see :func:`tests.bench.month.floor_queries`."""
    queries = []
    con = database.connect(lot.parent)
    for table in load().tables:
        files = lot / f"{table}.parquet" if (lot / f"{table}.parquet").exists() else lot / table / "*.parquet"
        if not list(files.parent.glob(files.name)):
            continue
        source = f"read_parquet({database.text(str(files))})"
        names = [row[0] for row in con.execute(f"describe select * from {source}").fetchall()]
        queries.append(f"select {', '.join(f'bit_xor(hash({name}))' for name in names)} from {source}")
    con.close()
    return queries


def asked() -> list[Requirement]:
    """The requirements over lots that the profile owes."""
    owed = profile(PROFILE)
    return [one for one in catalogue().values() if one.methode == "auto" and one.objet == "lot" and owed.owes(one)]


def control(lot: Lot, times: dict[str, float] | None = None) -> None:
    """Judge an open lot by all of them; ``times`` gets the seconds of each."""
    parameters = profile(PROFILE).parameters(lot.manifest.date_extraction.date())
    examined = Examined(lot, "test", parameters)
    findings = Findings()
    try:
        if times is None:
            judge(asked(), load_all(), examined, findings)
            return
        for one in asked():
            begin = time.perf_counter()
            judge([one], load_all(), examined, findings)
            times[one.id] = time.perf_counter() - begin
    finally:
        findings.close()


def measures(folder: Path) -> list[Ratio]:
    """Compare the control with its floor, and with the control of twice the rows."""
    short, long = make(lots.VENDOR, folder), make(lots.VENDOR.longer(), folder)
    with open_lot(short) as one, open_lot(long) as two:
        bare = database.connect(folder)
        queries = floor_queries(short)

        def floor() -> None:
            for query in queries:
                bare.execute(query).fetchall()

        times: dict[str, float] = {}
        control(one, times)
        slowest = sorted(times.items(), key=lambda pair: -pair[1])[:6]
        note = f"{len(times)} exigences ; les plus lentes : " + ", ".join(
            f"{id} {s * 1000:.0f} ms" for id, s in slowest
        )
        work, twice = functools.partial(control, one), functools.partial(control, two)
        return [
            compare("contrôle d'un lot, toutes exigences : vendor", 8, floor, work, rounds=3, note=note),
            compare("contrôle, journaux doublés : vendor", 2.2, work, twice, rounds=2, note="12 et 24 mois"),
        ]


# Every OID is one of test: in production each person is a finding.
_QUIET = """
import contextlib, io, sys
from esms_sdk.cli import main
words = ["--profile", "pa-ph-dom-vague2", "--report", "junit,html,csv,xlsx", "--out", sys.argv[2], "--force"]
with contextlib.redirect_stdout(io.StringIO()):
    code = main(["check", sys.argv[1], *words])
assert code == 1, code
"""


def peaks(folder: Path) -> dict[str, float]:
    """The peak memory of a whole ``esms check`` with few findings, and with more than a million."""
    found = {}
    for size in (replace(LIMITS, nom="constats-peu", dossiers=25_000), LIMITS):
        lot = make(size, folder)
        told = f"mémoire, esms check et ses rapports, {size.dossiers} personnes toutes fautives"
        found[told] = peak_mb(_QUIET, str(lot), str(folder / f"rapports-{size.nom}"))
    return found
