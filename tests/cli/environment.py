"""The environment of a process that a test starts."""

from __future__ import annotations

import os
from pathlib import Path

import esms_sdk


def poor_environment(**more: str) -> dict[str, str]:
    """A terminal and a system that know ASCII only, where the package under test can be imported from any folder."""
    package = str(Path(esms_sdk.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": package, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C", **more}
