"""A delimited table of a lot, in each way that the contract admits."""

from __future__ import annotations

import pytest

SEJOURS = (
    "select sejour_id, usager_id, date_entree::text, sortie_definitive, projet_applicable from sejour order by all"
)
EXPECTED = [("S1", "U1", "2025-01-06", None, True), ("S2", "U2", "2025-02-03", True, True)]


def test_a_lot_written_by_hand_opens(small):
    assert small.rows(SEJOURS) == EXPECTED


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["without-bom", "with-bom"])
@pytest.mark.parametrize("separator", [b";", b","], ids=["semicolon", "comma"])
def test_either_separator_with_or_without_bom_and_with_crlf(small, separator, bom):
    for table, text in small.csv.items():
        small.csv[table] = bom + text.encode("utf-8").replace(b";", separator).replace(b"\n", b"\r\n")
    assert small.rows(SEJOURS) == EXPECTED


def test_a_file_without_a_last_line_end_keeps_its_last_row(small):
    small.csv["sejour"] = small.csv["sejour"].rstrip("\n")
    assert small.rows(SEJOURS) == EXPECTED


def test_every_cell_may_be_quoted(small):
    for table, text in small.csv.items():
        quoted = [";".join(f'"{cell}"' for cell in line.split(";")) for line in text.splitlines()]
        small.csv[table] = "\r\n".join(quoted) + "\r\n"
    assert small.rows(SEJOURS) == EXPECTED


def test_a_quoted_empty_cell_is_null_as_an_empty_one_is(small):
    small.replace("usager", "U1;\n", 'U1;""\n')
    assert small.rows("select count(*) from usager where usager_id_fusion is null") == [(2,)]


def test_an_empty_cell_takes_the_default_as_an_absent_column_does(small):
    small.csv["etablissement"] = (
        "finess_et;finess_ej;denomination;profil_cibles;fuseau\n"
        '000000117;000000109;A;"";\n'
        "000000125;000000109;B;pjm;Indian/Reunion\n"
    )
    small.csv["sejour"] = small.csv["sejour"].replace("sortie_definitive\n", "projet_applicable\n")
    small.replace("sejour", "2025-08-29;true", "2025-08-29;false")
    assert small.rows("select profil_cibles, fuseau from etablissement order by finess_et") == [
        ("standard", "Europe/Paris"),
        ("pjm", "Indian/Reunion"),
    ]
    assert small.rows("select projet_applicable from sejour order by sejour_id") == [(True,), (False,)]
    assert small.rows("select rang from statut_projet order by rang") == [(0,), (1,)]


def test_a_quoted_cell_keeps_separators_quotes_and_line_ends(small):
    small.replace("organisme", "Association des Tilleuls", '"Association ; dite ""des\nTilleuls"""')
    assert small.rows("select raison_sociale from organisme") == [('Association ; dite "des\nTilleuls"',)]


def test_a_text_is_not_inferred_nor_trimmed(small):
    texts = [
        "07",
        "NA",
        "1e5",
        "null",
        "NULL",
        "true",
        "2025-01-01",
        " U1",
        "U1 ",
        "é",
        "e\u0301",
        "-0",
        "'",
        "\\N",
        "%",
        "\u00a0",
    ]
    small.add("usager", *(f"{text};" for text in texts))
    assert [text for (text,) in small.rows("select usager_id from usager")] == ["U1", "U2", "U3", *texts]


def test_texts_compare_by_code_point(small):
    small.add("usager", "u1;", "U1 ;", "\u00e9;", "e\u0301;", "ﬁ;", "fi;", "07;", "7;")
    assert small.rows("select count(distinct usager_id) from usager") == [(11,)]


def test_blank_lines_are_no_rows_but_are_counted(small):
    small.csv["sejour"] = (
        "\n\n" + small.csv["sejour"].replace("S2;", "\nS2;").replace("2025-02-03", "2025-02-30") + "\n\n"
    )
    assert small.places() == [("TYPE_INVALIDE", "sejour.csv", 6, "date_entree")]


def test_a_row_of_empty_cells_alone_is_no_row(small):
    small.add("sejour", ";;;;;", "   ")
    assert small.rows(SEJOURS) == EXPECTED


def test_a_line_number_is_physical_after_quoted_line_ends(small):
    small.csv["etablissement"] = (
        "finess_et;finess_ej;denomination;date_ouverture\r\n"
        '000000117;000000109;"EHPAD\r\ndes\r\nTilleuls";2001-01-01\r\n'
        '000000125;000000109;"SSIAD\r\ndes Tilleuls";2001-02-31\r\n'
    )
    assert small.places() == [("TYPE_INVALIDE", "etablissement.csv", 5, "date_ouverture")]


def test_a_header_on_several_lines_is_counted_too(small):
    small.csv["organisme"] = '"finess_ej";"raison\nsociale"\n000000109;A\n'
    assert small.places() == [
        ("COLONNE_INCONNUE", "organisme.csv", 1, "raison sociale"),
        ("COLONNE_ABSENTE", "organisme.csv", 1, "raison_sociale"),
    ]


def test_a_text_that_is_not_utf8_is_a_fault_with_its_line(small):
    small.csv["organisme"] = "finess_ej;raison_sociale\n000000109;Soci\xe9t\xe9\n".encode("cp1252")
    small.csv["usager"] = "usager_id\nU1\nU2\nU3\n".encode("utf-16")
    assert small.places() == [("ENCODAGE", "organisme.csv", 2, None), ("ENCODAGE", "usager.csv", None, None)]


def test_rows_with_other_cells_than_the_header_are_faults(small):
    small.add("sejour", "S3;U1;000000117", "S4;U1;000000117;2025-03-01;;;;9")
    assert small.places() == [
        ("LIGNE_IRREGULIERE", "sejour.csv", 4, None),
        ("LIGNE_IRREGULIERE", "sejour.csv", 5, None),
    ]


def test_trailing_separators_are_no_cells(small):
    small.csv["sejour"] = small.csv["sejour"].replace("\n", ";;\n")
    assert small.rows(SEJOURS) == EXPECTED


def test_a_quote_that_is_never_closed_is_a_fault_of_its_row_alone(small):
    small.add("etablissement", '000000133;000000109;"IME', "000000141;000000109;MAS")
    assert small.places() == [("GUILLEMETS", "etablissement.csv", 4, None)]


def test_a_tab_or_a_bar_is_no_separator_of_a_lot(small):
    small.csv["organisme"] = "finess_ej\traison_sociale\n000000109\tA\n"
    assert small.places() == [("EN_TETE", "organisme.csv", 1, None)]


def test_a_file_without_header_is_said_to_have_none(small):
    small.csv["usager"] = "U1;\nU2;\nU3;U1\n"
    small.csv["evenement"] = ""
    assert small.places() == [("EN_TETE", "usager.csv", 1, None), ("EN_TETE", "evenement.csv", None, None)]


def test_a_table_of_a_header_alone_is_empty(small):
    small.csv["evenement"] = "evenement_id;dossier_id;date_debut;statut\n"
    assert small.rows("select count(*) from evenement") == [(0,)]


def test_columns_in_another_order_are_the_same_table(small):
    small.csv["usager"] = "usager_id_fusion,usager_id\n,U1\n,U2\nU1,U3\n"
    assert small.rows("select usager_id, usager_id_fusion from usager order by 1") == [
        ("U1", None),
        ("U2", None),
        ("U3", "U1"),
    ]


def test_the_line_of_a_row_is_right_far_into_a_large_file(small):
    rows = "".join(f"U{i};\n" for i in range(4, 300_000))
    small.csv["usager"] = small.csv["usager"] + rows + "U2;\n"
    assert small.places() == [
        ("CLE_EN_DOUBLE", "usager.csv", 3, "usager_id"),
        ("CLE_EN_DOUBLE", "usager.csv", 300_001, "usager_id"),
    ]
