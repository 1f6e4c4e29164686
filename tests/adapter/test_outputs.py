"""A lot is complete or absent, the same bytes each time, and nothing of it is left where there are too many rejects."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from esms_sdk import database
from esms_sdk.errors import AdapterError, OutputError, UsageError


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def messy(export):
    """An export with some of everything."""
    export.files["res.csv"] = (
        "ID;CIV\n" + "".join(f"U{i};{'M' if i % 3 else 'Mme'}\n" for i in range(40)) + "U1;F\n;M\nx;y;z\n"
    )
    export.column("usager", "sexe", '"CIV"')
    export.files["log.csv"] = "DOS;JOUR;QUI\n" + "".join(
        f"D{i % 3};2025-09-{i % 28 + 1:02};UTILISATEUR\n" for i in range(200)
    )
    return export


def in_threads(monkeypatch, count: int) -> None:
    connect = database.connect

    def limited(work=None):
        con = connect(work)
        con.execute(f"set threads = {count}")
        return con

    monkeypatch.setattr(database, "connect", limited)


def test_a_second_import_gives_the_same_bytes_whatever_the_threads(messy, tmp_path, monkeypatch):
    messy.run()
    first = contents(messy.lot)
    messy.run()
    assert contents(messy.lot) == first
    messy.lot = tmp_path / "autre"
    in_threads(monkeypatch, 1)
    messy.run()
    assert contents(messy.lot) == first


def test_the_hash_seed_of_python_changes_nothing(messy):
    messy.write()
    script = (
        "import sys; from pathlib import Path; from esms_sdk.adapter import import_lot; "
        "import_lot([Path(sys.argv[1])], sys.argv[2], Path(sys.argv[3]), max_rejets='100%')"
    )
    found = []
    for seed in ("1", "2"):
        out = messy.lot.with_name(f"lot{seed}")
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", script, str(messy.folder), str(messy.adapter), str(out)]
        subprocess.run(command, check=True, env=environment, timeout=120)
        found.append(contents(out))
    assert found[0] == found[1]


def test_a_large_log_is_written_a_file_a_month_in_order_with_the_same_bytes(export, monkeypatch):
    days = "".join(f"D{i % 2 + 1};2025-{i % 9 + 1:02}-{i % 28 + 1:02};UTILISATEUR;{i}\n" for i in range(230_000))
    export.files["log.csv"] = "DOS;JOUR;QUI;RUB\n" + days
    export.column("mise_a_jour", "rubrique", '"RUB"')
    export.run()
    first = contents(export.lot)
    assert [name for name in first if name.startswith("mise_a_jour")] == [
        f"mise_a_jour/2025-0{m}.parquet" for m in range(1, 10)
    ]
    export.files["log.csv"] = "DOS;JOUR;QUI;RUB\n" + "".join(f"{line}\n" for line in reversed(days.splitlines()))
    in_threads(monkeypatch, 1)
    export.run()
    assert {k: v for k, v in contents(export.lot).items() if k != "manifeste.json"} == {
        k: v for k, v in first.items() if k != "manifeste.json"
    }
    with export.open() as lot:
        assert lot.con.execute("select count(*), count(distinct rubrique) from mise_a_jour").fetchall() == [
            (230_000, 230_000)
        ]


# -- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("2", 0),
        ("1", 1),
        ("0", 1),
        ("20%", 0),
        ("19,9 %", 1),
        ("19.99%", 1),
        ("20.0%", 0),
        ("100%", 0),
        ("0%", 1),
        ("1.5", 1),
    ],
)
def test_the_limit_is_inclusive_whether_a_number_or_a_share(export, limit, code):
    export.files["log.csv"] = "DOS;JOUR;QUI\n"
    export.files["etab.csv"] = "ET;EJ;NOM\n000000117;000000109;EHPAD\n"
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;\nS2;U2;000000117;2025-02-03;\n"
    export.files["dos.csv"] = "NUM;RES;ET;CREE\nD1;U1;000000117;2025-01-06\nD2;U2;000000117;2025-02-03\n"
    export.files["res.csv"] = "ID\nU1\nU2\nU3;x\nU4;y\n"
    report = export.run(max_rejets=limit)
    assert (report.exit_code, report.rejets, report.lues) == (code, 2, 10)
    assert export.lot.exists() is (code == 0)


@pytest.mark.parametrize("limit", ["", "x", "-1", "1 %%", "1e3", "½", "١"])
def test_a_limit_that_is_none_is_wrong_use(export, limit):
    assert isinstance(export.refusal(max_rejets=limit), UsageError)


def test_above_the_limit_there_is_no_lot_and_the_rejects_stand_beside(messy):
    report = messy.run(max_rejets="0")
    beside = messy.lot.with_name("lot.rejets")
    assert (report.exit_code, report.lot, report.rejets_path) == (1, None, beside) and not messy.lot.exists()
    told = [line["ligne"] for line in messy.written("rejets.csv", beside) if line["source"] == "res.csv"]
    assert told == ["3", "42", "43", "44"]
    assert (beside / "libelles_inconnus.csv").is_file() and (beside / "lignes" / "res.csv").is_file()
    messy.run(max_rejets="0", without_identity=True)
    assert not (beside / "lignes").exists()


def test_a_failure_leaves_the_lot_that_is_there(messy):
    messy.run()
    before = contents(messy.lot)
    assert messy.run(max_rejets="0").exit_code == 1
    assert contents(messy.lot) == before
    messy.keys["mode"] = '"x"'
    with pytest.raises(AdapterError):
        messy.run()
    assert contents(messy.lot) == before
    assert [p.name for p in messy.lot.parent.iterdir() if p.name.startswith(".")] == []


def test_a_success_takes_away_the_rejects_of_an_earlier_failure(messy):
    messy.run(max_rejets="0")
    beside = messy.lot.with_name("lot.rejets")
    assert beside.is_dir()
    messy.run()
    assert not beside.exists() and (messy.lot / "rejets" / "rejets.csv").is_file()


def test_a_folder_beside_that_is_not_ours_is_left_alone(messy):
    beside = messy.lot.with_name("lot.rejets")
    beside.mkdir()
    (beside / "notes.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(OutputError):
        messy.run(max_rejets="0")
    messy.run()
    assert (beside / "notes.txt").is_file()


def test_strict_refuses_the_first_reject_and_the_first_unknown_label(export):
    assert export.run(strict=True).exit_code == 0
    export.files["res.csv"] = "ID;CIV\nU1;M\nU2;Mme\n"
    export.column("usager", "sexe", '"CIV"')
    assert export.run().exit_code == 0
    assert export.run(strict=True).exit_code == 1
    export.files["res.csv"] = "ID;CIV\nU1;M\nU2;F\nU3;M;x\n"
    assert export.run(strict=True).exit_code == 1


def test_without_a_row_there_is_nothing_to_do(export):
    export.files = {name: str(text).partition("\n")[0] for name, text in export.files.items()}
    report = export.run()
    assert (report.exit_code, report.lues, report.lot, report.rejets_path) == (
        3,
        0,
        None,
        None,
    ) and not export.lot.exists()


def test_a_lot_is_replaced_only_by_force_and_another_folder_never(export):
    export.run()
    with pytest.raises(OutputError):
        export.run(force=False)
    export.lot = export.folder
    with pytest.raises(OutputError):
        export.run()
    assert sorted(export.folder.iterdir()) == sorted(export.folder / name for name in export.files)


def test_the_report_counts_what_the_manifest_counts(messy):
    report = messy.run()
    found = messy.manifest["import"]
    assert {name: counts.as_manifest() for name, counts in report.sources.items()} == found["sources"]
    assert report.rejets == sum(one["rejetees"] for one in found["sources"].values())
    assert report.sources_above == ["dos.csv", "log.csv", "res.csv", "sej.csv"]
    assert found["adaptateur"]["nom"] == "essai" and len(found["adaptateur"]["sha256"]) == 64


def test_progress_is_told_by_table(export):
    steps: list[tuple[str, int]] = []
    export.run(progress=lambda step, rows: steps.append((step, rows)))
    assert ("sejour", 2) in steps and ("sejour.parquet", 2) in steps


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed otherwise there")
def test_a_process_killed_at_any_moment_leaves_the_old_lot_or_the_new_one(messy):
    messy.run()
    old = contents(messy.lot)
    messy.files["res.csv"] = "ID;CIV\nU1;M\nU2;F\n"
    messy.run()
    new = contents(messy.lot)
    script = (
        "import sys; from pathlib import Path; from esms_sdk.adapter import import_lot; print('started', "
        "flush=True)\n"
        "while True: import_lot([Path(sys.argv[1])], sys.argv[2], Path(sys.argv[3]), max_rejets='100%', force=True)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, str(messy.folder), str(messy.adapter), str(messy.lot)]
    for delay in (0.05, 0.2, 0.35, 0.6):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        assert contents(messy.lot) in (old, new)
    messy.run()
    assert contents(messy.lot) == new
    assert [p.name for p in messy.lot.parent.iterdir() if p.name.startswith(".")] == []
