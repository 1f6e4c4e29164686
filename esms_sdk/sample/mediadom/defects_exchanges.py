"""Defects planted among visits, attachments, messages, DMP transactions, INSi calls and exchanges."""

from __future__ import annotations

from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.mediadom.defects import one, spoil
from esms_sdk.sample.mediadom.filling import NOWHERE, Filling


def plant(f: Filling) -> None:
    """Plant them, on what Soléo loses."""
    for rank, key in enumerate(f.lost.of("evenement")):
        _visit(f, rank % 5, *one(f, "evenement", key))
    for rank, key in enumerate(f.lost.of("document")):
        _attachment(rank % 3, *one(f, "document", key))
    sent = f.lost.of("envoi")
    flux = {x.flux_id for x in f.world.flux}
    for rank, key in enumerate(key for key in sent if key not in flux):
        _message(f, rank % 4, *one(f, "envoi", key))
    for rank, key in enumerate(key for key in sent if key in flux):
        _dmp(rank % 3, *one(f, "envoi", key))
    for key in f.lost.of("appel_insi"):
        line, made = one(f, "appel_insi", key)
        _unknown(line, made, "operation", "operation", "READ")
    for key in f.lost.of("echange_optionnel"):
        line, made = one(f, "echange_optionnel", key)
        spoil(line, made, "structure inconnue", "finess_et", "COLONNE_REQUISE", structure_id=NOWHERE)
        # The zone of the time is that of the establishment: without one, the time is that of the head office.
    _queued(f)
    _refused_by_nobody(f)


def _unknown(line: Line, made: Made, column: str, canonical: str, label: str) -> None:
    spoil(line, made, "libellé inconnu, colonne obligatoire", canonical, "CODE_INCONNU", **{column: label})
    line.libelles.append((column, label))


def _visit(f: Filling, kind: int, line: Line, made: Made) -> None:
    if kind == 0:
        _unknown(line, made, "state", "statut", "MOVED")
    elif kind == 1:
        made.row["date_fin"] = "2020-01-01"
        spoil(line, made, "fin avant le début", "date_fin", "ORDRE_DATES", ends_utc="2020-01-01 10:00:00")
    elif kind == 2:
        spoil(line, made, "début impossible", "date_debut", "TYPE_INVALIDE", starts_utc="2025-13-01 10:00:00")
    elif kind == 3:
        spoil(line, made, "rendez-vous sans début", "date_debut", "COLONNE_REQUISE", starts_utc="")
    else:
        line.defaut = "numéro de rendez-vous deux fois, autre contenu"
        state, statut = ("PLANNED", "PLANIFIE") if line.cells["state"] != "PLANNED" else ("AGREED", "VALIDE")
        cells = f.db.add("visit", **{**line.cells, "state": state})
        f.line("agenda", cells, Made("evenement", {**made.row, "statut": statut})).defaut = line.defaut


def _attachment(kind: int, line: Line, made: Made) -> None:
    if kind == 0:
        spoil(line, made, "nature de document sans code", "type_code", "COLONNE_REQUISE", kind=NOWHERE)
    elif kind == 1:
        spoil(line, made, "document sans date", "date_creation", "COLONNE_REQUISE", created_on="0000-00-00")
    else:
        spoil(line, made, "date de document impossible", "date_creation", "TYPE_INVALIDE", created_on="2025-04-31")


def _message(f: Filling, kind: int, line: Line, made: Made) -> None:
    if kind == 0:
        recipients = f.db.tables["message_recipient"]
        f.db.tables["message_recipient"] = [r for r in recipients if r["message_id"] != line.cells["id"]]
        spoil(line, made, "message sans destinataire", "canal", "COLONNE_REQUISE")
    elif kind == 1:
        spoil(line, made, "message sans structure", "finess_et", "COLONNE_REQUISE", structure_id=None)
    elif kind == 2:
        _unknown(line, made, "status", "resultat", "PARTIAL")
    else:
        number = made.row["message_id"]
        for attached in f.db.tables["message_attachment"]:
            if str(attached["message_id"]) == number:
                attached["attachment_id"] = NOWHERE
        made.row["document_id"], line.defaut = str(NOWHERE), "document inconnu"


def _dmp(kind: int, line: Line, made: Made) -> None:
    if kind == 0:
        spoil(line, made, "dépôt sans document", "document_id", "COLONNE_REQUISE", attachment_id=None)
    elif kind == 1:
        spoil(line, made, "instant impossible", "horodatage", "TYPE_INVALIDE", at_utc="2025-11-31 10:00:00")
    else:
        _unknown(line, made, "outcome", "resultat", "PARTIAL")


def _queued(f: Filling) -> None:
    """A send whose result is not yet known is no row."""
    line, made = next(found[0] for (table, _), found in f.made.items() if table == "envoi" and found)
    model = line.cells
    for _ in range(3):
        number = f.db.number("message")
        cells = f.db.add("message", **{**model, "id": number, "status": "QUEUED"})
        f.db.add("message_recipient", message_id=number, position=1, address="boite07@pro.mss.exemple")
        row = {**made.row, "envoi_id": f"M{number}-1", "message_id": str(number), "document_id": ""}
        waiting = f.line("messages", cells, Made("envoi", row, ecartee="en_attente"))
        waiting.defaut = "résultat pas encore connu"


def _refused_by_nobody(f: Filling) -> None:
    nobody = f.db.nowhere("person")
    cells = f.db.add("consent", person_id=nobody, channel="DMP", refused_on="2024-06-17", withdrawn_on="")
    row = {"usager_id": str(nobody), "canal": "DMP", "date_debut": "2024-06-17", "date_fin": ""}
    f.line("consentements", cells, Made("opposition", row)).defaut = "refus d'une personne inconnue"
