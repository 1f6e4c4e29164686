"""Which columns a table's file has, against those of the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from esms_sdk.errors import Fault
from esms_sdk.lot import naming
from esms_sdk.lot.schema import Table


def header_faults(table: Table, columns: Sequence[str], file: str, line: int) -> list[Fault]:
    """Return the fault of a delimited file that has no header row, as far as that can be told."""
    if any(name in table.columns for name in columns):
        return []
    seen = "aucune colonne connue" if columns else "fichier vide"
    message = f"ligne d'en-tête attendue, séparée par ; ou , : {seen} (colonnes admises : {', '.join(table.columns)})"
    return [Fault("EN_TETE", message, file, line if columns else None)]


def faults(table: Table, columns: Sequence[str], file: str, line: int | None) -> list[Fault]:
    """Return the unknown, repeated and missing columns of a file; ``line`` is that of its header, if it has one."""
    admitted = ", ".join(table.columns)
    found: list[Fault] = []
    for position, name in enumerate(columns, 1):
        if name not in table.columns:
            near = naming.nearest(name, table.columns)
            hint = f" ; s'agit-il de «{near}» ?" if near else ""
            message = f"colonne inconnue, la {position}e{hint} (colonnes admises : {admitted})"
            found.append(Fault("COLONNE_INCONNUE", message, file, line, naming.shown(name, table.columns)))
    times = Counter(name for name in columns if name in table.columns)
    found += [
        Fault("COLONNE_EN_DOUBLE", f"cette colonne figure {count} fois", file, line, name)
        for name, count in times.items()
        if count > 1
    ]
    seen = naming.listed(naming.shown(name, table.columns) for name in columns)
    found += [
        Fault("COLONNE_ABSENTE", f"colonne obligatoire absente (colonnes vues : {seen})", file, line, column.name)
        for column in table.columns.values()
        if column.required and column.name not in times
    ]
    return found


def ambiguous(columns: Sequence[str]) -> bool:
    """Say whether two columns are one to the engine, which does not tell capitals: their rows cannot be judged."""
    return len({name.lower() for name in columns}) < len(columns)
