"""Defects planted in the files on establishments and persons."""

from __future__ import annotations

from datetime import date

from esms_sdk.sample.soleo.dialects import AGENCES, day
from esms_sdk.sample.soleo.planter import Planter, spoil, twin
from esms_sdk.sample.soleo.rows import Ligne

NOWHERE = "000099994"
"""A FINESS number with a right key that no establishment of the export bears."""


def plant(p: Planter) -> None:
    """Plant the defects of establishments, fiches, séjours and dossiers."""
    _etablissements(p)
    _lost_fiches(p)
    _fusions(p)
    for agence, label in (("AG01", "Docteur"), ("AG01", "Docteur"), ("AG03", "Mx")):
        p.unknown("residents", agence, "Civilité", label, "usager.sexe")
    for _ in range(2):
        p.unknown("residents", "AG02", "Statut", "En cours de qualification", "usager.statut_identite")
    for agence in ("AG01", "AG03"):
        _test_person(p, agence)
    _lost_sejours(p)
    _extra_sejours(p)
    _waiting_lists(p)
    _lost_dossiers(p)
    for stem, agences in (("residents", ("AG01", "AG03", "AG05")), ("sejours", ("AG02", "AG04")), ("dossiers", ("",))):
        for agence in agences:
            p.repeat(stem, agence, p.sound_row(stem, agence))


def _etablissements(p: Planter) -> None:
    model = p.source("etablissements").lignes[0]
    nameless = model.copy(**{"Code FINESS": "", "Établissement": "Projet de résidence"})
    nameless.makes[1].key = ""
    p.add("etablissements", "", nameless, "établissement sans FINESS", "etablissement.finess_et CLE_MANQUANTE")
    total = Ligne({**dict.fromkeys(model.cells, ""), "Agence": "TOTAL", "Établissement": "8 établissements"})
    total.defaut, total.ignoree = "ligne de total", "ligne_de_total"
    p.source("etablissements").lignes.append(total)


def _lost_fiches(p: Planter) -> None:
    """Fiches that are lost, and with them everything that hangs on them."""
    numberless = twin(p.sound_row("residents", "AG02"), "N° fiche", "")
    p.add("residents", "AG02", numberless, "fiche sans numéro", "usager.usager_id CLE_MANQUANTE")
    row = p.row_of("residents", "AG04", "usager", p.quiet_person("AG04", present=True))
    cells = {"Nom de naissance": "DOUBLEVAL"}
    p.twice("residents", "AG04", row, "numéro de fiche", "usager.usager_id CLE_EN_DOUBLE", **cells)
    ragged = p.row_of("residents", "AG05", "usager", p.quiet_person("AG05", present=True))
    ragged.surplus = ("reste", "d'une autre ligne")
    spoil(ragged, "cellules en trop", "usager LIGNE_IRREGULIERE")
    dead = p.row_of("residents", "AG03", "usager", p.quiet_person("AG03", present=True))
    spoil(dead, "décès un 31 février", "usager.date_deces TYPE_INVALIDE", **{"Décédé le": "31/02/2025 00:00"})


def _fusions(p: Planter) -> None:
    """Two fiches merged into one another, a third into one of them, a fourth into one that does not exist."""
    cycle = "usager.usager_id_fusion CYCLE_FUSION"
    for number, master, defaut, *refus in (
        ("9101", "9102", "cycle de fusion", cycle),
        ("9102", "9101", "cycle de fusion", cycle),
        ("9103", "9101", "fusion vers une fiche rejetée"),
        ("9104", "9199", "fusion vers une fiche inconnue", "usager.usager_id_fusion REFERENCE_INCONNUE"),
    ):
        fiche = twin(p.sound_row("residents", "AG01"), "N° fiche", number, **{"Fiche maître": master})
        fiche.makes[0].refs["usager_id_fusion"] = ("usager", f"AG01-{master}")
        p.add("residents", "AG01", fiche, defaut, *refus)
    orphan = _past_stay(p, "AG01", "S9101", **{"N° fiche": "9101"})
    orphan.makes[0].refs["usager_id"] = ("usager", "AG01-9101")
    p.add("sejours", "AG01", orphan, "séjour d'une fiche en cycle de fusion")


def _test_person(p: Planter, agence: str) -> None:
    """A fiche of test: set aside with everything that hangs on it."""
    test = {"Type de fiche": "TEST", "Nom de naissance": "ESSAI", "Fiche maître": ""}
    fiche = twin(p.sound_row("residents", agence), "N° fiche", "9001", **test)
    fiche.makes[0].refs = {}
    p.add("residents", agence, fiche, "fiche de test", ignoree="fiche_test")
    own = twin(p.sound_row("sejours", agence), "N° séjour", "S9001", **{"N° fiche": "9001"})
    own.makes[0].refs["usager_id"] = ("usager", f"{agence}-9001")
    p.add("sejours", agence, own, "séjour d'une fiche de test")
    model = p.sound_row("dossiers", test=lambda ligne: ligne.cells["Agence"] == agence)
    record = twin(model, "N° dossier", "D9001", **{"N° fiche": "9001"})
    record.makes[0].refs["usager_id"] = ("usager", f"{agence}-9001")
    p.add("dossiers", "", record, "dossier d'une fiche de test")


def _lost_sejours(p: Planter) -> None:
    """Séjours that exist and are lost: the person is there, the establishment counts one person less."""

    def of(agence: str, *, present: bool) -> Ligne:
        person = p.quiet_person(agence, present=present)
        key = next(s.sejour_id for s in p.world.sejours if s.usager_id == person)
        return p.row_of("sejours", agence, "sejour", key)

    for agence, wrong, present in (("AG01", "31/02/2025", True), ("AG03", "00/13/2025 00:00", False)):
        row = of(agence, present=present)
        spoil(row, "date d'entrée impossible", "sejour.date_entree TYPE_INVALIDE", **{"Date d'entrée": wrong})
        row.lu["date_entree"] = ""
    other = p.twice(
        "sejours", "AG03", of("AG03", present=False), "numéro de séjour", "sejour.sejour_id CLE_EN_DOUBLE",
        **{"Date d'entrée": "15/11/2022 00:00"},
    )  # fmt: skip
    other.lu["date_entree"] = "2022-11-15"


def _past_stay(p: Planter, agence: str, number: str, **cells: str) -> Ligne:
    """Return a row for a séjour that ended in 2024, so that its loss leaves the rates of 2025 alone."""
    d = AGENCES[agence]
    past = {
        "Date d'entrée": day(date(2023, 5, 2), d),
        "Date de sortie": day(date(2024, 3, 15), d),
        "Motif de sortie": "Autre",
        "Situation": "Sorti",
        "Sortie définitive": d.oui,
    }
    row = twin(p.sound_row("sejours", agence), "N° séjour", number, **{**past, **cells})
    row.lu.update(date_entree="2023-05-02", date_sortie="2024-03-15")
    return row


def _extra_sejours(p: Planter) -> None:
    """Rows that are séjours of nobody, nowhere or never."""
    for agence, number, defaut, refus, cells in (
        ("AG02", "S9201", "FINESS inconnu", "finess_et REFERENCE_INCONNUE", {"FINESS": NOWHERE}),
        ("AG02", "", "séjour sans numéro", "sejour_id CLE_MANQUANTE", {}),
        ("AG04", "S9401", "séjour sans date d'entrée", "date_entree COLONNE_REQUISE", {"Date d'entrée": ""}),
        ("AG04", "S9402", "séjour sans FINESS", "finess_et COLONNE_REQUISE", {"FINESS": ""}),
        ("AG01", "S9102", "séjour d'une fiche inconnue", "usager_id REFERENCE_INCONNUE", {"N° fiche": "9999"}),
    ):
        row = _past_stay(p, agence, number, **cells)
        if "FINESS" in cells:
            row.lu["finess_et"] = ""
        if "Date d'entrée" in cells:
            row.lu["date_entree"] = ""
        p.add("sejours", agence, row, defaut, f"sejour.{refus}")
    for agence, entree, sortie in (
        ("AG01", date(2025, 9, 20), date(2025, 9, 2)),
        ("AG05", date(2025, 3, 18), date(2025, 3, 10)),
    ):
        d = AGENCES[agence]
        cells = {"Date d'entrée": day(entree, d), "Date de sortie": day(sortie, d)}
        row = _past_stay(p, agence, "S9301", **cells)
        row.lu.update(date_entree=entree.isoformat(), date_sortie=sortie.isoformat())
        p.add("sejours", agence, row, "sortie avant l'entrée", "sejour.date_sortie ORDRE_DATES")


def _waiting_lists(p: Planter) -> None:
    waiting = {"Situation": "Liste d'attente", "Date d'entrée": "", "Date de sortie": "", "Motif de sortie": ""}
    for agence, number in (("AG01", "S9801"), ("AG02", "S9801"), ("AG02", "S9802"), ("AG04", "S9801")):
        row = twin(p.sound_row("sejours", agence), "N° séjour", number, **waiting)
        row.makes = []
        p.add("sejours", agence, row, "liste d'attente", ignoree="liste_attente")


def _lost_dossiers(p: Planter) -> None:
    def of(agence: str) -> Ligne:
        person = p.quiet_person(agence, present=True)
        number = next(d.dossier_id for d in p.world.dossiers if d.usager_id == person)
        return p.row_of("dossiers", "", "dossier", number)

    early = {"Archivé le": "01/01/2001"}
    spoil(of("AG02"), "archivage avant la création", "dossier.date_archivage ORDRE_DATES", **early)
    impossible = {"Créé le": "13/45/2025"}
    spoil(of("AG03"), "date de création impossible", "dossier.date_creation TYPE_INVALIDE", **impossible)
    other = {"Créé le": "02/01/2024"}
    p.twice("dossiers", "", of("AG01"), "numéro de dossier", "dossier.dossier_id CLE_EN_DOUBLE", **other)
    model = p.sound_row("dossiers")
    nowhere = twin(model, "N° dossier", "D9301", FINESS=NOWHERE)
    p.add("dossiers", "", nowhere, "FINESS inconnu", "dossier.finess_et REFERENCE_INCONNUE")
    numberless = twin(model, "N° dossier", "")
    p.add("dossiers", "", numberless, "dossier sans numéro", "dossier.dossier_id CLE_MANQUANTE")
