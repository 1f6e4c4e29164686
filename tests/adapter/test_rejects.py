"""What rejects a row, what only sets it aside, and what is told of it."""

from __future__ import annotations

import pytest

HEADER = "source;ligne;table;cle;colonne;code;message;valeur_masquee"


def test_the_first_fault_of_a_row_is_the_one_that_is_told(export):
    export.files["sej.csv"] = (
        "NUM;RES;ET;ENTREE;SORTIE\n;;;x;y;z\n;;;x;y\nS3;;;x;y\nS4;U1;;x;y\nS5;U1;000000117;x;y\n"
        "S6;U1;000000117;2025-01-06;y\n"
        "S7;U9;9;2025-01-06;2025-01-05\nS8;U9;9;2025-01-06;2025-01-06\nS9;U1;9;2025-01-06;2025-01-06\n"
    )
    export.run()
    assert export.rejects("ligne", "code", "colonne") == [
        ("2", "LIGNE_IRREGULIERE", ""), ("3", "CLE_MANQUANTE", "sejour_id"), ("4", "COLONNE_REQUISE", "usager_id"),
        ("5", "COLONNE_REQUISE", "finess_et"), ("6", "TYPE_INVALIDE", "date_entree"),
        ("7", "TYPE_INVALIDE", "date_sortie"),
        ("8", "ORDRE_DATES", "date_sortie"), ("9", "REFERENCE_INCONNUE", "usager_id"),
        ("10", "REFERENCE_INCONNUE", "finess_et"),
    ]  # fmt: skip


def test_the_files_of_rejects_have_the_columns_of_the_contract(export):
    export.files["res.csv"] = "ID;CIV\nU1;M\nU2;Mme\n;F\n"
    export.column("usager", "sexe", '"CIV"')
    export.run()
    folder = export.lot / "rejets"
    rejects = (folder / "rejets.csv").read_bytes().decode("utf-8-sig").split("\r\n")
    assert rejects[0] == HEADER
    assert rejects[1] == "res.csv;4;usager;;usager_id;CLE_MANQUANTE;la clé de la ligne est vide;"
    assert (
        folder / "libelles_inconnus.csv"
    ).read_bytes() == b"\xef\xbb\xbfsource;colonne;libelle;nombre\r\nres.csv;CIV;Mme;1\r\n"
    assert (folder / "sejours.csv").read_bytes() == b"\xef\xbb\xbffiness_et;date_entree;date_sortie\r\n"
    assert (folder / "lignes" / "res.csv").read_text(encoding="utf-8") == "ligne;ID;CIV\n4;;F\n"


def test_dates_in_the_wrong_order_reject_in_each_table_that_has_two(export):
    export.files |= {
        "sej.csv": "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;2025-01-05\n"
        "S2;U1;000000117;2025-01-06;2025-01-06\n",
        "dos.csv": "NUM;RES;ET;CREE;ARC\nD1;U1;000000117;2025-01-06;2025-01-06\n"
        "D2;U1;000000117;2025-01-06;2025-01-05\n",
    }
    export.column("dossier", "date_archivage", '"ARC"')
    export.feed("projet_personnalise", rows="P;A;B\nP1;2025-01-06;2025-01-05\nP2;2025-01-06;\nP3;;2025-01-05\n",
    projet_id='"P"',
                dossier_id='{ valeur = "D1" }', date_debut='"A"', date_fin='"B"')  # fmt: skip
    export.feed("evenement", rows="E;A;B\nE1;2025-01-06;2025-01-05\nE2;2025-01-06;\n", evenement_id='"E"',
                dossier_id='{ valeur = "D1" }', date_debut='"A"', date_fin='"B"',
                statut='{ valeur = "VALIDE" }')  # fmt: skip
    export.run()
    assert sorted(export.rejects("table", "cle", "code")) == [
        ("dossier", "D2", "ORDRE_DATES"), ("evenement", "E1", "ORDRE_DATES"),
        ("projet_personnalise", "P1", "ORDRE_DATES"),
        ("sejour", "S1", "ORDRE_DATES"),
    ]  # fmt: skip


def test_what_a_channel_needs_is_required_of_it_alone(export):
    rules = {name: f'"{name}"' for name in ("envoi_id", "canal", "usager_id", "document_id", "message_id", "operation")}
    export.feed(
        "envoi", rows=(
            "envoi_id;canal;usager_id;document_id;message_id;operation\n1;DMP;U1;X1;;AJOUT\n2;DMP;;X1;;AJOUT\n"
            "3;DMP;U1;;;AJOUT\n"
            "4;DMP;U1;X1;;\n5;DMP;U1;X1;;ENVOI\n6;MSS_PRO;;;M1;ENVOI\n7;MSS_PRO;;;;\n8;FAX;;;;\n"
        ),
        **rules, finess_et='{ valeur = "000000117" }', horodatage="{ valeur = 2025-09-01T08:00:00 }",
        resultat='{ valeur = "SUCCES" }', ins_qualifiee="{ valeur = true }",
    )  # fmt: skip
    export.run()
    assert export.values("envoi", "envoi_id") == ["1", "6"]
    assert export.rejects("ligne", "code", "colonne") == [
        ("3", "COLONNE_REQUISE", "usager_id"), ("4", "COLONNE_REQUISE", "document_id"),
        ("5", "COLONNE_REQUISE", "operation"),
        ("6", "CODE_INCONNU", "operation"), ("8", "COLONNE_REQUISE", "message_id"), ("9", "CODE_INCONNU", "canal"),
    ]  # fmt: skip
    assert export.labels() == [("envoi.csv", "canal", "FAX", "1"), ("envoi.csv", "operation", "ENVOI", "1")]
    with export.open() as lot:
        assert not lot.given("document")


# -- references --------------------------------------------------------------------------------------------------


def test_what_refers_to_a_rejected_row_is_rejected_down_to_the_last(export):
    export.files["res.csv"] = "ID\nU1\nU2;x\n"
    export.files["log.csv"] = (
        "DOS;JOUR;QUI\nD1;2025-09-10;UTILISATEUR\nD2;2025-09-10;UTILISATEUR\nD9;2025-09-10;UTILISATEUR\n"
    )
    export.run()
    assert export.rejects() == [
        ("res.csv", "3", "usager", "LIGNE_IRREGULIERE", ""),
        ("sej.csv", "3", "sejour", "REFERENCE_REJETEE", "usager_id"),
        ("dos.csv", "3", "dossier", "REFERENCE_REJETEE", "usager_id"),
        ("log.csv", "3", "mise_a_jour", "REFERENCE_REJETEE", "dossier_id"),
        ("log.csv", "4", "mise_a_jour", "REFERENCE_INCONNUE", "dossier_id"),
    ]
    assert export.manifest["import"]["rejets_par_finess"] == {
        "usager": {"?": 1}, "sejour": {"000000125": 1}, "dossier": {"000000125": 1},
        "mise_a_jour": {"000000125": 1, "?": 1},
    }  # fmt: skip


def test_a_row_at_fault_is_rejected_even_where_it_refers_to_an_ignored_one(export):
    export.sources["res"] += "\necarter.test = \"ID = 'U2'\""
    export.files["sej.csv"] = (
        "NUM;RES;ET;ENTREE;SORTIE\nS1;U2;000000117;2025-01-06;\nS2;U2;000000117;x;\nS3;U2;9;2025-01-06;\n"
    )
    export.run()
    assert export.rejects("ligne", "code") == [("3", "TYPE_INVALIDE"), ("4", "REFERENCE_INCONNUE")]
    assert export.counts("sej.csv") == (0, 2, 1, {"reference_ignoree": 1})


def test_chains_of_fusions_are_followed_and_a_cycle_rejects_its_rows_and_those_that_lead_to_it(export):
    export.files["res.csv"] = "ID;F\nU1;\nU2;U1\nA;B\nB;C\nC;A\nD;A\nE;E\nG;X\nH;G\nT;\nV;T\nW;V\nU1b;U2\n"
    export.column("usager", "usager_id_fusion", '"F"')
    export.sources["res"] += "\necarter.test = \"ID = 'T'\""
    export.run()
    assert export.rows("usager", "usager_id, usager_id_fusion") == [("U1", None), ("U1b", "U2"), ("U2", "U1")]
    assert export.rejects("ligne", "cle", "code") == [
        ("4", "A", "CYCLE_FUSION"), ("5", "B", "CYCLE_FUSION"), ("6", "C", "CYCLE_FUSION"),
        ("7", "D", "REFERENCE_REJETEE"),
        ("8", "E", "CYCLE_FUSION"), ("9", "G", "REFERENCE_INCONNUE"), ("10", "H", "REFERENCE_REJETEE"),
    ]  # fmt: skip
    assert export.counts("res.csv") == (3, 7, 3, {"test": 1, "reference_ignoree": 2})
    export.open().close()


def test_what_refers_to_a_table_that_is_not_supplied_is_not_asked(export):
    export.keys["non_fourni"] = (
        '["projet_personnalise", "statut_projet", "evenement", "usager", "etablissement", "organisme"]'
    )
    export.keys["perimetre"] = "[]"
    for name in ("usager", "etablissement", "organisme"):
        del export.tables[name]
    export.files["sej.csv"] += "S9;U9;999999999;x;\n"
    export.run()
    assert export.rejects("ligne", "code") == [("4", "TYPE_INVALIDE")]
    assert export.manifest["import"]["rejets_par_finess"] == {"sejour": {"?": 1}}
    assert export.counts("res.csv") == (2, 0, 0, {})
    export.open().close()


# -- what is told of a rejected séjour ---------------------------------------------------------------------------


def test_the_dates_of_a_rejected_sejour_are_told_where_they_can_be_read(export):
    export.files["sej.csv"] = (
        "NUM;RES;ET;ENTREE;SORTIE\nS1;U9;000000117;2025-01-06;2025-02-01\nS2;U1;000000117;x;2025-02-02\n"
        "S3;U1;9;2025-01-07;\n"
        "S4;U1;000000125;2025-01-08;2025-02-03;x\n"
    )
    export.run()
    assert [tuple(line.values()) for line in export.written("sejours.csv")] == [
        ("000000117", "2025-01-06", "2025-02-01"), ("000000117", "", "2025-02-02"), ("000000125", "", ""),
        ("", "2025-01-07", ""),
    ]  # fmt: skip
    assert export.manifest["import"]["rejets_par_finess"]["sejour"] == {"000000117": 2, "000000125": 1, "?": 1}
    with export.open() as lot:
        assert lot.con.execute("select count(*) from rejets_sejours").fetchall() == [(4,)]


def test_the_sejours_of_a_rejected_establishment_are_told_under_its_finess(export):
    export.files["etab.csv"] = "ET;EJ;NOM\n000000117;000000109;EHPAD\n000000125;9;SSIAD\n"
    export.run()
    assert export.manifest["import"]["rejets_par_finess"]["sejour"] == {"000000125": 1}


# -- labels ------------------------------------------------------------------------------------------------------


def test_an_unknown_label_counts_once_a_source_row_that_is_not_ignored(export):
    export.files["res.csv"] = (
        "ID;CIV;T\nU1;Mlle;\nU1;Mlle;\nU2;Mlle;\nU3;Mlle;TEST\nU4;DUPONT;;x\n;Mlle;\nU5;Mme;\nU6;mme;\n"
    )
    export.column("usager", "sexe", '"CIV"')
    export.sources["res"] += "\necarter.test = \"T = 'TEST'\""
    export.run()
    assert export.labels() == [
        ("res.csv", "CIV", "Mlle", "3"),
        ("res.csv", "CIV", "Mme", "1"),
        ("res.csv", "CIV", "mme", "1"),
    ]


def test_labels_that_are_masked_alike_make_one_line(export):
    export.files["res.csv"] = "ID;CIV\nU1;12/04/1938\nU2;13/05/1940\n"
    export.column("usager", "sexe", '"CIV"')
    export.run()
    assert export.labels() == [("res.csv", "CIV", "99/99/9999", "2")]


# -- privacy -----------------------------------------------------------------------------------------------------

CANARIES = ("253072A07300443", "CANARIVAL", "Célestine", "12/04/1938", "1938-04-12")


@pytest.fixture
def personal(export):
    """Persons with all their traits, and every kind of reject."""
    export.files["res.csv"] = (
        "ID;INS;NOM;PRENOM;NE;CIV;DEC\n" + "".join(
            f"{key};253072A07300443;CANARIVAL;Célestine;12/04/1938;{civ};{dec}\n"
            for key, civ, dec in (("U1", "F", ""), ("U2", "F", "12/04/1938"), ("", "F", ""), ("U3", "Mme", "CANARIVAL"),
                                  ("U4", "12/04/1938", ""), ("U5", "M", ""), ("U5", "F", ""))
        )
        + "CANARIVAL;Célestine;12/04/1938;F\n"
          "253072A07300443;253072A07300443;CANARIVAL;Célestine;12/04/1938;M;CANARIVAL\n"
        + "U6;253072A07300443;CANARIVAL;Célestine;12/04/1938;CANARIVAL;;\"\n"
    )  # fmt: skip
    for column, cell in {
        "matricule_ins": "INS",
        "nom_naissance": "NOM",
        "prenoms_naissance": "PRENOM",
        "date_deces": "DEC",
    }.items():
        export.column("usager", column, f'"{cell}"')
    export.column("usager", "sexe", '{ colonne = "CIV" }')
    export.column("usager", "date_naissance", '{ colonne = "NE", formats = ["%d/%m/%Y"] }')
    return export


def _texts(folder, *, but=()):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
        if path.is_file() and path.suffix in (".csv", ".json") and not any(part in but for part in path.parts)
    }  # fmt: skip


def test_no_trait_stands_in_what_is_told(personal):
    personal.run()
    assert len(personal.rejects()) >= 9
    for name, content in _texts(personal.lot, but=("lignes",)).items():
        assert [canary for canary in CANARIES if canary.encode() in content] == [], name


def test_the_rejected_rows_are_their_owner_s_alone_and_may_be_left_out(personal):
    personal.run()
    lines = personal.lot / "rejets" / "lignes"
    assert b"CANARIVAL" in (lines / "res.csv").read_bytes()
    if (lines / "res.csv").stat().st_mode & 0o777 != 0o666:
        assert ((lines / "res.csv").stat().st_mode & 0o777, lines.stat().st_mode & 0o777) == (0o600, 0o700)
    personal.run(reject_rows=False)
    assert not lines.exists()


def test_without_identity_no_byte_of_the_lot_holds_a_trait(personal):
    with_identity = personal.run()
    persons = personal.values("usager", "usager_id")
    without = personal.run(without_identity=True)
    assert without.sources == with_identity.sources and personal.values("usager", "usager_id") == persons
    assert not (personal.lot / "rejets" / "lignes").exists()
    for path in personal.lot.rglob("*"):
        if path.is_file():
            assert [canary for canary in CANARIES if canary.encode() in path.read_bytes()] == [], path.name
    assert (
        "usager.nom_naissance" in personal.manifest["non_fourni"]
        and "usager.date_naissance" in personal.manifest["non_fourni"]
    )
    assert personal.labels() == []
    personal.open().close()


def test_a_text_that_a_spreadsheet_would_run_is_preceded_by_an_apostrophe(export):
    export.files["res.csv"] = 'ID;CIV\n=1+1;=cmd()\n+2;@x\n-3;"-\n=4"\n@5;x;y\n'
    export.column("usager", "sexe", '"CIV"')
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE\n=1+1;U9;000000117;2025-01-06;\n"
    export.run()
    for name in ("rejets.csv", "libelles_inconnus.csv", "sejours.csv"):
        for line in export.written(name):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line.values()), line
    assert "'=1+1" in {cle for (cle,) in export.rejects("cle")}
    assert "'=cmd()" in {line[2] for line in export.labels()}
