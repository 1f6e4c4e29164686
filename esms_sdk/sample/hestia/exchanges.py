"""The sheets on what goes out and comes in: documents, messages, DMP, optional exchanges."""

from __future__ import annotations

from datetime import datetime

from esms_sdk.sample.canonical import Row
from esms_sdk.sample.fates import Made
from esms_sdk.sample.hestia.filling import Filling, agency, local, named
from esms_sdk.sample.hestia.sheets import Agence, Value

DOCUMENTS = ("FINESS", "N° document", "N° usager", "Code LOINC", "Créé le", "Validé le", "Masqué")
MESSAGES = (
    "N° message", "Jour", "Heure", "Canal", "FINESS", "N° usager", "INS qualifiée", "RPPS", "État", "Pièces jointes",
)  # fmt: skip
DMP = (
    "N° dépôt", "Jour", "Heure", "FINESS", "N° usager", "N° document", "Opération", "État", "Erreur", "INS qualifiée",
    "RPPS",
)  # fmt: skip
ECHANGES = ("N° échange", "Jour", "Heure", "FINESS", "N° usager", "Objet", "Sens", "État")
CANAUX = {"MSS_PRO": "Messagerie pro", "MSS_CITOYENNE": "Mon espace santé"}
ETATS = {"SUCCES": "Envoyé", "ECHEC": "Échec"}
OPERATIONS = {"AJOUT": "Ajout", "REMPLACEMENT": "Mise à jour", "SUPPRESSION": "Retrait"}
OBJETS = {"EPRESCRIPTION": "Ordonnance", "EPARCOURS": "Parcours"}
SENS = {"EMIS": "Envoi", "RECU": "Réception"}
_BOOK = "echanges.xlsx"


def documents(f: Filling) -> None:
    """Write the documents, establishment after establishment; the FINESS stands on the first row of each block only."""
    order = {e.finess_et: rank for rank, e in enumerate(f.world.etablissements)}
    last: dict[str, str] = {}
    for x in sorted(f.world.documents, key=lambda x: order[x.finess_et]):
        sheet = f.feuille(agency(x.document_id), _BOOK, "Documents", DOCUMENTS)
        agence = sheet.agence
        finess = None if last.get(sheet.source) == x.finess_et else int(x.finess_et)
        last[sheet.source] = x.finess_et
        cells = {
            "FINESS": finess, "N° document": local(x.document_id), "N° usager": agence.number(local(x.usager_id)),
            "Code LOINC": x.type_code, "Créé le": agence.day(x.creation), "Validé le": agence.day(x.validation),
            "Masqué": "X" if "MASQUE_PS" in x.confidentialite else None,
        }  # fmt: skip
        row = f.rows["document"][x.document_id]
        made = Made("document", {**row, "document_id": named(x.document_id), "usager_id": named(x.usager_id)})
        f.note(("document", x.document_id), sheet, sheet.add(cells, made), made)


def _when(agence: Agence, when: datetime) -> dict[str, Value]:
    return {"Jour": agence.day(when.date()), "Heure": agence.hour(when.time())}


def messages(f: Filling) -> None:
    """Write the messages, their documents in one cell."""
    for m in f.world.messages:
        sheet = f.feuille(agency(m.message_id), _BOOK, "Messages", MESSAGES)
        agence = sheet.agence
        cells = {
            "N° message": local(m.message_id), **_when(agence, m.quand), "Canal": CANAUX[m.canal],
            "FINESS": int(m.finess_et), "N° usager": agence.number(local(m.usager_id)),
            "INS qualifiée": "X" if m.ins_qualifiee else None, "RPPS": agence.number(m.rpps),
            "État": ETATS[m.resultat], "Pièces jointes": " ; ".join(map(local, m.documents)),
        }  # fmt: skip
        line = sheet.add(cells)
        for rank in range(1, max(1, len(m.documents)) + 1):
            key = f"{m.message_id}-{rank}"
            row = {**_sent(f.rows["envoi"][key]), "message_id": named(m.message_id)}
            row["envoi_id"] = "-".join([row["message_id"], *map(local, m.documents[rank - 1 : rank])])
            made = Made("envoi", row)
            line.makes.append(made)
            f.note(("envoi", key), sheet, line, made)


def _sent(row: Row) -> Row:
    return {**row, "usager_id": named(row["usager_id"]), "document_id": named(row["document_id"])}


def dmp(f: Filling) -> None:
    """Write the operations on the DMP."""
    for x in f.world.flux:
        sheet = f.feuille(agency(x.flux_id), _BOOK, "DMP", DMP)
        agence = sheet.agence
        cells = {
            "N° dépôt": local(x.flux_id), **_when(agence, x.quand), "FINESS": int(x.finess_et),
            "N° usager": agence.number(local(x.usager_id)), "N° document": local(x.document_id),
            "Opération": OPERATIONS[x.operation], "État": ETATS[x.resultat], "Erreur": x.code_retour,
            "INS qualifiée": "X" if x.ins_qualifiee else None, "RPPS": agence.number(x.rpps),
        }  # fmt: skip
        made = Made("envoi", {**_sent(f.rows["envoi"][x.flux_id]), "envoi_id": named(x.flux_id)})
        f.note(("envoi", x.flux_id), sheet, sheet.add(cells, made), made)


def exchanged(f: Filling) -> None:
    """Write prescriptions and exchanges with platforms."""
    for x in f.world.echanges:
        sheet = f.feuille(agency(x.echange_id), _BOOK, "Échanges", ECHANGES)
        agence = sheet.agence
        cells = {
            "N° échange": local(x.echange_id), **_when(agence, x.quand), "FINESS": int(x.finess_et),
            "N° usager": agence.number(local(x.usager_id)), "Objet": OBJETS[x.type_echange], "Sens": SENS[x.sens],
            "État": ETATS[x.statut],
        }  # fmt: skip
        row = f.rows["echange_optionnel"][x.echange_id]
        made = Made("echange_optionnel", {**row, "echange_id": named(x.echange_id), "usager_id": named(x.usager_id)})
        f.note(("echange_optionnel", x.echange_id), sheet, sheet.add(cells, made), made)
