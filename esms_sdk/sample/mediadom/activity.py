"""What is written in the records: audit log in UTC, plans with the history of their status, visits."""

from __future__ import annotations

from esms_sdk.sample.fates import Made
from esms_sdk.sample.mediadom.attribution import Attribution
from esms_sdk.sample.mediadom.filling import Filling, iso
from esms_sdk.sample.world import Evenement, Projet

ACTIONS = {
    "Modification": "UPDATE", "Saisie": "CREATE", "Validation": "SIGN", "Consultation": "READ", "Impression": "PRINT",
    "Recalcul": "REFRESH", "Création": "IMPORT",
}  # fmt: skip
ORIGINES = {"UTILISATEUR": "HUMAN", "": "HUMAN", "AUTOMATE": "SYSTEM", "REPRISE": "MIGRATION"}
PLANS = {"PPA": "CARE", "PPI": "INDIV", "PI": "SERVICE", "PP": "PERSONAL", "PA": "WELCOME"}
STATUTS = {
    "ENPREPARATION": "DRAFT", "ENCOURS": "ACTIVE", "ENPAUSE": "ONHOLD", "TERMINE": "DONE", "ANNULE": "DROPPED",
}  # fmt: skip
VISITES = {"PLANIFIE": "PLANNED", "VALIDE": "AGREED", "TERMINE": "DONE", "ANNULE": "CANCELLED"}
NATURES = (
    "SOIN", "ANIMATION", "KINE", "VISITE", "ATELIER", "TRANSPORT", "ORTHOPHONIE", "SORTIE", "SEANCE", "TOILETTE",
    "AUDIENCE",
)  # fmt: skip
SHARED = "ESSMS_NON_PRECISE"
"""The section of an update that was given to every establishment of its record."""


def journal(f: Filling, places: Attribution) -> None:
    """Write the audit log; what is only read or printed stays in the database."""
    users: dict[str, int] = {}
    for e in f.world.journal:
        if e.utilisateur not in users:
            users[e.utilisateur] = f.id("app_user", e.utilisateur)
            f.db.add("app_user", id=users[e.utilisateur], login=e.utilisateur, kind=ORIGINES[e.origine])
        dossier = f.dossiers[e.dossier_id]
        unknown = places.unknown_write(e)
        cells = f.db.add(
            "audit_log", id=f.db.number("audit_log"), at_utc=f.utc(e.quand, dossier.finess_et),
            record_id=f.record(e.dossier_id), structure_id=None if unknown else f.id("structure", dossier.finess_et),
            user_id=users[e.utilisateur], action=ACTIONS[e.action], section=e.rubrique.upper(),
        )  # fmt: skip
        if not e.origine:
            continue
        row = {"date_maj": e.quand.date().isoformat(), "origine": e.origine}
        if not unknown:
            made = Made("mise_a_jour", {"dossier_id": f.dossier_name(e.dossier_id), **row, "rubrique": ""})
            f.line("journal", cells, made, key=("mise_a_jour", e.dossier_id))
            continue
        given = f.dossiers_beside(e.dossier_id)
        for one in given:
            shared = SHARED if len(given) > 1 else ""
            f.line("journal_sans_structure", cells, Made(
                "mise_a_jour", {"dossier_id": f.dossier_name(one.dossier_id), **row, "rubrique": shared}
            ))  # fmt: skip


def plans(f: Filling, places: Attribution) -> None:
    """Write each projet and its statuses, each of them valid until the next."""
    for p in f.world.projets:
        number = f.id("plan", p.projet_id)
        dossier = f.dossiers[p.dossier_id]
        unknown = places.unknown_projet(p)
        cells = f.db.add(
            "plan", id=number, record_id=f.record(p.dossier_id),
            structure_id=None if unknown else f.id("structure", dossier.finess_et), kind=PLANS[p.type_projet],
            starts_on=iso(p.debut), ends_on=iso(p.fin),
        )  # fmt: skip
        given = f.dossiers_beside(p.dossier_id) if unknown else [dossier]
        query = "projets_sans_structure" if unknown else "projets"
        for one in given:
            row = f.rows["projet_personnalise"][p.projet_id]
            name = f"{number}@{one.finess_et}" if unknown else str(number)
            made = Made("projet_personnalise", {**row, "projet_id": name, "dossier_id": f.dossier_name(one.dossier_id)})
            f.line(query, cells, made, key=("projet_personnalise", p.projet_id))
        _statuses(f, p, [f"{number}@{one.finess_et}" for one in given] if unknown else [str(number)], unknown)


def _statuses(f: Filling, p: Projet, names: list[str], unknown: bool) -> None:
    query = "statuts_sans_structure" if unknown else "statuts"
    for place, (when, rang, statut) in enumerate(p.statuts):
        until = p.statuts[place + 1][0] if p.statuts[place + 1 :] else None
        cells = f.db.add(
            "plan_history", plan_id=f.id("plan", p.projet_id), seq=rang, status=STATUTS[statut], valid_from=iso(when),
            valid_to=iso(until),
        )  # fmt: skip
        for name in names:
            row = {"projet_id": name, "date_statut": iso(when), "rang": str(rang), "statut": statut}
            f.line(query, cells, Made("statut_projet", row), key=("statut_projet", f"{p.projet_id} {iso(when)} {rang}"))


def visits(f: Filling, places: Attribution) -> None:
    """Write each event as it is now: Mediadom keeps no earlier version."""
    if not f.db.tables["visit_kind"]:
        for code, nature in enumerate(NATURES, 1):
            f.db.add("visit_kind", code=code, label=nature)
    for e in f.world.evenements:
        _visit(f, e, places.unknown_event(e))


def _visit(f: Filling, e: Evenement, unknown: bool) -> None:
    dossier = f.dossiers[e.dossier_id]
    number = f"RV{f.id('visit', e.evenement_id):06d}"
    cells = f.db.add(
        "visit", number=number, record_id=f.record(e.dossier_id),
        structure_id=None if unknown else f.id("structure", dossier.finess_et),
        starts_utc=f.utc(e.debut, dossier.finess_et), ends_utc=f.utc(e.fin, dossier.finess_et),
        state=VISITES[e.statut], kind=NATURES.index(e.nature) + 1,
    )  # fmt: skip
    for one in f.dossiers_beside(e.dossier_id) if unknown else [dossier]:
        row = {
            **f.rows["evenement"][e.evenement_id], "dossier_id": f.dossier_name(one.dossier_id),
            "evenement_id": f"{number}@{one.finess_et}" if unknown else number,
        }  # fmt: skip
        query = "agenda_sans_structure" if unknown else "agenda"
        f.line(query, cells, Made("evenement", row), key=("evenement", e.evenement_id))
