"""An import holds a bounded part of its rows in memory, and goes on without the bound where that is too little."""

from __future__ import annotations

from esms_sdk.adapter import run as run_module
from esms_sdk.adapter.run import Run
from esms_sdk.adapter.steps import Step


class Limits(Step):
    """Notes how much memory the engine may take, each time that an import comes to its end."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def settled(self, run: Run) -> None:
        ((threads, limit),) = run.con.execute(
            "select current_setting('threads'), current_setting('memory_limit')"
        ).fetchall()
        self.threads = int(threads)
        self.found.append(limit)


def test_the_engine_is_kept_to_a_share_of_memory_whatever_the_machine_has(export):
    limits = Limits()
    assert export.run(steps=[limits]).exit_code == 0
    ((amount, unit),) = (limit.split() for limit in limits.found)
    assert unit == "MiB" and float(amount) <= 64 + 16 * limits.threads


def test_a_mapping_that_the_bound_is_too_tight_for_is_imported_without_it(export, monkeypatch):
    wanted = export.run()
    monkeypatch.setattr(run_module, "_MEMORY", 1)
    monkeypatch.setattr(run_module, "_MEMORY_OF_A_THREAD", 0)
    limits = Limits()
    report = export.run(steps=[limits])
    assert (report.exit_code, report.sources) == (0, wanted.sources)
    assert [limit.split()[1] for limit in limits.found] == ["GiB"]
