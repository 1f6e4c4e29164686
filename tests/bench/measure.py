"""Timing: things to compare are alternated, and only their ratio is told."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """One work against its floor: the median over the rounds of the ratio, each round measured back to back."""

    nom: str
    but: float
    ratio: float
    plancher_s: float
    mesure_s: float
    au_moins: bool = False
    note: str = ""

    @property
    def tenu(self) -> bool:
        """Whether the goal is reached; a goal is no gate."""
        return self.ratio >= self.but if self.au_moins else self.ratio <= self.but

    def line(self) -> str:
        """One line for a person."""
        sign = "≥" if self.au_moins else "≤"
        kept = "tenu" if self.tenu else "NON TENU"
        times = f"{self.mesure_s * 1000:.0f} ms / {self.plancher_s * 1000:.0f} ms"
        return f"{self.nom:<58} {self.ratio:6.2f}×  but {sign} {self.but:g}×  {kept:<9} {times}  {self.note}".rstrip()


def compare(
    nom: str, but: float, floor: Callable[[], object], work: Callable[[], object], *, rounds: int = 7, note: str = ""
) -> Ratio:
    """Alternate ``floor`` and ``work``; the first round of both only warms the caches."""
    floor(), work()
    pairs = []
    for _ in range(rounds):
        pairs.append((_seconds(floor), _seconds(work)))
    ratio = statistics.median(worked / floored for floored, worked in pairs)
    medians = [statistics.median(column) for column in zip(*pairs, strict=True)]
    return Ratio(nom, but, round(ratio, 3), round(medians[0], 4), round(medians[1], 4), note=note)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def process(*words: str) -> Callable[[], object]:
    """A whole process of this Python, as work to time."""
    return lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True, env=_environment())


_PEAK = """
import resource, sys
from pathlib import Path
status = Path("/proc/self/status")
# On Linux the peak that getrusage tells includes that of the process this one was started from.
lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
kib = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
maxrss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((kib[0] * 1024 if kib else maxrss) / 1e6)
"""


def peak_mb(code: str, *words: str) -> float:
    """The peak resident memory of a whole process of this Python that runs ``code``, in MB (10⁶ bytes; not Windows)."""
    command = [sys.executable, "-c", code + _PEAK, *words]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=_environment())
    return round(float(done.stdout), 1)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}
