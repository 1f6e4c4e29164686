"""How rows are made of rows: filters, look-ups, unpivot, split, several blocks."""

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
