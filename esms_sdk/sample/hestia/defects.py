"""Defects that spreadsheets hold: formulas in error, dates typed as they are said, rows copied from sheet to sheet.

They lose of the world what Soléo's defects lose (:mod:`esms_sdk.sample.losses`), and add rows that are nobody's.
"""

from __future__ import annotations

from datetime import date

from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.hestia.filling import NOWHERE, Filling, local, named
from esms_sdk.sample.hestia.persons import IDENTITES, admissions_of
from esms_sdk.sample.hestia.sheets import AGENCES, Feuille, Value
from esms_sdk.sample.truth import Rejet
from esms_sdk.sample.world import Etablissement


def plant(f: Filling) -> None:
    """Plant the defects of establishments, identities, admissions and projets."""
    _nameless_establishment(f)
    for rank, key in enumerate(f.lost.of("usager")):
        _lost_person(f, rank % 3, key)
    for key, rejets in f.lost.sejours.items():
        _lost_sejour(f, key, rejets)
    for rank, key in enumerate(f.lost.of("dossier")):
        _lost_dossier(f, rank % 3, key)
    for rank, rejet in enumerate(f.lost.extra):
        _nobodys_sejour(f, rank, rejet)
    _waiting_list(f)
    _person_of_test(f)
    _unknown_labels(f)
    for rank, key in enumerate(f.lost.of("projet_personnalise")):
        _lost_projet(rank % 2, *f.one("projet_personnalise", key))
    for rank, key in enumerate(f.lost.of("statut_projet")):
        _lost_status(rank % 3, *f.one("statut_projet", key))


def spoil(line: Line, made: Made, defaut: str, column: str, code: str, **cells: object) -> None:
    """Change cells of a row for the worse and say what is read of it."""
    line.cells.update(cells)
    line.defaut, made.faute = defaut, (column, code)
    if column in made.row and code != "ORDRE_DATES":
        made.row = {**made.row, column: ""}


def _nameless_establishment(f: Filling) -> None:
    sheet = f.feuilles["siege.xlsx", "Établissements"]
    model, total = sheet.lignes[-2], sheet.lignes.pop()
    name = "Projet de résidence"
    cells = {**model.cells, "FINESS": None, "Établissement": name, "Suivi": None}
    row = {**f.rows["etablissement"][f.world.etablissements[-1].finess_et], "finess_et": "", "denomination": name}
    organisme = Made("organisme", dict(f.rows["organisme"][f.world.finess_ej]))
    line = sheet.add(cells, organisme, Made("etablissement", row, ("finess_et", "CLE_MANQUANTE")))
    line.defaut = "établissement sans FINESS"
    sheet.lignes.append(total)


def _lost_person(f: Filling, kind: int, key: str) -> None:
    sheet, line, made = f.one("usager", key)
    if kind == 0:
        spoil(line, made, "formule en erreur", "date_deces", "TYPE_INVALIDE", **{"Décès le": "#N/A"})
    elif kind == 1:
        line.defaut = "ligne recopiée, autre contenu"
        other = {**made.row, "nom_naissance": "DOUBLEVAL"}
        copy = sheet.add({**line.cells, "Nom de naissance": "DOUBLEVAL"}, Made("usager", other))
        copy.defaut = line.defaut
    else:
        spoil(
            line, made, "date écrite en toutes lettres", "date_statut_identite", "TYPE_INVALIDE",
            **{"Depuis le": "début mars"},
        )  # fmt: skip


def _lost_sejour(f: Filling, key: str, rejets: tuple[Rejet, ...]) -> None:
    """An entry that is a formula in error, or an admission that stands on two rows with two entries."""
    sheet, line, made = f.one("sejour", key)
    if len(rejets) == 1:
        spoil(line, made, "formule en erreur", "date_entree", "TYPE_INVALIDE", **{"Entrée 1": "#REF!"})
        return
    (start,) = {rejet.entree for rejet in rejets} - {made.row["date_entree"]}
    line.defaut = "admission recopiée, autre entrée"
    cells = {**line.cells, "Entrée 1": sheet.agence.day(date.fromisoformat(start))}
    makes = [
        Made("sejour", {**one.row, "date_entree": start}) if one.table == "sejour" else Made(one.table, dict(one.row))
        for one in line.makes
    ]
    sheet.add(cells, *makes).defaut = line.defaut


def _lost_dossier(f: Filling, kind: int, key: str) -> None:
    sheet, line, made = f.one("dossier", key)
    if kind == 0:
        made.row["date_archivage"] = "2001-01-01"
        cells = {"Archivé le": sheet.agence.day(date(2001, 1, 1))}
        spoil(line, made, "archivage avant l'ouverture", "date_archivage", "ORDRE_DATES", **cells)
    elif kind == 1:
        spoil(line, made, "formule en erreur", "date_creation", "TYPE_INVALIDE", **{"Ouvert le": "#VALUE!"})
    else:
        line.defaut = "dossier recopié, autre ouverture"
        kept = {name: line.cells[name] for name in ("Établissement", "FINESS", "N° usager", "N° dossier")}
        cells = {**kept, "Situation": "Sorti", "Ouvert le": sheet.agence.day(date(2024, 1, 2))}
        row = {**made.row, "date_creation": "2024-01-02", "date_archivage": ""}
        sheet.add(cells, Made("dossier", row)).defaut = line.defaut


def _no_dossier() -> Made:
    return Made("dossier", {}, ecartee="sans_dossier")


def _etablissement(f: Filling, finess_et: str) -> Etablissement:
    known = {e.finess_et: e for e in f.world.etablissements}
    return known.get(finess_et, f.world.etablissements[0])


def _sound_person(f: Filling, agence: str) -> str:
    lost = set(f.lost.of("usager"))
    return next(u.usager_id for u in f.world.usagers if u.usager_id.startswith(agence) and u.usager_id not in lost)


def _nobodys_sejour(f: Filling, rank: int, rejet: Rejet) -> None:
    """A row below the blocks that is a séjour of nobody, nowhere or never."""
    e = _etablissement(f, rejet.finess_et)
    sheet = admissions_of(f, e)
    agence = sheet.agence
    number = f"A95{rank:02d}"
    person = _sound_person(f, e.agence)
    finess: Value = int(e.finess_et)
    row = {
        "sejour_id": f"{agence.dossier}-{number}.1", "usager_id": named(person), "finess_et": rejet.finess_et,
        "date_entree": rejet.entree, "date_sortie": rejet.sortie, "sortie_definitive": "", "projet_applicable": "false",
    }  # fmt: skip
    made = Made("sejour", row)
    defaut = "admission d'un usager inconnu"
    if not rejet.finess_et and rank % 2:
        finess, defaut, made.faute = None, "admission sans FINESS", ("finess_et", "COLONNE_REQUISE")
    elif not rejet.finess_et:
        finess, defaut, row["finess_et"] = int(NOWHERE), "FINESS inconnu", NOWHERE
    elif not rejet.entree:
        defaut, made.faute = "admission sans entrée", ("date_entree", "COLONNE_REQUISE")
    elif rejet.entree > rejet.sortie:
        defaut, made.faute = "sortie avant l'entrée", ("date_sortie", "ORDRE_DATES")
    elif rank % 2:
        number, row["sejour_id"] = "", ""
        defaut, made.faute = "admission sans numéro", ("sejour_id", "CLE_MANQUANTE")
    else:
        person = f"{person[:5]}9999"
        row["usager_id"] = named(person)
    sheet.add({
        "FINESS": finess, "N° admission": number, "N° usager": agence.number(local(person)), "Situation": "Sorti",
        "Entrée 1": agence.day(_date(rejet.entree)), "Sortie 1": agence.day(_date(rejet.sortie)), "Motif 1": "Autre",
    }, made, _no_dossier()).defaut = defaut  # fmt: skip


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _waiting_list(f: Filling) -> None:
    for agence, number in (("AG01", "A9801"), ("AG03", "A9801"), ("AG03", "A9802")):
        sheet = admissions_of(f, next(e for e in f.world.etablissements if e.agence == agence))
        cells = {
            "N° admission": number, "N° usager": AGENCES[agence].number(local(_sound_person(f, agence))),
            "Situation": "Liste d'attente",
        }  # fmt: skip
        line = sheet.add(cells, _no_dossier())
        line.ecartee, line.defaut = "liste_attente", "liste d'attente"


def _person_of_test(f: Filling) -> None:
    """A person of test, set aside with everything that hangs on it."""
    agence, number = AGENCES["AG01"], "9001"
    e = f.world.etablissements[0]
    _, model, sound = f.one("usager", _sound_person(f, "AG01"))
    sheet = f.feuille(agence, "usagers.xlsx", "Identités", IDENTITES)
    cells = {
        **model.cells, "N° usager": agence.number(number), "Fiche principale": None, "Nom de naissance": "ESSAI",
        "Test": "X",
    }  # fmt: skip
    row = {**sound.row, "usager_id": f"{agence.dossier}-{number}", "usager_id_fusion": "", "nom_naissance": "ESSAI"}
    line = sheet.add(cells, Made("usager", row))
    line.ecartee, line.defaut = "fiche_test", "fiche de test"
    dossier = {
        "dossier_id": f"{agence.dossier}-D9001", "usager_id": row["usager_id"], "finess_et": e.finess_et,
        "date_creation": "2024-03-01", "date_archivage": "",
    }  # fmt: skip
    sejour = {
        "sejour_id": f"{agence.dossier}-A9001.1", "usager_id": row["usager_id"], "finess_et": e.finess_et,
        "date_entree": "2024-03-01", "date_sortie": "", "sortie_definitive": "", "projet_applicable": "true",
    }  # fmt: skip
    admissions_of(f, e).add({
        "FINESS": int(e.finess_et), "N° admission": "A9001", "N° usager": agence.number(number), "Situation": "Présent",
        "N° dossier": "D9001", "Ouvert le": date(2024, 3, 1), "Projet d'accueil": "X", "Entrée 1": date(2024, 3, 1),
    }, Made("sejour", sejour), Made("dossier", dossier)).defaut = "admission d'une fiche de test"  # fmt: skip


def _unknown_labels(f: Filling) -> None:
    """Labels that the mapping does not know, in columns that may be empty: nothing is lost by them."""
    lost = set(f.lost.of("usager"))
    for u in [u for u in f.world.usagers if u.usager_id not in lost and not u.fusion][30::180]:
        _, line, made = f.one("usager", u.usager_id)
        line.cells["Civilité"], made.row["sexe"] = "Dr", ""
        line.libelles.append(("Civilité", "Dr"))
        line.defaut = "libellé inconnu, colonne facultative"
    gone = set(f.lost.of("projet_personnalise"))
    for p in [p for p in f.world.projets if p.projet_id not in gone][50::170]:
        _, line, made = f.one("projet_personnalise", p.projet_id)
        line.cells["Nature"], made.row["type_projet"] = "Charte de vie", ""
        line.libelles.append(("Nature", "Charte de vie"))
        line.defaut = "libellé inconnu, colonne facultative"


def _lost_projet(kind: int, sheet: Feuille, line: Line, made: Made) -> None:
    if kind == 0:
        made.row["date_fin"] = "2010-01-01"
        cells = {"Fin": sheet.agence.day(date(2010, 1, 1))}
        spoil(line, made, "fin avant le début", "date_fin", "ORDRE_DATES", **cells)
    else:
        line.cells["N° dossier"], line.defaut = "D9999", "dossier inconnu"
        made.row["dossier_id"] = f"{sheet.agence.dossier}-D9999"


def _lost_status(kind: int, sheet: Feuille, line: Line, made: Made) -> None:
    column = ("", "Préparé le", "Actif le", "Suspendu le", "Repris le", "Clos le", "Annulé le")[int(made.row["rang"])]
    if kind == 0:
        # The day is part of the key: a formula in error leaves the key without it.
        spoil(line, made, "formule en erreur dans la clé", "date_statut", "CLE_MANQUANTE", **{column: "#N/A"})
        return
    text = "31/02/2025" if kind == 1 else "à la rentrée"
    spoil(line, made, "date de statut illisible", "date_statut", "TYPE_INVALIDE", **{column: text})
