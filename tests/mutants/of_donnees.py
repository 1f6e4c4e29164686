"""Defects of the coherence of a lot: duplicates, orphans, dates, habits of an automatic clerk."""

from __future__ import annotations

from datetime import date

from tests.mutants.registry import mutant
from tests.mutants.world import DECEASED, EXTRACTION, FINESS, LEFT, World, after, entry, finess, key

# The day after may already be today overseas.
TOO_LATE = f"{after(EXTRACTION, 2)}"


# Who else rightly speaks of a date out of its time.
_FOLLOWS: dict[str, dict[str, str]] = {
    "dossier.date_creation tard": {"DONNEES_20": "on y a écrit avant"},
    "sejour.date_entree tard": {"DONNEES_12": "on a écrit au dossier plus d'un an avant"},
    "document.date_creation tard": {"DONNEES_29": "il est validé avant"},
    "document.date_validation tard": {"DMP_04": "il est au DMP avant d'être validé"},
    "etablissement.date_deploiement tard": {"TBB_09": "l'année n'est pas couverte"},
    "sejour.date_entree tôt": {"DONNEES_24": "née après son entrée", "DONNEES_26": "avant l'ouverture"},
    "mise_a_jour.date_maj tôt": {"DONNEES_12": "avant l'entrée", "DONNEES_20": "avant la création du dossier"},
    "envoi.horodatage tôt": {"DMP_04": "avant la validation"},
}


@mutant("DONNEES-01", "un second dossier ouvert de la même personne")
def _(world: World) -> None:
    world.again("dossier", world.one("dossier", dossier_id="D04"), dossier_id="D04-bis")


@mutant("DONNEES-02", "le même séjour sous deux clés")
def _(world: World) -> None:
    world.again("sejour", world.one("sejour", sejour_id="S05"), sejour_id="S05-bis")


@mutant("DONNEES-02", "un séjour clos saisi deux fois")
def _(world: World) -> None:
    stay = world.one("sejour", sejour_id=key("S", LEFT))
    world.again("sejour", stay, sejour_id="S-bis")


@mutant("DONNEES-03", "un séjour commence avant la fin d'un autre")
def _(world: World) -> None:
    stay = world.one("sejour", sejour_id=key("S", LEFT))
    world.again("sejour", stay, sejour_id="S-bis", date_entree=f"{after(date.fromisoformat(stay['date_sortie']), -5)}")


@mutant("DONNEES-03", "un séjour ouvert pendant qu'un autre l'est")
def _(world: World) -> None:
    world.again("sejour", world.one("sejour", sejour_id="S06"), sejour_id="S06-bis", date_entree="2025-03-01")


@mutant("DONNEES-04", "un dossier ouvert sans aucun séjour")
def _(world: World) -> None:
    world.remove("sejour", usager_id="U07")


@mutant("DONNEES-04", "un dossier d'un ESSMS où la personne n'a pas de séjour")
def _(world: World) -> None:
    world.add("dossier", dossier_id="D07-X", usager_id="U07", finess_et=finess(8), date_creation="2024-06-01")


@mutant("DONNEES-05", "un séjour sans dossier")
def _(world: World) -> None:
    _without_file(world, 8)


def _without_file(world: World, i: int) -> None:
    file = key("D", i)
    world.remove("dossier", dossier_id=file)
    for table in ("mise_a_jour", "evenement"):
        world.remove(table, dossier_id=file)
    for projet in world.all("projet_personnalise", dossier_id=file):
        world.remove("statut_projet", projet_id=projet["projet_id"])
    world.remove("projet_personnalise", dossier_id=file)


@mutant("DONNEES-06", "un projet sans aucun statut")
def _(world: World) -> None:
    world.remove("statut_projet", projet_id="P09-0-2")


@mutant("DONNEES-06", "un projet nouveau sans statut")
def _(world: World) -> None:
    world.add("projet_personnalise", projet_id="P-neuf", dossier_id="D10", type_projet="PAI", date_debut="2025-09-01")


for _table, _column, _value in (
    ("dossier", "date_creation", TOO_LATE),
    ("dossier", "date_archivage", TOO_LATE),
    ("sejour", "date_entree", TOO_LATE),
    ("sejour", "date_sortie", f"{after(EXTRACTION, 40)}"),
    ("mise_a_jour", "date_maj", TOO_LATE),
    ("statut_projet", "date_statut", TOO_LATE),
    ("evenement", "date_debut", TOO_LATE),
    ("document", "date_creation", TOO_LATE),
    ("document", "date_validation", TOO_LATE),
    ("envoi", "horodatage", f"{TOO_LATE}T00:00:01"),
    ("appel_insi", "horodatage", f"{TOO_LATE}T00:00:01"),
    ("reception", "horodatage", f"{TOO_LATE}T00:00:01"),
    ("echange_optionnel", "horodatage", f"{TOO_LATE}T00:00:01"),
    ("etablissement", "date_deploiement", TOO_LATE),
):

    @mutant("DONNEES-07", f"{_table}.{_column} après l'extraction", **_FOLLOWS.get(f"{_table}.{_column} tard", {}))
    def _(world: World, table: str = _table, column: str = _column, value: str = _value) -> None:
        rows = world.all(table, statut="TERMINE") if table == "evenement" else world.tables[table]
        rows[len(rows) // 3][column] = value


for _table, _column, _value in (
    ("usager", "date_deces", TOO_LATE),
    ("usager", "date_statut_identite", TOO_LATE),
    ("usager", "date_interrogation_insi", TOO_LATE),
    ("historique_identite", "horodatage", f"{TOO_LATE}T08:00:00"),
    ("opposition", "date_debut", TOO_LATE),
):

    @mutant("DONNEES-08", f"{_table}.{_column} après l'extraction", **_FOLLOWS.get(f"{_table}.{_column} tard", {}))
    def _(world: World, table: str = _table, column: str = _column, value: str = _value) -> None:
        rows = world.tables[table]
        rows[-2 if table == "historique_identite" else len(rows) // 3][column] = value


for _table, _column, _value in (
    ("dossier", "date_creation", "1899-12-31"),
    ("sejour", "date_entree", "0202-01-01"),
    ("mise_a_jour", "date_maj", "1799-01-01"),
    ("statut_projet", "date_statut", "1899-12-31"),
    ("evenement", "date_debut", "0025-09-12"),
    ("document", "date_creation", "1899-12-31"),
    ("envoi", "horodatage", "1899-12-31T23:59:59"),
    ("appel_insi", "horodatage", "1899-12-31T23:59:59"),
    ("reception", "horodatage", "1899-12-31T23:59:59"),
    ("echange_optionnel", "horodatage", "1899-12-31T23:59:59"),
):

    @mutant("DONNEES-09", f"{_table}.{_column} d'un autre siècle", **_FOLLOWS.get(f"{_table}.{_column} tôt", {}))
    def _(world: World, table: str = _table, column: str = _column, value: str = _value) -> None:
        rows = world.tables[table]
        rows[len(rows) // 2][column] = value


@mutant("DONNEES-10", "un séjour reste ouvert après le décès")
def _(world: World) -> None:
    world.one("sejour", sejour_id=key("S", DECEASED)).update(date_sortie="", sortie_definitive="")


@mutant("DONNEES-10", "une entrée après le décès")
def _(world: World) -> None:
    world.add("sejour", sejour_id="S-apres", usager_id=key("U", DECEASED), finess_et=finess(DECEASED), date_entree="2025-06-01", date_sortie="2025-06-03", sortie_definitive="true")  # fmt: skip


@mutant("DONNEES-10", "une sortie deux mois après le décès")
def _(world: World) -> None:
    world.one("sejour", sejour_id=key("S", DECEASED))["date_sortie"] = "2025-07-14"


@mutant("DONNEES-11", "on écrit au dossier après son archivage")
def _(world: World) -> None:
    world.add("mise_a_jour", dossier_id=key("D", LEFT), date_maj="2025-09-01", origine="UTILISATEUR")


@mutant(
    "DONNEES-11",
    "on écrit au dossier bien après le décès",
    DMP_07="un document y est aussi entré après",
    DONNEES_10="la sortie est restée celle d'avant",
)
def _(world: World) -> None:
    world.person(DECEASED)["date_deces"] = "2025-02-01"
    world.one("dossier", dossier_id=key("D", DECEASED))["date_archivage"] = ""
    world.add("mise_a_jour", dossier_id=key("D", DECEASED), date_maj="2025-09-29", origine="UTILISATEUR")


@mutant("DONNEES-12", "on écrit au dossier sept mois après la sortie")
def _(world: World) -> None:
    world.one("sejour", sejour_id=key("S", LEFT))["date_sortie"] = "2025-01-31"
    world.one("dossier", dossier_id=key("D", LEFT))["date_archivage"] = ""
    world.add("mise_a_jour", dossier_id=key("D", LEFT), date_maj="2025-09-29", origine="UTILISATEUR")


@mutant("DONNEES-12", "on écrit au dossier deux ans avant l'entrée")
def _(world: World) -> None:
    world.one("dossier", dossier_id="D11")["date_creation"] = "2022-01-10"
    world.add("mise_a_jour", dossier_id="D11", date_maj="2022-03-01", origine="UTILISATEUR")


@mutant("DONNEES-13", "le projet en cours n'a pas été revu depuis plus d'un an")
def _(world: World) -> None:
    world.remove("projet_personnalise", projet_id="P00-0-2")
    world.remove("statut_projet", projet_id="P00-0-2")
    world.remove("statut_projet", projet_id="P00-0-1", statut="TERMINE")
    world.one("projet_personnalise", projet_id="P00-0-1")["date_fin"] = ""


@mutant("DONNEES-14", "l'ancien projet n'a pas été terminé", DONNEES_13="l'ancien n'a pas été revu")
def _(world: World) -> None:
    world.remove("statut_projet", projet_id="P01-0-1", statut="TERMINE")
    world.one("projet_personnalise", projet_id="P01-0-1")["date_fin"] = ""


@mutant("DONNEES-14", "deux projets du même type commencés le même mois")
def _(world: World) -> None:
    projet = world.one("projet_personnalise", projet_id="P04-0-2")
    world.again("projet_personnalise", projet, projet_id="P04-0-3")
    world.again("statut_projet", world.one("statut_projet", projet_id="P04-0-2"), projet_id="P04-0-3")


@mutant("DONNEES-15", "la date de fin du projet en cours est passée")
def _(world: World) -> None:
    world.one("projet_personnalise", projet_id="P05-0-2")["date_fin"] = "2025-08-31"


@mutant("DONNEES-16", "une nuit met tous les dossiers d'un ESSMS à jour")
def _(world: World) -> None:
    _all_on(world, FINESS[0], "2025-09-10", month="2025-09")


def _all_on(world: World, number: str, day: str, month: str) -> None:
    """Every open dossier of an ESSMS is updated on one day, and nothing else that month."""
    files = [row["dossier_id"] for row in world.all("dossier", finess_et=number) if not row.get("date_archivage")]
    world.tables["mise_a_jour"] = [
        row for row in world.tables["mise_a_jour"]
        if not (row["dossier_id"] in files and row["date_maj"].startswith(month))
    ]  # fmt: skip
    for file in files:
        world.add("mise_a_jour", dossier_id=file, date_maj=day, origine="UTILISATEUR")


@mutant(
    "DONNEES-17",
    "toutes les mises à jour d'un ESSMS ont la même date",
    DONNEES_16="c'est aussi une mise à jour de masse",
    DONNEES_19="une date par dossier",
)
def _(world: World) -> None:
    files = {row["dossier_id"] for row in world.all("dossier", finess_et=FINESS[1])}
    world.tables["mise_a_jour"] = [row for row in world.tables["mise_a_jour"] if row["dossier_id"] not in files]
    for file in sorted(files):
        if not world.one("dossier", dossier_id=file).get("date_archivage"):
            world.add("mise_a_jour", dossier_id=file, date_maj="2025-09-30", origine="UTILISATEUR")


@mutant(
    "DONNEES-18",
    "tout est écrit le dernier jour du mois",
    DONNEES_16="des jours ont presque tous les dossiers",
    DONNEES_20="des dates ont reculé",
)
def _(world: World) -> None:
    files = {row["dossier_id"] for row in world.all("dossier", finess_et=FINESS[2])}
    for row in world.tables["mise_a_jour"]:
        if row["dossier_id"] in files:
            day = date.fromisoformat(row["date_maj"])
            last = after(date(day.year + day.month // 12, day.month % 12 + 1, 1), -1)
            # One dossier in three a day earlier, so that it is no mass update of one day.
            row["date_maj"] = (
                f"{after(last, -(int(row['dossier_id'][1:3]) % 3))}" if last < EXTRACTION else row["date_maj"]
            )


@mutant("DONNEES-19", "chaque dossier n'a que sa dernière date")
def _(world: World) -> None:
    last = {row["dossier_id"]: row for row in sorted(world.tables["mise_a_jour"], key=lambda r: r["date_maj"])}
    world.tables["mise_a_jour"] = list(last.values())


@mutant("DONNEES-20", "on écrit au dossier un mois avant sa création")
def _(world: World) -> None:
    world.one("dossier", dossier_id="D12")["date_creation"] = f"{after(entry(12), 40)}"


@mutant("DONNEES-20", "une mise à jour avant la création du dossier")
def _(world: World) -> None:
    world.add("mise_a_jour", dossier_id="D35", date_maj=f"{after(entry(35), -60)}", origine="UTILISATEUR")


@mutant("DONNEES-21", "tous les dossiers d'un ESSMS sont créés le jour du déploiement")
def _(world: World) -> None:
    for row in world.all("dossier", finess_et=FINESS[0]):
        row["date_creation"] = "2024-01-15"


@mutant(
    "DONNEES-22",
    "la plupart des séjours d'un ESSMS sont d'un jour",
    IND_01="plus personne n'est accompagné",
    DONNEES_12="on écrit après",
)
def _(world: World) -> None:
    for row in world.all("sejour", finess_et=FINESS[1]):
        row.update(date_sortie=row["date_entree"], sortie_definitive="true")


@mutant("DONNEES-23", "aucun événement passé d'un ESSMS n'est suivi")
def _(world: World) -> None:
    files = {row["dossier_id"] for row in world.all("dossier", finess_et=FINESS[0])}
    for row in world.tables["evenement"]:
        if row["dossier_id"] in files:
            row["statut"] = "PLANIFIE"


_BORN = "le NIR ne s'accorde plus"


@mutant("DONNEES-24", "née en 1869")
def _(world: World) -> None:
    world.person(24)["date_naissance"] = "1869-04-05"


@mutant("DONNEES-24", "née après son entrée")
def _(world: World) -> None:
    world.person(25)["date_naissance"] = "2025-01-05"


@mutant("DONNEES-24", "née après son décès", INS_13=_BORN)
def _(world: World) -> None:
    world.person(DECEASED)["date_naissance"] = "2025-05-20"


@mutant("DONNEES-24", "née après l'extraction", INS_06="la date est dans l'avenir")
def _(world: World) -> None:
    world.person(25)["date_naissance"] = "2026-01-05"


@mutant(
    "DONNEES-25",
    "un ESSMS du périmètre sans aucun séjour",
    DONNEES_04="ses dossiers",
    IND_01="personne au dénominateur",
)
def _(world: World) -> None:
    gone = world.all("sejour", finess_et=FINESS[2])
    world.tables["sejour"] = [row for row in world.tables["sejour"] if row not in gone]


@mutant("DONNEES-26", "une entrée avant l'ouverture de l'établissement")
def _(world: World) -> None:
    world.one("sejour", sejour_id="S13")["date_entree"] = "2009-12-31"


@mutant("DONNEES-26", "un séjour continue après la fermeture")
def _(world: World) -> None:
    world.one("etablissement", finess_et=FINESS[0])["date_fermeture"] = "2025-08-31"


@mutant(
    "DONNEES-27",
    "l'extraction vient deux mois après la fin de la période",
    DONNEES_30="une réception a maintenant plus d'un mois",
)
def _(world: World) -> None:
    world.manifeste["date_extraction"] = "2025-12-03T03:00:00"


@mutant("DONNEES-28", "un document de deux ans n'est pas validé", DMP_04="il est au DMP")
def _(world: World) -> None:
    world.one("document", document_id="DOC05").update(date_creation="2023-09-01", date_validation="")


@mutant("DONNEES-29", "un document est validé la veille de sa création")
def _(world: World) -> None:
    document = world.one("document", document_id="DOC06")
    document["date_creation"] = f"{after(date.fromisoformat(document['date_validation']), 1)}"


@mutant("DONNEES-30", "un document reçu en juillet n'est pas intégré")
def _(world: World) -> None:
    world.first("reception")["integre"] = "false"


@mutant("DONNEES-30", "un document reçu en juillet n'est à personne")
def _(world: World) -> None:
    world.first("reception")["usager_id"] = ""


@mutant("DONNEES-31", "l'envoi d'une personne qualifiée est dit non qualifié")
def _(world: World) -> None:
    world.one("envoi", envoi_id="V06-P")["ins_qualifiee"] = "false"


@mutant("DONNEES-31", "l'envoi au DMP d'une personne validée est dit qualifié", DMP_01="le DMP est alimenté à tort")
def _(world: World) -> None:
    world.again(
        "document",
        world.one("document", document_id="DOC06"),
        document_id="DOC-V",
        usager_id="U27",
        finess_et=finess(27),
    )
    sent = world.one("envoi", envoi_id="V06-D")
    world.again("envoi", sent, envoi_id="V-V", usager_id="U27", document_id="DOC-V", finess_et=finess(27))


@mutant("DONNEES-32", "une personne sans séjour ni dossier")
def _(world: World) -> None:
    world.add("usager", usager_id="U-seul", statut_identite="PROV", date_statut_identite="2024-05-01", nom_naissance="SEULET", premier_prenom="ANNA", prenoms_naissance="ANNA", sexe="F", date_naissance="1940-05-04", lieu_naissance_cog="33063")  # fmt: skip
