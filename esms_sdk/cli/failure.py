"""How a failure of our own is told: where, never with which values."""

from __future__ import annotations

import errno
import sys
import traceback

from esms_sdk.cli.terminal import write

_REFUSALS = {
    errno.EACCES: "accès refusé",
    errno.EPERM: "opération refusée",
    errno.ENOSPC: "plus de place sur le disque",
    errno.EROFS: "système de fichiers en lecture seule",
    errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC: "quota de disque dépassé",
}


def report(fault: Exception, *, debug: bool) -> int:
    """Write what happened on stderr and return the exit code: 2 if the system refused a file, else 4."""
    if debug:
        write(sys.stderr, "".join(traceback.format_exception(fault)))
    if isinstance(fault, OSError) and fault.errno in _REFUSALS:
        place = f" : {fault.filename}" if fault.filename else ""
        write(sys.stderr, f"[ESMS-E103] {_REFUSALS[fault.errno]}{place}\n")
        return 2
    if debug:
        hint = "Le texte ci-dessus peut contenir des données : ne pas le transmettre."
    else:
        write(sys.stderr, f"{_frames(fault)}\n")
        hint = "Signaler le texte ci-dessus, qui ne contient aucune donnée ; le détail complet : ESMS_DEBUG=1."
    said = f"Erreur interne d'esms ({type(fault).__name__}). C'est un défaut du programme, pas de vos données."
    write(sys.stderr, f"{said}\n  → {hint}\n")
    return 4


def _frames(fault: BaseException) -> str:
    """The traceback without messages: an exception's message may hold a record's values."""
    chain: list[str] = []
    current: BaseException | None = fault
    while current is not None:
        lines = "".join(traceback.format_tb(current.__traceback__)).rstrip("\n")
        chain.insert(0, f"{lines}\n{type(current).__module__}.{type(current).__qualname__}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\n".join(chain)
