"""A conforming lot of thirty-six invented persons in three establishments, as rows of text: what every mutant starts from.

All have a qualified identity but these: 24 and 25 have a provisional one, 26 and 27 a validated one, 28 and 29 one
taken from INSi and not validated yet.  Person 20 died, 21 left for good, 22 moved to another establishment, 23 refuses
the DMP, 19 was born abroad, 18 in Corsica; ``U99`` is a record that was merged into ``U00``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

EJ = "990000028"
FINESS = ("990780017", "990780025", "990780033")
PROD_NIR = "1.2.250.1.213.1.4.8"
EXTRACTION = date(2025, 10, 2)
LAST_DAY = date(2025, 10, 1)
PERSONS, DOCUMENTED = 36, 24
DECEASED, LEFT, MOVED, REFUSING = 20, 21, 22, 23
CORSICAN, ABROAD = 18, 19
HOMONYM, DOUBTFUL, RENEWED = 12, 24, 9
PROVISIONAL, VALIDATED, FETCHED = (24, 25), (26, 27), (28, 29)

NAMES = (
    "ARBREVERT", "BOISCLAIR", "CHAMPVIEUX", "DUVALLON", "ESSARTBLANC", "FONTGRISE", "GRANDPRE", "HAUTMUR", "ISLEBELLE",
    "JONCHERAIE", "LANDENEUVE", "MONTFEUILLE", "NOIRETANG", "ORMELONG", "PIERREFOLLE", "QUATREVENT", "ROCHEDOUCE",
    "SABLEROUX", "TERREFORTE", "UZELLE", "VALOMBRE", "WARDREC", "XAINTRAY", "YVEROND", "ZEPHYRIN", "AUBEPINE",
    "BRUYERELLE", "CORMORANDE", "DAUPHELLE", "EGLANTINE", "FOUGERAIE", "GENETIERE", "HETRAIE", "IRISNOIR", "JASMINET",
    "KERGENET",
)  # fmt: skip
FIRST = ("ANNA", "PAUL", "JEANNE", "MARC", "LOUISE", "HENRI")

Row = dict[str, str]


@dataclass
class World:
    """The rows of each table, every cell a text as in a CSV file, and the manifest."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    manifeste: dict[str, Any] = field(default_factory=dict)
    mode: str = "production"
    profil: str = "pa-ph-dom-vague2"
    referentiel: dict[str, Any] = field(default_factory=dict)
    # What is given beside the lot, by kind: the documents of published files, the order.
    pieces: dict[str, Any] = field(default_factory=dict)

    def add(self, table: str, **cells: str) -> Row:
        self.tables.setdefault(table, []).append(cells)
        return cells

    def all(self, table: str, **where: str) -> list[Row]:
        return [row for row in self.tables[table] if all(row.get(name) == value for name, value in where.items())]

    def one(self, table: str, **where: str) -> Row:
        found = self.all(table, **where)
        assert len(found) == 1, f"{table} {where}: {len(found)} rows"
        return found[0]

    def first(self, table: str, **where: str) -> Row:
        return self.all(table, **where)[0]

    def last(self, table: str, **where: str) -> Row:
        return self.all(table, **where)[-1]

    def person(self, i: int) -> Row:
        return self.one("usager", usager_id=key("U", i))

    def remove(self, table: str, **where: str) -> None:
        gone = [id(row) for row in self.all(table, **where)]
        assert gone, f"{table} {where}: no row"
        self.tables[table] = [row for row in self.tables[table] if id(row) not in gone]

    def again(self, table: str, row: Row, **changed: str) -> Row:
        return self.add(table, **{**row, **changed})

    def copy(self) -> World:
        return copy.deepcopy(self)


def key(letter: str, i: int, *more: object) -> str:
    return f"{letter}{i:02d}" + "".join(f"-{one}" for one in more)


def nir(body: str) -> str:
    """Complete the thirteen characters of a number with the two of its key."""
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"


def after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def at(day: date, hour: int, minute: int = 0) -> str:
    return datetime(day.year, day.month, day.day, hour, minute).isoformat()


def finess(i: int) -> str:
    return FINESS[i % 3]


def entry(i: int) -> date:
    """The first day of the support of a person: between February and December 2024."""
    return date(2024, 2, 1) + timedelta(days=11 * i)


def qualified_on(i: int) -> date:
    return after(entry(i), 9 + i % 4)


def exit_of(i: int) -> date | None:
    return {DECEASED: date(2025, 5, 12), LEFT: date(2025, 6, 30)}.get(i)


def birth(i: int) -> date:
    """The elderly are supported in the first two establishments, children in the third."""
    return date(2009 + i % 5, 1 + i % 12, 3 + i % 25) if i % 3 == 2 else date(1931 + i % 17, 1 + i % 12, 2 + i % 26)


def place(i: int) -> str:
    return {CORSICAN: "2A073", ABROAD: "99109"}.get(i, f"{10 + i}{101 + i}")


def sexe(i: int) -> str:
    return "FM"[i % 2]


def body(i: int) -> str:
    """Thirteen characters that agree with sex, birth and place."""
    born = birth(i)
    return f"{'21'[i % 2]}{born.year % 100:02d}{born.month:02d}{place(i)}{400 + i:03d}"


def conforming() -> World:
    """Return the lot; the same each time."""
    world = World()
    _structure(world)
    for i in range(PERSONS):
        _identity(world, i)
        _support(world, i)
        _activity(world, i)
    _merged(world)
    _particular(world)
    for i in range(DOCUMENTED):
        _documents(world, i)
    _exchanges(world)
    return world


def _structure(world: World) -> None:
    world.manifeste = {
        "version_schema": "1", "editeur": "Éditeur inventé", "logiciel": "DUI inventé", "version_logiciel": "1.0",
        "date_extraction": "2025-10-02T03:00:00", "perimetre": list(FINESS), "periode_couverte_debut": "2023-01-01",
        "periode_couverte_fin": "2025-10-01", "journal_maj_complet": True, "historique_statuts_complet": True,
        "mode": "production",
    }  # fmt: skip
    world.add("organisme", finess_ej=EJ, raison_sociale="Association Les Essais")
    for number, name, categorie in zip(
        FINESS, ("Les Tilleuls", "Les Aulnes", "Les Ormes"), ("500", "354", "183"), strict=True
    ):
        world.add(
            "etablissement", finess_et=number, finess_ej=EJ, denomination=name, categorie=categorie,
            date_ouverture="2010-01-04", date_deploiement="2024-01-15", fuseau="Europe/Paris", profil_cibles="standard",
        )  # fmt: skip

    world.referentiel = {"ej": [{"finess_ej": EJ}], "et": [{"finess_et": one, "finess_ej": EJ} for one in FINESS]}


def _identity(world: World, i: int) -> None:
    first = FIRST[i % len(FIRST)]
    person = world.add(
        "usager", usager_id=key("U", i), nom_naissance=NAMES[i], prenoms_naissance=f"{first} CAMILLE",
        premier_prenom=first, nom_utilise=NAMES[i], prenom_utilise=first, sexe=sexe(i),
        date_naissance=f"{birth(i)}", date_naissance_estimee="false", lieu_naissance_cog=place(i),
    )  # fmt: skip
    if i == DECEASED:
        person["date_deces"] = f"{exit_of(i)}"
    status = "PROV" if i in PROVISIONAL else "VALI" if i in VALIDATED else "RECUP" if i in FETCHED else "QUAL"
    # A person comes in unknown to the register; the status that holds now is given some days later.
    world.add("historique_identite", usager_id=key("U", i), horodatage=at(entry(i), 9), statut_identite="PROV", matricule_present="false", empreinte_traits=f"t{i:02d}")  # fmt: skip
    day = entry(i) if status == "PROV" else qualified_on(i)
    person |= {"statut_identite": status, "date_statut_identite": f"{day}"}
    if status in ("VALI", "QUAL"):
        person["mode_validation_identite"] = ("CN", "PA")[i % 2]
    if status in ("RECUP", "QUAL"):
        person |= {"matricule_ins": nir(body(i)), "oid_ins": PROD_NIR, "mode_obtention_ins": "INSi", "date_interrogation_insi": f"{day}"}  # fmt: skip
        world.add("appel_insi", appel_id=key("A", i), finess_et=finess(i), usager_id=key("U", i), horodatage=at(day, 8, 59), operation="RECHERCHE", resultat="SUCCES")  # fmt: skip
    if status != "PROV":
        has = "true" if status in ("RECUP", "QUAL") else "false"
        world.add("historique_identite", usager_id=key("U", i), horodatage=at(day, 9, 1), statut_identite=status, matricule_present=has, empreinte_traits=f"t{i:02d}")  # fmt: skip


def _merged(world: World) -> None:
    kept = ("statut_identite", "matricule_ins", "oid_ins", "date_statut_identite")
    old = {name: world.person(0)[name] for name in kept}
    world.add("usager", usager_id="U99", usager_id_fusion="U00", nom_naissance="ARBREVERD", premier_prenom="ANNA", **old)  # fmt: skip
    world.add("historique_identite", usager_id="U99", horodatage="2024-01-20T10:00:00", statut_identite="PROV", matricule_present="false", empreinte_traits="t99m")  # fmt: skip


def _particular(world: World) -> None:
    """A homonym, a doubtful identity, and a trait that INSi gave anew."""
    world.person(HOMONYM)["attributs_identite"] = "HOMA"
    world.person(DOUBTFUL)["attributs_identite"] = "DOUT"
    who = key("U", RENEWED)
    world.add("appel_insi", appel_id="A-R", finess_et=finess(RENEWED), usager_id=who, horodatage="2025-02-11T10:00:00", operation="VERIFICATION", resultat="SUCCES")  # fmt: skip
    world.add("historique_identite", usager_id=who, horodatage="2025-02-11T10:01:00", statut_identite="QUAL", matricule_present="true", empreinte_traits="t99")  # fmt: skip


def _support(world: World, i: int) -> None:
    who = key("U", i)
    stay = world.add("sejour", sejour_id=key("S", i), usager_id=who, finess_et=finess(i), date_entree=f"{entry(i)}", projet_applicable="true")  # fmt: skip
    file = world.add("dossier", dossier_id=key("D", i), usager_id=who, finess_et=finess(i), date_creation=f"{entry(i)}")
    if end := exit_of(i):
        stay |= {"date_sortie": f"{end}", "sortie_definitive": "true"}
        file["date_archivage"] = f"{after(end, 20)}"
    if i == MOVED:
        stay |= {"date_sortie": "2025-04-14", "sortie_definitive": "true"}
        file["date_archivage"] = "2025-04-30"
        world.add("sejour", sejour_id=key("S", i, 2), usager_id=who, finess_et=finess(i + 1), date_entree="2025-04-15", projet_applicable="true")  # fmt: skip
        world.add("dossier", dossier_id=key("D", i, 2), usager_id=who, finess_et=finess(i + 1), date_creation="2025-04-15")  # fmt: skip


def dossiers(i: int) -> Iterator[tuple[str, date, date]]:
    """Each dossier of a person with its first and last day of activity."""
    if i == MOVED:
        yield key("D", i), entry(i), date(2025, 4, 14)
        yield key("D", i, 2), date(2025, 4, 15), LAST_DAY
    else:
        yield key("D", i), entry(i), exit_of(i) or LAST_DAY


def _activity(world: World, i: int) -> None:
    for number, (dossier, begin, end) in enumerate(dossiers(i)):
        for month in range(24):
            # No two dossiers have the same rhythm, and no day of the month is a favourite.
            for turn in range(1 + (i + month) % 3):
                day = after(date(2024, 1, 1), 30 * month + (7 * i + 11 * month + 9 * turn) % 28)
                if begin < day <= end:
                    world.add("mise_a_jour", dossier_id=dossier, date_maj=f"{day}", origine="UTILISATEUR")
        world.add("mise_a_jour", dossier_id=dossier, date_maj=f"{begin}", origine="UTILISATEUR")
        _projets(world, i, number, dossier, begin, end)
        for week in range(6):
            day = after(end, -40 + 7 * week + i % 5)
            if begin < day <= end:
                world.add("evenement", evenement_id=key("E", i, number, week), dossier_id=dossier, date_debut=f"{day}", statut=("TERMINE", "VALIDE")[week % 2 if day > date(2025, 9, 20) else 0])  # fmt: skip
        if end == LAST_DAY:
            world.add("evenement", evenement_id=key("E", i, number, "P"), dossier_id=dossier, date_debut=f"{after(LAST_DAY, 5 + i % 9)}", statut="PLANIFIE")  # fmt: skip


def _projets(world: World, i: int, number: int, dossier: str, begin: date, end: date) -> None:
    """A first projet within two months, and a new one each spring, from the day after the end of the other."""
    kind = ("PPA", "PP", "PPI")[i % 3]
    first = key("P", i, number, 1)
    started = after(begin, 40 + i % 7)
    renewed = after(date(2025, 3, 3), i)
    over = end if end < LAST_DAY else renewed if started < renewed else None
    world.add("projet_personnalise", projet_id=first, dossier_id=dossier, type_projet=kind, date_debut=f"{started}")
    world.add("statut_projet", projet_id=first, date_statut=f"{after(started, -15)}", rang="0", statut="ENPREPARATION")
    world.add("statut_projet", projet_id=first, date_statut=f"{started}", rang="0", statut="ENCOURS")
    if over:
        world.last("projet_personnalise")["date_fin"] = f"{over}"
        world.add("statut_projet", projet_id=first, date_statut=f"{over}", rang="0", statut="TERMINE")
    if over == renewed:
        second = key("P", i, number, 2)
        world.add("projet_personnalise", projet_id=second, dossier_id=dossier, type_projet=kind, date_debut=f"{after(renewed, 1)}")  # fmt: skip
        world.add("statut_projet", projet_id=second, date_statut=f"{after(renewed, 1)}", rang="0", statut="ENCOURS")


def _documents(world: World, i: int) -> None:
    """A validated summary, fed to the DMP the same day except for whoever refuses, then sent to a professional."""
    day = after(date(2025, 1, 20), 4 * i)
    document = key("DOC", i)
    world.add("document", document_id=document, usager_id=key("U", i), finess_et=finess(i), type_code="SYNTH", date_creation=f"{after(day, -1)}", date_validation=f"{day}", confidentialite="N", format_code="urn:ihe:iti:xds-sd:pdf:2008")  # fmt: skip
    sent = {"finess_et": finess(i), "usager_id": key("U", i), "document_id": document, "resultat": "SUCCES", "ins_qualifiee": "true", "rpps": "10000000009"}  # fmt: skip
    if i != REFUSING:
        world.add("envoi", envoi_id=key("V", i, "D"), canal="DMP", horodatage=at(day, 10, i), operation="AJOUT", **sent)
    world.add("envoi", envoi_id=key("V", i, "P"), canal="MSS_PRO", horodatage=at(day, 11, i), message_id=key("M", i, "P"), **sent)  # fmt: skip
    if i % 4 == 0:
        world.add("envoi", envoi_id=key("V", i, "C"), canal="MSS_CITOYENNE", horodatage=at(day, 14, i), message_id=key("M", i, "C"), **sent)  # fmt: skip
    if i == 1:  # corrected a week later
        world.add("envoi", envoi_id=key("V", i, "R"), canal="DMP", horodatage=at(after(day, 7), 9), operation="REMPLACEMENT", **sent)  # fmt: skip
    if i == 2:  # withdrawn a week later
        world.add("envoi", envoi_id=key("V", i, "S"), canal="DMP", horodatage=at(after(day, 7), 9), operation="SUPPRESSION", **sent)  # fmt: skip
    if i == 3:  # failed, then sent again
        failed = world.one("envoi", envoi_id=key("V", i, "D"))
        world.again("envoi", failed, envoi_id=key("V", i, "F"), horodatage=at(day, 9, i), resultat="ECHEC")


def _exchanges(world: World) -> None:
    world.add("opposition", usager_id=key("U", REFUSING), canal="DMP", date_debut=f"{entry(REFUSING)}")
    world.add("opposition", usager_id=key("U", 5), canal="DMP", date_debut="2024-04-01", date_fin="2024-06-30")
    world.add("opposition", usager_id=key("U", 7), canal="MSS_CITOYENNE", date_debut="2024-04-20")
    for i in range(0, 18, 3):
        world.add("reception", reception_id=key("R", i), finess_et=finess(i), canal=("MSS_PRO", "DMP")[i % 2], horodatage=at(date(2025, 7, 1 + i), 8), type_code="11502-2", usager_id=key("U", i), integre="true")  # fmt: skip
        world.add("echange_optionnel", echange_id=key("X", i), finess_et=finess(i), usager_id=key("U", i), horodatage=at(date(2025, 9, 1 + i), 8), type_echange=("EPRESCRIPTION", "EPARCOURS")[i % 2], sens="RECU", statut="SUCCES")  # fmt: skip
    world.add("reception", reception_id="R99", finess_et=FINESS[0], canal="MSS_PRO", horodatage="2025-09-28T08:00:00", type_code="11502-2", usager_id="U06", integre="false")  # fmt: skip


def order() -> dict[str, Any]:
    """Return an order of the three establishments of a body of three, as its TOML says it."""
    return {
        "commande": {
            "finess_ej": EJ, "etablissements": list(FINESS), "date": date(2023, 11, 15), "reference": "BC-1",
            "nb_essms_og": 3, "montant_ttc": 8760.0,
        },
        "solution": {
            "editeur": "Éditeur inventé", "logiciel": "DUI inventé", "version": "1.0", "numero_referencement": "MS-1",
        },
        "signataire": {"nom": "A. ESSAI", "fonction": "Directrice générale", "mode": "cpx"},
    }  # fmt: skip
