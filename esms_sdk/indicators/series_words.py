"""Many months from one reading of each log: a bit a month, and the months put back one by one.

:func:`gather` reads each log once, over all the months together, and leaves for each person and establishment one
number a fact of :data:`engine.FAITS`, of which the bit *m* says that the fact holds in the month of rank *m*.  What is
asked of a row stays the SQL of the definitions, with the dates of a month, or of all of them, in place.
:func:`show` then makes of it what :func:`engine.prepare` would have left, for one month or for several at once.

From one month to the next a period begins later and ends later: so what holds since a day, or until a day, holds in
all months from one on, or up to one, and two searches by halves give the bits of a row.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from esms_sdk.indicators import engine, taux_dmp, taux_dossiers_actifs, taux_evenement_agenda, taux_mssante
from esms_sdk.indicators import taux_projet_personnalise as taux_projet
from esms_sdk.indicators.engine import ECHANGES_REUSSIS, FAITS, ICI, Place, Question
from esms_sdk.indicators.file_active import COMPTE, DOSSIER_OUVERT, PROJETABLE, SORTIE_INCONNUE
from esms_sdk.indicators.result import LECTURES
from esms_sdk.period import Period

if TYPE_CHECKING:
    import duckdb

# A condition of the definitions: a column against a date of the period, or what hangs on no date.
_ATOM = re.compile(r"(\w+) (<=|>=|<|>) \{(\w+)\}|(\w+ IS (?:NOT )?(?:NULL|FALSE|TRUE))")
# When a sign is true, and how long after the date of the period it turns.
DAY = timedelta(days=1)
_SIGNS: dict[str, tuple[Callable[[date, date], bool], timedelta]] = {
    "<=": (operator.le, DAY),
    ">": (operator.gt, DAY),
    "<": (operator.lt, timedelta()),
    ">=": (operator.ge, timedelta()),
}
_DES_DOSSIERS = ("maj", "projet", "evenement")
_TEMPORARY = ("lieu", "mois", "mots_dossier", "mots_personne", "mots_message", "mots_echange")
_DAY_OF_MOMENT = "CAST(horodatage AS DATE)"
# Rows of a person and month that one statement goes through.
_AT_ONCE = 4_000_000


class Calendar:
    """The bits of the months of a series, as SQL; ``questions`` are those of the months, oldest first."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        first, last = questions[0].period, questions[-1].period
        self._kind = "BIGINT" if len(questions) < 63 else "HUGEINT"
        self.every = self.literal((1 << len(questions)) - 1)
        self.none = self.literal(0)
        self._span = Question(Period(first.debut, last.fin), questions[0].options, questions[0].finess)

    def literal(self, word: int) -> str:
        """Return a word as SQL."""
        return f"CAST({word} AS {self._kind})"

    def over_all(self, sql: str) -> str:
        """Return a text of the definitions that finds its rows over all months together."""
        return self._span.sql(sql)

    def holding(self, condition: str) -> str:
        """Return the months in which a condition of the definitions holds of a row.

        Each of its comparisons with a date of the period becomes the word of the months in which it is true, and AND
        and OR join the words as they join what is true; what hangs on no date holds in every month or in none.
        """
        found = _ATOM.sub(lambda atom: self._atom(*atom.groups()), condition)
        return found.replace(" AND ", " & ").replace(" OR ", " | ")

    def since(self, day: str) -> str:
        """Return the months that end on a day or after it."""
        return self._atom(day, "<=", "fin", None)

    def within(self, first: str, last: str) -> str:
        """Return the months whose period meets the days from ``first`` to ``last``."""
        return f"{self.since(first)} & {self._atom(last, '>=', 'debut', None)}"

    def _atom(self, day: str, sign: str, name: str, other: str | None) -> str:
        """Return the months in which ``day <sign> {name}`` is true, or in which ``other`` is."""
        if other:
            return f"(CASE WHEN {other} THEN {self.every} ELSE {self.none} END)"
        true, turn = _SIGNS[sign]
        dates = [question.dates[name] for question in self.questions]

        def word(day: date) -> str:
            return self.literal(sum(1 << rank for rank, one in enumerate(dates) if true(day, one)))

        turns = sorted({one + turn for one in dates})
        # The day before the first turn stands for all before it.
        found = _search(day, [turns[0] - DAY, *turns], word)
        return f"(CASE WHEN {day} IS NULL THEN {self.none} ELSE {found} END)"


def _search(day: str, days: Sequence[date], word: Callable[[date], str]) -> str:
    """Return, as a search by halves, the word of a day: that of the last of ``days`` which is not after it.

    Half a dozen comparisons a row: the year and the month of a date would cost more than all the rest.
    """
    if len(days) == 1:
        return word(days[0])
    middle = len(days) // 2
    low, high = _search(day, days[:middle], word), _search(day, days[middle:], word)
    return f"CASE WHEN {day} < DATE '{days[middle]}' THEN {low} ELSE {high} END"


def gather(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> None:
    """Read each log once and leave the words, after :func:`engine.prepare_places`."""
    con.execute("CREATE OR REPLACE TEMP TABLE lieu AS SELECT * FROM retenu")
    for name, rows in (
        ("mots_dossier", _dossiers(calendar)),
        ("mots_personne", _persons(calendar)),
        ("mots_message", _traces(calendar, "message_id", taux_mssante.MESSAGES)),
        ("mots_echange", _traces(calendar, "type_echange, sens", ECHANGES_REUSSIS)),
    ):
        con.execute(calendar.over_all(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}"))


def count(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> Iterator[list[tuple[Place, tuple[int, ...]]]]:
    """Yield for each month what :func:`engine.count` gives, several months in one statement."""
    places, persons = (
        con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in ("lieu", "mots_personne")
    )
    size = max(_AT_ONCE // max(persons, 1), 1)
    ranks = range(len(calendar.questions))
    for first in range(0, len(ranks), size):
        some = ranks[first : first + size]
        show(con, calendar, some)
        counted = iter(list(engine.count(con, calendar.questions[first])))
        yield from [list(islice(counted, places)) for _ in some]


def show(con: duckdb.DuckDBPyConnection, calendar: Calendar, ranks: Sequence[int]) -> None:
    """Leave for some months what :func:`engine.prepare` leaves for one.

    To the engine an establishment of the second month is another one than that of the first: it has its own number.
    """
    bits = ", ".join(f"({place}, {calendar.literal(1 << rank)})" for place, rank in enumerate(ranks))
    con.execute(f"CREATE OR REPLACE TEMP TABLE mois AS SELECT * FROM (VALUES {bits}) m(rang, bit)")
    n = "CAST(rang * (SELECT count(*) FROM lieu) + n AS INTEGER) AS n"
    con.execute(f"CREATE OR REPLACE TEMP TABLE retenu AS SELECT {n}, * EXCLUDE (n, rang, bit) FROM lieu, mois")
    facts = ", ".join(f"({fait} & bit) <> 0 AS {fait}" for fait in FAITS)
    for name, columns, words, any_of in (
        ("personne", f"usager_id, {facts}", "mots_personne", " | ".join(FAITS)),
        ("message_envoye", "message_id", "mots_message", "mot"),
        ("echange_reussi", "type_echange, sens", "mots_echange", "mot"),
    ):
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {n}, {columns} FROM {words}, mois"
            f" WHERE (({any_of}) & bit) <> 0"
        )


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Give the memory of the words back, and drop the views over them."""
    con.execute("DROP VIEW IF EXISTS personne; DROP VIEW IF EXISTS message_envoye; DROP VIEW IF EXISTS echange_reussi")
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS {name}")


def _dossiers(calendar: Calendar) -> str:
    """Return the query (dossier_id, a word a fact) of the dossiers with a trace in the logs."""
    option = calendar.questions[0].options.evenements
    days = calendar.every if option == "sans_borne" else calendar.within("date_debut", "date_fin")
    # Of two statuses of a projet the later one takes its place from the month when it is the last known.
    followed = "lead(date_statut) OVER (PARTITION BY projet_id ORDER BY date_statut, rang)"
    held = f"xor({calendar.since('date_statut')}, coalesce({calendar.since('suivant')}, {calendar.none}))"
    statuts = f"SELECT projet_id, en_cours, date_statut, {followed} AS suivant FROM ({taux_projet.STATUTS})"
    found = {
        "maj": (calendar.within("date_maj", "date_maj"), taux_dossiers_actifs.TRACES),
        "projet": (held, f"SELECT * FROM ({statuts}) JOIN projet_personnalise USING (projet_id) WHERE en_cours"),
        "evenement": (days, taux_evenement_agenda.TRACES[option]),
    }
    parts = [
        f"SELECT dossier_id, {_columns(calendar, _DES_DOSSIERS, {fait: 'mot'})}"
        f" FROM (SELECT dossier_id, bit_or({word}) AS mot FROM ({rows}) GROUP BY dossier_id)"
        for fait, (word, rows) in found.items()
    ]
    return f"SELECT dossier_id, {_together(_DES_DOSSIERS)} FROM ({' UNION ALL '.join(parts)}) GROUP BY dossier_id"


def _persons(calendar: Calendar) -> str:
    """Return the query (n, usager_id, a word a fact) of the root persons of each establishment."""
    who = "n, coalesce(racine, usager_id) AS usager_id"
    counted = {f"accompagnee_{one}": f"compte_{one}" for one in LECTURES}
    counted |= {
        f"projetable_{one}": f"CASE WHEN {PROJETABLE} THEN compte_{one} ELSE {calendar.none} END" for one in LECTURES
    }
    counted["sortie_inconnue"] = f"inconnue & ({' | '.join(f'compte_{one}' for one in LECTURES)})"
    held = ", ".join(f"{calendar.holding(COMPTE[one])} AS compte_{one}" for one in LECTURES)
    sent = calendar.within(_DAY_OF_MOMENT, _DAY_OF_MOMENT)
    opened = {fait: f"{fait} & ouvert" for fait in _DES_DOSSIERS}
    return f"""
WITH compte AS MATERIALIZED (
    SELECT {who}, projet_applicable, {held}, {calendar.holding(SORTIE_INCONNUE)} AS inconnue FROM sejour {ICI}
),
ouvert AS MATERIALIZED (
    SELECT {who}, dossier_id, {calendar.holding(DOSSIER_OUVERT)} AS ouvert FROM dossier {ICI}
),
dmp AS (SELECT finess_et, usager_id, bit_or({sent}) AS mot FROM ({taux_dmp.TRACES}) GROUP BY finess_et, usager_id),
fait AS (
    SELECT n, usager_id, {_columns(calendar, FAITS, counted)} FROM compte
    UNION ALL
    SELECT n, usager_id, {_columns(calendar, FAITS, opened)} FROM ouvert JOIN mots_dossier USING (dossier_id)
    UNION ALL
    SELECT {who}, {_columns(calendar, FAITS, {"dmp": "mot"})} FROM dmp {ICI}
)
SELECT n, usager_id, {_together(FAITS)} FROM fait GROUP BY n, usager_id"""


def _traces(calendar: Calendar, columns: str, rows: str) -> str:
    """Return the query (n, ``columns``, mot) of the rows of a log that are no person."""
    word = calendar.within(_DAY_OF_MOMENT, _DAY_OF_MOMENT)
    return f"SELECT n, {columns}, {word} AS mot FROM ({rows}) JOIN retenu USING (finess_et)"


def _columns(calendar: Calendar, names: Sequence[str], words: dict[str, str]) -> str:
    return ", ".join(f"{words.get(name, calendar.none)} AS {name}" for name in names)


def _together(names: Sequence[str]) -> str:
    return ", ".join(f"bit_or({name}) AS {name}" for name in names)
