"""The engine: a row a person and establishment, and every indicator a sum over these rows.

``prepare`` leaves these temporary tables and views on the connection of a lot, which the numbers, their explanation and
the work-list all read:

- ``retenu`` (n, and what ``Place`` has of ``etablissement``): the establishments asked for, numbered by FINESS;
- ``fusion`` (usager_id, racine): the merged records and the record that each now is;
- ``personne`` (n, usager_id, and a boolean for each of ``FAITS``): a row for each root person of whom one fact at least
  holds in the establishment;
- ``message_envoye`` (n, message_id) and ``echange_reussi`` (n, type_echange, sens): what is no person, a row a trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from esms_sdk.indicators import (
    nb_dui_actifs,
    nb_eparcours,
    nb_eprescription,
    taux_dmp,
    taux_dossiers_actifs,
    taux_evenement_agenda,
    taux_mssante,
    taux_projet_personnalise,
)
from esms_sdk.indicators.file_active import COMPTE, DOSSIER_OUVERT, PROJETABLE, REJET_SANS_EFFET, SORTIE_INCONNUE
from esms_sdk.indicators.result import LECTURES, Options
from esms_sdk.lot.fusion import ROOTS
from esms_sdk.period import Period, annual_window

if TYPE_CHECKING:
    import duckdb

FAITS = (
    "accompagnee_periode",
    "accompagnee_annuelle",
    "projetable_periode",
    "projetable_annuelle",
    "sortie_inconnue",
    "maj",
    "projet",
    "evenement",
    "dmp",
)
_BIT = {fait: 1 << rank for rank, fait in enumerate(FAITS)}
ECHANGES = {"nb_eprescription": nb_eprescription.VALEUR, "nb_eparcours": nb_eparcours.VALEUR}
ECHANGES_REUSSIS = """
SELECT finess_et, type_echange, sens, horodatage FROM echange_optionnel
WHERE statut = 'SUCCES' AND horodatage >= {debut} AND horodatage < {fin} + INTERVAL 1 DAY
"""
# Where a row of an establishment asked for happened, and to which record.
ICI = "JOIN retenu USING (finess_et) LEFT JOIN fusion USING (usager_id)"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a lot: over which days, how persons and events are counted, for which establishments."""

    period: Period
    options: Options
    finess: tuple[str, ...]

    def sql(self, text: str, lecture: str | None = None) -> str:
        """Return a SQL text with its dates in place, and with the reading named (the chosen one by default)."""
        dates = {name: f"DATE '{day}'" for name, day in self.dates.items()}
        return text.format(**dates, lecture=lecture or self.options.denominateur)

    @property
    def dates(self) -> dict[str, date]:
        """The dates that the placeholders of a SQL text stand for."""
        return {"debut": self.period.debut, "fin": self.period.fin, "annee": annual_window(self.period).debut}


class Place(NamedTuple):
    """What the lot says of one establishment, with whether one of its exits of the year is of unknown kind."""

    finess_et: str
    finess_ej: str
    denomination: str
    profil_cibles: str
    date_ouverture: date | None
    date_fermeture: date | None
    date_deploiement: date | None
    sortie_inconnue: bool


def prepare(con: duckdb.DuckDBPyConnection, question: Question) -> None:
    """Build the tables and views on the connection of a lot."""
    prepare_places(con, question)
    # A statement of its own: its memory is given back before the large one.
    con.execute(question.sql(f"CREATE OR REPLACE TEMP TABLE projet_en_cours AS {taux_projet_personnalise.TRACES}"))
    con.execute(question.sql(_personne(question.options.evenements)))
    con.execute("DROP TABLE projet_en_cours")
    messages = f"SELECT n, message_id FROM ({taux_mssante.MESSAGES}) JOIN retenu USING (finess_et)"
    exchanges = f"SELECT n, type_echange, sens FROM ({ECHANGES_REUSSIS}) JOIN retenu USING (finess_et)"
    con.execute(question.sql(f"CREATE OR REPLACE TEMP VIEW message_envoye AS {messages}"))
    con.execute(question.sql(f"CREATE OR REPLACE TEMP VIEW echange_reussi AS {exchanges}"))


def prepare_places(con: duckdb.DuckDBPyConnection, question: Question) -> None:
    """Build ``retenu`` and ``fusion``, which no date changes."""
    # An earlier answer is not kept in memory beside the new one.
    con.execute("DROP TABLE IF EXISTS personne")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE retenu AS"
        f" SELECT CAST(row_number() OVER (ORDER BY finess_et) AS INTEGER) AS n, {', '.join(Place._fields[:-1])}"
        " FROM etablissement WHERE finess_et IN (SELECT unnest(CAST(? AS VARCHAR[])))",
        [list(question.finess)],
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE fusion AS {ROOTS.format(rows='usager')}")


def _personne(evenements: str) -> str:
    """Return the statement of the table ``personne``: the facts as bits of one number, one grouping for all."""
    cells = [f"CASE WHEN {COMPTE[lecture]} THEN {_BIT[f'accompagnee_{lecture}']} ELSE 0 END" for lecture in LECTURES]
    cells += [
        f"CASE WHEN {COMPTE[lecture]} AND {PROJETABLE} THEN {_BIT[f'projetable_{lecture}']} ELSE 0 END"
        for lecture in LECTURES
    ]
    cells.append(f"CASE WHEN {SORTIE_INCONNUE} THEN {_BIT['sortie_inconnue']} ELSE 0 END")
    traces = {
        "maj": taux_dossiers_actifs.TRACES,
        "projet": "SELECT dossier_id FROM projet_en_cours",
        "evenement": taux_evenement_agenda.TRACES[evenements],
    }
    rows = [f"SELECT dossier_id, {_BIT[fait]} AS faits FROM ({found})" for fait, found in traces.items()]
    facts = ", ".join(f"(faits & {bit}) <> 0 AS {fait}" for fait, bit in _BIT.items())
    return f"""
CREATE OR REPLACE TEMP TABLE personne AS
WITH ouvert AS (
    SELECT dossier_id, n, coalesce(racine, usager_id) AS usager_id FROM dossier {ICI} WHERE {DOSSIER_OUVERT}
),
trace AS ({" UNION ALL ".join(rows)}),
fait AS (
    SELECT n, coalesce(racine, usager_id) AS usager_id, {" + ".join(cells)} AS faits
    FROM sejour {ICI} WHERE {COMPTE["periode"]} OR {COMPTE["annuelle"]}
    UNION ALL
    SELECT n, usager_id, faits FROM ouvert JOIN trace USING (dossier_id)
    UNION ALL
    SELECT n, coalesce(racine, usager_id), {_BIT["dmp"]} FROM ({taux_dmp.TRACES}) {ICI}
),
cumul AS (SELECT n, usager_id, bit_or(CAST(faits AS SMALLINT)) AS faits FROM fait GROUP BY n, usager_id)
SELECT n, usager_id, {facts} FROM cumul
"""


def per_person(lecture: str) -> dict[str, str]:
    """Return, by name of a figure, the condition under which a row of ``personne`` counts in it.

    ``<id>/n`` is a numerator or a value, ``<id>/d`` a denominator; those of the taux de dossiers actifs end in the
    reading, because both are computed.
    """
    conditions = {}
    for one in LECTURES:
        conditions[f"taux_dossiers_actifs/n/{one}"] = taux_dossiers_actifs.NUMERATEUR.format(lecture=one)
        conditions[f"taux_dossiers_actifs/d/{one}"] = taux_dossiers_actifs.DENOMINATEUR.format(lecture=one)
    chosen = {
        "taux_projet_personnalise/n": taux_projet_personnalise.NUMERATEUR,
        "taux_projet_personnalise/d": taux_projet_personnalise.DENOMINATEUR,
        "taux_evenement_agenda/n": taux_evenement_agenda.NUMERATEUR,
        "taux_evenement_agenda/d": taux_evenement_agenda.DENOMINATEUR,
        "taux_mssante/d": taux_mssante.DENOMINATEUR,
        "taux_dmp/n": taux_dmp.NUMERATEUR,
        "taux_dmp/d": taux_dmp.DENOMINATEUR,
        "nb_dui_actifs/n": nb_dui_actifs.VALEUR,
    }
    return conditions | {name: condition.format(lecture=lecture) for name, condition in chosen.items()}


def layout(lecture: str) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return the distinct conditions of :func:`per_person`, and where each figure stands in a row of :func:`count`."""
    conditions = per_person(lecture)
    distinct = tuple(dict.fromkeys(conditions.values()))
    places = {name: distinct.index(condition) for name, condition in conditions.items()}
    others = ("taux_mssante/n", *(f"{name}/n" for name in ECHANGES))
    return distinct, places | {name: len(distinct) + rank for rank, name in enumerate(others)}


def count(con: duckdb.DuckDBPyConnection, question: Question) -> Iterator[tuple[Place, tuple[int, ...]]]:
    """Yield every establishment asked for, by FINESS, with its values as :func:`layout` says, after :func:`prepare`."""
    distinct, _ = layout(question.options.denominateur)
    persons = [f"count(*) FILTER (WHERE {condition}) AS p{rank}" for rank, condition in enumerate(distinct)]
    exchanges = [f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in ECHANGES.items()]
    names = [*(f"p{rank}" for rank in range(len(distinct))), "messages", *ECHANGES]
    rows = fetch(
        con,
        question,
        f"""
SELECT {", ".join(Place._fields[:-1])}, coalesce(sortie_inconnue, FALSE),
    {", ".join(f"coalesce({name}, 0)" for name in names)}
FROM retenu
LEFT JOIN (
    SELECT n, bool_or(sortie_inconnue) AS sortie_inconnue, {", ".join(persons)} FROM personne GROUP BY n
) USING (n)
LEFT JOIN (SELECT n, count(DISTINCT message_id) AS messages FROM message_envoye GROUP BY n) USING (n)
LEFT JOIN (SELECT n, {", ".join(exchanges)} FROM echange_reussi GROUP BY n) USING (n)
ORDER BY n""",
    )
    for row in rows:
        yield Place._make(row[:8]), row[8:]


def harmless_rejects(con: duckdb.DuckDBPyConnection, question: Question) -> dict[str, int]:
    """Return, by FINESS, the rejected séjours that would not count in the chosen reading, by their readable dates."""
    where = REJET_SANS_EFFET[question.options.denominateur]
    sql = f"SELECT finess_et, count(*) FROM rejets_sejours WHERE {where} GROUP BY finess_et"
    return dict(con.execute(question.sql(sql)).fetchall())


def fetch(con: duckdb.DuckDBPyConnection, question: Question, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a query written with the placeholders of a question."""
    return con.execute(question.sql(sql), list(values)).fetchall()
