"""Rejected rows, corrected by hand, taken again with the original sources: the same import with a few cells changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from esms_sdk.adapter import ImportReport
from esms_sdk.errors import UsageError

SEJOURS = (
    "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;\nS2;U2;000000125;2025-02-31;\n"
    "S3;U3;000000125;2025-03-03;2025-03-01\nS4;U1;000000117;2025-05-05\n"
)


@pytest.fixture
def export(export):
    """Three of the four séjours are wrong: no such day, an end before its beginning (of nobody), a cell missing."""
    export.files["sej.csv"] = SEJOURS
    return export


def _replay(export, folder: Path | None = None, **options) -> ImportReport:
    return export.run(replay=folder or export.lot / "rejets", **options)


def _corrected(export, *changes: tuple[str, str], name: str = "sej.csv", folder: Path | None = None) -> Path:
    path = (folder or export.lot / "rejets") / "lignes" / name
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def test_a_corrected_row_takes_the_place_of_the_rejected_one(export):
    export.run()
    assert export.rejects("ligne", "code") == [("3", "TYPE_INVALIDE"), ("4", "ORDRE_DATES"), ("5", "LIGNE_IRREGULIERE")]
    _corrected(export, ("2025-02-31", "2025-02-28"))
    report = _replay(export)
    assert (report.reprises, report.exit_code) == ({"sej.csv": 1}, 0)
    assert export.values("sejour", "sejour_id") == ["S1", "S2"]
    assert export.counts("sej.csv") == (2, 2, 0, {})


def test_what_is_still_wrong_is_rejected_again_at_its_own_line(export):
    export.run()
    _corrected(export, ("2025-03-01", "2025-03-04"))
    _replay(export)
    assert export.rejects("ligne", "code") == [
        ("3", "TYPE_INVALIDE"), ("4", "REFERENCE_INCONNUE"), ("5", "LIGNE_IRREGULIERE"),
    ]  # fmt: skip


def test_an_irregular_row_that_nobody_corrected_stays_irregular(export):
    export.run()
    before = export.rejects()
    report = _replay(export)
    assert (export.rejects(), report.reprises) == (before, {})


def test_an_irregular_row_is_regular_once_its_cells_are_right(export):
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;;de trop;encore\n"
    export.run()
    path = _corrected(export)
    header = path.read_text(encoding="utf-8").splitlines()[0]
    assert header == "ligne;NUM;RES;ET;ENTREE;SORTIE;cellules_en_trop"
    path.write_text("ligne;NUM;RES;ET;ENTREE;SORTIE\n2;S1;U1;000000117;2025-01-06;\n", encoding="utf-8")
    _replay(export)
    assert (export.values("sejour", "sejour_id"), export.rejects()) == (["S1"], [])


def test_a_row_rejected_for_what_it_refers_to_comes_back_with_it(export):
    export.files["res.csv"] = "ID\nU1\nU2\n;\n"
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;\n"
    export.files["dos.csv"] = "NUM;RES;ET;CREE\nD1;U1;000000117;2025-02-30\n"
    export.run()
    assert ("log.csv", "2", "mise_a_jour", "REFERENCE_REJETEE", "dossier_id") in export.rejects()
    _corrected(export, ("2025-02-30", "2025-02-28"), name="dos.csv")
    _replay(export)
    assert export.values("mise_a_jour", "dossier_id") == ["D1"]


def test_a_second_replay_needs_the_corrections_of_the_second_round_alone(export):
    export.run()
    _corrected(export, ("2025-02-31", "2025-02-28"))
    _replay(export)
    _corrected(export, ("2025-03-01", "2025-03-04"), ("S3;U3", "S3;U2"))
    report = _replay(export)
    assert export.values("sejour", "sejour_id") == ["S1", "S2", "S3"]
    assert report.reprises == {"sej.csv": 2}


def test_the_rejects_beside_a_lot_that_was_not_made_can_be_replayed(export):
    assert export.run(max_rejets="0").exit_code == 1
    beside = export.lot.with_name("lot.rejets")
    _corrected(
        export, ("2025-02-31", "2025-02-28"), ("S3;U3", "S3;U2"), ("2025-03-01", ""),
        ("5;S4;U1;000000117;2025-05-05;", "5;S4;U1;000000117;2025-05-05;2025-06-06"), folder=beside,
    )  # fmt: skip
    assert _replay(export, beside, max_rejets="0").exit_code == 0
    assert (export.values("sejour", "sejour_id"), beside.exists()) == (["S1", "S2", "S3", "S4"], False)


def test_a_replay_gives_the_lot_of_a_source_that_was_right_from_the_start(export):
    export.run()
    _corrected(
        export, ("2025-02-31", "2025-02-28"), ("S3;U3", "S3;U2"), ("2025-03-01", ""),
        ("5;S4;U1;000000117;2025-05-05;", "5;S4;U1;000000117;2025-05-05;2025-06-06"),
    )  # fmt: skip
    _replay(export)
    replayed = (export.lot / "sejour.parquet").read_bytes(), export.manifest["import"]["sources"]
    export.files["sej.csv"] = (
        "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;\nS2;U2;000000125;2025-02-28;\n"
        "S3;U2;000000125;2025-03-03;\nS4;U1;000000117;2025-05-05;2025-06-06\n"
    )
    export.run()
    assert ((export.lot / "sejour.parquet").read_bytes(), export.manifest["import"]["sources"]) == replayed


def test_a_spreadsheet_may_have_saved_the_rows_in_its_own_encoding_and_separator(export):
    export.column("usager", "nom_naissance", '"NOM"')
    export.files["res.csv"] = "ID;NOM\nU1;BRUME\nU2;GIVRE\n;ONDÉE\n"
    export.run()
    path = _corrected(export, name="res.csv")
    path.write_text("ligne\tID\tNOM\r\n4\tU3\tONDÉE\r\n", encoding="cp1252", newline="")
    _replay(export)
    assert export.rows("usager", "usager_id, nom_naissance")[-1] == ("U3", "ONDÉE")


def test_the_rows_of_several_files_of_one_source_are_told_apart(export):
    export.sources["sej"] = 'fichiers = ["sej*.csv"]'
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-02-31;\n"
    export.files["nord/sej2.csv"] = "ET;RES;NUM;ENTREE;SORTIE\n000000125;U2;S2;2025-02-31;\n"
    export.run()
    _corrected(export, ("2025-02-31", "2025-02-28"), name="nord/sej2.csv")
    report = _replay(export)
    assert (report.reprises, export.values("sejour", "sejour_id")) == ({"nord/sej2.csv": 1}, ["S2"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("ligne;NUM;RES;ET;ENTREE\n3;S2;U2;000000125;2025-02-28\n", "l'en-tête n'est plus"),
        ("NUM;RES;ET;ENTREE;SORTIE\nS2;U2;000000125;2025-02-28;\n", "l'en-tête n'est plus"),
        ("ligne;NUM;RES;ET;ENTREE;SORTIE\n3;S2;U2;000000125;2025-02-28;\n3;S2;U2;000000125;2025-02-28;\n", "deux fois"),
        ("ligne;NUM;RES;ET;ENTREE;SORTIE\ntrois;S2;U2;000000125;2025-02-28;\n", "n'est pas un nombre"),
        ("ligne;NUM;RES;ET;ENTREE;SORTIE\n3;S2;U2;000000125\n", "nombre de cellules"),
        ("ligne;NUM;RES;ET;ENTREE;SORTIE\n2;S1;U1;000000117;2025-01-06;\n", "n'avait pas été rejetée"),
        ("ligne;NUM;RES;ET;ENTREE;SORTIE\n99;S9;U1;000000117;2025-01-06;\n", "il n'y a pas de telle ligne"),
    ],
    ids=["a column less", "no line", "a line twice", "no number", "a cell less", "a sound row", "no such line"],
)
def test_rows_that_cannot_be_matched_are_refused_by_file_and_line_without_a_value(export, content, said):
    export.run()
    before = export.values("sejour", "sejour_id")
    (export.lot / "rejets" / "lignes" / "sej.csv").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        _replay(export)
    assert refused.value.code == "ESMS-E116"
    assert said in str(refused.value) and "lignes/sej.csv" in str(refused.value)
    assert "2025-02-28" not in str(refused.value) and "000000125" not in str(refused.value)
    assert export.values("sejour", "sejour_id") == before


def test_rows_of_another_export_are_never_taken_for_those_that_were_rejected(export):
    export.run()
    _corrected(export, ("2025-02-31", "2025-02-28"))
    export.files["sej.csv"] = SEJOURS.replace("S2;U2", "S7;U2")
    with pytest.raises(UsageError, match="n'est plus celle qui avait été rejetée"):
        _replay(export)


def test_corrected_rows_that_belong_to_no_source_are_not_forgotten(export):
    export.run()
    (export.lot / "rejets" / "lignes" / "autre.csv").write_text("ligne;X\n2;y\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"lignes/autre\.csv"):
        _replay(export)


def test_a_folder_without_rejected_rows_is_wrong_use(export, tmp_path):
    with pytest.raises(UsageError, match="ESMS-E115"):
        _replay(export, tmp_path / "rien")


@pytest.mark.parametrize("option", ["reject_rows", "without_identity"])
def test_corrections_that_would_be_lost_are_refused(export, option):
    export.run()
    with pytest.raises(UsageError, match="ESMS-E119"):
        _replay(export, **{option: option == "without_identity"})
    assert (export.lot / "rejets" / "lignes" / "sej.csv").is_file()


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_what_is_kept_of_the_rows_is_the_owners_alone(export):
    export.run()
    _corrected(export, ("2025-02-31", "2025-02-28"))
    _replay(export)
    kept = [export.lot / "rejets" / name for name in ("reprises/sej.csv", "empreintes.csv", "lignes/sej.csv")]
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept] == [0o600] * 3


def test_replaying_twice_gives_the_same_bytes(export):
    export.run()
    _corrected(export, ("2025-02-31", "2025-02-28"))
    _replay(export)
    before = {path: path.read_bytes() for path in export.lot.rglob("*") if path.is_file()}
    _replay(export)
    assert {path: path.read_bytes() for path in export.lot.rglob("*") if path.is_file()} == before


def test_rows_of_a_database_are_left_to_be_corrected_where_they_are(export):
    import sqlite3

    export.folder.mkdir()
    base = export.folder / "base.db"
    with sqlite3.connect(base) as con:
        con.execute("create table sejours (NUM, RES, ET, ENTREE, SORTIE)")
        con.execute("insert into sejours values ('S1', 'U1', '000000117', '2025-02-31', null)")
    con.close()
    del export.files["sej.csv"]
    export.sources["sej"] = 'format = "sql"\nfichiers = ["base.db"]\ntable = "sejours"'
    export.run()
    report = _replay(export)
    assert (report.sans_ligne, report.reprises) == ({"base.db#sej": 1}, {})


def test_a_row_taken_out_of_the_corrected_ones_is_rejected_again(export):
    export.run()
    before = export.counts("sej.csv")
    path = _corrected(export, ("2025-02-31", "2025-02-28"))
    kept = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if not line.startswith("4;")]
    path.write_text("".join(kept), encoding="utf-8", newline="\n")
    assert _replay(export).reprises == {"sej.csv": 1}
    assert export.rejects("ligne", "code") == [("4", "ORDRE_DATES"), ("5", "LIGNE_IRREGULIERE")]
    assert sum(export.counts("sej.csv")[:3]) == sum(before[:3])
