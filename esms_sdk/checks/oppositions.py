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
    -- A message may name its document alone: the person is then that of the document.
    select envoi_id, v.finess_et, racine, cast(horodatage as date) as jour
    from (select * from envoi where {rows}) v left join document d using (document_id)
    join racine r on r.usager_id = coalesce(v.usager_id, d.usager_id)
) e"""
