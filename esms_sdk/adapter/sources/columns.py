"""The columns of a query or a typed file, held against those that the mapping names."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from esms_sdk.errors import AdapterError

_OWN = ("_r", "_s", "_fichier", "_ligne", "_irreguliere", "_surplus")


def named(seen: Sequence[str], needed: Sequence[str], optional: Collection[str], place: str) -> list[str]:
    """Return a name for each column ``seen``, in their order: the mapping's spelling of it (case ignored) or its own.

    A column without name is ``colonne_<rank>``; of two of one name that the mapping does not use, the later bears
    its rank.  Raises :class:`AdapterError` naming ``place`` where a needed column is missing, stands twice, or has a
    name that the engine keeps for itself.
    """
    spelling = {c.casefold(): c for c in needed}
    names: list[str] = []
    taken: set[str] = set()
    for rank, given in enumerate(seen, 1):
        name = spelling.get(given.casefold(), given) or f"colonne_{rank}"
        if name.casefold() in taken:
            if name.casefold() in spelling:
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
                f"colonne «{column}» absente de {place} (colonnes vues : {', '.join(names) or 'aucune'})",
                hint="Corriger adapter.toml, ou déclarer la colonne dans colonnes_facultatives.",
            )
    return names
