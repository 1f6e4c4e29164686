"""The digest of a lot (contract §2), and the seal of an import that it makes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from esms_sdk import database
from esms_sdk.errors import LotInvalid
from esms_sdk.lot import files, load, reader
from esms_sdk.lot.manifest import without_import

SEJOUR = (
    "date_entree::date as date_entree, date_sortie::date as date_sortie, "
    "sortie_definitive::boolean as sortie_definitive"
)


def _by_hand(folder: Path) -> str:
    """The contract's sentence, for a lot whose manifest has no key ``import`` and that has nothing but its tables."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            lines.append((path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()))
    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in sorted(lines)).encode()).hexdigest()


def test_the_digest_is_that_of_the_list_of_digests(small):
    small.as_parquet("evenement/2025-09.parquet", "date_debut::date as date_debut, date_fin::date as date_fin")
    small.as_parquet("sejour.parquet", SEJOUR)
    lot = small.open()
    assert lot.digest == _by_hand(small.folder)
    assert len(lot.digest) == 64


def test_the_digest_of_a_lot_written_by_hand_is_known(small):
    assert small.open().digest == "476dec1f90ba4435375b1f01868b8d09da1a9e9c1a5b592df65635011ad8f68f"


def test_what_is_no_table_does_not_change_the_digest(small):
    before = small.open().digest
    for name in ("rejets/rejets.csv", "documents/cr.xml", "interne/a_completer.csv", "LISEZMOI.txt", "Thumbs.db"):
        path = small.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert small.reopen().digest == before


def test_the_account_of_the_import_does_not_change_the_digest(small):
    before = small.open().digest
    small.manifest["import"] = {"sources": {}, "rejets_par_finess": {"sejour": {"?": 2}}}
    assert small.open().digest == before


@pytest.mark.parametrize("change", ["table", "manifest", "other table", "name"])
def test_any_byte_of_a_table_or_of_the_manifest_changes_the_digest(small, change):
    before = small.open().digest
    if change == "table":
        small.replace("organisme", "Tilleuls\n", "Tilleuls\r\n")
    elif change == "manifest":
        small.manifest["version_logiciel"] = "1.1"
    elif change == "other table":
        small.csv["opposition"] = "usager_id;canal;date_debut\n"
    else:
        (small.folder / "usager.csv").rename(small.folder / "usager.CSV")
        del small.csv["usager"]
    assert small.open().digest != before


@pytest.mark.parametrize(
    ("content", "bare"),
    [
        (b'{"a": 1, "import": {"b": [1, 2]}}', b'{"a": 1}'),
        (b'{\n "import": {"import": 1},\n "a": "}"\n}\n', b'{\n "a": "}"\n}\n'),
        (b'{"a": 1 , "import":{} , "c": "import"}', b'{"a": 1 , "c": "import"}'),
        (b'{"import": null}', b"{}"),
        (b'{"a": {"import": 1}}', b'{"a": {"import": 1}}'),
        (b'\xef\xbb\xbf{"a": "\xc3\xa9", "import": "\\"}"}', b'\xef\xbb\xbf{"a": "\xc3\xa9"}'),
        (b"{}", b"{}"),
    ],
)
def test_only_the_key_import_and_its_comma_leave_the_manifest(content, bare):
    assert without_import(content) == bare
    json.loads(bare.decode("utf-8-sig"))


def _sealed(small) -> None:
    """Make of the small lot one that says of itself that ``esms import`` wrote it."""
    small.as_parquet("sejour.parquet", SEJOUR)
    small.manifest["import"] = {reader.SEAL: small.open().digest}
    small.write()


def _forbid_validation(monkeypatch) -> None:
    def judged(*_: object) -> None:
        raise AssertionError("judged row by row")

    monkeypatch.setattr(reader.validation, "table_faults", judged)


def test_a_lot_that_nobody_changed_since_its_import_is_not_judged_again(small, monkeypatch):
    _sealed(small)
    _forbid_validation(monkeypatch)
    lot = small.reopen()
    assert lot.con.execute("select count(*) from sejour join usager using (usager_id)").fetchall() == [(2,)]
    assert lot.con.execute("select count(*) from envoi").fetchall() == [(0,)]


def test_a_lot_whose_table_was_touched_since_is_judged_again(small, monkeypatch):
    _sealed(small)
    small.add("evenement", "E1;D9;2025-09-12;;FAIT")
    assert [code for code, *_ in small.places()] == [
        "CODE_INCONNU",
        "CLE_EN_DOUBLE",
        "CLE_EN_DOUBLE",
        "REFERENCE_INCONNUE",
    ]
    _forbid_validation(monkeypatch)
    with pytest.raises(AssertionError, match="row by row"):
        small.reopen()


@pytest.mark.parametrize("key", ["perimetre", "periode_couverte_fin"])
def test_a_lot_whose_manifest_was_touched_since_is_judged_again(small, monkeypatch, key):
    _sealed(small)
    small.manifest[key] = ["000000117"] if key == "perimetre" else "2025-09-29"
    small.write()
    _forbid_validation(monkeypatch)
    with pytest.raises(AssertionError, match="row by row"):
        small.reopen()


def test_a_file_that_came_beside_a_sealed_lot_is_seen(small):
    _sealed(small)
    (small.folder / "usagers.csv").write_bytes(b"")
    with pytest.raises(LotInvalid, match="table inconnue"):
        small.reopen()


def test_a_sealed_lot_and_a_judged_one_give_the_same_tables(small):
    _sealed(small)
    sealed = small.reopen()
    del small.manifest["import"]
    judged = small.open()
    for table in sealed.schema.tables:
        rows = f"select * from {table} order by all"
        assert sealed.con.execute(rows).fetchall() == judged.con.execute(rows).fetchall()


class Counted:
    """A connection that keeps what it was asked."""

    def __init__(self, connection) -> None:
        self.connection = connection
        self.statements: list[str] = []

    def execute(self, *asked):
        self.statements.append(asked[0])
        return self.connection.execute(*asked)

    def close(self) -> None:
        self.connection.close()


def test_opening_a_sealed_lot_takes_three_statements_however_many_files_it_has(small, monkeypatch):
    for table in [name for name in small.csv if name != "mise_a_jour"]:
        typed = [f"null::{c.sql_type} as {c.name}" for c in load().tables[table].columns.values()]
        small.parquet(f"{table}.parquet", "select " + ", ".join(typed) + " where false")
    update = "'D1' as dossier_id, 'REPRISE' as origine"
    for month in range(1, 25):
        small.parquet(
            f"mise_a_jour/{month:02}.parquet", f"select {update}, date '2025-09-01' as date_maj where {month} < 3"
        )
    small.manifest["perimetre"] = []
    small.write_manifest()
    tables, _ = files.find(small.folder)
    small.manifest["import"] = {reader.SEAL: files.digest(small.folder, tables, small.manifest)}
    small.write_manifest()
    connect = database.connect
    monkeypatch.setattr(database, "connect", lambda work: Counted(connect(work)))
    lot = small.reopen()
    assert len(lot.con.statements) == 3
    assert lot.con.execute("select count(*) from mise_a_jour").fetchall() == [(2,)]
