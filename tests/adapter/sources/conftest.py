"""What the tests of sources share: a PostgreSQL server, started when the first test needs it; an import of TDDUI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapter.sources import postgres, tddui_world
from tests.adapter.sources.tddui_import import Tddui


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


@pytest.fixture
def tddui(tmp_path: Path) -> Callable[..., Tddui]:
    """Import a FHIR Bundle of these entries."""

    def imported(*resources: Any, **more: Any) -> Tddui:
        return Tddui(tmp_path, "tddui_fhir", {"export.json": tddui_world.bundle(*resources, **more)})

    return imported
