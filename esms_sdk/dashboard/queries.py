"""The counts of the dashboard, one query and one pass over its log for each kind (contract §4).

Every query counts for the establishments of the temporary table ``tbb_retenu``, grouped by one of its columns:
``groupe`` is ``finess_et``, or ``finess_ej`` to take the establishments of an organisme as one.  Each gives a row a
group, with the counts of the first period, then of the second, and so on; a group of which the log says nothing has no
row.

The sends are read once for the three periods and the course: a document keeps the months of its successes as the bits
of a number (the first month of the course is 1), and a period, as a month, is a mask over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from esms_sdk.lot.fusion import ROOTS
from esms_sdk.period import Period

if TYPE_CHECKING:
    import duckdb

CANAUX = ("DMP", "MSS_PRO", "MSS_CITOYENNE")
_COUNT = "coalesce(CAST(sum(nombre) FILTER ({}) AS BIGINT), 0)"
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


def masks(months: Sequence[Period], spans: Sequence[Period]) -> list[int]:
    """Return, for each of ``spans``, the months of the course that it holds, as bits.

    >>> from datetime import date
    >>> january, february = Period(date(2025, 1, 1), date(2025, 1, 31)), Period(date(2025, 2, 1), date(2025, 2, 9))
    >>> masks([january, february], [january, february, Period(january.debut, february.fin)])
    [1, 2, 3]
    """
    return [sum(1 << rank for rank, month in enumerate(months) if span.contains(month)) for span in spans]


def documents(months: Sequence[Period], periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, canal, span, documents, those sent first with a qualified identity, those left open).

    The spans are the ranks of the periods, then of the months; those of the months leave nothing open.  A document with
    both states of the identity in one month is left out of the second number, for :func:`first_states` to tell.
    """
    inner = _by_document(months, f"{groupe} AS groupe, canal", f"{_within(months)} AND {_REMIS}", "TRUE")
    return f"""
SELECT groupe, canal, rang, {_counts(len(periods))}
FROM ({inner}) JOIN {_spans(months, [*periods, *months])} ON (q | n) & masque <> 0
GROUP BY groupe, canal, rang"""


def documents_by_rpps(months: Sequence[Period], periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, rpps, canal, then as :func:`documents`, the periods alone) over the rows of each RPPS.

    An RPPS whose rows sent no document has its row too, without a span.
    """
    keys, where = f"{groupe} AS groupe, rpps, canal", f"{_within(periods)} AND rpps IS NOT NULL"
    return f"""
SELECT groupe, rpps, canal, rang, {_counts(len(periods))}
FROM ({_by_document(months, keys, where, _REMIS)})
LEFT JOIN {_spans(months, periods)} ON (q | n) & masque <> 0
GROUP BY groupe, rpps, canal, rang"""


def first_states(months: Sequence[Period], periods: Sequence[Period], keys: str, read: Sequence[Period]) -> str:
    """Return the query (groupe, canal, by period the documents sent first with a qualified identity) over the documents
    of its parameter that have both states in one month.

    ``keys`` are the keys of the group, ``finess_et AS groupe``, or also ``rpps``; ``read`` the days that the query of
    these keys read, so that both see the same documents open.
    """
    names = _names(keys)
    states = [
        f"arg_min(coalesce(ins_qualifiee, FALSE), (horodatage, envoi_id)) FILTER (WHERE {inside}) AS p{p}"
        for p, inside in enumerate(_inside(periods))
    ]
    told = ", ".join(f"count(*) FILTER (WHERE p{p})" for p in range(len(periods)))
    month, qualified = _month(months), "coalesce(ins_qualifiee, FALSE)"
    return f"""
SELECT {names}, canal, {told}
FROM (
    SELECT {keys}, canal, document_id, {", ".join(states)}
    FROM envoi JOIN tbb_retenu USING (finess_et)
    WHERE {_within(read)} AND {_REMIS} AND document_id IN (SELECT unnest(CAST(? AS VARCHAR[])))
    GROUP BY ALL
    HAVING bit_or({month}) FILTER ({qualified}) & bit_or({month}) FILTER (NOT {qualified}) <> 0
)
GROUP BY {names}, canal"""


def failures(months: Sequence[Period], periods: Sequence[Period], groupe: str) -> str:
    """Return the query (groupe, span, rows of the DMP in failure, messages that failed and never succeeded in it).

    The spans are as in :func:`documents`.  The rows of the DMP are counted as they are; those of MSSanté by message,
    both channels together.  Only messages that failed once are looked for among the successes: they are few.
    """
    within, month = _within(months), _month(months)
    return f"""
WITH echec AS MATERIALIZED (
    SELECT {groupe} AS groupe, canal <> 'DMP' AS mss, message_id, {month} AS mois
    FROM envoi JOIN tbb_retenu USING (finess_et) WHERE resultat = 'ECHEC' AND {within}
),
message AS (SELECT groupe, message_id, bit_or(mois) AS echec FROM echec WHERE mss GROUP BY ALL),
repare AS (
    SELECT groupe, message_id, bit_or(mois) AS succes
    FROM (
        SELECT {groupe} AS groupe, message_id, {month} AS mois
        FROM (
            FROM envoi WHERE resultat = 'SUCCES' AND canal <> 'DMP' AND {within}
            AND message_id IN (SELECT message_id FROM echec WHERE mss)
        )
        JOIN tbb_retenu USING (finess_et)
    )
    GROUP BY ALL
),
compte AS (
    SELECT groupe, mois AS dmp, 0 AS echec, 0 AS succes, count(*) AS nombre FROM echec WHERE NOT mss GROUP BY ALL
    UNION ALL
    SELECT groupe, 0, echec, coalesce(succes, 0) AS succes, count(*)
    FROM message LEFT JOIN repare USING (groupe, message_id) GROUP BY ALL
)
SELECT groupe, rang, {_COUNT.format("dmp & masque <> 0")},
    {_COUNT.format("echec & masque <> 0 AND succes & masque = 0")}
FROM compte, {_spans(months, [*periods, *months])}
GROUP BY groupe, rang"""


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


def _by_document(months: Sequence[Period], keys: str, where: str, sent: str) -> str:
    """Return how many documents (``nombre``) have the same ``keys`` and months of success: ``q`` with a qualified
    identity, ``n`` without; and which of them have both in one month (``ouverts``).
    """
    names = _names(keys)
    return f"""
    SELECT {names}, q, n, count(*) AS nombre, list(document_id) FILTER (q & n <> 0) AS ouverts
    FROM (
        SELECT {names}, document_id, bit_or(CASE WHEN qualifiee THEN mois ELSE 0 END) AS q,
            bit_or(CASE WHEN qualifiee THEN 0 ELSE mois END) AS n
        FROM (
            SELECT {keys}, document_id, CASE WHEN {sent} THEN {_month(months)} ELSE 0 END AS mois,
                coalesce(ins_qualifiee, FALSE) AS qualifiee
            FROM envoi JOIN tbb_retenu USING (finess_et) WHERE {where}
        )
        GROUP BY ALL
    )
    GROUP BY ALL
"""


def _counts(periods: int) -> str:
    """Return the three values of a span over :func:`_by_document`; the first spans are the periods.

    The state of a document in a span is that of its first month there: the lowest bit.
    """
    there = "((q | n) & masque)"
    first = f"q & {there} & -{there} <> 0 AND q & n = 0"
    opened = f"flatten(list(ouverts) FILTER (rang < {periods} AND ouverts IS NOT NULL))"
    return ", ".join((_COUNT.format("masque IS NOT NULL"), _COUNT.format(first), opened))


def _names(keys: str) -> str:
    return ", ".join(key.rpartition(" ")[2] for key in keys.split(", "))


def _spans(months: Sequence[Period], spans: Sequence[Period]) -> str:
    """Return the relation (rang, masque) of ``spans``."""
    rows = ", ".join(f"({rank}, {mask}::BIGINT)" for rank, mask in enumerate(masks(months, spans)))
    return f"(VALUES {rows}) AS span(rang, masque)"


def _month(months: Sequence[Period]) -> str:
    """Return the month of a row of a dated log, as a bit."""
    return f"(1::BIGINT << datediff('month', DATE '{months[0].debut}', horodatage))"


def _inside(periods: Sequence[Period]) -> list[str]:
    """Return, by period, the condition under which a row of a dated log stands in it."""
    return [
        f"(horodatage >= DATE '{period.debut}' AND horodatage < DATE '{period.fin}' + INTERVAL 1 DAY)"
        for period in periods
    ]


def _within(periods: Sequence[Period]) -> str:
    """Return the condition of a row in one of the periods, as one range that lets whole blocks of a file be skipped.

    The periods of the dashboard leave no day between them: the year before ends where the year begins; nor do months.
    """
    return _inside([Period(min(p.debut for p in periods), max(p.fin for p in periods))])[0]
