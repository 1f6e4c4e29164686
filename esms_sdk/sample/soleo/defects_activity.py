"""Defects planted in the files on activity and exchanges."""

from __future__ import annotations

from collections import Counter

from esms_sdk.sample.soleo.defects_persons import NOWHERE
from esms_sdk.sample.soleo.dialects import AGENCES
from esms_sdk.sample.soleo.labels import EN_ATTENTE
from esms_sdk.sample.soleo.planter import Planter, spoil, twin
from esms_sdk.sample.soleo.rows import Ligne


def plant(p: Planter) -> None:
    """Plant the defects of the access log, projets, agenda, documents, messages, DMP, INSi, receptions, exchanges."""
    _journal(p)
    _test_record(p)
    _projets(p)
    _agenda(p)
    _documents(p)
    _messages(p)
    _dmp(p)
    _others(p)


def _user_line(ligne: Ligne) -> bool:
    return ligne.cells["Action"] == "Modification"


def _journal(p: Planter) -> None:
    for agence, wrong in (
        ("AG01", "31/04/2025 10:12:00"),
        ("AG03", "2025-02-30T10:12:00Z"),
        ("AG05", "2025-06-31T09:12:00-04:00"),
    ):
        line = p.sound_row("journal", agence, _user_line).copy(Horodatage=wrong)
        p.add("journal", agence, line, "instant impossible", "mise_a_jour.date_maj TYPE_INVALIDE")
    for agence in ("AG02", "AG04"):
        line = twin(p.sound_row("journal", agence, _user_line), "N° dossier", "")
        p.add("journal", agence, line, "ligne sans dossier", "mise_a_jour.dossier_id COLONNE_REQUISE")
        line = p.sound_row("journal", agence, _user_line).copy()
        line.surplus = ("reste",)
        p.add("journal", agence, line, "cellules en trop", "mise_a_jour LIGNE_IRREGULIERE")
    for agence, number in (("AG01", "D9998"), ("AG01", "D9999"), ("AG05", "D9999")):
        line = twin(p.sound_row("journal", agence, _user_line), "N° dossier", number)
        p.add("journal", agence, line, "dossier inconnu", "mise_a_jour.dossier_id REFERENCE_INCONNUE")
    for agence in AGENCES:
        for _ in range(6):
            p.repeat("journal", agence, p.sound_row("journal", agence, _user_line))


def _one_version(ligne: Ligne) -> bool:
    return ligne.cells["VERSION"] == "1" and bool(ligne.cells["Fin"])


def _test_record(p: Planter) -> None:
    """What was written in the dossiers of the fiches of test, set aside with them."""
    for agence in ("AG01", "AG03"):
        for _ in range(3):
            line = twin(p.sound_row("journal", agence, _user_line), "N° dossier", "D9001")
            line.makes[0].refs["dossier_id"] = ("dossier", f"{agence}-D9001")
            p.add("journal", agence, line, "écriture dans un dossier de test")
    event = twin(p.sound_row("agenda", "AG01", _one_version), "N° RDV", "E90001", **{"N° dossier": "D9001"})
    event.makes[0].refs["dossier_id"] = ("dossier", "AG01-D9001")
    p.add("agenda", "AG01", event, "rendez-vous d'un dossier de test")


def _projets(p: Planter) -> None:
    statuses = Counter(ligne.cells["Agence"] + ligne.cells["N° projet"] for ligne in p.source("projets").lignes)

    def single(ligne: Ligne) -> bool:
        return statuses[ligne.cells["Agence"] + ligne.cells["N° projet"]] == 1

    def later(ligne: Ligne) -> bool:
        return ligne.cells["N° ordre"] == "1"

    for _ in range(2):
        p.unknown("projets", "", "Libellé statut", "À revoir", "statut_projet.statut CODE_INCONNU", later)
        p.unknown("projets", "", "Type", "Charte de vie", "projet_personnalise.type_projet", single)
    row = p.sound_row("projets", test=later)
    impossible = {"Date statut": "30/02/2025"}
    spoil(row, "date de statut impossible", "statut_projet.date_statut TYPE_INVALIDE", **impossible)
    row.makes[0].key = row.makes[0].refs["projet_id"][1] + " 1"
    row = p.sound_row("projets", test=single)
    spoil(row, "fin avant le début", "projet_personnalise.date_fin ORDRE_DATES", Fin="01/01/2010")
    row = p.sound_row("projets", test=single)
    nobody = {"N° dossier": "D9999"}
    spoil(row, "dossier inconnu", "projet_personnalise.dossier_id REFERENCE_INCONNUE", **nobody)
    p.repeat("projets", "", p.sound_row("projets"))


def _agenda(p: Planter) -> None:
    for agence in ("AG01", "AG01", "AG03", "AG05"):
        p.unknown("agenda", agence, "Statut", "Reporté", "evenement.statut CODE_INCONNU", _one_version)
    for agence in ("AG02", "AG04"):
        p.unknown("agenda", agence, "Nature", "Balnéothérapie", "evenement.type_code", _one_version)
    for agence, defaut, refus, cells in (
        ("AG01", "fin avant le début", "date_fin ORDRE_DATES", {"Fin": "01/01/2020 10:00"}),
        ("AG02", "début impossible", "date_debut TYPE_INVALIDE", {"Début": "2025-13-01 10:00"}),
        ("AG04", "rendez-vous sans début", "date_debut COLONNE_REQUISE", {"Début": ""}),
    ):
        spoil(p.sound_row("agenda", agence, _one_version), defaut, f"evenement.{refus}", **cells)
    row = p.sound_row("agenda", "AG03", _one_version)
    other = "Annulé" if row.cells["Statut"] != "Annulé" else "Prévu"
    p.twice("agenda", "AG03", row, "même numéro et même version", "evenement.evenement_id CLE_EN_DOUBLE", Statut=other)
    ragged = p.sound_row("agenda", "AG05", _one_version)
    ragged.surplus = ("x", "y")
    spoil(ragged, "cellules en trop", "evenement LIGNE_IRREGULIERE")
    p.repeat("agenda", "AG04", p.sound_row("agenda", "AG04", _one_version))


def _documents(p: Planter) -> None:
    """Documents that are lost, and with each the one send that carries it."""
    fed = {f.document_id for f in p.world.flux}
    attached = Counter(document for m in p.world.messages for document in m.documents)
    lonely = {m.documents[0] for m in p.world.messages if len(m.documents) == 1}

    def sent_alone(ligne: Ligne) -> bool:
        key = ligne.makes[0].key
        return not attached[key] if key in fed else key in lonely and attached[key] == 1

    for _ in range(2):
        p.unknown("documents", "", "Type de document", "Divers", "document.type_code CODE_INCONNU", sent_alone)
    row = p.sound_row("documents", test=sent_alone)
    spoil(row, "document sans date", "document.date_creation COLONNE_REQUISE", **{"Créé le": ""})


def _plain_message(ligne: Ligne) -> bool:
    cells = ligne.cells
    return bool(cells["Document 1"] and cells["N° fiche"]) and not cells["Document 2"] and cells["Résultat"] == "OK"


def _messages(p: Planter) -> None:
    p.unknown("messages", "", "Canal", "Télécopie", "envoi.canal CODE_INCONNU", _plain_message)
    for defaut, refus, cells in (
        ("message sans FINESS", "finess_et COLONNE_REQUISE", {"FINESS": ""}),
        ("FINESS inconnu", "finess_et REFERENCE_INCONNUE", {"FINESS": NOWHERE}),
        ("document inconnu", "document_id REFERENCE_INCONNUE", {"Document 1": "X99999"}),
    ):
        spoil(p.sound_row("messages", test=_plain_message), defaut, f"envoi.{refus}", **cells)
    p.repeat("messages", "", p.sound_row("messages", test=_plain_message))
    for number in ("M90001", "M90002", "M90003"):
        _waiting(p, "messages", "N° message", number)


def _waiting(p: Planter, stem: str, column: str, number: str) -> None:
    """A send whose result is not yet known is no row."""
    row = twin(p.sound_row(stem), column, number, **{"Résultat": EN_ATTENTE})
    row.makes = []
    p.add(stem, "", row, "résultat pas encore connu", ignoree="en_attente")


def _dmp(p: Planter) -> None:
    spoil(p.sound_row("dmp"), "dépôt sans document", "envoi.document_id COLONNE_REQUISE", Document="")
    impossible = "2025-11-31T10:00:00Z"
    spoil(p.sound_row("dmp"), "instant impossible", "envoi.horodatage TYPE_INVALIDE", Horodatage=impossible)
    p.unknown("dmp", "", "Résultat", "Partiel", "envoi.resultat CODE_INCONNU")
    for number in ("F90001", "F90002"):
        _waiting(p, "dmp", "N° flux", number)


def _others(p: Planter) -> None:
    p.unknown("insi", "", "Opération", "Lecture", "appel_insi.operation CODE_INCONNU")
    row = p.sound_row("receptions")
    spoil(row, "valeur ni oui ni non", "reception.integre TYPE_INVALIDE", **{"Intégré": "peut-être"})
    model = p.sound_row("oppositions")
    other = model.copy(**{"N° fiche": "9998"})
    other.makes[0].key = f"{other.cells['Agence']}-9998 " + model.makes[0].key.split(" ", 1)[1]
    p.add("oppositions", "", other, "fiche inconnue", "opposition.usager_id REFERENCE_INCONNUE")
    row = p.sound_row("echanges")
    spoil(row, "FINESS inconnu", "echange_optionnel.finess_et REFERENCE_INCONNUE", FINESS=NOWHERE)
    _waiting(p, "echanges", "N° échange", "O9001")
