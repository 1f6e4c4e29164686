"""Parquet tables of a lot: a file, or a folder of files, of the types of the schema."""

from __future__ import annotations

import shutil

import pytest

from esms_sdk.lot import open_lot

SEJOUR = (
    "date_entree::date as date_entree, date_sortie::date as date_sortie, "
    "sortie_definitive::boolean as sortie_definitive"
)
EVENEMENT = "date_debut::date as date_debut, date_fin::date as date_fin"
ENVOI = "horodatage::timestamp as horodatage, ins_qualifiee::boolean as ins_qualifiee"


def test_a_lot_may_mix_its_forms(with_envois):
    lot = with_envois
    lot.as_parquet("usager.parquet")
    lot.as_parquet("sejour.parquet", SEJOUR)
    lot.as_parquet("evenement/2025.parquet", EVENEMENT)
    lot.as_parquet("envoi.parquet", ENVOI)
    assert lot.rows("select sejour_id, date_sortie::text, projet_applicable from sejour order by 1") == [
        ("S1", None, True),
        ("S2", "2025-08-29", True),
    ]
    assert lot.rows("select count(*) from evenement join dossier using (dossier_id)") == [(2,)]


def test_the_files_of_a_folder_may_have_other_optional_columns_in_another_order(small):
    small.parquet(
        "mise_a_jour/a.parquet", "select 'D1' as dossier_id, date '2025-09-01' as date_maj, 'AUTOMATE' as origine"
    )
    small.parquet(
        "mise_a_jour/b.parquet",
        "select null as rubrique, 'REPRISE' as origine, 'D1' as dossier_id, date '2025-09-02' as date_maj",
    )
    small.parquet(
        "mise_a_jour/c.parquet",
        "select 'AGENDA' as rubrique, date '2025-09-03' as date_maj, 'AUTOMATE' as origine, 'D2' as dossier_id",
    )
    assert small.rows("select dossier_id, day(date_maj), origine, rubrique from mise_a_jour order by 2") == [
        ("D1", 1, "AUTOMATE", None),
        ("D1", 2, "REPRISE", None),
        ("D2", 3, "AUTOMATE", "AGENDA"),
    ]


def test_a_default_is_applied_in_a_file_without_the_column_and_on_its_nulls(small):
    status = "'P1' as projet_id, 'ENCOURS' as statut"
    small.parquet("statut_projet/a.parquet", f"select {status}, date '2025-09-01' as date_statut")
    small.parquet(
        "statut_projet/b.parquet",
        f"select {status}, date '2025-09-02' as date_statut, unnest([null, 3])::tinyint as rang",
    )
    assert small.rows("select day(date_statut), rang from statut_projet order by all") == [(1, 0), (2, 0), (2, 3)]


@pytest.mark.parametrize("kind", ["timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"])
def test_a_timestamp_may_have_any_precision(with_envois, kind):
    with_envois.as_parquet("envoi.parquet", ENVOI.replace("::timestamp", f"::{kind}"))
    assert with_envois.rows("select horodatage::text, typeof(horodatage) from envoi order by 1")[0] == (
        "2025-09-15 10:00:00",
        "TIMESTAMP",
    )


def test_files_of_one_folder_may_have_other_precisions(with_envois):
    text = with_envois.csv["envoi"]
    with_envois.as_parquet("envoi/a.parquet", ENVOI)
    with_envois.csv["envoi"] = text.replace("N1;", "N3;").replace("N2;", "N4;")
    with_envois.as_parquet("envoi/b.parquet", ENVOI.replace("::timestamp", "::timestamp_ns"))
    assert with_envois.rows("select count(*), count(distinct horodatage) from envoi") == [(4, 2)]


def test_a_timestamp_with_a_time_zone_is_a_fault_with_its_remedy(with_envois):
    with_envois.as_parquet("envoi.parquet", ENVOI.replace("::timestamp", "::timestamptz"))
    (fault,) = with_envois.faults()
    assert (fault.code, fault.fichier, fault.colonne) == ("TYPE_INVALIDE", "envoi.parquet", "horodatage")
    assert "heure civile" in fault.message


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("date_debut", "varchar"),
        ("date_debut", "timestamp"),
        ("statut", "blob"),
        ("evenement_id", "uuid"),
        ("date_debut", "varchar[]"),
    ],
)
def test_a_column_of_another_type_is_one_fault(small, column, kind):
    value = (
        "'00000000-0000-0000-0000-000000000000'"
        if kind == "uuid"
        else f"['x']::{kind}"
        if kind.endswith("[]")
        else column
    )
    types = EVENEMENT if column != "date_debut" else "date_fin::date as date_fin"
    small.as_parquet("evenement.parquet", f"{types}, {value}::{kind} as {column}")
    assert small.places() == [("TYPE_INVALIDE", "evenement.parquet", None, column)]


def test_a_column_that_holds_nothing_may_be_of_any_type(small):
    small.as_parquet(
        "usager.parquet", select="*, null::integer as date_deces, null::timestamptz as date_statut_identite"
    )
    assert small.rows("select typeof(date_deces), typeof(date_statut_identite) from usager limit 1") == [
        ("DATE", "DATE")
    ]


def test_a_required_column_of_another_type_that_holds_nothing_lacks_its_values(small):
    small.as_parquet("evenement.parquet", f"{EVENEMENT}, null::integer as statut")
    assert small.places() == [("COLONNE_REQUISE", "evenement.parquet", line, "statut") for line in (1, 2)]


def test_texts_may_be_enumerated(small):
    types = f"{EVENEMENT}, statut::enum('VALIDE', 'ANNULE') as statut"
    small.as_parquet("evenement.parquet", types)
    assert small.rows("select count(*) from evenement where statut = 'ANNULE'") == [(1,)]


def test_an_empty_text_is_null_as_in_a_delimited_file(small):
    small.parquet(
        "usager.parquet",
        "select unnest(['U1', 'U2', 'U3']) as usager_id, '' as usager_id_fusion, '' as statut_identite",
    )
    assert small.rows("select count(*) from usager where usager_id_fusion is null and statut_identite is null") == [
        (3,)
    ]


def test_an_empty_text_in_a_required_column_is_a_fault(small):
    small.parquet("mise_a_jour.parquet", "select '' as dossier_id, date '2025-09-01' as date_maj, '' as origine")
    assert small.places() == [
        ("COLONNE_REQUISE", "mise_a_jour.parquet", 1, "dossier_id"),
        ("COLONNE_REQUISE", "mise_a_jour.parquet", 1, "origine"),
    ]


def test_rows_in_fault_are_named_by_file_and_number(small):
    update = "'D1' as dossier_id, date '2025-09-01' as date_maj"
    small.parquet("mise_a_jour/2025-08.parquet", f"select {update}, 'AUTOMATE' as origine from range(3)")
    small.parquet("mise_a_jour/2025-09.parquet", f"select {update}, unnest(['AUTOMATE', 'x', null]) as origine")
    assert small.places() == [
        ("CODE_INCONNU", "mise_a_jour/2025-09.parquet", 2, "origine"),
        ("COLONNE_REQUISE", "mise_a_jour/2025-09.parquet", 3, "origine"),
    ]


def test_keys_and_references_are_held_across_files(small):
    event = "'D1' as dossier_id, date '2025-09-01' as date_debut, 'VALIDE' as statut"
    small.parquet("evenement/a.parquet", f"select 'E1' as evenement_id, {event}")
    small.parquet("evenement/b.parquet", f"select unnest(['E2', 'E1']) as evenement_id, {event.replace('D1', 'D0')}")
    assert small.places() == [
        ("CLE_EN_DOUBLE", "evenement/a.parquet", 1, "evenement_id"),
        ("CLE_EN_DOUBLE", "evenement/b.parquet", 2, "evenement_id"),
        ("REFERENCE_INCONNUE", "evenement/b.parquet", 1, "dossier_id"),
        ("REFERENCE_INCONNUE", "evenement/b.parquet", 2, "dossier_id"),
    ]


def test_columns_are_faults_of_each_file(small):
    update = "select 'D1' as dossier_id, date '2025-09-01' as date_maj"
    small.parquet("mise_a_jour/a.parquet", f"{update}, 'AUTOMATE' as origine, 1 as rang")
    small.parquet("mise_a_jour/b.parquet", update)
    assert small.places() == [
        ("COLONNE_INCONNUE", "mise_a_jour/a.parquet", None, "rang"),
        ("COLONNE_ABSENTE", "mise_a_jour/b.parquet", None, "origine"),
    ]


def test_columns_inside_a_nested_one_are_not_columns_of_the_table(small):
    small.as_parquet("usager.parquet", select="*, {'statut_identite': 'QUAL'} as extra, ['x'] as nom_naissance")
    assert [(code, column) for code, _, _, column in small.places()] == [
        ("COLONNE_INCONNUE", "xxxxx"),
        ("TYPE_INVALIDE", "nom_naissance"),
    ]


@pytest.mark.parametrize("name", ["filename", "file_row_number", "file_index", "_fichier"])
def test_a_column_named_as_the_engine_names_the_place_of_a_row_is_only_a_fault(small, name):
    small.as_parquet("usager.parquet", select=f"*, 'x' as {name}")
    assert [code for code, *_ in small.places()] == ["COLONNE_INCONNUE"]


def test_a_file_that_is_no_parquet_is_a_fault_and_the_others_are_read(small):
    small.as_parquet("usager.parquet")
    small.as_parquet("evenement/b.parquet", f"{EVENEMENT}, 'x' as statut")
    (small.folder / "evenement" / "a.parquet").write_bytes(b"PAR1 not really PAR1")
    (small.folder / "usager.parquet").write_bytes(b"")
    assert small.places() == [
        ("FICHIER", "usager.parquet", None, None),
        ("FICHIER", "evenement/a.parquet", None, None),
    ]


def test_a_damaged_file_is_a_fault(small):
    small.parquet("usager.parquet", "select 'U' || i as usager_id from range(1, 5000) t(i)")
    path = small.folder / "usager.parquet"
    content = bytearray(path.read_bytes())
    content[200:4000] = b"\xaa" * 3800
    path.write_bytes(content)
    assert ("FICHIER", "usager.parquet", None, None) in small.places()


def test_the_names_of_folders_give_no_column(small, tmp_path):
    small.as_parquet("sejour.parquet", SEJOUR)
    target = tmp_path / "finess_et=999999999"
    shutil.copytree(small.write(), target)
    with open_lot(target) as lot:
        assert lot.con.execute("select distinct finess_et from sejour order by 1").fetchall() == [
            ("000000117",),
            ("000000125",),
        ]


def test_a_date_beyond_the_calendar_is_a_fault(small):
    small.as_parquet("evenement.parquet", "'infinity'::date as date_debut, null::date as date_fin")
    assert {(code, column) for code, _, _, column in small.places()} == {("TYPE_INVALIDE", "date_debut")}
