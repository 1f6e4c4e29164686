"""What a reader itself says of its rows: some it refuses or sets aside, of others it keeps it observes something.

An observation is no reject: the row is in the lot as it is.  It tells the vendor what the export does that its guide
does not foresee; ``esms check`` judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.csv_file import write_csv

if TYPE_CHECKING:
    import duckdb

OBSERVATIONS = "observations.csv"
HEADER = ("source", "ligne", "code", "message")
_BATCH = 10_000


def gather(con: duckdb.DuckDBPyConnection, relations: Mapping[str, Relation]) -> None:
    """Make ``observations``, and add what the readers refuse and set aside to ``rejets`` and ``ignorees``."""
    con.execute("create table observations (_r bigint, code varchar, message varchar)")
    for relation in relations.values():
        if relation.remarques is None:
            continue
        said = f"from ({relation.remarques}) where nature"
        con.execute(f"insert into observations select distinct _r, code, message {said} = 'observation'")
        con.execute(f"insert into ignorees select distinct on (_r) _r, code {said} = 'ignoree' order by _r, code")
        con.execute(
            "insert into rejets select distinct on (_r) _r, '', -1, cle, '', code, message, null, false "
            f"{said} = 'rejet' order by _r, code"
        )


def rows(relation: Relation) -> str:
    """Return the query (``_r``) of every row that was read, those that the reader leaves out included."""
    if relation.remarques is None:
        return f"select _r from ({relation.query})"
    left_out = f"select distinct _r from ({relation.remarques}) where nature <> 'observation'"
    return f"select _r from ({relation.query}) union all {left_out}"


def by_code(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of observations of each code."""
    return dict(con.execute("select code, count(*) from observations group by code order by code").fetchall())


def write(con: duckdb.DuckDBPyConnection, folder: Path, files: Mapping[int, SourceFile]) -> None:
    """Write ``observations.csv``, in the order of the sources."""
    write_csv(folder / OBSERVATIONS, HEADER, _listed(con, files))


def _listed(con: duckdb.DuckDBPyConnection, files: Mapping[int, SourceFile]) -> Iterator[tuple[Any, ...]]:
    found = con.execute(
        f"select _r >> {LINE_BITS}, _r & {(1 << LINE_BITS) - 1}, code, message from observations order by all"
    )
    while batch := found.fetchmany(_BATCH):
        for number, line, code, message in batch:
            yield files[number].name, line if files[number].lines else None, code, message
