"""On any input the import does what a plain reading of the contract, row by row, says; and nothing disappears."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from esms_sdk.adapter import import_lot
from esms_sdk.lot.schema import load
from tests.adapter import reference, verdicts
from tests.adapter.conftest import Export

OFTEN = 4
"""How many times oftener a cell is sound than not, so that something hangs on something."""

PERSONS = ["A-1", "A-2", "B-2"] * OFTEN + ["A-3", "B-1", "B-4", "Z-9", ""]
DOSSIERS = ["A-1.1", "A-2.1", "B-2.1", "B-2.2"] * OFTEN + ["A-2.2", "A-3.1", "B-1.1", "Z-9.1", ""]
DAYS = ["2025-01-05", "2025-02-10", "2025-03-01"] * OFTEN + ["2025-02-31", "", "01/02/2025"]
LATER = ["", "2025-03-01", "2025-04-01"] * OFTEN + ["2025-01-01", "2025-13-01"]
CELLS = {
    "og": [["000000109"] * OFTEN + ["000000208", ""], ["OG"] * OFTEN + [""]],
    "etab": [["000000117", "000000125", "000000133", ""], ["000000109"] * OFTEN + ["000000208"], ["ES"], ["", "", "", "O"]],
    "res": [
        ["1", "2"] * OFTEN + ["3", "4", ""], [""] * OFTEN + ["TEST"], ["M", "F", "", "Mme"],
        [""] * 3 * OFTEN + ["1", "2", "3", "4", "9"], ["000000117", "000000125"] * OFTEN + ["000000133", ""],
        ["", "", "000000117", "9"], DAYS, ["", "1", "2", "2", "x"],
    ],
    "sej": [
        ["1", "2", "3", "4"] * 2 + [""], PERSONS, ["a", "b"] * OFTEN + ["c", "z", ""], [*DAYS, "attente"], LATER,
        ["oui", "non", "", "bof"],
    ],
    "log": [DOSSIERS, DAYS, ["pro", "nuit"] * OFTEN + ["lecture", "bof", ""], ["", "a", "a\nb", 'dit "x";y']],
    "ag": [["1", "2", "3", "4", ""], DOSSIERS, DAYS, LATER, ["vu"] * OFTEN + ["bof", ""]],
    "proj": [["P1", "P2", "P3"] * OFTEN + [""], ["A-1.1"] * OFTEN + DOSSIERS[-5:], DAYS, ["", "0", "1", "x"],
             ["actif", "clos"] * OFTEN + ["", "bof"]],
}  # fmt: skip
SOUND = {
    "og.csv": [["000000109", "OG"]],
    "etab.csv": [["000000117", "000000109", "ES", ""], ["000000125", "000000109", "ES", ""]],
    "res_A.csv": [["1", "", "M", "", "000000117", "", "2025-01-05", "3"]],
    "res_B.csv": [["2", "", "F", "", "000000117", "000000125", "2025-01-05", "3"]],
    "lieux.csv": [["a", "000000117"], ["b", "000000125"], ["c", "9"], ["d", ""], ["a", "000000125", "x"]],
}


def random_export(seed: int, most: int) -> dict[str, list[list[str]]]:
    """Return the rows of each file, some of them ragged or repeated; what most exports have is left out now and then."""
    dice = random.Random(seed)
    found: dict[str, list[list[str]]] = {}
    for source, files in reference.FILES.items():
        for file in files:
            cells = CELLS.get(source, [])[:: -1 if file == "log_2.csv" else 1]
            rows = [
                [dice.choice(choices) for choices in cells] for _ in range(dice.randrange(most + 1) if cells else 0)
            ]
            if source == "ag":
                for row in rows:
                    row[1] = ",".join(dice.choice(DOSSIERS) for _ in range(dice.randrange(4)))
            rows += [list(dice.choice(rows)) for _ in range(dice.randrange(3)) if rows]
            if rows and dice.random() < 0.3:
                place = dice.randrange(len(rows))
                rows[place] = [*rows[place], "x"] if dice.random() < 0.5 else rows[place][:-1]
            if file == "lieux.csv" or dice.random() < 0.9:
                sound = SOUND.get(file, [])
                rows = [list(row) for row in sound] + [row for row in rows if row[:1] not in [one[:1] for one in sound]]
            found[file] = rows
    return found


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1), most=st.integers(0, 9))
def test_an_import_tells_what_the_contract_says_of_every_row(tmp_path_factory, seed, most):
    rows = random_export(seed, most)
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
    expected = verdicts.judge(rows)
    if not any(own for source, own in expected.rows.items() if source != "lieux"):
        assert report.exit_code == 3 and not export.lot.exists()
        return

    assert export.manifest["import"]["sources"] == verdicts.counts(expected)
    assert sorted(export.rejects()) == verdicts.rejects(expected)
    assert len(export.rejects()) == len(set(export.rejects("source", "ligne", "table")))
    assert export.manifest["import"]["rejets_par_finess"] == verdicts.rejects_by_finess(expected)
    assert sorted(tuple(line.values()) for line in export.written("sejours.csv")) == verdicts.rejected_sejours(expected)
    assert export.labels() == verdicts.labels(expected)
    assert report.lues == sum(len(own) for own in expected.rows.values())
    with export.open() as lot:
        for table in expected.tables:
            columns = ", ".join(load().tables[table].columns)
            found = lot.con.execute(f"select {columns} from {table}").fetchall()
            told = {tuple(row) for row in found}
            assert len(told) == len(found)
            assert _without_defaults(table, told) == _without_defaults(table, verdicts.accepted(expected, table)), table


def _without_defaults(table: str, rows: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """Leave out the columns that only a default of the schema fills."""
    left_out = {"fuseau", "profil_cibles"}
    kept = [i for i, name in enumerate(load().tables[table].columns) if name not in left_out]
    return {tuple(row[i] for i in kept) for row in rows}
