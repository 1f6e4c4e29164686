"""Persons: their dates hold together, and each has a place in the lot."""

from __future__ import annotations

from esms_sdk.checks.donnees.tables import day, faults, sejours
from esms_sdk.checks.registry import Examined, Query, check


@check("ESMS-DONNEES-24")
def plausible_age(examined: Examined) -> Query:
    """A person is born before its entry and its death, and not too long ago."""
    oldest = examined.parametres["age_maximal"]
    # A birth date with a 00 is no date: INS-06 judges it.
    code = faults(
        f"naissance + interval {oldest:d} year < coalesce(date_deces, {day(examined)}) => AGE",
        "naissance > entree => NE_APRES_ENTREE",
        "naissance > date_deces => NE_APRES_DECES",
        f"naissance > {day(examined)} => NAISSANCE_FUTURE",
    )
    return f"""
select usager_id as cle, usager_id, {code}
from (select usager_id, date_deces, try_cast(date_naissance as date) as naissance
    from usager where usager_id_fusion is null)
left join (select racine, min(date_entree) as entree from {sejours(examined)} group by all) on racine = usager_id
where naissance is not null"""


@check("ESMS-DONNEES-32")
def person_with_a_place(examined: Examined) -> Query:
    """A person of the lot has a séjour or a dossier."""
    return """
select usager_id as cle, usager_id, case when racine is null then 'SANS_RIEN' end as code
from (select usager_id from usager where usager_id_fusion is null)
left join (
    select racine from sejour join racine using (usager_id)
    union select racine from dossier join racine using (usager_id)
) on racine = usager_id"""
