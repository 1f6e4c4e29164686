"""An import of a million rows against the text scan of the same file, and against a plain Python loop."""

from __future__ import annotations

import csv
import time
from datetime import date
from pathlib import Path

from esms_sdk import database, import_lot, open_lot
from esms_sdk.adapter import ImportReport
from esms_sdk.identifiers import finess, nir
from tests.bench.measure import Ratio, compare

ROWS = 1_000_000
USAGERS = 20_000
ETABLISSEMENTS = 300
NAMES = ("suivi", "usager", "nir", "finess", "entree", "sortie", "definitif", "projet", "secteur", "saisie", "auteur")

_ADAPTER = """\
[adapter]
nom = "banc"

[lot]
editeur = "Banc d'essai"
logiciel = "Banc"
version_logiciel = "1"
date_extraction = "2026-01-02T06:00:00"
periode_couverte_debut = "2024-01-01"
periode_couverte_fin = "2025-12-31"
perimetre = [{perimetre}]
journal_maj_complet = true
historique_statuts_complet = true
non_fourni = ["projet_personnalise", "statut_projet", "evenement"]
mode = "test"

[source.suivis]
fichiers = ["suivis.csv"]
[source.suivis.ecarter]
"NIR faux" = '''not {nir}'''
"FINESS faux" = '''not {finess}'''
[source.etablissements]
fichiers = ["etablissements.csv"]
[source.usagers]
fichiers = ["usagers.csv"]
[source.journal]
fichiers = ["journal.csv"]

[table.organisme]
source = "journal"
colonnes = {{ finess_ej = {{ valeur = "000000000" }}, raison_sociale = {{ valeur = "OG" }} }}
[table.etablissement]
source = "etablissements"
colonnes = {{ finess_et = "finess", finess_ej = {{ valeur = "000000000" }}, denomination = "nom" }}
[table.usager]
source = "usagers"
colonnes = {{ usager_id = "usager" }}
[table.dossier]
source = "journal"
colonnes = {{ dossier_id = "dossier", usager_id = "usager", finess_et = "finess", date_creation = "date" }}
[table.mise_a_jour]
source = "journal"
colonnes = {{ dossier_id = "dossier", date_maj = "date", origine = {{ valeur = "UTILISATEUR" }} }}

[table.sejour]
source = "suivis"
[table.sejour.colonnes]
sejour_id = "suivi"
usager_id = "usager"
finess_et = "finess"
date_entree = {{ colonne = "entree", formats = ["%d/%m/%Y"] }}
date_sortie = {{ colonne = "sortie", formats = ["%d/%m/%Y"] }}
sortie_definitive = {{ colonne = "definitif", codes = {{ "Définitif" = true, "Retour prévu" = false }} }}
projet_applicable = {{ colonne = "projet", codes = {{ "Oui" = true, "Non" = false, "Sans objet" = false }} }}
"""


def measures(folder: Path) -> list[Ratio]:
    """Compare the import with the text scan, then the plain loop with the import; both must find the same rows."""
    export = _export(folder / "export")
    adapter = _adapter(folder / "banc")
    lot = folder / "import"
    con = database.connect(folder)
    columns = ", ".join(f"bit_xor(hash({name}))" for name in NAMES)
    scan = (
        f"select {columns} from read_csv({database.text(str(export / 'suivis.csv'))}, all_varchar = true, delim = ';')"
    )

    def run() -> ImportReport:
        return import_lot(export, adapter, lot, max_rejets="100%", force=True)

    scanned = compare(
        "import d'un million de lignes / lecture du même texte", 6, lambda: con.execute(scan).fetchall(), run, rounds=3
    )
    begin = time.perf_counter()
    plain = plain_loop(export / "suivis.csv")
    seconds = time.perf_counter() - begin
    assert plain == _imported(lot, run())
    ratio = round(seconds / scanned.mesure_s, 3)
    loop = Ratio(
        "boucle Python simple / import",
        6,
        ratio,
        scanned.mesure_s,
        round(seconds, 3),
        au_moins=True,
        note="mêmes résultats",
    )
    return [scanned, loop]


def _imported(lot: Path, report: ImportReport) -> tuple[int, ...]:
    counts = report.sources["suivis.csv"]
    with open_lot(lot) as opened:
        (sums,) = opened.con.execute(
            "select cast(sum(date_entree - date '2000-01-01') as bigint), "
            "cast(sum(date_sortie - date '2000-01-01') as bigint), "
            "count(*) filter (sortie_definitive), count(*) filter (projet_applicable) from sejour"
        ).fetchall()
    return (counts.lues, counts.acceptees, counts.rejetees, counts.ignorees, *sums)


def plain_loop(path: Path) -> tuple[int, ...]:
    """What a careful script does row by row: the same checks, in lists and sets, writing nothing."""
    known = {_finess(number) for number in range(ETABLISSEMENTS)}
    usagers = {f"U{number:06d}" for number in range(USAGERS)}
    definitive = {"définitif": True, "retour prévu": False, "": None}
    project = {"oui": True, "non": False, "sans objet": False, "": True}
    accepted, rejected, ignored, seen = [], [], [], set()
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, delimiter=";")
        next(rows)
        for number, row in enumerate(rows, 2):
            if not _nir_holds(row[2]) or not _luhn_holds(row[3]):
                ignored.append(number)
                continue
            faults = []
            entree, sortie = _day(row[4]), _day(row[5])
            if entree is None:
                faults.append("entree")
            if sortie is None and row[5]:
                faults.append("sortie")
            if entree and sortie and sortie < entree:
                faults.append("ordre")
            if row[0] in seen or row[1] not in usagers or row[3] not in known:
                faults.append("reference")
            if row[6].lower() not in definitive or row[7].lower() not in project:
                faults.append("code")
            if faults:
                rejected.append((number, faults))
                continue
            seen.add(row[0])
            accepted.append((*row[:4], entree, sortie, definitive[row[6].lower()], project[row[7].lower()]))
    origin = date(2000, 1, 1).toordinal()
    return (
        len(accepted) + len(rejected) + len(ignored), len(accepted), len(rejected), len(ignored),
        sum(row[4].toordinal() - origin for row in accepted),
        sum(row[5].toordinal() - origin for row in accepted if row[5]),
        sum(row[6] is True for row in accepted), sum(row[7] is True for row in accepted),
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))
    except ValueError:
        return None


def _nir_holds(text: str) -> bool:
    digits = text[:13].replace("2A", "19").replace("2B", "18")
    return len(text) == 15 and digits.isdigit() and text[13:].isdigit() and 97 - int(digits) % 97 == int(text[13:])


def _luhn_holds(text: str) -> bool:
    total = 0
    for place, character in enumerate(reversed(text)):
        digit = int(character) * (1 + place % 2)
        total += digit - 9 * (digit > 9)
    return len(text) == 9 and total % 10 == 0


def _finess(number: int) -> str:
    stem = f"00{number + 1:06d}"
    return next(stem + key for key in "0123456789" if _luhn_holds(stem + key))


def _adapter(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    perimetre = ", ".join(f'"{_finess(number)}"' for number in range(ETABLISSEMENTS))
    text = _ADAPTER.format(perimetre=perimetre, nir=nir.sql_is_valid("nir"), finess=finess.sql_is_valid("finess"))
    (folder / "adapter.toml").write_text(text, encoding="utf-8")
    return folder


def _export(folder: Path) -> Path:
    """Write the export: a million séjours of invented persons, about 2 % of them with a fault."""
    if folder.exists():
        return folder
    folder.mkdir()
    numbers = [_finess(number) for number in range(ETABLISSEMENTS)]
    _write(folder / "etablissements.csv", ["finess;nom", *(f"{number};Établissement {number}" for number in numbers)])
    _write(folder / "usagers.csv", ["usager", *(f"U{number:06d}" for number in range(USAGERS))])
    _write(folder / "journal.csv", ["dossier;usager;finess;date", f"D1;U000001;{numbers[0]};2025-01-01"])
    con = database.connect()
    con.execute("create macro draw(i, what, n) as hash(i * 1000 + what) % n")
    con.execute(
        "create table place as select unnest(?) as finess, generate_subscripts(?, 1) - 1 as n", [numbers, numbers]
    )
    con.execute("create macro two(i, what, low, n) as lpad(cast(low + draw(i, what, n) as varchar), 2, '0')")
    con.execute("create macro three(i, what) as lpad(cast(draw(i, what, 900) as varchar), 3, '0')")
    con.execute("create macro day(i, what) as two(i, what, 1, 28) || '/' || two(i, what + 1, 1, 12)")
    con.execute(f"""
        copy (
            select 'S' || i as suivi, 'U' || lpad(cast(draw(i, 1, {USAGERS}) as varchar), 6, '0') as usager,
                stem || lpad(cast(case when draw(i, 2, 200) = 0 then 0 else
                    97 - cast(replace(stem, '2A', '19') as bigint) % 97 end as varchar), 2, '0') as nir,
                case when draw(i, 3, 200) = 0 then '000000002' else finess end as finess,
                case when draw(i, 4, 200) = 0 then '31/02/2023' else day(i, 11) || '/2023' end as entree,
                case draw(i, 5, 4) when 0 then '' when 1 then day(i, 13) || '/2025'
                    else day(i, 13) || (case when draw(i, 16, 150) = 0 then '/2022' else '/2024' end) end as sortie,
                case when draw(i, 6, 3) = 0 then 'Retour prévu' else 'Définitif' end as definitif,
                case draw(i, 7, 9) when 0 then 'Non' when 1 then 'Sans objet' else 'Oui' end as projet,
                'Secteur ' || draw(i, 17, 40) as secteur, day(i, 18) || '/2025 10:00' as saisie,
                'agent' || draw(i, 20, 900) as auteur
            from (
                select i, cast(1 + draw(i, 8, 2) as varchar) || two(i, 9, 20, 80) || two(i, 10, 1, 12)
                    || case when draw(i, 15, 100) = 0 then '2A' else '75' end || three(i, 21) || three(i, 22) as stem
                from range({ROWS}) t(i)
            ) join place on place.n = draw(i, 23, {ETABLISSEMENTS})
            order by i
        ) to {database.text(str(folder / "suivis.csv"))} (format csv, header, delimiter ';')
    """)
    return folder


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
