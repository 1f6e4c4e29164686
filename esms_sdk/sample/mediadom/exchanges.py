"""What goes out and comes in: attachments, messages with their recipients, DMP transactions, INSi calls, exchanges."""

from __future__ import annotations

from datetime import timedelta

from esms_sdk.sample.canonical import Row
from esms_sdk.sample.fates import Made
from esms_sdk.sample.mediadom.database import Cells
from esms_sdk.sample.mediadom.filling import Filling, iso
from esms_sdk.sample.world import Message

DOCUMENTS = {
    "34842-5": "Grille d'évaluation", "80788-3": "Projet personnalisé", "18776-5": "Plan de soins",
    "83981-1": "Lettre de liaison", "78341-5": "Fiche de transfert",
}  # fmt: skip
RESULTATS = {"SUCCES": "DONE", "ECHEC": "FAILED"}
DMP = {"AJOUT": "ADD", "REMPLACEMENT": "REPLACE", "SUPPRESSION": "DELETE"}
INSI = {"RECHERCHE": "SEARCH", "VERIFICATION": "CHECK"}
ECHANGES = {"EPRESCRIPTION": "E_PRESCRIPTION", "EPARCOURS": "CARE_PATHWAY"}
SENS = {"EMIS": "OUT", "RECU": "IN"}
_PATIENT, _PRO = "patient.mss.exemple", "pro.mss.exemple"


def attachments(f: Filling) -> None:
    """Write each document that went out."""
    if not f.db.tables["attachment_kind"]:
        for code, (loinc, label) in enumerate(DOCUMENTS.items(), 1):
            f.db.add("attachment_kind", code=code, loinc=loinc, label=label)
    for x in f.world.documents:
        number = f.id("attachment", x.document_id)
        person = f.id("person", x.usager_id)
        cells = f.db.add(
            "attachment", id=number, person_id=person, structure_id=f.id("structure", x.finess_et),
            kind=list(DOCUMENTS).index(x.type_code) + 1, created_on=iso(x.creation), validated_on=iso(x.validation),
            hidden_from_staff="MASQUE_PS" in x.confidentialite,
        )  # fmt: skip
        row = {**f.rows["document"][x.document_id], "document_id": str(number), "usager_id": str(person)}
        f.line("documents", cells, Made("document", row), key=("document", x.document_id))


def messages(f: Filling) -> None:
    """Write each message, its recipients (who tell the channel) and its documents; a query gives a row a document."""
    for rank, m in enumerate(f.world.messages):
        number = f.id("message", m.message_id)
        cells = _message(f, m, number)
        for position in range(1, 2 + rank % 2):
            domain = _PATIENT if m.canal == "MSS_CITOYENNE" else _PRO
            address = f"boite{(rank + position) % 40:02d}@{domain}"
            f.db.add("message_recipient", message_id=number, position=position, address=address)
        for position, document in enumerate(m.documents or ("",), 1):
            if document:
                f.db.add("message_attachment", message_id=number, position=position,
                         attachment_id=f.id("attachment", document))  # fmt: skip
            key = f"{m.message_id}-{position}"
            row = {
                **_sent(f, f.rows["envoi"][key]), "envoi_id": f"M{number}-{position}", "message_id": str(number),
            }  # fmt: skip
            f.line("messages", cells, Made("envoi", row), key=("envoi", key))
        if rank % 60 == 0:
            _acknowledge(f, m, cells)


def _message(f: Filling, m: Message, number: int) -> Cells:
    return f.db.add(
        "message", id=number, kind="MESSAGE", structure_id=f.id("structure", m.finess_et),
        person_id=f.known("person", m.usager_id), sent_utc=f.utc(m.quand, m.finess_et), status=RESULTATS[m.resultat],
        ins_qualified=m.ins_qualifiee, author_rpps=m.rpps,
    )  # fmt: skip


def _acknowledge(f: Filling, m: Message, sent: Cells) -> None:
    """An automatic acknowledgement (MDN) is no message."""
    number = f.db.number("message")
    answered = f.utc(m.quand + timedelta(minutes=3), m.finess_et)
    cells = f.db.add("message", **{**sent, "id": number, "kind": "MDN", "sent_utc": answered})
    f.db.add("message_recipient", message_id=number, position=1, address=f"automate@{_PRO}")
    row = {**_sent(f, f.rows["envoi"][f"{m.message_id}-1"]), "envoi_id": f"M{number}-1", "message_id": str(number)}
    f.line("messages", cells, Made("envoi", {**row, "document_id": ""}, ecartee="accuse_de_reception"))


def _sent(f: Filling, row: Row) -> Row:
    """Return a canonical row of ``envoi`` with the ids of the database."""
    person = f.known("person", row["usager_id"])
    document = f.known("attachment", row["document_id"])
    return {**row, "usager_id": str(person or ""), "document_id": str(document or "")}


def dmp(f: Filling) -> None:
    """Write each operation on the DMP."""
    for x in f.world.flux:
        number = f.id("dmp_transaction", x.flux_id)
        cells = f.db.add(
            "dmp_transaction", id=number, at_utc=f.utc(x.quand, x.finess_et),
            structure_id=f.id("structure", x.finess_et), person_id=f.id("person", x.usager_id),
            attachment_id=f.id("attachment", x.document_id), operation=DMP[x.operation], outcome=RESULTATS[x.resultat],
            error_code=x.code_retour, ins_qualified=x.ins_qualifiee, author_rpps=x.rpps,
        )  # fmt: skip
        row = {**_sent(f, f.rows["envoi"][x.flux_id]), "envoi_id": f"D{number}"}
        f.line("dmp", cells, Made("envoi", row), key=("envoi", x.flux_id))


def insi(f: Filling) -> None:
    """Write each INSi call."""
    for a in f.world.appels:
        number, person = f.id("insi_call", a.appel_id), f.known("person", a.usager_id)
        cells = f.db.add(
            "insi_call", id=number, at_utc=f.utc(a.quand, a.finess_et), structure_id=f.id("structure", a.finess_et),
            person_id=person, operation=INSI[a.operation], outcome=RESULTATS[a.resultat],
        )  # fmt: skip
        row = {**f.rows["appel_insi"][a.appel_id], "appel_id": str(number), "usager_id": str(person or "")}
        f.line("insi", cells, Made("appel_insi", row), key=("appel_insi", a.appel_id))


def exchanged(f: Filling) -> None:
    """Write each prescription received and each exchange with a platform."""
    for x in f.world.echanges:
        number, person = f.id("exchange", x.echange_id), f.known("person", x.usager_id)
        cells = f.db.add(
            "exchange", id=number, at_utc=f.utc(x.quand, x.finess_et), structure_id=f.id("structure", x.finess_et),
            person_id=person, kind=ECHANGES[x.type_echange], direction=SENS[x.sens], outcome=RESULTATS[x.statut],
        )  # fmt: skip
        row = {**f.rows["echange_optionnel"][x.echange_id], "echange_id": str(number), "usager_id": str(person or "")}
        f.line("echanges", cells, Made("echange_optionnel", row), key=("echange_optionnel", x.echange_id))
