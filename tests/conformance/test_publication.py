"""A vendor's published file, from the file on disk to the verdict."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from esms_sdk.conformance import Asked, Conformity, Verdict, run
from esms_sdk.dashboard import compute_dashboard
from esms_sdk.errors import UsageError
from esms_sdk.export import as_contract, write_indicators
from esms_sdk.export.tableau_de_bord import dashboard_document
from esms_sdk.indicators import Options, compute_indicators
from esms_sdk.lot import open_lot
from esms_sdk.publication import is_publication, read_publication
from tests.lots import EHPAD, EJ, write_lot

MICRO = Path(__file__).parents[1] / "data" / "micro_lot" / "lot"
DAY = date(2025, 9, 30)
T1 = "taux_dossiers_actifs"
LONG = """\
[publication]
type = "indicateurs"
fichier = "publie.csv"
mesure_le = 2025-09-30
definition = "mois_ecoule"

[colonnes]
finess_et = "N° FINESS"
indicateur = "Indicateur"
numerateur = "Num."
denominateur = "Dénom."
taux = "Taux"

[codes.indicateur]
"Activité" = "taux_dossiers_actifs"
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own files of the micro-lot."""
    folder = tmp_path_factory.mktemp("publie")
    with open_lot(MICRO) as lot:
        write_indicators(compute_indicators(lot, DAY), folder)
        text = json.dumps(dashboard_document(compute_dashboard(lot, DAY)), ensure_ascii=False)
    (folder / "tableau_de_bord.json").write_text(text, encoding="utf-8")
    return folder


def described(folder: Path, mapping: str, rows: str, *, encoding: str = "utf-8") -> Path:
    (folder / "publie.csv").write_text(rows, encoding=encoding)
    path = folder / "publication.toml"
    path.write_text(mapping, encoding="utf-8")
    return path


def checked(*paths: Path, only: str = "ESMS-", order: Path | None = None) -> Conformity:
    from esms_sdk.conformance import catalogue

    kept = {id: one for id, one in catalogue().items() if id.startswith(only)}
    return run(Asked(paths, requirements=kept, mode="test", order=order))


def verdicts(result: Conformity) -> Mapping[str, Verdict]:
    return {one.requirement.id: one.verdict for one in result.outcomes if one.requirement.objet != "lot"}


@pytest.mark.parametrize("name", ["indicateurs.json", "indicateurs.csv"])
def test_our_own_indicators_of_a_lot_meet_every_requirement_on_that_lot(published: Path, name: str) -> None:
    result = checked(MICRO, published / name, only="ESMS-IND-")
    try:
        wrong = {id: v for id, v in verdicts(result).items() if v is Verdict.NON_CONFORME}
        # The table alone does not say by which software it was made; the document beside it does.
        assert set(wrong) == ({"ESMS-IND-14"} if name.endswith("csv") else set())
        judged = {id for id, v in verdicts(result).items() if v is Verdict.CONFORME}
        assert {f"ESMS-IND-{n:02}" for n in (2, 4, 6, 7, 8, 9, 11, 15, 16, 17)} <= judged
    finally:
        result.findings.close()


def test_our_own_dashboard_of_a_lot_meets_every_requirement_on_that_lot(published: Path) -> None:
    result = checked(MICRO, published / "tableau_de_bord.json", only="ESMS-TBB-0")
    try:
        assert {id: v for id, v in verdicts(result).items() if v is not Verdict.CONFORME} == {
            "ESMS-TBB-07": Verdict.NON_APPLICABLE
        }
    finally:
        result.findings.close()


def test_a_difference_names_both_numbers_and_the_persons_to_look_at(tmp_path: Path) -> None:
    rows = f"N° FINESS;Indicateur;Num.;Dénom.;Taux\n{EHPAD};Activité;10;13;76,9 %\n"
    result = checked(MICRO, described(tmp_path, LONG, rows), only="ESMS-IND-0")
    try:
        told = {(f.exigence, f.code): f for f in result.lines()}
        actifs = told["ESMS-IND-04", "ACTIFS_DIFFERENTS"]
        assert actifs.fichier == "publie.csv" and actifs.ligne == 2 and actifs.finess_et == EHPAD
        assert "publié 10, recalculé 8" in (actifs.precision or "")
        assert "MISE_A_JOUR_AUTOMATIQUE_SEULE" in (actifs.precision or "") and "P04" in (actifs.precision or "")
        file_active = told["ESMS-IND-07", "FILE_ACTIVE_DIFFERENTE"].precision or ""
        assert "publié 13, recalculé 12" in file_active and "SORTI_AVANT" in file_active
    finally:
        result.findings.close()


def test_the_group_whose_size_is_the_difference_comes_first(tmp_path: Path) -> None:
    rows = f"N° FINESS;Indicateur;Num.;Dénom.;Taux\n{EHPAD};Activité;9;12;75,0 %\n"
    result = checked(MICRO, described(tmp_path, LONG, rows), only="ESMS-IND-04")
    try:
        told = [f.precision or "" for f in result.lines() if f.code == "ACTIFS_DIFFERENTS"]
        assert "leur nombre est l'écart" in told[0].split(" ; ")[1]
    finally:
        result.findings.close()


def test_no_person_shows_in_what_explains_a_difference(tmp_path: Path) -> None:
    key = "253072A07300443"
    lot = write_lot(
        tmp_path / "lot",
        organisme=[{"finess_ej": EJ, "raison_sociale": "x"}],
        etablissement=[{"finess_et": EHPAD, "finess_ej": EJ, "denomination": "x"}],
        usager=[{"usager_id": key}],
        sejour=[{"sejour_id": "S1", "usager_id": key, "finess_et": EHPAD, "date_entree": "2025-01-01"}],
    )
    rows = f"N° FINESS;Indicateur;Num.;Dénom.;Taux\n{EHPAD};Activité;1;1;100 %\n"
    result = checked(lot, described(tmp_path, LONG, rows), only="ESMS-IND-04")
    try:
        found = [f for f in result.lines() if f.code == "ACTIFS_DIFFERENTS"]
        assert found and "SANS_DOSSIER" in (found[0].precision or "") and key not in str(found)
    finally:
        result.findings.close()


def test_a_column_of_persons_taken_for_another_shows_in_no_finding(tmp_path: Path) -> None:
    rows = "N° FINESS;Indicateur;Num.;Dénom.;Taux\n" + "".join(
        f"{cell};{label};{number};1;{number}\n"
        for cell, label, number in [
            (EHPAD, "CANARI Zoé", "253072A07300443"), ("253072A07300443", "Activité", "1"), ("15071953", "Activité", "1"),
            ("CANARI", "Activité", "CANARI"), (EHPAD, "Activité", "15/07/1953"),
        ]
    )  # fmt: skip
    result = checked(MICRO, described(tmp_path, LONG, rows), only="ESMS-IND-")
    try:
        told = str(list(result.lines())).upper()
        assert "FINESS_ILLISIBLE" in told and "LIBELLE_INCONNU" in told and "NOMBRE_ILLISIBLE" in told
        assert not [canary for canary in ("CANARI", "ZOÉ", "253072", "15071953", "1953") if canary in told]
    finally:
        result.findings.close()


def figures(path: Path) -> dict[str, tuple[int | None, int | None, float | None]]:
    return {one.cle: (one.numerateur, one.denominateur, one.taux) for one in read_publication(path).chiffres}


ROW = {f"{EHPAD}|{T1}": (1500, 1600, 93.8)}
WIDE = LONG[: LONG.index("[colonnes]")] + (
    '[colonnes]\nfiness_et = "FINESS"\n"taux_dossiers_actifs.numerateur" = "T1 n"\n'
    '"taux_dossiers_actifs.denominateur" = "T1 d"\n"taux_dossiers_actifs.taux" = "T1"\n'
)


@pytest.mark.parametrize("taux", ["93,8 %", "93.8", "0.938", "93,8%"])
def test_a_rate_reads_the_same_however_it_is_written(tmp_path: Path, taux: str) -> None:
    rows = f"N° FINESS;Indicateur;Num.;Dénom.;Taux\n{EHPAD};Activité;1 500;1.600;{taux}\n"
    read = figures(described(tmp_path, LONG, rows))
    assert list(read) == list(ROW)
    assert read[f"{EHPAD}|{T1}"] == (1500, 1600, pytest.approx(93.8))


def test_the_wide_form_the_old_encoding_and_lines_above_the_header_read_the_same(tmp_path: Path) -> None:
    mapping = WIDE.replace('definition = "mois_ecoule"', 'definition = "mois_ecoule"\nligne_entete = 3')
    rows = f"Établi par le logiciel\n\nFINESS\tT1 n\tT1 d\tT1\n{EHPAD}\t1500\t1600\t93,8 %\n"
    assert figures(described(tmp_path, mapping, rows, encoding="cp1252")) == ROW


def test_nested_json_reads_the_same(tmp_path: Path) -> None:
    mapping = WIDE.replace("publie.csv", "publie.json").replace("mesure_le", 'racine = "resultats.lignes"\nmesure_le')
    mapping = mapping.replace('"T1 n"', '"t1.n"').replace('"T1 d"', '"t1.d"').replace('"T1"', '"t1.taux"')
    lines = [{"finess": EHPAD, "t1": {"n": 1500, "d": 1600, "taux": 93.8}}]
    (tmp_path / "publie.json").write_text(json.dumps({"resultats": {"lignes": lines}}), encoding="utf-8")
    assert figures(described(tmp_path, mapping, "")) == ROW


def test_a_workbook_reads_the_same_though_it_took_the_zeros_and_the_percent_sign(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    with xlsxwriter.Workbook(str(tmp_path / "publie.xlsx")) as book:
        sheet = book.add_worksheet("Indicateurs")
        sheet.write_row(1, 1, ["FINESS", "T1 n", "T1 d", "T1"])
        sheet.write_row(2, 1, [int(EHPAD), 1500, 1600])
        sheet.write_number(2, 4, 0.9375, book.add_format({"num_format": "0.0%"}))
    mapping = WIDE.replace("publie.csv", "publie.xlsx").replace(
        "mesure_le", 'feuille = "Indic*"\nligne_entete = 2\nmesure_le'
    )
    read = read_publication(described(tmp_path, mapping, ""))
    (one,) = read.chiffres
    assert (one.finess_et, one.numerateur, one.denominateur, one.taux) == (EHPAD, 1500, 1600, 93.75)
    assert {d.code for d in read.defauts} == {"FINESS_SANS_ZERO", "TAUX_EN_FRACTION"}
    assert one.ligne == 3


TBB_HEAD = '[publication]\ntype = "tableau_de_bord"\nfichier = "publie.csv"\narrete_au = 2025-09-30\n[colonnes]\n'
SAME = {f"{EHPAD}|mois_courant|dmp.total": 5, f"{EHPAD}|mois_courant|echecs.mss": 1}
SHAPES = {
    "a row a count": (
        'finess_et = "F"\nperiode = "P"\nmesure = "M"\nvaleur = "V"\n[codes.mesure]\n"Échecs MSS" = "echecs.mss"\n',
        f"F;P;M;V\n{EHPAD};Mois courant;dmp.total;5\n{EHPAD};Mois courant;Échecs MSS;1\n",
    ),
    "a row a channel": (
        'finess_et = "F"\nperiode = "P"\ncanal = "C"\ntotal = "T"\nechecs = "E"\n',
        f"F;P;C;T;E\n{EHPAD};Mois courant;DMP;5;\n{EHPAD};Mois courant;MSSanté;;1\n",
    ),
    "a row a period": (
        'finess_et = "F"\nperiode = "P"\n"dmp.total" = "DMP"\n"echecs.mss" = "E"\n',
        f"F;P;DMP;E\n{EHPAD};Mois courant;5;1\n",
    ),
    "a row an establishment": (
        'finess_et = "F"\n"mois_courant.dmp.total" = "DMP"\n"mois_courant.echecs.mss" = "E"\n',
        f"F;DMP;E\n{EHPAD};5;1\n",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_dashboard_reads_the_same_whatever_it_has_as_rows(tmp_path: Path, shape: str) -> None:
    columns, rows = SHAPES[shape]
    read = read_publication(described(tmp_path, TBB_HEAD + columns, rows))
    assert {one.cle: one.valeur for one in read.comptes if one.valeur is not None} == SAME
    assert read.defauts == ()


FAULTS = {
    'type = "indicateur"': "publication.type",
    'mesure_le = "2025-09-30"': "publication.mesure_le",
    'definition = "annuelle"': "definition",
    'definition = "trois_mois"\npremiere_mesure = true': "première mesure",
    "ligne_entete = 0": "publication.ligne_entete",
    'taux = "permille"': "publication.taux",
    'sheet = "x"': "publication.sheet",
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_in_the_description_is_named_with_its_file_and_key(tmp_path: Path, line: str) -> None:
    key = line.partition(" ")[0]
    kept = [one for one in LONG.splitlines() if not one.startswith(f"{key} ")]
    mapping = "\n".join([kept[0], line, *kept[1:]])
    with pytest.raises(UsageError) as error:
        read_publication(described(tmp_path, mapping, "x\n"))
    assert error.value.code == "ESMS-E186"
    assert FAULTS[line] in str(error.value) and "publication.toml" in str(error.value)


def test_every_fault_of_a_description_is_named_at_once(tmp_path: Path) -> None:
    mapping = '[publication]\ntype = "tableau_de_bord"\n[colonnes]\n"dmp.totale" = "a"\ntotal = "b"\n[codes.canaux]\na = "b"\n'
    with pytest.raises(UsageError) as error:
        read_publication(described(tmp_path, mapping, "x\n"))
    told = str(error.value)
    for part in ("fichier", "arrete_au", "dmp.totale", "finess_et", "demande aussi la colonne «canal»", "codes.canaux"):
        assert part in told


def test_an_absent_column_is_named_with_those_that_were_seen(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_publication(described(tmp_path, LONG, "N° FINESS;Indicateur;Num.;Taux\n"))
    assert "publie.csv, ligne 1, colonne «Dénom.»" in str(error.value) and "vues : N° FINESS" in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("absent.csv", None, "ESMS-E181"),
        ("publie.pdf", "x", "ESMS-E182"),
        ("publie.json", '{"a": 1', "ESMS-E185"),
        ("publie.json", '{"a": 1}', "ESMS-E184"),
        ("vide.csv", "", "ESMS-E183"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_wrong_use(tmp_path: Path, name: str, content: str | None, code: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        read_publication(described(tmp_path, LONG.replace("publie.csv", name), ""))
    assert error.value.code == code


def test_an_incomplete_document_of_ours_is_a_wrong_use(tmp_path: Path) -> None:
    path = tmp_path / "indicateurs.json"
    path.write_text('{"schema": "esms-indicateurs/1", "definition": "mois_ecoule"}', encoding="utf-8")
    assert is_publication(path)
    with pytest.raises(UsageError, match="incomplet"):
        read_publication(path)


def test_a_published_file_is_judged_against_a_lot_only(published: Path) -> None:
    with pytest.raises(UsageError, match="lot"):
        checked(published / "indicateurs.json")


def test_two_files_of_one_type_are_a_wrong_use(published: Path) -> None:
    with pytest.raises(UsageError, match="un seul"):
        checked(MICRO, published / "indicateurs.json", published / "indicateurs.csv")


def test_other_files_are_no_publication(tmp_path: Path, published: Path) -> None:
    (tmp_path / "ecarts.toml").write_text("[[ecart]]\n", encoding="utf-8")
    (tmp_path / "patient.json").write_text('{"resourceType": "Patient"}', encoding="utf-8")
    (tmp_path / "autre.csv").write_text("a;b\n", encoding="utf-8")
    assert not any(is_publication(one) for one in tmp_path.iterdir())
    assert is_publication(published / "indicateurs.csv") and is_publication(published / "tableau_de_bord.json")


@pytest.mark.parametrize(
    "options",
    [
        Options(definition="trois_mois", denominateur="annuelle", evenements="dans_la_periode"),
        Options(premiere_mesure=True),
    ],
)
def test_our_table_tells_its_own_options(tmp_path: Path, options: Options) -> None:
    with open_lot(MICRO) as lot:
        result = compute_indicators(lot, DAY, options)
    write_indicators(result, tmp_path)
    read = read_publication(tmp_path / "indicateurs.csv")
    assert read.options == options
    assert as_contract(result)["periode"]["mesure_le"] == read.jour.isoformat()


# -- the TBB scenario of the programme -------------------------------------------------------------------------------

CANAUX = ("DMP", "MSS_PRO", "MSS_CITOYENNE")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Ten documents a month over 24 months, by each channel, with one failure of each (LGC.TBB.01, DSR scenario)."""
    days = [date(2024 + m // 12, m % 12 + 1, d) for m in range(24) for d in range(1, 11)]
    documents = [f"{day:%Y%m}-{day.day}" for day in days]
    sent = [
        {
            "envoi_id": f"{canal}{rank}", "canal": canal, "finess_et": EHPAD, "usager_id": "U1", "document_id": document,
            "message_id": None if canal == "DMP" else f"{canal}{rank}", "horodatage": f"{day}T10:00:00",
            "operation": "AJOUT" if canal == "DMP" else None, "resultat": "SUCCES", "ins_qualifiee": True,
            "rpps": "10000000009",
        }
        for canal in CANAUX
        for rank, (day, document) in enumerate(zip(days, documents, strict=True))
    ]  # fmt: skip
    failed = [
        one | {"envoi_id": f"X{one['envoi_id']}", "resultat": "ECHEC", "horodatage": "2025-09-20T10:00:00"}
        for one in (sent[0], sent[240], sent[480])
    ]
    for one in failed[1:]:
        one["message_id"] = one["envoi_id"]
    path = write_lot(
        tmp_path_factory.mktemp("tbb") / "lot",
        {"periode_couverte_debut": "2024-01-01", "periode_couverte_fin": "2025-12-31",
         "date_extraction": "2026-01-01T03:00:00"},
        organisme=[{"finess_ej": EJ, "raison_sociale": "x"}],
        etablissement=[{"finess_et": EHPAD, "finess_ej": EJ, "denomination": "x"}],
        usager=[{"usager_id": "U1"}],
        document=[{"document_id": d, "usager_id": "U1", "finess_et": EHPAD, "type_code": "80788-3",
                   "date_creation": day} for d, day in zip(documents, days, strict=True)],
        envoi=sent + failed,
    )  # fmt: skip
    yield path
    shutil.rmtree(path)


def extraction(folder: Path, month: int, year: int) -> Path:
    """The dashboard as the scenario expects it: 10 in the month, 10 a month in the year, 120 in the year before."""
    columns = 'finess_et = "F"\nperiode = "P"\ncanal = "C"\ntotal = "T"\nins_qualifiee = "Q"\nins_non_qualifiee = "N"\nechecs = "E"\n'
    expected = {"Mois courant": 10, "Année courante": year, "Année précédente": 120}
    rows = ["F;P;C;T;Q;N;E"]
    for period, total in expected.items():
        none = period == "Année précédente" or (period == "Mois courant" and month != 9)
        for canal in CANAUX:
            failures = "" if canal == "MSS_CITOYENNE" else "0" if none else "1" if canal == "DMP" else "2"
            rows.append(f"{EHPAD};{period};{canal};{total};{total};0;{failures}")
    day = date(2025, month, 30 if month == 9 else 31)
    head = TBB_HEAD.replace("2025-09-30", day.isoformat())
    return described(folder, head + columns, "\n".join(rows))


@pytest.mark.parametrize(("month", "year"), [(9, 90), (12, 120)])
def test_ten_documents_a_month_over_two_years_give_10_10m_and_120(
    scenario: Path, tmp_path: Path, month: int, year: int
) -> None:
    result = checked(scenario, extraction(tmp_path, month, year), only="ESMS-TBB-0")
    try:
        found = verdicts(result)
        assert found["ESMS-TBB-04"] is found["ESMS-TBB-03"] is found["ESMS-TBB-06"] is Verdict.CONFORME
        assert result.of("ESMS-TBB-04").juges == 33
        assert result.of("ESMS-TBB-09").verdict is Verdict.CONFORME
        assert {f.code for f in result.lines()} == {"BORNES_NON_DITES", "DETAIL_ABSENT"}
    finally:
        result.findings.close()


def test_one_document_too_many_is_named(scenario: Path, tmp_path: Path) -> None:
    result = checked(scenario, extraction(tmp_path, 9, 91), only="ESMS-TBB-04")
    try:
        found = [f for f in result.lines() if f.code == "COMPTE_DIFFERENT"]
        assert len(found) == 6 and all("publié 91, recalculé 90" in (f.precision or "") for f in found)
    finally:
        result.findings.close()
