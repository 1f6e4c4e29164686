"""Importing Mediadom's database gives what the generator knows, to the letter, and the indicators of Soléo."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from esms_sdk import content
from esms_sdk.adapter.importer import import_lot
from esms_sdk.sample import mediadom as vendor
from esms_sdk.sample.expected import MESURES
from tests.sample.imported import CONFORMITE, LISTS, counted, digested, judged, listed, measured

MEDIADOM = content.folder("adapters") / "mediadom"
ATTENDU = content.folder("samples") / "attendu"


@pytest.fixture(scope="module")
def lot(tmp_path_factory):
    """The folder of the lot that the import of the committed script gives."""
    folder = tmp_path_factory.mktemp("mediadom")
    script = (MEDIADOM / "sample" / vendor.SCRIPT).read_bytes()
    base = vendor.load(script, folder / vendor.FILE)
    assert import_lot([base], "mediadom", folder / "lot").exit_code == 0
    return folder / "lot"


@pytest.mark.parametrize("name", LISTS)
def test_what_is_set_aside_is_what_was_planted(lot, name):
    assert listed(lot / "rejets" / name, LISTS[name]) == listed(MEDIADOM / "expected" / name, LISTS[name])


def test_the_counts_are_those_that_were_worked_out(lot):
    assert counted(lot) == json.loads((MEDIADOM / "expected" / "import.json").read_text(encoding="utf-8"))


def test_every_table_holds_the_rows_that_were_worked_out(lot):
    wanted = json.loads((MEDIADOM / "expected" / "tables.json").read_text(encoding="utf-8"))
    assert digested(lot, wanted) == wanted


@pytest.mark.parametrize("mesure", MESURES, ids=lambda mesure: mesure.nom)
def test_the_indicators_are_those_of_soleo(lot, mesure):
    wanted = json.loads((ATTENDU / f"indicateurs_{mesure.nom}.json").read_text(encoding="utf-8"))
    assert measured(lot, mesure) == wanted


def test_the_check_finds_what_was_planted_and_nothing_else(lot, monkeypatch):
    assert judged(lot, monkeypatch) == listed(MEDIADOM / "expected" / "conformite.csv", CONFORMITE)


def test_what_mediadom_lacks_is_declared(lot):
    head = json.loads((lot / "manifeste.json").read_text(encoding="utf-8"))
    assert {name for name in head["non_fourni"] if "." not in name} == {"reception"}


def test_the_import_says_how_many_rows_were_given_to_every_establishment_of_a_record(lot):
    sources = counted(lot)["sources"]
    shared = {name.partition("#")[2]: one["lues"] for name, one in sources.items() if name.endswith("sans_structure")}
    assert shared.keys() == {
        "journal_sans_structure", "projets_sans_structure", "statuts_sans_structure", "agenda_sans_structure",
    }  # fmt: skip
    assert min(shared.values()) > 0


def test_a_message_with_several_recipients_is_sent_once(lot, mediadom):
    recipients = Counter(row["message_id"] for row in mediadom.database.tables["message_recipient"])
    assert max(recipients.values()) > 1
    rejets = listed(lot / "rejets" / "rejets.csv", ("table", "code"))
    assert ("envoi", "CLE_EN_DOUBLE") not in rejets
