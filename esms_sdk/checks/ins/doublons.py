"""One person, one record: the matricule and the strict traits that two records share."""

from __future__ import annotations

from esms_sdk.checks.ins.personnes import PERSONNES
from esms_sdk.checks.registry import Examined, Query, check

_NOTRE = "usager_id not in (select usager_id from hors_perimetre)"
_ATTRIBUTE = "list_contains(string_split(coalesce(attributs_identite, ''), ' '), '{}')"


@check("ESMS-INS-21")
def matricule_of_one_person(examined: Examined) -> Query:
    """A matricule belongs to one person.

    Two records with the same traits are one person held twice: the field meets it and mends it.  Where sex or date of
    birth differ, one of them bears the matricule of somebody else.
    """
    return f"""
select usager_id as cle, usager_id, case
    when count(distinct date_naissance) over partage > 1 or count(distinct sexe) over partage > 1 then 'COLLISION'
    when count(*) over partage > 1 then 'DOUBLON' end as code, count(*) over partage || ' fiches' as precision
from {PERSONNES} where matricule_ins is not null and {_NOTRE}
window partage as (partition by matricule_ins)"""


@check("ESMS-INS-22")
def traits_of_one_person(examined: Examined) -> Query:
    """Two records with all the same strict traits are looked into.

    Let through: matricules that all differ (true homonyms), those that INS-21 names, and records marked as homonyms.
    """
    return f"""
with groupe as (
    select usager_id, count(*) over memes as fiches, count(matricule_ins) over memes as portes,
        count(distinct matricule_ins) over memes as matricules
    from {PERSONNES}
    where nom_naissance is not null and premier_prenom is not null and date_naissance is not null and sexe is not null
        and {_NOTRE} and not {_ATTRIBUTE.format("HOMA")} and not {_ATTRIBUTE.format("FICT")}
    window memes as (partition by upper(strip_accents(nom_naissance)), upper(strip_accents(premier_prenom)),
        date_naissance, sexe, lieu_naissance_cog)
)
select usager_id as cle, usager_id, case when fiches > 1 and not (portes = fiches and (matricules = fiches
    or matricules = 1)) then 'DOUBLON_POTENTIEL' end as code, fiches || ' fiches' as precision
from groupe"""


@check("ESMS-INS-24")
def merged_records_of_one_person(examined: Examined) -> Query:
    """A record merged into another did not have the matricule of somebody else; a NIA becomes a NIR."""
    return """
select f.usager_id as cle, f.usager_id,
    case when f.matricule_ins <> u.matricule_ins and f.oid_ins is not distinct from u.oid_ins
        then 'MATRICULES_DIFFERENTS' end as code
from usager f join racine using (usager_id) join usager u on u.usager_id = racine.racine
where f.usager_id <> u.usager_id and f.matricule_ins is not null and u.matricule_ins is not null"""
