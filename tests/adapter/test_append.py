"""A later extraction taken into a lot: whole months of the logs, the whole of every other table, and what moved is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from esms_sdk import database
from esms_sdk.adapter import ImportReport
from esms_sdk.adapter.lot_diff import Movement
from esms_sdk.errors import UsageError
from esms_sdk.lot import open_lot, writer

DOSSIERS = "NUM;RES;ET;CREE\nD1;U1;000000117;2025-01-06\nD2;U2;000000125;2025-02-03\n"


@pytest.fixture
def export(export):
    """A lot of January to August, with an agenda; :func:`september` is the extraction of the next month."""
    export.keys["periode_couverte_fin"] = '"2025-08-31"'
    export.keys["date_extraction"] = '"2025-09-01T02:00:00"'
    export.files["log.csv"] = _log("D1;2025-07-10", "D1;2025-08-10", "D2;2025-08-11")
    export.feed(
        "evenement",
        rows=_agenda("E1;D1;2025-08-05", "E2;D2;2025-09-20"),
        evenement_id='"NUM"', dossier_id='"DOS"', date_debut='"JOUR"', statut='{ valeur = "PLANIFIE" }',
    )  # fmt: skip
    assert export.run().exit_code == 0
    return export


def _log(*rows: str) -> str:
    return "".join(f"{row}\n" for row in ("DOS;JOUR;QUI", *(f"{row};UTILISATEUR" for row in rows)))


def _agenda(*rows: str) -> str:
    return "".join(f"{row}\n" for row in ("NUM;DOS;JOUR", *rows))


def september(export, *, debut: str = "2025-09-01", fin: str = "2025-09-30", **options: Any) -> ImportReport:
    export.keys |= {
        "periode_couverte_debut": f'"{debut}"', "periode_couverte_fin": f'"{fin}"',
        "date_extraction": '"2025-10-01T02:00:00"',
    }  # fmt: skip
    return export.run(append=True, force=False, **options)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _days(export) -> list[tuple[str, str]]:
    place = export.lot / "mise_a_jour"
    files = (
        f"{database.file(place)[:-1]}/*.parquet'" if place.is_dir() else database.file(place.with_suffix(".parquet"))
    )
    with duckdb.connect() as con:
        found = con.execute(f"select dossier_id, cast(date_maj as varchar) from read_parquet({files}) order by all")
        return found.fetchall()


# -- what is replaced ------------------------------------------------------------------------------------------------


def test_the_months_that_the_extraction_covers_are_replaced_and_those_before_stay(export):
    export.files["log.csv"] = _log("D1;2025-08-20", "D1;2025-09-10")
    report = september(export, debut="2025-08-01")
    assert _days(export) == [("D1", "2025-07-10"), ("D1", "2025-08-20"), ("D1", "2025-09-10")]
    assert report.mois_remplaces == {"mise_a_jour": "2025-08", "evenement": "2025-08"}


def test_every_other_table_is_replaced_whole(export):
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;2025-09-12\n"
    september(export)
    assert export.rows("sejour", "sejour_id, cast(date_sortie as varchar)") == [("S1", "2025-09-12")]


def test_rows_of_a_month_that_stays_are_not_taken_and_are_counted(export):
    export.files["log.csv"] = _log("D1;2025-08-30", "D1;2025-09-10")
    september(export)
    assert ("D1", "2025-08-30") not in _days(export)
    assert export.counts("log.csv") == (1, 0, 1, {"mois_conserve": 1})


def test_an_event_planned_for_later_is_that_of_the_later_extraction(export):
    export.files["evenement.csv"] = _agenda("E3;D1;2025-09-02")
    september(export)
    assert export.values("evenement", "evenement_id") == ["E1", "E3"]


def test_a_lot_completed_month_by_month_is_that_of_one_extraction(export):
    everything = _log("D1;2025-07-10", "D1;2025-08-10", "D2;2025-08-11", "D1;2025-09-10")
    export.files["log.csv"] = _log("D1;2025-09-10")
    export.files["evenement.csv"] = _agenda("E1;D1;2025-08-05", "E3;D1;2025-09-02")
    september(export)
    completed = {name: raw for name, raw in _bytes(export.lot).items() if name.endswith(".parquet")}
    with open_lot(export.lot) as lot:
        digest = lot.digest
    export.files["log.csv"] = everything
    export.keys["periode_couverte_debut"] = '"2025-01-01"'
    export.run()
    assert {name: raw for name, raw in _bytes(export.lot).items() if name.endswith(".parquet")} == completed
    with open_lot(export.lot) as lot:
        assert lot.digest == digest


def test_taking_an_extraction_twice_changes_nothing(export):
    september(export)
    before = _bytes(export.lot)
    assert september(export).mouvements == ()
    assert {**_bytes(export.lot), "manifeste.json": b""} == {**before, "manifeste.json": b""}
    assert [one["date_extraction"] for one in export.manifest["import"]["precedents"]] == ["2025-09-01T02:00:00"]


def test_an_extraction_of_the_whole_replaces_everything(export):
    export.files["log.csv"] = _log("D2;2025-03-03")
    report = september(export, debut="2025-01-01")
    assert (_days(export), report.mois_remplaces) == ([("D2", "2025-03-03")], {})


# -- large logs: one file a month ------------------------------------------------------------------------------------


@pytest.fixture
def large(export, monkeypatch):
    monkeypatch.setattr(writer, "LARGE", 2)
    assert export.run().exit_code == 0
    assert sorted(p.name for p in (export.lot / "mise_a_jour").iterdir()) == ["2025-07.parquet", "2025-08.parquet"]
    return export


def test_the_files_of_the_months_that_stay_are_not_written_again(large):
    before = {p.name: p.stat().st_ino for p in (large.lot / "mise_a_jour").iterdir()}
    large.files["log.csv"] = _log("D1;2025-09-10")
    september(large)
    after = {p.name: p.stat().st_ino for p in (large.lot / "mise_a_jour").iterdir()}
    assert {name: after.get(name) for name in before} == before
    assert sorted(after) == ["2025-07.parquet", "2025-08.parquet", "2025-09.parquet"]


def test_a_month_file_is_written_again_where_one_of_its_rows_cannot_stay(large):
    before = {p.name: p.stat().st_ino for p in (large.lot / "mise_a_jour").iterdir()}
    large.files["dos.csv"] = DOSSIERS.splitlines(keepends=True)[0] + DOSSIERS.splitlines(keepends=True)[1]
    large.files["log.csv"] = _log("D1;2025-09-10", "D1;2025-09-11")
    large.files["evenement.csv"] = _agenda("E1;D1;2025-08-05")
    september(large)
    after = {p.name: p.stat().st_ino for p in (large.lot / "mise_a_jour").iterdir()}
    assert _days(large) == [("D1", "2025-07-10"), ("D1", "2025-08-10"), ("D1", "2025-09-10"), ("D1", "2025-09-11")]
    assert [after[name] == before[name] for name in ("2025-07.parquet", "2025-08.parquet")] == [True, False]


def test_a_lot_in_months_is_that_of_one_extraction_too(large):
    large.files["log.csv"] = _log("D1;2025-09-10", "D2;2025-09-12")
    september(large)
    completed = {name: raw for name, raw in _bytes(large.lot).items() if name.endswith(".parquet")}
    large.files["log.csv"] = _log("D1;2025-07-10", "D1;2025-08-10", "D2;2025-08-11", "D1;2025-09-10", "D2;2025-09-12")
    large.keys["periode_couverte_debut"] = '"2025-01-01"'
    large.run()
    assert {name: raw for name, raw in _bytes(large.lot).items() if name.endswith(".parquet")} == completed


def test_a_log_grows_from_one_file_to_one_a_month(export, monkeypatch):
    monkeypatch.setattr(writer, "LARGE", 3)
    export.files["log.csv"] = _log("D1;2025-09-10")
    september(export)
    assert len(list((export.lot / "mise_a_jour").iterdir())) == 3
    assert len(_days(export)) == 4


# -- references and keys across months -------------------------------------------------------------------------------


def test_a_row_that_stays_and_refers_to_nothing_any_more_is_rejected_and_counted(export):
    export.files["dos.csv"] = DOSSIERS.replace("D2;U2;000000125;2025-02-03\n", "")
    export.files["log.csv"] = _log("D1;2025-09-10")
    export.files["evenement.csv"] = _agenda()
    september(export)
    assert _days(export) == [("D1", "2025-07-10"), ("D1", "2025-08-10"), ("D1", "2025-09-10")]
    assert ("lot précédent", "", "mise_a_jour", "REFERENCE_INCONNUE", "dossier_id") in export.rejects()
    assert export.counts("lot précédent") == (3, 1, 0, {})
    export.open().close()


def test_too_many_rows_that_cannot_stay_leave_the_lot_as_it_was(export):
    before = _bytes(export.lot)
    export.files["dos.csv"] = DOSSIERS.replace("D2;U2;000000125;2025-02-03\n", "")
    export.files["log.csv"] = _log("D1;2025-09-10", *(f"D1;2025-09-{day}" for day in range(11, 30)))
    export.files["evenement.csv"] = _agenda()
    report = september(export, max_rejets="20%")
    assert (report.exit_code, _bytes(export.lot)) == (1, before)
    beside = export.lot.with_name("lot.rejets")
    assert "lot précédent" in (beside / "rejets.csv").read_text(encoding="utf-8-sig")
    assert (beside / "mouvements.csv").is_file()


def test_an_event_moved_to_a_new_month_leaves_the_one_that_stays(export):
    export.files["evenement.csv"] = _agenda("E1;D1;2025-09-05")
    september(export)
    assert export.rows("evenement", "evenement_id, cast(date_debut as varchar)") == [("E1", "2025-09-05")]
    assert export.counts("lot précédent") == (3, 0, 1, {"version_remplacee": 1})
    export.open().close()


# -- what is told ----------------------------------------------------------------------------------------------------


def test_what_moved_in_published_months_is_counted_by_table_and_month(export):
    export.files["log.csv"] = _log("D1;2025-08-10", "D1;2025-08-12", "D1;2025-09-10")
    export.files["evenement.csv"] = _agenda("E1;D1;2025-08-06")
    export.files["sej.csv"] = export.files["sej.csv"].replace("2025-01-06;", "2025-01-06;2025-09-12")
    report = september(export, debut="2025-08-01")
    assert list(report.mouvements) == [
        Movement("sejour", 0, 0, 1, "2025-01"),
        Movement("mise_a_jour", 1, 1, 0, "2025-08"),
        Movement("evenement", 0, 0, 1, "2025-08"),
    ]
    told = (export.lot / "rejets" / "mouvements.csv").read_text(encoding="utf-8-sig").splitlines()
    assert told[1:] == ["sejour;2025-01;0;0;1", "mise_a_jour;2025-08;1;1;0", "evenement;2025-08;0;0;1"]


def test_new_months_are_no_movement(export):
    export.files["log.csv"] = _log("D1;2025-09-10")
    export.files["evenement.csv"] = _agenda("E2;D2;2025-09-20", "E3;D2;2025-10-20")
    assert september(export).mouvements == ()


def test_what_leaves_a_month_that_stays_is_a_movement_too(export):
    export.files["evenement.csv"] = _agenda("E1;D1;2025-09-05")
    assert Movement("evenement", 0, 1, 0, "2025-08") in september(export).mouvements


def test_what_is_no_table_of_the_lot_stays_with_it(export):
    (export.lot / "documents").mkdir()
    (export.lot / "documents" / "cr.xml").write_text("<a/>", encoding="utf-8")
    (export.lot / "LISEZMOI.txt").write_text("note", encoding="utf-8")
    september(export)
    assert (export.lot / "documents" / "cr.xml").read_text(encoding="utf-8") == "<a/>"
    assert (export.lot / "LISEZMOI.txt").read_text(encoding="utf-8") == "note"
    export.open().close()


# -- the manifest ----------------------------------------------------------------------------------------------------


def test_the_lot_covers_both_periods_and_bears_the_later_date(export):
    september(export)
    manifest = export.manifest
    assert (manifest["periode_couverte_debut"], manifest["periode_couverte_fin"]) == ("2025-01-01", "2025-09-30")
    assert manifest["date_extraction"] == "2025-10-01T02:00:00"
    assert "couverture" not in manifest
    (earlier,) = manifest["import"]["precedents"]
    assert earlier["date_extraction"] == "2025-09-01T02:00:00" and "log.csv" in earlier["sources"]


def test_a_log_that_only_the_new_extraction_gives_covers_its_own_days_alone(export):
    export.feed(
        "appel_insi", rows="NUM;ET;QUAND\nA1;000000117;2025-09-03T10:00:00\n", appel_id='"NUM"', finess_et='"ET"',
        horodatage='"QUAND"', operation='{ valeur = "RECHERCHE" }', resultat='{ valeur = "SUCCES" }',
    )  # fmt: skip
    september(export)
    assert export.manifest["couverture"] == {"appel_insi": {"debut": "2025-09-01", "fin": "2025-09-30"}}


def test_a_flag_holds_only_where_it_holds_for_the_months_that_stay(export):
    export.keys["journal_maj_complet"] = "false"
    september(export)
    export.keys["journal_maj_complet"] = "true"
    export.keys["date_extraction"] = '"2025-11-01T02:00:00"'
    export.keys |= {"periode_couverte_debut": '"2025-10-01"', "periode_couverte_fin": '"2025-10-31"'}
    export.run(append=True)
    assert export.manifest["journal_maj_complet"] is False


def test_a_column_that_the_months_that_stay_do_not_have_stays_out(export):
    export.column("mise_a_jour", "rubrique", '"RUB"')
    export.files["log.csv"] = "DOS;JOUR;QUI;RUB\nD1;2025-09-10;UTILISATEUR;SOINS\n"
    september(export)
    assert "mise_a_jour.rubrique" in export.manifest["non_fourni"]
    export.open().close()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"debut": "2025-10-01", "fin": "2025-10-01"}, "il manque des jours"),
        ({"debut": "2025-08-15"}, "premier du mois"),
        ({"fin": "2025-08-30", "debut": "2025-08-01"}, "la fin recule"),
    ],
)
def test_periods_that_do_not_follow_each_other_are_refused(export, keys, said):
    before = _bytes(export.lot)
    with pytest.raises(UsageError, match=said) as refused:
        september(export, **keys)
    assert (refused.value.code, _bytes(export.lot)) == ("ESMS-E118", before)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("logiciel", '"Un autre"', "«logiciel» n'est pas celui du lot"),
        ("editeur", '"Un autre"', "«editeur» n'est pas celui du lot"),
        ("mode", '"production"', "«mode» n'est pas celui du lot"),
    ],
)
def test_another_software_does_not_complete_a_lot(export, key, value, said):
    export.keys[key] = value
    with pytest.raises(UsageError, match=said):
        september(export)


def test_an_older_extraction_does_not_complete_a_lot(export):
    september(export)
    export.keys["date_extraction"] = '"2025-09-30T02:00:00"'
    with pytest.raises(UsageError, match="plus ancienne que le lot"):
        export.run(append=True)


def test_a_log_that_the_new_extraction_does_not_give_is_refused(export):
    del export.tables["evenement"], export.sources["evenement"], export.files["evenement.csv"]
    (export.folder / "evenement.csv").unlink()
    export.keys["non_fourni"] = json.dumps(["projet_personnalise", "statut_projet", "evenement"])
    with pytest.raises(UsageError, match="a la table «evenement»"):
        september(export)


def test_there_must_be_a_lot_to_complete(export):
    export.lot = export.lot.with_name("autre")
    with pytest.raises(UsageError, match="ESMS-E117"):
        export.run(append=True)
    assert not export.lot.exists()


# -- whole or not at all ---------------------------------------------------------------------------------------------


def test_an_extraction_with_too_many_rejects_leaves_the_lot_as_it_was(export):
    before = _bytes(export.lot)
    export.files["log.csv"] = _log("D1;2025-09-10", "D1;2025-09-31", "D1;jamais")
    assert september(export, max_rejets="1%").exit_code == 1
    assert _bytes(export.lot) == before


def test_a_failure_while_writing_leaves_the_lot_as_it_was(export, monkeypatch):
    before = _bytes(export.lot)

    def fail(*_: object) -> None:
        raise OSError(28, "disque plein")

    monkeypatch.setattr(writer, "_copy", fail)
    with pytest.raises(Exception, match=r"disque plein|ESMS-E505"):
        september(export)
    assert _bytes(export.lot) == before


def test_corrected_rows_and_a_later_extraction_go_together(export):
    export.files["log.csv"] = _log("D1;2025-09-31", "D1;2025-09-10")
    assert september(export, max_rejets="0").exit_code == 1
    beside = export.lot.with_name("lot.rejets")
    path = beside / "lignes" / "log.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("2025-09-31", "2025-09-30"), encoding="utf-8", newline="\n"
    )
    assert september(export, max_rejets="0", replay=beside).exit_code == 0
    assert _days(export)[-2:] == [("D2", "2025-08-11"), ("D1", "2025-09-30")][::-1] or ("D1", "2025-09-30") in _days(
        export
    )


def test_a_lot_written_by_hand_can_be_completed(export):
    from tests.lots import write_lot

    with open_lot(export.lot) as lot:
        tables = {
            name: [dict(zip(columns, row, strict=True)) for row in rows]
            for name in lot.files
            for columns, rows in [_all(lot, name)]
        }
        keys = {**lot.raw_manifest, "non_fourni": ["projet_personnalise", "statut_projet"]}
    del keys["import"]
    write_lot(export.folder.with_name("mains"), keys, **tables)
    export.lot = export.folder.with_name("mains")
    export.files["log.csv"] = _log("D1;2025-09-10")
    assert september(export).exit_code == 0
    assert len(_days(export)) == 4
    export.open().close()


def _all(lot, name):
    cursor = lot.con.execute(f"select * from {name}")
    return [one[0] for one in cursor.description], cursor.fetchall()


def test_a_month_sent_again_with_fewer_rows_takes_the_place_of_the_first(export):
    export.files["log.csv"] = _log("D1;2025-08-10")
    report = september(export, debut="2025-08-01", fin="2025-08-31")
    assert _days(export) == [("D1", "2025-07-10"), ("D1", "2025-08-10")]
    assert Movement("mise_a_jour", 0, 1, 0, "2025-08") in report.mouvements
    counts = export.manifest["import"]["sources"]
    assert all(c["lues"] == c["acceptees"] + c["rejetees"] + c["ignorees"] for c in counts.values())
    assert (export.manifest["periode_couverte_debut"], export.manifest["periode_couverte_fin"]) == (
        "2025-01-01", "2025-08-31",
    )  # fmt: skip
