"""The PostgreSQL server of the tests, started when the first test needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.adapter.sources import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    try:
        postgres.binaries()
    except LookupError as reason:
        pytest.skip(f"no PostgreSQL server: {reason}")
    with postgres.running() as started:
        yield started


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ESMS_TEST_MDP", postgres.PASSWORD)
    return postgres.PASSWORD
