"""The counts of the dashboard, one query and one pass over its log for each kind (contract §4).

Every query counts for the establishments of the temporary table ``tbb_retenu``, grouped by one of its columns:
``groupe`` is ``finess_et``, or ``finess_ej`` to take the establishments of an organisme as one.  Each gives a row a
group, with the counts of the first period, then of the second, and so on; a group of which the log says nothing has no
row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from esms_sdk.lot.fusion import ROOTS
from esms_sdk.period import Period

if TYPE_CHECKING:
    import duckdb

CANAUX = ("DMP", "MSS_PRO", "MSS_CITOYENNE")
# Over a row of `envoi`: a document reached somebody.  A deletion from the DMP feeds nothing.
_REMIS = (
    "resultat = 'SUCCES' AND document_id IS NOT NULL"
    " AND (canal <> 'DMP' OR operation IN ('AJOUT', 'REMPLACEMENT'))"
)  # fmt: skip


class Place(NamedTuple):
    """What the lot says of one establishment."""

    finess_et: str
    finess_ej: str
    denomination: str
    date_deploiement: date | None


def keep(con: duckdb.DuckDBPyConnection, finess: Sequence[str]) -> list[Place]:
    """Build the table ``tbb_retenu`` on the connection of a lot and return its establishments, by FINESS."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE tbb_retenu AS SELECT {', '.join(Place._fields)} FROM etablissement"
        " WHERE finess_et IN (SELECT unnest(CAST(? AS VARCHAR[])))",
        [list(finess)],
    )
    return [Place._make(row) for row in con.execute("SELECT * FROM tbb_retenu ORDER BY finess_et").fetchall()]


def documents(periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, canal, then by period: documents, those sent first with a qualified identity)."""
    return f"""
SELECT groupe, canal, {_first_states(periods)}
FROM ({_by_document(periods, f"{groupe} AS groupe", f"{_within(periods)} AND {_REMIS}")})
GROUP BY groupe, canal"""


def documents_by_rpps(periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, rpps, canal, then as :func:`documents`) over the rows of each RPPS.

    An RPPS whose rows sent no document has its row too, with zeros.
    """
    return f"""
SELECT groupe, rpps, canal, {_first_states(periods)}
FROM ({_by_document(periods, f"{groupe} AS groupe, rpps", f"{_within(periods)} AND rpps IS NOT NULL")})
GROUP BY groupe, rpps, canal"""


def failures(periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, then by period: rows of the DMP in failure, messages that failed and never succeeded).

    The rows of the DMP are counted as they are, together under no message; those of MSSanté by message, both channels
    together.  Only messages that failed once are looked for among the successes: they are few.
    """
    inside = _inside(periods)
    failed = [
        f"count(*) FILTER (WHERE canal = 'DMP' AND {one}) AS dmp{p}, bool_or(canal <> 'DMP' AND {one}) AS echec{p}"
        for p, one in enumerate(inside)
    ]
    succeeded = [f"bool_or({one}) AS succes{p}" for p, one in enumerate(inside)]
    told = [
        f"CAST(sum(dmp{p}) AS BIGINT), count(*) FILTER (WHERE echec{p} AND succes{p} IS NOT TRUE)"
        for p in range(len(periods))
    ]
    return f"""
WITH echec AS (
    SELECT {groupe} AS groupe, CASE WHEN canal <> 'DMP' THEN message_id END AS message_id, {", ".join(failed)}
    FROM envoi JOIN tbb_retenu USING (finess_et) WHERE resultat = 'ECHEC' AND {_within(periods)} GROUP BY ALL
),
repare AS (
    SELECT groupe, message_id, {", ".join(succeeded)}
    FROM (
        SELECT {groupe} AS groupe, message_id, horodatage FROM envoi JOIN tbb_retenu USING (finess_et)
        WHERE resultat = 'SUCCES' AND canal <> 'DMP' AND {_within(periods)}
    )
    SEMI JOIN echec USING (groupe, message_id) GROUP BY ALL
)
SELECT groupe, {", ".join(told)}
FROM echec LEFT JOIN repare USING (groupe, message_id)
GROUP BY groupe"""


def calls(periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, then by period: calls of INSi in success, in failure)."""
    counts = [
        f"count(*) FILTER (WHERE resultat = '{resultat}' AND {inside})"
        for inside in _inside(periods)
        for resultat in ("SUCCES", "ECHEC")
    ]
    return f"""
SELECT {groupe} AS groupe, {", ".join(counts)}
FROM appel_insi JOIN tbb_retenu USING (finess_et) WHERE {_within(periods)} GROUP BY groupe"""


def admissions(periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, then by period: persons who entered, those of them with a qualified identity).

    A person is the end of a chain of merged records, and so is the identity that is looked at.
    """
    days = [f"date_entree BETWEEN DATE '{period.debut}' AND DATE '{period.fin}'" for period in periods]
    entered = [f"bool_or({inside}) AS p{p}" for p, inside in enumerate(days)]
    told = [f"count(*) FILTER (WHERE p{p}), count(*) FILTER (WHERE p{p} AND qualifiee)" for p in range(len(days))]
    return f"""
WITH fusion AS ({ROOTS.format(rows="usager")}),
personne AS (
    SELECT {groupe} AS groupe, coalesce(racine, usager_id) AS usager_id, {", ".join(entered)}
    FROM sejour JOIN tbb_retenu USING (finess_et) LEFT JOIN fusion USING (usager_id)
    WHERE {" OR ".join(days)} GROUP BY ALL
)
SELECT groupe, {", ".join(told)}
FROM personne LEFT JOIN (
    SELECT usager_id, coalesce(statut_identite = 'QUAL', FALSE) AS qualifiee FROM usager
) USING (usager_id)
GROUP BY groupe"""


def _by_document(periods: Sequence[Period], keys: str, where: str) -> str:
    """Return the query of every document by ``keys`` and channel: the state at its first success, null without one."""
    states = [
        f"arg_min(coalesce(ins_qualifiee, FALSE), (horodatage, envoi_id)) FILTER (WHERE {_REMIS} AND {inside}) AS p{p}"
        for p, inside in enumerate(_inside(periods))
    ]
    return f"""
    SELECT {keys}, canal, document_id, {", ".join(states)}
    FROM envoi JOIN tbb_retenu USING (finess_et) WHERE {where} GROUP BY ALL
"""


def _first_states(periods: Collection[Period]) -> str:
    return ", ".join(f"count(p{p}), count(*) FILTER (WHERE p{p})" for p in range(len(periods)))


def _inside(periods: Sequence[Period]) -> list[str]:
    """Return, by period, the condition under which a row of a dated log stands in it."""
    return [
        f"(horodatage >= DATE '{period.debut}' AND horodatage < DATE '{period.fin}' + INTERVAL 1 DAY)"
        for period in periods
    ]


def _within(periods: Sequence[Period]) -> str:
    """Return the condition of a row in one of the periods, as one range that lets whole blocks of a file be skipped.

    The periods of the dashboard leave no day between them: the year before ends where the year begins.
    """
    return _inside([Period(min(p.debut for p in periods), max(p.fin for p in periods))])[0]
