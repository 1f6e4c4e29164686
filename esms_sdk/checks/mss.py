"""MSSanté, as the send log tells it.  What a message holds (MSS-01 to 06, 09) is judged on the e-mails."""

from __future__ import annotations

from esms_sdk.checks.oppositions import opposed
from esms_sdk.checks.registry import Examined, Query, check

_MSS = "canal in ('MSS_PRO', 'MSS_CITOYENNE')"


@check("ESMS-MSS-07")
def citizen_when_qualified(examined: Examined) -> Query:
    """A person is written to at the citizen's address only with a qualified identity."""
    return """
select envoi_id as cle, finess_et,
    case when not ins_qualifiee then case resultat when 'SUCCES' then 'NON_QUALIFIEE' else 'TENTATIVE' end end as code
from envoi where canal = 'MSS_CITOYENNE'"""


@check("ESMS-MSS-08")
def no_message_when_opposed(examined: Examined) -> Query:
    """Nothing is sent by a channel that the person refuses."""
    both = [opposed(canal, f"canal = '{canal}' and resultat = 'SUCCES'") for canal in ("MSS_PRO", "MSS_CITOYENNE")]
    return " union all ".join(f"({one})" for one in both)


@check("ESMS-MSS-11")
def no_impossible_count(examined: Examined) -> Query:
    """The two cells of the dashboard that a conforming software leaves at zero are at zero."""
    return """
select finess_et as cle, finess_et,
    unnest(case when dmp + citoyenne = 0 then [null] else list_filter(
        [case when dmp > 0 then 'DMP' end, case when citoyenne > 0 then 'MSS_CITOYENNE' end],
        lambda code: code is not null) end) as code
from (
    select finess_et, count(*) filter (canal = 'DMP' and operation in ('AJOUT', 'REMPLACEMENT')
            and not ins_qualifiee) as dmp,
        count(*) filter (canal = 'MSS_CITOYENNE' and not ins_qualifiee) as citoyenne
    from envoi where resultat = 'SUCCES' and document_id is not null group by finess_et
)"""


@check("ESMS-MSS-12")
def invisible_to_the_patient(examined: Examined) -> Query:
    """What the patient may not see is not sent to the patient."""
    return """
select envoi_id as cle, e.finess_et,
    case when list_contains(string_split(confidentialite, ' '), 'INVISIBLE_PATIENT')
        then 'INVISIBLE_PATIENT' end as code
from envoi e join document using (document_id) where canal = 'MSS_CITOYENNE' and resultat = 'SUCCES'"""


@check("ESMS-MSS-13")
def one_person_a_message(examined: Examined) -> Query:
    """A message is about one person."""
    return f"""
select message_id as cle, finess_et, null as code from {_messages(examined)} where personne = autre_personne
union all
select distinct message_id as cle, finess_et, 'PLUSIEURS_PERSONNES' as code
from envoi semi join (select message_id from {_messages(examined)} where personne <> autre_personne) using (message_id)
where {_MSS}"""


@check("ESMS-MSS-14")
def failed_messages_are_sent_again(examined: Examined) -> Query:
    """A message that failed was sent again until it left."""
    return f"""
select message_id as cle, finess_et, case when premier is null then 'ECHEC_SANS_SUITE' end as code
from {_messages(examined)}"""


@check("ESMS-MSS-15")
def message_id_once(examined: Examined) -> Query:
    """A message has an id of its own: one moment, one sender."""
    # Seconds before midnight and after it are one moment.
    return f"""
select message_id as cle, finess_et,
    case when dernier - premier > interval 1 day then 'PLUSIEURS_JOURS'
        when un_finess <> autre_finess and coalesce(personne = autre_personne, true) then 'PLUSIEURS_ESSMS' end as code
from {_messages(examined)} where premier is not null"""


def _messages(examined: Examined) -> str:
    """Return the messages: ESSMS, persons and moments of their sends, the least and the greatest of each."""
    gone = "filter (resultat = 'SUCCES')"
    return examined.once(
        "message",
        f"select message_id, min(finess_et) as finess_et,"
        f" min(finess_et) {gone} as un_finess, max(finess_et) {gone} as autre_finess,"
        f" min(horodatage) {gone} as premier, max(horodatage) {gone} as dernier,"
        " min(racine) as personne, max(racine) as autre_personne"
        f" from envoi left join racine using (usager_id) where {_MSS} group by message_id",
    )
