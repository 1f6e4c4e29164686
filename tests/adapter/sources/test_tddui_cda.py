"""The CDA reader of TDDUI: the document EXPORT_DUI, its person, its séjours and its events."""

from __future__ import annotations

import zipfile
from datetime import date

import pytest

from esms_sdk.errors import SourceError
from tests.adapter.sources import tddui_world as world
from tests.adapter.sources.tddui_import import Tddui
from tests.adapter.sources.tddui_world import EJ, ET, NIR, cda, cda_evenement, cda_person, cda_sejour

PERSON, DOSSIER = f"{ET}:U-1", f"{ET}:U-1@{ET}"
STRUCTURES = f"finess_et;finess_ej;denomination\n{ET};{EJ};SSIAD du Gué\n".encode()
INS_TEST, INS, NSS = "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.13"
LOCAL = ("1.2.3", f"3{ET}/U-1")


@pytest.fixture
def export(tmp_path):
    """Import one document of these parts."""

    def imported(person="", sejours=None, evenements="", **more):
        stays = cda_sejour() if sejours is None else sejours
        files = {"dui.xml": cda(person, stays, evenements, **more), "structures.csv": STRUCTURES}
        return Tddui(tmp_path, "tddui_cda", files)

    return imported


def test_a_document_gives_its_person_the_sejour_the_dossier_and_the_event(export):
    found = export(
        cda_person(LOCAL, (INS_TEST, NIR)), cda_sejour(sortie="20250829"), cda_evenement(updated="20250904112000+0200")
    )
    assert found.rejects() == []
    columns = (
        "usager_id, matricule_ins, oid_ins, nom_naissance, prenoms_naissance, premier_prenom, sexe, date_naissance"
    )
    assert found.rows("usager", columns) == [(PERSON, NIR, INS_TEST, "BRUINE", "OLGA ANNE", "OLGA", "F", "1953-07-02")]
    columns = "sejour_id, usager_id, date_entree, date_sortie"
    assert found.rows("sejour", columns) == [(f"{ET}:U-1-SEJOUR-1", PERSON, date(2025, 2, 3), date(2025, 8, 29))]
    assert found.rows("dossier", "dossier_id, date_creation") == [(DOSSIER, date(2025, 1, 20))]
    assert found.rows("evenement", "dossier_id, statut, date_debut") == [(DOSSIER, "TERMINE", date(2025, 9, 4))]
    assert found.rows("mise_a_jour") == [(DOSSIER, date(2025, 9, 4), "UTILISATEUR")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("PLANIFIE", "PLANIFIE"),
        ("VALIDE", "VALIDE"),
        ("REALISE", "TERMINE"),
        ("TERMINE", "TERMINE"),
        ("ANNULE", "ANNULE"),
    ],
)
def test_the_status_of_an_event_is_translated_and_realise_is_termine(export, status, expected):
    assert export(evenements=cda_evenement(status_=status)).rows("evenement", "statut") == [(expected,)]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("20250904", date(2025, 9, 4)),
        ("202509042359", date(2025, 9, 4)),
        ("20250930223000+0000", date(2025, 10, 1)),
        ("20250930223000.123-0400", date(2025, 10, 1)),
        ("20250930233000+0200", date(2025, 9, 30)),
    ],
)
def test_a_date_with_or_without_zone_is_told_in_civil_time(export, moment, expected):
    assert export(evenements=cda_evenement(start=moment)).rows("evenement", "date_debut") == [(expected,)]


def test_a_forecast_is_no_exit(export):
    forecast = cda_sejour(sortie="20251231").replace(
        'moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.48.7"',
        'moodCode="INT"><templateId root="1.2.250.1.213.1.1.3.48.7"',
    )
    assert export(sejours=forecast).rows("sejour", "date_sortie") == [(None,)]


def test_an_nss_is_no_ins(export):
    assert export(cda_person(LOCAL, (NSS, NIR))).rows("usager", "matricule_ins, oid_ins") == [(None, None)]


@pytest.mark.parametrize("ids", [[(INS_TEST, NIR)], [(INS_TEST, NIR), ("1.2.3", f"3{ET}/{NIR}")]])
def test_a_person_known_by_a_nir_alone_gets_an_opaque_key_and_so_do_its_numbers(export, ids):
    sejours, evenements = cda_sejour(f"{NIR}-SEJOUR-1"), cda_evenement(f"{NIR}-EVN-1")
    found = export(cda_person(*ids), sejours, evenements)
    assert found.rejects() == []
    keys = [str(row) for t in ("sejour", "dossier", "evenement") for row in found.rows(t)]
    keys += [key for (key,) in found.rows("usager", "usager_id")]
    assert len(keys) == 4 and not any(NIR[:13] in key for key in keys)


def test_a_person_without_local_number_takes_that_of_its_sejours(export):
    found = export(cda_person((INS_TEST, NIR)), cda_sejour("U-1-SEJOUR-1"))
    assert found.rows("usager", "usager_id") == [(PERSON,)]
    assert "IDENTIFIANT_LOCAL_ABSENT" in found.observations()


# -- what is refused, entry by entry and as a whole --------------------------------------------------------------


@pytest.mark.parametrize(
    ("sejours", "evenements", "expected"),
    [
        (cda_sejour() + "<entry><act/></entry>", "", ("3", "", "", "ENTREE_NON_RECONNUE")),
        (
            cda_sejour() + cda_sejour("U-1-SEJOUR-2", entree="avril"),
            "",
            ("3", "sejour", "date_entree", "TYPE_INVALIDE"),
        ),
        (
            cda_sejour() + cda_sejour("U-1-SEJOUR-2", sortie="20200101"),
            "",
            ("3", "sejour", "date_sortie", "ORDRE_DATES"),
        ),
        (cda_sejour(), "<entry><encounter/></entry>", ("3", "", "", "ENTREE_NON_RECONNUE")),
        (cda_sejour(), cda_evenement(status_="FACTURE"), ("3", "evenement", "statut", "CODE_INCONNU")),
        (cda_sejour(), cda_evenement(status_=""), ("3", "evenement", "statut", "COLONNE_REQUISE")),
        (cda_sejour(), cda_evenement(start=""), ("3", "evenement", "date_debut", "COLONNE_REQUISE")),
    ],
)
def test_an_entry_that_cannot_be_read_is_rejected_at_its_rank_and_the_others_go_on(
    export, sejours, evenements, expected
):
    found = export("", sejours, evenements)
    assert found.rejects() == [expected]
    assert len(found.rows("sejour")) == 1


def test_entries_of_other_sections_and_other_documents_are_set_aside(tmp_path):
    section = '<component><section><templateId root="1.2.250.1.213.1.1.2.246"/><entry/><entry/></section></component>'
    files = {
        "dui.xml": cda("", cda_sejour(), more=section),
        "ldl.xml": cda(code="34133-9"),
        "structures.csv": STRUCTURES,
    }
    found = Tddui(tmp_path, "tddui_cda", {**files, "METADATA.XML": b"<SubmitObjectsRequest/>"})
    assert found.ignored() == {"evaluation": 2, "autre_document": 2}
    assert found.rejects() == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (cda("", cda_sejour())[:-30], "ESMS-E340"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + cda().partition(b"?>")[2], "ESMS-E341"),
        (b"%PDF-1.4", "ESMS-E340"),
        (b"", "ESMS-E340"),
    ],
)
def test_a_document_that_cannot_be_trusted_ends_the_import_and_writes_nothing(tmp_path, content, code):
    with pytest.raises(SourceError) as refused:
        Tddui(tmp_path, "tddui_cda", {"dui.xml": content})
    assert (refused.value.code, refused.value.exit_code) == (code, 2) and "dui.xml" in refused.value.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export"]


def test_the_documents_of_an_archive_are_read_and_a_hostile_archive_is_refused(tmp_path):
    (tmp_path / "export").mkdir()
    with zipfile.ZipFile(tmp_path / "export" / "dui.zip", "w") as archive:
        archive.writestr("IHE_XDM/a.xml", cda("", cda_sejour()))
        archive.writestr("IHE_XDM/b.xml", cda(cda_person(("1.2.3", f"3{ET}/U-2")), cda_sejour("U-2-SEJOUR-1")))
    assert len(Tddui(tmp_path, "tddui_cda", {"structures.csv": STRUCTURES}).rows("usager")) == 2
    with zipfile.ZipFile(tmp_path / "export" / "dui.zip", "a") as archive:
        archive.writestr("../c.xml", cda())
    with pytest.raises(SourceError, match="sort de l'archive"):
        Tddui(tmp_path, "tddui_cda", {})


# -- what is observed, and what the document does not carry ------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((cda_person(LOCAL, (INS, world.wrong_key(NIR))), cda_sejour()), "INS_CLE_FAUSSE"),
        ((cda_person(LOCAL), cda_sejour(structure=ET)), "FINESS_SANS_PREFIXE"),
        ((cda_person(LOCAL), cda_sejour(structure=f"1{world.OTHER}")), "FINESS_DISCORDANT"),
        ((cda_person(LOCAL), cda_sejour(f"{NIR}-SEJOUR-1")), "IDENTIFIANT_AVEC_NIR"),
        ((cda_person(LOCAL).replace('<birthTime value="19530702"/>', ""), cda_sejour()), "TRAIT_ABSENT"),
        ((cda_person(LOCAL), cda_sejour(), cda_evenement(dated="20260904")), "DATE_POSTERIEURE"),
    ],
)
def test_each_defect_is_observed_and_kept(export, parts, code):
    usual = {"EJ_ABSENT", "MAJ_ABSENTE"} | ({"ESSMS_NON_DECRIT"} if code == "FINESS_DISCORDANT" else set())
    assert set(export(*parts).observations()) - usual == {code}


def test_a_document_carries_no_projet_and_its_indicators_say_so(export):
    found = export(evenements=cda_evenement(updated="20250904"))
    assert {"projet_personnalise", "statut_projet", "envoi", "sejour.sortie_definitive"} <= set(
        found.manifest["non_fourni"]
    )
    told = {name: one.motif for name, one in found.indicators().items()}
    assert told["taux_dossiers_actifs"] is None and told["taux_evenement_agenda"] is None
    assert told["taux_projet_personnalise"] == told["taux_mssante"] == told["taux_dmp"] == "DONNEE_NON_FOURNIE"
