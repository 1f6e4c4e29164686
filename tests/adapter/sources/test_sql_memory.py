"""A query is copied batch by batch: five times the rows do not take more memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
READ = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.adapter.sources import reading
options, given = json.loads(sys.argv[2]), [Path(name) for name in sys.argv[3:]]
with reading.opened("sql", options, given=given, fichiers=("*.db",) if given else ()) as (con, relation):
    found = con.execute(f"select count(*), sum(length(texte)) from ({relation.query})").fetchall()
print(found[0][0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
SQLITE = (
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) "
    "select i, printf('%0200d', i) as texte, date('2025-01-01', i || ' minutes') as jour, i * 1.5 as reel from n"
)
POSTGRESQL = (
    "select i, 'Transmission ' || i as texte, now() + i * interval '1 second' as quand, repeat('x', 40) as note "
    "from generate_series(1, {rows}) i"
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")


def peak(rows: int, query: str, options: dict[str, str], *given: Path) -> int:
    """Return the peak memory of a process that reads that many rows."""
    declared = json.dumps(options | {"requete": query.format(rows=rows)})
    arguments = [sys.executable, "-c", READ, str(ROOT), declared, *map(str, given)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    read, memory = map(int, done.stdout.split())
    assert read == rows
    return memory


def test_five_times_the_rows_of_a_cursor_take_at_most_a_fifth_more_memory(tmp_path):
    base = tmp_path / "vide.db"
    base.touch()
    assert peak(500_000, SQLITE, {}, base) <= 1.2 * peak(100_000, SQLITE, {}, base)


@pytest.mark.usefixtures("password")
def test_five_times_the_rows_of_a_copy_take_at_most_a_fifth_more_memory(server):
    url = {"url": server.url()}
    assert peak(1_000_000, POSTGRESQL, url) <= 1.2 * peak(200_000, POSTGRESQL, url)
