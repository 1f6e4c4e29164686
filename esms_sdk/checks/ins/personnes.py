"""Whom the identity checks judge."""

from __future__ import annotations

from collections.abc import Mapping

# A merged record is history: its root bears the identity.
PERSONNES = "(select * from usager where usager_id_fusion is null)"
# An identity that the INSi service gave.
INSI = "('RECUP', 'QUAL')"


def per_person(faults: Mapping[str, str], condition: str, precision: str = "cast(null as varchar)") -> str:
    """Return the query of a check that looks at each person by itself.

    ``faults`` are the conditions by code, each independent of the others; a person without any has one row without
    code.  ``condition`` says who is judged.
    """
    cases = ", ".join(f"case when {fault} then '{code}' end" for code, fault in faults.items())
    return f"""
select usager_id as cle, usager_id, code, case when code is not null then {precision} end as precision
from (select *, unnest(case when len(codes) = 0 then [null] else codes end) as code
      from (select *, list_filter([{cases}], lambda c: c is not null) as codes
            from {PERSONNES} where {condition}))"""
