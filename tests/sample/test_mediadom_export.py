"""Mediadom's database really has the traps it is said to have, and loses what Soléo's export loses."""

from __future__ import annotations

import gzip
import sqlite3
from collections import Counter
from dataclasses import replace

import pytest

from esms_sdk import content
from esms_sdk.sample import mediadom as vendor
from esms_sdk.sample.conformite import conformity_file
from esms_sdk.sample.expected import MESURES
from esms_sdk.sample.judgement import indicators
from esms_sdk.sample.mediadom.activity import SHARED
from esms_sdk.sample.outcome_files import import_files
from esms_sdk.sample.outcome_files import truth as imported

FOLDER = content.folder("adapters") / "mediadom"


@pytest.fixture(scope="module")
def own(mediadom):
    """What the import of the database must keep, ready to be counted."""
    return imported(mediadom.outcome, mediadom.worlds)


def test_the_committed_script_is_the_generators(mediadom):
    committed = (FOLDER / "sample" / vendor.SCRIPT).read_bytes()
    assert gzip.decompress(committed).decode("utf-8") == mediadom.database.script()
    assert len(committed) < 1_400_000


def test_what_the_import_must_give_is_the_generators(mediadom, own):
    made = import_files(mediadom.outcome, mediadom.lines)
    made["conformite.csv"] = conformity_file(mediadom.outcome.kept, own)
    assert {path.name: path.read_bytes() for path in (FOLDER / "expected").iterdir()} == made


@pytest.mark.parametrize("mesure", MESURES, ids=lambda mesure: mesure.nom)
def test_person_by_person_the_indicators_are_those_of_soleo(known, own, mesure):
    assert indicators(own, mesure) == indicators(known, mesure)


def test_the_lost_sejours_are_those_of_soleo(soleo, mediadom):
    assert Counter(mediadom.outcome.sejours) == Counter(soleo.outcome.rejets_sejours)


def test_the_script_holds_plain_tables_and_rows(mediadom):
    script = mediadom.database.script()
    statements = [line.split(" ")[:2] for line in script.splitlines() if not line.startswith(("(", "--"))]
    assert {tuple(start) for start in statements} == {("create", "table"), ("insert", "into")}


def test_a_person_has_one_record_for_several_establishments(mediadom):
    records = Counter(row["person_id"] for row in mediadom.database.tables["record"])
    assert max(records.values()) == 1
    accesses = Counter(row["record_id"] for row in mediadom.database.tables["record_access"])
    assert len([n for n in accesses.values() if n > 1]) >= 13


def test_what_bears_no_establishment_is_given_to_each_of_them(mediadom):
    kept = mediadom.outcome.kept
    shared = [row for row in kept["mise_a_jour"] if row["rubrique"] == SHARED]
    records = {row["dossier_id"].partition("@")[0] for row in shared}
    assert len(records) >= 10
    for record in records:
        own = {row["dossier_id"] for row in kept["dossier"] if row["dossier_id"].startswith(f"{record}@")}
        assert {row["dossier_id"] for row in shared if row["dossier_id"].startswith(f"{record}@")} == own
    assert any(row["origine"] == "UTILISATEUR" for row in shared)
    for table, key in (("projet_personnalise", "projet_id"), ("evenement", "evenement_id")):
        copies = Counter(row[key].partition("@")[0] for row in kept[table] if "@" in row[key])
        assert max(copies.values()) == 2, table


def test_times_are_in_utc(world, mediadom):
    evening = next(e for e in world.journal if e.dossier_id.startswith("AG05") and e.quand.hour == 23 and e.origine)
    stored = {row["at_utc"] for row in mediadom.database.tables["audit_log"]}
    assert evening.quand.strftime("%Y-%m-%d %H:%M:%S") not in stored
    assert any(at[:10] > evening.quand.date().isoformat() and at[11:13] == "03" for at in map(str, stored))


def test_every_reject_is_planted_or_hangs_on_one(mediadom):
    for line in mediadom.lines:
        if not line.defaut:
            assert {made.refus[1] for made in line.makes if made.refus} <= {"REFERENCE_REJETEE"}


def test_the_script_makes_a_database(mediadom, tmp_path):
    base = vendor.load(vendor.files(mediadom)[vendor.SCRIPT], tmp_path / vendor.FILE)
    connection = sqlite3.connect(base)
    try:
        for table, rows in mediadom.database.tables.items():
            assert connection.execute(f"select count(*) from {table}").fetchone() == (len(rows),), table
    finally:
        connection.close()


def _counts(mediadom, updates):
    """The indicators of all measures, had the import kept these updates."""
    outcome = replace(mediadom.outcome, kept={**mediadom.outcome.kept, "mise_a_jour": updates})
    known = imported(outcome, mediadom.worlds)
    return [indicators(known, mesure)["etablissements"] for mesure in MESURES]


def test_who_gives_every_update_to_every_establishment_counts_too_many(mediadom):
    kept = mediadom.outcome.kept
    beside = {}
    for row in kept["dossier"]:
        beside.setdefault(row["dossier_id"].partition("@")[0], []).append(row["dossier_id"])
    everywhere = [
        {**row, "dossier_id": dossier}
        for row in kept["mise_a_jour"]
        for dossier in beside[row["dossier_id"].partition("@")[0]]
    ]
    assert _counts(mediadom, everywhere) != _counts(mediadom, kept["mise_a_jour"])


def test_who_forgets_the_updates_without_establishment_counts_too_few(mediadom):
    updates = mediadom.outcome.kept["mise_a_jour"]
    rows = (made.row for line in mediadom.lines if line.source.endswith("#journal") for made in line.makes)
    known = {tuple(row.values()) for row in rows}
    assert _counts(mediadom, [row for row in updates if tuple(row.values()) in known]) != _counts(mediadom, updates)
