"""Mediadom's database: its tables, and the plain SQL script that makes and fills them."""

from __future__ import annotations

from collections.abc import Iterator

Cells = dict[str, object]

TABLES = {
    "installation": "name varchar(30), value varchar(60)",
    "organisation": "id integer, finess varchar(9), name varchar(120), siren varchar(9)",
    "structure": "id integer, organisation_id integer, finess varchar(9), name varchar(120), category varchar(3), "
    "opened_on varchar(10), closed_on varchar(10), live_since varchar(10), time_zone varchar(40), regime varchar(10), "
    "in_scope smallint",
    "person": "id integer, merged_into integer, gender char(1), birth_name varchar(80), given_names varchar(120), "
    "used_name varchar(80), born_on varchar(10), birth_estimated smallint, birth_commune varchar(5), ins varchar(15), "
    "ins_oid varchar(30), ins_source varchar(10), ins_called_on varchar(10), id_document varchar(10), "
    "homonym smallint, died_on varchar(10), is_test smallint",
    "identity_history": "id integer, person_id integer, status varchar(10), has_ins smallint, traits_hmac char(32), "
    "valid_from varchar(19), valid_to varchar(19)",
    "end_reason": "code varchar(10), label varchar(60), is_final smallint",
    "episode": "id integer, person_id integer, structure_id integer, state varchar(10), started_on varchar(10), "
    "ended_on varchar(10), end_reason varchar(10), plan_expected smallint",
    "episode_archive": "id integer, person_id integer, structure_id integer, state varchar(10), "
    "started_on varchar(10), ended_on varchar(10), end_reason varchar(10), plan_expected smallint",
    "suspension": "id integer, episode_id integer, reason varchar(20), from_on varchar(10), to_on varchar(10)",
    "record": "id integer, person_id integer, created_on varchar(10)",
    "record_access": "record_id integer, structure_id integer, opened_on varchar(10), closed_on varchar(10)",
    "consent": "person_id integer, channel varchar(10), refused_on varchar(10), withdrawn_on varchar(10)",
    "app_user": "id integer, login varchar(30), kind varchar(10)",
    "audit_log": "id integer, at_utc varchar(19), record_id integer, structure_id integer, user_id integer, "
    "action varchar(10), section varchar(20)",
    "plan": "id integer, record_id integer, structure_id integer, kind varchar(10), starts_on varchar(10), "
    "ends_on varchar(10)",
    "plan_history": "plan_id integer, seq integer, status varchar(10), valid_from varchar(10), valid_to varchar(10)",
    "visit_kind": "code integer, label varchar(40)",
    "visit": "number varchar(12), record_id integer, structure_id integer, starts_utc varchar(19), "
    "ends_utc varchar(19), state varchar(10), kind integer",
    "attachment_kind": "code integer, loinc varchar(10), label varchar(60)",
    "attachment": "id integer, person_id integer, structure_id integer, kind integer, created_on varchar(10), "
    "validated_on varchar(10), hidden_from_staff smallint",
    "message": "id integer, kind varchar(10), structure_id integer, person_id integer, sent_utc varchar(19), "
    "status varchar(10), ins_qualified smallint, author_rpps varchar(11)",
    "message_recipient": "message_id integer, position integer, address varchar(80)",
    "message_attachment": "message_id integer, position integer, attachment_id integer",
    "dmp_transaction": "id integer, at_utc varchar(19), structure_id integer, person_id integer, "
    "attachment_id integer, operation varchar(10), outcome varchar(10), error_code varchar(40), "
    "ins_qualified smallint, author_rpps varchar(11)",
    "insi_call": "id integer, at_utc varchar(19), structure_id integer, person_id integer, operation varchar(10), "
    "outcome varchar(10)",
    "exchange": "id integer, at_utc varchar(19), structure_id integer, person_id integer, kind varchar(20), "
    "direction varchar(3), outcome varchar(10)",
}
"""Every table with its columns.  Dates are texts and no reference is enforced, as in many a migrated database."""

_ROWS_A_STATEMENT = 500
_HEAD = "-- Mediadom 4.1 : base inventée. Aucune de ces personnes n'existe.\n"


class Database:
    """The rows of each table, in the order of their making; a row may still be changed until the script is written."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Cells]] = {name: [] for name in TABLES}
        self._numbers: dict[str, int] = {}

    def add(self, table: str, **cells: object) -> Cells:
        """Add a row and return it, columns in the table's order."""
        names = columns(table)
        assert cells.keys() == set(names), (table, cells.keys() ^ set(names))
        row = {name: cells[name] for name in names}
        self.tables[table].append(row)
        return row

    def number(self, table: str) -> int:
        """Return the next id of a table, from 1."""
        self._numbers[table] = self._numbers.get(table, 0) + 1
        return self._numbers[table]

    def nowhere(self, table: str) -> int:
        """Return an id that no row of a table bears, with as many digits as the last one.

        A reject shows such a number because it looks like those that are accepted.
        """
        last = self._numbers[table]
        return max(int("9" * len(str(last))), last + 1)

    def script(self) -> str:
        """Return the SQL that any database runs: CREATE TABLE and INSERT, texts in UTF-8, nothing of one engine."""
        return _HEAD + "".join(self._statements())

    def _statements(self) -> Iterator[str]:
        for table, declared in TABLES.items():
            yield f"create table {table} ({declared});\n"
        for table, rows in self.tables.items():
            for start in range(0, len(rows), _ROWS_A_STATEMENT):
                written = ",\n".join(
                    f"({','.join(map(_literal, row.values()))})" for row in rows[start : start + _ROWS_A_STATEMENT]
                )
                yield f"insert into {table} values\n{written};\n"


def columns(table: str) -> list[str]:
    """Return the names of a table's columns.

    >>> columns("organisation")
    ['id', 'finess', 'name', 'siren']
    """
    return [declared.split(" ")[0] for declared in TABLES[table].split(", ")]


def _literal(value: object) -> str:
    if value is None or value == "":
        return "null"
    if isinstance(value, int):
        return str(int(value))
    return "'" + str(value).replace("'", "''") + "'"
