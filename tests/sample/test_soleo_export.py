"""The export of Soléo really has the traps it is said to have, and every defect in it is on the list."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections import Counter
from datetime import datetime, timedelta

import pytest

from esms_sdk.sample.soleo.dialects import instant, paris_offset, text
from esms_sdk.sample.soleo.outcome import arithmetic

CODES = {
    "LIGNE_IRREGULIERE", "CLE_MANQUANTE", "COLONNE_REQUISE", "TYPE_INVALIDE", "CODE_INCONNU", "ORDRE_DATES",
    "CYCLE_FUSION", "CLE_EN_DOUBLE", "REFERENCE_INCONNUE", "REFERENCE_REJETEE",
}  # fmt: skip


@pytest.fixture(scope="module")
def written(packed):
    """The files of the export, those that are packed unpacked."""
    found = {}
    for name, content in packed.items():
        if name.endswith(".gz"):
            found[name] = gzip.decompress(content)
        elif name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found |= {f"{name}/{member}": archive.read(member) for member in archive.namelist()}
        else:
            found[name] = content
    return found


@pytest.fixture(scope="module")
def lignes(soleo):
    return [ligne for source in soleo.sources for ligne in source.lignes]


def test_the_first_agency_writes_windows_1252(written):
    content = written["residents_AG01.csv"]
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert {"€", "œ", "É"} <= set(content.decode("cp1252"))


def test_the_second_agency_writes_a_bom_a_doubled_header_and_empty_lines(written):
    content = written["residents_AG02.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\n")
    assert Counter(lines[0].split(";"))["Observations"] == 2
    assert "" in lines[1:-1]


def test_the_third_agency_writes_tabs_and_blanks_around_cells(written):
    header, first, *_ = written["residents_AG03.txt"].decode("utf-8").splitlines()
    assert header.count("\t") > 15
    assert first.startswith(" AG03  \t")


def test_the_fourth_agency_ends_each_line_with_a_separator(written):
    lines = written["journal_AG04.csv.gz"].decode("utf-8").split("\r\n")
    assert all(line.endswith(";") for line in lines[:-1])


def test_the_fifth_agency_sends_an_archive_with_its_columns_in_another_order(written):
    assert sum(name.startswith("AG05.zip/") for name in written) == 4
    header = written["AG05.zip/residents_AG05.txt"].decode("utf-8").splitlines()[0]
    assert header.split("|")[:2] == ["N° fiche", "Agence"]


def test_a_free_text_holds_line_ends_and_doubled_quotes_in_every_agency(written):
    for name, content in written.items():
        if "residents_" in name:
            decoded = content.decode("cp1252" if "AG01" in name else "utf-8")
            assert '""tout va bien"".\nÀ revoir' in decoded, name


def test_the_same_local_number_stands_in_every_agency(soleo):
    numbers = [{line.cells["N° fiche"] for line in s.lignes} for s in soleo.sources if "residents" in s.nom]
    assert len(numbers) == 5
    assert "1001" in set.intersection(*numbers)


def test_a_hospitalisation_is_an_exit_and_an_entry(lignes):
    exits = [ligne for ligne in lignes if ligne.cells.get("Motif de sortie") == "Hospitalisation"]
    assert len(exits) > 20
    numbers = {(ligne.cells["Agence"], ligne.cells["N° séjour"]) for ligne in lignes if "N° séjour" in ligne.cells}
    first = [e for e in exits if "." not in e.cells["N° séjour"]]
    back = [e for e in first if (e.cells["Agence"], f"{e.cells['N° séjour']}.2") in numbers]
    assert 0 < len(back) < len(first)


def test_no_date_is_written_in_a_month_of_the_wrong_zone(world):
    utc = [line for line in world.journal if line.dossier_id.startswith("AG05")]
    other = [line for line in utc if (line.quand + timedelta(hours=4)).month != line.quand.month]
    assert len([line for line in other if line.origine == "UTILISATEUR"]) > 50
    stamp = instant(datetime(2025, 1, 31, 23, 50, 2), "AG05", "offset")
    assert stamp == "2025-01-31T23:50:02-04:00"
    assert instant(datetime(2025, 1, 31, 23, 50, 1), "AG05", "offset") == "2025-02-01T04:50:01+01:00"
    assert instant(datetime(2025, 1, 31, 23, 50, 0), "AG05", "offset") == "2025-02-01T03:50:00Z"


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        (datetime(2024, 3, 31, 1, 59), 1),
        (datetime(2024, 3, 31, 3, 0), 2),
        (datetime(2024, 10, 27, 0, 30), 2),
        (datetime(2024, 10, 27, 3, 0), 1),
        (datetime(2025, 12, 31, 23, 59), 1),
    ],
)
def test_paris_changes_its_hour_on_the_last_sundays_of_march_and_october(local, hours):
    assert paris_offset(local) == hours


def test_every_row_starts_on_the_line_that_is_said(soleo):
    for source in soleo.sources:
        content, starts = text(source)
        physical = content.split("\n")
        first = source.columns[0]
        for ligne, start in zip(source.lignes, starts, strict=True):
            assert physical[start - 1].lstrip("\ufeff ").startswith(ligne.cells[first]), (source.nom, start)


def test_every_refusal_is_a_planted_defect_or_hangs_on_one(lignes):
    for ligne in lignes:
        if not ligne.defaut:
            assert {refus.code for refus in ligne.refus} <= {"REFERENCE_REJETEE"}
        if ligne.ignoree and not ligne.defaut:
            assert ligne.ignoree in ("lecture_seule", "version_remplacee")


def test_every_planted_defect_stands_in_the_list(wanted, lignes):
    listed = wanted["defauts.csv"].decode("utf-8").splitlines()[1:]
    assert len(listed) == sum(bool(ligne.defaut) for ligne in lignes)
    assert Counter(line.split(";")[2] for line in listed) == Counter(x.defaut for x in lignes if x.defaut)


def test_every_code_and_every_reason_is_met(soleo, lignes):
    assert {refus.code for ligne in lignes for refus in ligne.refus} == CODES
    assert {ligne.ignoree for ligne in lignes} - {""} == {
        "fiche_test", "ligne_de_total", "liste_attente", "lecture_seule", "en_attente", "repetition",
        "version_remplacee", "reference_ignoree",
    }  # fmt: skip


def test_what_is_wrong_with_an_identity_rejects_nothing(world, lignes):
    kept = [ligne for ligne in lignes if ligne.defaut in set(world.fautes.values())]
    assert len(kept) == len(world.fautes) >= 6
    assert not [ligne for ligne in kept if ligne.refus or ligne.ignoree]


def test_rejects_are_well_under_one_percent_and_the_counts_add_up(soleo):
    sources = arithmetic(soleo.sources).values()
    assert all(s["lues"] == s["acceptees"] + s["rejetees"] + s["ignorees"] for s in sources)
    assert sum(s["rejetees"] for s in sources) < 0.005 * sum(s["lues"] for s in sources)


def test_the_export_is_small_enough_to_be_carried(packed):
    sizes = [len(content) for content in packed.values()]
    assert max(sizes) < 1_400_000
    assert sum(sizes) < 2_000_000
