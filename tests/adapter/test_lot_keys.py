"""The manifest's keys: constants, queries, the command line, and what is said where one is missing or wrong."""

from __future__ import annotations

import pytest

from esms_sdk.errors import AdapterError, UsageError


@pytest.fixture
def head(export):
    """The export with a file that tells who made it."""
    export.files["entete.csv"] = "VERSION;LE;DEBUT;COMPLET\n7.2; 30/09/2025 02:15 ;01/01/2025;O\n"
    export.sources["entete"] = 'fichiers = ["entete.csv"]'
    return export


def test_a_key_may_be_asked_of_a_source_or_of_a_table_of_the_lot(head):
    head.keys |= {
        "version_logiciel": '{ sql = "select any_value(VERSION) from source.entete" }',
        "date_extraction": '{ sql = "select LE from source.entete", formats = ["%d/%m/%Y %H:%M"] }',
        "periode_couverte_debut": '{ sql = "select DEBUT from source.entete", formats = ["%Y-%m-%d", "%d/%m/%Y"] }',
        "periode_couverte_fin": "{ sql = \"select date '2025-09-29'\" }",
        "journal_maj_complet": "{ sql = \"select COMPLET = 'O' from source.entete\" }",
        "perimetre": "{ sql = \"select distinct finess_et from sejour where usager_id = 'U2'\" }",
        "couverture": '{ sql = "select \'{\\"sejour\\": {\\"debut\\": \\"2025-02-01\\", \\"fin\\": '
        '\\"2025-09-29\\"}}\'" }',
    }
    head.run()
    found = head.manifest
    assert [found[k] for k in ("version_logiciel", "date_extraction", "periode_couverte_debut",
    "periode_couverte_fin")] == [
        "7.2", "2025-09-30T02:15:00", "2025-01-01", "2025-09-29",
    ]  # fmt: skip
    assert found["journal_maj_complet"] is True and found["perimetre"] == ["000000125"]
    assert found["couverture"] == {"sejour": {"debut": "2025-02-01", "fin": "2025-09-29"}}
    head.open().close()


def test_a_date_may_be_written_as_toml_has_it(export):
    export.keys |= {
        "date_extraction": "2025-10-01T02:00:00", "periode_couverte_debut": "2025-01-01",
        "periode_couverte_fin": "2025-09-30",
        "couverture": "{ sejour = { debut = 2025-02-01, fin = 2025-09-30 } }",
    }  # fmt: skip
    export.run()
    assert export.manifest["date_extraction"] == "2025-10-01T02:00:00"
    assert export.manifest["couverture"]["sejour"]["debut"] == "2025-02-01"
    export.open().close()


def test_a_table_that_nothing_fills_can_be_asked_all_the_same(export):
    export.keys["reference_segur"] = '{ sql = "select any_value(envoi_id) from envoi" }'
    export.run()
    assert "reference_segur" not in export.manifest


def test_the_command_line_stands_in_the_place_of_the_adapter(export):
    del export.keys["mode"], export.keys["perimetre"]
    export.run(
        lot_set={
            "mode": "production", "perimetre": " 000000125, 000000117,", "journal_maj_complet": "False",
            "editeur": "A, B",
            "couverture": '{"sejour": {"debut": "2025-02-01", "fin": "2025-03-01"}}',
            "non_fourni": '["projet_personnalise", "statut_projet", "evenement"]',
        }
    )  # fmt: skip
    found = export.manifest
    assert (found["mode"], found["perimetre"], found["journal_maj_complet"], found["editeur"]) == (
        "production", ["000000125", "000000117"], False, "A, B",
    )  # fmt: skip
    assert found["couverture"]["sejour"]["fin"] == "2025-03-01"
    export.open().close()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"modes": "test"}, "ESMS-E111"), ({"version_schema": "2"}, "ESMS-E111"), ({"couverture": "{"}, "ESMS-E112"),
        ({"perimetre": "[1,"}, "ESMS-E112"),
    ],
)  # fmt: skip
def test_a_wrong_key_of_the_command_line_is_wrong_use(export, given, code):
    error = export.refusal(lot_set=given)
    assert isinstance(error, UsageError) and error.code == code and error.exit_code == 2


def test_each_missing_key_is_named_before_anything_is_read(export):
    del export.keys["mode"], export.keys["date_extraction"]
    export.files = {}
    error = export.refusal()
    assert isinstance(error, AdapterError) and error.exit_code == 2 and error.code == "ESMS-E212"
    assert [fault.message for fault in error.faults] == ["clé «date_extraction» manquante", "clé «mode» manquante"]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("mode", '"prod"', "clé «mode»"),
        ("date_extraction", '"01/10/2025"', "clé «date_extraction»"),
        ("date_extraction", '{ sql = "select null" }', "clé «date_extraction» manquante"),
        ("date_extraction", "{ sql = \"select '32/01/2025'\", formats = ['%d/%m/%Y'] }",
        "clé «date_extraction» manquante"),
        ("version_logiciel", "7", "clé «version_logiciel»"),
        ("journal_maj_complet", '"oui"', "clé «journal_maj_complet»"),
        ("periode_couverte_fin", '"2026-01-01"', "periode_couverte_fin est après le jour de date_extraction"),
        ("periode_couverte_debut", '"2025-12-01"', "periode_couverte_debut est après periode_couverte_fin"),
        ("perimetre", '["000000117", "000000117"]', "000000117 y figure plusieurs fois"),
        ("perimetre", '["000000133"]', "le FINESS 000000133 n'est pas dans la table etablissement"),
        ("couverture", "{ sejours = { debut = 2025-01-01, fin = 2025-01-02 } }", "«sejours» n'est pas une table"),
        ("non_fourni", '["projet_personnalise", "statut_projet", "evenement", "dosier"]',
        "«dosier» n'est ni une table"),
    ],
)  # fmt: skip
def test_a_key_that_the_contract_does_not_allow_is_refused(export, key, value, told):
    export.keys[key] = value
    error = export.refusal()
    assert error.code == "ESMS-E212" and any(told in fault.message for fault in error.faults), error


def test_a_query_that_fails_is_told_by_its_key(export):
    export.keys["editeur"] = '{ sql = "select x from source.entete" }'
    error = export.refusal()
    assert error.code == "ESMS-E207" and "lot.editeur" in str(error)
    export.keys["editeur"] = '{ sql = "select cast(NOM as int) from source.og" }'
    error = export.refusal()
    assert error.code == "ESMS-E208" and "lot.editeur" in str(error) and "Tilleuls" not in str(error)


# -- what is not supplied ----------------------------------------------------------------------------------------


def test_what_nothing_fills_is_declared_and_not_written(export):
    export.run()
    declared = export.manifest["non_fourni"]
    assert [one for one in declared if "." not in one] == ["evenement", "projet_personnalise", "statut_projet"]
    assert "sejour.sortie_definitive" in declared and "sejour.projet_applicable" not in declared
    assert "usager.statut_identite" in declared and "envoi" not in declared and "envoi.rpps" not in declared
    assert not (export.lot / "envoi.parquet").exists()
    with export.open() as lot:
        assert lot.given("sejour", "projet_applicable") and not lot.given("sejour", "sortie_definitive")
        assert not lot.given("evenement") and not lot.given("envoi")


def test_what_is_declared_by_the_command_line_must_not_be_filled(export):
    missing = "projet_personnalise,statut_projet,evenement"
    error = export.refusal(lot_set={"non_fourni": f"{missing},sejour.date_sortie,mise_a_jour"})
    assert [fault.message for fault in error.faults] == [
        "«sejour.date_sortie» est déclaré non_fourni, mais l'import le remplit",
        "«mise_a_jour» est déclaré non_fourni, mais l'import le remplit",
    ]
    export.files |= {"sej.csv": "NUM;RES;ET;ENTREE;SORTIE\nS1;U1;000000117;2025-01-06;\n", "log.csv": "DOS;JOUR;QUI\n"}
    export.run(lot_set={"non_fourni": f"{missing},sejour.date_sortie,mise_a_jour,sejour.projet_applicable"})
    with export.open() as lot:
        assert not lot.given("mise_a_jour") and not lot.given("sejour", "date_sortie")
