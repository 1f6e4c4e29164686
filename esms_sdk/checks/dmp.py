"""DMP, as the send log tells it: what was fed, for whom, when, and what was not.

What a document holds (DMP-02, DMP-03) is judged on the documents themselves.
"""

from __future__ import annotations

from esms_sdk.checks import perimetre_documents, qualified
from esms_sdk.checks.oppositions import opposed
from esms_sdk.checks.registry import Examined, Query, check

_FED = "canal = 'DMP' and resultat = 'SUCCES' and operation in ('AJOUT', 'REMPLACEMENT')"


@check("ESMS-DMP-01")
def fed_when_qualified(examined: Examined) -> Query:
    """The DMP is fed for a qualified identity alone; a document may be taken back whatever the identity became."""
    return f"""
select envoi_id as cle, envoi.finess_et,
    case when not ins_qualifiee then case resultat when 'SUCCES' then 'NON_QUALIFIEE' else 'TENTATIVE' end
        when not qualifiee then 'QUALIFIEE_A_TORT' end as code
from envoi left join ({qualified.sends(f"ins_qualifiee and {_FED}")}) using (envoi_id)
where canal = 'DMP' and operation in ('AJOUT', 'REMPLACEMENT')"""


@check("ESMS-DMP-04")
def fed_at_validation(examined: Examined) -> Query:
    """A document goes to the DMP when it is validated: not before, and not long after."""
    patience = examined.parametres["delai_alimentation"]
    return f"""
select document_id as cle, finess_et,
    case when date_validation is null then 'NON_VALIDE' when premier < date_validation then 'AVANT_VALIDATION'
        when premier > date_validation + {patience:d} then 'TARDIF' end as code,
    date_diff('day', date_validation, premier) || ' jours' as precision
from document join (
    select document_id, cast(min(horodatage) as date) as premier from envoi where {_FED} group by all
) using (document_id)"""


@check("ESMS-DMP-05")
def no_feed_when_opposed(examined: Examined) -> Query:
    """Nothing is fed for a person who is opposed to it."""
    return opposed("DMP", _FED)


@check("ESMS-DMP-06")
def feeds_follow_each_other(examined: Examined) -> Query:
    """A document is added once, then replaced or taken back."""
    debut = examined.lot.coverage("envoi").debut.isoformat()
    # What was fed before the log begins is not known; in XDS a replacement is also a new document of its own.
    return f"""
select envoi_id as cle, e.finess_et,
    case when operation = 'AJOUT' and avant in ('AJOUT', 'REMPLACEMENT') then 'AJOUT_REPETE'
        when operation = 'REMPLACEMENT' and avant = 'SUPPRESSION' then 'REMPLACEMENT_APRES_SUPPRESSION'
        when operation = 'SUPPRESSION' and avant = 'SUPPRESSION' then 'SUPPRESSION_REPETEE'
        when avant is null and d.date_creation >= date '{debut}' then case operation
            when 'SUPPRESSION' then 'SUPPRESSION_SANS_AJOUT' when 'REMPLACEMENT' then 'REMPLACEMENT_SANS_AJOUT' end
    end as code
from (
    select envoi_id, finess_et, document_id, operation,
        lag(operation) over (partition by document_id order by horodatage, envoi_id) as avant
    from envoi where canal = 'DMP' and resultat = 'SUCCES'
) e join document d using (document_id)"""


@check("ESMS-DMP-07")
def no_feed_after_death(examined: Examined) -> Query:
    """Nothing is fed once the person has died."""
    return f"""
select envoi_id as cle, finess_et, case when cast(horodatage as date) > date_deces then 'DECEDEE' end as code
from (select * from envoi where {_FED}) join racine using (usager_id) join usager u on u.usager_id = racine.racine"""


@check("ESMS-DMP-08")
def validated_documents_are_fed(examined: Examined) -> Query:
    """Each validated document of a listed type, of a qualified person without opposition, was tried at least once."""
    patience = examined.parametres["delai_alimentation"]
    coverage = examined.lot.coverage("envoi")
    last = f"date '{coverage.fin.isoformat()}' - {patience:d}"
    listed = ", ".join(f"'{code}'" for code in perimetre_documents.produced())
    return f"""
select document_id as cle, d.finess_et, case when e.document_id is null then 'JAMAIS_ALIMENTE' end as code,
    'type ' || type_code as precision
from document d join racine using (usager_id) join usager u on u.usager_id = racine.racine
join etablissement t on t.finess_et = d.finess_et
left join (select distinct document_id from envoi where canal = 'DMP') e using (document_id)
where type_code in ({listed}) and u.statut_identite = 'QUAL'
    and date_validation between greatest(
        date '{coverage.debut.isoformat()}', t.date_deploiement, u.date_statut_identite) and {last}
    -- What is restricted stays out of the DMP.
    and not list_has_any(string_split(coalesce(confidentialite, 'N'), ' '), ['R', 'V'])
    and (u.date_deces is null or date_validation <= u.date_deces)
    and not exists (
        select 1 from opposition o join racine p using (usager_id)
        where p.racine = racine.racine and o.canal = 'DMP' and o.date_debut <= date_validation
            and coalesce(o.date_fin, date 'infinity') >= date_validation
    )"""


@check("ESMS-DMP-09")
def confidentiality_codes(examined: Examined) -> Query:
    """The confidentiality codes are those of JDV_J08, one level and any visibilities."""
    known = "['N', 'R', 'V', 'MASQUE_PS', 'INVISIBLE_PATIENT', 'INVISIBLE_REPRESENTANTS_LEGAUX']"
    return f"""
select document_id as cle, finess_et,
    case when not list_has_all({known}, codes) then 'CODE_INCONNU'
        when len(list_filter(codes, lambda code: len(code) = 1)) > 1 then 'DEUX_NIVEAUX' end as code
from (select document_id, finess_et, string_split_regex(trim(confidentialite), ' +') as codes
    from document where confidentialite is not null)"""


@check("ESMS-DMP-10")
def restricted_documents_stay(examined: Examined) -> Query:
    """A document of restricted confidentiality is not put into the DMP."""
    return f"""
select document_id as cle, finess_et,
    case when list_has_any(string_split(confidentialite, ' '), ['R', 'V']) then 'RESTREINT' end as code
from document semi join (select document_id from envoi where {_FED}) using (document_id)
where confidentialite is not null"""


@check("ESMS-DMP-11")
def failures_are_repaired(examined: Examined) -> Query:
    """A feed that failed was done again until it went through."""
    return """
select document_id as cle, min(finess_et) as finess_et,
    case when not bool_or(resultat = 'SUCCES') then 'ECHEC_SANS_SUITE' end as code, count(*) || ' essais' as precision
from envoi where canal = 'DMP' and operation in ('AJOUT', 'REMPLACEMENT') group by document_id"""
