"""A judge: what the SQL twin of an identifier says of many texts, in one vectorised query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from esms_sdk import database

Judge = Callable[[Callable[[str], str], Sequence[str]], dict[str, object]]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    con = database.connect()

    def answers(twin: Callable[[str], str], texts: Sequence[str]) -> dict[str, object]:
        con.execute("CREATE OR REPLACE TEMP TABLE textes AS SELECT unnest($1::VARCHAR[]) AS texte", [list(texts)])
        judged = dict(con.execute(f"SELECT texte, {twin('texte')} FROM textes").fetchall())
        # The same expression in a filter takes another way through the engine.
        if set(map(type, judged.values())) == {bool}:
            kept = con.execute(f"SELECT texte FROM textes WHERE {twin('texte')}").fetchall()
            assert {text for text, holds in judged.items() if holds} == {text for (text,) in kept}
        return judged

    yield answers
    con.close()
