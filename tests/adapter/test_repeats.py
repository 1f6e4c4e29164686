"""Rows of one key, repeats, ordered versions, and rows that make one séjour."""

from __future__ import annotations

from datetime import date

import pytest

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
