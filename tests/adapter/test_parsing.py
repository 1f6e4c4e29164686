"""An ``adapter.toml`` that is wrong says every fault at once: the file, the place, the nearest right word."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esms_sdk.adapter import AdapterFound, discover, discovery, load
from esms_sdk.adapter.parsing import parse
from esms_sdk.errors import AdapterError

FOLDER = Path("essai")


def faults(text: str) -> list[str]:
    """Return the faults of an adapter's text, less what is only missing because the text is so short."""
    try:
        parse(text, FOLDER)
    except AdapterError as error:
        assert error.code == "ESMS-E203" and all(fault.fichier == "essai/adapter.toml" for fault in error.faults)
        told = [fault.message for fault in error.faults]
        return [m for m in told if "table obligatoire" not in m and "colonne obligatoire du lot" not in m]
    return []


def column(rule: str, name: str = "sexe", table: str = "usager") -> str:
    source = '[source.res]\nfichiers = ["r.csv"]\n'
    return f'{source}[table.{table}]\nsource = "res"\n[table.{table}.colonnes]\n{name} = {rule}\n'


def block(spec: str, table: str = "usager") -> str:
    sources = '[source.res]\nfichiers = ["r.csv"]\n[source.autre]\nfichiers = ["a.csv"]\n'
    return f'{sources}[table.{table}]\nsource = "res"\n{spec}\n'


def test_a_sound_adapter_is_read(export):
    adapter = parse(export.text(), FOLDER)
    assert (adapter.nom, adapter.titre, adapter.version, adapter.fuseau) == ("essai", "Essai", "1", "Europe/Paris")
    assert list(adapter.sources) == ["og", "etab", "res", "sej", "dos", "log"]
    assert list(adapter.tables) == ["organisme", "etablissement", "usager", "sejour", "dossier", "mise_a_jour"]


def test_a_name_and_a_zone_have_a_default(export):
    export.head = ""
    adapter = parse(export.text(), FOLDER)
    assert (adapter.nom, adapter.titre, adapter.version, adapter.fuseau) == ("essai", "essai", "0", "Europe/Paris")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nom = 1", "nom : inconnu (admis : adapter, lot, source, table)"),
        ("[adaptr]", "adaptr : inconnu (voulez-vous dire «adapter» ?)"),
        ("[adapter]\nnon = 'x'", "adapter.non : inconnu (voulez-vous dire «nom» ?)"),
        ("[adapter]\nversion = 1", "adapter.version : un texte attendu"),
        ("adapter = 3", "adapter : une table { … } attendue"),
        ("[lot]\nediteurs = 'x'", "lot.editeurs : inconnu (voulez-vous dire «editeur» ?)"),
        ("[lot]\nmode = { slq = 'x' }", "lot.mode.slq : inconnu (voulez-vous dire «sql» ?)"),
        ("[lot]\nmode = { formats = ['x'] }", "lot.mode.sql : requête SQL attendue"),
        ("[source]\nres = 3", "source.res : une table { … } attendue"),
        ("[source.res]\nfichier = ['r.csv']", "source.res.fichier : inconnu (voulez-vous dire «fichiers» ?)"),
        ("[source.res]", "source.res.fichiers : au moins un motif de nom de fichier attendu"),
        ("[source.res]\nfichiers = 'r.csv'", "source.res.fichiers : une liste de textes attendue"),
        ("[source.res]\nfichiers = [1]", "source.res.fichiers : une liste de textes attendue"),
        ("[source.res]\nfichiers = ['d/r.csv']",
        "source.res.fichiers : «d/r.csv» : un motif porte sur le nom du fichier seul"),
        ("[source.res]\nformat = 'xml'\nfichiers = ['r']", "source.res.format : un de csv,"),
        ("[source.res]\nfichiers = ['r']\nfacultatif = 'oui'", "source.res.facultatif : true ou false attendu"),
        ("[source.res]\nfichiers = ['r']\nseparateur = ';;'", "source.res.separateur : un seul caractère attendu"),
        ("[source.res]\nfichiers = ['r']\nencodage = 'utf-9'", "source.res.encodage : «utf-9» est inconnu"),
        ("[source.res]\nfichiers = ['r']\nencodage = 'rot13'", "source.res.encodage : «rot13» est inconnu"),
        ("[source.res]\nfichiers = ['r']\nlignes_avant_entete = -1", "source.res.lignes_avant_entete : un nombre"),
        ("[source.res]\nfichiers = ['r']\nlignes_avant_entete = true",
        "lignes_avant_entete : un nombre entier attendu"),
        ("[source.res]\nfichiers = ['r']\necarter = { a = 1 }", "source.res.ecarter.a : un texte non vide attendu"),
        ("[source.res]\nfichiers = ['r']\necarter = { repetition = '1=1' }",
        "ecarter.repetition : ce motif est celui du SDK"),
        ("[source.res]\nfichiers = ['r']\n[source.RES]\nfichiers = ['s']", "ne peuvent différer par la seule casse"),
        ("[table.usagers]\nsource = 'x'", "table.usagers : inconnu (voulez-vous dire «usager» ?)"),
        ("table = 3", "table : une table { … } attendue"),
        ("[table]\nusager = 3", "table.usager : une table { … } attendue"),
        ("[table]\nusager = []", "table.usager : aucun bloc"),
        ("[table.usager]\nsource = 'rse'\n[source.res]\nfichiers = ['r']",
        "usager.source : source inconnue «rse» (sources : res)"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_told_with_its_place(text, fault):
    assert any(fault in one for one in faults(text)), faults(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (column("3"), "table.usager.colonnes.sexe : une table { … } attendue"),
        (column("''"), "colonnes.sexe : un nom de colonne attendu"),
        (column("{}"), "colonnes.sexe : exactement un de «colonne», «sql», «valeur» attendu"),
        (column("{ colonne = 'A', sql = 'B' }"), "exactement un de"),
        (column("{ colone = 'A' }"), "colonnes.sexe.colone : inconnu (voulez-vous dire «colonne» ?)"),
        (column("'A'", "sex"), "table.usager.colonnes.sex : inconnu (voulez-vous dire «sexe» ?)"),
        (column("{ colonne = 'A', codes = { Homme = 'H' } }"),
        "codes.Homme : un code du schéma (M, F, I) attendu, «H» lu"),
        (column("{ colonne = 'A', codes = { m = 'M', 'M ' = 'F' } }"),
        "codes.M  : ce libellé (sans casse ni espaces autour)"),
        (column("{ colonne = 'A', codes = { '' = 'M' } }"),
        "un libellé vide : pour une cellule vide, employer «defaut»"),
        (column("{ colonne = 'A', codes = 'M' }"), "sexe.codes : une table { … } attendue"),
        (column("{ colonne = 'A', codes = { a = ['M'] } }"), "codes.a : un code attendu"),
        (column("{ valeur = 'X' }"), "sexe.valeur : un code du schéma (M, F, I) attendu, «X» lu"),
        (column("{ valeur = 'M', defaut = 'F' }"), "sexe.defaut : ne vaut pas avec «valeur»"),
        (column("{ valeur = ['M'] }"), "sexe.valeur : un texte, un nombre, une date ou true/false attendu"),
        (column("{ colonne = 'A', defaut = 'X' }"), "sexe.defaut : un code du schéma"),
        (column("{ colonne = 'A', casse = 'haute' }"), "sexe.casse : un de majuscules, minuscules attendu"),
        (column("{ colonne = 'A', espaces = 1 }"), "sexe.espaces : true ou false attendu"),
        (column("{ colonne = 'A', nuls = 'x' }"), "sexe.nuls : une liste de textes attendue"),
        (column("{ colonne = 'A', formats = ['%d/%m/%Y'] }"), "sexe.formats : ne vaut que pour une date"),
        (column("{ colonne = 'A', par = 'lot' }"), "sexe.par : ne vaut qu'avec «python»"),
        (column("{ colonne = 'A', python = 'f', par = 'tout' }"), "sexe.par : un de valeur, lot attendu"),
        (column("{ colonne = 'A', python = 'f' }"), "sexe.python : «module:fonction» attendu"),
        (column("{ colonne = 'A', formats = ['%d/%m'] }", "date_deces"),
        "«%d/%m» : le jour, le mois et l'année y sont"),
        (column("{ colonne = 'A', formats = ['%d/%m/%Q'] }", "date_deces"), "«%d/%m/%Q» : «%Q» est inconnu"),
        (column("{ colonne = 'A', formats = ['%d/%m/%y'] }", "date_naissance"), "«%d/%m/%y» : «%y» est inconnu ici"),
        (column("{ colonne = 'A', fuseau = 'Europe/Paris' }", "date_deces"),
        "date_deces.fuseau : ne vaut qu'avec un format"),
        (column("{ colonne = 'A', fuseau = { sq = 'x' } }", "date_deces"),
        "date_deces.fuseau.sql : expression SQL attendue"),
        (column("{ colonne = 'A', fuseau_source = 'UTC' }"), "sexe.fuseau_source : ne vaut que pour une date"),
        (column("{ colonne = 'A', codes = { a = 'b' } }", "date_deces"),
        "date_deces.codes : ne vaut pas pour une date"),
        (column("{ valeur = '31/01/2025' }", "date_deces"), "date_deces.valeur : une date AAAA-MM-JJ attendue"),
        (column("{ valeur = 2025-01-31 }", "horodatage", "envoi"), "une date et heure AAAA-MM-JJTHH:MM:SS attendue"),
        (column("{ colonne = 'A', defaut = 'oui' }", "projet_applicable", "sejour"), "defaut : true ou false attendu"),
        (column("{ colonne = 'A', codes = { a = 'x' } }", "integre", "reception"),
        "codes.a : true ou false attendu, «x» lu"),
        (column("{ valeur = 1.5 }", "rang", "statut_projet"), "rang.valeur : un entier attendu, «1.5» lu"),
    ],
)  # fmt: skip
def test_a_wrong_rule_of_a_column_is_told_with_its_place(text, fault):
    assert any(fault in one for one in faults(text)), faults(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (block("clef = 'x'"), "table.usager.clef : inconnu"),
        (block("jointures = []"), "table.usager.jointures : inconnu (voulez-vous dire «jointure» ?)"),
        (block("jointure = { source = 'autr', sur = { A = 'B' } }"), "jointure.source : source inconnue «autr»"),
        (block("jointure = { source = 'autre' }"),
        "jointure.sur : une table { colonne d'ici = colonne de là } attendue"),
        (block("jointure = { source = 'res', sur = { A = 'B' } }"), "jointure.source : «res» est déjà lue ici"),
        (block("jointure = [{ source = 'autre', sur = { A = 'B' } }, { source = 'autre', sur = { A = 'C' } }]"),
         "jointure[2].source : «autre» est déjà lue ici"),
        (block("jointure = { source = 'autre', sur = { A = 1 } }"), "jointure.sur.A : un texte non vide attendu"),
        (block("derniere_version = 'V'"), "usager.derniere_version : une liste de textes attendue"),
        (block("derniere_version = ['V']", "mise_a_jour"), "ne vaut pas pour «mise_a_jour», qui n'a pas de clé"),
        (block("repli = { suite_si = 'x' }"), "usager.repli : le repli ne vaut que pour la table sejour"),
        (block("repli = {}", "sejour"), "sejour.repli.suite_si : condition SQL attendue"),
        (block("repli = { suite_si = 'x', par = ['finess'] }", "sejour"),
        "repli.par : «finess» n'est pas une colonne de sejour"),
        (block("repli = { suite_si = 'x', ecart_max = -1 }", "sejour"), "repli.ecart_max : un nombre de jours attendu"),
        (block("repli = { suite_si = 'x', ecart_max = 'dix' }", "sejour"),
        "repli.ecart_max : un nombre entier attendu"),
        (block("depivot = { colonnes = ['a'] }"),
        "depivot : «colonnes» et des «groupes» d'autant de colonnes attendus"),
        (block("depivot = { colonnes = ['a', 'b'], groupes = [['X']] }"), "depivot : «colonnes» et des «groupes»"),
        (block("depivot = { colonnes = ['rang'], groupes = [['X']] }"),
        "depivot.colonnes : des noms différents attendus"),
        (block("depivot = { colonnes = ['a', 'A'], groupes = [['X', 'Y']] }"),
        "depivot.colonnes : des noms différents"),
        (block("eclater = { colonne = 'X' }"), "eclater : «colonne» et «separateur» attendus"),
        (block("eclater = { colonne = 'X', separateur = ',' }\ndepivot = { colonnes = ['a'], groupes = [['X']] }"),
         "usager.eclater : ne vaut pas avec «depivot»"),
        (block("ecarter = { vide = '' }"), "usager.ecarter.vide : un texte non vide attendu"),
    ],
)  # fmt: skip
def test_a_wrong_block_is_told_with_its_place(text, fault):
    assert any(fault in one for one in faults(text)), faults(text)


def test_blocks_of_one_table_must_go_together():
    blocks = "[source.res]\nfichiers = ['r']\n" + "".join(
        f"[[table.sejour]]\nsource = 'res'\n{spec}\n"
        for spec in ("derniere_version = ['1']", "repli = { suite_si = 'x' }")
    )
    told = faults(blocks)
    assert "table.sejour : derniere_version : chaque bloc de la table doit en avoir autant" in told
    assert "table.sejour : repli : chaque bloc de la table doit avoir le même (par, ecart_max)" in told


def test_the_blocks_of_a_table_are_told_by_their_number():
    text = "[source.res]\nfichiers = ['r']\n[[table.usager]]\nsource = 'res'\n[[table.usager]]\nsource = 'rse'\n"
    assert any(one.startswith("table.usager[2].source : source inconnue «rse»") for one in faults(text))


def test_a_required_table_is_described_or_declared_and_a_required_column_is_filled(export):
    del export.tables["mise_a_jour"]
    export.tables["sejour"] = export.tables["sejour"].replace('date_entree = "ENTREE", ', "")
    with pytest.raises(AdapterError) as refused:
        parse(export.text(), FOLDER)
    assert [fault.message for fault in refused.value.faults] == [
        "table.sejour.colonnes.date_entree : colonne obligatoire du lot : dire d'où elle vient",
        "table.mise_a_jour : table obligatoire : la décrire, ou la déclarer dans lot.non_fourni",
    ]


def test_what_is_declared_not_supplied_is_not_described(export):
    export.keys["non_fourni"] = '["projet_personnalise", "statut_projet", "evenement", "dossier", "sejour.date_sortie"]'
    assert faults(export.text()) == [
        "lot.non_fourni : «dossier» y est déclaré, mais [table.dossier] le remplit",
        "lot.non_fourni : «sejour.date_sortie» y est déclaré, mais [table.sejour] le remplit",
    ]


def test_all_faults_are_told_at_once(export):
    export.sources["res"] += "\nfacultatif = 1"
    export.column("usager", "sex", '"X"')
    export.column("sejour", "date_fin", '"Y"')
    assert len(faults(export.text())) == 3


def test_toml_that_is_none_is_told_with_its_line():
    with pytest.raises(AdapterError) as refused:
        parse("[adapter]\nnom = x\n", FOLDER)
    assert refused.value.code == "ESMS-E202" and "line 2" in str(refused.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "", "res", "usager", "%d/%m/%Y", "a:b"])
    | st.just(date(2025, 1, 31)) | st.just(math.inf),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(
        ["source", "colonnes", "usager", "sejour", "sexe", "codes", "formats", "fuseau", "sql", "colonne", "depivot",
        "lot",
         "groupes", "jointure", "sur", "repli", "ecarter", "fichiers", "format", "non_fourni", "couverture", "python",
         "par"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(raw=st.dictionaries(st.sampled_from(["adapter", "lot", "source", "table"]), VALUES))
def test_whatever_stands_in_the_file_only_faults_come_of_it(raw):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda text: raw)
        with pytest.raises(AdapterError) as refused:
            parse("", FOLDER)
    assert refused.value.faults


# -- where adapters are ------------------------------------------------------------------------------------------


def test_an_adapter_is_named_or_is_a_folder(export):
    export.write()
    assert load(export.adapter).nom == "essai"
    assert load("csv_generique").nom == "csv_generique"
    assert "csv_generique" in [found.nom for found in discover()]
    assert all(isinstance(found, AdapterFound) and found.titre and found.version for found in discover())


def test_an_unknown_adapter_is_told_with_the_nearest(tmp_path):
    with pytest.raises(AdapterError) as refused:
        load("csv_generiques")
    assert refused.value.code == "ESMS-E204" and "Voulez-vous dire «csv_generique» ?" in str(refused.value)
    with pytest.raises(AdapterError) as refused:
        load(tmp_path)
    assert "csv_generique" in str(refused.value)


def test_an_adapter_that_is_not_utf8_is_told(tmp_path):
    (tmp_path / "adapter.toml").write_bytes("nom = 'é'".encode("cp1252"))
    with pytest.raises(AdapterError) as refused:
        discovery.load(tmp_path)
    assert refused.value.code == "ESMS-E205"
