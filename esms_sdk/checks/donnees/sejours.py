"""Séjours and dossiers: each once, each with the other."""

from __future__ import annotations

from esms_sdk.checks.donnees.tables import day, dossiers, sejours
from esms_sdk.checks.registry import Examined, Query, check


@check("ESMS-DONNEES-01")
def one_open_dossier(examined: Examined) -> Query:
    """A person has one open dossier in an ESSMS."""
    return f"""
select dossier_id as cle, finess_et,
    case when row_number() over (partition by racine, finess_et order by date_creation, dossier_id) > 1
        then 'DOUBLE' end as code
from {dossiers(examined)} where date_archivage is null or date_archivage > {day(examined)}"""


@check("ESMS-DONNEES-02")
def sejour_once(examined: Examined) -> Query:
    """No séjour stands twice."""
    return f"""
select sejour_id as cle, finess_et,
    case when row_number() over (partition by racine, finess_et, date_entree, date_sortie order by sejour_id) > 1
        then 'DOUBLE' end as code
from {sejours(examined)}"""


@check("ESMS-DONNEES-03")
def sejours_apart(examined: Examined) -> Query:
    """The séjours of a person in an ESSMS do not overlap; the repeats of DONNEES-02 are left to it."""
    return f"""
select sejour_id as cle, finess_et,
    -- Somebody may leave one unit and enter another on one day.
    case when date_entree < max(coalesce(date_sortie, date 'infinity')) over (
        partition by racine, finess_et order by date_entree, date_sortie, sejour_id
        rows between unbounded preceding and 1 preceding
    ) then 'CHEVAUCHEMENT' end as code
from (
    select * from {sejours(examined)}
    qualify row_number() over (partition by racine, finess_et, date_entree, date_sortie order by sejour_id) = 1
)"""


@check("ESMS-DONNEES-04")
def dossier_with_sejour(examined: Examined) -> Query:
    """An open dossier has a séjour in its ESSMS, but for the time that an admission takes."""
    patience = f"{day(examined)} - {examined.parametres['delai_preadmission']:d}"
    return f"""
select dossier_id as cle, finess_et,
    case when s.racine is not null then null when date_creation < {patience} then 'SANS_SEJOUR' else 'PREADMISSION' end
        as code
from {dossiers(examined)} left join (select distinct racine, finess_et from {sejours(examined)}) s
    using (racine, finess_et)
where date_archivage is null or date_archivage > {day(examined)}"""


@check("ESMS-DONNEES-05")
def sejour_with_dossier(examined: Examined) -> Query:
    """A séjour that the software has seen has a dossier in its ESSMS."""
    return f"""
select sejour_id as cle, finess_et, case when d.racine is null then 'SANS_DOSSIER' end as code
from {sejours(examined)} join etablissement e using (finess_et)
left join (select distinct racine, finess_et from dossier join racine using (usager_id)) d using (racine, finess_et)
where date_entree <= {day(examined)}
    and (date_deploiement is null
        or date_deploiement <= {day(examined)} and coalesce(date_sortie, date 'infinity') >= date_deploiement)"""


@check("ESMS-DONNEES-10")
def sejour_ends_with_death(examined: Examined) -> Query:
    """A séjour does not go on after the death."""
    patience = examined.parametres["delai_cloture"]
    return f"""
select sejour_id as cle, finess_et,
    case when date_entree > date_deces then 'ENTREE_APRES'
        when date_sortie is null and date_deces + {patience:d} < {day(examined)} then 'OUVERT'
        when date_sortie > date_deces + {patience:d} then 'SORTIE_TARDIVE' end as code
from {sejours(examined)} join usager u on u.usager_id = racine where date_deces is not null"""


@check("ESMS-DONNEES-26")
def sejour_within_establishment(examined: Examined) -> Query:
    """A séjour lies between the opening and the closing of its establishment."""
    return f"""
select sejour_id as cle, finess_et,
    case when date_entree < date_ouverture then 'AVANT_OUVERTURE'
        when date_fermeture < {day(examined)} and coalesce(date_sortie, date 'infinity') > date_fermeture
            then 'APRES_FERMETURE' end as code
from {sejours(examined)} join etablissement using (finess_et)
where date_ouverture is not null or date_fermeture is not null"""
