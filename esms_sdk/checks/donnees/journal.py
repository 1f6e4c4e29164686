"""The update log: inside the life of the dossier, and written by people rather than by a batch."""

from __future__ import annotations

from esms_sdk.checks.donnees.tables import day, dossiers, faults, journal, sejours, writes
from esms_sdk.checks.registry import Examined, Query, check


@check("ESMS-DONNEES-11")
def writes_end(examined: Examined) -> Query:
    """Nobody writes to a dossier once it is archived, nor long after the death."""
    patience = examined.parametres["delai_ecritures"]
    code = faults(
        "derniere_saisie > date_archivage => APRES_ARCHIVAGE",
        f"derniere_saisie > date_deces + {patience:d} => APRES_DECES",
    )
    return f"""
select dossier_id as cle, finess_et, {code}
from {journal(examined)} join {dossiers(examined)} using (dossier_id) join usager u on u.usager_id = racine
where derniere_saisie is not null and (date_archivage is not null or date_deces is not null)"""


@check("ESMS-DONNEES-12")
def writes_about_a_sejour(examined: Examined) -> Query:
    """The professionals' updates go with the séjours: from the admission to what is left to write afterwards.

    A software with one dossier for several ESSMS gives an update to each: the person's séjours are those of all.
    """
    before, after = examined.parametres["delai_preadmission"], examined.parametres["delai_ecritures"]
    code = faults(
        f"premiere_saisie < entree - {before:d} => AVANT_ENTREE",
        f"derniere_saisie > sortie + {after:d} => APRES_SORTIE",
    )
    return f"""
select dossier_id as cle, finess_et, {code}
from {journal(examined)} join {dossiers(examined)} using (dossier_id) join (
    select racine, min(date_entree) as entree,
        case when bool_and(date_sortie is not null) then max(date_sortie) end as sortie
    from {sejours(examined)} group by all
) using (racine)
where premiere_saisie is not null"""


@check("ESMS-DONNEES-16")
def no_mass_update(examined: Examined) -> Query:
    """No day has the one update of the month of nearly all the open dossiers of an ESSMS."""
    least, part = examined.parametres["nombre_significatif"], examined.parametres["part_maj_de_masse"]
    return f"""
with jour as (
    select finess_et, premier as jour, count(*) as touches from {writes(examined)}
    where premier = dernier group by all having count(*) >= {least:d}
),
masse as (
    select finess_et, jour, touches, count(*) as ouverts from jour join dossier using (finess_et)
    where date_creation <= jour and coalesce(date_archivage, date 'infinity') >= jour
    group by all having 100 * touches > {part:d} * count(*)
)
select finess_et as cle, finess_et, case when jour is not null then 'MASSE' end as code,
    strftime(jour, '%d/%m/%Y') || ' : ' || touches || ' dossiers sur ' || ouverts as precision
from (select distinct finess_et from {writes(examined)}) left join masse using (finess_et)"""


@check("ESMS-DONNEES-17")
def several_dates(examined: Examined) -> Query:
    """The updates of an ESSMS do not all bear one date."""
    least = examined.parametres["nombre_significatif"]
    return f"""
select finess_et as cle, finess_et,
    case when min(premier) = max(dernier) and count(distinct dossier_id) >= {least:d} then 'DATE_UNIQUE' end as code,
    case when min(premier) = max(dernier) then strftime(min(premier), '%d/%m/%Y') end as precision
from {writes(examined)} group by finess_et"""


@check("ESMS-DONNEES-18")
def updates_over_the_month(examined: Examined) -> Query:
    """The updates of an ESSMS are not all at the very end of the months, when the indicators are measured."""
    least, part = examined.parametres["nombre_significatif"], examined.parametres["part_fin_de_mois"]
    return f"""
select finess_et as cle, finess_et,
    case when count(distinct mois) >= 3 and count(distinct dossier_id) >= {least:d}
        and 100 * sum(fin) >= {part:d} * sum(lignes) then 'FIN_DE_MOIS' end as code
from {writes(examined)} group by finess_et"""


@check("ESMS-DONNEES-19")
def complete_log(examined: Examined) -> Query:
    """A log said to be complete does not hold one date a dossier, as a field «last update» would."""
    least, manifest = examined.parametres["nombre_significatif"], examined.lot.manifest
    coverage = examined.lot.coverage("mise_a_jour")
    long_enough = manifest.journal_maj_complet and (coverage.fin - coverage.debut).days > 92
    return f"""
select finess_et as cle, finess_et,
    case when count(*) >= {least:d} and bool_and(premier = dernier) then 'UNE_PAR_DOSSIER' end as code
from (select finess_et, dossier_id, min(premier) as premier, max(dernier) as dernier
    from {writes(examined)} group by all)
where {str(long_enough).lower()} group by finess_et"""


@check("ESMS-DONNEES-20")
def dossier_exists_when_written(examined: Examined) -> Query:
    """Nobody writes to a dossier before the person has one; see DONNEES-12 for the dossier of several ESSMS."""
    return f"""
select dossier_id as cle, finess_et, case when premiere_saisie < creation then 'AVANT_CREATION' end as code
from {journal(examined)} join (
    select *, min(date_creation) over (partition by racine) as creation from {dossiers(examined)}
) using (dossier_id) where premiere_saisie is not null"""


@check("ESMS-DONNEES-23")
def events_are_closed(examined: Examined) -> Query:
    """The agenda is kept: past events are validated, done or cancelled."""
    least, part = examined.parametres["nombre_significatif"], examined.parametres["part_evenements_non_clos"]
    return f"""
select finess_et as cle, finess_et,
    case when sum(passes) >= {least:d} and 100 * sum(planifies) > {part:d} * sum(passes) then 'JAMAIS_CLOS' end as code
from (
    select dossier_id, count(*) as passes, count(*) filter (statut = 'PLANIFIE') as planifies from evenement
    where statut <> 'ANNULE' and coalesce(date_fin, date_debut) < {day(examined)} group by all
) join dossier using (dossier_id) group by finess_et"""
