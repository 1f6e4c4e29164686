"""What a cell becomes that holds a text, a code, a boolean or a number; constants, defaults, expressions, prefixes."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from esms_sdk.errors import AdapterError

# -- texts and codes ---------------------------------------------------------------------------------------------


def receptions(export, cells: list[str], **columns: str) -> None:
    rows = "N;A;B\n" + "".join(f"{i};{cell}\n" for i, cell in enumerate(cells))
    rules = {
        "reception_id": '"N"', "finess_et": '{ valeur = "000000117" }', "canal": '{ valeur = "DMP" }',
        "horodatage": "{ valeur = 2025-09-01T08:00:00 }", "integre": "{ valeur = true }", **columns,
    }  # fmt: skip
    export.feed("reception", rows=rows, **rules)
    export.run()


def test_cells_lose_their_blanks_unless_they_are_kept(export):
    receptions(export, ["  a b ;", "\ta\t;", "\u00a0a\u202f;", "   ;"], type_code='"A"')
    assert export.values("reception", "type_code") == ["a b", "a", "a", None]
    receptions(export, ["  a b ;", "\ta;"], type_code='{ colonne = "A", espaces = true }')
    assert export.values("reception", "type_code") == ["  a b ", "\ta"]


def test_the_case_may_be_made_one_and_texts_may_mean_null(export):
    receptions(
        export, ["Été;", "n/a;", "N/A;", "néant;"], type_code='{ colonne = "A", casse = "majuscules", nuls = ["n/a"] }'
    )
    assert export.values("reception", "type_code") == ["ÉTÉ", None, "N/A", "NÉANT"]
    export.sources["reception"] += '\nnuls = ["Été"]'
    export.tables["reception"] = export.tables["reception"].replace("majuscules", "minuscules")
    export.run()
    assert export.values("reception", "type_code") == [None, None, "n/a", "néant"]


def test_labels_are_compared_without_case_nor_blanks(export):
    rule = '{ colonne = "A", codes = { "MSSanté" = "MSS_PRO", "Dépôt DMP" = "DMP" } }'
    receptions(export, [" mssANTÉ ;", "DÉPÔT DMP;", "Dmp;", ";"], canal=rule)
    assert export.values("reception", "canal") == ["MSS_PRO", "DMP"]
    assert export.rejects("ligne", "code", "colonne", "valeur_masquee") == [
        ("4", "CODE_INCONNU", "canal", "Xxx"), ("5", "COLONNE_REQUISE", "canal", ""),
    ]  # fmt: skip
    assert export.labels() == [("reception.csv", "A", "Dmp", "1")]


def test_without_labels_a_cell_is_a_code_of_the_schema_to_the_letter(export):
    receptions(export, ["DMP;", "dmp;", "MSS_PRO;"], canal='"A"')
    assert export.values("reception", "canal") == ["DMP", "MSS_PRO"]
    assert export.rejects("ligne", "code") == [("3", "CODE_INCONNU")]
    assert export.labels() == [("reception.csv", "A", "dmp", "1")]


def test_an_unknown_label_of_an_open_list_is_null_where_labels_are_listed(export):
    receptions(export, ["x;", "y;", "y;"], type_code='{ colonne = "A", codes = { x = "11488-4" } }')
    assert export.values("reception", "type_code") == ["11488-4", None, None]
    assert export.rejects() == [] and export.labels() == [("reception.csv", "A", "y", "2")]


def test_a_boolean_is_written_in_many_ways(export):
    yes, no = ["O", "oui", "1", "VRAI", "true", "Y", "yes", "v"], ["N", "Non", "0", "faux", "FALSE", "n", "no", "f"]
    receptions(export, [f"{cell};" for cell in [*yes, *no, "2", "peut-être", ""]], integre='"A"')
    found = dict(export.rows("reception", "reception_id, integre"))
    assert [found[str(i)] for i in range(16)] == [True] * 8 + [False] * 8
    assert export.rejects("ligne", "code") == [
        ("18", "TYPE_INVALIDE"),
        ("19", "TYPE_INVALIDE"),
        ("20", "COLONNE_REQUISE"),
    ]
    assert export.labels() == []


def test_codes_may_fill_a_boolean(export):
    rule = '{ colonne = "A", codes = { "Classé" = true, "Rejeté" = false } }'
    receptions(export, ["classé;", "REJETÉ;", "oui;"], integre=rule)
    assert export.values("reception", "integre") == [True, False]
    assert export.rejects("ligne", "code") == [("4", "CODE_INCONNU")]
    assert export.labels() == [("reception.csv", "A", "oui", "1")]


def test_an_unknown_label_of_a_nullable_boolean_is_null(export):
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE;DEF\n" + "".join(
        f"S{i};U1;000000117;2025-01-0{i};2025-02-01;{label}\n"
        for i, label in enumerate(["Décès", "Mutation", "Autre", ""], 1)
    )
    export.column("sejour", "sortie_definitive", '{ colonne = "DEF", codes = { "Décès" = true, "Mutation" = false } }')
    export.run()
    assert export.values("sejour", "sortie_definitive") == [True, False, None, None]
    assert export.labels() == [("sej.csv", "DEF", "Autre", "1")] and export.rejects() == []


def test_without_an_exit_nobody_asks_if_it_is_final(export):
    export.files["sej.csv"] = (
        "NUM;RES;ET;ENTREE;SORTIE;DEF\nS1;U1;000000117;2025-01-01;;en cours\n"
        "S2;U1;000000117;2025-01-01;2025-02-01;en cours\n"
    )
    export.column("sejour", "sortie_definitive", '"DEF"')
    export.run()
    assert export.rows("sejour", "sejour_id, sortie_definitive") == [("S1", None)]
    assert export.rejects("ligne", "code", "colonne") == [("3", "TYPE_INVALIDE", "sortie_definitive")]
    export.tables["sejour"] = export.tables["sejour"].replace(
        '"DEF"', '{ colonne = "DEF", codes = { "Décès" = true } }'
    )
    export.run()
    assert export.labels() == [("sej.csv", "DEF", "en cours", "1")]


def test_a_constant_and_a_default_are_values_of_the_lot(export):
    receptions(
        export, ["x;", ";", "y;"], type_code='{ colonne = "A", codes = { x = "11488-4" }, defaut = "AUTRE" }',
        integre='{ colonne = "B", defaut = false }',
        horodatage='{ colonne = "B", formats = ["%d/%m/%Y"], defaut = 2025-09-02T00:00:00 }',
    )  # fmt: skip
    assert export.rows("reception", "type_code, integre, horodatage") == [
        ("11488-4", False, datetime(2025, 9, 2)), ("AUTRE", False, datetime(2025, 9, 2)),
        (None, False, datetime(2025, 9, 2)),
    ]  # fmt: skip


def test_the_default_of_the_schema_stands_where_the_cell_is_empty(export):
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE;PROJ\n" + "".join(
        f"S{i};U1;000000117;2025-01-0{i};;{cell}\n" for i, cell in enumerate(["non", "", "bof"], 1)
    )
    export.column("sejour", "projet_applicable", '"PROJ"')
    export.run()
    assert export.values("sejour", "projet_applicable") == [False, True]
    assert export.rejects("ligne", "code") == [("4", "TYPE_INVALIDE")]


def test_an_integer_has_digits_alone(export):
    export.feed("projet_personnalise", rows="P\nP1\n", projet_id='"P"', dossier_id='{ valeur = "D1" }')
    cells = ["1", " 02 ", "-3", "1.0", "1e3", "dix", "9" * 19, ""]
    export.feed(
        "statut_projet", rows="N;R\n" + "".join(f"{i};{cell}\n" for i, cell in enumerate(cells, 1)),
        projet_id='{ valeur = "P1" }',
        date_statut="{ sql = \"'2025-01-0' || N\" }", rang='"R"', statut='{ valeur = "ENCOURS" }',
    )  # fmt: skip
    export.run()
    assert export.rows("statut_projet", "date_statut, rang") == [
        (date(2025, 1, 1), 1), (date(2025, 1, 2), 2), (date(2025, 1, 3), -3), (date(2025, 1, 8), 0),
    ]  # fmt: skip
    assert {code for (code,) in export.rejects("code")} == {"TYPE_INVALIDE"}


# -- expressions -------------------------------------------------------------------------------------------------


def test_an_expression_may_give_a_text_or_a_typed_value(export):
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE\n1;U1;000000117;20250106;\n"
    export.tables["sejour"] = (
        'source = "sej"\n[table.sejour.colonnes]\nsejour_id = { sql = "\'S-\' || NUM" }\nusager_id = "RES"\n'
        'finess_et = "ET"\n'
        "date_entree = { sql = \"strptime(ENTREE, '%Y%m%d')\" }\n"
        "date_sortie = { sql = \"strptime(ENTREE, '%Y%m%d')::date + 30\" }\n"
        'sortie_definitive = { sql = "NUM = \'1\'" }\nprojet_applicable = { sql = "null" }\n'
    )
    export.run()
    assert export.rows("sejour") == [("S-1", "U1", "000000117", date(2025, 1, 6), date(2025, 2, 5), True, True)]


@pytest.mark.parametrize(
    ("rule", "code", "told"),
    [
        ("{ sql = \"strptime(NOM, '%Y')\" }", "ESMS-E208", "table.usager.colonnes.date_deces"),
        ("{ sql = \"cast(NOM as date)\" }", "ESMS-E208", "table.usager.colonnes.date_deces"),
        ("{ sql = \"error(NOM)\" }", "ESMS-E208", "table.usager.colonnes.date_deces"),
        ("{ sql = \"PRENOM\" }", "ESMS-E207", "table.usager.colonnes.date_deces"),
        ("{ sql = \"f(NOM)\" }", "ESMS-E207", "table.usager.colonnes.date_deces"),
        ("{ sql = \"NOM NOM NOM\" }", "ESMS-E207", "table.usager.colonnes.date_deces"),
    ],
)  # fmt: skip
def test_an_expression_that_fails_is_told_by_its_place_and_without_a_value(export, rule, code, told):
    export.files["res.csv"] = "ID;NOM\nU1;DURAND\nU2;DURAND\n"
    export.column("usager", "date_deces", rule)
    error = export.refusal()
    assert isinstance(error, AdapterError)
    assert (error.code, told in str(error), "DURAND" in str(error)) == (code, True, False)
    assert error.__cause__ is None and error.__suppress_context__


@pytest.mark.parametrize(
    ("section", "spec", "told"),
    [
        ("sources", "ecarter.vieux = \"cast(NOM as int) > 3\"", "source.res.ecarter.vieux"),
        ("sources", "prefixe = \"cast(NOM as int)\"", "source.res.prefixe"),
        ("sources", "prefixe = \"AGENCE\"", "source.res.prefixe"),
        ("tables", "ecarter.vieux = \"cast(NOM as int) > 3\"", "table.usager.ecarter.vieux"),
        ("tables", "ecarter.vieux = \"AGENCE = 'x'\"", "table.usager.ecarter.vieux"),
        ("tables", "derniere_version = [\"cast(NOM as int)\"]", "table.usager.derniere_version"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shared", [False, True])
def test_every_expression_that_fails_is_told_by_its_place(export, section, spec, told, shared):
    export.files["res.csv"] = "ID;NOM\nU1;DURAND\nU2;DURAND\n"
    part = getattr(export, section)
    name = "res" if section == "sources" else "usager"
    part[name] += "\n" + spec
    if shared:
        export.tables["organisme"] = 'source = "res"\ncolonnes = { finess_ej = "ID", raison_sociale = "NOM" }'
        del export.sources["og"], export.files["og.csv"]
    error = export.refusal()
    assert told in str(error) and "DURAND" not in str(error)


def test_a_name_is_quoted_whatever_it_holds(export):
    names = ["N° l'ID", 'A "B"', "select", "_id", "a.b", "x;y", "[1]", "v_usager_id", "res", "é"]
    header = ";".join('"' + name.replace('"', '""') + '"' for name in names)
    export.files["res.csv"] = f"{header}\n" + "".join(f"{';'.join(f'{i}{j}' for j in range(10))}\n" for i in range(2))
    targets = ["usager_id", "nom_naissance", "prenoms_naissance", "premier_prenom", "nom_utilise", "prenom_utilise",
               "lieu_naissance_cog", "oid_ins", "matricule_ins", "attributs_identite"]  # fmt: skip
    rules = "\n".join(f"{target} = '''{name}'''" for target, name in zip(targets, names, strict=True))
    export.tables["usager"] = f'source = "res"\n[table.usager.colonnes]\n{rules}'
    export.run()
    assert export.rows("usager", ", ".join(targets)) == [tuple(f"{i}{j}" for j in range(10)) for i in range(2)]


# -- prefixes ----------------------------------------------------------------------------------------------------


def test_a_prefix_stands_before_opaque_keys_and_never_before_a_finess(export):
    export.files |= {"sej_A.csv": "NUM;RES;ET;ENTREE;SORTIE\n1;1;000000117;2025-01-06;\n",
    "res_A.csv": "ID;F\n1;\n2;1\n",
                     "sej_B.csv": "NUM;RES;ET;ENTREE;SORTIE\n1;1;000000125;2025-01-07;\n",
                     "res_B.csv": "ID;F\n1;\n;1\n"}  # fmt: skip
    for name in ("res", "sej"):
        export.sources[name] = (
            f"fichiers = [\"{name}_*.csv\"]\nprefixe = \"regexp_extract(_fichier, '_(.)', 1) || '-'\""
        )
        del export.files[f"{name}.csv"]
    export.column("usager", "usager_id_fusion", '"F"')
    export.run()
    assert export.rows("usager", "usager_id, usager_id_fusion") == [("A-1", None), ("A-2", "A-1"), ("B-1", None)]
    assert export.rows("sejour", "sejour_id, usager_id, finess_et") == [
        ("A-1", "A-1", "000000117"), ("B-1", "B-1", "000000125"),
    ]  # fmt: skip
    assert ("res_B.csv", "3", "usager", "CLE_MANQUANTE", "usager_id") in export.rejects()
