"""A refusal that somebody recorded, and what was sent in spite of it."""

from __future__ import annotations

from esms_sdk.checks.registry import Query


def opposed(canal: str, rows: str) -> Query:
    """Return the check of the sends ``rows`` of ``canal`` against the refusals of the same channel.

    A refusal has a day and a send a time: on the first and the last day nobody knows which came first.
    """
    return f"""
select envoi_id as cle, finess_et, case when exists (
    select 1 from opposition o join racine p using (usager_id)
    where p.racine = e.racine and o.canal = '{canal}' and o.date_debut < e.jour
        and coalesce(o.date_fin, date 'infinity') > e.jour
) then 'OPPOSITION' end as code
from (
    select envoi_id, finess_et, racine, cast(horodatage as date) as jour
    from envoi join racine using (usager_id) where {rows}
) e"""
