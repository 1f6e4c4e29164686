"""Each source beside CSV against its floor: what must be read at least, plus the import of the same rows as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from esms_sdk import import_lot
from tests.bench.measure import Ratio, compare, peak_mb

DOSSIERS = 2_000
_HEAD = ("dossier", "jour", "origine", "rubrique", "note")
_COMMON = """\
[lot]
editeur = "Banc d'essai"
logiciel = "Banc"
version_logiciel = "1"
date_extraction = "2026-01-02T06:00:00"
perimetre = ["000000117"]
non_fourni = ["projet_personnalise", "statut_projet", "evenement"]
periode_couverte_debut = "2024-01-01"
periode_couverte_fin = "2025-12-31"
journal_maj_complet = true
historique_statuts_complet = true
mode = "test"

[source.dossiers]
fichiers = ["dossiers.csv"]
[table.organisme]
source = "dossiers"
colonnes = { finess_ej = { valeur = "000000109" }, raison_sociale = { valeur = "OG" } }
[table.etablissement]
source = "dossiers"
[table.etablissement.colonnes]
finess_et = { valeur = "000000117" }
finess_ej = { valeur = "000000109" }
denomination = { valeur = "ET" }
[table.usager]
source = "dossiers"
colonnes = { usager_id = "usager" }
[table.sejour]
source = "dossiers"
colonnes = { sejour_id = "dossier", usager_id = "usager", finess_et = { valeur = "000000117" }, date_entree = "cree" }
[table.dossier]
source = "dossiers"
colonnes = { dossier_id = "dossier", usager_id = "usager", finess_et = { valeur = "000000117" }, date_creation = "cree" }
[table.mise_a_jour]
source = "journal"
colonnes = { dossier_id = "dossier", date_maj = "jour", origine = "origine", rubrique = "rubrique" }
[source.journal]
"""
_SERVER_PASSWORD = "ESMS_BENCH_MDP"


def measures(folder: Path) -> list[Ratio]:
    """Every source in turn."""
    found = [*_postgresql(folder / "postgresql"), _excel(folder / "excel"), _tddui(folder / "tddui")]
    return found + [_append(folder / f"append-{months}", months) for months in (6, 23)]


def _days(months: int, last: date = date(2025, 12, 31)) -> list[date]:
    first = date(last.year + (last.month - months) // 12, (last.month - months) % 12 + 1, 1)
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _rows(count: int, days: Sequence[date]) -> list[tuple[str, str, str, str, str]]:
    """Return invented updates: dossier, day, origin, rubric, and a note that nothing reads."""
    return [
        (f"D{i * 7919 % DOSSIERS:05}", days[i * 31 % len(days)].isoformat(), "UTILISATEUR" if i % 5 else "AUTOMATE",
         f"RUBRIQUE_{i % 17}", f"note {i} " + "x" * (i % 60))
        for i in range(count)
    ]  # fmt: skip


def _write(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";", lineterminator="\n").writerows([head, *rows])


def _export(folder: Path, name: str, declared: str) -> tuple[Path, Path]:
    """Make an export with the dossiers, and an adapter whose journal is declared so; return both folders."""
    export, adapter = folder / name, folder / f"{name}-adapter"
    for one in (export, adapter):
        one.mkdir(parents=True, exist_ok=True)
    _write(export / "dossiers.csv", ("dossier", "usager", "cree"),
           [(f"D{i:05}", f"U{i:05}", "2024-01-01") for i in range(DOSSIERS)])  # fmt: skip
    (adapter / "adapter.toml").write_text(f"{_COMMON}{declared}\n", encoding="utf-8")
    return export, adapter


def _work(export: Path, adapter: Path | str, lot: Path, **options: object) -> Callable[[], object]:
    def work() -> None:
        report = import_lot(export, adapter, lot, max_rejets="0", force=True, **options)  # type: ignore[arg-type]
        assert report.exit_code == 0, report

    return work


def _postgresql(folder: Path, count: int = 400_000) -> list[Ratio]:
    """PostgreSQL to lot against COPY of the same rows to CSV plus the import of it."""
    import os

    import psycopg

    from tests.adapter.sources import postgres

    try:
        postgres.binaries()
    except LookupError:
        return []
    os.environ[_SERVER_PASSWORD] = postgres.PASSWORD
    with postgres.running() as server:
        columns = ", ".join(f"{name} text" for name in _HEAD).replace("jour text", "jour date")
        server.run(f"create table journal ({columns})")
        fill = f"copy journal ({', '.join(_HEAD)}) from stdin"
        with psycopg.connect(**server.arguments, dbname="postgres") as con, con.cursor() as one, one.copy(fill) as copy:
            for row in _rows(count, _days(24)):
                copy.write_row(row)
        url = server.url(password=f"${{{_SERVER_PASSWORD}}}")
        export, adapter = _export(folder, "base", f'format = "sql"\nurl = "{url}"\ntable = "journal"')
        copied, as_csv = _export(folder, "csv", 'fichiers = ["journal.csv"]')
        imported = _work(copied, as_csv, folder / "lot-csv")

        def floor() -> None:
            with psycopg.connect(**server.arguments, dbname="postgres") as con, con.cursor() as cursor:
                told = cursor.copy("copy journal to stdout (format csv, header, delimiter ';')")
                with told as rows, (copied / "journal.csv").open("wb") as stream:
                    for chunk in rows:
                        stream.write(chunk)
            imported()

        name = "PostgreSQL vers un lot / COPY en CSV + import"
        note = f"{count} lignes"
        return [compare(name, 1.5, floor, _work(export, adapter, folder / "lot"), rounds=3, note=note)]


def _excel(folder: Path, count: int = 40_000) -> Ratio:
    """A workbook against what calamine takes to read it plus the import of the same rows as CSV."""
    import python_calamine

    rows = _rows(count, _days(24))
    declared = 'format = "excel"\nfichiers = ["journal.xlsx"]'
    export, adapter = _export(folder, "classeur", declared)
    copied, as_csv = _export(folder, "csv", 'fichiers = ["journal.csv"]')
    _write(copied / "journal.csv", _HEAD, rows)
    workbook(export / "journal.xlsx", rows)
    imported = _work(copied, as_csv, folder / "lot-csv")

    def floor() -> None:
        with python_calamine.CalamineWorkbook.from_path(str(export / "journal.xlsx")) as book:
            for _ in book.get_sheet_by_index(0).iter_rows():
                pass
        imported()

    name = "classeur vers un lot / lecture par calamine + import"
    note = f"{count} lignes"
    return compare(name, 1.3, floor, _work(export, adapter, folder / "lot"), rounds=3, note=note)


def workbook(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write rows to a sheet, the days as dates."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Journal")
        sheet.write_row(0, 0, _HEAD)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, [row[0], date.fromisoformat(row[1]), *row[2:]])


def _tddui(folder: Path, entries: int = 4_000) -> Ratio:
    """A Bundle against ``json.loads`` of it plus the import of the same tables as CSV."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    export, copied = folder / "export", folder / "csv"
    export.mkdir(exist_ok=True)
    (export / "export.json").write_bytes(bundle(entries))
    keys = {"editeur": "E", "logiciel": "L", "version_logiciel": "1", "periode_couverte_debut": "2024-01-01"}
    work = _work(export, "tddui_fhir", folder / "lot", lot_set=keys)
    work()
    copied.mkdir(exist_ok=True)
    with duckdb.connect() as con:
        for path in sorted((folder / "lot").glob("*.parquet")):
            target = copied / f"{path.stem}.csv"
            con.execute(f"copy (from read_parquet('{path}')) to '{target}' (format csv, header, delimiter ';')")
    manifest = json.loads((folder / "lot" / "manifeste.json").read_text(encoding="utf-8"))
    told = {key: ",".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value
            for key, value in manifest.items() if key not in ("import", "couverture", "non_fourni", "version_schema")}  # fmt: skip
    imported = _work(copied, "csv_generique", folder / "lot-csv", lot_set=told)

    def floor() -> None:
        json.loads((export / "export.json").read_bytes())
        imported()

    name = "Bundle TDDUI vers un lot / json.loads + import"
    return compare(name, 3, floor, work, rounds=3, note=f"{entries} entrées")


def bundle(entries: int) -> bytes:
    """Return a Bundle of invented persons, each with a séjour, two events and a projet."""
    from tests.adapter.sources import tddui_world as world

    found = [world.organization()]
    for number in range((entries - 1) // 5):
        person, local = f"p{number}", f"U-{number}"
        subject = f"Patient/{person}"
        dated = {"lastUpdated": f"2025-09-{number % 28 + 1:02}T10:{number % 60:02}:00+02:00"}
        found += [
            world.patient(person, world.pi(local), meta={**world.patient()["meta"], **dated}),
            world.sejour(f"s{number}", f"{local}-SEJOUR-1", subject),
            *(world.evenement(f"e{number}-{n}", f"{local}-EVN-{n}", subject) for n in (1, 2)),
            world.projet(f"c{number}", f"{local}-PPER-1", subject),
        ]
    return world.bundle(*found)


def _append(folder: Path, months: int, of_month: int = 60_000) -> Ratio:
    """One month taken into a lot with a history against the import of that month's rows alone."""
    import shutil

    history, adapter = _export(folder, "historique", 'fichiers = ["journal.csv"]')
    month, _ = _export(folder, "mois", 'fichiers = ["journal.csv"]')
    _write(history / "journal.csv", _HEAD, _rows(of_month * months, _days(months, date(2025, 11, 30))))
    _write(month / "journal.csv", _HEAD, _rows(of_month, _days(1)))
    before = {"periode_couverte_fin": "2025-11-30", "date_extraction": "2025-12-01T06:00:00"}
    since = {"periode_couverte_debut": "2025-12-01"}
    _work(history, adapter, folder / "avant", lot_set=before)()
    append = _work(month, adapter, folder / "lot", lot_set=since, append=True)

    def work() -> None:
        append()

    # Taking the same month again replaces it: each round does the same work.
    shutil.copytree(folder / "avant", folder / "lot", dirs_exist_ok=True)
    floor = _work(month, adapter, folder / "seul", lot_set=since)
    name = f"--append d'un mois sur {months} mois / import de ce mois seul"
    return compare(name, 1.5, floor, work, rounds=3, note=f"{of_month} lignes par mois")


# -- memory ----------------------------------------------------------------------------------------------------------

_RUN = "import sys; from esms_sdk import import_lot; import_lot(sys.argv[1], sys.argv[2], sys.argv[3], force=True)"
_TDDUI = (
    "import sys; from esms_sdk import import_lot; import_lot(sys.argv[1], sys.argv[2], sys.argv[3], force=True, "
    "lot_set=dict(editeur='E', logiciel='L', version_logiciel='1', periode_couverte_debut='2024-01-01'))"
)


def memory_growth(folder: Path, *, small: int = 400_000, times: int = 5) -> dict[str, tuple[float, str]]:
    """Return, per kind of source, the peak of one ``times`` larger over that of the small one, and both as text."""
    declared = {
        "csv": 'fichiers = ["journal.csv"]',
        "classeur": 'format = "excel"\nfichiers = ["journal.xlsx"]',
        "json": 'format = "json"\nfichiers = ["journal.json"]',
        "ndjson": 'format = "ndjson"\nfichiers = ["journal.ndjson"]',
        "parquet": 'format = "parquet"\nfichiers = ["journal.parquet"]',
        "sqlite": 'format = "sql"\nfichiers = ["journal.db"]\ntable = "journal"',
    }
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, tuple[float, str]] = {}
    for kind, declaration in declared.items():
        peaks = []
        for count in (small, small * times):
            count = count // 4 if kind == "classeur" else count
            export, adapter = _export(folder / f"{kind}-{count}", "export", declaration)
            _write_kind(kind, export, _rows(count, _days(24)))
            peaks.append(peak_mb(_RUN, str(export), str(adapter), str(folder / f"{kind}-{count}" / "lot")))
        size = small // 4 if kind == "classeur" else small
        found[f"{kind} ({size} lignes)"] = _growth(peaks)
    peaks = []
    for entries in (20_000, 20_000 * times):
        export = folder / f"tddui-{entries}"
        export.mkdir()
        (export / "export.json").write_bytes(bundle(entries))
        peaks.append(peak_mb(_TDDUI, str(export), "tddui_fhir", str(folder / f"tddui-lot-{entries}")))
    return {**found, "tddui_fhir (20000 entrées)": _growth(peaks)}


def _growth(peaks: Sequence[float]) -> tuple[float, str]:
    small, large = peaks
    return round(large / small, 2), f"{large:.0f} Mo / {small:.0f} Mo"


def _write_kind(kind: str, export: Path, rows: Sequence[tuple[str, ...]]) -> None:
    if kind == "csv":
        _write(export / "journal.csv", _HEAD, rows)
    elif kind == "classeur":
        workbook(export / "journal.xlsx", rows)
    elif kind in ("json", "ndjson"):
        told = [json.dumps(dict(zip(_HEAD, row, strict=True))) for row in rows]
        text = f"[{','.join(told)}]" if kind == "json" else "".join(f"{one}\n" for one in told)
        (export / f"journal.{kind}").write_text(text, encoding="utf-8")
    elif kind == "parquet":
        import pyarrow
        from pyarrow import parquet

        table = pyarrow.table([list(column) for column in zip(*rows, strict=True)], list(_HEAD))
        parquet.write_table(table, export / "journal.parquet")
    else:
        import sqlite3

        with sqlite3.connect(export / "journal.db") as con:
            con.execute(f"create table journal ({', '.join(_HEAD)})")
            con.executemany("insert into journal values (?, ?, ?, ?, ?)", rows)
        con.close()
