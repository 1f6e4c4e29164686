"""The sheets on what is written: a grid a month for the updates, projets with their statuses in columns, the agenda."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, time

from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.hestia.filling import Filling, agency, local, named
from esms_sdk.sample.hestia.sheets import Feuille
from esms_sdk.sample.world import Evenement, Projet

GESTES = {"UTILISATEUR": "S", "REPRISE": "R", "AUTOMATE": "A"}
"""What a day's cell of the grid holds: the strongest thing that happened, S before R before A."""
PROJETS = (
    "N° projet", "N° dossier", "Nature", "Début", "Fin", "Préparé le", "Actif le", "Suspendu le", "Repris le",
    "Clos le", "Annulé le",
)  # fmt: skip
TYPES = {
    "PPA": "Accompagnement", "PPI": "Individualisé", "PI": "Individuel", "PP": "Personnalisé", "PA": "Accueil",
}  # fmt: skip
AGENDA = ("N° RDV", "N° dossier", "Jour", "Heure", "Fin", "État", "Nature")
ETATS = {"PLANIFIE": "Prévu", "VALIDE": "Confirmé", "TERMINE": "Fait", "ANNULE": "Annulé"}


def grids(f: Filling) -> None:
    """Write the follow-up workbooks: a year each, a sheet a month, a row a dossier, a column a day."""
    strongest: dict[tuple[str, int, int, str], dict[int, str]] = {}
    order = list(GESTES)
    for e in f.world.journal:
        if e.origine:
            day = e.quand.date()
            days = strongest.setdefault((e.dossier_id[:4], day.year, day.month, e.dossier_id), {})
            known = days.get(day.day)
            if known is None or order.index(e.origine) < order.index(known):
                days[day.day] = e.origine
    for (_, year, month, dossier), days in sorted(strongest.items()):
        sheet = grid(f, dossier, year, month)
        line = sheet.add({"N° dossier": local(dossier), **{str(day): GESTES[o] for day, o in sorted(days.items())}})
        line.makes += [
            Made("mise_a_jour", {
                "dossier_id": named(dossier), "date_maj": f"{year}-{month:02d}-{day:02d}", "origine": origine,
            })
            for day, origine in sorted(days.items())
        ]  # fmt: skip
        f.note(("mise_a_jour", dossier), sheet, line, line.makes[0])
    for sheet in list(f.feuilles.values()):
        if sheet.classeur.rpartition("/")[2].startswith("suivi_"):
            _total(sheet)
            _legend(f, sheet)


def grid(f: Filling, dossier_id: str, year: int, month: int) -> Feuille:
    """Return the sheet of a month."""
    columns = ("N° dossier", *map(str, range(1, monthrange(year, month)[1] + 1)))
    return f.feuille(agency(dossier_id), f"suivi_{year}.xlsx", f"{year}-{month:02d}", columns)


def _total(sheet: Feuille) -> None:
    """A line below the grid counts the dossiers of each day."""
    counts = {day: sum(day in line.cells for line in sheet.lignes) for day in sheet.colonnes[1:]}
    total = sheet.add({"N° dossier": "Total", **{day: count for day, count in counts.items() if count}})
    total.makes += [Made("mise_a_jour", {}) for count in counts.values() if count]
    total.ecartee = "ligne_de_total"


def _legend(f: Filling, sheet: Feuille) -> None:
    """A sheet of the workbook that says what the letters mean, and is not to be read."""
    legend = f.feuille(sheet.agence, sheet.classeur.rpartition("/")[2], "Légende", ("Lettre", "Sens"))
    if legend.lue:
        legend.lue = False
        for origine, letter in GESTES.items():
            legend.add({"Lettre": letter, "Sens": origine.lower()})


def projets(f: Filling) -> None:
    """Write the projets: a column a status, which holds its day."""
    for p in f.world.projets:
        sheet = f.feuille(agency(p.projet_id), "projets.xlsx", "Projets", PROJETS)
        agence = sheet.agence
        cells = {
            "N° projet": local(p.projet_id), "N° dossier": local(p.dossier_id), "Nature": TYPES[p.type_projet],
            "Début": agence.day(p.debut), "Fin": agence.day(p.fin),
        }  # fmt: skip
        row = f.rows["projet_personnalise"][p.projet_id]
        made = Made("projet_personnalise", {**row, "projet_id": named(p.projet_id), "dossier_id": named(p.dossier_id)})
        line = sheet.add(cells, made)
        f.note(("projet_personnalise", p.projet_id), sheet, line, made)
        _statuses(f, sheet, line, p)


def _statuses(f: Filling, sheet: Feuille, line: Line, p: Projet) -> None:
    paused = False
    for when, rang, statut in p.statuts:
        column = {
            "ENPREPARATION": 1, "ENCOURS": 4 if paused else 2, "ENPAUSE": 3, "TERMINE": 5, "ANNULE": 6,
        }[statut]  # fmt: skip
        paused = paused or statut == "ENPAUSE"
        line.cells[PROJETS[4 + column]] = sheet.agence.day(when)
        row = {
            "projet_id": named(p.projet_id), "date_statut": when.isoformat(), "rang": str(column), "statut": statut,
        }  # fmt: skip
        made = Made("statut_projet", row)
        line.makes.append(made)
        f.note(("statut_projet", f"{p.projet_id} {when} {rang}"), sheet, line, made)


def agenda(f: Filling) -> None:
    """Write the agenda, a sheet a year; the time of day has a cell of its own."""
    for e in f.world.evenements:
        sheet = f.feuille(agency(e.evenement_id), "agenda.xlsx", f"Agenda {e.debut.year}", AGENDA)
        row = {
            **f.rows["evenement"][e.evenement_id], "evenement_id": named(e.evenement_id),
            "dossier_id": named(e.dossier_id),
        }  # fmt: skip
        made = Made("evenement", row)
        line = sheet.add(_event(sheet, e), made)
        f.note(("evenement", e.evenement_id), sheet, line, made)


def _event(sheet: Feuille, e: Evenement) -> dict[str, object]:
    agence = sheet.agence
    return {
        "N° RDV": local(e.evenement_id), "N° dossier": local(e.dossier_id), "Jour": agence.day(e.debut.date()),
        "Heure": agence.hour(e.debut.time()), "Fin": agence.moment(_to_the_minute(e.fin)), "État": ETATS[e.statut],
        "Nature": e.nature.capitalize(),
    }  # fmt: skip


def _to_the_minute(moment: datetime | None) -> datetime | None:
    return datetime.combine(moment.date(), time(moment.hour, moment.minute)) if moment else None
