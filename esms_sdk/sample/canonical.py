"""The world as a lot canonique: every table as rows of text, and the lot's folder written as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from esms_sdk.sample.world import DEBUT, EXTRACTION, FIN, OID_TEST, World

Row = dict[str, str]
Tables = dict[str, list[Row]]
"""Rows of each table as they stand in a CSV lot: text, ISO dates, ``true``/``false``, null empty."""


def manifest(world: World) -> dict[str, Any]:
    """Return ``manifeste.json`` of the world, without the key ``import``."""
    return {
        "version_schema": "1",
        "editeur": "Soléo Logiciels (éditeur inventé)",
        "logiciel": "Soléo",
        "version_logiciel": "7.2",
        "reference_segur": None,
        "date_extraction": EXTRACTION.isoformat(),
        "perimetre": [etab.finess_et for etab in world.etablissements if etab.dans_perimetre],
        "non_fourni": ["historique_identite"],
        "periode_couverte_debut": DEBUT.isoformat(),
        "periode_couverte_fin": FIN.isoformat(),
        "journal_maj_complet": True,
        "historique_statuts_complet": True,
        "mode": "test",
    }


def tables(world: World) -> Tables:
    """Return every canonical table of the world, each sorted by its key."""
    return {name: _sorted(rows(world)) for name, rows in _TABLES.items()}


def write(world: World, out: Path) -> None:
    """Write the lot's folder: one CSV a table, one after the other, and the manifest."""
    for name, made in _TABLES.items():
        rows = _sorted(made(world))
        (out / f"{name}.csv").write_bytes(delimited(list(rows[0]), (row.values() for row in rows)).encode("utf-8"))
    text = json.dumps(manifest(world), ensure_ascii=False, indent=1)
    (out / "manifeste.json").write_bytes((text + "\n").encode("utf-8"))


def delimited(header: Iterable[str], rows: Iterable[Iterable[str]], *, end: str = "\n") -> str:
    """Return ``;``-separated text, quoted only where it must be."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: list(row.values()))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _row(**values: object) -> Row:
    return {name: _text(value) for name, value in values.items()}


def _organisme(world: World) -> Iterable[Row]:
    yield _row(finess_ej=world.finess_ej, raison_sociale=world.raison_sociale, siren=world.siren)


def _etablissement(world: World) -> Iterable[Row]:
    for e in world.etablissements:
        yield _row(
            finess_et=e.finess_et,
            finess_ej=world.finess_ej,
            denomination=e.denomination,
            categorie=e.categorie,
            date_ouverture=e.date_ouverture,
            date_fermeture=e.date_fermeture,
            date_deploiement=e.date_deploiement,
            fuseau=e.fuseau,
            profil_cibles=e.profil_cibles,
        )


def _usager(world: World) -> Iterable[Row]:
    for u in world.usagers:
        yield _row(
            usager_id=u.usager_id,
            usager_id_fusion=u.fusion,
            statut_identite=u.statut,
            date_statut_identite=u.statut_depuis,
            attributs_identite=u.attributs,
            matricule_ins=u.matricule,
            oid_ins=OID_TEST if u.matricule else "",
            nom_naissance=u.nom,
            prenoms_naissance=u.prenoms,
            premier_prenom=u.prenoms.split(" ")[0],
            nom_utilise=u.nom_utilise,
            sexe=u.sexe,
            date_naissance=u.naissance,
            date_naissance_estimee=u.estimee,
            lieu_naissance_cog=u.cog,
            mode_obtention_ins=u.obtention,
            date_interrogation_insi=u.insi_le,
            mode_validation_identite=u.validation,
            date_deces=u.deces,
        )


def _sejour(world: World) -> Iterable[Row]:
    for s in world.sejours:
        yield _row(
            sejour_id=s.sejour_id,
            usager_id=s.usager_id,
            finess_et=s.finess_et,
            date_entree=s.entree,
            date_sortie=s.sortie,
            sortie_definitive=s.definitive if s.sortie else None,
            projet_applicable=s.projet_applicable,
        )


def _dossier(world: World) -> Iterable[Row]:
    for d in world.dossiers:
        yield _row(
            dossier_id=d.dossier_id,
            usager_id=d.usager_id,
            finess_et=d.finess_et,
            date_creation=d.creation,
            date_archivage=d.archivage,
        )


def _mise_a_jour(world: World) -> Iterable[Row]:
    """One row a dossier, a day and an origin, whatever the number of writes."""
    for dossier, day, origine in {(w.dossier_id, w.quand.date(), w.origine) for w in world.journal if w.origine}:
        yield _row(dossier_id=dossier, date_maj=day, origine=origine)


def _projet_personnalise(world: World) -> Iterable[Row]:
    for p in world.projets:
        yield _row(
            projet_id=p.projet_id,
            dossier_id=p.dossier_id,
            type_projet=p.type_projet,
            date_debut=p.debut,
            date_fin=p.fin,
        )


def _statut_projet(world: World) -> Iterable[Row]:
    for p in world.projets:
        for day, rang, statut in p.statuts:
            yield _row(projet_id=p.projet_id, date_statut=day, rang=rang, statut=statut)


def _evenement(world: World) -> Iterable[Row]:
    for e in world.evenements:
        yield _row(
            evenement_id=e.evenement_id,
            dossier_id=e.dossier_id,
            date_debut=e.debut.date(),
            date_fin=e.fin.date() if e.fin else None,
            statut=e.statut,
            type_code=e.nature,
        )


def _document(world: World) -> Iterable[Row]:
    for d in world.documents:
        yield _row(
            document_id=d.document_id,
            usager_id=d.usager_id,
            finess_et=d.finess_et,
            type_code=d.type_code,
            date_creation=d.creation,
            date_validation=d.validation,
            confidentialite=d.confidentialite,
        )


def _appel_insi(world: World) -> Iterable[Row]:
    for a in world.appels:
        yield _row(
            appel_id=a.appel_id,
            finess_et=a.finess_et,
            usager_id=a.usager_id,
            horodatage=a.quand,
            operation=a.operation,
            resultat=a.resultat,
        )


def _reception(world: World) -> Iterable[Row]:
    for r in world.receptions:
        yield _row(
            reception_id=r.reception_id,
            finess_et=r.finess_et,
            canal=r.canal,
            horodatage=r.quand,
            type_code=r.type_code,
            usager_id=r.usager_id,
            integre=r.integre,
        )


def _opposition(world: World) -> Iterable[Row]:
    for o in world.oppositions:
        yield _row(usager_id=o.usager_id, canal=o.canal, date_debut=o.debut, date_fin=o.fin)


def _echange_optionnel(world: World) -> Iterable[Row]:
    for x in world.echanges:
        yield _row(
            echange_id=x.echange_id,
            finess_et=x.finess_et,
            usager_id=x.usager_id,
            horodatage=x.quand,
            type_echange=x.type_echange,
            sens=x.sens,
            statut=x.statut,
        )


def _envoi(world: World) -> Iterable[Row]:
    yield from _messages(world)
    yield from _flux(world)


def _messages(world: World) -> Iterable[Row]:
    """One row a document of the message, or one without document."""
    for m in world.messages:
        for rank, document in enumerate(m.documents or ("",), 1):
            yield _row(
                envoi_id=f"{m.message_id}-{rank}",
                canal=m.canal,
                finess_et=m.finess_et,
                usager_id=m.usager_id,
                document_id=document,
                message_id=m.message_id,
                horodatage=m.quand,
                operation="",
                resultat=m.resultat,
                code_retour="",
                ins_qualifiee=m.ins_qualifiee,
                rpps=m.rpps,
            )


def _flux(world: World) -> Iterable[Row]:
    for f in world.flux:
        yield _row(
            envoi_id=f.flux_id,
            canal="DMP",
            finess_et=f.finess_et,
            usager_id=f.usager_id,
            document_id=f.document_id,
            message_id="",
            horodatage=f.quand,
            operation=f.operation,
            resultat=f.resultat,
            code_retour=f.code_retour,
            ins_qualifiee=f.ins_qualifiee,
            rpps=f.rpps,
        )


_TABLES: dict[str, Callable[[World], Iterable[Row]]] = {
    "organisme": _organisme,
    "etablissement": _etablissement,
    "usager": _usager,
    "sejour": _sejour,
    "dossier": _dossier,
    "mise_a_jour": _mise_a_jour,
    "projet_personnalise": _projet_personnalise,
    "statut_projet": _statut_projet,
    "evenement": _evenement,
    "document": _document,
    "envoi": _envoi,
    "appel_insi": _appel_insi,
    "reception": _reception,
    "opposition": _opposition,
    "echange_optionnel": _echange_optionnel,
}
