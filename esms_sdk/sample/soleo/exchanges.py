"""The files on what goes out and comes in: documents, messages, DMP, INSi calls, receptions, optional exchanges."""

from __future__ import annotations

from esms_sdk.sample.soleo.dialects import SIEGE, day, instant
from esms_sdk.sample.soleo.labels import (
    CANAUX,
    DOCUMENTS,
    ECHANGES,
    OPERATIONS_DMP,
    OPERATIONS_INSI,
    RESULTATS,
    SENS,
    VISIBILITES,
)
from esms_sdk.sample.soleo.persons import local
from esms_sdk.sample.soleo.rows import Key, Ligne, Made, Source
from esms_sdk.sample.world import World


def exchange_sources(world: World) -> list[Source]:
    """Return the files on exchanges, sound as yet."""
    return [_documents(world), _messages(world), _dmp(world), _insi(world), _receptions(world), _echanges(world)]


def _person(finess: str, usager_id: str) -> dict[str, Key]:
    refs = {"finess_et": ("etablissement", finess)}
    return {**refs, "usager_id": ("usager", usager_id)} if usager_id else refs


def _documents(world: World) -> Source:
    lignes = [
        Ligne(
            {
                "Agence": x.document_id[:4],
                "N° doc": local(x.document_id),
                "N° fiche": local(x.usager_id),
                "FINESS": x.finess_et,
                "Type de document": DOCUMENTS[x.type_code],
                "Créé le": day(x.creation, SIEGE),
                "Validé le": day(x.validation, SIEGE),
                "Visibilité": VISIBILITES[x.confidentialite],
            },
            [
                Made(
                    "document",
                    x.document_id,
                    {"usager_id": ("usager", x.usager_id), "finess_et": ("etablissement", x.finess_et)},
                )
            ],
        )
        for x in world.documents
    ]
    return Source("documents.csv.gz", lignes, SIEGE)


def _messages(world: World) -> Source:
    """One row a message, its documents in two columns."""
    lignes = []
    for m in world.messages:
        attached = [*(local(document) for document in m.documents), "", ""]
        made = []
        for rank, document in enumerate(m.documents or ("",), 1):
            refs = _person(m.finess_et, m.usager_id)
            made.append(
                Made(
                    "envoi",
                    f"{m.message_id}-{rank}",
                    {**refs, "document_id": ("document", document)} if document else refs,
                )
            )
        lignes.append(
            Ligne(
                {
                    "Agence": m.message_id[:4],
                    "N° message": local(m.message_id),
                    "Canal": CANAUX[m.canal],
                    "N° fiche": local(m.usager_id),
                    "FINESS": m.finess_et,
                    "Envoyé le": instant(m.quand, m.message_id[:4], "offset"),
                    "Résultat": RESULTATS[m.resultat],
                    "INS qualifiée": "O" if m.ins_qualifiee else "N",
                    "RPPS": m.rpps,
                    "Document 1": attached[0],
                    "Document 2": attached[1],
                },
                made,
            )
        )
    return Source("messages.csv.gz", lignes, SIEGE)


def _dmp(world: World) -> Source:
    lignes = [
        Ligne(
            {
                "Agence": f.flux_id[:4],
                "N° flux": local(f.flux_id),
                "N° fiche": local(f.usager_id),
                "FINESS": f.finess_et,
                "Document": local(f.document_id),
                "Horodatage": instant(f.quand, f.flux_id[:4], "offset"),
                "Opération": OPERATIONS_DMP[f.operation],
                "Résultat": RESULTATS[f.resultat],
                "Code retour": f.code_retour,
                "INS qualifiée": "oui" if f.ins_qualifiee else "non",
                "RPPS": f.rpps,
            },
            [
                Made(
                    "envoi",
                    f.flux_id,
                    {**_person(f.finess_et, f.usager_id), "document_id": ("document", f.document_id)},
                )
            ],
        )
        for f in world.flux
    ]
    return Source("dmp.csv.gz", lignes, SIEGE)


def _insi(world: World) -> Source:
    lignes = [
        Ligne(
            {
                "Agence": a.appel_id[:4],
                "N° appel": local(a.appel_id),
                "FINESS": a.finess_et,
                "N° fiche": local(a.usager_id),
                "Appelé le": instant(a.quand, a.appel_id[:4], "offset"),
                "Opération": OPERATIONS_INSI[a.operation],
                "Résultat": RESULTATS[a.resultat],
            },
            [Made("appel_insi", a.appel_id, _person(a.finess_et, a.usager_id))],
        )
        for a in world.appels
    ]
    return Source("insi.csv", lignes, SIEGE)


def _receptions(world: World) -> Source:
    lignes = [
        Ligne(
            {
                "Agence": r.reception_id[:4],
                "N° réception": local(r.reception_id),
                "FINESS": r.finess_et,
                "Canal": CANAUX[r.canal],
                "Reçu le": instant(r.quand, r.reception_id[:4], "offset"),
                "Type de document": DOCUMENTS[r.type_code],
                "N° fiche": local(r.usager_id),
                "Intégré": "oui" if r.integre else "non",
            },
            [Made("reception", r.reception_id, _person(r.finess_et, r.usager_id))],
        )
        for r in world.receptions
    ]
    return Source("receptions.csv", lignes, SIEGE)


def _echanges(world: World) -> Source:
    lignes = [
        Ligne(
            {
                "Agence": x.echange_id[:4],
                "N° échange": local(x.echange_id),
                "FINESS": x.finess_et,
                "N° fiche": local(x.usager_id),
                "Horodatage": instant(x.quand, x.echange_id[:4], "offset"),
                "Nature": ECHANGES[x.type_echange],
                "Sens": SENS[x.sens],
                "Résultat": RESULTATS[x.statut],
            },
            [Made("echange_optionnel", x.echange_id, _person(x.finess_et, x.usager_id))],
        )
        for x in world.echanges
    ]
    return Source("echanges.csv", lignes, SIEGE)
