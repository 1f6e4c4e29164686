"""Projets personnalisés: dated, reviewed, one at a time, closed when over."""

from __future__ import annotations

from esms_sdk.checks.donnees.tables import day, projets, sejours
from esms_sdk.checks.registry import Examined, Query, check


@check("ESMS-DONNEES-06")
def projet_with_status(examined: Examined) -> Query:
    """A projet has a dated status."""
    return f"""
select projet_id as cle, finess_et, case when not date_connue then 'SANS_STATUT' end as code
from {projets(examined)}"""


@check("ESMS-DONNEES-13")
def projet_reviewed_every_year(examined: Examined) -> Query:
    """The projet in force of somebody accompanied was begun, or changed its status, within a year."""
    return f"""
select projet_id as cle, finess_et,
    case when greatest(depuis, case when date_debut <= {day(examined)} then date_debut end)
        < {day(examined)} - interval 1 year then 'ANCIEN' end as code
from {projets(examined)} p semi join (
    select racine, finess_et from {sejours(examined)}
    where date_entree <= {day(examined)} and coalesce(date_sortie, date 'infinity') >= {day(examined)}
) using (racine, finess_et)
where statut = 'ENCOURS' and (date_archivage is null or date_archivage > {day(examined)})"""


@check("ESMS-DONNEES-14")
def one_projet_in_force(examined: Examined) -> Query:
    """A person has one projet of a type in force in an ESSMS."""
    return f"""
select projet_id as cle, finess_et,
    case when row_number() over (partition by racine, finess_et, type_projet order by depuis, projet_id) > 1
        then 'DEUX_EN_VIGUEUR' end as code
from {projets(examined)} where statut = 'ENCOURS'"""


@check("ESMS-DONNEES-15")
def projet_closed_at_its_end(examined: Examined) -> Query:
    """A projet that is over is no longer in force."""
    return f"""
select projet_id as cle, finess_et,
    case when date_fin < {day(examined)} and statut in ('ENPREPARATION', 'ENCOURS') then 'FIN_PASSEE' end as code
from {projets(examined)} where date_fin is not null"""
