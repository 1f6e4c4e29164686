"""``manifeste.json``: each key, what ties it to the tables, and every fault at once."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from esms_sdk.lot import load, manifest
from esms_sdk.lot.validation import NAMED
from esms_sdk.period import Period


def _messages(small):
    """The faults of the manifest by itself."""
    small.folder.mkdir(exist_ok=True)
    small.write_manifest()
    faults = manifest.read(small.folder)[1]
    assert {(f.code, f.fichier) for f in faults} == {("MANIFESTE", "manifeste.json")}
    return [f.message for f in faults]


def test_a_manifest_is_typed(small):
    small.manifest |= {
        "couverture": {"evenement": {"debut": "2025-03-01", "fin": "2025-09-30"}},
        "reference_segur": "R1",
        "non_fourni": ["envoi", "usager.statut_identite"],
    }
    manifest = small.open().manifest
    assert manifest.editeur == "Éditeur inventé"
    assert manifest.reference_segur == "R1"
    assert manifest.date_extraction == datetime(2025, 10, 1, 2, 0)
    assert manifest.perimetre == ("000000117", "000000125")
    assert manifest.non_fourni == {"envoi", "usager.statut_identite"}
    assert manifest.periode_couverte == Period(date(2025, 1, 1), date(2025, 9, 30))
    assert manifest.couverture == {"evenement": Period(date(2025, 3, 1), date(2025, 9, 30))}
    assert manifest.journal_maj_complet is True
    assert manifest.mode == "test"
    assert manifest.imported == {}


def test_keys_that_may_be_absent_are_reference_segur_non_fourni_and_couverture():
    optional = {c.name for c in load().manifest.values() if c.null or c.default is not None}
    assert optional == {"reference_segur", "non_fourni", "couverture"}


@pytest.mark.parametrize("value", ["absent", None, ""])
def test_every_other_key_is_required(small, value):
    expected = []
    for name, column in load().manifest.items():
        if value == "absent":
            small.manifest.pop(name, None)
        else:
            small.manifest[name] = value
        if not column.null and column.default is None:
            expected.append(f"clé «{name}» manquante")
    assert _messages(small) == expected


def test_a_value_of_another_kind_is_a_fault_of_each_key(small):
    wrong = {
        "version_schema": 1,
        "editeur": ["x"],
        "logiciel": 3,
        "version_logiciel": True,
        "reference_segur": 12,
        "date_extraction": "2025-10-01",
        "perimetre": "000000117",
        "non_fourni": {"envoi": 1},
        "periode_couverte_debut": "01/01/2025",
        "periode_couverte_fin": "2025-02-30",
        "couverture": [],
        "journal_maj_complet": "true",
        "historique_statuts_complet": 1,
        "mode": "Production",
    }
    assert wrong.keys() == load().manifest.keys()
    small.manifest = wrong
    messages = _messages(small)
    assert [m.partition("»")[0].removeprefix("clé «") for m in messages] == list(wrong)


@pytest.mark.parametrize(
    "value",
    [
        "2025-10-01T02:00:00Z",
        "2025-10-01T02:00",
        "2025-10-01 02:00:00",
        "2025-10-01T24:00:00",
        "２０２５-10-01T02:00:00",
    ],
)
def test_a_timestamp_of_the_manifest_has_one_form(small, value):
    small.manifest["date_extraction"] = value
    assert _messages(small) == ["clé «date_extraction» : on attend une date et heure AAAA-MM-JJTHH:MM:SS"]


def test_an_unknown_key_is_a_fault_and_import_is_none(small):
    small.manifest |= {"import": {}, "periode_couvert_fin": "2025-09-30"}
    (message,) = _messages(small)
    assert message.startswith("clé inconnue «periode_couvert_fin»")


def test_another_version_of_the_schema_is_a_fault(small):
    small.manifest["version_schema"] = "2"
    assert _messages(small) == ["clé «version_schema» : on attend «1», la version que lit ce SDK"]


def test_an_empty_perimeter_is_no_fault(small):
    small.manifest["perimetre"] = []
    assert small.open().manifest.perimetre == ()


def test_a_finess_twice_in_the_perimeter_or_in_no_table_is_a_fault(small):
    small.manifest["perimetre"] = ["000000117", "2A0000001", "000000117"]
    assert _messages(small) == [
        "perimetre : le FINESS 000000117 y figure plusieurs fois",
    ]
    small.manifest["perimetre"] = ["000000117", "2A0000001"]
    (fault,) = small.faults()
    assert str(fault) == "manifeste.json : perimetre : le FINESS 2A0000001 n'est pas dans la table etablissement"


def test_an_establishment_outside_the_perimeter_is_no_fault(small):
    small.manifest["perimetre"] = ["000000117"]
    small.open()


def test_a_perimeter_of_many_unknown_finess_is_counted(small):
    small.manifest["perimetre"] = [f"{i:09}" for i in range(34_000)]
    faults = small.faults()
    assert len(faults) == NAMED + 1
    assert f"et {33_998 - NAMED} autres" in faults[-1].message


@pytest.mark.parametrize(
    ("bounds", "part"),
    [
        ({"debut": "2025-09-30", "fin": "2025-09-01"}, "après sa fin"),
        ({"debut": "2025-09-01"}, "attend"),
        ("2025", "attend"),
        (None, "attend"),
        ({"debut": "2025-09-01", "fin": None}, "attend"),
        ({"debut": "2025-9-1", "fin": "2025-09-30"}, "attend"),
        ({"debut": "2025-09-01", "fin": "2025-09-30", "Fin": ""}, "attend"),
        ({"debut": 20250901, "fin": 20250930}, "attend"),
    ],
)
def test_a_coverage_that_is_malformed_or_inverted_is_a_fault(small, bounds, part):
    small.manifest["couverture"] = {"evenement": bounds, "evenements": {}}
    first, second = _messages(small)
    assert "evenement" in first and part in first
    assert "«evenements» n'est pas une table" in second


def test_a_coverage_may_be_one_day_and_wider_than_the_period(small):
    small.manifest["couverture"] = {
        "envoi": {"debut": "2025-09-01", "fin": "2025-09-01"},
        "sejour": {"debut": "2020-01-01", "fin": "2025-12-31"},
    }
    small.open()


def test_the_covered_period_is_in_order_and_ends_by_the_day_of_the_extraction(small):
    small.manifest |= {"periode_couverte_debut": "2025-10-03", "periode_couverte_fin": "2025-10-02"}
    assert _messages(small) == [
        "periode_couverte_debut est après periode_couverte_fin",
        "periode_couverte_fin est après le jour de date_extraction",
    ]
    small.manifest |= {"periode_couverte_debut": "2025-10-01", "periode_couverte_fin": "2025-10-01"}
    small.open()


def test_the_faults_of_the_manifest_and_of_the_tables_are_said_together(small):
    small.manifest["mode"] = "essai"
    small.add("evenement", "E3;D1;2025-09-12;;FAIT")
    assert [(f.code, f.fichier) for f in small.faults()] == [
        ("MANIFESTE", "manifeste.json"),
        ("CODE_INCONNU", "evenement.csv"),
    ]


def test_what_is_not_supplied_is_a_table_or_a_column_of_the_schema(small):
    small.manifest["non_fourni"] = [
        "envois",
        "envoi.date",
        "envoi.",
        ".envoi",
        "evenement.date_debut.x",
        "appel_insi",
        "usager.sexe",
    ]
    assert [m.partition(" n'est")[0] for m in _messages(small)] == [
        "non_fourni : «envois»",
        "non_fourni : «envoi.date»",
        "non_fourni : «envoi.»",
        "non_fourni : «.envoi»",
        "non_fourni : «evenement.date_debut.x»",
    ]


def test_what_is_not_supplied_and_holds_data_is_a_fault(with_envois):
    lot = with_envois
    lot.manifest["non_fourni"] = [
        "envoi",
        "sejour.sortie_definitive",
        "statut_projet.rang",
        "usager.statut_identite",
        "document.chemin",
    ]
    faults = lot.faults()
    assert [(f.code, f.fichier, f.colonne) for f in faults] == [
        ("NON_FOURNI", "sejour.csv", "sortie_definitive"),
        ("NON_FOURNI", "statut_projet.csv", "rang"),
        ("NON_FOURNI", "envoi.csv", None),
    ]


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_column_that_holds_its_default_holds_data(small, value):
    small.csv["sejour"] = (
        small.csv["sejour"].replace("sortie_definitive\n", "projet_applicable\n").replace("29;true", f"29;{value}")
    )
    small.manifest["non_fourni"] = ["sejour.projet_applicable"]
    assert small.places() == [("NON_FOURNI", "sejour.csv", None, "projet_applicable")]


def test_a_column_that_is_there_and_empty_may_be_declared_not_supplied(small):
    small.csv["sejour"] = (
        small.csv["sejour"].replace("sortie_definitive\n", "projet_applicable\n").replace("29;true", "29;")
    )
    small.csv["evenement"] = "evenement_id;dossier_id;date_debut;statut\n"
    small.manifest["non_fourni"] = ["sejour.projet_applicable", "evenement"]
    lot = small.open()
    assert (
        not lot.given("sejour", "projet_applicable")
        and not lot.given("evenement")
        and lot.given("sejour", "date_entree")
    )


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b'{"editeur": \n}', 2),
        (b"[]", None),
        (b'"x"', None),
        (b"null", None),
        (b"\xe9", None),
        (b'{"mode": "test", "mode": "test"}', None),
        (b"[" * 200_000, None),
        (b'{"x": ' + b"1" * 6000 + b"}", None),
    ],
    ids=["empty", "broken", "list", "text", "null", "not-utf8", "repeated-key", "deep", "long-number"],
)
def test_what_is_no_json_object_is_a_fault(small, content, line):
    small.folder.mkdir()
    (small.folder / "manifeste.json").write_bytes(content)
    faults = manifest.read(small.folder)[1]
    assert [(f.code, f.fichier, f.ligne) for f in faults] == [("MANIFESTE", "manifeste.json", line)]


def test_a_manifest_may_have_a_bom_and_escapes(small):
    small.write()
    path = small.folder / "manifeste.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace("É".encode(), b"\\u00c9").replace(b"\n", b"\r\n"))
    assert small.reopen().manifest.editeur == "Éditeur inventé"


def test_a_text_that_no_file_can_hold_is_a_fault(small):
    small.write()
    path = small.folder / "manifeste.json"
    path.write_bytes(path.read_bytes().replace("Éditeur".encode(), b"\\ud800"))
    with pytest.raises(Exception, match="«editeur»"):
        small.reopen()


@pytest.mark.parametrize(
    ("imported", "part"),
    [
        ([], "un objet"),
        (None, "un objet"),
        ({"rejets_par_finess": {"sejour": 3}}, "rejets_par_finess"),
        ({"rejets_par_finess": {"sejour": {"?": -1}}}, "rejets_par_finess"),
        ({"sources": {"a.csv": {"lues": 1}}}, "sources"),
        ({"sources": {"a.csv": {"lues": 3, "acceptees": 1, "rejetees": 1, "ignorees": 0}}}, "lues n'est pas"),
    ],
)
def test_a_malformed_account_of_the_import_is_a_fault(small, imported, part):
    small.manifest["import"] = imported
    (message,) = _messages(small)
    assert part in message
