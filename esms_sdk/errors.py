"""What can go wrong, and how it is said.

A *fault* is a value: the record is wrong.  An :class:`EsmsError` is raised: the caller must act.
Anything else that is raised is our bug and keeps its traceback.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in an input: where it is, what was expected, what was seen (masked).

    ``colonne`` is that of a table, ``cle`` a key of a TOML file.  ``nombre`` counts the rows that share the fault when
    only the first is named.
    """

    code: str
    message: str
    fichier: str | None = None
    ligne: int | None = None
    colonne: str | None = None
    nombre: int = 1
    cle: str | None = None

    def __str__(self) -> str:
        place = self.fichier or ""
        if self.ligne is not None:
            place += f", ligne {self.ligne}" if place else f"ligne {self.ligne}"
        if self.colonne is not None:
            place += f", colonne «{self.colonne}»" if place else f"colonne «{self.colonne}»"
        if self.cle is not None:
            place += f", clé «{self.cle}»" if place else f"clé «{self.cle}»"
        count = f" ({self.nombre} lignes)" if self.nombre > 1 else ""
        return f"{place} : {self.message}{count}" if place else f"{self.message}{count}"


class EsmsError(Exception):
    """Something the caller must act upon: a stable code, a French sentence, a remedy.

    >>> str(EsmsError("ESMS-E001", "fichier absent : a.csv", hint="Vérifier le chemin."))
    '[ESMS-E001] fichier absent : a.csv\\n  → Vérifier le chemin.'
    """

    exit_code = 2

    def __init__(self, code: str, message: str, *, hint: str = "", faults: Sequence[Fault] = ()) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.faults = tuple(faults)
        super().__init__(code, message)

    def __str__(self) -> str:
        lines = [f"[{self.code}] {self.message}"]
        lines += [f"  - {fault}" for fault in self.faults]
        if self.hint:
            lines.append(f"  → {self.hint}")
        return "\n".join(lines)


class UsageError(EsmsError):
    """A wrong option, a wrong combination, a wrong configuration (ESMS-E1xx)."""


class AdapterError(EsmsError):
    """An adapter that cannot work as written (ESMS-E2xx)."""


class SourceError(EsmsError):
    """A vendor's file or database that cannot be read (ESMS-E3xx)."""


class LotInvalid(EsmsError):
    """A lot that does not hold the contract, with every fault found (ESMS-E4xx)."""


class OutputError(EsmsError):
    """An output that exists already or cannot be written (ESMS-E5xx)."""


class DossierError(EsmsError):
    """A dossier, a key or a signature that cannot be used (ESMS-E6xx)."""


_UNREADABLE = {
    errno.ENOENT: "il n'existe pas",
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "droits insuffisants",
    errno.EISDIR: "c'est un dossier",
    errno.ENOTDIR: "un fichier est à la place d'un dossier parent",
    errno.ENAMETOOLONG: "nom trop long",
}


def why_unreadable(error: OSError) -> str:
    """Say in French why a file could not be read.

    >>> why_unreadable(FileNotFoundError(2, "No such file or directory"))
    "il n'existe pas"
    """
    return _UNREADABLE.get(error.errno or 0, type(error).__name__)
