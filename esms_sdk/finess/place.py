"""Where the reference file of a user is, when nobody says otherwise."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "finess.sqlite"


def user_reference() -> Path:
    """Return the place of the user's reference file, whether it is there or not.

    Linux and others: ``$XDG_DATA_HOME/esms-sdk`` (``~/.local/share``); macOS: ``~/Library/Application Support``;
    Windows: ``%LOCALAPPDATA%``.
    """
    if sys.platform == "win32":
        given, usual = os.environ.get("LOCALAPPDATA"), ("AppData", "Local")
    elif sys.platform == "darwin":
        given, usual = None, ("Library", "Application Support")
    else:
        given, usual = os.environ.get("XDG_DATA_HOME"), (".local", "share")
    base = Path(given) if given and Path(given).is_absolute() else Path.home().joinpath(*usual)
    return base / "esms-sdk" / NAME
