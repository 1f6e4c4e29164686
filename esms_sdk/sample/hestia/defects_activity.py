"""Defects planted in the grids, the agenda and the sheets on exchanges."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.hestia.activity import ETATS, grid
from esms_sdk.sample.hestia.defects import spoil
from esms_sdk.sample.hestia.filling import NOWHERE, Filling
from esms_sdk.sample.hestia.sheets import AGENCES, Feuille
from esms_sdk.sample.world import Dossier


def plant(f: Filling) -> None:
    """Plant them."""
    _grids(f)
    for rank, key in enumerate(f.lost.of("evenement")):
        _event(f, rank % 5, *f.one("evenement", key))
    for rank, key in enumerate(f.lost.of("document")):
        _document(rank % 3, *f.one("document", key))
    flux = {x.flux_id for x in f.world.flux}
    for rank, key in enumerate(key for key in f.lost.of("envoi") if key not in flux):
        _message(rank % 4, *f.one("envoi", key))
    for rank, key in enumerate(key for key in f.lost.of("envoi") if key in flux):
        _dmp(rank % 3, *f.one("envoi", key))
    for key in f.lost.of("echange_optionnel"):
        _, line, made = f.one("echange_optionnel", key)
        line.cells["FINESS"], made.row["finess_et"], line.defaut = int(NOWHERE), NOWHERE, "FINESS inconnu"
    _waiting(f)


def _sound_dossier(f: Filling, agence: str) -> Dossier:
    lost = set(f.lost.of("dossier"))
    gone = set(f.lost.of("usager"))
    return next(
        d for d in f.world.dossiers
        if d.dossier_id.startswith(agence) and d.dossier_id not in lost and d.usager_id not in gone
        and d.finess_et != f.world.etablissements[-1].finess_et
    )  # fmt: skip


def _insert(sheet: Feuille, line: Line) -> Line:
    """Put the row that was added last above the line of total."""
    sheet.lignes.remove(line)
    sheet.lignes.insert(len(sheet.lignes) - 1, line)
    return line


def _grids(f: Filling) -> None:
    """Dossiers that do not exist, a 31 April, a letter that means nothing, a row without dossier."""
    for agence, numbers in (("AG01", ("D9998", "D9999")), ("AG05", ("D9999",))):
        sheet = grid(f, agence, 2025, 3)
        for number in numbers:
            row = {"dossier_id": f"{sheet.agence.dossier}-{number}", "origine": "UTILISATEUR"}
            makes = [Made("mise_a_jour", {**row, "date_maj": f"2025-03-{day}"}) for day in ("04", "18")]
            line = sheet.add({"N° dossier": number, "4": "S", "18": "S"}, *makes)
            _insert(sheet, line).defaut = "dossier inconnu"
    _thirty_first_of_april(f)
    sheet = grid(f, "AG03", 2025, 5)
    made = Made("mise_a_jour", {"dossier_id": "", "date_maj": "2025-05-06", "origine": "UTILISATEUR"})
    made.faute = ("dossier_id", "COLONNE_REQUISE")
    _insert(sheet, sheet.add({"6": "S"}, made)).defaut = "ligne sans dossier"
    sheet = grid(f, "AG04", 2025, 6)
    dossier = f"{sheet.agence.dossier}-{_sound_dossier(f, 'AG04').dossier_id[5:]}"
    made = Made("mise_a_jour", {"dossier_id": dossier, "date_maj": "2025-06-05", "origine": ""})
    made.faute = ("origine", "CODE_INCONNU")
    line = _insert(sheet, sheet.add({"N° dossier": dossier.split("-")[-1], "5": "?"}, made))
    line.defaut = "geste inconnu"
    line.libelles.append(("geste", "?"))
    sheet = grid(f, "AG01", 2025, 7)
    test = {"dossier_id": f"{sheet.agence.dossier}-D9001", "origine": "UTILISATEUR"}
    makes = [Made("mise_a_jour", {**test, "date_maj": f"2025-07-{day}"}) for day in ("01", "02")]
    _insert(sheet, sheet.add({"N° dossier": "D9001", "1": "S", "2": "S"}, *makes)).defaut = "dossier de test"


def _thirty_first_of_april(f: Filling) -> None:
    """The grid of a month of thirty days, copied from one of thirty-one."""
    sheet = grid(f, "AG02", 2025, 4)
    sheet.colonnes = (*sheet.colonnes, "31")
    dossier = _sound_dossier(f, "AG02")
    name = f"{sheet.agence.dossier}-{dossier.dossier_id[5:]}"
    made = Made("mise_a_jour", {"dossier_id": name, "date_maj": "", "origine": "UTILISATEUR"})
    made.faute = ("date_maj", "TYPE_INVALIDE")
    line = sheet.add({"N° dossier": dossier.dossier_id[5:], "31": "S"}, made)
    _insert(sheet, line).defaut = "31 avril"


def _unknown(line: Line, made: Made, column: str, canonical: str, label: str) -> None:
    spoil(line, made, "libellé inconnu, colonne obligatoire", canonical, "CODE_INCONNU", **{column: label})
    line.libelles.append((column, label))


def _event(f: Filling, kind: int, sheet: Feuille, line: Line, made: Made) -> None:
    if kind == 0:
        _unknown(line, made, "État", "statut", "Reporté")
    elif kind == 1:
        made.row["date_fin"] = "2020-01-01"
        cells = {"Fin": sheet.agence.moment(datetime(2020, 1, 1, 10, 0))}
        spoil(line, made, "fin avant le début", "date_fin", "ORDRE_DATES", **cells)
    elif kind == 2:
        spoil(line, made, "formule en erreur", "date_debut", "TYPE_INVALIDE", Jour="#N/A")
    elif kind == 3:
        spoil(line, made, "rendez-vous sans jour", "date_debut", "COLONNE_REQUISE", Jour=None)
    else:
        line.defaut = "rendez-vous recopié sur une autre feuille, autre état"
        year = "2024" if sheet.nom.endswith("2025") else "2025"
        other = f.feuilles[sheet.classeur, f"Agenda {year}"]
        statut = "ANNULE" if made.row["statut"] != "ANNULE" else "VALIDE"
        copy = other.add({**line.cells, "État": ETATS[statut]}, Made("evenement", {**made.row, "statut": statut}))
        copy.defaut = line.defaut


def _document(kind: int, sheet: Feuille, line: Line, made: Made) -> None:
    if kind == 0:
        spoil(line, made, "document sans code", "type_code", "COLONNE_REQUISE", **{"Code LOINC": None})
    elif kind == 1:
        spoil(line, made, "document sans date", "date_creation", "COLONNE_REQUISE", **{"Créé le": None})
    else:
        spoil(line, made, "date de document illisible", "date_creation", "TYPE_INVALIDE", **{"Créé le": "vers Noël"})


def _message(kind: int, sheet: Feuille, line: Line, made: Made) -> None:
    if kind == 0:
        _unknown(line, made, "Canal", "canal", "Télécopie")
    elif kind == 1:
        spoil(line, made, "message sans FINESS", "finess_et", "COLONNE_REQUISE", FINESS=None)
    elif kind == 2:
        line.cells["FINESS"], made.row["finess_et"], line.defaut = int(NOWHERE), NOWHERE, "FINESS inconnu"
    else:
        line.cells["Pièces jointes"], line.defaut = "X99999", "document inconnu"
        made.row["document_id"] = f"{sheet.agence.dossier}-X99999"
        made.row["envoi_id"] = f"{made.row['message_id']}-X99999"


def _dmp(kind: int, sheet: Feuille, line: Line, made: Made) -> None:
    if kind == 0:
        spoil(line, made, "dépôt sans document", "document_id", "COLONNE_REQUISE", **{"N° document": None})
    elif kind == 1:
        spoil(line, made, "formule en erreur", "horodatage", "TYPE_INVALIDE", Jour="#VALUE!")
    else:
        _unknown(line, made, "État", "resultat", "Partiel")


def _waiting(f: Filling) -> None:
    """A send whose result is not yet known is no row."""
    agence = AGENCES["AG01"]
    sheet = next(s for s in f.feuilles.values() if s.agence is agence and s.nom == "Messages")
    model = sheet.lignes[0]
    when = datetime.combine(datetime(2025, 12, 31), time(16, 0))
    for rank in range(3):
        moment = when + timedelta(minutes=rank)
        cells = {
            **model.cells, "N° message": f"M9000{rank}", "Jour": moment.date(), "Heure": moment.time(),
            "État": "En attente", "Pièces jointes": None,
        }  # fmt: skip
        line = sheet.add(cells, Made("envoi", {}, ecartee="en_attente"))
        line.defaut = "résultat pas encore connu"
