"""From databases to a lot: no file to name, counts by query, and no credential in anything that is written."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from esms_sdk.adapter import import_lot
from esms_sdk.errors import SourceError
from tests.adapter.sources import postgres

SCHEMA = (
    "create table structure (finess char(12), ej char(12), nom varchar(40))",
    "insert into structure values ('000000117', '000000109', 'EHPAD des Tilleuls')",
    "create table personne (id integer, ne timestamp)",
    "insert into personne values (1, '1938-04-12 00:00:00'), (2, '1900-01-01 00:00:00')",
    "create table dossier (id integer, personne integer, finess char(12), cree timestamp, sorti timestamp)",
    "insert into dossier values (1, 1, '000000117', '2024-01-03 09:00:00', null), "
    "(2, 2, '000000117', '2024-02-15 00:00:00', '2025-09-12 00:00:00'), "
    "(3, 9, '000000117', '2024-02-15 00:00:00', null)",
    "create table audit (dossier integer, quand timestamp, compte varchar(20))",
    "insert into audit values (1, '2025-09-04 10:12:00', 'ide1'), (1, '2025-09-04 16:00:00', 'ide2'), "
    "(1, '2025-09-04 02:00:00', 'batch'), (2, '2025-09-11 16:40:00', 'educ')",
)
ADAPTER = """
[adapter]
nom = "mon_dui"
[lot]
editeur = "Mon Entreprise"
logiciel = "Mon DUI"
version_logiciel = "4.2"
date_extraction = "2025-10-01T06:30:00"
perimetre = { sql = "select finess_et from etablissement" }
periode_couverte_debut = "2024-01-01"
periode_couverte_fin = "2025-09-30"
non_fourni = ["projet_personnalise", "statut_projet", "evenement"]
journal_maj_complet = true
historique_statuts_complet = true
mode = "test"

[source.structures]
@
table = "structure"
[source.personnes]
@
requete = "select id, cast(ne as date) as ne from personne"
nuls = ["1900-01-01"]
#
[source.dossiers]
@
requete_fichier = "dossiers.sql"
#
[source.journal]
@
requete_fichier = "journal.sql"
#

[table.organisme]
source = "structures"
colonnes = { finess_ej = "EJ", raison_sociale = { valeur = "Association des Tilleuls" } }
[table.etablissement]
source = "structures"
colonnes = { finess_et = "FINESS", finess_ej = "EJ", denomination = "NOM" }
[table.usager]
source = "personnes"
colonnes = { usager_id = "ID", date_naissance = "NE" }
[table.sejour]
source = "dossiers"
[table.sejour.colonnes]
sejour_id = "ID"
usager_id = "PERSONNE"
finess_et = "FINESS"
date_entree = "CREE"
date_sortie = "SORTI"
[table.dossier]
source = "dossiers"
colonnes = { dossier_id = "ID", usager_id = "PERSONNE", finess_et = "FINESS", date_creation = "CREE" }
[table.mise_a_jour]
source = "journal"
colonnes = { dossier_id = "DOSSIER", date_maj = "JOUR", origine = "ORIGINE" }
"""
DOSSIERS = (
    "select id, personne, finess, cast(cree as date) as cree, cast(sorti as date) as sorti from dossier order by id"
)
JOURNAL = """
select dossier, cast(quand as date) as jour,
       case when compte = 'batch' then 'AUTOMATE' else 'UTILISATEUR' end as origine
from audit
group by 1, 2, 3
order by 1, 2, 3;
"""


def adapter(folder: Path, place: str, prefix: str = "") -> Path:
    folder.mkdir()
    text = ADAPTER.replace("@", f'format = "sql"\n{place}').replace("#", f'prefixe = "{prefix}"' if prefix else "")
    (folder / "adapter.toml").write_text(text, encoding="utf-8")
    sqlite = "fichiers" in place
    for name, query in (("dossiers", DOSSIERS), ("journal", JOURNAL)):
        # SQLite has no date: its cast takes the year alone.
        query = query.replace("cast(", "date(").replace(" as date)", ")") if sqlite else query
        (folder / f"{name}.sql").write_text(query, encoding="utf-8")
    if sqlite:
        written = (folder / "adapter.toml").read_text(encoding="utf-8").replace("cast(ne as date)", "date(ne)")
        (folder / "adapter.toml").write_text(written, encoding="utf-8")
    return folder


def sqlite_base(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        connection.commit()
    return path


def table(lot: Path, name: str) -> list[tuple[object, ...]]:
    from pyarrow import parquet

    read = (
        parquet.read_table(lot / f"{name}.parquet")
        if (lot / f"{name}.parquet").is_file()
        else parquet.read_table(lot / name)
    )
    return sorted(tuple(row.values()) for row in read.to_pylist())


def counts(lot: Path) -> dict[str, tuple[int, int, int, int]]:
    sources = json.loads((lot / "manifeste.json").read_text(encoding="utf-8"))["import"]["sources"]
    return {name: (s["lues"], s["acceptees"], s["rejetees"], s["ignorees"]) for name, s in sources.items()}


@pytest.fixture(scope="module")
def base(server: postgres.Server) -> Iterator[postgres.Server]:
    server.run("create database mon_dui")
    for statement in SCHEMA:
        server.run(statement, base="mon_dui")
    yield server
    server.run("drop database mon_dui")


@pytest.fixture
def by_url(base: postgres.Server, tmp_path: Path, password: str) -> Path:
    return adapter(tmp_path / "mon_dui", f'url = "{base.url(base="mon_dui")}"')


def test_a_database_is_imported_without_any_source_on_the_command_line(by_url, tmp_path):
    report = import_lot([], by_url, tmp_path / "lot", max_rejets="1")
    assert report.exit_code == 0
    assert counts(tmp_path / "lot") == {
        "dossiers": (3, 2, 1, 0),
        "journal": (3, 3, 0, 0),
        "personnes": (2, 2, 0, 0),
        "structures": (1, 1, 0, 0),
    }
    assert len(table(tmp_path / "lot", "usager")) == 2


def test_a_rejected_row_of_a_query_stands_on_no_line(by_url, tmp_path):
    import_lot([], by_url, tmp_path / "lot", max_rejets="1")
    with (tmp_path / "lot" / "rejets" / "rejets.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    assert {(row["source"], row["ligne"], row["cle"], row["code"]) for row in rows} == {
        ("dossiers", "", "3", "REFERENCE_INCONNUE")
    }
    kept = (tmp_path / "lot" / "rejets" / "lignes" / "dossiers.csv").read_text(encoding="utf-8-sig")
    assert kept.splitlines()[1].startswith(";3;9;")


def test_no_credential_is_written_anywhere(by_url, tmp_path, password):
    import_lot([], by_url, tmp_path / "lot", max_rejets="1")
    for path in (tmp_path / "lot").rglob("*"):
        if path.is_file():
            assert password.encode() not in path.read_bytes(), path.name
            assert b"postgresql+psycopg" not in path.read_bytes(), path.name


def test_two_imports_of_one_database_give_the_same_bytes(by_url, tmp_path):
    for name in ("un", "deux"):
        import_lot([], by_url, tmp_path / name, max_rejets="1")
    files = sorted(p.relative_to(tmp_path / "un") for p in (tmp_path / "un").rglob("*") if p.is_file())
    assert files
    for file in files:
        assert (tmp_path / "un" / file).read_bytes() == (tmp_path / "deux" / file).read_bytes(), file


def test_postgresql_and_sqlite_give_the_same_tables(by_url, tmp_path):
    import_lot([], by_url, tmp_path / "lot", max_rejets="1")
    other = adapter(tmp_path / "autre", 'fichiers = ["*.db"]')
    import_lot([sqlite_base(tmp_path / "dui.db")], other, tmp_path / "autre_lot", max_rejets="1")
    for name in ("etablissement", "usager", "sejour", "dossier", "mise_a_jour"):
        assert table(tmp_path / "lot", name) == table(tmp_path / "autre_lot", name), name
    assert set(counts(tmp_path / "autre_lot")) == {
        f"dui.db#{s}" for s in ("dossiers", "journal", "personnes", "structures")
    }


def test_several_databases_make_one_lot_each_with_its_prefix(tmp_path):
    given = [sqlite_base(tmp_path / name) for name in ("nord.db", "sud.db")]
    prefix = "split_part(_fichier, '.', 1) || '-'"
    found = adapter(tmp_path / "autre", 'fichiers = ["*.db"]', prefix)
    import_lot(given, found, tmp_path / "lot", max_rejets="2")
    assert [row[0] for row in table(tmp_path / "lot", "usager")] == ["nord-1", "nord-2", "sud-1", "sud-2"]
    assert len(table(tmp_path / "lot", "etablissement")) == 1


def test_a_connection_lost_half_way_leaves_nothing(by_url, tmp_path):
    (by_url / "journal.sql").write_text(postgres.dies_at(JOURNAL.strip().rstrip(";"), 2), encoding="utf-8")
    with pytest.raises(SourceError, match="ESMS-E322"):
        import_lot([], by_url, tmp_path / "lot", max_rejets="1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mon_dui"]


def test_a_file_that_the_adapter_needs_and_that_is_not_given_is_said(tmp_path):
    with pytest.raises(SourceError, match=r"ESMS-E305.*\*\.db"):
        import_lot([], adapter(tmp_path / "autre", 'fichiers = ["*.db"]'), tmp_path / "lot")
