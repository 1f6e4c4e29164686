"""The columns of a query or a typed file, held against those that the mapping names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from esms_sdk import database, masking
from esms_sdk.errors import AdapterError
from esms_sdk.lot.delimited import column_name

_OWN = ("_r", "_s", "_fichier", "_ligne", "_irreguliere", "_surplus", "_ecarte", "_prefixe", "_vide", "_f", "_g")


def named(
    seen: Sequence[str], needed: Sequence[str], optional: Collection[str], place: str, *, may_be_data: bool = False
) -> list[str]:
    """Return a name for each column ``seen``, in their order: the mapping's spelling of it (case ignored) or its own.

    A column without name is ``colonne_<rank>``; of two of one name that the mapping does not use, the later bears
    its rank.  Raises :class:`AdapterError` naming ``place`` where a needed column is missing, stands twice, or has a
    name that the engine keeps for itself.  A first line that ``may_be_data`` (there is no header) is shown only where a
    name of the mapping is in it.
    """
    spelling = {column_name(c).casefold(): c for c in (*optional, *needed)}
    names: list[str] = []
    taken: set[str] = set()
    for rank, given in enumerate(seen, 1):
        name = spelling.get(column_name(given).casefold(), given) or f"colonne_{rank}"
        if name.casefold() in taken:
            if column_name(name).casefold() in spelling:
                message = f"{place} : la colonne «{name}» figure deux fois"
                raise AdapterError("ESMS-E206", message, hint="Donner un autre nom à l'une d'elles (AS …).")
            name = f"{name}_{rank}"
        if name.casefold() in _OWN:
            message = f"{place} : «{name}» est un nom réservé"
            raise AdapterError("ESMS-E206", message, hint="Renommer la colonne (AS …).")
        taken.add(name.casefold())
        names.append(name)
    for column in needed:
        if column.casefold() not in taken and column not in optional:
            raise AdapterError(
                "ESMS-E201",
                f"colonne «{column}» absente de {place} (colonnes vues : {_shown(names, needed, may_be_data)})",
                hint="Corriger adapter.toml, ou déclarer la colonne dans colonnes_facultatives.",
            )
    return names


def _shown(names: Sequence[str], needed: Sequence[str], may_be_data: bool) -> str:
    header = not may_be_data or not set(names).isdisjoint(needed)
    return ", ".join(name if header else masking.shape(name) for name in names) or "aucune, le fichier est vide"


def united(
    of_each: Iterable[Sequence[str]], needed: Sequence[str], optional: Sequence[str]
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the columns of a source over all its files, and those of ``optional`` that none has.

    Names that differ by the case of letters alone are one column to the engine.  Where no file has a column (all are
    empty) the ``needed`` ones are there.
    """
    seen: dict[str, str] = {}
    for names in of_each:
        for name in names:
            seen.setdefault(name.lower(), name)
    for name in () if seen else needed:
        seen.setdefault(name.lower(), name)
    absent = frozenset(name for name in optional if name.lower() not in seen)
    return tuple((seen | {name.lower(): name for name in absent}).values()), absent


def doubled(titles: Iterable[str]) -> frozenset[str]:
    """Return the titles that stand more than once in a header, in lower case as the engine compares them."""
    lowered = [title.lower() for title in titles]
    return frozenset(title for title in lowered if title and lowered.count(title) > 1)


def cells(names: Sequence[str], own: Collection[str]) -> str:
    """Return the SQL of the ``names`` over a table that has the columns ``own``: those that it lacks are null."""
    there = {name.lower() for name in own}
    listed = (database.name(c) if c.lower() in there else f"cast(null as varchar) as {database.name(c)}" for c in names)
    return ", ".join(listed)
