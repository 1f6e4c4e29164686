"""The files on what is written in the dossiers: access log, projets, agenda."""

from __future__ import annotations

from dataclasses import replace

from esms_sdk.sample.soleo.dialects import AGENCES, SIEGE, day, instant
from esms_sdk.sample.soleo.labels import (
    NATURES,
    STATUTS_AGENDA,
    STATUTS_PROJET,
    TYPES_PROJET,
)
from esms_sdk.sample.soleo.persons import by_agency, local
from esms_sdk.sample.soleo.rows import Ligne, Made, Source
from esms_sdk.sample.world import Evenement, World

_MINUTES = {
    "AG01": "%d/%m/%Y %H:%M",
    "AG02": "%Y-%m-%d %H:%M",
    "AG03": "%d/%m/%Y %H:%M",
    "AG04": "%d/%m/%Y %H:%M",
    "AG05": "%d/%m/%Y %H:%M",
}


def activity_sources(world: World) -> list[Source]:
    """Return the files on what is written, sound as yet."""
    return [*_journal(world), _projets(world), *_agenda(world)]


def event_row(evenement: Evenement, version: int) -> Ligne:
    """Return one version of an event as its agency writes it."""
    agence = evenement.evenement_id[:4]
    pattern = _MINUTES[agence]
    return Ligne(
        {
            "Agence": agence,
            "N° RDV": local(evenement.evenement_id),
            "VERSION": str(version),
            "N° dossier": local(evenement.dossier_id),
            "Début": evenement.debut.strftime(pattern),
            "Fin": evenement.fin.strftime(pattern) if evenement.fin else "",
            "Statut": STATUTS_AGENDA[evenement.statut],
            "Nature": NATURES[evenement.nature],
        },
        [Made("evenement", evenement.evenement_id, {"dossier_id": ("dossier", evenement.dossier_id)})],
    )


def _journal(world: World) -> list[Source]:
    lignes: dict[str, list[Ligne]] = {agence: [] for agence in AGENCES}
    for e in world.journal:
        agence = e.dossier_id[:4]
        ligne = Ligne(
            {
                "Horodatage": instant(e.quand, agence, AGENCES[agence].instants),
                "Agence": agence,
                "N° dossier": local(e.dossier_id),
                "Utilisateur": e.utilisateur,
                "Rubrique": e.rubrique,
                "Action": e.action,
            },
            [
                Made(
                    "mise_a_jour",
                    f"{e.dossier_id} {e.quand:%Y-%m-%d} {e.origine}",
                    {"dossier_id": ("dossier", e.dossier_id)},
                )
            ],
        )
        if not e.origine:
            ligne.ignoree, ligne.makes = "lecture_seule", []
        lignes[agence].append(ligne)
    paths = by_agency("journal", ".csv.gz")
    return [
        Source(path, lignes[agence], replace(AGENCES[agence], padded=False), member)
        for agence, (path, member) in paths.items()
    ]


def _projets(world: World) -> Source:
    """One row a status, the projet repeated on each: the first row of a projet makes it, the others repeat it."""
    lignes = [
        Ligne(
            {
                "Agence": p.projet_id[:4],
                "N° projet": local(p.projet_id),
                "N° dossier": local(p.dossier_id),
                "Type": TYPES_PROJET[p.type_projet],
                "Début": day(p.debut, SIEGE),
                "Fin": day(p.fin, SIEGE),
                "N° ordre": str(rang),
                "Date statut": day(when, SIEGE),
                "Libellé statut": STATUTS_PROJET[statut],
            },
            [
                *(
                    [Made("projet_personnalise", p.projet_id, {"dossier_id": ("dossier", p.dossier_id)})]
                    if rang == 0
                    else []
                ),
                Made(
                    "statut_projet", f"{p.projet_id} {when} {rang}", {"projet_id": ("projet_personnalise", p.projet_id)}
                ),
            ],
        )
        for p in world.projets
        for when, rang, statut in p.statuts
    ]
    return Source("projets.csv", lignes, SIEGE)


def _agenda(world: World) -> list[Source]:
    lignes: dict[str, list[Ligne]] = {agence: [] for agence in AGENCES}
    for e in world.evenements:
        own = lignes[e.evenement_id[:4]]
        for version, (debut, fin, statut) in enumerate(e.remplace, 1):
            earlier = event_row(replace(e, debut=debut, fin=fin, statut=statut), version)
            earlier.ignoree, earlier.makes = "version_remplacee", []
            own.append(earlier)
        own.append(event_row(e, len(e.remplace) + 1))
    for own in lignes.values():
        own.sort(key=lambda ligne: (ligne.cells["VERSION"] == "1", ligne.cells["N° RDV"]))
    paths = by_agency("agenda", ".csv.gz")
    return [
        Source(path, lignes[agence], AGENCES[agence], member)
        for agence, (path, member) in paths.items()
        if lignes[agence]  # an agency without events sends no such file
    ]
