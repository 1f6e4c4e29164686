"""The status of an identity, its attributes, its history, and what gave it."""

from __future__ import annotations

from esms_sdk.checks.ins.personnes import INSI, PERSONNES, per_person
from esms_sdk.checks.registry import Examined, Query, check

ATTRIBUTS = "('HOMA', 'HOMD', 'DOUT', 'FICT')"
_WORDS = "list_filter(string_split_regex(attributs_identite, ' +'), lambda a: a <> '')"


@check("ESMS-INS-14")
def status_known(examined: Examined) -> Query:
    """Each person has a status; the default is provisional, never none."""
    return per_person({"STATUT_MANQUANT": "statut_identite is null"}, "true")


@check("ESMS-INS-07")
def history_kept(examined: Examined) -> Query:
    """A status above provisional has its history, of which the last row is the present state."""
    held = "matricule_ins is not null" if examined.lot.given("usager", "matricule_ins") else "d.present"
    return f"""
with dernier as (
    select usager_id, arg_max(statut_identite, horodatage) as statut, arg_max(matricule_present, horodatage) as present
    from historique_identite group by usager_id
), personne as (
    select p.usager_id, p.statut_identite, {held} as tenu, d.usager_id is not null as connue, d.statut, d.present
    from {PERSONNES} p left join dernier d using (usager_id)
    where p.statut_identite is not null and (p.statut_identite <> 'PROV' or d.usager_id is not null)
)
select usager_id as cle, usager_id, case
    when not connue then 'SANS_HISTORIQUE'
    when statut <> statut_identite then 'STATUT_DIFFERENT'
    when present <> tenu then 'MATRICULE_DIFFERENT' end as code
from personne"""


@check("ESMS-INS-10")
def attributes(examined: Examined) -> Query:
    """Fictive stands alone, doubtful and fictive only with a provisional identity, and no other attribute exists."""
    known = f"list_bool_and(list_transform({_WORDS}, lambda a: a in {ATTRIBUTS}))"
    return per_person(
        {
            "ATTRIBUT_INCONNU": f"not coalesce({known}, true)",
            "FICTIF_ACCOMPAGNE": f"list_contains({_WORDS}, 'FICT') and len(list_distinct({_WORDS})) > 1",
            "STATUT": f"list_has_any({_WORDS}, ['DOUT', 'FICT']) and statut_identite <> 'PROV'",
        },
        f"attributs_identite is not null and len({_WORDS}) > 0",
    )


@check("ESMS-INS-11")
def downgraded_after_a_change(examined: Examined) -> Query:
    """A strict trait changed by hand takes away what INSi gave: status and matricule.

    The state looked at is the one a minute after the change at most, because software may log trait and status one
    after the other.  A call to INSi on that very day may itself have given the new traits: it lets the change through.
    """
    calls = "select racine as usager_id, cast(horodatage as date) as jour from appel_insi join racine using (usager_id)"
    # Without the log of calls, only the last one is known: an earlier one may have been there.
    unsure = "false" if examined.lot.given("appel_insi") else "u.date_interrogation_insi > cast(c.horodatage as date)"
    return f"""
with suite as (
    select usager_id, horodatage, empreinte_traits,
        lag(statut_identite) over avant as statut_avant, lag(empreinte_traits) over avant as traits_avant,
        last_value(statut_identite) over apres as statut, last_value(matricule_present) over apres as present
    from historique_identite join (select usager_id from {PERSONNES}) using (usager_id)
    window avant as (partition by usager_id order by horodatage),
        apres as (partition by usager_id order by horodatage
                  range between current row and interval 1 minute following)
), appel as (
    select distinct usager_id, jour from ({calls} where resultat = 'SUCCES')
    union select usager_id, date_interrogation_insi from usager where date_interrogation_insi is not null
), change as (
    select * from suite where statut_avant in {INSI} and traits_avant <> empreinte_traits
)
select c.usager_id || '|' || strftime(c.horodatage, '%Y-%m-%dT%H:%M:%S') as cle, c.usager_id, case
    when a.jour is not null then null
    when c.statut in {INSI} then case when {unsure} then 'A_VERIFIER' else 'SANS_DECLASSEMENT' end
    when c.present then 'MATRICULE_GARDE'
    when c.statut <> (case c.statut_avant when 'QUAL' then 'VALI' else 'PROV' end) then 'AUTRE_STATUT' end as code
from change c join usager u using (usager_id)
left join appel a on a.usager_id = c.usager_id and a.jour = cast(c.horodatage as date)"""


@check("ESMS-INS-19")
def given_by_insi(examined: Examined) -> Query:
    """A retrieved or qualified identity says how and when INSi gave it."""
    return per_person(
        {
            "SANS_INSI": "mode_obtention_ins is null and date_interrogation_insi is null",
            "OBTENTION_INCOMPLETE": "(mode_obtention_ins is null) <> (date_interrogation_insi is null)",
        },
        f"statut_identite in {INSI}",
        "case when code = 'OBTENTION_INCOMPLETE' then case when mode_obtention_ins is null then 'mode_obtention_ins'"
        " else 'date_interrogation_insi' end end",
    )


@check("ESMS-INS-20")
def validated_on_a_document(examined: Examined) -> Query:
    """A validated or qualified identity says on which document it was; a retrieved one has none yet."""
    return per_person(
        {
            "PIECE_MANQUANTE": "statut_identite in ('VALI', 'QUAL') and mode_validation_identite is null",
            "PIECE_SANS_EFFET": "statut_identite = 'RECUP' and mode_validation_identite is not null",
        },
        "statut_identite <> 'PROV'",
    )


@check("ESMS-INS-23")
def insi_not_called_for_the_fictive(examined: Examined) -> Query:
    """INSi is not asked about a fictive person."""
    return f"""
select a.appel_id as cle, a.finess_et, case when list_contains({_WORDS}, 'FICT') then 'APPEL_FICTIF' end as code
from appel_insi a join racine r using (usager_id) join usager u on u.usager_id = r.racine"""
