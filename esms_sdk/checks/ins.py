"""INS: the identity of a person as the national register gives it.

Only the record that a person now is gets judged: one that was merged into another is history.
"""

from __future__ import annotations

from esms_sdk.checks.registry import Examined, Query, check
from esms_sdk.identifiers import nir

PERSONNES = "(select * from usager where usager_id_fusion is null)"


@check("ESMS-INS-01")
def matricule_key(examined: Examined) -> Query:
    """The matricule is well formed and its key is right."""
    form = "regexp_full_match(matricule_ins, '[123478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])[0-9]{8}')"
    return f"""
select usager_id as cle, usager_id,
    case when not {form} then 'FORME' when not {nir.sql_is_valid("matricule_ins")} then 'CLE' end as code
from {PERSONNES} where matricule_ins is not null"""
