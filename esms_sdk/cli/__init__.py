"""The program ``esms``: reads a command line, calls :mod:`esms_sdk.api`, prints French, gives an exit code."""

from __future__ import annotations

from esms_sdk.cli.program import main

__all__ = ["main"]
