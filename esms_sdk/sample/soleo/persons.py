"""The files on persons: fiches, séjours, dossiers, oppositions."""

from __future__ import annotations

from datetime import date

from esms_sdk.sample.soleo.dialects import AGENCES, SIEGE, day
from esms_sdk.sample.soleo.labels import CANAUX, CIVILITES, OBTENTIONS, PIECES, STATUTS_IDENTITE
from esms_sdk.sample.soleo.rows import Dialecte, Ligne, Made, Source
from esms_sdk.sample.world import OID_TEST, Sejour, Usager, World

FICHES = [
    "Agence",
    "N° fiche",
    "Type de fiche",
    "Fiche maître",
    "Civilité",
    "Nom de naissance",
    "Prénoms",
    "Nom d'usage",
    "Né(e) le",
    "Lieu de naissance",
    "N° INS",
    "OID INS",
    "Statut",
    "Statut depuis",
    "Homonyme",
    "Obtention INS",
    "Interrogé le",
    "Pièce",
    "Décédé le",
    "Tarif journalier (€)",
    "Observations",
]
_REMARQUES = (
    'Vu avec la famille : "tout va bien".\nÀ revoir à l\'été ; pas de régime.',
    "Sœur à prévenir ; forfait de 12 € par jour",
    'Surnom : ""\r\nN\'aime pas le chou.',
    "",
)


def local(identifier: str) -> str:
    """Return an id as the agency knows it.

    >>> local("AG01-S0001")
    'S0001'
    """
    return identifier[5:]


def person_sources(world: World) -> list[Source]:
    """Return the files on persons, sound as yet."""
    return [*_fiches(world), *_sejours(world), _dossiers(world), _oppositions(world)]


def by_agency(stem: str, ending: dict[str, str] | str) -> dict[str, tuple[str, str]]:
    """Return, for each agency, the path of its file and its name inside the archive (agency 5 sends a zip)."""
    endings = {code: ending if isinstance(ending, str) else ending[code] for code in AGENCES}
    return {
        code: ("AG05.zip", f"{stem}_{code}.txt") if code == "AG05" else (f"{stem}_{code}{endings[code]}", "")
        for code in AGENCES
    }


_PLAIN = {"AG01": ".csv", "AG02": ".csv", "AG03": ".txt", "AG04": ".csv", "AG05": ".txt"}


def _fiches(world: World) -> list[Source]:
    columns = {
        "AG02": [*FICHES, "Observations"],
        "AG04": [column for column in FICHES if column != "Tarif journalier (€)"],
        "AG05": [FICHES[1], FICHES[0], *reversed(FICHES[2:])],
    }
    made = []
    for agence, (path, member) in by_agency("residents", _PLAIN).items():
        usagers = [usager for usager in world.usagers if usager.usager_id.startswith(agence)]
        lignes = [_fiche(usager, rank, agence, world.fautes) for rank, usager in enumerate(usagers)]
        made.append(Source(path, lignes, AGENCES[agence], member, columns=columns.get(agence, FICHES)))
    return made


def _fiche(usager: Usager, rank: int, agence: str, fautes: dict[str, str]) -> Ligne:
    d = AGENCES[agence]
    refs = {"usager_id_fusion": ("usager", usager.fusion)} if usager.fusion else {}
    return Ligne(
        {
            "Agence": agence,
            "N° fiche": local(usager.usager_id),
            "Type de fiche": "Usager",
            "Fiche maître": local(usager.fusion),
            "Civilité": CIVILITES[usager.sexe],
            "Nom de naissance": usager.nom,
            "Prénoms": usager.prenoms.replace(" ", ", "),
            "Nom d'usage": usager.nom_utilise,
            "Né(e) le": _birth(usager.naissance, d),
            "Lieu de naissance": usager.cog,
            "N° INS": usager.matricule,
            "OID INS": OID_TEST if usager.matricule else "",
            "Statut": STATUTS_IDENTITE[usager.statut],
            "Statut depuis": day(usager.statut_depuis, d),
            "Homonyme": d.oui if usager.attributs == "HOMA" else d.non,
            "Obtention INS": OBTENTIONS[usager.obtention],
            "Interrogé le": day(usager.insi_le, d),
            "Pièce": PIECES[usager.validation],
            "Décédé le": day(usager.deces, d),
            "Tarif journalier (€)": f"{61 + rank % 17},{rank % 10}0 €",
            "Observations": _REMARQUES[rank % 4] if rank % 5 == 0 else "",
        },
        [Made("usager", usager.usager_id, refs)],
        defaut=fautes.get(usager.usager_id, ""),
    )


def _birth(value: str, dialecte: Dialecte) -> str:
    """Write a date of birth as it is held: a 00 stays a 00."""
    year, month, number = value.split("-")
    if dialecte.dates.startswith("%Y"):
        return value
    return f"{number}/{month}/{year}"


def _sejours(world: World) -> list[Source]:
    made = []
    for agence, (path, member) in by_agency("sejours", _PLAIN).items():
        own = [sejour for sejour in world.sejours if sejour.sejour_id.startswith(agence)]
        lignes = [ligne for sejour in own for ligne in _stay(sejour, agence)]
        made.append(Source(path, lignes, AGENCES[agence], member))
    return made


def _stay(sejour: Sejour, agence: str) -> list[Ligne]:
    """A séjour with interruptions is stored as several: each hospitalisation is an exit, each return an entry."""
    parts: list[tuple[date, date | None, str, str]] = []
    d, entree = AGENCES[agence], sejour.entree
    running = False
    for leaves, back in sejour.interruptions:
        parts.append((entree, leaves, "Hospitalisation", ""))
        running = back is None
        entree = back or entree
    if not running:
        known = {True: d.oui, False: d.non, None: ""}[sejour.definitive if sejour.sortie else None]
        parts.append((entree, sejour.sortie, sejour.motif, known))
    return [stay_row(sejour, agence, "" if rank == 1 else f".{rank}", part) for rank, part in enumerate(parts, 1)]


def stay_row(sejour: Sejour, agence: str, suffix: str, part: tuple[date, date | None, str, str]) -> Ligne:
    """Return one row of the séjours file: ``part`` is entry, exit, motif and the cell «Sortie définitive»."""
    d = AGENCES[agence]
    entree, sortie, motif, known = part
    refs = {"usager_id": ("usager", sejour.usager_id), "finess_et": ("etablissement", sejour.finess_et)}
    return Ligne(
        {
            "Agence": agence,
            "N° séjour": local(sejour.sejour_id) + suffix,
            "N° fiche": local(sejour.usager_id),
            "FINESS": sejour.finess_et,
            "Situation": "Présent" if sortie is None else "Sorti",
            "Date d'entrée": day(entree, d),
            "Date de sortie": day(sortie, d),
            "Motif de sortie": motif,
            "Sortie définitive": known,
            "Projet d'accueil": d.oui if sejour.projet_applicable else d.non,
        },
        [Made("sejour", sejour.sejour_id, refs)],
        lu={
            "finess_et": sejour.finess_et,
            "date_entree": entree.isoformat(),
            "date_sortie": sortie.isoformat() if sortie else "",
        },
    )


def _dossiers(world: World) -> Source:
    d = Dialecte(delimiter="|", end="\n")
    lignes = [
        Ligne(
            {
                "Agence": x.dossier_id[:4],
                "N° dossier": local(x.dossier_id),
                "N° fiche": local(x.usager_id),
                "FINESS": x.finess_et,
                "Créé le": day(x.creation, d),
                "Archivé le": day(x.archivage, d),
                "Référent": f"ref{rank % 23:02d}",
            },
            [
                Made(
                    "dossier",
                    x.dossier_id,
                    {"usager_id": ("usager", x.usager_id), "finess_et": ("etablissement", x.finess_et)},
                )
            ],
        )
        for rank, x in enumerate(world.dossiers)
    ]
    return Source("dossiers.txt", lignes, d)


def _oppositions(world: World) -> Source:
    lignes = [
        Ligne(
            {
                "Agence": x.usager_id[:4],
                "N° fiche": local(x.usager_id),
                "Canal": CANAUX[x.canal],
                "Depuis": day(x.debut, SIEGE),
                "Jusqu'au": day(x.fin, SIEGE),
            },
            [Made("opposition", f"{x.usager_id} {x.canal} {x.debut}", {"usager_id": ("usager", x.usager_id)})],
        )
        for x in world.oppositions
    ]
    return Source("oppositions.csv", lignes, SIEGE)
