"""Documents and exchanges: validated, filed, sent in the state that the history tells."""

from __future__ import annotations

from esms_sdk.checks.donnees.tables import day, faults
from esms_sdk.checks.registry import Examined, Query, check


@check("ESMS-DONNEES-28")
def documents_get_validated(examined: Examined) -> Query:
    """A document is validated within the year."""
    return f"""
select document_id as cle, finess_et,
    case when date_validation is null and date_creation < {day(examined)} - interval 1 year
        then 'NON_VALIDE' end as code
from document"""


@check("ESMS-DONNEES-29")
def created_then_validated(examined: Examined) -> Query:
    """A document is created before it is validated."""
    return """
select document_id as cle, finess_et, case when date_validation < date_creation then 'AVANT_CREATION' end as code
from document where date_validation is not null"""


@check("ESMS-DONNEES-30")
def received_documents_are_filed(examined: Examined) -> Query:
    """A document received a while ago is integrated, in somebody's dossier."""
    patience = examined.parametres["delai_integration"]
    code = faults("not integre => NON_INTEGRE", "usager_id is null => SANS_PERSONNE")
    return f"""
select reception_id as cle, finess_et, {code}
from reception where cast(horodatage as date) < {day(examined)} - {patience:d}"""


@check("ESMS-DONNEES-31")
def identity_state_when_sent(examined: Examined) -> Query:
    """The state of the identity that a send bears is that of the history at that moment.

    A record whose history begins later is not judged, nor one that was merged: its own history is not the person's.
    """
    return """
select envoi_id as cle, finess_et,
    case when ins_qualifiee and statut_identite <> 'QUAL' then 'QUALIFIEE_A_TORT'
        when not ins_qualifiee and statut_identite = 'QUAL' then 'NON_QUALIFIEE_A_TORT' end as code
from (
    select envoi_id, finess_et, usager_id, horodatage, ins_qualifiee
    from envoi join usager using (usager_id) where usager_id_fusion is null
) e
asof join (select usager_id, horodatage, statut_identite from historique_identite) h
    on e.usager_id = h.usager_id and e.horodatage >= h.horodatage"""


@check("ESMS-DONNEES-33")
def for_whom_it_is(examined: Examined) -> Query:
    """A document goes out for the person and the establishment that it is of."""
    return """
select envoi_id as cle, e.finess_et, case
    when vers.racine <> de.racine then 'AUTRE_PERSONNE' when e.finess_et <> d.finess_et then 'AUTRE_ESSMS' end as code
from envoi e join document d using (document_id)
join racine vers on vers.usager_id = e.usager_id join racine de on de.usager_id = d.usager_id"""
