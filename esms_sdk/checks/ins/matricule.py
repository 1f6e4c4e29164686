"""The matricule INS, its OID, and where both may stand."""

from __future__ import annotations

from esms_sdk.checks import qualified
from esms_sdk.checks.ins.personnes import PERSONNES, per_person
from esms_sdk.checks.registry import Examined, Query, check
from esms_sdk.identifiers import ins, nir

_NIA = "1.2.250.1.213.1.4.9"


@check("ESMS-INS-01")
def matricule_key(examined: Examined) -> Query:
    """The matricule is well formed and its key is right."""
    form = "regexp_full_match(matricule_ins, '[123478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])[0-9]{8}')"
    return f"""
select usager_id as cle, usager_id,
    case when not {form} then 'FORME' when not {nir.sql_is_valid("matricule_ins")} then 'CLE' end as code
from {PERSONNES} where matricule_ins is not null"""


@check("ESMS-INS-02")
def oid_of_the_mode(examined: Examined) -> Query:
    """The OID is known, and of the mode in which the product is looked at."""
    wrong_mode = ins.sql_is_test_oid("oid_ins")
    if examined.mode == "test":
        wrong_mode = f"not {wrong_mode}"
    return f"""
select usager_id as cle, usager_id,
    case when not {ins.sql_is_known_oid("oid_ins")} then 'OID_INCONNU' when {wrong_mode} then 'OID_AUTRE_MODE' end
    as code
from {PERSONNES} where oid_ins is not null"""


@check("ESMS-INS-08")
def matricule_only_where_allowed(examined: Examined) -> Query:
    """A provisional or validated identity has no matricule."""
    return per_person(
        {"MATRICULE_INTERDIT": "statut_identite in ('PROV', 'VALI') and matricule_ins is not null"},
        "statut_identite is not null",
    )


@check("ESMS-INS-15")
def matricule_with_its_oid(examined: Examined) -> Query:
    """A matricule says by its OID what it is; an OID says nothing alone."""
    return per_person(
        {"MATRICULE_SANS_OID": "oid_ins is null", "OID_SANS_MATRICULE": "matricule_ins is null"},
        "matricule_ins is not null or oid_ins is not null",
    )


@check("ESMS-INS-16")
def matricule_of_the_qualified(examined: Examined) -> Query:
    """A qualified identity has the matricule that the INSi service gave."""
    return per_person({"MATRICULE_MANQUANT": "matricule_ins is null"}, "statut_identite = 'QUAL'")


@check("ESMS-INS-09")
def sent_only_when_qualified(examined: Examined) -> Query:
    """A message that went as qualified is of a person qualified at that instant; the DMP is DMP-01's."""
    return f"""
select envoi_id as cle, finess_et, case when not qualifiee then 'NON_QUALIFIEE' end as code
from ({qualified.sends("ins_qualifiee and canal <> 'DMP'")})"""


@check("ESMS-INS-13")
def matricule_agrees_with_the_traits(examined: Examined) -> Query:
    """Sex, year, month and place in a NIR are those of the person.

    A NIA and provisional numbers (3, 4, 7, 8) are let through, so are pseudo-months (20 to 99).  Corsica was 20 until
    1976, the départements around Paris were 75 and 78 until 1968, Algeria, Morocco and Tunisia 91 to 96 until their
    independence: there the number and today's code rightly differ.
    """
    seine = "('75', '78', '91', '92', '93', '94', '95')"
    then = f"""(substr(lieu, 1, 2) in ('20', '2A', '2B') and substr(cog, 1, 2) in ('20', '2A', '2B')
        or substr(lieu, 1, 2) in {seine} and substr(cog, 1, 2) in {seine}
        or substr(lieu, 1, 2) between '91' and '96' and cog like '99%')"""
    return f"""
select usager_id as cle, usager_id, code from (
select usager_id, unnest(case when len(codes) = 0 then [null] else codes end) as code from (
    select usager_id, list_filter([
        case when matricule_ins[1] <> (case sexe when 'M' then '1' when 'F' then '2' end) then 'SEXE' end,
        case when regexp_full_match(date_naissance, '[0-9]{{4}}-.*') and substr(matricule_ins, 2, 2)
            <> substr(date_naissance, 3, 2) then 'ANNEE' end,
        case when regexp_full_match(date_naissance, '[0-9]{{4}}-(0[1-9]|1[0-2])-.*')
            and date_naissance_estimee is not true and substr(matricule_ins, 4, 2) <= '12'
            and substr(matricule_ins, 4, 2) <> substr(date_naissance, 6, 2) then 'MOIS' end,
        case when lieu <> cog and cog <> '99999' and lieu <> '99999'
            and regexp_full_match(cog, '[0-9][0-9AB][0-9]{{3}}') and not {then} then 'LIEU' end
    ], lambda c: c is not null) as codes
    from (select *, substr(matricule_ins, 6, 5) as lieu, lieu_naissance_cog as cog from {PERSONNES})
    where {nir.sql_is_valid("matricule_ins")} and matricule_ins[1] in ('1', '2') and oid_ins is distinct from '{_NIA}'
))"""
