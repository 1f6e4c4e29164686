"""``esms import`` from end to end on a small export of two files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esms_sdk import open_lot
from esms_sdk.cli import main

ADAPTER = """\
[lot]
editeur = "Essai"
logiciel = "Essai"
version_logiciel = "1"
date_extraction = "2025-10-01T06:30:00"
perimetre = ["000000117"]
non_fourni = ["projet_personnalise", "statut_projet", "evenement"]
periode_couverte_debut = "2025-01-01"
periode_couverte_fin = "2025-09-30"
journal_maj_complet = true
historique_statuts_complet = true
mode = "test"

[source.structures]
fichiers = ["structures.csv"]
[source.suivis]
fichiers = ["suivis.csv"]

[table.organisme]
source = "structures"
colonnes = { finess_ej = "EJ", raison_sociale = "Nom" }
[table.etablissement]
source = "structures"
colonnes = { finess_et = "ET", finess_ej = "EJ", denomination = "Nom" }
[table.usager]
source = "suivis"
colonnes = { usager_id = "Usager", nom_naissance = "Nom", sexe = { colonne = "Sexe", codes = { H = "M", F = "F" } } }
[table.sejour]
source = "suivis"
[table.sejour.colonnes]
sejour_id = "N"
usager_id = "Usager"
finess_et = "ET"
date_entree = { colonne = "Entrée", formats = ["%d/%m/%Y"] }
[table.dossier]
source = "suivis"
[table.dossier.colonnes]
dossier_id = "N"
usager_id = "Usager"
finess_et = "ET"
date_creation = { colonne = "Entrée", formats = ["%d/%m/%Y"] }
[table.mise_a_jour]
source = "suivis"
[table.mise_a_jour.colonnes]
dossier_id = "N"
date_maj = { colonne = "Maj", formats = ["%d/%m/%Y"] }
origine = { valeur = "UTILISATEUR" }
"""
STRUCTURES = "ET;EJ;Nom\n000000117;000000109;Les Tilleuls\n"
HEADER = "N;Usager;Nom;Sexe;ET;Entrée;Maj"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("essai").mkdir()
    Path("essai", "adapter.toml").write_text(ADAPTER, encoding="utf-8")
    Path("export").mkdir()
    Path("export", "structures.csv").write_text(STRUCTURES, encoding="utf-8")
    _export(*(f"S{n};U{n};NOM{n};H;000000117;01/02/2025;10/09/2025" for n in range(5)))


def _export(*lines: str) -> None:
    Path("export", "suivis.csv").write_text("\n".join((HEADER, *lines)) + "\n", encoding="cp1252")


def _import(*more: str) -> int:
    return main(["import", "export", "--adapter", "essai", "--out", "lot", *more])


BAD = "S9;U9;DUPONT;H;000000117;31/02/2025;10/09/2025"


def test_a_good_export_is_a_lot_that_the_indicators_read(capsys):
    assert _import() == 0
    shown = capsys.readouterr()
    assert "Lot : lot" in shown.out and shown.err == ""
    # The agenda and the projets are not supplied: 3, and the first indicator is there.
    assert main(["indicators", "lot", "--measured-on", "2025-09-30", "--out", "out"]) == 3
    document = json.loads(Path("out", "indicateurs.json").read_text(encoding="utf-8"))
    assert document["etablissements"][0]["indicateurs"]["taux_dossiers_actifs"]["taux"] == 100.0


def test_too_many_rejects_is_1_without_a_lot_and_the_rejects_stand_beside(capsys):
    _export(BAD, "S1;U1;NOM;H;000000117;01/02/2025;10/09/2025")
    assert _import() == 1
    assert not Path("lot").exists()
    assert "dossier;S9" in Path("lot.rejets", "rejets.csv").read_text(encoding="utf-8-sig")
    shown = capsys.readouterr()
    assert "DUPONT" not in shown.out + shown.err and "31/02" not in shown.out + shown.err


def test_a_source_with_more_than_1_percent_of_rejects_is_told_apart(capsys):
    _export(BAD)
    assert _import("--max-rejets", "1") == 0
    assert capsys.readouterr().err == "Attention : plus de 1 % des lignes de suivis.csv sont rejetées.\n"
    assert _import("--max-rejets", "1", "--force", "--quiet") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("limit", "code"), [("1", 0), ("50%", 0), ("0", 1), ("33%", 1), ("beaucoup", 2)])
def test_the_limit_is_a_number_or_a_share_of_the_rows_read(limit, code):
    _export(BAD, "S1;U1;NOM;H;000000117;01/02/2025;10/09/2025")
    assert _import("--max-rejets", limit) == code
    assert Path("lot").exists() == (code == 0)


def test_strict_fails_on_an_unknown_label_that_otherwise_passes():
    _export("S1;U1;NOM;?;000000117;01/02/2025;10/09/2025")
    assert _import("--strict") == 1
    assert _import() == 0
    assert "Sexe;?;1" in Path("lot/rejets/libelles_inconnus.csv").read_text(encoding="utf-8-sig")


def test_no_row_read_is_3():
    _export()
    Path("export", "structures.csv").write_text("ET;EJ;Nom\n", encoding="utf-8")
    assert _import() == 3
    assert not Path("lot").exists()


@pytest.mark.parametrize(
    "break_it",
    [
        lambda: Path("export", "suivis.csv").unlink(),
        lambda: Path("essai", "adapter.toml").unlink(),
        lambda: Path("essai", "adapter.toml").write_text("[lot", encoding="utf-8"),
        lambda: Path("export", "suivis.csv").write_text("N;Usager\n", encoding="utf-8"),
    ],
    ids=["no file", "no adapter", "broken adapter", "missing columns"],
)
def test_what_must_be_corrected_is_2_and_has_a_code(break_it, capsys):
    break_it()
    assert _import() == 2
    assert capsys.readouterr().err.startswith("[ESMS-E")


def test_a_key_of_the_manifest_can_be_set():
    assert _import("--lot-set", "version_logiciel=4.2", "--lot-set", "perimetre=000000117") == 0
    manifest = json.loads(Path("lot", "manifeste.json").read_text(encoding="utf-8"))
    assert (manifest["version_logiciel"], manifest["perimetre"]) == ("4.2", ["000000117"])
    assert _import("--lot-set", "version=4", "--force") == 2


def test_the_report_as_json_counts_every_row(capsys):
    _export(BAD, "S1;U1;NOM;H;000000117;01/02/2025;10/09/2025")
    assert _import("--max-rejets", "1", "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    counts = report["sources"]["suivis.csv"]
    assert counts["lues"] == counts["acceptees"] + counts["rejetees"] + counts["ignorees"] == 2
    assert (counts["rejetees"], report["lot"]) == (1, "lot")


def _names() -> list[object]:
    with open_lot("lot") as lot:
        return [row[0] for row in lot.con.execute("select nom_naissance from usager").fetchall()]


def test_without_identity_no_trait_is_in_the_lot():
    assert _import("--without-identity") == 0
    assert set(_names()) == {None}
    assert _import("--force") == 0
    assert set(_names()) == {f"NOM{n}" for n in range(5)}


def test_the_rejected_rows_can_be_left_out():
    _export(BAD)
    assert _import("--max-rejets", "1", "--no-reject-rows") == 0
    assert not Path("lot/rejets/lignes").exists()


def test_an_import_again_needs_force_and_gives_the_same_bytes():
    assert _import() == 0
    before = {path: path.read_bytes() for path in Path("lot").rglob("*") if path.is_file()}
    assert _import() == 2
    assert _import("--force") == 0
    assert {path: path.read_bytes() for path in Path("lot").rglob("*") if path.is_file()} == before


# -- rejects taken again, and a later extraction ----------------------------------------------------------------------


def test_corrected_rows_are_taken_again_and_counted(capsys):
    _export(BAD, "S1;U1;NOM;H;000000117;01/02/2025;10/09/2025")
    assert _import() == 1
    rows = Path("lot.rejets", "lignes", "suivis.csv")
    rows.write_text(rows.read_text(encoding="utf-8").replace("31/02/2025", "28/02/2025"), encoding="utf-8")
    capsys.readouterr()
    assert _import("--replay", "lot.rejets") == 0
    assert "Reprise : 1 ligne corrigée de suivis.csv" in capsys.readouterr().out
    assert _import("--replay", "lot/rejets", "--force", "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["reprises"] == {"suivis.csv": 1} and document["nombre_rejets"] == 0


def test_what_a_later_extraction_moved_is_told_by_table_and_month(capsys):
    assert _import() == 0
    later = ("--lot-set", "periode_couverte_debut=2025-09-01", "--lot-set", "periode_couverte_fin=2025-10-31",
             "--lot-set", "date_extraction=2025-11-01T06:30:00")  # fmt: skip
    _export(*(f"S{n};U{n};NOM{n};H;000000117;01/02/2025;11/09/2025" for n in range(4)))
    capsys.readouterr()
    assert _import("--append", *later) == 0
    shown = capsys.readouterr().out
    assert "mise_a_jour : remplacée à partir de 2025-09" in shown
    assert "  sejour 2025-02 : 1 retirée\n" in shown
    assert "  mise_a_jour 2025-09 : 4 ajoutées, 5 retirées\n" in shown
    assert _import("--append", *later, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["mouvements"] == []


def test_completing_what_is_no_lot_is_wrong_use(capsys):
    assert _import("--append") == 2
    assert "ESMS-E117" in capsys.readouterr().err and not Path("lot").exists()
