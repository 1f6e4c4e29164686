"""On any input the import does what a plain reading of the contract, row by row, says; and nothing disappears."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esms_sdk.adapter import import_lot
from esms_sdk.lot.schema import load
from tests.adapter import reference
from tests.adapter.conftest import Export

NUMBERS = st.sampled_from(["1", "2", "3", "4", ""])
PERSONS = st.sampled_from(["A-1", "A-2", "A-3", "B-1", "B-2", "B-4", "Z-9", ""])
DOSSIERS = st.sampled_from(["A-1.1", "A-2.1", "A-2.2", "A-3.1", "B-1.1", "B-2.2", "Z-9.1", ""])
FINESS = st.sampled_from(["000000117", "000000125", "000000133", ""])
DAYS = st.sampled_from(["2025-01-05", "2025-02-10", "2025-02-10", "2025-03-01", "2025-02-31", "", "01/02/2025"])
NOTE = st.sampled_from(["", "a", "a\nb", 'dit "x";y'])
CELLS = {
    "og": [st.sampled_from(["000000109", "000000208", ""]), st.sampled_from(["OG", ""])],
    "etab": [FINESS, st.sampled_from(["000000109", "000000109", "000000208"]), st.just("ES"),
    st.sampled_from(["", "", "", "O"])],
    "res": [
        NUMBERS, st.sampled_from(["", "", "", "TEST"]), st.sampled_from(["M", "F", "", "Mme"]),
        st.sampled_from(["", "", "1", "2", "3", "4", "9"]), FINESS, st.sampled_from(["", "", "000000117", "9"]), DAYS,
        st.sampled_from(["", "1", "2", "2", "x"]),
    ],
    "sej": [NUMBERS, PERSONS, st.sampled_from(["a", "b", "c", "z", ""]), st.one_of(DAYS, st.just("attente")), DAYS,
            st.sampled_from(["oui", "non", "", "bof"])],
    "log": [DOSSIERS, DAYS, st.sampled_from(["pro", "pro", "nuit", "lecture", "bof", ""]), NOTE],
    "ag": [NUMBERS, st.lists(DOSSIERS, max_size=3).map(",".join), DAYS, DAYS, st.sampled_from(["vu", "vu", "bof", ""])],
    "proj": [st.sampled_from(["P1", "P2", ""]), DOSSIERS, DAYS, st.sampled_from(["", "0", "1", "x"]),
             st.sampled_from(["actif", "clos", "", "bof"])],
}  # fmt: skip
LIEUX = [["a", "000000117"], ["b", "000000125"], ["c", "9"], ["d", ""]]
# What most exports have, so that something hangs on something.
SOUND = {
    "og.csv": [["000000109", "OG"]],
    "etab.csv": [["000000117", "000000109", "ES", ""], ["000000125", "000000109", "ES", ""]],
    "res_A.csv": [["1", "", "M", "", "000000117", "", "2025-01-05", "1"]],
    "res_B.csv": [["2", "", "F", "1", "000000117", "000000125", "2025-01-05", ""]],
}
MOST = {"og": 3, "etab": 4, "res": 6, "sej": 7, "log": 6, "ag": 4, "proj": 6}


@st.composite
def exports(draw) -> dict[str, list[list[str]]]:
    """The rows of each file, some of them ragged, repeated, or all of one kind."""
    found = {}
    for source, files in reference.FILES.items():
        for file in files:
            if source == "lieux":
                rows = [list(row) for row in LIEUX] + [["a", "000000125", "x"]]
            else:
                cells = CELLS[source] if file != "log_2.csv" else CELLS[source][::-1]
                rows = draw(st.lists(st.tuples(*cells).map(list), max_size=MOST[source]))
                rows += [list(row) for row in draw(st.lists(st.sampled_from(rows), max_size=2))] if rows else []
            ragged = draw(st.sets(st.integers(0, max(len(rows) - 1, 0)), max_size=1)) if draw(st.booleans()) else set()
            for place in ragged & set(range(len(rows))):
                rows[place] = [*rows[place], "x"] if draw(st.booleans()) else rows[place][:-1]
            found[file] = rows
    for file, sound in SOUND.items():
        if draw(st.integers(0, 4)):
            found[file] = [*sound, *(row for row in found[file] if row[:1] not in [one[:1] for one in sound])]
    return found


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rows=exports())
def test_an_import_tells_what_the_contract_says_of_every_row(tmp_path_factory, rows):
    folder: Path = tmp_path_factory.mktemp("reference")
    export = Export(folder)
    export.adapter.mkdir()
    (export.adapter / "adapter.toml").write_text(reference.ADAPTER, encoding="utf-8")
    export.folder.mkdir()
    for source, files in reference.FILES.items():
        for file in files:
            text, _ = reference.text_of(reference.header_of(source, file), rows[file])
            (export.folder / file).write_text(text, encoding="utf-8", newline="")
    report = import_lot([export.folder], export.adapter, export.lot, max_rejets="100%")
    expected = reference.judge(rows)

    assert export.manifest["import"]["sources"] == reference.counts(expected)
    assert sorted(export.rejects()) == reference.rejects(expected)
    assert len(export.rejects()) == len(set(export.rejects("source", "ligne", "table")))
    assert export.manifest["import"]["rejets_par_finess"] == reference.rejects_by_finess(expected)
    assert sorted(tuple(line.values()) for line in export.written("sejours.csv")) == reference.rejected_sejours(
        expected
    )
    assert export.labels() == reference.labels(expected)
    assert report.lues == sum(len(own) for own in expected.rows.values())
    with export.open() as lot:
        for table in expected.tables:
            columns = ", ".join(load().tables[table].columns)
            found = lot.con.execute(f"select {columns} from {table}").fetchall()
            told = {tuple(row) for row in found}
            assert len(told) == len(found)
            assert _without_defaults(table, told) == _without_defaults(table, reference.accepted(expected, table)), (
                table
            )


def _without_defaults(table: str, rows: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """Leave out the columns that only a default of the schema fills."""
    left_out = {"fuseau", "profil_cibles"}
    kept = [i for i, name in enumerate(load().tables[table].columns) if name not in left_out]
    return {tuple(row[i] for i in kept) for row in rows}
