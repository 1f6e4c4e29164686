"""Defects that a database holds: impossible dates in text columns, references to nothing, two current versions.

They lose of the world what Soléo's defects lose (:mod:`esms_sdk.sample.losses`), and add rows that are nobody's.
"""

from __future__ import annotations

from datetime import datetime

from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.mediadom.database import Cells
from esms_sdk.sample.mediadom.filling import FILE, NOWHERE, Filling
from esms_sdk.sample.mediadom.persons import identity_version
from esms_sdk.sample.truth import Rejet

IMPOSSIBLE = "2025-02-31"


def plant(f: Filling) -> None:
    """Plant every defect."""
    _structures(f)
    for rank, key in enumerate(f.lost.of("usager")):
        (_two_versions, _impossible_death, _merged_into_itself)[rank % 3](f, key)
    _strangers(f)
    _lost_sejours(f)
    for rejet in f.lost.extra:
        _nobodys_sejour(f, rejet)
    _waiting_list(f)
    _lost_dossiers(f)
    _lost_projets(f)
    _unknown_labels(f)


def spoil(line: Line, made: Made, defaut: str, column: str, code: str, **cells: object) -> None:
    """Change cells of a row for the worse, and say what the adapter reads of it."""
    assert cells.keys() <= line.cells.keys(), cells.keys()
    line.cells.update(cells)
    line.defaut, made.faute = defaut, (column, code)
    if column in made.row and code != "ORDRE_DATES":
        made.row = {**made.row, column: ""}


def one(f: Filling, table: str, key: str) -> tuple[Line, Made]:
    """Return the only row that stands for something of the world."""
    (found,) = f.made[table, key]
    return found


def _structures(f: Filling) -> None:
    model = f.db.tables["structure"][-1]
    number = f.id("structure", "résidence")
    name = "Projet de résidence"
    cells = f.db.add(
        "structure", **{**model, "id": number, "finess": "", "name": name, "live_since": "", "in_scope": False}
    )
    row = {**f.rows["etablissement"][str(model["finess"])], "finess_et": "", "denomination": name}
    row["date_deploiement"] = ""
    f.line(
        "structures", cells, Made("etablissement", row, ("finess_et", "CLE_MANQUANTE")),
        Made("organisme", dict(f.rows["organisme"][f.world.finess_ej])),
    ).defaut = "établissement sans FINESS"  # fmt: skip


def _two_versions(f: Filling, key: str) -> None:
    """Two versions of an identity that are both current: the query gives the person twice."""
    line, made = one(f, "usager", key)
    current = next(u for u in f.world.usagers if u.usager_id == key)
    other = datetime.combine(current.statut_depuis, datetime.min.time()).replace(hour=16, minute=45)
    statut = "VALI" if current.statut != "VALI" else "RECUP"
    identity_version(f, key, other, statut, bool(current.matricule), None)
    line.defaut = "deux versions courantes de l'identité"
    f.line("personnes", line.cells, Made("usager", {**made.row, "statut_identite": statut})).defaut = line.defaut


def _impossible_death(f: Filling, key: str) -> None:
    line, made = one(f, "usager", key)
    spoil(line, made, "décès un 31 février", "date_deces", "TYPE_INVALIDE", died_on=IMPOSSIBLE)


def _merged_into_itself(f: Filling, key: str) -> None:
    line, made = one(f, "usager", key)
    line.cells["merged_into"] = line.cells["id"]
    made.row["usager_id_fusion"] = made.row["usager_id"]
    line.defaut = "identité fusionnée avec elle-même"


def _person_like(f: Filling, key: str, **cells: object) -> tuple[Line, Made]:
    """Add a person who is nobody of the world, like another one."""
    model, sound = one(f, "usager", key)
    number = f.id("person", f"personne {len(f.ids)}")
    added = f.db.add("person", **{**model.cells, "id": number, **cells})
    made = Made("usager", {**sound.row, "usager_id": str(number), "usager_id_fusion": ""})
    version = f.db.tables["identity_history"][0]
    history = f.db.number("identity_history")
    written = f.db.add("identity_history", **{**version, "id": history, "person_id": number, "valid_to": ""})
    statut = {"TEMP": "PROV", "CHECKED": "VALI", "FETCHED": "RECUP", "QUALIFIED": "QUAL"}[str(version["status"])]
    since = str(version["valid_from"])
    row = {
        "usager_id": str(number), "horodatage": since.replace(" ", "T"), "statut_identite": statut,
        "matricule_present": "true" if version["has_ins"] else "false", "empreinte_traits": str(version["traits_hmac"]),
    }  # fmt: skip
    f.line("identites", written, Made("historique_identite", row))
    made.row.update(statut_identite=statut, date_statut_identite=since[:10])
    return f.line("personnes", added, made), made


def _strangers(f: Filling) -> None:
    """A person of test with a record, and a person merged into nobody."""
    model = _sound_person(f)
    line, made = _person_like(f, model, is_test=True, birth_name="ESSAI")
    made.row["nom_naissance"] = "ESSAI"
    line.ecartee, line.defaut = "fiche_test", "fiche de test"
    record = f.id("record", "essai")
    structure, finess = f.id("structure", f.world.etablissements[0].finess_et), f.world.etablissements[0].finess_et
    f.db.add("record", id=record, person_id=line.cells["id"], created_on="2024-03-01")
    cells = f.db.add("record_access", record_id=record, structure_id=structure, opened_on="2024-03-01", closed_on="")
    dossier = {
        "dossier_id": f"{record}@{finess}", "usager_id": made.row["usager_id"], "finess_et": finess,
        "date_creation": "2024-03-01", "date_archivage": "",
    }  # fmt: skip
    f.line("dossiers", cells, Made("dossier", dossier)).defaut = "dossier d'une fiche de test"
    for minute in range(4):
        _audit_line(f, record, structure, f"2025-03-12 10:0{minute}:00", dossier["dossier_id"], "écriture de test")
    other, merged = _person_like(f, model, merged_into=f.db.nowhere("person"))
    merged.row["usager_id_fusion"] = str(other.cells["merged_into"])
    other.defaut = "fusion vers une personne inconnue"
    first = f.record(f.world.dossiers[0].dossier_id)
    impossible = _audit_line(f, first, structure, "2025-02-30 10:12:00", "", "instant impossible")
    impossible.makes[0].row.update(dossier_id=f"{first}@{finess}", date_maj="")
    impossible.makes[0].faute = ("date_maj", "TYPE_INVALIDE")
    unknown = f.db.nowhere("record")
    _audit_line(f, unknown, structure, "2025-03-12 11:00:00", f"{unknown}@{finess}", "dossier inconnu")
    for where, defaut in ((NOWHERE, "structure inconnue"), (structure, "ligne sans dossier")):
        lost = _audit_line(f, None if where == structure else first, where, "2025-03-12 11:00:00", "", defaut)
        lost.makes[0].faute = ("dossier_id", "COLONNE_REQUISE")


def _sound_person(f: Filling) -> str:
    lost = set(f.lost.of("usager"))
    return next(u.usager_id for u in f.world.usagers if u.usager_id not in lost and not u.fusion and not u.deces)


def _audit_line(f: Filling, record: int | None, structure: int, at: str, dossier: str, defaut: str) -> Line:
    cells = f.db.add(
        "audit_log", id=f.db.number("audit_log"), at_utc=at, record_id=record, structure_id=structure,
        user_id=_a_person_at_work(f), action="UPDATE", section="SOINS",
    )  # fmt: skip
    row = {"dossier_id": dossier, "date_maj": at[:10], "origine": "UTILISATEUR", "rubrique": ""}
    line = f.line("journal", cells, Made("mise_a_jour", row))
    line.defaut = defaut
    return line


def _a_person_at_work(f: Filling) -> object:
    return next(user["id"] for user in f.db.tables["app_user"] if user["kind"] == "HUMAN")


def _lost_sejours(f: Filling) -> None:
    """Episodes whose start cannot be read, and one that was archived without being taken away, with another start."""
    for key, rejets in f.lost.sejours.items():
        line, made = one(f, "sejour", key)
        if len(rejets) == 1:
            spoil(line, made, "date d'entrée impossible", "date_entree", "TYPE_INVALIDE", started_on=IMPOSSIBLE)
            continue
        line.defaut = "épisode archivé deux fois, autre contenu"
        (start,) = {rejet.entree for rejet in rejets} - {made.row["date_entree"]}
        cells = f.db.add("episode_archive", **{**line.cells, "started_on": start})
        f.line("sejours", cells, Made("sejour", {**made.row, "date_entree": start})).defaut = line.defaut


def _nobodys_sejour(f: Filling, rejet: Rejet) -> None:
    """An episode of nobody, nowhere or never: what can be read of it is what ``rejet`` says."""
    number, place = f.db.number("episode"), NOWHERE
    person: object = f.id("person", _sound_person(f))
    entree, defaut = rejet.entree, "épisode d'une personne inconnue"
    faute: tuple[str, str] | None = None
    if not rejet.finess_et:
        faute, defaut = ("finess_et", "COLONNE_REQUISE"), "structure inconnue"
        if number % 2:
            place, defaut = f.id("structure", "résidence"), "structure sans FINESS"
    else:
        place = f.id("structure", rejet.finess_et)
        if not entree:
            faute, defaut = ("date_entree", "COLONNE_REQUISE"), "épisode sans entrée"
        elif entree > rejet.sortie:
            faute, defaut = ("date_sortie", "ORDRE_DATES"), "sortie avant l'entrée"
        else:
            person = f.db.nowhere("person")
    cells: Cells = f.db.add(
        "episode", id=number, person_id=person, structure_id=place, state="ENDED", started_on=entree,
        ended_on=rejet.sortie, end_reason="OTHER", plan_expected=True,
    )  # fmt: skip
    row = {
        "sejour_id": str(number), "usager_id": str(person), "finess_et": rejet.finess_et, "date_entree": entree,
        "date_sortie": rejet.sortie, "sortie_definitive": "", "projet_applicable": "true",
    }  # fmt: skip
    line = f.line("sejours", cells, Made("sejour", row, faute))
    line.defaut = defaut


def _lost_dossiers(f: Filling) -> None:
    for rank, key in enumerate(f.lost.of("dossier")):
        line, made = one(f, "dossier", key)
        if rank % 3 == 0:
            made.row["date_archivage"] = "2001-01-01"
            spoil(line, made, "clôture avant l'ouverture", "date_archivage", "ORDRE_DATES", closed_on="2001-01-01")
        elif rank % 3 == 1:
            spoil(line, made, "ouverture impossible", "date_creation", "TYPE_INVALIDE", opened_on="2025-13-45")
        else:
            line.defaut = "deux droits d'accès pour une même structure"
            cells = f.db.add("record_access", **{**line.cells, "opened_on": "2024-01-02"})
            other = Made("dossier", {**made.row, "date_creation": "2024-01-02"})
            f.line("dossiers", cells, other).defaut = line.defaut


def _waiting_list(f: Filling) -> None:
    waiting = f.db.add(
        "episode", id=f.db.number("episode"), person_id=f.id("person", _sound_person(f)),
        structure_id=f.id("structure", f.world.etablissements[0].finess_et), state="WAITING", started_on="",
        ended_on="", end_reason="", plan_expected=True,
    )  # fmt: skip
    made = Made("sejour", {
        "sejour_id": str(waiting["id"]), "usager_id": str(waiting["person_id"]),
        "finess_et": f.world.etablissements[0].finess_et, "date_entree": "", "date_sortie": "",
        "sortie_definitive": "", "projet_applicable": "true",
    })  # fmt: skip
    line = f.line("sejours", waiting, made)
    line.ecartee, line.defaut = "liste_attente", "liste d'attente"


def _lost_projets(f: Filling) -> None:
    for rank, key in enumerate(f.lost.of("projet_personnalise")):
        line, made = one(f, "projet_personnalise", key)
        if rank % 2 == 0:
            made.row["date_fin"] = "2010-01-01"
            spoil(line, made, "fin avant le début", "date_fin", "ORDRE_DATES", ends_on="2010-01-01")
        else:
            unknown = f.db.nowhere("record")
            line.cells["record_id"], line.defaut = unknown, "dossier inconnu"
            made.row["dossier_id"] = f"{unknown}@{made.row['dossier_id'].split('@')[1]}"
    for rank, key in enumerate(f.lost.of("statut_projet")):
        line, made = one(f, "statut_projet", key)
        if rank % 3 == 0:
            spoil(line, made, "libellé inconnu, colonne obligatoire", "statut", "CODE_INCONNU", status="REVIEW")
            line.libelles.append(("status", "REVIEW"))
        elif rank % 3 == 1:
            spoil(line, made, "date de statut impossible", "date_statut", "TYPE_INVALIDE", valid_from=IMPOSSIBLE)
        else:
            spoil(line, made, "statut sans date", "date_statut", "CLE_MANQUANTE", valid_from="0000-00-00")


def _unknown_labels(f: Filling) -> None:
    """Codes that the mapping does not know, in columns that may be empty: nothing is lost by them."""
    lost = {*f.lost.of("usager")}
    sound = [u.usager_id for u in f.world.usagers if u.usager_id not in lost and not u.fusion][40::200]
    for key in sound:
        line, made = one(f, "usager", key)
        line.cells["gender"], made.row["sexe"] = "X", ""
        line.libelles.append(("gender", "X"))
        line.defaut = "libellé inconnu, colonne facultative"
    gone = {*f.lost.of("projet_personnalise")}
    for p in [p for p in f.world.projets if p.projet_id not in gone][60::200]:
        found = f.made["projet_personnalise", p.projet_id]
        if found[0][0].source == f"{FILE}#projets":
            line, made = found[0]
            line.cells["kind"], made.row["type_projet"] = "CHARTER", ""
            line.libelles.append(("kind", "CHARTER"))
            line.defaut = "libellé inconnu, colonne facultative"
