"""What several checks read of a lot: séjours and dossiers by person, the update log summed up once."""

from __future__ import annotations

from esms_sdk.checks.registry import Examined


def day(examined: Examined) -> str:
    """Return the day of the extraction as a SQL literal."""
    return f"date '{examined.extraction.isoformat()}'"


def sejours(examined: Examined) -> str:
    """Return the table of the séjours of each person, merged records followed."""
    return examined.once(
        "sejour_racine",
        "select sejour_id, racine, finess_et, date_entree, date_sortie from sejour join racine using (usager_id)",
    )


def dossiers(examined: Examined) -> str:
    """Return the table of the dossiers of each person, merged records followed."""
    return examined.once(
        "dossier_racine",
        "select dossier_id, racine, finess_et, date_creation, date_archivage"
        " from dossier join racine using (usager_id)",
    )


def months(examined: Examined) -> str:
    """Return the update log summed up by dossier, origin and month: the only reading of its rows.

    ``fin`` counts the rows of the last three days of the month.
    """
    return examined.once(
        "journal_mois",
        "select dossier_id, origine, year(date_maj) * 12 + month(date_maj) as mois, min(date_maj) as premier,"
        " max(date_maj) as dernier, count(*) as lignes, count(*) filter (last_day(date_maj) - date_maj < 3) as fin"
        " from mise_a_jour group by all",
    )


def journal(examined: Examined) -> str:
    """Return the first and the last update of each dossier, by anything and by a professional."""
    return examined.once(
        "journal_dossier",
        "select dossier_id, min(premier) as premiere, max(dernier) as derniere,"
        " min(premier) filter (origine = 'UTILISATEUR') as premiere_saisie,"
        f" max(dernier) filter (origine = 'UTILISATEUR') as derniere_saisie from {months(examined)} group by all",
    )


def writes(examined: Examined) -> str:
    """Return the months of the professionals' updates with the ESSMS of their dossier."""
    return examined.once(
        "saisie_mois",
        "select finess_et, dossier_id, mois, premier, dernier, lignes, fin"
        f" from {months(examined)} join dossier using (dossier_id) where origine = 'UTILISATEUR'",
    )


def projets(examined: Examined) -> str:
    """Return each projet with its status on the day of the extraction and the day that this status bears."""
    return examined.once(
        "projet_statut",
        f"""
select p.projet_id, d.racine, d.finess_et, p.type_projet, p.date_debut, p.date_fin, d.date_archivage,
    s.statut, s.depuis, s.projet_id is not null as date_connue
from projet_personnalise p join {dossiers(examined)} d using (dossier_id)
left join (
    select projet_id, arg_max(statut, (date_statut, rang)) filter (date_statut <= {day(examined)}) as statut,
        max(date_statut) filter (date_statut <= {day(examined)}) as depuis
    from statut_projet group by all
) s using (projet_id)""",
    )


def faults(*cases: str) -> str:
    """Return the column ``code`` for several independent faults: a row each, one null row where there is none.

    Each case is ``condition => CODE``.
    """
    tests = []
    for case in cases:
        condition, code = case.rsplit("=>", 1)
        tests.append(f"case when {condition.strip()} then '{code.strip()}' end")
    found = f"list_filter([{', '.join(tests)}], lambda code: code is not null)"
    return f"unnest(case when len({found}) = 0 then [null] else {found} end) as code"
