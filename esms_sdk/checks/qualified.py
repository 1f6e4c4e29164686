"""Whether an identity was qualified when something was sent of it."""

from __future__ import annotations


def sends(rows: str) -> str:
    """Return the query (envoi_id, finess_et, qualifiee) of the sends ``rows``: were they of a qualified identity?

    The history tells the status of the instant, that of the record or of the one it was merged into: either may have
    been open on the screen.  Without a row of it as early, the present status does, if an earlier day already held it.
    """
    return f"""
select envoi_id, e.finess_et, list_contains(
    case when fiche.statut_identite is null and personne.statut_identite is null
        then [coalesce(case when u.date_statut_identite < cast(e.horodatage as date)
                                then u.statut_identite end, 'QUAL')]
        else [fiche.statut_identite, personne.statut_identite] end, 'QUAL') as qualifiee
from (
    select envoi_id, finess_et, usager_id, racine, horodatage, nullif(racine, usager_id) as autre
    from envoi join racine using (usager_id) where {rows}
) e
asof left join historique_identite fiche on fiche.usager_id = e.usager_id and fiche.horodatage <= e.horodatage
asof left join historique_identite personne on personne.usager_id = e.autre and personne.horodatage <= e.horodatage
join usager u on u.usager_id = e.racine"""
