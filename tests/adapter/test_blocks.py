"""How rows are made of rows: filters, look-ups, unpivot, split, versions, repeats, folds, several blocks."""

from __future__ import annotations

from datetime import date

import pytest

# -- filters -----------------------------------------------------------------------------------------------------


def test_a_filter_sets_rows_aside_and_what_hangs_on_them(export):
    export.files["res.csv"] = "ID;TYPE\nU1;N\nU2;TEST\nU3;TEST;reste\n"
    export.sources["res"] += "\necarter.fiche_test = \"TYPE = 'TEST'\""
    export.run()
    assert export.rejects() == []
    assert export.counts("res.csv") == (1, 0, 2, {"fiche_test": 2})
    assert export.counts("sej.csv") == (1, 0, 1, {"reference_ignoree": 1})
    assert export.counts("dos.csv") == (1, 0, 1, {"reference_ignoree": 1})


def test_the_first_filter_that_holds_is_the_reason_and_those_of_the_source_come_first(export):
    export.files["sej.csv"] = (
        "NUM;RES;ET;ENTREE;SORTIE;T\nS1;U1;000000117;2025-01-06;;a\nS2;U1;000000117;2025-01-07;;b\n"
        "S3;U1;000000117;2025-01-08;;\n"
    )
    export.sources["sej"] += "\n[source.sej.ecarter]\nun = \"T = 'a'\"\ndeux = \"T = 'a'\""
    export.tables["sejour"] += '\n[table.sejour.ecarter]\ntrois = "T is not null"'
    export.run()
    assert export.counts("sej.csv") == (1, 0, 2, {"un": 1, "trois": 1})


def test_a_row_that_one_table_sets_aside_and_another_takes_is_accepted(export):
    export.tables["dossier"] = (
        'source = "sej"\ncolonnes = { dossier_id = "NUM", usager_id = "RES", finess_et = "ET", date_creation = '
        '"ENTREE" }\n'
        "[table.dossier.ecarter]\nsorti = \"SORTIE <> ''\""
    )
    del export.sources["dos"]
    export.files["log.csv"] = "DOS;JOUR;QUI\nS1;2025-09-10;UTILISATEUR\n"
    export.run()
    assert export.values("dossier", "dossier_id") == ["S1"] and export.counts("sej.csv") == (2, 0, 0, {})


# -- look-ups ----------------------------------------------------------------------------------------------------


@pytest.fixture
def looked_up(export):
    """Séjours that name an agency, and a list of agencies with their FINESS."""
    export.files["agences.csv"] = "CODE;NOM;ET\nA;Une;000000117\nB;Deux;000000125\n;;\n;x;\n"
    export.sources["agences"] = 'fichiers = ["agences.csv"]'
    export.files["sej.csv"] = (
        "NUM;RES;AGENCE;NOM;ENTREE\nS1;U1; A ;x;2025-01-06\nS2;U2;B;x;2025-02-03\nS3;U2;C;x;2025-02-04\n"
    )
    export.tables["sejour"] = (
        'source = "sej"\njointure = { source = "agences", sur = { "AGENCE" = "CODE" } }\n'
        'colonnes = { sejour_id = "NUM", '
        'usager_id = "RES", finess_et = "agences.ET", date_entree = "ENTREE" }'
    )
    return export


def test_a_look_up_brings_the_columns_of_the_other_source_or_nulls(looked_up):
    looked_up.run()
    assert looked_up.rows("sejour", "sejour_id, finess_et") == [("S1", "000000117"), ("S2", "000000125")]
    assert looked_up.rejects() == [("sej.csv", "4", "sejour", "COLONNE_REQUISE", "finess_et")]
    assert looked_up.counts("agences.csv") == (3, 0, 0, {})


def test_an_expression_names_the_column_of_the_other_source_and_else_its_own(looked_up):
    rule = "{ sql = \"case NOM when 'x' then agences.ET end\" }"
    looked_up.tables["sejour"] = looked_up.tables["sejour"].replace('"agences.ET"', rule)
    looked_up.run()
    assert looked_up.rows("sejour", "sejour_id, finess_et") == [("S1", "000000117"), ("S2", "000000125")]


def test_a_joined_source_may_bear_the_name_of_a_column(looked_up):
    looked_up.sources["agence"] = looked_up.sources.pop("agences")
    spec = looked_up.tables["sejour"].replace('"agences"', '"agence"')
    looked_up.tables["sejour"] = spec.replace('"agences.ET"', '"agence.ET"')
    looked_up.run()
    assert looked_up.rows("sejour", "sejour_id, finess_et") == [("S1", "000000117"), ("S2", "000000125")]
    looked_up.tables["sejour"] = spec.replace('"agences.ET"', "{ sql = 'agence.ET' }")
    looked_up.run()
    assert looked_up.values("sejour", "finess_et") == ["000000117", "000000125"]
    looked_up.tables["sejour"] = spec.replace('"agences.ET"', "{ sql = 'NOM' }")
    looked_up.lot = looked_up.folder.parent / "autre"
    error = looked_up.refusal()
    assert error.code == "ESMS-E207" and "Ambiguous" in str(error) and "table.sejour.colonnes.finess_et" in str(error)


def test_a_value_that_stands_twice_on_the_other_side_is_an_error(looked_up):
    looked_up.files["agences.csv"] += "A ;Une autre;000000125\n"
    error = looked_up.refusal()
    assert error.code == "ESMS-E209" and "table.sejour.jointure" in str(error) and "«CODE»" in str(error)


def test_a_row_that_is_irregular_or_set_aside_is_looked_up_by_nobody(looked_up):
    looked_up.files["agences.csv"] += "A;Une;ancienne;000000125\nB;Fermée;000000117\n"
    looked_up.sources["agences"] += "\necarter.fermee = \"NOM = 'Fermée'\""
    looked_up.run()
    assert looked_up.rows("sejour", "sejour_id, finess_et") == [("S1", "000000117"), ("S2", "000000125")]
    assert looked_up.counts("agences.csv") == (3, 1, 1, {"fermee": 1})
    assert ("agences.csv", "6", "", "LIGNE_IRREGULIERE", "") in looked_up.rejects()
    assert looked_up.written("agences.csv", looked_up.lot / "rejets" / "lignes")[0]["NOM"] == "Une"


def test_a_source_may_feed_a_table_and_be_looked_up(looked_up):
    looked_up.tables["etablissement"] = (
        'source = "agences"\necarter.vide = "ET is null"\n'
        'colonnes = { finess_et = "ET", finess_ej = { valeur = "000000109" }, denomination = "NOM" }'
    )
    del looked_up.sources["etab"]
    looked_up.run()
    assert looked_up.rows("etablissement", "finess_et, denomination") == [("000000117", "Une"), ("000000125", "Deux")]
    assert looked_up.counts("agences.csv") == (2, 0, 1, {"vide": 1})


def test_keys_that_are_those_of_an_agency_are_looked_up_in_it(export):
    del export.files["res.csv"], export.files["sej.csv"]
    export.files |= {
        "res_A.csv": "ID;MAIN\n1;000000117\n", "res_B.csv": "ID;MAIN\n1;000000125\n",
        "sej_A.csv": "NUM;RES;ENTREE\n1;1;2025-01-06\n", "sej_B.csv": "NUM;RES;ENTREE\n1;1;2025-01-07\n",
        "dos.csv": "NUM;RES;ET;CREE\n", "log.csv": "DOS;JOUR;QUI\n",
    }  # fmt: skip
    for name in ("res", "sej"):
        export.sources[name] = (
            f"fichiers = [\"{name}_*.csv\"]\nprefixe = \"regexp_extract(_fichier, '_(.)', 1) || '-'\""
        )
    export.tables["sejour"] = (
        'source = "sej"\njointure = { source = "res", sur = { RES = "ID" } }\ncolonnes = { sejour_id = "NUM", '
        'usager_id = "res.ID", finess_et = "res.MAIN", date_entree = "ENTREE" }'
    )
    export.run()
    assert export.rows("sejour", "sejour_id, usager_id, finess_et") == [
        ("A-1", "A-1", "000000117"), ("B-1", "B-1", "000000125"),
    ]  # fmt: skip


def test_an_optional_source_that_a_look_up_needs_is_told(looked_up):
    looked_up.sources["agences"] += "\nfacultatif = true"
    del looked_up.files["agences.csv"]
    error = looked_up.refusal()
    assert error.code == "ESMS-E307" and "table.sejour" in str(error) and "agences.csv" in str(error)


# -- unpivot and split -------------------------------------------------------------------------------------------


@pytest.fixture
def unpivoted(export):
    """Two séjours on a line."""
    export.files["sej.csv"] = (
        "NUM;RES;ET;E1;S1;E2;S2\nS1;U1;000000117;2025-01-06;2025-02-01;2025-03-01;\nS2;U2;000000125;;;2025-02-03;\n"
        "S3;U2;000000125;00/00/0000; ;;\nS4;U2;000000125;2025-01-01;;2025-02-30;\nS5;U2;000000125;;;;;x\n"
        "S6;U1;000000117;;;2025-31-01;\n"
    )
    export.sources["sej"] += '\nnuls = ["00/00/0000"]'
    export.tables["sejour"] = (
        'source = "sej"\ndepivot = { colonnes = ["entree", "sortie"], groupes = [["E1", "S1"], ["E2", "S2"]] }\n'
        "colonnes = { sejour_id = { sql = \"NUM || '-' || rang\" }, usager_id = 'RES', finess_et = 'ET', "
        "date_entree = 'entree', date_sortie = 'sortie' }"
    )
    return export


def test_groups_of_columns_become_rows_and_empty_ones_give_none(unpivoted):
    unpivoted.run()
    assert unpivoted.rows("sejour", "sejour_id, date_entree, date_sortie") == [
        ("S4-1", date(2025, 1, 1), None), ("S1-1", date(2025, 1, 6), date(2025, 2, 1)),
        ("S2-2", date(2025, 2, 3), None),
        ("S1-2", date(2025, 3, 1), None),
    ]  # fmt: skip
    assert unpivoted.rejects("ligne", "code", "cle") == [
        ("5", "TYPE_INVALIDE", "S4-2"), ("6", "LIGNE_IRREGULIERE", ""), ("7", "TYPE_INVALIDE", "S6-2"),
    ]  # fmt: skip
    assert unpivoted.counts("sej.csv") == (2, 3, 1, {"groupes_vides": 1})
    assert unpivoted.manifest["import"]["rejets_par_finess"]["sejour"] == {"000000117": 1, "000000125": 2}
    unpivoted.open().close()


def test_a_filter_of_the_source_holds_also_where_every_group_is_empty(unpivoted):
    unpivoted.sources["sej"] += "\necarter.trois = \"NUM = 'S3'\""
    unpivoted.run()
    assert unpivoted.counts("sej.csv")[3] == {"trois": 1}


def test_a_filter_of_the_table_may_name_the_rank_and_an_unpivoted_column(unpivoted):
    unpivoted.tables["sejour"] += "\n[table.sejour.ecarter]\nsecond = \"rang = '2' and entree like '2025-03%'\""
    unpivoted.run()
    assert "S1-2" not in unpivoted.values("sejour", "sejour_id") and unpivoted.counts("sej.csv")[0] == 2


def test_an_unpivoted_column_may_bear_the_name_of_one_of_the_source(unpivoted):
    unpivoted.files["sej.csv"] = "NUM;RES;ET;Entree;Rang;E1;S1;E2;S2\nS1;U1;000000117;x;y;2025-01-06;;;\n"
    unpivoted.run()
    assert unpivoted.rows("sejour", "sejour_id, date_entree") == [("S1-1", date(2025, 1, 6))]


def test_the_pieces_of_a_cell_become_rows(export):
    export.files["dos.csv"] = (
        "NUM;RES;ETS;CREE\nD1;U1;000000117, 000000125,;2025-01-06\nD2;U2;;2025-02-03\nD3;U2;000000117;2025-02-03\n"
    )
    export.tables["dossier"] = (
        'source = "dos"\neclater = { colonne = "ETS", separateur = "," }\n'
        "colonnes = { dossier_id = { sql = \"NUM || '@' || trim(ETS)\" }, "
        'usager_id = "RES", finess_et = "ETS", date_creation = "CREE" }'
    )
    export.files["log.csv"] = "DOS;JOUR;QUI\n"
    export.run()
    assert export.rows("dossier", "dossier_id, finess_et") == [
        ("D1@000000117", "000000117"), ("D1@000000125", "000000125"), ("D3@000000117", "000000117"),
    ]  # fmt: skip
    assert export.rejects("ligne", "code", "colonne") == [("3", "CLE_MANQUANTE", "dossier_id")]
    assert export.counts("dos.csv") == (2, 1, 0, {})


def test_a_source_row_whose_piece_is_rejected_is_rejected_once_and_keeps_its_other_pieces(export):
    export.files["dos.csv"] = "NUM;RES;ETS;CREE\nD1;U1;000000117,1,2,000000125;2025-01-06\n"
    export.tables["dossier"] = (
        'source = "dos"\neclater = { colonne = "ETS", separateur = "," }\n'
        'colonnes = { dossier_id = { sql = "NUM || ETS" }, '
        'usager_id = "RES", finess_et = "ETS", date_creation = "CREE" }'
    )
    export.files["log.csv"] = "DOS;JOUR;QUI\n"
    export.run()
    assert export.values("dossier", "finess_et") == ["000000117", "000000125"]
    assert export.rejects("ligne", "cle", "code") == [("2", "D11", "REFERENCE_INCONNUE")]
    assert export.counts("dos.csv") == (0, 1, 0, {})
    assert export.manifest["import"]["rejets_par_finess"]["dossier"] == {"?": 2}


# -- several blocks ----------------------------------------------------------------------------------------------


def test_several_sources_feed_one_table_each_with_its_own_columns(export):
    export.files["anciens.csv"] = "CODE;CIV;Z\nU3;Mme;x\nU4;;y\n"
    export.sources["anciens"] = 'fichiers = ["anciens.csv"]'
    export.files["res.csv"] = "ID;NE\nU1;1938-04-12\nU2;\n"
    export.tables["usager"] = (
        '[[table.usager]]\nsource = "res"\ncolonnes = { usager_id = "ID", date_naissance = "NE" }\n[[table.usager]]\n'
        'source = "anciens"\ncolonnes = { usager_id = "CODE", sexe = { colonne = "CIV", codes = { M = "M" } }, '
        'nom_naissance = "Z" }'
    )
    export.run()
    assert export.rows("usager", "usager_id, nom_naissance, sexe, date_naissance") == [
        ("U1", None, None, "1938-04-12"), ("U2", None, None, None), ("U3", "x", None, None), ("U4", "y", None, None),
    ]  # fmt: skip
    assert export.labels() == [("anciens.csv", "CIV", "Mme", "1")]


def test_one_source_may_feed_a_table_twice(export):
    export.files["dos.csv"] = (
        "NUM;RES;ET1;ET2;CREE;X\nD1;U1;000000117;000000125;2025-01-06;a\nD2;U2;000000117;1;2025-01-06;b\n"
    )
    export.tables["dossier"] = "\n".join(
        f'[[table.dossier]]\nsource = "dos"\n'
        f'colonnes = {{ dossier_id = {{ sql = "NUM || \'-{i}\'" }}, usager_id = "RES", '
        f'finess_et = "ET{i}", date_creation = "CREE" }}'
        for i in (1, 2)
    )
    export.files["log.csv"] = "DOS;JOUR;QUI\n"
    export.run()
    assert export.rows("dossier", "dossier_id, finess_et") == [
        ("D1-1", "000000117"), ("D1-2", "000000125"), ("D2-1", "000000117"),
    ]  # fmt: skip
    assert export.rejects("ligne", "cle", "code") == [("3", "D2-2", "REFERENCE_INCONNUE")]
    assert export.counts("dos.csv") == (1, 1, 0, {})


# -- repeats and versions ----------------------------------------------------------------------------------------


def test_a_key_met_again_with_the_same_content_is_a_repeat_and_with_another_is_rejected(export):
    export.files["dos.csv"] = (
        "NUM;RES;ET;CREE\nD1;U1;000000117;2025-01-06\nD1;U1;000000117; 2025-01-06 \nD2;U2;000000125;2025-02-03\n"
        "D2;U2;000000125;2025-02-04\nD2;U2;000000125;2025-02-04\n"
    )
    export.run()
    assert export.rejects("ligne", "code", "colonne", "cle") == [
        (str(line), "CLE_EN_DOUBLE", "dossier_id", "D2") for line in (4, 5, 6)
    ]  # fmt: skip
    assert export.counts("dos.csv") == (1, 3, 1, {"repetition": 1})


def test_a_row_at_fault_is_another_content_of_its_key(export):
    export.files["dos.csv"] = (
        "NUM;RES;ET;CREE\nD1;U1;000000117;2025-01-06\nD1;U1;000000117;2025-02-31\nD2;U2;000000125;2025-01-06;x\n"
        "D2;U2;000000125;2025-01-06\n"
    )
    export.run()
    assert export.rejects("ligne", "table", "code") == [
        ("2", "dossier", "CLE_EN_DOUBLE"), ("3", "dossier", "TYPE_INVALIDE"), ("4", "dossier", "LIGNE_IRREGULIERE"),
        ("2", "mise_a_jour", "REFERENCE_REJETEE"),
    ]  # fmt: skip
    assert export.values("dossier", "dossier_id") == ["D2"]


def test_of_ordered_versions_the_last_holds(export):
    export.files["dos.csv"] = (
        "NUM;RES;ET;CREE;V\nD1;U1;000000117;2025-01-06;2\nD1;U1;000000117;2025-01-07;10\nD1;U1;000000117;2025-31-31;1\n"
        "D2;U2;000000125;2025-02-03;1\nD2;U2;000000125;2025-02-04;\nD3;U2;000000125;2025-02-04;x\n"
    )
    export.tables["dossier"] = 'derniere_version = ["try_cast(V as int)"]\n' + export.tables["dossier"]
    export.run()
    assert export.rows("dossier", "dossier_id, date_creation") == [
        ("D1", date(2025, 1, 7)), ("D2", date(2025, 2, 3)), ("D3", date(2025, 2, 4)),
    ]  # fmt: skip
    assert export.rejects() == [] and export.counts("dos.csv") == (3, 0, 3, {"version_remplacee": 3})


def test_versions_that_tie_are_repeats_or_doubles(export):
    export.files["dos.csv"] = (
        "NUM;RES;ET;CREE;V\nD1;U1;000000117;2025-01-06;1\nD1;U1;000000117;2025-01-07;2\nD1;U1;000000117;2025-01-08;2\n"
        "D2;U2;000000125;2025-02-03;2\nD2;U2;000000125;2025-02-03;2\nD2;U2;000000125;2025-02-02;1\n"
    )
    export.tables["dossier"] = 'derniere_version = ["V"]\n' + export.tables["dossier"]
    export.run()
    assert export.rejects("ligne", "table", "code") == [
        ("3", "dossier", "CLE_EN_DOUBLE"), ("4", "dossier", "CLE_EN_DOUBLE"), ("2", "mise_a_jour", "REFERENCE_REJETEE"),
    ]  # fmt: skip
    assert export.counts("dos.csv") == (1, 2, 3, {"version_remplacee": 2, "repetition": 1})


def test_a_last_version_at_fault_takes_the_others_with_it_unless_it_is_irregular(export):
    export.files["dos.csv"] = (
        "NUM;RES;ET;CREE;V\nD1;U1;000000117;2025-01-06;1\nD1;U1;000000117;;2\nD2;U2;000000125;2025-02-03;1\n"
        "D2;U2;000000125;2025-02-03;2;x\n"
    )
    export.tables["dossier"] = 'derniere_version = ["V"]\n' + export.tables["dossier"]
    export.run()
    assert export.values("dossier", "dossier_id") == ["D2"]
    assert export.rejects("ligne", "table", "code") == [
        ("3", "dossier", "COLONNE_REQUISE"), ("5", "dossier", "LIGNE_IRREGULIERE"),
        ("2", "mise_a_jour", "REFERENCE_REJETEE"),
    ]  # fmt: skip


def test_versions_of_a_composite_key_are_ordered_by_several_expressions(export):
    export.feed("projet_personnalise", rows="P\nP1\n", projet_id='"P"', dossier_id='{ valeur = "D1" }')
    export.feed(
        "statut_projet",
        rows="P;J;S;V;W\nP1;2025-01-01;ENCOURS;1;1\nP1;2025-01-01;TERMINE;1;2\nP1;2025-01-02;ANNULE;0;0\n",
        projet_id='"P"', date_statut='"J"', statut='"S"',
    )  # fmt: skip
    export.tables["statut_projet"] = 'derniere_version = ["V", "W"]\n' + export.tables["statut_projet"]
    export.run()
    assert export.rows("statut_projet", "date_statut, rang, statut") == [
        (date(2025, 1, 1), 0, "TERMINE"), (date(2025, 1, 2), 0, "ANNULE"),
    ]  # fmt: skip
    assert export.counts("statut_projet.csv") == (2, 0, 1, {"version_remplacee": 1})


def test_a_default_of_the_schema_counts_in_a_key(export):
    export.feed("projet_personnalise", rows="P\nP1\n", projet_id='"P"', dossier_id='{ valeur = "D1" }')
    rows = (
        "P;J;R;S\nP1;2025-01-01;;ENCOURS\nP1;2025-01-01;0;TERMINE\nP1;2025-01-02;;ENCOURS\nP1;2025-01-02;0;ENCOURS\n"
        "P1;;;ENCOURS\nP1;31/01;;ENCOURS\n"
    )
    export.feed("statut_projet", rows=rows, projet_id='"P"', date_statut='"J"', rang='"R"', statut='"S"')
    export.run()
    assert export.rejects("ligne", "code", "colonne") == [
        ("2", "CLE_EN_DOUBLE", "projet_id, date_statut, rang"), ("3", "CLE_EN_DOUBLE", "projet_id, date_statut, rang"),
        ("6", "CLE_MANQUANTE", "date_statut"), ("7", "TYPE_INVALIDE", "date_statut"),
    ]  # fmt: skip
    assert export.counts("statut_projet.csv") == (1, 4, 1, {"repetition": 1})


def test_of_a_log_equal_rows_make_one_and_only_a_row_to_the_letter_is_a_repeat(export):
    export.files["log.csv"] = (
        "DOS;JOUR;QUI;ECRAN\nD1;2025-09-10;UTILISATEUR;a\nD1;2025-09-10;UTILISATEUR;b\nD1;2025-09-10;UTILISATEUR;a\n"
    )
    export.run()
    assert export.rows("mise_a_jour") == [("D1", date(2025, 9, 10), "UTILISATEUR")]
    assert export.counts("log.csv") == (2, 0, 1, {"repetition": 1})


def test_the_same_letters_in_two_agencies_are_two_rows(export):
    export.files |= {f"log_{a}.csv": "DOS;JOUR;QUI\n1;2025-09-10;UTILISATEUR\n" for a in "AB"}
    export.files["dos.csv"] = "NUM;RES;ET;CREE\nA1;U1;000000117;2025-01-06\nB1;U2;000000125;2025-02-03\n"
    export.sources["log"] = 'fichiers = ["log_*.csv"]\nprefixe = "regexp_extract(_fichier, \'_(.)\', 1)"'
    export.run()
    assert export.values("mise_a_jour", "dossier_id") == ["A1", "B1"] and export.rejects() == []
    assert export.counts("log_B.csv") == (1, 0, 0, {})


# -- folds -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folded(export):
    """Séjours that are stored as an exit and an entry at each hospitalisation."""
    export.tables["sejour"] = (
        'source = "sej"\nrepli = { suite_si = "MOTIF = \'Hospitalisation\'" }\n'
        'colonnes = { sejour_id = "NUM", usager_id = "RES", '
        'finess_et = "ET", date_entree = "ENTREE", date_sortie = "SORTIE", '
        'sortie_definitive = { colonne = "MOTIF", codes = { Hospitalisation = false, "Décès" = true } } }'
    )

    def rows(*lines: str) -> list[tuple[object, ...]]:
        export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE;MOTIF\n" + "".join(f"{line}\n" for line in lines)
        export.run()
        return export.rows("sejour", "sejour_id, date_entree, date_sortie, sortie_definitive")

    export.stays = rows
    return export


H, ET1, ET2 = "Hospitalisation", "000000117", "000000125"


def test_an_interruption_is_no_end(folded):
    assert folded.stays(
        f"S3;U1;{ET1};2025-04-01;2025-05-01;Décès", f"S1;U1;{ET1};2025-01-01;2025-02-01;{H}",
        f"S2;U1;{ET1};2025-02-11;2025-03-01;{H}",
    ) == [("S1", date(2025, 1, 1), date(2025, 5, 1), True)]  # fmt: skip
    assert folded.counts("sej.csv") == (3, 0, 0, {})
    folded.open().close()


def test_what_goes_on_is_the_next_row_of_the_same_person_in_the_same_establishment(folded):
    assert folded.stays(
        f"S1;U1;{ET1};2025-01-01;2025-02-01;{H}", f"S2;U2;{ET1};2025-02-05;;", f"S3;U1;{ET2};2025-02-05;;",
        f"S4;U1;{ET1};2025-02-10;2025-03-01;Décès", f"S5;U1;{ET1};2025-04-01;;",
    ) == [
        ("S1", date(2025, 1, 1), date(2025, 3, 1), True), ("S2", date(2025, 2, 5), None, None),
        ("S3", date(2025, 2, 5), None, None), ("S5", date(2025, 4, 1), None, None),
    ]  # fmt: skip


def test_a_last_row_that_goes_on_nowhere_stays_as_it_is(folded):
    assert folded.stays(f"S1;U1;{ET1};2025-01-01;2025-02-01;{H}") == [("S1", date(2025, 1, 1), date(2025, 2, 1), False)]


def test_a_gap_that_is_too_long_ends_the_sejour(folded):
    folded.tables["sejour"] = folded.tables["sejour"].replace("repli = { ", "repli = { ecart_max = 10, ")
    assert folded.stays(
        f"S1;U1;{ET1};2025-01-01;2025-02-01;{H}", f"S2;U1;{ET1};2025-02-11;2025-03-01;{H}",
        f"S3;U1;{ET1};2025-03-12;2025-03-20;{H}",
        f"S4;U1;{ET1};2025-03-20;;",
    ) == [("S1", date(2025, 1, 1), date(2025, 3, 1), False), ("S3", date(2025, 3, 12), None, None)]  # fmt: skip


def test_rows_that_overlap_are_not_folded(folded):
    assert folded.stays(f"S1;U1;{ET1};2025-01-01;2025-03-01;{H}", f"S2;U1;{ET1};2025-02-01;2025-02-10;Décès") == [
        ("S1", date(2025, 1, 1), date(2025, 3, 1), False), ("S2", date(2025, 2, 1), date(2025, 2, 10), True),
    ]  # fmt: skip


def test_an_interruption_without_its_end_goes_on_where_no_gap_is_set(folded):
    lines = (f"S1;U1;{ET1};2025-01-01;;{H}", f"S2;U1;{ET1};2025-02-01;;")
    assert folded.stays(*lines) == [("S1", date(2025, 1, 1), None, None)]
    folded.tables["sejour"] = folded.tables["sejour"].replace("repli = { ", "repli = { ecart_max = 60, ")
    assert len(folded.stays(*lines)) == 2


def test_days_of_one_date_are_folded_in_order(folded):
    assert folded.stays(
        f"S2;U1;{ET1};2025-01-10;2025-01-10;{H}", f"S1;U1;{ET1};2025-01-01;2025-01-10;{H}", f"S3;U1;{ET1};2025-01-10;;",
    ) == [("S1", date(2025, 1, 1), None, None)]  # fmt: skip


def test_a_rejected_row_is_not_folded_and_breaks_nothing(folded):
    assert folded.stays(
        f"S1;U1;{ET1};2025-01-01;2025-02-01;{H}", f"S2;U1;{ET1};2025-02-31;2025-03-01;{H}", f"S3;U1;{ET1};2025-04-01;;",
    ) == [("S1", date(2025, 1, 1), None, None)]  # fmt: skip
    assert folded.counts("sej.csv") == (2, 1, 0, {})
