"""Establishments, persons with the history of their identity, episodes, and the one record of each person."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta

from esms_sdk.sample.fates import Made
from esms_sdk.sample.mediadom.filling import Filling, iso
from esms_sdk.sample.world import EXTRACTION, Sejour, Usager

IDENTITES = {"PROV": "TEMP", "VALI": "CHECKED", "RECUP": "FETCHED", "QUAL": "QUALIFIED"}
PIECES = {"CN": "ID_CARD", "PA": "PASSPORT", "CS": "PERMIT", "LE": "FAMILY", "": ""}
SOURCES_INS = {"INSi": "INSI", "CV": "CARD", "": ""}
CANAUX = {"DMP": "DMP", "MSS_PRO": "PRO", "MSS_CITOYENNE": "CITIZEN"}
REGIMES = {"standard": "STD", "pjm": "PJM"}
MOTIFS = {
    ("Retour à domicile", True): "HOME",
    ("Orientation", True): "REFER",
    ("Changement de structure", True): "MOVE",
    ("Décès", True): "DEATH",
    ("Fin", True): "END",
    ("Fin de séjour temporaire", True): "TMP_END",
    ("Fin de séjour temporaire", False): "TMP_BACK",
    ("Suspension de l'accompagnement", False): "PAUSE",
    ("Autre", None): "OTHER",
}
"""The reason of an end says whether it is final: TMP_BACK and PAUSE are not, of OTHER nothing is known."""
_NIGHT = time(9, 30)


def structures(f: Filling) -> None:
    """Write the organisation and its establishments, and what the installation says of itself."""
    organisation = f.id("organisation", f.world.finess_ej)
    if organisation == 1:
        for name, value in (("version", "4.1"), ("extracted_at", EXTRACTION.strftime("%Y-%m-%d %H:%M:%S"))):
            f.line("installation", f.db.add("installation", name=name, value=value))
        for (label, final), code in MOTIFS.items():
            f.db.add("end_reason", code=code, label=label, is_final=final)
    f.db.add(
        "organisation", id=organisation, finess=f.world.finess_ej, name=f.world.raison_sociale, siren=f.world.siren
    )
    for e in f.world.etablissements:
        cells = f.db.add(
            "structure", id=f.id("structure", e.finess_et), organisation_id=organisation, finess=e.finess_et,
            name=e.denomination, category=e.categorie, opened_on=iso(e.date_ouverture), closed_on=iso(e.date_fermeture),
            live_since=iso(e.date_deploiement), time_zone=e.fuseau, regime=REGIMES[e.profil_cibles],
            in_scope=e.dans_perimetre,
        )  # fmt: skip
        line = f.line(
            "structures", cells, Made("etablissement", f.rows["etablissement"][e.finess_et]),
            Made("organisme", dict(f.rows["organisme"][f.world.finess_ej])), key=("etablissement", e.finess_et),
        )  # fmt: skip
        line.defaut = "" if e.dans_perimetre else "clé du FINESS fausse, hors du périmètre"


def people(f: Filling) -> None:
    """Write each person and the versions of the identity: provisional first, then what it is now."""
    for usager in f.world.usagers:
        person = f.id("person", usager.usager_id)
        row = f.rows["usager"][usager.usager_id]
        cells = f.db.add(
            "person", id=person, merged_into=f.known("person", usager.fusion), gender=usager.sexe,
            birth_name=usager.nom, given_names=usager.prenoms, used_name=usager.nom_utilise, born_on=usager.naissance,
            birth_estimated=usager.estimee, birth_commune=usager.cog, ins=usager.matricule, ins_oid=row["oid_ins"],
            ins_source=SOURCES_INS[usager.obtention], ins_called_on=iso(usager.insi_le),
            id_document=PIECES[usager.validation], homonym=usager.attributs == "HOMA", died_on=iso(usager.deces),
            is_test=False,
        )  # fmt: skip
        merged = str(f.id("person", usager.fusion)) if usager.fusion else ""
        made = Made("usager", {**row, "usager_id": str(person), "usager_id_fusion": merged})
        line = f.line("personnes", cells, made, key=("usager", usager.usager_id))
        line.defaut = f.world.fautes.get(usager.usager_id, "")
        _versions(f, usager)


def _versions(f: Filling, usager: Usager) -> None:
    now = datetime.combine(usager.statut_depuis, _NIGHT)
    known = [(now, usager.statut, bool(usager.matricule))]
    if usager.statut != "PROV":
        known.insert(0, (now - timedelta(days=30), "PROV", False))
    for rank, (since, statut, has_ins) in enumerate(known):
        identity_version(f, usager.usager_id, since, statut, has_ins, known[rank + 1][0] if known[rank + 1 :] else None)


def identity_version(
    f: Filling, usager_id: str, since: datetime, statut: str, has_ins: bool, until: datetime | None
) -> None:
    """Write one version of an identity; the traits themselves are never there, only a keyed hash."""
    traits = hashlib.sha256(f"{usager_id} {statut}".encode()).hexdigest()[:32]
    person = f.id("person", usager_id)
    cells = f.db.add(
        "identity_history", id=f.db.number("identity_history"), person_id=person, status=IDENTITES[statut],
        has_ins=has_ins, traits_hmac=traits, valid_from=since.isoformat(" "),
        valid_to=until.isoformat(" ") if until else "",
    )  # fmt: skip
    row = {
        "usager_id": str(person), "horodatage": since.isoformat(), "statut_identite": statut,
        "matricule_present": "true" if has_ins else "false", "empreinte_traits": traits,
    }  # fmt: skip
    f.line("identites", cells, Made("historique_identite", row))


def episodes(f: Filling) -> None:
    """Write each séjour; a hospitalisation suspends it and ends nothing, so it has a table of its own."""
    for sejour in f.world.sejours:
        number = f.id("episode", sejour.sejour_id)
        place = f.id("structure", sejour.finess_et)
        made = Made("sejour", {
            **f.rows["sejour"][sejour.sejour_id], "sejour_id": str(number),
            "usager_id": str(f.id("person", sejour.usager_id)),
        })  # fmt: skip
        old = sejour.sortie is not None and sejour.sortie < date(2024, 7, 1)
        cells = f.db.add(
            "episode_archive" if old else "episode", id=number, person_id=f.id("person", sejour.usager_id),
            structure_id=place, state="ENDED" if sejour.sortie else "OPEN", started_on=iso(sejour.entree),
            ended_on=iso(sejour.sortie), end_reason=_reason(sejour), plan_expected=sejour.projet_applicable,
        )  # fmt: skip
        f.line("sejours", cells, made, key=("sejour", sejour.sejour_id))
        for leaves, back in sejour.interruptions:
            f.db.add("suspension", id=f.db.number("suspension"), episode_id=number, reason="HOSPITAL",
                     from_on=iso(leaves), to_on=iso(back))  # fmt: skip


def _reason(sejour: Sejour) -> str:
    return MOTIFS[sejour.motif, sejour.definitive] if sejour.sortie else ""


def records(f: Filling) -> None:
    """Write one record a person, and who may open it: an establishment, since a day."""
    created: set[int] = set()
    for dossier in f.world.dossiers:
        record = f.record(dossier.dossier_id)
        if record not in created:
            created.add(record)
            f.db.add("record", id=record, person_id=f.id("person", dossier.usager_id), created_on=iso(dossier.creation))
        cells = f.db.add(
            "record_access", record_id=record, structure_id=f.id("structure", dossier.finess_et),
            opened_on=iso(dossier.creation), closed_on=iso(dossier.archivage),
        )  # fmt: skip
        made = Made("dossier", {
            **f.rows["dossier"][dossier.dossier_id], "dossier_id": f.dossier_name(dossier.dossier_id),
            "usager_id": str(f.id("person", dossier.usager_id)),
        })  # fmt: skip
        f.line("dossiers", cells, made, key=("dossier", dossier.dossier_id))


def consents(f: Filling) -> None:
    """Write who refuses a channel."""
    for o in f.world.oppositions:
        person = f.id("person", o.usager_id)
        cells = f.db.add(
            "consent", person_id=person, channel=CANAUX[o.canal], refused_on=iso(o.debut), withdrawn_on=iso(o.fin)
        )
        row = {"usager_id": str(person), "canal": o.canal, "date_debut": iso(o.debut), "date_fin": iso(o.fin)}
        f.line("consentements", cells, Made("opposition", row))
