"""``esms doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import argparse

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Dit ce qui est installé, ce qui manque et comment l'obtenir. Rien n'est changé,
aucun réseau n'est utilisé."""
EXAMPLES = "  esms doctor\n  esms doctor --format json"
EXIT_CODES = {
    0: "rien ne manque à ce qui est obligatoire",
    2: "quelque chose d'obligatoire manque",
    4: "erreur interne",
}

_SIGNS = {"ok": "ok", "absent": "absent", "faute": "FAUTE"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_everywhere(parser, writes=False)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Examine the installation."""
    from esms_sdk.cli.examination import examine

    findings = examine()
    width = max(len(one.sujet) for one in findings)
    lines = []
    for one in findings:
        lines.append(f"{_SIGNS[one.etat]:<7} {one.sujet:<{width}}  {one.constat}")
        if one.remede:
            lines.append(f"{'':<7} {'':<{width}}  → {one.remede}")
    fields = ("sujet", "etat", "constat", "remede")
    terminal.result("\n".join(lines), [{field: getattr(one, field) for field in fields} for one in findings])
    return 2 if any(one.etat == "faute" for one in findings) else 0
