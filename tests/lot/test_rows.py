"""What makes a row of a lot wrong, each kind by its file, line and column; and what never does."""

from __future__ import annotations

import pytest

from esms_sdk.lot.validation import NAMED

DATES = (
    "2025-9-01",
    "01/09/2025",
    "20250901",
    "2025-02-29",
    "2025-09-01T00:00:00",
    " 2025-09-01",
    "infinity",
    "-infinity",
    "epoch",
    "10000-01-01",
    "0000-01-01",
    "2025-09-01 (BC)",
    "today",
    "NA",
    "2025-13-01",
    "２０２５-09-01",
    "2025-09-0",
    "2025-09-01 ",
)
TIMESTAMPS = (
    "2025-09-15 10:00:00",
    "2025-09-15T10:00",
    "2025-09-15T10:00:00Z",
    "2025-09-15T10:00:00+02:00",
    "2025-09-15T24:00:00",
    "2025-09-15T10:00:60",
    "2025-09-15T10:00:00.5",
    "2025-09-15",
    "15/09/2025 10:00",
    "2025-09-15t10:00:00",
    "infinity",
    "2025-09-15T25:00:00",
    "2025-02-29T10:00:00",
)
BOOLEANS = ("True", "TRUE", "1", "oui", "O", "t", " true", "vrai", "0")
INTEGERS = ("1.0", "1e5", "+1", "x", "1 000", "９", "1" * 19, "0x1", "--1")


def test_a_date_is_written_in_one_way(small):
    small.add("dossier", *(f"X{i};U1;000000117;{text};" for i, text in enumerate(DATES)))
    assert small.places() == [("TYPE_INVALIDE", "dossier.csv", 4 + i, "date_creation") for i in range(len(DATES))]


def test_a_timestamp_is_written_in_one_way(with_envois):
    with_envois.add("envoi", *(f"X{i};MSS_PRO;000000117;;;M;{text};;SUCCES;true" for i, text in enumerate(TIMESTAMPS)))
    assert with_envois.places() == [("TYPE_INVALIDE", "envoi.csv", 4 + i, "horodatage") for i in range(len(TIMESTAMPS))]


def test_a_boolean_is_true_or_false(small):
    small.add("sejour", *(f"X{i};U1;000000117;2025-01-01;2025-01-02;{text}" for i, text in enumerate(BOOLEANS)))
    assert small.places() == [("TYPE_INVALIDE", "sejour.csv", 4 + i, "sortie_definitive") for i in range(len(BOOLEANS))]


def test_an_integer_has_digits_alone(small):
    small.add("statut_projet", "P1;2025-04-01;-7;ENCOURS", *(f"P1;2025-03-01;{text};ENCOURS" for text in INTEGERS))
    assert small.places() == [("TYPE_INVALIDE", "statut_projet.csv", 5 + i, "rang") for i in range(len(INTEGERS))]


def test_a_code_outside_its_list_is_a_fault_in_a_column_with_a_default_too(with_envois):
    lot = with_envois
    lot.replace("mise_a_jour", "D1;2025-09-10;UTILISATEUR\nD1", "D1;2025-09-10;utilisateur\nD1")
    lot.replace("evenement", ";VALIDE", ";VALIDÉ")
    lot.replace("envoi", ";AJOUT;", ";ENVOI;")
    lot.csv["etablissement"] = (
        "finess_et;finess_ej;denomination;profil_cibles\n000000117;000000109;A;EHPAD\n000000125;000000109;B;\n"
    )
    assert lot.places() == [
        ("CODE_INCONNU", "etablissement.csv", 2, "profil_cibles"),
        ("CODE_INCONNU", "mise_a_jour.csv", 2, "origine"),
        ("CODE_INCONNU", "evenement.csv", 2, "statut"),
        ("CODE_INCONNU", "envoi.csv", 2, "operation"),
    ]


def test_a_code_without_a_closed_list_may_be_anything(small):
    small.csv["mise_a_jour"] = "dossier_id;date_maj;origine;rubrique\nD1;2025-09-10;UTILISATEUR;N'importe quoi\n"
    small.open()


def test_an_empty_required_cell_is_a_fault(with_envois):
    lot = with_envois
    lot.replace("sejour", "S1;U1;", ";;")
    lot.replace("dossier", "2025-02-03;", ";")
    lot.replace("mise_a_jour", "D1;2025-09-10;UTILISATEUR\nD1", 'D1;2025-09-10;""\nD1')
    lot.replace("envoi", ";ECHEC;false", ";;")
    assert lot.places() == [
        ("COLONNE_REQUISE", "sejour.csv", 2, "sejour_id"),
        ("COLONNE_REQUISE", "sejour.csv", 2, "usager_id"),
        ("COLONNE_REQUISE", "dossier.csv", 3, "date_creation"),
        ("COLONNE_REQUISE", "mise_a_jour.csv", 2, "origine"),
        ("COLONNE_REQUISE", "envoi.csv", 3, "resultat"),
        ("COLONNE_REQUISE", "envoi.csv", 3, "ins_qualifiee"),
    ]


def test_what_the_dmp_needs_and_what_a_message_needs_is_required_of_them(with_envois):
    with_envois.replace("envoi", "000000117;U1;X1;;", "000000117;;;;")
    with_envois.replace("envoi", ";AJOUT;", ";;")
    with_envois.replace("envoi", ";M1;", ";;")
    assert with_envois.places() == [
        ("COLONNE_REQUISE", "envoi.csv", 2, "usager_id"),
        ("COLONNE_REQUISE", "envoi.csv", 2, "document_id"),
        ("COLONNE_REQUISE", "envoi.csv", 3, "message_id"),
        ("COLONNE_REQUISE", "envoi.csv", 2, "operation"),
    ]


def test_a_required_column_that_is_absent_for_some_rows_is_a_fault_of_these_rows(with_envois):
    with_envois.csv["envoi"] = (
        "envoi_id;canal;finess_et;horodatage;resultat;ins_qualifiee\nN2;MSS_PRO;000000117;2025-09-16T23:59:59;ECHEC;false\n"
    )
    assert with_envois.places() == [("COLONNE_REQUISE", "envoi.csv", 2, "message_id")]


def test_what_a_channel_does_not_use_is_ignored(with_envois):
    with_envois.replace("envoi", "X1;;2025", "X1;M9;2025")
    with_envois.replace("envoi", "23:59:59;;", "23:59:59;ENVOI;")
    with_envois.open()


def test_sortie_definitive_without_an_exit_is_ignored(small):
    small.replace("sejour", "2025-01-06;;\n", "2025-01-06;;peut-être\n")
    small.open()


def test_a_repeated_key_is_a_fault_of_each_of_its_rows_exact_repeats_included(small):
    small.add("dossier", "D1;U2;000000125;2025-03-01;")
    small.add("evenement", "E2;D2;2025-09-13;;ANNULE")
    assert small.places() == [
        ("CLE_EN_DOUBLE", "dossier.csv", 2, "dossier_id"),
        ("CLE_EN_DOUBLE", "dossier.csv", 4, "dossier_id"),
        ("CLE_EN_DOUBLE", "evenement.csv", 3, "evenement_id"),
        ("CLE_EN_DOUBLE", "evenement.csv", 4, "evenement_id"),
    ]


def test_a_default_counts_in_a_composite_key(small):
    small.add("statut_projet", "P1;2025-03-01;0;TERMINE", "P1;2025-03-02;;TERMINE")
    assert small.places() == [
        ("CLE_EN_DOUBLE", "statut_projet.csv", 2, "projet_id, date_statut, rang"),
        ("CLE_EN_DOUBLE", "statut_projet.csv", 4, "projet_id, date_statut, rang"),
    ]


def test_an_unreadable_part_of_a_key_repeats_no_key(small):
    small.add("statut_projet", "P1;2025-03-01;zéro;TERMINE", "P1;2025-3-1;;TERMINE", "P1;2025-3-1;;TERMINE")
    assert [code for code, *_ in small.places()] == ["TYPE_INVALIDE"] * 3


def test_rows_without_key_are_not_repeats_of_each_other(small):
    small.add("evenement", ";D1;2025-09-12;;VALIDE", ";D1;2025-09-12;;VALIDE")
    assert small.places() == [
        ("COLONNE_REQUISE", "evenement.csv", 4, "evenement_id"),
        ("COLONNE_REQUISE", "evenement.csv", 5, "evenement_id"),
    ]


def test_updates_may_repeat(small):
    assert small.rows("select count(*) from mise_a_jour") == [(2,)]


def test_a_reference_to_nothing_is_a_fault_nullable_ones_too(with_envois):
    lot = with_envois
    lot.add("usager", "U9;U0")
    lot.replace("etablissement", "000000125;000000109", "000000125;000000100")
    lot.replace("sejour", "S1;U1;000000117", "S1;u1;000000118")
    lot.replace("dossier", "D2;U2", "D2;U2 ")
    lot.replace("mise_a_jour", "D1;2025-09-10;UTILISATEUR\nD1", "D0;2025-09-10;UTILISATEUR\nD1")
    lot.replace("envoi", "000000117;;;M1", "000000117;U0;X0;M1")
    assert lot.places() == [
        ("REFERENCE_INCONNUE", "etablissement.csv", 3, "finess_ej"),
        ("REFERENCE_INCONNUE", "usager.csv", 5, "usager_id_fusion"),
        ("REFERENCE_INCONNUE", "sejour.csv", 2, "usager_id"),
        ("REFERENCE_INCONNUE", "sejour.csv", 2, "finess_et"),
        ("REFERENCE_INCONNUE", "dossier.csv", 3, "usager_id"),
        ("REFERENCE_INCONNUE", "mise_a_jour.csv", 2, "dossier_id"),
        ("REFERENCE_INCONNUE", "envoi.csv", 3, "usager_id"),
        ("REFERENCE_INCONNUE", "envoi.csv", 3, "document_id"),
    ]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "absent"])
def test_a_reference_to_a_table_that_is_not_given_is_not_judged(with_envois, declared):
    if declared:
        with_envois.csv["document"] = "document_id;usager_id;finess_et;type_code;date_creation\n"
        with_envois.manifest["non_fourni"] = ["document"]
    else:
        del with_envois.csv["document"]
    assert not with_envois.open().given("document")


def test_a_merged_record_may_lead_to_another_merged_one(small):
    small.add("usager", "U4;U3", "U5;U4")
    small.open()


def test_a_cycle_of_fusions_is_a_fault_of_its_rows_alone(small):
    small.add("usager", "A1;A1", "B1;B2", "B2;B1", "B3;B1", "B4;B3", "C1;C2", "C2;C3", "C3;C1")
    assert small.places() == [
        ("CYCLE_FUSION", "usager.csv", line, "usager_id_fusion") for line in (5, 6, 7, 10, 11, 12)
    ]


def test_a_record_that_stands_twice_in_a_cycle_does_not_stop_the_reading(small):
    small.add("usager", "A1;A1", "A1;U1", "B1;B2", "B2;B1", "B2;U1")
    assert {code for code, *_ in small.places()} == {"CLE_EN_DOUBLE"}


def test_an_end_before_its_beginning_is_a_fault_in_four_tables(small):
    small.replace("sejour", "2025-08-29", "2025-02-02")
    small.replace("dossier", "2025-09-30", "2025-02-02")
    small.replace("projet_personnalise", "2025-03-01;", "2025-03-01;2025-02-28")
    small.replace("evenement", "2025-09-12;2025-09-12", "2025-09-12;2025-09-11")
    assert small.places() == [
        ("ORDRE_DATES", "sejour.csv", 3, "date_sortie"),
        ("ORDRE_DATES", "dossier.csv", 3, "date_archivage"),
        ("ORDRE_DATES", "projet_personnalise.csv", 2, "date_fin"),
        ("ORDRE_DATES", "evenement.csv", 2, "date_fin"),
    ]


def test_one_day_may_begin_and_end_what_lasts_a_day(small):
    small.replace("sejour", "2025-08-29", "2025-02-03")
    small.replace("dossier", "2025-09-30", "2025-02-03")
    small.open()


def test_an_opposition_that_ends_before_it_begins_is_left_to_the_checks(small):
    small.csv["opposition"] = "usager_id;canal;date_debut;date_fin\nU1;DMP;2025-03-01;2025-02-01\n"
    small.open()


def test_a_fault_of_identity_never_refuses_a_lot(small):
    small.replace("etablissement", "000000117;000000109", "000000118;000000109")
    for table in ("sejour", "dossier"):
        small.replace(table, "000000117", "000000118")
    small.manifest["perimetre"] = ["000000118", "000000125"]
    small.csv["usager"] = (
        "usager_id;usager_id_fusion;matricule_ins;oid_ins;nom_naissance;date_naissance;attributs_identite\n"
        "U1;;255077300444799;1.2.250.1.213.1.4.99;D'ARC-\u0153 \u2019;1938-00-00;INCONNU\n"
        "U2;;A;;\t;31/02/1938;\n"
        "U3;U1;;;;;\n"
    )
    assert small.rows("select matricule_ins, date_naissance from usager where usager_id = 'U2'") == [
        ("A", "31/02/1938")
    ]


def test_many_rows_with_one_fault_are_counted_and_the_first_are_named(small):
    small.add("usager", *(f"V{i};V0" for i in range(1, 51)))
    faults = small.faults()
    assert [f.ligne for f in faults] == [*range(5, 5 + NAMED), None]
    assert sum(f.nombre for f in faults) == 50
    assert f"({50 - NAMED} lignes)" in str(faults[-1])
    assert "50 défauts" in str(small.refusal())


def test_every_fault_of_every_table_is_said_at_once(small):
    small.csv["usager"] = "usager_id;usager_id_fusion;surnom\nU1;U9;Jo\nU2;;\nU3;U1;\n"
    small.replace("dossier", "date_creation", "date_ouverture")
    small.replace("dossier", "2025-09-30", "30/09/2025")
    small.replace("sejour", "2025-02-03", "2025-02-30")
    small.replace("evenement", ";ANNULE", ";ANNULÉ")
    small.csv["organisme"] = b"finess_ej;raison_sociale\n000000109;\xe9\n"
    small.csv["notes"] = "a;b\n"
    del small.csv["projet_personnalise"]
    small.manifest["mode"] = "essai"
    assert small.places() == [
        ("MANIFESTE", "manifeste.json", None, None),
        ("TABLE_INCONNUE", "notes.csv", None, None),
        ("TABLE_ABSENTE", "projet_personnalise.csv", None, None),
        ("ENCODAGE", "organisme.csv", 2, None),
        ("COLONNE_INCONNUE", "usager.csv", 1, "xxxxxx"),
        ("REFERENCE_INCONNUE", "usager.csv", 2, "usager_id_fusion"),
        ("TYPE_INVALIDE", "sejour.csv", 3, "date_entree"),
        ("COLONNE_INCONNUE", "dossier.csv", 1, "date_ouverture"),
        ("COLONNE_ABSENTE", "dossier.csv", 1, "date_creation"),
        ("TYPE_INVALIDE", "dossier.csv", 3, "date_archivage"),
        ("CODE_INCONNU", "evenement.csv", 3, "statut"),
    ]
