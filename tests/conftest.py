"""What every test may rely on: no configuration of the machine, the same random examples in each run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, and those of the sample in one too: its worlds are made once.

    They are the longest chain, so they start first.
    """
    sample = Path(__file__).parent / "sample"
    items.sort(key=lambda item: sample not in item.path.parents)
    for item in items:
        together = "sample" if sample in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))


@pytest.fixture(autouse=True)
def _no_surprise_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("ESMS_DEBUG", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    yield
