"""``conformite.csv``: every finding, in the columns that ``--baseline`` reads by name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from esms_sdk.conformance import Conformity, Finding
from esms_sdk.conformance.findings import Findings
from esms_sdk.errors import UsageError
from esms_sdk.report import write_reports
from esms_sdk.report.lines import COLUMNS
from tests.report import world


def _rows(result: Conformity, folder: Path) -> list[dict[str, str]]:
    write_reports(result, folder, ["csv"])
    with (folder / "conformite.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _people(*colours: str) -> list[dict[str, str]]:
    return [{"nom_utilise": colour} for colour in colours]


def test_there_is_a_line_a_finding_with_its_place_and_its_gravity(runs, tmp_path):
    rows = _rows(runs["echec"], tmp_path)
    assert [(r["exigence"], r["code"], r["gravite"], r["table"], r["cle"]) for r in rows] == [
        ("ESMS-DONNEES-90", "ROUGE", "erreur", "usager", "U1"),
        ("ESMS-DONNEES-90", "ROUGE", "erreur", "usager", "U2"),
        ("ESMS-DONNEES-91", "JAUNE", "avertissement", "usager", "U3"),
    ]
    assert {r["connu"] for r in rows} == {""}


def test_the_columns_hold_all_that_a_finding_is():
    assert set(Finding._fields) < set(COLUMNS)


def test_a_line_says_the_difference_that_covers_it(runs, tmp_path):
    told = {r["exigence"]: r["ecart"] for r in _rows(runs["ecarts"], tmp_path)}
    assert told == {"ESMS-DONNEES-90": "reprise en cours", "ESMS-DONNEES-91": ""}


def test_what_stood_in_the_baseline_fails_no_more_but_stays_non_conforme(tmp_path):
    lot = world.lot(tmp_path / "lot", _people("ROUGE", "ROUGE"))
    with world.judged(lot) as first:
        assert first.exit_code == 1
        _rows(first, tmp_path)
    with world.judged(lot, baseline=tmp_path / "conformite.csv") as again:
        assert (again.exit_code, again.of("ESMS-DONNEES-90").verdict) == (0, "non_conforme")
        assert {row["connu"] for row in _rows(again, tmp_path)} == {"true"}


def test_a_baseline_kept_in_git_without_its_carriage_returns_is_read(tmp_path):
    lot = world.lot(tmp_path / "lot", [{"nom_utilise": "ROUGE"}])
    with world.judged(lot) as first:
        write_reports(first, tmp_path, ["csv"])
    kept = tmp_path / "conformite.csv"
    kept.write_bytes(kept.read_bytes().replace(b"\r\n", b"\n"))
    with world.judged(lot, baseline=kept) as second:
        assert second.exit_code == 0


def test_one_finding_more_than_the_baseline_knows_fails(tmp_path):
    with world.judged(world.lot(tmp_path / "lot", _people("ROUGE", ""))) as first:
        _rows(first, tmp_path)
    with world.judged(
        world.lot(tmp_path / "plus", _people("ROUGE", "ROUGE")), baseline=tmp_path / "conformite.csv"
    ) as again:
        assert again.exit_code == 1
        assert [row["connu"] for row in _rows(again, tmp_path)] == ["true", "false"]


def _known(tmp_path: Path, before: list[Finding], now: list[Finding], header: tuple[str, ...] = COLUMNS) -> list[bool]:
    from esms_sdk.csv_file import write_csv

    path = write_csv(tmp_path / "b.csv", header, [[f._asdict().get(name) for name in header] for f in before])
    findings = Findings()
    try:
        findings.add(now)
        findings.know(path)
        return [known for _, known in findings.known_lines()]
    finally:
        findings.close()


def test_a_known_finding_excuses_one_and_not_its_repetition(tmp_path):
    one = Finding("ESMS-DONNEES-90", "ROUGE", "U1", "000000117")
    assert sorted(_known(tmp_path, [one], [one, one])) == [False, True]


def test_the_precision_and_the_line_may_have_moved(tmp_path):
    before = Finding("ESMS-DONNEES-90", "ROUGE", "U1", precision="3 dates", fichier="a.xml", ligne=12)
    assert _known(tmp_path, [before], [before._replace(precision="4 dates", ligne=15)]) == [True]


@pytest.mark.parametrize("field", ["exigence", "code", "cle", "finess_et", "fichier", "xpath"])
def test_another_record_or_place_is_new(tmp_path, field):
    before = Finding("ESMS-DONNEES-90", "ROUGE", "U1", "000000117", None, "a.xml", 1, "/a")
    assert _known(tmp_path, [before], [before._replace(**{field: "autre"})]) == [False]


@pytest.mark.parametrize("key", ["=1+1", "-7", "+a", "@x", "a;b", 'a"b', "a\nb", "a\r\nb", "", "07", "é"])
def test_a_key_of_any_look_is_met_again(tmp_path, key):
    one = Finding("ESMS-DONNEES-90", "ROUGE", key)
    assert _known(tmp_path, [one], [one]) == [True]


def test_columns_are_read_by_name_in_any_order(tmp_path):
    one = Finding("ESMS-DONNEES-90", "ROUGE", "U1", "000000117")
    assert _known(tmp_path, [one], [one], tuple(reversed(COLUMNS))) == [True]


def test_an_empty_baseline_knows_nothing(tmp_path):
    assert _known(tmp_path, [], [Finding("ESMS-DONNEES-90", "ROUGE", "U1")]) == [False]


@pytest.mark.parametrize(
    "content",
    [b"", b"a;b;c\r\n1;2;3\r\n", b"\xff\xfe\x00", b"exigence;code;cle;finess_et;fichier;xpath;code\r\n", None],
    ids=["empty", "other columns", "not text", "a column twice", "absent"],
)
def test_a_file_that_is_no_baseline_is_wrong_use(tmp_path, content):
    lot = world.lot(tmp_path / "lot", [{}])
    if content is not None:
        (tmp_path / "b.csv").write_bytes(content)
    with pytest.raises(UsageError, match=r"E169.*b\.csv"):
        world.judged(lot, baseline=tmp_path / "b.csv")


def test_a_baseline_with_a_line_too_short_is_wrong_use(tmp_path):
    lot = world.lot(tmp_path / "lot", [{}])
    world.write(tmp_path / "b.csv", ";".join(COLUMNS) + "\r\nESMS;X\r\n")
    with pytest.raises(UsageError, match="illisibles"):
        world.judged(lot, baseline=tmp_path / "b.csv")
