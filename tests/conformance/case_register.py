"""A FINESS register of a few invented numbers, for the cases that need one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from esms_sdk.finess import Reference
from esms_sdk.finess.build import create_tables


def register(case: Mapping[str, Any]) -> Reference:
    """Return the register that a case describes: ``et`` and ``ej``, lists of rows, and ``genere_le``."""
    con = sqlite3.connect(":memory:", isolation_level=None)
    create_tables(con)
    origin = {"genere_le": "2025-10-01", "source": "cas", "invente": "oui" if case.get("invente") else ""}
    origin |= {key: case[key] for key in origin if key in case and key != "invente"}
    con.executemany("insert into origine values (?, ?)", list(origin.items()))
    for one in case.get("ej", ()):
        con.execute("insert into ej values (?, ?, '', null, null, 'A')", (one["finess_ej"], "Association inventée"))
    for one in case.get("et", ()):
        state = "F" if one.get("fermeture") else "A"
        con.execute(
            "insert into et values (?, ?, 'ESSMS inventé', '500', ?, ?, ?)",
            (one["finess_et"], one["finess_ej"], one.get("ouverture"), one.get("fermeture"), state),
        )
    return Reference(con, Path("cas"))
